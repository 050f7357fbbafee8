#include "train/earlier_run.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/folder.h"
#include "plot/gnuplot.h"

/* Names, and words of their beginning: of a table the first line. */
static const struct known {
    const char *name, *says;
    size_t skip; /* bytes before the beginning */
    unsigned rewritten;
} known[] = {
    {"model.safetensors", "\"descent\":\"", 8, DS_REWRITES_RUN},
    {"checkpoint.safetensors", "\"descent\":\"", 8, DS_REWRITES_RUN},
    {"history.csv", "epoch,updates,seconds,rate", 0, DS_REWRITES_RUN},
    {"search.csv", ",loss", 0, DS_REWRITES_SEARCH},
    {"path.csv", "update,", 0, DS_REWRITES_PATH},
    {"sweep.csv", ",status,epochs,updates,seconds,samples_per_second", 0, 0},
};
enum { KNOWN = sizeof known / sizeof *known, SWEEP = KNOWN - 1, BEGINNING = 1 << 14 };

static bool is_known(int folder, const struct known *k) {
    char text[BEGINNING];
    ds_folder_read(folder, k->name, k->skip, text, sizeof text);
    if (k->skip == 0)
        text[strcspn(text, "\n")] = '\0';
    return strstr(text, k->says) != NULL;
}

static void remove_files(int folder, unsigned rewrites, const char *kept) {
    for (int i = 0; i < KNOWN; i++)
        if (!(known[i].rewritten & rewrites) && is_known(folder, &known[i]) &&
            !ds_folder_names(folder, known[i].name, kept))
            ds_folder_remove_file(folder, known[i].name);
}

/* ---- pictures ---- */

/* Whether a file is the script of a picture, and of which: "loss" of loss.gp. */
static bool is_script(int folder, const char *file, char name[NAME_MAX + 1]) {
    char text[BEGINNING], head[4 * NAME_MAX];
    size_t length = strlen(file);
    if (length < 4 || length > NAME_MAX || strcmp(file + length - 3, ".gp") != 0)
        return false;
    snprintf(name, NAME_MAX + 1, "%.*s", (int)(length - 3), file);
    int letters = snprintf(head, sizeof head, DS_DRAWING_HEAD, name, name, name);
    ds_folder_read(folder, file, 0, text, sizeof text);
    return strncmp(text, head, (size_t)letters) == 0;
}

static void remove_picture(int folder, const char *script) {
    static const char *const end[] = {".csv", "_path.csv", ".svg", ".png", ".gp"};
    char name[NAME_MAX + 1], file[NAME_MAX + 16];
    if (!is_script(folder, script, name))
        return;
    for (int i = 0; i < 5; i++) {
        snprintf(file, sizeof file, "%s%s", name, end[i]);
        ds_folder_remove_file(folder, file);
    }
}

static void remove_pictures(int run_folder) {
    int folder = ds_folder_within(run_folder, "plots");
    ds_folder_list(folder, remove_picture);
    ds_folder_close(folder);
    ds_folder_remove_empty(run_folder, "plots");
}

/* ---- the runs of a sweep ---- */

/* As many as its table has rows. */
static int count_runs(int folder) {
    return is_known(folder, &known[SWEEP]) ? ds_folder_lines(folder, known[SWEEP].name) - 1 : 0;
}

static void remove_run(int sweep_folder, int number, const char *kept) {
    char name[16];
    snprintf(name, sizeof name, "%d", number);
    int folder = ds_folder_within(sweep_folder, name);
    if (folder < 0)
        return;
    remove_files(folder, 0, kept);
    remove_pictures(folder);
    ds_folder_close(folder);
    ds_folder_remove_empty(sweep_folder, name);
}

/* ---- all of it ---- */

void ds_earlier_run_remove(const char *path, unsigned rewrites, int runs, const char *kept) {
    int folder = ds_folder_open(path), earlier = count_runs(folder);
    for (int i = 1; i <= (earlier > runs ? earlier : runs); i++)
        remove_run(folder, i, kept);
    remove_files(folder, rewrites, kept);
    remove_pictures(folder);
    ds_folder_close(folder);
}

void ds_earlier_file_remove(const char *path, const char *name) {
    int folder = ds_folder_open(path);
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(known[i].name, name) == 0 && is_known(folder, &known[i]))
            ds_folder_remove_file(folder, name);
    ds_folder_close(folder);
}
