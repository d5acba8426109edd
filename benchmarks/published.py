"""p-medians of OR-Library and TSPLIB, where the folder of published instances lies beside the project."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from measure import Case

from helpers.location import p_median

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT.parent / "shared" / "benchmarks" / "pmedian"
TSPLIB = (("rl1304", 10), ("rl1304", 300), ("fl1400", 10), ("pcb3038", 20))
SECONDS = 600.0  # for each


def instances():
    """The reader that the tests have too."""
    place = ROOT / "tests" / "location" / "conftest.py"
    described = importlib.util.spec_from_file_location("location_instances", place)
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module.Instances(FOLDER)


def solved(read, count: int):
    """A maker: all of them are read first; the answer is how many reach the known optimum, proven."""

    def make():
        held = instances()
        tasks = [read(held, k) for k in range(count)]

        def call():
            plans = [p_median(d, m, p, time_limit=SECONDS) for d, m, p, _ in tasks]
            known = [best for *_, best in tasks]
            return sum(
                plan.proven and abs(plan.objective - best) <= 1e-9 * best
                for plan, best in zip(plans, known, strict=True)
            )

        return call

    return make


def cases() -> list[Case]:
    if not FOLDER.is_dir():
        return []
    found = [
        Case(
            "OR-Library, pmed1, 3, … 39, together",
            solved(lambda held, k: held.orlib(2 * k + 1), 20),
            {},
            limit=3600.0,
            told=lambda proven: f"{proven} of 20 known optima, proven",
        )
    ]
    for name, p in TSPLIB:

        def read(held, _, name=name, p=p):
            demand, distance, best = held.tsplib(name, p)
            return demand, distance, p, best

        found.append(
            Case(f"TSPLIB {name}, p = {p}", solved(read, 1), {}, limit=3600.0,
                 told=lambda proven: "known optimum, proven" if proven else "open")
        )  # fmt: skip
    return found
