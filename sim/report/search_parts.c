// SPDX-License-Identifier: Apache-2.0
#include "sim/report/search_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct mp_cost_shown mp_costs_shown[MP_COSTS] = {
    [MP_COST_LATENCY] = {"latency", "latency_cycles", "s", 1, 0},
    [MP_COST_ENERGY] = {"energy", "energy_pj", "J", 1, 1e-12},
    [MP_COST_SIZE] = {"size", "size_bytes", "B", 0.125, 0.125},
    [MP_COST_BOPS] = {"BOPs", "bops", "BOPs", 1, 1},
    [MP_COST_TRAFFIC] = {"DRAM traffic", "dram_bits", "B", 1, 0.125},
};

double mp_cost_in_unit(const struct mp_arch *arch, size_t c, double sum) {
    return c == MP_COST_LATENCY ? sum / (arch->clock_mhz * 1e6) : sum * mp_costs_shown[c].unit_factor;
}

double mp_cost_ms(const struct mp_arch *arch, double cycles) {
    return cycles / (arch->clock_mhz * 1e3);
}

const char *mp_harm_text(double harm, char out[MP_QTY_BYTES]) {
    const double size = fabs(harm);
    if (size > 0 && (size < 1e-4 || size >= 1e7))
        snprintf(out, MP_QTY_BYTES, "%.2e", harm);
    else
        mp_qty_digits(harm, 3, out);
    return out;
}

const char *mp_harm_unit(const struct mp_harm *h) {
    return strcmp(h->unit, "1") == 0 ? "" : h->unit;
}

const struct mp_search_row *mp_search_row_of(const struct mp_search_report *r, const char *name) {
    for (size_t i = 0; i < r->row_count; i++)
        if (strcmp(r->rows[i].name, name) == 0)
            return &r->rows[i];
    return NULL;
}

bool mp_search_is_found(const struct mp_search_report *r, const struct mp_point *p) {
    return r->result->found && memcmp(p->option, r->result->best.option, r->job->space->decision_count) == 0;
}

double mp_search_drop(const struct mp_search_report *r, const struct mp_point *p) {
    return mp_drop_of(r->job->drop, &p->at, r->job->reference);
}

struct mp_space_sum mp_space_sum(const struct mp_space *s) {
    struct mp_space_sum sum = {0};
    for (size_t i = 0; i < s->decision_count; i++) {
        const struct mp_decision *d = &s->decisions[i];
        if (d->option_count == 1) {
            sum.fixed++;
            sum.by_user += d->fixed_by_user;
            sum.by_default += !d->fixed_by_user && d->fixed_by_default;
            continue;
        }
        sum.log10_combinations += log10((double)d->option_count);
        for (size_t k = 0; k < d->option_count * d->unit_count; k++) {
            const bool weight = s->units[d->units[k % d->unit_count]].kind == MP_UNIT_WEIGHT;
            *(weight ? &sum.w_set : &sum.a_set) |= 1u << d->bits[k];
        }
    }
    return sum;
}

uint64_t mp_unit_elements(const struct mp_space *s, size_t unit) {
    const struct mp_unit *u = &s->units[unit];
    if (u->kind == MP_UNIT_ACTIVATION) {
        const struct mp_tensor *t = &s->workload->tensors[u->tensor];
        return t->c * t->h * t->w;
    }
    const struct mp_layer *l = &s->workload->layers[u->layer];
    return mp_layer_weights(l) / (l->geo.groups * l->geo.oc) * u->channels;
}

size_t mp_layer_w_decision(const struct mp_space *s, size_t layer) {
    const struct mp_layer *l = &s->workload->layers[layer];
    return l->type == MP_MATMUL ? s->tensor_decision[l->inputs[1]] : s->weight_decision[layer];
}

size_t mp_layer_a_decision(const struct mp_space *s, size_t layer) {
    return s->tensor_decision[s->workload->layers[layer].inputs[0]];
}

void mp_put_costs(struct mp_jsonw *w, const struct mp_arch *arch, const double sum[MP_QUANTITIES]) {
    for (size_t c = 0; c < MP_COSTS; c++) {
        mp_jsonw_put_real(w, mp_costs_shown[c].key, sum[MP_COST_AT(c)] * mp_costs_shown[c].key_factor);
        if (c == MP_COST_LATENCY)
            mp_jsonw_put_real(w, "latency_ms", mp_cost_ms(arch, sum[MP_COST_AT(c)]));
    }
}

void mp_put_measured(struct mp_jsonw *w, const char *key, const struct mp_measured *m) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_uint(w, "images", m->images);
    mp_jsonw_put_uint(w, "right", m->right);
    mp_jsonw_put_uint(w, "agree", m->agree);
    mp_jsonw_put_real(w, "loss", m->loss);
    mp_jsonw_close(w, '}');
}

void mp_put_point(struct mp_jsonw *w, const struct mp_search_report *r, const struct mp_point *p) {
    const struct mp_space *s = r->job->space;
    mp_jsonw_open(w, '{', true);
    mp_put_costs(w, r->arch, p->sum);
    mp_jsonw_put_real(w, "harm", p->sum[MP_HARM]);
    if (p->measured)
        mp_put_measured(w, "measured", &p->at);
    mp_jsonw_put_bool(w, "found", mp_search_is_found(r, p));
    mp_jsonw_key(w, "bits");
    mp_jsonw_open(w, '[', true);
    for (size_t u = 0; u < s->unit_count; u++)
        mp_jsonw_uint(w, mp_space_bits(s, u, p->option));
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

void mp_put_unit_names(struct mp_jsonw *w, const struct mp_space *s) {
    mp_jsonw_key(w, "units");
    mp_jsonw_open(w, '[', true);
    for (size_t u = 0; u < s->unit_count; u++)
        mp_jsonw_string(w, s->units[u].name);
    mp_jsonw_close(w, ']');
}
