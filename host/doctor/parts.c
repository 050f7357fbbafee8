/* The examination in parts that share no row of the table. Two threads run them, each with a device
 * of its own, one from the front, the other from the back: while one waits for the driver's
 * compiler, which knows no two at a time, or for the device, the other computes the reference. The
 * table has the parts in their order, whoever ran them. */
#include <pthread.h>

#include "doctor/examination.h"

typedef struct part {
    const ds_variant *variant; /* NULL: whole networks */
    bool groups;               /* ops launched together, else single ones */
    ds_examination e;
} part;

enum { PARTS = 2 * DS_VARIANTS + 1 };

typedef struct parts {
    ds_device *device;
    const ds_doctor_options *options;
    part part[PARTS];

    pthread_mutex_t mutex; /* of what follows, and for the caller's progress */
    int first, last;       /* parts that nobody has taken yet: from the first up to the last */
    ds_status status;      /* of the first that could not go on */
    ds_saved_error error;
} parts;

/* ---- one ---- */

static ds_status examine(part *p) {
    ds_examination *e = &p->e;
    const ds_variant *variant = p->variant;
    if (!variant)
        return ds_examine_networks(e);
    if (p->groups)
        return ds_examine_groups(e, variant);
    for (int family = DS_LAYER; family <= DS_SERVICE; family++)
        DS_CHECK(ds_examine_ops(e, variant, (ds_family)family));
    if (variant->products)
        return DS_OK;
    DS_CHECK(ds_examine_norm(e, variant));
    return ds_examine_long_sums(e, variant);
}

static void list_parts(parts *all, const ds_variant *variant, int variants) {
    bool small = all->options->small;
    /* The device's own and the other family's. */
    for (int i = 0; i < variants && (i < 2 || !small); i++) {
        all->part[all->last++] = (part){.variant = &variant[i]};
        /* Those of the device's own variant are enough for a first look: they take long to build.
         */
        if (i == 0 || !small)
            all->part[all->last++] = (part){.variant = &variant[i], .groups = true};
    }
    /* The plain device, and those that end loops early, run op by op. */
    if (!ds_device_is_plain(all->device) && ds_device_about(all->device)->most_rounds == 0)
        all->part[all->last++] = (part){0};
}

/* ---- side by side ---- */

/* In place of the caller's progress; an end of one thread's is the other's. */
static bool tell(void *context, const char *what) {
    parts *all = context;
    const ds_doctor_options *options = all->options;
    pthread_mutex_lock(&all->mutex);
    bool goes_on =
        all->status == DS_OK && (!options->progress || options->progress(options->context, what));
    pthread_mutex_unlock(&all->mutex);
    return goes_on;
}

static part *take(parts *all, bool front) {
    part *taken = NULL;
    pthread_mutex_lock(&all->mutex);
    if (all->status == DS_OK && all->first < all->last)
        taken = &all->part[front ? all->first++ : --all->last];
    pthread_mutex_unlock(&all->mutex);
    return taken;
}

static void note(parts *all, ds_status status) {
    pthread_mutex_lock(&all->mutex);
    if (all->status == DS_OK && status != DS_OK) {
        all->status = status;
        ds_error_take(&all->error);
    }
    pthread_mutex_unlock(&all->mutex);
}

static void run_parts(parts *all, ds_device *device, bool front) {
    bool found = false;
    for (part *p; !(found && all->options->first) && (p = take(all, front));) {
        p->e.device = device;
        p->e.options = *all->options;
        p->e.options.progress = tell;
        p->e.options.context = all;
        note(all, examine(p));
        found = p->e.table.wrong + p->e.table.failed > 0;
    }
}

static void *run_from_the_back(void *argument) {
    parts *all = argument;
    ds_device *device = NULL;
    ds_status status = ds_device_open(&device, ds_device_about(all->device)->id);
    if (status == DS_OK)
        run_parts(all, device, false);
    else
        note(all, status);
    ds_device_close(device);
    (void)ds_fail(DS_OK, "", "%s", ""); /* a build log would stay with the thread */
    return NULL;
}

/* What ends at the first fault goes in order, and simulators know one thread. */
static void run_all(parts *all) {
    bool alone = all->options->first || all->options->small || ds_device_is_plain(all->device);
    pthread_t thread;
    bool helped = !alone && pthread_create(&thread, NULL, run_from_the_back, all) == 0;
    run_parts(all, all->device, true);
    if (helped)
        pthread_join(thread, NULL);
}

/* ---- the table ---- */

static ds_status append(ds_doctor_table *to, ds_doctor_table *from) {
    DS_CHECK(ds_resize(&to->row, to->rows + from->rows, sizeof *to->row));
    DS_CHECK(ds_resize(&to->list, to->cases + from->cases, sizeof *to->list));
    for (size_t i = 0; i < from->rows; i++)
        if (from->row[i].cases > 0) /* else none of it was wanted */
            to->row[to->rows++] = from->row[i];
    for (size_t i = 0; i < from->cases; i++)
        to->list[to->cases++] = from->list[i];
    from->cases = 0; /* the words are the other's now */
    to->wrong += from->wrong;
    to->failed += from->failed;
    return DS_OK;
}

ds_status ds_examine_parts(ds_doctor_table *table, ds_device *device,
                           const ds_doctor_options *options) {
    ds_variant variant[DS_VARIANTS];
    parts all = {.device = device, .options = options};
    list_parts(&all, variant, ds_variants_of(variant, device));
    int count = all.last;
    pthread_mutex_init(&all.mutex, NULL);
    run_all(&all);
    pthread_mutex_destroy(&all.mutex);
    ds_status status = all.status == DS_OK ? DS_OK : ds_error_give(&all.error);
    for (int i = 0; i < count; i++) {
        if (status == DS_OK)
            status = append(table, &all.part[i].e.table);
        ds_doctor_clear(&all.part[i].e.table);
        ds_free(all.part[i].e.begun);
    }
    return status;
}
