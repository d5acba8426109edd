"""Layers in sheets of workbooks, and tables below title rows."""

from __future__ import annotations

import pytest

from helpers.cities import CityError, load_city

from .. import workbooks
from .conftest import FILES


def rows(name):
    """Cells of a table of the sound city, numbers as numbers."""

    def value(cell):
        return float(cell) if cell.replace(".", "", 1).isdigit() else cell

    return [[value(cell) for cell in line.split(",")] for line in FILES[name].splitlines()]


EVENTS = [["Casos policiales"], [], *rows("events.csv"), []]
STATIONS = rows("stations.csv")


@pytest.fixture
def with_book(sound, edit):
    """The sound city whose events lie in a workbook, with the keys given."""

    def with_book(keys, data, name="book.xlsx", layer="events"):
        (sound / name).write_bytes(data)
        edit("city.yml", f"    file: {layer}.csv\n", f"    file: {name}\n{keys}")
        return load_city(sound)

    return with_book


@pytest.mark.parametrize(("make", "name"), [(workbooks.xlsx, "b.xlsx"), (workbooks.ods, "b.ods")])
def test_events_of_a_sheet(with_book, sound, make, name):
    before = load_city(sound).layer("events")
    data = make({"Notes": [["made for a test"]], "Data": EVENTS})
    town = with_book("    sheet: Data\n    skip_rows: 1\n", data, name)
    events = town.layer("events")
    assert events.drop(columns="geometry").equals(before.drop(columns="geometry"))
    assert events.geom_equals(before).all()


def test_stations_and_zones_of_a_sheet(with_book, sound):
    before = load_city(sound).layer("stations")
    town = with_book("", workbooks.xlsx({"": STATIONS, "Empty": [[None, ""]]}), layer="stations")
    after = town.layer("stations")
    assert after["officers"].tolist() == before["officers"].tolist() == [12, 7]
    assert after.geom_equals(before).all()


def test_title_rows_above_a_text(sound, edit):
    before = load_city(sound).layer("events")
    text = 'Casos "policiales;\r\n\r\n' + FILES["events.csv"].replace("\n", "\r\n")
    (sound / "events.csv").write_text(text, newline="")
    edit("city.yml", "    file: events.csv\n", "    file: events.csv\n    skip_rows: 2\n")
    assert load_city(sound).layer("events").geom_equals(before).all()
    (sound / "events.csv").write_text(text.replace("2017-07", "2017-13"), newline="")
    with pytest.raises(CityError, match=r"events.csv, row 6, column month: '2017-13'"):
        load_city(sound).layer("events")
    (sound / "events.csv").write_text(text.replace("431500,C", "431500"), newline="")
    with pytest.raises(CityError, match=r"events.csv, row 6: 4 cells where the header has 5"):
        load_city(sound).layer("events")


BOOK = workbooks.xlsx({"Notes": [["x"]], "Data": EVENTS})
BESIDE = [["a title", None, None, "2020"], *rows("events.csv")]
FAULTS = {
    "several sheets": (
        "", BOOK,
        "squares/book.xlsx holds 2 sheets, 'Notes', 'Data'; state which with `sheet`",
    ),
    "no such sheet": (
        "    sheet: Dat\n", BOOK,
        "squares/book.xlsx: no sheet 'Dat'; did you mean 'Data'? correct `sheet`",
    ),
    "a title above the header": (
        "    sheet: Data\n", BOOK,
        "squares/book.xlsx, row 3: a cell stands beside the 1 column that the header in row 1 names; "
        "name its column, empty it, or state `skip_rows` where the header stands further down",
    ),
    "a bad time": (
        "    skip_rows: 1\n",
        workbooks.xlsx({"Data": [*EVENTS[:4], ["Theft", "s/i", 430100, 430100, "A"]]}),
        "squares/book.xlsx, row 5, column month: 's/i' is not a month; write it as 2016-07",
    ),
    "all skipped": (
        "    sheet: Data\n    skip_rows: 99\n", BOOK,
        "squares/book.xlsx: the sheet has 8 rows, and none below `skip_rows: 99` holds anything; "
        "state how many rows stand above the header",
    ),
    "no workbook": (
        "", b"PK\x03\x04 nothing",
        "squares/book.xlsx is no workbook, or is damaged; save it again",
    ),
    "text": (
        "", b"kind,time\n",
        None,
    ),
    "header without a name": (
        "    skip_rows: 1\n", workbooks.xlsx({"Data": [[], ["a", None, "b"], [1, 2, 3]]}),
        "squares/book.xlsx, row 2: column 2 has no name; give it one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_workbook_may_lack(with_book, fault):
    keys, data, message = FAULTS[fault]
    with pytest.raises(CityError) as told:
        with_book(keys, data).layer("events")
    if message is None:
        assert str(told.value).startswith("squares/book.xlsx cannot be read as a workbook (")
        assert str(told.value).endswith("); save it again")
    else:
        assert str(told.value) == message


def test_a_bomb_in_a_workbook(with_book):
    import io
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (1 << 27))
    with pytest.raises(CityError, match=r"book.xlsx unpacks from 0.1 MB to 134 MB"):
        with_book("", target.getvalue()).layer("events")


def test_keys_of_another_format(edit):
    folder = edit("city.yml", "    file: events.csv\n", "    file: events.csv\n    sheet: Data\n")
    with pytest.raises(CityError, match="`sheet` is of workbooks, and `file` names another"):
        load_city(folder)


@pytest.mark.parametrize("value", ["-1", "1.5", "'2'", "true"])
def test_rows_to_skip_are_a_whole_number(edit, value):
    folder = edit(
        "city.yml", "    file: events.csv\n", f"    file: events.csv\n    skip_rows: {value}\n"
    )
    with pytest.raises(CityError, match=r"line 9: layers\.events\.skip_rows is"):
        load_city(folder)
