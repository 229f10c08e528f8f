// SPDX-License-Identifier: Apache-2.0
// A space as loaded: numbering of its designs, and its resolved text and key.
#include "sim/explore/sweep.h"

#include "sim/base/hash.h"
#include "sim/base/jsonw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const mp_sampler_names[] = {"grid", "random", "halton", "nsga2", NULL};

void mp_sweep_choice(const struct mp_sweep *s, uint64_t index, struct mp_choice *out) {
    size_t base = 0;
    while (index >= s->base_points[base])
        index -= s->base_points[base++];
    *out = (struct mp_choice){.base = (uint32_t)base};
    for (size_t i = s->axis_count; i-- > 0;)
        if (mp_axis_applies(&s->axes[i], base)) {
            out->value[i] = (uint32_t)(index % s->axes[i].value_count);
            index /= s->axes[i].value_count;
        }
}

uint64_t mp_sweep_index(const struct mp_sweep *s, const struct mp_choice *c) {
    uint64_t index = 0, before = 0;
    for (size_t b = 0; b < c->base; b++)
        before += s->base_points[b];
    for (size_t i = 0; i < s->axis_count; i++)
        if (mp_axis_applies(&s->axes[i], c->base))
            index = index * s->axes[i].value_count + c->value[i];
    return before + index;
}

uint64_t mp_sweep_visits(const struct mp_sweep *s) {
    const struct mp_sampler *p = &s->sampler;
    return p->kind == MP_SAMPLE_GRID || p->points > s->points ? s->points : p->points;
}

static bool count_points(struct mp_sweep *s, struct mp_err *err) {
    s->points = 0;
    for (size_t b = 0; b < s->base_count; b++) {
        uint64_t n = 1;
        for (size_t i = 0; i < s->axis_count; i++)
            if (mp_axis_applies(&s->axes[i], b)) {
                n *= s->axes[i].value_count; // at most 2^17 * 2^40
                if (n > MP_SWEEP_POINTS)
                    return mp_fail(err, "%s: /axes: more than 2^40 designs", s->path);
            }
        s->base_points[b] = n;
        s->points += n;
    }
    return s->points <= MP_SWEEP_POINTS || mp_fail(err, "%s: /axes: more than 2^40 designs", s->path);
}

// Objectives for which a bound of cycles, energy and area is one of theirs.
static bool may_prune(const struct mp_sweep *s, struct mp_err *err) {
    static const char *const known[] = {"cycles", "latency_ms", "energy_pj", "area_mm2", "edp_pj_ms"};
    for (size_t i = 0; s->prune && i < s->objective_count; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            found |= strcmp(s->objectives[i], known[k]) == 0;
        if (!found)
            return mp_fail(err, "%s: /objectives: pruning has bounds of cycles, latency_ms, energy_pj, area_mm2 and edp_pj_ms, not "
                           "of %s: \"prune\" must be false", s->path, s->objectives[i]);
    }
    for (size_t i = 0; s->prune && i < s->network_count; i++)
        if (!s->networks[i].plan)
            return mp_fail(err, "%s: /networks/%zu: pruning has no bounds for searched plans: \"prune\" must be false", s->path, i);
    if (s->prune && s->engine != MP_ANALYTIC)
        return mp_fail(err, "%s: /prune, --prune: bounds are of the analytic engine's figures, not the event engine's", s->path);
    return !s->prune || s->sampler.kind != MP_SAMPLE_NSGA2 ||
           mp_fail(err, "%s: /prune, --prune: nsga2 chooses by figures, which pruned designs do not have", s->path);
}

static void write_axis(const struct mp_sweep *s, const struct mp_sweep_axis *x, struct mp_jsonw *w, struct mp_buf *out) {
    mp_jsonw_open(w, '{', true);
    mp_jsonw_key(w, "paths");
    mp_jsonw_open(w, '[', true);
    for (size_t p = 0; p < x->path_count; p++)
        mp_jsonw_string(w, x->paths[p]);
    mp_jsonw_close(w, ']');
    if (x->equals) {
        mp_jsonw_put_string(w, "equals", x->equals);
    } else {
        mp_buf_add(out, ", \"values\": [");
        for (size_t i = 0; i < x->value_count * x->path_count; i++)
            mp_buf_addf(out, "%s%s", i ? ", " : "", x->values[i]);
        mp_buf_add(out, "]");
    }
    mp_jsonw_key(w, "archs");
    mp_jsonw_open(w, '[', true);
    for (size_t b = 0; b < s->base_count; b++)
        if (mp_axis_applies(x, b))
            mp_jsonw_string(w, s->bases[b].name);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void write_hex(struct mp_jsonw *w, int64_t key) {
    char text[20];
    snprintf(text, sizeof text, "%016" PRIx64, (uint64_t)key);
    mp_jsonw_string(w, text);
}

static void write_networks(const struct mp_sweep *s, struct mp_jsonw *w) {
    mp_jsonw_key(w, "networks");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < s->network_count; i++) {
        mp_jsonw_open(w, '{', true);
        mp_jsonw_put_string(w, "name", s->networks[i].name);
        mp_jsonw_put_real(w, "weight", s->networks[i].weight);
        mp_jsonw_key(w, "key");
        write_hex(w, s->networks[i].key);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

static void write_strings(struct mp_jsonw *w, const char *key, const char *const *texts, size_t count) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', true);
    for (size_t i = 0; i < count; i++)
        mp_jsonw_string(w, texts[i]);
    mp_jsonw_close(w, ']');
}

static void write_sampler(const struct mp_sampler *p, struct mp_jsonw *w) {
    mp_jsonw_key(w, "sampler");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "kind", mp_sampler_names[p->kind]);
    if (p->kind != MP_SAMPLE_GRID) {
        mp_jsonw_put_uint(w, "points", p->points);
        mp_jsonw_put_uint(w, "seed", p->seed);
    }
    if (p->kind == MP_SAMPLE_NSGA2)
        mp_jsonw_put_uint(w, "population", p->population);
    mp_jsonw_close(w, '}');
}

static void write_sweep(const struct mp_sweep *s, struct mp_buf *out) {
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "name", s->name);
    mp_jsonw_key(&w, "archs");
    mp_jsonw_open(&w, '[', false);
    for (size_t b = 0; b < s->base_count; b++) {
        mp_jsonw_open(&w, '{', true);
        mp_jsonw_put_string(&w, "name", s->bases[b].name);
        mp_jsonw_key(&w, "key");
        write_hex(&w, s->bases[b].key);
        mp_jsonw_close(&w, '}');
    }
    mp_jsonw_close(&w, ']');
    mp_jsonw_key(&w, "axes");
    mp_jsonw_open(&w, '[', false);
    for (size_t i = 0; i < s->axis_count; i++)
        write_axis(s, &s->axes[i], &w, out);
    mp_jsonw_close(&w, ']');
    write_strings(&w, "constraints", s->constraints, s->constraint_count);
    write_networks(s, &w);
    write_strings(&w, "objectives", s->objectives, s->objective_count);
    mp_jsonw_put_string(&w, "mapping", mp_objective_names[s->mapping]);
    if (s->engine != MP_ANALYTIC) // keys of sweeps by the analytic one are older than the choice
        mp_jsonw_put_string(&w, "engine", mp_engine_names[s->engine]);
    write_sampler(&s->sampler, &w);
    mp_jsonw_put_bool(&w, "prune", s->prune);
    mp_jsonw_close(&w, '}');
}

bool mp_sweep_resolve(struct mp_sweep *s, struct mp_arena *a, struct mp_err *err) {
    struct mp_buf text = {0};
    if (!count_points(s, err) || !may_prune(s, err))
        return false;
    write_sweep(s, &text);
    s->text = mp_arena_strdup(a, text.text);
    s->key = (int64_t)mp_hash_text(0, s->text);
    for (size_t i = 0; i < s->tech_count; i++)
        s->key = (int64_t)mp_hash((uint64_t)s->key, &s->techs[i].hash, sizeof s->techs[i].hash);
    mp_buf_finish(&text);
    return true;
}
