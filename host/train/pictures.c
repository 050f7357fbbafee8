#include "train/pictures.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/number.h"
#include "plot/gnuplot.h"
#include "train/pictures_kinds.h"

#define KIND(id, alone, one, all)                                                                  \
    {.name = #id,                                                                                  \
     .files_alone = alone,                                                                         \
     .check = ds_picture_##id##_check,                                                             \
     .draw = one,                                                                                  \
     .draw_runs = all},
static const ds_picture_kind kinds[] = {DS_PICTURE_KINDS(KIND)};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- parsing ---- */

static ds_status unknown_kind(const ds_node *place, const char *name) {
    const char *names[KINDS + 1] = {0};
    ds_text hint = {0};
    for (int i = 0; i < KINDS; i++)
        names[i] = kinds[i].name;
    const char *nearest = ds_nearest_word(name, names);
    ds_status status = ds_text_add(&hint, nearest ? "did you mean \"%s\"?" : "known:", nearest);
    for (int i = 0; !nearest && i < KINDS && status == DS_OK; i++)
        status = ds_text_add(&hint, "%s %s", i ? "," : "", names[i]);
    if (status == DS_OK)
        status = ds_node_fail(place, hint.characters, "unknown picture \"%s\"", name);
    ds_text_clear(&hint);
    return status;
}

static bool is_empty(const ds_node *node) {
    return !node || (node->kind == DS_SCALAR && !node->quoted && !node->text[0]);
}

ds_status ds_picture_parse(ds_picture *out, const ds_node *entry) {
    ds_picture picture = {.place = entry};
    const char *name = entry->text;
    if (entry->kind != DS_SCALAR) {
        if (entry->kind == DS_LIST || ds_node_count(entry) != 1)
            return ds_node_fail(entry, "write a word such as loss, or one `surface: {points: 41}`",
                                "expected the name of one picture");
        picture.place = entry->child;
        picture.options = is_empty(entry->child) ? NULL : entry->child;
        name = entry->child->key;
    }
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            picture.kind = &kinds[i];
    if (!picture.kind)
        return unknown_kind(picture.place, name);
    *out = picture;
    return DS_OK;
}

ds_status ds_picture_without_options(const ds_picture *picture) {
    if (!picture->options)
        return DS_OK;
    return ds_node_fail(picture->options, "write its name alone", "\"%s\" has no options",
                        picture->kind->name);
}

ds_status ds_picture_unsuitable(const ds_picture *picture, const char *format, ...) {
    char why[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return ds_node_fail(
        picture->place, picture->afterwards ? "draw another one" : "leave this picture out",
        "%s\"%s\" %s", picture->afterwards ? "" : "plots: ", picture->kind->name, why);
}

/* ---- all of a recipe's ---- */

const ds_node *ds_pictures_first(const ds_node *plots) {
    return is_empty(plots) ? NULL : plots->kind == DS_LIST ? plots->child : plots;
}

const ds_node *ds_pictures_next(const ds_node *plots, const ds_node *entry) {
    return plots->kind == DS_LIST ? entry->next : NULL;
}

#define EACH_ENTRY(entry, plots)                                                                   \
    for (const ds_node *entry = ds_pictures_first(plots); entry;                                   \
         entry = ds_pictures_next(plots, entry))

ds_status ds_pictures_check(const ds_picture_source *source) {
    const ds_node *plots = ds_node_get(source->recipe, "plots");
    EACH_ENTRY(entry, plots) {
        ds_picture picture;
        DS_CHECK(ds_picture_parse(&picture, entry));
        if (!picture.kind->draw && !ds_node_get(source->recipe, "sweep"))
            return ds_picture_unsuitable(&picture, "shows the runs of a `sweep`, there is none");
        DS_CHECK(picture.kind->check(source, &picture));
    }
    return DS_OK;
}

ds_status ds_pictures_find(const ds_node *plots, const char *kind, ds_picture *out, bool *found) {
    *found = false;
    EACH_ENTRY(entry, plots) {
        ds_picture picture;
        DS_CHECK(ds_picture_parse(&picture, entry));
        if (strcmp(picture.kind->name, kind) != 0)
            continue;
        *out = picture;
        *found = true;
        break;
    }
    return DS_OK;
}

ds_status ds_pictures_folder(char **out, const char *run_folder) {
    return ds_path_join(out, run_folder, "plots");
}

ds_status ds_pictures_list(const char *folder, const ds_text *drawn, char *out, size_t size) {
    size_t length = 0;
    out[0] = '\0';
    for (const char *name = drawn->characters; name && *name; name = strchr(name, '\n') + 1) {
        char *path = NULL, file[NAME_MAX + 8];
        int letters = (int)strcspn(name, "\n");
        snprintf(file, sizeof file, "%.*s", letters > NAME_MAX ? NAME_MAX : letters, name);
        DS_CHECK(ds_drawing_path(&path, folder, file, "svg"));
        strcat(file, ds_file_exists(path) ? ".svg\n" : ".gp\n");
        ds_free(path);
        if (length + strlen(file) < size)
            length += (size_t)ds_format(out + length, size - length, "%s", file);
    }
    return DS_OK;
}

ds_status ds_picture_draw(const ds_picture *picture, const ds_picture_source *source,
                          ds_text *drawn, ds_text *notes) {
    char *folder = NULL;
    DS_CHECK(ds_pictures_folder(&folder, source->folder));
    ds_status status = picture->kind->draw(source, picture, folder, drawn, notes);
    ds_free(folder);
    return status;
}

ds_status ds_picture_draw_runs(const ds_picture *picture, const ds_picture_runs *runs,
                               ds_text *drawn, ds_text *notes) {
    char *folder = NULL;
    DS_CHECK(ds_pictures_folder(&folder, runs->folder));
    ds_status status = picture->kind->draw_runs(runs, picture, folder, drawn, notes);
    ds_free(folder);
    return status;
}

ds_status ds_pictures_draw(const ds_picture_source *source, ds_text *drawn, ds_text *notes) {
    const ds_node *plots = ds_node_get(source->recipe, "plots");
    EACH_ENTRY(entry, plots) {
        ds_picture picture;
        DS_CHECK(ds_picture_parse(&picture, entry));
        if (picture.kind->draw)
            DS_CHECK(ds_picture_draw(&picture, source, drawn, notes));
    }
    return DS_OK;
}

void ds_picture_runs_title(char *out, size_t size, const ds_picture_runs *runs, const char *what) {
    if (runs->by)
        ds_format(out, size, "%.100s by %.80s", what, runs->by);
    else
        ds_format(out, size, "%.100s of every run", what);
}

ds_status ds_picture_chart(const ds_chart *chart, const char *folder, const char *name,
                           ds_text *drawn, ds_text *notes) {
    DS_CHECK(ds_chart_draw(chart, folder, name, notes));
    return ds_text_add(drawn, "%s\n", name);
}
