#include "steps_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "terminal.h"

static const char clear_line[] = "\r\033[K";

void steps_line_begin(steps_line *line, bool quiet) {
    *line = (steps_line){.terminal = !quiet && isatty(STDERR_FILENO)};
}

void steps_line_show(steps_line *line, const char *format, ...) {
    char text[256];
    va_list arguments;
    if (!line->terminal)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s%.*s", clear_line, (int)terminal_width(stderr) - 1, text);
    line->drawn = true;
}

void steps_line_end(steps_line *line) {
    if (line->drawn)
        fputs(clear_line, stderr);
    line->drawn = false;
}
