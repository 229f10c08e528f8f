// SPDX-License-Identifier: Apache-2.0
// workload.json: each layer is read into a spec by the table of its type, and handed to the builder.
#include "sim/base/say.h"
#include "sim/spec/workload_keys.h"

#include <string.h>

static const struct mp_field head_fields[] = {
    {.key = "name", .type = MP_FIELD_NAME, .offset = offsetof(struct mp_workload, name), .required = true,
     .help = "name"},
    {.key = "source", .type = MP_FIELD_NAME, .offset = offsetof(struct mp_workload, source),
     .help = "where the network is from"},
    {.key = NULL},
};
static const char *const head_also[] = {"inputs", "layers", NULL};

static const struct mp_sizes input_shape = {"shape", 0, 3, true, 0, 1, "channels, height, width"};
static const struct mp_field input_fields[] = {
    {.key = "signed", .type = MP_FIELD_BOOL, .help = "whether it holds negative numbers"},
    {.key = NULL},
};
static const char *const input_also[] = {"name", "shape", NULL};

// A list of `rule->count` integers; `base` is what its offset counts from.
static bool read_sizes(const struct mp_sizes *rule, const struct mp_node *n, void *base, struct mp_err *err) {
    uint64_t *out = (uint64_t *)((char *)base + rule->offset);
    struct mp_node list, item;
    size_t at = 0;
    if (!mp_node_get(n, rule->key, &list)) {
        for (size_t i = 0; i < rule->count; i++)
            out[i] = rule->def;
        return !rule->required || mp_node_missing(n, rule->key, err);
    }
    if (!mp_node_array(&list, err))
        return false;
    if (mp_node_count(&list) != rule->count)
        return mp_node_fail(&list, err, "must be a list of %zu integers: %s (got %zu)", rule->count,
                            rule->help, mp_node_count(&list));
    for (bool more = mp_node_first(&list, &item); more; more = mp_node_next(&item), at++)
        if (!mp_node_uint(&item, rule->min, MP_MAX_SIZE, &out[at], err))
            return false;
    return true;
}

static bool read_name(const struct mp_node *n, const char *key, const char **out, struct mp_err *err) {
    struct mp_node child;
    return mp_node_need(n, key, &child, err) && mp_node_name(&child, out, err);
}

static bool read_input(struct mp_builder *b, const struct mp_node *n, struct mp_err *err) {
    const char *name;
    uint64_t shape[3];
    bool is_signed;
    struct mp_err text;
    if (!mp_fields_read(input_fields, input_also, n, b->arena, &is_signed, err) ||
        !read_name(n, "name", &name, err) || !read_sizes(&input_shape, n, shape, err))
        return false;
    return mp_build_input(b, name, shape, is_signed, &text) || mp_node_fail(n, err, "%s", text.text);
}

// Layers

static bool check_keys(const struct mp_node *n, enum mp_layer_type type, struct mp_err *err) {
    const char *known[MP_LAYER_KEYS_MAX];
    size_t count = mp_layer_key_names(type, known);
    char shown[MP_SAY_BYTES], list[MP_SAY_BYTES];
    struct mp_node child;
    for (bool more = mp_node_first(n, &child); more; more = mp_node_next(&child)) {
        size_t i = 0;
        while (i < count && strcmp(known[i], child.key) != 0)
            i++;
        if (i < count)
            continue;
        const char *near = mp_nearest(child.key, known, count), *name = mp_layer_type_names[type];
        mp_say_text(child.key, strlen(child.key), shown);
        if (near)
            return mp_node_fail(n, err, "type \"%s\" has no key \"%s\", did you mean \"%s\"?", name, shown,
                                near);
        return mp_node_fail(n, err, "type \"%s\" has no key \"%s\" (known: %s)", name, shown,
                            mp_say_names(known, count, list));
    }
    return true;
}

// Whether a layer from `n` on makes the tensor.
static bool made_later(const struct mp_node *n, const char *tensor) {
    struct mp_node layer = *n, child;
    const char *text;
    struct mp_err ignored;
    do {
        bool named = mp_node_is_object(&layer) &&
                     (mp_node_get(&layer, "output", &child) || mp_node_get(&layer, "name", &child));
        if (named && mp_node_is_string(&child) && mp_node_string(&child, &text, &ignored) &&
            strcmp(text, tensor) == 0)
            return true;
    } while (mp_node_next(&layer));
    return false;
}

static bool read_operand(const struct mp_builder *b, const struct mp_node *layer, const struct mp_node *n,
                         size_t *out, struct mp_err *err) {
    const char *name;
    char hint[MP_NAMES_HINT_BYTES], shown[MP_SAY_BYTES];
    if (!mp_node_name(n, &name, err))
        return false;
    *out = mp_names_find(&b->tensors, name);
    if (*out != MP_NO_NAME)
        return true;
    mp_say_text(name, strlen(name), shown);
    if (made_later(layer, name))
        return mp_node_fail(n, err, "tensor \"%s\" is read before it is made", shown);
    return mp_node_fail(n, err, "unknown tensor \"%s\"%s", shown, mp_names_hint(&b->tensors, name, hint));
}

static bool read_operands(struct mp_builder *b, const struct mp_node *n, struct mp_layer_spec *s,
                          struct mp_err *err) {
    struct mp_node list, item;
    if (!mp_node_need(n, "inputs", &list, err) || !mp_node_array(&list, err))
        return false;
    size_t at = 0, *inputs = mp_arena_alloc(b->arena, mp_node_count(&list), sizeof *inputs);
    for (bool more = mp_node_first(&list, &item); more; more = mp_node_next(&item))
        if (!read_operand(b, n, &item, &inputs[at++], err))
            return false;
    s->inputs = inputs;
    s->input_count = at;
    return true;
}

static bool read_keys(struct mp_builder *b, const struct mp_node *n, struct mp_layer_spec *s,
                      struct mp_err *err) {
    const struct mp_layer_keys *k = &mp_layer_keys[s->type];
    const char *also[MP_LAYER_KEYS_MAX + 1];
    also[mp_layer_key_names((enum mp_layer_type)s->type, also)] = NULL;
    if (!mp_fields_read(k->fields, also, n, b->arena, s, err))
        return false;
    for (const struct mp_sizes *z = k->sizes; z->key; z++)
        if (!read_sizes(z, n, s, err))
            return false;
    return true;
}

static bool read_layer(struct mp_builder *b, const struct mp_node *n, struct mp_err *err) {
    struct mp_node child;
    size_t type;
    struct mp_err text;
    if (!mp_node_object(n, err) || !mp_node_need(n, "type", &child, err) ||
        !mp_node_enum(&child, mp_layer_type_names, MP_LAYER_TYPES, &type, err) ||
        !check_keys(n, (enum mp_layer_type)type, err))
        return false;
    struct mp_layer_spec s = mp_layer_spec_default((enum mp_layer_type)type);
    if (!read_name(n, "name", &s.name, err) ||
        (mp_node_get(n, "output", &child) && !mp_node_name(&child, &s.output, err)))
        return false;
    if (!read_operands(b, n, &s, err) || !read_keys(b, n, &s, err))
        return false;
    return mp_build_layer(b, &s, &text) || mp_node_fail(n, err, "%s", text.text);
}

// The document

static bool need_list(const struct mp_node *root, const char *key, struct mp_node *list, struct mp_err *err) {
    if (!mp_node_need(root, key, list, err) || !mp_node_array(list, err))
        return false;
    size_t count = mp_node_count(list);
    return count <= MP_MAX_LAYERS ||
           mp_node_fail(list, err, "must have at most %u elements (got %zu)", MP_MAX_LAYERS, count);
}

bool mp_workload_read(struct mp_workload *w, struct mp_arena *a, const struct mp_node *root,
                      struct mp_err *err) {
    struct mp_workload head = {0};
    struct mp_node inputs, layers, n;
    struct mp_builder b;
    struct mp_err text;
    if (!mp_fields_read(head_fields, head_also, root, a, &head, err) ||
        !need_list(root, "inputs", &inputs, err) || !need_list(root, "layers", &layers, err))
        return false;
    mp_build_begin(&b, w, a, head.name, head.source, mp_node_count(&inputs), mp_node_count(&layers));
    for (bool more = mp_node_first(&inputs, &n); more; more = mp_node_next(&n))
        if (!read_input(&b, &n, err))
            return false;
    for (bool more = mp_node_first(&layers, &n); more; more = mp_node_next(&n))
        if (!read_layer(&b, &n, err))
            return false;
    return mp_build_end(&b, &text) || mp_node_fail(&layers, err, "%s", text.text);
}

void mp_workload_describe(struct mp_buf *out) {
    mp_fields_describe(head_fields, "", out);
    mp_buf_addf(out, "inputs.name  name, required: of the tensor\ninputs.shape  3 integers, required: %s\n",
                input_shape.help);
    mp_fields_describe(input_fields, "inputs", out);
    mp_buf_add(
        out, "layers.name  name, required: distinct\n"
             "layers.type  name, required: decides which keys there are\n"
             "layers.inputs  list of tensors, required: inputs of the network or outputs of earlier layers\n"
             "layers.output  name, default the layer's name: of the tensor that it makes\n");
    for (int t = 0; t < MP_LAYER_TYPES; t++) {
        const struct mp_layer_keys *k = &mp_layer_keys[t];
        mp_buf_addf(out, "layers.type = %s: %s\n", mp_layer_type_names[t], k->help);
        mp_fields_describe(k->fields, "layers", out);
        for (const struct mp_sizes *z = k->sizes; z->key; z++) {
            mp_buf_addf(out, "layers.%s  %zu integers, ", z->key, z->count);
            mp_buf_addf(out, z->required ? "required" : "default %ju each", (uintmax_t)z->def);
            mp_buf_addf(out, ": %s\n", z->help);
        }
    }
}
