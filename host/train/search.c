#include "train/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "train/upload.h"

enum { MOST_AXES = 8, MOST_POINTS = 1000000 };

typedef struct axis {
    const char *name;
    int64_t offset; /* in the flat parameters */
    double *value;
    int64_t values;
} axis;

typedef struct grid {
    axis axis[MOST_AXES];
    int axes;
    int64_t points;
} grid;

static void grid_clear(grid *g) {
    for (int i = 0; i < g->axes; i++)
        ds_free(g->axis[i].value);
}

/* ---- names ---- */

/* ".0.1" or "[0][1]" within a tensor: row-major, every index given, or one flat index. */
static bool parse_index(const char *text, const ds_shape *shape, int64_t *index) {
    int64_t part[DS_MAX_RANK];
    int parts = 0;
    while ((*text == '[' || *text == '.') && parts < DS_MAX_RANK) {
        bool bracket = *text == '[';
        char *end;
        if (text[1] < '0' || text[1] > '9')
            return false;
        part[parts++] = strtoll(text + 1, &end, 10);
        if (bracket && *end++ != ']')
            return false;
        text = end;
    }
    if (*text != '\0')
        return false;
    *index = parts ? part[0] : 0;
    if (parts <= 1)
        return *index < ds_shape_count(shape) && (parts == 1 || ds_shape_count(shape) == 1);
    for (int i = 1; i < parts; i++)
        *index = *index * shape->extent[i] + part[i];
    for (int i = 0; i < parts; i++)
        if (parts != shape->rank || part[i] >= shape->extent[i])
            return false;
    return true;
}

ds_status ds_model_locate(const ds_model *model, const char *name, const ds_node *node,
                          int64_t *offset) {
    for (int i = 0; i < model->entries; i++) {
        const ds_parameter_entry *entry = &model->entry[i];
        char shape[64];
        int64_t index;
        size_t length = strlen(entry->name);
        if (strncmp(entry->name, name, length) != 0 || !strchr(".[", name[length]))
            continue;
        if (!parse_index(name + length, &entry->rule.shape, &index))
            return ds_node_fail(node, "name one number of it, such as 0.weight.0",
                                "\"%s\": the tensor's shape is %s", name,
                                ds_shape_print(&entry->rule.shape, shape));
        *offset = entry->offset + index;
        return DS_OK;
    }
    return ds_parameter_unknown(model->entry, model->entries, node, name);
}

/* ---- the grid ---- */

static ds_status too_many(const ds_node *node, double points) {
    return ds_node_fail(node,
                        "take larger steps, or descend the gradient: the points multiply with "
                        "every parameter",
                        "search: %.9g points, at most %d are tried", points, MOST_POINTS);
}

static ds_status parse_range(axis *a, const ds_node *node) {
    static const char *const keys[] = {"from", "to", "step", NULL};
    double number[3];
    DS_CHECK(ds_node_only_keys(node, "search", keys));
    for (int i = 0; i < 3; i++) {
        const ds_node *entry = ds_node_get(node, keys[i]);
        if (!entry)
            return ds_node_fail(node, "for example {from: 0, to: 4, step: 0.1}",
                                "search: \"%s\" is missing", keys[i]);
        DS_CHECK(ds_node_number(entry, keys[i], &number[i]));
    }
    double steps = (number[1] - number[0]) / number[2];
    if (!(number[2] > 0) || !(steps >= 0))
        return ds_node_fail(node, "make from the smaller one, and step larger than 0",
                            "search: no points from %g to %g in steps of %g", number[0], number[1],
                            number[2]);
    if (steps >= MOST_POINTS)
        return too_many(node, steps + 1);
    a->values = (int64_t)floor(steps * (1 + 1e-12) + 1e-9) + 1;
    DS_CHECK(ds_new(&a->value, (size_t)a->values, sizeof *a->value));
    for (int64_t k = 0; k < a->values; k++)
        a->value[k] = number[0] + (double)k * number[2];
    return DS_OK;
}

static ds_status parse_list(axis *a, const ds_node *node) {
    if (!node->child)
        return ds_node_fail(node, "write the values to try: [-1, 0, 1]",
                            "search: the list is empty");
    DS_CHECK(ds_new(&a->value, (size_t)ds_node_count(node), sizeof *a->value));
    DS_EACH_CHILD (entry, node)
        DS_CHECK(ds_node_number(entry, "search", &a->value[a->values++]));
    return DS_OK;
}

static ds_status parse_grid(grid *g, const ds_model *model, const ds_node *node) {
    double points = 1;
    if (node->kind != DS_MAP || ds_node_count(node) == 0)
        return ds_node_fail(node, "search: {0.weight: {from: 0, to: 4, step: 0.1}}",
                            "search: expected parameters with their values");
    DS_EACH_CHILD (entry, node) {
        if (g->axes == MOST_AXES)
            return ds_node_fail(entry, "search fewer at a time", "search: more than %d parameters",
                                MOST_AXES);
        axis *a = &g->axis[g->axes++];
        a->name = entry->key;
        DS_CHECK(ds_model_locate(model, entry->key, entry, &a->offset));
        DS_CHECK(entry->kind == DS_LIST ? parse_list(a, entry) : parse_range(a, entry));
        points *= (double)a->values;
    }
    if (points > MOST_POINTS)
        return too_many(node, points);
    g->points = (int64_t)points;
    return DS_OK;
}

/* Value of an axis at point `point`; the last axis varies fastest. */
static double value_at(const grid *g, int64_t point, int which) {
    for (int i = g->axes - 1; i > which; i--)
        point /= g->axis[i].values;
    return g->axis[which].value[point % g->axis[which].values];
}

/* What is written is read back behind it, and looked at when the loss there was waited for. */
static ds_status go_to(ds_trainer *t, const grid *g, int64_t point) {
    for (int i = 0; i < g->axes; i++) {
        double value = value_at(g, point, i);
        DS_CHECK(t->executor->write(t->executor, DS_PARAMETERS, g->axis[i].offset, 1, &value));
        DS_CHECK(t->executor->read_later(t->executor, i, DS_PARAMETERS, g->axis[i].offset, 1));
    }
    return DS_OK;
}

static ds_status was_at(ds_trainer *t, const grid *g, int64_t point) {
    ds_check_report report = {0};
    for (int i = 0; i < g->axes; i++) {
        float value = (float)value_at(g, point, i);
        double got;
        DS_CHECK(t->executor->arrive(t->executor, i, &got));
        if ((float)got != value)
            DS_CHECK(
                ds_find_lost(t->executor, DS_PARAMETERS, g->axis[i].offset, 1, &value, &report));
        if (report.fault != DS_FAULT_NONE)
            return ds_tell_lost(t->plan, &report, "");
    }
    return DS_OK;
}

static ds_status print_point(const grid *g, int64_t point, double loss, int digits, ds_text *out) {
    for (int i = 0; i < g->axes; i++)
        DS_CHECK(ds_text_add(out, "%.*g,", digits, value_at(g, point, i)));
    return ds_text_add(out, "%.*g\n", digits, loss);
}

ds_status ds_search_check(const ds_model *model, const ds_node *node) {
    grid g = {0};
    ds_status status = parse_grid(&g, model, node);
    grid_clear(&g);
    return status;
}

ds_status ds_search(ds_trainer *t, const ds_node *node, const char *path) {
    ds_status status = DS_OK;
    grid g = {0};
    ds_text table = {0};
    int64_t least = 0;
    double least_loss = INFINITY;
    int digits = ds_device_is_reference(t->device) ? 17 : 9;
    DS_TRY(parse_grid(&g, t->model, node));
    for (int i = 0; i < g.axes; i++) {
        DS_TRY(ds_text_csv(&table, g.axis[i].name));
        DS_TRY(ds_text_add(&table, ","));
    }
    DS_TRY(ds_text_add(&table, "loss\n"));
    for (int64_t point = 0; point < g.points; point++) {
        ds_scores scores;
        DS_TRY(go_to(t, &g, point));
        DS_TRY(ds_trainer_evaluate(t, 0, &scores));
        DS_TRY(was_at(t, &g, point));
        DS_TRY(print_point(&g, point, scores.loss, digits, &table));
        if (scores.loss < least_loss) {
            least_loss = scores.loss;
            least = point;
        }
    }
    DS_TRY(go_to(t, &g, least));
    DS_TRY(was_at(t, &g, least));
    t->searched = g.points;
    if (path)
        DS_TRY(ds_file_write(path, table.characters, table.length));

cleanup:
    grid_clear(&g);
    ds_text_clear(&table);
    return status;
}
