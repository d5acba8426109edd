"""Coordinates as files have them: which are none, swapped or remote, and their system."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely

from helpers.checks import per_cent
from helpers.space import is_near, is_no_place, is_on_earth, main_group, utm_zone

from .errors import NewCityError

SCALE_ERROR = 0.005


@dataclass
class Places:
    """Where the rows are.

    Attributes
    ----------
    degrees : ndarray, shape (rows, 2)
        Longitude and latitude; NaN where a row is set aside.
    reasons : ndarray of str
        "" for a sound row, else why it has no place here.
    details : ndarray of str
        What stood there; "" for a sound row.
    mended : ndarray of bool
        Rows whose coordinates were exchanged.
    source : pyproj.CRS
        System of the coordinates.
    x, y : ndarray of float
        Coordinates as the file has them.
    facts : list of str
        What was found.
    """

    degrees: np.ndarray
    reasons: np.ndarray
    details: np.ndarray
    mended: np.ndarray
    source: pyproj.CRS
    x: np.ndarray
    y: np.ndarray
    facts: list[str] = field(default_factory=list)

    def told(self, rows: np.ndarray) -> np.ndarray:
        """What stood in some rows (ndarray of bool), as words; "" elsewhere."""
        details = np.full(len(rows), "", dtype=object)
        for k in np.flatnonzero(rows):
            details[k] = f"({_shown(self.x[k])}, {_shown(self.y[k])})"
        return details


def is_in_degrees(x: np.ndarray, y: np.ndarray) -> float:
    """Share of the coordinates, other than codes for none, that could be degrees."""
    real = np.isfinite(x) & np.isfinite(y) & ~is_no_place(x, y)
    if not real.any():
        return float("nan")
    a, b = np.abs(x[real]), np.abs(y[real])
    return float(((a <= 180) & (b <= 180) & (np.minimum(a, b) <= 90)).mean())


def place_rows(
    x: np.ndarray,
    y: np.ndarray,
    source: pyproj.CRS,
    known: np.ndarray | None = None,
    window: shapely.Geometry | None = None,
) -> Places:
    """Bring coordinates to degrees, and find the rows that have no place.

    A row is remote when it lies more than 100 km from all others of the largest group, or from the
    places already `known` (degrees) where these are given. Of groups none of which holds most, those
    near a `window` (degrees) count.

    Raises
    ------
    NewCityError
        No row has a place, or they lie in several groups of which none holds most.
    """
    count = len(x)
    reasons = np.full(count, "", dtype=object)
    none = is_no_place(x, y)
    reasons[none] = "no_place"
    if none.all() and known is None:
        raise NewCityError("no row has coordinates; choose the columns with --x and --y")
    if source.is_geographic:
        other = ~none & ((np.abs(x) > 180) | (np.abs(y) > 180))
        reasons[other] = "other_system"
    else:
        other = ~none & (np.abs(x) <= 180) & (np.abs(y) <= 180)
        reasons[other] = "other_system"
    degrees = _degrees(x, y, source)
    swapped_degrees = _degrees(y, x, source)
    facts: list[str] = []
    sound = (reasons == "") & is_on_earth(degrees)
    turned = (reasons == "") & is_on_earth(swapped_degrees)
    if turned.sum() > 2 * max(sound.sum(), 1) or (
        source.is_geographic and (np.abs(y[reasons == ""]) > 90).mean() > 0.5
    ):
        degrees, swapped_degrees, sound, turned = swapped_degrees, degrees, turned, sound
        facts.append("x and y are exchanged in the whole file, and were taken the other way round")
    reasons[(reasons == "") & ~sound] = "remote"
    if known is None:
        main, share = main_group(degrees, sound)
    else:
        main, share = is_near(degrees, known) & sound, 1.0
    if share < 0.5 and window is not None:
        main = is_near(degrees, shapely.get_coordinates(shapely.segmentize(window, 0.5))) & sound
        share = 1.0 if main.any() else share
    if share < 0.5:
        raise NewCityError(
            f"the places lie in several groups more than 100 km apart, the largest with {per_cent(share)}; "
            "give the file of one city, or a --boundary"
        )
    reasons[sound & ~main] = "remote"
    mended = (reasons == "remote") & turned
    mended[mended] = is_near(swapped_degrees[mended], degrees[main] if known is None else known)
    degrees[mended] = swapped_degrees[mended]
    reasons[mended] = ""
    # half a pair of coordinates is none
    half = (reasons == "remote") & ((np.abs(x) < 1e-3) | (np.abs(y) < 1e-3))
    reasons[half] = "no_place"
    degrees[reasons != ""] = np.nan
    placed = Places(degrees, reasons, reasons, mended, source, x, y, facts)
    placed.details = placed.told((reasons != "") | mended)
    return placed


def _shown(value: float) -> str:
    return "" if not np.isfinite(value) else f"{value:.10g}"


def _degrees(x: np.ndarray, y: np.ndarray, source: pyproj.CRS) -> np.ndarray:
    if source.is_geographic and (
        source.to_epsg() in (4326, 4979) or source.name.startswith("WGS 84")
    ):
        return np.column_stack([x, y]).astype(float)
    change = pyproj.Transformer.from_crs(source, "EPSG:4326", always_xy=True)
    lon, lat = change.transform(x, y)
    return np.column_stack([lon, lat]).astype(float)


def scale_error(crs: pyproj.CRS, degrees: np.ndarray) -> float:
    """Largest error of a length, as a share, among the places."""
    box = degrees[np.isfinite(degrees).all(axis=1)]
    low, high, mid = (
        np.quantile(box, 0.01, axis=0),
        np.quantile(box, 0.99, axis=0),
        np.median(box, axis=0),
    )
    places = np.array([mid, low, high, (low[0], high[1]), (high[0], low[1])])
    if crs.geodetic_crs is None:
        return float("inf")
    change = pyproj.Transformer.from_crs("EPSG:4326", crs.geodetic_crs, always_xy=True)
    lon, lat = change.transform(places[:, 0], places[:, 1])
    try:
        factors = pyproj.Proj(crs).get_factors(lon, lat, errcheck=True)
    except pyproj.exceptions.ProjError:
        return float("inf")
    scales = np.concatenate([np.ravel(factors.meridional_scale), np.ravel(factors.parallel_scale)])
    return float(np.abs(scales - 1).max()) if np.isfinite(scales).all() else float("inf")


def is_good_for(crs: pyproj.CRS, degrees: np.ndarray) -> bool:
    """Whether a city may be measured in a system: projected, in metres, true to 0.5 %."""
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre" or crs.to_epsg() is None:
        return False
    area, mid = crs.area_of_use, np.nanmedian(degrees, axis=0)
    if (
        area is not None
        and area.west <= area.east
        and not (
            area.west - 1 <= mid[0] <= area.east + 1 and area.south - 1 <= mid[1] <= area.north + 1
        )
    ):
        return False
    return scale_error(crs, degrees) < SCALE_ERROR


def utm_of(degrees: np.ndarray) -> pyproj.CRS:
    """The UTM zone of the middle of the places."""
    return utm_zone(*np.nanmedian(degrees, axis=0))


def city_system(candidates: list[pyproj.CRS], degrees: np.ndarray) -> pyproj.CRS:
    """The system that a city is measured in: one of the files', else the UTM zone."""
    for crs in candidates:
        if is_good_for(crs, degrees):
            return crs
    return utm_of(degrees)


def systems_that_fit(
    x: np.ndarray, y: np.ndarray, window: shapely.Geometry, most: int = 6
) -> list[tuple[float, pyproj.CRS]]:
    """Projected systems in which most coordinates fall into a window given in degrees, best first."""
    from pyproj.aoi import AreaOfInterest
    from pyproj.database import query_crs_info
    from pyproj.enums import PJType

    west, south, east, north = window.bounds
    found = query_crs_info(
        auth_name="EPSG",
        pj_types=PJType.PROJECTED_CRS,
        area_of_interest=AreaOfInterest(west, south, east, north),
        contains=True,
    )
    real = np.flatnonzero(~is_no_place(x, y))
    rows = real[np.unique(np.linspace(0, len(real) - 1, 200).astype(int))]
    shapely.prepare(window)
    fits = []
    for info in found[:800]:
        try:
            crs = pyproj.CRS.from_epsg(int(info.code))
            degrees = _degrees(x[rows], y[rows], crs)
        except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError):
            continue
        share = float(shapely.contains_xy(window, degrees[:, 0], degrees[:, 1]).mean())
        if share > 0.5:
            fits.append((share, crs))
    fits.sort(key=lambda pair: -pair[0])
    return fits[:most]
