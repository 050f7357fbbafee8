/* The files that do a recorded run again without descent. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "device/kernel_source.h"
#include "device/recording_parts.h"

/* ---- run.c: run.c.in, and in the place of its lines that begin with @: ---- */

static ds_status describe(ds_text *out, const ds_device *device, const ds_doctor_case *of) {
    const ds_device_info *about = &device->about;
    const char *place = device->recording->place;
    DS_CHECK(ds_text_add(out,
                         "case     %s, seed %llu\n"
                         "device   %s \"%s\", driver %s\n"
                         "         %s, %s\n"
                         "found    %s\n",
                         of->name, (unsigned long long)of->seed, about->id, about->name,
                         about->driver, about->platform, about->version,
                         of->words ? of->words : "right"));
    return *place ? ds_text_add(out, "         that element is %s below\n", place) : DS_OK;
}

/* As lines of a comment, which nothing may end. */
static ds_status add_comment(ds_text *out, const char *about) {
    for (const char *line = about; *line; line += strcspn(line, "\n") + 1) {
        DS_CHECK(ds_text_add(out, " * "));
        for (const char *c = line; *c != '\n'; c++)
            DS_CHECK(ds_text_append(out, *c == '/' && c > line && c[-1] == '*' ? "|" : c, 1));
        DS_CHECK(ds_text_add(out, "\n"));
    }
    return DS_OK;
}

static const char *upper(char text[32], const char *name) {
    size_t i = 0;
    for (; name[i] && i < 31; i++)
        text[i] = (char)toupper((unsigned char)name[i]);
    text[i] = '\0';
    return text;
}

static ds_status add_buffers(ds_text *out, const ds_recording *r) {
    char name[32];
    DS_CHECK(ds_text_add(out, "enum { "));
    for (size_t b = 0; b < r->holds; b++)
        DS_CHECK(ds_text_add(out, "%s, ", upper(name, r->held[b].name)));
    DS_CHECK(ds_text_add(out, "BUFFERS };\n"
                              "static struct buffer {\n"
                              "    const char *name;\n"
                              "    size_t elements;\n"
                              "    char type;\n"
                              "    int judged;\n"
                              "    cl_mem memory;\n"
                              "} buffer[BUFFERS + 1] = {\n"));
    for (size_t b = 0; b < r->holds; b++)
        DS_CHECK(ds_text_add(out, "    {\"%s\", %zu, '%c', %d, NULL},\n", r->held[b].name,
                             r->held[b].bytes / 4, r->held[b].is_int ? 'i' : 'f',
                             r->held[b].right != NULL));
    return ds_text_add(out, "};\n");
}

static ds_status add_argument(ds_text *out, const ds_recording *r, const ds_argument *a,
                              unsigned number) {
    char name[32];
    switch (a->kind) {
    case DS_ARGUMENT_BUFFER:
        return ds_text_add(out, "    give(%u, sizeof(cl_mem), &buffer[%s].memory);\n", number,
                           upper(name, r->held[ds_recording_find(r, a->buffer)].name));
    case DS_ARGUMENT_UINT:
        return ds_text_add(out, "    give(%u, 4, &(cl_uint){%u});\n", number, a->value.narrow);
    case DS_ARGUMENT_INT:
        return ds_text_add(out, "    give(%u, 4, &(cl_int){%d});\n", number, a->value.whole);
    case DS_ARGUMENT_ULONG:
        return ds_text_add(out, "    give(%u, 8, &(cl_ulong){%llu});\n", number,
                           (unsigned long long)a->value.wide);
    default:
        return ds_text_add(out, "    give(%u, 4, &(cl_uint){0x%08x}); /* float %.9g */\n", number,
                           a->value.narrow, (double)a->value.number);
    }
}

static ds_status add_run(ds_text *out, const ds_recording *r) {
    char name[32], from[32];
    for (size_t i = 0; i < r->steps; i++) {
        const ds_step *s = &r->step[i];
        if (s->kind == DS_STEP_WRITE)
            DS_CHECK(ds_text_add(out, "    put(%s, %zu, \"write%zu\");\n",
                                 upper(name, r->held[s->buffer].name), s->offset, i));
        if (s->kind == DS_STEP_COPY)
            DS_CHECK(ds_text_add(out, "    copy(%s, %zu, %s, %zu, %zu);\n",
                                 upper(from, r->held[s->from].name), s->from_offset,
                                 upper(name, r->held[s->buffer].name), s->offset, s->bytes));
        if (s->kind != DS_STEP_LAUNCH)
            continue;
        DS_CHECK(ds_text_add(out, "    begin(\"%s\");\n", s->kernel));
        for (unsigned k = 0; k < s->arguments; k++)
            DS_CHECK(add_argument(out, r, &s->argument[k], k));
        DS_CHECK(ds_text_add(out, "    launch(%zu, %zu, %zu, %zu);\n", s->global[0], s->global[1],
                             s->local[0], s->local[1]));
    }
    return DS_OK;
}

static bool has(const ds_recording *r, int kind) {
    for (size_t i = 0; i < r->steps; i++)
        if ((int)r->step[i].kind == kind)
            return true;
    return false;
}

/* "@launch {" and so on: what is left out where there is no such step. */
static bool is_left_out(const ds_recording *r, const char *line) {
    static const char *const kinds[] = {"@launch {\n", "@write {\n", "@copy {\n"};
    for (int kind = 0; kind < 3; kind++)
        if (strncmp(line, kinds[kind], strlen(kinds[kind])) == 0)
            return !has(r, kind);
    return false;
}

static ds_status add_about(ds_text *out, const ds_device *device, const ds_doctor_case *of) {
    ds_text about = {0};
    ds_status status = describe(&about, device, of);
    if (status == DS_OK)
        status = add_comment(out, about.characters);
    ds_text_clear(&about);
    return status;
}

static ds_status add_line(ds_text *out, const char *line, size_t length, const char *device) {
    static const char word[] = "@device";
    const char *at = strstr(line, word);
    if (!at || at >= line + length)
        return ds_text_append(out, line, length);
    DS_CHECK(ds_text_add(out, "%.*s%s", (int)(at - line), line, device));
    at += sizeof word - 1;
    return ds_text_append(out, at, (size_t)(line + length - at));
}

static ds_status print_program(ds_text *out, const ds_device *device, const ds_doctor_case *of) {
    const ds_recording *r = device->recording;
    bool left_out = false;
    for (const char *line = ds_reproducer_sources->text; *line;) {
        size_t length = strcspn(line, "\n") + 1;
        if (strncmp(line, "@about", 6) == 0)
            DS_CHECK(add_about(out, device, of));
        else if (strncmp(line, "@buffers", 8) == 0)
            DS_CHECK(add_buffers(out, r));
        else if (strncmp(line, "@run", 4) == 0)
            DS_CHECK(add_run(out, r));
        else if (*line == '@')
            left_out = is_left_out(r, line);
        else if (!left_out)
            DS_CHECK(add_line(out, line, length, device->about.id));
        line += length;
    }
    return DS_OK;
}

/* ---- the folder ---- */

static ds_status write_file(const char *folder, const char *name, const void *data, size_t size) {
    char *path = NULL;
    DS_CHECK(ds_path_join(&path, folder, name));
    ds_status status = ds_file_replace(path, data, size, false)
                           ? DS_OK
                           : ds_fail(DS_IO_FAILED, "make room, or choose another folder",
                                     "%s: cannot be written", path);
    ds_free(path);
    return status;
}

static ds_status write_memory(const char *folder, const ds_recording *r) {
    char name[64];
    int launch = 0;
    for (size_t b = 0; b < r->holds; b++) {
        const ds_held *held = &r->held[b];
        snprintf(name, sizeof name, "%s.before", held->name);
        DS_CHECK(write_file(folder, name, held->before, held->bytes));
        snprintf(name, sizeof name, "%s.right", held->name);
        if (held->right)
            DS_CHECK(
                write_file(folder, name, held->right, held->bytes / 4 * 2 * sizeof *held->right));
    }
    for (size_t i = 0; i < r->steps; i++) {
        const ds_step *s = &r->step[i];
        snprintf(name, sizeof name, "write%zu", i);
        if (s->kind == DS_STEP_WRITE)
            DS_CHECK(write_file(folder, name, s->data, s->bytes));
        snprintf(name, sizeof name, "launch%d.sim", launch += s->kind == DS_STEP_LAUNCH);
        if (s->simulation)
            DS_CHECK(write_file(folder, name, s->simulation, strlen(s->simulation)));
    }
    return DS_OK;
}

static ds_status write_all(const char *folder, const ds_device *device, const ds_doctor_case *of) {
    const ds_recording *r = device->recording;
    ds_text text = {0};
    ds_status status = print_program(&text, device, of);
    if (status == DS_OK)
        status = write_file(folder, "run.c", text.characters, text.length);
    ds_text_clear(&text);
    DS_CHECK(status);
    DS_CHECK(write_file(folder, "kernel.cl", r->source, strlen(r->source)));
    DS_CHECK(write_file(folder, "options.txt", r->options, strlen(r->options)));
    return write_memory(folder, r);
}

static bool is_judged(const ds_recording *r) {
    bool judged = r->launches == 0; /* whether it builds is */
    for (size_t b = 0; b < r->holds; b++)
        judged |= r->held[b].right != NULL;
    return judged;
}

ds_status ds_recording_check(const ds_device *device, const char *folder) {
    if (device->plain)
        return ds_fail(DS_BAD_INPUT, "name an OpenCL device; descent devices lists them",
                       "the device plain has no OpenCL program that could be written");
    if (!ds_folder_is_free(folder))
        return ds_fail(DS_BAD_INPUT, "name a folder that is not there, or an empty one",
                       "%s: there is something already", folder);
    return DS_OK;
}

ds_status ds_recording_write(const ds_device *device, const char *folder,
                             const ds_doctor_case *of) {
    const ds_recording *r = device->recording;
    char *draft = NULL;
    if (!r || !r->source || r->mixed || !is_judged(r))
        return ds_fail(DS_BAD_INPUT, "choose another case", "%s: %s", of->name,
                       r && r->source && !r->mixed
                           ? "it compares runs with each other, and one run is what is written"
                           : "it launches no kernel that could be written");
    DS_CHECK(ds_folder_begin(&draft, folder));
    ds_status status = write_all(draft, device, of);
    ds_saved_error saved;
    if (status != DS_OK)
        ds_error_take(&saved);
    ds_status ended = ds_folder_end(draft, folder, status == DS_OK);
    ds_free(draft);
    return status == DS_OK ? ended : ds_error_give(&saved);
}
