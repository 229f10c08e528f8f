# SPDX-License-Identifier: Apache-2.0
"""Broken spaces, and wrong usage of mpsim explore: (name, files, arguments, message). The accelerator and the plan are those of
good.py."""
import cases_search

SPACE = {"name": "s", "archs": ["arch.json"], "axes": [{"path": "/array/rows", "values": [1, 2]}],
         "networks": [{"plan": "plan.json"}], "objectives": ["latency_ms", "area_mm2"]}
C = ["explore", "--space", "s.json", "--store", "s.db"]
AXIS = {"path": "/array/cols", "values": [1]}


def space(**changes):
    return {"s.json": {k: v for k, v in {**SPACE, **changes}.items() if v is not None}}


def axes(*more):
    return space(axes=list(more))


def searched(**changes):
    search = {"harm": "h.csv", "max_harm": 5, **changes}
    return {**space(networks=[{"workload": "workload.json", "search": {k: v for k, v in search.items() if v is not None}}]),
            "h.csv": cases_search.HARM}


CASES = [
    ("space_missing", {}, C, 'space "s.json": no such file, and none of that name is shipped'),
    ("space_not_json", {"s.json": "{"}, C, "s.json:1:2: expected a key in double quotes (got the end of the text)"),
    ("name_missing", space(name=None), C, "s.json: /name: missing"),
    ("archs_missing", space(archs=None), C, "s.json: /archs: missing"),
    ("archs_empty", space(archs=[]), C, "s.json: /archs: must have 1..64 accelerators (got 0)"),
    ("arch_unknown", space(archs=["bitfuson"]), C,
     's.json: /archs/0: arch "bitfuson": no such file, and none of that name is shipped, did you mean "bitfusion"?'),
    ("arch_twice", space(archs=["bitfusion", "bitfusion"]), C, 's.json: /archs/1: is called "bitfusion" as another one'),
    ("axes_missing", space(axes=None), C, "s.json: /axes: missing"),
    ("axis_no_object", space(axes=[3]), C, "s.json: /axes/0: must be an object (got 3)"),
    ("axis_key", axes({**AXIS, "vales": [1]}), C, 's.json: /axes/0: unknown key "vales", did you mean "values"?'),
    ("axis_two_ways", axes({**AXIS, "powers_of_two": [1, 2]}), C,
     's.json: /axes/0: needs one of "values", "from" with "to", "powers_of_two", "equals" (got 2)'),
    ("axis_step", axes({**AXIS, "step": 2}), C, 's.json: /axes/0/step: goes with "from"'),
    ("axis_no_to", axes({"path": "/array/cols", "from": 1}), C, "s.json: /axes/0/to: missing"),
    ("axis_equals", axes({"path": "/array/cols", "equals": "array_row + 1"}), C,
     's.json: /axes/0/equals: expression "array_row + 1": unknown name "array_row", did you mean "array_rows"?'),
    ("axis_equals_syntax", axes({"path": "/array/cols", "equals": "1 +"}), C,
     's.json: /axes/0/equals: expression "1 +": ends too early'),
    ("axis_misspelt", axes({"path": "/array/rowz", "values": [1]}), C,
     's.json: /axes/0: small: /array: unknown key "rowz", did you mean "rows"?'),
    ("axis_of_another_kind", {**axes({"path": "/array/pe/serial_bits", "values": [1]}),
                              "s.json": {**SPACE, "archs": ["bitserial_4x4", "bitfusion"],
                                         "axes": [{"path": "/array/pe/serial_bits", "values": [1]}]}}, C,
     's.json: /axes/0: bitfusion: /array/pe: unknown key "serial_bits" (known: lanes, kind)'),
    ("axis_nowhere", axes({"path": "/aray/rows", "values": [1]}), C,
     "s.json: /axes/0: small: /aray/rows: there is no object that has it"),
    ("axis_tech", axes({"path": "/tech", "values": ["cmos45_hq"]}), C,
     's.json: /axes/0/values: arch "s": tech "cmos45_hq": no such file, and none of that name is shipped, did you mean "cmos45_hp"?'),
    ("axis_quote", axes({"path": '/array/"rows', "values": [1]}), C,
     's.json: /axes/0/path: must be the path of a key of arch.json, as "/array/rows" (got "/array/"rows")'),
    ("axis_part", axes({"path": "/array/pe/lanes", "values": [1]}, {"path": "/array/pe", "values": [{"kind": "fixed"}]}), C,
     "s.json: /axes/1: /array/pe must come before /array/pe/lanes, which is a part of it"),
    ("axis_value_twice", axes({"path": "/array/cols", "values": [*range(1, 1500), 700.0]}), C, "s.json: /axes/0/values: has 700 twice"),
    ("axis_values_twice", axes({"paths": ["/array/cols", "/clock_mhz"], "values": [[1, 2], [2, 1], [1, 2]]}), C,
     "s.json: /axes/0/values: has 1, 2 twice"),
    ("axis_linked_twice", axes({"paths": ["/array/cols", "/array/cols"], "values": [[1, 2]]}), C,
     "s.json: /axes/0: /array/cols has an axis already"),
    ("axis_equals_itself", axes({"path": "/array/cols", "equals": "array_cols + 1"}), C,
     's.json: /axes/0/equals: "array_cols + 1": uses array_cols, the key that it gives'),
    ("axis_equals_order", axes({"path": "/array/cols", "equals": "array_rows"}, {"path": "/array/rows", "equals": "4"}), C,
     's.json: /axes/0/equals: "array_rows": uses array_rows, which follows only from axis 1: that one must come first'),
    ("axis_tech_number", axes({"path": "/tech", "values": [4]}), C,
     "s.json: /axes/0/values: must be names of technologies (got 4)"),
    ("axis_tech_file", axes({"path": "/tech", "values": ["./none.json"]}), C,
     "s.json: /axes/0/values: ./none.json: cannot open: No such file or directory"),
    ("too_many_designs", axes(*({"path": f"/array/{k}", "from": 1, "to": 99999} for k in "abc")), C,
     "s.json: /axes: more than 2^40 designs"),
    ("constraint_name", space(constraints=["area < 3"]), C,
     's.json: /constraints/0: expression "area < 3": unknown name "area"'),
    ("constraint_query", space(constraints=["(SELECT 1)"]), C,
     's.json: /constraints/0: expression "(SELECT 1)": must be one expression over the names, without subqueries and other tables'),
    ("constraint_empty", space(constraints=[""]), C, "s.json: /constraints/0: must not be empty"),
    ("networks_empty", space(networks=[]), C, "s.json: /networks: must have 1..64 networks (got 0)"),
    ("network_both", space(networks=[{"plan": "plan.json", "workload": "workload.json"}]), C,
     's.json: /networks/0: needs either "plan" or "workload"'),
    ("network_bits", space(networks=[{"plan": "plan.json", "w_bits": 4}]), C,
     's.json: /networks/0/w_bits: goes with "workload" without "search"'),
    ("network_unknown", space(networks=[{"plan": "pan.json"}]), C,
     's.json: /networks/0/plan: plan "pan.json": no such file, and none of that name is shipped'),
    ("network_twice", space(networks=[{"plan": "plan.json"}, {"plan": "plan.json"}]), C,
     "s.json: /networks/1: is the same as network 0"),
    ("network_weight", space(networks=[{"plan": "plan.json", "weight": 0}]), C,
     "s.json: /networks/0/weight: must be a number 1e-12..1000000000000 (got 0)"),
    ("search_of_plan", space(networks=[{"plan": "plan.json", "search": {}}]), C,
     's.json: /networks/0: "search" goes with "workload": the plan is what it finds'),
    ("search_harm", searched(harm=None), C, "s.json: /networks/0/search/harm: missing"),
    ("search_max", searched(max_harm=None), C, "s.json: /networks/0/search/max_harm: missing"),
    ("search_share", searched(max_harm="2x"), C,
     's.json: /networks/0/search/max_harm: must be a number, or a share of the way from the least harm to the most as "0.1x" '
     '(got "2x")'),
    ("search_bits", searched(bits=[4, 9]), C, "s.json: /networks/0/search/bits/1: must be an integer 1..8 (got 9)"),
    ("search_file", searched(harm="g.csv"), C, "g.csv: cannot open: No such file or directory"),
    ("objectives_missing", space(objectives=None), C, "s.json: /objectives: missing"),
    ("objective_unknown", space(objectives=["latency"]), C,
     's.json: /objectives/0: no figure "latency", did you mean "latency_ms"?'),
    ("objective_harm", space(objectives=["-harm"]), C,
     's.json: /objectives/0: harm is that of searched plans: no network has "search"'),
    ("objective_twice", space(objectives=["latency_ms", "-latency_ms"]), C, "s.json: /objectives/1: is an objective already"),
    ("objectives_many", space(objectives=["latency_ms", "energy_pj", "area_mm2", "cycles", "power_mw"]), C,
     "s.json: /objectives: must have 1..4 objectives (got 5)"),
    ("prune_objective", space(objectives=["power_mw"], prune=True), C,
     "s.json: /objectives: pruning has bounds of cycles, latency_ms, energy_pj, area_mm2 and edp_pj_ms, not of power_mw: "
     '"prune" must be false'),
    ("prune_search", {**searched(), "s.json": {**searched()["s.json"], "prune": True}}, C,
     's.json: /networks/0: pruning has no bounds for searched plans: "prune" must be false'),
    ("prune_event", space(prune=True, engine="event"), C,
     "s.json: /prune, --prune: bounds are of the analytic engine's figures, not the event engine's"),
    ("engine", space(engine="evnt"), C, 's.json: /engine: must be one of analytic, event (got "evnt"), did you mean "event"?'),
    ("sampler_kind", space(sampler={"kind": "gird"}), C,
     's.json: /sampler/kind: must be one of grid, random, halton, nsga2 (got "gird"), did you mean "grid"?'),
    ("sampler_points", space(sampler={"kind": "random", "points": 0}), C,
     "s.json: /sampler/points: must be an integer 1..1000000000 (got 0)"),
    ("shards_of_nsga2", space(sampler={"kind": "nsga2"}), [*C, "--shard", "0/2"],
     "s.json: /sampler/kind, --shard: nsga2 cannot be cut into shards: a generation needs the one before"),
    ("prune_nsga2", space(), [*C, "--sampler", "nsga2", "--prune"],
     "s.json: /prune, --prune: nsga2 chooses by figures, which pruned designs do not have"),
    ("points_below_population", axes({"path": "/clock_mhz", "from": 1, "to": 100}),
     [*C, "--sampler", "nsga2", "--points", "30"], "s.json: /sampler/points, --points: must be at least the population, 64 (got 30)"),
    ("points_of_grid", space(), [*C, "--points", "5"],
     "s.json: /sampler/kind, --points: a grid has every design: points go with random, halton or nsga2"),
    ("store_folder", space(), ["explore", "--space", "s.json", "--store", "folder"], "folder: is no store of an exploration (a directory)"),
    ("store_nowhere", space(), ["explore", "--space", "s.json", "--store", "none/s.db"],
     "none/s.db: its folder cannot be written (No such file or directory)"),
    ("store_no_database", {**space(), "t.db": "this is a text of more than a few letters, and no database at all\n" * 20},
     ["explore", "--space", "s.json", "--store", "t.db"], "t.db: is no store of an exploration (not an SQLite file)"),
]

USAGE = [
    ("explore_space", ["explore", "--store", "s.db"], "mpsim explore: option --space is missing"),
    ("explore_store", ["explore", "--space", "s.json"], "mpsim explore: option --store is missing"),
    ("explore_argument", ["explore", "s.json"], 'mpsim explore: unexpected argument "s.json"'),
    *((f"explore_shard_{i}", ["explore", "--space", "s.json", "--store", "s.db", "--shard", text],
       f'mpsim explore: option --shard: must be I/N with 0 <= I < N <= 100000, as in 0/16 (got "{text}")')
      for i, text in enumerate(["4", "4/4", "1/0", "a/2", "-1/2", "1/2x", "1/100001", "/2"])),
    ("explore_points", ["explore", "--space", "s.json", "--store", "s.db", "--sampler", "grid", "--points", "5"],
     "mpsim explore: --points goes with --sampler random, halton or nsga2: a grid has every design"),
]
