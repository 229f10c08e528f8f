# SPDX-License-Identifier: Apache-2.0
"""Whole runs, from the source folder, and the files in expected/ that hold what they print.

Later cases read what earlier ones wrote (`diff`, `--mapping`), so that the order counts."""
import functools
import os
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
EXPECTED = "tests/golden/expected"
INPUTS = "tests/golden/inputs"


def run(arch, plan, *options):
    return ["run", "--arch", arch, "--plan", plan, *options]


# What goes to standard output when the table is not wanted there.
ALONE = ["-", "-o", "/dev/null"]
# A file whose name must end in a way of its own: {out} is a folder, and what is written there is what the case prints.
QUIET = ["-o", "/dev/null"]
SEARCH = ["search", "--arch", "bitserial_4x4", "--workload", "resnet8", "--metric", f"{INPUTS}/harm.csv", "--cost-cache", "off"]
TIED = [*SEARCH, "--tie", "--link", "layer2.0.conv1,layer2.0.conv2", "--link", "layer3.0.conv1,layer3.0.conv2"]
MIXED = run("bitserial_4x4", "resnet8_mixed")
STORED = ["--store", "{store}"]  # of inputs/space.json
CASES = {
    # run
    "run_bitserial_4x4_resnet8_mixed.txt": MIXED,
    "run_bitserial_4x4_resnet8_mixed.json": [*MIXED, "--json"],
    "run_bitserial_4x4_resnet8_mixed.csv": [*MIXED, "--csv"],
    "run_bitserial_4x4_resnet8_mixed_energy.json": [*MIXED, "--json", "--objective", "energy"],
    "run_bitserial_4x4_resnet8_mixed_edp.txt": [*MIXED, "--objective", "edp"],
    "run_bitserial_4x4_resnet8_mixed_batch_4.csv": [*MIXED, "--csv", "--batch", "4"],
    "run_bitserial_4x4_resnet8_mixed_cmos22_lstp.txt": [*MIXED, "--tech", "cmos22_lstp"],
    "run_bitserial_4x4_resnet8_mixed_constraints.txt": [*MIXED, "--constraints", f"{INPUTS}/constraints.json"],
    "run_bitserial_4x4_resnet8_mixed_mapping.txt": [*MIXED, "--mapping", f"{INPUTS}/mapping.json"],
    "run_bitserial_4x4_resnet8_mixed_layer.txt": [*MIXED, "--layer", "layer3.0.conv1"],
    "run_bitserial_16x16_resnet18_mixed.txt": run("bitserial_16x16", "resnet18_mixed"),
    "run_bitserial_16x16_resnet18_mixed.csv": run("bitserial_16x16", "resnet18_mixed", "--csv"),
    "run_bitserial_16x16_resnet18_mixed_top.txt": run("bitserial_16x16", "resnet18_mixed", "--top", "5"),
    "run_bitserial_16x16_ddr4_resnet8_mixed.txt": run("bitserial_16x16_ddr4", "resnet8_mixed"),
    "run_bitserial_16x16_ddr4_resnet8_mixed_event.csv": run("bitserial_16x16_ddr4", "resnet8_mixed", "--engine", "event", "--csv"),
    "run_tpu_like_ds_cnn_w8a8.txt": run("tpu_like", "ds_cnn_w8a8"),
    "run_tpu_like_ds_cnn_w8a8.json": run("tpu_like", "ds_cnn_w8a8", "--json"),
    "run_bitfusion_ds_cnn_fl8_w2a2.txt": run("bitfusion", "ds_cnn_fl8_w2a2"),
    "run_loom_like_resnet8_w4a4.csv": run("loom_like", "resnet8_w4a4", "--csv"),
    "run_subword_simd_ds_cnn_w4a4.txt": run("subword_simd", "ds_cnn_w4a4", "--objective", "energy"),
    "run_unpu_like_resnet8_w2a2.txt": run("unpu_like", "resnet8_w2a2"),
    "run_systolic_cfg_conv_csv.txt": ["run", "--arch", f"{INPUTS}/systolic.cfg", "--workload", f"{INPUTS}/conv.csv"],
    "run_stripes_like_gemm_csv.csv": ["run", "--arch", "stripes_like", "--workload", f"{INPUTS}/gemm.csv", "--w-bits", "3",
                                      "--a-bits", "7", "--csv"],
    # What a run leaves besides
    "mapping_bitserial_4x4_resnet8_mixed.json": [*MIXED, "--save-mapping", *ALONE],
    "mapping_tpu_like_ds_cnn_w8a8.json": run("tpu_like", "ds_cnn_w8a8", "--save-mapping", *ALONE),
    "trace_bitserial_4x4_ds_cnn_w4a4.csv": run("bitserial_4x4", "ds_cnn_w4a4", "--layer", "conv1", "--engine", "event",
                                               "--trace", "/dev/stdout", "-o", "/dev/null"),
    "timeline_bitserial_4x4_ds_cnn_w4a4.json": run("bitserial_4x4", "ds_cnn_w4a4", "--layer", "conv1", "--engine", "event",
                                                   "--timeline", "/dev/stdout", "-o", "/dev/null"),
    "memtrace_bitserial_4x4_ds_cnn_w4a4.csv": run("bitserial_4x4", "ds_cnn_w4a4", "--layer", "fc", "--engine", "event",
                                                  "--memtrace", "{out}/m.csv", *QUIET),
    "roofline_bitserial_4x4_resnet8_mixed.csv": [*MIXED, "--roofline", "{out}/r.csv", *QUIET],
    "roofline_bitserial_4x4_resnet8_mixed.svg": [*MIXED, "--roofline", "{out}/r.svg", *QUIET],
    # compare
    "compare_resnet8_mixed.txt": ["compare", "tpu_like", "bitfusion", "bitserial_16x16", "--plan", "resnet8_mixed"],
    "compare_two_plans.txt": ["compare", "bitserial_16x16", "loom_like", "--plan", "ds_cnn_w8a8", "--plan", "ds_cnn_w2a2"],
    "compare_equal_area.txt": ["compare", "bitfusion", "stripes_like", "bitserial_4x4", "--plan", "resnet8_w4a4",
                               "--equal-area"],
    "compare_equal_area.json": ["compare", "bitfusion", "bitserial_4x4", "--plan", "resnet8_w4a4", "--equal-area", "--json"],
    "compare_resnet8_mixed.csv": ["compare", "tpu_like", "bitfusion", "bitserial_16x16", "--plan", "resnet8_mixed", "--csv"],
    # diff
    "diff_objective.txt": ["diff", f"{EXPECTED}/run_bitserial_4x4_resnet8_mixed.json",
                           f"{EXPECTED}/run_bitserial_4x4_resnet8_mixed_energy.json"],
    "diff_objective.json": ["diff", f"{EXPECTED}/run_bitserial_4x4_resnet8_mixed.json",
                            f"{EXPECTED}/run_bitserial_4x4_resnet8_mixed_energy.json", "--json"],
    "diff_objective.csv": ["diff", f"{EXPECTED}/run_bitserial_4x4_resnet8_mixed.json",
                           f"{EXPECTED}/run_bitserial_4x4_resnet8_mixed_energy.json", "--csv"],
    "diff_networks.txt": ["diff", f"{EXPECTED}/run_tpu_like_ds_cnn_w8a8.json",
                          f"{EXPECTED}/run_bitserial_4x4_resnet8_mixed.json"],
    "diff_nothing.txt": ["diff", f"{EXPECTED}/run_tpu_like_ds_cnn_w8a8.json",
                         f"{EXPECTED}/run_tpu_like_ds_cnn_w8a8.json"],
    # check
    "check.txt": ["check", "configs/arch/bitfusion.json", "configs/workloads/resnet8.json", "configs/plans/resnet8_mixed.json",
                  "configs/tech/cmos22_lstp.json", f"{INPUTS}/mapping.json", f"{INPUTS}/constraints.json",
                  f"{INPUTS}/conv.csv", f"{INPUTS}/systolic.cfg", f"{EXPECTED}/run_tpu_like_ds_cnn_w8a8.json"],
    "check.json": ["check", "configs/arch/bitfusion.json", f"{INPUTS}/gemm.csv", "--json"],
    "resolved_arch.json": ["check", "--resolved", "configs/arch/bitserial_4x4.json"],
    "resolved_workload.json": ["check", "--resolved", "configs/workloads/ds_cnn.json"],
    "resolved_plan.json": ["check", "--resolved", "configs/plans/resnet8_mixed.json"],
    "resolved_tech.json": ["check", "--resolved", "configs/tech/bitfusion45.json"],
    "resolved_tech_scaled.json": ["check", "--resolved", "configs/tech/cmos22_lstp.json"],
    "resolved_mapping.json": ["check", "--resolved", f"{INPUTS}/mapping.json"],
    "resolved_constraints.json": ["check", "--resolved", f"{INPUTS}/constraints.json"],
    "resolved_conv_csv.json": ["check", "--resolved", f"{INPUTS}/conv.csv"],
    "resolved_gemm_csv.json": ["check", "--resolved", f"{INPUTS}/gemm.csv"],
    "resolved_systolic_cfg.json": ["check", "--resolved", f"{INPUTS}/systolic.cfg"],
    # search, sensitivity: files, which have no times in them
    "front_resnet8.csv": [*TIED, "--bits", "2,8", "--front", "{out}/front.csv", *QUIET],
    "front_resnet8.json": [*TIED, "--minimize", "energy", "--bits", "4,8", "--front", "{out}/front.json", *QUIET],
    "front_resnet8.svg": [*TIED, "--bits", "4,8", "--max-latency", "0.75x", "--front", "{out}/front.svg", *QUIET],
    "front_resnet8_edp.csv": [*TIED, "--minimize", "edp", "--solver", "nsga2", "--population", "16", "--generations", "20",
                              "--front", "{out}/front.csv", *QUIET],
    "plan_resnet8_energy.json": [*SEARCH, "--minimize", "energy", "--max-latency", "0.6x", "--max-harm", "20", "--save-plan",
                                 "-", *QUIET],
    "plan_resnet8_size.json": [*SEARCH, "--minimize", "harm", "--max-size", "40KB", "--encoding", "odd", "--open-ends",
                               "--save-plan", "-", *QUIET],
    "sensitivity_resnet8.csv": ["sensitivity", "--workload", "resnet8", "--metric", f"{INPUTS}/harm.csv", "--csv"],
    "sensitivity_resnet8.svg": ["sensitivity", "--workload", "resnet8", "--metric", f"{INPUTS}/harm.csv", "--svg",
                                "{out}/harm.svg", *QUIET],
    # dram
    "dram_ddr4.txt": ["dram"],
    "dram_hbm2.json": ["dram", "--preset", "hbm2_2000", "--channels", "8", "--mapping", "rorabgbacoch", "--stream", "tile_read",
                       "--set", "H=64", "--set", "W=0x1000", "--set", "P=65536", "--json"],
    "dram_lpddr4.csv": ["dram", "--preset", "lpddr4_3200", "--stream", "three_stream", "--no-refresh", "--csv"],
    "dram_trace.txt": ["dram", "--trace", f"{INPUTS}/accesses.trc", "--mode", "latency"],
    "dram_trace_clock.txt": ["dram", "--preset", "lpddr4_3200", "--trace", f"{INPUTS}/accesses.trc", "--trace-clock", "500"],
    "dram_trace.json": ["dram", "--preset", "hbm2_pc", "--trace", f"{INPUTS}/accesses.trc", "--json"],
    "dram_list.txt": ["dram", "--list"],
    "dram_list.json": ["dram", "--list", "--json"],
    "dram_list.csv": ["dram", "--list", "--csv"],
    # front, query: of a store
    "design_front.txt": ["front", *STORED],
    "design_front.json": ["front", *STORED, "--json"],
    "design_front.csv": ["front", *STORED, "--csv"],
    "design_front.svg": ["front", *STORED, "-o", "{out}/front.svg"],
    "design_front_most.txt": ["front", *STORED, "--objectives", "energy_pj,-effective_tops", "--network", "ds_cnn_w4a4",
                              "--where", "array_cols = 8 or area_mm2 < 0.5"],
    "design_front_most.svg": ["front", *STORED, "--objectives", "energy_pj,-effective_tops", "-o", "{out}/front.svg"],
    "query.txt": ["query", *STORED],
    "query.csv": ["query", *STORED, "--network", "resnet8_mixed", "--by", "energy_pj * latency_ms", "--descending", "--top", "4",
                  "--columns", "key,array_rows,array_pe_kind,dram_kind,edp_pj_ms,cycles_stall_dram"],
    "query.json": ["query", *STORED, "--where", "array_rows >= 4 and buffers_weight_size_bytes < 20000", "--json"],
    "query_all.txt": ["query", *STORED, "--columns", "all", "--top", "3"], # more than a screen has
    "query_sum.txt": ["query", *STORED, "--sum", "--by", "distance", "--columns", "key,distance,latency_ms,energy_pj,area_mm2"],
    "query_sweeps.txt": ["query", *STORED, "--sweeps"],
    "query_sweeps.json": ["query", *STORED, "--sweeps", "--json"],
    "query_excluded.txt": ["query", *STORED, "--where", "status <> 'evaluated'", "--columns", "point,reason", "--top", "0"],
    # dram
    "dram_ddr4.txt": ["dram"],
    "dram_hbm2.json": ["dram", "--preset", "hbm2_2000", "--channels", "8", "--mapping", "rorabgbacoch", "--stream", "tile_read",
                       "--set", "H=64", "--set", "W=0x1000", "--set", "P=65536", "--json"],
    "dram_lpddr4.csv": ["dram", "--preset", "lpddr4_3200", "--stream", "three_stream", "--no-refresh", "--csv"],
    "dram_trace.txt": ["dram", "--trace", f"{INPUTS}/accesses.trc", "--mode", "latency"],
    "dram_trace.json": ["dram", "--preset", "hbm2_pc", "--trace", f"{INPUTS}/accesses.trc", "--json"],
    "dram_list.txt": ["dram", "--list"],
    "dram_list.json": ["dram", "--list", "--json"],
    "dram_list.csv": ["dram", "--list", "--csv"],
    # list
    "list.txt": ["list"],
    "list_keys.txt": ["list", "keys"],
    "list_archs.json": ["list", "archs", "pe", "dram", "--json"],
    "list_techs.csv": ["list", "techs", "--csv"],
}


@functools.lru_cache(maxsize=None)
def store():
    """A folder with the store of inputs/space.json, made once."""
    folder = tempfile.TemporaryDirectory()
    call(["explore", "--space", f"{INPUTS}/space.json", "--store", f"{folder.name}/store.db", "--jobs", "1", "-o", "/dev/null"])
    return folder


def call(arguments, **env):
    """What mpsim prints from the source folder; a message or another exit status is an error."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "CMOCKA", "MESON", "LC_", "LANG"))}
    arguments = [str(text) for text in arguments]
    if "{store}" in arguments:
        arguments = [text.replace("{store}", f"{store().name}/store.db") for text in arguments]
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run([os.environ["MPSIM"], *(text.replace("{out}", out) for text in arguments)], cwd=SOURCE,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              env={**clean, "LC_ALL": "C.UTF-8", "MPSIM_CONFIGS": "configs", **env})
        written = b"".join(path.read_bytes() for path in sorted(Path(out).iterdir()))
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"mpsim {' '.join(arguments)}: status {done.returncode}\n{done.stderr.decode()}")
    return done.stdout + written
