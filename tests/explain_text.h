/* Numbers in what `descent explain --sample` tells. Include after cmocka. */
#ifndef DS_TEST_EXPLAIN_TEXT_H
#define DS_TEST_EXPLAIN_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number of the first line that begins with `start` behind `after`; columns count from the right:
 * 0 the reference's, 1 the device's. */
static inline double explained(const char *text, const char *after, const char *start, int column) {
    char copy[256];
    const char *line = strstr(text, after);
    line = line ? strstr(line, start) : NULL;
    if (!line)
        fail_msg("no line \"%s\" behind \"%s\"", start, after);
    snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
    double number = 0;
    for (; column >= 0; column--) {
        char *space = strrchr(copy, ' ');
        assert_non_null(space);
        number = strtod(space + 1, NULL);
        while (space > copy && *space == ' ')
            *space-- = '\0';
    }
    return number;
}

#endif
