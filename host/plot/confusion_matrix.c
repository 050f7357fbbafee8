#include "plot/confusion_matrix.h"

#include <string.h>

#include "plot/gnuplot.h"
#include "plot/plot_words.h"

/* With more classes than these: no counts in the cells; no cell a box of its own; not every name at
 * the axes, and these shortened. */
enum {
    MOST_COUNTED = 25,
    MOST_BOXES = 100,
    MOST_NAMED = 30,
    FEW_NAMED = 13, /* with more classes than boxes: side by side */
    MOST_UPRIGHT = 8,
    MOST_LETTERS = 18,
    WIDTH = 720,
    HEIGHT = 600
};

static ds_status add_data(const ds_confusion *m, ds_text *csv) {
    DS_CHECK(ds_text_add(csv, "row,column,count,share,truth,predicted\n"));
    for (int64_t row = 0; row < m->classes; row++) {
        const int64_t *count = m->count + row * m->classes;
        int64_t total = 0;
        for (int64_t k = 0; k < m->classes; k++)
            total += count[k];
        for (int64_t k = 0; k < m->classes; k++) {
            DS_CHECK(ds_text_add(csv, "%lld,%lld,%lld,%.4g,", (long long)row, (long long)k,
                                 (long long)count[k],
                                 total ? (double)count[k] / (double)total : 0));
            DS_CHECK(ds_plot_cell(csv, m->name[row]));
            DS_CHECK(ds_text_add(csv, ","));
            DS_CHECK(ds_plot_cell(csv, m->name[k]));
            DS_CHECK(ds_text_add(csv, "\n"));
        }
    }
    return DS_OK;
}

/* Shortened, so that there is room for the cells. */
static ds_status add_name(const char *name, ds_text *out) {
    ds_status status = DS_OK;
    ds_text shortened = {0};
    size_t letters = 0, end = 0;
    while (name[end] && letters <= MOST_LETTERS)
        letters += ((unsigned char)name[++end] & 0xc0) != 0x80;
    if (!name[end])
        return ds_plot_tick_label(out, name);
    DS_TRY(ds_text_add(&shortened, "%.*s...", (int)end, name));
    DS_TRY(ds_plot_tick_label(out, shortened.characters));

cleanup:
    ds_text_clear(&shortened);
    return status;
}

static int64_t named_classes(const ds_confusion *m) {
    int64_t most = m->classes > MOST_BOXES ? FEW_NAMED : MOST_NAMED;
    return m->classes < most ? m->classes : most;
}

static ds_status add_names(const ds_confusion *m, char axis, ds_text *out) {
    int64_t named = named_classes(m), every = (m->classes + named - 1) / named;
    DS_CHECK(ds_text_add(out, "set %ctics (", axis));
    for (int64_t k = 0; k < m->classes; k += every) {
        DS_CHECK(ds_text_add(out, k ? ", " : ""));
        DS_CHECK(add_name(m->name[k], out));
        DS_CHECK(ds_text_add(out, " %lld", (long long)k));
    }
    return ds_text_add(out, ")\n");
}

/* Letters of the longest name as it is shown. */
static int longest_name(const ds_confusion *m) {
    int longest = 0;
    for (int64_t k = 0; k < m->classes; k++) {
        int letters = 0;
        for (const char *c = m->name[k]; *c; c++)
            letters += ((unsigned char)*c & 0xc0) != 0x80;
        longest = letters > longest ? letters : longest;
    }
    return longest < MOST_LETTERS + 3 ? longest : MOST_LETTERS + 3;
}

/* Room for the names, aslant below where they would not fit side by side. */
static ds_status add_margins(const ds_confusion *m, ds_text *out) {
    const double letter = 8, title = 50; /* in pixels of the SVG */
    int letters = longest_name(m);
    bool aslant = (double)letters * letter * (double)named_classes(m) > 0.6 * WIDTH;
    double left = title + 10 + letter * letters;
    double bottom = title + (aslant ? 20 + 0.75 * letter * letters : 20);
    if (aslant)
        DS_CHECK(ds_text_add(out, "set xtics rotate by 45 right\nset xlabel offset 0,%g\n",
                             letters > 10 ? 1.0 : 0.0));
    return ds_text_add(out,
                       "set lmargin at screen %.3f\nset rmargin at screen 0.85\n"
                       "set tmargin at screen 0.93\nset bmargin at screen %.3f\n",
                       left / WIDTH, bottom / HEIGHT);
}

static ds_status add_settings(const ds_confusion *m, ds_text *out) {
    double edge = (double)m->classes - 0.5;
    DS_CHECK(ds_text_add(out, "set title "));
    DS_CHECK(ds_plot_string(out, m->title));
    DS_CHECK(ds_text_add(out, "\nset xlabel 'predicted'\nset ylabel 'truth'\n"
                              "set cblabel 'share of the true class'\nset cbrange [0:1]\n"
                              "set palette defined (0 '#ffffff', 0.5 '#6baed6', 1 '#08519c')\n"
                              "set nogrid\nset border 15\nset tics scale 0\nset nokey\n"));
    DS_CHECK(ds_text_add(out, "set xrange [-0.5:%g]\nset yrange [%g:-0.5]\n", edge, edge));
    DS_CHECK(add_names(m, 'x', out));
    DS_CHECK(add_names(m, 'y', out));
    return add_margins(m, out);
}

/* The cells, then their counts: white on dark, nothing for 0. */
static ds_status add_plot(const ds_confusion *m, const char *name, ds_text *out) {
    if (m->classes > MOST_BOXES)
        return ds_text_add(out, "plot '%s.csv' skip 1 using 2:1:4 with image notitle", name);
    double half = m->classes > MOST_COUNTED ? 0.5 : 0.5 - 0.0025 * (double)m->classes; /* a gap */
    DS_CHECK(ds_text_add(out,
                         "plot '%s.csv' skip 1 using 2:1:(%.4g):(%.4g):4 with boxxyerror "
                         "fs solid noborder lc palette notitle",
                         name, half, half));
    if (m->classes > MOST_COUNTED)
        return DS_OK;
    return ds_text_add(out,
                       ", \\\n     '' skip 1 using 2:1:($3 > 0 ? sprintf('%%d', $3) : ''):"
                       "($4 > 0.5 ? 0xffffff : 0x222222) with labels font ',%d' tc rgb variable "
                       "notitle",
                       m->classes > MOST_UPRIGHT ? 12 : 15);
}

ds_status ds_confusion_draw(const ds_confusion *m, const char *folder, const char *name,
                            ds_text *notes) {
    ds_status status = DS_OK;
    ds_drawing d = {.folder = folder, .name = name, .width = WIDTH, .height = HEIGHT};
    DS_TRY(add_data(m, &d.csv));
    DS_TRY(add_settings(m, &d.settings));
    DS_TRY(add_plot(m, name, &d.plot));
    DS_TRY(ds_drawing_finish(&d, notes));

cleanup:
    ds_drawing_clear(&d);
    return status;
}
