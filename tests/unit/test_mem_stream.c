// SPDX-License-Identifier: Apache-2.0
// Streams against loops as they are defined, and traces.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/import/dram_trace.h"
#include "sim/mem/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define G 64

static const struct mp_stream_kind *kind(const char *name) {
    const struct mp_stream_kind *k = mp_stream_kinds;
    while (strcmp(k->name, name) != 0)
        assert_non_null((++k)->name);
    return k;
}

static struct mp_stream stream(const char *name, const char *const *settings) {
    struct mp_stream s;
    struct mp_err err;
    mp_stream_init(&s, kind(name), G);
    for (; *settings; settings++)
        if (!mp_stream_set(&s, *settings, &err))
            fail_msg("%s", err.text);
    return s;
}

static void comes_next(struct mp_stream *s, uint64_t from, uint64_t bytes, bool write) {
    struct mp_transfer t = {0};
    uint64_t first = from / G * G, end = (from + bytes + G - 1) / G * G;
    assert_true(mp_stream_next(s, &t));
    assert_int_equal(t.address, first);
    assert_int_equal(t.bytes, end - first);
    assert_int_equal(t.write, write);
}

static void is_over(struct mp_stream *s, uint64_t bytes) {
    struct mp_transfer t;
    assert_false(mp_stream_next(s, &t));
    assert_int_equal(mp_stream_bytes(s), bytes);
}

static void sequences(void **state) {
    (void)state;
    struct mp_stream r = stream("seq_read", (const char *const[]){"N=1000", NULL});
    struct mp_stream w = stream("seq_write", (const char *const[]){"N=0x40", NULL});
    comes_next(&r, 0, 1000, false);
    is_over(&r, 1000);
    comes_next(&w, 0, 64, true);
    is_over(&w, 64);
}

static void alternating(void **state) {
    (void)state;
    struct mp_stream s = stream("alternating_rw", (const char *const[]){"B=100", "N=350", "OFF=0x1010", NULL});
    for (uint64_t k = 0; k < 3; k++) {
        comes_next(&s, k * 100, 100, false);
        comes_next(&s, 0x1010 + k * 100, 100, true);
    }
    is_over(&s, 0x1010 + 300);
    struct mp_stream none = stream("alternating_rw", (const char *const[]){"B=100", "N=99", NULL});
    is_over(&none, 0);
}

static void tiles(void **state) {
    (void)state;
    struct mp_stream s = stream("tile_read", (const char *const[]){"H=5", "W=70", "P=224", NULL});
    for (uint64_t r = 0; r < 5; r++)
        comes_next(&s, r * 224, 70, false);
    is_over(&s, 4 * 224 + 70);
}

static void at_random(void **state) {
    (void)state;
    struct mp_stream s = stream("random_read", (const char *const[]){"n=100", "seed=7", "region=8192", NULL});
    uint32_t x = 7;
    for (unsigned i = 0; i < 100; i++) {
        x = (uint32_t)(1664525ull * x + 1013904223ull);
        comes_next(&s, (uint64_t)(x >> 8) * 64 % 8192, 64, false);
    }
    is_over(&s, 8192);
    struct mp_stream odd = stream("random_read", (const char *const[]){"n=1000", "region=100", NULL});
    uint64_t end = 0;
    for (struct mp_transfer t; mp_stream_next(&odd, &t);)
        end = t.address + t.bytes > end ? t.address + t.bytes : end;
    assert_int_equal(end, 192); // of accesses
    is_over(&odd, 160);         // 96 is the last multiple of 4 below 100
}

static void three(void **state) {
    (void)state;
    struct mp_stream s = stream("three_stream", (const char *const[]){"Bw=192", "Bi=64", "Bo=32", "K=4", "S=4096", NULL});
    for (uint64_t k = 0; k < 4; k++) {
        comes_next(&s, k * 192, 192, false);
        comes_next(&s, 4096 + k * 64, 64, false);
        comes_next(&s, 8192 + k * 32, 32, true);
    }
    is_over(&s, 8192 + 128);
    struct mp_stream wide = stream("three_stream", (const char *const[]){"Bw=1024", "K=100", "S=64", NULL});
    assert_int_equal(mp_stream_bytes(&wide), 102400);
}

static void defaults_fit_all_memories(void **state) {
    (void)state;
    size_t i = 0;
    for (const struct mp_stream_kind *k = mp_stream_kinds; k->name; k++, i++) {
        struct mp_stream s;
        assert_string_equal(k->name, mp_stream_names[i]);
        for (unsigned n = 0; n < MP_STREAM_PARAMS && k->params[n].name; n++)
            assert_true(k->params[n].min <= k->params[n].def && k->params[n].def <= k->params[n].max && k->params[n].help);
        for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++) {
            mp_stream_init(&s, k, p->access_bytes);
            assert_true(mp_stream_bytes(&s) <= mp_dram_bytes(p, 1));
        }
    }
    assert_null(mp_stream_names[i]);
}

static void refuses(const char *name, const char *setting, const char *message) {
    struct mp_stream s;
    struct mp_err err;
    mp_stream_init(&s, kind(name), G);
    struct mp_stream before = s;
    assert_false(mp_stream_set(&s, setting, &err));
    assert_string_equal(err.text, message);
    assert_memory_equal(&s, &before, sizeof s);
}

static void settings(void **state) {
    (void)state;
    refuses("seq_read", "N", "stream seq_read: \"N\" is not NAME=VALUE");
    refuses("seq_read", "n=5", "stream seq_read: has no parameter \"n\" (it has N)");
    refuses("tile_read", "=5", "stream tile_read: has no parameter \"\" (it has H, W, P)");
    refuses("tile_read", "HH=5", "stream tile_read: has no parameter \"HH\" (it has H, W, P)");
    refuses("tile_read", "H=0", "stream tile_read: H must be an integer 1..4294967296 (got \"0\")");
    refuses("tile_read", "H=4294967297", "stream tile_read: H must be an integer 1..4294967296 (got \"4294967297\")");
    refuses("tile_read", "H=", "stream tile_read: H must be an integer 1..4294967296 (got \"\")");
    refuses("tile_read", "H=-1", "stream tile_read: H must be an integer 1..4294967296 (got \"-1\")");
    refuses("tile_read", "H=+1", "stream tile_read: H must be an integer 1..4294967296 (got \"+1\")");
    refuses("tile_read", "H= 1", "stream tile_read: H must be an integer 1..4294967296 (got \" 1\")");
    refuses("tile_read", "H=0x", "stream tile_read: H must be an integer 1..4294967296 (got \"0x\")");
    refuses("tile_read", "H=12g", "stream tile_read: H must be an integer 1..4294967296 (got \"12g\")");
    refuses("tile_read", "H=99999999999999999999999",
            "stream tile_read: H must be an integer 1..4294967296 (got \"99999999999999999999999\")");
}

// A run that pulls its transfers is the run that has them.
static void pulled_is_the_same(void **state) {
    (void)state;
    const struct mp_dram_preset *p = &mp_dram_presets[0];
    struct mp_controller_spec spec = {.preset = p, .channels = 2, .refresh = true};
    struct mp_stream s = stream("three_stream", (const char *const[]){"K=200", "Bo=1024", NULL}), again = s;
    struct mp_transfer t[600];
    struct mp_err err;
    assert_true(mp_dram_map_make(&spec.map, p, 2, "rorabacobgch", &err));
    for (int single = 0; single < 2; single++) {
        struct mp_controllers *a = mp_controllers_create(&spec), *b = mp_controllers_create(&spec);
        s.at = again.at = 0;
        const struct mp_transfer_source source = mp_stream_source(&s);
        for (size_t i = 0; i < 600; i++) {
            t[i] = (struct mp_transfer){0};
            assert_true(mp_stream_next(&again, &t[i]));
        }
        uint64_t end = single ? mp_controllers_run_single(b, 5, t, 600) : mp_controllers_run(b, 5, t, 600);
        assert_int_equal(mp_controllers_pull(a, 5, &source, single), end);
        struct mp_dram_counts x = mp_controllers_counts(a), y = mp_controllers_counts(b);
        assert_memory_equal(&x, &y, sizeof x);
        mp_controllers_destroy(a);
        mp_controllers_destroy(b);
    }
}

static bool parse(struct mp_dram_trace *t, struct mp_arena *a, const char *text, struct mp_err *err) {
    const struct mp_dram_trace_for what = {.access_bytes = 64, .capacity = 1 << 20, .clock = {1, 1}};
    return mp_dram_trace_parse(t, a, "t.trc", text, strlen(text), &what, err);
}

static void traces(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_dram_trace t;
    struct mp_err err;
    assert_true(parse(&t, &a, "0x1040 READ 5\r\n\n# words\n  7f\tWRITE\t5", &err));
    assert_int_equal(t.count, 2);
    assert_int_equal(t.transfers[0].address, 0x1040);
    assert_int_equal(t.transfers[0].bytes, 64);
    assert_int_equal(t.transfers[0].start, 5);
    assert_false(t.transfers[0].write);
    assert_int_equal(t.transfers[1].address, 64);
    assert_true(t.transfers[1].write);
    static const char *const bad[][2] = {
        {"", "t.trc: holds no access"},
        {"# a\n", "t.trc: holds no access"},
        {"0x0 READ 0\nzz READ 0\n", "t.trc:2: the address must be hexadecimal and fit 64 bits (got \"zz\")"},
        {"0x READ 0\n", "t.trc:1: the address must be hexadecimal and fit 64 bits (got \"0x\")"},
        {"10000000000000000 READ 0\n", "t.trc:1: the address must be hexadecimal and fit 64 bits (got \"10000000000000000\")"},
        {"0x100000 READ 0\n", "t.trc:1: the address must be below 0x100000, the memory's size (got \"0x100000\")"},
        {"0x0\n", "t.trc:1: behind the address must be READ or WRITE (got \"\")"},
        {"0x0 read 0\n", "t.trc:1: behind the address must be READ or WRITE (got \"read\")"},
        {"0x0 READ\n", "t.trc:1: behind READ or WRITE must be a cycle, an integer up to 2^53 (got \"\")"},
        {"0x0 READ 0x5\n", "t.trc:1: behind READ or WRITE must be a cycle, an integer up to 2^53 (got \"0x5\")"},
        {"0x0 READ 9007199254740993\n",
         "t.trc:1: behind READ or WRITE must be a cycle, an integer up to 2^53 (got \"9007199254740993\")"},
        {"0x0 READ 7\n# words\n0x40 WRITE 7\n0x40 WRITE 6\n",
         "t.trc:4: the cycle must not be before that of the access before, 7 (got \"6\")"},
        {"0x0 READ 0 0\n", "t.trc:1: nothing may be behind the cycle (got \"0\")"},
        {"0x0 READ 0\n\xff\n", "t.trc:2: must be UTF-8 text"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(parse(&t, &a, bad[i][0], &err));
        assert_string_equal(err.text, bad[i][1]);
    }
    mp_arena_finish(&a);
}

static uint64_t cycle_of(const struct mp_dram_preset *p, double mhz, uint64_t cycle) {
    const struct mp_dram_trace_for what = {.access_bytes = 64, .capacity = 1 << 20, .clock = mp_dram_clock_of(p, mhz)};
    struct mp_arena a = {0};
    struct mp_dram_trace t;
    struct mp_err err;
    char line[64];
    snprintf(line, sizeof line, "0x0 READ %" PRIu64 "\n", cycle);
    assert_true(mp_dram_trace_parse(&t, &a, "t.trc", line, strlen(line), &what, &err));
    const uint64_t start = t.transfers[0].start;
    mp_arena_finish(&a);
    return start;
}

// By hand: 500 MHz are 2 ns a cycle, of 0.83 ns and 0.625 ns. Beyond 2^31 and 2^51, too, the first that is not too early.
static void traces_of_another_clock(void **state) {
    const struct mp_dram_preset *ddr4 = mp_dram_preset_find("ddr4_2400"), *lpddr4 = mp_dram_preset_find("lpddr4_3200");
    (void)state;
    assert_int_equal(cycle_of(ddr4, 500, 0), 0);
    assert_int_equal(cycle_of(ddr4, 500, 1), 3);       // 2.41
    assert_int_equal(cycle_of(ddr4, 500, 83), 200);    // exactly
    assert_int_equal(cycle_of(ddr4, 500, 84), 203);    // 202.41
    assert_int_equal(cycle_of(lpddr4, 500, 5), 16);    // exactly
    assert_int_equal(cycle_of(lpddr4, 500, UINT64_C(4294967296)), UINT64_C(13743895348));       // 2^32 x 3.2 = ...347.2
    assert_int_equal(cycle_of(lpddr4, 500, UINT64_C(2251799813685248)), UINT64_C(7205759403792794)); // 2^51 x 3.2 = ...793.6
    assert_int_equal(cycle_of(lpddr4, 333.25, 1333), 6400); // 4 us, to the Hz
    assert_int_equal(cycle_of(lpddr4, 1600, 77), 77);
    const struct mp_dram_trace_for slow = {.access_bytes = 64, .capacity = 1 << 20, .clock = mp_dram_clock_of(lpddr4, 1)};
    struct mp_arena a = {0};
    struct mp_dram_trace t;
    struct mp_err err;
    const char text[] = "0x0 READ 9007199254740992\n";
    assert_false(mp_dram_trace_parse(&t, &a, "t.trc", text, strlen(text), &slow, &err));
    assert_string_equal(err.text, "t.trc:1: the cycle must be one of the DRAM's up to 2^53 (got \"9007199254740992\")");
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences), cmocka_unit_test(alternating),
        cmocka_unit_test(tiles),     cmocka_unit_test(at_random),
        cmocka_unit_test(three),     cmocka_unit_test(defaults_fit_all_memories),
        cmocka_unit_test(settings),  cmocka_unit_test(pulled_is_the_same),
        cmocka_unit_test(traces),    cmocka_unit_test(traces_of_another_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
