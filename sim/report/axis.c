// SPDX-License-Identifier: Apache-2.0
#include "sim/report/axis.h"

#include <math.h>
#include <stdio.h>

#define LOG_FROM 30.0 // ratio of the ends
#define INTERVALS 6   // about, between ticks

// The next of 1, 2, 5 times a power of ten.
static double round_up(double v) {
    const double power = pow(10, floor(log10(v))), digit = v / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

struct mp_axis mp_axis_around(double low, double high, bool may_be_log, double from, double to) {
    if (may_be_log && low > 0 && high > LOG_FROM * low)
        return (struct mp_axis){pow(10, floor(log10(low) + 1e-9)), pow(10, ceil(log10(high) - 1e-9)), from, to, 0};
    double range = high - low;
    if (!(range > 1e-12 * fabs(high))) // one number
        range = high == 0 ? 1 : fabs(high) / 2;
    const double step = round_up(range / INTERVALS);
    struct mp_axis a = {step * floor(low / step), step * ceil(high / step), from, to, step};
    if (!(a.high > a.low))
        a.high = a.low + step, a.low -= low == 0 ? 0 : step;
    return a;
}

struct mp_axis mp_axis_log(double low, double high, double from, double to) {
    // The last of 1, 2, 5 times a power of ten below: what is above 1 / low, upside down, for 2 and 5 are each other's then.
    return (struct mp_axis){1 / round_up(1 / low), round_up(high), from, to, 0};
}

double mp_axis_at(const struct mp_axis *a, double v) {
    const double share = a->step > 0 ? (v - a->low) / (a->high - a->low) : v > 0 ? log(v / a->low) / log(a->high / a->low) : 0;
    return a->from + (a->to - a->from) * fmin(1, fmax(0, share));
}

// Powers of ten, with 2 and 5 times them where there is room.
static size_t log_ticks(const struct mp_axis *a, double ticks[MP_AXIS_TICKS]) {
    static const double digits[] = {1, 2, 5};
    const int first = (int)floor(log10(a->low) + 1e-9), last = (int)ceil(log10(a->high) - 1e-9);
    const int stride = (last - first) / 8 + 1;
    const size_t some = log10(a->high / a->low) < 3 + 1e-9 ? 3 : 1;
    size_t n = 0;
    for (int d = first; d <= last && n + 3 <= MP_AXIS_TICKS; d += stride)
        for (size_t i = 0; i < some; i++) {
            const double tick = digits[i] * pow(10, d);
            if (tick > a->low * (1 - 1e-9) && tick < a->high * (1 + 1e-9))
                ticks[n++] = tick;
        }
    return n;
}

size_t mp_axis_ticks(const struct mp_axis *a, double ticks[MP_AXIS_TICKS]) {
    if (!(a->step > 0))
        return log_ticks(a, ticks);
    const double count = round((a->high - a->low) / a->step);
    size_t n = 0;
    for (; n < MP_AXIS_TICKS && (double)n <= count; n++)
        ticks[n] = a->step * (round(a->low / a->step) + (double)n);
    return n;
}

const char *mp_axis_label(const struct mp_axis *a, double tick, char out[MP_QTY_BYTES]) {
    const int decimals = a->step > 0 ? (int)fmax(0, -floor(log10(a->step) + 1e-9)) : 0;
    if (a->step > 0 && decimals <= 4)
        return mp_qty_fixed(tick, decimals, out);
    snprintf(out, MP_QTY_BYTES, "%.6g", tick);
    return out;
}

const char *mp_axis_prefix(double largest, double *factor) {
    static const char *const prefixes[] = {"f", "p", "n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    size_t at = 5; // ""
    *factor = 1;
    for (; largest * *factor >= 1000 && at + 1 < sizeof prefixes / sizeof *prefixes; at++)
        *factor /= 1000;
    for (; largest > 0 && largest * *factor < 1 && at > 0; at--)
        *factor *= 1000;
    return prefixes[at];
}
