/* What tests of whole networks share: the device, and a stage opened there. */
#ifndef NETWORK_TESTS_H
#define NETWORK_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/network_stage.h"
#include "outcome.h"

static inline ds_device *network_device(void) {
    ds_device *device = NULL;
    DONE(ds_device_open(&device, "auto"));
    return device;
}

static inline void network_open(ds_network_stage *stage, ds_device *device,
                                const ds_network_case *test) {
    DONE(ds_network_stage_plan(stage, test));
    DONE(ds_network_stage_open(stage, device, true));
}

#endif
