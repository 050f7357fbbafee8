/* PoCL keeps what it builds in a folder, and reads it back unseen: a damaged file there ends the
 * program within PoCL. So it is given a folder of descent's own in the user's cache, unless
 * POCL_CACHE_DIR names another or there is no cache, and what is damaged there is removed before
 * PoCL looks. Where no cache can be written to, PoCL's own neither, it is given a folder for
 * temporary files: without any it offers no device. Nothing here fails: at worst PoCL builds anew.
 */
#ifndef DS_POCL_CACHE_H
#define DS_POCL_CACHE_H

/* Before OpenCL is first called; once is enough. */
void ds_pocl_cache_begin(void);

/* Notes what the folder holds by now. */
void ds_pocl_cache_note(void);

#endif
