"""What city.yml says of zones and of what is made of zones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from .layer_spec import FileLayer, LayerSpec, Line, Name, Number, Plain, refuse_taken
from .mapping import Text

_POLYGON_FILES = (".geojson", ".json", ".gpkg", ".geoparquet")


def holds_polygons(spec: LayerSpec) -> bool:
    """Whether the files of a layer hold polygons beside their columns."""
    return (
        "geometry" in spec.columns
        or spec.format in ("geojson", "geopackage")
        or any(Path(name).suffix.lower() in _POLYGON_FILES for name in spec.files)
    )


class ZoneField(Plain):
    """One number of each zone: read from a column, or computed.

    Attributes
    ----------
    label, unit : str
        As printed on figures and tables.
    column : str
        Column of the zones' file that holds it.
    status_column : str
        Column of words saying where each number comes from; it becomes ``<field>_status``.
    count : "events"
        Number of events in the zone, all of them or those of `kinds`.
    ratio : [str, str]
        Two other fields, divided, times `scale`.
    negative : bool
        Whether values below zero make sense.
    amount : bool
        Whether its sum over zones is a total; a mean, a rate or a share is no amount, and a `ratio`
        never is.
    """

    label: Text
    unit: Line
    column: Text | None = None
    status_column: Text | None = None
    count: Literal["events"] | None = None
    kinds: list[Text] = Field(default_factory=list)
    ratio: Annotated[list[Text], Field(min_length=2, max_length=2)] | None = None
    scale: Number = 1
    negative: bool = False
    amount: bool = True

    @property
    def is_amount(self) -> bool:
        """Whether its sum over zones is a total."""
        return self.amount and self.ratio is None

    @model_validator(mode="after")
    def _one_source(self) -> ZoneField:
        if sum(way is not None for way in (self.column, self.count, self.ratio)) != 1:
            raise ValueError("a field needs exactly one of `column`, `count` and `ratio`")
        if self.kinds and self.count is None:
            raise ValueError("`kinds` belongs to `count: events`")
        if self.status_column and self.column is None:
            raise ValueError("`status_column` belongs to `column`")
        if self.scale == 0 or (self.scale < 0 and not self.negative):
            raise ValueError(
                f"`scale` is {self.scale}, which leaves no value above zero; write a number above it"
            )
        return self


class ZoneGeometry(Plain):
    """Where the zones' polygons come from.

    Attributes
    ----------
    file, layer, key : str
        A file of polygons and its column of zone codes.
    derive : {"voronoi", "schematic"}
        ``voronoi``: cells of the events' places, dissolved by the events' zone code and clipped
        to the boundary; ``schematic``: cells around the zones' centroids, sized towards their
        areas, good for drawing only.
    """

    file: Text | None = None
    layer: Text | None = None
    key: Text | None = None
    derive: Literal["voronoi", "schematic"] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ZoneGeometry:
        if (self.file is None) == (self.derive is None):
            raise ValueError("the geometry needs either `file` with `key`, or `derive`")
        if (self.file is None) != (self.key is None):
            raise ValueError("`file` and `key` (its column of zone codes) go together")
        return self


class Zones(FileLayer):
    """Areal units.

    Attributes
    ----------
    fields : dict
        Numeric fields by name.
    geometry : ZoneGeometry, optional
        Not needed when the zones' file itself holds polygons; schematic when nothing is stated.
    statuses : dict
        Meaning of each word that a status column may hold; other words are then refused.
    """

    known_columns: ClassVar[tuple[str, ...]] = (
        "zone",
        "name",
        "group",
        "area_km2",
        "perimeter_km",
        "x",
        "y",
        "geometry",
    )

    fields: dict[Name, ZoneField] = Field(default_factory=dict)
    geometry: ZoneGeometry | None = None
    statuses: dict[Text, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _no_name_twice(self) -> Zones:
        statuses = {f"{name}_status" for name, field in self.fields.items() if field.status_column}
        refuse_taken("field", self.fields, {*self.known_columns, *self.extra, *statuses})
        refuse_taken("column of `extra`", self.extra, statuses)
        return self

    @property
    def has_polygons(self) -> bool:
        """Whether files hold the polygons, so that nothing needs to be derived."""
        if self.geometry is not None:
            return self.geometry.file is not None
        return holds_polygons(self)

    @property
    def outlines(self) -> Literal["file", "voronoi", "schematic"]:
        """Where the zones' polygons come from."""
        if self.has_polygons:
            return "file"
        return (self.geometry.derive if self.geometry else None) or "schematic"


class Borders(LayerSpec):
    """Shared borders: a file, or derived from the zones' polygons.

    Attributes
    ----------
    links : list of pairs of zone codes
        Connections to add by hand, such as a bridge or a ferry.
    allow_disconnected : bool
        Accept a map in several pieces.
    snap : float, optional
        Where the borders derive from the zones: gaps up to this many metres are closed and overlaps
        given to one zone before they are measured.
    """

    known_columns: ClassVar[tuple[str, ...]] = ("zone_a", "zone_b", "shared_km", "contact")

    derive: Literal["zones"] | None = None
    links: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = Field(
        default_factory=list
    )
    allow_disconnected: bool = False
    snap: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Borders:
        if (self.file is None) == (self.derive is None):
            raise ValueError("the borders need either `file: <name>` or `derive: zones`")
        if self.snap is not None and self.derive is None:
            raise ValueError("`snap` closes gaps of polygons; it goes with `derive: zones`")
        return self


class Districts(LayerSpec):
    """Today's districts (beats): a table from zone to district, or polygons of the districts.

    Attributes
    ----------
    derive : {"stations"}
        Where nobody publishes them, a stand-in: each zone with the station nearest over the zones.
    """

    known_columns: ClassVar[tuple[str, ...]] = ("zone", "district", "geometry")

    derive: Literal["stations"] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Districts:
        if (self.file is None) == (self.derive is None):
            raise ValueError("the districts need either `file: <name>` or `derive: stations`")
        return self

    @property
    def has_polygons(self) -> bool:
        """Whether the file holds the districts' polygons, not the codes of zones."""
        return self.derive is None and "zone" not in self.columns and holds_polygons(self)
