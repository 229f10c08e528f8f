// SPDX-License-Identifier: Apache-2.0
#include "sim/report/room.h"

#include <math.h>

#define COLUMN 6.0 // pixels of a letter, about: most of Helvetica's small ones are narrower
#define ASCENT 9.0
#define DESCENT 3.0
#define GAP 3.0    // between a point and its name

void mp_room_take(struct mp_room *r, const struct mp_box *box) {
    if (r->box_count == r->box_cap) {
        const size_t cap = r->box_cap ? 2 * r->box_cap : 64;
        r->boxes = mp_arena_grow(r->arena, r->boxes, r->box_count, cap, sizeof *r->boxes);
        r->box_cap = cap;
    }
    r->boxes[r->box_count++] = *box;
}

void mp_room_take_line(struct mp_room *r, double x1, double y1, double x2, double y2) {
    if (r->line_count == r->line_cap) {
        const size_t cap = r->line_cap ? 2 * r->line_cap : 16;
        r->lines = mp_arena_grow(r->arena, r->lines, r->line_count, cap, sizeof *r->lines);
        r->line_cap = cap;
    }
    r->lines[r->line_count++] = (struct mp_room_line){x1, y1, x2, y2};
}

struct mp_box mp_room_text_box(const struct mp_room_place *p, size_t columns) {
    const double width = (double)columns * COLUMN;
    const double left = p->x - width * (p->anchor == MP_SVG_END ? 1 : p->anchor == MP_SVG_MIDDLE ? 0.5 : 0);
    return (struct mp_box){left, p->y - ASCENT, left + width, p->y + DESCENT};
}

static bool meets_box(const struct mp_box *a, const struct mp_box *b) {
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

// The part of the line above the box's width passes through its height.
static bool meets_line(const struct mp_box *a, const struct mp_room_line *l) {
    const double from = fmax(a->left, l->x1), to = fmin(a->right, l->x2);
    if (from > to)
        return false;
    const double slope = l->x2 > l->x1 ? (l->y2 - l->y1) / (l->x2 - l->x1) : 0;
    const double y1 = l->y1 + slope * (from - l->x1), y2 = l->y1 + slope * (to - l->x1);
    return fmin(y1, y2) < a->bottom && fmax(y1, y2) > a->top;
}

static bool is_free(const struct mp_room *r, const struct mp_box *box) {
    if (box->left < r->page.left || box->top < r->page.top || box->right > r->page.right || box->bottom > r->page.bottom)
        return false;
    for (size_t i = 0; i < r->box_count; i++)
        if (meets_box(box, &r->boxes[i]))
            return false;
    for (size_t i = 0; i < r->line_count; i++)
        if (meets_line(box, &r->lines[i]))
            return false;
    return true;
}

bool mp_room_find(struct mp_room *r, const struct mp_room_place *places, size_t count, size_t columns,
                  struct mp_room_place *out) {
    for (size_t i = 0; i < count; i++) {
        const struct mp_box box = mp_room_text_box(&places[i], columns);
        if (!is_free(r, &box))
            continue;
        mp_room_take(r, &box);
        *out = places[i];
        return true;
    }
    return false;
}

bool mp_room_beside(struct mp_room *r, double x, double y, double radius, size_t columns, struct mp_room_place *out) {
    const double middle = (ASCENT - DESCENT) / 2, near = 0.75 * radius + 1;
    const double above = y - DESCENT, below = y + ASCENT + 1;
    const struct mp_room_place places[] = {
        {x + radius + GAP, y + middle, MP_SVG_START}, {x - radius - GAP, y + middle, MP_SVG_END},
        {x, above - radius, MP_SVG_MIDDLE},           {x, below + radius, MP_SVG_MIDDLE},
        {x + near, below + near, MP_SVG_START},       {x - near, above - near, MP_SVG_END},
        {x + near, above - near, MP_SVG_START},       {x - near, below + near, MP_SVG_END},
    };
    return mp_room_find(r, places, sizeof places / sizeof *places, columns, out);
}
