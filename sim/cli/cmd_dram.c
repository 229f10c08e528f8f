// SPDX-License-Identifier: Apache-2.0
// mpsim dram: a memory alone, timed on a stream of accesses or a trace.
#include "sim/cli/command.h"
#include "sim/cli/out.h"

#include "sim/import/dram_trace.h"
#include "sim/report/dram.h"

#include <inttypes.h>
#include <limits.h>

#define NOT_GIVEN UINT_MAX // of a choice: its first is taken

struct dram_options {
    unsigned preset, stream, mode;
    struct mp_texts set;
    const char *trace, *mapping, *output;
    uint64_t channels;
    double trace_clock; // MHz; 0: the DRAM's own
    bool no_refresh, list, json, csv;
};

static const char *const modes[] = {"throughput", "latency", NULL};

#define AT(member) .offset = offsetof(struct dram_options, member)
static const struct mp_opt opts[] = {
    {"preset", "ddr4_2400|lpddr4_3200|hbm2_2000|hbm2_pc", MP_OPT_CHOICE, AT(preset), .names = mp_dram_preset_names,
     .def = "ddr4_2400", .help = "the memory"},
    {"stream", "seq_read|seq_write|alternating_rw|tile_read|random_read|three_stream", MP_OPT_CHOICE, AT(stream),
     .names = mp_stream_names, .def = "seq_read", .help = "what accesses it"},
    {"set", "NAME=VALUE", MP_OPT_LIST, AT(set),
     .help = "a parameter of the stream, see --list; 0x for hexadecimal; may be given several times"},
    {"trace", "FILE", MP_OPT_TEXT, AT(trace),
     .help = "instead of a stream: a line an access, \"ADDRESS READ|WRITE CYCLE\", the address hexadecimal, pushed no earlier "
             "than the cycle (as DRAMsim3 takes them)"},
    {"trace-clock", "MHZ", MP_OPT_REAL, AT(trace_clock), .min = 1, .max = 100000, .def = "the memory's",
     .help = "with --trace: the clock whose cycles the trace has, as that of the core in a --memtrace of 'mpsim run'"},
    {"mapping", "STRING", MP_OPT_TEXT, AT(mapping), .def = "the preset's",
     .help = "ro row, ra rank, bg bank group, ba bank, ch channel, co column, each once, from an address's highest bits down"},
    {"channels", "N", MP_OPT_COUNT, AT(channels), .min = 1, .max = MP_DRAM_CHANNELS, .def = "1", .help = "a power of two"},
    {"mode", "throughput|latency", MP_OPT_CHOICE, AT(mode), .names = modes, .def = "throughput",
     .help = "as many accesses at a time as queues take, or one (latency)"},
    {"no-refresh", NULL, MP_OPT_FLAG, AT(no_refresh), .help = "as if rows kept their charge"},
    {"list", NULL, MP_OPT_FLAG, AT(list),
     .help = "only list the memories, with timings, energies and sources, and the streams"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON (schema mpsim.dram/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV: one row"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json or .csv implies --json or --csv"},
    {0},
};

// What is asked for beside --list.
static bool asks(const struct dram_options *o) {
    return o->preset != NOT_GIVEN || o->stream != NOT_GIVEN || o->mode != NOT_GIVEN || o->set.count || o->trace || o->mapping ||
           o->channels || o->no_refresh || o->trace_clock > 0;
}

static unsigned chosen(unsigned choice) {
    return choice == NOT_GIVEN ? 0 : choice;
}

static int check_usage(const struct mp_command *c, const struct dram_options *o, const struct mp_texts *operands) {
    if (operands->count)
        return mp_usage_error(c, "takes no operands (got %zu)", operands->count);
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    if (o->list && asks(o))
        return mp_usage_error(c, "--list takes only --json, --csv and -o");
    if (o->trace && (o->stream != NOT_GIVEN || o->set.count))
        return mp_usage_error(c, "--trace excludes --stream and --set");
    if (o->trace_clock > 0 && !o->trace)
        return mp_usage_error(c, "--trace-clock goes with --trace");
    if (o->channels & (o->channels - 1))
        return mp_usage_error(c, "option --channels: must be a power of two (got %" PRIu64 ")", o->channels);
    return MP_EXIT_OK;
}

static int print(const struct dram_options *o, const struct mp_dram_run *r) {
    const struct mp_style style = {.colour = mp_out_colour(o->output)};
    struct mp_buf out = {0};
    switch (mp_out_format(o->json, o->csv, o->output)) {
    case MP_OUT_JSON:
        r ? mp_dram_run_json(r, &out) : mp_dram_list_json(&out);
        break;
    case MP_OUT_CSV:
        r ? mp_dram_run_csv(r, &out) : mp_dram_list_csv(&out);
        break;
    case MP_OUT_TEXT:
        r ? mp_dram_run_text(r, &style, &out) : mp_dram_list_text(&style, &out);
        break;
    }
    int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static bool make_stream(const struct dram_options *o, const struct mp_dram_preset *p, uint64_t capacity, struct mp_stream *s,
                        struct mp_err *err) {
    mp_stream_init(s, &mp_stream_kinds[chosen(o->stream)], p->access_bytes);
    for (size_t i = 0; i < o->set.count; i++)
        if (!mp_stream_set(s, o->set.text[i], err))
            return false;
    if (mp_stream_bytes(s) == 0)
        return mp_fail(err, "stream %s: has no access, for N is less than B", s->kind->name); // only alternating_rw may
    return mp_stream_bytes(s) <= capacity || mp_fail(err, "stream %s: reaches byte %" PRIu64 ", the memory has %" PRIu64,
                                                     s->kind->name, mp_stream_bytes(s), capacity);
}

static void simulate(struct mp_dram_run *r, struct mp_controllers *m, struct mp_stream *s, struct mp_dram_trace *t) {
    const struct mp_transfer_source source = mp_stream_source(s);
    if (r->stream)
        r->cycles = mp_controllers_pull(m, 0, &source, r->single);
    else if (r->single)
        r->cycles = mp_controllers_run_single(m, 0, t->transfers, t->count);
    else
        r->cycles = mp_controllers_run(m, 0, t->transfers, t->count);
    r->counts = mp_controllers_counts(m);
    r->bytes = mp_controllers_bytes(m);
}

// The stream or the trace.
static int load(const struct mp_command *c, const struct dram_options *o, struct mp_arena *a, const struct mp_dram_run *r,
                struct mp_stream *stream, struct mp_dram_trace *trace) {
    const struct mp_dram_preset *p = r->preset;
    const struct mp_dram_trace_for what = {.access_bytes = p->access_bytes, .capacity = mp_dram_bytes(p, r->channels),
                                           .clock = o->trace_clock > 0 ? mp_dram_clock_of(p, o->trace_clock)
                                                                       : (struct mp_dram_clock){1, 1}};
    struct mp_err err;
    if (o->trace)
        return mp_dram_trace_load(trace, a, o->trace, &what, &err) ? MP_EXIT_OK : mp_out_error(&err);
    return make_stream(o, p, what.capacity, stream, &err) ? MP_EXIT_OK : mp_usage_error(c, "option --set: %s", err.text);
}

static int dram(const struct mp_command *c, const struct dram_options *o, struct mp_arena *a) {
    const struct mp_dram_preset *p = &mp_dram_presets[chosen(o->preset)];
    const unsigned channels = o->channels ? (unsigned)o->channels : 1;
    struct mp_controller_spec spec = {.preset = p, .channels = channels, .refresh = !o->no_refresh};
    struct mp_dram_run r = {.preset = p, .mapping = o->mapping ? o->mapping : p->mapping, .channels = channels,
                            .refresh = spec.refresh, .single = chosen(o->mode), .trace = o->trace,
                            .trace_mhz = o->trace_clock};
    struct mp_dram_trace trace = {0};
    struct mp_stream stream;
    struct mp_err err;
    if (!mp_dram_map_make(&spec.map, p, channels, r.mapping, &err))
        return mp_usage_error(c, "option --mapping: %s", err.text);
    if (!mp_out_possible(o->output, &err))
        return mp_out_error(&err);
    const int status = load(c, o, a, &r, &stream, &trace);
    if (status != MP_EXIT_OK)
        return status;
    r.stream = o->trace ? NULL : &stream;
    struct mp_controllers *m = mp_controllers_create(&spec);
    simulate(&r, m, &stream, &trace);
    mp_controllers_destroy(m);
    return print(o, &r);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct dram_options o = {.preset = NOT_GIVEN, .stream = NOT_GIVEN, .mode = NOT_GIVEN};
    struct mp_arena a = {0};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &operands, &a, &status) && (status = check_usage(c, &o, &operands)) == MP_EXIT_OK)
        status = o.list ? print(&o, NULL) : dram(c, &o, &a);
    mp_arena_finish(&a);
    return status;
}

const struct mp_command mp_cmd_dram = {
    .name = "dram",
    .help = "a memory alone, on a stream of accesses or a trace",
    .usage = "[OPTIONS]",
    .about =
        "Times a DRAM with banks, rows and refresh behind its controller, command by command: cycles, bandwidth, row hits, "
        "read latency and energy of a stream of accesses as networks make them, or of a trace. The controller does what "
        "DRAMsim3's does: open rows, first ready first served, writes in batches.",
    .opts = opts,
    .examples = "  mpsim dram --list\n"
                "  mpsim dram --preset lpddr4_3200 --stream tile_read --set H=56 --set W=448 --set P=3584\n"
                "  mpsim dram --preset hbm2_2000 --channels 8 --mapping rorabgbacoch --set N=0x4000000 --json\n"
                "  mpsim dram --trace accesses.trc --mode latency\n"
                "  mpsim dram --trace dram.trc --trace-clock 500\n",
    .run = run,
};
