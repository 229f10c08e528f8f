// SPDX-License-Identifier: Apache-2.0
// Speed of the DRAM controllers on one core: cycles simulated a CPU second on each stream. DRAMsim3 does 1 to 1.5 million.
// Fails below LEAST, which is far below what any machine should do.
#include "sim/mem/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEAST 5e6
#define GOAL 20e6
#define SECONDS 0.1 // at least, of each measurement

static const char *const mappings[] = {"rochrababgco", "rorachcobabg"};

static double cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct mp_controller_spec make_spec(const struct mp_dram_preset *p, const char *mapping) {
    struct mp_controller_spec s = {.preset = p, .channels = 1, .refresh = true};
    struct mp_err err;
    if (!mp_dram_map_make(&s.map, p, 1, mapping, &err)) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    return s;
}

// Cycles a second.
static double rate(const struct mp_controller_spec *spec, const struct mp_stream_kind *k, bool single) {
    double start = cpu_now(), seconds;
    uint64_t cycles = 0;
    do {
        struct mp_controllers *m = mp_controllers_create(spec);
        struct mp_stream s;
        mp_stream_init(&s, k, spec->preset->access_bytes);
        const struct mp_transfer_source source = mp_stream_source(&s);
        cycles += mp_controllers_pull(m, 0, &source, single);
        mp_controllers_destroy(m);
    } while ((seconds = cpu_now() - start) < SECONDS);
    return (double)cycles / seconds;
}

int main(void) {
    double least = 1e300;
    printf("DRAM controller, one core, M cycles a CPU second\n%-12s %-14s %-10s", "memory", "mapping", "");
    for (const struct mp_stream_kind *k = mp_stream_kinds; k->name; k++)
        printf(" %14s", k->name);
    printf("\n");
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
        for (int i = 0; i < 4; i++) {
            const struct mp_controller_spec spec = make_spec(p, mappings[i / 2]);
            printf("%-12s %-14s %-10s", p->name, mappings[i / 2], i % 2 ? "latency" : "throughput");
            for (const struct mp_stream_kind *k = mp_stream_kinds; k->name; k++) {
                double r = rate(&spec, k, i % 2);
                least = r < least ? r : least;
                printf(" %14.1f", r * 1e-6);
            }
            printf("\n");
        }
    printf("least %.1f M cycles/s; goal %.0f, fails below %.0f\n", least * 1e-6, GOAL * 1e-6, LEAST * 1e-6);
    return least < LEAST;
}
