// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text either gets a message, or is a space whose designs can be numbered and made. Names of files are all
// refused but one accelerator's and one network's, which need no file.
#include "sim/explore/designer.h"
#include "tests/fuzz/fuzz.h"

static bool read_text(const char *text, struct mp_arena *a, const struct mp_json **doc, struct mp_node *root, struct mp_err *err) {
    struct mp_json *parsed;
    (void)a;
    if (!mp_json_parse(&parsed, "seed", text, strlen(text), err))
        return false;
    *doc = parsed;
    *root = mp_json_root(parsed);
    return true;
}

static bool load_arch(const char *from, const char *name, struct mp_arena *a, struct mp_arch *out, struct mp_err *err) {
    static const char text[] =
        "{\"name\": \"a\", \"tech\": \"bitfusion45\", \"clock_mhz\": 500, \"array\": {\"rows\": 2, \"cols\": 2, \"dataflow\": \"os\","
        "\"interconnect\": \"broadcast\", \"pe\": {\"kind\": \"serial_w\", \"lanes\": 2}, \"accumulator\": {\"bits\": 32}},"
        "\"buffers\": {\"input\": {\"size_bytes\": 1024, \"width_bits\": 64}, \"weight\": {\"size_bytes\": 1024, \"width_bits\": 64},"
        "\"output\": {\"size_bytes\": 1024, \"width_bits\": 64}}, \"dram\": {\"kind\": \"ideal\"}, \"vector_unit\": {\"lanes\": 4}}";
    const struct mp_json *doc;
    struct mp_node root;
    (void)from;
    if (strcmp(name, "a") != 0)
        return mp_fail(err, "no accelerator \"%s\"", name);
    if (!read_text(text, a, &doc, &root, err))
        return false;
    bool ok = mp_arch_read(out, a, &root, err);
    mp_json_destroy((struct mp_json *)doc);
    return ok;
}

static bool load_tech(struct mp_arch *arch, struct mp_arena *a, struct mp_tech **out, struct mp_err *err) {
    if (strcmp(arch->tech, "bitfusion45") != 0)
        return mp_fail(err, "no technology \"%s\"", arch->tech);
    return mp_tech_load(out, a, "configs/tech", "bitfusion45", err);
}

static bool load_uniform(const char *from, const char *workload, uint64_t w_bits, uint64_t a_bits, uint64_t batch,
                         struct mp_arena *a, struct mp_plan *plan, struct mp_workload *w, struct mp_err *err) {
    static const char text[] = "{\"name\": \"n\", \"inputs\": [{\"name\": \"x\", \"shape\": [4, 4, 4]}], \"layers\": ["
                               "{\"name\": \"c\", \"type\": \"conv2d\", \"inputs\": [\"x\"], \"out_channels\": 4, \"kernel\": [1, 1]}]}";
    const struct mp_json *doc;
    struct mp_node root;
    (void)from;
    if (strcmp(workload, "n") != 0)
        return mp_fail(err, "no network \"%s\"", workload);
    if (!read_text(text, a, &doc, &root, err))
        return false;
    bool ok = mp_workload_read(w, a, &root, err);
    mp_json_destroy((struct mp_json *)doc);
    *plan = (struct mp_plan){.name = "p", .workload = "n", .batch = batch ? batch : 1, .default_w_bits = (unsigned)w_bits,
                             .default_a_bits = (unsigned)a_bits, .output_bits = 8};
    return ok && mp_plan_resolve(plan, a, w, err);
}

static bool load_plan(const char *from, const char *name, uint64_t batch, struct mp_arena *a, struct mp_plan *plan,
                      struct mp_workload *w, struct mp_err *err) {
    return load_uniform(from, name, 8, 8, batch, a, plan, w, err);
}

static void make_designs(const struct mp_sweep *s, struct mp_arena *a) {
    struct mp_designer *d;
    struct mp_err err = {""};
    if (!mp_designer_create(&d, s, &err)) {
        check(err.text[0] != '\0');
        return;
    }
    for (uint64_t i = 0; i < 8; i++) {
        struct mp_choice c;
        struct mp_design x;
        const uint64_t index = s->points / 8 * i + i % s->points;
        mp_sweep_choice(s, index < s->points ? index : s->points - 1, &c);
        check(mp_sweep_index(s, &c) < s->points);
        mp_designer_make(d, &c, a, &x);
        check(x.status == MP_POINT_EVALUATED || (x.reason && x.reason[0]));
    }
    mp_designer_destroy(d);
}

static bool read_one(const struct mp_node *root, struct mp_arena *a, struct mp_jsonw *w, struct mp_err *err) {
    static const struct mp_sweep_loader loader = {load_arch, load_tech, load_plan, load_uniform, "fuzz"};
    struct mp_sweep *s = mp_arena_alloc(a, 1, sizeof *s);
    (void)w;
    if (!mp_sweep_read(s, a, root, &loader, err))
        return false;
    make_designs(s, a);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_document(read_one, false, data, size);
}
