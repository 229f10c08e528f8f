// SPDX-License-Identifier: Apache-2.0
// Permutations, Halton sequences and grids over the designs of a space.
#include "sim/explore/sample.h"

#include "sim/base/hash.h"
#include "sim/base/random.h"

#include <stdlib.h>
#include <string.h>

static uint64_t round_of(uint64_t half, unsigned round, uint64_t seed) {
    const uint64_t in[3] = {half, round, seed};
    return mp_hash(0, in, sizeof in);
}

uint64_t mp_sample_permuted(uint64_t i, uint64_t count, uint64_t seed) {
    unsigned bits = 1;
    while (bits < 32 && (UINT64_C(1) << 2 * bits) < count)
        bits++;
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    do {
        uint64_t left = i >> bits, right = i & mask;
        for (unsigned r = 0; r < 4; r++) {
            uint64_t next = left ^ (round_of(right, r, seed) & mask);
            left = right, right = next;
        }
        i = left << bits | right;
    } while (i >= count);
    return i;
}

// Digits 0 to prime - 1 in an order of the seed, 0 first, so that no number ends in digits that repeat.
struct digits {
    unsigned prime;
    uint16_t to[320];
};

static void init_digits(struct digits *d, unsigned prime, struct mp_random *r) {
    d->prime = prime;
    for (unsigned i = 0; i < prime; i++)
        d->to[i] = (uint16_t)i;
    for (unsigned i = prime - 1; i > 1; i--) {
        unsigned k = (unsigned)mp_random_range(r, 1, i);
        uint16_t t = d->to[i];
        d->to[i] = d->to[k], d->to[k] = t;
    }
}

static double radical_inverse(const struct digits *d, uint64_t n) {
    double sum = 0, place = 1.0 / d->prime;
    for (; n > 0; n /= d->prime, place /= d->prime)
        sum += d->to[n % d->prime] * place;
    return sum;
}

static size_t first_primes(unsigned *out, size_t count) {
    size_t n = 0;
    for (unsigned p = 2; n < count; p++) {
        bool prime = true;
        for (size_t i = 0; i < n && prime; i++)
            prime = p % out[i] != 0;
        if (prime)
            out[n++] = p;
    }
    return n;
}

// A set of numbers: open addressing, value + 1.
struct set {
    uint64_t *slots, mask;
};

static bool set_add(struct set *s, uint64_t v) {
    uint64_t at = mp_hash(0, &v, sizeof v) & s->mask;
    for (; s->slots[at]; at = (at + 1) & s->mask)
        if (s->slots[at] == v + 1)
            return false;
    s->slots[at] = v + 1;
    return true;
}

// The base by its share of the designs, then a value of each axis.
static uint64_t halton_point(const struct mp_sweep *s, const struct digits *d, uint64_t n) {
    struct mp_choice c = {0};
    double at = radical_inverse(&d[0], n) * (double)s->points;
    while (c.base + 1 < s->base_count && at >= (double)s->base_points[c.base])
        at -= (double)s->base_points[c.base++];
    for (size_t i = 0; i < s->axis_count; i++) {
        const double v = radical_inverse(&d[1 + i], n) * (double)s->axes[i].value_count;
        const size_t last = s->axes[i].value_count - 1;
        c.value[i] = mp_axis_applies(&s->axes[i], c.base) ? (uint32_t)(v < (double)last ? v : (double)last) : 0;
    }
    return mp_sweep_index(s, &c);
}

uint64_t *mp_sample_halton(const struct mp_sweep *s, uint64_t count, uint64_t seed, struct mp_arena *a) {
    unsigned primes[MP_SWEEP_AXES + 1];
    struct digits *digits = mp_arena_alloc(a, s->axis_count + 1, sizeof *digits);
    struct mp_random random = {seed};
    uint64_t room = 16, found = 0;
    first_primes(primes, s->axis_count + 1);
    for (size_t i = 0; i <= s->axis_count; i++)
        init_digits(&digits[i], primes[i], &random);
    while (room < 2 * count)
        room *= 2;
    struct set set = {mp_arena_alloc(a, room, sizeof *set.slots), room - 1};
    uint64_t *out = mp_arena_alloc(a, count, sizeof *out);
    for (uint64_t n = 1; found < count && n <= 16 * count; n++) {
        out[found] = halton_point(s, digits, n);
        found += set_add(&set, out[found]);
    }
    for (uint64_t i = 0; found < count; i++)
        if (set_add(&set, i))
            out[found++] = i;
    return out;
}

static bool ends_in(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool sizes_buffers(const struct mp_sweep_axis *x) {
    bool all = true;
    for (size_t i = 0; i < x->path_count; i++)
        all &= strncmp(x->paths[i], "/buffers/", 9) == 0 && ends_in(x->paths[i], "/size_bytes");
    return all;
}

// By insertion: equal ones keep their order.
static const uint32_t *downwards(const struct mp_sweep_axis *x, struct mp_arena *a) {
    uint32_t *order = mp_arena_alloc(a, x->value_count, sizeof *order);
    double *size = mp_arena_alloc(a, x->value_count, sizeof *size);
    for (size_t i = 0; i < x->value_count; i++) {
        double v = strtod(x->values[i * x->path_count], NULL);
        size_t at = i;
        for (; at > 0 && size[at - 1] < v; at--)
            size[at] = size[at - 1], order[at] = order[at - 1];
        size[at] = v, order[at] = (uint32_t)i;
    }
    return order;
}

void mp_grid_init(struct mp_grid *g, const struct mp_sweep *s, struct mp_arena *a) {
    size_t n = 0;
    *g = (struct mp_grid){.sweep = s};
    for (int others = 0; others < 2; others++)
        for (size_t i = s->axis_count; i-- > 0;) {
            const struct mp_sweep_axis *x = &s->axes[i];
            bool sizes = x->values && sizes_buffers(x);
            if (sizes == (others == 1))
                continue;
            g->axes[n++] = i;
            if (sizes)
                g->down[i] = downwards(x, a);
        }
}

uint64_t mp_grid_at(const struct mp_grid *g, uint64_t n) {
    const struct mp_sweep *s = g->sweep;
    struct mp_choice c = {0};
    while (n >= s->base_points[c.base])
        n -= s->base_points[c.base++];
    for (size_t i = 0; i < s->axis_count; i++) {
        size_t axis = g->axes[i], count = s->axes[axis].value_count;
        if (!mp_axis_applies(&s->axes[axis], c.base))
            continue;
        c.value[axis] = g->down[axis] ? g->down[axis][n % count] : (uint32_t)(n % count);
        n /= count;
    }
    return mp_sweep_index(s, &c);
}
