/* The line of a command that does one thing after another: redrawn on a terminal, nothing
 * elsewhere. On standard error. */
#ifndef DS_CLI_STEPS_LINE_H
#define DS_CLI_STEPS_LINE_H

#include <stdbool.h>

typedef struct steps_line {
    bool terminal, drawn;
} steps_line;

void steps_line_begin(steps_line *line, bool quiet);
void steps_line_show(steps_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void steps_line_end(steps_line *line);

#endif
