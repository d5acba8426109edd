"""Sheets of a workbook as cells of text, as a spreadsheet shows their values."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import zipfile
from typing import Any

from .archives import refuse_strange
from .errors import SourceError

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_workbook(name: str, data: bytes) -> dict[str, list[list[str]]]:
    """All sheets of a workbook, each as its rows of cells from row 1 and column A on.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    data : bytes

    Returns
    -------
    dict
        From the name of a sheet to its rows, in the order of the workbook.

    Raises
    ------
    SourceError
        It is no workbook, is damaged or locked, or unpacks to far more than its size.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                refuse_strange(name, archive.infolist())
        except zipfile.BadZipFile:
            raise SourceError(f"{name} is no workbook, or is damaged; save it again") from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            sheet: [
                [cell_text(cell) for cell in row]
                for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            ]
            for sheet in book.sheet_names
        }
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        told = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise SourceError(f"{name} cannot be read as a workbook ({told}); save it again") from None


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without point, dates in ISO 8601, none as nothing.

    Examples
    --------
    >>> cell_text(12.0), cell_text(1.5), cell_text(None), cell_text(dt.time(18, 5))
    ('12', '1.5', '', '18:05:00')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.time, dt.date)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
