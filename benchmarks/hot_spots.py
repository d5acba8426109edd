"""Local statistics with permutations beside esda, on a square board of zones."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from measure import Case

from helpers.hot_spots import getis_ord, local_moran, moran, neighbours


@cache
def board(zones: int):
    """A smooth field with noise, and the graph of zones within 1.5 sides."""
    side = round(np.sqrt(zones))
    y, x = np.divmod(np.arange(side * side), side)
    table = pd.DataFrame({"zone": range(side * side), "x": 1000.0 * x, "y": 1000.0 * y})
    noise = np.random.default_rng(0).normal(size=side * side)
    field = pd.Series(np.sin(x / 3) + np.cos(y / 4) + noise, index=table["zone"])
    return field, neighbours(table, "band", band=1500.0)


def ours(function, zones, take, **more):
    def make():
        field, graph = board(zones)
        return lambda: take(function(field, graph, seed=1, **more))

    return make


def esda(name, zones, take, **more):
    def make():
        import esda as library

        field, graph = board(zones)
        statistic = getattr(library, name)
        return lambda: take(statistic(field.to_numpy(), graph, **more))

    return make


def close(mine, theirs) -> str:
    """Statistics are the same; p values come from other draws."""
    (value, p), (other, q) = mine, theirs
    gap = np.max(np.abs(np.asarray(value) - other))
    return f"differs by {gap:.0e}; p by at most {np.max(np.abs(np.asarray(p) - q)):.3f}"


def cases() -> list[Case]:
    found = []
    for zones, times, quick in ((400, 999, True), (1_024, 9_999, False)):
        what = f"{zones:,} zones, {times:,} permutations"
        single = dict(permutations=times, n_jobs=1, seed=1)
        found += [
            Case(
                f"local Moran, {what}",
                ours(local_moran, zones, lambda m: (m.z * m.lag, m.p), permutations=times),
                {"esda": esda("Moran_Local", zones, local_moran_of(zones), **single)},
                close,
            ),
            Case(
                f"Gi*, {what}",
                ours(getis_ord, zones, lambda g: (g.z, g.p_permutation), permutations=times),
                {
                    "esda": esda(
                        "G_Local", zones, lambda g: (g.Zs, np.minimum(1, 2 * g.p_sim)),
                        transform="B", star=True, **single,
                    )
                },
                close,
            ),
            Case(
                f"Moran's I, {what}",
                ours(moran, zones, lambda m: (m.statistic, m.p), permutations=times),
                {
                    "esda": esda(
                        "Moran", zones, lambda m: (m.I, min(1, 2 * m.p_sim)), permutations=times
                    )
                },
                close,
                quick,
            ),
        ]  # fmt: skip
    return found


def local_moran_of(zones: int):
    """Esda divides by n - 1, we by n; its p is one-sided."""

    def take(found):
        return found.Is * zones / (zones - 1), np.minimum(1, 2 * found.p_sim)

    return take


def growth() -> dict:
    """CPU seconds against size: (unit, sizes, maker)."""

    def permuted(n):
        field, graph = board(n)
        return lambda: getis_ord(field, graph, permutations=999, seed=1).members

    return {"Gi*, 999 permutations": ("zones", (100, 900, 3_025, 10_000), permuted)}
