"""Every method beside its peers: CPU seconds, peak memory, ratios; each in a process of its own.

    python3 benchmarks/run.py --install            the peers, in benchmarks/.venv (and an older one)
    benchmarks/.venv/bin/python benchmarks/run.py  everything, about half an hour: the table of
                                                   ratios, docs/performance.md, the figure of growth
    .venv/bin/python benchmarks/run.py --quick     small cases, with peers that the project's own
                                                   environment has; fails where a ratio has halved
    ... --only location --only patterns            some tables
    ... --only location --case "240 nodes"         some of its cases

One thread each.  Preparation and imports are not timed, and the first call only where it takes more
than half a minute; of the others the least of several counts.  A peer that is not installed, or does
not answer in time, is listed as such.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from functools import partial
from pathlib import Path

from measure import pin_threads

TABLES = (
    "location", "districting", "patterns", "hot_spots", "forecasting", "priorities",
    "map_symbols", "new_city", "published",
)  # fmt: skip
QUICK = ("location", "districting", "patterns", "hot_spots", "priorities")
HALF, TRIES = 0.5, 5


def prepare() -> None:
    """Pin threads, and find the project's own code whatever the environment."""
    pin_threads()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))


def cases_of(table: str) -> list:
    return importlib.import_module(table).cases()


def rows_of(table: str, case) -> list[dict]:
    """Ours first, then each peer, as rows of the table of ratios."""
    from measure import measured

    mine = measured(case.ours, case.limit)
    if mine.said:
        raise SystemExit(f"{table}: {case.name}: ours {mine.said}")
    rows = [row(table, case, "ours", mine, 1.0, case.told(mine.answer))]
    for name, make in case.peers.items():
        theirs = measured(make, case.limit)
        worth = theirs.said or case.worth(mine.answer, theirs.answer)
        rows.append(row(table, case, name, theirs, theirs.seconds / mine.seconds, worth))
    return rows


def row(table, case, method, found, ratio: float, worth: str) -> dict:
    out = {
        "table": table,
        "case": case.name,
        "method": method,
        "cpu_s": found.seconds,
        "peak_mb": found.peak_mb,
        "ratio": ratio,
        "worth": worth,
        "quick": case.quick,
    }
    numbers = f"{found.seconds:9.4f} s {found.peak_mb:7.0f} MB  × {ratio:<9.3g}"
    print(f"{table:<12} {case.name:<52} {method:<38} {numbers} {worth}", flush=True)
    return out


def whole(tables, growing: bool, word: str = "") -> int:
    """Measure all cases, or those with a word in their name; write the tables and the figure."""
    import pages
    from measure import measured

    for table in tables:
        rows, growth = [], []
        for case in (each for each in cases_of(table) if word in each.name):
            rows += rows_of(table, case)
        pages.keep("ratios", rows, whole=not word)
        made = getattr(importlib.import_module(table), "growth", dict) if growing else dict
        for method, (unit, sizes, make) in made().items():
            for n in sizes:
                found = measured(partial(make, n), 900)
                print(
                    f"growth       {method:<52} {n:>9,} {unit:<10} {found.seconds:9.3f} s",
                    flush=True,
                )
                growth.append(
                    {"table": table, "method": method, "unit": unit, "size": n,
                     "cpu_s": found.seconds, "peak_mb": found.peak_mb}
                )  # fmt: skip
        pages.keep("growth", growth)
    pages.write()
    return 0


def quick(tables) -> int:
    """Compare ratios of small cases with the recorded ones."""
    import pages
    from measure import measured

    recorded = {
        (each["table"], each["case"], each["method"]): float(each["ratio"])
        for each in pages.read("ratios")
    }
    compared, fallen, absent = 0, [], []
    for table in (t for t in QUICK if t in tables):
        cases = cases_of(table)
        there = {(table, case.name, name) for case in cases for name in ("ours", *case.peers)}
        absent += sorted(there ^ {key for key in recorded if key[0] == table})
        for case in (each for each in cases if each.quick):
            mine = measured(case.ours, 60)
            for name, make in case.peers.items():
                key, best = (table, case.name, name), 0.0
                if key not in recorded:
                    continue
                for turn in range(TRIES):  # a machine at work may disturb some, not all
                    mine = measured(case.ours, 60) if turn else mine
                    theirs = measured(make, 60)
                    if mine.said or theirs.said:
                        break
                    best = max(best, theirs.seconds / mine.seconds)
                    if best >= HALF * recorded[key]:
                        break
                said = mine.said or theirs.said
                print(f"{table:<12} {case.name:<48} {name:<36} × {best:<8.3g} recorded × "
                      f"{recorded[key]:.3g} {said}", flush=True)  # fmt: skip
                compared += not said
                if mine.said or (not said and best < HALF * recorded[key]):
                    fallen.append(
                        f"{table}: {case.name}: {said or f'{best:.3g} times faster than {name}'}, "
                        f"recorded {recorded[key]:.3g}"
                    )
    for line in fallen:
        print(f"a ratio has halved: {line}")
    for key in absent:
        print(f"recorded but no case, or a case and not recorded (run its table whole): {key}")
    print(f"{compared} ratios compared, {len(fallen)} fallen")
    return 1 if fallen or absent or not compared else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--install", action="store_true", help="install the peers, and end")
    parser.add_argument("--quick", action="store_true", help="compare small cases; write nothing")
    parser.add_argument("--pages", action="store_true", help="write the pages of what is recorded")
    parser.add_argument("--no-growth", action="store_true", help="cases only")
    parser.add_argument("--case", default="", metavar="WORD", help="cases with it in their name")
    parser.add_argument("--only", action="append", choices=TABLES, metavar="TABLE")
    options = parser.parse_args(arguments)
    if options.install:
        from environments import install

        install()
        return 0
    prepare()
    if options.pages:
        import pages

        pages.write()
        return 0
    tables = options.only or TABLES
    if options.quick:
        return quick(tables)
    return whole(tables, not (options.no_growth or options.case), options.case)


if __name__ == "__main__":
    sys.exit(main())
