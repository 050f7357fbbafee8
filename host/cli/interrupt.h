/* Ctrl-C and its like: the first asks a run to end, a second of the same kind ends it at once. */
#ifndef DS_CLI_INTERRUPT_H
#define DS_CLI_INTERRUPT_H

/* From now on SIGINT, SIGTERM and SIGHUP are noted instead of obeyed. */
void interrupt_watch(void);

/* From now on they end the program at once: there is nothing left to lose. */
void interrupt_obey(void);

/* The number of the first signal that came; 0: none. */
int interrupt_signal(void);
const char *interrupt_name(void);

#endif
