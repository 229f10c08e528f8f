// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core_model.h"

#include <assert.h>
#include <stdlib.h>

#define PARAMS 16384

struct params {
    int64_t bias, mul;
    unsigned shift;
};

struct machine {
    const struct core *c;
    struct core_log *log;
    uint8_t *dram;
    uint64_t input[2], weight[2]; // first bit, of what the half was loaded with
    int64_t *output[2];           // elements, in the order in which they drain
    struct params *params;
};

static uint64_t get(const uint8_t *from, uint64_t at, unsigned bits) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bits; i++, at++)
        value |= (uint64_t)(from[at / 8] >> at % 8 & 1) << i;
    return value;
}

static void put(uint8_t *to, uint64_t at, uint64_t value, unsigned bits) {
    for (unsigned i = 0; i < bits; i++, at++)
        to[at / 8] = (uint8_t)((to[at / 8] & ~(1u << at % 8)) | (unsigned)(value >> i & 1) << at % 8);
}

static int64_t extend(uint64_t value, unsigned bits, bool is_signed) {
    if (is_signed && value >> (bits - 1) & 1)
        return (int64_t)(value - (UINT64_C(1) << (bits - 1))) - ((int64_t)1 << (bits - 1));
    return (int64_t)value;
}

static bool has(const struct mp_desc *d, unsigned flag) {
    return d && d->word[MP_DESC_FLAGS] >> flag & 1;
}

static uint64_t w(const struct mp_desc *d, unsigned word) {
    return d->word[word];
}

static uint64_t burst(const struct mp_desc *d, unsigned word) {
    return w(d, word) * 512;
}

static uint64_t pixels(const struct mp_desc *d) {
    return w(d, MP_DESC_BATCH) * w(d, MP_DESC_OH) * w(d, MP_DESC_OW);
}

static uint64_t outputs(const struct mp_desc *d) {
    return w(d, MP_DESC_GROUPS) * pixels(d) * w(d, MP_DESC_OC);
}

static uint64_t channels_at_once(const struct core *c, const struct mp_desc *d) {
    return (has(d, MP_FLAG_ROW_PIXEL) ? 1 : c->rows) * (has(d, MP_FLAG_COL_PIXEL) ? 1 : c->cols);
}

static void request(struct machine *m, char what, uint64_t bits) {
    m->log->requests[m->log->count++] = (struct core_request){what, bits};
}

// Loads and drains

static void load_params(struct machine *m, const struct mp_desc *d) {
    uint64_t at = burst(d, MP_DESC_WADDR), oc = w(d, MP_DESC_OC);
    for (uint64_t i = 0; i < w(d, MP_DESC_PARAMS); i++, at += m->c->param_bits) {
        uint64_t word = w(d, MP_DESC_CHANNEL) + i / oc * w(d, MP_DESC_STRIDE) + i % oc;
        assert(word < PARAMS);
        m->params[word] = (struct params){extend(get(m->dram, at, 32), 32, true), (int64_t)get(m->dram, at + 32, 32),
                                          (unsigned)get(m->dram, at + 64, 8)};
    }
}

static void load(struct machine *m, const struct mp_desc *d, bool doubled) {
    const bool *db = m->c->double_buffered;
    if (has(d, MP_FLAG_LOAD_INPUT) && db[MP_INPUT] == doubled) {
        m->input[has(d, MP_FLAG_IN_HALF)] = burst(d, MP_DESC_IN_ADDR);
        request(m, 'i', w(d, MP_DESC_IN_BITS));
    }
    if (has(d, MP_FLAG_LOAD_WEIGHT) && db[MP_WEIGHT] == doubled) {
        uint64_t params = w(d, MP_DESC_PARAMS) * m->c->param_bits;
        load_params(m, d);
        m->weight[has(d, MP_FLAG_WHALF)] = burst(d, MP_DESC_WADDR) + params;
        request(m, 'w', params + w(d, MP_DESC_WBITS));
    }
    if (has(d, MP_FLAG_LOAD_PARTIAL) && db[MP_OUTPUT] == doubled) {
        int64_t *to = m->output[has(d, MP_FLAG_OUT_HALF)];
        for (uint64_t i = 0; i < outputs(d); i++)
            to[i] = extend(get(m->dram, burst(d, MP_DESC_PADDR) + i * m->c->acc_bits, m->c->acc_bits), m->c->acc_bits, true);
        request(m, 'p', w(d, MP_DESC_PBITS));
    }
}

static int64_t clamp(const struct mp_desc *d, __int128 x) {
    int32_t low = (int32_t)w(d, MP_DESC_OUT_LOW), high = (int32_t)w(d, MP_DESC_OUT_HIGH);
    return x < low ? low : x > high ? high : (int64_t)x;
}

static __int128 scale(__int128 x, int64_t mul, unsigned shift) {
    assert(mul > 0 && mul < INT64_C(1) << 31 && shift >= 1 && shift <= 62);
    return (x * mul + ((__int128)1 << (shift - 1))) >> shift;
}

// Channel of the tile's group that element `i` of the drain belongs to.
static uint64_t channel_of(const struct core *c, const struct mp_desc *d, uint64_t i) {
    uint64_t oc = w(d, MP_DESC_OC), unit = channels_at_once(c, d), in_group = i % (oc * pixels(d));
    uint64_t fold = in_group / (unit * pixels(d)), left = oc - fold * unit;
    return fold * unit + (in_group - fold * unit * pixels(d)) % (left < unit ? left : unit);
}

static void drain(struct machine *m, const struct mp_desc *d) {
    if (!has(d, MP_FLAG_DRAIN))
        return;
    const int64_t *from = m->output[has(d, MP_FLAG_OUT_HALF)];
    bool final = has(d, MP_FLAG_FINAL);
    unsigned bits = final ? (unsigned)w(d, MP_DESC_OUT_STORED) : m->c->acc_bits;
    uint64_t at = final ? burst(d, MP_DESC_OUT_ADDR) : burst(d, MP_DESC_PADDR);
    for (uint64_t i = 0; i < outputs(d); i++, at += bits) {
        int64_t value = from[i];
        if (final && has(d, MP_FLAG_ARRAY)) {
            uint64_t group = i / (w(d, MP_DESC_OC) * pixels(d));
            uint64_t word = w(d, MP_DESC_CHANNEL) + group * w(d, MP_DESC_STRIDE) + channel_of(m->c, d, i);
            const struct params *p = &m->params[word];
            value = clamp(d, scale((__int128)value + p->bias, p->mul, p->shift));
        }
        put(m->dram, at, (uint64_t)value, bits);
    }
    request(m, final ? 'O' : 'P', final ? w(d, MP_DESC_OUT_BITS) : w(d, MP_DESC_PBITS));
}

// Input

static int64_t element(const struct machine *m, const struct mp_desc *d, uint64_t bit, bool second) {
    unsigned bits = (unsigned)w(d, second ? MP_DESC_BSTORED : MP_DESC_ASTORED);
    return extend(get(m->dram, bit, bits), bits, has(d, second ? MP_FLAG_BSIGNED : MP_FLAG_ASIGNED));
}

// Element of the input tile under a tap; false in the padding. pixel: of the group's outputs.
static bool tap(const struct mp_desc *d, uint64_t group, uint64_t pixel, uint64_t kh, uint64_t kw, uint64_t c,
                uint64_t *at) {
    int64_t ow = (int64_t)w(d, MP_DESC_OW), oh = (int64_t)w(d, MP_DESC_OH), p = (int64_t)pixel;
    int64_t row = p / ow % oh * (int32_t)w(d, MP_DESC_ROW_STEP) + (int64_t)(kh * w(d, MP_DESC_ROW_TAP)) +
                  (int32_t)w(d, MP_DESC_ROW_FIRST);
    int64_t col = p % ow * (int32_t)w(d, MP_DESC_COL_STEP) + (int64_t)(kw * w(d, MP_DESC_COL_TAP)) +
                  (int32_t)w(d, MP_DESC_COL_FIRST);
    int64_t ih = (int64_t)w(d, MP_DESC_IH), iw = (int64_t)w(d, MP_DESC_IW);
    uint64_t image = group * w(d, MP_DESC_BATCH) + pixel / (uint64_t)(oh * ow);
    if (row < 0 || row >= ih || col < 0 || col >= iw)
        return false;
    *at = (((image * (uint64_t)ih + (uint64_t)row) * (uint64_t)iw + (uint64_t)col) * w(d, MP_DESC_IC)) + c;
    return true;
}

// The array

static int64_t accumulate(struct machine *m, int64_t a, int64_t b) {
    unsigned bits = m->c->acc_bits;
    int64_t high = (int64_t)((UINT64_C(1) << (bits - 1)) - 1), sum = a + b;
    if (sum >= -high - 1 && sum <= high)
        return sum;
    m->log->overflows++;
    if (!m->c->wrap)
        return sum < 0 ? -high - 1 : high;
    return extend((uint64_t)sum & ((UINT64_C(1) << bits) - 1), bits, true);
}

// Weight of channel `o` of `oc`, lane `l` of `lanes` of the step that begins at bit `step`.
static int64_t weight(const struct machine *m, const struct mp_desc *d, uint64_t step, uint64_t o, uint64_t oc, uint64_t l,
                      uint64_t lanes) {
    unsigned width = (unsigned)w(d, MP_DESC_WWIDTH), stored = (unsigned)w(d, MP_DESC_WSTORED);
    uint64_t q = 0;
    for (unsigned plane = stored - width; plane < stored; plane++)
        q = q << 1 | get(m->dram, step + (plane * oc + o) * lanes + l, 1);
    return has(d, MP_FLAG_ODD) ? 2 * extend(q, width, true) + 1 : extend(q, width, true);
}

// One output: `at` is the first weight bit of its fold; returns the first bit behind the fold.
static uint64_t dot(struct machine *m, const struct mp_desc *d, uint64_t group, uint64_t pixel, uint64_t o, uint64_t oc,
                    uint64_t at, int64_t *sum) {
    uint64_t ic = w(d, MP_DESC_IC), kw = w(d, MP_DESC_KW), taps = w(d, MP_DESC_KH) * kw;
    uint64_t run = has(d, MP_FLAG_FLAT) ? taps * ic : ic, input = m->input[has(d, MP_FLAG_IN_HALF)];
    *sum = 0;
    for (uint64_t first = 0; first < taps * ic; first += run)
        for (uint64_t k = 0; k < run; k += m->c->lanes) {
            uint64_t lanes = run - k < m->c->lanes ? run - k : m->c->lanes;
            int64_t step = 0;
            for (uint64_t l = 0; l < lanes; l++) {
                uint64_t term = first + k + l, place = 0;
                bool inside = tap(d, group, pixel, term / ic / kw, term / ic % kw, term % ic, &place);
                step += weight(m, d, at, o, oc, l, lanes) *
                        (inside ? element(m, d, input + place * w(d, MP_DESC_ASTORED), false) : (int32_t)w(d, MP_DESC_PAD));
            }
            *sum = accumulate(m, *sum, step);
            at += w(d, MP_DESC_WSTORED) * oc * lanes;
        }
    return at;
}

static void compute_array(struct machine *m, const struct mp_desc *d) {
    int64_t *out = m->output[has(d, MP_FLAG_OUT_HALF)];
    uint64_t unit = channels_at_once(m->c, d), at = m->weight[has(d, MP_FLAG_WHALF)], behind = at;
    for (uint64_t g = 0; g < w(d, MP_DESC_GROUPS); g++)
        for (uint64_t first = 0; first < w(d, MP_DESC_OC); first += unit, at = behind)
            for (uint64_t p = 0; p < pixels(d); p++) {
                uint64_t left = w(d, MP_DESC_OC) - first, oc = left < unit ? left : unit;
                for (uint64_t o = 0; o < oc; o++, out++) {
                    int64_t sum;
                    behind = dot(m, d, g, p, o, oc, at, &sum);
                    *out = has(d, MP_FLAG_ADDS) ? accumulate(m, *out, sum) : sum;
                }
            }
}

// The vector unit

static __int128 pool(const struct machine *m, const struct mp_desc *d, uint64_t group, uint64_t pixel, bool average) {
    uint64_t input = m->input[has(d, MP_FLAG_IN_HALF)], at;
    int64_t sum = 0, largest = INT64_MIN;
    for (uint64_t kh = 0; kh < w(d, MP_DESC_KH); kh++)
        for (uint64_t kw = 0; kw < w(d, MP_DESC_KW); kw++)
            if (tap(d, group, pixel, kh, kw, 0, &at)) {
                int64_t x = element(m, d, input + at * w(d, MP_DESC_ASTORED), false);
                sum += x, largest = x > largest ? x : largest;
            }
    return average ? scale(sum, (int64_t)w(d, MP_DESC_MUL_A), (unsigned)w(d, MP_DESC_SHIFT_A)) : largest;
}

static void compute_vector(struct machine *m, const struct mp_desc *d) {
    int64_t *out = m->output[has(d, MP_FLAG_OUT_HALF)];
    uint64_t input = m->input[has(d, MP_FLAG_IN_HALF)];
    unsigned op = w(d, MP_DESC_FLAGS) >> MP_FLAG_OP & 3;
    for (uint64_t i = 0; i < outputs(d); i++) {
        if (op == MP_VOP_MAX || op == MP_VOP_AVG) {
            out[i] = clamp(d, pool(m, d, i / pixels(d), i % pixels(d), op == MP_VOP_AVG));
            continue;
        }
        __int128 x = element(m, d, input + i * w(d, MP_DESC_ASTORED), false);
        if (op == MP_VOP_ADD) {
            int64_t b = element(m, d, input + w(d, MP_DESC_BOFFSET) + i * w(d, MP_DESC_BSTORED), true);
            x = scale(x, (int64_t)w(d, MP_DESC_MUL_A), (unsigned)w(d, MP_DESC_SHIFT_A)) +
                scale(b, (int64_t)w(d, MP_DESC_MUL_B), (unsigned)w(d, MP_DESC_SHIFT_B));
        }
        out[i] = clamp(d, x);
    }
}

static void compute(struct machine *m, const struct mp_desc *d) {
    if (d && has(d, MP_FLAG_ARRAY))
        compute_array(m, d);
    else if (d)
        compute_vector(m, d);
}

// Stage s: tile s - 2 drains, tile s is loaded, tile s - 1 computes; single buffers before it computes.
static void stage(struct machine *m, const struct mp_desc *before, const struct mp_desc *now, const struct mp_desc *next) {
    bool doubled = m->c->double_buffered[MP_OUTPUT];
    if (!doubled)
        drain(m, before);
    load(m, now, false);
    if (doubled)
        drain(m, before);
    load(m, next, true);
    compute(m, now);
}

void core_run(const struct core *c, const struct mp_program *p, uint8_t *image, struct core_log *log) {
    struct machine m = {.c = c, .log = log, .dram = image, .params = calloc(PARAMS, sizeof *m.params)};
    const struct mp_desc *tiles = p->tiles, *before = NULL, *now = NULL;
    size_t count = p->tile_count;
    uint64_t most = 0;
    if (has(tiles, MP_FLAG_TURN))
        log->turned += w(tiles, MP_DESC_COUNT), tiles++, count--;
    for (size_t i = 0; i < count; i++)
        most = outputs(&tiles[i]) > most ? outputs(&tiles[i]) : most;
    for (int i = 0; i < 2; i++)
        m.output[i] = calloc(most, sizeof **m.output);
    for (size_t s = 0; s < count + 2; s++) {
        const struct mp_desc *next = s < count ? &tiles[s] : NULL;
        stage(&m, before, now, next);
        before = now, now = next;
    }
    free(m.output[0]), free(m.output[1]), free(m.params);
}
