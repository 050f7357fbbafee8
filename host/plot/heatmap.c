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

/* Two columns for each path; one that has ended leaves its cells empty. */
static ds_status add_paths(const ds_heatmap *map, ds_text *csv) {
    int64_t rows = 0;
    for (int k = 0; k < map->paths; k++) {
        DS_CHECK(ds_text_add(csv, k ? "," : ""));
        DS_CHECK(ds_plot_cell(csv, map->x_label));
        DS_CHECK(ds_text_add(csv, ","));
        DS_CHECK(ds_plot_cell(csv, map->y_label));
        rows = map->path[k].count > rows ? map->path[k].count : rows;
    }
    for (int64_t i = 0; i < rows; i++)
        for (int k = 0; k < map->paths; k++) {
            bool there = i < map->path[k].count;
            DS_CHECK(ds_text_add(csv, k ? "," : "\n"));
            if (there)
                DS_CHECK(ds_plot_number(csv, map->path[k].x[i]));
            DS_CHECK(ds_text_add(csv, ","));
            if (there)
                DS_CHECK(ds_plot_number(csv, map->path[k].y[i]));
        }
    return ds_text_add(csv, "\n");
}

static ds_status write_paths(const ds_heatmap *map, const char *folder, const char *name) {
    ds_status status = DS_OK;
    ds_text csv = {0}, file = {0};
    char *path = NULL;
    if (map->paths == 0)
        return DS_OK;
    DS_TRY(add_paths(map, &csv));
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

/* Above the bar of colours, where it is in nobody's way. */
static ds_status add_bar_title(const ds_heatmap *map, ds_text *out) {
    DS_CHECK(ds_text_add(out, "set label "));
    DS_CHECK(ds_plot_string(out, map->z_label));
    return ds_text_add(out, " at screen 0.985,0.945 right\n");
}

static const char *color_of(const ds_heatmap_path *path) {
    return path->color ? path->color : "#D55E00";
}

static bool moved(const ds_heatmap_path *path) {
    int64_t last = path->count - 1;
    return path->x[last] != path->x[0] || path->y[last] != path->y[0];
}

/* A word at point `i` of a path, on the side that the path does not come from or go to. */
static ds_status add_end(const ds_heatmap *map, const ds_heatmap_path *path, int64_t i,
                         ds_text *out) {
    const double edge = 0.12;
    bool start = i == 0 && moved(path);
    double from = map->x[0], to = map->x[map->columns - 1];
    int64_t other = start ? path->count / 8 + 1 : i - path->count / 8 - 1;
    other = other < 0 ? 0 : other >= path->count ? path->count - 1 : other;
    double share = (path->x[i] - from) / (to - from);
    bool left = share > edge && (path->x[other] > path->x[i] || share > 1 - edge);
    const char *word = start ? path->start : path->end;
    DS_CHECK(ds_text_add(out, "set label "));
    DS_CHECK(ds_plot_string(out, word ? word : start ? "start" : "end"));
    return ds_text_add(out,
                       " at %.9g,%.9g %s offset char %g,%g front tc rgb '#000000' point pt %d "
                       "ps 1.2 lw 2 lc rgb '%s'\n",
                       path->x[i], path->y[i], left ? "right" : "left", left ? -0.8 : 0.8,
                       path->y[other] > path->y[i] ? -0.6 : 0.6, start ? 6 : 7, color_of(path));
}

static ds_status add_ends(const ds_heatmap *map, ds_text *out) {
    for (int k = 0; k < map->paths; k++) {
        const ds_heatmap_path *path = &map->path[k];
        if (path->count > 0 && moved(path))
            DS_CHECK(add_end(map, path, 0, out));
        if (path->count > 0)
            DS_CHECK(add_end(map, path, path->count - 1, out));
    }
    return DS_OK;
}

static ds_status add_settings(const ds_heatmap *map, ds_text *out) {
    DS_CHECK(add_label(out, "title", map->title, ""));
    DS_CHECK(add_label(out, "xlabel", map->x_label, ""));
    DS_CHECK(add_label(out, "ylabel", map->y_label, ""));
    DS_CHECK(add_bar_title(map, out));
    DS_CHECK(ds_text_add(out, "%s", look));
    DS_CHECK(ds_text_add(out, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", map->x[0],
                         map->x[map->columns - 1], map->y[0], map->y[map->rows - 1]));
    DS_CHECK(add_heights(map, out));
    return add_ends(map, out);
}

static ds_status add_plot(const ds_heatmap *map, const char *name, ds_text *out) {
    DS_CHECK(ds_text_add(out,
                         "splot '%s.csv' skip 1 using 1:2:3 with pm3d nocontour notitle, \\\n"
                         "     '' skip 1 using 1:2:3 with lines lw 0.8 lc rgb '#666666' nosurface "
                         "notitle",
                         name));
    for (int k = 0; k < map->paths; k++)
        DS_CHECK(ds_text_add(out,
                             ", \\\n     '%s_path.csv' skip 1 using %d:%d:(0) with linespoints "
                             "nocontour lw 1.5 pt 7 ps 0.3 lc rgb '%s' notitle",
                             name, 2 * k + 1, 2 * k + 2, color_of(&map->path[k])));
    return DS_OK;
}

ds_status ds_heatmap_draw(const ds_heatmap *map, const char *folder, const char *name,
                          ds_text *notes) {
    ds_status status = DS_OK;
    ds_drawing d = {.folder = folder, .name = name, .width = WIDTH, .height = HEIGHT};
    DS_TRY(add_grid(map, &d.csv));
    DS_TRY(write_paths(map, folder, name));
    DS_TRY(add_settings(map, &d.settings));
    DS_TRY(add_plot(map, name, &d.plot));
    DS_TRY(ds_drawing_finish(&d, notes));

cleanup:
    ds_drawing_clear(&d);
    return status;
}
