# SPDX-License-Identifier: Apache-2.0
"""scripts/slurm on a real Slurm: shards that are killed, requeued, stopped or lost are explored again, just these, and the
merged store holds what one process finds."""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from cluster import Cluster, missing

SOURCE = Path(os.environ["MPSIM_SOURCE"])
MPSIM = os.environ["MPSIM"]
sys.path.insert(0, str(SOURCE / "tests"))
import tap  # noqa: E402

SUBMIT = SOURCE / "scripts/slurm/submit"
TASKS = 16
SPACE = {
    "name": "small",
    "archs": ["bitserial_4x4"],
    "axes": [{"path": "/array/rows", "values": [2, 4, 8, 16]},
             {"path": "/array/cols", "values": [2, 4, 8, 16]},
             {"path": "/buffers/input/size_bytes", "powers_of_two": [4096, 32768]},
             {"path": "/buffers/weight/size_bytes", "powers_of_two": [4096, 32768]}],
    "networks": [{"plan": "resnet8_w4a4"}],
    "objectives": ["latency_ms", "energy_pj", "area_mm2"],
}
# mpsim, but that some shards stop themselves when they first begin, and leave the number of their process. They are slow then,
# so that whoever watches them is faster on a busy machine too.
PAUSING = """#!/bin/sh
for shard in {shards}; do
    at="{folder}/held-$shard"
    case "$*" in explore*" --store "*" --shard $shard/"*)
        if [ ! -e "$at" ]; then
            echo $$ >"$at.new"
            mv "$at.new" "$at"
            kill -STOP $$
            exec nice -n 19 "{mpsim}" "$@"
        fi ;;
    esac
done
exec "{mpsim}" "$@"
"""
# mpsim, but that one shard fails, or all, as long as a file is there.
FAULTY = """#!/bin/sh
case "$*" in explore*"{shard}"*) [ ! -e "{flag}" ] || exit 1 ;; esac
exec "{mpsim}" "$@"
"""


def environment(**more):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "SLURM", "SBATCH"))}
    return {**clean, "LC_ALL": "C.UTF-8", "MPSIM": MPSIM, "MPSIM_CONFIGS": str(SOURCE / "configs"), **more}


def call(*command, env=None):
    return subprocess.run([str(c) for c in command], env=env or environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.space = self.folder / "space.json"
        self.space.write_text(json.dumps(SPACE))
        self.out = self.folder / "a sweep"

    def submit(self, *args, status=0, env=None):
        run = call(SUBMIT, *args, env=env)
        self.assertEqual(run.returncode, status, run)
        return run.stderr if status else run.stdout


class Usage(Case):
    """What needs no cluster."""

    def test_help(self):
        self.assertIn("usage: submit --space FILE --out DIR", self.submit("--help"))

    def test_misuse(self):
        for args, words in (((), "--out is missing"),
                            (("--out", self.out), "--space is missing"),
                            (("--out", self.out, "--tasks"), "--tasks takes a value"),
                            (("--out", self.out, "--tasks", "0"), "--tasks takes a number from 1 on (got '0')"),
                            (("--out", self.out, "--jobs", "many"), "--jobs takes a number from 1 on (got 'many')"),
                            (("--out", "/tmp/a\\b"), r"--out takes no name with a backslash (got '/tmp/a\b')"),
                            (("--shards", "4"), "unknown argument '--shards'")):
            self.assertEqual(self.submit(*args, status=2), f"submit: {words}; see submit --help\n")
        self.assertFalse(self.out.exists())

    def test_what_is_not_there(self):
        self.assertEqual(self.submit("--space", "/nowhere.json", "--out", self.out, status=1),
                         "submit: /nowhere.json: no such file, or not to be read\n")
        self.assertIn("/nowhere/mpsim: no such program", self.submit("--space", self.space, "--out", self.out, status=1,
                                                                     env=environment(MPSIM="/nowhere/mpsim")))

    def test_dry_run(self):
        array, merge = self.submit("--space", self.space, "--out", self.out, "--tasks", 6, "--jobs", 4, "--partition", "p",
                                   "--time", "1:00:00", "--mem", "2G", "--max-parallel", 3, "--dry-run", "--",
                                   "--account=chips").splitlines()
        for option in ("--array=0-5%3", "--cpus-per-task=4", "--requeue", "--signal=B:TERM@60", "--partition=p",
                       "--time=1:00:00", "--mem=2G", "--account=chips", "/task.sbatch"):
            self.assertIn(option, array)
        for option in ("--dependency=afterany:ARRAY", "--partition=p", "--account=chips", "/merge.sbatch"):
            self.assertIn(option, merge)
        self.assertFalse(self.out.exists())

    def test_dry_run_leaves_all_as_it_is(self):
        self.out.mkdir()
        (self.out / "merging.db").write_text("a merge job's")
        done = call(MPSIM, "explore", "--space", self.space, "--store", self.out / "shard-0.db", "--shard", "0/1")
        self.assertEqual(done.returncode, 0, done)
        merge = self.submit("--space", self.space, "--out", self.out, "--tasks", 1, "--dry-run")
        self.assertIn("/merge.sbatch", merge)
        self.assertNotIn("/task.sbatch", merge)
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), ["merging.db", "shard-0.db"])
        self.assertEqual((self.out / "merging.db").read_text(), "a merge job's")

    def test_slurm_does_not_answer(self):
        """Then no second round is submitted beside one that may be at work."""
        tools = self.folder / "tools"
        tools.mkdir()
        for name, does in (("sbatch", "echo 7"), ("squeue", "echo 'no controller' >&2; exit 1"), ("scancel", "")):
            (tools / name).write_text(f"#!/bin/sh\n{does}\n")
            (tools / name).chmod(0o755)
        env = environment(PATH=f"{tools}:{os.environ['PATH']}")
        self.submit("--space", self.space, "--out", self.out, "--tasks", 2, env=env)
        self.assertEqual(self.submit("--out", self.out, status=1, env=env), "no controller\nsubmit: it is not known whether "
                         "jobs 7 and 7 are still at work, for squeue fails\n")
        self.assertEqual(len((self.out / "rounds").read_text().splitlines()), 1)


class Sweeps(Case):
    @classmethod
    def setUpClass(cls):
        cls.alone = None
        if missing():
            return
        cls.cluster = Cluster(TASKS)
        cls.cluster.__enter__()
        cls.addClassCleanup(cls.cluster.__exit__)

    def setUp(self):
        if missing():
            self.skipTest(f"not installed: {' '.join(missing())}")
        super().setUp()

    def slurm(self, *command):
        run = self.cluster.run(*command)
        self.assertEqual(run.returncode, 0, run)
        return run.stdout

    def submit(self, *args, status=0, env=None):
        return super().submit(*args, status=status, env={**(env or environment()), "PATH": self.cluster.env["PATH"],
                                                         "SLURM_CONF": self.cluster.env["SLURM_CONF"]})

    def until(self, what, seconds=90):
        end = time.monotonic() + seconds
        while not (found := what()):
            if time.monotonic() > end:
                self.fail(self.story())
            time.sleep(0.01)
        return found

    def story(self):
        """What there is to know of a sweep that does not go on."""
        logs = "".join(f"{path.name}: {path.read_text()}" for path in sorted((self.out / "log").glob("*")))
        return f"timed out\n{self.cluster.output('squeue')}\n{logs}{self.cluster.logs()}"

    def end(self):
        """The state that the sweep ends in, with its text."""
        path = self.until(lambda: next((p for p in (self.out / "DONE", self.out / "FAILED") if p.exists()), None))
        return path.name, path.read_text()

    def points(self, shard):
        """How many designs are in a shard's store, 0 while it is written to."""
        try:
            with contextlib.closing(sqlite3.connect(f"file:{self.out}/shard-{shard}.db?mode=ro", uri=True, timeout=0)) as store:
                return store.execute("SELECT count(*) FROM point").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def program(self, text, **more):
        """The environment with a program in mpsim's place."""
        path = self.folder / "mpsim"
        path.write_text(text.format(folder=self.folder, mpsim=MPSIM, **more))
        path.chmod(0o755)
        return environment(MPSIM=str(path))

    def pausing(self, *shards):
        return self.program(PAUSING, shards=" ".join(map(str, shards)))

    def hold(self, *shards):
        """{shard: process} of shards that pause, each stopped with a part of its work done."""
        return {shard: self.hold_one(shard) for shard in shards}

    def hold_one(self, shard):
        mark = self.folder / f"held-{shard}"
        self.until(mark.exists)
        pid = int(mark.read_text())

        def work():
            if self.points(shard):
                return True
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.005)
            os.kill(pid, signal.SIGSTOP)
            return False

        self.until(work)
        return pid

    def rounds(self):
        """(array, shards) of each round."""
        return [(line.split()[1], line.split()[3]) for line in (self.out / "rounds").read_text().splitlines()]

    def log(self, array, shard):
        return (self.out / "log" / f"{array}_{shard}.out").read_text()

    def dump(self, store):
        run = call(MPSIM, "query", "--store", store, "--dump")
        self.assertEqual(run.returncode, 0, run)
        self.assertGreater(len(run.stdout), 100)
        return run.stdout

    def finish(self):
        """The sweep is done, with what one process finds."""
        state, text = self.end()
        self.assertEqual(state, "DONE", text)
        if Sweeps.alone is None:
            run = call(MPSIM, "explore", "--space", self.space, "--store", self.folder / "alone.db", "--jobs", 2)
            self.assertEqual(run.returncode, 0, run)
            Sweeps.alone = self.dump(self.folder / "alone.db")
        self.assertEqual(self.dump(self.out / "merged.db"), Sweeps.alone)

    def test_lost_shards(self):
        """Requeued: goes on in its array. Killed, terminated as at a time limit, or its file lost: in the next one."""
        requeued, killed, ended, lost = 3, 5, 9, 7
        self.submit("--space", self.space, "--out", self.out, "--tasks", TASKS, env=self.pausing(requeued, killed, ended))
        held = self.hold(requeued, killed, ended)
        array = self.rounds()[0][0]
        self.until(lambda: len(self.slurm("squeue", "--noheader", "--array", f"--jobs={array}").splitlines()) == len(held))
        self.assertRegex(self.submit("--out", self.out), rf"^at work: 1 PENDING, 3 RUNNING; to stop: scancel {array} \d+\n$")
        (self.out / f"shard-{lost}.db").unlink()
        self.slurm("scontrol", "requeue", f"{array}_{requeued}")
        self.slurm("scancel", "--batch", "--signal=TERM", f"{array}_{ended}")
        os.kill(held[ended], signal.SIGCONT)
        os.kill(held[killed], signal.SIGKILL)
        self.finish()
        self.assertEqual([shards for _, shards in self.rounds()], ["0-15", "5,7,9"])
        self.assertRegex(self.log(array, requeued), r"(?s)restarts 1\n.* were in the store")
        self.assertNotIn("restarts 1\n", self.log(array, killed))
        again = self.rounds()[1][0]
        self.assertEqual(sorted(path.name for path in (self.out / "log").glob(f"{again}_*")),
                         [f"{again}_{shard}.out" for shard in (killed, lost, ended)])
        for shard, begun in ((killed, True), (lost, False), (ended, True)):
            self.assertEqual(" were in the store" in self.log(again, shard), begun, self.log(again, shard))
        self.assertEqual(self.submit("--out", self.out), f"done: {self.out}/merged.db\n")
        self.assertEqual(len(self.rounds()), 2)

    def test_none_complete(self):
        """Every shard was begun, none is complete, and one's store is damaged: it cannot go on until it is taken away."""
        arch = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
        (self.folder / "arch.json").write_text(json.dumps(arch))
        self.space.write_text(json.dumps({**SPACE, "archs": ["arch.json"]}))
        self.submit("--space", self.space, "--out", self.out, "--tasks", 2, "--rounds", 1, env=self.pausing(0, 1))
        held = self.hold(0, 1)
        for pid in held.values():
            os.kill(pid, signal.SIGKILL)
        (self.out / "shard-1.db").write_bytes(b"not a store" * 1000)
        state, text = self.end()
        self.assertEqual(state, "FAILED")
        self.assertIn("shards 1 of 2 are missing after round 2, the last", text)
        self.assertEqual([shards for _, shards in self.rounds()], ["0-1", "0,1"])
        self.assertIn("shard-1.db", self.log(self.rounds()[1][0], 1))
        (self.out / "shard-1.db").unlink()
        self.until(lambda: not self.slurm("squeue", "--noheader"))
        # A space names other files, which must be as they were.
        (self.folder / "arch.json").write_text(json.dumps({**arch, "clock_mhz": 123}))
        self.assertIn("names has changed", self.submit("--out", self.out, status=1))
        (self.folder / "arch.json").write_text(json.dumps(arch))
        self.submit("--out", self.out)
        self.finish()

    def test_node_fails(self):
        self.submit("--space", self.space, "--out", self.out, "--tasks", 4, env=self.pausing(2))
        pid = self.hold_one(2)
        self.slurm("scontrol", "update", "nodename=node", "state=down", "reason=test")
        self.until(lambda: not Path(f"/proc/{pid}").exists())
        # It comes back by itself once it has registered again.
        self.cluster.run("scontrol", "update", "nodename=node", "state=resume")
        self.finish()
        (array, _), = self.rounds()
        self.assertRegex(self.log(array, 2), r"(?s)restarts 1\n.* were in the store")

    def faulty(self, shard):
        """mpsim that fails on a shard until the file, which is the second result, is taken away."""
        flag = self.folder / "flag"
        flag.touch()
        return self.program(FAULTY, shard=shard, flag=flag), flag

    def test_gives_up_and_goes_on(self):
        env, flag = self.faulty(" --shard 1/4 ")
        self.submit("--space", self.space, "--out", self.out, "--tasks", 4, "--rounds", 1, env=env)
        state, text = self.end()
        self.assertEqual(state, "FAILED")
        self.assertIn("shards 1 of 4 are missing after round 2, the last", text)
        flag.unlink()
        self.until(lambda: not self.slurm("squeue", "--noheader"))
        self.submit("--out", self.out)
        self.finish()
        self.assertEqual([shards for _, shards in self.rounds()], ["0-3", "1", "1"])
        self.assertFalse((self.out / "FAILED").exists())
        self.assertIn("is a sweep in 4 shards", self.submit("--out", self.out, "--tasks", 5, status=1))
        self.space.write_text(json.dumps({**SPACE, "name": "other"}))
        self.assertEqual(self.submit("--out", self.out), # what is done stays done
                         f"done: {self.out}/merged.db, of {self.space} as it was; for what it is now take another --out\n")
        self.assertIn("has changed since", self.submit("--out", self.out, "--space", self.space, status=1))

    def test_space_is_wrong(self):
        self.space.write_text(json.dumps({**SPACE, "archs": ["no_such_accelerator"]}))
        self.assertIn(f"submit: {self.space} cannot be explored\n",
                      self.submit("--space", self.space, "--out", self.out, status=1))
        self.assertFalse((self.out / "rounds").exists())

    def test_nothing_begins(self):
        env, _ = self.faulty(" --store ")
        self.submit("--space", self.space, "--out", self.out, "--tasks", 2, env=env)
        state, text = self.end()
        self.assertEqual(state, "FAILED")
        self.assertIn("no shard was begun", text)
        self.assertEqual(len(self.rounds()), 1)

    def test_slurm_refuses(self):
        begin = ("--space", self.space, "--out", self.out)
        self.assertRegex(self.submit(*begin, "--", "--partition=none", status=1),
                         r"(?s)Invalid partition.*submit: nothing was submitted\n$")
        self.assertNotIn("none", self.submit(*begin, "--dry-run"))


if __name__ == "__main__":
    tap.main()
