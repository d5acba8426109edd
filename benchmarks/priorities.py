"""Ranking of zones under many weights beside plain numpy, pysensmcda and pymcdm."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from environments import OLDER, python_of
from measure import Case, Elsewhere

from helpers.priorities import electre_tri, promethee, quantile_profiles, smaa

CRITERIA = 6
SENSITIVITY = """
import sys, time
import numpy as np
from pysensmcda.robustness import pairwise_winning_indices
from pysensmcda.smaa import central_weights, rank_acceptability, simulate

def additive(matrix, weights, types):
    return matrix @ weights

values = np.load(sys.argv[1])
simulate(additive, values, np.ones(values.shape[1]), num_samples=10, seed=1)
start = time.process_time()
result = simulate(additive, values, np.ones(values.shape[1]), num_samples=int(sys.argv[2]), seed=1)
ranks = rank_acceptability(result)
central_weights(result), pairwise_winning_indices(result.rankings)
spent = time.process_time() - start
np.save(sys.argv[3], np.asarray(ranks, float))
print(spent)
"""


def table(zones: int) -> pd.DataFrame:
    """Values of zones in six criteria."""
    columns = [f"c{j}" for j in range(CRITERIA)]
    return pd.DataFrame(np.random.default_rng(0).random((zones, CRITERIA)), columns=columns)


def ours(zones: int, vectors: int):
    def make():
        values = table(zones)
        return lambda: smaa(values, vectors=vectors, seed=1).rank_acceptability.to_numpy()

    return make


def plain_numpy(zones: int, vectors: int):
    """Rank acceptability alone: draw, sort, rank, count; nothing else is computed."""

    def make():
        values = table(zones).to_numpy()

        def call():
            cuts = np.sort(np.random.default_rng(1).random((vectors, CRITERIA - 1)), axis=1)
            weights = np.diff(cuts, prepend=0, append=1, axis=1)
            order = np.argsort(-(weights @ values.T), axis=1)
            flat = order * zones + np.arange(zones)
            counts = np.bincount(flat.ravel(), minlength=zones**2)
            return counts.reshape(zones, zones) / vectors

        return call

    return make


def pysensmcda(zones: int, vectors: int):
    """The same indices (ranks, central weights, pairwise winning) in the environment of pandas 2."""

    def make():
        python = python_of(OLDER, "pysensmcda")

        def call():
            with tempfile.TemporaryDirectory() as name:
                given, found = Path(name) / "values.npy", Path(name) / "ranks.npy"
                np.save(given, table(zones).to_numpy())
                command = [python, "-W", "ignore", "-c", SENSITIVITY, given, str(vectors), found]
                said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                return Elsewhere(float(said.split()[-1]), np.load(found))

        return call

    return make


def near(mine, theirs) -> str:
    """Largest difference of two tables of shares from different draws."""
    gap = (
        np.abs(mine - theirs[:, : mine.shape[1]]).max() if theirs.shape[0] == len(mine) else np.nan
    )
    return f"shares differ by at most {gap:.3f}"


def our_flows(zones: int):
    def make():
        values, weights = table(zones), equal_weights()
        return lambda: promethee(values, weights)["net"].to_numpy()

    return make


def plain_flows(zones: int):
    """PROMETHEE II of pymcdm with the same thresholds."""

    def make():
        from pymcdm.methods import PROMETHEE_II

        values, weights = table(zones).to_numpy(), equal_weights().to_numpy()

        def call():
            method = PROMETHEE_II("vshape_2", p=[0.3] * CRITERIA, q=[0.05] * CRITERIA)
            return method(values, weights, np.ones(CRITERIA))

        return call

    return make


def same_flows(mine, theirs) -> str:
    return f"differs by {np.abs(mine - theirs).max():.0e}"


def equal_weights() -> pd.Series:
    return pd.Series(1 / CRITERIA, index=table(2).columns)


def sorted_zones(zones: int):
    def make():
        values = table(zones)
        profiles = quantile_profiles(values, {"high": zones // 2, "low": zones - zones // 2})
        return lambda: electre_tri(values, equal_weights(), profiles, ["high", "low"])

    return make


def cases() -> list[Case]:
    bare = {"plain numpy, ranks alone": plain_numpy(62, 10_000)}
    return [
        Case("weights of 62 zones, 10,000 vectors", ours(62, 10_000), bare, near, quick=True),
        Case("weights of 62 zones, 10,000 vectors, all indices", ours(62, 10_000),
             {"pysensmcda": pysensmcda(62, 10_000)}, near),
        Case("PROMETHEE II, 482 zones", our_flows(482), {"pymcdm": plain_flows(482)}, same_flows),
        Case("ELECTRE TRI, 482 zones", sorted_zones(482), {}),
    ]  # fmt: skip


def growth() -> dict:
    """CPU seconds against size: (unit, sizes, maker)."""

    def weighed(n):
        values = table(n)
        return lambda: smaa(values, vectors=10_000, seed=1).vectors

    return {"ranks under 10,000 weight vectors": ("zones", (60, 500, 2_000, 10_000), weighed)}
