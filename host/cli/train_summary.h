/* What `descent train` prints when it is done. */
#ifndef DS_CLI_TRAIN_SUMMARY_H
#define DS_CLI_TRAIN_SUMMARY_H

#include <cjson/cJSON.h>

#include "descent.h"

typedef struct train_summary {
    const ds_result *result;
    const ds_device *device;
    const ds_choice *choice; /* how it was chosen; NULL: not told */
    const ds_model *model;   /* NULL where the run failed before there was one */
    const char *recipe;      /* one made from --data, --target and --layers; else NULL */
    const char *folder;
    const char *error; /* why the run ended early; NULL: it did not */
} train_summary;

/* For a person. */
void train_summary_print(const train_summary *summary);

/* A line for each picture, whose names each end in '\n'. */
void train_summary_print_pictures(const char *folder, const char *names);

/* Adds what a run's JSON object holds. False: no memory. */
bool train_summary_fill(cJSON *json, const train_summary *summary);

/* For a program: one JSON object. False: no memory. */
bool train_summary_print_json(const train_summary *summary);

#endif
