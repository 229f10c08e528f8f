// SPDX-License-Identifier: Apache-2.0
// What of a picture is taken, and where a name beside a point still finds room. In pixels; y grows downwards.
#ifndef SIM_REPORT_ROOM_H
#define SIM_REPORT_ROOM_H

#include "sim/base/arena.h"
#include "sim/report/svg.h"

#include <stdbool.h>

struct mp_box {
    double left, top, right, bottom;
};

struct mp_room {
    struct mp_arena *arena;
    struct mp_box page;    // what is outside is taken
    struct mp_box *boxes;
    size_t box_count, box_cap;
    struct mp_room_line {
        double x1, y1, x2, y2;
        bool leader;       // from a point to its name
    } *lines;
    size_t line_count, line_cap;
};

struct mp_room_place {
    double x, y;           // of the text's base line
    enum mp_svg_anchor anchor;
};

void mp_room_take(struct mp_room *r, const struct mp_box *box);
void mp_room_take_line(struct mp_room *r, double x1, double y1, double x2, double y2); // from left to right
struct mp_box mp_room_text_box(const struct mp_room_place *p, size_t columns); // of MP_SVG_TEXT, about
// The first of some places that is free, which is then taken. False: none is.
bool mp_room_find(struct mp_room *r, const struct mp_room_place *places, size_t count, size_t columns,
                  struct mp_room_place *out);
// The same to the right of a point, to its left, above, below, and between these.
bool mp_room_beside(struct mp_room *r, double x, double y, double radius, size_t columns, struct mp_room_place *out);
// The same; failing that some way off, with the end of a leader from the point to the text in *end_x and *end_y, which meets
// no other leader, and of what is taken only what the point itself lies on. NAN: beside it, without a leader.
bool mp_room_near(struct mp_room *r, double x, double y, double radius, size_t columns, struct mp_room_place *out,
                  double *end_x, double *end_y);

#endif
