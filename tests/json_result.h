/* What `descent ... --json` printed, looked into. Include after cmocka. */
#ifndef DS_TEST_JSON_RESULT_H
#define DS_TEST_JSON_RESULT_H

#include <cjson/cJSON.h>

/* Parses exactly one value: anything after it but white space fails. */
static inline cJSON *json_parse(const char *text) {
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithOpts(text, &end, 0);
    if (!json)
        print_message("not JSON: %s\n", text);
    assert_non_null(json);
    assert_int_equal(strspn(end, " \n"), strlen(end));
    return json;
}

/* The entry at a path of keys separated by blanks, such as "train loss". */
static inline const cJSON *json_at(const cJSON *json, const char *path) {
    char text[128], *rest = text;
    snprintf(text, sizeof text, "%s", path);
    for (char *key = strtok_r(text, " ", &rest); key; key = strtok_r(NULL, " ", &rest))
        json = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!json)
        print_message("no %s\n", path);
    assert_non_null(json);
    return json;
}

static inline double json_number(const cJSON *json, const char *path) {
    assert_true(cJSON_IsNumber(json_at(json, path)));
    return json_at(json, path)->valuedouble;
}

static inline const char *json_text(const cJSON *json, const char *path) {
    assert_true(cJSON_IsString(json_at(json, path)));
    return json_at(json, path)->valuestring;
}

#endif
