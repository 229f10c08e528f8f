// SPDX-License-Identifier: Apache-2.0
// The growing text buffer, the nearest name by edit distance, and doubles as text. Numbers are written and
// read in the C locale, which the program never leaves.
#include "sim/base/str.h"

#include "sim/base/arena.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORD 64 // longer words get no suggestion
#define TWO_53 9007199254740992.0

// Room for `more` bytes and the final NUL.
static void reserve(struct mp_buf *b, size_t more) {
    size_t need;
    if (__builtin_add_overflow(b->len + 1, more, &need) || need > SIZE_MAX / 4)
        mp_out_of_memory();
    if (need <= b->cap)
        return;
    size_t cap = need > b->cap * 2 ? need : b->cap * 2;
    cap = cap < 64 ? 64 : cap;
    char *text = realloc(b->text, cap);
    if (!text)
        mp_out_of_memory();
    b->text = text;
    b->cap = cap;
}

void mp_buf_addn(struct mp_buf *b, const char *text, size_t len) {
    reserve(b, len);
    if (len > 0)
        memcpy(b->text + b->len, text, len);
    b->len += len;
    b->text[b->len] = '\0';
}

void mp_buf_add(struct mp_buf *b, const char *text) {
    mp_buf_addn(b, text, strlen(text));
}

void mp_buf_addf(struct mp_buf *b, const char *fmt, ...) {
    va_list args, again;
    reserve(b, 64); // enough for most, so that most are formatted once
    size_t room = b->cap - b->len;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(b->text + b->len, room, fmt, args);
    va_end(args);
    assert(n >= 0);
    if ((size_t)n >= room) {
        reserve(b, (size_t)n);
        vsnprintf(b->text + b->len, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    b->len += (size_t)n;
}

void mp_buf_finish(struct mp_buf *b) {
    if (!b)
        return;
    free(b->text);
    *b = (struct mp_buf){0};
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b, bool any_case) {
    return any_case ? lower(a) == lower(b) : a == b;
}

// Optimal string alignment: insert, delete, replace and swap of neighbours cost one each.
static unsigned edit_distance(const char *a, size_t n, const char *b, size_t m, bool any_case) {
    unsigned rows[3][MAX_WORD + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(last[j - 1] + !same(a[i - 1], b[j - 1], any_case), least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2], any_case) && same(a[i - 2], b[j - 1], any_case))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[m];
}

// How much two words of so many letters may differ.
static size_t third_of_longer(size_t n, size_t m) {
    size_t letters = n > m ? n : m;
    return letters / 3 ? letters / 3 : 1;
}

static size_t fourth_of_shorter(size_t n, size_t m) {
    size_t letters = n < m ? n : m;
    return letters / 4 < 2 ? letters / 4 : 2;
}

static const char *nearest(const char *word, const char *const *names, size_t count, bool any_case,
                           size_t (*allowed)(size_t n, size_t m)) {
    const char *best = NULL;
    unsigned best_distance = MAX_WORD + 1;
    size_t n = strnlen(word, MAX_WORD + 1);
    for (size_t i = 0; n <= MAX_WORD && i < count; i++) {
        size_t m = strnlen(names[i], MAX_WORD + 1);
        if (m > MAX_WORD)
            continue;
        unsigned d = edit_distance(word, n, names[i], m, any_case);
        if (d <= allowed(n, m) && d < best_distance) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}

const char *mp_nearest(const char *word, const char *const *names, size_t count) {
    return nearest(word, names, count, false, third_of_longer);
}

const char *mp_misspelt(const char *word, const char *const *names, size_t count) {
    return nearest(word, names, count, true, fourth_of_shorter);
}

void mp_format_double(double value, char out[32]) {
    assert(isfinite(value));
    if (fabs(value) < TWO_53 && value == trunc(value)) {
        snprintf(out, 32, "%.0f", value);
        return;
    }
    // Any text of up to 15 digits survives in a normal double, so 15 loses nothing; subnormals need fewer.
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
    do {
        snprintf(out, 32, "%.*g", digits, value);
    } while (digits++ < 17 && strtod(out, NULL) != value);
}
