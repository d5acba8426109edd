"""The p-median engine beside its peers, in one run: CPU seconds (children included), ratios.

    python benchmarks/location.py                      engine and every peer, 960 nodes
    python benchmarks/location.py --large              also 5,040 and 20,000 nodes
    python benchmarks/location.py --shared ../shared   also OR-Library and TSPLIB instances

Grids are made here (seeded Matérn clusters, about 60 % empty cells).  A peer that is not installed
or exceeds its time limit is listed as such.  Times are medians of `--repeat` runs after one warm-up.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from helpers.location import PlanarDistance, p_median, sweep, travel


def grid(columns: int, rows: int, seed: int):
    """Demand counts and cell centres of a clustered grid city."""
    rng = np.random.default_rng(seed)
    parents = columns * rows // 40
    place = rng.uniform(-4, [columns + 4, rows + 4], (parents, 2))
    radius, size = rng.uniform(1.5, 5, parents), rng.gamma(0.7, 1, parents)
    xy = np.stack(np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5), -1).reshape(-1, 2)
    density = np.zeros(len(xy))
    for centre, r, s in zip(place, radius, size, strict=True):
        density += s / r**2 * (((xy - centre) ** 2).sum(axis=1) < r * r)
    density = 0.88 * density / density.sum() + 0.12 / len(xy)
    low, high = 0.0, 1e4 * len(xy)
    for _ in range(80):  # total intensity by bisection: 60 % of the cells expected empty
        middle = (low + high) / 2
        low, high = (middle, high) if np.exp(-density * middle).mean() > 0.6 else (low, middle)
    return rng.poisson(density * low).astype(float), xy


def cpu() -> float:
    """CPU seconds of this process and its finished children."""
    return sum(
        u.ru_utime + u.ru_stime
        for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def clock(work, repeat: int):
    """Median CPU seconds of `work`, and its last answer."""
    times = []
    for _ in range(repeat):
        start = cpu()
        answer = work()
        times.append(cpu() - start)
    return statistics.median(times), answer


def row(*cells) -> None:
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def first_call() -> float:
    """Seconds a fresh process needs for its first plan beyond a second one, cache emptied."""
    code = (
        "import os, sys, time, tempfile\n"
        "os.environ['NUMBA_CACHE_DIR'] = tempfile.mkdtemp()\n"
        "import numpy as np\nfrom helpers.location import PlanarDistance, p_median\n"
        "xy = np.random.default_rng(0).random((40, 2)); t = []\n"
        "for _ in range(2):\n"
        "    s = time.process_time(); p_median(np.ones(40), PlanarDistance(xy), 4)\n"
        "    t.append(time.process_time() - s)\n"
        "print(t[0] - t[1])\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout)


def peers(demand, xy, patrols: int, limit: float, best: float, engine: float) -> None:
    """One p: every peer, its time, its excess over the optimum, times the engine's."""
    distance = PlanarDistance(xy)
    matrix = distance.columns(np.arange(len(xy)))

    def pbp():
        import pbp_pmedian

        held = demand > 0
        cost = np.ascontiguousarray((matrix[held] * demand[held][:, None]).T)
        return travel(demand, matrix, list(pbp_pmedian.solve(cost, patrols)[1]))

    def ours(**way):
        def work():
            return p_median(demand, distance, patrols, **way).objective

        with suppress(ImportError):  # what is installed is imported before the clock starts
            p_median([1, 1, 2], PlanarDistance([[0, 0], [1, 1], [3, 1]]), 2, **way)
        return work

    ways = {
        "kmedoids FasterPAM, 20 restarts": ours(method="heuristic"),
        "weighted K-means, snapped": ours(method="kmeans"),
        "pbp-pmedian": pbp,
        "spopt + HiGHS": ours(method="spopt", time_limit=limit),
        "spopt + CBC": ours(method="spopt", solver="cbc", time_limit=limit),
        "Pyomo + HiGHS": ours(method="pyomo", solver="highs", time_limit=limit),
    }
    for name, work in ways.items():
        start = cpu()
        try:
            value = f"{work() / best - 1:.2e}"
        except ImportError:
            row(name, patrols, "not installed", "", "")
            continue
        except ValueError as error:
            value = f"no plan ({str(error).split(';')[0]})"
        spent = cpu() - start
        row(name, patrols, f"{spent:.2f}", value, f"{spent / engine:.0f}")


def small_peer(limit: float) -> None:
    """Pyomo + GLPK at the size it can do: 12 × 12 cells."""
    demand, xy = grid(12, 12, 1)
    distance = PlanarDistance(xy)
    engine, plan = clock(lambda: p_median(demand, distance, 5), 5)
    start = cpu()
    try:
        other = p_median(demand, distance, 5, method="pyomo", time_limit=limit)
        excess = f"{other.objective / plan.objective - 1:.2e}"
    except ValueError as error:
        excess = str(error)
    spent = cpu() - start
    row("Pyomo + GLPK, 144 nodes", 5, f"{spent:.2f}", excess, f"{spent / engine:.0f}")


def published(folder: Path) -> None:
    """OR-Library and TSPLIB instances of the shared folder."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "patrols"))
    from conftest import Instances

    held = Instances(folder / "benchmarks" / "pmedian")
    cases = [(f"pmed{k}", *held.orlib(k)) for k in range(1, 40, 2)]
    for name, p in (("rl1304", 5), ("rl1304", 10), ("rl1304", 20), ("fl1400", 10), ("pcb3038", 20)):
        demand, distance, best = held.tsplib(name, p)
        cases.append((name, demand, distance, p, best))
    print(
        "\n| instance | p | CPU s | objective | known optimum | proven |\n|---|---|---|---|---|---|"
    )
    for name, demand, distance, p, best in cases:
        spent, plan = clock(lambda d=demand, m=distance, k=p: p_median(d, m, k, time_limit=600), 1)
        row(name, p, f"{spent:.2f}", f"{plan.objective:.0f}", f"{best:.0f}", plan.proven)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each peer")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--shared", type=Path)
    options = parser.parse_args()
    start = time.perf_counter()
    sizes = [(40, 24)] + ([(80, 63), (200, 100)] if options.large else [])
    print("| nodes | with demand | CPU s, p = 1..14 | proven | worst gap | peak MB |")
    print("|---|---|---|---|---|---|")
    for columns, rows in sizes:
        demand, xy = grid(columns, rows, 1)
        distance = PlanarDistance(xy)
        p_median(demand, distance, 2)
        repeat = options.repeat if len(xy) < 2000 else 1
        spent, plans = clock(lambda d=demand, m=distance: sweep(d, m), repeat)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        worst = max(plan.gap for plan in plans)
        good = f"{sum(plan.proven for plan in plans)} of 14"
        row(len(xy), int((demand > 0).sum()), f"{spent:.2f}", good, f"{worst:.1e}", f"{peak:.0f}")
    if not options.no_peers:
        print("\n| method, 960 nodes | p | CPU s | excess over optimum | times the engine |")
        print("|---|---|---|---|---|")
        demand, xy = grid(40, 24, 1)
        held = PlanarDistance(xy)
        for patrols in (5, 10):
            engine, plan = clock(lambda d=demand, m=held, p=patrols: p_median(d, m, p), 5)
            row("exact (ours)", patrols, f"{engine:.3f}", f"proven, gap {plan.gap:.0e}", 1)
            peers(demand, xy, patrols, options.limit, plan.objective, engine)
        small_peer(options.limit)
    if options.shared:
        published(options.shared)
    print(f"\nFirst call on a fresh machine adds {first_call():.1f} CPU s of compilation.")
    print(f"Python {sys.version.split()[0]}, {time.perf_counter() - start:.0f} s in all.")


if __name__ == "__main__":
    main()
