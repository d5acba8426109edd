"""The model of city.yml: what a city may say of itself."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from helpers.checks import near

from .mapping import PLAIN, Constant, Source, Text, one_line, seen

YEARS = (1900, 2100)  # a time outside them is a slip
_NO_DELIMITERS = '"\r\n\0'


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{number} is no ordinary number; write one")
    return number


def _delimiter(character: str) -> str:
    if character in _NO_DELIMITERS or not character.isascii() or character.isalnum():
        raise ValueError(f'{character!r} cannot part cells; write one of , ; | or "\\t"')
    return character


def _name(text: str) -> str:
    # names of fields and criteria become columns of results and parts of file names
    if "/" in text or "\\" in text or text.startswith("."):
        raise ValueError(
            f"{text!r} cannot name a column of results; write it without / and \\ and without a "
            "point before it, and say the rest in its label"
        )
    return text


Line = Annotated[str, AfterValidator(one_line)]
Paragraph = Annotated[str, AfterValidator(seen)]
Name = Annotated[Text, AfterValidator(_name)]
Number = Annotated[float | int, AfterValidator(_finite)]
Crs = Annotated[str, Field(pattern=r"^EPSG:\d{4,6}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_POLYGON_FILES = (".geojson", ".json", ".gpkg", ".geoparquet")


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{what} {twice[0]!r} twice; remove one")


def _refuse_taken(what: str, names: Iterable[str], taken: Iterable[str]) -> None:
    """Refuse names of fields or criteria that are columns of the layer already."""
    for name in names:
        if name in taken:
            raise ValueError(
                f"the {what} {name!r} has the name of another column of the layer; rename it"
            )


class _Plain(BaseModel):
    model_config = PLAIN


class LayerSpec(_Plain):
    """What every layer may state.

    Attributes
    ----------
    file : str or list of str
        File name inside the city's folder; several files of the same columns are read as one.
    format : str
        Only when the suffix does not tell: csv, geojson, geopackage, parquet.
    encoding, delimiter, decimal : str
        Of text files: UTF-8, the commonest of ``, ; tab |`` and ``.`` when not stated.
    layer : str
        Of a GeoPackage with several layers.
    crs : str
        Coordinate system of the coordinates in the file; the file's own, or the city's.
    columns : dict
        From the layer's column to the file's, or to ``{constant: value}`` for every row.  A column
        of the same name need not be listed.
    extra : list of str
        Further columns to carry along as they are.
    status : str
        What a figure must say of the layer: ``derived``, ``schematic``, ``approximate``.
    note : str
        Anything a reader of the data should know.
    """

    known_columns: ClassVar[tuple[str, ...]] = ()
    constant_columns: ClassVar[tuple[str, ...]] = ()

    file: Text | Annotated[list[Text], Field(min_length=1)] | None = None
    format: Literal["csv", "geojson", "geopackage", "parquet"] | None = None
    encoding: Text | None = None
    delimiter: (
        Annotated[str, Field(min_length=1, max_length=1), AfterValidator(_delimiter)] | None
    ) = None
    decimal: Literal[".", ","] = "."
    layer: Text | None = None
    crs: Crs | None = None
    columns: dict[Text, Source] = {}
    extra: list[Text] = []
    status: Literal["", "derived", "schematic", "approximate"] = ""
    note: Paragraph = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files of the layer."""
        if self.file is None:
            return ()
        return (self.file,) if isinstance(self.file, str) else tuple(self.file)

    def constant(self, name: str) -> str | None:
        """The one value that every row has in the layer's column `name`, where it has one."""
        source = self.columns.get(name)
        return source.constant if isinstance(source, Constant) else None

    @model_validator(mode="after")
    def _columns_known(self) -> LayerSpec:
        known = self.known_columns
        for name in self.columns:
            if name not in known:
                hint = near(name, known) or f"; it has {', '.join(known)}"
                raise ValueError(
                    f"`columns` maps {name!r}, which is no column of this layer{hint} (carry other "
                    "columns along with `extra`)"
                )
            if name not in self.constant_columns and isinstance(self.columns[name], Constant):
                may = " and ".join(f"`{one}`" for one in self.constant_columns) or "no column"
                raise ValueError(
                    f"`columns` gives {name!r} one value for all rows, which {may} of this layer may "
                    "have; name a column of the file"
                )
        for name in self.extra:
            if name in known:
                raise ValueError(
                    f"`extra` names {name!r}, which is a column of the layer; map it under `columns`"
                )
        _refuse_twice("`file` lists", [str(PurePosixPath(name)) for name in self.files])
        _refuse_twice("`extra` names", self.extra)
        return self


class _FileLayer(LayerSpec):
    @model_validator(mode="after")
    def _has_file(self) -> _FileLayer:
        if self.file is None:
            raise ValueError("the layer names no file; write `file: <name>`")
        return self


class Events(_FileLayer):
    """Recorded crimes.

    Attributes
    ----------
    time_precision : {"hour", "day", "month"}
        How exactly the time of an event is known.
    time_format : str, optional
        Of the time column, as in Python's strptime, when it is not ISO 8601.
    outside : {"error", "drop"}
        What to do with events outside the boundary, or of a zone that the city has not.
    without_place : {"error", "drop"}
        What to do with events that have no coordinates.
    bad_time : {"error", "drop"}
        What to do with events whose time is missing or is none.
    """

    known_columns: ClassVar[tuple[str, ...]] = ("kind", "time", "zone", "x", "y", "geometry")
    constant_columns: ClassVar[tuple[str, ...]] = ("kind", "time")

    time_precision: Literal["hour", "day", "month"]
    time_format: Text | None = None
    outside: Literal["error", "drop"] = "error"
    without_place: Literal["error", "drop"] = "error"
    bad_time: Literal["error", "drop"] = "error"

    @model_validator(mode="before")
    @classmethod
    def _precision_of_a_constant(cls, stated: Any) -> Any:
        """One time for all rows tells no period from the next, so that its precision may be left out."""
        columns = stated.get("columns") if isinstance(stated, dict) else None
        if isinstance(columns, dict) and isinstance(columns.get("time"), dict | Constant):
            return {"time_precision": "month", **stated}
        return stated

    @model_validator(mode="after")
    def _constant_is_a_time(self) -> Events:
        text = self.constant("time")
        if text is None:
            return self
        if self.time_format is not None:
            raise ValueError("`time_format` reads a column; a constant time is written as 2016-07")
        try:
            year = datetime.fromisoformat(f"{text}-01-01"[:10]).year
        except ValueError:
            year = 0
        written = re.fullmatch(r"\d{4}(-\d{2}){0,2}", text)
        if not written or not YEARS[0] <= year <= YEARS[1]:
            raise ValueError(
                f"the constant time {text!r} is no year, month or day from {YEARS[0]} to {YEARS[1]}; "
                'write it as "2016", "2016-07" or "2016-07-31"'
            )
        return self

    @model_validator(mode="after")
    def _pattern_reads_times(self) -> Events:
        pattern = self.time_format
        if pattern is None:
            return self
        told = f"`time_format` is {pattern!r}, which"
        mend = 'write one of Python\'s strptime, such as "%d/%m/%Y %H:%M"'
        first = datetime(2016, 7, 30, 10)
        try:
            written = first.strftime(pattern)
            read = datetime.strptime(written, pattern)
        except (ValueError, re.error):
            raise ValueError(f"{told} is no pattern of times; {mend}") from None
        if read.tzinfo is not None or "%z" in pattern.lower():
            raise ValueError(f"{told} has a time zone; store local times without one")
        exact = {"month": 31, "day": 1, "hour": 1 / 24}
        try:
            later = (first + timedelta(days=exact[self.time_precision])).strftime(pattern)
            same = datetime.strptime(later, pattern) == read
        except (ValueError, re.error):
            same = True
        if same or read.year != first.year:
            raise ValueError(
                f"{told} does not tell one {self.time_precision} from the next; {mend}, or state "
                "the true `time_precision`"
            )
        return self


class Boundary(LayerSpec):
    """The study window: a file of polygons, or derived.

    Attributes
    ----------
    derive : {"study_area", "zones", "events"}
        ``study_area``: a concave hull of the events with the area of the zones;
        ``zones``: the union of the zones' polygons; ``events``: a hull around the events with a
        margin, where no area is known.
    area_field : str
        For ``study_area``: the zone field, in ha or km², whose sum is the area.
    """

    known_columns: ClassVar[tuple[str, ...]] = ("geometry",)

    derive: Literal["study_area", "zones", "events"] | None = None
    area_field: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Boundary:
        if (self.file is None) == (self.derive is None):
            raise ValueError("the boundary needs either `file: <name>` or `derive: <how>`")
        if (self.derive == "study_area") != (self.area_field is not None):
            raise ValueError("`derive: study_area` and `area_field: <zone field>` go together")
        return self


class Stations(_FileLayer):
    """Police stations."""

    known_columns: ClassVar[tuple[str, ...]] = ("station", "officers", "x", "y", "geometry")


class Patrols(_FileLayer):
    """Current patrol posts."""

    known_columns: ClassVar[tuple[str, ...]] = ("patrol", "x", "y", "geometry")


class Streets(_FileLayer):
    """Street segments."""

    known_columns: ClassVar[tuple[str, ...]] = ("length_m", "speed_kmh", "geometry")


class ZoneField(_Plain):
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
    """

    label: Text
    unit: Line
    column: Text | None = None
    status_column: Text | None = None
    count: Literal["events"] | None = None
    kinds: list[Text] = []
    ratio: Annotated[list[Text], Field(min_length=2, max_length=2)] | None = None
    scale: Number = 1
    negative: bool = False

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


class ZoneGeometry(_Plain):
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


class Zones(_FileLayer):
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

    fields: dict[Name, ZoneField] = {}
    geometry: ZoneGeometry | None = None
    statuses: dict[Text, Text] = {}

    @model_validator(mode="after")
    def _no_name_twice(self) -> Zones:
        statuses = {f"{name}_status" for name, field in self.fields.items() if field.status_column}
        _refuse_taken("field", self.fields, {*self.known_columns, *self.extra, *statuses})
        _refuse_taken("column of `extra`", self.extra, statuses)
        return self

    @property
    def has_polygons(self) -> bool:
        """Whether files hold the polygons, so that nothing needs to be derived."""
        if self.geometry is not None:
            return self.geometry.file is not None
        return (
            "geometry" in self.columns
            or self.format in ("geojson", "geopackage")
            or any(Path(name).suffix.lower() in _POLYGON_FILES for name in self.files)
        )

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
    """

    known_columns: ClassVar[tuple[str, ...]] = ("zone_a", "zone_b", "shared_km", "contact")

    derive: Literal["zones"] | None = None
    links: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = []
    allow_disconnected: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Borders:
        if (self.file is None) == (self.derive is None):
            raise ValueError("the borders need either `file: <name>` or `derive: zones`")
        return self


class Criterion(_Plain):
    """One criterion of a prioritisation.

    Attributes
    ----------
    column : str
        Column of the criteria's file that holds the measure.
    field : str
        Zone field that is the measure, where the criteria derive from the zones.
    label, unit : str
    shape : {"increasing", "decreasing", "peaked", "discrete"}
        How priority follows the measure.
    scale : [low, high]
        Ends of the measuring scale; the data must lie within.
    peak : float
        Of a peaked criterion: where priority is highest.
    values : dict
        Of a discrete criterion: the value, from 0 to 1, of each level that the column may hold.
    synthetic : bool
        The column is simulated.
    """

    column: Text | None = None
    field: Text | None = None
    label: Text
    unit: Line = ""
    shape: Literal["increasing", "decreasing", "peaked", "discrete"]
    scale: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    peak: Number | None = None
    values: dict[Text, Annotated[Number, Field(ge=0, le=1)]] = {}
    synthetic: bool = False

    @model_validator(mode="after")
    def _fits_shape(self) -> Criterion:
        if (self.column is None) == (self.field is None):
            raise ValueError("a criterion needs exactly one of `column` and `field`")
        if self.field and self.shape == "discrete":
            raise ValueError(
                "`shape: discrete` belongs to a `column` of levels; a field is a number"
            )
        if (self.shape == "discrete") != bool(self.values):
            raise ValueError("`values` belongs to `shape: discrete`, and a discrete one needs it")
        if (self.shape == "peaked") != (self.peak is not None):
            raise ValueError("`peak` belongs to `shape: peaked`, and a peaked one needs it")
        if self.scale and not self.scale[0] < self.scale[1]:
            raise ValueError("`scale` is [low, high] with low below high")
        if self.scale and self.peak is not None:
            low, high = self.scale
            if not low < self.peak < high:
                raise ValueError("`peak` must lie inside `scale`")
        return self


class Criteria(LayerSpec):
    """Performance of zones in several criteria: a file, or fields of the zones.

    Attributes
    ----------
    derive : {"zones"}
        One row a zone of the layer zones; each criterion names one of its fields.
    criteria : dict
        Criteria by name.
    """

    known_columns: ClassVar[tuple[str, ...]] = ("zone", "name")

    derive: Literal["zones"] | None = None
    criteria: Annotated[dict[Name, Criterion], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_way(self) -> Criteria:
        if (self.file is None) == (self.derive is None):
            raise ValueError("the criteria need either `file: <name>` or `derive: zones`")
        _refuse_taken("criterion", self.criteria, {*self.known_columns, *self.extra})
        wanted, other = ("field", "column") if self.derive else ("column", "field")
        for name, criterion in self.criteria.items():
            if getattr(criterion, wanted) is None:
                raise ValueError(
                    f"the criterion {name} names a {other}; with "
                    f"`{'derive: zones' if self.derive else 'file'}` each names a {wanted}"
                )
        return self


class MapLayers(_FileLayer):
    """Rendered symbol layers of a published map: a table of file names."""

    known_columns: ClassVar[tuple[str, ...]] = ("image", "template", "georeference", "kind")


class Layers(_Plain):
    """The layers a city may have, in the order in which they are read."""

    events: Events | None = None
    boundary: Boundary | None = None
    stations: Stations | None = None
    patrols: Patrols | None = None
    streets: Streets | None = None
    zones: Zones | None = None
    borders: Borders | None = None
    criteria: Criteria | None = None
    map_layers: MapLayers | None = None


LAYERS = tuple(Layers.model_fields)


def _layer(name: str) -> str:
    if name not in LAYERS:
        hint = near(name, LAYERS) or f"; the layers are {', '.join(LAYERS)}"
        raise ValueError(f"{name!r} is no layer{hint}")
    return name


class Policy(_Plain):
    """The current policy that plans are compared with.

    Attributes
    ----------
    posts : {"stations", "patrols"}
        The layer whose points answer calls today.
    label : str
        Its name on figures.
    note : str
    """

    posts: Literal["stations", "patrols"]
    label: Text
    note: Paragraph = ""


def _plain_value(value: Any) -> Any:
    """Refuse what no parameter is: dates, numbers that are none, unseen characters."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"the key {key!r} is not text; put it between quotes")
            _plain_value(key)
            _plain_value(item)
    elif isinstance(value, list):
        for item in value:
            _plain_value(item)
    elif isinstance(value, str):
        seen(value)
    elif isinstance(value, float):
        _finite(value)
    elif not isinstance(value, int):
        raise ValueError(f"{value!r} is no value of a parameter; put text between quotes")
    return value


PlainValue = Annotated[Any, AfterValidator(_plain_value)]


class Card(_Plain):
    """Everything city.yml says.

    Attributes
    ----------
    title, country : str
    crs : str
        ``EPSG:<number>`` of a projected coordinate system in metres.
    licence : str
        Of the data.
    source_line : str
        Short text for the foot of figures.
    synthetic : list of str
        Layers that are simulated.
    files : dict
        SHA-256 of files of the folder; a file that has changed since is refused.
    layers : Layers
    parameters : dict
        Section, then parameter, then value.
    policy : Policy, optional
    """

    title: Text
    country: Text
    crs: Crs
    licence: Text
    source_line: Text
    description: Paragraph = ""
    synthetic: list[Annotated[str, AfterValidator(_layer)]] = []
    files: dict[Text, Sha256] = {}
    layers: Layers
    parameters: dict[Text, dict[Text, PlainValue]] = {}
    policy: Policy | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Card:
        stated = self.stated_layers()
        if not stated:
            raise ValueError("the city has no layer; state at least one under `layers`")
        for name in self.synthetic:
            if name not in stated:
                raise ValueError(f"`synthetic` names {name}, which the city does not have")
        if self.policy and self.policy.posts not in stated:
            raise ValueError(f"`policy` names {self.policy.posts}, which the city does not have")
        self._check_derivations(stated)
        return self

    def stated_layers(self) -> dict[str, LayerSpec]:
        """The layers that city.yml states, by name."""
        pairs = ((name, getattr(self.layers, name)) for name in Layers.model_fields)
        return {name: spec for name, spec in pairs if spec is not None}

    def named_files(self) -> list[tuple[str, str]]:
        """The files that layers name, each behind the key that names it."""
        named = [
            (f"layers.{layer}.file", name)
            for layer, spec in self.stated_layers().items()
            for name in spec.files
        ]
        zones = self.layers.zones
        if zones and zones.geometry and zones.geometry.file:
            named.append(("layers.zones.geometry.file", zones.geometry.file))
        return named

    def _check_derivations(self, stated: dict[str, LayerSpec]) -> None:
        zones, boundary = self.layers.zones, self.layers.boundary
        if "borders" in stated and zones is None:
            raise ValueError("borders need zones; state the layer zones too")
        if self.layers.criteria and self.layers.criteria.derive:
            fields = zones.fields if zones else {}
            for name, criterion in self.layers.criteria.criteria.items():
                if criterion.field not in fields:
                    hint = near(criterion.field, fields) or ";"
                    raise ValueError(
                        f"the criterion {name} names {criterion.field!r}, which is no field of the "
                        f"zones{hint} state it under layers.zones.fields"
                    )
        if boundary and boundary.derive == "study_area":
            named = boundary.area_field
            field = zones.fields.get(named) if zones and named else None
            if "events" not in stated or not field:
                raise ValueError(
                    "`derive: study_area` needs events, and zones with the field that "
                    "`area_field` names"
                )
            if field.unit not in ("ha", "km²"):
                raise ValueError("the unit of `area_field` must be ha or km²")
        if boundary and boundary.derive == "events" and "events" not in stated:
            raise ValueError("`boundary: derive: events` needs events")
        if boundary and boundary.derive == "zones" and not (zones and zones.has_polygons):
            raise ValueError("`boundary: derive: zones` needs zones with a file of polygons")
        if zones is None:
            return
        derive = zones.geometry.derive if zones.geometry else None
        if derive == "voronoi" and not ("events" in stated and boundary):
            raise ValueError("zones `derive: voronoi` need events and a boundary")
        for name, field in zones.fields.items():
            if field.count and "events" not in stated:
                raise ValueError(f"the field {name} counts events, which the city does not have")
            for part in field.ratio or ():
                if part not in zones.fields or zones.fields[part].ratio:
                    raise ValueError(
                        f"the field {name} divides {part}, which is no field with values of its own"
                    )
        borders = self.layers.borders
        if borders and borders.derive and not (zones.has_polygons or derive == "voronoi"):
            raise ValueError("`borders: derive: zones` needs zones with polygons")
