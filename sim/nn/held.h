// SPDX-License-Identifier: Apache-2.0
// A tensor of a quantised network over all images: its numbers, a byte each where its grid has at most 8 bits, and their sums
// over the images, from which means follow. More than one plan may hold it.
#ifndef SIM_NN_HELD_H
#define SIM_NN_HELD_H

#include "sim/nn/qnet.h"

struct mp_held {
    unsigned users;
    size_t elements;  // of an image
    bool narrow, is_signed; // narrow: a byte a number
    void *numbers;    // [image][row][column][channel]; NULL: not there
    int64_t *sum;     // [row][column][channel]; NULL: not there. Exact in a double: below 2^15 by fewer than 2^38 images
};

// Of one user, without numbers and sums.
struct mp_held *mp_held_make(const struct mp_tensor *t, const struct mp_qtensor *q);
struct mp_held *mp_held_share(struct mp_held *h); // takes NULL
void mp_held_drop(struct mp_held *h);             // of one user; takes NULL

size_t mp_held_bytes(const struct mp_held *h, uint64_t images); // of its numbers
void *mp_held_room(const struct mp_held *h, uint64_t images);   // for them; free() gives it back
// An image to and from such a room.
void mp_held_put(const struct mp_held *h, void *room, uint64_t image, const int16_t *from);
void mp_held_get(const struct mp_held *h, const void *room, uint64_t image, int16_t *to);

#endif
