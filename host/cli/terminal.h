/* The terminal that a stream goes to. */
#ifndef DS_CLI_TERMINAL_H
#define DS_CLI_TERMINAL_H

#include <stdio.h>

/* Its width in characters; 80 where it is no terminal. */
int terminal_width(FILE *stream);

#endif
