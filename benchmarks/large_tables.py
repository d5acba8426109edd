"""Events by the tens of millions, counted by grid, place and kind: three ways, one at a time.

    python benchmarks/large_tables.py                      2 million events
    python benchmarks/large_tables.py --millions 50        1.3 GB on the disk while it runs

The events are made here: a city of 40 km by 24 km, 150,000 places, 14 kinds, ten years, in a
folder of Parquet files of a million rows.  Each way counts in a process of its own with one
thread: 40 × 24 cells and cells of 250 m in one reading, and then places.  CPU seconds and largest
resident set are those of the process, imports included.  All ways must give the same counts.  The
peers duckdb and dask (dask[dataframe]) are left out where they are not installed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

BOUNDS = (0.0, 0.0, 40_000.0, 24_000.0)
SHARE = (("whole", 40, 24, 1000.0), ("fine", 160, 96, 250.0))
EVENTS_A_FILE = 1_000_000
WAYS = ("reading", "pyarrow", "duckdb", "dask")
PLACES = 150_000
SQL_CELLS = """
    select kind, cast(least(floor(x / {size}), {columns} - 1) as integer) as c,
           cast(least(floor(y / {size}), {rows} - 1) as integer) as r, count(*) as n
    from read_parquet('{folder}/*.parquet') group by all
"""
SQL_PLACES = """
    select round_even(x, 0) as x, round_even(y, 0) as y, kind, count(*) as n
    from read_parquet('{folder}/*.parquet') group by all
"""


def make(folder: Path, millions: int) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(1)
    centres = rng.uniform(0, 1, (300, 2)) * BOUNDS[2:]
    places = centres[rng.integers(0, 300, PLACES)] + rng.normal(0, 900, (PLACES, 2))
    places = places.clip(0, BOUNDS[2:]).round(2)
    busy = np.cumsum(rng.pareto(1.2, PLACES) + 1)
    names = pa.array([f"kind {number}" for number in range(14)])
    for number in range(millions):
        at = np.searchsorted(busy, rng.uniform(0, busy[-1], EVENTS_A_FILE))
        kinds = pa.array(rng.geometric(0.25, EVENTS_A_FILE).clip(max=14) - 1, pa.int32())
        seconds = rng.integers(1_262_304_000, 1_577_836_800, EVENTS_A_FILE)
        table = pa.table(
            {
                "id": np.arange(EVENTS_A_FILE) + number * EVENTS_A_FILE,
                "kind": pa.DictionaryArray.from_arrays(kinds, names),
                "time": pa.array(seconds, pa.timestamp("s")),
                "x": places[at, 0],
                "y": places[at, 1],
            }
        )
        parquet.write_table(table, folder / f"part-{number:03d}.parquet", row_group_size=250_000)


def reading(folder: Path) -> dict[str, str]:
    """The bytes of the three columns and nothing else, twice as the others do."""
    from helpers.sources.large_tables import batches

    rows = sum(batch.num_rows for _ in range(2) for _, batch in batches(folder, ["x", "y", "kind"]))
    return {"rows": str(rows // 2)}


def pyarrow(folder: Path) -> dict[str, str]:
    from helpers.sources.large_tables import Cells, count_at_places, count_in_cells

    grids = {name: Cells.of_number(BOUNDS, columns, rows) for name, columns, rows, _ in SHARE}
    counted = count_in_cells(folder, grids)
    order = np.argsort(counted.kinds)
    found = {name: digest(counted.cells[name][order]) for name in grids}
    places = count_at_places(folder)
    return {**found, "places": digest_of_places(places["x"], places["y"], places["count"])}


def duckdb(folder: Path) -> dict[str, str]:
    import duckdb as engine

    connection = engine.connect()
    connection.execute("set threads = 1; set memory_limit = '1500MB'")
    connection.execute("set preserve_insertion_order = false")
    found = {}
    for name, columns, rows, size in SHARE:
        text = SQL_CELLS.format(size=size, columns=columns, rows=rows, folder=folder)
        frame = connection.execute(text).df()
        found[name] = digest(table_of(frame, columns, rows))
    frame = connection.execute(SQL_PLACES.format(folder=folder)).df()
    frame = frame.sort_values(["x", "y", "kind"])
    return {**found, "places": digest_of_places(frame["x"], frame["y"], frame["n"])}


def table_of(frame, columns: int, rows: int) -> np.ndarray:
    kinds = sorted(frame["kind"].unique())
    counts = np.zeros((len(kinds), rows, columns), dtype=np.int64)
    np.add.at(counts, (frame["kind"].map(kinds.index), frame["r"], frame["c"]), frame["n"])
    return counts


def dask(folder: Path) -> dict[str, str]:
    import dask as engine
    import pandas as pd
    from dask import dataframe

    def grouped(frame, keys) -> pd.DataFrame:
        return frame.groupby(keys, observed=True).size().rename("n").reset_index()

    def cells(frame) -> pd.DataFrame:
        parts = []
        for name, columns, rows, size in SHARE:
            c = np.minimum(frame["x"] // size, columns - 1).astype("int64")
            r = np.minimum(frame["y"] // size, rows - 1).astype("int64")
            part = pd.DataFrame({"grid": name, "kind": frame["kind"].astype("str"), "c": c, "r": r})
            parts.append(grouped(part, ["grid", "kind", "c", "r"]))
        return pd.concat(parts)

    def places(frame) -> pd.DataFrame:
        rounded = frame.assign(x=frame["x"].round(), y=frame["y"].round())
        return grouped(rounded.astype({"kind": "str"}), ["x", "y", "kind"])

    engine.config.set(scheduler="synchronous")
    table = dataframe.read_parquet(folder, columns=["x", "y", "kind"])
    kinds = {"grid": "str", "kind": "str", "c": "int64", "r": "int64", "n": "int64"}
    whole = table.map_partitions(cells, meta=kinds)
    whole = whole.groupby(["grid", "kind", "c", "r"]).sum(split_out=1).compute().reset_index()
    found = {}
    for name, columns, rows, _ in SHARE:
        found[name] = digest(table_of(whole[whole["grid"] == name], columns, rows))
    own = {"x": "float64", "y": "float64", "kind": "str", "n": "int64"}
    at = table.map_partitions(places, meta=own).groupby(["x", "y", "kind"]).sum()
    at = at.compute().reset_index().sort_values(["x", "y", "kind"])
    return {**found, "places": digest_of_places(at["x"], at["y"], at["n"])}


def digest(counts: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(counts, dtype=np.int64).tobytes()).hexdigest()[:12]


def digest_of_places(x, y, count) -> str:
    return digest(np.column_stack([np.rint(x), np.rint(y), count]))


def one(way: str, folder: Path) -> None:
    begin = time.perf_counter()
    found = globals()[way](folder)
    wall, used = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF)
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1e6
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak": peak, **found}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, default=2)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way:
        one(chosen.way, chosen.folder)
        return
    with tempfile.TemporaryDirectory(prefix="large-tables-") as name:
        folder = Path(name)
        make(folder, chosen.millions)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{chosen.millions},000,000 events, {size / 1e9:.2f} GB of Parquet")
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        counts = {}
        for way in WAYS:
            if way in ("duckdb", "dask") and find_spec(way) is None:
                print(f"{way:10} not installed")
                continue
            words = [sys.executable, __file__, "--way", way, "--folder", name]
            said = subprocess.run(
                words, env={**os.environ, **single}, check=True, capture_output=True, text=True
            )
            found = json.loads(said.stdout)
            cpu, wall, peak = (found.pop(key) for key in ("cpu", "wall", "peak"))
            print(f"{way:10} CPU {cpu:7.1f} s   wall {wall:7.1f} s   peak {peak:5.2f} GB")
            if way != "reading":
                counts[way] = found
        first, *others = counts.values()
        assert all(other == first for other in others), counts


if __name__ == "__main__":
    main()
