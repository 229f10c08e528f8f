// SPDX-License-Identifier: Apache-2.0
// Every combination in turn, the last variable fastest.
#include "sim/search/solve.h"

#include <string.h>

uint64_t mp_combinations(const struct mp_problem *p) {
    uint64_t n = 1;
    for (size_t v = 0; v < p->var_count; v++) {
        if (p->vars[v].options > MP_EXHAUSTIVE_MAX / n)
            return UINT64_MAX;
        n *= p->vars[v].options;
    }
    return n;
}

static bool next(const struct mp_problem *p, uint8_t *option) {
    for (size_t v = p->var_count; v-- > 0;) {
        if (++option[v] < p->vars[v].options)
            return true;
        option[v] = 0;
    }
    return false;
}

bool mp_enumerate(const struct mp_problem *p, bool (*visit)(void *user, const uint8_t *option, const double sum[MP_QUANTITIES]),
                  void *user) {
    struct mp_arena scratch = {0};
    uint8_t *option = mp_arena_alloc(&scratch, p->var_count, sizeof *option);
    bool go_on = true;
    do {
        double sum[MP_QUANTITIES] = {0};
        for (size_t q = 0; q <= p->cost_count; q++)
            sum[q] = mp_problem_sum(p, q, option);
        go_on = visit(user, option, sum);
    } while (go_on && next(p, option));
    mp_arena_finish(&scratch);
    return go_on;
}
