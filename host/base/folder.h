/* What is in a folder, one name at a time, never through a symbolic link: for what may be removed.
 * A folder is a descriptor; -1, which all take, is one that is not there. */
#ifndef DS_FOLDER_H
#define DS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* The path itself may lead through links. */
int ds_folder_open(const char *path);
int ds_folder_within(int folder, const char *name);
void ds_folder_close(int folder);

/* Up to `room` - 1 bytes of a regular file from byte `skip` on, as a text that ends before the
 * first zero byte; "" where there are none. */
void ds_folder_read(int folder, const char *name, size_t skip, char *text, size_t room);

/* Lines of a regular file, where a line break between quotation marks is none. */
int ds_folder_lines(int folder, const char *name);

/* Calls `each` with every name. */
void ds_folder_list(int folder, void (*each)(int folder, const char *name));

/* Whether the name is the file that the path leads to; false where `path` is NULL. */
bool ds_folder_names(int folder, const char *name, const char *path);

/* Removes a regular file; a folder within, where it is empty. Else it stays. */
void ds_folder_remove_file(int folder, const char *name);
void ds_folder_remove_empty(int folder, const char *name);

#endif
