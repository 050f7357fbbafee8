#include "doctor/parts.h"

#include "doctor/helpers.h"

/* ---- what there is ---- */

enum { NORM = DS_SERVICE + 1, SUMS, GROUPS, OF_A_VARIANT }; /* behind the families */

static int count(const ds_doctor_parts *parts) {
    return parts->variants * OF_A_VARIANT + parts->networks;
}

int ds_doctor_parts_list(ds_doctor_parts *parts, const ds_device *device, bool small) {
    int variants = ds_variants_of(parts->variant, device);
    /* The device's own and the other family's. */
    parts->variants = small && variants > 2 ? 2 : variants;
    /* The plain device, and those that end loops early, run op by op. */
    bool whole = !ds_device_is_plain(device) && ds_device_about(device)->most_rounds == 0;
    parts->networks = whole ? ds_network_parts() : 0;
    return count(parts);
}

ds_status ds_doctor_part_examine(const ds_doctor_parts *parts, int part, ds_examination *e) {
    const int v = part / OF_A_VARIANT, which = part % OF_A_VARIANT;
    const ds_variant *variant = &parts->variant[v];
    if (v >= parts->variants)
        return ds_examine_network_part(e, part - parts->variants * OF_A_VARIANT);
    if (which < NORM)
        return ds_examine_ops(e, variant, (ds_family)which);
    /* Those of the device's own variant are enough for a first look: they take long to build. */
    if (which == GROUPS)
        return v > 0 && e->options.small ? DS_OK : ds_examine_groups(e, variant);
    if (variant->products)
        return DS_OK;
    return which == NORM ? ds_examine_norm(e, variant) : ds_examine_long_sums(e, variant);
}

/* ---- all ---- */

static ds_status examine_here(const ds_doctor_parts *parts, ds_doctor_table *found,
                              ds_device *device, const ds_doctor_options *options,
                              const ds_doctor_table *among) {
    ds_status status = DS_OK;
    bool ended = false;
    for (int p = 0; p < count(parts) && status == DS_OK && !ended; p++) {
        ds_examination e = {.device = device, .options = *options, .among = among};
        status = ds_doctor_part_examine(parts, p, &e);
        ended = options->first && e.table.wrong + e.table.failed > 0;
        found[p] = e.table;
        ds_doctor_clear(&e.begun);
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
    ds_doctor_table *found;
    int helpers = among ? 0 : ds_helpers_for(options);
    DS_CHECK(ds_new(&found, (size_t)count(parts), sizeof *found));
    ds_status status = helpers ? ds_helpers_examine(helpers, count(parts), found, device, options)
                               : examine_here(parts, found, device, options, among);
    for (int p = 0; p < count(parts); p++) {
        if (status == DS_OK)
            status = append(table, &found[p]);
        ds_doctor_clear(&found[p]);
    }
    ds_free(found);
    return status;
}

/* What the device plain has of these: portable kernels, in a shape of its own. */
static void leave_plain(ds_doctor_parts *parts, const ds_device *plain) {
    int listed = parts->variants;
    parts->variants = parts->networks = 0;
    for (int v = 0; v < listed; v++)
        if (parts->variant[v].shaping.portable) {
            ds_variant *left = &parts->variant[parts->variants++];
            *left = parts->variant[v];
            left->shaping = ds_shaping_for(ds_device_about(plain));
            left->shaping.portable = true;
        }
}

ds_status ds_examine_parts(ds_doctor_table *table, ds_device *device,
                           const ds_doctor_options *options, const ds_doctor_table *among) {
    ds_doctor_parts parts;
    ds_doctor_options now = *options;
    ds_device *on = among ? options->against : device;
    ds_status status = DS_OK;
    bool ended = false;
    (void)ds_doctor_parts_list(&parts, device, options->small);
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
