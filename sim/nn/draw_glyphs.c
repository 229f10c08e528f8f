// SPDX-License-Identifier: Apache-2.0
// The set "glyphs": ten figures of strokes in 16x16 pixels and three colours. They differ in place, turn, size, slant
// and stroke; colours and their contrast, a ramp of light, stray strokes, a patch that covers a part, and noise make
// them harder. Lengths are in 1/256 of a pixel, points of a figure in 1/64 of its half size.
#include "sim/nn/draw.h"

#include <stdlib.h>

#define SIDE 16
#define PIXEL 256
#define MAX_STROKES 12
#define ONE 4096 // in a transformation

struct point {
    int x, y;
};
struct stroke {
    struct point a, b;
};
struct figure {
    unsigned strokes;
    signed char at[MAX_STROKES][4]; // from x, y to x, y; y points down
};
struct pen {
    int half; // half its width
    int colour[3];
};

static const char *const names[] = {"ring", "square", "triangle", "cross", "tee",
                                    "ell",  "zigzag", "arc",      "arrow", "fork"};

static const struct figure figures[] = {
    {8,
     {{64, 0, 45, 45},
      {45, 45, 0, 64},
      {0, 64, -45, 45},
      {-45, 45, -64, 0},
      {-64, 0, -45, -45},
      {-45, -45, 0, -64},
      {0, -64, 45, -45},
      {45, -45, 64, 0}}},
    {4, {{-54, -54, 54, -54}, {54, -54, 54, 54}, {54, 54, -54, 54}, {-54, 54, -54, -54}}},
    {3, {{0, -62, 58, 50}, {58, 50, -58, 50}, {-58, 50, 0, -62}}},
    {2, {{-62, 0, 62, 0}, {0, -62, 0, 62}}},
    {2, {{-56, -56, 56, -56}, {0, -56, 0, 60}}},
    {2, {{-44, -60, -44, 54}, {-44, 54, 50, 54}}},
    {3, {{-50, -56, 50, -56}, {50, -56, -50, 56}, {-50, 56, 50, 56}}},
    {6,
     {{45, -45, 0, -64},
      {0, -64, -45, -45},
      {-45, -45, -64, 0},
      {-64, 0, -45, 45},
      {-45, 45, 0, 64},
      {0, 64, 45, 45}}},
    {3, {{-60, 0, 60, 0}, {60, 0, 16, -42}, {60, 0, 16, 42}}},
    {3, {{0, 62, 0, 0}, {0, 0, -50, -56}, {0, 0, 50, -56}}},
};

// min..max, both included.
static int any(struct mp_random *r, int min, int max) {
    return (int)mp_random_range(r, min, max);
}

// The root, rounded down; by bits from the top.
static int64_t root(int64_t v) {
    int64_t r = 0;
    for (int64_t bit = (int64_t)1 << 15; bit > 0; bit >>= 1)
        if ((r + bit) * (r + bit) <= v)
            r += bit;
    return r;
}

static int64_t distance(const struct stroke *s, int px, int py) {
    int64_t dx = s->b.x - s->a.x, dy = s->b.y - s->a.y, x = px - s->a.x, y = py - s->a.y;
    int64_t length2 = dx * dx + dy * dy, along = x * dx + y * dy, across = x * dy - y * dx;
    if (along > 0 && along < length2)
        return root(across * across / length2);
    if (along > 0) {
        x = px - s->b.x;
        y = py - s->b.y;
    }
    return root(x * x + y * y);
}

static uint8_t clamped(int v) {
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

// How much of a pixel whose centre is so far away is under the pen: 0..256, falling over one pixel at its rim.
static int cover(int64_t far, int half) {
    int64_t c = half + PIXEL / 2 - far;
    return (int)(c < 0 ? 0 : c > PIXEL ? PIXEL : c);
}

// Strokes that are drawn together cover a pixel once.
static void ink(const struct stroke *s, size_t count, const struct pen *pen, int *image) {
    for (int k = 0; k < SIDE * SIDE; k++) {
        int most = 0, x = k % SIDE * PIXEL + PIXEL / 2, y = k / SIDE * PIXEL + PIXEL / 2;
        for (size_t i = 0; i < count; i++) {
            int c = cover(distance(&s[i], x, y), pen->half);
            most = c > most ? c : most;
        }
        for (int c = 0; c < 3; c++) {
            int *v = &image[c * SIDE * SIDE + k];
            *v += (pen->colour[c] - *v) * most / 256;
        }
    }
}

// A turn by twice the angle whose tangent is t / ONE, without sine and cosine: (1 - t^2, 2 t) / (1 + t^2).
static struct point turned(struct point p, int t) {
    int64_t q = (int64_t)t * t, one = (int64_t)ONE * ONE, c = (one - q) * ONE / (one + q),
            s = 2 * (int64_t)t * one / (one + q);
    return (struct point){(int)((p.x * c - p.y * s) / ONE), (int)((p.x * s + p.y * c) / ONE)};
}

static void place(struct mp_random *r, const struct figure *f, struct stroke *out) {
    int size = any(r, 950, 1700), stretch = any(r, -700, 700), slant = any(r, -900, 900);
    int t = any(r, -1000, 1000);
    int x = SIDE * PIXEL / 2 + any(r, -500, 500), y = SIDE * PIXEL / 2 + any(r, -500, 500);
    for (unsigned i = 0; i < 2 * f->strokes; i++) {
        const signed char *at = &f->at[i / 2][i % 2 * 2];
        struct point p = {at[0] * size / 64, at[1] * size / 64};
        p.x += p.x * stretch / ONE + p.y * slant / ONE;
        p.y -= p.y * stretch / ONE;
        p = turned(p, t);
        p.x += x;
        p.y += y;
        *(i % 2 ? &out[i / 2].b : &out[i / 2].a) = p;
    }
}

static struct point anywhere(struct mp_random *r) {
    int x = any(r, 0, SIDE * PIXEL);
    return (struct point){x, any(r, 0, SIDE * PIXEL)};
}

// Ground with a ramp of light over it.
static void ground(struct mp_random *r, const int colour[3], int *image) {
    int across = any(r, -50, 50), down = any(r, -50, 50);
    for (int i = 0; i < 3 * SIDE * SIDE; i++) {
        int x = i % SIDE, y = i / SIDE % SIDE;
        image[i] = colour[i / (SIDE * SIDE)] + ((2 * x - SIDE + 1) * across + (2 * y - SIDE + 1) * down) / (2 * SIDE);
    }
}

// Stray strokes, shorter and thinner than a figure's, in any colour.
static void stray(struct mp_random *r, int *image) {
    for (int n = any(r, 1, 3); n > 0; n--) {
        struct pen pen = {any(r, 60, 130), {0}};
        struct stroke s = {.a = anywhere(r)};
        s.b.x = s.a.x + any(r, -1000, 1000);
        s.b.y = s.a.y + any(r, -1000, 1000);
        for (int c = 0; c < 3; c++)
            pen.colour[c] = any(r, 0, 255);
        ink(&s, 1, &pen, image);
    }
}

// In half of the images a patch hides a part of what is there.
static void patch(struct mp_random *r, int *image) {
    int w = any(r, 3, 6), h = any(r, 3, 6), x = any(r, 0, SIDE - w), y = any(r, 0, SIDE - h);
    bool drawn = any(r, 0, 1);
    for (int c = 0; c < 3; c++) {
        int colour = any(r, 30, 225);
        for (int k = 0; drawn && k < w * h; k++)
            image[(c * SIDE + y + k / w) * SIDE + x + k % w] = colour;
    }
}

static void draw_glyph(struct mp_random *r, unsigned class, uint8_t *out) {
    const struct figure *f = &figures[class];
    struct stroke strokes[MAX_STROKES];
    int image[3 * SIDE * SIDE], under[3];
    struct pen pen = {any(r, 110, 240), {0}};
    bool bright = any(r, 0, 1);
    int contrast = bright ? any(r, 45, 130) : any(r, -130, -45);
    for (int c = 0; c < 3; c++) {
        under[c] = any(r, 60, 195);
        pen.colour[c] = under[c] + contrast + any(r, -40, 40);
    }
    ground(r, under, image);
    place(r, f, strokes);
    stray(r, image);
    ink(strokes, f->strokes, &pen, image);
    patch(r, image);
    int noise = any(r, 6, 36);
    for (int i = 0; i < 3 * SIDE * SIDE; i++)
        out[i] = clamped(image[i] + any(r, -noise, noise) + any(r, -noise, noise));
}

const struct mp_drawn mp_drawn_glyphs = {
    .name = "glyphs",
    .help = "ten figures of strokes, 16x16 pixels in colour",
    .class_names = (const char **)names,
    .classes = 10,
    .channels = 3,
    .height = SIDE,
    .width = SIDE,
    .count = {2000, 10000},
    .draw = draw_glyph,
};
