"""Build each layer of a city from its files and from other layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.sources import Table, read_table, sha256_of
from helpers.space import (
    borders_from_polygons,
    event_hull,
    schematic_zones,
    study_area,
    unmatched_borders,
    voronoi_zones,
)

from . import areas, beats, contacts, images, performance, points, streets, window
from .aside import Aside
from .card import Card
from .columns import Columns
from .errors import CityError, stated
from .events_spec import Events
from .folders import CARD, file_inside, verified
from .keeping import Keep
from .layer_spec import LayerSpec
from .places import projected_crs, refuse_untrue
from .rows import Rows
from .zones_spec import ZoneField, ZoneGeometry, Zones

Spec = TypeVar("Spec", bound=LayerSpec)
Read = TypeVar("Read")

_OF_EVENTS = ("study_area", "events")  # ways to draw a boundary around the events
_PLACED = ("boundary", "events", "zones")  # layers that tell where the city is
_KM2 = {"km²": 1.0, "ha": 0.01}


def _once(read: Callable[[LayerReader], Read]) -> cached_property[Read]:
    """What is read once, unless it is handed on by who read it before."""

    @wraps(read)
    def handed_or_read(reader: LayerReader) -> Read:
        known = reader.handed(read.__name__)
        return read(reader) if known is None else known

    return cached_property(handed_or_read)


@dataclass(frozen=True)
class LayerReader:
    """Reads the layers of a city, each once, when it is first asked for.

    Every layer is a property of its name; those that need another ask for it, so that the order
    follows from what is needed.

    Attributes
    ----------
    folder : Path
        The city's folder.
    name : str
        The city's name, as messages and outputs carry it.
    card : Card
        What city.yml says.
    keep : callable
        ``keep(name, inputs, compute)`` gives a derived layer, as in `load_city`.
    handed : callable
        ``handed(name)`` gives what was read before under that name of a property here, or None.
    """

    folder: Path
    name: str
    card: Card
    keep: Keep
    handed: Callable[[str], Any]

    def layer(self, name: str) -> pd.DataFrame:
        """The layer `name`, which the card must state; the reader's own frame, not a copy."""
        frame = getattr(self, name)
        if name in _PLACED and not (name == "zones" and self._zone_spec.outlines == "schematic"):
            refuse_untrue(self.name, self._crs, frame.total_bounds)
        return frame

    def remarks(self, name: str) -> list[str]:
        """What was left out of a layer because the card says so, in sentences."""
        if name == "events":
            aside = self._events_and_aside[1]
            told = [*aside.remarks, self._lost_events(), aside.rows().sentence()]
            return [f"{sentence}." for sentence in told if sentence]
        if name == "districts":
            return list(self._districts_and_remarks[1])
        spec = self.card.layers.boundary
        if name == "boundary" and spec and spec.derive == "events":
            area = self.boundary.area.sum() / 1e6
            return [
                f"the boundary is a hull around the events with a margin, {area:,.1f} km², not an "
                "administrative border."
            ]
        return []

    def rows(self) -> Rows:
        """Where the rows of the events went."""
        return self._events_and_aside[1].rows()

    @_once
    def first_of_row(self) -> np.ndarray:
        """Of each event whether it is the first of its row, which may stand for several."""
        return self._events_and_aside[2]

    @_once
    def events(self) -> gpd.GeoDataFrame:
        """Recorded crimes, inside the boundary and of known zones."""
        return self._events_and_aside[0]

    @_once
    def boundary(self) -> gpd.GeoDataFrame:
        """The study window as one row."""
        spec = stated(self.card.layers.boundary, self._where("boundary"))
        if spec.derive is None:
            return window.read_boundary(self._columns("boundary", spec), self._crs)
        if spec.derive == "zones":
            return window.one_row(shapely.union_all(self._polygons), self._crs)
        if spec.derive == "events":
            places = self._stated_events[0].get_coordinates().to_numpy()
            events = stated(self.card.layers.events, self._where("events"))
            hashes = [sha256_of(file_inside(self.folder, name, "a layer")) for name in events.files]
            return self.keep(
                "boundary",
                ["events", *hashes, events.model_dump_json(), self.card.crs],
                lambda: window.one_row(self._told("boundary", event_hull, places)[0], self._crs),
            )
        name = stated(spec.area_field, self._where("boundary.area_field"))
        area = float(self._zone_table[name].sum()) * _KM2[self._fields[name].unit] * 1e6
        places = self._stated_events[0].get_coordinates().to_numpy()
        return self.keep(
            "boundary",
            ["study_area", *self._derivation_inputs()],
            lambda: window.one_row(self._told("boundary", study_area, places, area), self._crs),
        )

    @_once
    def stations(self) -> gpd.GeoDataFrame:
        """Police stations."""
        return points.read_posts(
            self._columns("stations", self.card.layers.stations), self._crs, "station"
        )

    @_once
    def patrols(self) -> gpd.GeoDataFrame:
        """Current patrol posts."""
        return points.read_posts(
            self._columns("patrols", self.card.layers.patrols), self._crs, "patrol"
        )

    @_once
    def streets(self) -> gpd.GeoDataFrame:
        """Street segments."""
        return streets.read_streets(self._columns("streets", self.card.layers.streets), self._crs)

    @_once
    def zones(self) -> gpd.GeoDataFrame:
        """Areal units with their fields and polygons."""
        table, shapes = self._zone_table, self._polygons
        if self._zone_spec.outlines == "schematic":
            # figures come from the table; the polygons are there for drawing only
            zones = gpd.GeoDataFrame(table, geometry=shapes, crs=self._crs)
        else:
            drawn = self._zone_spec.outlines == "voronoi"
            zones = areas.with_polygons(
                table, shapes, self._crs, self._where("zones"), derived=drawn
            )
        where = self._where("zones.fields")
        for name, field in self._fields.items():
            if field.count:
                zones[name] = areas.counted(zones, self.events, field, f"{where}.{name}")
        for name, field in self._fields.items():
            if field.ratio:
                zones[name] = areas.divided(zones, field, f"{where}.{name}")
        first = ["zone", "name", "group", "area_km2", "perimeter_km", "x", "y"]
        first = [name for name in first if name in zones]
        fields = [name for name in self._fields if name not in first]
        rest = [name for name in zones if name not in {*first, *fields, "geometry"}]
        return zones[[*first, *fields, *rest, "geometry"]]

    @_once
    def borders(self) -> pd.DataFrame:
        """Pairs of zones that touch."""
        spec = stated(self.card.layers.borders, self._where("borders"))
        zones = self.zones
        if spec.derive:
            shapes = zones.geometry.to_numpy()
            snap = spec.snap or 0.0
            borders = self._told(
                "borders", borders_from_polygons, zones["zone"], shapes, 0.01, snap
            )
            if self._zone_spec.outlines == "file" and not snap:
                gaps = self._told("borders", unmatched_borders, zones["zone"], shapes, borders)
                contacts.refuse_unmatched(self._where("borders"), gaps)
        else:
            borders = contacts.read_borders(self._columns("borders", spec), zones)
        contacts.refuse_disconnected(self._where("borders"), spec, borders, zones)
        return borders

    @_once
    def districts(self) -> pd.DataFrame:
        """Today's district of each zone."""
        return self._districts_and_remarks[0]

    @cached_property
    def _districts_and_remarks(self) -> tuple[pd.DataFrame, list[str]]:
        spec = stated(self.card.layers.districts, self._where("districts"))
        if spec.derive:
            return beats.districts_of_stations(self.zones, self.borders, self.stations)
        columns = self._columns("districts", spec)
        if not spec.has_polygons:
            return beats.districts_of_table(columns, self._zone_table), []
        schematic = self._zone_spec.outlines == "schematic"
        return beats.districts_of_polygons(columns, self.zones, self._crs, by_place=schematic)

    @_once
    def criteria(self) -> pd.DataFrame:
        """Performance of zones in several criteria."""
        spec = stated(self.card.layers.criteria, self._where("criteria"))
        if spec.derive:
            return performance.criteria_of_zones(spec, self.zones, self._where("criteria"))
        return performance.read_criteria(self._columns("criteria", spec))

    @cached_property
    def map_layers(self) -> pd.DataFrame:
        """Rendered symbol layers of a published map."""
        return images.read_map_layers(
            self._columns("map_layers", self.card.layers.map_layers), self.folder
        )

    @cached_property
    def _crs(self) -> pyproj.CRS:
        return projected_crs(self.name, self.card.crs)

    @property
    def _fields(self) -> dict[str, ZoneField]:
        return self._zone_spec.fields

    @property
    def _zone_spec(self) -> Zones:
        return stated(self.card.layers.zones, self._where("zones"))

    def _where(self, layer: str) -> str:
        """City and layer, as messages name them: ``leeds/city.yml, layers.events``."""
        return f"{self.name}/{CARD}, layers.{layer}"

    def _columns(self, name: str, described: Spec | None) -> Columns[Spec]:
        """Table of a layer with its description."""
        spec = stated(described, self._where(name))
        _ = self._crs  # a city without a sound system is refused before any file is read
        return Columns(self._table(spec.files, spec), spec, self._where(name))

    @cached_property
    def _event_columns(self) -> Columns[Events]:
        return self._columns("events", self.card.layers.events)

    @cached_property
    def _zone_columns(self) -> Columns[Zones]:
        return self._columns("zones", self._zone_spec)

    def _table(self, names: tuple[str, ...], spec: LayerSpec | ZoneGeometry) -> Table:
        paths = [verified(self.folder, name, self.card.files) for name in names]
        return read_table(
            paths,
            form=getattr(spec, "format", None),
            encoding=getattr(spec, "encoding", None),
            delimiter=getattr(spec, "delimiter", None),
            layer=spec.layer,
            sheet=getattr(spec, "sheet", None),
            skip_rows=getattr(spec, "skip_rows", 0),
            shown_from=self.folder.parent,
        )

    @cached_property
    def _stated_events(self) -> tuple[gpd.GeoDataFrame, Aside]:
        """Events as the file has them, before they meet the boundary or the zones."""
        boundary = self.card.layers.boundary
        lone = boundary is None or boundary.derive in _OF_EVENTS
        return points.read_events(self._event_columns, self._crs, lone=lone)

    @cached_property
    def _events_and_aside(self) -> tuple[gpd.GeoDataFrame, Aside, np.ndarray]:
        columns = self._event_columns
        events, stated_aside = self._stated_events
        aside = stated_aside.copy()  # the events that draw an outline stay as they are
        boundary = self.card.layers.boundary
        if boundary and boundary.derive not in _OF_EVENTS:
            outline = self.boundary.geometry.iloc[0]
            events = points.inside_boundary(events, columns, outline, aside)
        if "zone" in events and self.card.layers.zones:
            events = points.of_known_zones(events, columns, self._zone_table["zone"], aside)
        events = points.repeated(events, columns)
        aside.events = len(events)
        if columns.spec.rejected is not None:
            plain = LayerSpec(file=columns.spec.rejected)
            aside.before = points.count_rejected(self._table(plain.files, plain))
        first = ~events.index.duplicated()
        return events.reset_index(drop=True), aside, first

    def _lost_events(self) -> str:
        """What must be said of events that no zone counts; they are told by place where they have no code."""
        spec = self.card.layers.zones
        if spec is None or spec.outlines != "file" or "zone" in self.events:
            return ""
        counted = any(field.count for field in spec.fields.values())
        return points.in_no_zone(self.events, self.zones) if counted else ""

    def _derivation_inputs(self) -> list[str]:
        """Hashes of the files, and of the description, that derived polygons follow from."""
        layers = self.card.layers
        specs: list[LayerSpec] = [
            stated(layers.events, self._where("events")),
            stated(layers.boundary, self._where("boundary")),
            self._zone_spec,
        ]
        files = [name for spec in specs for name in spec.files]
        hashes = [sha256_of(file_inside(self.folder, name, "a layer")) for name in files]
        return [*hashes, *[spec.model_dump_json() for spec in specs], self.card.crs]

    @cached_property
    def _zone_table(self) -> pd.DataFrame:
        return areas.read_zone_table(self._zone_columns, self._crs)

    @cached_property
    def _polygons(self) -> np.ndarray:
        """Polygons of the zones, in their order."""
        table, outlines = self._zone_table, self._zone_spec.outlines
        if outlines == "file":
            return self._polygons_of_files()
        if outlines == "schematic":
            draw, inputs = self._schematic, [table.to_json(), self.card.crs]
        else:
            draw, inputs = self._voronoi, self._derivation_inputs()

        def compute() -> gpd.GeoDataFrame:
            return gpd.GeoDataFrame({"zone": table["zone"]}, geometry=draw(), crs=self._crs)

        return self.keep("zones", [outlines, *inputs], compute).geometry.to_numpy()

    def _polygons_of_files(self) -> np.ndarray:
        spec, zones = self._zone_spec, self._zone_table["zone"]
        if spec.geometry is not None:
            where = self._where("zones.geometry")
            whole = self._table((stated(spec.geometry.file, f"{where}.file"),), spec.geometry)
            plain = spec.model_copy(update={"columns": {}, "crs": None})
            columns = Columns(whole, plain, where)
            key = stated(spec.geometry.key, f"{where}.key")
            shapes = areas.polygons_of_file(columns, self._crs, key, zones)
        else:
            columns = self._zone_columns
            shapes = areas.own_polygons(columns, self._crs)
        areas.refuse_overlaps(zones, shapes, columns.table.name)
        return shapes

    def _voronoi(self) -> np.ndarray:
        table, events = self._zone_table, self._stated_events[0]
        if "zone" not in events:
            raise CityError(
                f"{self._where('zones.geometry')}: `derive: voronoi` needs the zone of each event; "
                "map zone under layers.events.columns"
            )
        outline = self.boundary.geometry.iloc[0]
        places = events.get_coordinates().to_numpy()
        centroids = table[["x", "y"]].to_numpy() if "x" in table else None
        arguments = (places, events["zone"], table["zone"], outline, centroids)
        return self._told("zones", voronoi_zones, *arguments)

    def _schematic(self) -> np.ndarray:
        table = self._zone_table
        for name in ("x", "area_km2"):
            if name not in table:
                raise CityError(
                    f"{self._where('zones')}: the zones have no polygons, so a schematic map needs "
                    f"{name}; map it under layers.zones.columns, or give polygons"
                )
        places, area = table[["x", "y"]].to_numpy(), table["area_km2"].to_numpy() * 1e6
        return self._told("zones", schematic_zones, places, area)

    def _told(self, layer: str, draw: Callable, *arguments: Any) -> Any:
        """Call a function of `space`, its errors told as the city's."""
        try:
            return draw(*arguments)
        except ValueError as error:
            raise CityError(f"{self._where(layer)}: {error}") from None
