/* From a tree to text, by libyaml. */
#include <string.h>
#include <yaml.h>

#include "base/yaml.h"

static int append_output(void *context, unsigned char *bytes, size_t size) {
    return ds_text_append(context, (const char *)bytes, size) == DS_OK;
}

/* In quotes where it was so, where there is nothing else, and where they keep it on one line. */
static int add_text(yaml_document_t *document, const char *text, bool quoted) {
    bool escape = quoted || !*text || strpbrk(text, "\n\r") || strstr(text, "\xc2\x85") ||
                  strstr(text, "\xe2\x80\xa8") || strstr(text, "\xe2\x80\xa9");
    return yaml_document_add_scalar(document, NULL, (const yaml_char_t *)text, (int)strlen(text),
                                    escape ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                           : YAML_ANY_SCALAR_STYLE);
}

static int add_node(yaml_document_t *document, const ds_node *node, bool flow) {
    int id, entry;
    if (node->kind == DS_SCALAR)
        return add_text(document, node->text, node->quoted);
    if (node->kind == DS_LIST) {
        id = yaml_document_add_sequence(
            document, NULL, flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
        DS_EACH_CHILD (child, node) {
            entry = add_node(document, child, true);
            if (!id || !entry || !yaml_document_append_sequence_item(document, id, entry))
                return 0;
        }
        return id;
    }
    id = yaml_document_add_mapping(document, NULL,
                                   flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE);
    DS_EACH_CHILD (child, node) {
        int key = add_text(document, child->key, false);
        entry = add_node(document, child, flow || child->kind == DS_MAP);
        if (!id || !key || !entry || !yaml_document_append_mapping_pair(document, id, key, entry))
            return 0;
    }
    return id;
}

static ds_status print_tree(const ds_node *node, bool flow, char **text) {
    ds_status status = DS_OK;
    ds_text output = {0};
    yaml_document_t document;
    yaml_emitter_t emitter;
    bool opened = false, owned = false;
    if (!yaml_emitter_initialize(&emitter))
        return ds_fail(DS_OUT_OF_MEMORY, "", "no memory to print YAML");
    yaml_emitter_set_output(&emitter, append_output, &output);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, flow ? -1 : 100);
    bool made = yaml_document_initialize(&document, NULL, NULL, NULL, 1, 1);
    owned = made;
    opened = made && add_node(&document, node, flow) && yaml_emitter_open(&emitter);
    if (opened) {
        owned = false; /* the emitter deletes what it dumps */
        opened = yaml_emitter_dump(&emitter, &document) && yaml_emitter_close(&emitter);
    }
    if (!opened) {
        status = ds_fail(DS_OUT_OF_MEMORY, "", "no memory to print YAML");
        goto cleanup;
    }
    while (flow && output.length && output.characters[output.length - 1] == '\n')
        output.characters[--output.length] = '\0';
    DS_TRY(ds_text_take(&output, text));

cleanup:
    if (owned)
        yaml_document_delete(&document);
    yaml_emitter_delete(&emitter);
    ds_text_clear(&output);
    return status;
}

ds_status ds_node_print(const ds_node *node, char **text) {
    return print_tree(node, false, text);
}

ds_status ds_node_print_flow(const ds_node *node, char **text) {
    return print_tree(node, true, text);
}
