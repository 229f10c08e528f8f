// SPDX-License-Identifier: Apache-2.0
// One part of one output's reduction, operand by operand.
#include "sim/cosim/reference.h"

struct part {
    const struct mp_accumulator *acc;
    int64_t sum, step;
    uint64_t operands; // in the step
};

static void end_step(struct part *p) {
    uint64_t overflows = 0;
    p->sum = mp_accumulate(p->acc, p->sum, p->step, &overflows);
    p->step = 0;
    p->operands = 0;
}

int64_t mp_reference_part(const struct mp_reference_run *r, uint64_t image, uint64_t channel, uint64_t y, uint64_t x,
                          uint64_t first, uint64_t count) {
    const struct mp_geometry *g = &r->layer->geo;
    uint64_t group = channel / g->oc, set = r->layer->type == MP_MATMUL ? image * g->groups * g->oc + channel : channel;
    const int32_t *input = r->values->input[0] + (image * g->groups + group) * g->ic * g->ih * g->iw;
    const int32_t *weight = r->values->weight + set * g->ic * g->kh * g->kw;
    struct part p = {.acc = &r->arch->array.accumulator};
    for (uint64_t kh = 0; kh < g->kh; kh++)
        for (uint64_t kw = 0; kw < g->kw; kw++) {
            int64_t row = (int64_t)(y * g->sh + kh * g->dh) - (int64_t)g->pt, col = (int64_t)(x * g->sw + kw * g->dw) - (int64_t)g->pl;
            bool inside = row >= 0 && row < (int64_t)g->ih && col >= 0 && col < (int64_t)g->iw;
            for (uint64_t c = first; c < first + count; c++) {
                int64_t q = weight[(c * g->kh + kh) * g->kw + kw];
                int64_t a = inside ? input[(c * g->ih + (uint64_t)row) * g->iw + (uint64_t)col] : r->values->pad;
                p.step += a * (r->task->odd ? 2 * q + 1 : q);
                if (++p.operands == r->task->lanes)
                    end_step(&p);
            }
            if (r->mapping->lanes != MP_ROLE_K_IC && p.operands > 0)
                end_step(&p);
        }
    if (p.operands > 0)
        end_step(&p);
    return p.sum;
}
