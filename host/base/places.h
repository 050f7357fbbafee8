/* Which of many elements: counted one after the other, and told in words. */
#ifndef DS_PLACES_H
#define DS_PLACES_H

#include <stdint.h>

typedef struct ds_places {
    int64_t count, first, last;
    int64_t stride; /* from each to the next, where that is constant; else 0 */
} ds_places;

/* From zero on, in rising order. */
void ds_places_add(ds_places *places, int64_t element);

/* "every 64th from 63 on", "rows 3 to 5", "from element 1024 on", "scattered from element 3 to 99";
 * "" of fewer than two. They are told less `origin`, of `all` (0: unknown) in rows of so many. */
void ds_places_print(const ds_places *places, int64_t origin, int64_t all, int64_t row,
                     char text[96]);

#endif
