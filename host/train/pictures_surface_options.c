/* `surface: {x: "0.weight[0]", y: "0.bias[0]", x_range: [0, 4], y_range: [-1, 1], points: 41}` */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/pictures_path.h"

enum { POINTS = 41, LEAST_POINTS = 3, MOST_POINTS = 501 };

/* The name of a value of the flat buffer: "0.weight[3]". */
static void name_value(const ds_model *model, int64_t offset, char name[96]) {
    for (int i = 0; i < model->entries; i++) {
        int64_t index = offset - model->entry[i].offset;
        if (index >= 0 && index < ds_shape_count(&model->entry[i].rule.shape))
            snprintf(name, 96, "%s[%lld]", model->entry[i].name, (long long)index);
    }
}

/* The index behind a tensor's name: "[3]" counts its values row by row, "[1,0]" names row and
 * column. -1 where it is none. */
static int64_t parse_index(const char *text, const ds_shape *shape) {
    int64_t index = 0, given = 0, part[DS_MAX_RANK] = {0};
    char *end;
    if (*text++ != '[')
        return -1;
    do {
        if (given == DS_MAX_RANK)
            return -1;
        part[given++] = strtoll(text, &end, 10);
        if (end == text || part[given - 1] < 0)
            return -1;
        text = end + 1;
    } while (*end == ',');
    if (strcmp(end, "]") != 0)
        return -1;
    if (given == 1)
        return part[0] < ds_shape_count(shape) ? part[0] : -1;
    if (given != shape->rank)
        return -1;
    for (int i = 0; i < shape->rank; i++) {
        if (part[i] >= shape->extent[i])
            return -1;
        index = index * shape->extent[i] + part[i];
    }
    return index;
}

static ds_status find_value(const ds_node *node, const char *what, const ds_model *model,
                            int64_t *offset) {
    const char *word;
    char first[96];
    ds_text hint = {0};
    DS_CHECK(ds_node_word(node, what, &word));
    size_t length = strcspn(word, "[");
    for (int i = 0; i < model->entries; i++) {
        const ds_parameter_entry *entry = &model->entry[i];
        if (strlen(entry->name) != length || strncmp(entry->name, word, length) != 0)
            continue;
        int64_t index = parse_index(word + length, &entry->rule.shape);
        if (index < 0)
            break;
        *offset = entry->offset + index;
        return DS_OK;
    }
    name_value(model, 0, first);
    DS_CHECK(
        ds_text_add(&hint, "name a parameter such as \"%s\"; `descent info` lists them", first));
    ds_status status = ds_node_fail(node, hint.characters, "%s: no parameter \"%s\"", what, word);
    ds_text_clear(&hint);
    return status;
}

static ds_status parse_range(const ds_node *node, const char *what, double *from, double *to) {
    if (!node)
        return DS_OK;
    if (node->kind != DS_LIST || ds_node_count(node) != 2)
        return ds_node_fail(node, "write two numbers: [0, 4]", "%s: expected a list of two", what);
    DS_CHECK(ds_node_number(node->child, what, from));
    DS_CHECK(ds_node_number(node->child->next, what, to));
    if (!(*from < *to))
        return ds_node_fail(node, "write the smaller number first", "%s: [%.9g, %.9g] is empty",
                            what, *from, *to);
    return DS_OK;
}

ds_status ds_surface_parse(ds_surface *out, const ds_picture *picture, const ds_model *model) {
    static const char *const keys[] = {"x", "y", "x_range", "y_range", "points", NULL};
    const ds_node *options = picture->options, *points = ds_node_get(options, "points");
    const ds_node *x = ds_node_get(options, "x"), *y = ds_node_get(options, "y");
    ds_surface s = {
        .axes = (x && !y) || model->values == 1 ? 1 : 2, .offset = {0, 1}, .points = POINTS};
    if (options)
        DS_CHECK(ds_node_only_keys(options, "surface", keys));
    if (x)
        DS_CHECK(find_value(x, "surface.x", model, &s.offset[0]));
    if (y && !x)
        return ds_node_fail(y, "name both, or x alone for a curve", "surface: y without x");
    if (y)
        DS_CHECK(find_value(y, "surface.y", model, &s.offset[1]));
    if (y && s.offset[0] == s.offset[1])
        return ds_node_fail(y, "name two parameters", "surface: x and y are the same parameter");
    DS_CHECK(parse_range(ds_node_get(options, "x_range"), "surface.x_range", &s.from[0], &s.to[0]));
    DS_CHECK(parse_range(ds_node_get(options, "y_range"), "surface.y_range", &s.from[1], &s.to[1]));
    if (points)
        DS_CHECK(ds_node_integer(points, "surface.points", &s.points));
    if (s.points < LEAST_POINTS || s.points > MOST_POINTS)
        return ds_node_fail(points, "", "surface.points: expected %d to %d, got %lld", LEAST_POINTS,
                            MOST_POINTS, (long long)s.points);
    for (int i = 0; i < s.axes; i++)
        name_value(model, s.offset[i], s.name[i]);
    *out = s;
    return DS_OK;
}
