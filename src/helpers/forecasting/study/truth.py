"""What a simulated city's own rates say: the best forecast that there can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..cells import Cells
from ..truth import disc_shares

TRUTH = "the truth (best on average)"
"""Name of the forecast by the rates behind simulated events."""

RADIUS_DEGREES = 4.585156e-3
"""Radius of the Matérn process that the San Miguel paper prints (V), degrees: the events that
stand in for the paper's are simulated with it."""

LEAST_RATE = 1e-9
"""Of a kind where no disc reaches: a probability cannot be zero."""

LEAST_COUNT = 1e-6
"""Expected events of a cell that no disc reaches."""


@dataclass(frozen=True)
class SimulatedRates:
    """Rates of a simulated cluster process: even in the disc around each parent.

    Attributes
    ----------
    parents : (m, 2) array
        Metres.
    radius : float
        Of the discs, metres.
    rates : pandas.DataFrame
        Expected events of each parent (row) and kind (column) in the period.
    """

    parents: np.ndarray
    radius: float
    rates: pd.DataFrame

    def kind_shares(self, places: Any) -> np.ndarray:
        """Probability of each kind at each place, shape (n, kinds): rates of the discs over it.

        Parameters
        ----------
        places : (n, 2) array
            Metres.
        """
        from scipy.spatial.distance import cdist

        near = cdist(np.asarray(places, dtype=float), self.parents) <= self.radius
        found = np.maximum(near @ self.rates.to_numpy(), LEAST_RATE)
        return found / found.sum(axis=1, keepdims=True)

    def cell_rates(self, cells: Cells) -> np.ndarray:
        """Expected events of all kinds in each cell, shape (cells,); zero outside."""
        discs = disc_shares(cells, self.parents, self.radius)
        total = self.rates.sum(axis=1).to_numpy()
        return np.maximum(total @ discs, LEAST_COUNT) * cells.inside


def simulated_rates(
    months: pd.DataFrame | None, parents: pd.DataFrame | None, future: pd.DataFrame, kinds: Any
) -> SimulatedRates | None:
    """The rates behind simulated events, for the months of the events to be forecast.

    Parameters
    ----------
    months : pandas.DataFrame or None
        ``parent, month`` (2019-01 …) and one column a kind: expected events.
    parents : pandas.DataFrame or None
        ``parent, lon, lat`` (degrees) and ``x, y`` (metres).
    future : pandas.DataFrame
        From `event_table`.
    kinds : sequence of str
        Those that forecasts know, in their order.

    Returns
    -------
    SimulatedRates or None
        None where the rates are not known, as for every real city.
    """
    if months is None or parents is None:
        return None
    from pyproj import Geod

    parents = parents.set_index("parent")
    middle = parents[["lon", "lat"]].mean()
    ends = [middle["lat"] - 0.5, middle["lat"] + 0.5]
    degree = Geod(ellps="WGS84").line_length([middle["lon"]] * 2, ends)
    months = months[months["month"].isin(future["time"].dt.strftime("%Y-%m"))]
    rates = months.groupby("parent")[list(kinds)].sum().loc[parents.index]
    return SimulatedRates(parents[["x", "y"]].to_numpy(), RADIUS_DEGREES * degree, rates)
