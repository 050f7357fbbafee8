/* spam: how often each word stands in a mail, and whether the mail is spam. Two mails in five are.
 * A mail is 30 to 300 words long; each word occurs at its own rate, which differs between the two
 * sorts of mails, so that no word alone decides. */
#include "data/generate.h"

static const struct {
    const char *word;
    double wanted, spam; /* times in a hundred words */
} words[] = {
    {"free", 0.15, 1.1},     {"money", 0.10, 0.8},  {"winner", 0.02, 0.5}, {"click", 0.20, 1.0},
    {"offer", 0.15, 0.7},    {"now", 0.50, 0.9},    {"please", 0.6, 0.5},  {"meeting", 0.7, 0.10},
    {"project", 0.8, 0.10},  {"report", 0.5, 0.15}, {"thanks", 0.7, 0.20}, {"monday", 0.3, 0.05},
    {"attached", 0.4, 0.15},
};

enum { WORDS = sizeof words / sizeof *words, SORT = WORDS, LENGTH };

ds_status ds_generate_spam(const ds_generation *g, ds_text *out) {
    for (int k = 0; k < WORDS; k++)
        DS_CHECK(ds_text_add(out, "%s,", words[k].word));
    DS_CHECK(ds_text_add(out, "length,spam\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        bool spam = ds_draw_uniform(g, SORT, i) < 0.4;
        int length = 30 + ds_draw_choice(g, LENGTH, i, 271);
        for (int k = 0; k < WORDS; k++) {
            double rate = spam ? words[k].spam : words[k].wanted;
            DS_CHECK(ds_text_add(out, "%d,", ds_draw_count(g, k, i, rate * length / 100)));
        }
        DS_CHECK(ds_text_add(out, "%d,%s\n", length, spam ? "yes" : "no"));
    }
    return DS_OK;
}
