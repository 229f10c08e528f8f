// SPDX-License-Identifier: Apache-2.0
// The result as text: what was run, layers, totals, warnings, sources.
#include "sim/report/memory.h"
#include "sim/report/quantity.h"
#include "sim/report/report.h"

#include <inttypes.h>

static void add_title(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out) {
    struct mp_buf title = {0};
    mp_buf_addf(&title, "%s on %s", r->plan->name, r->arch->name);
    mp_style_bold(s, title.text, out);
    mp_buf_finish(&title);
    mp_buf_addf(out, ": workload %s, batch %" PRIu64 ", engine %s, objective %s, tech %s\n", r->workload->name,
                r->plan->batch, mp_engine_names[r->engine], r->objective, r->arch->tech);
}

static void add_array(const struct mp_arch *arch, struct mp_buf *out) {
    const struct mp_pe_array *a = &arch->array;
    mp_buf_addf(out, "  array    %" PRIu64 " x %" PRIu64 " PEs %s, %" PRIu64 " lane%s", a->rows, a->cols,
                a->pe.ops->name, a->pe.lanes, a->pe.lanes == 1 ? "" : "s");
    if (a->pe.serial_bits > 0)
        mp_buf_addf(out, ", %" PRIu64 " bit%s a cycle", a->pe.serial_bits, a->pe.serial_bits == 1 ? "" : "s");
    mp_buf_addf(out, ", %s, %s, %" PRIu64 "-bit accumulators, %g MHz\n", mp_dataflow_names[a->dataflow],
                mp_interconnect_names[a->interconnect], a->accumulator.bits, arch->clock_mhz);
}

static void add_buffers(const struct mp_arch *arch, struct mp_buf *out) {
    mp_buf_add(out, "  buffers  ");
    mp_memory_buffers(arch->buffers, out);
    mp_buf_add(out, "; DRAM ");
    mp_memory_dram_rated(&arch->dram, false, mp_dram_peak_bits_per_cycle(&arch->dram) * arch->clock_mhz * 1e6 / 8, out);
    mp_buf_add(out, "\n");
}

static double peak_ops(const struct mp_arch *arch, unsigned bits) {
    const struct mp_pe_array *a = &arch->array;
    struct mp_pe_step step = a->pe.ops->step(&a->pe, bits, bits);
    return 2 * (double)(a->rows * a->cols * a->pe.lanes * step.products) / (double)step.cycles * arch->clock_mhz *
           1e6;
}

static void add_peak(const struct mp_arch *arch, struct mp_buf *out) {
    static const unsigned bits[] = {8, 4, 2};
    char ops[MP_QTY_BYTES];
    mp_buf_add(out, "  peak    ");
    if (peak_ops(arch, 8) == peak_ops(arch, 2)) {
        mp_buf_addf(out, " %s at any width\n", mp_qty_si(peak_ops(arch, 8), "OPS", ops));
        return;
    }
    for (int i = 0; i < 3; i++)
        mp_buf_addf(out, "%s %s at %u/%u bits", i > 0 ? "," : "", mp_qty_si(peak_ops(arch, bits[i]), "OPS", ops),
                    bits[i], bits[i]);
    mp_buf_add(out, "\n");
}

static void add_warnings(const struct mp_style *s, const char *const *lines, size_t count, struct mp_buf *out) {
    for (size_t i = 0; i < count; i++) {
        mp_style_warn(s, "warning", out);
        mp_buf_addf(out, ": %s\n", lines[i]);
    }
}

static void add_legend(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out) {
    bool overflow = false;
    for (size_t i = 0; i < r->layer_count; i++)
        overflow = overflow || r->layers[i].may_overflow;
    mp_style_faint(
        s,
        "a/w: bits of activations and weights. util%: of the peak at these bits. r c l: what rows, columns "
        "and lanes carry\n(px: pixels, kic: kernel and channels). tiles: loops over buffer tiles, outermost "
        "first, with tile sizes.",
        out);
    if (overflow)
        mp_style_faint(s, "\n!: the accumulator may overflow in the worst case.", out);
    mp_buf_add(out, "\n\n");
}

void mp_report_text(const struct mp_result *r, const struct mp_text_options *o, struct mp_buf *out) {
    add_title(r, &o->style, out);
    add_array(r->arch, out);
    add_peak(r->arch, out);
    add_buffers(r->arch, out);
    mp_buf_add(out, "\n");
    mp_text_layers(r, o, out);
    add_legend(r, &o->style, out);
    mp_text_totals(r, &o->style, out);
    mp_buf_add(out, "\n");
    add_warnings(&o->style, r->workload->warnings, r->workload->warning_count, out);
    add_warnings(&o->style, r->warnings, r->warning_count, out);
    mp_text_sources(r, &o->style, out);
}
