// SPDX-License-Identifier: Apache-2.0
// DRAM parts. Timings in cycles of each part's clock; the effective column distance is the greater of tCCD and the burst.
#include "sim/mem/controller.h"

#include <string.h>

// Energies of DDR4 and LPDDR4 are least squares over DRAMsim3's energies of the streams in tests/reference/dram.csv; DDR4's are
// its formulas with IDD0 48, IDD2N 34, IDD3N 43, IDD4R 135, IDD4W 123, IDD5 250 mA and 1.2 V, eight chips, within 0.1 %.
#define DDR4_ENERGY "fitted to DRAMsim3's energies of DDR4_8Gb_x8_2400 within 0.1 %; the channel's eight chips, no termination"
#define LPDDR4_ENERGY "fitted to DRAMsim3's energies within 0.1 %; currents are illustrative, not a vendor's"
#define FGDRAM \
    "O'Connor et al., Fine-Grained DRAM, MICRO 2017, table 3: 909 pJ to activate 1 KB, 3.48 pJ a bit moved" \
    "; no refresh, no background"

// Mappings by default are those with the fewest cycles for the tiles of shipped networks: channels, and bank groups where they
// matter, change from access to access; a row is read to its end before the next bank.
const struct mp_dram_preset mp_dram_presets[MP_DRAM_PRESETS + 1] = {
    {.name = "ddr4_2400", .help = "DDR4-2400, 64-bit channel, 8 chips of 8 Gb x8, 8 GB",
     .source = "JESD79-4, speed bin 17-17-17 (DRAMsim3 DDR4_8Gb_x8_2400)",
     .tck_ns = 0.83, .bus_bits = 64, .access_bytes = 64, .groups = 4, .banks = 4, .rows = 65536, .row_bytes = 8192,
     .timing = {.cl = 17, .cwl = 12, .burst = 4, .rcd_rd = 17, .rcd_wr = 17, .rp = 17, .ras = 39, .rc = 56,
                .ccd_s = 4, .ccd_l = 6, .rrd_s = 4, .rrd_l = 6, .faw = 26, .wr = 18, .wtr_s = 3, .wtr_l = 9,
                .rtp = 9, .rd_wr = 10, .refi = 9360, .rfc = 420},
     .energy = {.read_pj = 2933, .write_pj = 2548, .activate_pj = 3450, .refresh_pj = 692800,
                .active_mw = 412.8, .idle_mw = 326.4, .source = DDR4_ENERGY},
     .mapping = "rorabacobgch", .price = "ddr4_2400"},
    {.name = "lpddr4_3200", .help = "LPDDR4-3200, 32-bit channel, 1 GB",
     .source = "JESD209-4, two x16 channels in step",
     .tck_ns = 0.625, .bus_bits = 32, .access_bytes = 64, .groups = 1, .banks = 8, .rows = 32768, .row_bytes = 4096,
     .timing = {.cl = 28, .cwl = 14, .burst = 8, .rcd_rd = 29, .rcd_wr = 29, .rp = 29, .ras = 68, .rc = 97,
                .ccd_s = 8, .ccd_l = 8, .rrd_s = 16, .rrd_l = 16, .faw = 64, .wr = 29, .wtr_s = 16, .wtr_l = 16,
                .rtp = 12, .rd_wr = 23, .ppd = 4, .refi = 6246, .rfc = 288},
     .energy = {.read_pj = 2352, .write_pj = 2171, .activate_pj = 5367, .refresh_pj = 100600,
                .active_mw = 112.8, .idle_mw = 81.6, .source = LPDDR4_ENERGY},
     .mapping = "rorabacobgch", .price = "lpddr4_3200"},
    {.name = "hbm2_2000", .help = "HBM2 at 2 Gb/s a pin, one 128-bit channel of a stack, 1 GB",
     .source = "JESD235A, legacy mode (DRAMsim3)",
     .tck_ns = 1, .bus_bits = 128, .access_bytes = 64, .groups = 4, .banks = 4, .rows = 32768, .row_bytes = 2048,
     .two_buses = true,
     .timing = {.cl = 14, .cwl = 4, .burst = 2, .rcd_rd = 14, .rcd_wr = 14, .rp = 14, .ras = 34, .rc = 48,
                .ccd_s = 2, .ccd_l = 2, .rrd_s = 4, .rrd_l = 6, .faw = 30, .wr = 16, .wtr_s = 6, .wtr_l = 8,
                .rtp = 5, .rd_wr = 14, .refi = 3900, .rfc = 260},
     .energy = {.read_pj = 1781.76, .write_pj = 1781.76, .activate_pj = 1818, .source = FGDRAM},
     .mapping = "rorabgbacoch", .price = "hbm2_2000"},
    {.name = "hbm2_pc", .help = "HBM2 at 2 Gb/s a pin, one 64-bit pseudo-channel of a stack, 512 MB",
     .source = "JESD235A, pseudo-channel mode (Ramulator 2)",
     .tck_ns = 1, .bus_bits = 64, .access_bytes = 32, .groups = 4, .banks = 4, .rows = 32768, .row_bytes = 1024,
     .timing = {.cl = 14, .cwl = 5, .burst = 2, .rcd_rd = 14, .rcd_wr = 12, .rp = 14, .ras = 34, .rc = 48,
                .ccd_s = 2, .ccd_l = 4, .rrd_s = 4, .rrd_l = 4, .faw = 15, .wr = 16, .wtr_s = 6, .wtr_l = 8,
                .rtp = 5, .rd_wr = 13, .refi = 3900, .rfc = 260},
     .energy = {.read_pj = 890.88, .write_pj = 890.88, .activate_pj = 909, .source = FGDRAM},
     .mapping = "rorabacobgch", .price = "hbm2_pc"},
    {.name = NULL},
};

const char *const mp_dram_preset_names[MP_DRAM_PRESETS + 1] = {"ddr4_2400", "lpddr4_3200", "hbm2_2000", "hbm2_pc", NULL};

const struct mp_dram_preset *mp_dram_preset_find(const char *name) {
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

uint64_t mp_dram_bytes(const struct mp_dram_preset *p, unsigned channels) {
    return (uint64_t)channels * p->groups * p->banks * p->rows * p->row_bytes;
}

double mp_dram_energy_pj(const struct mp_dram_preset *p, const struct mp_dram_counts *n, uint64_t cycles,
                         double part[MP_DRAM_PARTS]) {
    const struct mp_dram_energy *e = &p->energy;
    double active = (double)n->active_cycles, idle = (double)cycles - active, sum = 0;
    part[MP_DRAM_READING] = e->read_pj * (double)n->reads;
    part[MP_DRAM_WRITING] = e->write_pj * (double)n->writes;
    part[MP_DRAM_ACTIVATING] = e->activate_pj * (double)n->activates;
    part[MP_DRAM_REFRESHING] = e->refresh_pj * (double)n->refreshes;
    part[MP_DRAM_BACKGROUND] = (e->active_mw * active + e->idle_mw * idle) * p->tck_ns;
    for (unsigned i = 0; i < MP_DRAM_PARTS; i++)
        sum += part[i];
    return sum;
}
