// SPDX-License-Identifier: Apache-2.0
// plan.json: reading, echo, description, and small questions about a layer's bits. What the widths mean for
// the workload's layers and tensors: plan_resolve.c.
#include "sim/spec/plan.h"

#include "sim/base/field.h"
#include "sim/spec/build.h"

const char *const mp_encoding_names[] = {"twos", "odd", NULL};

// The document's scalars; struct mp_plan holds them in the types that users of a plan want.
struct head {
    const char *name, *workload;
    uint64_t batch, output_bits, w_bits, a_bits;
    unsigned encoding;
};

#define AT(member) .offset = offsetof(struct head, member)
static const struct mp_field default_fields[] = {
    {.key = "w_bits", .type = MP_FIELD_UINT, AT(w_bits), .def = 8, .min = 1, .max = 8, .unit = "bits",
     .help = "of weights, and of the second operand of a matmul"},
    {.key = "a_bits", .type = MP_FIELD_UINT, AT(a_bits), .def = 8, .min = 1, .max = 8, .unit = "bits",
     .help = "of a layer's input"},
    {.key = "encoding", .type = MP_FIELD_ENUM, AT(encoding), .names = mp_encoding_names,
     .help = "of weights: two's complement, or 2q + 1"},
    {.key = NULL},
};
static const struct mp_field head_fields[] = {
    {.key = "name", .type = MP_FIELD_NAME, AT(name), .required = true, .help = "name"},
    {.key = "workload", .type = MP_FIELD_NAME, AT(workload), .required = true,
     .help = "path, from the plan's folder: workload.json, or a SCALE-Sim topology .csv"},
    {.key = "batch", .type = MP_FIELD_UINT, AT(batch), .def = 1, .min = 1, .max = 65536, .unit = "inferences",
     .help = "that run together"},
    {.key = "output_bits", .type = MP_FIELD_UINT, AT(output_bits), .def = 8, .min = 1, .max = 32,
     .unit = "bits", .help = "of the network's outputs"},
    {.key = "default", .type = MP_FIELD_OBJECT, .sub = default_fields,
     .help = "for layers that do not say otherwise"},
    {.key = NULL},
};
static const char *const also[] = {"layers", "tensors", NULL};

// Entries

static bool read_slice(const struct mp_node *n, struct mp_slice *s, struct mp_err *err) {
    static const char *const keys[] = {"channels", "bits"};
    struct mp_node channels, bits;
    uint64_t width;
    if (!mp_node_keys(n, keys, 2, err) || !mp_node_need(n, "channels", &channels, err) ||
        !mp_node_uint(&channels, 1, MP_MAX_SIZE, &s->channels, err) || !mp_node_need(n, "bits", &bits, err) ||
        !mp_node_uint(&bits, 1, 8, &width, err))
        return false;
    s->w_bits = (unsigned)width;
    return true;
}

static bool read_w_bits(const struct mp_node *n, struct mp_arena *a, struct mp_plan_entry *e,
                        struct mp_err *err) {
    struct mp_node item;
    uint64_t width;
    if (!mp_node_is_array(n)) {
        if (!mp_node_is_number(n))
            return mp_node_fail(n, err, "must be an integer 1..8 or a list of {\"channels\", \"bits\"}");
        if (!mp_node_uint(n, 1, 8, &width, err))
            return false;
        e->slices = mp_arena_alloc(a, 1, sizeof *e->slices);
        e->slices[0].w_bits = (unsigned)width;
        e->slice_count = 1;
        e->uniform = true;
        return true;
    }
    e->slices = mp_arena_alloc(a, mp_node_count(n), sizeof *e->slices);
    for (bool more = mp_node_first(n, &item); more; more = mp_node_next(&item))
        if (!read_slice(&item, &e->slices[e->slice_count++], err))
            return false;
    return e->slice_count > 0 || mp_node_fail(n, err, "must not be empty");
}

static bool read_entry(const struct mp_node *n, struct mp_arena *a, struct mp_plan_entry *e,
                       struct mp_err *err) {
    static const char *const keys[] = {"w_bits", "a_bits", "encoding"};
    struct mp_node child;
    uint64_t width;
    size_t encoding;
    e->layer = mp_arena_strdup(a, n->key);
    if (!mp_node_keys(n, keys, 3, err) ||
        (mp_node_get(n, "w_bits", &child) && !read_w_bits(&child, a, e, err)))
        return false;
    if (mp_node_get(n, "a_bits", &child)) {
        if (!mp_node_uint(&child, 1, 8, &width, err))
            return false;
        e->a_bits = (unsigned)width;
    }
    if (mp_node_get(n, "encoding", &child)) {
        if (!mp_node_enum(&child, mp_encoding_names, 2, &encoding, err))
            return false;
        e->has_encoding = true;
        e->encoding = (enum mp_encoding)encoding;
    }
    return true;
}

static bool read_entries(struct mp_plan *p, struct mp_arena *a, const struct mp_node *root,
                         struct mp_err *err) {
    struct mp_node layers, n;
    if (!mp_node_get(root, "layers", &layers))
        return true;
    if (!mp_node_object(&layers, err))
        return false;
    p->entries = mp_arena_alloc(a, mp_node_count(&layers), sizeof *p->entries);
    for (bool more = mp_node_first(&layers, &n); more; more = mp_node_next(&n))
        if (!read_entry(&n, a, &p->entries[p->entry_count++], err))
            return false;
    return true;
}

static bool read_tensors(struct mp_plan *p, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    struct mp_node tensors, n;
    uint64_t width;
    if (!mp_node_get(root, "tensors", &tensors))
        return true;
    if (!mp_node_object(&tensors, err))
        return false;
    p->tensors = mp_arena_alloc(a, mp_node_count(&tensors), sizeof *p->tensors);
    for (bool more = mp_node_first(&tensors, &n); more; more = mp_node_next(&n)) {
        if (!mp_node_uint(&n, 1, 8, &width, err))
            return false;
        p->tensors[p->named_count++] = (struct mp_plan_tensor){mp_arena_strdup(a, n.key), (unsigned)width};
    }
    return true;
}

bool mp_plan_read(struct mp_plan *p, struct mp_arena *a, const struct mp_node *root, struct mp_err *err) {
    struct head h;
    if (!mp_fields_read(head_fields, also, root, a, &h, err))
        return false;
    *p = (struct mp_plan){
        .path = mp_arena_strdup(a, mp_json_name(root->doc)), .name = h.name, .workload = h.workload,
        .batch = h.batch, .default_w_bits = (unsigned)h.w_bits, .default_a_bits = (unsigned)h.a_bits,
        .output_bits = (unsigned)h.output_bits, .default_encoding = (enum mp_encoding)h.encoding,
    };
    return read_entries(p, a, root, err) && read_tensors(p, a, root, err);
}

// Echo

static void write_w_bits(const struct mp_layer_bits *b, struct mp_jsonw *out) {
    mp_jsonw_key(out, "w_bits");
    if (b->slice_count == 1) {
        mp_jsonw_uint(out, b->slices[0].w_bits);
        return;
    }
    mp_jsonw_open(out, '[', true);
    for (size_t i = 0; i < b->slice_count; i++) {
        mp_jsonw_open(out, '{', true);
        mp_jsonw_key(out, "channels");
        mp_jsonw_uint(out, b->slices[i].channels);
        mp_jsonw_key(out, "bits");
        mp_jsonw_uint(out, b->slices[i].w_bits);
        mp_jsonw_close(out, '}');
    }
    mp_jsonw_close(out, ']');
}

// Off the array, an entry would give all inputs one width: it says what is only where they have one.
static bool has_entry(const struct mp_plan *p, const struct mp_layer *l) {
    if (mp_layer_on_array(l))
        return true;
    for (size_t i = 0; i < l->input_count; i++)
        if (p->tensor_bits[l->inputs[i]] != p->tensor_bits[l->inputs[0]])
            return false;
    return !mp_layer_moves_nothing(l) && p->tensor_bits[l->inputs[0]] <= 8;
}

static void write_layer(const struct mp_layer *l, const struct mp_layer_bits *b, struct mp_jsonw *out) {
    mp_jsonw_key(out, l->name);
    mp_jsonw_open(out, '{', true);
    if (b->slice_count > 0)
        write_w_bits(b, out);
    mp_jsonw_key(out, "a_bits");
    mp_jsonw_uint(out, b->a_bits);
    if (mp_layer_has_weights(l)) {
        mp_jsonw_key(out, "encoding");
        mp_jsonw_string(out, mp_encoding_names[b->encoding]);
    }
    mp_jsonw_close(out, '}');
}

static void write_tensors(const struct mp_plan *p, struct mp_jsonw *out) {
    if (p->named_count == 0)
        return;
    mp_jsonw_key(out, "tensors");
    mp_jsonw_open(out, '{', false);
    for (size_t i = 0; i < p->named_count; i++)
        mp_jsonw_put_uint(out, p->tensors[i].tensor, p->tensors[i].bits);
    mp_jsonw_close(out, '}');
}

void mp_plan_write(const struct mp_plan *p, const struct mp_workload *w, struct mp_jsonw *out) {
    const struct head h = {p->name,           p->workload,       p->batch,           p->output_bits,
                           p->default_w_bits, p->default_a_bits, p->default_encoding};
    mp_jsonw_open(out, '{', false);
    mp_fields_write(head_fields, &h, out);
    mp_jsonw_key(out, "layers");
    mp_jsonw_open(out, '{', false);
    for (size_t i = 0; i < w->layer_count; i++)
        if (has_entry(p, &w->layers[i]))
            write_layer(&w->layers[i], &p->layers[i], out);
    mp_jsonw_close(out, '}');
    write_tensors(p, out);
    mp_jsonw_close(out, '}');
}

void mp_plan_describe(struct mp_buf *out) {
    mp_fields_describe(head_fields, "", out);
    mp_buf_add(
        out,
        "layers.NAME.w_bits  integer 1..8, or list of {channels, bits}, optional: of the weights, by output "
        "channel\n"
        "layers.NAME.a_bits  integer 1..8 bits, optional: of the layer's input\n"
        "layers.NAME.encoding  one of twos, odd, optional: of the weights\n"
        "tensors.NAME  integer 1..8 bits, optional: of a tensor that no layer on the array reads\n");
}

// Bits of a layer

unsigned mp_layer_bits_widest(const struct mp_layer_bits *b) {
    unsigned widest = 0;
    for (size_t i = 0; i < b->slice_count; i++)
        if (b->slices[i].w_bits > widest)
            widest = b->slices[i].w_bits;
    return widest;
}

uint64_t mp_layer_bits_total(const struct mp_layer_bits *b, uint64_t per_channel) {
    uint64_t sum = 0;
    for (size_t i = 0; i < b->slice_count; i++)
        sum += b->slices[i].channels * b->slices[i].w_bits;
    return sum * per_channel;
}
