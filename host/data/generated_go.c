/* go: a board of 19 x 19 points and the move that answers what the opponent just played. p0 to p360
 * hold, row by row, 1 for one's own stones, -1 for the opponent's, -2 for the opponent's last one,
 * 0 for free points; `move` is the number of the point. The answer follows one rule, no real
 * player: of the free points beside the last stone, the one with the most stones of one's own
 * around it, of equals the one nearest to the middle; where none is free, the free point nearest to
 * the stone. */
#include "data/generate.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE = 19, POINTS = SIDE * SIDE };
enum { STONES, LAST, PLACE }; /* sequences; PLACE + k places stone k */

static int row_of(int point) {
    return point / SIDE;
}

static int column_of(int point) {
    return point % SIDE;
}

static int distance(int a, int b) {
    return abs(row_of(a) - row_of(b)) + abs(column_of(a) - column_of(b));
}

/* Stones of one's own on the eight points around. */
static int own_around(const signed char *board, int point) {
    int count = 0;
    for (int other = 0; other < POINTS; other++)
        count += board[other] == 1 && abs(row_of(other) - row_of(point)) <= 1 &&
                 abs(column_of(other) - column_of(point)) <= 1;
    return count;
}

static int answer(const signed char *board, int last) {
    int best = -1, best_worth = 0;
    for (int point = 0; point < POINTS; point++) {
        int from_last = distance(point, last), from_middle = distance(point, POINTS / 2);
        int worth = from_last == 1 ? 100 * own_around(board, point) - from_middle
                                   : -1000 * from_last - from_middle;
        if (board[point] == 0 && (best < 0 || worth > best_worth)) {
            best = point;
            best_worth = worth;
        }
    }
    return best;
}

ds_status ds_generate_go(const ds_generation *g, ds_text *out) {
    for (int point = 0; point < POINTS; point++)
        DS_CHECK(ds_text_add(out, "p%d,", point));
    DS_CHECK(ds_text_add(out, "move\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        signed char board[POINTS] = {0};
        int stones = 4 + ds_draw_choice(g, STONES, i, 37);
        for (int k = 0; k < stones; k++)
            board[ds_draw_choice(g, PLACE + k, i, POINTS)] = k % 2 ? 1 : -1;
        int last = ds_draw_choice(g, LAST, i, POINTS);
        board[last] = -2;
        for (int point = 0; point < POINTS; point++)
            DS_CHECK(ds_text_add(out, "%d,", board[point]));
        DS_CHECK(ds_text_add(out, "%d\n", answer(board, last)));
    }
    return DS_OK;
}
