#include "time_text.h"

#include <math.h>
#include <stdio.h>

const char *time_text(char text[TIME_TEXT], double seconds) {
    if (!isfinite(seconds))
        snprintf(text, TIME_TEXT, "-");
    else if (seconds >= 1)
        snprintf(text, TIME_TEXT, "%.3g s", seconds);
    else if (seconds >= 1e-3)
        snprintf(text, TIME_TEXT, "%.3g ms", 1e3 * seconds);
    else
        snprintf(text, TIME_TEXT, "%.3g us", 1e6 * seconds);
    return text;
}
