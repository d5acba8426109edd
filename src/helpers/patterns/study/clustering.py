"""Tables of clusters of points: shared places, and fitted cluster processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from helpers.checks import whole_number
from helpers.space import as_window

from ..cluster_processes import ClusterFit, bootstrap_cluster_process
from ..envelopes import Envelope, csr_envelope
from ..jitter import jittered
from ..thinning import thinned


def treatments(points, window, steps: Iterable[float], seed=None) -> dict[str, np.ndarray]:
    """A pattern as it is, with each place once where places are shared, and moved by each step.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    window : Window or shapely polygon
    steps : iterable of float
        Longest steps of the jitter, metres.
    seed : int or numpy Generator

    Returns
    -------
    dict from str to ndarray of float
        ``as published``; ``each place once`` where more than one point in a hundred shares its
        place; ``moved up to … m`` for each step.
    """
    points = np.asarray(points, dtype=float)
    generator = np.random.default_rng(seed)
    places = np.unique(points, axis=0)
    treated = {"as published": points}
    if is_tied(points):
        treated["each place once"] = places
    moved = {f"moved up to {s} m": jittered(points, window, s, generator) for s in steps}
    return treated | moved


def named_part(name: str, part, of) -> str:
    """Name of a pattern, with how many of its points are looked at where these are not all.

    Parameters
    ----------
    name : str
    part, of : sequence
        The points looked at, and all.

    Examples
    --------
    >>> named_part("moved up to 30 m", range(40_000), range(268_000)), named_part("all", [1], [1])
    ('moved up to 30 m, 40,000 of 268,000 events', 'all')
    """
    return name if len(part) == len(of) else f"{name}, {len(part):,} of {len(of):,} events"


def is_tied(points) -> bool:
    """Whether there are fewer than 99 places for each hundred points.

    Examples
    --------
    >>> is_tied([[0, 0], [0, 0], [1, 1]]), is_tied([[0, 0], [1, 1]])
    (True, False)
    """
    points = np.asarray(points, dtype=float)
    return len(np.unique(points, axis=0)) < 0.99 * len(points)


def place_sizes(points) -> pd.Series:
    """How many places hold one event, two, three, …

    Parameters
    ----------
    points : array_like of shape (n, 2)

    Returns
    -------
    Series of int
        Index ``events`` (at one place, ascending), values the number of places.

    Examples
    --------
    >>> place_sizes([[0, 0], [0, 0], [1, 1], [2, 2]]).to_dict()
    {1: 2, 2: 1}
    """
    _, repeats = np.unique(np.asarray(points, dtype=float), axis=0, return_counts=True)
    sizes = pd.Series(repeats).value_counts().sort_index()
    return sizes.rename("places").rename_axis("events")


def busiest_share(points) -> float:
    """Share of the points that the busiest hundredth of the places holds, one place at least.

    Examples
    --------
    >>> busiest_share([[0, 0], [0, 0], [1, 1], [2, 2]])
    0.5
    """
    points = np.asarray(points, dtype=float)
    _, repeats = np.unique(points, axis=0, return_counts=True)
    busiest = np.sort(repeats)[::-1][: max(1, len(repeats) // 100)]
    return float(busiest.sum() / len(points))


def fit_reach(first: ClusterFit, window) -> float:
    """How far a Matérn cluster process is to be fitted, from a fit over the usual distances.

    K tells of the radius R up to r = 2R: the reach of the first fit, or 2R where that is more, but
    a quarter of the window's shorter side at most.

    Parameters
    ----------
    first : ClusterFit
        Over the usual distances.
    window : Window or shapely polygon

    Returns
    -------
    float
        In units of the coordinates.
    """
    wanted = 2 * first.scale if first.identifiable else 0.0
    return float(min(max(first.table["r"].iloc[-1], wanted), as_window(window).shorter_side / 4))


def fits_table(fits: Mapping[tuple[str, str], ClusterFit]) -> pd.DataFrame:
    """Fitted cluster processes side by side.

    Parameters
    ----------
    fits : Mapping from (str, str) to ClusterFit
        By pattern and process; coordinates in metres.

    Returns
    -------
    DataFrame
        Index pattern, process; columns reach_m (longest distance of the fit), scale_m (R or σ),
        parents_per_km2, events_per_cluster, p_random (share of random patterns that gain as much
        over randomness), patterns_random (how many others), contrast (that of the process over that of CSR), identifiable (yes or no)
        and why_not.
    """
    rows = [
        {
            "reach_m": fit.table["r"].max(),
            "scale_m": fit.scale,
            "parents_per_km2": 1e6 * fit.kappa,
            "events_per_cluster": fit.mu,
            "p_random": fit.p_value,
            "patterns_random": len(fit.chance_gains),
            "contrast": fit.objective / fit.poisson_objective,
            "identifiable": "yes" if fit.identifiable else "no",
            "why_not": fit.reason,
        }
        for fit in fits.values()
    ]
    return pd.DataFrame(rows, pd.MultiIndex.from_tuples(fits, names=["pattern", "process"]))


def l_curves(fits: Mapping[str, ClusterFit], fitted: Envelope | None = None) -> pd.DataFrame:
    """L(r) − r of a pattern and of the cluster processes fitted to it.

    Parameters
    ----------
    fits : Mapping from str to ClusterFit
        By the name of the process and of its scale (``Matérn, R``), all to one estimate of K.
    fitted : Envelope, optional
        What `goodness_of_fit` returns for one of them.

    Returns
    -------
    DataFrame
        Columns r, estimate, and one for each process that is identifiable, named with its scale;
        low and high, ends of the envelope, where it is given.
    """
    first = next(iter(fits.values()))
    r = first.table["r"]
    curves = {"estimate": first.table["observed"]}
    curves |= {
        f"{name} = {fit.scale:,.0f} m": fit.table["fitted"]
        for name, fit in fits.items()
        if fit.identifiable
    }
    lines = {name: np.sqrt(values / np.pi) - r for name, values in curves.items()}
    if fitted is not None:
        lines |= {end: fitted.table[f"global_{end}"] - r for end in ("low", "high")}
    return pd.DataFrame({"r": r, **lines})


@dataclass(frozen=True)
class Refits:
    """Scales refitted to simulations of a fitted cluster process.

    Attributes
    ----------
    scales : ndarray of float
        Ascending; those of the simulations that determine one, none where the fit itself does not.
    low, high : float
        Ends of the 95 % interval, NaN where there are none.
    identifiable_share : float
        Share of the simulations that determine a scale.
    bias : float
        Median of the scales over the scale that was simulated, less 1; NaN where there are none.
    """

    scales: np.ndarray
    low: float
    high: float
    identifiable_share: float
    bias: float


def refits(fit: ClusterFit, window, *, events: int, simulations: int = 99, seed=None) -> Refits:
    """Parametric bootstrap of the scale of a cluster process with fewer events in each cluster.

    A part of the events has the K of all, but its estimate varies more: the interval is that of so many
    events, and wider than that of all, by far where few are left to a cluster.

    Parameters
    ----------
    fit : ClusterFit
    window : Window or shapely polygon
    events : int
        Expected number of points in the window of a simulation; that of the pattern at most.
    simulations : int
    seed : int or numpy Generator

    Returns
    -------
    Refits
        Of none where the fit is not identifiable.
    """
    events = whole_number(events, "events")
    if not fit.identifiable:
        return Refits(np.array([]), np.nan, np.nan, 0.0, np.nan)
    window = as_window(window)
    fewer = _with_fewer(fit, window, events)
    found = bootstrap_cluster_process(fewer, window, simulations=simulations, seed=seed)
    low, high = found.table.loc["scale", ["low", "high"]]
    scales = np.sort(found.replicates["scale"].dropna())
    bias = float(np.median(scales) / fit.scale - 1) if len(scales) else np.nan
    return Refits(scales, float(low), float(high), found.identifiable_share, bias)


def grows_with_reach(radii: Mapping[float, float], reach: float, refitted: Refits) -> bool:
    """Whether the radius of a wider fit lies above the interval of the one that is reported.

    Such a radius follows how far one looks, and is no property of clusters.

    Parameters
    ----------
    radii : Mapping from float to float
        Radius by the reach of its fit, of other fits of the same points.
    reach : float
        Of the fit that is reported.
    refitted : Refits
        Of it.

    Examples
    --------
    >>> told = Refits(np.array([9.0, 11.0]), 9.0, 11.0, 1.0, 0.0)
    >>> grows_with_reach({80: 20.0}, 40, told), grows_with_reach({20: 5.0, 80: 10.5}, 40, told)
    (True, False)
    """
    return any(far > reach and radius > refitted.high for far, radius in radii.items())


def _with_fewer(fit: ClusterFit, window, events: int) -> ClusterFit:
    """The process with fewer events in each cluster, so that the window holds so many."""
    return replace(fit, mu=fit.mu * min(1, events / round(fit.intensity * window.area)))


@dataclass(frozen=True)
class Goodness(Envelope):
    """L of a pattern beside that of simulations of the process fitted to it."""

    @property
    def weak(self) -> bool:
        """Whether the process could hardly fail.

        At the middle distance the global envelope is wider than the simulations' mean L(r) − r is high.
        """
        middle = self.table.iloc[len(self.table) // 2]
        width = middle["global_high"] - middle["global_low"]
        return bool(width > middle["mean"] - middle["r"])


def goodness_of_fit(
    fit: ClusterFit, points, window, *, events: int, simulations: int = 99, seed=None
) -> Goodness | None:
    """L of a pattern beside that of simulations of the process fitted to it.

    Parameters
    ----------
    fit : ClusterFit
    points : array_like of shape (n, 2)
        What it was fitted to: a random part of `events` of them is looked at, which has the L of all.
    window : Window or shapely polygon
    events : int
        Expected number of points of a simulation; that of the pattern at most.
    simulations : int
    seed : int or numpy Generator

    Returns
    -------
    Goodness or None
        Over the distances of the fit; its p value is that of the process. None where the fit is not
        identifiable.
    """
    if not fit.identifiable:
        return None
    window = as_window(window)
    generator = np.random.default_rng(seed)
    some = thinned(points, min(whole_number(events, "events"), len(points)), generator)
    process = _with_fewer(fit, window, len(some))

    def simulator(stream):
        # few parents may leave next to nothing: such a pattern has no L
        drawn = process.simulate(window, stream)
        return drawn if len(drawn) > 1 else window.random_points(2, stream)

    chance = {"simulations": simulations, "seed": generator, "simulator": simulator}
    return Goodness(**vars(csr_envelope(some, window, "L", r=fit.table["r"], **chance)))


@dataclass(frozen=True)
class DegreeLengths:
    """Length of a degree at a place on the WGS 84 ellipsoid, metres.

    Attributes
    ----------
    north : float
        Of latitude, along the meridian.
    east : float
        Of longitude, from half a degree west to half a degree east (by the shortest way).
    """

    north: float
    east: float


def degree_lengths(place, crs) -> DegreeLengths:
    """How long a degree is at a place.

    Parameters
    ----------
    place : shapely Point
    crs
        Its projected system, as pyproj takes it.

    Returns
    -------
    DegreeLengths

    Examples
    --------
    >>> from shapely import Point
    >>> lengths = degree_lengths(Point(0, 60), "EPSG:4326")  # east is half as long as at the equator
    >>> round(lengths.north), round(lengths.east)
    (111412, 55799)
    """
    from pyproj import Geod

    ellipsoid = Geod(ellps="WGS84")
    centre = gpd.GeoSeries([place], crs=crs).to_crs(4326).iloc[0]
    lon, lat = centre.x, centre.y
    return DegreeLengths(
        north=ellipsoid.line_length([lon, lon], [lat - 0.5, lat + 0.5]),
        east=ellipsoid.line_length([lon - 0.5, lon + 0.5], [lat, lat]),
    )


def fit_numbers(
    fit: ClusterFit, refitted: Refits, goodness: Goodness, degree: DegreeLengths, *, named: str
) -> dict[str, tuple[float | None, str, str]]:
    """What is kept of a fit: the radius with its interval, how far refits differ, how well it fits.

    Parameters
    ----------
    fit, refitted, goodness
        The fit, its refits to simulated patterns, and its test.
    degree
        Metres in a degree, for the radius as degrees of latitude.
    named
        Of which pattern it is.

    Returns
    -------
    dict from str to (number, note, unit)
        Nothing where the fit is not identifiable.
    """
    if not fit.identifiable:
        return {}
    low, high = refitted.low, refitted.high
    return {
        "radius_m": (fit.scale, f"Matérn cluster process, {named}", "m"),
        "radius_low_m": (low, "parametric bootstrap, 95 %", "m"),
        "radius_high_m": (high, "parametric bootstrap, 95 %", "m"),
        "radius_bias": (refitted.bias, "median refit over the fit, less 1", ""),
        "refits_identifiable": (refitted.identifiable_share, "share of refits", ""),
        "fit_p": (goodness.p_value, "of the fitted process, global envelope of L", ""),
        "radius_degrees": (fit.scale / degree.north, "of latitude", "degree"),
        "radius_low_degrees": (low / degree.north, "95 %", "degree"),
        "radius_high_degrees": (high / degree.north, "95 %", "degree"),
    }


def degrees_table(
    fit: ClusterFit, in_degrees: ClusterFit, degree: DegreeLengths, published: float
) -> pd.DataFrame:
    """A radius fitted in metres beside one fitted in degrees.

    Parameters
    ----------
    fit, in_degrees : ClusterFit
        On coordinates in metres, and on longitude and latitude as if they were a plane.
    degree : DegreeLengths
    published : float
        Another radius in degrees.

    Returns
    -------
    DataFrame
        Index ``quantity``, column ``value``.
    """
    facts = {
        "a degree of latitude, m": degree.north,
        "a degree of longitude, m": degree.east,
        "R fitted in metres, m": fit.scale,
        "the same in degrees of latitude": fit.scale / degree.north,
        "R fitted in degrees": in_degrees.scale,
        "the same north–south, m": in_degrees.scale * degree.north,
        "the same east–west, m": in_degrees.scale * degree.east,
        "R of the paper, degrees": published,
    }
    return pd.Series(facts, name="value").rename_axis("quantity").to_frame()
