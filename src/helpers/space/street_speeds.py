"""Speeds of streets that state none, by their class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.checks import positive

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["CLASS_SPEEDS", "with_speeds"]

# Assumed, not measured: km/h over a whole way, crossings and turns included, so below the limits.
CLASS_SPEEDS = {
    "motorway": 90.0,
    "trunk": 70.0,
    "primary": 45.0,
    "secondary": 40.0,
    "tertiary": 35.0,
    "unclassified": 30.0,
    "residential": 25.0,
    "service": 15.0,
    "living_street": 10.0,
    "track": 15.0,
}


def with_speeds(streets: gpd.GeoDataFrame, speed: float = 30.0) -> gpd.GeoDataFrame:
    """The streets with a speed each: its own, else that of its class, else `speed`.

    A link (``primary_link``) is driven as what it leads to.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines, with ``speed_kmh`` and ``class`` where they are known.
    speed : float
        km/h where neither says anything.

    Returns
    -------
    GeoDataFrame
        The same rows with ``speed_kmh`` everywhere, and ``speed_from``: ``stated``, ``class`` or
        ``assumed``.

    Raises
    ------
    ValueError
        A speed that is not positive.

    Examples
    --------
    >>> import geopandas as gpd
    >>> streets = gpd.GeoDataFrame({"speed_kmh": [50.0, None, None]})
    >>> streets["class"] = ["residential", "primary_link", "path"]
    >>> with_speeds(streets, 20)["speed_kmh"].tolist()
    [50.0, 45.0, 20.0]
    """
    positive(speed, "speed", "km/h")
    count = len(streets)
    own = np.asarray(streets.get("speed_kmh", np.full(count, np.nan)), dtype=float)
    if (own <= 0).any():
        raise ValueError("a speed of the streets is not above zero; mend it or leave it empty.")
    words = streets.get("class")
    named = (
        np.full(count, np.nan)
        if words is None
        else words.astype(str).str.removesuffix("_link").map(CLASS_SPEEDS).to_numpy(float)
    )
    told = np.where(np.isfinite(own), own, np.where(np.isfinite(named), named, speed))
    origin = np.where(np.isfinite(own), "stated", np.where(np.isfinite(named), "class", "assumed"))
    return streets.assign(speed_kmh=told, speed_from=origin)
