// SPDX-License-Identifier: Apache-2.0
// Files of costs: what the cache keeps, and that it never gives a wrong number; measured costs and what is wrong with them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/file.h"
#include "tests/unit/spec_fixture.h"
#include "tests/unit/term_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define W(bits) (1u << (bits))

static char *folder(struct term_bench *b) {
    char name[] = "/tmp/mpsim_costs_XXXXXX";
    assert_non_null(mkdtemp(name));
    return mp_arena_printf(&b->a, "%s/tables", name);
}

static size_t files_in(const char *path, char only[600]) {
    DIR *d = opendir(path);
    size_t n = 0;
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            n++, snprintf(only, 600, "%s/%s", path, e->d_name);
    if (d)
        closedir(d);
    return n;
}

static void remove_folder(const char *path) {
    char only[600];
    while (files_in(path, only) > 0)
        assert_int_equal(unlink(only), 0);
    rmdir(path);
    char *parent = strdup(path);
    *strrchr(parent, '/') = '\0';
    assert_int_equal(rmdir(parent), 0);
    free(parent);
}

static void cached_costs_are_the_same(void **state) {
    (void)state;
    struct term_bench b;
    char only[600];
    term_begin(&b, "bitfusion", "resnet8");
    b.o.slices = 2;
    assert_ok(term_make(&b), b.err);
    const struct mp_term *fresh = b.terms;
    const char *path = folder(&b);
    b.job.cache = path;
    b.o.slices = 1; // some of the tasks
    assert_ok(term_make(&b), b.err);
    assert_null(b.stats.warning);
    assert_int_equal(b.stats.cached, 0);
    uint64_t few = b.stats.mapped;
    b.o.slices = 2; // the others come in addition
    assert_ok(term_make(&b), b.err);
    assert_null(b.stats.warning);
    assert_true(b.stats.cached == few && b.stats.mapped > 0);
    term_same(&b, fresh, b.terms);
    uint64_t all = b.stats.cached + b.stats.mapped;
    assert_ok(term_make(&b), b.err);
    assert_int_equal(b.stats.mapped, 0);
    assert_int_equal(b.stats.cached, all);
    assert_null(b.stats.warning);
    term_same(&b, fresh, b.terms);
    assert_int_equal(files_in(path, only), 1);
    remove_folder(path);
    mp_arena_finish(&b.a);
}

// Another architecture, objective or program has a file of its own.
static void caches_by_context(void **state) {
    (void)state;
    struct term_bench b;
    char only[600];
    term_begin(&b, "bitserial_4x4", term_sum_net);
    b.job.cache = folder(&b);
    assert_ok(term_make(&b), b.err);
    b.job.objective = MP_ENERGY;
    assert_ok(term_make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    b.job.version = "2";
    assert_ok(term_make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    b.arch.clock_mhz *= 2;
    assert_ok(term_make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    assert_ok(mp_tech_load(&b.tech, &b.a, term_config(&b.a, "tech", ""), "cmos65_hp", &b.err), b.err);
    b.job.tech = b.tech;
    assert_ok(term_make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    assert_int_equal(files_in(b.job.cache, only), 5);
    assert_ok(term_make(&b), b.err);
    assert_int_equal(b.stats.mapped, 0);
    remove_folder(b.job.cache);
    mp_arena_finish(&b.a);
}

static void spoil(const char *path, size_t at, char with) {
    struct mp_arena a = {0};
    struct mp_err err;
    char *text;
    size_t len;
    assert_ok(mp_file_read(&a, path, &text, &len, &err), err);
    if (with)
        text[at < len ? at : len - 2] = at < len ? with : text[len - 2] == '1' ? '2' : '1';
    assert_ok(mp_file_write(path, text, with ? len : at, &err), err);
    mp_arena_finish(&a);
}

static void a_spoilt_cache_is_replaced(void **state) {
    (void)state;
    // Another digit at the end of the last row; the context; the head; cut within a row, after the head, to nothing.
    static const struct {
        size_t at;
        char with;
    } harm[] = {{SIZE_MAX, '1'}, {60, '~'}, {15, 'x'}, {3000, '\0'}, {32, '\0'}, {0, '\0'}};
    struct term_bench b;
    char only[600];
    term_begin(&b, "bitserial_4x4", term_sum_net);
    assert_ok(term_make(&b), b.err);
    const struct mp_term *fresh = b.terms;
    b.job.cache = folder(&b);
    assert_ok(term_make(&b), b.err);
    assert_int_equal(files_in(b.job.cache, only), 1);
    for (size_t i = 0; i < sizeof harm / sizeof *harm; i++) {
        spoil(only, harm[i].at, harm[i].with);
        assert_ok(term_make(&b), b.err);
        assert_int_equal(b.stats.cached, 0);
        const char *says = ": not a table of these costs: they were computed anew and the file was replaced";
        assert_string_equal(b.stats.warning, mp_arena_printf(&b.a, "%s%s", only, says));
        term_same(&b, fresh, b.terms);
        assert_ok(term_make(&b), b.err);
        assert_int_equal(b.stats.mapped, 0);
        assert_null(b.stats.warning);
    }
    remove_folder(b.job.cache);
    mp_arena_finish(&b.a);
}

// A table under the name of another architecture's is not taken.
static void a_strange_table_is_not_taken(void **state) {
    (void)state;
    struct term_bench b;
    char first[600], only[600];
    term_begin(&b, "bitserial_4x4", term_sum_net);
    b.job.cache = folder(&b);
    assert_ok(term_make(&b), b.err);
    files_in(b.job.cache, first);
    assert_int_equal(rename(first, "/tmp/mpsim_strange.costs"), 0);
    b.arch.dram.bits_per_cycle *= 2;
    assert_ok(term_make(&b), b.err);
    assert_null(b.stats.warning);
    files_in(b.job.cache, only);
    assert_string_not_equal(first, only);
    assert_int_equal(rename("/tmp/mpsim_strange.costs", only), 0);
    assert_ok(term_make(&b), b.err);
    assert_non_null(b.stats.warning);
    assert_int_equal(b.stats.cached, 0);
    term_check(&b, 3);
    remove_folder(b.job.cache);
    mp_arena_finish(&b.a);
}

static void a_folder_that_cannot_be(void **state) {
    (void)state;
    struct term_bench b;
    term_begin(&b, "bitserial_4x4", term_sum_net);
    b.job.cache = "/dev/null/tables";
    assert_ok(term_make(&b), b.err);
    assert_non_null(b.stats.warning);
    const char *says = strstr(b.stats.warning, ".costs: ");
    assert_true(strncmp(b.stats.warning, "/dev/null/tables/", 17) == 0 && says);
    assert_non_null(strstr(says, ": costs are not kept"));
    term_check(&b, 3);
    mp_arena_finish(&b.a);
}

// Measured costs

static const char *measured(struct term_bench *b, const char *text) {
    char name[] = "/tmp/mpsim_measured_XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return mp_arena_strdup(&b->a, name);
}

// Two layers at 8 bits, one pool, one network.
static const char small_net[] =
    "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [16, 8, 8]}], 'layers': ["
    "{'name': 'conv', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 16, 'kernel': [1, 1]},"
    "{'name': 'pool', 'type': 'pool', 'op': 'max', 'inputs': ['conv'], 'kernel': [8, 8]},"
    "{'name': 'flat', 'type': 'view', 'inputs': ['pool'], 'shape': [16, 1, 1]},"
    "{'name': 'fc', 'type': 'linear', 'inputs': ['flat'], 'out_channels': 16}]}";

static void begin_measured(struct term_bench *b) {
    term_begin(b, "bitserial_16x16", small_net);
    b->o.open_ends = true;
    b->o.w_set = W(4) | W(8), b->o.a_set = W(8);
}

static void measured_costs_replace(void **state) {
    (void)state;
    struct term_bench b;
    begin_measured(&b);
    assert_ok(term_make(&b), b.err);
    const struct mp_term *own = b.terms;
    b.job.file = measured(&b, "\xef\xbb\xbf# a board\r\nlatency_ms, layer, w_bits,a_bits\r\n0.5,conv,4,8\n1,conv,8,8 # slow\n\n"
                              "2.5e-3,fc,4,8\n.125,fc,8,8\n");
    assert_ok(term_make(&b), b.err);
    unlink(b.job.file);
    const double khz = b.arch.clock_mhz * 1000; // cycles a millisecond; the widest option is the first
    assert_true(b.terms[0].cost[MP_COST_LATENCY][0] == 1 * khz && b.terms[0].cost[MP_COST_LATENCY][1] == 0.5 * khz);
    assert_true(b.terms[3].cost[MP_COST_LATENCY][0] == 0.125 * khz && b.terms[3].cost[MP_COST_LATENCY][1] == 2.5e-3 * khz);
    assert_true(b.terms[1].cost[MP_COST_LATENCY][0] == own[1].cost[MP_COST_LATENCY][0]);
    for (size_t l = 0; l < b.w.layer_count; l++)
        for (int c = MP_COST_ENERGY; c < MP_COSTS; c++)
            assert_memory_equal(own[l].cost[c], b.terms[l].cost[c], term_entries(&b, &own[l]) * sizeof(double));
    b.job.file = measured(&b, "layer,a_bits,w_bits,cycles,energy_uj\nconv,8,4,10,1\nconv,8,8,20,2.5\nfc,8,8,0,4\nfc,8,4,7,3\n"
                              "pool,8,,99,0.25\n");
    assert_ok(term_make(&b), b.err);
    unlink(b.job.file);
    assert_true(b.terms[0].cost[MP_COST_LATENCY][0] == 20 && b.terms[0].cost[MP_COST_ENERGY][0] == 2.5e6);
    assert_true(b.terms[1].cost[MP_COST_LATENCY][0] == 99 && b.terms[1].cost[MP_COST_ENERGY][0] == 0.25e6);
    assert_true(b.terms[3].cost[MP_COST_LATENCY][0] == 0 && b.terms[3].cost[MP_COST_ENERGY][1] == 3e6);
    mp_arena_finish(&b.a);
}

#define HEAD "layer,a_bits,w_bits,cycles\n"
#define ROWS "conv,8,4,1\nconv,8,8,1\nfc,8,4,1\n"

static void measured_errors(void **state) {
    (void)state;
    static const struct {
        const char *text, *message; // behind the path
    } bad[] = {
        {"", ": must begin with a header, as \"layer,a_bits,w_bits,latency_ms\""},
        {"# nothing\n", ": must begin with a header, as \"layer,a_bits,w_bits,latency_ms\""},
        {"layer,a_bits,w_bits\n", ":1: must have a column \"latency_ms\", \"cycles\" or \"energy_uj\""},
        {"layer,a_bits,cycles\n", ":1: column \"w_bits\": missing"},
        {"layer,a_bits,w_bits,latency\n", ":1: unknown column \"latency\", did you mean \"latency_ms\"?"},
        {"layer,a_bits,w_bits,joule\n", ":1: unknown column \"joule\""},
        {"layer,a_bits,w_bits,cycles,a_bits\n", ":1: column \"a_bits\" is there twice"},
        {"layer,a_bits,w_bits,cycles,latency_ms\n", ":1: must have one of the columns \"latency_ms\" and \"cycles\", not both"},
        {"layer,a_bits,w_bits,cycles,latency_ms,energy_uj,x\n", ":1: must have at most 6 columns (got 7)"},
        {HEAD ROWS, ": no row for layer \"fc\" at a_bits 8, w_bits 8"},
        {HEAD "fc,8,4,1\n", ": no row for layer \"conv\" at a_bits 8, w_bits 8"},
        {HEAD ROWS "fc,8,8,1\npool,4,,1\n", ": no row for layer \"pool\" at a_bits 8"},
        {HEAD "cnov,8,4,1\n", ":2: workload \"n\" has no layer \"cnov\", did you mean \"conv\"?"},
        {HEAD "flat,8,,1\n", ":2: layer \"flat\" is of type \"view\" and costs nothing"},
        {HEAD "conv,9,4,1\n", ":2: column \"a_bits\": must be an integer 1..8 (got \"9\")"},
        {HEAD "conv,8,0,1\n", ":2: column \"w_bits\": must be an integer 1..8 (got \"0\")"},
        {HEAD "conv,8,,1\n", ":2: column \"w_bits\": must be an integer 1..8 (got \"\")"},
        {HEAD "\npool,8,4,1\n", ":3: column \"w_bits\": must be empty, the layer has no weights (got \"4\")"},
        {HEAD "conv,8,4,1\nconv,8,4,1\n", ":3: layer \"conv\" at a_bits 8, w_bits 4 is there already, in line 2"},
        {HEAD "pool,8,,1\npool,8,,1\n", ":3: layer \"pool\" at a_bits 8 is there already, in line 2"},
        {HEAD "conv,8,4,nan\n", ":2: column \"cycles\": must be a number of at least 0 (got \"nan\")"},
        {HEAD "conv,8,4,1e999\n", ":2: column \"cycles\": must be a number of at least 0 (got \"1e999\")"},
        {HEAD "conv,8,4,-1\n", ":2: column \"cycles\": must be a number of at least 0 (got \"-1\")"},
        {HEAD "conv,8,4,0x10\n", ":2: column \"cycles\": must be a number of at least 0 (got \"0x10\")"},
        {HEAD "conv,8,4,\n", ":2: column \"cycles\": must be a number of at least 0 (got \"\")"},
        {HEAD "conv,8,4\n", ":2: must have 4 cells (got 3)"},
        {HEAD "conv,8,4,1,1,1,1,1,1\n", ":2: must have 4 cells (got 9)"},
        {HEAD "conv\xff,8,4,1\n", ":2: must be UTF-8 text"},
    };
    struct term_bench b;
    begin_measured(&b);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        b.job.file = measured(&b, bad[i].text);
        assert_fails(term_make(&b), b.err, mp_arena_printf(&b.a, "%s%s", b.job.file, bad[i].message));
        unlink(b.job.file);
    }
    b.job.file = "/tmp/no/such/file.csv";
    assert_fails(term_make(&b), b.err, "/tmp/no/such/file.csv: cannot open: No such file or directory");
    b.o.slices = 2;
    b.job.file = "m.csv";
    assert_fails(term_make(&b), b.err, "m.csv: measured costs are of layers with weights of one width, \"conv\" has slices");
    mp_arena_finish(&b.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cached_costs_are_the_same),
        cmocka_unit_test(caches_by_context),
        cmocka_unit_test(a_spoilt_cache_is_replaced),
        cmocka_unit_test(a_strange_table_is_not_taken),
        cmocka_unit_test(a_folder_that_cannot_be),
        cmocka_unit_test(measured_costs_replace),
        cmocka_unit_test(measured_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
