"""Parquet files too large for memory, as tables of a bounded number of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.sources import SourceError, large_tables

from .errors import NewCityError
from .frames import text_frame
from .tables import RawTable

_EXACT = 1 << 53
LARGE = 1_000_000  # rows; a smaller folder is read whole


def is_large_parquet(path: Path) -> bool:
    """Whether a folder, or a file, holds Parquet of too many rows to be read whole."""
    if path.is_symlink() or not path.exists():
        return False
    try:
        return large_tables.rows_in(path) > LARGE
    except SourceError:
        return False  # told where it is read whole


class ParquetPieces:
    """A folder of Parquet files, or one, read in pieces.

    Parameters
    ----------
    path : Path

    Raises
    ------
    NewCityError
        It has no column in common to all files.
    """

    def __init__(self, path: Path) -> None:
        try:
            self.columns = large_tables.event_columns(path)
        except SourceError as error:
            raise NewCityError(str(error)) from None
        if not self.columns:
            raise NewCityError(f"{path.name}: its files have no column in common")
        self.path, self.files = path, large_tables.parquet_files(path)
        self._geometry, self._crs = _geometry_of(self.files[0])

    def sample(self, most: int) -> tuple[RawTable, int]:
        """Rows from all parts, and how many rows there are."""
        total = large_tables.rows_in(self.path)
        step = max(1, total // most)
        kept, before = [], 0
        for name, first, frame in self._frames(self.columns, most):
            rows = np.arange(-before % step, len(frame), step)
            kept.append(self._table(name, frame.iloc[rows], first + rows))
            before += len(frame)
        names = np.concatenate([table.files for table in kept])
        numbers = np.concatenate([table.rows for table in kept])
        points = None
        if self._geometry:
            points = np.concatenate([table.points for table in kept if table.points is not None])
        whole = pd.concat([table.frame for table in kept], ignore_index=True)
        facts = [
            *self._left_alone(),
            f"{self.path.name}: Parquet, {len(self.files)} file(s), {total:,} rows",
        ]
        return RawTable(whole, names, numbers, points, self._crs, facts), total

    def _left_alone(self) -> list[str]:
        """What else lies in the folder."""
        if self.path.is_file():
            return []
        every = [p for p in sorted(self.path.rglob("*")) if p.is_file() and p.name[0] not in "._"]
        others = [p.relative_to(self.path).as_posix() for p in every if p not in self.files]
        return [f"{', '.join(others[:4])}: no Parquet, left alone"] if others else []

    def pieces(self, needed: set[str], numbered: bool, rows: int) -> Iterator[RawTable]:
        """The rows in tables of at most so many, each with its number in its file.

        Parameters
        ----------
        needed : set of str
            Columns to keep.
        numbered : bool
            Whether a column numbers the crimes: then each row has a hash of all its cells.
        rows : int
        """
        chosen = [name for name in self.columns if name in needed or name == self._geometry]
        for name, first, frame in self._frames(self.columns if numbered else chosen, rows):
            hashes = None
            if numbered:
                hashes = pd.util.hash_pandas_object(_alike(frame), index=False).to_numpy()
                frame = frame[chosen]
            table = self._table(name, frame, first + np.arange(len(frame)))
            table.hashes = hashes
            yield table

    def _frames(self, columns: list[str], rows: int) -> Iterator[tuple[str, int, pd.DataFrame]]:
        """Pieces with the name of their file and the number of their first row in it."""
        before, last = 0, ""
        try:
            for name, batch in large_tables.batches(self.path, columns, rows):
                before = before if name == last else 0
                yield name, before + 1, batch.to_pandas()
                before, last = before + batch.num_rows, name
        except SourceError as error:
            raise NewCityError(str(error)) from None

    def _table(self, name: str, frame: pd.DataFrame, numbers: np.ndarray) -> RawTable:
        points = None
        if self._geometry:
            points = shapely.from_wkb(frame[self._geometry].to_numpy())
            frame = frame.drop(columns=self._geometry)
        files = np.full(len(frame), name, dtype=object)
        return RawTable(text_frame(frame), files, np.asarray(numbers), points, self._crs)


def _alike(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells in types that do not differ from file to file: equal rows then have equal hashes."""
    types = {}
    for name, values in frame.items():
        if pd.api.types.is_numeric_dtype(values):
            # whole numbers that a float does not tell apart stay as they are
            if not pd.api.types.is_integer_dtype(values) or values.abs().max() < _EXACT:
                types[name] = "float64"
        elif pd.api.types.is_datetime64_dtype(values):
            types[name] = "datetime64[us]"
    return frame.astype(types)


def _geometry_of(path: Path) -> tuple[str, Any]:
    """Column of geometries in WKB and their system, as GeoParquet states them; "" where it is none."""
    from pyarrow import parquet

    about = (parquet.read_schema(path).metadata or {}).get(b"geo")
    if about is None:
        return "", None
    told = json.loads(about)
    name = told["primary_column"]
    crs = told["columns"][name].get("crs")
    return name, pyproj.CRS.from_json_dict(crs) if crs else pyproj.CRS.from_epsg(4326)
