/* One picture of all runs of a sweep, from the files that they left. */
#ifndef DS_PICTURES_RUNS_H
#define DS_PICTURES_RUNS_H

#include "train/pictures.h"

/* Draws a picture into the folder "plots" of a sweep's. More runs than a person can tell apart are
 * left out, which a note says. */
ds_status ds_sweep_draw(const ds_picture *picture, const char *folder, ds_device *device,
                        ds_text *drawn, ds_text *notes);

/* Those of the recipe's `plots` that a sweep has. What cannot be drawn is a note: the runs are done
 * and written. */
ds_status ds_sweep_draw_all(const ds_node *recipe, const char *folder, ds_device *device,
                            ds_text *drawn, ds_text *notes);

/* Takes what no single run can draw out of a recipe. */
ds_status ds_sweep_leave_pictures(ds_node *recipe);

#endif
