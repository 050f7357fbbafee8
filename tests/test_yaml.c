/* YAML: places in messages, dotted paths, printing and reading back, typed values, and documents
 * made to break a reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/yaml.h"
#include "outcome.h"

static ds_node *tree(const char *text) {
    ds_node *node = NULL;
    DONE(ds_node_parse(&node, text, "r.yaml"));
    return node;
}

static void assert_tree(const ds_node *node, const char *flow) {
    char *text = NULL;
    DONE(ds_node_print_flow(node, &text));
    assert_string_equal(text, flow);
    ds_free(text);
}

/* ---- reading ---- */

static void nodes_know_their_kind_text_and_place(void **state) {
    ds_node *root = tree("# a comment\na: 1\nb:\n  - x\n  - \"2\"\n  - {c: d}\ne:\nf: \"\"\n");
    const ds_node *b = ds_node_get(root, "b"), *entry = b->child;
    (void)state;
    assert_int_equal(root->kind, DS_MAP);
    assert_int_equal(ds_node_count(root), 4);
    assert_string_equal(ds_node_get(root, "a")->text, "1");
    assert_false(ds_node_get(root, "a")->quoted);
    assert_int_equal(b->kind, DS_LIST);
    assert_int_equal(b->line, 3); /* the place of an entry is that of its key */
    assert_int_equal(b->column, 1);
    assert_string_equal(entry->text, "x");
    assert_int_equal(entry->line, 4);
    assert_int_equal(entry->column, 5);
    assert_null(entry->key);
    assert_true(entry->next->quoted);
    assert_int_equal(ds_node_get(entry->next->next, "c")->column, 6);
    assert_string_equal(ds_node_get(root, "e")->text, "");
    assert_string_equal(root->source, "r.yaml");
    assert_false(ds_node_get(root, "f")->quoted); /* nothing, in quotes or not */
    assert_null(ds_node_get(root, "x"));
    assert_null(ds_node_get(b, "x"));
    assert_null(ds_node_get(NULL, "x"));
    ds_node_destroy(root);
    static const char *const empty[] = {"", "# nothing\n", "---\n", "{}"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        root = tree(empty[i]);
        assert_int_equal(root->kind, DS_MAP);
        assert_int_equal(ds_node_count(root), 0);
        ds_node_destroy(root);
    }
    root = tree("a: &x {b: 1}\nc: *x\n...\n");
    assert_tree(root, "{a: {b: 1}, c: {b: 1}}");
    ds_node_destroy(root);
    ds_node_destroy(NULL);
}

static void what_is_no_yaml_is_refused_by_its_place(void **state) {
    static const char *const cases[][2] = {
        {"a: 1\nb: [1, 2\n", "r.yaml:3:1: not valid YAML: did not find expected ',' or ']'"},
        {"a: 1\n b: 2\n", "r.yaml:2:3: not valid YAML: mapping values are not allowed in this "
                          "context"},
        {"a: 1\na: 2\n", "r.yaml:2:1: the key \"a\" comes twice"},
        {"b:\n  c: {d: 1, e: 2, d: 3}\n", "r.yaml:2:19: the key \"d\" comes twice"},
        {"a:\n  ? [1, 2]\n  : 3\n", "r.yaml:2:5: a key must be a word"},
        {"a: *x\n", "r.yaml:1:4: not valid YAML: found undefined alias"},
        {"a: 1\nb: \"\xff\"\n", "r.yaml:2:5: not valid YAML: invalid leading UTF-8 octet"},
        {"a: 1\nbc: \x01\n", "r.yaml:2:5: not valid YAML: control characters are not allowed"},
        {"a: 1\n---\nb: 2\n", "r.yaml:3:1: a second document begins"},
        {"a: 1\n---\nb: [\n", "r.yaml:4:1: not valid YAML: did not find expected node content"},
        {"a: \"x\\0y\"\n", "r.yaml:1:4: the text \"x\" goes on with a zero byte"},
        {"\"x\\0y\": 1\n", "r.yaml:1:1: the text \"x\" goes on with a zero byte"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_node *node = NULL;
        long held = ds_memory_held();
        ds_status status = ds_node_parse(&node, cases[i][0], "r.yaml");
        assert_refused(status, cases[i][1]);
        assert_null(node);
        assert_int_equal(ds_memory_held(), held);
    }
}

static void an_argument_has_no_place(void **state) {
    ds_node *node = NULL;
    double number;
    (void)state;
    assert_refused(ds_node_parse_argument(&node, "[1", "--x"),
                   "--x: not valid YAML: did not find expected ',' or ']'");
    assert_refused(ds_node_parse_argument(&node, "{a: 1, a: 1}", "--x"),
                   "--x: the key \"a\" comes twice");
    DONE(ds_node_parse_argument(&node, "{a: b}", "--x"));
    assert_refused(ds_node_number(ds_node_get(node, "a"), "a", &number),
                   "--x: a: expected a number, got \"b\"");
    ds_node_destroy(node);
    DONE(ds_node_parse(&node, "{a: b}", "--file.yaml")); /* a file may be called so */
    assert_refused(ds_node_number(ds_node_get(node, "a"), "a", &number),
                   "--file.yaml:1:2: a: expected a number, got \"b\"");
    ds_node_destroy(node);
}

/* ---- documents made to break a reader ---- */

static void deep_nesting_is_refused(void **state) {
    static const char *const parts[] = {"[", "{a: ", "- ", "? ", "[{a: "};
    ds_node *node = NULL;
    (void)state;
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        ds_text text = {0};
        for (int i = 0; i < 20000; i++)
            DONE(ds_text_add(&text, "%s", parts[p]));
        assert_int_equal(ds_node_parse(&node, text.characters, "r.yaml"), DS_BAD_INPUT);
        ds_text_clear(&text);
    }
    ds_text text = {0};
    for (int i = 0; i < 34; i++)
        DONE(ds_text_add(&text, "["));
    for (int i = 0; i < 34; i++)
        DONE(ds_text_add(&text, "]"));
    assert_refused(ds_node_parse(&node, text.characters, "r.yaml"),
                   "r.yaml:1:34: nested more than 32 deep");
    memmove(text.characters, text.characters + 1, 67);
    text.characters[66] = '\0';
    DONE(ds_node_parse(&node, text.characters, "r.yaml"));
    ds_node_destroy(node);
    ds_text_clear(&text);
    node = NULL;
    assert_refused(ds_node_parse(&node, "a: &x [*x]", "r.yaml"),
                   "r.yaml:1:4: nested more than 32 deep");
    assert_refused(ds_node_parse(&node, "&x a: &y {b: *y, c: *y}", "r.yaml"),
                   "r.yaml:1:7: nested more than 32 deep");
}

static void an_alias_bomb_is_refused(void **state) {
    ds_text text = {0};
    ds_node *node = NULL;
    long held = ds_memory_held();
    (void)state;
    DONE(ds_text_add(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"));
    for (int i = 1; i < 12; i++) {
        DONE(ds_text_add(&text, "a%d: &a%d [", i, i));
        for (int k = 0; k < 10; k++)
            DONE(ds_text_add(&text, "%s*a%d", k ? ", " : "", i - 1));
        DONE(ds_text_add(&text, "]\n"));
    }
    assert_int_equal(ds_node_parse(&node, text.characters, "r.yaml"), DS_BAD_INPUT);
    assert_non_null(strstr(ds_last_error()->message, ": more than 200000 entries"));
    ds_text_clear(&text);
    assert_int_equal(ds_memory_held(), held);
}

/* ---- --set ---- */

static void assert_set(const char *text, const char *assignment, const char *flow) {
    ds_node *root = tree(text);
    DONE(ds_node_set(root, assignment));
    assert_tree(root, flow);
    ds_node_destroy(root);
}

static void a_dotted_path_sets_one_value(void **state) {
    static const char *const cases[][3] = {
        {"a: 1\nb: 2\n", "a=3", "{a: 3, b: 2}"},
        {"a: 1\n", "b=3", "{a: 1, b: 3}"},
        {"", "a.b.c=x", "{a: {b: {c: x}}}"},
        {"a: {b: 1, c: 2}", "a.c=[x, {y: 1}]", "{a: {b: 1, c: [x, {y: 1}]}}"},
        {"a: {b: 1}", "a=x=y", "{a: x=y}"},
        {"a: {b: 1}", "a={}", "{a: {}}"},
        {"a: {b: 1}", "a=", "{a: {}}"},
        {"a: x", "a.b=1", "{a: {b: 1}}"},
        {"a: [x, y, z]", "a.0=w", "{a: [w, y, z]}"},
        {"a: [x, y, z]", "a.2=w", "{a: [x, y, w]}"},
        {"a: [x, {b: 1}]", "a.1.b=2", "{a: [x, {b: 2}]}"},
        {"a: [x, y]", "a.1.b=2", "{a: [x, {b: 2}]}"},
        {"a: [[1, 2], [3]]", "a.0.1=9", "{a: [[1, 9], [3]]}"},
        {"a: {0.w: 1, 0.b: 2}", "a.\"0.w\"=3", "{a: {0.w: 3, 0.b: 2}}"},
        {"", "a.\"x=y\".b=1", "{a: {x=y: {b: 1}}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_set(cases[i][0], cases[i][1], cases[i][2]);
}

static void a_path_that_leads_nowhere_is_refused(void **state) {
    static const char *const cases[][2] = {
        {"epochs", "\"epochs\": expected KEY=VALUE"},
        {"=3", "\"=3\": expected KEY=VALUE"},
        {"", "\"\": expected KEY=VALUE"},
        {".=3", "\".=3\": a key before \"=\" is empty, or its quotes are not closed"},
        {"a..b=3", "\"a..b=3\": a key before \"=\" is empty, or its quotes are not closed"},
        {"a.=3", "\"a.=3\": a key before \"=\" is empty, or its quotes are not closed"},
        {".a=3", "\".a=3\": a key before \"=\" is empty, or its quotes are not closed"},
        {"\"\"=3", "\"\"\"=3\": a key before \"=\" is empty, or its quotes are not closed"},
        {"\"a\"b=3", "\"\"a\"b=3\": a key before \"=\" is empty, or its quotes are not closed"},
        {"a.\"b=3", "\"a.\"b=3\": expected KEY=VALUE"},
        {"l.2=3", "--set l.2=3: no entry \"2\" in the list"},
        {"l.-1=3", "--set l.-1=3: no entry \"-1\" in the list"},
        {"l.x=3", "--set l.x=3: no entry \"x\" in the list"},
        {"l.1x=3", "--set l.1x=3: no entry \"1x\" in the list"},
        {"l.99999999999999999999=3",
         "--set l.99999999999999999999=3: no entry \"99999999999999999999\" in the list"},
        {"a=[1", "--set a=[1: not valid YAML: did not find expected ',' or ']'"},
        {"a={b: 1, b: 2}", "--set a={b: 1, b: 2}: the key \"b\" comes twice"},
    };
    ds_node *root = tree("{a: 1, l: [x, y]}");
    ds_text deep = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(ds_node_set(root, cases[i][0]), cases[i][1]);
    for (int i = 0; i < 20000; i++)
        DONE(ds_text_add(&deep, "%sa", i ? "." : ""));
    DONE(ds_text_add(&deep, "=1"));
    assert_int_equal(ds_node_set(root, deep.characters), DS_BAD_INPUT);
    ds_text_clear(&deep);
    assert_tree(root, "{a: 1, l: [x, y]}");
    ds_node_destroy(root);
}

static void a_scalar_widens_to_a_map(void **state) {
    ds_node *root = tree("{a: cosine, b: 0.5}");
    (void)state;
    DONE(ds_node_widen(root->child, NULL));
    DONE(ds_node_widen(root->child->next, "rate"));
    assert_tree(root, "{a: {cosine: \"\"}, b: {rate: 0.5}}");
    assert_int_equal(ds_node_get(root->child->next, "rate")->column, 13);
    ds_node_destroy(root);
}

static void a_copy_stands_by_itself(void **state) {
    ds_node *root = tree("{a: {b: [1, \"2\"]}, c: d}"), *copy = NULL;
    (void)state;
    DONE(ds_node_copy(&copy, root));
    assert_int_equal(ds_node_get(copy, "c")->column, ds_node_get(root, "c")->column);
    ds_node_remove(root, "a");
    ds_node_remove(root, "x");
    assert_tree(root, "{c: d}");
    ds_node_destroy(root);
    assert_tree(copy, "{a: {b: [1, \"2\"]}, c: d}");
    ds_node_remove(copy, "c");
    ds_node_remove(copy, "a");
    assert_tree(copy, "{}");
    ds_node_destroy(copy);
}

/* ---- printing ---- */

static void assert_same_tree(const ds_node *a, const ds_node *b) {
    assert_int_equal(a->kind, b->kind);
    assert_true(!a->key == !b->key && (!a->key || strcmp(a->key, b->key) == 0));
    if (a->kind == DS_SCALAR) {
        assert_string_equal(a->text, b->text);
        if (a->quoted) /* a word may come back in quotes, a text in quotes never without */
            assert_true(b->quoted);
    }
    assert_int_equal(ds_node_count(a), ds_node_count(b));
    const ds_node *other = b->child;
    DS_EACH_CHILD (entry, a) {
        assert_same_tree(entry, other);
        other = other->next;
    }
}

static void assert_round_trip(const ds_node *root) {
    ds_status (*const prints[])(const ds_node *, char **) = {ds_node_print, ds_node_print_flow};
    for (int i = 0; i < 2; i++) {
        char *text = NULL;
        ds_node *again = NULL;
        DONE(prints[i](root, &text));
        if (i == 1)
            assert_null(strchr(text, '\n'));
        if (ds_node_parse(&again, text, "printed") != DS_OK)
            fail_msg("%s in:\n%s", ds_last_error()->message, text);
        assert_same_tree(root, again);
        ds_node_destroy(again);
        ds_free(text);
    }
}

static void what_is_printed_is_read_back(void **state) {
    static const char *const texts[] = {
        "",
        "a: 1\nb: [x, {dense: 16}, relu]\nc: {d: , e: {}, f: []}\n",
        "optimizer: {adam: }\nschedule:\n  cosine:\nmodel:\n  - relu:\n",
        "a: \"1\"\nb: '1e3'\nc: \"\"\nd: ~\ne: null\nf: true\n",
        "\"a: b\": \"# no comment\"\n\"\": x\n\"1\": \"- x\"\n' y ': ' z '\n",
        "a: \"two\\nlines\\tand \\\"quotes\\\" \\\\ \\u00e4\\u20ac\\U0001F600\"\n",
        "a: |\n  first\n   second\nb: >\n  folded\n  text\n",
        "[a, [b, [c]], {d: [e]}]",
        "word",
        "a: \"&x\"\nb: \"*x\"\nc: \"!t\"\nd: \"%d\"\ne: \"@\"\nf: \"`\"\ng: \"{\"\nh: \"? \"\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ds_node *root = tree(texts[i]);
        assert_round_trip(root);
        ds_node_destroy(root);
    }
}

enum { SEED = 20240817, ROUNDS = 1500 };

static uint32_t next_random(uint32_t *x) { /* xorshift */
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Texts of characters that YAML gives a meaning, as a double-quoted scalar writes them. */
static void random_text(uint32_t *x, ds_text *out) {
    static const char *const pieces[] = {
        "a", "B1", " ",   "  ", ":", ": ",  "#",     " #",   "- ",      "-",   "?",
        ",", "[",  "]",   "{",  "}", "\\n", "\\t",   "\\\"", "\\\\",    "'",   "|",
        ">", "&",  "\\r", "%",  "!", "*",   "\\x85", "~",    "\\u2028", "0.5", "\\xe4"};
    DONE(ds_text_add(out, "\""));
    for (uint32_t n = next_random(x) % 40; n > 0; n--)
        DONE(ds_text_add(out, "%s", pieces[next_random(x) % (sizeof pieces / sizeof *pieces)]));
    DONE(ds_text_add(out, "\""));
}

static void any_text_is_printed_and_read_back(void **state) {
    uint32_t x = SEED;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        ds_text text = {0};
        DONE(ds_text_add(&text, "{k: "));
        random_text(&x, &text);
        DONE(ds_text_add(&text, ", ? "));
        random_text(&x, &text);
        DONE(ds_text_add(&text, " : ["));
        random_text(&x, &text);
        DONE(ds_text_add(&text, "], l: {m: "));
        random_text(&x, &text);
        DONE(ds_text_add(&text, "}}"));
        ds_node *root = tree(text.characters);
        assert_round_trip(root);
        ds_node_destroy(root);
        ds_text_clear(&text);
    }
}

/* Damaged and cut documents end with a status and leave nothing behind. */
static void damaged_documents_end_with_a_status(void **state) {
    static const char good[] = "data: {train: \"p.csv\", target: [a, b]}\nmodel: &m\n"
                               "  - dense: 16\n  - relu: *m\nloss: 'mse'\n";
    static const char special[] = "\"',;\n\t-:[]{}&*!|>%@`#? \xff\x80\xe2\x01";
    uint32_t x = SEED;
    (void)state;
    for (int round = 0; round < 8000; round++) {
        char text[sizeof good];
        ds_node *node = NULL;
        long held = ds_memory_held();
        memcpy(text, good, sizeof good);
        for (uint32_t flips = 1 + next_random(&x) % 4; flips > 0; flips--)
            text[next_random(&x) % (sizeof good - 1)] =
                special[next_random(&x) % (sizeof special - 1)];
        if (round % 3 == 0)
            text[next_random(&x) % sizeof good] = '\0';
        ds_status status = ds_node_parse(&node, text, "r.yaml");
        if (status == DS_OK)
            assert_round_trip(node);
        else
            assert_int_equal(status, DS_BAD_INPUT);
        ds_node_destroy(node);
        assert_int_equal(ds_memory_held(), held);
    }
}

static void without_memory_nothing_is_leaked(void **state) {
    long held = ds_memory_held(), nth = 1;
    ds_status status = DS_OUT_OF_MEMORY;
    (void)state;
    for (; status != DS_OK; nth++) {
        ds_node *root = NULL;
        char *text = NULL;
        ds_fail_allocation(nth);
        status = ds_node_parse(&root, "{a: {b: [c, \"d\"]}, e: 1, f: word}", "r.yaml");
        if (status == DS_OK)
            status = ds_node_set(root, "a.x.y=[1, 2]");
        if (status == DS_OK)
            status = ds_node_widen((ds_node *)(uintptr_t)ds_node_get(root, "f"), NULL);
        if (status == DS_OK)
            status = ds_node_widen((ds_node *)(uintptr_t)ds_node_get(root, "e"), "rate");
        if (status == DS_OK)
            status = ds_node_print(root, &text);
        ds_fail_allocation(0);
        assert_true(status == DS_OK || status == DS_OUT_OF_MEMORY);
        ds_node_destroy(root);
        ds_free(text);
        assert_int_equal(ds_memory_held(), held);
    }
    assert_true(nth > 20);
}

/* ---- typed values ---- */

static void numbers_are_read(void **state) {
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},
        {"-1.5", -1.5},
        {"1e-3", 1e-3},
        {"1E+3", 1e3},
        {".5", 0.5},
        {"5.", 5},
        {"+2", 2},
        {"0.1", 0.1},
        {"4.9e-324", 4.9406564584124654e-324},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"0.30000000000000004441", 0.1 + 0.2},
    };
    static const char *const bad[] = {"abc",   "1x",   "0x10",  "nan",   ".nan", "inf",
                                      "-inf",  ".inf", "1e400", "\"1\"", "1,5",  "",
                                      "1_000", "1e",   "--1",   "e5"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = NAN;
        ds_node *node = tree(good[i].text);
        DONE(ds_node_number(node, "x", &value));
        assert_true(value == good[i].value);
        ds_node_destroy(node);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 77;
        char text[32];
        snprintf(text, sizeof text, "x: %s", bad[i]);
        ds_node *node = tree(text);
        if (ds_node_number(ds_node_get(node, "x"), "x", &value) != DS_BAD_INPUT)
            fail_msg("\"%s\" is taken for %g", bad[i], value);
        assert_true(value == 77);
        ds_node_destroy(node);
    }
}

static void whole_numbers_are_read(void **state) {
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-12", -12},
        {"+7", 7},
        {"1e4", 10000},
        {"5000.0", 5000},
        {"2.5e1", 25},
        {".5e1", 5},
        {"007", 7},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9007199254740993", 9007199254740993},
    };
    static const char *const bad[] = {
        "1.5", "abc", "0x10", "1e16",  "1e400", "9223372036854775808", "\"3\"", "nan",
        "inf", "",    "3 4",  "12abc", "1e-1"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t value = 77;
        ds_node *node = tree(good[i].text);
        DONE(ds_node_integer(node, "x", &value));
        assert_true(value == good[i].value);
        ds_node_destroy(node);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value = 77;
        char text[40];
        snprintf(text, sizeof text, "x: %s", bad[i]);
        ds_node *node = tree(text);
        if (ds_node_integer(ds_node_get(node, "x"), "x", &value) != DS_BAD_INPUT)
            fail_msg("\"%s\" is taken for %lld", bad[i], (long long)value);
        assert_true(value == 77);
        ds_node_destroy(node);
    }
}

static void words_and_switches_are_read(void **state) {
    ds_node *root = tree("{a: true, b: off, c: maybe, d: [x], e: {}, f: \"word\"}");
    bool flag = false;
    const char *word = NULL;
    double number;
    int64_t whole;
    (void)state;
    DONE(ds_node_boolean(ds_node_get(root, "a"), "a", &flag));
    assert_true(flag);
    DONE(ds_node_boolean(ds_node_get(root, "b"), "b", &flag));
    assert_false(flag);
    assert_refused(ds_node_boolean(ds_node_get(root, "c"), "c", &flag),
                   "r.yaml:1:19: c: expected true or false, got maybe");
    assert_refused(ds_node_boolean(ds_node_get(root, "d"), "d", &flag),
                   "r.yaml:1:29: d: expected true or false, got a list");
    DONE(ds_node_word(ds_node_get(root, "f"), "f", &word));
    assert_string_equal(word, "word");
    assert_refused(ds_node_word(ds_node_get(root, "e"), "e", &word),
                   "r.yaml:1:37: e: expected a word, got a mapping");
    assert_refused(ds_node_number(ds_node_get(root, "d"), "d", &number),
                   "r.yaml:1:29: d: expected a number, got a list");
    assert_refused(ds_node_integer(ds_node_get(root, "e"), "e", &whole),
                   "r.yaml:1:37: e: expected a whole number, got a mapping");
    ds_node_destroy(root);
}

static void unknown_keys_are_named_with_the_nearest(void **state) {
    static const char *const keys[] = {"rate", "momentum", NULL};
    ds_node *root =
        tree("{a: {rate: 1, momentum: 2}, b: {ratte: 1}, c: {x: 1}, d: , e: word, f: []}");
    (void)state;
    DONE(ds_node_only_keys(ds_node_get(root, "a"), "a", keys));
    assert_refused(ds_node_only_keys(ds_node_get(root, "b"), "b", keys),
                   "r.yaml:1:33: unknown key \"ratte\" in b");
    assert_hint("did you mean \"rate\"?");
    assert_refused(ds_node_only_keys(ds_node_get(root, "c"), "c", keys),
                   "r.yaml:1:48: unknown key \"x\" in c");
    assert_hint("known keys: rate, momentum");
    DONE(ds_node_only_keys(ds_node_get(root, "d"), "d", keys));
    assert_refused(ds_node_only_keys(ds_node_get(root, "e"), "e", keys),
                   "r.yaml:1:60: e: expected a mapping, got a word");
    assert_refused(ds_node_only_keys(ds_node_get(root, "f"), "f", keys),
                   "r.yaml:1:69: f: expected a mapping, got a list");
    ds_node_destroy(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_know_their_kind_text_and_place),
        cmocka_unit_test(what_is_no_yaml_is_refused_by_its_place),
        cmocka_unit_test(an_argument_has_no_place),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(an_alias_bomb_is_refused),
        cmocka_unit_test(a_dotted_path_sets_one_value),
        cmocka_unit_test(a_path_that_leads_nowhere_is_refused),
        cmocka_unit_test(a_scalar_widens_to_a_map),
        cmocka_unit_test(a_copy_stands_by_itself),
        cmocka_unit_test(what_is_printed_is_read_back),
        cmocka_unit_test(any_text_is_printed_and_read_back),
        cmocka_unit_test(damaged_documents_end_with_a_status),
        cmocka_unit_test(without_memory_nothing_is_leaked),
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(whole_numbers_are_read),
        cmocka_unit_test(words_and_switches_are_read),
        cmocka_unit_test(unknown_keys_are_named_with_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
