"""Stations and patrols of any file: their names, officers and places."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.checks import near
from helpers.sources import is_missing

from . import places
from .cells import numbers, safe_text
from .choices import Said
from .errors import NewCityError
from .extras import Made, left_out, one_table
from .points import split_point
from .roles import Roles
from .systems import known_crs
from .tables import RawTable
from .where import guess_place
from .words import words_of

_NAME = (
    r"\b(name|nombre|nome|nom|bezeichnung|denominacion|designacao|station|estacion|comisaria|delegacia|esquadra|"
    r"posto|puesto|quartel|cuartel|destacamento|commissariat|gendarmerie|brigade|wache|polizeiwache|revier|"
    r"polizeirevier|dienststelle|inspektion|precinct|barracks|poste|post|patrol|unidad|unidade|label|id)\b"
)
_OFFICERS = (
    r"\b(officers?|agents?|agentes?|policias|policiais|efectivos?|efetivos?|effectifs?|dotacion|dotation|plantilla|"
    r"beamte[nr]?|polizeibeamte[nr]?|polizisten|personalstarke|staff|personnel|personal|pessoal|headcount)\b"
)
_NO_OFFICERS = r"\b(phone|tel\w*|fax|mobile|movil|mail|email|id|code|cost\w*|budget|vehicles?|year|ano|per|area)\b"


def points_layer(
    path: Path, what: str, crs: pyproj.CRS, scratch: Path, said: Said | None = None
) -> Made:
    """Stations or patrols of any file: a name and a place each.

    Parameters
    ----------
    path : Path
    what : {"stations", "patrols"}
    crs : CRS
        Of the city.
    scratch : Path
    said : Said, optional
        Columns and system, where the guess is wrong.

    Raises
    ------
    NewCityError
        No table, no places, or places in an unknown system or another part of the world.
    """
    said = said or Said()
    table, files = one_table(path, scratch, what)
    roles = Roles()
    guess_place(table, table.frame, roles)
    for one in ("x", "y"):
        if getattr(said, one):
            setattr(roles, one, _known(table, getattr(said, one), one))
            roles.point = ""
    x, y, source = _xy(table, roles, crs, said, what)
    degrees = _to(x, y, source, pyproj.CRS.from_epsg(4326))
    lacking = ~np.isfinite(degrees).all(axis=1) | ((np.abs(x) < 1e-3) & (np.abs(y) < 1e-3))
    if lacking.any():
        k = int(np.flatnonzero(lacking)[0])
        raise NewCityError(
            f"{table.place(k)}: the {what[:-1]} has no place; write its coordinates, or "
            "remove the row"
        )
    area = crs.area_of_use
    if area is not None and area.west < area.east:
        away = (degrees[:, 0] < area.west - 1) | (degrees[:, 0] > area.east + 1)
        away |= (degrees[:, 1] < area.south - 1) | (degrees[:, 1] > area.north + 1)
        if away.any():
            k = int(np.flatnonzero(away)[0])
            raise NewCityError(
                f"{table.place(k)}: ({x[k]:g}, {y[k]:g}) lies outside the area of {crs.name}; give the "
                f"{what} of this city, or their system with attach … --crs"
            )
    metres = _to(x, y, source, crs)
    taken = {roles.x, roles.y, roles.point}
    single = what[:-1] if what == "stations" else "patrol"
    named = _known(table, said.name, "name") if said.name else _named(table, taken)
    frame = pd.DataFrame({single: _names(table, named, single)})
    taken.add(named)
    fact = f"{what}: {len(frame)} of {table.files[0]}, named by {named or 'their number'}"
    if what == "stations" and (officers := _officers(table, taken)):
        values, _ = numbers(table.frame[officers])
        frame["officers"] = values.astype(int) if (values % 1 == 0).all() else values
        fact += f", officers by {officers} ({values.sum():,g} in all)"
        taken.add(officers)
    frame["x"], frame["y"] = np.round(metres[:, 0], 2), np.round(metres[:, 1], 2)
    fact += left_out([str(one) for one in table.frame.columns if one not in taken])
    return Made(
        frame.to_csv(index=False, lineterminator="\n"), f"    file: {what}.csv\n", [fact], files
    )


def _known(table: RawTable, column: str, flag: str) -> str:
    folded = {str(name).casefold(): str(name) for name in table.frame.columns}
    if column.casefold() not in folded:
        hint = near(column, folded.values()) or f"; it has {', '.join(folded.values())}."
        raise NewCityError(
            f"{table.files[0]}: no column {column!r} for --{flag}{hint} Correct --{flag}"
        )
    return folded[column.casefold()]


def _named(table: RawTable, taken: set[str]) -> str:
    """The column of names: by its heading, else the first of words that all differ; "" where none."""
    free = [n for n in table.frame.columns if n not in taken]
    named = [n for n in free if re.search(_NAME, words_of(n)) and not _is_officers(n)]
    named.sort(key=lambda n: (bool(re.search(r"\bid\b", words_of(n))), -table.frame[n].nunique()))
    if named:
        return str(named[0])
    for name in free:
        texts = table.frame[name]
        words = texts.str.contains(r"[^\W\d_]{2}", regex=True).all()
        if words and texts.is_unique and not is_missing(texts).any():
            return str(name)
    return ""


def _names(table: RawTable, column: str, single: str) -> pd.Series:
    """A name for each row, no two alike."""
    if not column:
        return pd.Series([f"{single} {k + 1}" for k in range(len(table))])
    texts = safe_text(table.frame[column]).reset_index(drop=True)
    texts = texts.mask(is_missing(texts), f"{single} of row " + pd.Series(table.rows).astype(str))
    again = texts.groupby(texts).cumcount()
    return texts.where(again.eq(0), texts + " (" + (again + 1).astype(str) + ")")


def _is_officers(name: str) -> bool:
    words = words_of(name)
    return bool(re.search(_OFFICERS, words)) and not re.search(_NO_OFFICERS, words)


def _officers(table: RawTable, taken: set[str]) -> str:
    """The column of how many officers a station has; "" where there is none."""
    for name in table.frame.columns:
        if name in taken or not _is_officers(name):
            continue
        values, _ = numbers(table.frame[name])
        if np.isfinite(values).all() and (values >= 0).all():
            return str(name)
    return ""


def _xy(
    table: RawTable, roles: Roles, crs: pyproj.CRS, said: Said, what: str
) -> tuple[np.ndarray, np.ndarray, pyproj.CRS]:
    stated = known_crs(said.crs) if said.crs else None
    if roles.x and roles.y:
        x, _ = numbers(table.frame[roles.x])
        y, _ = numbers(table.frame[roles.y])
    elif roles.point:
        x, y = split_point(table.frame[roles.point], roles.point)
    elif table.points is not None:
        whole = shapely.centroid(table.points)
        return shapely.get_x(whole), shapely.get_y(whole), pyproj.CRS(stated or table.crs or 4326)
    else:
        raise NewCityError(
            f"{table.files[0]}: no columns of coordinates (it has {', '.join(table.frame.columns)}); "
            f"rename them x and y in the file, or add the {what} later with run_all.py attach CITY {what} "
            "FILE --x COLUMN --y COLUMN"
        )
    if stated is not None:
        return x, y, stated
    degrees = places.is_in_degrees(x, y) > 0.5
    return x, y, pyproj.CRS.from_epsg(4326) if degrees else crs


def _to(x: np.ndarray, y: np.ndarray, source: pyproj.CRS, target: pyproj.CRS) -> np.ndarray:
    change = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return np.column_stack(change.transform(x, y))
