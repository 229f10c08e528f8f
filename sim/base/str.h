// SPDX-License-Identifier: Apache-2.0
// A growing text buffer, and the nearest name for "did you mean".
#ifndef SIM_BASE_STR_H
#define SIM_BASE_STR_H

#include <stdarg.h>
#include <stddef.h>

struct mp_buf {
    char *text; // NUL-terminated once anything was added, else NULL
    size_t len, cap;
};

void mp_buf_add(struct mp_buf *b, const char *text);
void mp_buf_addn(struct mp_buf *b, const char *text, size_t len);
void mp_buf_addf(struct mp_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
void mp_buf_finish(struct mp_buf *b);

// The name nearest to `word` by edit distance (adjacent swaps count one), or NULL when none is near
// enough to suggest: more than a third of the longer one's letters differ, at least one may.
const char *mp_nearest(const char *word, const char *const *names, size_t count);
// The same for names of which many are alike: without regard to case, and near enough is where at most a fourth of the shorter
// one's letters differ, and at most two.
const char *mp_misspelt(const char *word, const char *const *names, size_t count);

// Shortest decimal text that reads back as `value` (finite). `out` holds at least 32 bytes.
void mp_format_double(double value, char out[32]);

#endif
