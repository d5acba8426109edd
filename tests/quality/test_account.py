"""The account of rows, and the blanks that a person has to fill in."""

from __future__ import annotations

from helpers.quality import blanks, left_out, rejected


def test_reasons_are_counted(tmp_path):
    path = tmp_path / "rejected.csv"
    path.write_text(
        "file,row,reason,column,value\na,2,no_place,x,\na,3,remote,x,\na,9,no_place,x,NA\n"
    )
    assert rejected(path) == [("no_place", 2), ("remote", 1)]


def test_what_is_no_such_table_has_no_reasons(tmp_path):
    path = tmp_path / "rejected.csv"
    assert rejected(path) == []
    path.write_bytes(b"\x00\xff\xfe not a table")
    assert rejected(path) == []
    path.write_text("file,row\na,1\n")
    assert rejected(path) == []


def test_the_remarks_of_a_city_tell_their_numbers(tmp_path):
    """The very sentences of `City.remarks`: should they change, this test says so."""
    from helpers.cities import load_city

    (tmp_path / "city.yml").write_text(
        "title: t\ncountry: c\ncrs: EPSG:32719\nlicence: l\nsource_line: s\nlayers:\n"
        "  events: {file: events.csv, time_precision: day, without_place: drop, bad_time: drop,"
        " outside: drop}\n"
        "  boundary: {file: boundary.geojson}\n"
    )
    (tmp_path / "events.csv").write_text(
        "kind,time,x,y\na,2024-01-01,350010,6300010\na,2024-01-02,350020,6300020\n"
        "a,2024-01-03,,\na,none,350010,6300010\na,2024-01-05,360000,6300010\n"
        "a,2024-01-05,360001,6300010\n"
    )
    (tmp_path / "boundary.geojson").write_text(
        '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": '
        '"urn:ogc:def:crs:EPSG::32719"}}, "features": [{"type": "Feature", "properties": {}, '
        '"geometry": {"type": "Polygon", "coordinates": [[[350000, 6300000], [350100, 6300000], '
        "[350100, 6300100], [350000, 6300100], [350000, 6300000]]]}}]}"
    )
    told = left_out(load_city(tmp_path).remarks("events"))
    assert [count for _, count in told if count is not None] == [1, 1, 2]


def test_blanks_of_a_new_city_are_all_found():
    text = """# Sources of x

| file | publisher | address | licence | downloaded |
|---|---|---|---|---|
| original/a\\|b.csv | City hall | … | … | 2024 |

## To be filled in

- Which crimes are in the file, which are not: …
- Who may be asked: the press office
"""
    assert blanks(text) == [
        "address of original/a|b.csv",
        "licence of original/a|b.csv",
        "Which crimes are in the file, which are not",
    ]
    assert blanks("# Sources\n\nAll is said … here, and more.\n") == []
