// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/held.h"

#include <stdlib.h>
#include <string.h>

struct mp_held *mp_held_make(const struct mp_tensor *t, const struct mp_qtensor *q) {
    struct mp_held *h = malloc(sizeof *h);
    if (!h)
        mp_out_of_memory();
    *h = (struct mp_held){.users = 1, .elements = t->c * t->h * t->w, .narrow = q->bits <= 8, .is_signed = q->is_signed};
    return h;
}

struct mp_held *mp_held_share(struct mp_held *h) {
    if (h)
        h->users++;
    return h;
}

void mp_held_drop(struct mp_held *h) {
    if (!h || --h->users > 0)
        return;
    free(h->numbers);
    free(h->sum);
    free(h);
}

size_t mp_held_bytes(const struct mp_held *h, uint64_t images) {
    return images * h->elements * (h->narrow ? 1 : sizeof(int16_t));
}

void *mp_held_room(const struct mp_held *h, uint64_t images) {
    void *room = malloc(mp_held_bytes(h, images));
    if (!room)
        mp_out_of_memory();
    return room;
}

void mp_held_put(const struct mp_held *h, void *room, uint64_t image, const int16_t *from) {
    if (!h->narrow) {
        memcpy((int16_t *)room + image * h->elements, from, h->elements * sizeof *from);
        return;
    }
    uint8_t *to = (uint8_t *)room + image * h->elements;
    for (size_t i = 0; i < h->elements; i++)
        to[i] = (uint8_t)from[i];
}

void mp_held_get(const struct mp_held *h, const void *room, uint64_t image, int16_t *to) {
    const uint8_t *bytes = (const uint8_t *)room + image * h->elements;
    const int8_t *with_sign = (const int8_t *)room + image * h->elements;
    if (!h->narrow)
        memcpy(to, (const int16_t *)room + image * h->elements, h->elements * sizeof *to);
    else if (h->is_signed)
        for (size_t i = 0; i < h->elements; i++)
            to[i] = with_sign[i];
    else
        for (size_t i = 0; i < h->elements; i++)
            to[i] = bytes[i];
}
