"""Events by the tens of millions in a folder of Parquet files, counted in one reading.

A batch of rows at a time is read and added to the counts, so that memory depends on the number of
cells or places and not on the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import SourceError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

BATCH = 1 << 19  # rows at once
MOST_PLACES = 5_000_000
_SUFFIXES = (".parquet", ".geoparquet")


@dataclass(frozen=True)
class Cells:
    """Rectangles of one size that fill a rectangle.

    Attributes
    ----------
    west, south
        Lower left corner, in the unit of the coordinates (metres in a projected system).
    width, height
        Of a cell, in the same unit.
    columns, rows
        How many cells from west to east and from south to north.
    """

    west: float
    south: float
    width: float
    height: float
    columns: int
    rows: int

    @classmethod
    def of_number(cls, bounds: Sequence[float], columns: int, rows: int) -> Cells:
        """So many cells over ``(west, south, east, north)``."""
        west, south, east, north = bounds
        return cls(west, south, (east - west) / columns, (north - south) / rows, columns, rows)

    @classmethod
    def of_size(cls, bounds: Sequence[float], size: float) -> Cells:
        """Squares of a size over ``(west, south, east, north)``, as many as it takes.

        Examples
        --------
        >>> cells = Cells.of_size((0, 0, 1000, 600), 250)
        >>> cells.columns, cells.rows
        (4, 3)
        """
        west, south, east, north = bounds
        columns, rows = (
            max(1, int(np.ceil((high - low) / size)))
            for low, high in ((west, east), (south, north))
        )
        return cls(west, south, size, size, columns, rows)

    def place(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        r"""Number of the cell of each place, −1 outside.

        .. math:: j = \lfloor (x - x_0) / w \rfloor + c \lfloor (y - y_0) / h \rfloor

        with c columns; as in a histogram, the outer border belongs to the last cells.

        Parameters
        ----------
        x, y : (n,) array

        Returns
        -------
        (n,) array of int
        """
        across, up = (x - self.west) / self.width, (y - self.south) / self.height
        inside = (across >= 0) & (up >= 0) & (across <= self.columns) & (up <= self.rows)
        column = np.where(inside, across, 0).astype(np.int64)
        row = np.where(inside, up, 0).astype(np.int64)
        np.minimum(column, self.columns - 1, out=column)
        np.minimum(row, self.rows - 1, out=row)
        return np.where(inside, row * self.columns + column, -1)


@dataclass
class CellCounts:
    """Events of a folder by kind and cell.

    Attributes
    ----------
    kinds : list of str
        In the order of their names; "" where a row has none.
    cells : dict of array
        By the name of a grid, events by kind, row from the south and column from the west.
    outside : dict of int
        By the name of a grid, events with a place outside it.
    without_place : int
        Events without coordinates.
    events : int
        All rows.
    """

    kinds: list[str] = field(default_factory=list)
    cells: dict[str, np.ndarray] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)
    without_place: int = 0
    events: int = 0


def event_columns(folder: Path, needed: Sequence[str] = ()) -> list[str]:
    """Columns that every Parquet file below a folder has.

    Files may lie in folders such as ``year=2020``, whose names are columns, too.

    Parameters
    ----------
    folder
    needed
        What there must be.

    Returns
    -------
    list of str
        In the order of the first file, then those of the folders.

    Raises
    ------
    SourceError
        There is no such file, one is damaged, or a column that is needed is missing.
    """
    files = parquet_files(folder)
    if not files:
        raise SourceError(f"{folder.name} holds no Parquet file; give the folder that does")
    common: dict[str, None] = {}
    for number, path in enumerate(files):
        with _opened(path, folder) as file:
            own = dict.fromkeys([*file.schema_arrow.names, *_told_by_folders(path, folder)])
        for name in needed:
            if name not in own:
                raise SourceError(
                    f"{_name(path, folder)}: no column '{name}'; there are: {', '.join(own)}"
                )
        common = {name: None for name in common if name in own} if number else own
    return list(common)


def rows_in(folder: Path) -> int:
    """How many rows the Parquet files below a folder hold, as they say themselves.

    Raises
    ------
    SourceError
        As `event_columns`.
    """
    total = 0
    for path in parquet_files(folder):
        with _opened(path, folder) as file:
            total += file.metadata.num_rows
    return total


def parquet_files(folder: Path) -> list[Path]:
    """Parquet files below a folder, in the order of their names; hidden ones are left out.

    A file stands for a folder that holds it alone.

    Raises
    ------
    SourceError
        One is a link.
    """
    found = []
    if folder.is_file():
        return [folder] if folder.suffix.lower() in _SUFFIXES else []
    for path in sorted(folder.rglob("*")):
        steps = path.relative_to(folder).parts
        if path.suffix.lower() not in _SUFFIXES or any(s.startswith((".", "_")) for s in steps):
            continue
        if path.is_symlink():
            raise SourceError(f"{path.name} is a link; put the file itself into the folder")
        if path.is_file():
            found.append(path)
    return found


def batches(
    folder: Path, columns: Sequence[str], rows: int | None = None
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The rows of a folder, so many at a time, each with the file they stand in.

    Parameters
    ----------
    folder
    columns
        What is read; other columns are not touched.
    rows
        At most so many at a time; `BATCH` when not given.

    Raises
    ------
    SourceError
        As `event_columns`.
    """
    import pyarrow as pa

    event_columns(folder, columns)
    for path in parquet_files(folder):
        name, told = _name(path, folder), _told_by_folders(path, folder)
        with _opened(path, folder) as file:
            own = [column for column in columns if column in file.schema_arrow.names]
            try:
                for batch in file.iter_batches(rows or BATCH, columns=own, use_threads=False):
                    if batch.num_rows:
                        parts = [
                            batch.column(one) if one in own else pa.repeat(told[one], len(batch))
                            for one in columns
                        ]
                        yield name, pa.RecordBatch.from_arrays(parts, list(columns))
            except (pa.ArrowException, OSError) as error:
                raise _damaged(name, error) from None


def _name(path: Path, folder: Path) -> str:
    return path.name if path == folder else path.relative_to(folder).as_posix()


@contextmanager
def _opened(path: Path, folder: Path) -> Iterator[parquet.ParquetFile]:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(_name(path, folder), error) from None
    with file:
        yield file


def _damaged(name: str, error: Exception) -> SourceError:
    why = (str(error).splitlines() or [""])[0][:120]
    return SourceError(f"{name} is no Parquet file, or is damaged ({why}); export it again")


def _told_by_folders(path: Path, folder: Path) -> dict[str, str]:
    """Columns that the names of a file's folders tell, such as ``year=2020``."""
    steps = [step.partition("=") for step in Path(_name(path, folder)).parts[:-1]]
    return {name: value for name, sign, value in steps if name and sign}


def count_in_cells(
    folder: Path, grids: Mapping[str, Cells], *, x: str = "x", y: str = "y", kind: str = "kind"
) -> CellCounts:
    """Count events by kind and cell, of several grids in one reading.

    Parameters
    ----------
    folder
        Of Parquet files.
    grids
        By their names.
    x, y, kind
        Columns.

    Returns
    -------
    CellCounts

    Raises
    ------
    SourceError
        As `event_columns`; coordinates that are no numbers.
    """
    found = CellCounts(outside=dict.fromkeys(grids, 0))
    known: dict[str, int] = {}
    sums: dict[str, dict[int, np.ndarray]] = {name: {} for name in grids}
    for _, batch in batches(folder, [x, y, kind]):
        across, up = _numbers(batch, x), _numbers(batch, y)
        codes = _codes(batch, kind, known)
        there = np.isfinite(across) & np.isfinite(up)
        found.events += len(there)
        if not there.all():
            found.without_place += int((~there).sum())
            across, up, codes = across[there], up[there], codes[there]
        for name, cells in grids.items():
            size = cells.columns * cells.rows
            number = cells.place(across, up)
            inside = number >= 0
            if not inside.all():
                found.outside[name] += int((~inside).sum())
                number = number[inside]
            of = codes if inside.all() else codes[inside]
            counted = np.bincount(of * size + number, minlength=size * len(known))
            for code, counts in enumerate(counted.reshape(-1, size)):
                if code in sums[name]:
                    sums[name][code] += counts
                else:
                    sums[name][code] = counts
    found.kinds = sorted(known)
    for name, cells in grids.items():
        shape = (len(known), cells.rows, cells.columns)
        parts = [sums[name][known[one]] for one in found.kinds]
        found.cells[name] = np.array(parts, dtype=np.int64).reshape(shape)
    return found


def count_at_places(
    folder: Path,
    *,
    x: str = "x",
    y: str = "y",
    kind: str = "kind",
    step: float = 1.0,
    most: int = MOST_PLACES,
) -> pd.DataFrame:
    """Count events by place and kind: places with their multiplicities.

    Parameters
    ----------
    folder
        Of Parquet files.
    x, y, kind
        Columns.
    step
        Coordinates that round to the same multiple of it are one place.
    most
        Places and kinds that may be told apart; memory is about 50 bytes each.

    Returns
    -------
    DataFrame
        ``x``, ``y``, ``kind``, ``count``, by x, y and kind.

    Raises
    ------
    SourceError
        As `count_in_cells`; more places than `most`.
    """
    import pandas as pd

    known: dict[str, int] = {}
    tally = Tally()
    for _, batch in batches(folder, [x, y, kind]):
        across, up = _numbers(batch, x), _numbers(batch, y)
        there = np.isfinite(across) & np.isfinite(up)
        columns = np.rint(across[there] / step), np.rint(up[there] / step)
        tally.add(*columns, _codes(batch, kind, known)[there])
        if len(tally) > most:
            raise SourceError(
                f"{folder.name} has more than {most:,} places and kinds; take a larger step than "
                f"{step:g}"
            )
    column, row, code, count = tally.groups()
    names = np.array(list(known), dtype=object)
    frame = pd.DataFrame({"x": column * step, "y": row * step, "kind": names[code], "count": count})
    return frame.sort_values(["x", "y", "kind"], ignore_index=True)


class Tally:
    """How often each triple of whole numbers was seen, in sorted runs of doubling length.

    The first two may span 2²² steps each, the third is below 2¹⁹: 4,000 km by the metre, half a million kinds.
    """

    _SPAN, _CODES = 22, 19

    def __init__(self) -> None:
        self._origin: tuple[int, int] | None = None
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []

    def __len__(self) -> int:
        return sum(len(keys) for keys, _ in self._runs)

    def add(self, column: np.ndarray, row: np.ndarray, code: np.ndarray, count: Any = None) -> None:
        """Add triples, each once or as often as `count` says.

        Raises
        ------
        SourceError
            They lie too far apart.
        """
        if not len(column):
            return
        column, row = np.asarray(column).astype(np.int64), np.asarray(row).astype(np.int64)
        half = 1 << (self._SPAN - 1)
        if self._origin is None:
            self._origin = (int(np.median(column)) - half, int(np.median(row)) - half)
        column, row = column - self._origin[0], row - self._origin[1]
        if min(column.min(), row.min()) < 0 or max(column.max(), row.max()) >= 2 * half:
            raise SourceError("places lie too far apart to be counted; take a larger step")
        if code.max() >= 1 << self._CODES:
            raise SourceError("too many kinds and periods to be counted together")
        keys = ((column << self._SPAN | row) << self._CODES) | code
        self._push(*_summed(keys, count))

    def groups(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The triples in order, and how often each was seen."""
        if not self._runs:
            return (np.zeros(0, dtype=np.int64),) * 4
        assert self._origin is not None
        keys, count = self._merged(self._runs)
        self._runs = [(keys, count)]
        span = (1 << self._SPAN) - 1
        column = (keys >> (self._SPAN + self._CODES)) + self._origin[0]
        row = (keys >> self._CODES & span) + self._origin[1]
        return column, row, keys & ((1 << self._CODES) - 1), count

    def _push(self, keys: np.ndarray, count: np.ndarray) -> None:
        run = (keys, count)
        while self._runs and len(self._runs[-1][0]) < 2 * len(run[0]):
            run = self._merged([self._runs.pop(), run])
        self._runs.append(run)

    @staticmethod
    def _merged(runs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
        if len(runs) == 1:
            return runs[0]
        return _summed(*(np.concatenate(parts) for parts in zip(*runs, strict=True)))


def _summed(keys: np.ndarray, count: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Each key once, in order, with the sum of its counts."""
    if count is None:
        return np.unique(keys, return_counts=True)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[first], np.add.reduceat(np.asarray(count, dtype=np.int64)[order], first)


def _numbers(batch: pa.RecordBatch, name: str) -> np.ndarray:
    """A column as numbers, NaN where a cell is empty."""
    import pyarrow as pa

    column = batch.column(name)
    try:
        return column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise SourceError(
            f"column '{name}' is {column.type}, not numbers; name the column of coordinates"
        ) from None


def _codes(batch: pa.RecordBatch, name: str, known: dict[str, int]) -> np.ndarray:
    """A column of words as numbers; words not met before are added to `known`."""
    import pyarrow as pa

    column = batch.column(name)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    words = ["" if word is None else str(word) for word in column.dictionary.to_pylist()]
    own = np.array([known.setdefault(word, len(known)) for word in words], dtype=np.int64)
    if not column.null_count:
        return own[column.indices.to_numpy(zero_copy_only=False)]
    own = np.append(own, known.setdefault("", len(known)))
    return own[column.indices.fill_null(len(own) - 1).to_numpy(zero_copy_only=False)]
