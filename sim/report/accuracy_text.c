// SPDX-License-Identifier: Apache-2.0
// Accuracy as text: what is asked for, a row a layer, then the figures.
#include "sim/report/accuracy.h"

#include "sim/report/metric.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void head(const struct mp_accuracy_report *r, const struct mp_style *s, struct mp_buf *out) {
    struct mp_buf line = {0};
    char images[MP_QTY_BYTES];
    mp_buf_addf(&line, "%s on %s", r->net->workload.name, r->data->name);
    mp_style_bold(s, line.text, out);
    mp_buf_addf(out, ": %s image%s of %" PRIu64 "x%" PRIu64 "x%" PRIu64, mp_qty_count(r->found->images, images),
                r->found->images == 1 ? "" : "s", r->data->channels, r->data->height, r->data->width);
    if (r->found->labelled)
        mp_buf_addf(out, ", %" PRIu64 " classes", r->data->classes);
    mp_buf_add(out, "\n");
    mp_buf_finish(&line);
    if (r->found->labelled && r->data->classes < r->found->scores) {
        struct mp_buf few = {0};
        mp_buf_addf(&few, "warning: the network has %" PRIu64 " classes; the data's %" PRIu64 " are numbered in their own order\n",
                    r->found->scores, r->data->classes);
        mp_style_warn(s, few.text, out);
        mp_buf_finish(&few);
    }
}

static void method(const char *what, enum mp_range_method m, double percentile, struct mp_buf *out) {
    mp_buf_addf(out, ", %s %s", what, mp_range_method_names[m]);
    if (m == MP_RANGE_PERCENTILE)
        mp_buf_addf(out, " %g %%", percentile);
}

// Whether the plan names another network than the model.
static bool made_for_another(const struct mp_accuracy_report *r) {
    const char *name = r->net->workload.name, *slash = strrchr(r->plan->workload, '/'),
               *file = slash ? slash + 1 : r->plan->workload;
    size_t n = strlen(name);
    return strncmp(file, name, n) != 0 || (file[n] != '.' && file[n] != '\0');
}

static size_t zero_points(const struct mp_accuracy_report *r) {
    size_t count = 0;
    for (size_t t = 0; t < r->net->workload.tensor_count; t++)
        count += r->q->tensors[t].zero != 0;
    return count;
}

static void model_ranges(const struct mp_accuracy_report *r, struct mp_buf *out) {
    if (!r->q || r->q->model_ranges + r->q->model_weights == 0)
        return;
    mp_buf_addf(out, "  ranges     %zu tensor%s", r->q->model_ranges, r->q->model_ranges == 1 ? "" : "s");
    if (r->q->model_weights > 0)
        mp_buf_addf(out, " and the weights of %zu layer%s", r->q->model_weights, r->q->model_weights == 1 ? "" : "s");
    mp_buf_add(out, " from the model's own quantisation\n");
}

static void quantiser(const struct mp_accuracy_report *r, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_quantise_options *h = r->how;
    mp_buf_addf(out, "  plan       %s", r->plan->name);
    if (made_for_another(r))
        mp_buf_addf(out, " (made for %s)", r->plan->workload);
    mp_buf_addf(out, "%s", r->weights_only ? ", weights only, activations in float" : "");
    method("weights", h->weights, h->percentile, out);
    mp_buf_add(out, h->rounding == MP_ROUND_GPTQ ? " gptq" : "");
    mp_buf_add(out, h->power_of_two ? " by powers of two" : h->weights_per_tensor ? " by tensor" : " by channel");
    if (!r->weights_only)
        method("activations", h->activations, h->percentile, out);
    if (r->q && h->affine)
        mp_buf_addf(out, ", affine (%zu of %zu tensors)", zero_points(r), r->net->workload.tensor_count);
    mp_buf_add(out, h->bias_correction ? ", bias correction" : "");
    if (h->equalise)
        mp_buf_addf(out, ", equalized (%zu pair%s of layers)", r->pairs, r->pairs == 1 ? "" : "s");
    mp_buf_add(out, "\n");
    mp_buf_addf(out, "  scales     from %" PRIu64 " images of %s", r->calibration_images, r->calibrated_on);
    if (r->bias_images > 0 && r->bias_images < r->calibration_images)
        mp_buf_addf(out, ", biases from %" PRIu64 " of them", r->bias_images);
    mp_buf_add(out, "\n");
    if (r->own_images)
        mp_style_warn(s, "  warning: scales are chosen on the images that are measured; --calibrate names others\n", out);
    model_ranges(r, out);
    if (!r->weights_only)
        mp_buf_addf(out, "  arithmetic %" PRIu64 "-bit accumulators, %s, sums in %s order; loops for %s\n", r->accumulator.bits,
                    r->accumulator.on_overflow == MP_SATURATE ? "saturating" : "wrapping",
                    r->result ? "the mapping's" : "the plain", r->found->kernel);
}

static void add_layer(struct mp_table *t, const struct mp_accuracy_report *r, size_t i) {
    const struct mp_layer *l = &r->net->workload.layers[i];
    char text[MP_QTY_BYTES];
    struct mp_buf bits = {0};
    double db = mp_sqnr_db(&r->found->tensors[l->output]);
    mp_table_add(t, l->name);
    mp_table_add(t, mp_layer_type_names[l->type]);
    mp_layer_bits_text(&r->plan->layers[i], l, &bits);
    mp_table_add(t, bits.text);
    mp_buf_finish(&bits);
    mp_table_add(t, isinf(db) ? "exact" : mp_qty_fixed(db, 1, text));
    if (!r->weights_only)
        mp_table_add(t, mp_layer_on_array(l) ? mp_qty_count(r->found->overflows[i].count, text) : "");
    if (r->result) {
        const struct mp_figures *f = &r->result->layers[i].figures;
        mp_table_add(t, mp_qty_count(mp_counts_cycles(&f->counts), text));
        mp_table_add(t, mp_qty_fixed(f->energy_pj * 1e-6, 3, text));
    }
}

static void layers(const struct mp_accuracy_report *r, const struct mp_style *s, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"layer", MP_LEFT},      {"type", MP_LEFT},      {"a/w", MP_LEFT},
                                               {"SQNR dB", MP_RIGHT},   {"overflows", MP_RIGHT}, {"cycles", MP_RIGHT},
                                               {"uJ", MP_RIGHT}};
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = r->weights_only ? 4 : r->result ? 7 : 5};
    for (size_t i = 0; i < r->net->workload.layer_count; i++)
        add_layer(&t, r, i);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&arena);
}

static void accuracy(const char *what, uint64_t right, uint64_t images, double seconds, bool labelled, struct mp_buf *out) {
    struct mp_share a = mp_share_of(right, images);
    char rate[MP_QTY_BYTES];
    mp_buf_addf(out, "%-11s", what);
    if (labelled)
        mp_buf_addf(out, "%6.2f %%  (95 %%: %.2f to %.2f)", 100 * a.share, 100 * a.low, 100 * a.high);
    if (seconds > 0)
        mp_buf_addf(out, "%s%s images a CPU second", labelled ? "   " : "",
                    mp_qty_fixed((double)images / seconds, 0, rate));
    mp_buf_add(out, "\n");
}

static void overflows(const struct mp_accuracy_report *r, const struct mp_style *s, struct mp_buf *out) {
    char count[MP_QTY_BYTES];
    for (size_t i = 0; i < r->net->workload.layer_count; i++) {
        const struct mp_layer_overflows *o = &r->found->overflows[i];
        if (o->count == 0)
            continue;
        struct mp_buf line = {0};
        mp_buf_addf(&line, "overflow: layer \"%s\" %s times, output channel %" PRIu64 " the first",
                    r->net->workload.layers[i].name, mp_qty_count(o->count, count), o->first_channel);
        mp_style_warn(s, line.text, out);
        mp_buf_add(out, "\n");
        mp_buf_finish(&line);
    }
}

static void figures(const struct mp_accuracy_report *r, struct mp_buf *out) {
    const struct mp_accuracy *f = r->found;
    if (!f->labelled)
        mp_buf_add(out, "no labels: accuracy is not measured\n");
    accuracy("float", f->float_right, f->images, f->float_cpu_s, f->labelled, out);
    if (!r->plan)
        return;
    accuracy(r->weights_only ? "quantised" : "integer", f->other_right, f->images, f->other_cpu_s, f->labelled, out);
    if (f->labelled) {
        struct mp_share d = mp_paired_difference(f->only_other, f->only_float, f->images);
        mp_buf_addf(out, "%-11s%+6.2f points (95 %%: %+.2f to %+.2f), %" PRIu64 " lost and %" PRIu64 " gained\n", "difference",
                    100 * d.share, 100 * d.low, 100 * d.high, f->only_float, f->only_other);
    }
    mp_buf_addf(out, "%-11s%6.2f %% of the images get float's class\n", "agreement",
                f->images ? 100 * (double)f->agree / (double)f->images : 0);
}

static void cost(const struct mp_accuracy_report *r, struct mp_buf *out) {
    const struct mp_figures *f = &r->result->totals;
    char cycles[MP_QTY_BYTES], energy[MP_QTY_BYTES], batch[64] = "an image";
    if (r->plan->batch > 1)
        snprintf(batch, sizeof batch, "a batch of %" PRIu64, r->plan->batch);
    mp_buf_addf(out, "%-11s%s cycles, %.4g ms, %s %s on %s\n", "cost", mp_qty_count(mp_counts_cycles(&f->counts), cycles),
                mp_latency_ms(f, r->result->arch), mp_qty_si(f->energy_pj * 1e-12, "J", energy), batch, r->result->arch->name);
}

void mp_accuracy_text(const struct mp_accuracy_report *r, const struct mp_style *s, struct mp_buf *out) {
    head(r, s, out);
    if (r->plan) {
        quantiser(r, s, out);
        layers(r, s, out);
        char compared[MP_QTY_BYTES];
        mp_buf_addf(out, "SQNR: each output against float's, with the errors of the layers before it; over the first %s images\n\n", mp_qty_count(r->found->compared, compared));
    }
    figures(r, out);
    if (r->result)
        cost(r, out);
    if (r->plan && !r->weights_only)
        overflows(r, s, out);
    if (r->found->interrupted)
        mp_style_warn(s, "interrupted: the figures are of the images that were done\n", out);
}
