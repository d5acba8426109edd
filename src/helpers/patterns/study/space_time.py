"""Tables of events in space and time: rhythms, near repeats, unevenness, relative risk, streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from helpers.checks import one_of
from helpers.space import as_window

from ..bandwidths import choose_bandwidth
from ..envelopes import Envelope
from ..near_repeats import NearRepeats, near_repeat_table
from ..relative_risk import RelativeRisk, log_relative_risk
from ..rhythms import rhythm
from ..surface import IntensitySurface
from ..thinning import thinned
from ..uneven_envelopes import inhomogeneous_envelope

PRECISIONS = ("hour", "day", "month")
_DISTANCES = (0, 100, 200, 300, 400, 500, 750, 1000)
_SPANS = (0, 1, 3, 7, 14, 28)
_FEWEST = 100
_WIDTHS = 2


@dataclass(frozen=True)
class Unevenness(Envelope):
    """Inhomogeneous L of a pattern beside that of points of its fitted intensity."""

    @property
    def curve(self) -> pd.DataFrame:
        """The table with L(r) − r in place of L(r), ready to draw."""
        return self.table.set_index("r").sub(self.table["r"].to_numpy(), axis=0).reset_index()

    @property
    def blunt(self) -> bool:
        """Whether it says next to nothing at its largest distance.

        Under the fitted intensity L(r) is about r. Where that intensity is huge at a few places,
        pairs weigh next to nothing and the simulations' mean falls below r / 2, or the global
        envelope is wider than r.
        """
        end = self.table.iloc[-1]
        return self.collapsed or bool(end["global_high"] - end["global_low"] > end["r"])

    @property
    def collapsed(self) -> bool:
        """Whether the simulations' mean is below r / 2 at the largest distance."""
        return bool(self.table["mean"].iloc[-1] < self.table["r"].iloc[-1] / 2)


@dataclass(frozen=True)
class OutlinedRisk(RelativeRisk):
    """Relative risk on a grid, with kinds dealt anew."""

    @property
    def outlined(self) -> float:
        """Share of the cells whose ρ is above or below that of all permutations.

        Each cell by itself: 2 / (permutations + 1) are to be expected by chance.
        """
        assert isinstance(self.p_permutation, IntensitySurface)
        p = self.p_permutation.values
        known, step = p[np.isfinite(p)], 1 / (self.permutations + 1)
        return float(np.mean((known < 1.5 * step) | (known > 1 - step / 2)))


@dataclass(frozen=True)
class Rhythms:
    """Rates over the year, the week and the day.

    Attributes
    ----------
    tables : dict from str to DataFrame
        ``"month"``, ``"weekday"`` and ``"hour"`` as far as the times tell them → columns events, days,
        rate (a day), low and high (95 % interval) and relative, the last three over the mean rate.
    summary : DataFrame
        Index ``cycle``; columns busiest and quietest (part of the cycle), rate_most and rate_least
        (over the mean), dispersion (of the counts a day, 1 for Poisson ones), p_one_rate (of one rate
        throughout, the dispersion accounted for) and log10_p, its decimal logarithm.
    """

    tables: dict[str, pd.DataFrame]
    summary: pd.DataFrame


def rhythms(times, precision: str) -> Rhythms:
    """Rhythms of events as far as the precision of their times and the days they cover tell them.

    Parameters
    ----------
    times : Series of datetime64
    precision : {"hour", "day", "month"}
        To which times are known.

    Returns
    -------
    Rhythms
        Without tables where no days are known, or all fall on one; months only where all twelve
        have events.
    """
    times, tables, rows = pd.Series(times), {}, {}
    one_of(precision, "precision", PRECISIONS)
    known = []
    if precision != "month" and _vary(times.dt.normalize()):
        whole_year, hours = times.dt.month.nunique() == 12, _vary(times.dt.hour)
        known = ["month"] * whole_year + ["weekday"] + ["hour"] * (precision == "hour" and hours)
    for by in known:
        found = rhythm(times, by)
        table = found.table
        mean = table["events"].sum() / table["days"].sum()
        tables[by] = table.assign(low=table["low"] / mean, high=table["high"] / mean)
        rows[by] = {
            "busiest": int(table["relative"].idxmax()),
            "rate_most": table["relative"].max(),
            "quietest": int(table["relative"].idxmin()),
            "rate_least": table["relative"].min(),
            "dispersion": found.dispersion,
            "p_one_rate": found.p_value,
            "log10_p": found.log10_p,
        }
    return Rhythms(tables, pd.DataFrame.from_dict(rows, orient="index").rename_axis("cycle"))


def near_repeats(
    points, times, precision: str, *, permutations: int = 99, seed=None
) -> NearRepeats | None:
    """Near-repeat table of a year of events, times permuted within its quarters.

    Parameters
    ----------
    points : array_like of shape (n, 2)
        Metres.
    times : Series of datetime64, shape (n,)
    precision : {"hour", "day", "month"}
        To which times are known.
    permutations : int
    seed : int or numpy Generator

    Returns
    -------
    NearRepeats or None
        Its table has the columns space and time (names of the bands), pairs, expected_pairs, ratio,
        p_cell, p_family, permutations and surely (p_family at most 0.05). None without days, or for fewer than 100 events.
    """
    one_of(precision, "precision", PRECISIONS)
    times = pd.Series(times)
    if precision == "month" or len(times) < _FEWEST or not _vary(times.dt.normalize()):
        return None
    found = near_repeat_table(
        points,
        times.to_numpy(),
        _DISTANCES,
        _SPANS,
        strata=(4 * times.dt.year + times.dt.quarter).to_numpy(),
        permutations=permutations,
        seed=seed,
    )
    columns = ["space", "time", "pairs", "expected_pairs", "ratio", "p_cell", "p_family"]
    columns += ["permutations", "surely"]
    named = {"observed": "pairs", "expected": "expected_pairs", "p": "p_cell"}
    table = found.table.rename(columns=named).assign(
        space=_bands(_DISTANCES, "same place", found.table["space_to"]),
        time=_bands(_SPANS, f"same {precision}", found.table["time_to"]),
        permutations=found.permutations,
        surely=found.table["p_family"] <= 0.05,
    )
    return NearRepeats(
        table[columns], found.events, found.places, found.permutations, found.p_value
    )


def _vary(values: pd.Series) -> bool:
    return bool((values != values.iloc[0]).any())


def _bands(limits: Sequence[float], first: str, ends: pd.Series) -> list[str]:
    """Names of bands by their upper limits, the first of which is 0."""
    names = {0.0: first}
    for low, high in pairwise(limits):
        names[float(high)] = f"to {high}" if low == 0 else f"{low} to {high}"
    return [names[float(end)] for end in ends]


def unevenness(
    points, window, *, sample: int = 1000, simulations: int = 99, seed=None
) -> Unevenness | None:
    """Inhomogeneous L of a random part of a pattern beside that of points of its fitted intensity.

    Parameters
    ----------
    points : array_like of shape (n, 2)
        At places of their own: take each place once where they are shared.
    window : Window or shapely polygon
    sample : int
        Points looked at, at most.
    simulations : int
    seed : int or numpy Generator

    Returns
    -------
    Unevenness or None
        Of L over distances up to two bandwidths (the kernel's standard deviation, of largest
        held-out likelihood), a quarter of the window's shorter side at most. None where the likelihood has no largest value within its range.
    """
    window, generator = as_window(window), np.random.default_rng(seed)
    points = np.asarray(points, dtype=float)
    some = points if len(points) <= sample else thinned(points, sample, generator)
    choice = choose_bandwidth(some, window, "ppl")
    if choice.note:
        return None
    farthest = min(_WIDTHS * choice.sigma, window.shorter_side / 4)
    found = inhomogeneous_envelope(
        some,
        window,
        choice.sigma,
        correction="isotropic",
        r=np.linspace(0, farthest, 65),
        simulations=simulations,
        seed=generator,
    )
    return Unevenness(**vars(found))


def commonest_risk(
    points, kinds, window, *, cells: int = 64, permutations: int = 39, seed=None
) -> OutlinedRisk | None:
    """Relative risk of the commonest kind given all others; its tolerance by permuted kinds.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    kinds : array_like of shape (n,)
    window : Window or shapely polygon
    cells, permutations, seed
        As in `helpers.patterns.log_relative_risk`.

    Returns
    -------
    OutlinedRisk or None
        None for a single kind.
    """
    counts = pd.Series(np.asarray(kinds)).value_counts()
    if len(counts) < 2:
        return None
    options = {"cells": cells, "permutations": permutations, "seed": seed}
    found = log_relative_risk(points, kinds, window, counts.index[0], **options)
    return OutlinedRisk(**vars(found))
