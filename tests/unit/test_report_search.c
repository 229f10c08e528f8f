// SPDX-License-Identifier: Apache-2.0
// Reports of searches and sensitivities, of results made by hand: texts and files as they are.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/search_report.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

static const struct mp_style plain = {0};

static const char *text_of(struct search_bed *b) {
    b->out.len = 0;
    mp_search_text(&b->r, &plain, &b->out);
    return b->out.text;
}

// Text

static const char whole[] =
    "net on tiny: least latency, drop of agreement at most 1.00 %\n"
    "  space      8 units in 7 decisions, 5 fixed (4 at 8 bits by default: first and last layer, 1 by --fix), weights at "
    "2 4 8, "
    "activations at 4 8; 6 combinations\n"
    "  metric     fit, in nats, on 64 images of train; 0.5 s\n"
    "  solver     by hand; 0.8 s; proven: no plan is better by metric and costs\n"
    "  costs      300 entries, 200 mappings searched, 100 from the cache; 1.5 s\n"
    "  measured   3 plans, 1 of the log, on 1,000 images of train, 25.0 % of the layers used again; 4.0 s\n"
    "  front      2 points, exact: latency 5.000 us to 5.115 us, harm 0.250 to 0.125\n"
    "\n"
    "plan       cycles        ms      x     uJ      x     kB     GBOPs   harm  drop %  test %  to float pt  95 %\n"
    "uniform 8   4,000  0.008000  1.00x  4.000  1.00x  1.024  0.005000           0.20   89.50        -0.50  -1.04 to +0.04\n"
    "found       2,500  0.005000  0.62x  2.500  0.62x  1.024  0.005000  0.250    0.50   89.20        -0.80  -1.53 to -0.07\n"
    "x: against uniform 8. drop: of agreement, on 1,000 images of train. Test: 2,000 images of test, float 90.00 %.\n"
    "found against uniform 8: -0.30 points (95 %: -0.61 to +0.01), 8 lost and 2 gained; McNemar's exact p 0.11\n"
    "\n"
    "layer  type    a/w  cycles  uniform 8             uJ           bound       why\n"
    "a      conv2d  8/8   1,000      1,000        0  1.00        0  compute     w, a: first or last layer\n"
    "b      conv2d  8/4     250      1,000  -75.0 %  0.25  -75.0 %  compute     w: 2 would save 1.2 % for 0.0312 harm; 8 would "
    "cost 2.3 % and save 0.120 harm\n"
    "                                                                           a: 4 would save nothing and add 0.500 "
    "harm (with "
    "c:a)\n"
    "c      conv2d  8/4     750      1,000  -25.0 %  0.75  -25.0 %  stall_dram  w: --fix\n"
    "                                                                           a: as b\n"
    "d      conv2d  8/8     500      1,000  -50.0 %  0.50  -50.0 %  stall_dram  w, a: first or last layer\n"
    "DRAM-bound: 2 of 4 layers, 50.0 % of the cycles (uniform 8: 0, 0.0 %)\n"
    "why: another width of this decision alone; % of the plan's latency, harm in nats\n";

static void whole_text(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    assert_string_equal(text_of(&b), whole);
    bed_finish(&b);
}

static void words(struct search_bed *b, size_t objective, enum mp_drop drop, double most, const char *head) {
    b->job.objective = objective;
    b->job.drop = drop;
    b->job.max_drop = most;
    has(text_of(b), head);
}

static void objectives(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    words(&b, MP_HARM, MP_DROP_AGREEMENT, INFINITY, "net on tiny: least harm\n");
    words(&b, MP_DROP_QUANTITY, MP_DROP_ACCURACY, INFINITY, "net on tiny: least drop of accuracy\n");
    words(&b, MP_EDP_QUANTITY, MP_DROP_LOSS, 0.05, "net on tiny: least product of latency and energy, rise of loss at "
          "most 0.05\n");
    has(b.out.text, " rise  test %");
    has(b.out.text, " 0.0500   89.20"); // 0.25 less float's 0.2
    words(&b, MP_COST_AT(MP_COST_BOPS), MP_DROP_ACCURACY, 0.00001, "least BOPs, drop of accuracy at most 0.0010 points\n");
    has(b.out.text, "% of the plan's BOPs");
    for (size_t q = 0; q < MP_QUANTITIES - 1; q++)
        b.job.bound[q] = 5000;
    words(&b, MP_COST_AT(MP_COST_ENERGY), MP_DROP_AGREEMENT, INFINITY,
          "least energy, latency at most 10.00 us, energy at most 5.000 nJ, size at most 625.0 B, BOPs at most 5.000 kBOPs, "
          "DRAM traffic at most 625.0 B, harm at most 5,000\n");
    bed_finish(&b);
}

// A layer whose weights have two widths, and one whose weights and input are one decision.
static void slices_and_ties(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    struct mp_layer_bits *l = &b.plans[1].layers[1];
    l->slices = (struct mp_slice[]){{8, 4}, {8, 2}};
    l->slice_count = 2;
    has(text_of(&b), "\nb      conv2d  8/2+4 ");
    b.out.len = 0;
    mp_search_json(&b.r, &b.out);
    has(b.out.text, "\"w_bits\": [{\"channels\": 8, \"bits\": 4}, {\"channels\": 8, \"bits\": 2}]");
    size_t tied[BED_LAYERS];
    memcpy(tied, b.s.weight_decision, sizeof tied);
    tied[1] = bed_decision(&b, "b:a");
    b.s.weight_decision = tied;
    has(text_of(&b), " compute     w, a: 4 would save nothing and add 0.500 harm (with c:a)\nc ");
    bed_finish(&b);
}

static void endings(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    b.found.interrupted = true;
    has(text_of(&b), "\ninterrupted: what is shown is the best so far\n");
    b.found.interrupted = false, b.found.out_of_budget = true;
    has(text_of(&b), "\nno evaluation is left (--max-evals): what is shown is the best so far\n");
    b.costs.warning = "the cache could not be written";
    has(text_of(&b), "\nwarning: the cache could not be written\n");
    bed_finish(&b);
}

static void nothing_found(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    b.found = (struct mp_search_result){.why = "the least latency is 2,400 cycles"};
    b.r.plan = NULL, b.r.reasons = NULL, b.r.row_count = 1;
    has(text_of(&b), "\nnothing was found: the least latency is 2,400 cycles\n");
    has(b.out.text, "\nuniform 8 ");
    has_not(b.out.text, "front");
    has_not(b.out.text, "why:");
    b.found.why = NULL;
    has(text_of(&b), "\nnothing was found: no plan keeps the bounds\n");
    b.found.interrupted = true;
    has(text_of(&b), "\ninterrupted: nothing was found so far\n");
    b.out.len = 0;
    mp_search_json(&b.r, &b.out);
    has(b.out.text, "\n  \"found\": false,\n");
    has_not(b.out.text, "\"best\"");
    has_not(b.out.text, "\"layers\": [");
    b.out.len = 0;
    mp_search_front_csv(&b.r, &b.out);
    assert_null(strchr(strchr(b.out.text, '\n') + 1, '\n')); // the head alone
    bed_finish(&b);
}

static void without_measuring(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    b.r.oracle = NULL, b.r.trained_on = b.r.test_name = NULL, b.r.metric_images = 0;
    b.found.measured_count = 0;
    b.rows[0].tested = b.rows[1].tested = b.rows[0].point.measured = b.rows[1].point.measured = false;
    b.harm.unit = "1";
    has(text_of(&b), "\n  metric     fit; 0.5 s\n");
    has(b.out.text, " GBOPs   harm\n");
    has(b.out.text, "\nx: against uniform 8.\n\nlayer ");
    has_not(b.out.text, "measured");
    has_not(b.out.text, "McNemar");
    bed_finish(&b);
}

// Files

static void front_files(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    mp_search_front_csv(&b.r, &b.out);
    assert_string_equal(b.out.text, "latency_cycles,latency_ms,energy_pj,size_bytes,bops,dram_bits,harm,agree,right,"
                                    "images,loss,found,"
                                    "a:a,a:w,b:a,b:w,c:a,c:w,d:a,d:w\n"
                                    "2500,0.005,2500000,1024,5000000,16000,0.25,995,940,1000,0.25,true,8,8,8,4,8,4,8,8\n"
                                    "2557.5,0.005115,2557500,1024,5000000,16000,0.125,,,,,false,8,8,8,8,8,4,8,8\n");
    b.out.len = 0;
    mp_search_front_json(&b.r, &b.out);
    assert_string_equal(
        b.out.text,
        "{\n  \"schema\": \"mpsim.front/1\",\n  \"network\": \"net\",\n  \"arch\": \"tiny\",\n  \"cost\": \"latency\",\n"
        "  \"count\": 2,\n  \"exact\": true,\n"
        "  \"units\": [\"a:a\", \"a:w\", \"b:a\", \"b:w\", \"c:a\", \"c:w\", \"d:a\", \"d:w\"],\n  \"points\": [\n"
        "    {\"latency_cycles\": 2500, \"latency_ms\": 0.005, \"energy_pj\": 2500000, \"size_bytes\": 1024, \"bops\": "
        "5000000, "
        "\"dram_bits\": 16000, \"harm\": 0.25, \"measured\": {\"images\": 1000, \"right\": 940, \"agree\": 995, \"loss\": "
        "0.25}, "
        "\"found\": true, \"bits\": [8, 8, 8, 4, 8, 4, 8, 8]},\n"
        "    {\"latency_cycles\": 2557.5, \"latency_ms\": 0.005115, \"energy_pj\": 2557500, \"size_bytes\": 1024, "
        "\"bops\": 5000000, "
        "\"dram_bits\": 16000, \"harm\": 0.125, \"found\": false, \"bits\": [8, 8, 8, 8, 8, 4, 8, 8]}\n  ]\n}\n");
    bed_finish(&b);
}

static void keys(const struct mp_node *n, const char *const *known, size_t count) {
    struct mp_err err;
    assert_ok(mp_node_keys(n, known, count, &err), err);
    assert_int_equal(mp_node_count(n), count); // all of them
}

#define KEYS(n, ...) keys(n, (const char *const[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static struct mp_node child(const struct mp_node *n, const char *key) {
    struct mp_node c;
    if (!mp_node_get(n, key, &c))
        fail_msg("no %s", key);
    return c;
}

static void json_keys(void **state) {
    (void)state;
    struct search_bed b;
    struct mp_json *doc;
    bed_begin(&b);
    mp_search_json(&b.r, &b.out);
    assert_ok(mp_json_parse(&doc, "s.json", b.out.text, b.out.len, &b.err), b.err);
    const struct mp_node root = mp_json_root(doc), plans = child(&root, "plans"), front = child(&root, "front"),
                         decisions = child(&root, "decisions");
    KEYS(&root, "schema", "network", "arch", "objective", "at_most", "drop_of", "space", "metric", "solver", "costs",
         "trained_on",
         "measuring", "float", "found", "proven", "interrupted", "out_of_budget", "unconstrained", "best", "test_data", "plans", "layers",
         "decisions", "measured", "front");
    KEYS(&front, "cost", "count", "exact", "least_cost", "least_harm");
    assert_int_equal(mp_node_count(&decisions), 7);
    struct mp_node plan;
    assert_true(mp_node_first(&plans, &plan) && mp_node_next(&plan));
    KEYS(&plan, "name", "latency_cycles", "latency_ms", "energy_pj", "size_bytes", "bops", "dram_bits", "harm",
         "measured", "drop",
         "test");
    const struct mp_node test = child(&plan, "test");
    KEYS(&test, "images", "interrupted", "agree", "float_accuracy", "accuracy", "difference", "lost", "gained",
         "difference_to_uniform_8", "lost_to_uniform_8", "gained_on_uniform_8", "mcnemar_p");
    has(b.out.text, "\"mcnemar_p\": 0.109375\n");
    has(b.out.text, "\"at_most\": {\"drop\": 0.01}");
    has(b.out.text, "\"down\": {\"bits\": [4, 4], \"latency_cycles\": 0, \"harm\": 0.5}");
    has(b.out.text, "\"up\": {\"bits\": [8], \"latency_cycles\": 57.5, \"harm\": -0.12}");
    mp_json_destroy(doc);
    bed_finish(&b);
}

// Sensitivities

static void sensitivity_text(void **state) {
    (void)state;
    struct sensitivity_bed s;
    bed_sense(&s);
    mp_sensitivity_text(&s.r, &plain, &s.b.out);
    assert_string_equal(s.b.out.text, "net: harm by fit, in nats, 8 units, 64 images of train, 8 probes, seed 3; 1.5 s\n"
                                      "\n"
                                      "weights  elements  trace   8 bits  2 bits  rank\n"
                                      "a:w           256   20.0  0.00781   0.500     4\n"
                                      "b:w           256   40.0   0.0156    1.00     3\n"
                                      "c:w           256   60.0   0.0234    1.50     2\n"
                                      "d:w           256   80.0   0.0312    2.00     1\n"
                                      "\n"
                                      "activations  elements  trace  4 bits  rank\n"
                                      "a:a             1,024   10.0  0.0625     4\n"
                                      "b:a             1,024   30.0   0.188     3\n"
                                      "c:a             1,024   50.0   0.312     2\n"
                                      "d:a             1,024   70.0   0.438     1\n"
                                      "rank: 1 loses most from the widest width to the narrowest\n");
    bed_finish(&s.b);
}

static void sensitivity_files(void **state) {
    (void)state;
    struct sensitivity_bed s;
    bed_sense(&s);
    mp_sensitivity_csv(&s.r, &s.b.out);
    assert_string_equal(s.b.out.text, "unit,bits,harm\na:a,4,0.0625\na:w,8,0.0078125\na:w,2,0.5\nb:a,4,0.1875\nb:w,8,0.015625\n"
                                      "b:w,2,1\nc:a,4,0.3125\nc:w,8,0.0234375\nc:w,2,1.5\nd:a,4,0.4375\nd:w,8,"
                                      "0.03125\nd:w,2,2\n");
    s.b.out.len = 0;
    s.b.s.unit_count = 2;
    mp_sensitivity_json(&s.r, &s.b.out);
    assert_string_equal(
        s.b.out.text,
        "{\n  \"schema\": \"mpsim.sensitivity/1\",\n  \"network\": \"net\",\n  \"metric\": \"fit\",\n  \"harm_unit\": "
        "\"nats\",\n"
        "  \"score_name\": \"trace\",\n  \"trained_on\": \"train\",\n  \"images\": 64,\n  \"probes\": 8,\n  \"seed\": 3,\n"
        "  \"seconds\": 1.5,\n  \"units\": [\n"
        "    {\"name\": \"a:a\", \"kind\": \"activation\", \"elements\": 1024, \"score\": 10, \"harm\": {\"4\": 0.0625}, "
        "\"rank\": 1},\n"
        "    {\"name\": \"a:w\", \"kind\": \"weight\", \"elements\": 256, \"score\": 20, \"harm\": {\"8\": 0.0078125, "
        "\"2\": 0.5}, "
        "\"rank\": 1}\n  ]\n}\n");
    bed_finish(&s.b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_text),
        cmocka_unit_test(objectives),
        cmocka_unit_test(slices_and_ties),
        cmocka_unit_test(endings),
        cmocka_unit_test(nothing_found),
        cmocka_unit_test(without_measuring),
        cmocka_unit_test(front_files),
        cmocka_unit_test(json_keys),
        cmocka_unit_test(sensitivity_text),
        cmocka_unit_test(sensitivity_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
