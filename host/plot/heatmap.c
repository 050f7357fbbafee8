#include "plot/heatmap.h"

#include "base/files.h"
#include "plot/contours.h"
#include "plot/gnuplot.h"
#include "plot/plot_words.h"

enum { WIDTH = 800, HEIGHT = 560 };

/* ---- the data: a block of lines for every y, which is how gnuplot knows a grid ---- */

static ds_status add_grid(const ds_heatmap *map, ds_text *csv) {
    DS_CHECK(ds_plot_cell(csv, map->x_label));
    DS_CHECK(ds_text_add(csv, ","));
    DS_CHECK(ds_plot_cell(csv, map->y_label));
    DS_CHECK(ds_text_add(csv, ","));
    DS_CHECK(ds_plot_cell(csv, map->z_label));
    for (int64_t row = 0; row < map->rows; row++) {
        DS_CHECK(ds_text_add(csv, row ? "\n" : ""));
        for (int64_t column = 0; column < map->columns; column++) {
            DS_CHECK(ds_text_add(csv, "\n%.9g,%.9g,", map->x[column], map->y[row]));
            DS_CHECK(ds_plot_number(csv, map->z[row * map->columns + column]));
        }
    }
    return ds_text_add(csv, "\n");
}

static ds_status write_path(const ds_heatmap *map, const char *folder, const char *name) {
    ds_status status = DS_OK;
    ds_text csv = {0}, file = {0};
    char *path = NULL;
    if (map->path_count == 0)
        return DS_OK;
    DS_TRY(ds_plot_cell(&csv, map->x_label));
    DS_TRY(ds_text_add(&csv, ","));
    DS_TRY(ds_plot_cell(&csv, map->y_label));
    for (int64_t i = 0; i < map->path_count; i++) {
        DS_TRY(ds_text_add(&csv, "\n"));
        DS_TRY(ds_plot_number(&csv, map->path_x[i]));
        DS_TRY(ds_text_add(&csv, ","));
        DS_TRY(ds_plot_number(&csv, map->path_y[i]));
    }
    DS_TRY(ds_text_add(&csv, "\n"));
    DS_TRY(ds_text_add(&file, "%s_path", name));
    DS_TRY(ds_drawing_path(&path, folder, file.characters, "csv"));
    DS_TRY(ds_folder_make(folder));
    DS_TRY(ds_file_write(path, csv.characters, csv.length));

cleanup:
    ds_text_clear(&csv);
    ds_text_clear(&file);
    ds_free(path);
    return status;
}

/* ---- heights ---- */

/* Most colours for the low ground, where descent ends. A logarithm does that by itself. */
static ds_status add_palette(bool log, ds_text *out) {
    return ds_text_add(
        out, "set palette defined (0 '#4393c3', %g '#92c5de', %g '#d9ecf3', 1 '#fdf7ee')\n",
        log ? 0.33 : 0.05, log ? 0.67 : 0.25);
}

static ds_status add_heights(const ds_heatmap *map, ds_text *out) {
    ds_contours contours;
    DS_CHECK(ds_contours_find(&contours, map));
    DS_CHECK(ds_text_add(out, "set cntrparam levels discrete "));
    for (int k = 0; k < contours.count; k++)
        DS_CHECK(ds_text_add(out, "%s%.9g", k ? "," : "", contours.level[k]));
    if (contours.count == 0) /* a plane has no heights to tell apart */
        DS_CHECK(ds_text_add(out, "%.9g", contours.least));
    DS_CHECK(ds_text_add(out, "\nset format cb '%%.6g'\n"));
    DS_CHECK(add_palette(contours.log, out));
    if (contours.log)
        DS_CHECK(ds_text_add(out, "set logscale cb\n"));
    if (contours.least < contours.greatest)
        DS_CHECK(ds_text_add(out, "set cbrange [%.9g:%.9g]\n", contours.least, contours.greatest));
    return ds_contours_label(&contours, map, out);
}

/* ---- the script ---- */

static const char look[] =
    "set view map\nset contour base\nset cntrlabel onecolor\n"
    "set pm3d interpolate 2,2\nset nogrid\nset border 15\nset nokey\nset tics front\n"
    "set lmargin at screen 0.12\nset rmargin at screen 0.8\n"
    "set tmargin at screen 0.91\nset bmargin at screen 0.14\n";

static ds_status add_label(ds_text *out, const char *which, const char *text, const char *how) {
    DS_CHECK(ds_text_add(out, "set %s ", which));
    DS_CHECK(ds_plot_string(out, text));
    return ds_text_add(out, "%s\n", how);
}

static ds_status add_end(ds_text *out, const char *word, double x, double y, int point) {
    return ds_text_add(out,
                       "set label '%s' at %.9g,%.9g left offset char 0.8,0.6 front "
                       "tc rgb '#000000' point pt %d ps 1.2 lw 2 lc rgb '#D55E00'\n",
                       word, x, y, point);
}

static ds_status add_settings(const ds_heatmap *map, ds_text *out) {
    int64_t last = map->path_count - 1;
    DS_CHECK(add_label(out, "title", map->title, ""));
    DS_CHECK(add_label(out, "xlabel", map->x_label, ""));
    DS_CHECK(add_label(out, "ylabel", map->y_label, ""));
    DS_CHECK(add_label(out, "cblabel", map->z_label, ""));
    DS_CHECK(ds_text_add(out, "%s", look));
    DS_CHECK(ds_text_add(out, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", map->x[0],
                         map->x[map->columns - 1], map->y[0], map->y[map->rows - 1]));
    DS_CHECK(add_heights(map, out));
    if (map->path_count == 0)
        return DS_OK;
    if (map->path_count > 1)
        DS_CHECK(add_end(out, "start", map->path_x[0], map->path_y[0], 6));
    return add_end(out, map->end_word ? map->end_word : "end", map->path_x[last], map->path_y[last],
                   7);
}

static ds_status add_plot(const ds_heatmap *map, const char *name, ds_text *out) {
    DS_CHECK(ds_text_add(out,
                         "splot '%s.csv' skip 1 using 1:2:3 with pm3d nocontour notitle, \\\n"
                         "     '' skip 1 using 1:2:3 with lines lw 0.8 lc rgb '#666666' nosurface "
                         "notitle",
                         name));
    if (map->path_count)
        DS_CHECK(ds_text_add(out,
                             ", \\\n     '%s_path.csv' skip 1 using 1:2:(0) with linespoints "
                             "nocontour lw 1.5 pt 7 ps 0.3 lc rgb '#D55E00' notitle",
                             name));
    return DS_OK;
}

ds_status ds_heatmap_draw(const ds_heatmap *map, const char *folder, const char *name,
                          ds_text *notes) {
    ds_status status = DS_OK;
    ds_drawing d = {.folder = folder, .name = name, .width = WIDTH, .height = HEIGHT};
    DS_TRY(add_grid(map, &d.csv));
    DS_TRY(write_path(map, folder, name));
    DS_TRY(add_settings(map, &d.settings));
    DS_TRY(add_plot(map, name, &d.plot));
    DS_TRY(ds_drawing_finish(&d, notes));

cleanup:
    ds_drawing_clear(&d);
    return status;
}
