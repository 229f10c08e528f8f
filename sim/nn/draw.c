// SPDX-License-Identifier: Apache-2.0
// The drawn sets: which there are, and their images by number. An image depends on set, split and number alone. Each
// ten images of ten classes have every class once.
#include "sim/nn/draw.h"

#include "sim/nn/dataset_kinds.h"

#include <string.h>

static const struct mp_drawn *const drawn[] = {&mp_drawn_glyphs};

size_t mp_drawn_count(void) {
    return sizeof drawn / sizeof *drawn;
}

const struct mp_drawn *mp_drawn_at(size_t i) {
    return drawn[i];
}

// The stream of image or block `i`: far from all others.
static struct mp_random stream(enum mp_data_split split, unsigned what, uint64_t i) {
    struct mp_random seed = {(uint64_t)split << 60 | (uint64_t)what << 56 | i};
    return (struct mp_random){mp_random_next(&seed)};
}

// A block has each class once, in an order of its own (Fisher and Yates).
static void order_classes(const struct mp_drawn *s, enum mp_data_split split, uint64_t block, uint32_t *order) {
    struct mp_random r = stream(split, 1, block);
    for (unsigned i = 0; i < s->classes; i++)
        order[i] = i;
    for (unsigned i = s->classes - 1; i > 0; i--) {
        unsigned k = (unsigned)mp_random_range(&r, 0, i);
        uint32_t t = order[i];
        order[i] = order[k];
        order[k] = t;
    }
}

bool mp_dataset_drawn(struct mp_dataset *d, const struct mp_dataset_ask *q, const struct mp_drawn *s,
                      struct mp_err *err) {
    uint64_t all = s->count[q->split], size = (uint64_t)s->channels * s->height * s->width;
    d->split = q->split;
    d->has_train = true;
    d->channels = s->channels;
    d->height = s->height;
    d->width = s->width;
    d->classes = s->classes;
    d->class_names = s->class_names;
    d->count = q->split == MP_SPLIT_TRAIN && q->limit > 0 ? q->limit : mp_dataset_take(q, all);
    if (!mp_dataset_fits(d, s->name, err))
        return false;
    uint8_t *bytes = mp_arena_alloc(q->arena, d->count, size);
    uint32_t *labels = mp_arena_alloc(q->arena, d->count, sizeof *labels), *order;
    order = mp_arena_alloc(q->arena, s->classes, sizeof *order);
    for (uint64_t i = 0; i < d->count; i++) {
        struct mp_random r = stream(q->split, 0, i);
        if (i % s->classes == 0)
            order_classes(s, q->split, i / s->classes, order);
        labels[i] = order[i % s->classes];
        s->draw(&r, labels[i], bytes + i * size);
    }
    d->bytes = bytes;
    d->labels = labels;
    return true;
}

const struct mp_drawn *mp_drawn_find(const char *name) {
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++)
        if (strcmp(drawn[i]->name, name) == 0)
            return drawn[i];
    return NULL;
}
