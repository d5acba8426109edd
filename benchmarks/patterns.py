"""Point patterns beside their peers: the same points, window and distances."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from measure import Case, Elsewhere

from helpers.patterns import near_repeat_table, nearest_neighbour_g, ripley_k
from helpers.space import Window

R_SCRIPT = Path(__file__).with_name("spatstat.R")


@cache
def city() -> Window:
    """A ragged outline of 8 by 7 km with a lake."""
    rng = np.random.default_rng(1)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 200))
    waves = sum(np.cos(k * angle + rng.uniform(0, 6)) / k for k in range(2, 9))
    radius = 3_500 * (1 + 0.12 * waves + 0.02 * rng.normal(size=200))
    outline = shapely.Polygon(
        np.column_stack([1.15 * radius * np.cos(angle), radius * np.sin(angle)])
    )
    lake = shapely.Point(800, -500).buffer(450, quad_segs=4)
    return Window(outline.buffer(0) - lake)


@cache
def rectangle() -> Window:
    return Window.rectangle(0, 0, 10_000, 8_000)


def question(window: Window, n: int, neighbours: float):
    """Points, and distances up to the radius that holds so many neighbours, at most spatstat's limit."""
    radius = np.sqrt(neighbours * window.area / (np.pi * n))
    r = np.linspace(0, min(radius, window.shorter_side / 4), 513)
    return window.random_points(n, seed=7), r


def difference(mine, theirs) -> str:
    """The largest between two functions over the largest value of ours."""
    gap = np.nanmax(np.abs(np.asarray(theirs) - mine)) / np.nanmax(np.abs(mine))
    return f"differs by {gap:.0e}"


def ours(place, n, neighbours, column):
    def make():
        window = place()
        points, r = question(window, n, neighbours)
        return lambda: ripley_k(points, window, r, column)[column].to_numpy()

    return make


def theirs(function, place, n, neighbours):
    """A maker: `function` imports its library and returns a call on (points, window, r)."""

    def make():
        window = place()
        points, r = question(window, n, neighbours)
        call = function()
        return lambda: call(points, window, r)

    return make


def pointpats():
    from pointpats import k

    def call(points, window, r):
        # It takes the points' bounding box for the window and n for n - 1: put both right.
        found = np.asarray(k(points, support=r)[1])
        box = np.prod(np.ptp(points, axis=0))
        return found * len(points) / (len(points) - 1) * window.area / box

    return call


def pointpats_g():
    from pointpats import g

    return lambda points, window, r: np.asarray(g(points, support=r)[1])


def astropy(mode):
    def load():
        from astropy.stats import RipleysKEstimator

        def call(points, window, r):
            xmin, ymin, xmax, ymax = window.bounds
            estimator = RipleysKEstimator(
                area=window.area, x_max=xmax, y_max=ymax, x_min=xmin, y_min=ymin
            )
            return estimator.evaluate(points, radii=r, mode=mode)

        return call

    return load


def pyspat():
    from pyspat.core import PPP, PolyWindow
    from pyspat.stats import Kest

    def call(points, window, r):
        pattern = PPP(points, PolyWindow(window.geometry))
        return np.concatenate([[0.0], Kest(pattern, r[1:], correction="translation")])

    return call


def spatstat(correction):
    def load():
        probe = ["Rscript", "-e", "library(spatstat)"]
        if (
            shutil.which("Rscript") is None
            or subprocess.run(probe, capture_output=True, check=False).returncode
        ):
            raise ImportError("R with spatstat", name="R with spatstat")
        return lambda points, window, r: in_r(points, window, r, correction)

    return load


def in_r(points, window, r, correction) -> Elsewhere:
    """Kest of spatstat; R times its own work, its start and the reading left out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savetxt(folder / "points.csv", points, "%.17g", ",", header="x,y", comments="")
        np.savetxt(folder / "r.txt", r, "%.17g")
        rings = [
            (ring, ring == part.exterior)
            for part in shapely.get_parts(window.geometry)
            for ring in (part.exterior, *part.interiors)
        ]
        for number, (ring, outer) in enumerate(rings):
            path = shapely.get_coordinates(ring)[:-1]
            # outer rings counter-clockwise, holes clockwise
            path = path if shapely.is_ccw(ring) == outer else path[::-1]
            file = folder / f"ring{number:03d}.csv"
            np.savetxt(file, path, "%.17g", ",", header="x,y", comments="")
        done = subprocess.run(
            ["Rscript", str(R_SCRIPT), name, correction, "3" if len(points) <= 2000 else "1"],
            capture_output=True,
            text=True,
            check=True,
        )
        return Elsewhere(float(done.stdout.split()[-1]), np.loadtxt(folder / "k.txt"))


def burglaries(n: int):
    """Events of a year with a day each, one in three at an earlier place within two weeks."""
    rng = np.random.default_rng(3)
    points, days = city().random_points(n, seed=5), rng.integers(0, 365, n)
    again = np.flatnonzero(rng.random(n) < 1 / 3)
    points[again] = points[rng.integers(0, n, again.size)] + rng.normal(0, 30, (again.size, 2))
    return points, days, (0, 100, 200, 400), (1, 7, 14, 28)


def our_near_repeats(n, permutations):
    def make():
        points, days, distances, spans = burglaries(n)
        return lambda: (
            near_repeat_table(points, days, distances, spans, permutations=permutations, seed=1)
            .table["observed"]
            .to_numpy()
        )

    return make


def plain_near_repeats(n, permutations):
    """The same counts by scipy's pairs and numpy's histogram, one permutation after the other."""

    def make():
        from scipy.spatial import KDTree

        points, days, distances, spans = burglaries(n)
        apart = np.array(distances, float)

        def call():
            pairs = KDTree(points).query_pairs(apart[-1], output_type="ndarray")
            far = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
            # bands are closed on the right, and the first holds what lies at one place
            band = np.searchsorted(apart, far, side="left")

            def counted(when):
                gap = np.abs(when[pairs[:, 0]] - when[pairs[:, 1]])
                late = np.searchsorted(spans, gap, side="left")
                held = late < len(spans)
                shape = (apart.size, len(spans))
                flat = np.ravel_multi_index((band[held], late[held]), shape)
                return np.bincount(flat, minlength=apart.size * len(spans))

            rng, observed = np.random.default_rng(1), counted(days)
            above = np.zeros(observed.size, int)
            for _ in range(permutations):
                above += counted(rng.permutation(days)) >= observed
            return observed

        return call

    return make


def same_counts(mine, theirs) -> str:
    return "the same counts" if np.array_equal(mine, theirs) else "other counts"


def our_g(n):
    def make():
        points, r = question(rectangle(), n, 40)
        return lambda: nearest_neighbour_g(points, rectangle(), r, "raw")["raw"].to_numpy()

    return make


def cases() -> list[Case]:
    found = []
    for what, place, n, neighbours, column, peers, quick in (
        ("none, polygon", city, 500, 300, "none", {"pointpats": pointpats}, True),
        ("none, polygon", city, 2_000, 300, "none", {"pointpats": pointpats}, False),
        ("isotropic, polygon", city, 2_000, 1000, "isotropic", {"spatstat": spatstat("isotropic")}, False),
        ("isotropic, polygon", city, 20_000, 1000, "isotropic", {"spatstat": spatstat("isotropic")}, False),
        ("translation, polygon", city, 2_000, 300, "translation",
         {"pyspat": pyspat, "spatstat": spatstat("translate")}, False),
        ("translation, polygon", city, 20_000, 1000, "translation", {"spatstat": spatstat("translate")}, False),
        ("translation, polygon", city, 100_000, 300, "translation", {"spatstat": spatstat("translate")}, False),
        ("translation, rectangle", rectangle, 2_000, 300, "translation", {"astropy": astropy("translation")}, False),
        ("isotropic, rectangle", rectangle, 2_000, 300, "isotropic", {"astropy": astropy("ripley")}, False),
    ):  # fmt: skip
        name = f"K, {what}, {n:,} points, {neighbours:,} neighbours"
        makers = {peer: theirs(call, place, n, neighbours) for peer, call in peers.items()}
        mine = ours(place, n, neighbours, column)
        found.append(Case(name, mine, makers, difference, quick))
    found.append(
        Case("G, raw, rectangle, 2,000 points", our_g(2_000),
             {"pointpats": theirs(pointpats_g, rectangle, 2_000, 40)}, difference)
    )  # fmt: skip
    for n, times, quick in ((3_000, 99, True), (20_000, 199, False)):
        name = f"near repeats, {n:,} events, {times} permutations"
        peer = {"scipy and numpy, counts alone": plain_near_repeats(n, times)}
        found.append(Case(name, our_near_repeats(n, times), peer, same_counts, quick))
    return found


def growth() -> dict:
    """CPU seconds against size: (unit, sizes, maker)."""

    def k(n):
        points, r = question(city(), n, 100)
        return lambda: ripley_k(points, city(), r).shape

    def repeats(n):
        points, days, distances, spans = burglaries(n)
        return lambda: (
            near_repeat_table(points, days, distances, spans, permutations=99, seed=1).p_value
        )

    return {
        "K, four corrections, 100 neighbours": ("points", (1_000, 10_000, 100_000, 1_000_000), k),
        "near repeats, 99 permutations": ("events", (1_000, 4_000, 16_000), repeats),
    }
