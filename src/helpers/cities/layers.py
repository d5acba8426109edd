"""Build each layer of a city from its files and from other layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.cities import areas, contacts, images, performance, points, streets, window
from helpers.cities.columns import Columns
from helpers.cities.errors import CityError
from helpers.cities.folders import CARD, file_inside
from helpers.cities.places import projected_crs
from helpers.sources import Table, read_table, sha256_of
from helpers.space import borders_from_polygons, schematic_zones, study_area, voronoi_zones

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.cities.city import City

_KM2 = {"km²": 1.0, "ha": 0.01}


def layer(city: City, name: str) -> pd.DataFrame:
    """The layer `name` of a city, kept on the city once it is built."""
    return _once(city, name, lambda: _BUILDERS[name](city))


def verify(city: City, path: Path, name: str) -> None:
    """Compare a file with the hash that city.yml states for it, if it states one."""
    stated = city.card.files.get(name)
    if stated is None:
        return
    if not path.is_file():
        raise CityError(
            f"{city.name}/{name}: no such file; put it there or correct its name in {CARD}"
        )
    found = sha256_of(path)
    if found != stated:
        raise CityError(
            f"{city.name}/{name} has changed: its sha256 begins with {found[:12]} but {CARD} says "
            f"{stated[:12]}; put the original back, or state the new hash under files ({found})"
        )


def _once(city: City, key: str, build: Callable[[], Any]) -> Any:
    if key not in city._kept:
        city._kept[key] = build()
    return city._kept[key]


def _crs(city: City) -> pyproj.CRS:
    return _once(city, "crs", lambda: projected_crs(city.name, city.crs))


def _columns(city: City, name: str) -> Columns:
    """Table of a layer with its description."""

    def read() -> Columns:
        spec = city.layers[name]
        _crs(city)  # a city without a sound system is refused before any file is read
        table = _table(city, spec.files, spec)
        return Columns(table, spec, f"{city.name}/{CARD}, layers.{name}")

    return _once(city, f"{name}: columns", read)


def _table(city: City, names: tuple[str, ...], spec: Any) -> Table:
    paths = []
    for name in names:
        path = file_inside(city.folder, name, "a layer")
        if path.exists():
            verify(city, path, name)
        paths.append(path)
    return read_table(
        paths,
        form=getattr(spec, "format", None),
        encoding=getattr(spec, "encoding", None),
        delimiter=getattr(spec, "delimiter", None),
        layer=spec.layer,
        shown_from=city.folder.parent,
    )


def _stated_events(city: City) -> gpd.GeoDataFrame:
    """Events as the file has them, before they meet the boundary or the zones."""

    def read() -> gpd.GeoDataFrame:
        events, remarks = points.read_events(_columns(city, "events"), _crs(city))
        city._kept["events: remarks"] = remarks
        return events

    return _once(city, "events: stated", read)


def _events(city: City) -> gpd.GeoDataFrame:
    columns, events = _columns(city, "events"), _stated_events(city)
    remarks = list(city._kept["events: remarks"])
    if city.has("boundary") and city.card.layers.boundary.derive != "study_area":
        boundary = layer(city, "boundary").geometry.iloc[0]
        events, told = points.inside_boundary(events, columns, boundary)
        remarks += told
    if "zone" in events and city.has("zones"):
        events, told = points.of_known_zones(events, columns, _zone_table(city)["zone"])
        remarks += told
    city._kept["events: remarks"] = remarks
    return events.reset_index(drop=True)


def _boundary(city: City) -> gpd.GeoDataFrame:
    spec = city.card.layers.boundary
    if spec.derive is None:
        return window.read_boundary(_columns(city, "boundary"), _crs(city))
    if spec.derive == "zones":
        return window.one_row(shapely.union_all(_polygons(city)), _crs(city))
    field = city.fields()[spec.area_field]
    area = float(_zone_table(city)[spec.area_field].sum()) * _KM2[field.unit] * 1e6
    places = _stated_events(city).get_coordinates().to_numpy()
    return city.keep(
        "boundary",
        ["study_area", *_derivation_inputs(city)],
        lambda: window.one_row(_told(city, "boundary", study_area, places, area), _crs(city)),
    )


def _derivation_inputs(city: City) -> list[str]:
    """Hashes of the files, and of the description, that derived polygons follow from."""
    names = [*city.layers["events"].files, *city.layers["zones"].files]
    boundary = city.card.layers.boundary
    names += boundary.files
    hashes = [sha256_of(city.folder / name) for name in names]
    specs = [city.layers[name].model_dump_json() for name in ("events", "boundary", "zones")]
    return [*hashes, *specs, city.crs]


def _zone_table(city: City) -> pd.DataFrame:
    return _once(
        city,
        "zones: table",
        lambda: areas.read_zone_table(_columns(city, "zones"), _crs(city)),
    )


def _polygons(city: City) -> np.ndarray:
    """Polygons of the zones, in their order."""
    return _once(city, "zones: polygons", lambda: _draw(city))


def _draw(city: City) -> np.ndarray:
    table, crs = _zone_table(city), _crs(city)
    drawn = city._drawn()
    if drawn == "file":
        return _polygons_of_files(city, table)
    if drawn == "schematic":
        key, inputs = "schematic", [table.to_json(), city.crs]
    else:
        key, inputs = "voronoi", _derivation_inputs(city)

    def compute() -> gpd.GeoDataFrame:
        draw = _schematic if drawn == "schematic" else _voronoi
        return gpd.GeoDataFrame({"zone": table["zone"]}, geometry=draw(city), crs=crs)

    stored = city.keep("zones", [key, *inputs], compute)
    return stored.geometry.to_numpy()


def _polygons_of_files(city: City, table: pd.DataFrame) -> np.ndarray:
    spec, crs = city.card.layers.zones, _crs(city)
    if spec.geometry is not None:
        whole = _table(city, (spec.geometry.file,), spec.geometry)
        plain = spec.model_copy(update={"columns": {}, "crs": None})
        columns = Columns(whole, plain, f"{city.name}/{CARD}, layers.zones.geometry")
        shapes = areas.polygons_of_file(columns, crs, spec.geometry.key, table["zone"])
    else:
        columns = _columns(city, "zones")
        shapes = areas.own_polygons(columns, crs)
    areas.refuse_overlaps(table["zone"], shapes, columns.table.name)
    return shapes


def _voronoi(city: City) -> np.ndarray:
    table, events = _zone_table(city), _stated_events(city)
    if "zone" not in events:
        raise CityError(
            f"{city.name}/{CARD}, layers.zones.geometry: `derive: voronoi` needs the zone of each "
            "event; map zone under layers.events.columns"
        )
    boundary = layer(city, "boundary").geometry.iloc[0]
    places = events.get_coordinates().to_numpy()
    centroids = table[["x", "y"]].to_numpy() if "x" in table else None
    arguments = (places, events["zone"], table["zone"], boundary, centroids)
    return _told(city, "zones", voronoi_zones, *arguments)


def _schematic(city: City) -> np.ndarray:
    table = _zone_table(city)
    for name in ("x", "area_km2"):
        if name not in table:
            raise CityError(
                f"{city.name}: the zones have no polygons, so a schematic map needs {name}; map it "
                "under layers.zones.columns, or give polygons"
            )
    places, area = table[["x", "y"]].to_numpy(), table["area_km2"].to_numpy() * 1e6
    return _told(city, "zones", schematic_zones, places, area)


def _told(city: City, name: str, draw: Callable, *arguments: Any) -> Any:
    """Call a function of `space`, its errors told as the city's."""
    try:
        return draw(*arguments)
    except ValueError as error:
        raise CityError(f"{city.name}/{CARD}, layers.{name}: {error}") from None


def _zones(city: City) -> gpd.GeoDataFrame:
    table, crs, shapes = _zone_table(city), _crs(city), _polygons(city)
    if city._drawn() == "schematic":
        # figures come from the table; the polygons are there for drawing only
        zones = gpd.GeoDataFrame(table, geometry=shapes, crs=crs)
    else:
        zones = areas.with_polygons(table, shapes, crs, city.name)
    for name, field in city.fields().items():
        if field.count:
            zones[name] = areas.counted(zones, layer(city, "events"), field)
    for name, field in city.fields().items():
        if field.ratio:
            zones[name] = areas.divided(zones, name, field)
    first = ["zone", "name", "group", "area_km2", "perimeter_km", "x", "y"]
    first = [name for name in first if name in zones]
    fields = [name for name in city.fields() if name not in first]
    rest = [name for name in zones if name not in {*first, *fields, "geometry"}]
    return zones[[*first, *fields, *rest, "geometry"]]


def _borders(city: City) -> pd.DataFrame:
    spec, zones = city.card.layers.borders, layer(city, "zones")
    where = f"{city.name}/{CARD}, layers.borders"
    if spec.derive:
        shapes = zones.geometry.to_numpy()
        borders = _told(city, "borders", borders_from_polygons, zones["zone"], shapes)
    else:
        borders = contacts.read_borders(_columns(city, "borders"), zones)
    contacts.refuse_disconnected(where, spec, borders, zones)
    return borders


def _stations(city: City) -> gpd.GeoDataFrame:
    return points.read_posts(_columns(city, "stations"), _crs(city), "station")


def _patrols(city: City) -> gpd.GeoDataFrame:
    return points.read_posts(_columns(city, "patrols"), _crs(city), "patrol")


def _streets(city: City) -> gpd.GeoDataFrame:
    return streets.read_streets(_columns(city, "streets"), _crs(city))


def _criteria(city: City) -> pd.DataFrame:
    spec = city.card.layers.criteria
    if spec.derive:
        where = f"{city.name}/{CARD}, layers.criteria"
        return performance.criteria_of_zones(spec, layer(city, "zones"), where)
    return performance.read_criteria(_columns(city, "criteria"))


def _map_layers(city: City) -> pd.DataFrame:
    return images.read_map_layers(_columns(city, "map_layers"), city.folder)


_BUILDERS: dict[str, Callable[[City], pd.DataFrame]] = {
    "events": _events,
    "boundary": _boundary,
    "stations": _stations,
    "patrols": _patrols,
    "streets": _streets,
    "zones": _zones,
    "borders": _borders,
    "criteria": _criteria,
    "map_layers": _map_layers,
}
