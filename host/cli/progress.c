#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "terminal.h"

static const char clear_line[] = "\r\033[K";

void progress_begin(progress_view *view, bool quiet, int64_t every) {
    const char *terminal = getenv("TERM");
    *view = (progress_view){.quiet = quiet, .every = every};
    view->terminal = isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
}

typedef struct line {
    char text[256];
    size_t length;
} line;

static void __attribute__((format(printf, 2, 3))) add(line *to, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to->text + to->length, sizeof to->text - to->length, format, arguments);
    va_end(arguments);
    to->length += length > 0 ? (size_t)length : 0;
    if (to->length >= sizeof to->text)
        to->length = sizeof to->text - 1;
}

/* Speed and time left, from what was done since the first report: it may
 * have waited for kernels to be built, and a resumed run does not begin at 0. */
static void add_pace(line *to, const ds_progress *first, const ds_progress *now) {
    double seconds = now->seconds - first->seconds;
    double updates = (double)(now->updates - first->updates);
    if (seconds <= 0 || updates <= 0)
        return;
    add(to, "  %.0f samples/s", (double)(now->samples - first->samples) / seconds);
    double left = seconds / updates * (double)(now->total_updates - now->updates);
    if (left > 0 && left < 360000)
        add(to, "  %d:%02d left", (int)left / 60, (int)left % 60);
}

static line describe(const progress_view *view) {
    const ds_progress *now = &view->last;
    line text = {0};
    add(&text, "epoch %" PRId64 "/%" PRId64 "  loss %.4g", now->epoch, now->epochs,
        now->train_loss);
    if (!isnan(now->train_accuracy))
        add(&text, "  accuracy %.1f%%", 100 * now->train_accuracy);
    if (!isnan(now->validation_loss))
        add(&text, "  validation %.4g", now->validation_loss);
    if (!isnan(now->validation_accuracy))
        add(&text, " %.1f%%", 100 * now->validation_accuracy);
    add_pace(&text, &view->first, now);
    return text;
}

/* Cut one short of the width: a full line would make some terminals wrap. */
static void draw(progress_view *view) {
    line text = describe(view);
    size_t room = (size_t)terminal_width(stderr) - 1;
    int shown = (int)(text.length < room ? text.length : room);
    fprintf(stderr, "%s%.*s", clear_line, shown, text.text);
    view->drawn = true;
}

void progress_show(progress_view *view, const ds_progress *progress) {
    if (view->quiet || !view->terminal)
        return;
    if (!view->begun)
        view->first = *progress;
    view->begun = true;
    view->last = *progress;
    draw(view);
}

static void clear(progress_view *view) {
    if (view->drawn)
        fputs(clear_line, stderr);
    view->drawn = false;
}

/* Three decimals, as one looks at a loss; more where they would all be 0. */
static void add_loss(line *to, const char *name, double loss) {
    add(to, fabs(loss) < 0.0005 && loss != 0 ? "  %s %.3g" : "  %s %.3f", name, loss);
}

void progress_epoch(progress_view *view, const ds_epoch *epoch) {
    line text = {0};
    if (view->quiet || view->every == 0 || epoch->epoch % view->every != 0)
        return;
    clear(view);
    add(&text, "epoch %" PRId64, epoch->epoch);
    add_loss(&text, "loss", epoch->train.loss);
    if (epoch->validation.rows)
        add_loss(&text, "validation", epoch->validation.loss);
    fprintf(stderr, "%s\n", text.text);
}

void progress_note(progress_view *view, const char *note) {
    if (view->quiet)
        return;
    clear(view);
    report_line("note: %s", note);
}

void progress_end(progress_view *view) {
    clear(view);
}
