#include "descent.h"

const char *ds_version(void) {
    return DESCENT_VERSION;
}
