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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_planted_faults_are_seen, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
