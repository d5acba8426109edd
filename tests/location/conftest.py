"""Readers of the shared p-median instances."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import shortest_path

from helpers.location import PlanarDistance


@pytest.fixture(scope="session")
def pmedian(shared):
    folder = shared / "benchmarks" / "pmedian"
    if not folder.is_dir():
        pytest.skip("the p-median instances are not in the shared folder")
    return Instances(folder)


class Instances:
    """Demand, distance and known optimum of each instance."""

    def __init__(self, folder):
        self.folder = folder
        self.optima = pd.read_csv(folder / "optima.csv")
        self.grids = pd.read_csv(folder / "optima_grid.csv")

    def grid(self, name):
        frame = pd.read_csv(self.folder / "grid" / f"{name}.csv")
        best = self.grids[self.grids["instance"] == name].set_index("p")["best_value"]
        return frame["weight"].to_numpy(float), PlanarDistance(frame[["x", "y"]]), best

    def orlib(self, number):
        path = self.folder / "orlib" / f"pmed{number}.txt"
        n, _, p = (int(v) for v in path.read_text().split()[:3])
        graph = np.full((n, n), np.inf)
        for i, j, cost in np.loadtxt(path, skiprows=1):  # the last of parallel edges wins
            graph[int(i) - 1, int(j) - 1] = graph[int(j) - 1, int(i) - 1] = cost
        graph[np.isinf(graph)] = 0
        row = self.optima[self.optima["instance"] == f"pmed{number}"]
        return np.ones(n), shortest_path(graph, directed=False), p, float(row["optimum"].iloc[0])

    def tsplib(self, name, p):
        lines = (self.folder / "tsplib" / f"{name}.tsp").read_text().splitlines()
        start = next(k for k, line in enumerate(lines) if line.startswith("NODE_COORD")) + 1
        rows = [line.split()[1:3] for line in lines[start:] if line.strip() not in ("EOF", "")]
        xy = np.array(rows, dtype=float)
        distance = np.floor(np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2)))
        row = self.optima[(self.optima["instance"] == name) & (self.optima["p"] == p)]
        return np.ones(len(xy)), distance, float(row["optimum"].iloc[0])
