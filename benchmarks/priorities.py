"""How fast zones are ranked under many weights, beside plain numpy and pysensmcda.

python benchmarks/priorities.py            # small problems, peers where installed
python benchmarks/priorities.py --large    # also 100,000 vectors x 10,000 zones
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import sys
import time
from statistics import median

import numpy as np
import pandas as pd

from helpers.priorities import electre_tri, promethee, quantile_profiles, smaa

CRITERIA = 6


def table(zones: int) -> pd.DataFrame:
    """Values of zones in six criteria."""
    columns = [f"c{j}" for j in range(CRITERIA)]
    return pd.DataFrame(np.random.default_rng(0).random((zones, CRITERIA)), columns=columns)


def seconds(call, repeat: int) -> tuple[float, float]:
    """Median wall and processor seconds of `repeat` calls, after one that is not counted."""
    call()
    walls, works = [], []
    for _ in range(repeat):
        wall, work = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - wall)
        works.append(time.process_time() - work)
    return median(walls), median(works)


def plain_numpy(values: np.ndarray, vectors: int) -> np.ndarray:
    """Rank acceptability alone: draw, sort, rank, count; nothing else is computed."""
    generator = np.random.default_rng(1)
    cuts = np.sort(generator.random((vectors, CRITERIA - 1)), axis=1)
    weights = np.diff(cuts, prepend=0, append=1, axis=1)
    order = np.argsort(-(weights @ values.T), axis=1)
    zones = len(values)
    flat = order * zones + np.arange(zones)
    return np.bincount(flat.ravel(), minlength=zones**2).reshape(zones, zones) / vectors


def with_pysensmcda(values: np.ndarray, vectors: int):
    """The same indices by pysensmcda: ranks, central weights, pairwise winning."""
    from pysensmcda.robustness import pairwise_winning_indices
    from pysensmcda.smaa import central_weights, rank_acceptability, simulate

    def additive(matrix, weights, types):
        return matrix @ weights

    result = simulate(additive, values, np.ones(CRITERIA), num_samples=vectors, seed=1)
    return (
        rank_acceptability(result),
        central_weights(result),
        pairwise_winning_indices(result.rankings),
    )


def row(name: str, wall: float, work: float, note: str = "") -> None:
    """Print one line of the table."""
    sys.stdout.write(f"{name:<58} {wall:8.3f} s wall {work:8.3f} s cpu  {note}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    large = parser.parse_args()
    city = table(62)
    order = list(city.columns)
    sizes = {"very high": 12, "high": 14, "medium": 14, "low": 11, "very low": 11}
    ours = seconds(lambda: smaa(city, order=order, sizes=sizes, seed=1), 9)
    row("smaa, 10,000 x 62, all indices", *ours, "target 0.1 s")
    free = seconds(lambda: smaa(city, seed=1), 9)
    row("smaa, 10,000 x 62, no order, no segments", *free)
    bare = seconds(lambda: plain_numpy(city.to_numpy(), 10_000), 9)
    row("plain numpy, 10,000 x 62, rank acceptability alone", *bare, f"{ours[1] / bare[1]:.1f} x")
    if importlib.util.find_spec("pysensmcda"):
        peer = seconds(lambda: with_pysensmcda(city.to_numpy(), 10_000), 1)
        row("pysensmcda, 10,000 x 62", *peer, f"{peer[1] / free[1]:.0f} x ours")
    for zones in (62, 482):
        values, weights = table(zones), pd.Series(1 / CRITERIA, index=order)
        even = {"high": zones // 2, "low": zones - zones // 2}
        profiles = quantile_profiles(values, even)
        sort = lambda v=values, w=weights, b=profiles: electre_tri(v, w, b, ["high", "low"])  # noqa: E731
        row(f"electre_tri, {zones} zones", *seconds(sort, 9))
        flow = lambda v=values, w=weights: promethee(v, w)  # noqa: E731
        row(f"promethee (pymcdm), {zones} zones", *seconds(flow, 5))
    if large.large:
        many = table(10_000)
        wall, work = time.perf_counter(), time.process_time()
        smaa(many, order=order, vectors=100_000, jobs=large.jobs, seed=1)
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        row(
            f"smaa, 100,000 x 10,000, {large.jobs} jobs",
            time.perf_counter() - wall,
            time.process_time() - work,
            f"peak {own:,.0f} MB here, {child:,.0f} MB in the largest worker",
        )


if __name__ == "__main__":
    main()
