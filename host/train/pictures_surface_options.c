/* `surface: {x: "0.weight[0]", y: "0.bias[0]", x_range: [0, 4], y_range: [-1, 1], points: 41}` */
#include <stdio.h>

#include "train/pictures_path.h"
#include "train/search.h"

enum { POINTS = 41, LEAST_POINTS = 3, MOST_POINTS = 501 };

void ds_value_name(const ds_model *model, int64_t offset, char name[96]) {
    for (int i = 0; i < model->entries; i++) {
        int64_t index = offset - model->entry[i].offset;
        if (index >= 0 && index < ds_shape_count(&model->entry[i].rule.shape))
            snprintf(name, 96, "%s[%lld]", model->entry[i].name, (long long)index);
    }
}

static ds_status find_value(const ds_node *node, const char *what, const ds_model *model,
                            int64_t *offset) {
    const char *word;
    DS_CHECK(ds_node_word(node, what, &word));
    return ds_model_locate(model, word, node, offset);
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
        ds_value_name(model, s.offset[i], s.name[i]);
    *out = s;
    return DS_OK;
}
