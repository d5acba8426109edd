"""One sheet of a workbook as a table of text, with the numbers of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.checks import near

from .errors import SourceError
from .workbooks import read_workbook

if TYPE_CHECKING:
    import pandas as pd


def read_sheet(
    name: str, data: bytes, sheet: str | None, skip_rows: int
) -> tuple[pd.DataFrame, int, list[int]]:
    """Rows of a sheet below its header, blank ones left out.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    data : bytes
    sheet : str or None
        Its name; not needed where a single sheet holds something.
    skip_rows : int
        Rows above the header.

    Returns
    -------
    frame : DataFrame
        Text.
    head : int
        Row of the header.
    numbers : list of int
        Of each row, as the spreadsheet counts.

    Raises
    ------
    SourceError
        No such sheet, several of which none is named, or cells beside the header's.
    """
    import pandas as pd

    book = read_workbook(name, data)
    lines = book[_chosen(name, book, sheet)]
    filled = [
        (number, cells)
        for number, cells in enumerate(lines, start=1)
        if number > skip_rows and any(cell.strip() for cell in cells)
    ]
    if not filled:
        raise SourceError(
            f"{name}: the sheet has {len(lines)} rows, and none below `skip_rows: {skip_rows}` holds "
            "anything; state how many rows stand above the header"
            if skip_rows
            else f"{name}: the sheet is empty; name another with `sheet`"
        )
    header = [cell.strip() for cell in filled[0][1]]
    while header and not header[-1]:
        header.pop()
    width = len(header)
    for number, cells in filled[1:]:
        if any(cell.strip() for cell in cells[width:]):
            raise SourceError(
                f"{name}, row {number}: a cell stands beside the {width} column"
                f"{'s' if width > 1 else ''} that the header in row {filled[0][0]} names; name its column, empty it, or state `skip_rows` where the "
                "header stands further down"
            )
    rows = [(cells + [""] * width)[:width] for _, cells in filled[1:]]
    columns = {k: [row[k] for row in rows] for k in range(width)}
    frame = pd.DataFrame(columns, index=range(len(rows)), dtype="str")
    frame.columns = pd.Index(header)
    return frame, filled[0][0], [number for number, _ in filled[1:]]


def _chosen(name: str, book: dict[str, list[list[str]]], sheet: str | None) -> str:
    if sheet is not None:
        if sheet not in book:
            hint = near(sheet, book) or f"; it has {', '.join(map(repr, book))};"
            raise SourceError(f"{name}: no sheet {sheet!r}{hint} correct `sheet`")
        return sheet
    full = [one for one, lines in book.items() if any(any(map(str.strip, row)) for row in lines)]
    if not full:
        raise SourceError(f"{name} is empty; put the data in it or remove the layer")
    if len(full) > 1:
        raise SourceError(
            f"{name} holds {len(full)} sheets, {', '.join(map(repr, full))}; state which with `sheet`"
        )
    return full[0]
