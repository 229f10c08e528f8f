// SPDX-License-Identifier: Apache-2.0
// Sets of labelled images that the program draws itself, in whole numbers only: the same bytes on every machine.
#ifndef SIM_NN_DRAW_H
#define SIM_NN_DRAW_H

#include "sim/base/random.h"
#include "sim/nn/dataset.h"

struct mp_drawn {
    const char *name, *help;
    const char **class_names;
    unsigned classes, channels, height, width;
    uint64_t count[2]; // by split: of test all there are, of train what is taken unless more is asked for
    void (*draw)(struct mp_random *r, unsigned class, uint8_t *out);
};
extern const struct mp_drawn mp_drawn_glyphs;

// In the order of their names.
size_t mp_drawn_count(void);
const struct mp_drawn *mp_drawn_at(size_t i);
const struct mp_drawn *mp_drawn_find(const char *name); // or NULL

#endif
