/* Ops that are launched together against the reference, on every OpenCL device. */
#include "examined.h"

static ds_status examine(ds_examination *e, const ds_variant *variant) {
    return ds_examine_groups(e, variant);
}

static void test_together_are_right(void **state) {
    (void)state;
    examine_every_device(examine);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_together_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
