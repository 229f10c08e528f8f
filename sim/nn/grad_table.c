// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/grad_parts.h"

#include <string.h>

static const struct mp_grad_row *const tables[] = {mp_grad_elements, mp_grad_pairs,   mp_grad_products,
                                                   mp_grad_windows,  mp_grad_vectors, mp_grad_movers};

size_t mp_grad_count(void) {
    size_t n = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct mp_grad_row *r = tables[t]; r->op; r++)
            n++;
    return n;
}

const struct mp_grad_row *mp_grad_at(size_t i) {
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct mp_grad_row *r = tables[t]; r->op; r++)
            if (i-- == 0)
                return r;
    return NULL;
}

const struct mp_grad_row *mp_grad_find(const char *op) {
    size_t i = 0;
    while (i < mp_grad_count() && strcmp(mp_grad_at(i)->op, op) != 0)
        i++;
    return mp_grad_at(i);
}
