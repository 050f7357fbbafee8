/* Notes: lines ended by '\n' that are collected while something is prepared, and then told. */
#ifndef DS_NOTES_H
#define DS_NOTES_H

#include "base/text.h"

/* Gives each line to the callback (may be NULL), and clears the notes. */
void ds_notes_tell(ds_text *notes, ds_note_callback note, void *context);

/* Takes one of a device's notes; `notes` is a ds_text. What finds no memory is not told. */
void ds_notes_take(const char *note, void *notes);

#endif
