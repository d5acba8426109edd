"""Ripley's K beside its peers: the same points, window and distances, timed in one run.

Run ``python benchmarks/patterns.py`` from the repository root. Peers that are not installed are
left out and said so: pointpats, astropy and pyspat (``--peers`` adds a folder of packages), and R's
spatstat where ``Rscript`` is found. Times are CPU seconds of one thread, the median of the repeats;
the difference is the largest between the two K functions over the largest K.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from helpers.patterns import ripley_k
from helpers.space import Window

RECTANGLE = Window.rectangle(0, 0, 10_000, 8_000)

R_SCRIPT = """
suppressMessages(library(spatstat))
folder <- commandArgs(TRUE)[1]; correction <- commandArgs(TRUE)[2]; repeats <- as.integer(commandArgs(TRUE)[3])
xy <- as.matrix(read.csv(file.path(folder, "points.csv")))
r <- scan(file.path(folder, "r.txt"), quiet = TRUE)
rings <- lapply(list.files(folder, "^ring.*csv$", full.names = TRUE), function(f) as.list(read.csv(f)))
W <- owin(poly = rings)
X <- ppp(xy[, 1], xy[, 2], window = W, check = FALSE)
Kest(X[1:50], r = r, correction = correction)
times <- numeric(repeats)
for (k in seq_len(repeats)) {
  before <- proc.time()
  K <- Kest(X, r = r, correction = correction, nlarge = Inf)
  spent <- proc.time() - before
  times[k] <- spent[["user.self"]] + spent[["sys.self"]]
}
write.table(as.data.frame(K)[[3]], file.path(folder, "k.txt"), row.names = FALSE, col.names = FALSE)
cat(median(times), "\\n")
"""


def city(vertices: int = 200, seed: int = 1) -> Window:
    """A ragged outline of 8 by 7 km with a lake."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, vertices))
    waves = sum(np.cos(k * angle + rng.uniform(0, 6)) / k for k in range(2, 9))
    radius = 3_500 * (1 + 0.12 * waves + 0.02 * rng.normal(size=vertices))
    outline = shapely.Polygon(
        np.column_stack([1.15 * radius * np.cos(angle), radius * np.sin(angle)])
    )
    lake = shapely.Point(800, -500).buffer(450, quad_segs=4)
    return Window(outline.buffer(0) - lake)


def grid(window: Window, n: int, neighbours: float) -> np.ndarray:
    """Distances up to the radius that holds so many neighbours, or spatstat's default limit."""
    radius = np.sqrt(neighbours * window.area / (np.pi * n))
    return np.linspace(0, min(radius, window.shorter_side / 4), 513)


def timed(function, repeats: int):
    """Median CPU seconds of the repeats, and the last result."""
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        result = function()
        spent.append(time.process_time() - start)
    return float(np.median(spent)), result


def pointpats_none(points, window, r):
    from pointpats import k

    # It takes the points' bounding box for the window and n for n − 1: put both right.
    found = np.asarray(k(points, support=r)[1])
    box = np.prod(np.ptp(points, axis=0))
    return found * len(points) / (len(points) - 1) * window.area / box


def astropy_estimator(mode):
    def estimate(points, window, r):
        from astropy.stats import RipleysKEstimator

        xmin, ymin, xmax, ymax = window.bounds
        estimator = RipleysKEstimator(
            area=window.area, x_max=xmax, y_max=ymax, x_min=xmin, y_min=ymin
        )
        return estimator.evaluate(points, radii=r, mode=mode)

    return estimate


def pyspat_translation(points, window, r):
    from pyspat.core import PPP, PolyWindow
    from pyspat.stats import Kest

    pattern = PPP(points, PolyWindow(window.geometry))
    return np.concatenate([[0.0], Kest(pattern, r[1:], correction="translation")])


def spatstat(correction):
    def estimate(points, window, r, repeats):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            np.savetxt(folder / "points.csv", points, "%.17g", ",", header="x,y", comments="")
            np.savetxt(folder / "r.txt", r, "%.17g")
            number = 0
            for part in shapely.get_parts(window.geometry):
                for ring in (part.exterior, *part.interiors):
                    path = shapely.get_coordinates(ring)[:-1]
                    # Outer rings counter-clockwise, holes clockwise.
                    if shapely.is_ccw(ring) != (ring == part.exterior):
                        path = path[::-1]
                    file = folder / f"ring{number:03d}.csv"
                    np.savetxt(file, path, "%.17g", ",", header="x,y", comments="")
                    number += 1
            script = folder / "k.R"
            script.write_text(R_SCRIPT)
            done = subprocess.run(
                ["Rscript", str(script), name, correction, str(repeats)],
                capture_output=True,
                text=True,
                check=True,
            )
            return float(done.stdout.split()[-1]), np.loadtxt(folder / "k.txt")

    return estimate


def tasks(largest: int):
    """Each task: what, window, points, neighbours within r, our column, peers by name."""
    polygon = city()
    table = [
        ("none, polygon", polygon, 2_000, 300, "none", {"pointpats": pointpats_none}),
        ("isotropic, polygon", polygon, 2_000, 1000, "isotropic", {"spatstat": "isotropic"}),
        ("isotropic, polygon", polygon, 20_000, 1000, "isotropic", {"spatstat": "isotropic"}),
        (
            "translation, polygon",
            polygon,
            2_000,
            300,
            "translation",
            {"pyspat": pyspat_translation, "spatstat": "translate"},
        ),
        ("translation, polygon", polygon, 20_000, 1000, "translation", {"spatstat": "translate"}),
        ("translation, polygon", polygon, 100_000, 300, "translation", {"spatstat": "translate"}),
        (
            "translation, rectangle",
            RECTANGLE,
            2_000,
            300,
            "translation",
            {"astropy": astropy_estimator("translation")},
        ),
        (
            "isotropic, rectangle",
            RECTANGLE,
            2_000,
            300,
            "isotropic",
            {"astropy": astropy_estimator("ripley")},
        ),
        ("all four, polygon", polygon, 1_000_000, 100, None, {}),
    ]
    return [task for task in table if task[2] <= largest]


def first_call() -> tuple[float, float]:
    """Seconds of a first K in a new process: kernels compiled, and loaded from the disk."""
    code = (
        "import time, numpy as np; from helpers.patterns import ripley_k; "
        "from helpers.space import Window; w = Window.rectangle(0, 0, 1, 1); "
        "p = w.random_points(50, 1); t = time.process_time(); ripley_k(p, w); "
        "print(time.process_time() - t)"
    )
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        return tuple(
            float(
                subprocess.run(
                    [sys.executable, "-c", code],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            )
            for _ in range(2)
        )


def available(peer: str) -> bool:
    if peer == "spatstat":
        if shutil.which("Rscript") is None:
            return False
        probe = subprocess.run(
            ["Rscript", "-e", "library(spatstat)"], capture_output=True, check=False
        )
        return probe.returncode == 0
    return importlib.util.find_spec(peer) is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=1_000_000, help="largest number of points")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", type=Path, help="folder of further packages")
    options = parser.parse_args()
    if options.peers:
        sys.path.append(str(options.peers))
    found = {name: available(name) for name in ("pointpats", "astropy", "pyspat", "spatstat")}

    work = tasks(options.largest)
    ripley_k(RECTANGLE.random_points(50, seed=1), RECTANGLE)
    for exact in (True, False):
        ripley_k(city().random_points(50, seed=1), city(), exact_overlap=exact)
    # Ours all first, so that the peak of memory is ours.
    ours = []
    for _, window, n, neighbours, column, _ in work:
        points = window.random_points(n, seed=7)
        r = grid(window, n, neighbours)
        ours.append(
            timed(
                lambda points=points, window=window, r=r, column=column: ripley_k(
                    points, window, r, column
                ),
                options.repeats,
            )
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024**2 if sys.platform == "linux" else 1024**3
    )

    print("| K | points | neighbours | ours, s | peer | peer, s | ratio | difference |")
    print("|---|---|---|---|---|---|---|---|")
    for (what, window, n, neighbours, column, peers), (seconds, table) in zip(
        work, ours, strict=True
    ):
        points = window.random_points(n, seed=7)
        r = grid(window, n, neighbours)
        start = f"| {what} | {n:,} | {neighbours} | {seconds:.3f} |"
        if not peers:
            print(f"{start} – | – | – | – |")
        for peer, method in peers.items():
            if not found[peer]:
                print(f"{start} {peer} | not installed | – | – |")
                continue
            if peer == "spatstat":
                spent, theirs = spatstat(method)(points, window, r, 1 if n > 2000 else 3)
            else:
                spent, theirs = timed(lambda m=method, p=points, w=window, r=r: m(p, w, r), 1)
            mine = table[column].to_numpy()
            gap = np.nanmax(np.abs(np.asarray(theirs) - mine)) / np.nanmax(mine)
            print(f"{start} {peer} | {spent:.2f} | {spent / seconds:.0f} | {gap:.1e} |", flush=True)
    compiled, loaded = first_call()
    print()
    print(f"Peak memory of our part: {peak:.2f} GB. First call of all four corrections in a")
    print(f"rectangle: {compiled:.1f} s to compile, {loaded:.2f} s once the kernels are on disk.")


if __name__ == "__main__":
    main()
