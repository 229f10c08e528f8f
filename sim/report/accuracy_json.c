// SPDX-License-Identifier: Apache-2.0
// Accuracy as JSON, schema mpsim.accuracy/1.
#include "sim/report/accuracy.h"

#include <math.h>

static void share(struct mp_jsonw *w, const char *key, struct mp_share s) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_real(w, "value", s.share);
    mp_jsonw_put_real(w, "low", s.low);
    mp_jsonw_put_real(w, "high", s.high);
    mp_jsonw_close(w, '}');
}

static void quantiser(const struct mp_accuracy_report *r, struct mp_jsonw *w) {
    const struct mp_quantise_options *h = r->how;
    mp_jsonw_key(w, "quantizer");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_bool(w, "weights_only", r->weights_only);
    mp_jsonw_put_string(w, "weights", mp_range_method_names[h->weights]);
    mp_jsonw_put_string(w, "rounding", mp_rounding_names[h->rounding]);
    mp_jsonw_put_string(w, "activations", mp_range_method_names[h->activations]);
    mp_jsonw_put_real(w, "percentile", h->percentile);
    mp_jsonw_put_bool(w, "per_tensor", h->weights_per_tensor);
    mp_jsonw_put_bool(w, "affine", h->affine);
    mp_jsonw_put_bool(w, "dynamic_fixed_point", h->power_of_two);
    mp_jsonw_put_bool(w, "bias_correction", h->bias_correction);
    mp_jsonw_put_bool(w, "equalize", h->equalise);
    mp_jsonw_put_string(w, "calibrated_on", r->calibrated_on);
    mp_jsonw_put_uint(w, "calibration_images", r->calibration_images);
    if (r->bias_images > 0)
        mp_jsonw_put_uint(w, "bias_images", r->bias_images);
    if (r->q) {
        mp_jsonw_put_uint(w, "ranges_from_model", r->q->model_ranges);
        mp_jsonw_put_uint(w, "weights_from_model", r->q->model_weights);
    }
    mp_jsonw_close(w, '}');
}

static void tensor(const struct mp_accuracy_report *r, size_t t, struct mp_jsonw *w) {
    const struct mp_qtensor *q = &r->q->tensors[t];
    mp_jsonw_key(w, "output");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "tensor", r->net->workload.tensors[t].name);
    mp_jsonw_put_uint(w, "bits", q->bits);
    mp_jsonw_put_bool(w, "signed", q->is_signed);
    mp_jsonw_put_real(w, "scale", q->scale);
    mp_jsonw_key(w, "zero");
    mp_jsonw_int(w, q->zero);
    mp_jsonw_close(w, '}');
}

static void layer(const struct mp_accuracy_report *r, size_t i, struct mp_jsonw *w) {
    const struct mp_layer *l = &r->net->workload.layers[i];
    const struct mp_fidelity *f = &r->found->tensors[l->output];
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", l->name);
    mp_jsonw_put_string(w, "type", mp_layer_type_names[l->type]);
    mp_jsonw_put_uint(w, "a_bits", r->plan->layers[i].a_bits);
    if (mp_layer_on_array(l))
        mp_jsonw_put_uint(w, "w_bits", mp_layer_bits_widest(&r->plan->layers[i]));
    if (f->noise > 0 && f->signal > 0) // else there is no noise, or no signal: no number
        mp_jsonw_put_real(w, "sqnr_db", mp_sqnr_db(f));
    if (r->q)
        tensor(r, l->output, w);
    if (r->found->overflows && mp_layer_on_array(l)) {
        mp_jsonw_put_uint(w, "overflows", r->found->overflows[i].count);
        if (r->found->overflows[i].count > 0)
            mp_jsonw_put_uint(w, "first_overflow_channel", r->found->overflows[i].first_channel);
    }
    if (r->result) {
        mp_jsonw_put_uint(w, "cycles", mp_counts_cycles(&r->result->layers[i].figures.counts));
        mp_jsonw_put_real(w, "energy_pj", r->result->layers[i].figures.energy_pj);
    }
    mp_jsonw_close(w, '}');
}

static void figures(const struct mp_accuracy_report *r, struct mp_jsonw *w) {
    const struct mp_accuracy *f = r->found;
    mp_jsonw_put_uint(w, "images", f->images);
    mp_jsonw_put_bool(w, "interrupted", f->interrupted);
    if (f->labelled)
        share(w, "float_accuracy", mp_share_of(f->float_right, f->images));
    if (f->float_cpu_s > 0)
        mp_jsonw_put_real(w, "float_images_per_cpu_s", (double)f->images / f->float_cpu_s);
    if (!r->plan)
        return;
    if (f->labelled) {
        share(w, "accuracy", mp_share_of(f->other_right, f->images));
        share(w, "difference", mp_paired_difference(f->only_other, f->only_float, f->images));
        mp_jsonw_put_uint(w, "lost", f->only_float);
        mp_jsonw_put_uint(w, "gained", f->only_other);
    }
    mp_jsonw_put_uint(w, "agree", f->agree);
    if (f->other_cpu_s > 0)
        mp_jsonw_put_real(w, "images_per_cpu_s", (double)f->images / f->other_cpu_s);
    mp_jsonw_put_uint(w, "images_compared", f->compared);
}

void mp_accuracy_json(const struct mp_accuracy_report *r, struct mp_buf *out) {
    struct mp_jsonw writer, *w = &writer;
    mp_jsonw_init(w, out);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "schema", MP_ACCURACY_SCHEMA);
    mp_jsonw_put_string(w, "model", r->net->graph.source);
    mp_jsonw_put_string(w, "data", r->data->name);
    if (r->plan)
        mp_jsonw_put_string(w, "plan", r->plan->name);
    if (r->result)
        mp_jsonw_put_string(w, "arch", r->result->arch->name);
    figures(r, w);
    if (r->result) {
        mp_jsonw_put_uint(w, "cycles", mp_counts_cycles(&r->result->totals.counts));
        mp_jsonw_put_real(w, "latency_ms", mp_latency_ms(&r->result->totals, r->result->arch));
        mp_jsonw_put_real(w, "energy_pj", r->result->totals.energy_pj);
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
