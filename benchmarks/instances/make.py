"""Make the instances of the bundled cities, and solve them: what stands in this folder.

PYTHONPATH=src .venv/bin/python benchmarks/instances/make.py            some ten minutes
PYTHONPATH=src .venv/bin/python benchmarks/instances/make.py --only recife
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.compendium import find_city
from helpers.districting import Units, best_of, district
from helpers.location import PlanarDistance, maximal_covering, p_center, p_median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from score import REACH  # noqa: E402

NUMBERS = range(3, 13)
SECONDS = 60.0  # for each search; what is open then is recorded with its bound
COLUMNS = ("instance", "task", "number", "objective", "bound", "plan")
# cells of crimes: side in metres; zones: city, field
CELLS = {"leeds": ("leeds", 750), "toronto": ("toronto", 1000)}
ZONES = {"setubal": ("setubal", "population"), "recife": ("recife_bairros", "population")}
# how many areas, and of which city and field
DISTRICTS = {
    "setubal": ("setubal", "population", (19, 22, 25, 28)),
    "leeds": ("leeds", "events", (10, 33)),
    "toronto": ("toronto", "population", (10, 17)),
}


def cells(city: str, side: int) -> pd.DataFrame:
    """Crimes by square cell: its centre, in whole metres, and how many; cells without are left out."""
    places = find_city(city).layer("events").geometry
    at = np.floor(np.column_stack([places.x, places.y]) / side).astype(int)
    middle, count = np.unique(at, axis=0, return_counts=True)
    x, y = (middle * side + side // 2).T
    return pd.DataFrame({"node": np.arange(len(count)), "x": x, "y": y, "demand": count})


def centres(city: str, field: str) -> pd.DataFrame:
    """Residents at the centroids of the zones, in whole metres."""
    zones = find_city(city).layer("zones")
    table = {"node": np.arange(len(zones)), "x": zones["x"].round().astype(int)}
    table |= {"y": zones["y"].round().astype(int), "demand": zones[field].round().astype(int)}
    return pd.DataFrame(table)


def posts(name: str, nodes: pd.DataFrame) -> list[tuple]:
    """The three location tasks for every number of posts."""
    given = nodes["demand"].to_numpy(float), PlanarDistance(nodes[["x", "y"]].to_numpy(float))
    rows = []
    for p in NUMBERS:
        for task, plan in (
            ("p-median", p_median(*given, p, time_limit=SECONDS)),
            ("p-center", p_center(*given, p, time_limit=SECONDS)),
            ("covering", maximal_covering(*given, p, REACH[name], time_limit=SECONDS)),
        ):
            sites = " ".join(map(str, plan.sites))
            rows.append((name, task, p, f"{plan.objective:.6f}", f"{plan.bound:.6f}", sites))
            print(*rows[-1][:5], flush=True)
    return rows


def districts(name: str) -> list[tuple]:
    """Zones and contacts as files; the plan of least differences for each number of areas."""
    city, field, numbers = DISTRICTS[name]
    units = Units.from_city(find_city(city), field)
    held = np.round(units.population).astype(int)
    table = {"zone": np.arange(len(units)), "x": np.round(units.x).astype(int)}
    table |= {"y": np.round(units.y).astype(int), "held": held}
    pd.DataFrame(table).to_csv(HERE / f"{name}_zones.csv", index=False, lineterminator="\n")
    contacts = pd.DataFrame(units.links, columns=["zone_a", "zone_b"])
    contacts.to_csv(HERE / f"{name}_contacts.csv", index=False, lineterminator="\n")
    assert (held == units.population).all(), "zones hold whole numbers"
    rows = []
    for k in numbers:
        found = [district(units, k, time_limit=2 * SECONDS)]
        if not found[0].proven:
            ways = ("annealing", "recombination", "genetic")
            found += [district(units, k, method=way, time_limit=SECONDS) for way in ways]
        plan, bound = best_of(units, found), max(each.bound for each in found)
        value = plan.objectives["eq1"]
        areas = " ".join(map(str, plan.assignment))
        rows.append((name, "districts", k, f"{value:.6f}", f"{min(bound, value):.6f}", areas))
        print(*rows[-1][:5], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=[*CELLS, *ZONES])
    asked = parser.parse_args().only or [*CELLS, *ZONES]
    path, rows = HERE / "optima.csv", []
    if path.exists():
        known = list(csv.reader(path.open(encoding="utf-8", newline="")))[1:]
        rows = [row for row in known if row[0] not in asked]
    for name in asked:
        nodes = cells(*CELLS[name]) if name in CELLS else centres(*ZONES[name])
        nodes.to_csv(HERE / f"{name}_nodes.csv", index=False, lineterminator="\n")
        rows += posts(name, nodes)
        rows += districts(name) if name in DISTRICTS else []
    with path.open("w", encoding="utf-8", newline="") as stream:
        sink = csv.writer(stream, lineterminator="\n")
        sink.writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
