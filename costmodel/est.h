// SPDX-License-Identifier: Apache-2.0
// Estimators: a table interpolated in log-log, and the ways to price a buffer. A way to price buffers is one
// file est_KIND.c with one mp_buffer_est_ops, listed in est.c by its key in the tech file.
#ifndef COSTMODEL_EST_H
#define COSTMODEL_EST_H

#include "costmodel/price.h"

#define MP_EST_VALUES 4                 // columns of values a table may have
#define MP_EST_LEAST (1 / MP_PRICE_MAX) // of a value that is not 0

// Points of one or two ascending axes, each with `values` numbers, 0 or more. `filled` points are not in the file:
// they close the grid in the plane (in log-log) of their three neighbours.
struct mp_est_table {
    struct mp_cite cite;
    const char *const *columns; // names: the axes, then the values
    size_t axes, values, nx, ny;
    double *x, *y; // ny 1: y[0] is 1
    double *v;     // v[(ix * ny + iy) * values + k]
    bool *filled;
};

// {"source" or "estimate", "columns": [...], "rows": [[...], ...]}; `columns` must be the file's, in its order.
bool mp_est_table_read(const struct mp_reader *r, const struct mp_node *n, const char *const *columns, size_t axes,
                       const char *what, struct mp_est_table *out, struct mp_err *err);
void mp_est_table_write(const struct mp_est_table *t, struct mp_echo *out);

// Values at (x, y). At the table's points they are the table's. Below the first x or y the slope of the first
// segment goes on, held between 0 (constant) and 1 (proportional). x and y must not lie above the last point.
// False when the values rest on more than the file's points: outside, or on a filled point.
bool mp_est_table_at(const struct mp_est_table *t, double x, double y, double out[MP_EST_VALUES]);

struct mp_bank_price {
    double read_pj, write_pj, leak_mw, area_mm2;
};

struct mp_buffer_est;

// MP_EST_CLOSED: within the table's range, but resting on a filled point.
enum mp_est_found { MP_EST_INSIDE, MP_EST_CLOSED, MP_EST_EXTRAPOLATED, MP_EST_NO_PRICE };

struct mp_buffer_est_ops {
    const char *key; // in the tech file
    struct mp_buffer_est *(*read)(const struct mp_reader *r, const struct mp_node *n, struct mp_err *err); // or NULL
    // One bank of `bytes` with a port of `bits`.
    enum mp_est_found (*price)(const struct mp_buffer_est *e, enum mp_buffer_id which, double bytes, double bits,
                               struct mp_bank_price *out);
    // Adds the lines of the numbers that `price` uses.
    void (*sources)(const struct mp_buffer_est *e, enum mp_buffer_id which, struct mp_sources *s);
    // What the file prices: "1 KB..4 MB x 64..512 bit", and what the estimator does beyond it.
    void (*describe)(const struct mp_buffer_est *e, char *table, char *bound, size_t size);
    void (*write)(const struct mp_buffer_est *e, struct mp_echo *out);
};

// First member of each estimator's own struct.
struct mp_buffer_est {
    const struct mp_buffer_est_ops *ops;
};

extern const struct mp_buffer_est_ops mp_est_sram, mp_est_bits;
extern const struct mp_buffer_est_ops *const mp_buffer_ests[]; // NULL-terminated

// "512 B", "1.5 KB", "4 MB" into `out`; returns `out`.
const char *mp_est_bytes(double bytes, char out[32]);

#endif
