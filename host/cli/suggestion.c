#include "suggestion.h"

#include <string.h>

enum { LONGEST = 63 }; /* no command or option comes near it */

size_t suggestion_distance(const char *a, const char *b) {
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > LONGEST || columns > LONGEST)
        return rows > columns ? rows : columns;
    size_t row[LONGEST + 1]; /* distances of a's first i characters to each beginning of b */
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            size_t shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[columns];
}

int suggestion_is_near(size_t distance, const char *word) {
    return distance <= 1 + strlen(word) / 4;
}
