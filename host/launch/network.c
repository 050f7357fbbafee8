#include "launch/network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/whole.h"
#include "device/recording.h"

/* MOST_PASSES of one dispatch; TABLES of passes, so that one is written while others are read. */
enum { MOST_PASSES = 8192, TABLES = 5, ELEMENT = 4, NOTE_WORDS = 8, LINE = 16 };

/* As network.cl has them. */
enum {
    PASS_COUNT,
    PASS_FIRST,
    PASS_SLOT,
    PASS_UPDATE,
    PASS_POSITION,
    PASS_TRAINS,
    PASS_SHARE,
    PASS_SCALARS,
    PASS_WORDS = 20
};

struct ds_network {
    ds_launcher *launcher;
    ds_network_shape shape;
    ds_network_text text;
    ds_program *program;
    const ds_op *optimizer;
    double least;            /* norm of the gradient to stop at; negative: none */
    int64_t gradients;       /* elements that a block leaves */
    ds_buffer *gradient;     /* of all blocks */
    ds_buffer *work, *notes; /* of all blocks */
    ds_buffer *status;       /* words before each pass and behind the last, where blocks run */
    ds_buffer *turns;        /* counts by which groups agree, where blocks run */
    ds_buffer *shown;        /* what a pass tells of all its rounds; NULL before the first */
    int64_t show;            /* rounds that the pass at hand tells of; 0: none */
    int64_t shown_rounds;    /* that there is room for */
    ds_pass shown_pass;      /* the last */
    const ds_plan *shown_layout;
    uint32_t rounds;    /* issued, of which `turns` tells */
    struct pass_table { /* what the host says of a dispatch's passes */
        ds_buffer *buffer;
        void *words; /* the host's while no dispatch reads them; else NULL */
        ds_mark *free;
        uint32_t *sent, *held[2]; /* what was written; what the device has of it, read twice, */
        ds_mark *read[2];         /* once these were waited for; NULL: that was looked at */
        int64_t passes;
    } table[TABLES];
    int next;          /* table */
    int64_t most;      /* passes of a dispatch */
    uint32_t patience; /* of a group that waits for another, in looks at a count */
};

/* ---- creation ---- */

static ds_status build(ds_network *network) {
    const ds_network_shape *s = &network->shape;
    static const char *const space[] = {"global", "local -DCOPIED", "private -DCOPIED"};
    char options[512];
    snprintf(options, sizeof options,
             "-cl-std=CL1.2 -w -DNETWORK -DGROUP=%u -DBLOCKS=%u -DLANES=%u -DVECTORS=%u -DROWS=%u "
             "-DACROSS=%u -DDEPTH=128 -DWIDTH=%u -DSPACE=%s%s",
             s->group, s->blocks, s->lanes, s->vectors, s->rows, s->across, s->width,
             space[s->space], ds_arithmetic_options(network->launcher));
    return ds_program_build(&network->program, network->launcher->device,
                            network->text.text.characters, network->text.file, network->text.files,
                            options);
}

static ds_status allocate(ds_network *network) {
    ds_device *device = network->launcher->device;
    size_t blocks = network->shape.blocks, passes = (size_t)network->most;
    int64_t work = network->text.work * network->shape.lanes;
    network->gradients = (network->text.values + 2 * network->shape.width + 15) / 16 * 16;
    DS_CHECK(ds_buffer_create(&network->gradient, device,
                              blocks * (size_t)network->gradients * ELEMENT));
    DS_CHECK(ds_buffer_create(&network->work, device, blocks * (size_t)work * ELEMENT));
    DS_CHECK(ds_buffer_zero(network->work));
    DS_CHECK(ds_buffer_create(&network->notes, device, blocks * NOTE_WORDS * ELEMENT));
    DS_CHECK(ds_buffer_create(&network->status, device, (passes + 1) * DS_STATUS_WORDS * ELEMENT));
    DS_CHECK(ds_buffer_create(&network->turns, device, (blocks + 1) * LINE * ELEMENT));
    DS_CHECK(ds_buffer_zero(network->turns));
    for (int i = 0; i < TABLES; i++) {
        size_t size = passes * PASS_WORDS * ELEMENT;
        DS_CHECK(ds_buffer_create(&network->table[i].buffer, device, size));
        DS_CHECK(ds_new(&network->table[i].sent, passes * PASS_WORDS, ELEMENT));
        for (int k = 0; k < 2; k++)
            DS_CHECK(ds_new(&network->table[i].held[k], passes * PASS_WORDS, ELEMENT));
    }
    return DS_OK;
}

/* A group that was left alone stays so until the next dispatch: one takes some 10 ms. A group waits
 * nearly as long, which is more than a core is lent for, and half the time that its own piece
 * takes: 100 operations take 1 ns, a look half of that, roughly. */
static void choose_dispatch(ds_network *network) {
    double piece =
        ds_network_operations(network->launcher->base.plan) / network->shape.blocks / 1e11;
    double passes = 0.02 / piece;
    network->most = MOST_PASSES;
    if (network->shape.blocks > 1 && passes < MOST_PASSES)
        network->most = passes < 1 ? 1 : (int64_t)passes;
    network->patience = network->shape.patience ? network->shape.patience
                                                : 16000000 + (uint32_t)fmin(piece * 1e9, 1e9);
}

ds_status ds_network_create(ds_network **out, ds_launcher *launcher,
                            const ds_network_shape *shape) {
    ds_status status = DS_OK;
    ds_network *network = NULL;
    const ds_plan *plan = launcher->base.plan;
    DS_TRY(ds_new(&network, 1, sizeof *network));
    network->launcher = launcher;
    network->shape = *shape;
    for (int i = 0; i < plan->ops; i++) {
        if (plan->op[i].operation->family == DS_OPTIMIZER)
            network->optimizer = &plan->op[i];
        if (plan->op[i].operation == &ds_op_gradient_norm)
            network->least = plan->op[i].attribute[0];
    }
    choose_dispatch(network);
    DS_TRY(ds_network_write(&network->text, plan, shape));
    DS_TRY(build(network));
    DS_TRY(allocate(network));
    *out = network;
    network = NULL;

cleanup:
    ds_network_destroy(network);
    return status;
}

void ds_network_destroy(ds_network *network) {
    if (!network)
        return;
    for (int i = 0; i < TABLES; i++) {
        struct pass_table *table = &network->table[i];
        if (table->words)
            ds_buffer_unmap(table->buffer, table->words);
        for (int k = 0; k < 2; k++) {
            ds_mark_wait(table->read[k]); /* nothing may still write to what is freed */
            ds_mark_destroy(table->read[k]);
            ds_free(table->held[k]);
        }
        ds_mark_destroy(table->free);
        ds_free(table->sent);
        ds_buffer_destroy(table->buffer);
    }
    ds_buffer_destroy(network->gradient);
    ds_buffer_destroy(network->work);
    ds_buffer_destroy(network->notes);
    ds_buffer_destroy(network->status);
    ds_buffer_destroy(network->turns);
    ds_buffer_destroy(network->shown);
    ds_program_destroy(network->program);
    ds_network_text_clear(&network->text);
    ds_free(network);
}

/* ---- runs ---- */

static uint32_t bits_of(double value) {
    float narrow = (float)value;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    return bits;
}

static void describe_pass(const ds_network *network, const ds_pass *pass, uint32_t *word) {
    double scalar[DS_MAX_SCALARS];
    word[PASS_COUNT] = (uint32_t)pass->count;
    word[PASS_FIRST] = (uint32_t)pass->first;
    word[PASS_SLOT] = (uint32_t)pass->slot;
    word[PASS_UPDATE] = ds_update_number(pass->update);
    word[PASS_POSITION] = (uint32_t)pass->position;
    word[PASS_TRAINS] = pass->training;
    word[PASS_SHARE] = bits_of(1.0 / (double)pass->global_count);
    if (!pass->training)
        return;
    int scalars = ds_op_scalars(network->optimizer, pass, scalar);
    for (int i = 0; i < scalars; i++)
        word[PASS_SCALARS + i] = bits_of(scalar[i]);
}

/* Whether the device held what it was told of passes, as soon as it says so: a word that is wrong in
 * both readings is. */
static ds_status confirm(struct pass_table *table, const ds_device *device) {
    ds_status status = DS_OK;
    if (!table->read[0])
        return DS_OK;
    for (int k = 0; k < 2 && status == DS_OK; k++) {
        status = ds_mark_wait(table->read[k]);
        ds_mark_destroy(table->read[k]);
        table->read[k] = NULL;
    }
    for (int64_t i = 0; i < table->passes * PASS_WORDS && status == DS_OK; i++)
        if (table->held[0][i] != table->sent[i] && table->held[1][i] != table->sent[i])
            status = ds_fail(DS_DEVICE_FAILED, ds_untrustworthy,
                             "device \"%s\": lost value in memory that nothing was run on: word %d "
                             "of a pass is 0x%08x, expected 0x%08x",
                             ds_device_name(device), (int)(i % PASS_WORDS),
                             (unsigned)table->held[1][i], (unsigned)table->sent[i]);
    return status;
}

ds_status ds_network_confirm(ds_network *network) {
    for (int i = 0; i < TABLES; i++)
        DS_CHECK(confirm(&network->table[i], network->launcher->device));
    return DS_OK;
}

static ds_status write_table(struct pass_table *table, const ds_network *network,
                             const ds_pass *pass, int64_t count) {
    DS_CHECK(confirm(table, network->launcher->device));
    if (!table->words)
        DS_CHECK(ds_buffer_map(table->buffer, &table->words, &table->free));
    uint32_t *words = table->words;
    DS_CHECK(ds_mark_wait(table->free));
    memset(table->sent, 0, (size_t)count * PASS_WORDS * ELEMENT);
    for (int64_t i = 0; i < count; i++)
        describe_pass(network, &pass[i], table->sent + i * PASS_WORDS);
    memcpy(words, table->sent, (size_t)count * PASS_WORDS * ELEMENT);
    table->passes = count;
    table->words = NULL;
    DS_CHECK(ds_buffer_unmap(table->buffer, words));
    for (int k = 0; k < 2; k++)
        DS_CHECK(ds_buffer_read_later(table->buffer, 0, (size_t)count * PASS_WORDS * ELEMENT,
                                      table->held[k], &table->read[k]));
    return DS_OK;
}

static void add_data(const ds_network *network, ds_launch *launch, uint64_t seed) {
    static const ds_storage storage[] = {DS_FEATURES, DS_TARGETS, DS_INDICES};
    for (int i = 0; i < 3; i++)
        ds_launch_buffer(launch, network->launcher->buffer[storage[i]]);
    ds_launch_uint(launch, seed);
    ds_launch_uint(launch, seed >> 32);
}

/* A plan without moments has no such buffer: any other stands in for it, and is not touched. */
static const ds_buffer *moments_of(const ds_network *network) {
    const ds_launcher *launcher = network->launcher;
    return launcher->buffer[network->text.moments ? DS_MOMENTS : DS_PARAMETERS];
}

static ds_status begin(const ds_network *network, const char *name, ds_launch *launch) {
    ds_kernel *kernel = NULL;
    DS_CHECK(ds_program_kernel(network->program, name, &kernel));
    *launch = ds_launch_begin(kernel);
    return DS_OK;
}

static void add_shown(const ds_network *network, ds_launch *launch) {
    ds_launch_buffer(launch, network->show ? network->shown : network->work);
    ds_launch_uint(launch, (uint64_t)network->show);
}

static ds_status enqueue(const ds_network *network, ds_launch *launch, size_t groups) {
    return ds_launch_enqueue(launch, (size_t[2]){groups, 1}, (size_t[2]){network->shape.group, 1});
}

/* All passes of a table in one dispatch. */
static ds_status run_alone(const ds_network *network, const struct pass_table *table,
                           const ds_pass *pass, int64_t count) {
    const ds_launcher *launcher = network->launcher;
    ds_launch launch;
    DS_CHECK(begin(network, "network_updates", &launch));
    add_data(network, &launch, pass->seed);
    ds_launch_buffer(&launch, table->buffer);
    ds_launch_uint(&launch, (uint64_t)count);
    ds_launch_float(&launch, network->least);
    ds_launch_buffer(&launch, launcher->buffer[DS_PARAMETERS]);
    ds_launch_buffer(&launch, network->gradient);
    ds_launch_buffer(&launch, moments_of(network));
    ds_launch_buffer(&launch, network->work);
    ds_launch_buffer(&launch, launcher->buffer[DS_HISTORY]);
    ds_launch_buffer(&launch, launcher->buffer[DS_STATUS]);
    add_shown(network, &launch);
    return enqueue(network, &launch, 1);
}

/* All passes of a table in one dispatch, by a group for each block; more than there are units would
 * find nothing left to do. */
static ds_status run_blocks(ds_network *network, const struct pass_table *table,
                            const ds_pass *pass, int64_t count) {
    const ds_launcher *launcher = network->launcher;
    const size_t blocks = network->shape.blocks,
                 units = ds_device_about(launcher->device)->compute_units;
    const ds_buffer *kept = launcher->buffer[DS_STATUS];
    ds_launch launch;
    DS_CHECK(begin(network, "network_blocks", &launch));
    add_data(network, &launch, pass->seed);
    ds_launch_buffer(&launch, table->buffer);
    ds_launch_uint(&launch, (uint64_t)count);
    ds_launch_float(&launch, network->least);
    ds_launch_buffer(&launch, launcher->buffer[DS_PARAMETERS]);
    ds_launch_buffer(&launch, network->gradient);
    ds_launch_buffer(&launch, moments_of(network));
    ds_launch_buffer(&launch, network->work);
    ds_launch_buffer(&launch, network->notes);
    ds_launch_buffer(&launch, launcher->buffer[DS_HISTORY]);
    ds_launch_buffer(&launch, kept);
    ds_launch_buffer(&launch, network->status);
    ds_launch_buffer(&launch, network->turns);
    ds_launch_uint(&launch, network->rounds);
    ds_launch_uint(&launch, network->patience);
    add_shown(network, &launch);
    DS_CHECK(enqueue(network, &launch, blocks < units ? blocks : units));
    network->rounds += 2 * (uint32_t)count;
    DS_CHECK(begin(network, "network_status", &launch));
    ds_launch_buffer(&launch, network->status);
    ds_launch_uint(&launch, (uint64_t)count);
    ds_launch_buffer(&launch, kept);
    return ds_launch_enqueue(&launch, (size_t[2]){1, 1}, (size_t[2]){1, 1});
}

ds_status ds_network_run(ds_network *network, const ds_pass *pass, int64_t count) {
    for (int64_t done = 0; done < count;) {
        int64_t now = count - done < network->most ? count - done : network->most;
        struct pass_table *table = &network->table[network->next];
        network->next = (network->next + 1) % TABLES;
        DS_CHECK(write_table(table, network, pass + done, now));
        DS_CHECK(network->shape.blocks > 1 ? run_blocks(network, table, pass + done, now)
                                           : run_alone(network, table, pass + done, now));
        DS_CHECK(ds_buffer_map(table->buffer, &table->words, &table->free));
        done += now;
    }
    return ds_device_flush(network->launcher->device);
}

/* ---- what a pass computes on its way ---- */

static int64_t samples_of(const ds_network *network) {
    return (int64_t)network->shape.lanes * network->shape.vectors;
}

/* Samples of a block. */
static int64_t share_of(const ds_network *network, const ds_pass *pass) {
    return ds_groups_of(pass->count, network->shape.blocks);
}

/* Floats that a block has for what it computes. */
static int64_t floats_of(const ds_network *network) {
    return network->text.work * network->shape.lanes;
}

/* NaN wherever a pass has nothing to read, so that nothing of a pass before passes for its own. */
static ds_status prepare_to_show(ds_network *network, const ds_pass *pass) {
    const uint32_t nan = 0xffffffff;
    network->show = ds_groups_of(share_of(network, pass), samples_of(network));
    if (network->shown_rounds != network->show) {
        size_t floats = (size_t)(network->shape.blocks * network->show * floats_of(network));
        ds_buffer_destroy(network->shown);
        network->shown = NULL;
        network->shown_rounds = 0;
        DS_CHECK(ds_buffer_create(&network->shown, network->launcher->device, floats * ELEMENT));
        network->shown_rounds = network->show;
    }
    DS_CHECK(ds_buffer_fill(network->shown, nan));
    DS_CHECK(ds_buffer_fill(network->gradient, nan));
    return ds_buffer_fill(network->work, nan);
}

/* Where a number of a sample is shown. */
static int64_t place_of(const ds_network *network, const ds_pass *pass, int tensor, int64_t sample,
                        int64_t number) {
    const int64_t share = share_of(network, pass), samples = samples_of(network),
                  round = sample / share * network->shown_rounds + sample % share / samples;
    return round * floats_of(network) + network->text.place[tensor] + number * samples +
           sample % share % samples;
}

/* Every number that is shown of a pass, and its place in the layout. */
typedef void (*visitor)(void *context, int64_t shown, int64_t number);

static void visit_shown(const ds_network *network, const ds_pass *pass, const ds_plan *layout,
                        visitor visit, void *context) {
    for (const ds_op *op = layout->op; op < layout->op + layout->ops; op++)
        for (int o = 0; o < op->outputs && ds_op_runs(op, pass); o++) {
            const ds_tensor *t = op->output[o] == DS_ABSENT ? NULL : &layout->tensor[op->output[o]];
            const int64_t columns = t ? ds_shape_count(&t->shape) : 0;
            if (!t || t->storage != DS_ACTIVATIONS || !t->per_sample)
                continue;
            for (int64_t n = 0; n < pass->count; n++)
                for (int64_t k = 0; k < columns; k++)
                    visit(context, place_of(network, pass, op->output[o], n, k),
                          t->offset + n * columns + k);
        }
}

/* What a visitor moves from one to the other. */
typedef struct shown_numbers {
    const float *shown;
    double *activations;
    const double *expected, *margin;
    double *value, *bound;
} shown_numbers;

static void take_number(void *context, int64_t shown, int64_t number) {
    const shown_numbers *n = context;
    n->activations[number] = (double)n->shown[shown];
}

static void expect_number(void *context, int64_t shown, int64_t number) {
    const shown_numbers *n = context;
    n->value[shown] = n->expected[number];
    n->bound[shown] = n->margin[number];
}

static ds_status read_shown(const ds_network *network, const ds_pass *pass, const ds_plan *layout,
                            double *activations, double *gradients) {
    ds_status status = DS_OK;
    const int64_t blocks = network->shape.blocks, step = network->gradients;
    const int64_t floats = blocks * network->show * floats_of(network);
    float *values = NULL;
    DS_TRY(ds_new(&values, (size_t)(floats > blocks * step ? floats : blocks * step), ELEMENT));
    DS_TRY(ds_buffer_read(network->shown, 0, (size_t)floats * ELEMENT, values));
    visit_shown(network, pass, layout, take_number,
                &(shown_numbers){.shown = values, .activations = activations});
    if (!pass->training)
        goto cleanup;
    DS_TRY(ds_buffer_read(network->gradient, 0, (size_t)(blocks * step) * ELEMENT, values));
    for (int64_t i = 0; i < network->text.values; i++) { /* as gradient_at of network.cl */
        float sum = values[i];
        for (int64_t b = 1; b < blocks; b++)
            sum += values[b * step + i];
        gradients[i] = (double)sum;
    }

cleanup:
    ds_free(values);
    return status;
}

ds_status ds_network_show(ds_network *network, const ds_pass *pass, const ds_plan *layout,
                          double *activations, double *gradients) {
    ds_status status = prepare_to_show(network, pass);
    if (status == DS_OK)
        status = ds_network_run(network, pass, 1);
    if (status == DS_OK)
        status = read_shown(network, pass, layout, activations,
                            gradients + layout->tensor[network->optimizer->input[0]].offset);
    network->show = 0;
    network->shown_pass = *pass;
    network->shown_layout = layout;
    return status;
}

static ds_status expect_shown(const ds_network *network, const double *values,
                              const double *bounds) {
    ds_status status = DS_OK;
    const int64_t floats = network->shape.blocks * network->shown_rounds * floats_of(network);
    shown_numbers n = {.expected = values, .margin = bounds};
    DS_TRY(ds_new(&n.value, (size_t)floats, sizeof *n.value));
    DS_TRY(ds_new(&n.bound, (size_t)floats, sizeof *n.bound));
    for (int64_t i = 0; i < floats; i++) {
        n.value[i] = NAN;
        n.bound[i] = INFINITY;
    }
    visit_shown(network, &network->shown_pass, network->shown_layout, expect_number, &n);
    DS_TRY(ds_recording_expect(network->shown, "shown", false, floats, n.value, n.bound));

cleanup:
    ds_free(n.value);
    ds_free(n.bound);
    return status;
}

ds_status ds_network_expect(const ds_network *network, ds_storage storage, const double *values,
                            const double *bounds) {
    if (storage == DS_ACTIVATIONS)
        return expect_shown(network, values, bounds);
    return network->shape.blocks > 1 || !network->shown_pass.training
               ? DS_OK /* of a block alone nothing is known */
               : ds_recording_expect(network->gradient, ds_storage_name(storage), false,
                                     network->text.values, values, bounds);
}

/* ---- what was chosen ---- */

ds_status ds_network_describe(const ds_network *network, ds_text *out) {
    const ds_network_shape *s = &network->shape;
    static const char *const space[] = {"global", "local", "private"};
    if (s->blocks > 1)
        return ds_text_add(out,
                           "network_blocks: many updates in one dispatch, by %u blocks of %u "
                           "samples at a time, %ux%u "
                           "products",
                           s->blocks, s->lanes * s->vectors, s->rows, s->across * s->lanes);
    return ds_text_add(out,
                       "network_updates: many updates in one dispatch, %u samples at a time, %ux%u "
                       "products, %s memory",
                       s->lanes * s->vectors, s->rows, s->across * s->lanes, space[s->space]);
}

ds_program *ds_network_program(const ds_network *network) {
    return network->program;
}

const char *ds_network_hash(const ds_network *network) {
    return ds_program_hash(network->program);
}
