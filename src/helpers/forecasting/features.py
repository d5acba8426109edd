"""Features of a place, drawn from stations and from what happened there before."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from helpers.checks import whole_number

from ._kernels import kernel_sums
from .events import check_events, check_kinds, codes, place_array, refuse_leak

BANDWIDTHS = (0.0, 50.0, 150.0, 400.0, 1000.0, 3000.0)
"""Standard deviations of the neighbourhoods, metres; 0 is the very place."""

PRIOR = 5.0
"""Events' worth of the whole city's mix in the mix of a neighbourhood."""

BLOCK, TILE = 64, 1024  # places and sites whose weights stay in the cache
REACH = 6.5  # standard deviations beyond which a Gaussian weight (below 1e-9) adds nothing
SQUARES = 500  # along the city at most, however short the reach
FEW = 0.08  # of the city's box within reach, below which only the sites within reach are looked at


def station_distances(points: Any, stations: Any, nearest: int = 8) -> pd.DataFrame:
    """Distances to the 1st, 2nd … nearest police station (San Miguel VI).

    Parameters
    ----------
    points, stations : (n, 2) and (m, 2) arrays, or GeoSeries
        Metres.
    nearest : int
        How many; where there are fewer stations, all are used and a `UserWarning` says so.

    Returns
    -------
    pandas.DataFrame
        Columns ``distance 1`` … ``distance 8``, metres.

    Raises
    ------
    ValueError
        No station, or coordinates that are no metres.

    Examples
    --------
    >>> station_distances([[0, 0]], [[3, 4], [0, 1]], nearest=2).to_numpy().tolist()
    [[1.0, 5.0]]
    """
    places, posts = place_array(points, "points"), place_array(stations, "stations")
    nearest = whole_number(nearest, "nearest")
    if not len(posts):
        raise ValueError("there is no station; the design needs the distance to at least one.")
    if len(posts) < nearest:
        warnings.warn(
            f"there are {len(posts)} stations, fewer than {nearest}: the distances to all of them "
            "are used.",
            stacklevel=2,
        )
    used = min(nearest, len(posts))
    away = KDTree(posts).query(places, k=list(range(1, used + 1)))[0]
    return pd.DataFrame(away, columns=[f"distance {rank}" for rank in range(1, used + 1)])


def design_features(events: pd.DataFrame, stations: Any, nearest: int = 8) -> pd.DataFrame:
    """The features of the San Miguel paper: year and distances to the nearest stations.

    Parameters
    ----------
    events : pandas.DataFrame
        From `event_table`.
    stations, nearest
        As in `station_distances`.

    Returns
    -------
    pandas.DataFrame
        ``year``, ``distance 1`` …, one row an event.
    """
    check_events(events)
    distances = station_distances(events[["x", "y"]], stations, nearest)
    distances.insert(0, "year", events["time"].dt.year.to_numpy())
    return distances


def neighbourhood_counts(
    points: np.ndarray, past: pd.DataFrame, kinds: tuple[str, ...], bandwidths=BANDWIDTHS
) -> np.ndarray:
    r"""Past events of each kind around places, weighted by distance.

    .. math:: n_{bk}(u) = \sum_{i : k_i = k} \exp(-|u - x_i|^2 / 2 h_b^2)

    with bandwidth 0 counting the events at the very place.

    Parameters
    ----------
    points : (n, 2) array
        Metres.
    past : pandas.DataFrame
        From `event_table`.
    kinds
        Kinds to count; events of others are left out.
    bandwidths : sequence of float
        Metres.

    Returns
    -------
    (bandwidths, n, kinds) array

    Examples
    --------
    >>> from helpers.forecasting import event_table
    >>> past = event_table([[0, 0], [0, 0], [50, 0]], ["a", "a", "b"], ["2016"] * 3)
    >>> neighbourhood_counts(np.array([[0.0, 0.0]]), past, ("a", "b"), [0, 50]).round(4).tolist()
    [[[2.0, 0.0]], [[2.0, 0.6065]]]
    """
    known = codes(past["kind"], kinds)
    there = past[["x", "y"]].to_numpy()[known >= 0]
    known = known[known >= 0]
    # many events share a place: places are computed once
    here, which = _places(np.asarray(points, dtype=float))
    found = np.zeros((len(bandwidths), len(here), len(kinds)))
    if len(there) and len(here):
        origin = there.mean(axis=0)
        sites, where = _places(there - origin)
        tally = np.zeros((len(sites), len(kinds)))
        np.add.at(tally, (where, known), 1)
        here = here - origin
        area = max(float(np.prod(np.ptp(np.vstack([here, sites]), axis=0))), 1e-9)
        near = [h for h in set(bandwidths) if np.pi * (REACH * h) ** 2 < FEW * area]
        sums = _near_sums(here, sites, tally, near) if near else {}
        far = sorted(set(bandwidths) - set(near), reverse=True)
        sums |= _far_sums(here, sites, tally, far) if far else {}
        for number, width in enumerate(bandwidths):
            found[number] = sums[width]
    return found[:, which]


def _places(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Different points in order of x, then y, and which of them each is; complex numbers sort so."""
    paired = np.ascontiguousarray(points).view(complex).ravel()
    found, which = np.unique(paired, return_inverse=True)
    return found.view(float).reshape(-1, 2), which.ravel()


def _near_sums(here, sites, tally, widths) -> dict[float, np.ndarray]:
    """Sums over the sites within reach of each place, for widths small against the city."""
    widths = sorted(widths)
    reach = np.maximum(0.1, REACH * np.array(widths))
    low = np.minimum(here.min(axis=0), sites.min(axis=0))
    extent = np.maximum(here.max(axis=0), sites.max(axis=0)) - low
    side = max(reach[-1], extent.max() / SQUARES)
    steps = (extent // side).astype(int) + 1
    # sites by squares as wide as the reach: those within it lie in nine of them
    square = ((sites - low) // side).astype(int) @ np.array([steps[1], 1])
    order = np.argsort(square, kind="stable")
    begin = np.searchsorted(square[order], np.arange(steps.prod() + 1))
    found = kernel_sums(
        here, sites[order], tally[order], begin, low, side, steps, np.array(widths), reach
    )
    return dict(zip(widths, found, strict=True))


def _far_sums(here, sites, tally, widths) -> dict[float, np.ndarray]:
    """Sums over all sites, widest first."""
    square, tally = (sites**2).sum(axis=1), tally.astype(np.float32)
    found = {width: np.zeros((len(here), tally.shape[1])) for width in widths}
    tiles = product(range(0, len(here), BLOCK), range(0, len(sites), TILE))
    for start, begin in tiles:
        block, part = here[start : start + BLOCK], slice(begin, begin + TILE)
        apart = (block**2).sum(axis=1)[:, None] + square[part] - 2 * block @ sites[part].T
        # single precision is plenty for weights, and twice as fast
        apart = np.maximum(apart, 0).astype(np.float32)
        wider, weight = 0.0, apart
        for width in widths:
            ratio = (wider / width) ** 2 if width else 0.0
            if width == 0:
                weight = (apart < 0.01).astype(np.float32)
            elif ratio == 9:
                # a width three times less: the ninth power
                cubes = weight * weight * weight
                weight = cubes * cubes * cubes
            else:
                weight = np.exp(apart * np.float32(-0.5 / width**2))
            wider = width
            found[width][start : start + BLOCK] += weight @ tally[part]
    return found


def mixes(counts: np.ndarray, base: np.ndarray, prior: float) -> np.ndarray:
    r"""Share of each kind in a neighbourhood, shrunk to the whole city's.

    .. math:: p_k = (n_k + a\,\pi_k) / (n + a)

    Parameters
    ----------
    counts : (..., kinds) array
        From `neighbourhood_counts`.
    base : (kinds,) array
        π, the city's shares.
    prior : float
        a, events.

    Examples
    --------
    >>> mixes(np.array([[3.0, 0.0]]), np.array([0.5, 0.5]), 1.0)
    array([[0.875, 0.125]])
    """
    return (counts + prior * base) / (counts.sum(axis=-1, keepdims=True) + prior)


def city_mix(past: pd.DataFrame, kinds: tuple[str, ...]) -> np.ndarray:
    """Share of each kind among events; half an event is added to each, so that none is zero."""
    tally = np.bincount(codes(past["kind"], kinds) + 1, minlength=len(kinds) + 1)[1:] + 0.5
    return tally / tally.sum()


def history_features(
    targets: pd.DataFrame,
    past: pd.DataFrame,
    kinds: tuple[str, ...],
    bandwidths=BANDWIDTHS,
) -> pd.DataFrame:
    """What happened around each target event before its period: amount and mix, by bandwidth.

    Parameters
    ----------
    targets, past : pandas.DataFrame
        From `event_table`; every event of `past` must lie before every one of `targets`.
    kinds
        Kinds of the forecast.
    bandwidths
        Metres.

    Returns
    -------
    pandas.DataFrame
        For each bandwidth the logarithm of each kind's share over the city's share and the
        logarithm of one plus the number of events; then ``x`` and ``y`` in kilometres.

    Raises
    ------
    LeakageError
        If the history reaches into the period of the targets.
    """
    check_events(targets)
    check_events(past)
    refuse_leak(past, targets)
    kinds = check_kinds(kinds)
    counts = neighbourhood_counts(targets[["x", "y"]].to_numpy(), past, kinds, bandwidths)
    return feature_table(counts, targets, past, kinds, bandwidths)


def feature_table(counts, targets, past, kinds, bandwidths) -> pd.DataFrame:
    """`history_features` from counts that are known already."""
    base = city_mix(past, kinds)
    ratio = np.log(mixes(counts, base, PRIOR) / base)
    columns = {}
    for number, width in enumerate(bandwidths):
        for k, kind in enumerate(kinds):
            columns[f"{kind} within {width:g} m"] = ratio[number, :, k]
        columns[f"events within {width:g} m"] = np.log1p(counts[number].sum(axis=1))
    columns["x"], columns["y"] = targets["x"].to_numpy() / 1000, targets["y"].to_numpy() / 1000
    return pd.DataFrame(columns)
