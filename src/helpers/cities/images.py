"""The map_layers layer: one row a rendered symbol layer of a published map."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from .card import MapLayers
from .columns import Columns
from .errors import CityError
from .folders import file_inside

_FILES = ("image", "template", "georeference")


def read_map_layers(columns: Columns[MapLayers], folder: Path) -> pd.DataFrame:
    """``kind``, and the paths ``image``, ``template``, ``georeference``.

    Raises
    ------
    CityError
        A name that leaves the city's folder or is no file.
    """
    data = {"kind": columns.text(columns.source("kind"), "kind")}
    for name in _FILES:
        source = columns.source(name)
        words = columns.text(source, name)
        data[name] = [_existing(columns, folder, k, source, word) for k, word in enumerate(words)]
    for name in columns.spec.extra:
        data[name] = columns.raw(name, "`extra`")
    return pd.DataFrame(data)


def _existing(columns: Columns, folder: Path, row: int, column: str, word: str) -> Path:
    path = file_inside(folder, word, columns.table.place(row))
    if not path.is_file():
        raise CityError(
            f"{columns.table.place(row)}, column {column}: {word!r} is no file of the city's "
            "folder; put it there or correct its name"
        )
    return path
