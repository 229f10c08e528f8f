// SPDX-License-Identifier: Apache-2.0
// libFuzzer target. A text that begins as a kept table of costs gets, as its rows, a good head: it is either a bad file or one
// whose rows are numbers, and a good file when it is written again. Any other text is measured costs: it gets a message, or
// each row that it has is numbers. Run it from the source folder: it loads an architecture and its technology.
#include "sim/search/costs_table.h"

#include "sim/base/file.h"
#include "sim/base/hash.h"
#include "tests/fuzz/fuzz_space.h"

#include <inttypes.h>
#include <math.h>

#define ROWS "rows\n" // what kept tables begin with

// Measured

static void check_measured(struct mp_arena *a, const struct mp_workload *w, const uint8_t *data, size_t size) {
    struct mp_measured_costs m;
    struct mp_err err = {""};
    char path[64];
    int fd = fuzz_file(data, size, path);
    bool ok = mp_measured_costs_read(&m, path, w, 500, a, &err);
    check(ok || err.text[0] != '\0');
    for (size_t l = 0; ok && l < w->layer_count; l++)
        for (unsigned i = 0; m.of[l] && i < 81; i++) {
            const double cycles = m.of[l]->cycles[i / 9][i % 9], energy_pj = m.of[l]->energy_pj[i / 9][i % 9];
            check(isfinite(cycles) && cycles >= 0 && isfinite(energy_pj) && energy_pj >= 0);
        }
    close(fd);
}

// Kept

struct bed {
    struct mp_arena arena;
    struct mp_arch arch;
    struct mp_tech *tech;
};

static struct bed *the_bed(void) {
    static struct bed bed;
    struct mp_err err;
    if (bed.tech)
        return &bed;
    check(mp_arch_load(&bed.arch, &bed.arena, "configs/arch/bitserial_4x4.json", &err) &&
          mp_tech_load(&bed.tech, &bed.arena, "configs/tech", bed.arch.tech, &err));
    return &bed;
}

// A row of the first layer's.
static void make_table(struct mp_cost_table *t, struct mp_arena *a, const struct mp_arch *arch, const struct mp_workload *w,
                       const struct mp_plan *plan) {
    static const struct mp_residency nowhere;
    struct mp_task task;
    *t = (struct mp_cost_table){.arena = a};
    mp_task_init(&task, arch, w, plan, 0, 4, 8, &nowhere);
    mp_cost_table_row(t, &task)->cost = (struct mp_run_cost){100, 200, 300.5};
}

static void write_kept(const struct mp_cost_cache *c, const uint8_t *rows, size_t size) {
    struct mp_buf body = {0}, text = {0};
    struct mp_err err;
    mp_buf_add(&body, c->context);
    mp_buf_addn(&body, (const char *)rows, size);
    mp_buf_addf(&text, "mpsim costs 1 %016" PRIx64 "\n", mp_hash(1, body.text, body.len));
    mp_buf_addn(&text, body.text, body.len);
    check(mp_file_write(c->path, text.text, text.len, &err));
    mp_buf_finish(&body);
    mp_buf_finish(&text);
}

static void check_kept(struct mp_arena *a, const struct mp_workload *w, const struct mp_plan *plan, const uint8_t *rows,
                       size_t size) {
    char folder[] = "/tmp/mpsim_fuzz_costs_XXXXXX";
    struct bed *bed = the_bed();
    const struct mp_cost_job job = {.arch = &bed->arch, .tech = bed->tech, .cache = folder, .version = "1"};
    struct mp_cost_cache c;
    struct mp_cost_table t;
    check(mkdtemp(folder));
    make_table(&t, a, &bed->arch, w, plan);
    mp_cost_cache_begin(&c, &job, &t, a);
    write_kept(&c, rows, size);
    make_table(&t, a, &bed->arch, w, plan);
    mp_cost_cache_begin(&c, &job, &t, a);
    const struct mp_cost_row *r = t.rows[0];
    check(!(c.bad && r->known) && isfinite(r->cost.energy_pj) && r->cost.energy_pj >= 0);
    const bool kept = r->known;
    const struct mp_run_cost cost = r->cost;
    mp_cost_cache_end(&c, &t, a);
    make_table(&t, a, &bed->arch, w, plan);
    mp_cost_cache_begin(&c, &job, &t, a);
    check(!c.bad && t.rows[0]->known && memcmp(&t.rows[0]->cost, &cost, sizeof cost) == 0);
    check(kept || cost.cycles == 100);
    check(unlink(c.path) == 0 && rmdir(folder) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_space s;
    struct mp_plan plan;
    struct mp_err err;
    uint8_t option[64] = {0};
    fuzz_space(&a, &w, 1, &s);
    check(s.decision_count <= sizeof option && mp_space_plan(&s, option, "p", &a, &plan, &err));
    if (size >= sizeof ROWS - 1 && memcmp(data, ROWS, sizeof ROWS - 1) == 0)
        check_kept(&a, &w, &plan, data + sizeof ROWS - 1, size - (sizeof ROWS - 1));
    else
        check_measured(&a, &w, data, size);
    mp_arena_finish(&a);
    return 0;
}
