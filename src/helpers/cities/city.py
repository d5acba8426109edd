"""City: a folder with a city.yml, and its layers as validated frames."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from helpers.checks import near
from helpers.sources import SourceError, decode, read_bytes, sha256_of

from .card import LAYERS, Boundary, Card, Policy
from .errors import CityError, gather_faults
from .folders import CARD, SOURCES, file_inside, verified
from .keeping import Handed, Keep, compute_only, nothing_handed
from .layer_spec import LayerSpec
from .reading import read_card_in
from .rows import Rows
from .zones_spec import Borders, Districts, ZoneField, Zones

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from .layers import LayerReader


class ListedFile(NamedTuple):
    """A file that belongs to a city: its name in the folder, its size in bytes, its SHA-256."""

    name: str
    size: int
    sha256: str


def load_city(
    folder: str | Path, *, keep: Keep = compute_only, handed: Handed = nothing_handed
) -> City:
    """A city, given the folder that holds its city.yml.

    Only city.yml is read; a layer is read and checked when it is asked for.  Nothing is written.

    Parameters
    ----------
    folder : str or Path
    keep : callable, optional
        ``keep(name, inputs, compute)`` gives the derived layer `name`: one kept before for the
        same `inputs` (texts that fix it, beside the code), or what `compute` returns.
    handed : callable, optional
        ``handed(town, name)`` gives the layer `name` as it was read and checked before, by the same
        code from the same files, or None.

    Returns
    -------
    City

    Raises
    ------
    CityError
        No city.yml there, or it breaks a rule of docs/data.md.
    """
    folder = Path(folder).resolve()
    card = read_card_in(folder)
    return City(name=folder.name, folder=folder, card=card, keep=keep, handed=handed)


@dataclass(frozen=True)
class City:
    """A city's description and its layers.

    Attributes
    ----------
    name : str
        Name of the folder; outputs carry it.
    folder : Path
    card : Card
        What city.yml says.
    keep : callable
        Where derived layers are kept, as in `load_city`.
    handed : callable
        Where layers may come from that were read before, as in `load_city`.
    """

    name: str
    folder: Path
    card: Card = field(repr=False)
    keep: Keep = field(default=compute_only, repr=False, compare=False)
    handed: Handed = field(default=nothing_handed, repr=False, compare=False)

    @property
    def title(self) -> str:
        """Name as printed."""
        return self.card.title

    @property
    def country(self) -> str:
        """Country as printed."""
        return self.card.country

    @property
    def crs(self) -> str:
        """Projected coordinate system of every layer, ``EPSG:<number>``, metres."""
        return self.card.crs

    @property
    def licence(self) -> str:
        """Licence of the data."""
        return self.card.licence

    @property
    def source_line(self) -> str:
        """Short text for the foot of figures."""
        return self.card.source_line

    @property
    def synthetic(self) -> list[str]:
        """Layers that are simulated."""
        return list(self.card.synthetic)

    @property
    def simulated_criteria(self) -> list[str]:
        """Criteria that are simulated, as listed: said so one by one, or all where the layer is.

        A criterion that is a field of the zones is simulated where these are, or where it counts
        simulated events.
        """
        spec = self.card.layers.criteria
        if spec is None:
            return []
        single = [name for name, item in spec.criteria.items() if item.synthetic]
        if "criteria" in self.synthetic:
            # of a layer that says it of some, the others are not
            return single or list(spec.criteria)
        return [n for n, c in spec.criteria.items() if n in single or self._is_simulated(c.field)]

    @property
    def layers(self) -> dict[str, LayerSpec]:
        """Stated layers by name, as city.yml describes them."""
        return self.card.stated_layers()

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """Section, then parameter, then the city's value."""
        return {section: dict(values) for section, values in self.card.parameters.items()}

    @property
    def policy(self) -> Policy | None:
        """The current policy, where stated."""
        return self.card.policy

    def has(self, layer: str) -> bool:
        """Whether the city states a layer."""
        return layer in self.card.stated_layers()

    def fields(self) -> dict[str, ZoneField]:
        """Numeric fields of the zones by name, each with its ``label`` and ``unit``."""
        zones = self.card.layers.zones
        return dict(zones.fields) if zones else {}

    def labels(self, fields: Iterable[str]) -> dict[str, str]:
        """Labels of fields of the zones, each with the field's name behind it where two are alike.

        Parameters
        ----------
        fields : iterable of str
            Some of :meth:`fields`.
        """
        labels = {name: self.fields()[name].label for name in fields}
        if len(set(labels.values())) == len(labels):
            return labels
        return {name: f"{label} ({name})" for name, label in labels.items()}

    def zone_names(self, shorter: Mapping[str, str] | None = None) -> pd.Series:
        """Names of the zones as tables and maps show them.

        Parameters
        ----------
        shorter : mapping of str to str, optional
            Words to shorten in them.
        """
        names = self.layer("zones")["name"].str.strip()
        for long, short in (shorter or {}).items():
            names = names.str.replace(long, short)
        return names

    def status(self, layer: str) -> str:
        """Word that figures of a layer must carry.

        ``SYNTHETIC`` (simulated), ``derived`` (drawn from other data), ``schematic`` (good for
        drawing only), ``approximate``, ``stand-in`` (for what nobody publishes), or nothing.
        """
        spec = self._spec(layer)
        if layer in self.card.synthetic or (layer == "criteria" and self.simulated_criteria):
            return "SYNTHETIC"
        if spec.status:
            return spec.status
        if isinstance(spec, Zones):
            return {"voronoi": "derived", "schematic": "schematic", "file": ""}[spec.outlines]
        if isinstance(spec, Boundary) and spec.derive in ("study_area", "events"):
            return "derived"
        if isinstance(spec, Borders) and spec.derive:
            return self.status("zones")
        if isinstance(spec, Districts) and spec.derive:
            return "stand-in"
        if isinstance(spec, Districts) and spec.has_polygons:
            return self.status("zones")
        return ""

    def layer(self, name: str) -> pd.DataFrame:
        """A layer, read and checked, in the city's coordinate system.

        Parameters
        ----------
        name : str
            One of `LAYERS`; the city must state it.

        Returns
        -------
        DataFrame or GeoDataFrame
            A copy of your own; columns as in docs/data.md, index 0, 1, …

        Raises
        ------
        CityError
            The city has no such layer, or its files break a rule: the sentence names file, row,
            column and mend.
        """
        self._spec(name)
        try:
            return self._reader.layer(name).copy(deep=False)
        except SourceError as error:
            raise CityError(str(error)) from None

    def remarks(self, layer: str) -> list[str]:
        """What was left out of a layer because city.yml says so, in sentences."""
        self.layer(layer)
        return self._reader.remarks(layer)

    def rows(self) -> Rows:
        """Where the rows of the events' files went: used, or set aside for which reason.

        Raises
        ------
        CityError
            As `layer`.
        """
        self.layer("events")
        return self._reader.rows()

    def first_of_row(self) -> np.ndarray:
        """Which events are the first of their row: all, unless a column counts.

        A row of ``count`` crimes is as many events at one place and time. They count as often, but
        are no repeats of one another: what asks for repeats looks at the first of each row.

        Returns
        -------
        (n,) array of bool
            In the order of ``layer("events")``.

        Raises
        ------
        CityError
            As `layer`.
        """
        self.layer("events")
        return self._reader.first_of_row.copy()

    def check(self) -> None:
        """Read and check every layer and every hash.

        Raises
        ------
        CityError
            The first fault found.
        """
        for name in self.card.files:
            verified(self.folder, name, self.card.files, "files")
        for name in self.layers:
            self.layer(name)

    def faults(self) -> list[str]:
        """Every fault of every layer's cells, in sentences; empty where there is none.

        What rests on a faulty cell, such as whether a place without number lies inside the boundary,
        is looked at once that is mended.
        """
        found: list[str] = []
        for name in self.layers:
            try:
                self.layer(name)
            except CityError as error:
                found += _each(self, name) or str(error).splitlines()
        if not found:
            try:
                self.check()
            except CityError as error:
                found += str(error).splitlines()
        return list(dict.fromkeys(found))

    def input_files(self) -> list[Path]:
        """city.yml and every file it names, sorted; a change of any asks for a new run.

        Raises
        ------
        CityError
            A file is missing.
        """
        names = {CARD, *self.card.files, *(name for _, name in self.card.named_files())}
        if self.has("map_layers"):
            # only its table says which images there are
            shown = self.layer("map_layers")
            for column in ("image", "template", "georeference"):
                names.update(path.relative_to(self.folder).as_posix() for path in shown[column])
        paths = [file_inside(self.folder, name, "city.yml") for name in sorted(names)]
        for path in paths:
            if not path.is_file():
                raise CityError(
                    f"{path.relative_to(self.folder.parent).as_posix()}: no such file; put it "
                    f"there or correct its name in {CARD}"
                )
        return paths

    def attached(self, name: str) -> pd.DataFrame | None:
        """A table that is no layer, from a CSV file that city.yml lists under ``files``.

        Parameters
        ----------
        name : str
            The file's name, as under ``files``.

        Returns
        -------
        DataFrame or None
            Its columns with the types that pandas finds; None where city.yml does not list it.

        Raises
        ------
        CityError
            The file is missing, has changed, or is no table.
        """
        import pandas as pd

        if name not in self.card.files:
            return None
        path = verified(self.folder, name, self.card.files, "files")
        shown = f"{self.name}/{name}"
        try:
            text = decode(shown, read_bytes(path, shown), None)
            return pd.read_csv(io.StringIO(text))
        except SourceError as error:
            raise CityError(str(error)) from None
        except (ValueError, OverflowError) as error:  # pandas' own errors of parsing are among them
            raise CityError(f"{shown} is no table ({error}); save it again as CSV") from None

    @property
    def sources(self) -> str:
        """Text of SOURCES.md, which says where the data come from; empty where there is none.

        Raises
        ------
        CityError
            It is a link, or no UTF-8 text.
        """
        path = file_inside(self.folder, SOURCES, "the city")
        shown = f"{self.name}/{SOURCES}"
        if not path.exists() or not path.stat().st_size:
            return ""
        try:
            return decode(shown, read_bytes(path, shown), "utf-8-sig", "markdown")
        except SourceError as error:
            raise CityError(str(error)) from None

    def listed_files(self) -> list[ListedFile]:
        """What belongs to the city: `input_files` and SOURCES.md, with sizes and hashes.

        Whatever else lies in the folder is not looked at.

        Raises
        ------
        CityError
            A file is missing, or is a link.
        """
        paths = self.input_files()
        sources = file_inside(self.folder, SOURCES, "the city")
        if sources.exists() and sources not in paths:
            paths.append(sources)
        named = sorted((path.relative_to(self.folder).as_posix(), path) for path in paths)
        return [ListedFile(name, path.stat().st_size, sha256_of(path)) for name, path in named]

    @cached_property
    def _reader(self) -> LayerReader:
        # it imports what reads tables and polygons, which a look at city.yml must not wait for
        from .layers import LayerReader

        handed = partial(self.handed, self)
        return LayerReader(self.folder, self.name, self.card, self.keep, handed)

    def _is_simulated(self, field: str | None) -> bool:
        """Whether a field of the zones rests on simulated zones, or counts simulated events."""
        if field is None:
            return False
        fields = self.fields()
        counted = any(fields[name].count for name in (field, *(fields[field].ratio or ())))
        return "zones" in self.synthetic or (counted and "events" in self.synthetic)

    def _spec(self, layer: str) -> LayerSpec:
        if layer not in LAYERS:
            hint = near(layer, LAYERS) or f"; the layers are {', '.join(LAYERS)}"
            raise CityError(f"{layer!r} is no layer{hint}")
        spec = getattr(self.card.layers, layer)
        if spec is None:
            raise CityError(
                f"{self.name} has no layer {layer!r}; state it in {self.name}/{CARD} (it has "
                f"{', '.join(self.layers)})"
            )
        return spec


def _each(town: City, layer: str) -> list[str]:
    """The faults of a layer that cannot be read, gathered in a reading of its own."""
    # what is read past a fault must not be kept
    again = replace(town, keep=compute_only, handed=nothing_handed)
    with gather_faults() as faults:
        try:
            again.layer(layer)
        except CityError as error:
            if not faults.sentences or (", row " in str(error) and "nan" not in str(error)):
                faults.sentences += str(error).splitlines()
        except (ValueError, TypeError, KeyError, IndexError, ArithmeticError):
            if not faults.sentences:
                raise
    return faults.sentences
