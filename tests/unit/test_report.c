// SPDX-License-Identifier: Apache-2.0
// Reports: numbers and tables as text, a result as JSON and CSV and read back, differences, scaling to equal area.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/mpsim.h"
#include "sim/report/compare.h"
#include "sim/report/diff.h"
#include "sim/report/equal_area.h"
#include "sim/report/quantity.h"
#include "sim/report/result_detail.h"
#include "tests/unit/result_fixture.h"
#include "traces/csv.h"
#include "traces/tile_csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void numbers(void **state) {
    char t[MP_QTY_BYTES];
    (void)state;
    assert_string_equal(mp_energy_unit(0).name, "uJ");
    assert_string_equal(mp_energy_unit(1e6).name, "uJ");
    assert_string_equal(mp_energy_unit(999999).name, "nJ");
    assert_string_equal(mp_energy_unit(9999).name, "pJ");
    assert_true(mp_energy_unit(2e9).factor == 1e-6 && mp_energy_unit(1e5).factor == 1e-3 && mp_energy_unit(1).factor == 1);
    assert_string_equal(mp_qty_count(0, t), "0");
    assert_string_equal(mp_qty_count(999, t), "999");
    assert_string_equal(mp_qty_count(1000, t), "1,000");
    assert_string_equal(mp_qty_count(UINT64_MAX, t), "18,446,744,073,709,551,615");
    assert_string_equal(mp_qty_fixed(-1234567.891, 2, t), "-1,234,567.89");
    assert_string_equal(mp_qty_fixed(0.5, 0, t), "0");
    assert_string_equal(mp_qty_digits(0.012344, 4, t), "0.01234");
    assert_string_equal(mp_qty_digits(12344.6, 4, t), "12,345");
    assert_string_equal(mp_qty_digits(0, 4, t), "0");
    assert_string_equal(mp_qty_si(3.2141e-3, "J", t), "3.214 mJ");
    assert_string_equal(mp_qty_si(999.96, "W", t), "1.000 kW");
    assert_string_equal(mp_qty_si(0, "W", t), "0 W");
    assert_string_equal(mp_qty_si(-1e290, "J", t), "-1e+272 EJ"); // results may have any number below 1e300
    assert_string_equal(mp_qty_si(1.25e40, "J", t), "1.25e+22 EJ");
    assert_string_equal(mp_qty_fixed(1e290, 2, t), "1e+290");
    assert_string_equal(mp_qty_percent(1e290, 1e-9, t), "1e+301 %");
    assert_string_equal(mp_qty_ratio(1e290, 1, t), "1e+290x");
    assert_string_equal(mp_qty_bytes(65536, t), "64 KiB");
    assert_string_equal(mp_qty_bytes(1536, t), "1.5 KiB");
    assert_string_equal(mp_qty_bytes(100, t), "100 B");
    assert_string_equal(mp_qty_percent(1, 8, t), "12.5 %");
    assert_string_equal(mp_qty_percent(1, 0, t), "-");
    assert_string_equal(mp_qty_hundredths(1, 8, t), "12.5");
    assert_string_equal(mp_qty_ratio(1, 4, t), "0.25x");
    assert_string_equal(mp_qty_ratio(1, 50, t), "0.020x");
    assert_string_equal(mp_qty_ratio(1, 0, t), "-");
    assert_string_equal(mp_qty_change(200, 100, t), "-50.0 %");
    assert_string_equal(mp_qty_change(100, 100, t), "0");
    assert_string_equal(mp_qty_change(100, 250, t), "2.50x");
    assert_string_equal(mp_qty_change(0, 5, t), "new");
    assert_string_equal(mp_qty_change(161507, 161504, t), "-0.002 %");
}

static void tables(void **state) {
    static const struct mp_column columns[] = {{"name", MP_LEFT}, {"n", MP_RIGHT}, {"ok", MP_YES_NO}};
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = 3};
    const struct mp_style plain = {0}, bright = {.colour = true};
    struct mp_buf out = {0};
    struct mp_jsonw w;
    (void)state;
    mp_table_add(&t, "\xc3\xa9t\xc3\xa9"); // two bytes a character
    mp_table_add(&t, "1");
    mp_table_add(&t, "true");
    mp_table_rule(&t);
    mp_table_add(&t, "long name");
    mp_table_addf(&t, "%d", 1234);
    mp_table_add(&t, "");
    mp_table_text(&t, &plain, 1, &out);
    assert_string_equal(out.text, " name          n  ok\n \xc3\xa9t\xc3\xa9           1  true\n"
                                  " ---------------------\n long name  1234\n");
    out.len = 0;
    mp_table_text(&t, &bright, 0, &out);
    assert_ptr_equal(strstr(out.text, "\033[1mname"), out.text);
    t.count = 3;
    out.len = 0;
    mp_table_csv(&t, &out);
    assert_string_equal(out.text, "name,n,ok\n\xc3\xa9t\xc3\xa9,1,true\n");
    out.len = 0;
    mp_jsonw_init(&w, &out);
    mp_table_json(&t, &w);
    assert_string_equal(out.text, "[\n  {\"name\": \"\xc3\xa9t\xc3\xa9\", \"n\": \"1\", \"ok\": true}\n]\n");
    mp_buf_finish(&out);
    mp_arena_finish(&a);
}

static void csv_fields(void **state) {
    struct mp_buf out = {0};
    (void)state;
    mp_csv_field(&out, "plain");
    mp_buf_add(&out, "|");
    mp_csv_field(&out, "a,b");
    mp_buf_add(&out, "|");
    mp_csv_field(&out, "say \"x\"");
    mp_buf_add(&out, "|");
    mp_csv_field(&out, "");
    assert_string_equal(out.text, "plain|\"a,b\"|\"say \"\"x\"\"\"|");
    mp_buf_finish(&out);
}

// Parses the report and reads it as `diff` does.
static bool read_back(const struct mp_buf *text, struct mp_saved *s, struct mp_arena *a, struct mp_err *err) {
    struct mp_json *doc;
    if (!mp_json_parse(&doc, "r.json", text->text, text->len, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_saved_read(s, a, &root, err);
    mp_json_destroy(doc);
    return ok;
}

static void result_reads_back(void **state) {
    struct fixture *f = result_make("arch/bitserial_16x16.json", "plans/resnet18_mixed.json");
    struct mp_buf out = {0};
    struct mp_saved s;
    struct mp_err err;
    double sums[MP_METRICS] = {0};
    (void)state;
    mp_report_json(&f->result, &out);
    must(read_back(&out, &s, &f->arena, &err), &err);
    assert_string_equal(s.arch, "bitserial_16x16");
    assert_string_equal(s.plan, "resnet18_mixed");
    assert_string_equal(s.tech, f->arch.tech);
    assert_int_equal(s.layer_count, f->workload.layer_count);
    for (size_t i = 0; i < s.layer_count; i++) {
        const struct mp_saved_figures *g = &s.layers[i].figures;
        double energy = 0;
        for (size_t m = 0; m < MP_METRICS; m++)
            sums[m] += g->metric[m];
        for (size_t p = 0; p < MP_PARTS; p++)
            energy += g->energy_pj_by[p];
        assert_true(energy == g->metric[MP_METRIC_ENERGY]);
    }
    for (size_t m = 0; m < MP_METRICS; m++)
        if (mp_metrics[m].count && sums[m] != s.totals.metric[m])
            fail_msg("%s: the layers sum to %.0f, the total says %.0f", mp_metrics[m].key, sums[m],
                     s.totals.metric[m]);
    assert_true(s.totals.metric[MP_METRIC_CYCLES] == (double)mp_counts_cycles(&f->result.totals.counts));
    mp_buf_finish(&out);
    result_drop(f);
}

// The two ways to a layer's peak: over its slices, and from its ideal cycles.
static void peaks(void **state) {
    static const char *const archs[] = {"arch/bitserial_16x16.json", "arch/bitfusion.json", "arch/loom_like.json"};
    (void)state;
    for (size_t k = 0; k < sizeof archs / sizeof *archs; k++) {
        struct fixture *f = result_make(archs[k], "plans/resnet18_mixed.json");
        size_t mixed = 0;
        for (size_t i = 0; i < f->result.layer_count; i++) {
            const struct mp_layer_result *l = &f->result.layers[i];
            const double peak = mp_peak_ops_per_cycle(&f->arch, l->bits), ops = 2 * (double)l->figures.counts.macs;
            assert_true((peak > 0) == mp_layer_on_array(l->layer));
            assert_true(fabs(peak * l->figures.ideal_cycles - ops) <= 1e-12 * ops);
            mixed += l->bits->slice_count > 1;
        }
        assert_true(mixed > 0);
        result_drop(f);
    }
}

static void dram_peaks(void **state) {
    const struct mp_dram ideal = {.ops = &mp_mem_ideal};
    (void)state;
    for (uint64_t bits = 1; bits <= 1 << 12; bits++) {
        const struct mp_dram fixed = {.ops = &mp_mem_fixed, .bits_per_cycle = bits, .latency_cycles = 7};
        assert_true(mp_dram_peak_bits_per_cycle(&fixed) == (double)bits);
    }
    assert_true(mp_dram_peak_bits_per_cycle(&ideal) == 0);
}

// What a page takes from the file.
static void check_prices(const struct mp_buf *text, struct mp_arena *a, const struct mp_result *r) {
    struct mp_json *doc;
    struct mp_detail d;
    struct mp_err err;
    assert_true(mp_json_parse(&doc, "r.json", text->text, text->len, &err));
    struct mp_node root = mp_json_root(doc);
    if (!mp_detail_read(&d, a, &root, &err))
        fail_msg("%s", err.text);
    assert_int_equal(d.price_count, r->price_count);
    for (size_t i = 0; i < d.price_count; i++)
        assert_memory_equal(&d.prices[i].prices, &r->prices[i].prices, sizeof d.prices[i].prices);
    mp_json_destroy(doc);
}

// Files that were written before row activations, and then standby, were counted have none: neither counts nor prices.
static void results_of_before(void **state) {
    (void)state;
    struct fixture *f = result_make("arch/bitserial_16x16.json", "plans/resnet18_mixed.json");
    struct mp_buf text = {0};
    struct mp_arena a = {0};
    struct mp_saved s;
    struct mp_err err;
    static const char *const keys[] = {", \"dram_standby\": 0", ", \"dram_activate\": 0"};
    mp_report_json(&f->result, &text);
    for (size_t k = 0; k < 2; k++) {
        size_t left = 0;
        for (char *at; (at = strstr(text.text, keys[k])) != NULL; left++)
            memmove(at, at + strlen(keys[k]), strlen(at + strlen(keys[k])) + 1);
        text.len = strlen(text.text);
        assert_true(left > f->result.layer_count + f->result.price_count);
        if (!read_back(&text, &s, &a, &err))
            fail_msg("%s", err.text);
        check_prices(&text, &a, &f->result);
    }
    mp_buf_finish(&text);
    mp_arena_finish(&a);
    result_drop(f);
}

// The report with one text in place of another must be refused with this message.
static void refuse(const struct mp_buf *good, const char *from, const char *to, const char *message) {
    struct mp_buf bad = {0};
    struct mp_arena a = {0};
    struct mp_saved s;
    struct mp_err err;
    const char *at = strstr(good->text, from);
    assert_non_null(at);
    mp_buf_addn(&bad, good->text, (size_t)(at - good->text));
    mp_buf_add(&bad, to);
    mp_buf_add(&bad, at + strlen(from));
    assert_false(read_back(&bad, &s, &a, &err));
    assert_string_equal(err.text, message);
    mp_buf_finish(&bad);
    mp_arena_finish(&a);
}

static void results_that_are_not(void **state) {
    struct fixture *f = result_make("arch/bitserial_4x4.json", "plans/resnet8_w8a8.json");
    struct mp_buf out = {0};
    (void)state;
    mp_report_json(&f->result, &out);
    refuse(&out, "mpsim.result/1", "mpsim.result/2", "r.json: /schema: must be \"mpsim.result/1\" (got \"mpsim.result/2\")");
    refuse(&out, "\"schema\"", "\"schemas\"", "r.json: /schema: missing, must be \"mpsim.result/1\"");
    refuse(&out, "\"engine\"", "\"engines\"", "r.json: /: unknown key \"engines\", did you mean \"engine\"?");
    refuse(&out, "\"compute\"", "\"computes\"",
           "r.json: /totals/cycles_by: unknown key \"computes\", did you mean \"compute\"?");
    refuse(&out, "\"name\": \"layer1.0.conv1\"", "\"name\": \"conv1\"",
           "r.json: /layers/1/name: a layer of this name stands before");
    refuse(&out, "\"macs\": ", "\"macs\": -",
           "r.json: /totals/macs: must be an integer of at least 0 "
           "(got -12501632)");
    unsigned long cycles = (unsigned long)mp_counts_cycles(&f->result.totals.counts);
    refuse(&out, "\"cycles\": ", "\"cycles\": 1",
           mp_arena_printf(&f->arena, "r.json: /totals/cycles: must be the sum of cycles_by, %lu (got 1%lu)", cycles,
                           cycles));
    mp_buf_finish(&out);
    result_drop(f);
}

static size_t count(const char *text, char c) {
    size_t n = 0;
    for (; *text; text++)
        n += *text == c;
    return n;
}

static void csv_is_regular(void **state) {
    struct fixture *f = result_make("arch/bitserial_16x16.json", "plans/resnet18_mixed.json");
    struct mp_buf out = {0};
    (void)state;
    mp_report_csv(&f->result, &out);
    size_t commas = 0, lines = 0;
    for (char *line = strtok(out.text, "\n"), *last = NULL; line; last = line, line = strtok(NULL, "\n"), lines++) {
        if (!last)
            commas = count(line, ',');
        assert_int_equal(count(line, ','), commas);
        if (lines == f->workload.layer_count + 1)
            assert_memory_equal(line, "total,", 6);
    }
    assert_int_equal(lines, f->workload.layer_count + 2);
    mp_buf_finish(&out);
    result_drop(f);
}

static void text_has_it_all(void **state) {
    struct fixture *f = result_make("arch/bitserial_16x16.json", "plans/resnet18_mixed.json");
    struct mp_text_options o = {.top = 0};
    struct mp_buf out = {0};
    (void)state;
    mp_report_text(&f->result, &o, &out);
    static const char *const parts[] = {"resnet18_mixed on bitserial_16x16",
                                        "\nlayer4.1.conv2 ",
                                        "\ntotal ",
                                        "4/2+4",
                                        "latency",
                                        "cycles by cause",
                                        "energy by part",
                                        "area by part",
                                        "sources",
                                        "  ~ "};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(out.text, parts[i]))
            fail_msg("no \"%s\" in the report", parts[i]);
    assert_null(strchr(out.text, '\033'));
    out.len = 0;
    o.top = 2;
    mp_report_text(&f->result, &o, &out);
    assert_non_null(strstr(out.text, "\nconv1 "));
    assert_null(strstr(out.text, "\nfc "));
    assert_non_null(strstr(out.text, "layers with fewer cycles are not shown"));
    mp_buf_finish(&out);
    result_drop(f);
}

static void save(const struct fixture *f, struct mp_arena *a, struct mp_saved *s) {
    struct mp_buf out = {0};
    struct mp_err err;
    mp_report_json(&f->result, &out);
    must(read_back(&out, s, a, &err), &err);
    mp_buf_finish(&out);
}

static double change(const struct mp_diff_layer *l) {
    return fabs(l->b->figures.metric[MP_METRIC_CYCLES] - l->a->figures.metric[MP_METRIC_CYCLES]);
}

static void differences(void **state) {
    struct fixture *x = result_make("arch/bitserial_16x16.json", "plans/resnet18_w8a8.json");
    struct fixture *y = result_make("arch/bitserial_16x16.json", "plans/resnet18_mixed.json");
    struct mp_arena a = {0};
    struct mp_saved sx, sy;
    struct mp_diff d;
    struct mp_buf out = {0};
    (void)state;
    save(x, &a, &sx);
    save(y, &a, &sy);
    mp_diff_make(&d, &a, &sx, &sx);
    assert_int_equal(d.layer_count, 0);
    assert_int_equal(d.same_count, sx.layer_count);
    mp_diff_make(&d, &a, &sx, &sy);
    assert_true(d.layer_count > 20);
    assert_int_equal(d.layer_count + d.same_count, sx.layer_count);
    for (size_t i = 1; i < d.layer_count; i++)
        assert_true(change(&d.layers[i - 1]) >= change(&d.layers[i]));
    sy.layer_count--;              // without the last
    sx.layers++, sx.layer_count--; // without the first
    mp_diff_make(&d, &a, &sx, &sy);
    assert_int_equal(d.only_a_count, 1);
    assert_string_equal(d.only_a[0]->name, "fc");
    assert_int_equal(d.only_b_count, 1);
    assert_string_equal(d.only_b[0]->name, "conv1");
    const struct mp_style plain = {0};
    mp_diff_text(&d, &plain, &out);
    assert_non_null(strstr(out.text, "only in a (1): fc\n"));
    mp_buf_finish(&out);
    mp_arena_finish(&a);
    result_drop(x);
    result_drop(y);
}

static void ports_follow_the_array(void **state) {
    struct fixture *f = result_make("arch/bitserial_16x16.json", "plans/resnet8_w8a8.json");
    const struct mp_buffer *b = f->arch.buffers;
    struct mp_arch same = mp_arch_resize(&f->arch, f->arch.array.rows, f->arch.array.cols);
    struct mp_arch twice = mp_arch_resize(&f->arch, 2 * f->arch.array.rows, 2 * f->arch.array.cols);
    struct mp_arch odd = mp_arch_resize(&f->arch, 17, 17);
    (void)state;
    for (int i = 0; i < MP_BUFFERS; i++) {
        assert_int_equal(same.buffers[i].width_bits, b[i].width_bits);
        assert_int_equal(odd.buffers[i].width_bits % b[i].banks, 0);
        assert_int_equal(twice.buffers[i].size_bytes, b[i].size_bytes);
    }
    assert_int_equal(twice.buffers[MP_INPUT].width_bits, 2 * b[MP_INPUT].width_bits);
    assert_int_equal(twice.buffers[MP_WEIGHT].width_bits, 2 * b[MP_WEIGHT].width_bits);
    assert_int_equal(twice.buffers[MP_OUTPUT].width_bits, 4 * b[MP_OUTPUT].width_bits);
    f->arch.array.dataflow = MP_WS;
    twice = mp_arch_resize(&f->arch, f->arch.array.rows, 2 * f->arch.array.cols);
    assert_int_equal(twice.buffers[MP_INPUT].width_bits, b[MP_INPUT].width_bits);
    assert_int_equal(twice.buffers[MP_OUTPUT].width_bits, 2 * b[MP_OUTPUT].width_bits);
    result_drop(f);
}

static void equal_area_is_nearest(void **state) {
    struct fixture *f = result_make("arch/bitserial_16x16.json", "plans/resnet8_w8a8.json");
    struct mp_arch fit, next;
    struct mp_area area;
    struct mp_err err;
    double mm2;
    (void)state;
    must(mp_arch_fit_area(&f->arch, f->tech, f->result.area_mm2, &fit, &mm2, &err), &err);
    assert_int_equal(fit.array.rows, f->arch.array.rows);
    assert_int_equal(fit.array.cols, f->arch.array.cols);
    assert_true(fabs(mm2 - f->result.area_mm2) <= 1e-9 * mm2);
    double target = 3 * f->result.area_mm2;
    must(mp_arch_fit_area(&f->arch, f->tech, target, &fit, &mm2, &err), &err);
    for (uint64_t rows = fit.array.rows - 1; rows <= fit.array.rows + 1; rows++) {
        next = mp_arch_resize(&f->arch, rows, fit.array.cols);
        must(mp_cost_area(f->tech, &next, &f->arena, &area, NULL, &err), &err);
        assert_true(fabs(area.total_mm2 - target) >= fabs(mm2 - target));
    }
    result_drop(f);
}

static void comparison_ratios(void **state) {
    struct fixture *x = result_make("arch/bitserial_16x16.json", "plans/resnet8_w8a8.json");
    struct fixture *y = result_make("arch/bitserial_4x4.json", "plans/resnet8_w8a8.json");
    const struct mp_result results[] = {x->result, y->result};
    const struct mp_compare_arch archs[] = {{&x->arch, &x->arch, x->result.area_mm2, x->result.area_mm2},
                                            {&y->arch, &y->arch, y->result.area_mm2, y->result.area_mm2}};
    const struct mp_compare c = {archs, results, 2, 1, false};
    const struct mp_style plain = {0};
    struct mp_buf out = {0};
    struct mp_json *doc;
    struct mp_node root, plans, plan, list, arch, ratio, n;
    struct mp_err err;
    double got;
    (void)state;
    mp_compare_json(&c, &out);
    must(mp_json_parse(&doc, "c.json", out.text, out.len, &err), &err);
    root = mp_json_root(doc);
    assert_true(mp_node_get(&root, "plans", &plans) && mp_node_first(&plans, &plan));
    assert_true(mp_node_get(&plan, "archs", &list) && mp_node_first(&list, &arch) && mp_node_next(&arch));
    assert_true(mp_node_get(&arch, "ratio", &ratio) && mp_node_get(&ratio, "cycles", &n));
    must(mp_node_real(&n, 0, 1e9, &got, &err), &err);
    assert_true(got == (double)mp_counts_cycles(&y->result.totals.counts) /
                           (double)mp_counts_cycles(&x->result.totals.counts));
    mp_json_destroy(doc);
    out.len = 0;
    mp_compare_csv(&c, &out);
    assert_int_equal(count(out.text, '\n'), 3);
    out.len = 0;
    mp_compare_text(&c, &plain, &out);
    assert_non_null(strstr(out.text, "bitserial_4x4"));
    mp_buf_finish(&out);
    result_drop(x);
    result_drop(y);
}

static void collect(void *user, const char *text, size_t len) {
    mp_buf_addn(user, text, len);
}

static void tile_traces(void **state) {
    struct mp_buf out = {0};
    struct mp_tile_csv t = {.flush = collect, .user = &out};
    const struct mp_trace_event e = {
        .what = "load input", .tile = {0, 0, 3, 0, 1, 0}, .start = 5, .cycles = 7, .bits = 64};
    (void)state;
    mp_tile_csv_begin(&t);
    mp_tile_csv_run(&t, "a,b", 1, 100);
    mp_tile_csv_event(&t, &e);
    mp_tile_csv_finish(&t);
    assert_string_equal(out.text, "layer,run,what,group,batch,oh,ow,oc,ic,start,cycles,bits\n"
                                  "\"a,b\",1,load input,0,0,3,0,1,0,105,7,64\n");
    mp_buf_finish(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(tables),
        cmocka_unit_test(csv_fields),
        cmocka_unit_test(result_reads_back),
        cmocka_unit_test(peaks),
        cmocka_unit_test(dram_peaks), cmocka_unit_test(results_of_before),
        cmocka_unit_test(results_that_are_not),
        cmocka_unit_test(csv_is_regular),
        cmocka_unit_test(text_has_it_all),
        cmocka_unit_test(differences),
        cmocka_unit_test(ports_follow_the_array),
        cmocka_unit_test(equal_area_is_nearest),
        cmocka_unit_test(comparison_ratios),
        cmocka_unit_test(tile_traces),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
