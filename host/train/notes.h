/* Notes: lines ended by '\n' that are collected while something is prepared, and then told. */
#ifndef DS_NOTES_H
#define DS_NOTES_H

#include "base/text.h"

/* Gives each line to the callback (may be NULL), and clears the notes. */
void ds_notes_tell(ds_text *notes, ds_note_callback note, void *context);

#endif
