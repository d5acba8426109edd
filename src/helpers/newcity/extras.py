"""The layers beside the crimes: criteria and outlines, and how a layer is written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from . import outline
from .cells import numbers
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


def criteria_layer(path: Path, key: str, zones: pd.Series, scratch: Path) -> Made:
    """Performance of zones from any table: a code and a number a criterion each.

    Raises
    ------
    NewCityError
        No column of codes, a zone without row, or fewer than two numbers.
    """
    from .zoning import matched

    table, files = one_table(path, scratch, "criteria")
    names = list(table.frame.columns)
    if key and key not in names:
        raise NewCityError(
            f"{table.files[0]}: no column {key!r} for --key; it has {', '.join(names)}"
        )
    ranked = [
        (float((matched(table.frame[n], zones)[0] != "").mean()), n)
        for n in ([key] if key else names)
    ]
    share, key = max(ranked)
    codes, _ = matched(table.frame[key], zones)
    if share < 0.5:
        raise NewCityError(
            f"{table.files[0]}: column {key} joins {share:.0%} of its rows to a zone; name the column of "
            "codes with --key"
        )
    frame = pd.DataFrame({"zone": codes})
    block, left = "", []
    for name in names:
        values, _ = numbers(table.frame[name])
        if name == key:
            continue
        if not np.isfinite(values).all() or values.min() == values.max():
            left.append(name)
            continue
        column = re.sub(r"[/\\.]", "_", name)
        if column in ("zone", "name"):
            column += "_value"
        frame[column] = values
        block += (
            f"      {quoted(column)}:\n        column: {quoted(column)}\n        label: {quoted(name)}\n"
            "        shape: increasing  # or decreasing, peaked: say how priority follows\n"
        )
    frame = frame[frame["zone"] != ""]
    missing = set(zones) - set(frame["zone"])
    if missing:
        raise NewCityError(
            f"{table.files[0]}, column {key}: no row for zone {min(missing)!r} ({len(missing)} zones)"
        )
    if frame.shape[1] < 2:
        raise NewCityError(
            f"{table.files[0]} holds no column of numbers that vary; give one a criterion"
        )
    return Made(
        frame.to_csv(index=False, lineterminator="\n"),
        f"    file: criteria.csv\n    criteria:\n{block}",
        [
            f"criteria: {frame.shape[1] - 1} columns of {table.files[0]}, each taken as rising with priority"
            + left_out(left)
        ],
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
