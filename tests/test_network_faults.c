/* Faults planted into the kernel of whole networks are seen by the judgement of whole passes. */
#include <stdlib.h>

#include "base/files.h"
#include "network_tests.h"
#include "scratch_folder.h"

typedef struct fault {
    const char *was, *becomes; /* every place of it */
    int shape;
    int64_t samples; /* of the pass that shows it */
    bool training;
} fault;

static const ds_network_shape shapes[] = {
    DS_OF_VECTORS(1, 4, 1, 4, 1, 1, PRIVATE),
    DS_OF_VECTORS(3, 4, 1, 4, 1, 4, GLOBAL),
};

static const fault faults[] = {
    {"", "", 0, 17, true}, /* none */
    {"", "", 1, 17, true},
    {"= START(parameters[(b) + e / VECTORS])", "= -START(parameters[(b) + e / VECTORS])", 0, 1,
     false},
    {"gradients[(b) + e] + sum : sum", "sum : sum", 0, 17, true},
    {"moments + VALUES + i", "moments + i", 0, 5, true},
    {"= clip_factor(norm, clip)", "= 1.0f", 0, 5, true},
    {"clear_lanes(work + GRADIENT_AT", "if (0) clear_lanes(work + GRADIENT_AT", 0, 5, true},
    {"clear_lanes(work + RECORD_AT", "if (0) clear_lanes(work + RECORD_AT", 0, 5, false},
    {"b = 1; b < BLOCKS", "b = 1; b + 1 < BLOCKS", 1, 17, true},
    {"min(s, samples - 1)", "min(s + 1, samples - 1)", 0, 17, false},
    {"pass[PASS_POSITION] + start", "pass[PASS_POSITION]", 1, 17, true},
    {"if (pass[PASS_TRAINS] && decide(", "if (decide(", 0, 17, false},
    {"pass[PASS_SLOT] * 5", "pass[PASS_SLOT] * 6", 0, 1, false},
};

enum { FAULTS = sizeof faults / sizeof *faults };

static const char network[] = "[{dense: 3}, {dropout: 0.4}, tanh, {dense: 2}]";

/* The kernel with a fault, in a folder that goes before the embedded one. */
static void plant(const fault *f) {
    ds_bytes source;
    size_t length = strlen(f->was);
    ds_text text = {0};
    DONE(ds_file_read(&source, SOURCE_DIR "/kernels/network.cl"));
    const char *from = (const char *)source.data;
    if (length && !strstr(from, f->was))
        fail_msg("network.cl has no \"%s\"", f->was);
    for (const char *at; length && (at = strstr(from, f->was)) != NULL; from = at + length)
        DONE(ds_text_add(&text, "%.*s%s", (int)(at - from), from, f->becomes));
    DONE(ds_text_add(&text, "%s", from));
    scratch_write("kernels/network.cl", text.characters);
    ds_text_clear(&text);
    ds_free(source.data);
}

static ds_fault judge(ds_device *device, const fault *f) {
    ds_network_stage stage;
    ds_check_report report = {0};
    ds_network_case test = {shapes[f->shape], 3, network, "mse", "{adam: {}}", 0.01, 0};
    ds_pass pass = ds_network_stage_pass(f->training, f->samples, 3);
    network_open(&stage, device, &test);
    DONE(ds_network_stage_fill(&stage, 1, false));
    DONE(ds_check_pass(stage.executor, &pass, &stage.options, &report));
    ds_network_stage_close(&stage);
    return report.fault;
}

static void test_planted_faults_are_seen(void **state) {
    (void)state;
    ds_device *device = network_device();
    assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
    for (int i = 0; i < FAULTS; i++) {
        plant(&faults[i]);
        ds_fault found = judge(device, &faults[i]);
        if ((found != DS_FAULT_NONE) != (faults[i].was[0] != '\0'))
            fail_msg("\"%s\" for \"%s\": %s", faults[i].becomes, faults[i].was,
                     ds_fault_name(found));
    }
    assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
    ds_device_close(device);
}

/* ---- of wider networks ---- */

static const ds_network_case wide = {DS_OF_VECTORS(2, 8, 2, 5, 2, 8, GLOBAL),
                                     40,
                                     "[{dense: 65}, relu, {dense: 33}, tanh, {dense: 4}]",
                                     "cross_entropy",
                                     "{adam: {}}",
                                     0,
                                     0};

/* What an update does with the gradient; and passes that are counted by a byte, which only many that
 * run together show. */
static const char gradient_of[] = "const WIDE g = (gradient)*factor;",
                  pass_of[] = "passes + p * PASS_WORDS";

static const struct {
    const char *was, *becomes;
    ds_fault alone, together;
} wrong_updates[] = {
    {gradient_of, "const WIDE g = -(gradient)*factor;", DS_FAULT_WRONG, DS_FAULT_NONE},
    {gradient_of, "const WIDE g = (gradient)*factor * 0.5f;", DS_FAULT_WRONG, DS_FAULT_NONE},
    {gradient_of, "const WIDE g = (gradient)*factor * 1.1f;", DS_FAULT_WRONG, DS_FAULT_NONE},
    {gradient_of, "const WIDE g = (gradient)*factor * 1.00001f;", DS_FAULT_WRONG, DS_FAULT_NONE},
    {gradient_of, "const WIDE g = (gradient)*factor * (i == 8 ? 2.0f : 1.0f);", DS_FAULT_WRONG,
     DS_FAULT_NONE},
    {pass_of, "passes + (uchar)p * PASS_WORDS", DS_FAULT_NONE, DS_FAULT_TOGETHER},
};

static ds_fault check_together(const ds_network_stage *stage) {
    enum { PASSES = 300 };
    ds_pass pass[PASSES];
    ds_check_report report = {0};
    for (int p = 0; p < PASSES; p++) {
        pass[p] = ds_network_stage_pass(true, 1 + p % 3, (uint64_t)p + 1);
        pass[p].slot = p;
    }
    DONE(ds_network_stage_fill(stage, 1, true));
    DONE(ds_check_passes(stage->executor, pass, PASSES, &report));
    return report.fault;
}

static void test_wrong_updates_are_seen(void **state) {
    (void)state;
    ds_device *device = network_device();
    for (size_t i = 0; i < sizeof wrong_updates / sizeof *wrong_updates; i++) {
        const fault f = {wrong_updates[i].was, wrong_updates[i].becomes, 0, 0, true};
        ds_network_stage stage;
        ds_check_report report = {0};
        ds_pass pass = ds_network_stage_pass(true, 37, 1);
        plant(&f);
        assert_int_equal(setenv("DESCENT_KERNEL_DIR", "kernels", 1), 0);
        network_open(&stage, device, &wide);
        assert_int_equal(unsetenv("DESCENT_KERNEL_DIR"), 0);
        DONE(ds_network_stage_fill(&stage, 1, true));
        DONE(ds_check_pass(stage.executor, &pass, &stage.options, &report));
        ds_fault together = check_together(&stage);
        if (report.fault != wrong_updates[i].alone || together != wrong_updates[i].together)
            fail_msg("%s: %s alone, %s together", f.becomes, ds_fault_name(report.fault),
                     ds_fault_name(together));
        ds_network_stage_close(&stage);
    }
    ds_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_planted_faults_are_seen, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_wrong_updates_are_seen, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
