/* go: a board of 19 x 19 points and the move that answers what the opponent just played. p0 to p360
 * hold, row by row, 1 for one's own stones, -1 for the opponent's, -2 for the opponent's last one,
 * 0 for free points; `move` is the number of the point. The stones lie at random; the answer is
 * that of mirror go: the point opposite through the middle, or the free one nearest to it; and the
 * middle itself where nothing lies yet but that one stone. */
#include "data/generate.h"

#include <stdlib.h>

enum { SIDE = 19, POINTS = SIDE * SIDE };
enum { STONES, PLACE }; /* sequences; PLACE + k places stone k */

static int distance(int a, int b) {
    return abs(a / SIDE - b / SIDE) + abs(a % SIDE - b % SIDE);
}

static int answer(const int *board, int last, int stones) {
    int mirror = stones ? POINTS - 1 - last : POINTS / 2, best = -1;
    for (int point = 0; point < POINTS; point++)
        if (board[point] == 0 && (best < 0 || distance(point, mirror) < distance(best, mirror)))
            best = point;
    return best;
}

ds_status ds_generate_go(const ds_generation *g, ds_text *out) {
    for (int point = 0; point < POINTS; point++)
        DS_CHECK(ds_text_add(out, "p%d,", point));
    DS_CHECK(ds_text_add(out, "move\n"));
    for (int64_t i = 0; i < g->rows; i++) {
        int board[POINTS] = {0};
        int stones = ds_draw_choice(g, STONES, i, 40);
        for (int k = 0; k < stones; k++)
            board[ds_draw_choice(g, PLACE + k, i, POINTS)] = k % 2 ? 1 : -1;
        int last = (int)(i % POINTS); /* each point in turn */
        board[last] = -2;
        for (int point = 0; point < POINTS; point++)
            DS_CHECK(ds_text_add(out, "%d,", board[point]));
        DS_CHECK(ds_text_add(out, "%d\n", answer(board, last, stones)));
    }
    return DS_OK;
}
