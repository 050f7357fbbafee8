/* The kernels of the services against the reference, on every OpenCL device. */
#include "examined.h"

static ds_status examine(ds_examination *e, const ds_variant *variant) {
    DS_CHECK(ds_examine_ops(e, variant, DS_SERVICE));
    return ds_examine_norm(e, variant);
}

static void test_services_are_right(void **state) {
    (void)state;
    examine_every_device(examine);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_services_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
