/* A result written to a file instead of standard output. */
#ifndef DS_CLI_OUTPUT_FILE_H
#define DS_CLI_OUTPUT_FILE_H

/* Writes `text` to `path`, whole or not at all. Returns the exit status; a failure is reported. */
int output_file_write(const char *path, const char *text);

#endif
