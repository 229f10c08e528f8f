// SPDX-License-Identifier: Apache-2.0
// A model as JSON, schema mpsim.inspect/1.
#include "sim/report/inspect.h"

#include <math.h>

// Graph

static void value(const struct mp_value *v, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "name", v->name);
    mp_jsonw_key(w, "shape");
    mp_jsonw_open(w, '[', true);
    for (unsigned d = 0; d < v->array.shape.rank; d++)
        mp_jsonw_uint(w, v->array.shape.dim[d]);
    mp_jsonw_close(w, ']');
    mp_jsonw_key(w, "dimensions"); // names; "" where there is none
    mp_jsonw_open(w, '[', true);
    for (unsigned d = 0; d < v->array.shape.rank; d++)
        mp_jsonw_string(w, v->dims && v->dims[d] ? v->dims[d] : "");
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void values(const char *key, const struct mp_graph *g, const size_t *list, size_t count, struct mp_jsonw *w) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < count; i++)
        value(&g->values[list[i]], w);
    mp_jsonw_close(w, ']');
}

// Layers

static void moments(const struct mp_moments *m, struct mp_jsonw *w) {
    mp_jsonw_put_uint(w, "count", m->count);
    mp_jsonw_put_real(w, "min", m->low);
    mp_jsonw_put_real(w, "max", m->high);
    mp_jsonw_put_real(w, "max_abs", mp_moments_magnitude(m));
    mp_jsonw_put_real(w, "mean", m->mean);
    mp_jsonw_put_real(w, "std", m->std);
    mp_jsonw_put_uint(w, "zeros", m->zeros);
}

static void weights(const struct mp_weight_stats *s, struct mp_jsonw *w) {
    mp_jsonw_key(w, "weights");
    mp_jsonw_open(w, '{', true);
    moments(&s->all, w);
    if (s->spread > 0) {
        mp_jsonw_put_real(w, "channel_spread", s->spread);
        mp_jsonw_put_real(w, "channel_spread_median", s->spread_median);
    }
    if (s->channel_count > 0)
        mp_jsonw_put_uint(w, "empty_channels", s->empty_channels);
    mp_jsonw_close(w, '}');
}

static void channels(const struct mp_weight_stats *s, const float *bias, struct mp_jsonw *w) {
    mp_jsonw_key(w, "channels");
    mp_jsonw_open(w, '[', false);
    for (uint64_t c = 0; c < s->channel_count; c++) {
        mp_jsonw_open(w, '{', true);
        moments(&s->channels[c], w);
        mp_jsonw_put_real(w, "bias", (double)bias[c]);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

static void hint(const char *key, struct mp_quant_hint h, struct mp_jsonw *w) {
    if (h.bits == 0)
        return;
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_uint(w, "bits", h.bits);
    mp_jsonw_put_bool(w, "signed", h.is_signed);
    mp_jsonw_put_bool(w, "per_channel", !(h.scale > 0));
    if (h.scale > 0) {
        mp_jsonw_put_real(w, "scale", (double)h.scale);
        mp_jsonw_key(w, "zero");
        mp_jsonw_int(w, h.zero);
    }
    mp_jsonw_close(w, '}');
}

static void layer(const struct mp_inspect_report *r, size_t i, struct mp_jsonw *w) {
    const struct mp_layer *l = &r->net->workload.layers[i];
    const struct mp_tensor *t = &r->net->workload.tensors[l->output];
    const uint64_t shape[] = {t->c, t->h, t->w};
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", l->name);
    mp_jsonw_put_string(w, "type", mp_layer_type_names[l->type]);
    mp_jsonw_put_string(w, "output", t->name);
    mp_jsonw_key(w, "shape");
    mp_jsonw_open(w, '[', true);
    for (int d = 0; d < 3; d++)
        mp_jsonw_uint(w, shape[d]);
    mp_jsonw_close(w, ']');
    mp_jsonw_put_uint(w, "params", mp_layer_parameters(l));
    mp_jsonw_put_uint(w, "macs", mp_layer_macs(l));
    if (r->weights[i].all.count > 0)
        weights(&r->weights[i], w);
    hint("weight_hint", mp_inspect_weight_hint(r, i), w);
    hint("output_hint", mp_inspect_output_hint(r, i), w);
    if (r->net->params[i].float_only)
        mp_jsonw_put_string(w, "float_only", r->net->params[i].float_only);
    if (r->only == i)
        channels(&r->weights[i], r->net->params[i].bias, w);
    mp_jsonw_close(w, '}');
}

// Activations

static void tensor(const struct mp_inspect_report *r, size_t i, struct mp_jsonw *w) {
    const struct mp_tensor *t = &r->net->workload.tensors[i];
    const struct mp_histogram *h = r->activations->tensors[i];
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "tensor", t->name);
    if (t->producer != MP_NO_LAYER)
        mp_jsonw_put_string(w, "layer", r->net->workload.layers[t->producer].name);
    mp_jsonw_put_uint(w, "count", h->count);
    mp_jsonw_put_real(w, "min", (double)h->low);
    mp_jsonw_put_real(w, "max", (double)h->high);
    mp_jsonw_put_real(w, "max_abs_p999", mp_histogram_magnitude(h, MP_INSPECT_PERCENTILE / 100));
    mp_jsonw_put_uint(w, "zeros", h->zeros);
    mp_jsonw_close(w, '}');
}

static void activations(const struct mp_inspect_report *r, struct mp_jsonw *w) {
    mp_jsonw_put_string(w, "measured_on", r->measured_on);
    mp_jsonw_put_uint(w, "images", r->activations->images);
    mp_jsonw_key(w, "activations");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->net->workload.tensor_count; i++)
        tensor(r, i, w);
    mp_jsonw_close(w, ']');
}

void mp_inspect_json(const struct mp_inspect_report *r, struct mp_buf *out) {
    const struct mp_graph *g = &r->net->graph;
    struct mp_jsonw writer, *w = &writer;
    mp_jsonw_init(w, out);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "schema", MP_INSPECT_SCHEMA);
    mp_jsonw_put_string(w, "model", g->source);
    mp_jsonw_put_uint(w, "opset", g->opset);
    values("inputs", g, g->inputs, g->input_count, w);
    values("outputs", g, g->outputs, g->output_count, w);
    mp_jsonw_put_uint(w, "params", mp_workload_params(&r->net->workload));
    mp_jsonw_put_uint(w, "macs", mp_workload_macs(&r->net->workload));
    mp_jsonw_key(w, "layers");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->net->workload.layer_count; i++)
        if (mp_inspect_shows(r, i))
            layer(r, i, w);
    mp_jsonw_close(w, ']');
    if (r->activations)
        activations(r, w);
    mp_jsonw_close(w, '}');
}
