// SPDX-License-Identifier: Apache-2.0
// Descriptors of a run's tiles, and the places of what they move.
#include "sim/cosim/program.h"

#include "sim/cosim/program_image.h"

#include <inttypes.h>
#include <string.h>

#define MAX_TILES (UINT64_C(1) << 22)
#define MAX_BURSTS (UINT64_C(1) << 24) // 1 GiB
#define MAX_PARAMS 16384u              // channels in the core's parameter memory
#define MAX_ELEMENT_BITS 8u            // of an activation
#define BURST_BYTES (MP_BURST_BITS / 8)

struct builder {
    struct mp_nest nest;
    const struct mp_layer *layer;
    size_t layer_index;
    uint64_t next;                                 // burst that is free
    uint32_t *input, *weight, *output, *partial;   // by distinct tile: its first burst + 1, 0 when it has none yet
    uint64_t fills[MP_BUFFERS];                    // so far
    bool too_large;                                // a number did not fit in its word
};

// What the core lacks

static bool check_type(const struct mp_layer *l, struct mp_err *err) {
    switch (l->type) {
    case MP_CONV2D:
    case MP_LINEAR:
    case MP_MATMUL:
    case MP_POOL:
    case MP_ADD:
    case MP_ACTIVATION:
        break;
    case MP_MUL:
    case MP_SOFTMAX:
    case MP_LAYER_NORM:
    case MP_CONCAT:
    case MP_VIEW:
    case MP_LAYER_TYPES:
        return mp_fail(err, "layer \"%s\": the core has no operation \"%s\"", l->name, mp_layer_type_names[l->type]);
    }
    if (l->broadcast)
        return mp_fail(err, "layer \"%s\": the core adds operands of one shape only", l->name);
    if (l->act != MP_ACT_NONE && l->act != MP_ACT_RELU && l->act != MP_ACT_RELU6)
        return mp_fail(err, "layer \"%s\": the core has no activation function \"%s\"", l->name, mp_act_names[l->act]);
    return true;
}

bool mp_program_possible(const struct mp_arch *arch, const struct mp_layer *l, struct mp_err *err) {
    uint64_t param_bits = arch->vector_unit.param_bits;
    if (!check_type(l, err))
        return false;
    if (arch->keep_on_chip)
        return mp_fail(err, "arch \"%s\": /keep_on_chip: must be false, the core writes every tensor to DRAM", arch->name);
    if (mp_layer_on_array(l) && param_bits < MP_PARAM_BITS)
        return mp_fail(err, "arch \"%s\": /vector_unit/param_bits: must be at least %d, which the core's parameters take "
                       "(got %" PRIu64 ")", arch->name, MP_PARAM_BITS, param_bits);
    return true;
}

static bool check_run(const struct builder *b, struct mp_err *err) {
    const struct mp_task *t = b->nest.t;
    uint64_t channels = t->size[MP_G] * t->size[MP_OC];
    const char *name = b->layer->name;
    if (b->nest.r->mapping->padded)
        return mp_fail(err, "layer \"%s\": the core has no padded mappings", name);
    if (t->output_on_chip || t->a_load != t->a_read)
        return mp_fail(err, "layer \"%s\": the core keeps no tensor on chip", name);
    for (size_t i = 0; i < 2; i++)
        if (b->nest.a_stored[i] > MAX_ELEMENT_BITS)
            return mp_fail(err, "layer \"%s\": inputs must have at most %u stored bits (got %u)", name, MAX_ELEMENT_BITS,
                           b->nest.a_stored[i]);
    if (t->on_array && channels > MAX_PARAMS)
        return mp_fail(err, "layer \"%s\": a run must have at most %u output channels, groups and batch of a matmul "
                       "included, for the core's parameter memory (got %" PRIu64 ")", name, MAX_PARAMS, channels);
    if (b->nest.tiles > MAX_TILES)
        return mp_fail(err, "layer \"%s\": a run must have at most %" PRIu64 " tiles (got %" PRIu64 ")", name, MAX_TILES,
                       b->nest.tiles);
    return true;
}

// Addresses

// A size or place in a descriptor.
static uint32_t word(struct builder *b, uint64_t value) {
    b->too_large = b->too_large || value > UINT32_MAX;
    return (uint32_t)value;
}

// Where `bits` of a distinct tile lie; those of a new one go to the next free burst. False when DRAM is full.
static bool place(struct builder *b, uint32_t *first, uint64_t bits, uint32_t *address, uint32_t *size, struct mp_err *err) {
    if (*first == 0) {
        uint64_t bursts = mp_bursts(bits);
        if (bits > UINT32_MAX || bursts > MAX_BURSTS - b->next)
            return mp_fail(err, "layer \"%s\": a run must take at most %" PRIu64 " MiB of DRAM, and an operand of a tile "
                           "512 MiB", b->layer->name, MAX_BURSTS * BURST_BYTES >> 20);
        *first = word(b, b->next + 1);
        b->next += bursts;
    }
    *address = *first - 1;
    *size = word(b, bits);
    return true;
}

static bool place_operands(struct builder *b, const struct mp_nest_tile *k, uint32_t *word_of, struct mp_err *err) {
    const struct mp_nest *n = &b->nest;
    const struct mp_task *t = n->t;
    uint64_t output = mp_nest_region(n, k, MP_OUTPUT_DIMS), kernel = 0, weight = mp_tile_weight_bits(t, &k->tile);
    if (!place(b, &b->input[mp_nest_region(n, k, MP_INPUT_DIMS)], mp_tile_input_bits(t, &k->tile),
               &word_of[MP_DESC_IN_ADDR], &word_of[MP_DESC_IN_BITS], err))
        return false;
    if (t->on_array) {
        uint64_t params = k->tile.first ? k->tile.size[MP_G] * k->tile.size[MP_OC] : 0;
        kernel = weight - params * t->param_bits;
        if (!place(b, &b->weight[mp_nest_region(n, k, MP_WEIGHT_DIMS)], weight, &word_of[MP_DESC_WADDR],
                   &word_of[MP_DESC_WBITS], err))
            return false;
        word_of[MP_DESC_WBITS] = word(b, kernel);
        word_of[MP_DESC_PARAMS] = k->weight ? word(b, params) : 0;
    }
    bool partial = (k->output && !k->tile.first) || (k->leaves && !k->tile.last);
    if (partial && !place(b, &b->partial[output], mp_tile_partial_bits(t, &k->tile), &word_of[MP_DESC_PADDR],
                          &word_of[MP_DESC_PBITS], err))
        return false;
    return !k->tile.last || place(b, &b->output[output], mp_tile_output_bits(t, &k->tile), &word_of[MP_DESC_OUT_ADDR],
                                  &word_of[MP_DESC_OUT_BITS], err);
}

// Flags

static uint32_t flag(bool set, unsigned bit) {
    return (uint32_t)set << bit;
}

// The half of a buffer that this tile takes: the other one than before when it is filled anew.
static bool half_of(struct builder *b, enum mp_buffer_id buffer, bool anew) {
    b->fills[buffer] += anew;
    return b->nest.t->double_buffered[buffer] && b->fills[buffer] > 0 && b->fills[buffer] % 2 == 0;
}

static uint32_t operation(const struct mp_layer *l) {
    enum mp_core_vop op = l->type == MP_ADD ? MP_VOP_ADD : l->type == MP_ACTIVATION ? MP_VOP_CLAMP
                        : l->pool == MP_POOL_AVG ? MP_VOP_AVG : MP_VOP_MAX;
    return (uint32_t)op << MP_FLAG_OP;
}

static uint32_t flags_of(struct builder *b, const struct mp_nest_tile *k) {
    const struct mp_reference_run *r = b->nest.r;
    const struct mp_task *t = b->nest.t;
    bool input = k->input && mp_tile_input_bits(t, &k->tile) > 0;
    uint32_t flags = flag(k->number + 1 == b->nest.tiles, MP_FLAG_END) | flag(input, MP_FLAG_LOAD_INPUT) |
                     flag(k->weight, MP_FLAG_LOAD_WEIGHT) | flag(k->output && !k->tile.first, MP_FLAG_LOAD_PARTIAL) |
                     flag(k->leaves, MP_FLAG_DRAIN) | flag(k->tile.last, MP_FLAG_FINAL) |
                     flag(!k->tile.first, MP_FLAG_ADDS) | flag(half_of(b, MP_INPUT, input), MP_FLAG_IN_HALF) |
                     flag(half_of(b, MP_WEIGHT, k->weight), MP_FLAG_WHALF) |
                     flag(half_of(b, MP_OUTPUT, k->output), MP_FLAG_OUT_HALF) |
                     flag(r->values->is_signed[0], MP_FLAG_ASIGNED);
    if (!t->on_array)
        return flags | operation(b->layer) | flag(b->layer->type == MP_ADD && r->values->is_signed[1], MP_FLAG_BSIGNED);
    return flags | flag(true, MP_FLAG_ARRAY) | flag(t->odd, MP_FLAG_ODD) | flag(b->nest.spatial.flat, MP_FLAG_FLAT) |
           flag(r->mapping->rows == MP_ROLE_PIXEL, MP_FLAG_ROW_PIXEL) |
           flag(r->mapping->cols == MP_ROLE_PIXEL, MP_FLAG_COL_PIXEL);
}

// Descriptors

static void set_sizes(struct builder *b, const struct mp_nest_tile *k, uint32_t *word_of) {
    const struct mp_nest *n = &b->nest;
    const uint64_t *s = k->tile.size;
    struct mp_nest_window row, col;
    mp_nest_window(&n->t->win[0], k->first[MP_OH], s[MP_OH], &row);
    mp_nest_window(&n->t->win[1], k->first[MP_OW], s[MP_OW], &col);
    word_of[MP_DESC_GROUPS] = word(b, s[MP_G]), word_of[MP_DESC_BATCH] = word(b, s[MP_B]);
    word_of[MP_DESC_OH] = word(b, s[MP_OH]), word_of[MP_DESC_OW] = word(b, s[MP_OW]);
    word_of[MP_DESC_OC] = word(b, s[MP_OC]), word_of[MP_DESC_IC] = word(b, s[MP_IC]);
    word_of[MP_DESC_IH] = word(b, row.held), word_of[MP_DESC_IW] = word(b, col.held);
    word_of[MP_DESC_KH] = word(b, n->t->win[0].k), word_of[MP_DESC_KW] = word(b, n->t->win[1].k);
    word_of[MP_DESC_ROW_STEP] = (uint32_t)row.step, word_of[MP_DESC_COL_STEP] = (uint32_t)col.step;
    word_of[MP_DESC_ROW_TAP] = (uint32_t)row.tap, word_of[MP_DESC_COL_TAP] = (uint32_t)col.tap;
    word_of[MP_DESC_ROW_FIRST] = (uint32_t)row.first, word_of[MP_DESC_COL_FIRST] = (uint32_t)col.first;
    word_of[MP_DESC_CHANNEL] = n->t->on_array ? word(b, k->first[MP_G] * n->t->size[MP_OC] + k->first[MP_OC]) : 0;
    word_of[MP_DESC_STRIDE] = n->t->on_array ? word(b, n->t->size[MP_OC]) : 0;
}

static void set_widths(struct builder *b, const struct mp_nest_tile *k, uint32_t *word_of) {
    const struct mp_nest *n = &b->nest;
    const struct mp_layer_values *v = n->r->values;
    uint64_t elements = k->tile.size[MP_G] * k->tile.size[MP_B] * k->tile.size[MP_IC] * k->tile.ih * k->tile.iw;
    word_of[MP_DESC_ASTORED] = n->a_stored[0], word_of[MP_DESC_BSTORED] = n->a_stored[1];
    word_of[MP_DESC_WWIDTH] = n->t->w_bits, word_of[MP_DESC_WSTORED] = n->t->w_stored;
    word_of[MP_DESC_OUT_STORED] = n->t->out_stored;
    word_of[MP_DESC_OUT_LOW] = (uint32_t)v->low, word_of[MP_DESC_OUT_HIGH] = (uint32_t)v->high;
    if (n->t->on_array)
        return;
    word_of[MP_DESC_MUL_A] = v->op[0].mul, word_of[MP_DESC_SHIFT_A] = v->op[0].shift;
    word_of[MP_DESC_MUL_B] = v->op[1].mul, word_of[MP_DESC_SHIFT_B] = v->op[1].shift;
    word_of[MP_DESC_BOFFSET] = n->a_stored[1] ? word(b, elements * n->a_stored[0]) : 0;
}

static bool describe(struct builder *b, uint64_t number, struct mp_desc *d, struct mp_err *err) {
    struct mp_nest_tile k;
    mp_nest_at(&b->nest, number, &k);
    *d = (struct mp_desc){{0}};
    d->word[MP_DESC_FLAGS] = flags_of(b, &k);
    d->word[MP_DESC_TILE] = word(b, number);
    d->word[MP_DESC_LAYER] = word(b, b->layer_index);
    d->word[MP_DESC_PAD] = (uint32_t)b->nest.r->values->pad;
    set_sizes(b, &k, d->word);
    set_widths(b, &k, d->word);
    if (!place_operands(b, &k, d->word, err))
        return false;
    if (b->too_large)
        return mp_fail(err, "layer \"%s\": tile %" PRIu64 " has a size beyond 32 bits", b->layer->name, number);
    return true;
}

static bool wrote_all(const struct builder *b, const struct mp_nest_tile *k, uint64_t wrote, uint64_t counted,
                      struct mp_err *err) {
    if (wrote == counted)
        return true;
    return mp_fail(err, "layer \"%s\": an operand of tile %" PRIu64 " takes %" PRIu64 " bits, but the engines count %" PRIu64,
                   b->layer->name, k->number, wrote, counted);
}

// Regions were given out in the order of this walk: one beyond all that are written is new.
static bool fill_image(const struct builder *b, const struct mp_desc *tiles, uint8_t *image, struct mp_err *err) {
    const struct mp_task *t = b->nest.t;
    uint64_t written = 0;
    for (uint64_t i = 0; i < b->nest.tiles; i++) {
        const uint32_t *word_of = tiles[i].word;
        uint32_t flags = word_of[MP_DESC_FLAGS];
        struct mp_nest_tile k;
        mp_nest_at(&b->nest, i, &k);
        if ((flags >> MP_FLAG_LOAD_INPUT & 1) && word_of[MP_DESC_IN_ADDR] >= written) {
            uint64_t bits = mp_image_input(&b->nest, &k, image + (size_t)word_of[MP_DESC_IN_ADDR] * BURST_BYTES);
            if (!wrote_all(b, &k, bits, mp_tile_input_bits(t, &k.tile), err))
                return false;
            written = (uint64_t)word_of[MP_DESC_IN_ADDR] + 1;
        }
        if ((flags >> MP_FLAG_LOAD_WEIGHT & 1) && word_of[MP_DESC_WADDR] >= written) {
            uint64_t bits = mp_image_weight(&b->nest, &k, image + (size_t)word_of[MP_DESC_WADDR] * BURST_BYTES);
            if (!wrote_all(b, &k, bits, mp_tile_weight_bits(t, &k.tile), err))
                return false;
            written = (uint64_t)word_of[MP_DESC_WADDR] + 1;
        }
    }
    return true;
}

static uint32_t *regions(const struct builder *b, struct mp_arena *scratch, unsigned dims) {
    return mp_arena_alloc(scratch, mp_nest_regions(&b->nest, dims), sizeof(uint32_t));
}

// Descriptors of all tiles; `tiles` NULL: only finds out whether they and the image can be.
static bool lay_out(struct builder *b, struct mp_desc *tiles, struct mp_err *err) {
    struct mp_arena scratch = {0};
    struct mp_desc unused;
    bool ok = true;
    b->input = regions(b, &scratch, MP_INPUT_DIMS), b->weight = regions(b, &scratch, MP_WEIGHT_DIMS);
    b->output = regions(b, &scratch, MP_OUTPUT_DIMS), b->partial = regions(b, &scratch, MP_OUTPUT_DIMS);
    for (uint64_t i = 0; ok && i < b->nest.tiles; i++)
        ok = describe(b, i, tiles ? &tiles[i] : &unused, err);
    mp_arena_finish(&scratch);
    return ok;
}

static bool build(struct builder *b, struct mp_arena *a, struct mp_program *p, struct mp_err *err) {
    uint64_t turned = b->nest.t->turned;
    struct mp_program made = {.tile_count = b->nest.tiles + (turned != 0)};
    made.tiles = mp_arena_alloc(a, made.tile_count, sizeof *made.tiles);
    struct mp_desc *tiles = made.tiles + (turned != 0);
    if (turned) {
        made.tiles->word[MP_DESC_FLAGS] = 1u << MP_FLAG_TURN;
        made.tiles->word[MP_DESC_COUNT] = word(b, turned);
        made.tiles->word[MP_DESC_LAYER] = word(b, b->layer_index);
    }
    if (!lay_out(b, tiles, err))
        return false;
    made.image_bytes = b->next * BURST_BYTES;
    made.image = mp_arena_alloc(a, made.image_bytes, 1);
    memset(made.image, MP_PROGRAM_BLANK, made.image_bytes);
    *p = made;
    return fill_image(b, tiles, made.image, err);
}

static bool begin(struct builder *b, const struct mp_reference_run *r, size_t layer_index, struct mp_err *err) {
    *b = (struct builder){.layer = r->layer, .layer_index = layer_index};
    if (!mp_program_possible(r->arch, r->layer, err))
        return false;
    mp_nest_init(&b->nest, r);
    return check_run(b, err);
}

bool mp_program_fits(const struct mp_reference_run *r, struct mp_err *err) {
    struct builder b;
    return begin(&b, r, 0, err) && lay_out(&b, NULL, err);
}

bool mp_program_build(const struct mp_reference_run *r, size_t layer_index, struct mp_arena *a, struct mp_program *p,
                      struct mp_err *err) {
    struct builder b;
    return begin(&b, r, layer_index, err) && build(&b, a, p, err);
}
