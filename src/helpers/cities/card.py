"""The model of city.yml: what a city may say of itself."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from helpers.checks import near

from .events_spec import Events
from .layer_spec import (
    Crs,
    FileLayer,
    LayerSpec,
    Line,
    Name,
    Number,
    Paragraph,
    Plain,
    Sha256,
    finite,
    refuse_taken,
)
from .mapping import Text, seen
from .zones_spec import Borders, Districts, Zones


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


class Stations(FileLayer):
    """Police stations."""

    known_columns: ClassVar[tuple[str, ...]] = ("station", "officers", "x", "y", "geometry")


class Patrols(FileLayer):
    """Current patrol posts."""

    known_columns: ClassVar[tuple[str, ...]] = ("patrol", "x", "y", "geometry")


class Streets(FileLayer):
    """Street segments."""

    known_columns: ClassVar[tuple[str, ...]] = (
        "length_m", "speed_kmh", "oneway", "class", "geometry",
    )  # fmt: skip


class Criterion(Plain):
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
    values: dict[Text, Annotated[Number, Field(ge=0, le=1)]] = Field(default_factory=dict)
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
        refuse_taken("criterion", self.criteria, {*self.known_columns, *self.extra})
        wanted, other = ("field", "column") if self.derive else ("column", "field")
        for name, criterion in self.criteria.items():
            if getattr(criterion, wanted) is None:
                raise ValueError(
                    f"the criterion {name} names a {other}; with "
                    f"`{'derive: zones' if self.derive else 'file'}` each names a {wanted}"
                )
        return self


class MapLayers(FileLayer):
    """Rendered symbol layers of a published map: a table of file names."""

    known_columns: ClassVar[tuple[str, ...]] = ("image", "template", "georeference", "kind")


class Layers(Plain):
    """The layers a city may have, in the order in which they are read."""

    events: Events | None = None
    boundary: Boundary | None = None
    stations: Stations | None = None
    patrols: Patrols | None = None
    streets: Streets | None = None
    zones: Zones | None = None
    borders: Borders | None = None
    districts: Districts | None = None
    criteria: Criteria | None = None
    map_layers: MapLayers | None = None


LAYERS = tuple(Layers.model_fields)


def _layer(name: str) -> str:
    if name not in LAYERS:
        hint = near(name, LAYERS) or f"; the layers are {', '.join(LAYERS)}"
        raise ValueError(f"{name!r} is no layer{hint}")
    return name


class Policy(Plain):
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
        finite(value)
    elif not isinstance(value, int):
        raise ValueError(f"{value!r} is no value of a parameter; put text between quotes")
    return value


PlainValue = Annotated[Any, AfterValidator(_plain_value)]


class Card(Plain):
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
    synthetic: list[Annotated[str, AfterValidator(_layer)]] = Field(default_factory=list)
    files: dict[Text, Sha256] = Field(default_factory=dict)
    layers: Layers
    parameters: dict[Text, dict[Text, PlainValue]] = Field(default_factory=dict)
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
        events, zones = self.layers.events, self.layers.zones
        if events and events.rejected:
            named.append(("layers.events.rejected", events.rejected))
        if zones and zones.geometry and zones.geometry.file:
            named.append(("layers.zones.geometry.file", zones.geometry.file))
        return named

    def _check_derivations(self, stated: dict[str, LayerSpec]) -> None:
        zones, boundary = self.layers.zones, self.layers.boundary
        if "borders" in stated and zones is None:
            raise ValueError("borders need zones; state the layer zones too")
        if "districts" in stated and zones is None:
            raise ValueError("districts are made of zones; state the layer zones too")
        districts = self.layers.districts
        if districts and districts.derive and not {"stations", "borders"} <= set(stated):
            raise ValueError("`districts: derive: stations` needs stations and borders")
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
