// SPDX-License-Identifier: Apache-2.0
// The page of results: what is escaped, what stands in it, what older results lack, its size; and fronts read from CSV.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/mpsim.h"
#include "sim/report/html.h"
#include "tests/unit/json_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t)2 << 20)

static struct mp_arena arena; // what one test loads

static void must(bool ok, const struct mp_err *err) {
    if (!ok)
        fail_msg("%s", err->text);
}

static int drop(void **state) {
    (void)state;
    mp_arena_finish(&arena);
    arena = (struct mp_arena){0};
    return 0;
}

static const char *shipped(const char *path) {
    const char *root = getenv("MPSIM_SOURCE");
    return mp_arena_printf(&arena, "%s/configs/%s", root ? root : ".", path);
}

static struct mp_result *evaluate(const char *arch_file, const char *plan_file, const char *only) {
    struct mp_arch *arch = mp_arena_alloc(&arena, 1, sizeof *arch);
    struct mp_plan *plan = mp_arena_alloc(&arena, 1, sizeof *plan);
    struct mp_workload *workload = mp_arena_alloc(&arena, 1, sizeof *workload);
    struct mp_result *result = mp_arena_alloc(&arena, 1, sizeof *result);
    const struct mp_options how = {.engine = MP_ANALYTIC, .only_layer = only};
    struct mp_tech *tech;
    struct mp_err err;
    must(mp_arch_load(arch, &arena, shipped(arch_file), &err), &err);
    must(mp_plan_open(plan, workload, &arena, shipped(plan_file), &err), &err);
    must(mp_tech_load(&tech, &arena, shipped("tech"), arch->tech, &err), &err);
    must(mp_evaluate(arch, workload, plan, tech, &how, &arena, result, &err), &err);
    return result;
}

static char *json_of(const struct mp_result *r) {
    struct mp_buf out = {0};
    mp_report_json(r, &out);
    char *text = mp_arena_strdup(&arena, out.text);
    mp_buf_finish(&out);
    return text;
}

// The text with every `from` replaced; there must be one.
static char *replaced(const char *text, const char *from, const char *to) {
    struct mp_buf out = {0};
    const char *at = strstr(text, from);
    assert_non_null(at);
    for (; at; text = at + strlen(from), at = strstr(text, from)) {
        mp_buf_addn(&out, text, (size_t)(at - text));
        mp_buf_add(&out, to);
    }
    mp_buf_add(&out, text);
    char *copy = mp_arena_strdup(&arena, out.text);
    mp_buf_finish(&out);
    return copy;
}

static struct mp_html_result read_back(const char *text) {
    struct mp_saved *saved = mp_arena_alloc(&arena, 1, sizeof *saved);
    struct mp_detail *detail = mp_arena_alloc(&arena, 1, sizeof *detail);
    struct mp_json *doc = must_parse(text);
    const struct mp_node root = mp_json_root(doc);
    struct mp_err err;
    must(mp_saved_read(saved, &arena, &root, &err) && mp_detail_read(detail, &arena, &root, &err), &err);
    mp_json_destroy(doc);
    return (struct mp_html_result){.saved = saved, .detail = detail, .label = saved->arch};
}

static char *page_of(const struct mp_html_result *results, size_t count, const struct mp_html_front *front) {
    const struct mp_html h = {.title = "a title", .version = "1.2", .results = results, .result_count = count, .front = front};
    struct mp_buf out = {0};
    mp_html_page(&h, &out);
    assert_int_equal(strlen(out.text), out.len);
    char *page = mp_arena_strdup(&arena, out.text);
    mp_buf_finish(&out);
    return page;
}

static size_t count_of(const char *text, const char *word) {
    size_t count = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

// What the script will read.
static struct mp_json *data_of(const char *page) {
    static const char open[] = "<script type=\"application/json\" id=\"data\">";
    const char *from = strstr(page, open);
    assert_non_null(from);
    from += sizeof open - 1;
    const char *to = strstr(from, "</script>");
    assert_non_null(to);
    char *text = mp_arena_printf(&arena, "%.*s", (int)(to - from), from);
    assert_null(strpbrk(text, "<>&"));
    return must_parse(text);
}

static struct mp_node child(const struct mp_node *n, const char *key) {
    struct mp_node found;
    if (!mp_node_get(n, key, &found))
        fail_msg("no key %s", key);
    return found;
}

static void expect_whole(const char *page) {
    static const char *const tags[] = {"section", "table", "thead", "tbody", "tr", "td", "ul", "dl", "details", "main", "nav"};
    char open[32], close[32];
    assert_ptr_equal(strstr(page, "<!DOCTYPE html>"), page);
    assert_null(strstr(page, "{{"));
    for (size_t i = 0; i < COUNT(tags); i++) {
        snprintf(open, sizeof open, "<%s>", tags[i]);
        snprintf(close, sizeof close, "</%s>", tags[i]);
        size_t opened = count_of(page, open);
        snprintf(open, sizeof open, "<%s ", tags[i]);
        assert_int_equal(opened + count_of(page, open), count_of(page, close));
    }
    assert_int_equal(count_of(page, "<script"), 2);
    assert_int_equal(count_of(page, "</script>"), 2);
    // Nothing is fetched.
    static const char *const fetching[] = {"<img", "<iframe", "<script src", "href=\"http", "url(", "@import",
                                            "<link rel=\"stylesheet"};
    for (size_t i = 0; i < COUNT(fetching); i++)
        assert_null(strstr(page, fetching[i]));
}

static void escapes(void **state) {
    static const char *const cases[][2] = {
        {"", ""},
        {"plain \xc3\xa9 \xe2\x82\xac", "plain \xc3\xa9 \xe2\x82\xac"},
        {"<b a=\"1\" c='2'>&amp;", "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;"},
        {"a\tb\x1b[1m\x7f", "a\xef\xbf\xbd" "b\xef\xbf\xbd[1m\xef\xbf\xbd"},
        {"a\nb", "a\nb"},
        {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc2\x85", "\xef\xbf\xbd"}, // next line, a control character
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mp_buf out = {0};
        mp_html_text(&out, cases[i][0]);
        assert_string_equal(out.text, cases[i][1]);
        mp_buf_finish(&out);
    }
}

static void structure(void **state) {
    (void)state;
    const struct mp_result *result = evaluate("arch/bitserial_4x4.json", "plans/resnet8_mixed.json", NULL);
    const struct mp_html_result one = read_back(json_of(result));
    const char *page = page_of(&one, 1, NULL);
    expect_whole(page);
    assert_non_null(strstr(page, "<title>a title - mpsim report</title>"));
    for (size_t i = 0; i < result->layer_count; i++)
        assert_non_null(strstr(page, mp_arena_printf(&arena, "<tr><th scope=\"row\">%s</th>", result->layers[i].layer->name)));
    // A mark for each estimate, and no other.
    size_t estimates = 0;
    for (size_t i = 0; i < result->source_count; i++)
        estimates += strncmp(result->sources[i], "estimate: ", 10) == 0;
    assert_true(estimates > 0 && estimates < result->source_count);
    assert_int_equal(count_of(page, "<strong class=\"mark\">estimate</strong>"), estimates);
}

// The figures and mappings that the script sees are the result's.
static void data(void **state) {
    (void)state;
    const struct mp_result *result = evaluate("arch/bitserial_4x4.json", "plans/resnet8_mixed.json", NULL);
    const struct mp_html_result one = read_back(json_of(result));
    struct mp_json *doc = data_of(page_of(&one, 1, NULL));
    const struct mp_node root = mp_json_root(doc), results = child(&root, "results");
    struct mp_node first, layers, layer, n;
    struct mp_err err;
    double value;
    size_t at = 0;
    assert_true(mp_node_first(&results, &first));
    layers = child(&first, "layers");
    for (bool more = mp_node_first(&layers, &layer); more; more = mp_node_next(&layer), at++) {
        const struct mp_layer_result *l = &result->layers[at];
        const struct mp_node cycles = child(&layer, "cycles"), energy = child(&layer, "energy"), runs = child(&layer, "runs");
        size_t i = 0;
        for (bool is = mp_node_first(&cycles, &n); is; is = mp_node_next(&n)) {
            must(mp_node_real(&n, 0, 1e300, &value, &err), &err);
            assert_true(value == (double)l->figures.counts.cycles[i++]);
        }
        assert_int_equal(i, MP_CAUSES);
        i = 0;
        for (bool is = mp_node_first(&energy, &n); is; is = mp_node_next(&n)) {
            must(mp_node_real(&n, 0, 1e300, &value, &err), &err);
            assert_true(value == l->figures.energy_pj_by[i++]);
        }
        assert_int_equal(i, MP_PARTS);
        assert_int_equal(mp_node_count(&runs), l->mapping.run_count);
    }
    assert_int_equal(at, result->layer_count);
    mp_json_destroy(doc);
}

// What a run is made of: all MACs, and tiles that fit.
static void shapes(void **state) {
    (void)state;
    const struct mp_result *result = evaluate("arch/bitserial_16x16.json", "plans/resnet18_mixed.json", NULL);
    const struct mp_html_result one = read_back(json_of(result));
    assert_int_equal(one.detail->rows, result->arch->array.rows);
    for (size_t i = 0; i < result->layer_count; i++) {
        const struct mp_detail_layer *d = &one.detail->layers[i];
        uint64_t macs = 0;
        assert_int_equal(d->mapping.run_count, result->layers[i].mapping.run_count);
        for (size_t k = 0; k < d->mapping.run_count; k++) {
            const struct mp_run_shape *s = &d->shapes[k];
            uint64_t product = s->kernel[0] * s->kernel[1];
            for (int dim = 0; dim < MP_DIMS; dim++) {
                product *= s->size[dim];
                assert_in_range(d->mapping.runs[k].map.tile[dim], 1, s->size[dim]);
            }
            macs += product;
            for (int b = 0; b < MP_BUFFERS; b++)
                assert_true(s->tile_bits[b] <= s->room_bits[b]);
        }
        if (result->layers[i].figures.counts.macs > 0)
            assert_int_equal(macs, result->layers[i].figures.counts.macs);
    }
}

static void hostile_names(void **state) {
    static const char name[] = "</script><img src=x onerror=alert(1)>\xe2\x80\xa8&amp;'\\\"";
    (void)state;
    const struct mp_result *result = evaluate("arch/bitserial_4x4.json", "plans/resnet8_mixed.json", NULL);
    struct mp_layer layer = *result->layers[0].layer;
    struct mp_arch arch = *result->arch;
    layer.name = arch.name = name;
    result->layers[0].layer = &layer;
    ((struct mp_result *)result)->arch = &arch;
    ((struct mp_result *)result)->sources = (const char *const[]){"estimate: <b>: <i>"};
    ((struct mp_result *)result)->source_count = 1;
    ((struct mp_result *)result)->warnings = (const char *const[]){"<s>"};
    ((struct mp_result *)result)->warning_count = 1;
    const struct mp_html_result one = read_back(json_of(result));
    const char *page = page_of(&one, 1, NULL);
    expect_whole(page);
    static const char *const elements[] = {"<img", "<b>:", "<i>", "<s>", "\xe2\x80\xa8&amp;'"};
    for (size_t i = 0; i < COUNT(elements); i++)
        assert_null(strstr(page, elements[i]));
    struct mp_json *doc = data_of(page);
    const struct mp_node root = mp_json_root(doc), results = child(&root, "results");
    struct mp_node first, layers, one_layer, n;
    const char *text;
    struct mp_err err;
    mp_node_first(&results, &first);
    layers = child(&first, "layers");
    mp_node_first(&layers, &one_layer);
    n = child(&one_layer, "name");
    must(mp_node_string(&n, &text, &err), &err);
    assert_string_equal(text, name);
    mp_json_destroy(doc);
}

// Without what later versions added.
static void older_results(void **state) {
    (void)state;
    char *text = json_of(evaluate("arch/bitserial_4x4.json", "plans/resnet8_mixed.json", "conv1"));
    const char *runs = strstr(text, ",\n      \"runs\": ["), *end = runs ? strstr(runs, "\n      ]") : NULL;
    assert_non_null(end);
    text = mp_arena_printf(&arena, "%.*s%s", (int)(runs - text), text, end + strlen("\n      ]"));
    text = replaced(text, "\"array\": {\"rows\": 4, \"cols\": 4, \"lanes\": 4},\n", "");
    text = replaced(text, "\"dram_bits_per_cycle\": 64,\n", "");
    const char *peak = strstr(text, "\"peak_ops_per_cycle\""), *line = peak ? strchr(peak, '\n') : NULL;
    assert_non_null(line);
    text = mp_arena_printf(&arena, "%.*s%s", (int)(peak - text), text, line);
    const struct mp_html_result one = read_back(text);
    assert_null(one.detail->layers[0].shapes);
    assert_int_equal(one.detail->rows, 0);
    assert_true(one.detail->dram_bits_per_cycle == 0 && one.detail->layers[0].peak_ops_per_cycle == 0);
    assert_int_equal(one.detail->layers[0].mapping.run_count, 1);
    expect_whole(page_of(&one, 1, NULL));
}

static void empty_results(void **state) {
    (void)state;
    struct mp_result *result = evaluate("arch/bitserial_4x4.json", "plans/resnet8_mixed.json", "conv1");
    result->layer_count = 0;
    result->totals = (struct mp_figures){0};
    const struct mp_html_result one = read_back(json_of(result));
    const char *page = page_of(&one, 1, NULL);
    expect_whole(page);
    assert_non_null(strstr(page, "<span class=\"faint\">(0)</span>"));
    expect_whole(page_of(NULL, 0, NULL));
}

static void many_layers(void **state) {
    enum { MANY = 1000 };
    (void)state;
    struct mp_result *result = evaluate("arch/bitserial_16x16.json", "plans/resnet18_mixed.json", "layer4.0.conv2");
    struct mp_layer *layers = mp_arena_alloc(&arena, MANY, sizeof *layers);
    struct mp_layer_result *all = mp_arena_alloc(&arena, MANY, sizeof *all);
    struct mp_figures sum = {0};
    assert_int_equal(result->layer_count, 1);
    for (size_t i = 0; i < MANY; i++) {
        layers[i] = *result->layers[0].layer;
        layers[i].name = mp_arena_printf(&arena, "block%zu.unit%zu.conv%zu", i / 100, i / 10 % 10, i % 10);
        all[i] = result->layers[0];
        all[i].layer = &layers[i];
        mp_counts_add(&sum.counts, &all[i].figures.counts, 1);
        for (int p = 0; p < MP_PARTS; p++)
            sum.energy_pj_by[p] += all[i].figures.energy_pj_by[p];
    }
    for (int p = 0; p < MP_PARTS; p++)
        sum.energy_pj += sum.energy_pj_by[p];
    result->layers = all, result->layer_count = MANY, result->totals = sum;
    const struct mp_html_result one = read_back(json_of(result));
    const char *page = page_of(&one, 1, NULL);
    expect_whole(page);
    assert_int_equal(count_of(page, "<tr><th scope=\"row\">block"), MANY);
    assert_true(strlen(page) < MOST_BYTES);
}

static void five_architectures(void **state) {
    static const char *const archs[] = {"bitfusion", "bitserial_16x16", "loom_like", "tpu_like", "unpu_like"};
    struct mp_html_result results[COUNT(archs)];
    (void)state;
    for (size_t i = 0; i < COUNT(archs); i++)
        results[i] = read_back(json_of(evaluate(mp_arena_printf(&arena, "arch/%s.json", archs[i]),
                                                "plans/resnet50_mixed.json", NULL)));
    mp_html_label(results, COUNT(archs), &arena);
    const char *page = page_of(results, COUNT(archs), NULL);
    expect_whole(page);
    assert_true(strlen(page) < MOST_BYTES);
    for (size_t i = 0; i < COUNT(archs); i++) {
        assert_string_equal(results[i].label, archs[i]);
        assert_non_null(strstr(page, mp_arena_printf(&arena, "<summary>Layers of %s ", archs[i])));
    }
}

// Fronts

static struct mp_html_front front_of(const char *text) {
    struct mp_html_front f;
    struct mp_err err;
    must(mp_html_front_read(&f, &arena, "some/front.csv", text, strlen(text), &err), &err);
    return f;
}

static void fronts(void **state) {
    (void)state;
    const struct mp_html_front f = front_of("\xef\xbb\xbf" "name, latency_ms ,tops_per_w,array.rows,note\r\n"
                                            "# left out\n\n"
                                            "\"a, \"\"b\"\"\nc\" ,1e-3,,16,\r\n"
                                            "plain,-2.5,3,x,");
    assert_string_equal(f.name, "front");
    assert_int_equal(f.column_count, 5);
    assert_int_equal(f.count, 2);
    assert_string_equal(f.columns[1].name, "latency_ms");
    assert_string_equal(f.columns[0].texts[0], "a, \"b\"\nc");
    assert_null(f.columns[0].numbers);
    assert_true(f.columns[1].numbers[0] == 1e-3 && f.columns[1].numbers[1] == -2.5);
    assert_true(isnan(f.columns[2].numbers[0]) && f.columns[2].numbers[1] == 3);
    assert_null(f.columns[3].numbers);
    assert_null(f.columns[4].numbers);
    assert_int_equal(f.columns[1].better, MP_BETTER_LOWER);
    assert_int_equal(f.columns[2].better, MP_BETTER_HIGHER);
    expect_whole(page_of(NULL, 0, &f));
    const struct mp_html_front blank = front_of("key,area\n1234567890123456,1\n00123e5600000001,2\n \t"); // no line end
    assert_int_equal(blank.count, 2);
    assert_null(blank.columns[0].numbers); // keys of designs
    assert_non_null(blank.columns[1].numbers);
}

static void front_of_many(void **state) {
    struct mp_buf text = {0};
    (void)state;
    mp_buf_add(&text, "design,energy_pj\n");
    for (int i = 0; i < 300; i++)
        mp_buf_addf(&text, "<d%d>,%d\n", i, i);
    const struct mp_html_front f = front_of(text.text);
    mp_buf_finish(&text);
    assert_int_equal(f.count, 300);
    assert_string_equal(f.columns[0].texts[299], "<d299>");
    const char *page = page_of(NULL, 0, &f);
    expect_whole(page);
    assert_non_null(strstr(page, "<td class=\"text\">&lt;d49&gt;</td><td>49</td>"));
    assert_null(strstr(page, "&lt;d50&gt;"));
    assert_non_null(strstr(page, "The first 50 of 300 designs."));
    struct mp_json *doc = data_of(page);
    const struct mp_node root = mp_json_root(doc), front = child(&root, "front"), columns = child(&front, "columns");
    struct mp_node column;
    mp_node_first(&columns, &column);
    const struct mp_node values = child(&column, "values");
    assert_int_equal(mp_node_count(&values), 300);
    mp_json_destroy(doc);
}

static void better(void **state) {
    static const struct {
        const char *name;
        enum mp_better better;
    } cases[] = {
        {"latency_cycles", MP_BETTER_LOWER}, {"energy_pj", MP_BETTER_LOWER}, {"area_mm2", MP_BETTER_LOWER},
        {"harm", MP_BETTER_LOWER},
        {"effective_tops", MP_BETTER_HIGHER}, {"accuracy", MP_BETTER_HIGHER}, {"utilization", MP_BETTER_HIGHER},
        {"rows", MP_BETTER_NEITHER}, {"buffers.weight.size_bytes", MP_BETTER_NEITHER}, {"stem:a", MP_BETTER_NEITHER},
        {"areal", MP_BETTER_NEITHER}, {"array_rows", MP_BETTER_NEITHER},
        {"buffers_weight_size_bytes", MP_BETTER_NEITHER}, {"dram_bits_per_cycle", MP_BETTER_NEITHER},
        {"dram_bits", MP_BETTER_LOWER}, {"tops_per_w", MP_BETTER_HIGHER}, {"weight_bytes", MP_BETTER_LOWER},
        {"", MP_BETTER_NEITHER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(mp_better_of(cases[i].name), cases[i].better);
}

static void fronts_that_are_not(void **state) {
    static const char *const cases[][2] = {
        {"", "f.csv:1: must begin with the names of two or more columns, with commas between them"},
        {"a\n1\n", "f.csv:1: must begin with the names of two or more columns, with commas between them"},
        {"# mine\nlayer,cycles\nfc,2\n", "f.csv:2: must have a row a design, as 'mpsim front --csv', 'query --csv' and "
                                      "'search --front' write it (got a row a layer)"},
        {"a,b\n", "f.csv: no designs"},
        {"a,a\n1,2\n", "f.csv:1: column \"a\" stands twice"},
        {"a,,c\n1,2,3\n", "f.csv:1: column 2 has no name"},
        {"a,b\n1,2\n\n3\n", "f.csv:4: must have 2 cells, as the line of names has (got 1)"},
        {"a,b\n1,\"2\n\n", "f.csv:2: a quoted cell is not closed"},
        {"a,b\n\"1\n\" x,2\n", "f.csv:3: text behind a quoted cell"},
        {"a,b\n1,\xff\n", "f.csv:2: must be UTF-8 text"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mp_html_front f;
        struct mp_err err;
        assert_false(mp_html_front_read(&f, &arena, "f.csv", cases[i][0], strlen(cases[i][0]), &err));
        assert_string_equal(err.text, cases[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(escapes, drop),
        cmocka_unit_test_teardown(structure, drop),
        cmocka_unit_test_teardown(data, drop),
        cmocka_unit_test_teardown(shapes, drop),
        cmocka_unit_test_teardown(hostile_names, drop),
        cmocka_unit_test_teardown(older_results, drop),
        cmocka_unit_test_teardown(empty_results, drop),
        cmocka_unit_test_teardown(many_layers, drop),
        cmocka_unit_test_teardown(five_architectures, drop),
        cmocka_unit_test_teardown(fronts, drop),
        cmocka_unit_test_teardown(front_of_many, drop),
        cmocka_unit_test_teardown(better, drop),
        cmocka_unit_test_teardown(fronts_that_are_not, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
