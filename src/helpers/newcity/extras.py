"""The layers beside the crimes: stations, patrols, streets, criteria, outlines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.sources import is_missing

from . import outline, places
from .cells import numbers, safe_text
from .errors import NewCityError
from .points import split_point
from .reading import read_all
from .roles import Roles
from .tables import RawTable
from .where import guess_place
from .words import words_of

_NAME = r"\b(name|nombre|nome|nom|bezeichnung|station|estacion|comisaria|delegacia|wache|poste|post|patrol|unidad|label|id)\b"
_OFFICERS = r"^(officers|agents|agentes|policias|efectivos|dotacion|dotation|beamte|effectifs|staff|personal|efetivo)$"


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


def points_layer(path: Path, what: str, crs: pyproj.CRS, scratch: Path) -> Made:
    """Stations or patrols of any file: a name and a place each.

    Raises
    ------
    NewCityError
        No table, no places, or places in an unknown system or another part of the world.
    """
    table, files = one_table(path, scratch, what)
    roles = Roles()
    guess_place(table, table.frame, roles)
    x, y, source = _xy(table, roles, crs)
    degrees = _to(x, y, source, pyproj.CRS.from_epsg(4326))
    lacking = ~np.isfinite(degrees).all(axis=1) | ((np.abs(x) < 1e-3) & (np.abs(y) < 1e-3))
    if lacking.any():
        k = int(np.flatnonzero(lacking)[0])
        raise NewCityError(f"{table.place(k)}: the {what[:-1]} has no place; write its coordinates")
    area = crs.area_of_use
    if area is not None and area.west < area.east:
        away = (degrees[:, 0] < area.west - 1) | (degrees[:, 0] > area.east + 1)
        away |= (degrees[:, 1] < area.south - 1) | (degrees[:, 1] > area.north + 1)
        if away.any():
            k = int(np.flatnonzero(away)[0])
            raise NewCityError(
                f"{table.place(k)}: ({x[k]:g}, {y[k]:g}) lies outside the area of {crs.name}; give the "
                f"{what} of this city, or their system"
            )
    metres = _to(x, y, source, crs)
    taken = {roles.x, roles.y, roles.point}
    named = [n for n in table.frame.columns if n not in taken and re.search(_NAME, words_of(n))]
    named.sort(key=lambda n: (bool(re.search(r"\bid\b", words_of(n))), -table.frame[n].nunique()))
    single = what[:-1] if what == "stations" else "patrol"
    frame = pd.DataFrame()
    texts = (
        table.frame[named[0]]
        if named
        else pd.Series([f"{single} {k + 1}" for k in range(len(table))])
    )
    texts = safe_text(texts).reset_index(drop=True)
    texts = texts.mask(is_missing(texts), f"{single} of row " + pd.Series(table.rows).astype(str))
    again = texts.groupby(texts).cumcount()
    frame[single] = texts.where(again.eq(0), texts + " (" + (again + 1).astype(str) + ")")
    if what == "stations":
        for name in table.frame.columns:
            if re.search(_OFFICERS, words_of(name)):
                values, _ = numbers(table.frame[name])
                if np.isfinite(values).all() and (values >= 0).all():
                    frame["officers"] = values.astype(int)
                    break
    frame["x"], frame["y"] = np.round(metres[:, 0], 2), np.round(metres[:, 1], 2)
    fact = f"{what}: {len(frame)} of {table.files[0]}, named by {named[0] if named else 'their number'}"
    return Made(
        frame.to_csv(index=False, lineterminator="\n"), f"    file: {what}.csv\n", [fact], files
    )


def boundary_layer(path: Path, scratch: Path) -> Made:
    """The outline of a city from any file of polygons."""
    table, files = one_table(path, scratch, "boundary", spatial=True)
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
    block = ""
    for name in names:
        values, _ = numbers(table.frame[name])
        if name == key or not np.isfinite(values).all() or values.min() == values.max():
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
        ],
        files,
    )


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


def _xy(
    table: RawTable, roles: Roles, crs: pyproj.CRS
) -> tuple[np.ndarray, np.ndarray, pyproj.CRS]:
    if roles.x:
        x, _ = numbers(table.frame[roles.x])
        y, _ = numbers(table.frame[roles.y])
    elif roles.point:
        x, y = split_point(table.frame[roles.point], roles.point)
    elif table.points is not None:
        whole = shapely.centroid(table.points)
        return shapely.get_x(whole), shapely.get_y(whole), pyproj.CRS(table.crs or 4326)
    else:
        raise NewCityError(
            f"{table.files[0]}: no columns of coordinates (it has {', '.join(table.frame.columns)}); "
            "name them x and y"
        )
    degrees = places.is_in_degrees(x, y) > 0.5
    return x, y, pyproj.CRS.from_epsg(4326) if degrees else crs


def _to(x: np.ndarray, y: np.ndarray, source: pyproj.CRS, target: pyproj.CRS) -> np.ndarray:
    change = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return np.column_stack(change.transform(x, y))


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
