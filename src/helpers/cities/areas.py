"""The zones layer: areal units, their numeric fields and polygons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.checks import near, per_cent

from .columns import Columns
from .errors import CityError, stated
from .places import geometries
from .zones_spec import ZoneField, Zones

if TYPE_CHECKING:
    from helpers.sources import Table

_AREA_SLACK = 0.05  # published areas are measured on finer outlines than maps ship
_OVERLAP = 0.01  # of the smaller polygon; less is the noise of generalised outlines
_MEASURES = ("area_km2", "perimeter_km")


def read_zone_table(columns: Columns[Zones], crs: pyproj.CRS) -> pd.DataFrame:
    """What the zones' file says: codes, names, groups, measures, places and stated fields."""
    spec = columns.spec
    zone = columns.source("zone")
    data = {"zone": columns.text(zone, "zone")}
    columns.unique(data["zone"], zone, "zone")
    data["name"] = (
        columns.text(columns.source("name"), "name") if columns.has("name") else data["zone"]
    )
    if "group" in spec.columns:
        data["group"] = columns.text(columns.source("group"), "group")
    for measure in _MEASURES:
        if columns.has(measure):
            name = columns.source(measure)
            values = columns.numbers(name, measure).astype(float)
            columns.refuse(values <= 0, name, "is not above zero", f"write the {measure}")
            data[measure] = values
    if "x" in spec.columns:
        # places are points even where the file holds polygons too
        place = Columns(_without_geometry(columns.table), spec, columns.card)
        points = geometries(place, crs, "point")
        data["x"], data["y"] = points.x.to_numpy(), points.y.to_numpy()
    for name, field in spec.fields.items():
        if field.column is None:
            continue
        data[name] = columns.numbers(field.column, field.label, negative=field.negative)
        if field.status_column:
            data[f"{name}_status"] = _statuses(columns, field.status_column, spec.statuses)
    for name in spec.extra:
        data[name] = columns.raw(name, "`extra`")
    return pd.DataFrame(data)


def _without_geometry(table: Table) -> Table:
    return replace(table, frame=pd.DataFrame(table.frame))


def _statuses(columns: Columns, name: str, known: dict[str, str]) -> pd.Series:
    words = columns.text(name, "status")
    if known:
        strange = ~words.isin(list(known))
        if strange.any():
            hint = near(words[strange].iloc[0], known) or ";"
            columns.refuse(
                strange,
                name,
                "is no stated status" + hint,
                "explain it under zones.statuses",
                " ",
            )
    return words


def own_polygons(columns: Columns[Zones], crs: pyproj.CRS) -> np.ndarray:
    """Polygons that the zones' own file holds, in its order."""
    names = {key: name for key, name in columns.spec.columns.items() if key not in ("x", "y")}
    spec = columns.spec.model_copy(update={"columns": names})
    return geometries(replace(columns, spec=spec), crs, "polygon").to_numpy()


def polygons_of_file(columns: Columns, crs: pyproj.CRS, key: str, zones: pd.Series) -> np.ndarray:
    """Polygons of a separate file in the order of the zones.

    Raises
    ------
    CityError
        A zone without polygon, a polygon of no zone, or a code given twice.
    """
    codes = columns.text(key, "zone")
    columns.unique(codes, key, "zone")
    shapes = geometries(columns, crs, "polygon")
    strange = ~codes.isin(zones)
    if strange.any():
        hint = near(codes[strange].iloc[0], zones) or ";"
        columns.refuse(
            strange, key, "is not among the zones" + hint, "correct it or remove the feature", " "
        )
    missing = zones[~zones.isin(codes)]
    if len(missing):
        raise CityError(
            f"{columns.table.name}: no polygon for zone {missing.iloc[0]!r} ({len(missing)} of "
            f"{len(zones)} zones have none); add it or remove the zone"
        )
    order = pd.Index(codes).get_indexer(zones)
    return shapes.to_numpy()[order]


def with_polygons(
    table: pd.DataFrame,
    shapes: np.ndarray,
    crs: pyproj.CRS,
    where: str,
    *,
    derived: bool = False,
) -> gpd.GeoDataFrame:
    """Zones with polygons; measures that the table lacks are taken from them.

    Polygons that are derived need not have the areas that the table states: those are published.

    Raises
    ------
    CityError
        A stated area and its polygon differ by more than 5 %, or two polygons overlap.
    """
    zones = table.copy()
    area = shapely.area(shapes) / 1e6
    if "area_km2" in zones:
        off = np.abs(area / zones["area_km2"] - 1)
        if (off > _AREA_SLACK).any() and not derived:
            k = int(off.argmax())
            raise CityError(
                f"{where}: zone {zones['zone'][k]!r} has {zones['area_km2'][k]:.3f} km² in the table "
                f"but a polygon of {area[k]:.3f} km²; check the unit and that the polygon is its own"
            )
    else:
        zones["area_km2"] = area
    if "perimeter_km" not in zones:
        zones["perimeter_km"] = shapely.length(shapes) / 1e3
    if "x" not in zones:
        centroids = shapely.centroid(shapes)
        zones["x"], zones["y"] = shapely.get_x(centroids), shapely.get_y(centroids)
    return gpd.GeoDataFrame(zones, geometry=shapes, crs=crs)


def refuse_overlaps(
    names: pd.Series | pd.Index, shapes: np.ndarray, where: str, what: str = "zone"
) -> None:
    """Refuse polygons that cover the same ground."""
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    share = common / np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    if (share > _OVERLAP).any():
        k = int(share.argmax())
        a, b = np.asarray(names)[[first[k], second[k]]]
        raise CityError(
            f"{where}: the polygons of {what}s {a!r} and {b!r} overlap ({per_cent(share[k])} of the "
            f"smaller); correct the outlines, each place belongs to one {what}"
        )


def counted(
    zones: pd.DataFrame, events: gpd.GeoDataFrame, field: ZoneField, where: str
) -> np.ndarray:
    """Number of events in each zone: by the events' zone code, else by place."""
    if field.kinds:
        kinds = set(events["kind"])
        for kind in field.kinds:
            if kind not in kinds:
                raise CityError(
                    f"{where}: {field.label!r} counts the kind {kind!r}, of which there is no event"
                    f"{near(kind, kinds) or ';'} correct its kinds"
                )
        events = events[events["kind"].isin(field.kinds)]
    if "zone" in events:
        count = events["zone"].value_counts()
        return zones["zone"].map(count).fillna(0).astype("int64").to_numpy()
    tree = shapely.STRtree(zones.geometry.to_numpy())
    event, zone = tree.query(events.geometry.to_numpy(), predicate="intersects")
    # an event on a border counts once, in the first of its zones
    _, first = np.unique(event, return_index=True)
    return np.bincount(zone[first], minlength=len(zones))


def divided(zones: pd.DataFrame, field: ZoneField, where: str) -> pd.Series:
    """Quotient of two fields times the scale."""
    above, below = stated(field.ratio, f"{where}.ratio")
    zero = zones[below].eq(0)
    if zero.any():
        raise CityError(
            f"{where}: zone {zones['zone'][zero].iloc[0]!r} has {below} 0, so {above} / {below} has "
            f"no value there ({zero.sum()} such zones); leave the field or the zone out"
        )
    return zones[above] / zones[below] * field.scale
