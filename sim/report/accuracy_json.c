// SPDX-License-Identifier: Apache-2.0
// Accuracy as JSON, schema mpsim.accuracy/1.
#include "sim/report/accuracy.h"

#include <math.h>

static void text(struct mp_jsonw *w, const char *key, const char *value) {
    mp_jsonw_key(w, key);
    mp_jsonw_string(w, value);
}

static void uint(struct mp_jsonw *w, const char *key, uint64_t value) {
    mp_jsonw_key(w, key);
    mp_jsonw_uint(w, value);
}

static void real(struct mp_jsonw *w, const char *key, double value) {
    mp_jsonw_key(w, key);
    mp_jsonw_real(w, value);
}

static void yes(struct mp_jsonw *w, const char *key, bool value) {
    mp_jsonw_key(w, key);
    mp_jsonw_bool(w, value);
}

static void share(struct mp_jsonw *w, const char *key, struct mp_share s) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    real(w, "value", s.share);
    real(w, "low", s.low);
    real(w, "high", s.high);
    mp_jsonw_close(w, '}');
}

static void quantiser(const struct mp_accuracy_report *r, struct mp_jsonw *w) {
    const struct mp_quantise_options *h = r->how;
    mp_jsonw_key(w, "quantizer");
    mp_jsonw_open(w, '{', false);
    yes(w, "weights_only", r->weights_only);
    text(w, "weights", mp_range_method_names[h->weights]);
    text(w, "rounding", mp_rounding_names[h->rounding]);
    text(w, "activations", mp_range_method_names[h->activations]);
    real(w, "percentile", h->percentile);
    yes(w, "per_tensor", h->weights_per_tensor);
    yes(w, "affine", h->affine);
    yes(w, "dynamic_fixed_point", h->power_of_two);
    yes(w, "bias_correction", h->bias_correction);
    yes(w, "equalize", h->equalise);
    text(w, "calibrated_on", r->calibrated_on);
    uint(w, "calibration_images", r->calibration_images);
    if (r->bias_images > 0)
        uint(w, "bias_images", r->bias_images);
    if (r->q) {
        uint(w, "ranges_from_model", r->q->model_ranges);
        uint(w, "weights_from_model", r->q->model_weights);
    }
    mp_jsonw_close(w, '}');
}

static void tensor(const struct mp_accuracy_report *r, size_t t, struct mp_jsonw *w) {
    const struct mp_qtensor *q = &r->q->tensors[t];
    mp_jsonw_key(w, "output");
    mp_jsonw_open(w, '{', true);
    text(w, "tensor", r->net->workload.tensors[t].name);
    uint(w, "bits", q->bits);
    yes(w, "signed", q->is_signed);
    real(w, "scale", q->scale);
    mp_jsonw_key(w, "zero");
    mp_jsonw_int(w, q->zero);
    mp_jsonw_close(w, '}');
}

static void layer(const struct mp_accuracy_report *r, size_t i, struct mp_jsonw *w) {
    const struct mp_layer *l = &r->net->workload.layers[i];
    const struct mp_fidelity *f = &r->found->tensors[l->output];
    mp_jsonw_open(w, '{', false);
    text(w, "name", l->name);
    text(w, "type", mp_layer_type_names[l->type]);
    uint(w, "a_bits", r->plan->layers[i].a_bits);
    if (mp_layer_on_array(l))
        uint(w, "w_bits", mp_layer_bits_widest(&r->plan->layers[i]));
    if (f->noise > 0 && f->signal > 0) // else there is no noise, or no signal: no number
        real(w, "sqnr_db", mp_sqnr_db(f));
    if (r->q)
        tensor(r, l->output, w);
    if (r->found->overflows && mp_layer_on_array(l)) {
        uint(w, "overflows", r->found->overflows[i].count);
        if (r->found->overflows[i].count > 0)
            uint(w, "first_overflow_channel", r->found->overflows[i].first_channel);
    }
    if (r->result) {
        uint(w, "cycles", mp_counts_cycles(&r->result->layers[i].figures.counts));
        real(w, "energy_pj", r->result->layers[i].figures.energy_pj);
    }
    mp_jsonw_close(w, '}');
}

static void figures(const struct mp_accuracy_report *r, struct mp_jsonw *w) {
    const struct mp_accuracy *f = r->found;
    uint(w, "images", f->images);
    yes(w, "interrupted", f->interrupted);
    if (f->labelled)
        share(w, "float_accuracy", mp_share_of(f->float_right, f->images));
    if (f->float_cpu_s > 0)
        real(w, "float_images_per_cpu_s", (double)f->images / f->float_cpu_s);
    if (!r->plan)
        return;
    if (f->labelled) {
        share(w, "accuracy", mp_share_of(f->other_right, f->images));
        share(w, "difference", mp_paired_difference(f->only_other, f->only_float, f->images));
        uint(w, "lost", f->only_float);
        uint(w, "gained", f->only_other);
    }
    uint(w, "agree", f->agree);
    if (f->other_cpu_s > 0)
        real(w, "images_per_cpu_s", (double)f->images / f->other_cpu_s);
    uint(w, "images_compared", f->compared);
}

void mp_accuracy_json(const struct mp_accuracy_report *r, struct mp_buf *out) {
    struct mp_jsonw writer, *w = &writer;
    mp_jsonw_init(w, out);
    mp_jsonw_open(w, '{', false);
    text(w, "schema", MP_ACCURACY_SCHEMA);
    text(w, "model", r->net->graph.source);
    text(w, "data", r->data->name);
    if (r->plan)
        text(w, "plan", r->plan->name);
    if (r->result)
        text(w, "arch", r->result->arch->name);
    figures(r, w);
    if (r->result) {
        uint(w, "cycles", mp_counts_cycles(&r->result->totals.counts));
        real(w, "latency_ms", mp_latency_ms(&r->result->totals, r->result->arch));
        real(w, "energy_pj", r->result->totals.energy_pj);
    }
    if (r->plan) {
        quantiser(r, w);
        mp_jsonw_key(w, "layers");
        mp_jsonw_open(w, '[', false);
        for (size_t i = 0; i < r->net->workload.layer_count; i++)
            layer(r, i, w);
        mp_jsonw_close(w, ']');
    }
    mp_jsonw_close(w, '}');
}
