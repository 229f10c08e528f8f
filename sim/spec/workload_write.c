// SPDX-License-Identifier: Apache-2.0
// The echo of a workload: every key of every layer, a layer a line. Reads back to the same workload.
#include "sim/spec/workload_keys.h"

static void write_sizes(const struct mp_sizes *z, const void *base, struct mp_jsonw *out) {
    const uint64_t *value = (const uint64_t *)((const char *)base + z->offset);
    mp_jsonw_key(out, z->key);
    mp_jsonw_open(out, '[', true);
    for (size_t i = 0; i < z->count; i++)
        mp_jsonw_uint(out, value[i]);
    mp_jsonw_close(out, ']');
}

static void write_text(const char *key, const char *text, struct mp_jsonw *out) {
    mp_jsonw_key(out, key);
    mp_jsonw_string(out, text);
}

static void write_input(const struct mp_tensor *t, struct mp_jsonw *out) {
    static const struct mp_sizes shape = {.key = "shape", .count = 3};
    const uint64_t size[] = {t->c, t->h, t->w};
    mp_jsonw_open(out, '{', true);
    write_text("name", t->name, out);
    write_sizes(&shape, size, out);
    mp_jsonw_key(out, "signed");
    mp_jsonw_bool(out, t->is_signed);
    mp_jsonw_close(out, '}');
}

static void write_layer(const struct mp_workload *w, const struct mp_layer *l, struct mp_jsonw *out) {
    const struct mp_layer_keys *k = &mp_layer_keys[l->type];
    const struct mp_layer_spec s = mp_layer_spec_of(w, l);
    mp_jsonw_open(out, '{', true);
    write_text("name", s.name, out);
    write_text("type", mp_layer_type_names[s.type], out);
    mp_jsonw_key(out, "inputs");
    mp_jsonw_open(out, '[', true);
    for (size_t i = 0; i < s.input_count; i++)
        mp_jsonw_string(out, w->tensors[s.inputs[i]].name);
    mp_jsonw_close(out, ']');
    write_text("output", s.output, out);
    mp_fields_write(k->fields, &s, out);
    for (const struct mp_sizes *z = k->sizes; z->key; z++)
        write_sizes(z, &s, out);
    mp_jsonw_close(out, '}');
}

void mp_workload_write(const struct mp_workload *w, struct mp_jsonw *out) {
    mp_jsonw_open(out, '{', false);
    write_text("name", w->name, out);
    if (w->source)
        write_text("source", w->source, out);
    mp_jsonw_key(out, "inputs");
    mp_jsonw_open(out, '[', false);
    for (size_t i = 0; i < w->input_count; i++)
        write_input(&w->tensors[i], out);
    mp_jsonw_close(out, ']');
    mp_jsonw_key(out, "layers");
    mp_jsonw_open(out, '[', false);
    for (size_t i = 0; i < w->layer_count; i++)
        write_layer(w, &w->layers[i], out);
    mp_jsonw_close(out, ']');
    mp_jsonw_close(out, '}');
}
