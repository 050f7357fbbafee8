/* Every operation of the lists has a reference and a case, and every program named is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device/kernel_source.h"
#include "doctor/op_cases.h"
#include "reference/reference.h"

static bool has_case(const ds_operation *operation) {
    for (int i = 0; ds_op_cases[i].name; i++)
        if (ds_op_cases[i].family == operation->family &&
            strcmp(ds_op_cases[i].name, operation->name) == 0)
            return true;
    return false;
}

static bool has_program(const ds_operation *operation) {
    const ds_kernel_source *source = ds_kernel_sources;
    while (source->name && strcmp(source->name, operation->program) != 0)
        source++;
    return source->name != NULL;
}

static void test_every_operation_has_a_case(void **state) {
    (void)state;
    for (int family = DS_LAYER; family <= DS_SERVICE; family++)
        for (const ds_operation *const *list = ds_operations((ds_family)family); *list; list++) {
            if (!has_case(*list))
                fail_msg("%s has no row in host/doctor/op_cases.c", (*list)->name);
            if ((*list)->program && !has_program(*list))
                fail_msg("%s has no kernels/%s", (*list)->name, (*list)->program);
        }
}

static void test_every_case_names_an_operation(void **state) {
    (void)state;
    for (int i = 0; ds_op_cases[i].name; i++)
        assert_non_null(ds_operation_find(ds_op_cases[i].family, ds_op_cases[i].name));
}

static void test_every_operation_has_a_reference(void **state) {
    (void)state;
    for (int i = 0; ds_op_cases[i].name; i++) {
        ds_op op = {.operation = ds_operation_find(ds_op_cases[i].family, ds_op_cases[i].name)};
        assert_non_null(ds_reference_of(&op));
        op.part = DS_BACKWARD;
        assert_non_null(ds_reference_of(&op));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation_has_a_case),
        cmocka_unit_test(test_every_case_names_an_operation),
        cmocka_unit_test(test_every_operation_has_a_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
