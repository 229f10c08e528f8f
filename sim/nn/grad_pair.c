// SPDX-License-Identifier: Apache-2.0
// Derivatives of functions of two elements and more, with broadcasting: what a broadcast element gets is the sum over all that
// it went into.
#include "sim/nn/grad_parts.h"
#include "sim/nn/walk.h"

#include <math.h>
#include <string.h>

void mp_grad_fold(const struct mp_grad_step *s, size_t k, double factor) {
    struct mp_walk w;
    mp_walk_over(&w, &s->out[0]->shape);
    mp_walk_input(&w, 0, &s->in[k]->shape);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w)) {
        const float *d = s->d_out[0] + w.out;
        float *to = s->d_in[k] + w.at[0], f = (float)factor;
        double sum = 0;
        for (uint64_t i = 0; w.row_step[0] == 1 && i < w.row; i++)
            to[i] += f * d[i];
        for (uint64_t i = 0; w.row_step[0] == 0 && i < w.row; i++)
            sum += (double)d[i];
        if (w.row_step[0] == 0)
            *to += (float)(factor * sum);
    }
}

static void run_add(const struct mp_grad_step *s) {
    for (size_t k = 0; k < 2; k++)
        if (s->d_in[k])
            mp_grad_fold(s, k, 1);
}

static void run_sub(const struct mp_grad_step *s) {
    for (size_t k = 0; k < 2; k++)
        if (s->d_in[k])
            mp_grad_fold(s, k, k == 0 ? 1 : -1);
}

static void walk_pair(const struct mp_grad_step *s, struct mp_walk *w) {
    mp_walk_over(w, &s->out[0]->shape);
    mp_walk_input(w, 0, &s->in[0]->shape);
    mp_walk_input(w, 1, &s->in[1]->shape);
    mp_walk_begin(w);
}

static double element(const struct mp_array *a, int64_t at) {
    return a->whole ? (double)a->i[at] : (double)a->f[at];
}

static void run_pair(const struct mp_grad_step *s) {
    struct mp_walk w;
    for (walk_pair(s, &w); w.more; mp_walk_next(&w)) {
        double sum[2] = {0}, d[2];
        for (uint64_t i = 0; i < w.row; i++) {
            const int64_t at[2] = {w.at[0] + (int64_t)i * w.row_step[0], w.at[1] + (int64_t)i * w.row_step[1]};
            const double y = s->row->reads & MP_GRAD_OUTPUT ? (double)s->out[0]->f[w.out + i] : 0;
            s->row->slopes(element(s->in[0], at[0]), element(s->in[1], at[1]), y, d);
            for (unsigned k = 0; k < 2; k++)
                if (s->d_in[k] && w.row_step[k] == 0)
                    sum[k] += (double)s->d_out[0][w.out + i] * d[k];
                else if (s->d_in[k])
                    s->d_in[k][at[k]] += (float)((double)s->d_out[0][w.out + i] * d[k]);
        }
        for (unsigned k = 0; k < 2; k++)
            if (s->d_in[k] && w.row_step[k] == 0)
                s->d_in[k][w.at[k]] += (float)sum[k];
    }
}

static void of_mul(double a, double b, double y, double d[2]) {
    (void)y;
    d[0] = b;
    d[1] = a;
}

static void of_div(double a, double b, double y, double d[2]) {
    (void)y;
    d[0] = 1 / b;
    d[1] = -a / (b * b);
}

// With respect to the exponent only where the base has a logarithm.
static void of_pow(double a, double b, double y, double d[2]) {
    d[0] = b < 0 || b > 0 ? b * pow(a, b - 1) : 0;
    d[1] = a > 0 ? y * log(a) : 0;
}

// Max and Min: to the first input that is the output's element.
static void run_extreme(const struct mp_grad_step *s) {
    memcpy(s->scratch, s->d_out[0], mp_grad_output_count(s) * sizeof *s->scratch);
    for (size_t k = 0; k < s->node->input_count; k++) {
        struct mp_walk w;
        mp_walk_over(&w, &s->out[0]->shape);
        mp_walk_input(&w, 0, &s->in[k]->shape);
        for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
            for (uint64_t i = 0; i < w.row; i++) {
                const int64_t at = w.at[0] + (int64_t)i * w.row_step[0];
                const float x = s->in[k]->f[at], y = s->out[0]->f[w.out + i];
                if (x < y || x > y)
                    continue;
                if (s->d_in[k])
                    s->d_in[k][at] += s->scratch[w.out + i];
                s->scratch[w.out + i] = 0;
            }
    }
}

static void run_where(const struct mp_grad_step *s) {
    struct mp_walk w;
    mp_walk_over(&w, &s->out[0]->shape);
    for (unsigned k = 0; k < 3; k++)
        mp_walk_input(&w, k, &s->in[k]->shape);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            const unsigned k = s->in[0]->i[w.at[0] + (int64_t)i * w.row_step[0]] ? 1 : 2;
            if (s->d_in[k])
                s->d_in[k][w.at[k] + (int64_t)i * w.row_step[k]] += s->d_out[0][w.out + i];
        }
}

#define EXTREME \
    .run = run_extreme, .reads = MP_GRAD_INPUTS | MP_GRAD_OUTPUT, .inputs = MP_ANY_COUNT, .scratch = mp_grad_output_count
const struct mp_grad_row mp_grad_pairs[] = {
    {.op = "Add", .run = run_add, .inputs = 2},
    {.op = "Div", .run = run_pair, .reads = MP_GRAD_INPUTS, .inputs = 2, .slopes = of_div},
    {.op = "Max", EXTREME},
    {.op = "Min", EXTREME},
    {.op = "Mul", .run = run_pair, .reads = MP_GRAD_INPUTS, .inputs = 2, .slopes = of_mul},
    {.op = "Pow", .run = run_pair, .reads = MP_GRAD_INPUTS | MP_GRAD_OUTPUT, .inputs = 2, .slopes = of_pow},
    {.op = "Sub", .run = run_sub, .inputs = 2},
    {.op = "Where", .run = run_where, .inputs = 3},
    {.op = NULL},
};
