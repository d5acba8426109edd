"""Distances between demand and candidate sites that are computed when asked for, never stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from helpers.checks import one_of

__all__ = ["PlanarDistance"]

_METRICS = {"euclidean": "euclidean", "manhattan": "cityblock"}


@dataclass(frozen=True, eq=False)
class PlanarDistance:
    r"""Straight-line or Manhattan distances from coordinates, without the n × m matrix.

    .. math::

        \text{euclidean: } d_{ij} = \sqrt{(x_i - x_j)^2 + (y_i - y_j)^2}, \qquad
        \text{manhattan: } d_{ij} = |x_i - x_j| + |y_i - y_j|

    in the unit of the coordinates (metres in a projected CRS).

    Parameters
    ----------
    demand_xy : (n, 2) array
        Coordinates of the demand nodes.
    site_xy : (m, 2) array, optional
        Coordinates of the candidate sites; the demand nodes themselves by default.
    metric : {"euclidean", "manhattan"}

    Raises
    ------
    ValueError
        If the coordinates are not finite pairs or the metric has another name.

    Examples
    --------
    >>> d = PlanarDistance([[0, 0], [3, 4]])
    >>> d.shape, float(d.columns([1])[0, 0])
    ((2, 2), 5.0)
    """

    demand_xy: np.ndarray
    site_xy: np.ndarray | None = None
    metric: str = "euclidean"

    def __post_init__(self) -> None:
        object.__setattr__(self, "demand_xy", _coordinates(self.demand_xy, "demand"))
        sites = self.demand_xy if self.site_xy is None else _coordinates(self.site_xy, "site")
        object.__setattr__(self, "site_xy", sites)
        one_of(self.metric, "metric", sorted(_METRICS))

    @property
    def shape(self) -> tuple[int, int]:
        """Number of demand nodes and of candidate sites."""
        return len(self.demand_xy), len(self.site_xy)

    def columns(self, sites, rows=slice(None)) -> np.ndarray:
        """Distances from the demand nodes `rows` to the candidate `sites`, (rows, sites)."""
        return cdist(self.demand_xy[rows], self.site_xy[np.asarray(sites)], _METRICS[self.metric])

    def rows(self, sites, rows=slice(None)) -> np.ndarray:
        """The transpose of `columns`, contiguous along the demand nodes, (sites, rows)."""
        return cdist(self.site_xy[np.asarray(sites)], self.demand_xy[rows], _METRICS[self.metric])


def _coordinates(values, what: str) -> np.ndarray:
    xy = np.ascontiguousarray(values, dtype=float)
    if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) == 0:
        raise ValueError(
            f"{what} coordinates have shape {xy.shape}; pass an array of shape (n, 2)."
        )
    if not np.isfinite(xy).all():
        row = int(np.flatnonzero(~np.isfinite(xy).all(axis=1))[0])
        raise ValueError(f"{what} coordinates of row {row} are not finite; drop or mend that row.")
    return xy
