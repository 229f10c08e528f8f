# SPDX-License-Identifier: Apache-2.0
"""A Slurm cluster of one node on this machine, for as long as a command runs: munged, slurmctld and slurmd, all in a folder
that is taken away. The node has more CPUs than the machine, so that many tasks run at once. No accounting, no cgroups, no
rights needed but one's own.

    cluster.py [--cpus N] COMMAND...     with SLURM_CONF set; exits as the command does
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONF = """ClusterName=mpsim
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
# A job that is requeued waits for its credential to expire; 5 s is the least.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobRequeue=0
KillWait=5
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1024 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo")
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def missing():
    """Programs that are not installed."""
    return [name for name in PROGRAMS if not shutil.which(name, path=PATH)]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    """`with Cluster(cpus) as c`: c.env is the environment of its users. Raises RuntimeError, the logs' ends in its text, when
    it does not start."""

    def __init__(self, cpus=16):
        self.cpus = cpus
        self.daemons = []

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        # No job that this may run in shines through.
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH", "SQUEUE", "SCANCEL"))}
        self.env.update(PATH=PATH, SLURM_CONF=str(self.folder / "slurm.conf"))
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.folder.chmod(0o755)  # munged and those who call it want to come through
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        ctld_port, slurmd_port = free_ports(2)
        user = subprocess.run(["id", "-un"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        (self.folder / "slurm.conf").write_text(CONF.format(
            host=socket.gethostname().split(".")[0], user=user, folder=self.folder, cpus=self.cpus, ctld_port=ctld_port,
            slurmd_port=slurmd_port))
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)
        at = self.folder / "munge"
        self.daemon("munged", "--foreground", "--force", f"--socket={at}.socket", f"--key-file={at}.key",
                    f"--pid-file={at}.pid", f"--seed-file={at}.seed")
        self.wait((self.folder / "munge.socket").exists)
        self.daemon("slurmctld", "-D", "-i")
        self.daemon("slurmd", "-D")
        self.wait(lambda: self.output("sinfo", "--noheader", "--format=%T") == "idle")

    def daemon(self, *command):
        with (self.folder / f"{command[0]}.log").open("w") as log:
            self.daemons.append((command[0], subprocess.Popen(command, env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL,
                                                              stdout=log, stderr=log)))

    def wait(self, ready, seconds=30):
        end = time.monotonic() + seconds
        while not ready():
            for name, process in self.daemons:
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended with {process.returncode}\n{self.logs()}")
            if time.monotonic() > end:
                raise RuntimeError(f"not ready after {seconds} s\n{self.logs()}")
            time.sleep(0.05)

    def logs(self):
        """The ends of the daemons' logs."""
        return "\n".join(f"{name}.log: {line}" for name, _ in self.daemons
                         for line in (self.folder / f"{name}.log").read_text(errors="replace").split("\n")[-12:])

    def run(self, *command, **more):
        return subprocess.run([str(c) for c in command], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60, **more)

    def output(self, *command):
        return self.run(*command).stdout.strip()

    def processes(self):
        """What jobs of this cluster left running: it has our slurm.conf in its environment."""
        mark = f"SLURM_CONF={self.env['SLURM_CONF']}".encode()
        ours = {os.getpid(), *(process.pid for _, process in self.daemons)}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and int(entry.name) not in ours and \
                        mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)
            except OSError:  # gone, or another user's
                pass

    def stop(self):
        if len(self.daemons) == 3 and all(process.poll() is None for _, process in self.daemons):
            jobs = self.output("squeue", "--noheader", "--format=%A").split()
            if jobs:
                self.run("scancel", "--signal=KILL", "--full", *jobs)
                self.run("scancel", *jobs)
                end = time.monotonic() + 10
                while self.output("squeue", "--noheader") and time.monotonic() < end:
                    time.sleep(0.1)
        for _, process in reversed(self.daemons):
            process.terminate()
        for _, process in reversed(self.daemons):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)


def main(args):
    cpus = 16
    if len(args) > 1 and args[0] == "--cpus":
        cpus, args = int(args[1]), args[2:]
    if not args or args[0].startswith("-"):
        sys.exit(__doc__)
    if missing():
        sys.exit(f"cluster: not installed: {' '.join(missing())}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Cluster(cpus) as cluster:
            status = subprocess.run(args, env=cluster.env).returncode
    except RuntimeError as err:
        sys.exit(f"cluster: {err}")
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main(sys.argv[1:])
