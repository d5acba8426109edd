"""Jobs on a real Dask cluster: a scheduler and two workers as processes of this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib.parallel import get_active_backend

from cluster_jobs import told
from helpers.compendium import CLUSTER_VARIABLE
from helpers.compendium.replicates import share_replicates
from helpers.location import simulate_dispatch
from helpers.priorities import smaa
from helpers.runner.here import SINGLE
from helpers.runner.place import ClusterError

Client = pytest.importorskip("distributed").Client
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
SECTION = "22_district_models"


class Machines:
    """Processes of a cluster, by the names they were given."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.running = folder, {}
        self.address = ""

    def start(self, name: str, *words: str, src: Path = ROOT / "src") -> subprocess.Popen:
        single = {f"{library}_NUM_THREADS": "1" for library in SINGLE}
        more = {
            "PYTHONPATH": f"{src}{os.pathsep}{ROOT / 'tests'}",
        }
        environment = {**os.environ, **single, **more}
        command = [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]]
        log = (self.folder / f"{name}.log").open("wb")
        self.running[name] = subprocess.Popen(
            command, env=environment, cwd=self.folder, stdout=log, stderr=log
        )
        return self.running[name]

    def scheduler(self) -> None:
        told = self.folder / "scheduler.json"
        words = ("--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        self.start("scheduler", "scheduler", *words)
        until(lambda: told.is_file() and told.read_text())
        self.address = json.loads(told.read_text())["address"]

    def worker(self, name: str, **more) -> subprocess.Popen:
        words = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--name", name)
        return self.start(name, "worker", self.address, *words, **more)

    def workers(self) -> list[str]:
        """Names of those that run and are the project's own."""
        return [name for name in self.running if name not in ("scheduler", "four")]

    def end(self, name: str) -> None:
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()


def until(ready, patience: float = PATIENCE):
    end = time.monotonic() + patience
    while not (found := ready()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """A scheduler and the workers one and two; the tests stand in the order of what they end."""
    made = Machines(tmp_path_factory.mktemp("cluster"))
    made.scheduler()
    made.worker("one")
    made.worker("two")
    yield made
    for name in list(made.running):
        made.end(name)


@pytest.fixture
def join(machines, tmp_path, monkeypatch):
    """Join the cluster with results in a folder of the test: ``with join(work=…) as cluster:``."""
    from helpers.runner.cluster import Cluster

    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path / "output"))
    (tmp_path / "output/data/processed").mkdir(parents=True)
    said = []

    def joined(**more) -> Cluster:
        cluster = Cluster(machines.address, more.pop("modules", []), said.append, **more)
        cluster.said = said
        return cluster

    return joined


def enter(cluster, workers: int):
    until(lambda: cluster.slots() == workers)


def job_of(root: Path, folder: Path) -> dict:
    """A section of columbus as far as its first figure, with results below a folder."""
    notebook = json.loads((ROOT / "notebooks" / f"{SECTION}.ipynb").read_text(encoding="utf-8"))
    cells = notebook["cells"]
    first = next(k for k, cell in enumerate(cells) if "section.figure(" in "".join(cell["source"]))
    notebook["cells"] = cells[: first + 1]
    short = folder / "short.ipynb"
    short.write_text(json.dumps(notebook), encoding="utf-8")
    output = root / f"{SECTION}.partial.ipynb"
    root.mkdir(exist_ok=True)
    return {
        "kind": "execute", "notebook": str(short), "output": str(output),
        "parameters": {"city": "columbus"}, "timeout": 120.0,
    }  # fmt: skip


HERE = """
import json, sys, tempfile
from pathlib import Path
from helpers.runner.here import Here
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(Here(1, Path(scratch), []).do(json.loads(sys.argv[1]))["state"])
"""


def files_below(root: Path) -> dict[str, bytes]:
    names = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    # the notebook tells when its cells ran, and who has a section open tells its process
    apart = (".ipynb", "open.json", ".lock")
    return {n: p.read_bytes() for n, p in names.items() if not n.endswith(apart)}


def test_a_cluster_leaves_the_bytes_that_this_machine_leaves(join, tmp_path):
    far, near = tmp_path / "output", tmp_path / "here"
    with join() as cluster, ThreadPoolExecutor() as pool:
        enter(cluster, 2)
        result = pool.submit(cluster.do, job_of(far, tmp_path))
        words = [sys.executable, "-c", HERE, json.dumps(job_of(near, tmp_path))]
        paths = {"PYTHONPATH": str(ROOT / "src"), "POLICE_PLANNING_OUTPUT": str(near)}
        said = subprocess.run(words, env={**os.environ, **paths}, capture_output=True, text=True)
        assert said.stdout == "done\n", said
        assert result.result()["state"] == "done", result.result()
    there, here = files_below(far), files_below(near)
    assert sorted(there) == sorted(here)
    assert [name for name in here if there[name] != here[name]] == []
    assert any(name.endswith(".png") for name in here)
    assert any(name.endswith(".csv") for name in here)


def executed(client) -> int:
    """How many tasks the workers have done."""
    return sum(client.run(lambda dask_worker: dask_worker.state.executed_count).values())


@pytest.fixture
def joblib_as_before():
    yield
    joblib.parallel_config("loky")


def test_replicates_on_a_cluster_are_those_of_this_machine(machines, monkeypatch, joblib_as_before):
    """Blocks of weights and replications of dispatch, put together in their order."""
    generator = np.random.default_rng(5)
    values = pd.DataFrame(generator.random((40, 4)), index=[f"z{k}" for k in range(40)])
    x = generator.random(30)
    how = {"service_time": 0.3, "speed": 30.0, "hours": 20.0, "replications": 6, "seed": 3}

    def computed(jobs: int) -> list[np.ndarray]:
        robust = smaa(values, vectors=30_000, seed=3, jobs=jobs)
        served = simulate_dispatch(x / 30, abs(x[:, None] - x), [0, 9, 20], jobs=jobs, **how)
        return [robust.rank_acceptability.to_numpy(), served.replications.to_numpy()]

    alone = computed(1)
    with Client(machines.address, set_as_default=False) as client:
        workers = sorted(client.nthreads())
        told = {"address": machines.address, "workers": workers}
        monkeypatch.setenv(CLUSTER_VARIABLE, json.dumps(told))
        share_replicates({"jobs": 1})
        assert "Dask" not in type(get_active_backend()[0]).__name__
        share_replicates({"jobs": 2})
        assert "Dask" in type(get_active_backend()[0]).__name__
        before = executed(client)
        shared = computed(2)
        assert executed(client) > before
    for one, other in zip(alone, shared, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_worker_that_is_killed_and_one_that_comes(join, machines, tmp_path):
    """The job of the one that is gone is done again by the one that came; others go on."""
    with join(work=told) as cluster, ThreadPoolExecutor() as pool:
        enter(cluster, 2)
        jobs = [{"folder": str(tmp_path), "number": number} for number in range(2)]
        ends = [pool.submit(cluster.do, job) for job in jobs]
        begun = [tmp_path / f"{number}.begun" for number in range(2)]
        until(lambda: all(path.exists() and path.read_text() for path in begun))
        first = [path.read_text().split()[0] for path in begun]
        assert sorted(first) == ["one", "two"]
        machines.end("two")
        until(lambda: cluster.slots() == 1)
        machines.worker("three")
        again = begun[first.index("two")]
        until(lambda: len(again.read_text().splitlines()) == 2)
        (tmp_path / "free").touch()
        where = [end.result()["where"] for end in ends]
        assert sorted(where) == ["one", "three"]
        assert where[first.index("one")] == "one"
        assert cluster.said == []


def test_a_worker_of_another_lock_is_not_used(join, machines, tmp_path):
    """It is named, with its mend; the others do the work."""
    other = tmp_path / "other"
    for folder in ("src/helpers", "notebooks"):
        skipped = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")
        shutil.copytree(ROOT / folder, other / folder, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", other)
    (other / "uv.lock").write_text("version = 1\n")
    machines.worker("four", src=other / "src")
    (tmp_path / "free").touch()
    with join(work=told) as cluster:
        until(lambda: (cluster.slots(), cluster.said)[1])
        assert cluster.do({"folder": str(tmp_path), "number": 7})["where"] in machines.workers()
        assert cluster.slots() == 2
        (sentence,) = cluster.said
    assert sentence.startswith("worker tcp://")
    assert f"is not used: its project is {other}, and here it is {ROOT}" in sentence
    machines.end("four")


def test_what_another_run_left_at_work_ends(join, machines, tmp_path):
    """Its process ends, and all below it, as soon as its file is gone; so does it with its worker."""
    import psutil

    from helpers.runner import _token

    with join(modules=["helpers.checks"]) as cluster:
        enter(cluster, 2)
        refused = {"kind": "check", "city": "columbus", "inputs": "of another city"}
        cluster._with_inputs = lambda job: job
        said = cluster.do(refused)
        assert "are not those of the run" in said["lines"][0]
        there = [psutil.Process(machines.running[name].pid) for name in machines.workers()]
        serving = [
            p for worker in there for p in worker.children() if "_serving" in str(p.cmdline())
        ]
        assert len(serving) == 1
        _token.dismiss()
        serving[0].wait(PATIENCE)


def test_a_run_that_is_stopped_waits_for_nothing(join, tmp_path):
    """As Ctrl-C does it: every wait ends, and so does the file that keeps workers at it."""
    from helpers.runner.place import stopping

    with join(work=told) as cluster, ThreadPoolExecutor() as pool:
        enter(cluster, 2)
        ends = [pool.submit(cluster.do, {"folder": str(tmp_path), "number": n}) for n in range(3)]
        until(lambda: len(list(tmp_path.glob("*.begun"))) == 2)
        with pytest.raises(KeyboardInterrupt), stopping(cluster):
            raise KeyboardInterrupt
        for end in ends:
            with pytest.raises(ClusterError, match="stopped"):
                end.result(PATIENCE)
        assert not (tmp_path / "output/data/processed/.cluster").exists()
        (tmp_path / "free").touch()


def test_a_scheduler_that_is_lost(join, machines, tmp_path):
    """Every job that waits hears of it, and is told how to go on."""
    with join(work=told) as cluster, ThreadPoolExecutor() as pool:
        enter(cluster, 2)
        ends = [pool.submit(cluster.do, {"folder": str(tmp_path), "number": n}) for n in range(3)]
        until(lambda: len(list(tmp_path.glob("*.begun"))) == 2)
        threading.Timer(0.1, machines.end, ["scheduler"]).start()
        for end in ends:
            with pytest.raises(ClusterError, match="run the same command again: it goes on"):
                end.result(PATIENCE)
        (tmp_path / "free").touch()
        with pytest.raises(ClusterError):
            cluster.slots()


def test_no_scheduler_and_no_worker_are_told(tmp_path, monkeypatch, capsys):
    from helpers.cli import main
    from helpers.runner import cluster

    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path))
    monkeypatch.setattr(cluster, "ANSWER", 0.3)
    words = ["run", "--city", "columbus", "--section", "31", "--scheduler"]
    assert main([*words, "tcp://127.0.0.1:9"]) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert main([*words, "nowhere://x"]) == 2
    assert "correct the address" in capsys.readouterr().err
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    assert main([*words, "tcp://127.0.0.1:9"]) == 2
    assert "install it with" in capsys.readouterr().err
