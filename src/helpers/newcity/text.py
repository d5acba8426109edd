"""Delimited text: its encoding, its delimiter and its rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Literal

from .errors import NewCityError
from .tables import RawTable, table_of

_DELIMITERS = ",;\t|"
_OTHERS = {
    b"<!doctype": "a web page", b"<html": "a web page", b"%pdf-": "a PDF document", b"{\\rtf": "a letter (RTF)",
    b"version https://git-lfs": "a pointer of Git LFS",
}  # fmt: skip
_MEND = "download the file itself, as CSV, XLSX or GeoJSON"
csv.field_size_limit(10_000_000)


def encoding_of(data: bytes) -> str:
    """Name of the encoding that text has: UTF-8 or UTF-16 where it is, else Windows' or Latin-1."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if error.end >= len(data) - 3 and error.reason == "unexpected end of data":
            return "utf-8"
    if _is_japanese(data):
        return "cp932"
    # 0x80 to 0x9f are controls in Latin-1, and quotes, dashes and the euro in Windows-1252
    if any(0x80 <= byte <= 0x9F for byte in data):
        try:
            data.decode("cp1252")
            return "cp1252"
        except UnicodeDecodeError:
            pass
    return "latin-1"


def _is_japanese(data: bytes) -> bool:
    """Whether bytes are Shift-JIS: pairs whose first byte is a control or a rare sign elsewhere."""
    head = data[: 1 << 20]
    high = sum(byte > 0x7F for byte in head)
    if not high or sum(0x81 <= byte <= 0x9F for byte in head) < 0.25 * high:
        return False
    try:
        text = head.decode("cp932", errors="strict" if len(head) == len(data) else "ignore")
    except UnicodeDecodeError:
        return False
    return sum("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in text) > 0.3 * high


def delimiter_of(text: str) -> str:
    """The character that parts most lines into the same number of cells."""
    lines = text.splitlines()[:400]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    best, score = ",", 0.0
    for delimiter in _DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if any(row)]
        if not counts:
            continue
        width, often = (
            Counter(c for c in counts if c > 1).most_common(1)[0]
            if any(c > 1 for c in counts)
            else (1, 0)
        )
        found = often / len(counts) * min(width, 20) ** 0.5 if width > 1 else 0.0
        if found > score:
            best, score = delimiter, found
    return best


def _rows(
    text: str, delimiter: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
) -> tuple[list[list[str]], list[int], int]:
    """Cells of each row, its number, and the first row of which a cell holds whole rows (0: none)."""
    lines: list[list[str]] = []
    numbers: list[int] = []
    swallowed = before = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    try:
        for number, line in enumerate(reader, start=1):
            if number == 1 and len(line) == 2 and line[0].lower() == "sep=":
                continue
            if quoting == csv.QUOTE_NONE:
                line = [
                    cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
                    for cell in line
                ]
            elif not swallowed and lines and reader.line_num - before > 1:
                swallowed = number * holds_rows(line, delimiter, len(lines[-1]))
            before = reader.line_num
            lines.append(line)
            numbers.append(number)
    except csv.Error:  # a cell of many megabytes
        swallowed = swallowed or len(lines) + 1
    return lines, numbers, swallowed


def holds_rows(line: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell holds whole rows, as after a double quote that is opened and not closed."""
    return width > 2 and any(
        "\n" in cell and any(part.count(delimiter) >= width - 1 for part in cell.split("\n")[1:])
        for cell in line
    )


def read_text(name: str, data: bytes) -> RawTable | None:
    """A delimited text file as a table; None where it holds none."""
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NewCityError(f"{name} is a binary file, not text; export it as CSV or XLSX")
    begins = data[:200].lstrip().lower()
    for mark, what in _OTHERS.items():
        if begins.startswith(mark):
            raise NewCityError(f"{name} is {what}, not a table; {_MEND}")
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NewCityError(
            f"{name}: byte {error.start} cannot be read as {encoding}; save the file as UTF-8"
        ) from None
    delimiter = delimiter_of(text)
    lines, numbers, swallowed = _rows(text, delimiter)
    loose = ""
    if swallowed:
        lines, numbers, again = _rows(text, delimiter, csv.QUOTE_NONE)
        usual = Counter(map(len, lines)).most_common(1)[0][1] if lines else 0
        if again or usual < 0.9 * len(lines):
            raise NewCityError(
                f"{name}, row {swallowed}: a double quote is opened and not closed, so that one cell "
                "holds whole rows; close or remove it"
            )
        loose = (
            f"{name}, row {swallowed}: a double quote is not closed; quotes were read as they stand"
        )
    try:
        table = table_of(name, lines, numbers)
    except NewCityError as error:
        raise NewCityError(f"{name}: {error}" if name not in str(error) else str(error)) from None
    if table is not None and loose:
        table.facts.append(loose)
    if table is not None:
        shown = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}.get(
            delimiter, delimiter
        )
        table.facts.insert(0, f"{name}: {encoding}, cells parted by {shown}")
    return table
