"""The districts layer: today's beats, or what stands in for them, as the district of each zone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from helpers.checks import near, per_cent
from helpers.space import short_contacts

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
        f"district, or in none, for {other:,} of {len(zones):,} zones ({per_cent(other / len(zones), 1)})."
    ]


def districts_of_stations(
    zones: gpd.GeoDataFrame, borders: pd.DataFrame, stations: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """``zone`` and ``district``: a stand-in, the station nearest over zones that touch.

    A station stands in the zone whose centre is nearest; each zone goes with the station from which
    the way over centres of touching zones is shortest, so that every district hangs together.

    Parameters
    ----------
    zones : GeoDataFrame
    borders : DataFrame
    stations : GeoDataFrame

    Returns
    -------
    table : DataFrame
    remarks : list of str
        What the districts are, and which stations got no zone.
    """
    code = pd.Index(zones["zone"])
    pairs = np.column_stack([code.get_indexer(borders[side]) for side in ("zone_a", "zone_b")])
    metres = borders["shared_km"].to_numpy(dtype=float) * 1000.0
    apart, _ = short_contacts(len(zones), pairs, metres, zones["perimeter_km"].to_numpy() * 1000.0)
    pairs = pairs[(borders["contact"].to_numpy() == "rook") & ~apart]
    centre = zones[["x", "y"]].to_numpy(dtype=float)
    post = np.column_stack([stations.geometry.x, stations.geometry.y])
    to_post = np.hypot(*(centre[:, None, :] - post[None, :, :]).transpose(2, 0, 1))
    # a step of no length would be no step
    steps = np.maximum(np.hypot(*(centre[pairs[:, 0]] - centre[pairs[:, 1]]).T), 1e-6)
    graph = coo_array((steps, (pairs[:, 0], pairs[:, 1])), shape=(len(zones),) * 2).tocsr()
    home = to_post.argmin(axis=0)
    way = dijkstra(graph, directed=False, indices=home) + to_post[home, range(len(home))][:, None]
    # where no way leads, as the crow flies
    nearest = np.where(np.isfinite(way).any(axis=0), way.argmin(axis=0), to_post.argmin(axis=1))
    names = stations["station"].astype(str).to_numpy()
    table = pd.DataFrame({"zone": zones["zone"].to_numpy(), "district": names[nearest]})
    idle = [name for name in names if name not in set(names[nearest])]
    told = ["the districts are a stand-in: each zone goes with the nearest station over the zones."]
    if idle:
        told.append(f"no zone is nearest to {', '.join(idle)}.")
    return table, told


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
