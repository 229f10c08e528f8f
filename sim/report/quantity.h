// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them. Each call writes into `out` and returns it.
#ifndef SIM_REPORT_QUANTITY_H
#define SIM_REPORT_QUANTITY_H

#include <stddef.h>
#include <stdint.h>

#define MP_QTY_BYTES 48

const char *mp_qty_count(uint64_t value, char out[MP_QTY_BYTES]);                 // 1,234,567
const char *mp_qty_fixed(double value, int decimals, char out[MP_QTY_BYTES]);     // 12,345.67
const char *mp_qty_digits(double value, int digits, char out[MP_QTY_BYTES]);      // digits that count: 0.01234
const char *mp_qty_si(double value, const char *unit, char out[MP_QTY_BYTES]);    // 3.214 mJ: four digits, SI prefix
const char *mp_qty_bytes(double bytes, char out[MP_QTY_BYTES]);                   // 64 KiB, as SRAM is sized
const char *mp_qty_percent(double part, double whole, char out[MP_QTY_BYTES]);    // 12.3 %; "-" when whole is 0
const char *mp_qty_hundredths(double part, double whole, char out[MP_QTY_BYTES]); // the same without the sign
const char *mp_qty_ratio(double value, double base, char out[MP_QTY_BYTES]);      // 0.25x; "-" when base is 0
const char *mp_qty_change(double from, double to, char out[MP_QTY_BYTES]); // -12.3 %, from a factor of 2 on 5.00x
// Decimals (0 to 3) with which numbers up to `largest` show at least three digits.
int mp_qty_decimals(double largest);
// The unit of a table of energies that are up to `most_pj`: uJ, below 1 uJ nJ, below 10 nJ pJ.
struct mp_energy_unit {
    const char *name;
    double factor; // from pJ
};
struct mp_energy_unit mp_energy_unit(double most_pj);

#endif
