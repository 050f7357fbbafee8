/* survey: answers in percent, asked on one day in one of six regions, and the percentage of tests
 * that were positive there. What spreads in the region shows in all of them: more people have
 * symptoms or know somebody who has; masks and staying at home go up with it, and down again with
 * what is made of it in that region. The answers carry the noise of a sample of people. */
#include "data/generate.h"

#include <math.h>

static const char *const regions[] = {"north", "east", "south", "west", "coast", "hills"};
static const double caution[] = {0.3, -0.2, -0.5, 0.1, 0.6, -0.3}; /* by region */

static const struct {
    const char *question;
    double usual, spread, by_caution, noise; /* of the percentage's logit */
} questions[] = {
    {"fever_or_cough", -4.4, 0.9, 0.0, 0.15}, {"household_sick", -4.1, 0.9, 0.0, 0.15},
    {"knows_somebody", -2.4, 1.0, 0.0, 0.10}, {"wears_mask", 1.4, 0.3, 0.9, 0.10},
    {"at_work", -0.5, -0.1, -0.3, 0.08},      {"went_shopping", 0.3, -0.2, -0.3, 0.08},
    {"in_restaurant", -1.2, -0.3, -0.6, 0.1}, {"large_event", -2.3, -0.2, -0.7, 0.12},
    {"travelled", -2.2, -0.2, -0.3, 0.12},    {"anxious", -1.5, 0.2, 0.1, 0.10},
};

enum { QUESTIONS = sizeof questions / sizeof *questions, REGION = QUESTIONS, SPREAD, TESTS };

static double percent(double logit) {
    return 100 / (1 + exp(-logit));
}

ds_status ds_generate_survey(const ds_generation *g, ds_text *out) {
    DS_CHECK(ds_text_add(out, "region"));
    for (int k = 0; k < QUESTIONS; k++)
        DS_CHECK(ds_text_add(out, ",%s", questions[k].question));
    DS_CHECK(ds_text_add(out, ",tested_positive\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        int region = ds_draw_choice(g, REGION, i, 6);
        double spread = ds_draw_normal(g, SPREAD, i) - 0.3 * caution[region];
        DS_CHECK(ds_text_add(out, "%s", regions[region]));
        for (int k = 0; k < QUESTIONS; k++) {
            double logit = questions[k].usual + questions[k].spread * spread +
                           questions[k].by_caution * caution[region] +
                           questions[k].noise * ds_draw_normal(g, k, i);
            DS_CHECK(ds_text_add(out, ",%.3f", percent(logit)));
        }
        double positive = -2.2 + 0.7 * spread + 0.08 * ds_draw_normal(g, TESTS, i);
        DS_CHECK(ds_text_add(out, ",%.3f\n", percent(positive)));
    }
    return DS_OK;
}
