// SPDX-License-Identifier: Apache-2.0
// A program that uses the installed library: what one network costs on one accelerator.
#include <sim/mpsim.h>

#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv) {
    struct mp_arena a = {0};
    struct mp_err err;
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan plan;
    struct mp_tech *tech;
    struct mp_options options = {0};
    struct mp_result r;
    if (argc != 4)
        return fprintf(stderr, "usage: example arch.json plan.json TECH-FOLDER\n"), 2;
    if (!mp_arch_load(&arch, &a, argv[1], &err) || !mp_plan_open(&plan, &w, &a, argv[2], &err) ||
        !mp_tech_load(&tech, &a, argv[3], arch.tech, &err) ||
        !mp_evaluate(&arch, &w, &plan, tech, &options, &a, &r, &err))
        return fprintf(stderr, "%s\n", err.text), 1;
    uint64_t cycles = 0;
    for (size_t i = 0; i < MP_CAUSES; i++)
        cycles += r.totals.counts.cycles[i];
    printf("mpsim %s: %" PRIu64 " cycles, %.17g pJ\n", mp_version(), cycles, r.totals.energy_pj);
    mp_arena_finish(&a);
    return 0;
}
