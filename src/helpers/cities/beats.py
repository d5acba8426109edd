"""The districts layer: today's beats, as the district of each zone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.checks import near

from .areas import refuse_overlaps
from .columns import Columns
from .errors import CityError
from .places import geometries
from .zones_spec import Districts


def districts_of_table(columns: Columns[Districts], zones: pd.DataFrame) -> pd.DataFrame:
    """``zone`` and ``district`` in the order of the zones, from a table of both.

    Raises
    ------
    CityError
        A zone that is not among the zones, is given twice, or has no district.
    """
    zone, district = columns.source("zone"), columns.source("district")
    codes = columns.text(zone, "zone")
    names = columns.text(district, "district")
    columns.unique(codes, zone, "zone")
    strange = ~codes.isin(zones["zone"])
    if strange.any():
        hint = near(codes[strange].iloc[0], zones["zone"]) or ";"
        columns.refuse(
            strange, zone, "is not among the zones" + hint, "correct it or remove the row", " "
        )
    missing = zones["zone"][~zones["zone"].isin(codes)]
    if len(missing):
        raise CityError(
            f"{columns.table.name}: no district for zone {missing.iloc[0]!r} ({len(missing)} of "
            f"{len(zones)} zones have none); add a row for it"
        )
    order = pd.Index(codes).get_indexer(zones["zone"])
    return pd.DataFrame({"zone": zones["zone"].to_numpy(), "district": names.to_numpy()[order]})


def districts_of_polygons(
    columns: Columns[Districts], zones: gpd.GeoDataFrame, crs: pyproj.CRS, *, by_place: bool
) -> tuple[pd.DataFrame, list[str]]:
    """``zone`` and ``district``: the district that covers most of the zone.

    Parameters
    ----------
    columns : Columns
        Rows of one district are its parts.
    zones : GeoDataFrame
    crs : pyproj.CRS
        Of the city.
    by_place : bool
        Whether the zones' polygons are for drawing only, so that the place of each zone (``x``,
        ``y``) says where it lies.

    Returns
    -------
    table : DataFrame
    remarks : list of str
        For how many zones a point inside them lies in another district than most of their ground.

    Raises
    ------
    CityError
        Districts overlap, or a zone lies in none.
    """
    names = columns.text(columns.source("district"), "district")
    shapes = geometries(columns, crs, "polygon")
    whole = gpd.GeoSeries(shapes.to_numpy(), index=names.to_numpy(), crs=crs)
    parts = whole.groupby(level=0, sort=False)
    names = pd.Index(list(parts.groups))
    districts = np.array([shapely.union_all(part.to_numpy()) for _, part in parts])
    refuse_overlaps(names, districts, columns.table.name, "district")
    if by_place:
        inside = _holding(shapely.points(zones["x"], zones["y"]), districts)
        most = inside
    else:
        inside = _holding(shapely.point_on_surface(zones.geometry.to_numpy()), districts)
        most = _covering(zones.geometry.to_numpy(), districts)
    lost = np.flatnonzero(most < 0)
    if len(lost):
        raise CityError(
            f"{columns.table.name}: zone {zones['zone'].iloc[lost[0]]!r} lies in no district "
            f"({len(lost)} of {len(zones)} zones); give the districts of the whole city, or state "
            f"their `crs` in {columns.card}"
        )
    table = pd.DataFrame({"zone": zones["zone"].to_numpy(), "district": names[most].to_numpy()})
    if by_place:
        return table, ["each zone is of the district in which its place lies."]
    other = int((inside != most).sum())
    return table, [
        f"each zone is of the district that covers most of it; a point inside lies in another "
        f"district, or in none, for {other:,} of {len(zones):,} zones ({other / len(zones):.1%})."
    ]


def _holding(points: np.ndarray, districts: np.ndarray) -> np.ndarray:
    """The first district that each point lies in; -1 where there is none."""
    held = np.full(len(points), -1)
    point, district = shapely.STRtree(districts).query(points, predicate="intersects")
    order = np.lexsort((-district, point))
    held[point[order]] = district[order]  # the last written is the first district
    return held


def _covering(zones: np.ndarray, districts: np.ndarray) -> np.ndarray:
    """The district of the greatest overlap with each zone; -1 where there is none."""
    zone, district = shapely.STRtree(districts).query(zones, predicate="intersects")
    common = shapely.area(shapely.intersection(zones[zone], districts[district]))
    most = np.full(len(zones), -1)
    order = np.lexsort((-district, common, zone))
    order = order[common[order] > 0]
    most[zone[order]] = district[order]  # the last written has the greatest overlap
    return most
