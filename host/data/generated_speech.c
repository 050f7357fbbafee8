/* speech: what stands for one instant of a recording, 11 frames of 39 coefficients (f1c1 to
 * f11c39), and which of 40 sounds it is. No recorded speech: each sound has 39 means of its own,
 * and every frame holds them with noise. The sounds take turns. */
#include "data/generate.h"

enum { FRAMES = 11, COEFFICIENTS = 39, SOUNDS = 40 };
enum { MEAN, NOISE = MEAN + COEFFICIENTS }; /* sequences: of a coefficient; of a number of a row */

ds_status ds_generate_speech(const ds_generation *g, ds_text *out) {
    for (int f = 0; f < FRAMES; f++)
        for (int c = 0; c < COEFFICIENTS; c++)
            DS_CHECK(ds_text_add(out, "f%dc%d,", f + 1, c + 1));
    DS_CHECK(ds_text_add(out, "sound\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        int sound = (int)(i % SOUNDS);
        for (int f = 0; f < FRAMES; f++)
            for (int c = 0; c < COEFFICIENTS; c++) {
                double mean = ds_draw_normal(g, MEAN + c, sound),
                       noise = ds_draw_normal(g, NOISE + f * COEFFICIENTS + c, i);
                DS_CHECK(ds_text_add(out, "%.1f,", mean + 0.5 * noise));
            }
        DS_CHECK(ds_text_add(out, "%d\n", sound));
    }
    return DS_OK;
}
