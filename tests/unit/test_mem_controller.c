// SPDX-License-Identifier: Apache-2.0
// DRAM channels under random accesses: every command keeps the timing rules, the buses carry one thing at a time, each access
// is served once and in order with others to its place. Its cycles are tested against DRAMsim3's in tests/reference.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/random.h"
#include "sim/mem/controller.h"
#include "tests/unit/dram_checker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRANSFERS 300
#define RUNS 3

static const char *const mappings[] = {"rochrababgco", "rorachcobabg", "rorabgbacoch",
                                       "chrarobabgco", "corobabgrach", "bgbarorachco"};
#define MAPPINGS (sizeof mappings / sizeof *mappings)

static uint64_t trials = 400;

// A random memory and what it is asked in RUNS runs.
struct trial {
    struct mp_controller_spec spec;
    struct mp_dram_sink sink;
    struct dram_log log;
    bool single;
    uint64_t gap[RUNS]; // cycles from the end of a run to the next
    struct mp_transfer transfers[RUNS][TRANSFERS];
    size_t count[RUNS];
    uint64_t end;
};

static struct mp_dram_map make_map(const struct mp_dram_preset *p, unsigned channels, const char *mapping) {
    struct mp_dram_map m;
    struct mp_err err;
    if (!mp_dram_map_make(&m, p, channels, mapping, &err))
        fail_msg("%s", err.text);
    return m;
}

static uint64_t pick(struct mp_random *r, uint64_t lo, uint64_t hi) {
    return (uint64_t)mp_random_range(r, (int64_t)lo, (int64_t)hi);
}

// Few rows and columns, so that accesses meet.
static uint64_t random_address(struct mp_random *r, const struct trial *t, unsigned rows, unsigned columns) {
    const struct mp_dram_map *m = &t->spec.map;
    return pick(r, 0, rows - 1) << m->ro.shift | pick(r, 0, columns - 1) << m->co.shift |
           pick(r, 0, (1u << m->bg.bits) - 1) << m->bg.shift | pick(r, 0, (1u << m->ba.bits) - 1) << m->ba.shift |
           pick(r, 0, t->spec.channels - 1) << m->ch.shift;
}

static void make_run(struct mp_random *r, struct trial *t, size_t i) {
    const unsigned rows = (unsigned)pick(r, 1, 4), columns = pick(r, 0, 1) ? 2 : 32, writes = (unsigned)pick(r, 0, 4);
    const uint64_t longest = pick(r, 1, 16), spread = pick(r, 0, 3) ? 0 : pick(r, 1, 20000);
    t->count[i] = pick(r, 0, TRANSFERS);
    t->gap[i] = pick(r, 0, 2) ? pick(r, 0, 100) : pick(r, 0, 100000);
    for (size_t k = 0; k < t->count[i]; k++)
        t->transfers[i][k] = (struct mp_transfer){.address = random_address(r, t, rows, columns),
                                                  .bytes = pick(r, 0, longest) * t->spec.preset->access_bytes,
                                                  .write = pick(r, 0, 3) < writes,
                                                  .start = spread ? pick(r, 0, spread) : 0};
}

static void make_trial(struct trial *t, uint64_t seed) {
    struct mp_random r = {seed};
    memset(t, 0, sizeof *t);
    t->spec.preset = &mp_dram_presets[seed % MP_DRAM_PRESETS];
    t->spec.channels = 1u << (pick(&r, 0, 1) ? 0 : pick(&r, 0, 4));
    t->spec.map = make_map(t->spec.preset, t->spec.channels, mappings[pick(&r, 0, MAPPINGS - 1)]);
    t->spec.refresh = pick(&r, 0, 1);
    t->single = pick(&r, 0, 4) == 0;
    for (size_t i = 0; i < RUNS; i++)
        make_run(&r, t, i);
}

static uint64_t run(struct mp_controllers *m, struct trial *t, uint64_t cycle, size_t i) {
    return t->single ? mp_controllers_run_single(m, cycle, t->transfers[i], t->count[i])
                     : mp_controllers_run(m, cycle, t->transfers[i], t->count[i]);
}

static struct mp_dram_counts run_trial(struct trial *t, bool watched) {
    t->sink = dram_log_sink(&t->log);
    t->spec.sink = watched ? &t->sink : NULL;
    struct mp_controllers *m = mp_controllers_create(&t->spec);
    uint64_t bytes = 0;
    t->end = 0;
    for (size_t i = 0; i < RUNS; i++) {
        uint64_t begin = t->end + t->gap[i], last = begin;
        t->end = run(m, t, begin, i);
        for (size_t k = 0; k < t->count[i]; k++) {
            bytes += t->transfers[i][k].bytes;
            last = t->transfers[i][k].done > last ? t->transfers[i][k].done : last;
        }
        assert_int_equal(t->end, last);
    }
    struct mp_dram_counts n = mp_controllers_counts(m);
    assert_int_equal(mp_controllers_bytes(m), bytes);
    mp_controllers_destroy(m);
    return n;
}

static void keeps(const char *breach, uint64_t seed, const struct trial *t) {
    if (breach)
        fail_msg("seed %llu, %s: %s", (unsigned long long)seed, t->spec.preset->name, breach);
}

static void check_commands(const struct trial *t, uint64_t seed) {
    for (unsigned c = 0; c < t->spec.channels; c++) {
        struct dram_log own = dram_log_of_channel(&t->log, c);
        keeps(dram_check_timing(&own, t->spec.preset), seed, t);
        keeps(dram_check_state(&own, t->spec.preset), seed, t);
        keeps(dram_check_buses(&own, t->spec.preset), seed, t);
        if (t->spec.refresh)
            keeps(dram_check_refresh(&own, t->spec.preset, t->end), seed, t);
        dram_log_finish(&own);
    }
}

// An access as asked for or served: by place, then in order.
struct served {
    struct mp_dram_place place;
    bool write;
    size_t order;
};

static int compare(const void *a, const void *b) {
    const struct served *x = a, *y = b;
    int places = memcmp(&x->place, &y->place, sizeof x->place);
    return places ? places : (x->order > y->order) - (x->order < y->order);
}

static size_t list_asked(const struct trial *t, struct served *out) {
    size_t n = 0;
    for (size_t i = 0; i < RUNS; i++)
        for (size_t k = 0; k < t->count[i]; k++)
            for (uint64_t at = 0; at < t->transfers[i][k].bytes; at += t->spec.preset->access_bytes, n++)
                out[n] = (struct served){mp_dram_map_place(&t->spec.map, t->transfers[i][k].address + at),
                                         t->transfers[i][k].write, n};
    return n;
}

static size_t list_served(const struct trial *t, struct served *out) {
    size_t n = 0;
    for (size_t i = 0; i < t->log.count; i++) {
        const struct mp_dram_command *c = &t->log.command[i];
        if (c->kind == MP_DRAM_READ || c->kind == MP_DRAM_WRITE)
            out[n] = (struct served){c->place, c->kind == MP_DRAM_WRITE, n}, n++;
    }
    return n;
}

static void check_served(const struct trial *t, uint64_t seed) {
    const size_t most = RUNS * TRANSFERS * 16;
    struct served *asked = malloc(most * sizeof *asked), *served = malloc(most * sizeof *served);
    size_t n = list_asked(t, asked);
    assert_int_equal(list_served(t, served), n);
    qsort(asked, n, sizeof *asked, compare);
    qsort(served, n, sizeof *served, compare);
    for (size_t i = 0; i < n; i++)
        if (memcmp(&asked[i].place, &served[i].place, sizeof asked->place) != 0 || asked[i].write != served[i].write)
            fail_msg("seed %llu: accesses are lost, made up or out of order", (unsigned long long)seed);
    free(asked);
    free(served);
}

static uint64_t commands(const struct trial *t, enum mp_dram_kind kind) {
    uint64_t n = 0;
    for (size_t i = 0; i < t->log.count; i++)
        n += t->log.command[i].kind == kind;
    return n;
}

static void check_counts(const struct trial *t, const struct mp_dram_counts *n) {
    assert_int_equal(n->reads, commands(t, MP_DRAM_READ));
    assert_int_equal(n->writes, commands(t, MP_DRAM_WRITE));
    assert_int_equal(n->activates, commands(t, MP_DRAM_ACTIVATE));
    assert_int_equal(n->precharges, commands(t, MP_DRAM_PRECHARGE));
    assert_int_equal(n->refreshes, commands(t, MP_DRAM_REFRESH));
    assert_int_equal(n->row_hits + n->row_misses + n->row_conflicts, n->reads + n->writes);
    assert_true(n->activates >= n->row_misses + n->row_conflicts && n->activates >= n->precharges);
    assert_true(n->active_cycles <= t->end * t->spec.channels);
}

// What nobody watches, where refreshes of idle memories are skipped, comes to the same.
static void rules_are_kept(void **state) {
    (void)state;
    struct trial *t = malloc(sizeof *t);
    for (uint64_t seed = 0; seed < trials; seed++) {
        make_trial(t, seed);
        struct mp_dram_counts n = run_trial(t, true);
        uint64_t end = t->end;
        check_commands(t, seed);
        check_served(t, seed);
        check_counts(t, &n);
        struct mp_dram_counts again = run_trial(t, false);
        assert_int_equal(t->end, end);
        assert_memory_equal(&again, &n, sizeof n);
        dram_log_finish(&t->log);
    }
    free(t);
}

// The checker finds what it is for.
static void checker_sees(void **state) {
    (void)state;
    const struct mp_dram_preset *p = &mp_dram_presets[0];
    struct mp_dram_command c[] = {{.cycle = 0, .kind = MP_DRAM_ACTIVATE},
                                  {.cycle = 17, .kind = MP_DRAM_READ},
                                  {.cycle = 27, .kind = MP_DRAM_WRITE},
                                  {.cycle = 61, .kind = MP_DRAM_PRECHARGE}};
    struct dram_log l = {c, 4, 4};
    assert_null(dram_check_timing(&l, p));
    assert_null(dram_check_state(&l, p));
    assert_null(dram_check_buses(&l, p));
    c[3].cycle = 60;
    assert_non_null(dram_check_timing(&l, p));
    c[3].cycle = 27;
    assert_non_null(dram_check_buses(&l, p));
    c[2].place.row = 1;
    assert_non_null(dram_check_state(&l, p));
    struct mp_dram_command five[5];
    for (unsigned i = 0; i < 5; i++)
        five[i] = (struct mp_dram_command){.cycle = i * 6, .kind = MP_DRAM_ACTIVATE, .place.group = i % 4, .place.bank = i / 4};
    struct dram_log f = {five, 5, 5};
    assert_non_null(dram_check_timing(&f, p));
    five[4].cycle = 26;
    assert_null(dram_check_timing(&f, p));
    assert_non_null(dram_check_refresh(&f, p, 3 * p->timing.refi));
}

static struct mp_controllers *plain(const struct mp_dram_preset *p, unsigned channels, const char *mapping, bool refresh) {
    const struct mp_controller_spec s = {
        .preset = p, .channels = channels, .refresh = refresh, .map = make_map(p, channels, mapping)};
    return mp_controllers_create(&s);
}

static void nothing_takes_no_time(void **state) {
    (void)state;
    struct mp_controllers *m = plain(&mp_dram_presets[0], 2, "rorachcobabg", true);
    struct mp_transfer none = {.address = 64};
    assert_int_equal(mp_controllers_run(m, 7, NULL, 0), 7);
    assert_int_equal(mp_controllers_run(m, 9, &none, 1), 9);
    assert_int_equal(mp_controllers_run_single(m, 9, NULL, 0), 9);
    assert_int_equal(none.done, 9);
    assert_int_equal(mp_controllers_counts(m).reads, 0);
    mp_controllers_destroy(m);
    mp_controllers_destroy(NULL);
}

static void beyond_the_memory_wraps(void **state) {
    (void)state;
    const struct mp_dram_preset *p = &mp_dram_presets[1];
    struct mp_controllers *m = plain(p, 1, "rorachcobabg", false);
    struct mp_transfer t[] = {{.address = 0, .bytes = 64}, {.address = 5 * mp_dram_bytes(p, 1) + 512, .bytes = 64}};
    mp_controllers_run(m, 0, t, 2);
    assert_int_equal(mp_controllers_counts(m).activates, 1);
    assert_int_equal(mp_controllers_counts(m).row_hits, 1);
    mp_controllers_destroy(m);
}

// Spread over channels a sequence takes its part of the time.
static void channels_share(void **state) {
    (void)state;
    for (unsigned channels = 1; channels <= MP_DRAM_CHANNELS; channels *= 2) {
        struct mp_controllers *m = plain(&mp_dram_presets[2], channels, "rorabacobgch", false);
        struct mp_transfer t = {.bytes = 1 << 20};
        uint64_t cycles = mp_controllers_run(m, 0, &t, 1), bus = (1 << 20) / 64 * 2 / channels;
        assert_true(cycles >= bus && cycles < bus + bus / 20 + 60);
        mp_controllers_destroy(m);
    }
}

static void later_starts_wait(void **state) {
    (void)state;
    struct mp_controllers *m = plain(&mp_dram_presets[0], 1, "rorachcobabg", false);
    struct mp_transfer t[] = {{.bytes = 64}, {.address = 64, .bytes = 64, .start = 1000}};
    assert_int_equal(mp_controllers_run(m, 0, t, 2), 1039);
    assert_int_equal(t[0].done, 39);
    mp_controllers_destroy(m);
}

// A write that is alone goes without waiting for others.
static void few_writes_are_written(void **state) {
    (void)state;
    struct mp_controllers *m = plain(&mp_dram_presets[0], 1, "rorachcobabg", false);
    struct mp_transfer t = {.bytes = 64, .write = true};
    assert_int_equal(mp_controllers_run(m, 0, &t, 1), 1 + 17 + 12 + 4);
    assert_int_equal(mp_controllers_counts(m).writes, 1);
    mp_controllers_destroy(m);
}

// After centuries: cycles beyond 32 bits, refreshes that nobody waited for.
static void long_idleness(void **state) {
    (void)state;
    struct mp_controllers *m = plain(&mp_dram_presets[0], 1, "rorachcobabg", true);
    struct mp_transfer t = {.bytes = 64};
    const uint64_t far = 9360 * (1ull << 40) + 5000;
    assert_int_equal(mp_controllers_run(m, 0, &t, 1), 39);
    assert_int_equal(mp_controllers_run(m, far, &t, 1), far + 39);
    assert_int_equal(mp_controllers_counts(m).refreshes, 1ull << 40);
    assert_int_equal(mp_controllers_counts(m).activates, 2);
    const uint64_t due = 9360 * ((1ull << 41) + 1); // with the access: the refresh goes first
    assert_int_equal(mp_controllers_run(m, due, &t, 1), due + 420 + 17 + 17 + 4);
    assert_int_equal(mp_controllers_counts(m).refreshes, (1ull << 41) + 1);
    mp_controllers_destroy(m);
}

#ifndef NDEBUG // asserts are compiled in
static void unaligned_is_the_callers_bug(void **state) {
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct mp_transfer t = {.address = 32, .bytes = 64};
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        signal(SIGABRT, SIG_DFL);
        mp_controllers_run(plain(&mp_dram_presets[0], 1, "rorachcobabg", false), 0, &t, 1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
#endif

static void refuses(const char *mapping, const char *message) {
    struct mp_dram_map m;
    struct mp_err err;
    assert_false(mp_dram_map_make(&m, &mp_dram_presets[0], 1, mapping, &err));
    assert_string_equal(err.text, message);
}

static void maps(void **state) {
    (void)state;
    struct mp_dram_map m = make_map(&mp_dram_presets[0], 1, "rochrababgco");
    struct mp_dram_place at = mp_dram_map_place(&m, 0x155555555);
    assert_int_equal(at.column, 0x155555555 >> 6 & 127);
    assert_int_equal(at.group, 0x155555555 >> 13 & 3);
    assert_int_equal(at.bank, 0x155555555 >> 15 & 3);
    assert_int_equal(at.row, 0x155555555 >> 17 & 65535);
    m = make_map(&mp_dram_presets[0], 4, "rorachcobabg");
    at = mp_dram_map_place(&m, 0x955555555);
    assert_int_equal(at.group, 0x955555555 >> 6 & 3);
    assert_int_equal(at.bank, 0x955555555 >> 8 & 3);
    assert_int_equal(at.column, 0x955555555 >> 10 & 127);
    assert_int_equal(at.channel, 0x955555555 >> 17 & 3);
    assert_int_equal(at.row, 0x955555555 >> 19 & 65535);
    refuses("rorachcobab", "mapping \"rorachcobab\": must be of ro, ra, bg, ba, ch, co (got \"b\")");
    refuses("rorachcobaxx", "mapping \"rorachcobaxx\": must be of ro, ra, bg, ba, ch, co (got \"xx\")");
    refuses("rorachcobaba", "mapping \"rorachcobaba\": ba is there twice");
    refuses("rochcobabg", "mapping \"rochcobabg\": ra is missing");
    refuses("", "mapping \"\": ro is missing");
}

// Names agree, bits are whole, no energy is negative, and two things that follow from the timings.
static void presets(void **state) {
    (void)state;
    for (size_t i = 0; i < MP_DRAM_PRESETS; i++) {
        const struct mp_dram_preset *p = &mp_dram_presets[i];
        const struct mp_dram_timing *t = &p->timing;
        assert_string_equal(p->name, mp_dram_preset_names[i]);
        assert_ptr_equal(mp_dram_preset_find(p->name), p);
        assert_true(p->source && p->energy.source && p->groups * p->banks <= MP_DRAM_BANKS);
        assert_int_equal(p->bus_bits / 8 * 2 * t->burst, p->access_bytes);
        assert_int_equal(t->rc, t->ras + t->rp);
        assert_true(t->ccd_s >= t->burst && t->ccd_l >= t->ccd_s && t->rfc < t->refi);
        struct mp_dram_map m = make_map(p, 1, p->mapping);
        assert_int_equal((uint64_t)1 << (m.ro.shift + m.ro.bits), mp_dram_bytes(p, 1));
        struct mp_dram_counts n = {.reads = 1, .writes = 1, .activates = 1, .refreshes = 1, .active_cycles = 10};
        double part[MP_DRAM_PARTS], sum = mp_dram_energy_pj(p, &n, 20, part), parts = 0;
        for (size_t k = 0; k < MP_DRAM_PARTS; k++) {
            assert_true(part[k] >= 0);
            parts += part[k];
        }
        assert_true(sum == parts && sum > 0);
    }
    assert_null(mp_dram_presets[MP_DRAM_PRESETS].name);
    assert_null(mp_dram_preset_names[MP_DRAM_PRESETS]);
    assert_null(mp_dram_preset_find("ddr9"));
}

int main(int argc, char **argv) {
    if (argc > 1)
        trials = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_kept),
        cmocka_unit_test(checker_sees),
        cmocka_unit_test(nothing_takes_no_time),
        cmocka_unit_test(beyond_the_memory_wraps),
        cmocka_unit_test(channels_share),
        cmocka_unit_test(later_starts_wait),
        cmocka_unit_test(few_writes_are_written),
        cmocka_unit_test(long_idleness),
#ifndef NDEBUG
        cmocka_unit_test(unaligned_is_the_callers_bug),
#endif
        cmocka_unit_test(maps),
        cmocka_unit_test(presets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
