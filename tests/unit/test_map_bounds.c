// SPDX-License-Identifier: Apache-2.0
// The mapper's bounds against the analytic engine: of points, of parts whose channels are open, of whole layers, on random
// layers and arrays (600, or as many as the argument says).
#include "sim/map/bound.h"

#include "sim/engine/engine.h"
#include "sim/import/import.h"
#include "sim/map/floor.h"
#include "tests/unit/random_task.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int cases = 600;

struct bed {
    struct rng r;
    struct mp_arena a;
    struct mp_task t;
    struct mp_pe_array array;
    struct mp_prices prices;
    struct mp_map_request q;
};

static bool coin(struct rng *r) {
    return rng_next(r) & 1;
}

// Layers of up to `largest` a dimension; every other one has much to reduce.
static void draw(struct bed *b, uint64_t largest) {
    struct rng *r = &b->r;
    random_task(r, largest, &b->t);
    if (rng_range(r, 0, 2) == 0)
        random_banked(r, &b->a, &b->t.dram);
    if (coin(r))
        b->t.size[MP_OC] = rng_range(r, 1, 4 * largest), b->t.size[MP_IC] = rng_range(r, 1, 8 * largest);
    if (!b->t.on_array && coin(r))
        b->t.shared_read = b->t.shared_load = (unsigned)rng_range(r, 1, 8);
    random_roles(r, &b->t, &b->array);
    for (int i = 0; i < MP_EVENTS; i++)
        b->prices.pj[i] = (double)rng_range(r, 0, 40) / 8;
    for (int i = 0; i < MP_BUFFERS; i++)
        b->t.tile_bits[i] = rng_range(r, 0, 3) == 0 ? 10000000 : rng_range(r, 64, 20000);
    b->q = (struct mp_map_request){.task = &b->t, .array = &b->array, .prices = &b->prices,
                                   .objective = (enum mp_objective)rng_range(r, 0, MP_OBJECTIVES - 1)};
}

// A point of the space, which need not fit.
struct point {
    struct mp_space space;
    size_t at[MP_DIMS];
    struct mp_mapping m;
    unsigned order;
    struct mp_score score;
};

static void set_order(struct mp_mapping *m, unsigned order) {
    unsigned n = 0;
    m->order[n++] = MP_G;
    for (int i = 0; i < MP_BLOCKS; i++) {
        if (mp_block_orders[order][i] == MP_BLOCK_PIXEL)
            m->order[n++] = MP_B, m->order[n++] = MP_OH, m->order[n++] = MP_OW;
        else
            m->order[n++] = mp_block_orders[order][i] == MP_BLOCK_OC ? MP_OC : MP_IC;
    }
}

static bool draw_point(struct bed *b, struct point *p) {
    unsigned roles[16][3];
    struct mp_space_base base;
    struct mp_counts c;
    bool ruled_out = false;
    size_t count = mp_space_roles(&b->q, roles);
    const unsigned *role = roles[rng_range(&b->r, 0, count - 1)];
    struct mp_spatial *s = mp_arena_alloc(&b->a, 1, sizeof *s);
    mp_space_spatial(&b->t, role, s);
    mp_space_base_init(&base, &b->a, &b->q);
    if (!mp_space_init(&p->space, &b->a, &base, s, &ruled_out))
        return false;
    p->m = (struct mp_mapping){.rows = role[0], .cols = role[1], .lanes = role[2]};
    for (int d = 0; d < MP_DIMS; d++) {
        p->at[d] = rng_range(&b->r, 0, p->space.dim[d].count - 1);
        p->m.tile[d] = p->space.dim[d].cut[p->at[d]].tile;
    }
    p->order = (unsigned)rng_range(&b->r, 0, MP_ORDERS - 1);
    set_order(&p->m, p->order);
    mp_analytic(&b->t, &p->m, &c);
    p->score = mp_score_of(b->q.objective, mp_counts_cycles(&c), mp_counts_energy_pj(&c, &b->prices, NULL));
    return true;
}

static void check(const char *what, int i, struct mp_score bound, struct mp_score score) {
    if (mp_score_less(score, bound))
        fail_msg("case %d, %s: bound %.17g, %.17g; mapping %.17g, %.17g", i, what, bound.first, bound.second, score.first,
                 score.second);
}

static const struct mp_cut *cut(const struct point *p, enum mp_dim d) {
    return &p->space.dim[d].cut[p->at[d]];
}

// A low cut that stands for the point's among others, and the size of the largest of these.
static const struct mp_cut *low(struct bed *b, const struct point *p, enum mp_dim d, double *most) {
    size_t from = rng_range(&b->r, 0, p->at[d]);
    *most = p->space.dim[d].cut[from].size;
    return &p->space.dim[d].low[from];
}

static struct mp_score part_bound(const struct mp_bounder *b, const struct point *p, const struct mp_pixel_sums *px,
                                  const struct mp_cut *g, const struct mp_cut *oc, const struct mp_cut *ic,
                                  struct mp_largest most) {
    struct mp_tile_bound k;
    mp_tile_bound(b, p->space.spatial, px, g, oc, ic, &k);
    mp_tile_bound_joint(b, px, g, oc, ic, &most, &k);
    return mp_bound_free(b, &k, px->tiles, oc->tiles, ic->tiles);
}

static void check_point(struct bed *b, int i, const struct point *p) {
    struct mp_bounder bounder;
    struct mp_pixel_sums px;
    struct mp_point_bound k;
    struct mp_largest most = {cut(p, MP_G)->size, cut(p, MP_OC)->size, 0};
    double ignored;
    mp_bounder_init(&bounder, &b->q);
    mp_pixel_sums(&b->t, p->space.spatial, cut(p, MP_B), cut(p, MP_OH), cut(p, MP_OW), &px);
    const struct mp_cut *g = cut(p, MP_G), *oc = cut(p, MP_OC), *ic = cut(p, MP_IC);
    unsigned tiled = (unsigned)(px.tiles > 1) << MP_BLOCK_PIXEL | (unsigned)(oc->tiles > 1) << MP_BLOCK_OC |
                     (unsigned)(ic->tiles > 1) << MP_BLOCK_IC;
    struct mp_reuse u = mp_reuse_of(mp_block_orders[p->order], tiled);
    struct mp_reuse r = {u.in > 0 ? oc->tiles : 1, u.w > 0 ? px.tiles : 1, u.spills > 0 ? ic->tiles - 1 : 0};
    mp_tile_bound(&bounder, p->space.spatial, &px, g, oc, ic, &k.tile);
    mp_point_bound(&bounder, p->space.spatial, &px, g, oc, ic, &k);
    check("point", i, mp_point_bound_of(&bounder, &k, r), p->score);
    const struct mp_cut *low_ic = low(b, p, MP_IC, &most.ic);
    check("channels", i, part_bound(&bounder, p, &px, g, oc, low_ic, most), p->score);
    const struct mp_cut *low_g = low(b, p, MP_G, &most.g), *low_oc = low(b, p, MP_OC, &most.oc);
    check("pixels", i, part_bound(&bounder, p, &px, low_g, low_oc, low_ic, most), p->score);
    mp_pixel_sums_low(&b->t, p->space.spatial, low(b, p, MP_B, &ignored), low(b, p, MP_OH, &ignored),
                      low(b, p, MP_OW, &ignored), &px);
    struct mp_cut any_oc = mp_cut_any(&b->t, p->space.spatial, MP_OC), any_ic = mp_cut_any(&b->t, p->space.spatial, MP_IC);
    most.oc = (double)b->t.size[MP_OC], most.ic = (double)b->t.size[MP_IC];
    check("roles", i, part_bound(&bounder, p, &px, low_g, &any_oc, &any_ic, most), p->score);
}

static void bounds_hold(void **state) {
    (void)state;
    struct bed b = {.r = {.state = (uint64_t)cases}};
    int points = 0;
    for (int i = 0; i < cases; i++) {
        struct point p;
        draw(&b, rng_range(&b.r, 4, 60));
        b.q.objective = coin(&b.r) ? MP_LATENCY : b.q.objective;
        for (int k = 0; k < 20; k++) {
            if (!draw_point(&b, &p))
                break;
            check_point(&b, i, &p);
            points++;
        }
        mp_arena_finish(&b.a);
    }
    print_message("# %d points of %d layers\n", points, cases);
    assert_true(points > cases);
}

// Layers as they are, where bounds are closest: 30 points of each on each shipped architecture.
static struct bed real;
static int real_points;

static void check_layers(const char *path) {
    static const struct mp_residency nothing;
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan plan;
    struct mp_arena a = {0};
    struct mp_err err;
    assert_ok(mp_arch_load(&arch, &a, path, &err), err);
    assert_ok(mp_plan_open(&plan, &w, &a, "configs/plans/resnet50_w4a4.json", &err), err);
    real.q = (struct mp_map_request){.task = &real.t, .array = &arch.array, .prices = &real.prices, .objective = MP_LATENCY};
    for (size_t l = 0; l < w.layer_count; l++) {
        struct point p;
        if (mp_layer_moves_nothing(&w.layers[l]))
            continue;
        mp_task_init(&real.t, &arch, &w, &plan, l, w.layers[l].geo.oc * w.layers[l].geo.groups,
                     mp_layer_bits_widest(&plan.layers[l]), &nothing);
        for (int k = 0; k < 30; k++, real_points++) {
            real.q.objective = k % 2 ? MP_LATENCY : MP_ENERGY;
            if (!draw_point(&real, &p))
                break;
            check_point(&real, (int)l, &p);
        }
        mp_arena_finish(&real.a);
    }
    mp_arena_finish(&a);
}

static void bounds_hold_on_a_network(void **state) {
    (void)state;
    real.r.state = 5;
    for (int i = 0; i < MP_EVENTS; i++)
        real.prices.pj[i] = 1;
    each_config("arch", 9, check_layers);
    print_message("# %d points\n", real_points);
    assert_true(real_points > 10000);
}

static bool fits(const struct bed *b, const struct mp_mapping *m) {
    for (int i = 0; i < MP_BUFFERS; i++)
        if (mp_tile_buffer_bits(&b->t, m->tile, (enum mp_buffer_id)i) > b->t.tile_bits[i])
            return false;
    return true;
}

// No mapping at all is below the floor: neither the best of any objective nor tiles of any size.
static void floors_hold(void **state) {
    (void)state;
    struct bed b = {.r = {.state = 7 + (uint64_t)cases}};
    double tightest = 0;
    int mapped = 0, drawn = 0;
    for (int i = 0; i < cases; i++) {
        struct mp_mapping m;
        struct mp_counts c;
        struct mp_err err;
        draw(&b, 9);
        struct mp_map_floor f = mp_map_floor(&b.q);
        for (int o = 0; o < MP_OBJECTIVES + 10; o++) {
            b.q.objective = (enum mp_objective)(o < MP_OBJECTIVES ? o : 0);
            if (o < MP_OBJECTIVES) {
                if (!mp_map(&b.q, &m, &c, NULL, &err))
                    continue;
                mapped++;
            } else {
                random_mapping(&b.r, &b.t, &m);
                m.padded = false;
                struct mp_arch arch = {.array = b.array};
                if (!fits(&b, &m) || !mp_mapping_check(&b.t, &arch, &m, "", &err))
                    continue;
                mp_analytic(&b.t, &m, &c), drawn++;
            }
            double cycles = (double)mp_counts_cycles(&c), energy = mp_counts_energy_pj(&c, &b.prices, NULL);
            if (f.cycles > cycles || f.energy_pj > energy)
                fail_msg("case %d, %d: floor %.17g, %.17g; mapping %.17g, %.17g", i, o, f.cycles, f.energy_pj, cycles, energy);
            tightest = fmax(tightest, f.cycles / cycles);
        }
        mp_arena_finish(&b.a);
    }
    print_message("# %d best mappings and %d drawn ones of %d layers\n", mapped, drawn, cases);
    assert_true(mapped > cases && drawn > cases / 10 && tightest > 0.99);
}

// Where nothing but standby has a price, the floor's energy is that of its cycles.
static void floors_hold_standby(void **state) {
    (void)state;
    struct bed b = {.r = {.state = 9}};
    int banked = 0;
    for (int i = 0; i < 100; i++) {
        draw(&b, 9);
        b.prices = (struct mp_prices){.pj = {[MP_EV_DRAM_STANDBY] = 3}};
        struct mp_map_floor f = mp_map_floor(&b.q);
        double channels = b.t.dram.ops == &mp_mem_banked ? (double)b.t.dram.channels : 0, energy = 3 * channels * f.cycles;
        assert_true(isinf(f.cycles) || fabs(f.energy_pj - energy) <= 1e-6 * energy);
        banked += channels > 0 && f.cycles > 0;
        mp_arena_finish(&b.a);
    }
    assert_true(banked > 10);
}

int main(int argc, char **argv) {
    if (argc > 1)
        cases = atoi(argv[1]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_hold), cmocka_unit_test(bounds_hold_on_a_network),
                                       cmocka_unit_test(floors_hold), cmocka_unit_test(floors_hold_standby)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
