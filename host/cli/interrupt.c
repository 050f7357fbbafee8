#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t received;

static void note_signal(int number) {
    if (!received)
        received = number;
}

void interrupt_watch(void) {
    struct sigaction note = {.sa_handler = note_signal}, before;
    sigemptyset(&note.sa_mask);
    /* The default action is back after the first one, so that a second one kills. SA_RESTART: the
     * first must not break a read of the data. */
    note.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigaction(SIGINT, &note, NULL);
    sigaction(SIGTERM, &note, NULL);
    /* nohup says that closing the terminal is no reason to stop. */
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &note, NULL);
}

void interrupt_obey(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction now, obeyed = {.sa_handler = SIG_DFL};
    sigemptyset(&obeyed.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == note_signal)
            sigaction(numbers[i], &obeyed, NULL);
}

int interrupt_signal(void) {
    return received;
}

const char *interrupt_name(void) {
    return received == SIGINT    ? "Ctrl-C"
           : received == SIGTERM ? "SIGTERM"
           : received == SIGHUP  ? "a hang-up"
                                 : "";
}
