// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/metric_bed.h"
#include "tests/unit/spec_fixture.h"

void metric_space(struct metric_bed *b, uint32_t w_set, uint32_t a_set, uint64_t slices) {
    const struct mp_space_options o = {
        .w_set = w_set, .a_set = a_set, .slices = slices, .open_ends = true, .output_bits = 8, .batch = 1};
    struct mp_err err;
    b->job.w_set = w_set;
    b->job.a_set = a_set;
    assert_ok(mp_space_make(&b->space, &b->z.net.workload, "p", "w.json", &o, &b->z.arena, &err), err);
}

// On a network that is there: calibrates.
void metric_bed(struct metric_bed *b, uint32_t w_set, uint32_t a_set, uint64_t slices) {
    quantised_make(&b->z, "'default': {'w_bits': 8, 'a_bits': 8}");
    b->job = (struct mp_metric_job){.net = &b->z.net,
                                    .calibration = &b->z.calibration,
                                    .how = &b->z.how,
                                    .data = &b->z.data,
                                    .images = b->z.data.count,
                                    .seed = 1,
                                    .probes = 2,
                                    .threads = 1};
    metric_space(b, w_set, a_set, slices);
}

void metric_glyphs(struct metric_bed *b, uint64_t images, uint32_t set) {
    quantised_glyphs(&b->z, images);
    metric_bed(b, set, set, 1);
}

void metric_measure(struct metric_bed *b, unsigned threads) {
    struct mp_err err;
    const struct mp_measure_job how = {.net = &b->z.net,
                                       .calibration = &b->z.calibration,
                                       .how = &b->z.how,
                                       .data = &b->z.data,
                                       .accumulator = {.bits = 32},
                                       .threads = threads,
                                       .store_bytes = 1 << 24};
    b->job.measure = mp_measure_create(&how, &err);
    if (!b->job.measure)
        fail_msg("%s", err.text);
}

void metric_run(struct metric_bed *b, const struct mp_search_metric *m, struct mp_harm *h) {
    struct mp_err err;
    assert_ok(mp_metric_run(m, &b->job, &b->space, &b->z.arena, h, &err), err);
}
