/* An encoding as JSON, for the model file:
 *
 *   {"kind": "numbers", "missing": "error", "header": "auto", "decimal": "auto",
 *    "unseen": "error", "missing_words": ["-"], "series": ["store"],
 *    "date": {"column": "day", "format": "%Y-%m-%d", "step": 86400, "gaps": "keep",
 *             "duplicates": "error"},
 *    "values": {"gender": {"M": 0, "F": 1}},
 *    "columns": [{"name": "x", "powers": 2, "missing": "mean", "mean": 0.5, "indicator": true,
 *                 "unit": "%"},
 *                {"name": "color", "categories": ["blue", "red"], "missing": "word",
 *                 "missing_word": true}],
 *    "shape": [3], "subtract": 0, "divide": [1, 1, 2],
 *    "targets": [{"name": "y", "subtract": 3, "divide": 2}], "classes": []}
 *
 * "columns" is their number where they are c1, c2, ... as they are; "subtract" and "divide" are one
 * number where all are equal, and a divide of 0 stands for infinity, which JSON lacks. "missing" at
 * the top is for targets, "mean" is what a missing number becomes, whatever rule found it. */
#ifndef DS_ENCODING_JSON_H
#define DS_ENCODING_JSON_H

#include "data/encoding.h"

/* Words by the values of their enumerations. */
static const char *const kinds[] = {"auto", "numbers", "classes", "binary", NULL};
static const char *const decimals[] = {"auto", "point", "comma", NULL};
static const char *const headers[] = {"auto", "true", "false", NULL};
static const char *const gap_ways[] = {"keep", "drop", NULL};
static const char *const duplicate_ways[] = {"error", "mean", NULL};

#endif
