/* Choices of a device that were made, in the user's cache: a text with a line for each device, in
 * the order of their ids,
 *
 *     descent choice 1
 *     chosen 8.5e-05
 *     slower 0.00012
 *     slower at least 0.02
 *     slower about 0.07
 *     failed device "x": the kernels do not build (-11): ...
 *
 * kept under a name made of the plan and of every device with its driver, the text of the kernels
 * and what `descent tune` found for it. A text that is not exactly so counts as none. */
#ifndef DS_CHOICE_MEMORY_H
#define DS_CHOICE_MEMORY_H

#include "ops/plan.h"

/* The name; `choice` has the devices. False where a kernel file cannot be read. */
bool ds_choice_key(char key[65], const ds_plan *plan, const ds_choice *choice);

/* Fills verdicts and times, and `chosen`; false, and nothing is filled, where none is remembered.
 */
bool ds_choice_recall(ds_choice *choice, const char *key);
void ds_choice_remember(const ds_choice *choice, const char *key);

/* The text, and back. */
ds_status ds_choice_print(const ds_choice *choice, ds_text *out);
bool ds_choice_parse(ds_choice *choice, const char *text);

#endif
