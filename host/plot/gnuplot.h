/* Pictures by gnuplot. Beside every picture stand the script and the data that it was drawn from,
 * so that it can be restyled: NAME.gp, NAME.csv; `gnuplot NAME.gp` in that folder draws it again.
 */
#ifndef DS_GNUPLOT_H
#define DS_GNUPLOT_H

#include "base/text.h"

/* How a script begins, by its picture's name three times. */
#define DS_DRAWING_HEAD "# Draws %s.svg and %s.png from %s.csv."

typedef struct ds_drawing {
    const char *folder, *name;
    int width, height; /* of the SVG; the PNG has half as many pixels again */
    ds_text csv;       /* NAME.csv, which the script reads */
    ds_text settings;  /* lines of the script before the plot command */
    ds_text plot;      /* that command */
} ds_drawing;

void ds_drawing_clear(ds_drawing *drawing);

/* Writes NAME.csv and NAME.gp and runs gnuplot on them, which gives NAME.svg and NAME.png. Without
 * gnuplot, or where it fails, that is a note (a line ended by '\n', said once) and no error: script
 * and data are kept. */
ds_status ds_drawing_finish(const ds_drawing *drawing, ds_text *notes);

/* "folder/name.suffix" of a drawing's files. */
ds_status ds_drawing_path(char **out, const char *folder, const char *name, const char *suffix);

/* Eight colours that the colour-blind tell apart (Okabe and Ito, 2008), as "#0072B2"; goes round.
 */
const char *ds_plot_color(int index);

/* The colour of curve `index` of `count`: of the eight, or, where they do not suffice, shades from
 * dark blue to light green in the curves' order (viridis, by S. van der Walt and N. Smith). */
const char *ds_plot_shade(int index, int count);

#endif
