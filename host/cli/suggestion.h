/* The word that was probably meant. */
#ifndef DS_CLI_SUGGESTION_H
#define DS_CLI_SUGGESTION_H

#include <stddef.h>

/* Changes of one character (insert, remove, replace) that make `a` of `b`; words of any length. */
size_t suggestion_distance(const char *a, const char *b);

/* Is a distance small enough to be a slip of the finger? */
int suggestion_is_near(size_t distance, const char *word);

#endif
