// SPDX-License-Identifier: Apache-2.0
#include "sim/report/room.h"

#include <math.h>

#define COLUMN 6.0 // pixels of a letter, about: most of Helvetica's small ones are narrower
#define ASCENT 9.0
#define DESCENT 3.0
#define GAP 3.0    // between a point and its name
#define STEP 12.0  // of names with leaders
#define FAR 132.0  // the longest leader

void mp_room_take(struct mp_room *r, const struct mp_box *box) {
    if (r->box_count == r->box_cap) {
        const size_t cap = r->box_cap ? 2 * r->box_cap : 64;
        r->boxes = mp_arena_grow(r->arena, r->boxes, r->box_count, cap, sizeof *r->boxes);
        r->box_cap = cap;
    }
    r->boxes[r->box_count++] = *box;
}

static void take_line(struct mp_room *r, const struct mp_room_line *line) {
    if (r->line_count == r->line_cap) {
        const size_t cap = r->line_cap ? 2 * r->line_cap : 16;
        r->lines = mp_arena_grow(r->arena, r->lines, r->line_count, cap, sizeof *r->lines);
        r->line_cap = cap;
    }
    r->lines[r->line_count++] = *line;
}

void mp_room_take_line(struct mp_room *r, double x1, double y1, double x2, double y2) {
    take_line(r, &(struct mp_room_line){x1, y1, x2, y2, false});
}

struct mp_box mp_room_text_box(const struct mp_room_place *p, size_t columns) {
    const double width = (double)columns * COLUMN;
    const double left = p->x - width * (p->anchor == MP_SVG_END ? 1 : p->anchor == MP_SVG_MIDDLE ? 0.5 : 0);
    return (struct mp_box){left, p->y - ASCENT, left + width, p->y + DESCENT};
}

static bool meets_box(const struct mp_box *a, const struct mp_box *b) {
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

// Narrows from..to, parts of a line that starts at `start` and goes by `step`, to what lies between low and high.
static void narrow(double start, double step, double low, double high, double *from, double *to) {
    if (step == 0) {
        *to = start > low && start < high ? *to : -1;
        return;
    }
    *from = fmax(*from, fmin((low - start) / step, (high - start) / step));
    *to = fmin(*to, fmax((low - start) / step, (high - start) / step));
}

static bool meets_line(const struct mp_box *a, const struct mp_room_line *l) {
    double from = 0, to = 1;
    narrow(l->x1, l->x2 - l->x1, a->left, a->right, &from, &to);
    narrow(l->y1, l->y2 - l->y1, a->top, a->bottom, &from, &to);
    return from < to;
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

// On which side of a line a point lies.
static double side(const struct mp_room_line *l, double x, double y) {
    return (l->x2 - l->x1) * (y - l->y1) - (l->y2 - l->y1) * (x - l->x1);
}

static bool cross(const struct mp_room_line *a, const struct mp_room_line *b) {
    return side(a, b->x1, b->y1) * side(a, b->x2, b->y2) < 0 && side(b, a->x1, a->y1) * side(b, a->x2, a->y2) < 0;
}

static bool is_clear(const struct mp_room *r, const struct mp_room_line *l) {
    for (size_t i = 0; i < r->box_count; i++) {
        const struct mp_box *b = &r->boxes[i];
        const bool at_start = l->x1 >= b->left && l->x1 <= b->right && l->y1 >= b->top && l->y1 <= b->bottom;
        if (!at_start && meets_line(b, l))
            return false;
    }
    for (size_t i = 0; i < r->line_count; i++)
        if (r->lines[i].leader && cross(&r->lines[i], l))
            return false;
    return true;
}

bool mp_room_near(struct mp_room *r, double x, double y, double radius, size_t columns, struct mp_room_place *out,
                  double *end_x, double *end_y) {
    static const double across[] = {0.94, 0.94, -0.94, -0.94, 0.7, 0.7, -0.7, -0.7, 0.3, 0.3, -0.3, -0.3};
    static const double down[] = {0.34, -0.34, 0.34, -0.34, 0.7, -0.7, 0.7, -0.7, 0.95, -0.95, 0.95, -0.95};
    const double middle = (ASCENT - DESCENT) / 2;
    *end_x = *end_y = NAN;
    if (mp_room_beside(r, x, y, radius, columns, out))
        return true;
    for (double away = radius + 2 * STEP; away <= radius + FAR; away += STEP)
        for (size_t i = 0; i < sizeof across / sizeof *across; i++) {
            const struct mp_room_line leader = {x, y, x + away * across[i], y + away * down[i], true};
            const bool right = across[i] > 0;
            const struct mp_room_place at = {leader.x2 + (right ? 2 : -2), leader.y2 + middle,
                                             right ? MP_SVG_START : MP_SVG_END};
            if (!is_clear(r, &leader) || !mp_room_find(r, &at, 1, columns, out))
                continue;
            take_line(r, &leader);
            *end_x = leader.x2, *end_y = leader.y2;
            return true;
        }
    return false;
}
