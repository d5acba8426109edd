"""Crimes by place and day, the places about each place, and what each crime sees of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import KDTree

from helpers.checks import positive

from ._kernels import excitation
from .events import check_events

BANDS = (100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0)
"""Outer ends of the bands of distance, metres; the place itself is a band of its own before them."""

LEAST_EVENTS = 20
MOST_LINKS = 10_000_000  # pairs of places within the reach, some 0.2 GB
TREND_DAYS = 30.0


@dataclass(frozen=True)
class Incidents:
    """Crimes by place and day: several of one place and day are one incident.

    Attributes
    ----------
    place, day : (n,) array of int
        In order of the days, counted from the first.
    sites : (m, 2) array
        Coordinates of the places, metres.
    days : int
        Days observed.
    events : int
        Crimes that the incidents stand for.
    snapped : float
        Side of the squares whose places were taken for one, metres; 0 where every place is its own.
    """

    place: np.ndarray = field(repr=False)
    day: np.ndarray = field(repr=False)
    sites: np.ndarray = field(repr=False)
    days: int
    events: int
    snapped: float = 0.0


@dataclass(frozen=True)
class Links:
    """Places about each place, by band of distance: a table of neighbours in rows.

    Attributes
    ----------
    begin : (m + 1,) array
        Where the neighbours of each place begin.
    other, band : (links,) array
        Neighbour and band of each link; the place itself is its first, of band 0.
    share : (m,) array
        Part of all incidents at each place.
    about : (m, bands) array
        Part of all incidents in each band about each place.
    """

    begin: np.ndarray = field(repr=False)
    other: np.ndarray = field(repr=False)
    band: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    about: np.ndarray = field(repr=False)

    @cached_property
    def weight(self) -> np.ndarray:
        """One over the part of all incidents in the band that a link is of; 0 where there are none."""
        about = self.about[self.other, self.band]
        return np.where(about > 0, 1.0 / np.maximum(about, 1e-300), 0.0)


def incident_table(
    past: pd.DataFrame, until: pd.Timestamp | None = None, *, reach: float = BANDS[-1]
) -> Incidents:
    """Merge the crimes of one place and day.

    Several offences of one incident are published as several crimes: taken as crimes that trigger
    each other within the hour, they would be all that a fit sees.  Where more than 10 million pairs
    of places lie within the reach, places are snapped to the middles of squares.

    Parameters
    ----------
    past : pandas.DataFrame
        From `event_table`, with times of a day's precision or better.
    until : pandas.Timestamp, optional
        Last day observed; that of the last event when not given.
    reach : float
        Metres.

    Returns
    -------
    Incidents

    Raises
    ------
    ValueError
        Fewer than 20 events, or times that all fall on the first of a month.

    Examples
    --------
    >>> from helpers.forecasting import event_table
    >>> times = ["2016-01-01 03:00", "2016-01-01 04:00"] + ["2016-01-02 00:00"] * 18
    >>> found = incident_table(event_table([[0, 0]] * 20, ["a"] * 20, times))
    >>> found.day.tolist(), found.events
    ([0, 1], 20)
    """
    check_events(past)
    if len(past) < LEAST_EVENTS:
        raise ValueError(f"{len(past)} events are too few for a self-exciting process.")
    if (past["time"].dt.day == 1).all():
        raise ValueError(
            "all events are dated the first of a month: a self-exciting process needs the day."
        )
    day = past["time"].dt.normalize()
    last = day.max() if until is None else max(day.max(), until.normalize())
    start = day.min()
    number = ((day - start) / pd.Timedelta(days=1)).round().astype(int).to_numpy()
    place = past[["x", "y"]].to_numpy()
    sites, snapped = np.unique(place, axis=0), 0.0
    while KDTree(sites).count_neighbors(KDTree(sites), reach) > 2 * MOST_LINKS:
        snapped = 2 * snapped or reach / 100
        place = (np.floor(past[["x", "y"]].to_numpy() / snapped) + 0.5) * snapped
        sites = np.unique(place, axis=0)
    sites, which = np.unique(place, axis=0, return_inverse=True)
    keys = np.unique(number * len(sites) + which)
    return Incidents(
        keys % len(sites), keys // len(sites), sites, (last - start).days + 1, len(past), snapped
    )


def place_links(incidents: Incidents, bands: tuple[float, ...] = BANDS) -> Links:
    """Places within each band of distance about each place, and how many incidents they had.

    Parameters
    ----------
    incidents : Incidents
    bands : tuple of float
        Outer ends, metres, rising.

    Returns
    -------
    Links

    Raises
    ------
    ValueError
        If the ends of the bands do not rise.
    """
    ends = np.array([positive(end, "each band") for end in bands])
    if not len(ends) or (np.diff(ends) <= 0).any():
        raise ValueError(f"the ends of the bands rise from the first on, not {bands}.")
    sites, m = incidents.sites, len(incidents.sites)
    pairs = KDTree(sites).query_pairs(ends[-1], output_type="ndarray")
    apart = np.hypot(*(sites[pairs[:, 0]] - sites[pairs[:, 1]]).T)
    band = (np.searchsorted(ends, apart) + 1).astype(np.int8)
    own = np.arange(m)
    source = np.r_[own, pairs[:, 0], pairs[:, 1]]
    # the place itself first, then nearer bands first: the order of summation is that of the data
    order = np.lexsort((np.r_[np.zeros(m, np.int8), band, band], source))
    other = np.r_[own, pairs[:, 1], pairs[:, 0]][order].astype(np.int32)
    band = np.r_[np.zeros(m, np.int8), band, band][order]
    begin = np.r_[0, np.cumsum(np.bincount(source, minlength=m))]
    share = np.bincount(incidents.place, minlength=m) / len(incidents.place)
    cell = source[order] * (len(ends) + 1) + band
    about = np.bincount(cell, share[other], minlength=m * (len(ends) + 1))
    return Links(begin, other, band, share, about.reshape(m, -1))


def band_sums(incidents: Incidents, links: Links, delay: float) -> tuple[np.ndarray, np.ndarray]:
    """What each incident sees of the earlier ones, band by band, and what all of them give in all.

    Parameters
    ----------
    incidents : Incidents
    links : Links
    delay : float
        Mean delay, days, above 1.

    Returns
    -------
    (n, bands + 1) array
        The course m of the city first.
    (bands + 1,) array
        Sum over all places and days of each column, were its coefficient one.
    """
    return bands_sums(incidents, links, (delay,))[0]


def bands_sums(
    incidents: Incidents, links: Links, delays: Sequence[float]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """`band_sums` at several mean delays, links gone over once.

    Parameters
    ----------
    incidents : Incidents
    links : Links
    delays : sequence of float
        Days, above 1.

    Returns
    -------
    list of (n, bands + 1) array, (bands + 1,) array
    """
    stays = 1.0 - 1.0 / np.array(delays)
    course = daily_course(incidents.day, incidents.days)
    bands = links.about.shape[1]
    seen = excitation(
        incidents.place, incidents.day, links.begin, links.other, links.band, links.weight, bands,
        course, stays,
    )  # fmt: skip
    held = (links.about > 0)[incidents.place]
    lived = [1.0 - stay ** (incidents.days - 1.0 - incidents.day) for stay in stays]
    return [
        (sums, np.r_[float(incidents.days), each @ held])
        for sums, each in zip(seen, lived, strict=True)
    ]


def daily_course(day: np.ndarray, days: int) -> np.ndarray:
    """The city's incidents a day, smoothed over 30 days, one on average."""
    number = np.bincount(day, minlength=days).astype(float)
    smooth = gaussian_filter1d(number, TREND_DAYS, mode="constant")
    mass = gaussian_filter1d(np.ones(days), TREND_DAYS, mode="constant")
    course = np.maximum(smooth / mass, 1e-6)
    return course * (days / course.sum())
