// SPDX-License-Identifier: Apache-2.0
// SCALE-Sim configurations: an INI file, of which the array, the SRAM sizes, the dataflow and the bandwidth
// make an architecture. Keys without a counterpart are named in the source text; models of SCALE-Sim that
// change the result and that mpsim has not (sparsity, data layouts, Ramulator) must be off.
#include "sim/import/import.h"
#include "sim/import/lines.h"

#include "sim/base/file.h"
#include "sim/base/say.h"

#include <string.h>
#include <strings.h>

// UNUSED: has no counterpart and does not change the result. OFF: must be off.
enum slot { RUN_NAME, HEIGHT, WIDTH, IFMAP, FILTER, OFMAP, DATAFLOW, INTERFACE, BANDWIDTH, UNUSED, OFF };

static const struct {
    const char *section, *key;
    enum slot slot;
} keys[] = {
    {"general", "run_name", RUN_NAME},
    {"architecture_presets", "ArrayHeight", HEIGHT},
    {"architecture_presets", "ArrayWidth", WIDTH},
    {"architecture_presets", "IfmapSramSzkB", IFMAP},
    {"architecture_presets", "FilterSramSzkB", FILTER},
    {"architecture_presets", "OfmapSramSzkB", OFMAP},
    {"architecture_presets", "IfmapOffset", UNUSED},
    {"architecture_presets", "FilterOffset", UNUSED},
    {"architecture_presets", "OfmapOffset", UNUSED},
    {"architecture_presets", "Dataflow", DATAFLOW},
    {"architecture_presets", "Bandwidth", BANDWIDTH},
    {"architecture_presets", "MemoryBanks", UNUSED},
    {"architecture_presets", "ReadRequestBuffer", UNUSED},
    {"architecture_presets", "WriteRequestBuffer", UNUSED},
    {"layout", "IfmapCustomLayout", OFF},
    {"layout", "IfmapSRAMBankBandwidth", UNUSED},
    {"layout", "IfmapSRAMBankNum", UNUSED},
    {"layout", "IfmapSRAMBankPort", UNUSED},
    {"layout", "FilterCustomLayout", OFF},
    {"layout", "FilterSRAMBankBandwidth", UNUSED},
    {"layout", "FilterSRAMBankNum", UNUSED},
    {"layout", "FilterSRAMBankPort", UNUSED},
    {"sparsity", "SparsitySupport", OFF},
    {"sparsity", "SparseRep", UNUSED},
    {"sparsity", "OptimizedMapping", UNUSED},
    {"sparsity", "BlockSize", UNUSED},
    {"sparsity", "RandomNumberGeneratorSeed", UNUSED},
    {"network_presets", "TopologyCsvLoc", UNUSED},
    {"run_presets", "InterfaceBandwidth", INTERFACE},
    {"run_presets", "UseRamulatorTrace", OFF},
    {"run_presets", "TimeLinearModel", UNUSED},
    {"run_presets", "SRAM_row_size", UNUSED},
    {"run_presets", "SRAM_bank_size", UNUSED},
    {"run_presets", "DRAM_row_size", UNUSED},
    {"run_presets", "DRAM_bank_size", UNUSED},
};
#define KEYS (sizeof keys / sizeof *keys)
static const char *const sections[] = {
    "general", "architecture_presets", "layout", "sparsity", "network_presets", "run_presets",
};

struct config {
    struct mp_arena *arena;
    const char *file, *section;
    const char *value[KEYS]; // by row of `keys`, NULL when absent
    size_t line[KEYS];
    struct mp_buf unused;
};

// Reading

static bool read_section(struct config *c, char *line, size_t number, struct mp_err *err) {
    size_t count = sizeof sections / sizeof *sections, len = strlen(line);
    char shown[MP_SAY_BYTES];
    if (line[len - 1] != ']')
        return mp_fail(err, "%s:%zu: must end with ]", c->file, number);
    line[len - 1] = '\0';
    char *name = mp_trim(line + 1);
    for (size_t i = 0; i < count; i++)
        if (strcmp(sections[i], name) == 0) {
            c->section = sections[i];
            return true;
        }
    const char *near = mp_nearest(name, sections, count);
    return mp_fail(err, "%s:%zu: unknown section \"%s\"%s%s%s", c->file, number,
                   mp_say_text(name, strlen(name), shown), near ? ", did you mean \"" : "", near ? near : "",
                   near ? "\"?" : "");
}

// The row of `keys`, in letters of any case as in SCALE-Sim; KEYS when there is none.
static size_t find_key(const struct config *c, const char *key) {
    size_t i = 0;
    while (i < KEYS && !(strcmp(keys[i].section, c->section) == 0 && strcasecmp(keys[i].key, key) == 0))
        i++;
    return i;
}

static bool unknown_key(const struct config *c, const char *key, size_t number, struct mp_err *err) {
    const char *known[KEYS];
    char shown[MP_SAY_BYTES];
    size_t count = 0;
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(keys[i].section, c->section) == 0)
            known[count++] = keys[i].key;
    const char *near = mp_nearest(key, known, count);
    return mp_fail(err, "%s:%zu: unknown key \"%s\" in [%s]%s%s%s", c->file, number,
                   mp_say_text(key, strlen(key), shown), c->section, near ? ", did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

static bool read_key(struct config *c, char *line, size_t number, struct mp_err *err) {
    size_t at = strcspn(line, "=:");
    if (!c->section || line[at] == '\0')
        return mp_fail(err, "%s:%zu: must be %s", c->file, number,
                       c->section ? "\"key: value\"" : "a [section]");
    line[at] = '\0';
    char *key = mp_trim(line), *value = mp_trim(line + at + 1);
    size_t i = find_key(c, key);
    if (i == KEYS)
        return unknown_key(c, key, number, err);
    if (c->value[i])
        return mp_fail(err, "%s:%zu: %s: is there already, in line %zu", c->file, number, keys[i].key,
                       c->line[i]);
    c->value[i] = value;
    c->line[i] = number;
    if (keys[i].slot == OFF && strcasecmp(value, "false") != 0)
        return mp_fail(err, "%s:%zu: %s: must be False, mpsim has no counterpart (got \"%.80s\")", c->file,
                       number, keys[i].key, value);
    if (keys[i].slot == UNUSED)
        mp_buf_addf(&c->unused, "%s%s", c->unused.len ? ", " : "; not used: ", keys[i].key);
    return true;
}

static bool read_all(struct config *c, const char *text, size_t len, struct mp_err *err) {
    struct mp_lines l;
    if (!mp_lines_begin(&l, c->arena, c->file, text, len, err))
        return false;
    for (char *line; (line = mp_lines_next(&l)) != NULL;) {
        if (line[0] == '#' || line[0] == ';')
            continue;
        if (!(line[0] == '[' ? read_section : read_key)(c, line, l.number, err))
            return false;
    }
    return true;
}

// The architecture

static size_t row_of(enum slot slot) {
    size_t row = 0;
    while (keys[row].slot != slot)
        row++;
    return row;
}

static bool need(const struct config *c, enum slot slot, size_t *row, struct mp_err *err) {
    *row = row_of(slot);
    return c->value[*row] ||
           mp_fail(err, "%s: [%s] %s: missing", c->file, keys[*row].section, keys[*row].key);
}

static bool count(const struct config *c, enum slot slot, uint64_t max, uint64_t *out, struct mp_err *err) {
    size_t row;
    if (!need(c, slot, &row, err))
        return false;
    return mp_parse_count(c->value[row], max, out, err) ||
           mp_fail_in(err, mp_arena_printf(c->arena, "%s:%zu: %s", c->file, c->line[row], keys[row].key));
}

static bool choose(const struct config *c, enum slot slot, const char *const *names, unsigned *out,
                   struct mp_err *err) {
    size_t row;
    char list[MP_SAY_BYTES];
    if (!need(c, slot, &row, err))
        return false;
    for (*out = 0; names[*out]; ++*out)
        if (strcmp(names[*out], c->value[row]) == 0)
            return true;
    return mp_fail(err, "%s:%zu: %s: must be one of %s (got \"%.80s\")", c->file, c->line[row], keys[row].key,
                   mp_say_names(names, *out, list), c->value[row]);
}

static bool set_name(const struct config *c, struct mp_arch *arch, struct mp_err *err) {
    size_t row = row_of(RUN_NAME);
    const char *value = c->value[row];
    size_t len = value ? strlen(value) : 0;
    if (len >= 2 && value[0] == '"' && value[len - 1] == '"')
        value = mp_arena_printf(c->arena, "%.*s", (int)(len - 2), value + 1);
    arch->name = value && *value ? value : mp_base_name(c->arena, c->file);
    const char *slash = strrchr(c->file, '/');
    arch->source = mp_arena_printf(c->arena, "SCALE-Sim configuration %s%s", slash ? slash + 1 : c->file,
                                   c->unused.text ? c->unused.text : "");
    return mp_is_printable(arch->name) ||
           mp_fail(err, "%s:%zu: run_name: must be a name", c->file, c->line[row]);
}

static bool set_array(const struct config *c, struct mp_pe_array *a, struct mp_err *err) {
    static const struct mp_map maps[MP_DATAFLOWS] = {
        [MP_OS] = {1u << MP_ROLE_PIXEL, 1u << MP_ROLE_OC, 1u << MP_ROLE_K_IC},
        [MP_WS] = {1u << MP_ROLE_K_IC, 1u << MP_ROLE_OC, 1u << MP_ROLE_K_IC},
        [MP_IS] = {1u << MP_ROLE_K_IC, 1u << MP_ROLE_PIXEL, 1u << MP_ROLE_K_IC},
    };
    *a = (struct mp_pe_array){
        .interconnect = MP_SYSTOLIC,
        .pe = {.ops = &mp_pe_fixed, .lanes = 1},
        .accumulator = {.bits = 32, .on_overflow = MP_SATURATE, .shadow = true},
    };
    if (!count(c, HEIGHT, 4096, &a->rows, err) || !count(c, WIDTH, 4096, &a->cols, err) ||
        !choose(c, DATAFLOW, mp_dataflow_names, &a->dataflow, err))
        return false;
    mp_array_set_map(a, &maps[a->dataflow]);
    return true;
}

// Banks: powers of two, until a bank's port is no wider than 512 bits, as in the SRAM tables.
static struct mp_buffer buffer(uint64_t kb, uint64_t width) {
    struct mp_buffer b = {.size_bytes = kb * 1024, .width_bits = width, .banks = 1, .double_buffered = true};
    while (width / b.banks > 512 && width % (2 * b.banks) == 0 && b.size_bytes % (2 * b.banks) == 0)
        b.banks *= 2;
    return b;
}

// 8-bit operands for each row and column; a 32-bit partial sum in and one out a column.
static bool set_buffers(const struct config *c, struct mp_arch *arch, struct mp_err *err) {
    const struct mp_pe_array *a = &arch->array;
    const uint64_t max = (uint64_t)1 << 30;
    uint64_t ifmap, filter, ofmap;
    if (!count(c, IFMAP, max, &ifmap, err) || !count(c, FILTER, max, &filter, err) ||
        !count(c, OFMAP, max, &ofmap, err))
        return false;
    arch->buffers[MP_INPUT] = buffer(ifmap, 8 * (a->dataflow == MP_IS ? a->cols : a->rows));
    arch->buffers[MP_WEIGHT] = buffer(filter, 8 * (a->dataflow == MP_IS ? a->rows : a->cols));
    arch->buffers[MP_OUTPUT] = buffer(ofmap, 2 * 32 * a->cols);
    return true;
}

// CALC asks which bandwidth avoids all stalls: ideal DRAM. USER gives words, of a byte, a cycle.
static bool set_dram(const struct config *c, struct mp_arch *arch, struct mp_err *err) {
    static const char *const names[] = {"CALC", "USER", NULL};
    unsigned mode;
    uint64_t bytes;
    arch->dram = (struct mp_dram){.ops = &mp_mem_ideal};
    if (!choose(c, INTERFACE, names, &mode, err))
        return false;
    if (mode == 0)
        return true;
    if (!count(c, BANDWIDTH, 1 << 17, &bytes, err))
        return false;
    arch->dram = (struct mp_dram){.ops = &mp_mem_fixed, .bits_per_cycle = 8 * bytes};
    return true;
}

bool mp_scalesim_arch_parse(struct mp_arch *arch, struct mp_arena *a, const char *name, const char *text,
                            size_t len, struct mp_err *err) {
    struct config c = {.arena = a, .file = name};
    *arch = (struct mp_arch){.tech = "cmos45_hp", .clock_mhz = 1000};
    bool ok = read_all(&c, text, len, err) && set_name(&c, arch, err) && set_array(&c, &arch->array, err) &&
              set_buffers(&c, arch, err) && set_dram(&c, arch, err);
    mp_buf_finish(&c.unused);
    arch->vector_unit.lanes = arch->array.cols; // a column hands over one sum a cycle; there is no bias
    return ok && mp_arch_check(arch, name, err);
}

bool mp_scalesim_arch(struct mp_arch *arch, struct mp_arena *a, const char *path, struct mp_err *err) {
    char *text;
    size_t len;
    return mp_file_read(a, path, &text, &len, err) && mp_scalesim_arch_parse(arch, a, path, text, len, err);
}
