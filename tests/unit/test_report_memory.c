// SPDX-License-Identifier: Apache-2.0
// What reports say of DRAM and buffers: in words, recorded in results and read back, and how many rows were opened.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/mpsim.h"
#include "sim/report/compare.h"
#include "sim/report/diff.h"
#include "sim/report/html.h"
#include "sim/report/memory.h"
#include "sim/report/quantity.h"
#include "tests/unit/result_fixture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BUFFERS "input 64 KiB x 2048 bit, weight 64 KiB x 256 bit, output 32 KiB x 1024 bit"
#define REMAPPED "banked ddr4_2400, 2 channels, mapping rochrababgco, refresh off"

static void expect_dram(const struct mp_dram *d, bool whole, double bytes_per_s, const char *text) {
    struct mp_buf out = {0};
    mp_memory_dram_rated(d, whole, bytes_per_s, &out);
    assert_string_equal(out.text, text);
    mp_buf_finish(&out);
}

static void in_words(void **state) {
    const struct mp_dram ideal = {.ops = &mp_mem_ideal};
    const struct mp_dram fixed = {.ops = &mp_mem_fixed, .bits_per_cycle = 64, .latency_cycles = 1};
    struct mp_dram banked = {.ops = &mp_mem_banked, .channels = 1, .refresh = true}; // ddr4_2400
    (void)state;
    expect_dram(&ideal, true, 0, "ideal");
    expect_dram(&fixed, false, 4e9, "fixed 4.000 GB/s");
    expect_dram(&fixed, true, 4e9, "fixed, 64 bits a cycle, latency 1 cycle, 4.000 GB/s");
    expect_dram(&banked, false, 19.28e9, "banked ddr4_2400 19.28 GB/s");
    expect_dram(&banked, true, 0, "banked ddr4_2400, 1 channel, mapping rorabacobgch, refresh on");
    banked.mapping = "rorabacobgch"; // the default, written out
    expect_dram(&banked, false, 0, "banked ddr4_2400");
    banked.mapping = "rochrababgco";
    expect_dram(&banked, false, 19.28e9, "banked ddr4_2400, mapping rochrababgco, 19.28 GB/s");
    banked.channels = 2, banked.refresh = false;
    expect_dram(&banked, false, 0, REMAPPED);
    const struct mp_buffer buffers[MP_BUFFERS] = {{1024, 64, 1, true}, {1536, 8, 1, false}, {100, 16, 2, true}};
    struct mp_buf out = {0};
    mp_memory_buffers(buffers, &out);
    assert_string_equal(out.text, "input 1 KiB x 64 bit, weight 1.5 KiB x 8 bit (single), output 100 B x 16 bit");
    mp_buf_finish(&out);
}

static struct fixture *banked_result(void) {
    struct fixture *f = result_make("arch/bitserial_16x16_ddr4.json", "plans/resnet8_mixed.json");
    assert_true(f->result.totals.counts.events[MP_EV_DRAM_ACT] > 0);
    f->arch.dram.channels = 2, f->arch.dram.mapping = "rochrababgco", f->arch.dram.refresh = false;
    return f;
}

// A row of the page's table of what was run: one cell.
static void expect_row(const char *page, struct mp_arena *a, const char *name, const char *cell) {
    const char *row = mp_arena_printf(a, "<tr><th scope=\"row\">%s</th><td class=\"text\">%s</td></tr>", name, cell);
    if (!strstr(page, row))
        fail_msg("not there: %s", row);
}

static struct mp_html_result read_back(const char *text, struct mp_arena *a) {
    struct mp_saved *saved = mp_arena_alloc(a, 1, sizeof *saved);
    struct mp_detail *detail = mp_arena_alloc(a, 1, sizeof *detail);
    struct mp_json *doc;
    struct mp_err err;
    must(mp_json_parse(&doc, "r.json", text, strlen(text), &err), &err);
    const struct mp_node root = mp_json_root(doc);
    must(mp_saved_read(saved, a, &root, &err) && mp_detail_read(detail, a, &root, &err), &err);
    mp_json_destroy(doc);
    return (struct mp_html_result){.saved = saved, .detail = detail, .label = saved->arch};
}

static void expect_page(const struct mp_html_result *r, struct mp_arena *a, const char *buffers, const char *dram) {
    const struct mp_html h = {.title = "t", .version = "1", .results = r, .result_count = 1};
    struct mp_buf page = {0};
    mp_html_page(&h, &page);
    expect_row(page.text, a, "Buffers", buffers);
    expect_row(page.text, a, "DRAM", dram);
    mp_buf_finish(&page);
}

// The text without the line that begins with `key`.
static const char *without(const char *text, const char *key, struct mp_arena *a) {
    const char *from = strstr(text, key), *to = from ? strchr(from, '\n') : NULL;
    assert_non_null(to);
    return mp_arena_printf(a, "%.*s%s", (int)(from - text), text, to + 1);
}

static void recorded(void **state) {
    struct fixture *f = banked_result();
    struct mp_arena *a = &f->arena;
    struct mp_buf out = {0};
    (void)state;
    mp_report_json(&f->result, &out);
    assert_non_null(strstr(out.text, "\"dram\": {\"kind\": \"banked\", \"preset\": \"ddr4_2400\", "
                                     "\"mapping\": \"rochrababgco\", \"channels\": 2, \"refresh\": false},"));
    struct mp_html_result r = read_back(out.text, a);
    assert_ptr_equal(r.saved->dram.ops, &mp_mem_banked);
    assert_int_equal(r.saved->dram.channels, 2);
    assert_memory_equal(r.detail->buffers, f->arch.buffers, sizeof f->arch.buffers);
    assert_true(r.saved->totals.dram_activates == (double)f->result.totals.counts.events[MP_EV_DRAM_ACT]);
    expect_page(&r, a, BUFFERS, REMAPPED ", 19.28 GB/s"); // the rate is that of the run's, with one channel
    r = read_back(without(without(out.text, "\"buffers\": {", a), "\"dram\": {", a), a);
    assert_null(r.saved->dram.ops);
    assert_int_equal(r.detail->buffers[0].size_bytes, 0);
    expect_page(&r, a, "", "");
    mp_buf_finish(&out);
    result_drop(f);
}

static size_t cells(const char *line) {
    size_t n = 1;
    for (; *line && *line != '\n'; line++)
        n += *line == ',';
    return n;
}

static void rows_of_a_run(void **state) {
    struct fixture *banked = banked_result(), *fixed = result_make("arch/bitserial_16x16.json", "plans/resnet8_mixed.json");
    const struct mp_text_options plain = {0};
    const uint64_t rows = banked->result.totals.counts.events[MP_EV_DRAM_ACT];
    struct mp_buf out = {0};
    char count[MP_QTY_BYTES];
    (void)state;
    mp_report_text(&banked->result, &plain, &out);
    assert_non_null(strstr(out.text, BUFFERS "; DRAM " REMAPPED ", 19.28 GB/s\n"));
    const char *opened = mp_arena_printf(&banked->arena, " on average, %s rows opened\n", mp_qty_count(rows, count));
    assert_non_null(strstr(out.text, opened));
    out.len = 0;
    mp_report_text(&fixed->result, &plain, &out);
    assert_null(strstr(out.text, "rows opened")); // has none
    out.len = 0;
    mp_report_csv(&banked->result, &out);
    uint64_t sum = 0;
    const char *line = strchr(out.text, '\n');
    assert_memory_equal(line - strlen(",dram_activate"), ",dram_activate", strlen(",dram_activate"));
    const size_t columns = cells(out.text);
    for (size_t i = 0; i <= banked->result.layer_count; i++) {
        assert_int_equal(cells(line + 1), columns); // no name has a comma
        line = strchr(line + 1, '\n');
        const char *cell = line;
        while (cell[-1] != ',')
            cell--;
        const uint64_t value = strtoull(cell, NULL, 10);
        assert_int_equal(value, i < banked->result.layer_count ? banked->result.layers[i].figures.counts.events[MP_EV_DRAM_ACT]
                                                               : sum);
        sum += value;
    }
    assert_int_equal(sum, 2 * rows);
    mp_buf_finish(&out);
    result_drop(banked);
    result_drop(fixed);
}

static void told_apart(void **state) {
    struct fixture *fixed = result_make("arch/bitserial_16x16.json", "plans/resnet8_mixed.json"), *banked = banked_result();
    struct mp_arena *a = &fixed->arena;
    const struct mp_style plain = {0};
    struct mp_buf x = {0}, y = {0}, out = {0};
    struct mp_diff d;
    (void)state;
    mp_report_json(&fixed->result, &x);
    mp_report_json(&banked->result, &y);
    const struct mp_html_result old = read_back(without(x.text, "\"dram\": {", a), a);
    const struct mp_html_result r = read_back(x.text, a), s = read_back(y.text, a);
    mp_diff_make(&d, a, r.saved, s.saved);
    mp_diff_text(&d, &plain, &out);
    assert_non_null(strstr(out.text, "DRAM of a: fixed, 64 bits a cycle, latency 60 cycles\nDRAM of b: " REMAPPED "\n"));
    assert_non_null(strstr(out.text, "\nDRAM rows opened "));
    out.len = 0;
    mp_diff_json(&d, &out);
    assert_non_null(strstr(out.text, "\"dram_activate\": {\"a\": 0, \"b\": "));
    assert_non_null(strstr(out.text, "\"b\": {\"kind\": \"banked\", \"preset\": \"ddr4_2400\", "));
    out.len = 0;
    mp_diff_csv(&d, &out);
    assert_non_null(strstr(out.text, ",dram_activate_a,dram_activate_b,dram_activate_change\n"));
    out.len = 0;
    mp_diff_make(&d, a, r.saved, r.saved);
    mp_diff_text(&d, &plain, &out);
    assert_null(strstr(out.text, "DRAM of"));
    assert_null(strstr(out.text, "DRAM rows opened"));
    out.len = 0;
    mp_diff_make(&d, a, old.saved, s.saved);
    mp_diff_text(&d, &plain, &out);
    assert_null(strstr(out.text, "DRAM of"));
    mp_buf_finish(&x);
    mp_buf_finish(&y);
    mp_buf_finish(&out);
    result_drop(fixed);
    result_drop(banked);
}

static void compared(void **state) {
    struct fixture *fixed = result_make("arch/bitserial_16x16.json", "plans/resnet8_mixed.json"), *banked = banked_result();
    const struct mp_compare_arch archs[] = {{.given = &fixed->arch, .used = &fixed->arch},
                                            {.given = &banked->arch, .used = &banked->arch}};
    const struct mp_result results[] = {fixed->result, banked->result};
    const struct mp_compare c = {.archs = archs, .results = results, .arch_count = 2, .plan_count = 1};
    const struct mp_style plain = {0};
    struct mp_buf out = {0};
    (void)state;
    mp_compare_text(&c, &plain, &out);
    assert_non_null(strstr(out.text, "\nDRAM: bitserial_16x16 fixed 4.000 GB/s; bitserial_16x16_ddr4 " REMAPPED
                                     ", 19.28 GB/s\n"));
    out.len = 0;
    mp_compare_json(&c, &out);
    assert_non_null(strstr(out.text, "\"dram\": {\"kind\": \"fixed\", \"bits_per_cycle\": 64, \"latency_cycles\": 60}"));
    assert_non_null(strstr(out.text, "\"mapping\": \"rochrababgco\", \"channels\": 2, \"refresh\": false}"));
    out.len = 0;
    mp_compare_csv(&c, &out);
    assert_non_null(strstr(out.text, ",dram\n"));
    assert_non_null(strstr(out.text, ",\"" REMAPPED "\"\n"));
    mp_buf_finish(&out);
    result_drop(fixed);
    result_drop(banked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_words),  cmocka_unit_test(recorded), cmocka_unit_test(rows_of_a_run),
        cmocka_unit_test(told_apart), cmocka_unit_test(compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
