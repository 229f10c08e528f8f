// SPDX-License-Identifier: Apache-2.0
// Tables of costs: sums of terms are what evaluating the plan gives, for any threads, from the cache and afresh; measured costs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/file.h"
#include "sim/base/random.h"
#include "sim/search/costs.h"
#include "tests/unit/spec_fixture.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define W(bits) (1u << (bits))

struct bench {
    struct mp_arena a;
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_tech *tech;
    struct mp_space_options o;
    struct mp_space s;
    struct mp_cost_job job;
    struct mp_cost_stats stats;
    struct mp_term *terms;
    struct mp_err err;
};

static const char *config(struct mp_arena *a, const char *folder, const char *name) {
    const char *root = getenv("MPSIM_SOURCE");
    return mp_arena_printf(a, "%s/configs/%s%s%s%s", root ? root : ".", folder, *name ? "/" : "", name, *name ? ".json" : "");
}

static void begin(struct bench *b, const char *arch, const char *workload) {
    *b = (struct bench){.o = {.w_set = W(2) | W(4) | W(8), .a_set = W(2) | W(4) | W(8), .slices = 1, .output_bits = 8, .batch = 1}};
    assert_ok(mp_arch_load(&b->arch, &b->a, config(&b->a, "arch", arch), &b->err), b->err);
    assert_ok(mp_tech_load(&b->tech, &b->a, config(&b->a, "tech", ""), b->arch.tech, &b->err), b->err);
    if (strchr(workload, '{'))
        assert_ok(read_workload(&b->w, &b->a, workload, &b->err), b->err);
    else
        assert_ok(mp_workload_open(&b->w, &b->a, config(&b->a, "workloads", workload), &b->err), b->err);
    b->job = (struct mp_cost_job){.arch = &b->arch, .tech = b->tech, .objective = MP_LATENCY, .threads = 1, .version = "1"};
}

static bool make(struct bench *b) {
    assert_ok(mp_space_make(&b->s, &b->w, "net", "net.json", &b->o, &b->a, &b->err), b->err);
    return mp_costs_make(&b->job, &b->s, &b->a, &b->terms, &b->stats, &b->err);
}

static size_t entries(const struct bench *b, const struct mp_term *t) {
    size_t n = 1;
    for (size_t v = 0; v < t->var_count; v++)
        n *= b->s.decisions[t->vars[v]].option_count;
    return n;
}

static size_t index_of(const struct bench *b, const struct mp_term *t, const uint8_t *option) {
    size_t at = 0;
    for (size_t v = 0; v < t->var_count; v++) {
        assert_true(v == 0 || t->vars[v - 1] < t->vars[v]);
        at = at * b->s.decisions[t->vars[v]].option_count + option[t->vars[v]];
    }
    return at;
}

// One choice: each layer's costs, and the sums, against the evaluation of its plan.
static void check_choice(struct bench *b, const uint8_t *option) {
    const struct mp_options how = {.objective = b->job.objective};
    struct mp_arena scratch = {0};
    struct mp_plan p;
    struct mp_result r;
    double sum[MP_COSTS] = {0};
    assert_ok(mp_space_plan(&b->s, option, "choice", &scratch, &p, &b->err), b->err);
    assert_ok(mp_evaluate(&b->arch, &b->w, &p, b->tech, &how, &scratch, &r, &b->err), b->err);
    for (size_t l = 0; l < b->w.layer_count; l++) {
        const struct mp_term *t = &b->terms[l];
        const struct mp_figures *f = &r.layers[l].figures;
        size_t at = index_of(b, t, option);
        assert_true(t->cost[MP_COST_LATENCY][at] == (double)mp_counts_cycles(&f->counts));
        assert_true(fabs(t->cost[MP_COST_ENERGY][at] - f->energy_pj) <= 1e-12 * f->energy_pj);
        assert_true(t->cost[MP_COST_TRAFFIC][at] ==
                    (double)(f->counts.events[MP_EV_DRAM_READ] + f->counts.events[MP_EV_DRAM_WRITE]));
        for (int c = 0; c < MP_COSTS; c++)
            sum[c] += t->cost[c][at];
    }
    const struct mp_figures *f = &r.totals;
    assert_true(sum[MP_COST_LATENCY] == (double)mp_counts_cycles(&f->counts) && sum[MP_COST_LATENCY] > 0);
    assert_true(sum[MP_COST_SIZE] == (double)f->weight_bits);
    assert_true(sum[MP_COST_BOPS] == (double)f->bops);
    assert_true(sum[MP_COST_TRAFFIC] == (double)(f->counts.events[MP_EV_DRAM_READ] + f->counts.events[MP_EV_DRAM_WRITE]));
    assert_true(fabs(sum[MP_COST_ENERGY] - f->energy_pj) <= 1e-12 * f->energy_pj);
    mp_arena_finish(&scratch);
}

static void check_choices(struct bench *b, int count) {
    struct mp_random random = {b->w.layer_count};
    uint8_t *option = mp_arena_alloc(&b->a, b->s.decision_count, 1);
    for (int i = 0; i < count; i++) {
        for (size_t d = 0; d < b->s.decision_count; d++)
            option[d] = (uint8_t)mp_random_range(&random, 0, (int64_t)b->s.decisions[d].option_count - 1);
        check_choice(b, option);
    }
}

static void agree(const char *arch, const char *workload, uint32_t set) {
    struct bench b;
    begin(&b, arch, workload);
    b.o.w_set = b.o.a_set = set;
    assert_ok(make(&b), b.err);
    assert_null(b.stats.warning);
    check_choices(&b, 4);
    mp_arena_finish(&b.a);
}

static void sums_of_terms_are_evaluations(void **state) {
    (void)state;
    static const char *const archs[] = {"bitfusion", "bitserial_4x4", "loom_like"};
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
        agree(archs[i], "resnet8", W(2) | W(3) | W(4) | W(8));
        agree(archs[i], "resnet20", W(2) | W(4) | W(8));
        agree(archs[i], "mobilenet_v2", W(4) | W(8));
        agree(archs[i], "bert_base_128", W(4) | W(8));
        agree(archs[i], "squeezenet1_1", W(3) | W(8));
        agree(archs[i], "lstm_ptb", W(2) | W(8));
    }
}

static void with_slices(void **state) {
    (void)state;
    static const char *const archs[] = {"bitfusion", "bitserial_4x4", "loom_like"};
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
        struct bench b;
        begin(&b, archs[i], "resnet8");
        b.o.slices = 3;
        b.o.encoding = i == 1 ? MP_ODD : MP_TWOS;
        b.o.batch = 1 + i;
        b.job.objective = (enum mp_objective)i;
        assert_ok(make(&b), b.err);
        check_choices(&b, 8);
        mp_arena_finish(&b.a);
        begin(&b, archs[i], "mobilenet_v2"); // slices of whole groups
        b.o.w_set = W(4) | W(8), b.o.a_set = W(8);
        b.o.slices = 2;
        assert_ok(make(&b), b.err);
        check_choices(&b, 3);
        mp_arena_finish(&b.a);
    }
}

static void with_links_ties_and_open_ends(void **state) {
    (void)state;
    struct bench b;
    begin(&b, "bitserial_4x4", "resnet8");
    b.o.tie = true;
    assert_ok(make(&b), b.err);
    check_choices(&b, 4);
    b.o.tie = false, b.o.open_ends = true, b.o.output_bits = 16;
    const char *first = NULL, *second = NULL;
    for (size_t l = 0; l < b.w.layer_count; l++)
        if (mp_layer_on_array(&b.w.layers[l])) {
            second = second ? second : first ? b.w.layers[l].name : NULL;
            first = first ? first : b.w.layers[l].name;
        }
    const char *link = mp_arena_printf(&b.a, "%s,%s:w", first, second);
    b.o.links = &link, b.o.link_count = 1;
    assert_ok(make(&b), b.err);
    check_choices(&b, 4);
    mp_arena_finish(&b.a);
}

static void same_terms(const struct bench *b, const struct mp_term *x, const struct mp_term *y) {
    for (size_t l = 0; l < b->w.layer_count; l++) {
        assert_int_equal(x[l].var_count, y[l].var_count);
        for (int c = 0; c < MP_COSTS; c++)
            assert_memory_equal(x[l].cost[c], y[l].cost[c], entries(b, &x[l]) * sizeof(double));
    }
}

static void same_for_any_threads(void **state) {
    (void)state;
    struct bench b;
    begin(&b, "bitserial_4x4", "resnet8");
    b.o.slices = 2;
    assert_ok(make(&b), b.err);
    const struct mp_term *one = b.terms;
    const struct mp_cost_stats stats = b.stats;
    assert_true(stats.entries > stats.mapped && stats.mapped > 0 && stats.cached == 0);
    b.job.threads = 3;
    assert_ok(make(&b), b.err);
    same_terms(&b, one, b.terms);
    assert_int_equal(b.stats.mapped, stats.mapped);
    assert_int_equal(b.stats.entries, stats.entries);
    mp_arena_finish(&b.a);
}

static bool at_once(void) {
    return true;
}

static void can_be_stopped(void **state) {
    (void)state;
    struct bench b;
    begin(&b, "bitserial_4x4", "resnet8");
    b.job.stopped = at_once;
    assert_fails(make(&b), b.err, "interrupted");
    mp_arena_finish(&b.a);
}

// in -> a -> sum <- b, and c on the sum; the operand of the sum that nobody else reads has a variable of its own.
static const char sum_net[] =
    "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [16, 8, 8]}], 'layers': ["
    "{'name': 'a', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 16, 'kernel': [1, 1]},"
    "{'name': 'b', 'type': 'conv2d', 'inputs': ['a'], 'out_channels': 16, 'kernel': [1, 1]},"
    "{'name': 'sum', 'type': 'add', 'inputs': ['a', 'b']},"
    "{'name': 'flat', 'type': 'view', 'inputs': ['sum'], 'shape': [1024, 1, 1]},"
    "{'name': 'c', 'type': 'linear', 'inputs': ['flat'], 'out_channels': 16},"
    "{'name': 'd', 'type': 'linear', 'inputs': ['c'], 'out_channels': 8}]}";

static void variables_of_terms(void **state) {
    (void)state;
    struct bench b;
    begin(&b, "bitserial_16x16", sum_net);
    b.o.open_ends = true;
    assert_ok(make(&b), b.err);
    assert_int_equal(b.s.decision_count, 9); // in, a:w, b:a, b:w, b's output, c:a, c:w, d:a, d:w
    static const size_t count[] = {3, 3, 3, 0, 3, 2};
    for (size_t l = 0; l < b.w.layer_count; l++)
        assert_int_equal(b.terms[l].var_count, count[l]);
    assert_string_equal(b.s.decisions[b.terms[2].vars[0]].name, "b:a");
    assert_string_equal(b.s.decisions[b.terms[2].vars[1]].name, "b");
    assert_string_equal(b.s.decisions[b.terms[2].vars[2]].name, "c:a");
    for (int c = 0; c < MP_COSTS; c++)
        assert_true(b.terms[3].cost[c][0] == 0);
    assert_int_equal(b.stats.entries, 3 * 27 + 1 + 27 + 9);
    check_choices(&b, 30);
    mp_arena_finish(&b.a);
}

static void errors_are_those_of_evaluation(void **state) {
    (void)state;
    struct bench b;
    begin(&b, "bitserial_16x16", sum_net);
    b.arch.array.accumulator.bits = 12;
    assert_fails(make(&b), b.err, "arch \"bitserial_16x16\": /array/accumulator/bits: too narrow for one step of layer \"a\" at 8 x 8 "
                                  "bits: must be at least 20 (got 12)");
    mp_arena_finish(&b.a);
    begin(&b, "bitserial_16x16",
          "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [4, 32, 32]}], 'layers': ["
          "{'name': 'a', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 4, 'kernel': [1, 1]},"
          "{'name': 'b', 'type': 'conv2d', 'inputs': ['a'], 'out_channels': 4, 'kernel': [32, 32]}]}");
    b.arch.buffers[MP_WEIGHT].size_bytes = 1024;
    b.job.threads = 2;
    assert_fails(make(&b), b.err, "arch \"bitserial_16x16\", layer \"b\": buffers/weight: too small for any tile: needs at least 2048 "
                                  "bytes with double buffering");
    mp_arena_finish(&b.a);
}

// The cache

static char *folder(struct bench *b) {
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
    struct bench b;
    char only[600];
    begin(&b, "bitfusion", "resnet8");
    b.o.slices = 2;
    assert_ok(make(&b), b.err);
    const struct mp_term *fresh = b.terms;
    const char *path = folder(&b);
    b.job.cache = path;
    b.o.slices = 1; // some of the tasks
    assert_ok(make(&b), b.err);
    assert_null(b.stats.warning);
    assert_int_equal(b.stats.cached, 0);
    uint64_t few = b.stats.mapped;
    b.o.slices = 2; // the others come in addition
    assert_ok(make(&b), b.err);
    assert_null(b.stats.warning);
    assert_true(b.stats.cached == few && b.stats.mapped > 0);
    same_terms(&b, fresh, b.terms);
    uint64_t all = b.stats.cached + b.stats.mapped;
    assert_ok(make(&b), b.err);
    assert_int_equal(b.stats.mapped, 0);
    assert_int_equal(b.stats.cached, all);
    assert_null(b.stats.warning);
    same_terms(&b, fresh, b.terms);
    assert_int_equal(files_in(path, only), 1);
    remove_folder(path);
    mp_arena_finish(&b.a);
}

// Another architecture, objective or program has a file of its own.
static void caches_by_context(void **state) {
    (void)state;
    struct bench b;
    char only[600];
    begin(&b, "bitserial_4x4", sum_net);
    b.job.cache = folder(&b);
    assert_ok(make(&b), b.err);
    b.job.objective = MP_ENERGY;
    assert_ok(make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    b.job.version = "2";
    assert_ok(make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    b.arch.clock_mhz *= 2;
    assert_ok(make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    assert_ok(mp_tech_load(&b.tech, &b.a, config(&b.a, "tech", ""), "cmos65_hp", &b.err), b.err);
    b.job.tech = b.tech;
    assert_ok(make(&b), b.err);
    assert_int_equal(b.stats.cached, 0);
    assert_int_equal(files_in(b.job.cache, only), 5);
    assert_ok(make(&b), b.err);
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
        text[at < len ? at : len - 2] = with;
    assert_ok(mp_file_write(path, text, with ? len : at, &err), err);
    mp_arena_finish(&a);
}

static void a_spoilt_cache_is_replaced(void **state) {
    (void)state;
    // A digit in the last row, in the context, in the head; cut within a row, after the head, to nothing; a NUL.
    static const struct {
        size_t at;
        char with;
    } harm[] = {{SIZE_MAX, '!'}, {60, '~'}, {15, 'x'}, {3000, '\0'}, {32, '\0'}, {0, '\0'}};
    struct bench b;
    char only[600];
    begin(&b, "bitserial_4x4", sum_net);
    assert_ok(make(&b), b.err);
    const struct mp_term *fresh = b.terms;
    b.job.cache = folder(&b);
    assert_ok(make(&b), b.err);
    assert_int_equal(files_in(b.job.cache, only), 1);
    for (size_t i = 0; i < sizeof harm / sizeof *harm; i++) {
        spoil(only, harm[i].at, harm[i].with);
        assert_ok(make(&b), b.err);
        assert_int_equal(b.stats.cached, 0);
        assert_string_equal(b.stats.warning, mp_arena_printf(&b.a, "%s: not a table of these costs: they were computed anew and the "
                                                                   "file was replaced", only));
        same_terms(&b, fresh, b.terms);
        assert_ok(make(&b), b.err);
        assert_int_equal(b.stats.mapped, 0);
        assert_null(b.stats.warning);
    }
    remove_folder(b.job.cache);
    mp_arena_finish(&b.a);
}

// A table under the name of another architecture's is not taken.
static void a_strange_table_is_not_taken(void **state) {
    (void)state;
    struct bench b;
    char first[600], only[600];
    begin(&b, "bitserial_4x4", sum_net);
    b.job.cache = folder(&b);
    assert_ok(make(&b), b.err);
    files_in(b.job.cache, first);
    assert_int_equal(rename(first, "/tmp/mpsim_strange.costs"), 0);
    b.arch.dram.bits_per_cycle *= 2;
    assert_ok(make(&b), b.err);
    assert_null(b.stats.warning);
    files_in(b.job.cache, only);
    assert_string_not_equal(first, only);
    assert_int_equal(rename("/tmp/mpsim_strange.costs", only), 0);
    assert_ok(make(&b), b.err);
    assert_non_null(b.stats.warning);
    assert_int_equal(b.stats.cached, 0);
    check_choices(&b, 3);
    remove_folder(b.job.cache);
    mp_arena_finish(&b.a);
}

static void a_folder_that_cannot_be(void **state) {
    (void)state;
    struct bench b;
    begin(&b, "bitserial_4x4", sum_net);
    b.job.cache = "/dev/null/tables";
    assert_ok(make(&b), b.err);
    assert_non_null(b.stats.warning);
    const char *says = strstr(b.stats.warning, ".costs: ");
    assert_true(strncmp(b.stats.warning, "/dev/null/tables/", 17) == 0 && says);
    assert_non_null(strstr(says, ": costs are not kept"));
    check_choices(&b, 3);
    mp_arena_finish(&b.a);
}

// Measured costs

static const char *measured(struct bench *b, const char *text) {
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

static void begin_measured(struct bench *b) {
    begin(b, "bitserial_16x16", small_net);
    b->o.open_ends = true;
    b->o.w_set = W(4) | W(8), b->o.a_set = W(8);
}

static void measured_costs_replace(void **state) {
    (void)state;
    struct bench b;
    begin_measured(&b);
    assert_ok(make(&b), b.err);
    const struct mp_term *own = b.terms;
    b.job.file = measured(&b, "\xef\xbb\xbf# a board\r\nlatency_ms, layer, w_bits,a_bits\r\n0.5,conv,4,8\n1,conv,8,8 # slow\n\n"
                              "2.5e-3,fc,4,8\n.125,fc,8,8\n");
    assert_ok(make(&b), b.err);
    unlink(b.job.file);
    const double khz = b.arch.clock_mhz * 1000; // cycles a millisecond; the widest option is the first
    assert_true(b.terms[0].cost[MP_COST_LATENCY][0] == 1 * khz && b.terms[0].cost[MP_COST_LATENCY][1] == 0.5 * khz);
    assert_true(b.terms[3].cost[MP_COST_LATENCY][0] == 0.125 * khz && b.terms[3].cost[MP_COST_LATENCY][1] == 2.5e-3 * khz);
    assert_true(b.terms[1].cost[MP_COST_LATENCY][0] == own[1].cost[MP_COST_LATENCY][0]);
    for (size_t l = 0; l < b.w.layer_count; l++)
        for (int c = MP_COST_ENERGY; c < MP_COSTS; c++)
            assert_memory_equal(own[l].cost[c], b.terms[l].cost[c], entries(&b, &own[l]) * sizeof(double));
    b.job.file = measured(&b, "layer,a_bits,w_bits,cycles,energy_uj\nconv,8,4,10,1\nconv,8,8,20,2.5\nfc,8,8,0,4\nfc,8,4,7,3\n"
                              "pool,8,,99,0.25\n");
    assert_ok(make(&b), b.err);
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
    struct bench b;
    begin_measured(&b);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        b.job.file = measured(&b, bad[i].text);
        assert_fails(make(&b), b.err, mp_arena_printf(&b.a, "%s%s", b.job.file, bad[i].message));
        unlink(b.job.file);
    }
    b.job.file = "/tmp/no/such/file.csv";
    assert_fails(make(&b), b.err, "/tmp/no/such/file.csv: cannot open: No such file or directory");
    b.o.slices = 2;
    b.job.file = "m.csv";
    assert_fails(make(&b), b.err, "m.csv: measured costs are of layers with weights of one width, \"conv\" has slices");
    mp_arena_finish(&b.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_terms_are_evaluations), cmocka_unit_test(with_slices),
        cmocka_unit_test(with_links_ties_and_open_ends), cmocka_unit_test(same_for_any_threads),
        cmocka_unit_test(can_be_stopped),                cmocka_unit_test(variables_of_terms),
        cmocka_unit_test(errors_are_those_of_evaluation), cmocka_unit_test(cached_costs_are_the_same),
        cmocka_unit_test(caches_by_context),             cmocka_unit_test(a_spoilt_cache_is_replaced),
        cmocka_unit_test(a_strange_table_is_not_taken),  cmocka_unit_test(a_folder_that_cannot_be),
        cmocka_unit_test(measured_costs_replace),        cmocka_unit_test(measured_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
