"""A thousand broken cities: each is read, or refused in sentences that name its files."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers.cities import CityError, load_city

from ..workbooks import xlsx
from .conftest import FILES

CARDS = 300
TABLES = 700
BOOKS = 200
# The layers that a table needs beside its own, so that an example reads no more than it must.
NEEDED = {
    "events.csv": ("events", "boundary", "zones"),
    "boundary.csv": ("boundary",),
    "stations.csv": ("stations",),
    "patrols.csv": ("patrols",),
    "streets.csv": ("streets",),
    "zones.csv": ("zones", "borders"),
    "borders.csv": ("zones", "borders"),
    "districts.csv": ("zones", "districts"),
    "criteria.csv": ("criteria",),
    "maps.csv": ("map_layers",),
}
TABLE_NAMES = tuple(sorted(NEEDED))
WORDS = [
    "", " ", "0", "-1", "1e309", "-1e400", "nan", "inf", "-inf", "1,5", "1_0", "0x10", "１２", "true",
    "null", "A", "a" * 300, "zone", "geometry", "x", "x\0", "\x1b[31m", "\u202e", "é", "\n", '"', "'",
    "2016-13", "2016-07-32", "0000-00", "9999-12-31", "2016-07-31T25:00", "31/07/2016", "../x", "/",
    ".", "C:\\x", "https://example.org/a.csv", "POINT (1 2)", "POINT EMPTY", "POINT (inf 1)",
    "POINT Z (430100 430100 5)", "GEOMETRYCOLLECTION EMPTY", "MULTIPOINT (1 2, 3 4)",
    "POLYGON ((430000 430000, 430001 430001, 430001 430000))", "POLYGON ((0 0))", "LINESTRING (1 1)",
    "GEOMETRYCOLLECTION (POINT (430100 430100), LINESTRING (430000 430000, 430001 430001))",
    "POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))", "EPSG:0000", "EPSG:5773", "EPSG:4978", "EPSG:3857",
    "%d/%m/%Y", "%Y-%m-%d", "%Q", "%", "%Y %Y", "%H", "utf-7", "utf-16", "undefined", "hex", "latin-1",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [None, True, False, 0, 1, -1, 10**400, 0.0, 1.5, float("nan"), float("inf"), [], {}, [[]],
         [0, 0], [1, 0], ["a", "a"], ["events.csv", "./events.csv"], {"a": {}}, {"zone": "code"},
         {1: 2}, {None: None}, [None]]
    ),
    st.text(max_size=6),
    st.integers(),
    st.floats(),
)  # fmt: skip
QUIET = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


def paths(value, path=()):
    """Places of every value in a card, with the keys that lead there."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else []
    if isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


# the same city told with the keys that the first one does not need
OTHER_FILES = {
    "events.csv": "a title\n"
    "day,hour,y,m,n,x,y_,code\n"
    "2016-07-01,5,2016,7,1,430100,430100,A\n"
    "2016-07-02,1830,2016,7,2,431500,430500,B\n"
    "2017-07-02,700,2017,7,0,430500,431500,C\n"
    "2018-07-02,,2018,7,1,431900,431900,D\n",
    "beats.csv": 'beat,wkt\nW,"POLYGON ((430000 430000, 431000 430000, 431000 432000, 430000 432000, '
    '430000 430000))"\nE,"POLYGON ((431000 430000, 432000 430000, 432000 432000, 431000 432000, 431000 '
    '430000))"\n',
    "rejected.csv": "row,reason\n7,duplicate\n",
}
OTHER_EVENTS = yaml.safe_load("""
file: events.csv
columns: {kind: {constant: crime}, time: [day, hour], zone: code, count: n, x: x, y: y_}
time_precision: hour
skip_rows: 1
bad_time: drop
without_place: drop
outside: drop
rejected: rejected.csv
""")
OTHER_PARTS = {"year": "y", "month": "m"}


def other_card(parts: bool) -> dict:
    """A card of the sound city with the other events and districts; `parts` says how times are told."""
    card = yaml.safe_load(FILES["city.yml"])
    card["layers"]["events"] = yaml.safe_load(yaml.safe_dump(OTHER_EVENTS))
    if parts:
        card["layers"]["events"]["columns"]["time"] = dict(OTHER_PARTS)
        card["layers"]["events"]["time_precision"] = "month"
    card["layers"]["boundary"] = {"derive": "events"}
    card["layers"]["districts"] = {
        "file": "beats.csv",
        "columns": {"district": "beat", "geometry": "wkt"},
    }
    return card


SOUND = yaml.safe_load(FILES["city.yml"])
PLACES = paths(SOUND)
KEYS = sorted({str(place[-1]) for place in PLACES} | {"derive", "format", "encoding", "delimiter",
    "decimal", "layer", "crs", "extra", "status", "note", "time_format", "outside", "without_place",
    "area_field", "geometry", "key", "statuses", "status_column", "negative", "links", "peak",
    "allow_disconnected", "snap", "id", "constant", "sheet", "skip_rows", "year", "hour", "minute", "count", "rejected", "district", "bad_time", "synthetic", "files", "parameters", "description"})  # fmt: skip


@st.composite
def broken_cards(draw, make=lambda parts: yaml.safe_load(FILES["city.yml"]), under=()) -> bytes:
    """city.yml with a few values, keys or bytes changed."""
    card = make(draw(st.booleans()))
    places = [place for place in paths(card) if place[: len(under)] == under]
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(places))
        try:
            inner = card
            for key in place[:-1]:
                inner = inner[key]
            how = draw(st.sampled_from(["value", "value", "value", "key", "new", "none"]))
            if how == "value":
                inner[place[-1]] = draw(VALUES)
            elif how == "key":
                inner[draw(VALUES.filter(_is_key))] = inner.pop(place[-1])
            elif how == "new":
                inner[place[-1]][draw(st.sampled_from(KEYS))] = draw(VALUES)
            else:
                del inner[place[-1]]
        except (KeyError, TypeError, IndexError, AttributeError):
            continue  # an earlier change took the place away
    text = yaml.safe_dump(card, allow_unicode=True, sort_keys=False)
    return draw(changed_bytes(text.encode("utf-8", "surrogatepass"), often=False))


def _is_key(value) -> bool:
    return not isinstance(value, list | dict)


@st.composite
def changed_bytes(draw, data: bytes, often: bool = True, text: bool = True) -> bytes:
    """Bytes as they are, or cut, doubled, filled up or spoilt somewhere."""
    how = draw(
        st.sampled_from(
            ["as is"] * (2 if often else 9)
            + ["cut", "insert", "double", *(["codec"] if text else [])]
        )
    )
    if how == "as is":
        return data
    at = draw(st.integers(0, len(data)))
    if how == "cut":
        return data[:at]
    if how == "double":
        return data[:at] + data[at // 2 :]
    if how == "codec":
        codec = draw(st.sampled_from(["utf-16", "utf-16-le", "utf-32", "cp1252", "cp037"]))
        return data.decode("utf-8", "replace").encode(codec, "replace")
    more = draw(
        st.sampled_from(
            [b"\0", b"\xff", b'"', b"\r", b"\n\n", b",", b";", b"\xef\xbb\xbf", b"\x1b", b"x" * 200_000,
             b"[" * 5000, b"{a: " * 60, b"&a *a", b"? [a]\n", b"!!python/none ", b"\t", b"---\n"]
        )
    )  # fmt: skip
    return data[:at] + more + data[at:]


@st.composite
def broken_tables(draw, files=FILES, names=TABLE_NAMES) -> tuple[str, bytes]:
    """A table with a few cells, names or bytes changed."""
    name = draw(st.sampled_from(names))
    rows = [re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', line) for line in files[name].splitlines()]
    for _ in range(draw(st.integers(1, 2))):
        row = rows[draw(st.integers(0, len(rows) - 1))]
        word = draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)))
        row[draw(st.integers(0, len(row) - 1))] = '"' + word.replace('"', '""') + '"'
    text = "\n".join(",".join(row) for row in rows) + "\n"
    return name, draw(changed_bytes(text.encode("utf-8", "surrogatepass")))


LINES = FILES["events.csv"].splitlines()
BOOK = xlsx({"Notes": [["about"]], "Data": [line.split(",") for line in LINES]})


@st.composite
def broken_workbooks(draw) -> bytes:
    """A workbook with bytes changed, in the archive or in a file of it."""
    if draw(st.booleans()):
        data = bytearray(BOOK)
        for _ in range(draw(st.integers(1, 4))):
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
        return draw(changed_bytes(bytes(data), text=False))
    old = zipfile.ZipFile(io.BytesIO(BOOK))
    target = io.BytesIO()
    spoilt = draw(st.sampled_from(old.namelist()))
    with zipfile.ZipFile(target, "w") as archive:
        for name in old.namelist():
            data = old.read(name)
            archive.writestr(name, draw(changed_bytes(data)) if name == spoilt else data)
    return target.getvalue()


def told(changed: dict[str, bytes]) -> str:
    """What is said of the sound city with some of its files changed; empty where it is read."""
    parent = Path(tempfile.mkdtemp())
    try:
        folder = parent / "squares"
        folder.mkdir()
        for name, data in {
            **{one: text.encode() for one, text in FILES.items()},
            **changed,
        }.items():
            (folder / name).write_bytes(data)
        try:
            town = load_city(folder)
            town.check()
            assert all(len(town.layer(name)) for name in town.layers)
        except CityError as error:
            return str(error)
        return ""
    finally:
        shutil.rmtree(parent)


def assert_sentences(text: str) -> None:
    """Every line names a file of the city, says what is wrong, and nothing of the machine."""
    for line in filter(None, [text and line for line in text.split("\n")]):
        assert re.match(r"squares/\S", line), text
        assert len(line.split()) >= 4, text
        assert len(line) < 2000, text
        assert "Traceback" not in line and "/helpers/" not in line, text
        assert tempfile.gettempdir() not in line, text
        assert not re.search(r"[\x00-\x1f\x7f]", line), repr(text)


@settings(max_examples=CARDS, **QUIET)
@given(card=broken_cards())
def test_broken_cards(card):
    assert_sentences(told({"city.yml": card}))


@settings(max_examples=CARDS, **QUIET)
@given(card=st.one_of(broken_cards(other_card, ("layers", "events")), broken_cards(other_card)))
def test_broken_cards_of_other_keys(card):
    files = {name: text.encode() for name, text in OTHER_FILES.items()}
    assert_sentences(told({**files, "city.yml": card}))


@settings(max_examples=CARDS, **QUIET)
@given(table=broken_tables(OTHER_FILES, tuple(sorted(OTHER_FILES))), parts=st.booleans())
def test_broken_tables_of_other_keys(table, parts):
    files = {name: text.encode() for name, text in OTHER_FILES.items()}
    card = other_card(parts)
    card["layers"] = {
        name: card["layers"][name] for name in ("events", "boundary", "zones", "districts")
    }
    card.pop("policy")
    text = yaml.safe_dump(card, sort_keys=False).encode()
    assert_sentences(told({**files, table[0]: table[1], "city.yml": text}))


def test_the_other_city_is_sound():
    files = {name: text.encode() for name, text in OTHER_FILES.items()}
    for parts in (False, True):
        text = yaml.safe_dump(other_card(parts), sort_keys=False).encode()
        assert told({**files, "city.yml": text}) == ""


@settings(max_examples=TABLES, **QUIET)
@given(table=broken_tables())
def test_broken_tables(table):
    name, data = table
    assert_sentences(told({"city.yml": _card_for(name), name: data}))


@settings(max_examples=BOOKS, **QUIET)
@given(book=broken_workbooks())
def test_broken_workbooks(book):
    card = yaml.safe_load(_card_for("events.csv"))
    card["layers"]["events"] |= {"file": "events.xlsx", "sheet": "Data"}
    text = yaml.safe_dump(card, sort_keys=False).encode()
    assert_sentences(told({"city.yml": text, "events.xlsx": book}))


def _card_for(name: str) -> bytes:
    card = yaml.safe_load(FILES["city.yml"])
    card["layers"] = {layer: card["layers"][layer] for layer in NEEDED[name]}
    if "events" not in card["layers"] and "zones" in card["layers"]:
        fields = card["layers"]["zones"]["fields"]
        card["layers"]["zones"]["fields"] = {"population": fields["population"]}
    card.pop("policy")
    return yaml.safe_dump(card, sort_keys=False).encode()
