/* A whole network in one kernel: gather, forward, loss, backward and update, for many batches one
 * after the other, by one work-group. What launches and memory cost disappears; a network is worth
 * it while its arithmetic takes less time than that.
 *
 *     network_updates  a list of passes (batches of training or of evaluation), each as a plan's ops
 *                      would run it: parameters, moments, status and history as theirs
 *     network_blocks   the same by several groups of one work-item: each takes a block of a pass's
 *                      samples and leaves its own sum of gradients and its own record; then each adds
 *                      up a part of what the blocks left, in their order, and updates; then
 *     network_status   keeps the status words, which no group may change while others read them
 *
 * host/launch/network_text.c writes the network down as lists of the steps below, with sizes and
 * places as numbers, under these names:
 *
 *     NETWORK_FORWARD, NETWORK_LOSS, NETWORK_EVALUATE, NETWORK_BACKWARD   the ops of one block
 *     NETWORK_UPDATE      the optimizer on p, by gradient g and moments u and w
 *     NETWORK_DROPS       where there is dropout
 *     VALUES, MOMENTS     parameters, and moments of each
 *     WORK                REALs that activations and their gradients take
 *     COLUMNS, TARGETS    of a row of features, of targets; FEATURES_AT, TARGETS_AT,
 *                         RECORD_AT, GRADIENT_AT: places in `work`; FLIPPED_FEATURES: a pointer
 *                         or 0
 *     NEEDS_NORM          whether the gradient's norm matters (clip, or a stop by it)
 *
 * Build options: LANES samples in a REAL, VECTORS REALs for one number of a block, so that a block
 * holds SAMPLES = LANES * VECTORS; ROWS of a register tile; WIDTH floats in a vector along the
 * inputs; GROUP work-items; BLOCKS; SPACE and, where
 * that is no buffer, COPIED.
 *
 * A block's tensors are (number, sample), samples next to each other, so that lanes are samples and
 * every formula of the other files serves here, lane by lane; only the gradient of a weight, a sum
 * over samples, reads its input the other way round, from `flipped` (sample, number). Lanes beyond
 * the last sample repeat it; their loss and gradient are 0. */

/* ---- the steps of a network ---- */

/* One number per sample from another, or from two others. */
#define STEP_VALUE(x, y, columns, value)                                                           \
    EACH(e, (columns)*VECTORS) {                                                                   \
        const REAL X = work[(x) + e];                                                              \
        work[(y) + e] = value;                                                                     \
    }                                                                                              \
    SYNC
#define STEP_SLOPE(dy, z, dx, columns, slope)                                                      \
    EACH(e, (columns)*VECTORS) {                                                                   \
        const REAL Z = work[(z) + e];                                                              \
        work[(dx) + e] = work[(dy) + e] * (slope);                                                 \
    }                                                                                              \
    SYNC

/* A call for every sample, or vector of samples; `v` is added to the places of rows. */
#define EACH_ROW(call) EACH(v, VECTORS) call;
#define STEP_ROWS(call) EACH_ROW(call) SYNC

#define STEP_DENSE(x, w, y, units, inputs)                                                         \
    EACH(e, (units)*VECTORS) work[(y) + e] = 0.0f;                                                 \
    product(parameters + (w), inputs, 1, work + (x), work + (y), units, inputs);                   \
    SYNC
#define STEP_DENSE_BIAS(x, w, b, y, units, inputs)                                                 \
    EACH(e, (units)*VECTORS) work[(y) + e] = START(parameters[(b) + e / VECTORS]);                      \
    product(parameters + (w), inputs, 1, work + (x), work + (y), units, inputs);                   \
    SYNC
#define STEP_DENSE_INPUT_GRADIENT(dy, w, dx, units, inputs)                                        \
    EACH(e, (inputs)*VECTORS) work[(dx) + e] = 0.0f;                                               \
    product(parameters + (w), 1, inputs, work + (dy), work + (dx), inputs, units);                 \
    SYNC
/* The input of a weight's gradient, sample by sample; that of the first layer was gathered so. */
#define STEP_FLIP(x, flipped, columns)                                                             \
    flip(work + (x), (SPACE float *)(work + (flipped)), columns);                                  \
    SYNC
#define STEP_DENSE_WEIGHT_GRADIENT(dy, flipped, w, units, inputs)                                  \
    huge |= weight_gradient(work + (dy), (SPACE const float *)(work + (flipped)),                  \
                            gradients + (w), units, inputs, samples, add);                         \
    SYNC
#ifdef PORTABLE
#define ADD_RECORDS(w)                                                                             \
    record[OWN(w)] = sum_in_order(record[OWN(w)], work + RECORD_AT + (w)*VECTORS, samples)
#define STEP_SAMPLE_SUM(dy, b, columns)                                                            \
    EACH(e, columns) {                                                                             \
        gradients[(b) + e] = sum_in_order(add ? gradients[(b) + e] : 0.0f,                         \
                                          work + (dy) + e * VECTORS, samples);                     \
        huge |= is_huge(gradients[(b) + e]);                                                       \
    }                                                                                              \
    SYNC
#define STEP_LAYER_NORM_GAIN(dy, x, saved, w, columns)                                             \
    EACH(e, columns) {                                                                             \
        float total = add ? gradients[(w) + e] : 0.0f;                                             \
        IN_ORDER for (uint s = 0; s < samples; s++)                                                \
            total += ONE(work + (dy), e, s) * ((ONE(work + (x), e, s) - ONE(work + (saved), 0, s)) *   \
                                            ONE(work + (saved), 1, s));                            \
        gradients[(w) + e] = total;                                                                \
        huge |= is_huge(total);                                                                    \
    }                                                                                              \
    SYNC
#else
#define ADD_RECORDS(w) record[OWN(w)] += sample_sum(work + RECORD_AT + (w)*VECTORS)
/* The sum over samples of one number, for a bias or a shift; `value` in terms of `e`. */
#define STEP_SAMPLE_SUM(dy, b, columns)                                                            \
    EACH(e, columns) {                                                                             \
        const float sum = sample_sum(work + (dy) + e * VECTORS);                                   \
        gradients[(b) + e] = add ? gradients[(b) + e] + sum : sum;                                 \
        huge |= is_huge(gradients[(b) + e]);                                                   \
    }                                                                                              \
    SYNC
#define STEP_LAYER_NORM_GAIN(dy, x, saved, w, columns)                                             \
    EACH(e, columns) {                                                                             \
        REAL total = 0.0f;                                                                         \
        for (uint v = 0; v < VECTORS; v++)                                                         \
            total += work[(dy) + e * VECTORS + v] *                                                \
                     ((work[(x) + e * VECTORS + v] - work[(saved) + v]) *                          \
                      work[(saved) + VECTORS + v]);                                                \
        const float sum = lane_sum(total);                                                         \
        gradients[(w) + e] = add ? gradients[(w) + e] + sum : sum;                                 \
        huge |= is_huge(gradients[(w) + e]);                                                   \
    }                                                                                              \
    SYNC
#endif
#define STEP_DROPOUT(x, y, columns, threshold, scale, layer)                                       \
    network_dropout(work + (x), work + (y), columns, threshold, scale, layer, update, position,    \
                    samples, seed_low, seed_high);                                                 \
    SYNC

#ifdef NETWORK_DROPS
SEEN_THROUGH void network_dropout(SPACE REAL *x, SPACE REAL *y, const uint units,
                                  const uint threshold, const float scale, const uint layer,
                                  const uint update, const uint position, const uint samples,
                                  const uint seed_low, const uint seed_high) {
    const uint stream = 256u * layer;
#if SAMPLES == 1
    for (uint quad = ITEM * WIDTH; 4 * quad < units; quad += GROUP * WIDTH)
        drop_units(x, y, quad, units, threshold, scale, stream, update, position, seed_low,
                   seed_high, 0);
#else
    EACH(e, (units + 3) / 4 * VECTORS) {
        const uint quad = e / VECTORS, v = e % VECTORS, rest = units - 4 * quad;
        uint number[LANES];
        WORDS bits[4];
        for (uint i = 0; i < LANES; i++)
            number[i] = position + min(v * LANES + i, samples - 1);
        philox(quad, WORDS_LOAD(0, number), update, stream, seed_low, seed_high, bits);
#pragma unroll
        for (uint i = 0; i < 4; i++)
            if (i < rest)
                y[(4 * quad + i) * VECTORS + v] =
                    bits[i] < threshold ? (REAL)(0.0f) : x[(4 * quad + i) * VECTORS + v] * scale;
    }
#endif
}
#endif

/* Rows of the data set as a block's tensor and, unless it is 0, sample by sample, as `flip` would give
 * them; lanes beyond `samples` repeat the last one. */
SEEN_THROUGH void network_gather(global const float *rows, global const int *indices,
                                 const uint samples, const uint columns, SPACE REAL *x,
                                 SPACE float *flipped) {
    const uint step = FLIPPED(columns);
    uint j = 0;
#if TRANSPOSES
    for (uint v = 0; v < VECTORS; v++) {
        global const float *from[LANES];
        for (uint i = 0; i < LANES; i++)
            from[i] = rows + (ulong)indices[min(v * LANES + i, samples - 1)] * columns;
        for (j = 0; j + LANES <= columns; j += LANES) {
            REAL row[LANES];
            _Pragma("unroll") for (uint i = 0; i < LANES; i++) {
                row[i] = WIDE_LOAD(0, from[i] + j);
                if (flipped)
                    WIDE_STORE(row[i], 0, flipped + (v * LANES + i) * step + j);
            }
            transpose(row);
            _Pragma("unroll") for (uint i = 0; i < LANES; i++) x[(j + i) * VECTORS + v] = row[i];
        }
    }
#endif
    EACH(s, SAMPLES) {
        global const float *row = rows + (ulong)indices[min(s, samples - 1)] * columns;
        for (uint k = j; k < columns; k++)
            ONE(x, k, s) = row[k];
        if (flipped)
            for (uint k = j; k < step; k++)
                flipped[s * step + k] = k < columns ? row[k] : 0.0f;
    }
}

/* Sets what lanes beyond `samples` hold to 0. */
SEEN_THROUGH void clear_lanes(SPACE REAL *x, const uint columns, const uint samples) {
    for (uint s = samples + ITEM; s < SAMPLES; s += GROUP)
        for (uint k = 0; k < columns; k++)
            ONE(x, k, s) = 0.0f;
}

/* ---- a pass ---- */

/* What the host says of a pass, in 32-bit words: count, first index, slot of the history, update,
 * position, whether it trains, 1 / (global batch), then the optimizer's scalars from the rate on. */
#define PASS_WORDS 20
#define PASS_COUNT 0
#define PASS_FIRST 1
#define PASS_SLOT 2
#define PASS_UPDATE 3
#define PASS_POSITION 4
#define PASS_TRAINS 5
#define PASS_SHARE 6
#define PASS_SCALARS 7

/* Where a pass tells all that it computes, `show` rounds of a block, WORK numbers each, stand one
 * behind the other at `shown`; else it is 0. */
#define SHOWN_ARGUMENTS global float *all_shown, const uint show
#define SHOWN_OF(b) ((global REAL *)all_shown + (ulong)(b) * show * WORK)

#define DATA_ARGUMENTS                                                                             \
    global const float *features, global const float *targets, global const int *indices,          \
        const uint seed_low, const uint seed_high

/* Forward, loss and, where the pass trains, backward of samples start .. start + count - 1 of a
 * pass. Adds to the record; says whether a loss is not finite, or a gradient huge. */
SEEN_THROUGH int network_samples(DATA_ARGUMENTS, global const uint *pass, const uint start, const uint count,
                    SPACE const float *parameters, SPACE float *gradients, SPACE REAL *work,
                    float *record, global REAL *shown, const uint show) {
    const uint update = pass[PASS_UPDATE];
    const float share = as_float(pass[PASS_SHARE]);
    int broken = 0, huge = 0;
    for (uint done = 0; done < count; done += SAMPLES) {
        const uint samples = SAMPLES == 1 ? 1u : min(count - done, (uint)SAMPLES);
        const uint position = pass[PASS_POSITION] + start + done;
        const int add = done > 0;
        global const int *rows = indices + pass[PASS_FIRST] + start + done;
        network_gather(features, rows, samples, COLUMNS, work + FEATURES_AT, FLIPPED_FEATURES);
        network_gather(targets, rows, samples, TARGETS, work + TARGETS_AT, 0);
        SYNC
        NETWORK_FORWARD
        if (pass[PASS_TRAINS]) {
            NETWORK_LOSS
        } else {
            NETWORK_EVALUATE
        }
        SYNC
        clear_lanes(work + RECORD_AT, 5, samples);
        clear_lanes(work + GRADIENT_AT, PREDICTIONS, samples);
        SYNC
        EACH(w, 5) {
            if (w < 4) {
                ADD_RECORDS(w);
            } else {
                for (uint s = 0; s < samples; s++)
                    record[OWN(w)] = larger_one(record[OWN(w)], ONE(work + RECORD_AT, w, s));
            }
        }
        EACH(s, samples) broken |= is_broken(ONE(work + RECORD_AT, 0, s));
        if (pass[PASS_TRAINS]) {
            NETWORK_BACKWARD
        } else {
            SYNC /* the next samples are gathered */
        }
        if (show) {
            EACH(e, WORK) shown[(ulong)(done / SAMPLES) * WORK + e] = work[e];
            SYNC
        }
    }
    return (broken ? LOSS_IS_BROKEN : 0) | (huge ? GRADIENT_IS_HUGE : 0);
}

/* ---- the update ---- */

/* Element i of the gradient of a pass: what the blocks left, added in their order. */
#define GRADIENT_STEP ((VALUES + 2 * WIDTH + 15) / 16 * 16)

WIDE gradient_at(SPACE const float *gradients, const uint i) {
    WIDE sum = WIDE_LOAD(0, gradients + i);
    for (uint b = 1; b < BLOCKS; b++)
        sum += WIDE_LOAD(0, gradients + b * GRADIENT_STEP + i);
    return sum;
}

#ifdef PORTABLE

/* As gradient_norm.cl has it, by every item. */
SEEN_THROUGH int scan_gradient(SPACE const float *gradients, float *squares) {
    float partial[64];
    int broken = 0;
    for (uint k = 0; k < 64; k++)
        partial[k] = 0.0f;
    IN_ORDER for (uint i = 0; i < VALUES; i++) {
        partial[i % 64] += SQUARE(gradients[i]);
        broken |= is_broken(gradients[i]);
    }
    *squares = 0.0f;
    IN_ORDER for (uint k = 0; k < 64; k++)
        *squares += partial[k];
    return broken;
}

#else

/* Sum of squares of this item's part of the gradient: WIDTH partial sums. Says whether an element is
 * not finite. */
SEEN_THROUGH int scan_gradient(SPACE const float *gradients, float *squares) {
    float square[WIDTH], edge[WIDTH];
    int broken = 0;
    for (uint k = 0; k < WIDTH; k++)
        square[k] = 0.0f;
    for (uint i = ITEM * WIDTH; i < VALUES; i += GROUP * WIDTH) {
        WIDE_STORE(gradient_at(gradients, i), 0, edge);
        for (uint k = 0; k < WIDTH && i + k < VALUES; k++) {
            square[k] += edge[k] * edge[k];
            broken |= is_broken(edge[k]);
        }
    }
    *squares = 0.0f;
    for (uint k = 0; k < WIDTH; k++)
        *squares += square[k];
    return broken;
}

#endif

#if GROUP == 1
#define SCRATCH
#define SCRATCH_ARGUMENT
#else
#define SCRATCH , local float *scratch
#define SCRATCH_ARGUMENT , scratch
#endif

/* Whether the parameters are to be updated, by gradients times `factor`; else, and where a status word
 * is to be set for this update, it sets it. */
SEEN_THROUGH int decide(const int found, SPACE const float *gradients, const float least, const float clip,
           const uint update, int *status, float *factor SCRATCH) {
    float squares = 0.0f;
    int broken = found & LOSS_IS_BROKEN;
    *factor = 1.0f;
    if (NEEDS_NORM != 0 || (found & GRADIENT_IS_HUGE)) {
        broken |= OF_GROUP(scan_gradient(gradients, &squares));
#ifndef PORTABLE
        squares = GROUP_TOTAL(squares);
#endif
    }
    if (status[0] != 0 || status[1] != 0)
        return 0;
    if (broken) {
        status[0] = (int)update;
        return 0;
    }
    if (NEEDS_NORM) {
        const float norm = sqrt(squares);
        if (norm <= least) {
            status[1] = (int)update;
            return 0;
        }
        *factor = clip_factor(norm, clip);
    }
    return 1;
}

#define RATE as_float(pass[PASS_SCALARS])
#define CLIP as_float(pass[PASS_SCALARS + 1])
#define DECAY as_float(pass[PASS_SCALARS + 2])
#define SCALAR(i) as_float(pass[PASS_SCALARS + 3 + (i)])

/* Updates elements begin .. end - 1, begin being a multiple of WIDTH. */
#define UPDATE(begin, end, gradient)                                                               \
    UNROLLED for (uint i = (begin) + ITEM * WIDTH; i < (end); i += GROUP * WIDTH) {                \
        const WIDE g = (gradient)*factor;                                                          \
        WIDE p = WIDE_LOAD(0, parameters + i), u = 0.0f, w = 0.0f;                                 \
        if (MOMENTS > 0)                                                                           \
            u = wide_get(moments, i, end);                                                         \
        if (MOMENTS > 1)                                                                           \
            w = WIDE_LOAD(0, moments + VALUES + i);                                                \
        NETWORK_UPDATE;                                                                            \
        wide_put(p, parameters, i, end);                                                           \
        if (MOMENTS > 0)                                                                           \
            wide_put(u, moments, i, end);                                                          \
        if (MOMENTS > 1)                                                                           \
            wide_put(w, moments + VALUES, i, end);                                                 \
    }

#if BLOCKS == 1

kernel WIDE_VECTORS __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
network_updates(DATA_ARGUMENTS, global const uint *passes, const uint count, const float least,
                global float *all_parameters, global float *all_gradients,
                global float *all_moments, global float *all_work, global float *history,
                global int *all_status, SHOWN_ARGUMENTS) {
#ifdef COPIED
    SPACE float parameters[VALUES + 2 * WIDTH], gradients[VALUES + 2 * WIDTH];
    SPACE float moments[MOMENTS * VALUES + 2 * WIDTH];
    SPACE REAL work[WORK];
    EACH(i, VALUES) parameters[i] = all_parameters[i];
    EACH(i, MOMENTS * VALUES) moments[i] = all_moments[i];
    SYNC
#else
    global float *parameters = all_parameters, *gradients = all_gradients, *moments = all_moments;
    global REAL *work = (global REAL *)all_work;
#endif
#if GROUP > 1
    local float scratch[GROUP];
#endif
    int status[2] = {all_status[0], all_status[1]};
    SYNC
    for (uint p = 0; p < count; p++) {
        global const uint *pass = passes + p * PASS_WORDS;
        float record[RECORD_PART] = {0.0f}, factor;
        const int found = OF_GROUP(network_samples(features, targets, indices, seed_low,
                                                   seed_high, pass, 0, pass[PASS_COUNT],
                                                   parameters, gradients, work, record,
                                                   SHOWN_OF(0), show));
        EACH(w, 5) history[pass[PASS_SLOT] * 5 + w] = record[OWN(w)];
        if (pass[PASS_TRAINS] && decide(found, gradients, least, CLIP, pass[PASS_UPDATE], status,
                                        &factor SCRATCH_ARGUMENT))
            UPDATE(0, VALUES, gradient_at(gradients, i))
        SYNC
    }
#ifdef COPIED
    EACH(i, VALUES) all_parameters[i] = parameters[i];
    EACH(i, MOMENTS * VALUES) all_moments[i] = moments[i];
    if (show)
        EACH(i, VALUES) all_gradients[i] = gradients[i];
#endif
    if (ITEM == 0) {
        all_status[0] = status[0];
        all_status[1] = status[1];
    }
}

#else

/* What a block says of its samples: the record, then what network_samples found. */
#define NOTE_WORDS 8
#define NOTE_FOUND 5

/* ---- rounds ----
 *
 * Groups go through rounds of BLOCKS pieces each: the blocks of a pass, then the parts of its update,
 * and so on. A round begins when all pieces of the one before are done. A group takes its own piece, and
 * then those that nobody has taken: so it waits for groups at work alone, never for one that has not
 * begun, of which OpenCL promises nothing. It does not wait for long either: where a group at work is
 * kept from its core, by other programs, the one that waits leaves the rest of the dispatch to it.
 * Which group does a piece makes no difference to the bits. A group has one work-item.
 *
 * `turns` counts pieces done since it was made, then at OF_PIECE(b) the rounds in which piece b was
 * taken; each count has a cache line to itself, and may wrap around. */
#define LINE 16
#define OF_PIECE(b) (((b) + 1) * LINE)

/* Whether the pieces of all rounds before this one are done, in the end. What other groups wrote is
 * ordered by fences, and, where those do nothing, by atomic operations. */
int wait_for_round(volatile global uint *turns, const uint round, const uint patience) {
    uint looks = 0;
    while ((int)(turns[0] - round * BLOCKS) < 0)
        if (++looks == patience)
            return 0;
    atomic_or(turns, 0u);
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    return 1;
}

/* Whether this group has the piece: not if another took it. */
int take(volatile global uint *taken, const uint round) {
    return *taken == round && atomic_cmpxchg(taken, round, round + 1) == round;
}

void say_done(volatile global uint *turns) {
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    atomic_inc(turns);
}

/* Block b of a pass. */
SEEN_THROUGH void run_block(DATA_ARGUMENTS, global const uint *pass, const uint b,
                            global const float *parameters, global float *all_gradients,
                            global float *all_work, global float *notes, SHOWN_ARGUMENTS) {
    const uint share = (pass[PASS_COUNT] + BLOCKS - 1) / BLOCKS;
    const uint start = min(b * share, pass[PASS_COUNT]);
    const uint count = min(share, pass[PASS_COUNT] - start);
    global float *gradients = all_gradients + b * GRADIENT_STEP;
    float record[5] = {0.0f};
    const int found = network_samples(features, targets, indices, seed_low, seed_high, pass,
                                      start, count, parameters, gradients,
                                      (global REAL *)all_work + (ulong)b * WORK, record,
                                      SHOWN_OF(b), show);
    if (count == 0)
        for (uint i = 0; i < VALUES; i++)
            gradients[i] = 0.0f;
    for (uint w = 0; w < 5; w++)
        notes[b * NOTE_WORDS + w] = record[w];
    notes[b * NOTE_WORDS + NOTE_FOUND] = (float)found;
}

/* Part b of the update of pass p. Status words before pass p stand at 2 p, of the first pass where
 * they are kept; those behind it are written to 2 p + 2. */
SEEN_THROUGH void run_part(global const uint *pass, const uint p, const uint b, const float least,
                           global float *parameters, global const float *gradients,
                           global float *moments, global const float *notes, global float *history,
                           global const int *kept, global int *all_status) {
    int status[2] = {p ? all_status[2 * p] : kept[0], p ? all_status[2 * p + 1] : kept[1]};
    int found = 0;
    float factor;
    for (uint k = 0; k < BLOCKS; k++)
        found |= (int)notes[k * NOTE_WORDS + NOTE_FOUND];
    if (b == 0)
        for (uint w = 0; w < 5; w++) {
            float total = notes[w];
            for (uint k = 1; k < BLOCKS; k++) {
                const float more = notes[k * NOTE_WORDS + w];
                total = w < 4 ? total + more : larger_one(total, more);
            }
            history[pass[PASS_SLOT] * 5 + w] = total;
        }
    if (pass[PASS_TRAINS] && decide(found, gradients, least, CLIP, pass[PASS_UPDATE], status,
                                    &factor)) {
        const uint share = (VALUES + BLOCKS * WIDTH - 1) / (BLOCKS * WIDTH) * WIDTH;
        const uint begin = b * share, end = min(begin + share, (uint)VALUES);
        UPDATE(begin, end, gradient_at(gradients, i))
    }
    if (b == 0) {
        all_status[2 * p + 2] = status[0];
        all_status[2 * p + 3] = status[1];
    }
}

/* `first` of the dispatch's rounds, two for each pass; `patience` in looks at a count. */
kernel WIDE_VECTORS __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
network_blocks(DATA_ARGUMENTS, global const uint *passes, const uint count, const float least,
               global float *parameters, global float *gradients, global float *moments,
               global float *work, global float *notes, global float *history,
               global const int *kept, global int *status,
               volatile global uint *turns, const uint first, const uint patience,
               SHOWN_ARGUMENTS) {
    for (uint r = 0; r < 2 * count; r++) {
        const uint p = r / 2;
        global const uint *pass = passes + p * PASS_WORDS;
        if (!wait_for_round(turns, first + r, patience))
            return;
        for (uint k = 0; k < BLOCKS; k++) {
            const uint b = ((uint)get_group_id(0) + k) % BLOCKS;
            if (!take(turns + OF_PIECE(b), first + r))
                continue;
            if (r % 2 == 0)
                run_block(features, targets, indices, seed_low, seed_high, pass, b,
                          parameters, gradients, work, notes, all_shown, show);
            else
                run_part(pass, p, b, least, parameters, gradients, moments, notes, history, kept,
                         status);
            say_done(turns);
        }
    }
}

/* Keeps the status words behind the last of `count` passes. */
kernel void network_status(global const int *status, const uint count, global int *kept) {
    kept[0] = status[2 * count];
    kept[1] = status[2 * count + 1];
}

#endif
