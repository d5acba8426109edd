"""The outline of a city, and how a layer beside the crimes is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from . import outline
from .errors import NewCityError
from .reading import read_all
from .tables import RawTable


@dataclass(frozen=True)
class Made:
    """A layer ready to be written.

    Attributes
    ----------
    text : str
        Contents of the file.
    block : str
        What city.yml says of it, below its name, each line with four blanks.
    facts : list of str
    files : list of Path
        Originals.
    """

    text: str
    block: str
    facts: list[str]
    files: list[Path]

    def file_of(self, layer: str) -> str:
        """Name of the file of the layer in a city's folder."""
        return f"{layer}.{'geojson' if self.text.startswith('{') else 'csv'}"


def boundary_layer(path: Path, scratch: Path, crs: str = "") -> Made:
    """The outline of a city from any file of polygons, in the system `crs` where it names none."""
    table, files = one_table(path, scratch, "boundary", spatial=True)
    table = outline.in_system(table, crs)
    shape = shapely.union_all(outline.polygons_in_degrees(table, "boundary"))
    return Made(
        geojson([shape], pd.DataFrame({"name": ["boundary"]})),
        "    file: boundary.geojson\n",
        [f"boundary: {len(table)} polygon(s) of {table.files[0]}"],
        files,
    )


def left_out(columns: list[str]) -> str:
    """``; left out: a, b``, or nothing where no column is."""
    return f"; left out: {', '.join(columns)}" if columns else ""


def one_table(
    path: Path, scratch: Path, what: str, *, spatial: bool = False
) -> tuple[RawTable, list[Path]]:
    """The longest table of a file, of shapes where these are asked for; the originals."""
    tables, left, files = read_all(path, scratch)
    if spatial:
        tables = [table for table in tables if table.points is not None]
    if not tables:
        why = f" ({'; '.join(left[:2])})" if left else ""
        raise NewCityError(
            f"{path.name} holds no {'shapes' if spatial else 'table'} for the {what}{why}"
        )
    return max(tables, key=len), files


def quoted(text: Any) -> str:
    """A text as YAML reads it back, whatever it holds."""
    return json.dumps(str(text), ensure_ascii=False)


def geojson(shapes: list[Any], frame: pd.DataFrame) -> str:
    """Shapes in degrees as GeoJSON, a feature a line, to a tenth of a millimetre."""
    rounded = shapely.transform(np.array(shapes, dtype=object), lambda xy: np.round(xy, 9))
    features = []
    for shape, record in zip(rounded, frame.to_dict("records") or [{}] * len(shapes), strict=True):
        geometry = json.loads(shapely.to_geojson(shape))
        features.append(
            json.dumps(
                {"type": "Feature", "properties": record, "geometry": geometry}, ensure_ascii=False
            )
        )
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
