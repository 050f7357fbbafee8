/* pm25: a row for each day. Temperature (degrees Celsius) follows the year, with spells that last
 * some days. Ozone (parts per billion) rises on warm days. PM2.5 (micrograms per cubic metre)
 * gathers while the air stands still and is washed out by rain; cold days add heating's share, and
 * ozone turns a part of what is in the air into more of it. */
#include "data/generate.h"

#include <math.h>

enum { SPELL, OZONE, STILL, RAIN, DUST };

ds_status ds_generate_pm25(const ds_generation *g, ds_text *out) {
    double spell = 0, still = 0, dust = 20;
    DS_CHECK(ds_text_add(out, "date,pm25,temperature,ozone\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        double year = (double)(g->first_day + i) / 365.25;
        spell = 0.8 * spell + 1.5 * ds_draw_normal(g, SPELL, i);
        still = 0.6 * still + 0.8 * ds_draw_normal(g, STILL, i);
        double temperature = 17 - 9 * cos(2 * 3.14159265358979323846 * (year - 0.05)) + spell;
        double ozone = fmax(2, 25 + 1.1 * (temperature - 17) + 4 * ds_draw_normal(g, OZONE, i));
        bool rain = ds_draw_uniform(g, RAIN, i) < 0.2;
        double heating = 0.4 * fmax(0, 15 - temperature);
        dust = (rain ? 0.35 : 0.75) * dust +
               exp(0.35 * still + 0.2 * ds_draw_normal(g, DUST, i)) * (4 + heating + 0.06 * ozone);
        DS_CHECK(ds_generate_day(out, g, i));
        DS_CHECK(ds_text_add(out, ",%.1f,%.1f,%.1f\n", dust, temperature, ozone));
    }
    return DS_OK;
}
