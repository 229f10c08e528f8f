// SPDX-License-Identifier: Apache-2.0
// From an architecture to the parameters of the core, and the rules that it must keep to.
#include "sim/cosim/model.h"

#include <inttypes.h>
#include <string.h>

static bool carries(unsigned roles, enum mp_role role) {
    return roles >> role & 1;
}

void mp_model_params(const struct mp_arch *arch, struct mp_model_param out[MP_MODEL_PARAMS]) {
    const struct mp_pe_array *a = &arch->array;
    const struct mp_buffer *in = &arch->buffers[MP_INPUT], *w = &arch->buffers[MP_WEIGHT], *o = &arch->buffers[MP_OUTPUT];
    const struct mp_model_param params[MP_MODEL_PARAMS] = {
        {"Rows", a->rows},
        {"Cols", a->cols},
        {"Lanes", a->pe.lanes},
        {"SerialBits", a->pe.serial_bits},
        {"AccBits", a->accumulator.bits},
        {"Saturate", a->accumulator.on_overflow == MP_SATURATE},
        {"Shadow", a->accumulator.shadow},
        {"InputBits", in->size_bytes * 8},
        {"WeightBits", w->size_bytes * 8},
        {"OutputBits", o->size_bytes * 8},
        {"InputPort", in->width_bits},
        {"WeightPort", w->width_bits},
        {"OutputPort", o->width_bits},
        {"InputWord", mp_buffer_word_bits(in)},
        {"WeightWord", mp_buffer_word_bits(w)},
        {"OutputWord", mp_buffer_word_bits(o)},
        {"InputDouble", in->double_buffered},
        {"WeightDouble", w->double_buffered},
        {"OutputDouble", o->double_buffered},
        {"VecLanes", arch->vector_unit.lanes},
        {"ParamBits", arch->vector_unit.param_bits},
        {"RowPixel", carries(a->row_roles, MP_ROLE_PIXEL)},
        {"RowOc", carries(a->row_roles, MP_ROLE_OC)},
        {"ColPixel", carries(a->col_roles, MP_ROLE_PIXEL)},
        {"ColOc", carries(a->col_roles, MP_ROLE_OC)},
    };
    memcpy(out, params, sizeof params);
}

static bool must_be(const struct mp_arch *arch, const char *key, const char *wanted, const char *got, struct mp_err *err) {
    if (strcmp(wanted, got) == 0)
        return true;
    return mp_fail(err, "arch \"%s\": %s: the core is \"%s\" only (got \"%s\")", arch->name, key, wanted, got);
}

static bool check_kind(const struct mp_arch *arch, struct mp_err *err) {
    const struct mp_pe_array *a = &arch->array;
    if (!must_be(arch, "/array/pe/kind", mp_pe_serial_w.name, a->pe.ops->name, err) ||
        !must_be(arch, "/array/dataflow", mp_dataflow_names[MP_OS], mp_dataflow_names[a->dataflow], err) ||
        !must_be(arch, "/array/interconnect", mp_interconnect_names[MP_BROADCAST], mp_interconnect_names[a->interconnect],
                 err))
        return false;
    if (arch->dram.ops != &mp_mem_ideal && arch->dram.ops != &mp_mem_fixed)
        return mp_fail(err, "arch \"%s\": /dram/kind: the core runs with \"ideal\" and \"fixed\" only (got \"%s\")", arch->name,
                       arch->dram.ops->name);
    if (arch->keep_on_chip)
        return mp_fail(err, "arch \"%s\": /keep_on_chip: the core writes every tensor back, must be false (got true)",
                       arch->name);
    return true;
}

bool mp_model_possible(const struct mp_arch *arch, struct mp_err *err) {
    const struct mp_pe_array *a = &arch->array;
    const struct mp_buffer *b = arch->buffers;
    const struct {
        const char *key;
        uint64_t value, min, max;
    } ranges[] = {
        {"/array/rows", a->rows, 1, 64},
        {"/array/cols", a->cols, 1, 64},
        {"/array/pe/lanes", a->pe.lanes, 1, 64},
        {"/array/accumulator/bits", a->accumulator.bits, 4, 32},
        {"/buffers/input/size_bytes", b[MP_INPUT].size_bytes, 64, 1 << 24},
        {"/buffers/weight/size_bytes", b[MP_WEIGHT].size_bytes, 64, 1 << 24},
        {"/buffers/output/size_bytes", b[MP_OUTPUT].size_bytes, 64, 1 << 24},
        {"/buffers/input/width_bits", b[MP_INPUT].width_bits, 1, 1 << 14},
        {"/buffers/weight/width_bits", b[MP_WEIGHT].width_bits, 1, 1 << 14},
        {"/buffers/output/width_bits", b[MP_OUTPUT].width_bits, 1, 1 << 14},
        {"/vector_unit/lanes", arch->vector_unit.lanes, 1, 64},
        {"/vector_unit/param_bits", arch->vector_unit.param_bits, 72, 256}, // bias, multiplier, shift
    };
    if (!check_kind(arch, err))
        return false;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (ranges[i].value < ranges[i].min || ranges[i].value > ranges[i].max)
            return mp_fail(err, "arch \"%s\": %s: the core takes %" PRIu64 "..%" PRIu64 " (got %" PRIu64 ")", arch->name,
                           ranges[i].key, ranges[i].min, ranges[i].max, ranges[i].value);
    return true;
}
