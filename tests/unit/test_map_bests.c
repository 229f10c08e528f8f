// SPDX-License-Identifier: Apache-2.0
// What a set of best mappings says for smaller buffers and other prices is what the mapper finds there: on random layers and
// arrays (80, or as many as the argument says).
#include "sim/engine/engine.h"
#include "sim/map/map.h"
#include "tests/unit/random_task.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROOMS 12

static int cases = 80;

struct bed {
    struct rng r;
    struct mp_arena a;
    struct mp_task t;
    struct mp_pe_array array;
    struct mp_prices prices;
    struct mp_map_request q;
    struct mp_bests bests;
    unsigned asked, told, many, none;
};

// Often few events cost anything, or none: then the order decides.
static void draw_prices(struct bed *b) {
    uint64_t free = rng_range(&b->r, 0, 4);
    for (int i = 0; i < MP_EVENTS; i++)
        b->prices.pj[i] = rng_range(&b->r, 1, 4) <= free ? 0 : (double)rng_range(&b->r, 0, 40) / 8;
}

static void draw(struct bed *b) {
    mp_arena_finish(&b->a);
    random_task(&b->r, 12, &b->t);
    if (rng_range(&b->r, 0, 2) == 0)
        random_banked(&b->r, &b->a, &b->t.dram);
    if (rng_range(&b->r, 0, 1))
        b->t.size[MP_OC] = rng_range(&b->r, 1, 60), b->t.size[MP_IC] = rng_range(&b->r, 1, 100);
    random_roles(&b->r, &b->t, &b->array);
    draw_prices(b);
    for (int i = 0; i < MP_BUFFERS; i++)
        b->t.tile_bits[i] = rng_range(&b->r, 1000, 60000);
    b->q = (struct mp_map_request){.task = &b->t, .array = &b->array, .prices = &b->prices};
}

static bool same_mapping(const struct mp_mapping *a, const struct mp_mapping *b) {
    return a->rows == b->rows && a->cols == b->cols && a->lanes == b->lanes && memcmp(a->tile, b->tile, sizeof a->tile) == 0 &&
           memcmp(a->order, b->order, sizeof a->order) == 0;
}

// The set against a search, for the task as it is now.
static void check(struct bed *b) {
    struct mp_mapping told, found;
    struct mp_counts told_counts, found_counts;
    struct mp_err err;
    b->q.bests = NULL;
    b->asked++;
    if (!mp_bests_pick(&b->bests, b->t.tile_bits, &b->prices, &told, &told_counts))
        return;
    b->told++;
    assert_ok(mp_map(&b->q, &found, &found_counts, NULL, &err), err);
    assert_true(same_mapping(&told, &found));
    assert_memory_equal(&told_counts, &found_counts, sizeof found_counts);
}

static void check_rooms(struct bed *b) {
    struct mp_task whole = b->t;
    check(b);
    for (int k = 0; k < ROOMS; k++) {
        b->t = whole;
        draw_prices(b);
        for (int i = 0; i < MP_BUFFERS; i++)
            if (rng_range(&b->r, 0, 1))
                b->t.tile_bits[i] = rng_range(&b->r, whole.tile_bits[i] / 8, whole.tile_bits[i]);
        check(b);
    }
    for (int i = 0; i < MP_BUFFERS; i++) {
        struct mp_mapping m;
        struct mp_counts c;
        uint64_t room[MP_BUFFERS];
        memcpy(room, whole.tile_bits, sizeof room);
        room[i] = whole.tile_bits[i] + 1;
        assert_false(mp_bests_pick(&b->bests, room, &b->prices, &m, &c)); // more than the search had
        room[i] = b->bests.least[i] - 1;
        assert_false(b->bests.least[i] > 0 && mp_bests_pick(&b->bests, room, &b->prices, &m, &c)); // other tile sizes
    }
}

static void smaller_buffers_and_other_prices(void **state) {
    (void)state;
    struct bed b = {.r = {.state = 71}};
    for (int k = 0; k < cases; k++) {
        struct mp_mapping one, all;
        struct mp_counts one_counts, all_counts;
        struct mp_err err;
        draw(&b);
        bool ok = mp_map(&b.q, &one, &one_counts, NULL, &err);
        b.q.bests = &b.bests;
        assert_int_equal(mp_map(&b.q, &all, &all_counts, NULL, &err), ok);
        if (!ok) {
            b.none++;
            continue;
        }
        assert_true(same_mapping(&one, &all)); // collecting changes nothing
        b.many += b.bests.count == 0;
        check_rooms(&b);
    }
    mp_arena_finish(&b.a);
    print_message("# %u of %u rooms and prices told by the sets of %d tasks; %u sets too large, %u tasks without a tile\n", b.told,
                  b.asked, cases, b.many, b.none);
    assert_true(b.told > b.asked / 3 && b.told < b.asked && b.none < (unsigned)cases / 4);
}

// But for latency: this task at these prices alone.
static void other_objectives(void **state) {
    (void)state;
    struct bed b = {.r = {.state = 72}};
    for (int k = 0; k < cases / 10; k++) {
        struct mp_mapping m, told;
        struct mp_counts c, told_counts;
        struct mp_err err;
        draw(&b);
        b.q.objective = k % 2 ? MP_ENERGY : MP_EDP, b.q.bests = &b.bests;
        if (!mp_map(&b.q, &m, &c, NULL, &err))
            continue;
        assert_int_equal(b.bests.count, 1);
        assert_true(mp_bests_pick(&b.bests, b.t.tile_bits, &b.prices, &told, &told_counts));
        assert_true(same_mapping(&m, &told));
        assert_memory_equal(&c, &told_counts, sizeof c);
        b.t.tile_bits[k % MP_BUFFERS]--;
        assert_false(mp_bests_pick(&b.bests, b.t.tile_bits, &b.prices, &told, &told_counts));
    }
    mp_arena_finish(&b.a);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(smaller_buffers_and_other_prices), cmocka_unit_test(other_objectives)};
    if (argc > 1)
        cases = atoi(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
