#include "train/notes.h"

#include <string.h>

void ds_notes_tell(ds_text *notes, ds_note_callback note, void *context) {
    char *rest = NULL;
    for (char *line = notes->characters ? strtok_r(notes->characters, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        if (note)
            note(line, context);
    ds_text_clear(notes);
}

void ds_notes_take(const char *note, void *notes) {
    (void)ds_text_add(notes, "%s\n", note);
}
