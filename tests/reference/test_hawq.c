// SPDX-License-Identifier: Apache-2.0
// HAWQ-V3's integer programme for ResNet-18: the nine published choices by our exact solver, and constraints at other
// budgets, alone and together, against brute force over the 2^16 choices, and the CPU time of each.
#include "sim/base/json.h"
#include "tests/unit/brute_search.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LAYERS 19
#define COSTS 3
#define GOAL_MS 10

#if defined(__SANITIZE_ADDRESS__)
#define SLOW true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW true
#endif
#endif
#ifndef SLOW
#define SLOW false
#endif

static const char *const cost_names[COSTS] = {"size", "bops", "latency"};

// Option 0: 8 bits, 1: 4.
struct layers {
    double harm[LAYERS][2], cost[COSTS][LAYERS][2], sum[COSTS][2];
    size_t var[LAYERS]; // layers that are linked have one
};

struct setting {
    struct mp_arena arena;
    struct mp_json *doc;
    struct layers layers;
    struct mp_problem p;
    struct brute brute;
};

static void read_reals(const struct mp_node *root, const char *key, double *out) {
    struct mp_node list, item;
    struct mp_err err;
    size_t n = 0;
    assert_ok(mp_node_need(root, key, &list, &err), err);
    assert_int_equal(mp_node_count(&list), LAYERS);
    for (bool more = mp_node_first(&list, &item); more; more = mp_node_next(&item))
        assert_ok(mp_node_real(&item, 0, 1e9, &out[n++], &err), err);
}

static size_t read_vars(const struct mp_node *root, size_t *var) {
    struct mp_node links, link, end;
    struct mp_err err;
    size_t count = 0, second_of[LAYERS] = {0};
    assert_ok(mp_node_need(root, "links", &links, &err), err);
    for (bool more = mp_node_first(&links, &link); more; more = mp_node_next(&link)) {
        uint64_t first, second;
        assert_true(mp_node_count(&link) == 2 && mp_node_first(&link, &end));
        assert_ok(mp_node_uint(&end, 0, LAYERS - 1, &first, &err), err);
        assert_true(mp_node_next(&end));
        assert_ok(mp_node_uint(&end, first + 1, LAYERS - 1, &second, &err), err);
        second_of[second] = first + 1;
    }
    for (size_t i = 0; i < LAYERS; i++)
        var[i] = second_of[i] ? var[second_of[i] - 1] : count++;
    return count;
}

// What the document says "about" itself.
static void read_layers(struct layers *l, const struct mp_node *root) {
    double trace[LAYERS], harm[2][LAYERS], params[LAYERS], macs[LAYERS], latency[2][LAYERS];
    read_reals(root, "hutchinson_trace", trace);
    read_reals(root, "delta_w2_8bit", harm[0]);
    read_reals(root, "delta_w2_4bit", harm[1]);
    read_reals(root, "params_8bit", params);
    read_reals(root, "macs_m", macs);
    read_reals(root, "latency_int8_ms", latency[0]);
    read_reals(root, "latency_int4_ms", latency[1]);
    for (size_t i = 0; i < LAYERS; i++)
        for (int o = 0; o < 2; o++) {
            const double cost[COSTS] = {o ? params[i] / 2 : params[i], o ? macs[i] / 64 : macs[i] / 16, latency[o][i]};
            l->harm[i][o] = trace[i] * harm[o][i];
            for (int k = 0; k < COSTS; k++) {
                l->cost[k][i][o] = cost[k];
                l->sum[k][o] += cost[k];
            }
        }
}

static void make_problem(struct setting *s, size_t vars) {
    struct mp_var *v = mp_arena_alloc(&s->arena, vars, sizeof *v);
    struct mp_term *t = mp_arena_alloc(&s->arena, LAYERS, sizeof *t);
    double(*harm)[2] = mp_arena_alloc(&s->arena, vars, sizeof *harm);
    for (size_t i = 0; i < LAYERS; i++) {
        const size_t at = s->layers.var[i];
        harm[at][0] += s->layers.harm[i][0];
        harm[at][1] += s->layers.harm[i][1];
        v[at] = (struct mp_var){2, harm[at]};
        t[i] = (struct mp_term){.vars = {at}, .var_count = 1};
        for (int k = 0; k < COSTS; k++)
            t[i].cost[k] = s->layers.cost[k][i];
    }
    s->p = (struct mp_problem){v, vars, t, LAYERS, COSTS};
}

static int set_up(void **state) {
    static struct setting s;
    struct mp_err err;
    *state = &s;
    assert_ok(mp_json_load(&s.doc, "tests/reference/hawq_v3_resnet18.json", &err), err);
    const struct mp_node root = mp_json_root(s.doc);
    read_layers(&s.layers, &root);
    const size_t vars = read_vars(&root, s.layers.var);
    assert_int_equal(vars, 16);
    make_problem(&s, vars);
    brute_list(&s.brute, &s.p, &s.arena);
    assert_int_equal(s.brute.count, 1 << 16);
    for (size_t q = 0; q <= COSTS; q++)
        s.brute.tolerance[q] = 1e-9;
    return 0;
}

static int tear_down(void **state) {
    struct setting *s = *state;
    mp_json_destroy(s->doc);
    mp_arena_finish(&s->arena);
    return 0;
}

static double budget(const struct setting *s, size_t kind, double fraction) {
    const double *sum = s->layers.sum[kind];
    return sum[1] + fraction * (sum[0] - sum[1]);
}

// The least CPU time of five; the last one's solution.
static double solve(const struct setting *s, const struct mp_solve_request *r, struct mp_solution *out) {
    double least = INFINITY;
    for (int i = 0; i < 5; i++) {
        struct timespec a, b;
        struct mp_err err;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
        assert_int_equal(mp_solve(&s->p, r, NULL, out, &err), MP_SOLVED);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
        least = fmin(least, 1e3 * (double)(b.tv_sec - a.tv_sec) + 1e-6 * (double)(b.tv_nsec - a.tv_nsec));
    }
    if (!SLOW && least >= GOAL_MS)
        fail_msg("%.2f ms", least);
    return least;
}

static void bits_of(const struct setting *s, const uint8_t *option, char bits[LAYERS + 1]) {
    for (size_t i = 0; i < LAYERS; i++)
        bits[i] = option[s->layers.var[i]] ? '4' : '8';
    bits[LAYERS] = 0;
}

static double child_real(const struct mp_node *n, const char *key) {
    struct mp_node child;
    struct mp_err err;
    double value = 0;
    assert_ok(mp_node_need(n, key, &child, &err), err);
    assert_ok(mp_node_real(&child, 0, 1e9, &value, &err), err);
    return value;
}

static const char *child_text(const struct mp_node *n, const char *key) {
    struct mp_node child;
    struct mp_err err;
    const char *text = NULL;
    assert_ok(mp_node_need(n, key, &child, &err), err);
    assert_ok(mp_node_string(&child, &text, &err), err);
    return text;
}

static size_t cost_named(const char *name) {
    for (size_t k = 0; k < COSTS; k++)
        if (strcmp(cost_names[k], name) == 0)
            return k;
    fail_msg("no cost %s", name);
    return 0;
}

// Bits as published; objective and cost, the sums of these, to six and four decimals.
static void check_published(const struct setting *s, const struct mp_node *n) {
    const size_t k = cost_named(child_text(n, "constraint"));
    const double share = child_real(n, "fraction");
    char got[LAYERS + 1];
    uint8_t option[LAYERS];
    struct mp_solve_request r = mp_solve_for(MP_HARM);
    struct mp_solution out = {.option = option};
    r.bound[MP_COST_AT(k)] = budget(s, k, share);
    const double ms = solve(s, &r, &out);
    bits_of(s, option, got);
    print_message("# %s %.2f: %s, objective %.6f, cost %.4f, %.3f ms, %" PRIu64 " labels\n", cost_names[k], share, got,
                  out.sum[MP_HARM], out.sum[MP_COST_AT(k)], ms, out.labels);
    assert_string_equal(got, child_text(n, "bits"));
    assert_true(fabs(out.sum[MP_HARM] - child_real(n, "objective")) <= 0.5e-6 + 1e-12);
    assert_true(fabs(out.sum[MP_COST_AT(k)] - child_real(n, "cost")) <= 0.5e-4 + 1e-12);
}

static void published_choices(void **state) {
    const struct setting *s = *state;
    const struct mp_node root = mp_json_root(s->doc);
    struct mp_node list, item;
    struct mp_err err;
    assert_ok(mp_node_need(&root, "expect", &list, &err), err);
    assert_int_equal(mp_node_count(&list), 9);
    for (bool more = mp_node_first(&list, &item); more; more = mp_node_next(&item))
        check_published(s, &item);
}

static double check_brute(const struct setting *s, const struct mp_solve_request *r) {
    uint8_t option[LAYERS];
    struct mp_solution out = {.option = option};
    const double ms = solve(s, r, &out);
    const struct brute_optimum want = brute_solve(&s->brute, r);
    assert_true(fabs(out.sum[MP_HARM] - want.best) <= 1e-12);
    assert_true(fabs(out.sum[want.tie_by] - want.tie) <= 1e-9);
    for (size_t q = 0; q <= COSTS; q++)
        assert_true(out.sum[q] <= r->bound[q] + 1e-9);
    return ms;
}

static void one_constraint(void **state) {
    const struct setting *s = *state;
    double most = 0;
    for (size_t k = 0; k < COSTS; k++)
        for (int i = 0; i <= 20; i++) {
            struct mp_solve_request r = mp_solve_for(MP_HARM);
            r.bound[MP_COST_AT(k)] = budget(s, k, i / 20.0);
            most = fmax(most, check_brute(s, &r));
        }
    print_message("# one constraint: at most %.3f ms\n", most);
}

static void all_constraints_together(void **state) {
    const struct setting *s = *state;
    double most = 0;
    for (int i = 0; i < 64; i++) {
        struct mp_solve_request r = mp_solve_for(MP_HARM);
        for (size_t k = 0; k < COSTS; k++)
            r.bound[MP_COST_AT(k)] = budget(s, k, 0.2 * (1 + (i >> 2 * k) % 4));
        most = fmax(most, check_brute(s, &r));
    }
    print_message("# three constraints: at most %.3f ms\n", most);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_choices),
        cmocka_unit_test(one_constraint),
        cmocka_unit_test(all_constraints_together),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
