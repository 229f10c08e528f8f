// SPDX-License-Identifier: Apache-2.0
// Timeline and trace of memory: what they say of random tasks adds up to what the engine counted, and by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/json.h"
#include "tests/unit/random_task.h"
#include "traces/mem_trace.h"
#include "traces/tile_name.h"
#include "traces/timeline.h"

#include <string.h>

#define CASES 300
#define FIRST 1000 // cycle at which the run begins

static void collect(void *user, const char *text, size_t len) {
    mp_buf_addn(user, text, len);
}

static void on_event(void *user, const struct mp_trace_event *e) {
    mp_timeline_event(user, e);
}

static void on_stage(void *user, const struct mp_trace_stage *s) {
    uint64_t sum = 0;
    for (int i = 0; i < MP_CAUSES; i++)
        sum += s->cycles_by[i];
    assert_int_equal(sum, s->cycles);
    mp_timeline_stage(user, s);
}

static uint64_t number(const struct mp_node *object, const char *key) {
    struct mp_node n;
    struct mp_err err;
    uint64_t value = 0;
    if (!mp_node_need(object, key, &n, &err) || !mp_node_uint(&n, 0, (uint64_t)1 << 53, &value, &err))
        fail_msg("%s", err.text);
    return value;
}

static const char *string(const struct mp_node *object, const char *key) {
    struct mp_node n;
    struct mp_err err;
    const char *text = "";
    if (!mp_node_need(object, key, &n, &err) || !mp_node_string(&n, &text, &err))
        fail_msg("%s", err.text);
    return text;
}

// What the tracks add up to.
struct sums {
    uint64_t cycles[MP_CAUSES], bits, layer;
    uint64_t end[MP_TRACKS]; // of the last slice
};

static void add_event(struct sums *s, const struct mp_node *e) {
    const char *phase = string(e, "ph");
    struct mp_node args, bits;
    if (*phase != 'X' && *phase != 'i')
        return;
    const uint64_t track = number(e, "tid") - 11;
    assert_true(mp_node_get(e, "args", &args) && track < MP_TRACKS);
    const uint64_t start = number(&args, "cycle"), cycles = number(&args, "cycles");
    assert_true(start >= FIRST && start >= s->end[track]);
    s->end[track] = start + cycles;
    if (track == MP_TRACK_LAYERS)
        s->layer += cycles;
    for (size_t i = 0; track == MP_TRACK_CAUSES && i < MP_CAUSES; i++)
        if (strcmp(string(e, "name"), mp_cause_names[i]) == 0)
            s->cycles[i] += cycles;
    if (mp_node_get(&args, "bits", &bits))
        s->bits += number(&args, "bits");
}

static void add_document(struct sums *s, const struct mp_buf *text) {
    struct mp_json *doc;
    struct mp_err err;
    struct mp_node list, e;
    if (!mp_json_parse(&doc, "t.json", text->text, text->len, &err))
        fail_msg("%s", err.text);
    const struct mp_node root = mp_json_root(doc);
    assert_true(mp_node_get(&root, "traceEvents", &list));
    for (bool more = mp_node_first(&list, &e); more; more = mp_node_next(&e))
        add_event(s, &e);
    mp_json_destroy(doc);
}

static void check_task(const struct mp_task *t, const struct mp_mapping *m) {
    static const struct mp_layer layer = {.name = "a \"layer\"", .type = MP_CONV2D};
    const struct mp_timeline_head head = {"arch", "plan", 123.4};
    struct mp_buf text = {0};
    struct mp_timeline timeline = {.flush = collect, .user = &text};
    const struct mp_sink sink = {.event = on_event, .stage = on_stage, .user = &timeline};
    struct mp_counts c;
    struct sums s = {.bits = 0};
    mp_timeline_begin(&timeline, &head);
    mp_timeline_run(&timeline, &layer, 0, FIRST);
    mp_event(t, m, &sink, NULL, &c);
    mp_timeline_finish(&timeline);
    add_document(&s, &text);
    for (size_t i = 0; i < MP_CAUSES; i++)
        if (s.cycles[i] != c.cycles[i])
            fail_msg("%s: %ju of %ju cycles", mp_cause_names[i], (uintmax_t)s.cycles[i], (uintmax_t)c.cycles[i]);
    const uint64_t all = mp_counts_cycles(&c);
    assert_int_equal(s.layer, all);
    assert_int_equal(s.bits, c.events[MP_EV_DRAM_READ] + c.events[MP_EV_DRAM_WRITE]);
    for (size_t i = 0; i < MP_TRACKS; i++)
        assert_true(s.end[i] <= FIRST + all);
    mp_buf_finish(&text);
}

static void random_tasks(void **state) {
    (void)state;
    struct rng r = {.state = 5};
    for (size_t i = 0; i < CASES; i++) {
        struct mp_task t;
        struct mp_mapping m;
        random_task(&r, 5, &t);
        random_mapping(&r, &t, &m);
        if (i % 4 == 0)
            t.dram.ops = &mp_mem_ideal;
        check_task(&t, &m);
    }
}

static void two_layers(void **state) {
    (void)state;
    static const struct mp_layer layers[] = {{.name = "one", .type = MP_CONV2D}, {.name = "two", .type = MP_POOL}};
    const struct mp_timeline_head head = {"arch", "plan", 1000};
    const struct mp_trace_event load = {.what = "load input", .cycles = 8, .bits = 512, .address = 64};
    const struct mp_trace_stage fill = {.cycles = 8, .loads = true, .on_array = true, .dram = 8,
                                        .cycles_by = {[MP_STALL_DRAM] = 8}};
    struct mp_buf out = {0};
    struct mp_timeline t = {.flush = collect, .user = &out};
    mp_timeline_begin(&t, &head);
    for (size_t run = 0; run < 2; run++) {
        mp_timeline_run(&t, &layers[0], run, 8 * run);
        mp_timeline_event(&t, &load);
        mp_timeline_stage(&t, &fill);
    }
    mp_timeline_run(&t, &layers[1], 0, 16);
    mp_timeline_event(&t, &load);
    mp_timeline_stage(&t, &fill);
    mp_timeline_finish(&t);
    static const char *const lines[] = {
        "{\"ph\": \"M\", \"pid\": 1, \"name\": \"process_name\", \"args\": {\"name\": \"plan on arch\"}}",
        "{\"ph\": \"C\", \"pid\": 3, \"ts\": 0.008, \"name\": \"DRAM bandwidth\", \"args\": {\"GB/s\": 8}}",
        ("{\"ph\": \"X\", \"pid\": 3, \"tid\": 15, \"ts\": 0.008, \"dur\": 0.008, \"name\": \"one run 1 tile 0\", \"args\": "
        "{\"cycle\": 8, \"cycles\": 8, \"tile\": \"first\", \"what\": \"load input\", \"issued\": 8, \"bits\": 512, \"address\": \"0x40\"}}"),
        ("{\"ph\": \"X\", \"pid\": 1, \"tid\": 11, \"ts\": 0, \"dur\": 0.016, \"name\": \"one\", "
        "\"args\": {\"cycle\": 0, \"cycles\": 16, \"type\": \"conv2d\"}}"),
        "\"name\": \"two tile 0\", \"args\": {\"cycle\": 16, ",
        "{\"ph\": \"C\", \"pid\": 3, \"ts\": 0.024, \"name\": \"DRAM bandwidth\", \"args\": {\"GB/s\": 0}}",
        "\"name\": \"two\", \"args\": {\"cycle\": 16, \"cycles\": 8, \"type\": \"pool\"}}\n  ]\n}\n",
    };
    const char *at = out.text;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        at = strstr(at, lines[i]);
        if (!at)
            fail_msg("not there, or not in this order: %s\n%s", lines[i], out.text);
    }
    mp_buf_finish(&out);
}

// A memory may be done with loads before a drain that was asked for first.
static void out_of_order(void **state) {
    (void)state;
    static const struct mp_layer layer = {.name = "one", .type = MP_CONV2D};
    const struct mp_timeline_head head = {"arch", "plan", 1000};
    const struct mp_trace_event events[] = {
        {.what = "drain output", .cycles = 20, .bits = 512, .write = true}, {.what = "load input", .cycles = 12, .bits = 1024},
        {.what = "load weight", .cycles = 20, .bits = 1024}};
    const struct mp_trace_stage stage = {.number = 2, .cycles = 20, .on_array = true, .dram = 20,
                                         .cycles_by = {[MP_STALL_DRAM] = 20}};
    struct mp_buf out = {0};
    struct mp_timeline t = {.flush = collect, .user = &out};
    mp_timeline_begin(&t, &head);
    mp_timeline_run(&t, &layer, 0, 0);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        mp_timeline_event(&t, &events[i]);
    mp_timeline_stage(&t, &stage);
    mp_timeline_finish(&t);
    assert_non_null(strstr(out.text, "\"tid\": 15, \"ts\": 0, \"dur\": 0.012, \"name\": \"one tile 2\""));
    assert_non_null(strstr(out.text, "\"tid\": 18, \"ts\": 0.012, \"dur\": 0.008, \"name\": \"one tile 0\""));
    // Ends with the drain.
    assert_non_null(strstr(out.text, "\"ph\": \"i\", \"pid\": 3, \"tid\": 16, \"ts\": 0.02, \"s\": \"t\""));
    assert_non_null(strstr(out.text, "\"args\": {\"GB/s\": 16}"));
    mp_buf_finish(&out);
}

static void tile_names(void **state) {
    (void)state;
    struct mp_buf out = {0};
    mp_tile_name((const uint64_t[MP_DIMS]){0}, &out);
    assert_string_equal(out.text, "first");
    out.len = 0;
    mp_tile_name((const uint64_t[MP_DIMS]){[MP_G] = 12, [MP_OW] = 3, [MP_IC] = 1}, &out);
    assert_string_equal(out.text, "group12 ow3 ic1");
    mp_buf_finish(&out);
}

static void write_mem(struct mp_buf *out, bool csv) {
    struct mp_mem_trace t = {.flush = collect, .user = out, .csv = csv};
    const struct mp_trace_event events[] = {
        {.what = "load weight", .tile = {[MP_OC] = 2}, .start = 5, .cycles = 7, .bits = 513, .address = 0xffc0},
        {.what = "compute", .tile = {[MP_OC] = 1}, .start = 6, .cycles = 9},
        {.what = "drain partial", .start = 7, .bits = 512, .address = 0x20000, .write = true},
    };
    out->len = 0;
    mp_mem_trace_begin(&t);
    mp_mem_trace_run(&t, "a,b", 100);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        mp_mem_trace_event(&t, &events[i]);
    mp_mem_trace_finish(&t);
}

static void mem_traces(void **state) {
    (void)state;
    struct mp_buf out = {0};
    write_mem(&out, false);
    assert_string_equal(out.text, "0xffc0 READ 105\n0x10000 READ 105\n0x20000 WRITE 107\n");
    write_mem(&out, true);
    assert_string_equal(out.text, "cycle,op,address,bytes,layer,operand,tile\n"
                                  "105,READ,0xffc0,128,\"a,b\",weight,oc2\n"
                                  "107,WRITE,0x20000,64,\"a,b\",partial,first\n");
    mp_buf_finish(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tasks),
        cmocka_unit_test(two_layers),
        cmocka_unit_test(out_of_order),
        cmocka_unit_test(tile_names),
        cmocka_unit_test(mem_traces),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
