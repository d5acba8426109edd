"""Today's districts from any file: a table of zones and their beats, or polygons of the beats."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.checks import near, per_cent
from helpers.sources import is_missing

from . import outline
from .cells import safe_text
from .choices import Said
from .errors import NewCityError
from .extras import Made, geojson, one_table
from .tables import RawTable
from .words import words_of
from .zoning import matched

_NAME = (
    r"\b(beat|beats|district|distrito|precinct|sector|setor|division|cuadrante|comisaria|delegacia|"
    r"area|patrol|bezirk|revier|secteur|circonscription|batalhao|bpm|cia)\b"
)


def districts_layer(path: Path, said: Said, zones: pd.Series, scratch: Path) -> Made:
    """The layer of districts from any file.

    Parameters
    ----------
    path : Path
    said : Said
        Column of the districts' names, found where it is not given, and the system.
    zones : Series of str
        Codes of the city's zones.
    scratch : Path

    Raises
    ------
    NewCityError
        No such column, no polygons, or a table of which no column holds the zones' codes.
    """
    table, files = one_table(path, scratch, "districts")
    key, table = said.key, outline.in_system(table, said.crs)
    name = str(table.files[0])
    if key and key not in table.frame.columns:
        hint = near(key, table.frame.columns) or f"; it has {', '.join(table.frame.columns)}."
        raise NewCityError(f"{name}: no column {key!r} for --key{hint} Correct --key")
    if table.points is not None:
        column = key or _named(table, [])
        shapes = outline.polygons_in_degrees(table, "districts")
        frame = pd.DataFrame({"district": _texts(table, column)})
        told = f"districts: {frame['district'].nunique()} of {name}, named by {column}"
        return Made(
            geojson(list(shapes), frame),
            "    file: districts.geojson\n    columns: {district: district}\n",
            [told],
            files,
        )
    ranked = [
        (float((matched(table.frame[one], zones)[0] != "").mean()), one)
        for one in table.frame.columns
        if one != key
    ]
    share, zone = max(ranked, default=(0.0, ""))
    if share < 0.5:
        raise NewCityError(
            f"{name}: no column holds the codes of the zones (such as {zones.iloc[0]!r}); the best, "
            f"{zone or 'none'}, joins {per_cent(share)} of its rows to a zone"
        )
    codes, _ = matched(table.frame[zone], zones)
    column = key or _named(table, [zone])
    frame = pd.DataFrame({"zone": codes, "district": _texts(table, column)})
    frame = frame[frame["zone"] != ""].drop_duplicates()
    left = len(table) - int((codes != "").sum())
    told = f"districts: {frame['district'].nunique()} of {name}, zone {zone}, district {column}"
    return Made(
        frame.to_csv(index=False, lineterminator="\n"),
        "    file: districts.csv\n",
        [told + (f"; {left} row(s) are of no zone of the city and were left out" if left else "")],
        files,
    )


def _named(table: RawTable, taken: list[str]) -> str:
    """The column that names the districts: by its name, else the one of the fewest values."""
    names = [
        one
        for one in table.frame.columns
        if one not in taken and not is_missing(table.frame[one]).all()
    ]
    if not names:
        raise NewCityError(f"{table.files[0]}: no column names the districts; name it with --key")
    said = [one for one in names if re.search(_NAME, words_of(one))]
    often = {one: table.frame[one].nunique() for one in said or names}
    # a single value names the city, or the force
    return min(often, key=lambda one: (often[one] < 2, often[one]))


def _texts(table: RawTable, column: str) -> np.ndarray:
    blank = np.flatnonzero(is_missing(table.frame[column]))
    if len(blank):
        raise NewCityError(
            f"{table.place(int(blank[0]))}, column {column} is empty ({len(blank)} such rows); write "
            "the district, or name another column with --key"
        )
    return safe_text(table.frame[column]).to_numpy()
