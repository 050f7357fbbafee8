#include "plot/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"

extern char **environ;

void ds_drawing_clear(ds_drawing *drawing) {
    ds_text_clear(&drawing->csv);
    ds_text_clear(&drawing->settings);
    ds_text_clear(&drawing->plot);
}

const char *ds_plot_color(int index) {
    static const char *const colors[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                         "#E69F00", "#56B4E9", "#882255", "#000000"};
    return colors[index % 8];
}

const char *ds_plot_shade(int index, int count) {
    static const char *const shades[] = {
        "#440154", "#461667", "#472A79", "#423C82", "#3C4E8A", "#355E8C", "#2F6D8E", "#297B8E",
        "#24898D", "#20988A", "#26A684", "#32B47B", "#4CC06C", "#6ACC5A", "#8FD543", "#B5DE2B"};
    enum { SHADES = sizeof shades / sizeof *shades };
    if (count <= 8)
        return ds_plot_color(index);
    return shades[index * (SHADES - 1) / (count - 1)];
}

/* ---- the files ---- */

ds_status ds_drawing_path(char **out, const char *folder, const char *name, const char *suffix) {
    ds_text file = {0};
    ds_status status = ds_text_add(&file, "%s.%s", name, suffix);
    if (status == DS_OK)
        status = ds_path_join(out, folder, file.characters);
    ds_text_clear(&file);
    return status;
}

static ds_status write_file(const ds_drawing *d, const char *suffix, const ds_text *text) {
    char *path = NULL;
    DS_CHECK(ds_drawing_path(&path, d->folder, d->name, suffix));
    ds_status status = ds_file_write(path, text->characters, text->length);
    ds_free(path);
    return status;
}

static ds_status remove_file(const ds_drawing *d, const char *suffix) {
    char *path = NULL;
    DS_CHECK(ds_drawing_path(&path, d->folder, d->name, suffix));
    (void)remove(path);
    ds_free(path);
    return DS_OK;
}

static const char look[] =
    "set encoding utf8\n"
    "set datafile separator comma\n"
    "set border 3 lc rgb '#555555'\n"
    "set tics nomirror out scale 0.6 tc rgb '#333333'\n"
    "set format '%h'\n" /* gnuplot's own begins with a blank, which shifts centred numbers */
    "set grid lc rgb '#e4e4e4' lt 1 lw 0.8\n"
    "set key outside bottom center horizontal Left reverse samplen 3 height 0.7\n";

static ds_status write_script(const ds_drawing *d) {
    ds_status status = DS_OK;
    ds_text script = {0};
    DS_TRY(ds_text_add(&script,
                       DS_DRAWING_HEAD " Change what you like, then, in this "
                                       "folder: gnuplot %s.gp\n%s\n%s\n",
                       d->name, d->name, d->name, d->name, look, d->settings.characters));
    DS_TRY(ds_text_add(&script,
                       "set terminal svg enhanced size %d,%d font 'sans-serif,14' "
                       "background 'white'\nset output '%s.svg'\n%s\n",
                       d->width, d->height, d->name, d->plot.characters));
    DS_TRY(ds_text_add(&script,
                       "set terminal pngcairo enhanced size %d,%d font 'sans,11' fontscale 1.5 "
                       "linewidth 1.5 pointscale 1.5 background 'white'\n"
                       "set output '%s.png'\nreplot\nunset output\n",
                       d->width * 3 / 2, d->height * 3 / 2, d->name));
    DS_TRY(write_file(d, "gp", &script));

cleanup:
    ds_text_clear(&script);
    return status;
}

/* ---- running it ---- */

enum { NOT_FOUND = 127 };

/* What gnuplot said, its first lines, as one. */
typedef struct answer {
    int exit_status; /* NOT_FOUND: there is no such program */
    char said[400];
} answer;

static void listen(int pipe_end, answer *a) {
    size_t length = 0;
    char chunk[512];
    for (;;) {
        ssize_t got = read(pipe_end, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        for (ssize_t i = 0; i < got && length < sizeof a->said - 1; i++) {
            char c = chunk[i] == '\n' || chunk[i] == '\t' ? ' ' : chunk[i];
            if (c != ' ' || (length && a->said[length - 1] != ' '))
                a->said[length++] = c;
        }
    }
    a->said[length] = '\0';
}

static void wait_for(pid_t child, answer *a) {
    int how;
    while (waitpid(child, &how, 0) < 0)
        if (errno != EINTR) {
            a->exit_status = 1;
            return;
        }
    a->exit_status = WIFEXITED(how) ? WEXITSTATUS(how) : 1;
}

/* Without a shell. `-d`: without the user's start-up file, which could change the picture. */
static void run(char *go_there, char *script, answer *a) {
    char name[] = "gnuplot", defaults[] = "-d", command[] = "-e";
    char *words[] = {name, defaults, command, go_there, script, NULL};
    int ends[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    *a = (answer){.exit_status = 1};
    if (pipe(ends) != 0)
        return;
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    int failed = posix_spawn_file_actions_init(&actions);
    if (!failed) {
        failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        if (!failed)
            failed = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        if (!failed)
            failed = posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
        if (!failed)
            failed = posix_spawnp(&child, name, &actions, NULL, words, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    if (!failed) {
        listen(ends[0], a);
        wait_for(child, a);
    } else if (failed == ENOENT || failed == EACCES || failed == ENOTDIR) {
        a->exit_status = NOT_FOUND;
    }
    close(ends[0]);
}

/* gnuplot's own command for going into the folder, since its script names files beside it. */
static ds_status go_into(ds_text *out, const char *folder) {
    DS_CHECK(ds_text_add(out, "cd '%s", *folder == '/' ? "" : "./"));
    for (; *folder; folder++)
        DS_CHECK(ds_text_add(out, *folder == '\'' ? "''" : "%c", *folder));
    return ds_text_add(out, "'");
}

static ds_status note(const ds_drawing *d, const answer *a, ds_text *notes) {
    if (a->exit_status != NOT_FOUND)
        return ds_text_add(notes, "%s/%s.gp: gnuplot could not draw it: %s\n", d->folder, d->name,
                           *a->said ? a->said : "it said nothing");
    if (notes->characters && strstr(notes->characters, "gnuplot is not installed"))
        return DS_OK;
    return ds_text_add(notes,
                       "gnuplot is not installed; %s/%s.gp is kept: apt-get install gnuplot-nox\n",
                       d->folder, d->name);
}

ds_status ds_drawing_finish(const ds_drawing *d, ds_text *notes) {
    ds_status status = DS_OK;
    ds_text go_there = {0}, script = {0};
    answer a;
    DS_TRY(ds_folder_make(d->folder));
    DS_TRY(remove_file(d, "svg")); /* an old picture does not belong to a new script */
    DS_TRY(remove_file(d, "png"));
    DS_TRY(write_file(d, "csv", &d->csv));
    DS_TRY(write_script(d));
    DS_TRY(go_into(&go_there, d->folder));
    DS_TRY(ds_text_add(&script, "%s.gp", d->name));
    run(go_there.characters, script.characters, &a);
    if (a.exit_status != 0)
        DS_TRY(note(d, &a, notes));

cleanup:
    ds_text_clear(&go_there);
    ds_text_clear(&script);
    return status;
}
