// SPDX-License-Identifier: Apache-2.0
// Numbers as text: separators, SI prefixes, percent. Rounding is printf's.
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MANY 1e21 // from there on digits would be no help, nor find room

static void plainly(double value, int decimals, char *out, size_t size) {
    snprintf(out, size, fabs(value) < MANY ? "%.*f" : "%.*g", fabs(value) < MANY ? decimals : 4, value);
}

// Commas between the digits before the point.
static const char *separate(const char *plain, char out[MP_QTY_BYTES]) {
    size_t sign = plain[0] == '-', whole = strspn(plain + sign, "0123456789"), at = sign;
    memcpy(out, plain, sign);
    for (size_t i = 0; i < whole && at < MP_QTY_BYTES - 2; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = plain[sign + i];
    }
    snprintf(out + at, MP_QTY_BYTES - at, "%s", plain + sign + whole);
    return out;
}

const char *mp_qty_count(uint64_t value, char out[MP_QTY_BYTES]) {
    char plain[24];
    snprintf(plain, sizeof plain, "%" PRIu64, value);
    return separate(plain, out);
}

const char *mp_qty_fixed(double value, int decimals, char out[MP_QTY_BYTES]) {
    char plain[MP_QTY_BYTES];
    plainly(value, decimals, plain, sizeof plain);
    if (fabs(value) < MANY)
        return separate(plain, out);
    return strcpy(out, plain);
}

const char *mp_qty_digits(double value, int digits, char out[MP_QTY_BYTES]) {
    double size = fabs(value);
    if (size == 0)
        return mp_qty_fixed(0, 0, out);
    int before = (int)floor(log10(size)) + 1, decimals = digits - before;
    return mp_qty_fixed(value, decimals < 0 ? 0 : decimals > 12 ? 12 : decimals, out);
}

const char *mp_qty_si(double value, const char *unit, char out[MP_QTY_BYTES]) {
    static const char *const prefixes[] = {"f", "p", "n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    const int plain = 5, last = (int)(sizeof prefixes / sizeof *prefixes) - 1; // plain: where "" stands
    int at = plain;
    double size = fabs(value);
    for (; size >= 999.95 && at < last; at++)
        size /= 1e3;
    for (; size > 0 && size < 0.99995 && at > 0; at--)
        size *= 1e3;
    int decimals = size >= 99.995 ? 1 : size >= 9.9995 ? 2 : 3;
    plainly(value < 0 ? -size : size, value == 0 ? 0 : decimals, out, MP_QTY_BYTES);
    const size_t len = strlen(out);
    snprintf(out + len, MP_QTY_BYTES - len, " %s%.16s", prefixes[at], unit);
    return out;
}

const char *mp_qty_bytes(double bytes, char out[MP_QTY_BYTES]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t at = 0;
    for (; bytes >= 1024 && at + 1 < sizeof units / sizeof *units; at++)
        bytes /= 1024;
    snprintf(out, MP_QTY_BYTES, "%.*f %s", bytes == floor(bytes) ? 0 : 1, bytes, units[at]);
    return out;
}

const char *mp_qty_hundredths(double part, double whole, char out[MP_QTY_BYTES]) {
    if (whole > 0)
        plainly(100 * part / whole, 1, out, MP_QTY_BYTES - 2); // and " %"
    else
        snprintf(out, MP_QTY_BYTES, "-");
    return out;
}

const char *mp_qty_percent(double part, double whole, char out[MP_QTY_BYTES]) {
    mp_qty_hundredths(part, whole, out);
    return whole > 0 ? strcat(out, " %") : out;
}

const char *mp_qty_ratio(double value, double base, char out[MP_QTY_BYTES]) {
    double ratio = base > 0 ? value / base : -1;
    if (ratio < 0)
        snprintf(out, MP_QTY_BYTES, "-");
    else
        plainly(ratio, ratio >= 99.95 ? 0 : ratio >= 9.995 ? 1 : ratio >= 0.0995 || ratio == 0 ? 2 : 3, out, MP_QTY_BYTES - 1);
    return ratio < 0 ? out : strcat(out, "x");
}

const char *mp_qty_change(double from, double to, char out[MP_QTY_BYTES]) {
    double percent = from > 0 ? 100 * (to / from - 1) : 0, size = fabs(percent);
    if (from == to)
        snprintf(out, MP_QTY_BYTES, "0");
    else if (from <= 0)
        snprintf(out, MP_QTY_BYTES, "new");
    else if (percent >= 100)
        mp_qty_ratio(to, from, out);
    else
        snprintf(out, MP_QTY_BYTES, "%+.*f %%", size >= 0.95 ? 1 : size >= 0.095 ? 2 : 3, percent);
    return out;
}

int mp_qty_decimals(double largest) {
    return largest >= 1e5 ? 0 : largest >= 100 ? 1 : largest >= 1 ? 2 : 3;
}

struct mp_energy_unit mp_energy_unit(double most_pj) {
    return most_pj <= 0 || most_pj >= 1e6 ? (struct mp_energy_unit){"uJ", 1e-6}
           : most_pj >= 1e4               ? (struct mp_energy_unit){"nJ", 1e-3}
                                          : (struct mp_energy_unit){"pJ", 1};
}
