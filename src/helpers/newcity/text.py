"""Delimited text: its encoding, its delimiter and its rows."""

from __future__ import annotations

import csv
import io
from collections import Counter

from .errors import NewCityError
from .tables import RawTable, table_of

_DELIMITERS = ",;\t|"
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
    # 0x80 to 0x9f are controls in Latin-1, and quotes, dashes and the euro in Windows-1252
    if any(0x80 <= byte <= 0x9F for byte in data):
        try:
            data.decode("cp1252")
            return "cp1252"
        except UnicodeDecodeError:
            pass
    return "latin-1"


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


def read_text(name: str, data: bytes) -> RawTable | None:
    """A delimited text file as a table; None where it holds none."""
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NewCityError(f"{name} is a binary file, not text; export it as CSV or XLSX")
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NewCityError(
            f"{name}: byte {error.start} cannot be read as {encoding}; save the file as UTF-8"
        ) from None
    delimiter = delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines, numbers = [], []
    for number, line in enumerate(reader, start=1):
        if number == 1 and len(line) == 2 and line[0].lower() == "sep=":
            continue
        lines.append(line)
        numbers.append(number)
    try:
        table = table_of(name, lines, numbers)
    except NewCityError as error:
        raise NewCityError(f"{name}: {error}" if name not in str(error) else str(error)) from None
    if table is not None:
        shown = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}.get(
            delimiter, delimiter
        )
        table.facts.insert(0, f"{name}: {encoding}, cells parted by {shown}")
    return table
