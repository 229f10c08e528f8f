// SPDX-License-Identifier: Apache-2.0
// Tech files: loading, interpolation of the SRAM tables, scaling between nodes, the echo, and every error.
// Run it from the source folder, or name that in MPSIM_SOURCE.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "costmodel/est.h"
#include "tests/unit/cost_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Every file in configs/tech is in the list above.
static void test_no_other_files(void **state) {
    (void)state;
    struct mp_arena a = {0};
    const char *const *names;
    size_t count = mp_tech_names(tech_dir(&a), &a, &names);
    assert_int_equal(count, SHIPPED);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(names[i], shipped[i]);
    mp_arena_finish(&a);
}

static struct mp_bank_price bank(struct mp_tech *t, double bytes, double bits, enum mp_est_found want) {
    struct mp_bank_price b = {0};
    assert_int_equal(t->buffers->ops->price(t->buffers, MP_INPUT, bytes, bits, &b), want);
    return b;
}

// Rows of CACTI's table for 45 nm itrs-hp, and what lies between them.
static void test_sram_points(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *t = must_load(&a, "cmos45_hp");
    struct mp_bank_price b = bank(t, 4096, 128, MP_EST_INSIDE), big = bank(t, 8192, 128, MP_EST_INSIDE);
    assert_true(b.read_pj == 3.684 && b.write_pj == 9.733 && b.area_mm2 == 0.014282);
    near(b.leak_mw, 4.752 + 0.163246, 1e-6);
    struct mp_bank_price last = bank(t, 4194304, 512, MP_EST_INSIDE);
    assert_true(last.read_pj == 620.6 && last.write_pj == 941.5);
    struct mp_bank_price mid = bank(t, 6144, 128, MP_EST_INSIDE);
    assert_true(mid.read_pj > b.read_pj && mid.read_pj < big.read_pj);
    assert_true(mid.leak_mw > b.leak_mw && mid.leak_mw < big.leak_mw);
    assert_true(mid.area_mm2 > b.area_mm2 && mid.area_mm2 < big.area_mm2);
    near(mid.read_pj, 3.684 * pow(5.067 / 3.684, log(1.5) / log(2)), 1e-12);
    struct mp_bank_price wide = bank(t, 4096, 181.019335983756, MP_EST_INSIDE); // 128 * sqrt(2)
    near(wide.read_pj, sqrt(3.684 * 7.894), 1e-12);
    mp_arena_finish(&a);
}

static void test_sram_beyond(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *t = must_load(&a, "cmos45_hp");
    struct mp_bank_price at = bank(t, 1024, 64, MP_EST_INSIDE), below = bank(t, 512, 64, MP_EST_EXTRAPOLATED);
    near(below.read_pj, 1.434 * 1.434 / 1.711, 1e-12); // the slope of the first segment
    assert_true(below.leak_mw < at.leak_mw && below.leak_mw >= at.leak_mw / 2);
    struct mp_bank_price narrow = bank(t, 65536, 32, MP_EST_EXTRAPOLATED);
    near(narrow.write_pj, 16.46 / 2, 1e-12); // steeper than in proportion: held
    struct mp_bank_price wide = bank(t, 65536, 1024, MP_EST_EXTRAPOLATED), half = bank(t, 32768, 512, MP_EST_INSIDE);
    near(wide.read_pj, 2 * half.read_pj, 1e-12);
    near(wide.area_mm2, 2 * half.area_mm2, 1e-12);
    struct mp_bank_price huge = bank(t, 8388608, 64, MP_EST_EXTRAPOLATED), top = bank(t, 4194304, 64, MP_EST_INSIDE);
    assert_true(huge.read_pj == top.read_pj && huge.leak_mw == 2 * top.leak_mw);
    bank(t, 1024, 512, MP_EST_CLOSED); // CACTI has no such macro
    bank(t, 1024, 300, MP_EST_CLOSED);
    bank(t, 1024, 256, MP_EST_INSIDE);
    bank(t, 63, 64, MP_EST_NO_PRICE);
    bank(t, 1024, 7, MP_EST_NO_PRICE);
    bank(t, 1024, 4097, MP_EST_NO_PRICE);
    bank(t, 67108865, 64, MP_EST_NO_PRICE);
    mp_arena_finish(&a);
}

// By hand from the polynomials: 45 hp at 0.9 V 0.69885, 32 hp at 0.9 V 0.457137; 45 lp at 0.9 V 0.84433.
static void test_scale(void **state) {
    (void)state;
    struct mp_factors f;
    bool interpolated;
    struct mp_scale_from from = {45, 0.9};
    assert_true(mp_scale_find(from, from, false, &f, &interpolated));
    assert_true(f.energy == 1 && f.area == 1 && f.wire == 1 && !interpolated);
    assert_true(mp_scale_find(from, (struct mp_scale_from){32, 0.9}, false, &f, &interpolated) && !interpolated);
    near(f.energy, 0.457137 / 0.69885, 1e-5);
    near(f.area, 0.46, 1e-12);
    assert_true(mp_scale_find(from, (struct mp_scale_from){65, 1.1}, false, &f, &interpolated) && !interpolated);
    near(f.energy, 1.68075 / 0.69885, 1e-5);
    near(f.area, 1.5, 1e-12);
    near(f.wire, 1.21 / 0.81, 1e-12);
    assert_true(mp_scale_find(from, (struct mp_scale_from){45, 1.1}, true, &f, &interpolated) && !interpolated);
    near(f.energy, 1.21313 / 0.84433, 1e-5);
    assert_true(mp_scale_find(from, (struct mp_scale_from){22, 0.8}, false, &f, &interpolated) && interpolated);
    near(f.energy, 0.15320 * pow(0.358308 / 0.15320, log(22.0 / 20) / log(32.0 / 20)) / 0.69885, 1e-4);
    near(f.area, 0.21 * pow(0.46 / 0.21, log(22.0 / 20) / log(32.0 / 20)), 1e-9);
    assert_false(mp_scale_find(from, (struct mp_scale_from){6, 0.8}, false, &f, &interpolated));
    assert_false(mp_scale_find(from, (struct mp_scale_from){200, 0.8}, false, &f, &interpolated));
    assert_false(mp_scale_find(from, (struct mp_scale_from){22, 0.4}, false, &f, &interpolated));
}

static void echo(const struct mp_tech *t, struct mp_buf *out) {
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_tech_write(t, &w);
}

static struct mp_tech *must_parse(struct mp_arena *a, const char *path, const char *text) {
    struct mp_tech *t = NULL;
    struct mp_err err = {""};
    if (!mp_tech_parse(&t, a, path, text, strlen(text), &err))
        fail_msg("%s", err.text);
    return t;
}

// Loads what a tech is echoed as; the echo of that must be the same.
static struct mp_tech *reload(struct mp_arena *a, const struct mp_tech *t) {
    struct mp_buf once = {0}, twice = {0};
    echo(t, &once);
    struct mp_tech *again = must_parse(a, "nowhere/echo.json", once.text);
    echo(again, &twice);
    assert_string_equal(twice.text, once.text);
    mp_buf_finish(&once);
    mp_buf_finish(&twice);
    return again;
}

struct priced {
    struct mp_prices prices;
    struct mp_area area;
    struct mp_sources sources;
};

static struct priced price(const struct mp_tech *t, const struct mp_arch *arch, unsigned a_bits, unsigned w_bits,
                           struct mp_arena *a) {
    struct priced p = {.sources = {{NULL}, 0}};
    struct mp_err err = {""};
    if (!mp_cost_prices(t, arch, a_bits, w_bits, a, &p.prices, &p.sources, &err) ||
        !mp_cost_area(t, arch, a, &p.area, &p.sources, &err))
        fail_msg("%s", err.text);
    return p;
}

static void assert_same_prices(const struct mp_tech *t, const struct mp_tech *u, const struct mp_arch *arch,
                               struct mp_arena *a) {
    static const unsigned widths[][2] = {{8, 8}, {8, 2}, {4, 4}, {1, 3}, {0, 0}};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct priced p = price(t, arch, widths[i][0], widths[i][1], a);
        struct priced q = price(u, arch, widths[i][0], widths[i][1], a);
        assert_memory_equal(&p.prices, &q.prices, sizeof p.prices);
        assert_memory_equal(&p.area, &q.area, sizeof p.area);
        assert_int_equal(p.sources.count, q.sources.count);
        for (size_t k = 0; k < p.sources.count; k++)
            assert_string_equal(p.sources.lines[k], q.sources.lines[k]);
    }
}

// The echo of every shipped tech is a tech file that prices the same from the same sources.
static void test_echo(void **state) {
    (void)state;
    for (size_t i = 0; i < SHIPPED; i++) {
        struct mp_arena a = {0};
        struct mp_tech *t = must_load(&a, shipped[i]), *u = reload(&a, t);
        assert_true(t->transistor == u->transistor && !u->scaled_from);
        assert_int_equal(u->derived_count, t->scaled_from ? 3 : 0);
        for (size_t k = 0; mp_pe_kinds[k]; k++) {
            struct mp_arch arch = make_arch(mp_pe_kinds[k]->name, 16);
            arch.buffers[MP_WEIGHT] = (struct mp_buffer){512, 1024, 1, true}; // beyond the tables
            assert_true(t->logic.pe[k].present == u->logic.pe[k].present);
            if (t->logic.pe[k].present)
                assert_same_prices(t, u, &arch, &a);
        }
        mp_arena_finish(&a);
    }
}

// The smallest tech; `replace` makes the bad ones of it.
static const char minimal[] =
    "{ \"node_nm\": 45, \"volts\": 0.9, \"cell\": \"c\", \"sources\": { \"s\": \"somewhere\" },"
    "  \"pe\": { \"fixed\": { \"active\": { \"shared_pj\": 0, \"lane_pj\": 1, \"source\": \"s\" },"
    "    \"idle\": { \"shared_pj\": 0, \"lane_pj\": 0.5, \"estimate\": \"half\" },"
    "    \"area\": { \"shared_um2\": 0, \"lane_um2\": 100, \"source\": \"s\" } } },"
    "  \"accumulator\": { \"add\": { \"source\": \"s\", \"columns\": [\"bits\", \"pj\", \"um2\"], \"rows\": [[32, "
    "0.1, 137]] },"
    "    \"register\": { \"bit_pj\": 0, \"bit_um2\": 0, \"source\": \"s\" } },"
    "  \"vector_unit\": { \"requant\": { \"pj\": 3, \"source\": \"s\" }, \"alu\": { \"pj\": 1, \"source\": \"s\" },"
    "    \"mul\": { \"pj\": 2, \"source\": \"s\" }, \"special\": { \"pj\": 8, \"source\": \"s\" },"
    "    \"area\": { \"lane_um2\": 9, \"source\": \"s\" } },"
    "  \"interconnect\": { \"pj_per_bit_mm\": 0.1, \"source\": \"s\" },"
    "  \"leakage\": { \"mw_per_mm2\": 30, \"source\": \"s\" },"
    "  \"dram\": { \"kind\": \"d\", \"kinds\": { \"d\": { \"read_pj_per_bit\": 8, \"write_pj_per_bit\": 9, "
    "\"source\": \"s\" } } },"
    "  \"sram\": { \"source\": \"s\", \"columns\": [\"size_bytes\", \"port_bits\", \"read_pj\", \"write_pj\", "
    "\"leak_mw\", \"area_mm2\"],"
    "    \"rows\": [[1024, 64, 1, 2, 3, 4], [2048, 64, 2, 3, 4, 5]] } }";

static char *replace(struct mp_arena *a, const char *from, const char *to) {
    const char *at = strstr(minimal, from);
    assert_non_null(at);
    return mp_arena_printf(a, "%.*s%s%s", (int)(at - minimal), minimal, to, at + strlen(from));
}

static void test_minimal(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err = {""};
    struct mp_arch arch = make_arch("fixed", 2);
    struct mp_prices p;
    struct mp_sources s = {0};
    struct mp_tech *t = must_parse(&a, "dir/t.json", minimal);
    assert_true(mp_cost_prices(t, &arch, 8, 8, &a, &p, &s, &err));
    assert_string_equal(mp_tech_name(t), "t");
    assert_true(p.pj[MP_EV_PE_ACTIVE] == 2 && p.pj[MP_EV_PE_IDLE] == 1 && p.pj[MP_EV_ACC_UPDATE] == 0.1);
    assert_true(p.pj[MP_EV_DRAM_READ] == 8 && p.pj[MP_EV_DRAM_WRITE] == 9);
    assert_true(p.pj[MP_EV_VEC_REQUANT] == 3 && p.pj[MP_EV_VEC_ALU] == 1 && p.pj[MP_EV_VEC_MUL] == 2 &&
                p.pj[MP_EV_VEC_SPECIAL] == 8);
    assert_true(has_line(&s, "estimate: pe fixed idle: half") && has_line(&s, "dram d: somewhere"));
    near(p.pj[MP_EV_NET_BIT], 0.1 * sqrt(256 * (2 * 100 + 137) * 1e-6), 1e-12);
    mp_arena_finish(&a);
}

static void test_derived(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_sources s = {0};
    struct mp_err err;
    struct mp_area area;
    struct mp_arch arch = make_arch("fixed", 2);
    const char *text = replace(&a, "\"cell\"", "\"derived\": [\"all: halved\", \"estimate: more\"], \"cell\"");
    struct mp_tech *t = must_parse(&a, "dir/t.json", text), *u = reload(&a, t);
    assert_same_prices(t, u, &arch, &a);
    assert_true(mp_cost_area(u, &arch, &a, &area, &s, &err));
    assert_true(has_line(&s, "all: halved") && has_line(&s, "estimate: more"));
    mp_arena_finish(&a);
}

// A file scaled from cmos45_hp: its head and leakage by `head`; the SRAM is the smallest tech's.
static char *scaled(struct mp_arena *a, const char *head) {
    return mp_arena_printf(
        a, "{ %s, \"cell\": \"c\", %s", head,
        strstr(replace(a, "\"source\": \"s\", \"columns\": [\"size", "\"estimate\": \"e\", \"columns\": [\"size"),
               "\"sram\""));
}

// Both files name a source horowitz2014, and a third source has the key that would part them.
static void test_echo_of_one_key_for_two_sources(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_buf out = {0};
    struct mp_arch arch = make_arch("fixed", 2);
    struct mp_tech *t = must_parse(
        &a, mp_arena_printf(&a, "%s/t.json", tech_dir(&a)),
        scaled(&a, "\"node_nm\": 32, \"volts\": 0.9, \"transistor\": \"hp\", \"scaled_from\": \"cmos45_hp\","
                   "\"sources\": { \"horowitz2014\": \"mine\", \"horowitz2014_2\": \"other\" },"
                   "\"leakage\": { \"mw_per_mm2\": 1, \"source\": \"horowitz2014\" },"
                   "\"dram\": { \"kind\": \"d\", \"kinds\": { \"d\": { \"read_pj_per_bit\": 1, "
                   "\"write_pj_per_bit\": 2, \"source\": \"horowitz2014_2\" } } }"));
    echo(t, &out);
    assert_non_null(strstr(out.text, "\"horowitz2014\": \"Horowitz"));
    assert_non_null(strstr(out.text, "\"horowitz2014_2\": \"mine\""));
    assert_non_null(strstr(out.text, "\"horowitz2014_2_2\": \"other\""));
    assert_same_prices(t, reload(&a, t), &arch, &a);
    mp_buf_finish(&out);
    mp_arena_finish(&a);
}

static const struct {
    const char *from, *to, *want;
} bad[] = {
    {"\"volts\"", "\"volt\"", "dir/t.json: /: unknown key \"volt\", did you mean \"volts\"?"},
    {"\"node_nm\": 45, ", "", "dir/t.json: /node_nm: missing"},
    {"\"lane_pj\": 1,", "\"lane_pj\": -1,",
     "dir/t.json: /pe/fixed/active/lane_pj: must be a number 0..1000000000 (got -1)"},
    {"\"lane_pj\": 1,", "", "dir/t.json: /pe/fixed/active/lane_pj: missing"},
    {"\"lane_pj\": 1,", "\"lane_pj\": 1, \"bit_pj\": 1,",
     "dir/t.json: /pe/fixed/active: unknown key \"bit_pj\" (known: shared_pj, lane_pj, source, estimate)"},
    {"\"lane_pj\": 1, \"source\": \"s\"", "\"lane_pj\": 1",
     "dir/t.json: /pe/fixed/active: needs exactly one of \"source\" and \"estimate\" (got none)"},
    {"\"estimate\": \"half\"", "\"estimate\": \"half\", \"source\": \"s\"",
     "dir/t.json: /pe/fixed/idle: needs exactly one of \"source\" and \"estimate\" (got both)"},
    {"\"estimate\": \"half\"", "\"estimate\": \"\"", "dir/t.json: /pe/fixed/idle/estimate: must not be empty"},
    {"\"lane_pj\": 1, \"source\": \"s\"", "\"lane_pj\": 1, \"source\": \"quux\"",
     "dir/t.json: /pe/fixed/active/source: no such key in /sources (got \"quux\")"},
    {"\"somewhere\"", "7", "dir/t.json: /sources/s: must be a string (got 7)"},
    {"\"fixed\"", "\"fixde\"", "dir/t.json: /pe: unknown key \"fixde\", did you mean \"fixed\"?"},
    {"\"alu\"", "\"aul\"", "dir/t.json: /vector_unit: unknown key \"aul\", did you mean \"alu\"?"},
    {"\"kind\": \"d\"", "\"kind\": \"e\"",
     "dir/t.json: /dram/kind: must be one of d (got \"e\"), did you mean \"d\"?"},
    {"\"sram\"", "\"buffers\"", "dir/t.json: /buffers: unknown key \"source\" (known: input, weight, output)"},
    {"  \"sram\"", "  \"buffers\": {}, \"sram\"",
     "dir/t.json: /: must have one of \"sram\" and \"buffers\" (got both)"},
    {"[1024, 64, 1, 2, 3, 4]", "[1024, 64, 1, 2, 3]", "dir/t.json: /sram/rows/0: must have 6 numbers (got 5)"},
    {"[1024, 64, 1, 2, 3, 4]", "[1024, 0.5, 1, 2, 3, 4]", "dir/t.json: /sram/rows/0/1: must be at least 1 (got 0.5)"},
    {"[2048, 64,", "[1024, 64,", "dir/t.json: /sram/rows: row 1 repeats the point of an earlier row"},
    {"[[1024,", "[[4096, 99, 1, 1, 1, 1], [1024,",
     "dir/t.json: /sram/rows: the point size_bytes 1024, port_bits 99 is missing and cannot be closed from its "
     "neighbours"},
    {"\"size_bytes\", \"port_bits\"", "\"port_bits\", \"size_bytes\"",
     "dir/t.json: /sram/columns/0: must be \"size_bytes\""},
    {"[[32, 0.1, 137]]", "[]", "dir/t.json: /accumulator/add/rows: must have 1..1024 rows (got 0)"},
    {"\"cell\"", "\"derived\": \"halved\", \"cell\"", "dir/t.json: /derived: must be an array (got a string)"},
    {"\"cell\"", "\"derived\": [], \"cell\"", "dir/t.json: /derived: must have 1..16 texts (got 0)"},
    {"\"cell\"", "\"derived\": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17], \"cell\"",
     "dir/t.json: /derived: must have 1..16 texts (got 17)"},
    {"\"cell\"", "\"derived\": [\"a\", \"\"], \"cell\"", "dir/t.json: /derived/1: must not be empty"},
    {"\"cell\"", "\"derived\": [\"a\", 7], \"cell\"", "dir/t.json: /derived/1: must be a string (got 7)"},
    {"\"cell\"", "\"name\": \"t\", \"cell\"",
     "dir/t.json: /: unknown key \"name\" (known: node_nm, volts, temperature_k, cell, transistor, scaled_from, "
     "derived, sources, pe, accumulator, vector_unit, interconnect, leakage, dram, sram, buffers)"},
    {"\"cell\"", "\"scaled_from\": \"b\", \"cell\"",
     "dir/t.json: /: unknown key \"pe\" (known: node_nm, volts, temperature_k, cell, transistor, scaled_from, "
     "sources, leakage, dram, sram, buffers)"},
};

static void test_bad_files(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_arena a = {0};
        struct mp_tech *t = NULL;
        struct mp_err err = {"no error"};
        const char *text = replace(&a, bad[i].from, bad[i].to);
        bool ok = mp_tech_parse(&t, &a, "dir/t.json", text, strlen(text), &err);
        assert_string_equal(err.text, bad[i].want);
        assert_false(ok);
        mp_arena_finish(&a);
    }
}

static void refuse_in(const char *dir, const char *head, const char *want) {
    struct mp_arena a = {0};
    struct mp_tech *t;
    struct mp_err err = {"no error"};
    const char *leak = "\"leakage\": { \"mw_per_mm2\": 1, \"estimate\": \"e\" }";
    char *text = scaled(&a, mp_arena_printf(&a, "%s, %s", head, leak));
    assert_false(mp_tech_parse(&t, &a, mp_arena_printf(&a, "%s/t.json", dir), text, strlen(text), &err));
    assert_string_equal(err.text, mp_arena_printf(&a, "%s/%s", dir, want));
    mp_arena_finish(&a);
}

static void refuse_scaled(const char *head, const char *want) {
    struct mp_arena a = {0};
    refuse_in(tech_dir(&a), head, want);
    mp_arena_finish(&a);
}

static void test_bad_scaling(void **state) {
    (void)state;
    refuse_scaled("\"node_nm\": 28, \"volts\": 0.9, \"scaled_from\": \"cmos45_hp\"",
                  "t.json: /: a scaled file needs \"transistor\" hp or lp");
    refuse_scaled("\"node_nm\": 28, \"transistor\": \"hp\", \"scaled_from\": \"cmos45_hp\"",
                  "t.json: /: scaling needs \"volts\" here and in cmos45_hp.json");
    refuse_scaled("\"node_nm\": 5, \"volts\": 0.7, \"transistor\": \"hp\", \"scaled_from\": \"cmos45_hp\"",
                  "t.json: /: no scaling factors from 45 nm 0.9 V to 5 nm 0.7 V (7..180 nm, 0.5..2 V)");
    refuse_scaled("\"node_nm\": 28, \"volts\": 0.9, \"transistor\": \"hp\", \"scaled_from\": \"cmos32_hp\"",
                  "t.json: /: scaled_from: cmos32_hp is itself scaled from cmos45_hp");
    refuse_scaled("\"node_nm\": 28, \"volts\": 0.9, \"transistor\": \"hp\", \"scaled_from\": \"t\"",
                  "t.json: /: scaled_from: t cannot be scaled from itself");
    refuse_scaled("\"node_nm\": 28, \"volts\": 0.9, \"transistor\": \"hp\", \"scaled_from\": \"../x\"",
                  "t.json: /: scaled_from must be letters, digits, \"_\", \"-\" and \".\" (got \"../x\")");
    refuse_scaled("\"node_nm\": 28, \"volts\": 0.9, \"transistor\": \"hp\", \"scaled_from\": \"none\"",
                  "none.json: cannot open: No such file or directory");
}

// Scales to 180 nm, 2 V from the smallest tech with a change, which lies in a folder of its own.
static void refuse_base(const char *from, const char *to, const char *want) {
    struct mp_arena a = {0};
    char dir[] = "/tmp/mpsim-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    const char *path = mp_arena_printf(&a, "%s/b.json", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(replace(&a, from, to), f);
    assert_int_equal(fclose(f), 0);
    refuse_in(dir, "\"node_nm\": 180, \"volts\": 2, \"transistor\": \"hp\", \"scaled_from\": \"b\"", want);
    assert_true(remove(path) == 0 && remove(dir) == 0);
    mp_arena_finish(&a);
}

static void test_bad_base(void **state) {
    (void)state;
    const char *beyond = "t.json: /: scaled_from: b: scaling takes a number out of 1e-09..1e+09";
    refuse_base("\"cell\"", "\"derived\": [\"all: halved\"], \"cell\"",
                "t.json: /: scaled_from: b holds \"derived\" numbers");
    refuse_base("\"lane_pj\": 1,", "\"lane_pj\": 1e9,", beyond);
    refuse_base("[[32, 0.1, 137]]", "[[32, 1e8, 137]]", beyond);
    refuse_base("\"pj\": 2,", "\"pj\": 1e9,", beyond);
}

static void test_bad_names(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_tech *t;
    struct mp_err err;
    const char *dir = tech_dir(&a);
    assert_false(mp_tech_load(&t, &a, dir, "cmos45hp", &err));
    assert_string_equal(err.text,
                        mp_arena_printf(&a, "%s: no technology \"cmos45hp\", did you mean \"cmos45_hp\"?", dir));
    assert_false(mp_tech_load(&t, &a, dir, "zzz", &err));
    assert_string_equal(err.text, mp_arena_printf(&a, "%s: no technology \"zzz\"", dir));
    assert_false(mp_tech_load(&t, &a, dir, "../tech/cmos45_hp", &err));
    assert_string_equal(err.text, "a technology's name must be letters, digits, \"_\", \"-\" and \".\" (got "
                                  "\"../tech/cmos45_hp\")");
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_other_files), cmocka_unit_test(test_sram_points),
        cmocka_unit_test(test_sram_beyond),    cmocka_unit_test(test_scale),
        cmocka_unit_test(test_echo),           cmocka_unit_test(test_minimal),
        cmocka_unit_test(test_derived),        cmocka_unit_test(test_echo_of_one_key_for_two_sources),
        cmocka_unit_test(test_bad_files),      cmocka_unit_test(test_bad_scaling),
        cmocka_unit_test(test_bad_base),       cmocka_unit_test(test_bad_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
