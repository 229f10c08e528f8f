// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/watch.h"

#include <string.h>

#define BEHIND 3 // cycles from the control's transfer to the sums
#define CAUSE_NONE 7u

// The control as it stands in a cycle.
struct control {
    struct mp_watch_fold now; // the fold that is worked at
    bool fires, drains;       // a fold is complete; one drains
    struct mp_watch_fold fired;
};

struct watching {
    struct mp_watch *w;
    struct mp_nest nest;
    const struct mp_shim_ports *ports;
    const uint32_t *sums, *compute_tile;
    const uint8_t *transfer, *drain, *array_start, *advance;
    struct control past[BEHIND + 1]; // [0] is this cycle
    uint64_t tile_start;             // cycle in which the array began with the tile
    bool known;                      // `due` is a fold of the nest
    struct mp_watch_fold due;        // whose sums are there
    int64_t *expected;               // by PE; made when the fold is due
    bool *used;
    uint64_t *good;                  // last cycle with a right sum
    struct mp_watch_fold shown;      // what exp_i tells
    bool shows;
};

// Folds

static uint64_t pixels_of(const struct mp_nest_tile *k) {
    return k->tile.size[MP_B] * k->tile.size[MP_OH] * k->tile.size[MP_OW];
}

static uint64_t folds_of(const struct mp_nest *n, uint64_t tile) {
    struct mp_nest_tile k;
    mp_nest_at(n, tile, &k);
    return k.tile.size[MP_G] * mp_ceil_div(k.tile.size[MP_OC], n->spatial.oc_unit) *
           mp_ceil_div(pixels_of(&k), n->spatial.pixel_unit);
}

bool mp_watch_output(const struct mp_nest *n, const struct mp_watch_fold *at, unsigned row, unsigned col, uint64_t *index,
                     int64_t *sum) {
    const struct mp_geometry *g = &n->r->layer->geo;
    bool rows = n->spatial.rows == MP_ROLE_PIXEL, cols = n->spatial.cols == MP_ROLE_PIXEL;
    uint64_t both = row * n->t->cols + col, i = rows && cols ? both : rows ? row : cols ? col : 0;
    uint64_t o = !rows && !cols ? both : rows && cols ? 0 : rows ? col : row;
    struct mp_nest_tile k;
    mp_nest_at(n, at->tile, &k);
    const uint64_t *s = k.tile.size;
    uint64_t pixel_folds = mp_ceil_div(pixels_of(&k), n->spatial.pixel_unit);
    uint64_t channel_folds = mp_ceil_div(s[MP_OC], n->spatial.oc_unit);
    uint64_t pixel = at->fold % pixel_folds * n->spatial.pixel_unit + i;
    uint64_t oc = at->fold / pixel_folds % channel_folds * n->spatial.oc_unit + o;
    uint64_t in_tile = at->fold / pixel_folds / channel_folds, group = n->first_group + k.first[MP_G] + in_tile;
    if (i >= n->spatial.pixel_unit || o >= n->spatial.oc_unit || pixel >= pixels_of(&k) || oc >= s[MP_OC] ||
        in_tile >= s[MP_G])
        return false;
    uint64_t channel = group % g->groups * g->oc + n->first_oc + k.first[MP_OC] + oc;
    uint64_t image = k.first[MP_B] + pixel / (s[MP_OH] * s[MP_OW]) + group / g->groups;
    uint64_t y = k.first[MP_OH] + pixel / s[MP_OW] % s[MP_OH], x = k.first[MP_OW] + pixel % s[MP_OW];
    *index = ((image * g->groups * g->oc + channel) * g->oh + y) * g->ow + x;
    *sum = mp_reference_part(n->r, image, channel, y, x, k.first[MP_IC], s[MP_IC]);
    return true;
}

// Sums

// The sum of PE `i` as a signed number.
static int64_t sum_of(const struct watching *k, uint64_t i) {
    unsigned bits = (unsigned)k->w->run->arch->array.accumulator.bits;
    uint64_t at = i * bits, word = at / 32, shift = at % 32, value = k->sums[word] >> shift;
    if (shift + bits > 32)
        value |= (uint64_t)k->sums[word + 1] << (32 - shift);
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

static void found(struct watching *k, enum mp_watch_what what, uint64_t t, const struct mp_watch_fold *at) {
    struct mp_watch_seen *s = k->w->seen;
    s->what = what, s->cycle = t, s->at = *at, s->last_good = k->tile_start;
}

static void compare(struct watching *k, uint64_t t) {
    struct mp_watch_seen *s = k->w->seen;
    uint64_t pes = k->nest.t->rows * k->nest.t->cols;
    if (s->what != MP_WATCH_NOTHING || !k->known)
        return;
    for (uint64_t i = 0; i < pes; i++) {
        int64_t actual = k->used[i] ? sum_of(k, i) : 0;
        if (!k->used[i])
            continue;
        if (actual == k->expected[i]) {
            k->good[i] = t;
            continue;
        }
        if (s->wrong++ > 0)
            continue;
        found(k, MP_WATCH_SUM, t, &k->due);
        s->row = (unsigned)(i / k->nest.t->cols), s->col = (unsigned)(i % k->nest.t->cols);
        s->expected = k->expected[i], s->actual = actual;
        if (k->good[i] > 0)
            s->last_good = k->good[i];
    }
}

static void take_due(struct watching *k, const struct mp_watch_fold *at) {
    uint64_t index;
    k->due = *at;
    k->known = at->tile < k->nest.tiles && at->fold < folds_of(&k->nest, at->tile);
    for (unsigned r = 0; k->known && r < k->nest.t->rows; r++)
        for (unsigned c = 0; c < k->nest.t->cols; c++) {
            uint64_t i = r * k->nest.t->cols + c;
            k->used[i] = mp_watch_output(&k->nest, at, r, c, &index, &k->expected[i]);
        }
}

static void check_count(struct watching *k, uint64_t t, const struct mp_watch_fold *at, bool over) {
    uint64_t folds = at->tile < k->nest.tiles ? folds_of(&k->nest, at->tile) : 0;
    if (k->w->seen->what == MP_WATCH_NOTHING && (over ? at->fold != folds : at->fold >= folds))
        found(k, MP_WATCH_FOLD, t, at);
}

// The control in cycle t.
static void follow(struct watching *k, uint64_t t) {
    struct control *now = &k->past[0];
    memmove(k->past + 1, k->past, BEHIND * sizeof *k->past);
    if (*k->array_start) {
        if (t > 0 && now->now.tile != UINT64_MAX)
            check_count(k, t, &now->now, true);
        now->now = (struct mp_watch_fold){.tile = *k->compute_tile};
        k->tile_start = t;
    }
    now->fires = *k->transfer, now->drains = *k->drain;
    now->fired = now->now;
    if (!now->fires)
        return;
    check_count(k, t, &now->now, false);
    now->now.fold++;
}

// What is set in cycle t shows in t + 1: there the accumulators hold the fold that was worked at two cycles before t.
static void expect(struct watching *k) {
    struct mp_watch *w = k->w;
    const struct mp_watch_fold *at = &k->past[2].now;
    uint64_t index = 0;
    int64_t sum = 0;
    if (k->shows && at->tile == k->shown.tile && at->fold == k->shown.fold)
        return;
    k->shown = *at, k->shows = true;
    bool valid = at->tile < k->nest.tiles && at->fold < folds_of(&k->nest, at->tile) &&
                 mp_watch_output(&k->nest, at, w->row, w->col, &index, &sum);
    const uint32_t words[] = {(uint32_t)at->tile, w->row, w->col, (uint32_t)sum, valid ? (uint32_t)w->output[index] : 0,
                              (uint32_t)index, CAUSE_NONE, valid};
    memcpy(k->ports->expected, words, sizeof words);
}

static void note_progress(struct watching *k, uint64_t t) {
    struct mp_watch_seen *s = k->w->seen;
    const struct mp_shim_ports *p = k->ports;
    if (*k->advance) {
        if (s->stages < k->w->stage_cap)
            s->stage[s->stages] = t + 1;
        s->stages++;
    }
    if (*k->advance || *k->transfer || *p->req_valid || *p->wvalid || (*p->rvalid && *p->rready))
        s->progress = t;
}

static void cycle(void *user, uint64_t t) {
    struct watching *k = user;
    note_progress(k, t);
    if (!k->nest.t->on_array)
        return;
    follow(k, t);
    if (k->past[BEHIND].fires)
        take_due(k, &k->past[BEHIND].fired);
    if (k->past[BEHIND].drains)
        compare(k, t);
    if (k->w->expect)
        expect(k);
}

static bool begin(void *user, const struct mp_shim_ops *shim, void *model, const struct mp_shim_ports *ports) {
    struct watching *k = user;
    const char *core = "mp_cosim.u_core", *seq = "mp_cosim.u_core.u_seq";
    k->ports = ports;
    k->sums = shim->find(model, core, "sums"), k->transfer = shim->find(model, core, "transfer");
    k->drain = shim->find(model, core, "drain"), k->array_start = shim->find(model, core, "array_start");
    k->advance = shim->find(model, seq, "advance"), k->compute_tile = shim->find(model, seq, "compute_tile");
    // A run that begins with its first stage has no cycle in which it steps to it.
    k->w->seen->stages = k->nest.t->turned == 0;
    return k->sums && k->transfer && k->drain && k->array_start && k->advance && k->compute_tile;
}

void mp_watch_hook(struct mp_watch *w, struct mp_arena *a, struct mp_drive_hook *hook) {
    struct watching *k = mp_arena_alloc(a, 1, sizeof *k);
    uint64_t pes = w->run->task->rows * w->run->task->cols;
    *k = (struct watching){.w = w};
    mp_nest_init(&k->nest, w->run);
    k->expected = mp_arena_alloc(a, pes, sizeof *k->expected);
    k->used = mp_arena_alloc(a, pes, sizeof *k->used);
    k->good = mp_arena_alloc(a, pes, sizeof *k->good);
    for (size_t i = 0; i <= BEHIND; i++)
        k->past[i].now.tile = UINT64_MAX;
    *hook = (struct mp_drive_hook){.begin = begin, .cycle = cycle, .user = k};
}
