"""Systems of coordinates that a person names, and where a place lies in words."""

from __future__ import annotations

import numpy as np
import pyproj

from helpers.space import degrees_words

from .errors import NewCityError


def known_crs(text: str) -> pyproj.CRS:
    """The system that ``--crs`` names.

    Raises
    ------
    NewCityError
        There is none of that name, or it is no system of places on the ground.
    """
    try:
        crs = pyproj.CRS.from_user_input(text if ":" in text else f"EPSG:{text}")
    except pyproj.exceptions.CRSError:
        raise NewCityError(
            f"--crs {text} is no known system; look its number up at epsg.org"
        ) from None
    if not (crs.is_geographic or crs.is_projected) or len(crs.axis_info) < 2:
        raise NewCityError(f"--crs {text} ({crs.name}) is no system of places on the ground")
    return crs


def outside_its_area(crs: pyproj.CRS, degrees: np.ndarray, slack: float = 3.0) -> str:
    """Why the middle of some places lies where a system is not made for; "" where it does not.

    Parameters
    ----------
    crs : CRS
    degrees : ndarray, shape (n, 2)
        Longitude and latitude; rows of NaN are left alone.
    slack : float
        Degrees beyond the system's area of use, as neighbours of a zone of UTM take it too.
    """
    area = crs.area_of_use
    if area is None or area.west >= area.east or not np.isfinite(degrees).any():
        return ""
    lon, lat = np.nanmedian(degrees, axis=0)
    if (
        area.west - slack <= lon <= area.east + slack
        and area.south - slack <= lat <= area.north + slack
    ):
        return ""
    return (
        f"the middle of the rows lies at {degrees_words(lon, lat)}, outside the area that {crs.to_string()} "
        f"({crs.name}) is made for ({degrees_words(area.west, area.south)} to "
        f"{degrees_words(area.east, area.north)})"
    )
