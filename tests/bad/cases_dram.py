# SPDX-License-Identifier: Apache-2.0
"""Memories, streams and traces that `mpsim dram` refuses. (name, files, arguments behind `dram`, message)"""

TRACE = ["--trace", "a.trc"]
ADDRESS = "the address must be hexadecimal and fit 64 bits"
KIND = "behind the address must be READ or WRITE"
CYCLE = "behind READ or WRITE must be a cycle, an integer up to 2^53"
MAPPING, SET = "mpsim dram: option --mapping:", "mpsim dram: option --set:"
N = "stream seq_read: N must be an integer 1..68719476736"


def mapped(mapping):
    return ["dram", "--mapping", mapping, "-o", "out.json"]


def traced(name, text, message):
    return name, {"a.trc": text}, [*TRACE, "-o", "out.json"], message


CASES = [
    ("trace_missing", {}, TRACE, "a.trc: cannot open: No such file or directory"),
    ("trace_is_a_folder", {}, ["--trace", "folder"], "folder: is a directory"),
    traced("trace_empty", "", "a.trc: holds no access"),
    traced("trace_only_comments", "# none\n\n", "a.trc: holds no access"),
    traced("trace_binary", b"0x0 READ 0\n0x40 \0", "a.trc:2: must be UTF-8 text"),
    traced("trace_address", "0x0 READ 0\n0xg READ 0\n", f'a.trc:2: {ADDRESS} (got "0xg")'),
    traced("trace_address_negative", "-40 READ 0\n", f'a.trc:1: {ADDRESS} (got "-40")'),
    traced("trace_address_long", "0x10000000000000000 READ 0\n", f'a.trc:1: {ADDRESS} (got "0x10000000000000000")'),
    traced("trace_address_beyond", "0x200000000 READ 0\n",
           'a.trc:1: the address must be below 0x200000000, the memory\'s size (got "0x200000000")'),
    traced("trace_kind_missing", "0x0\n", f'a.trc:1: {KIND} (got "")'),
    traced("trace_kind_unknown", "0x0 FETCH 0\n", f'a.trc:1: {KIND} (got "FETCH")'),
    traced("trace_cycle_missing", "0x0 READ\n", f'a.trc:1: {CYCLE} (got "")'),
    traced("trace_cycle_word", "0x0 WRITE now\n", f'a.trc:1: {CYCLE} (got "now")'),
    traced("trace_cycle_large", "0x0 WRITE 9007199254740993\n", f'a.trc:1: {CYCLE} (got "9007199254740993")'),
    traced("trace_backwards", "0x0 READ 5\n# later\n0x40 READ 9\n0x80 WRITE 8\n",
           'a.trc:4: the cycle must not be before that of the access before, 9 (got "8")'),
    traced("trace_more", "# address kind cycle\n0x0 READ 0 0\n", 'a.trc:2: nothing may be behind the cycle (got "0")'),
    ("output_folder_missing", {}, ["-o", "none/out.json"], "none/out.json: cannot write: No such file or directory"),
]

USAGE = [
    ("dram_mapping_unknown_field", mapped("rorachcobaxx"),
     f'{MAPPING} mapping "rorachcobaxx": must be of ro, ra, bg, ba, ch, co (got "xx")'),
    ("dram_mapping_upper_case", mapped("RoRaChCoBaBg"), f'{MAPPING} mapping "RoRaChCoBaBg": must be of ro, ra, bg, ba, ch, co (got "Ro")'),
    ("dram_mapping_half_a_field", mapped("rorachcobab"), f'{MAPPING} mapping "rorachcobab": must be of ro, ra, bg, ba, ch, co (got "b")'),
    ("dram_mapping_twice", mapped("rorachcobaba"), f'{MAPPING} mapping "rorachcobaba": ba is there twice'),
    ("dram_mapping_missing", mapped("rorachcoba"), f'{MAPPING} mapping "rorachcoba": bg is missing'),
    ("dram_mapping_too_long", mapped("rorachcobabgro"), f'{MAPPING} mapping "rorachcobabgro": ro is there twice'),
    ("dram_mapping_control", mapped("ro\x1b"), f'{MAPPING} mapping "ro\\u001b": must be of ro, ra, bg, ba, ch, co (got "\\u001b")'),
    ("dram_set_no_value", ["dram", "--set", "N"], f'{SET} stream seq_read: "N" is not NAME=VALUE'),
    ("dram_set_unknown", ["dram", "--stream", "tile_read", "--set", "N=1"], f'{SET} stream tile_read: has no parameter "N" (it has H, W, P)'),
    ("dram_set_empty", ["dram", "--set", "N="], f'{SET} {N} (got "")'),
    ("dram_set_zero", ["dram", "--set", "N=0"], f'{SET} {N} (got "0")'),
    ("dram_set_too_large", ["dram", "--set", "N=68719476737"], f'{SET} {N} (got "68719476737")'),
    ("dram_set_beyond_64_bits", ["dram", "--set", "N=0x10000000000000000"], f'{SET} {N} (got "0x10000000000000000")'),
    ("dram_set_negative", ["dram", "--set", "N=-64"], f'{SET} {N} (got "-64")'),
    ("dram_set_fraction", ["dram", "--set", "N=64.5"], f'{SET} {N} (got "64.5")'),
    ("dram_set_suffix", ["dram", "--set", "N=64K"], f'{SET} {N} (got "64K")'),
    ("dram_stream_too_large", ["dram", "--preset", "hbm2_pc", "--set", "N=0x20000001"],
     f"{SET} stream seq_read: reaches byte 536870913, the memory has 536870912"),
    ("dram_stream_offset_too_large", ["dram", "--stream", "alternating_rw", "--set", "OFF=8589934592"],
     f"{SET} stream alternating_rw: reaches byte 8590458880, the memory has 8589934592"),
    ("dram_stream_region_too_large", ["dram", "--preset", "hbm2_pc", "--stream", "random_read", "--set", "region=0x1fffffff"],
     f"{SET} stream random_read: reaches byte 536870974, the memory has 536870912"),
    ("dram_stream_without_access", ["dram", "--stream", "alternating_rw", "--set", "B=1024", "--set", "N=1023", "-o", "out.json"],
     f"{SET} stream alternating_rw: has no access, for N is less than B"),
    ("dram_operand", ["dram", "ddr4_2400"], "mpsim dram: takes no operands (got 1)"),
    ("dram_preset", ["dram", "--preset", "ddr4_2401"],
     'mpsim dram: option --preset: must be one of ddr4_2400, lpddr4_3200, hbm2_2000, hbm2_pc (got "ddr4_2401"), did you mean "ddr4_2400"?'),
    ("dram_stream", ["dram", "--stream", "seq_reads"],
     "mpsim dram: option --stream: must be one of seq_read, seq_write, alternating_rw, tile_read, random_read, three_stream "
     '(got "seq_reads"), did you mean "seq_read"?'),
    ("dram_mode", ["dram", "--mode", "lat"], 'mpsim dram: option --mode: must be one of throughput, latency (got "lat")'),
    ("dram_channels_0", ["dram", "--channels", "0"], 'mpsim dram: option --channels: must be an integer 1..16 (got "0")'),
    ("dram_channels_17", ["dram", "--channels", "17"], 'mpsim dram: option --channels: must be an integer 1..16 (got "17")'),
    ("dram_channels_3", ["dram", "--channels", "3"], "mpsim dram: option --channels: must be a power of two (got 3)"),
    ("dram_json_and_csv", ["dram", "--json", "--csv"], "mpsim dram: --json and --csv exclude each other"),
    ("dram_list_of_one", ["dram", "--list", "--preset", "ddr4_2400"], "mpsim dram: --list takes only --json, --csv and -o"),
    ("dram_list_and_channels", ["dram", "--list", "--channels", "1"], "mpsim dram: --list takes only --json, --csv and -o"),
    ("dram_list_and_mode", ["dram", "--list", "--mode", "throughput"], "mpsim dram: --list takes only --json, --csv and -o"),
    ("dram_list_and_trace_clock", ["dram", "--list", "--trace-clock", "500"], "mpsim dram: --list takes only --json, --csv and -o"),
    ("dram_list_and_trace", ["dram", "--list", "--trace", "a"], "mpsim dram: --list takes only --json, --csv and -o"),
    ("dram_trace_and_stream", ["dram", "--trace", "a", "--stream", "seq_read"], "mpsim dram: --trace excludes --stream and --set"),
    ("dram_trace_clock_alone", ["dram", "--trace-clock", "500"], "mpsim dram: --trace-clock goes with --trace"),
    ("dram_trace_clock_0", ["dram", "--trace", "a", "--trace-clock", "0"],
     'mpsim dram: option --trace-clock: must be a number 1..100000 (got "0")'),
    ("dram_trace_clock_word", ["dram", "--trace", "a", "--trace-clock", "500MHz"],
     'mpsim dram: option --trace-clock: must be a number 1..100000 (got "500MHz")'),
    ("dram_trace_and_set", ["dram", "--trace", "a", "--set", "N=1"], "mpsim dram: --trace excludes --stream and --set"),
]
