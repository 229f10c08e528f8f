// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/core_wave.h"

#include "sim/base/file.h"
#include "traces/gtkw.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define TOP "mp_cosim"
#define CORE TOP ".u_core"
#define BELOW 99      // levels: all there are
#define PS_A_CYCLE 1000u

void mp_core_wave_mark(struct mp_core_wave *w, uint64_t cycle, const char *name) {
    if (w->mark_count < MP_CORE_WAVE_MARKS)
        w->marks[w->mark_count++] = (struct mp_core_mark){cycle, name};
}

// Scopes: all beside the array, then the PEs that are asked for.

const struct mp_shim_scope *mp_core_wave_scopes(const struct mp_core_wave *w, struct mp_arena *a) {
    static const struct mp_shim_scope around[] = {
        {TOP, 1},               {TOP ".u_expect", BELOW}, {CORE, 1},               {CORE ".u_seq", BELOW},
        {CORE ".u_dma", BELOW}, {CORE ".u_front", BELOW}, {CORE ".u_input", BELOW}, {CORE ".u_weight", BELOW},
        {CORE ".u_array", 1},   {CORE ".u_drain", BELOW}, {CORE ".u_vector", BELOW}, {CORE ".u_regs", BELOW},
        {CORE ".gen_half[0]", BELOW}, {CORE ".gen_half[1]", BELOW},
    };
    const uint64_t rows = w->arch->array.rows, cols = w->arch->array.cols;
    size_t count = sizeof around / sizeof *around;
    if (w->every_row && w->every_col)
        return NULL;
    struct mp_shim_scope *s = mp_arena_alloc(a, count + rows * cols + 1, sizeof *s);
    memcpy(s, around, sizeof around);
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t c = 0; c < cols; c++)
            if ((w->every_row || r == w->row) && (w->every_col || c == w->col))
                s[count++] = (struct mp_shim_scope){
                    mp_arena_printf(a, CORE ".u_array.gen_row[%d].gen_col[%d]", (int)r, (int)c), BELOW};
    return s;
}

// Rows of the save file.

struct row {
    const char *name; // below the group's scope
    unsigned bits;
    enum mp_radix radix;
    enum mp_trace_colour colour;
    const char *label;
};

static void add(struct mp_gtkw *g, const char *scope, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct mp_buf path = {0};
        mp_buf_addf(&path, "%s.%s", scope, rows[i].name);
        mp_gtkw_signal(g, path.text, rows[i].bits, rows[i].radix, rows[i].colour, rows[i].label);
        mp_buf_finish(&path);
    }
}
#define ADD(g, scope, rows) add(g, scope, rows, sizeof(rows) / sizeof *(rows))

static void add_sequencer(struct mp_gtkw *g) {
    static const struct row rows[] = {
        {"u_seq.state_q", 3, MP_RADIX_NAMES, MP_TRACE_YELLOW, "state"},
        {"u_seq.cause", 3, MP_RADIX_NAMES, MP_TRACE_ORANGE, "cause"},
        {"u_seq.load_tile", 32, MP_RADIX_SIGNED, MP_TRACE_NORMAL, "load_tile"},
        {"u_seq.compute_tile", 32, MP_RADIX_SIGNED, MP_TRACE_NORMAL, "compute_tile"},
        {"u_seq.drain_tile", 32, MP_RADIX_SIGNED, MP_TRACE_NORMAL, "drain_tile"},
    };
    mp_gtkw_group(g, "sequencer");
    mp_gtkw_signal(g, TOP ".cycle", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "cycle");
    ADD(g, CORE, rows);
    mp_gtkw_group_end(g, "sequencer");
}

static void add_memory(struct mp_gtkw *g) {
    static const struct row rows[] = {
        {"mem_req_valid_o", 1, MP_RADIX_BINARY, MP_TRACE_YELLOW, "request"},
        {"mem_req_write_o", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "writes"},
        {"mem_req_addr_o", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "burst"},
        {"mem_req_bursts_o", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "bursts"},
        {"mem_busy_i", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "busy"},
    };
    mp_gtkw_group(g, "memory port");
    ADD(g, TOP, rows);
    mp_gtkw_group_end(g, "memory port");
}

static void add_buffers(struct mp_gtkw *g) {
    static const struct row rows[] = {
        {"dma_addr", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "load address"},
        {"input_write", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "input load"},
        {"input_read", 1, MP_RADIX_BINARY, MP_TRACE_GREEN, "input read"},
        {"weight_write", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "weight load"},
        {"weight_read", 1, MP_RADIX_BINARY, MP_TRACE_GREEN, "weight read"},
        {"weight_addr", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "weight address"},
        {"sum_write", 1, MP_RADIX_BINARY, MP_TRACE_GREEN, "sum write"},
        {"sum_waddr", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "sum address"},
        {"vector_read", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "vector read"},
        {"vector_write", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "vector write"},
    };
    mp_gtkw_group(g, "buffers");
    ADD(g, CORE, rows);
    mp_gtkw_group_end(g, "buffers");
}

static unsigned log2_up(uint64_t n) {
    unsigned bits = 0;
    while (UINT64_C(1) << bits < n)
        bits++;
    return bits;
}

static void add_pe(const struct mp_core_wave *w, struct mp_gtkw *g) {
    const struct mp_pe_array *a = &w->arch->array;
    unsigned lanes = (unsigned)a->pe.lanes, acc = (unsigned)a->accumulator.bits;
    const struct row rows[] = {
        {"valid_i", 1, MP_RADIX_BINARY, MP_TRACE_YELLOW, "computes"},
        {"clear_i", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "first step"},
        {"first_i", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "first chunk"},
        {"last_i", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "last chunk"},
        {"act_i", 9 * lanes, MP_RADIX_HEX, MP_TRACE_NORMAL, "act"},
        {"weight_i", (unsigned)a->pe.serial_bits * lanes, MP_RADIX_BINARY, MP_TRACE_NORMAL, "weight chunk"},
        {"partial_q", 18 + log2_up(lanes + 1), MP_RADIX_SIGNED, MP_TRACE_NORMAL, "partial_q"},
        {"acc_q", acc, MP_RADIX_SIGNED, MP_TRACE_ORANGE, "acc_q"},
        {"capture_i", 1, MP_RADIX_BINARY, MP_TRACE_NORMAL, "fold complete"},
        {"gen_shadow.shadow_q", acc, MP_RADIX_SIGNED, MP_TRACE_ORANGE, "shadow_q"},
    };
    struct mp_arena arena = {0};
    const char *name = mp_arena_printf(&arena, "PE row %u, column %u", w->row, w->col);
    mp_gtkw_group(g, name);
    add(g, mp_arena_printf(&arena, CORE ".u_array.gen_row[%u].gen_col[%u].u_pe", w->row, w->col), rows,
        sizeof rows / sizeof *rows - !a->accumulator.shadow);
    mp_gtkw_group_end(g, name);
    mp_arena_finish(&arena);
}

static void add_expected(struct mp_gtkw *g) {
    static const struct row rows[] = {
        {"valid_q", 1, MP_RADIX_BINARY, MP_TRACE_INDIGO, "known"},
        {"sum_q", 32, MP_RADIX_SIGNED, MP_TRACE_GREEN, "expected sum"},
        {"value_q", 32, MP_RADIX_SIGNED, MP_TRACE_GREEN, "expected output"},
        {"index_q", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "output index"},
        {"tile_q", 32, MP_RADIX_SIGNED, MP_TRACE_NORMAL, "tile"},
        {"pe_row_q", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "PE row"},
        {"pe_col_q", 32, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, "PE column"},
    };
    mp_gtkw_group(g, "expected");
    ADD(g, TOP ".u_expect", rows);
    mp_gtkw_group_end(g, "expected");
}

char *mp_core_wave_save_path(const char *path, struct mp_arena *a) {
    size_t len = strlen(path);
    if (len > 4 && strcmp(path + len - 4, ".fst") == 0)
        len -= 4;
    return mp_arena_printf(a, "%.*s.gtkw", (int)len, path);
}

// The model's process, which wrote it, cannot tell whether that went well.
static bool is_written(const char *path, struct mp_err *err) {
    struct stat st;
    if (stat(path, &st) != 0)
        return mp_fail(err, "%s: the waveform could not be written: %s", path, strerror(errno));
    return (S_ISREG(st.st_mode) && st.st_size > 0) || mp_fail(err, "%s: the waveform could not be written", path);
}

bool mp_core_wave_save(const struct mp_core_wave *w, struct mp_err *err) {
    if (!is_written(w->path, err))
        return false;
    struct mp_gtkw g = {.first = w->first * PS_A_CYCLE, .last = (w->last + 1) * PS_A_CYCLE, .height = 1000};
    struct mp_buf text = {0};
    struct mp_arena a = {0};
    add_sequencer(&g);
    add_pe(w, &g);
    add_expected(&g);
    add_buffers(&g);
    add_memory(&g);
    for (unsigned i = 0; i < w->mark_count; i++)
        mp_gtkw_marker(&g, w->marks[i].cycle * PS_A_CYCLE, w->marks[i].name);
    mp_gtkw_write(&g, &text);
    bool ok = mp_file_write(mp_core_wave_save_path(w->path, &a), text.text, text.len, err);
    mp_buf_finish(&text);
    mp_gtkw_finish(&g);
    mp_arena_finish(&a);
    return ok;
}
