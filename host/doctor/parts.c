#include "doctor/parts.h"

#include "doctor/helpers.h"

/* ---- what there is ---- */

static void add(ds_doctor_parts *parts, ds_doctor_part part) {
    if (parts->count < DS_PARTS)
        parts->part[parts->count++] = part;
}

static void add_variant(ds_doctor_parts *parts, int v, bool small) {
    bool products = parts->variant[v].products;
    for (int family = DS_LAYER; family <= DS_SERVICE; family++)
        add(parts, (ds_doctor_part){DS_PART_OPS, v, family});
    if (!products)
        add(parts, (ds_doctor_part){DS_PART_NORM, v, 0});
    if (!products)
        add(parts, (ds_doctor_part){DS_PART_SUMS, v, 0});
    /* Those of the device's own variant are enough for a first look: they take long to build. */
    if (v == 0 || !small)
        add(parts, (ds_doctor_part){DS_PART_GROUPS, v, 0});
}

void ds_doctor_parts_list(ds_doctor_parts *parts, const ds_device *device, bool small) {
    parts->count = 0;
    int variants = ds_variants_of(parts->variant, device);
    /* The device's own and the other family's. */
    for (int v = 0; v < variants && (v < 2 || !small); v++)
        add_variant(parts, v, small);
    /* The plain device, and those that end loops early, run op by op. */
    bool whole = !ds_device_is_plain(device) && ds_device_about(device)->most_rounds == 0;
    for (int n = 0; whole && n < ds_network_parts(); n++)
        add(parts, (ds_doctor_part){DS_PART_NETWORK, 0, n});
}

ds_status ds_doctor_part_examine(const ds_doctor_parts *parts, int part, ds_examination *e) {
    const ds_doctor_part *p = &parts->part[part];
    const ds_variant *variant = &parts->variant[p->variant];
    switch (p->kind) {
    case DS_PART_OPS:
        return ds_examine_ops(e, variant, (ds_family)p->which);
    case DS_PART_NORM:
        return ds_examine_norm(e, variant);
    case DS_PART_SUMS:
        return ds_examine_long_sums(e, variant);
    case DS_PART_GROUPS:
        return ds_examine_groups(e, variant);
    default:
        return ds_examine_network_part(e, p->which);
    }
}

/* ---- all ---- */

static ds_status examine_here(const ds_doctor_parts *parts, ds_doctor_table *found,
                              ds_device *device, const ds_doctor_options *options,
                              const ds_doctor_table *among) {
    ds_status status = DS_OK;
    bool ended = false;
    for (int p = 0; p < parts->count && status == DS_OK && !ended; p++) {
        ds_examination e = {.device = device, .options = *options, .among = among};
        status = ds_doctor_part_examine(parts, p, &e);
        ended = options->first && e.table.wrong + e.table.failed > 0;
        found[p] = e.table;
        e.table = (ds_doctor_table){0};
        ds_examination_clear(&e);
    }
    return status;
}

/* Moves the cases, words and all. */
static ds_status append(ds_doctor_table *table, ds_doctor_table *from) {
    ds_status status = DS_OK;
    for (size_t i = 0; i < from->cases && status == DS_OK; i++) {
        status = ds_doctor_table_add(table, &from->list[i]);
        from->list[i] = (ds_doctor_case){0};
    }
    return status;
}

static ds_status examine_once(ds_doctor_table *table, const ds_doctor_parts *parts,
                              ds_device *device, const ds_doctor_options *options,
                              const ds_doctor_table *among) {
    ds_doctor_table found[DS_PARTS] = {{0}};
    int helpers = among ? 0 : ds_helpers_for(options);
    ds_status status = helpers ? ds_helpers_examine(helpers, parts->count, found, device, options)
                               : examine_here(parts, found, device, options, among);
    for (int p = 0; p < parts->count; p++) {
        if (status == DS_OK)
            status = append(table, &found[p]);
        ds_doctor_clear(&found[p]);
    }
    return status;
}

/* What the device plain has of these: portable kernels, in a shape of its own. */
static void leave_plain(ds_doctor_parts *parts, const ds_device *plain) {
    int listed = parts->count;
    parts->count = 0;
    for (int p = 0; p < listed; p++) {
        ds_shaping *s = &parts->variant[parts->part[p].variant].shaping;
        if (!s->portable || parts->part[p].kind == DS_PART_NETWORK)
            continue;
        *s = ds_shaping_for(ds_device_about(plain));
        s->portable = true;
        add(parts, parts->part[p]);
    }
}

ds_status ds_examine_parts(ds_doctor_table *table, ds_device *device,
                           const ds_doctor_options *options, const ds_doctor_table *among) {
    ds_doctor_parts parts;
    ds_doctor_options now = *options;
    ds_device *on = among ? options->against : device;
    ds_status status = DS_OK;
    bool ended = false;
    ds_doctor_parts_list(&parts, device, options->small);
    if (among && ds_device_is_plain(on))
        leave_plain(&parts, on);
    ds_device_optimize(on, !options->no_optimizer);
    for (uint64_t n = 0; (n == 0 || n < options->repeat) && status == DS_OK && !ended; n++) {
        status = examine_once(table, &parts, on, &now, among);
        ended = options->first && table->wrong + table->failed > 0;
        now.seed++;
    }
    ds_device_optimize(on, true);
    return status;
}
