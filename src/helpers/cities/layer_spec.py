"""What every layer of city.yml may state."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from helpers.checks import near
from helpers.sources import FORMATS

from .mapping import PLAIN, Constant, Source, Text, one_line, seen

_NO_DELIMITERS = '"\r\n\0'


def finite(number: float) -> float:
    """A number that is neither infinite nor none."""
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
Number = Annotated[float | int, AfterValidator(finite)]
Crs = Annotated[str, Field(pattern=r"^EPSG:\d{4,6}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def refuse_twice(what: str, names: Iterable[str]) -> None:
    """Refuse a name that is listed twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{what} {twice[0]!r} twice; remove one")


def refuse_taken(what: str, names: Iterable[str], taken: Iterable[str]) -> None:
    """Refuse names of fields or criteria that are columns of the layer already."""
    for name in names:
        if name in taken:
            raise ValueError(
                f"the {what} {name!r} has the name of another column of the layer; rename it"
            )


class Plain(BaseModel):
    """Keys and values as written: no others, nothing converted, nothing changed later."""

    model_config = PLAIN


class LayerSpec(Plain):
    """What every layer may state.

    Attributes
    ----------
    file : str or list of str
        File name inside the city's folder; several files of the same columns are read as one.
    format : str
        Only when the suffix does not tell: csv, geojson, geopackage, parquet, workbook.
    encoding, delimiter, decimal : str
        Of text files: UTF-8, the commonest of ``, ; tab |`` and ``.`` when not stated.
    layer : str
        Of a GeoPackage with several layers.
    sheet : str
        Of a workbook with several sheets.
    skip_rows : int
        Rows above the header of text files and sheets.
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
    joined_columns: ClassVar[tuple[str, ...]] = ()
    only_mapped: ClassVar[tuple[str, ...]] = ()  # a column of the same name is another

    file: Text | Annotated[list[Text], Field(min_length=1)] | None = None
    format: Literal["csv", "geojson", "geopackage", "parquet", "workbook"] | None = None
    encoding: Text | None = None
    delimiter: (
        Annotated[str, Field(min_length=1, max_length=1), AfterValidator(_delimiter)] | None
    ) = None
    decimal: Literal[".", ","] = "."
    layer: Text | None = None
    sheet: Text | None = None
    skip_rows: Annotated[int, Field(ge=0, le=10_000)] = 0
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
            self._refuse_source(name)
        for name in self.extra:
            if name in known and (name in self.columns or name not in self.only_mapped):
                raise ValueError(
                    f"`extra` names {name!r}, which is a column of the layer; map it under `columns`"
                )
        self._refuse_of_another_format()
        refuse_twice("`file` lists", [str(PurePosixPath(name)) for name in self.files])
        refuse_twice("`extra` names", self.extra)
        return self

    def _refuse_source(self, name: str) -> None:
        """Refuse a constant, or several columns, where one column belongs."""
        source = self.columns[name]
        if isinstance(source, Constant):
            allowed, what = self.constant_columns, "one value for all rows"
        elif isinstance(source, str):
            return
        else:
            allowed, what = self.joined_columns, "several columns"
        if name not in allowed:
            may = " and ".join(f"`{one}`" for one in allowed) or "no column"
            raise ValueError(
                f"`columns` gives {name!r} {what}, which {may} of this layer may have; name a column "
                "of the file"
            )

    def _refuse_of_another_format(self) -> None:
        """Refuse keys that say nothing of the files' formats."""
        forms = {
            self.format or FORMATS.get(PurePosixPath(name).suffix.lower()) for name in self.files
        }
        for key, meant in (("sheet", {"workbook"}), ("skip_rows", {"workbook", "csv"})):
            if getattr(self, key) and not forms <= meant:
                what = " and ".join(
                    {"workbook": "workbooks", "csv": "text files"}[m] for m in sorted(meant)
                )
                raise ValueError(f"`{key}` is of {what}, and `file` names another; remove it")


class FileLayer(LayerSpec):
    """A layer that only a file can hold."""

    @model_validator(mode="after")
    def _has_file(self) -> FileLayer:
        if self.file is None:
            raise ValueError("the layer names no file; write `file: <name>`")
        return self
