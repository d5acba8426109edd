"""Projected systems of coordinates: how true their lengths are at a place, and the UTM zone there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyproj

MOST_SCALE_ERROR = 0.005
"""Largest relative error of lengths at a city's middle, on average over all directions."""

MOST_IN_ONE_DIRECTION = 0.01
"""Largest relative error of a length there in any one direction, as equal-area systems have it."""


def scale_error(crs: str | pyproj.CRS, bounds: Sequence[float], steps: int = 5) -> float:
    r"""The largest relative error of a length that a projected system makes within a box.

    At each place of a lattice the axes :math:`a \ge b` of Tissot's indicatrix bound the scale of
    all directions:

    .. math:: \max(|a - 1|, |b - 1|)

    Parameters
    ----------
    crs : str or pyproj.CRS
        Projected.
    bounds : (xmin, ymin, xmax, ymax)
        In its unit.
    steps : int
        Places of the lattice along each side.

    Returns
    -------
    float
        NaN where the system has no inverse there.

    Notes
    -----
    Snyder, J. P. (1987), Map projections: a working manual, chapter 4; PROJ's ``proj_factors``.

    Examples
    --------
    >>> round(scale_error("EPSG:32632", (499_000, 5_000_000, 501_000, 5_001_000)), 6)
    0.0004
    """
    system = pyproj.CRS.from_user_input(crs)
    xmin, ymin, xmax, ymax = bounds
    x, y = np.meshgrid(np.linspace(xmin, xmax, steps), np.linspace(ymin, ymax, steps))
    projection = pyproj.Proj(system)
    longitude, latitude = projection(x.ravel(), y.ravel(), inverse=True)
    if not np.isfinite(longitude).all():
        return float("nan")
    factors = projection.get_factors(longitude, latitude)
    axes = np.stack([factors.tissot_semimajor, factors.tissot_semiminor])
    return float(np.abs(axes - 1).max())


def is_true_at(crs: str | pyproj.CRS, x: float, y: float) -> tuple[bool, float]:
    r"""Whether lengths are true enough at a place, and the mean relative error of its directions.

    The mean is taken to be :math:`\sqrt{a b} - 1` with the axes of Tissot's indicatrix: the side
    of a square of the same area.  Accepted are 0.5 % of it and 1 % in any one direction.

    Parameters
    ----------
    crs : str or pyproj.CRS
        Projected.
    x, y : float
        In its unit.

    Examples
    --------
    >>> is_true_at("EPSG:3857", 0.0, 7_000_000.0)[0], is_true_at("EPSG:32632", 5e5, 5e6)[0]
    (False, True)
    """
    projection = pyproj.Proj(pyproj.CRS.from_user_input(crs))
    factors = projection.get_factors(*projection(x, y, inverse=True))
    a, b = float(factors.tissot_semimajor), float(factors.tissot_semiminor)
    mean = float(np.sqrt(a * b) - 1)
    far = max(abs(a - 1), abs(b - 1))
    wrong = abs(mean) > MOST_SCALE_ERROR or far > MOST_IN_ONE_DIRECTION
    return not wrong, mean


def utm_zone(longitude: float, latitude: float) -> pyproj.CRS:
    """The UTM zone of a place, in degrees of WGS 84.

    Examples
    --------
    >>> utm_zone(-77.1, -12.1).to_string()
    'EPSG:32718'
    """
    zone = int(np.clip(np.floor((longitude + 180) / 6) + 1, 1, 60))
    return pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def degrees_words(lon: float, lat: float) -> str:
    """Where a place lies, as a person reads it.

    Parameters
    ----------
    lon, lat : float
        Longitude and latitude, degrees.

    Examples
    --------
    >>> degrees_words(-8.13, 51.6349)
    '8.13° W, 51.63° N'
    """
    east, north = "E" if lon >= 0 else "W", "N" if lat >= 0 else "S"
    return f"{abs(lon):.2f}° {east}, {abs(lat):.2f}° {north}"
