#include "launch/opencl_executor.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "device/recording.h"
#include "launch/launch.h"
#include "launch/network.h"
#include "launch/tuned.h"

enum { ELEMENT = 4, STAGE = 1 << 14 };

static ds_launcher *launcher_of(ds_executor *executor) {
    return (ds_launcher *)executor;
}

static size_t bytes(int64_t elements) {
    return (size_t)elements * ELEMENT;
}

/* Another buffer, of `count` elements, in place of this one. */
static ds_status renew(ds_launcher *launcher, ds_buffer **buffer, int64_t count) {
    ds_buffer *made = NULL;
    DS_CHECK(ds_buffer_create(&made, launcher->device, bytes(count + DS_PADDING)));
    ds_buffer_destroy(*buffer);
    *buffer = made;
    return DS_OK;
}

static ds_status reserve(ds_executor *executor, ds_storage storage, int64_t count) {
    ds_launcher *launcher = launcher_of(executor);
    DS_CHECK(renew(launcher, &launcher->buffer[storage], count));
    launcher->room[storage] = count;
    return DS_OK;
}

static ds_status reserve_ahead(ds_executor *executor, ds_storage storage, int64_t count) {
    DS_CHECK(reserve(executor, storage, count));
    return renew(launcher_of(executor), &launcher_of(executor)->ahead[storage], count);
}

/* ---- values ---- */

/* Room for values on their way to a storage; those before have arrived. */
static ds_status depart(struct ds_departure *departure, int64_t count) {
    DS_CHECK(ds_mark_wait(departure->mark));
    if (departure->room >= count)
        return DS_OK;
    DS_CHECK(ds_resize(&departure->data, (size_t)count, ELEMENT));
    departure->room = count;
    return DS_OK;
}

static ds_status write_values(ds_executor *executor, ds_storage storage, int64_t offset,
                              int64_t count, const double *values) {
    ds_launcher *launcher = launcher_of(executor);
    struct ds_departure *departure = &launcher->departure[storage];
    bool is_int = ds_storage_element(storage) == DS_INT32;
    for (int64_t done = 0; done < count;) {
        int64_t now = count - done < STAGE ? count - done : STAGE;
        DS_CHECK(depart(departure, now));
        float *floats = departure->data;
        int32_t *whole = departure->data;
        for (int64_t i = 0; i < now; i++)
            if (is_int)
                whole[i] = (int32_t)values[done + i];
            else
                floats[i] = (float)values[done + i];
        DS_CHECK(ds_buffer_write_later(launcher->buffer[storage], bytes(offset + done), bytes(now),
                                       departure->data, &departure->mark));
        done += now;
    }
    return DS_OK;
}

static ds_status write_floats(ds_executor *executor, ds_storage storage, int64_t offset,
                              int64_t count, const float *values) {
    return ds_buffer_write(launcher_of(executor)->buffer[storage], bytes(offset), bytes(count),
                           values);
}

static ds_status write_indices(ds_executor *executor, int64_t offset, int64_t count,
                               const int32_t *values) {
    ds_launcher *launcher = launcher_of(executor);
    enum { PIECE = 1 << 18 };
    for (int64_t done = 0; done < count; done += PIECE) {
        struct ds_departure *departure = &launcher->index_departure[launcher->next_index_departure];
        int64_t now = count - done < PIECE ? count - done : PIECE;
        launcher->next_index_departure = (launcher->next_index_departure + 1) % DS_INDEX_WRITES;
        DS_CHECK(depart(departure, now));
        memcpy(departure->data, values + done, bytes(now));
        DS_CHECK(ds_buffer_write_later(launcher->buffer[DS_INDICES], bytes(offset + done),
                                       bytes(now), departure->data, &departure->mark));
    }
    return DS_OK;
}

static double number_of(bool is_int, const void *element) {
    float number;
    int32_t whole;
    memcpy(&number, element, ELEMENT);
    memcpy(&whole, element, ELEMENT);
    return is_int ? (double)whole : (double)number;
}

/* The elements arrive in the second half of the room for their values, and spread from there: a
 * value ends before the element behind its own begins. */
static ds_status read_values(ds_executor *executor, ds_storage storage, int64_t offset,
                             int64_t count, double *values) {
    const bool is_int = ds_storage_element(storage) == DS_INT32;
    unsigned char *element = (unsigned char *)values + bytes(count);
    DS_CHECK(ds_buffer_read(launcher_of(executor)->buffer[storage], bytes(offset), bytes(count),
                            element));
    if (launcher_of(executor)->network)
        DS_CHECK(ds_network_confirm(launcher_of(executor)->network));
    for (int64_t i = 0; i < count; i++)
        values[i] = number_of(is_int, element + bytes(i));
    return DS_OK;
}

static ds_status compare(ds_executor *executor, bool ahead, ds_storage storage, int64_t offset,
                         int64_t count, const void *bits, int64_t *lost, double *got) {
    ds_launcher *launcher = launcher_of(executor);
    ds_lost_word word;
    DS_CHECK(ds_buffer_compare(ahead ? launcher->ahead[storage] : launcher->buffer[storage], ahead,
                               bytes(offset), (size_t)count, bits, &word));
    *lost = word.lost ? (int64_t)word.word : -1;
    *got = number_of(ds_storage_element(storage) == DS_INT32, &word.got);
    return DS_OK;
}

static ds_status read_later(ds_executor *executor, int ticket, ds_storage storage, int64_t offset,
                            int64_t count) {
    ds_launcher *launcher = launcher_of(executor);
    struct ds_arrival *arrival = &launcher->arrival[ticket];
    DS_CHECK(ds_mark_wait(arrival->mark)); /* nothing may still write to what is freed */
    arrival->count = count;
    arrival->is_int = ds_storage_element(storage) == DS_INT32;
    DS_CHECK(ds_resize(&arrival->data, (size_t)count, ELEMENT));
    return ds_buffer_read_later(launcher->buffer[storage], bytes(offset), bytes(count),
                                arrival->data, &arrival->mark);
}

static ds_status arrive(ds_executor *executor, int ticket, double *values) {
    const struct ds_arrival *arrival = &launcher_of(executor)->arrival[ticket];
    const float *floats = arrival->data;
    const int32_t *whole = arrival->data;
    DS_CHECK(ds_mark_wait(arrival->mark));
    if (launcher_of(executor)->network)
        DS_CHECK(ds_network_confirm(launcher_of(executor)->network));
    for (int64_t i = 0; i < arrival->count; i++)
        values[i] = arrival->is_int ? (double)whole[i] : (double)floats[i];
    return DS_OK;
}

/* ---- the queue ---- */

static ds_status run(ds_executor *executor, const ds_op *op, const ds_pass *pass) {
    return ds_launch_op(launcher_of(executor), op, pass);
}

static int together(ds_executor *executor, int op) {
    return launcher_of(executor)->group[op].ops;
}

static ds_status run_together(ds_executor *executor, int op, const ds_pass *pass) {
    return ds_launch_group(launcher_of(executor), op, pass);
}

static ds_status run_passes(ds_executor *executor, const ds_pass *pass, int64_t count) {
    ds_launcher *launcher = launcher_of(executor);
    return launcher->network ? ds_network_run(launcher->network, pass, count)
                             : ds_run_ops_of_passes(executor, pass, count);
}

static ds_status run_shown(ds_executor *executor, const ds_pass *pass, const ds_plan *layout,
                           double *activations, double *gradients) {
    return ds_network_show(launcher_of(executor)->network, pass, layout, activations, gradients);
}

static ds_status expect(ds_executor *executor, ds_storage storage, int64_t count,
                        const double *values, const double *bounds) {
    if (launcher_of(executor)->network && (storage == DS_ACTIVATIONS || storage == DS_GRADIENTS))
        return ds_network_expect(launcher_of(executor)->network, storage, values, bounds);
    return ds_recording_expect(launcher_of(executor)->buffer[storage], ds_storage_name(storage),
                               ds_storage_element(storage) == DS_INT32, count, values, bounds);
}

static ds_status flush(ds_executor *executor) {
    return ds_device_flush(launcher_of(executor)->device);
}

static ds_status finish(ds_executor *executor) {
    return ds_device_finish(launcher_of(executor)->device);
}

static ds_status write_ahead(ds_executor *executor, ds_storage storage, int64_t count,
                             const float *values) {
    ds_launcher *launcher = launcher_of(executor);
    DS_CHECK(ds_mark_wait(launcher->turned));
    return ds_buffer_write_aside(launcher->ahead[storage], 0, bytes(count), values);
}

static ds_status turn_over(ds_executor *executor) {
    static const ds_storage streamed[] = {DS_FEATURES, DS_TARGETS};
    ds_launcher *launcher = launcher_of(executor);
    for (int i = 0; i < 2; i++) {
        ds_buffer *used = launcher->buffer[streamed[i]];
        launcher->buffer[streamed[i]] = launcher->ahead[streamed[i]];
        launcher->ahead[streamed[i]] = used;
    }
    DS_CHECK(ds_mark_set(&launcher->turned, launcher->device));
    return ds_device_flush(launcher->device);
}

/* ---- what was chosen ---- */

static ds_status describe(ds_executor *executor, const ds_op *op, ds_text *out) {
    const ds_launcher *launcher = launcher_of(executor);
    char name[64];
    if (!op)
        return ds_text_add(out, "%s",
                           launcher->network ? ds_network_hash(launcher->network)
                                             : ds_program_hash(launcher->program));
    ds_op_name(op, name);
    if (!op->operation->program)
        return ds_text_add(out, "-");
    if (launcher->network)
        return ds_text_add(out, "network");
    ptrdiff_t index = op - executor->plan->op;
    bool planned = index >= 0 && index < executor->plan->ops;
    if (op->operation == &ds_op_dense)
        DS_CHECK(ds_dense_describe(executor->plan, &launcher->shaping, op, out));
    else if (!planned || !launcher->group[index].follower)
        return ds_text_add(out, "%s", name);
    else
        return ds_text_add(out, "with the op before");
    if (!planned || launcher->group[index].ops == 1)
        return DS_OK;
    ds_op_name(op + 1, name);
    return ds_text_add(out, ", %s", name);
}

static ds_status summarize(ds_executor *executor, ds_text *out) {
    const ds_launcher *launcher = launcher_of(executor);
    return launcher->network ? ds_network_describe(launcher->network, out)
                             : ds_text_add(out, "op by op");
}

ds_status ds_plan_hash(ds_executor *executor, char hash[65]) {
    ds_status status = DS_OK;
    const ds_plan *plan = executor->plan;
    ds_text text = {0};
    for (int i = 0; i < plan->ops; i++) {
        const ds_op *op = &plan->op[i];
        char name[64], shape[64];
        ds_op_name(op, name);
        DS_TRY(ds_text_add(&text, "%s %d %d:", name, op->layer, op->phase));
        for (int k = 0; k < op->inputs + op->outputs; k++) {
            int index = k < op->inputs ? op->input[k] : op->output[k - op->inputs];
            if (index == DS_ABSENT) {
                DS_TRY(ds_text_add(&text, " -"));
                continue;
            }
            const ds_tensor *tensor = &plan->tensor[index];
            DS_TRY(
                ds_text_add(&text, " %s[%s]", tensor->name, ds_shape_print(&tensor->shape, shape)));
        }
        for (int k = 0; k < DS_MAX_ATTRIBUTES; k++)
            DS_TRY(ds_text_add(&text, " %.17g", op->attribute[k]));
        DS_TRY(ds_text_add(&text, " | "));
        DS_TRY(executor->describe(executor, op, &text));
        DS_TRY(ds_text_add(&text, "\n"));
    }
    DS_TRY(executor->describe(executor, NULL, &text));
    ds_sha256(hash, text.characters, text.length);

cleanup:
    ds_text_clear(&text);
    return status;
}

/* ---- creation ---- */

/* Nothing may still read what is freed. */
static void end_departure(struct ds_departure *departure) {
    ds_mark_wait(departure->mark);
    ds_mark_destroy(departure->mark);
    ds_free(departure->data);
}

static void destroy(ds_executor *executor) {
    ds_launcher *launcher = launcher_of(executor);
    if (!launcher)
        return;
    for (int i = 0; i < DS_TICKETS; i++) {
        ds_mark_wait(launcher->arrival[i].mark);
        ds_mark_destroy(launcher->arrival[i].mark);
        ds_free(launcher->arrival[i].data);
    }
    for (int i = 0; i < DS_STORAGES; i++)
        end_departure(&launcher->departure[i]);
    for (int i = 0; i < DS_INDEX_WRITES; i++)
        end_departure(&launcher->index_departure[i]);
    ds_network_destroy(launcher->network);
    for (int i = 0; i < DS_STORAGES; i++) {
        ds_buffer_destroy(launcher->buffer[i]);
        ds_buffer_destroy(launcher->ahead[i]);
    }
    ds_buffer_destroy(launcher->scratch);
    ds_free(launcher->group);
    ds_mark_destroy(launcher->turned);
    ds_program_destroy(launcher->program);
    ds_free(launcher);
}

static bool decided_by_data(ds_storage storage) {
    return storage == DS_FEATURES || storage == DS_TARGETS || storage == DS_INDICES ||
           storage == DS_HISTORY;
}

ds_status ds_opencl_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device) {
    const ds_device_info *about = ds_device_about(device);
    ds_shaping shaping = ds_shaping_for(about);
    ds_network_shape shape;
    shaping.portable = plan->portable || ds_device_is_plain(device);
    if (!ds_device_is_plain(device) && !plan->untuned)
        ds_tuned_apply(&shaping, plan, device);
    bool whole = !ds_device_is_plain(device) && ds_network_suits(plan, about, &shaping, &shape);
    return ds_shaped_executor_create(out, plan, device, &shaping, whole ? &shape : NULL);
}

ds_status ds_shaped_executor_create(ds_executor **out, const ds_plan *plan, ds_device *device,
                                    const ds_shaping *shaping, const ds_network_shape *shape) {
    ds_status status = DS_OK;
    ds_launcher *launcher = NULL;
    DS_TRY(ds_new(&launcher, 1, sizeof *launcher));
    launcher->base = (ds_executor){.plan = plan,
                                   .reserve = reserve,
                                   .write = write_values,
                                   .write_floats = write_floats,
                                   .write_indices = write_indices,
                                   .read = read_values,
                                   .compare = ds_device_is_plain(device) ? NULL : compare,
                                   .read_later = read_later,
                                   .arrive = arrive,
                                   .run = run,
                                   .together = together,
                                   .run_together = run_together,
                                   .run_passes = run_passes,
                                   .run_shown = shape ? run_shown : NULL,
                                   .expect = expect,
                                   .flush = flush,
                                   .finish = finish,
                                   .reserve_ahead = reserve_ahead,
                                   .write_ahead = write_ahead,
                                   .turn_over = turn_over,
                                   .describe = describe,
                                   .summarize = summarize,
                                   .destroy = destroy};
    launcher->device = device;
    launcher->shaping = *shaping;
    DS_TRY(ds_rounds_suffice(plan, shaping, device));
    DS_TRY(ds_groups_find(&launcher->group, plan));
    if (!shape) /* else they are built when an op is run by itself */
        DS_TRY(ds_build_kernels(launcher));
    for (int i = 0; i < DS_STORAGES; i++) {
        if (decided_by_data((ds_storage)i))
            continue; /* the others have a buffer even if empty: an op may read and write nothing */
        DS_TRY(reserve(&launcher->base, (ds_storage)i, plan->storage_count[i]));
        DS_TRY(ds_buffer_zero(launcher->buffer[i]));
    }
    if (shape)
        DS_TRY(ds_network_create(&launcher->network, launcher, shape));
    if (shaping->portable)
        DS_TRY(ds_portable_probe(launcher, shape ? ds_network_program(launcher->network)
                                                 : launcher->program));
    *out = &launcher->base;
    launcher = NULL;

cleanup:
    if (launcher)
        destroy(&launcher->base);
    return status;
}
