// SPDX-License-Identifier: Apache-2.0
// DRAM parts. Timings in cycles of each part's clock; the effective column distance is the greater of tCCD and the burst.
#include "sim/mem/controller.h"

#include <string.h>

#define FGDRAM "O'Connor et al., Fine-Grained DRAM, MICRO 2017, table 3: 909 pJ to activate 1 KB, 3.48 pJ/bit to read or write"

const struct mp_dram_preset mp_dram_presets[] = {
    {.name = "ddr4_2400", .help = "DDR4-2400, 64-bit channel, 8 chips of 8 Gb x8, 8 GB",
     .source = "JESD79-4, speed bin 17-17-17 (DRAMsim3 DDR4_8Gb_x8_2400)",
     .tck_ns = 0.83, .bus_bits = 64, .access_bytes = 64, .groups = 4, .banks = 4, .rows = 65536, .row_bytes = 8192,
     .timing = {.cl = 17, .cwl = 12, .burst = 4, .rcd_rd = 17, .rcd_wr = 17, .rp = 17, .ras = 39, .rc = 56,
                .ccd_s = 4, .ccd_l = 6, .rrd_s = 4, .rrd_l = 6, .faw = 26, .wr = 18, .wtr_s = 3, .wtr_l = 9,
                .rtp = 9, .rd_wr = 10, .refi = 9360, .rfc = 420},
     .mapping = "rorachcobabg", .price = "ddr4"},
    {.name = "lpddr4_3200", .help = "LPDDR4-3200, 32-bit channel, 1 GB",
     .source = "JESD209-4, two x16 channels in step",
     .tck_ns = 0.625, .bus_bits = 32, .access_bytes = 64, .groups = 1, .banks = 8, .rows = 32768, .row_bytes = 4096,
     .timing = {.cl = 28, .cwl = 14, .burst = 8, .rcd_rd = 29, .rcd_wr = 29, .rp = 29, .ras = 68, .rc = 97,
                .ccd_s = 8, .ccd_l = 8, .rrd_s = 16, .rrd_l = 16, .faw = 64, .wr = 29, .wtr_s = 16, .wtr_l = 16,
                .rtp = 12, .rd_wr = 23, .ppd = 4, .refi = 6246, .rfc = 288},
     .mapping = "rorachcobabg", .price = "lpddr4"},
    {.name = "hbm2_2000", .help = "HBM2 at 2 Gb/s a pin, one 128-bit channel of a stack, 1 GB",
     .source = "JESD235A, legacy mode (DRAMsim3)",
     .tck_ns = 1, .bus_bits = 128, .access_bytes = 64, .groups = 4, .banks = 4, .rows = 32768, .row_bytes = 2048, .two_buses = true,
     .timing = {.cl = 14, .cwl = 4, .burst = 2, .rcd_rd = 14, .rcd_wr = 14, .rp = 14, .ras = 34, .rc = 48,
                .ccd_s = 2, .ccd_l = 2, .rrd_s = 4, .rrd_l = 6, .faw = 30, .wr = 16, .wtr_s = 6, .wtr_l = 8,
                .rtp = 5, .rd_wr = 14, .refi = 3900, .rfc = 260},
     .energy = {.read_pj = 1781.8, .write_pj = 1781.8, .activate_pj = 1818, .source = FGDRAM},
     .mapping = "rorachcobabg", .price = "hbm2"},
    {.name = "hbm2_pc", .help = "HBM2 at 2 Gb/s a pin, one 64-bit pseudo-channel of a stack, 512 MB",
     .source = "JESD235A, pseudo-channel mode (Ramulator 2)",
     .tck_ns = 1, .bus_bits = 64, .access_bytes = 32, .groups = 4, .banks = 4, .rows = 32768, .row_bytes = 1024,
     .timing = {.cl = 14, .cwl = 5, .burst = 2, .rcd_rd = 14, .rcd_wr = 12, .rp = 14, .ras = 34, .rc = 48,
                .ccd_s = 2, .ccd_l = 4, .rrd_s = 4, .rrd_l = 4, .faw = 15, .wr = 16, .wtr_s = 6, .wtr_l = 8,
                .rtp = 5, .rd_wr = 13, .refi = 3900, .rfc = 260},
     .energy = {.read_pj = 890.9, .write_pj = 890.9, .activate_pj = 909, .source = FGDRAM},
     .mapping = "rorachcobabg", .price = "hbm2"},
    {.name = NULL},
};

const char *const mp_dram_preset_names[] = {"ddr4_2400", "lpddr4_3200", "hbm2_2000", "hbm2_pc", NULL};

const struct mp_dram_preset *mp_dram_preset_find(const char *name) {
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

uint64_t mp_dram_bytes(const struct mp_dram_preset *p, unsigned channels) {
    return (uint64_t)channels * p->groups * p->banks * p->rows * p->row_bytes;
}
