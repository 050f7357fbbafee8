/* What an earlier run or sweep left in a folder, for one that takes its place. Only what descent
 * made goes: a file of a name that it writes and with the beginning that it gives it; a picture
 * whose script says so in its first line; a numbered folder that a sweep's table counts. Nothing is
 * reached through a symbolic link, and a folder goes only when it is empty. */
#ifndef DS_EARLIER_RUN_H
#define DS_EARLIER_RUN_H

/* Of the folder's files those that the run to come writes itself: they stay until it does. */
enum { DS_REWRITES_RUN = 1, DS_REWRITES_SEARCH = 2, DS_REWRITES_PATH = 4 };

/* `runs`: of the sweep to come, which writes the folders 1 to `runs` anew; 0: it is none. `kept`: a
 * file that stays, or NULL. What cannot be removed stays, too. */
void ds_earlier_run_remove(const char *folder, unsigned rewrites, int runs, const char *kept);

/* The same of one file: "path.csv". */
void ds_earlier_file_remove(const char *folder, const char *name);

#endif
