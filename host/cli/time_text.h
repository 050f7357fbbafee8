/* A time for a person: "83.2 us", "12.1 ms", "1.5 s". */
#ifndef DS_CLI_TIME_TEXT_H
#define DS_CLI_TIME_TEXT_H

enum { TIME_TEXT = 32 };

/* Writes it into `text` and returns it; "-" for one that is not finite. */
const char *time_text(char text[TIME_TEXT], double seconds);

#endif
