"""Reading files as published, each row with its place."""

from __future__ import annotations

import csv
import os
import re
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.sources import SourceError, read_table, sha256_of

ROOT = Path(__file__).resolve().parents[2]
CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters='\n,;"'),
    max_size=8,
)


@pytest.fixture
def write(tmp_path):
    def put(data: bytes | str, name: str = "table.csv"):
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return put


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=12))
def test_what_the_standard_library_writes_is_read_back(rows, tmp_path):
    path = tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    table = read_table(path)
    assert table.frame.to_numpy().tolist() == rows
    assert [table.place(k) for k in range(len(rows))] == [
        f"table.csv, row {k + 2}" for k in range(len(rows))
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_dialects(delimiter, line_end, mark, write):
    rows = [["name", "people"], ["São João", "12"], ["", "NA"]]
    text = line_end.join(delimiter.join(row) for row in rows) + line_end
    table = read_table(write(mark + text.encode()))
    assert table.frame.columns.tolist() == rows[0]
    assert table.frame.to_numpy().tolist() == rows[1:]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
def test_stated_encodings(encoding, write):
    path = write("name\nSão João\n".encode(encoding))
    assert read_table(path, encoding=encoding).frame["name"].tolist() == ["São João"]


def test_blank_rows_count_but_hold_nothing(write):
    table = read_table(write("a,b\n1,2\n\n\n3,4\n"))
    assert table.frame["a"].tolist() == ["1", "3"]
    assert [table.place(k) for k in (0, 1)] == ["table.csv, row 2", "table.csv, row 5"]


def test_several_files_are_read_in_the_order_given(write):
    paths = [write("a,b\n1,2\n3,4\n", "b.csv"), write("a,b\n5,6\n", "a.csv")]
    table = read_table(paths, shown_from=paths[0].parent.parent)
    folder = paths[0].parent.name
    assert table.frame["a"].tolist() == ["1", "3", "5"]
    assert [table.place(k) for k in range(3)] == [
        f"{folder}/b.csv, row 2",
        f"{folder}/b.csv, row 3",
        f"{folder}/a.csv, row 2",
    ]
    other = write("a,c\n5,6\n", "c.csv")
    with pytest.raises(SourceError, match=r"^c\.csv has other columns than b\.csv \(b, c\)"):
        read_table([paths[0], other])


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_features_come_back_in_order(suffix, tmp_path):
    xy = np.random.default_rng(5).uniform(0, 1, (40, 2))
    frame = gpd.GeoDataFrame(
        {"name": [f"p{k}" for k in range(40)]}, geometry=gpd.points_from_xy(*xy.T), crs=4326
    )
    path = tmp_path / f"points{suffix}"
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    table = read_table(path)
    assert table.frame["name"].tolist() == frame["name"].tolist()
    np.testing.assert_allclose(table.frame.get_coordinates().to_numpy(), xy, atol=1e-6)
    assert table.frame.crs == "EPSG:4326"
    unit = "row" if suffix == ".parquet" else "feature"
    assert table.place(4) == f"points{suffix}, {unit} 5"


def test_plain_parquet_keeps_its_types(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": ["x", None]})
    frame.to_parquet(tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.parquet").frame, frame)


def test_layer_of_a_geopackage_must_be_named_when_there_are_several(tmp_path):
    path = tmp_path / "two.gpkg"
    for name in ("first", "second"):
        frame = gpd.GeoDataFrame({"name": [name]}, geometry=gpd.points_from_xy([0], [0]), crs=4326)
        frame.to_file(path, layer=name)
    assert read_table(path, layer="second").frame["name"].tolist() == ["second"]
    with pytest.raises(SourceError, match=r"^two\.gpkg has 2 layers \(first, second\); name one"):
        read_table(path)
    with pytest.raises(SourceError, match=r"no layer 'third'; its layers are first, second$"):
        read_table(path, layer="third")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "a.csv is empty; "),
        ("a.csv", b"a,b\n", "a.csv has no rows; "),
        ("a.csv", b"a,b\n1\n", "a.csv, row 2: 1 cells where the header has 2; write every cell"),
        ("a.csv", b"a,b\n1,2,3\n", "a.csv, row 2: 3 cells where the header has 2; put text"),
        ("a.csv", b"a,a\n1,2\n", "a.csv, row 1: column 'a' stands twice; "),
        (
            "a.csv",
            b"a,\x1bb\n1,2\n",
            "a.csv, row 1: the name of column 2 holds the unseen character",
        ),
        ("a.csv", b"a,\n1,2\n", "a.csv, row 1: column 2 has no name; "),
        ("a.csv", b"a\n\x00\x01", "a.csv is a binary file, not csv text; "),
        ("a.csv", b"a\nx\n\xff\n", "a.csv, row 3: byte 0xff is not utf-8 text; state its encoding"),
        ("a.gpkg", b"a,b\n1,2\n", "a.gpkg is not a geopackage file"),
        ("a.parquet", b"a,b\n1,2\n", "a.parquet is not a parquet file"),
        ("a.parquet", b"PAR1 cut", "a.parquet is damaged"),
        ("a.geojson", b'{"type": "Fea', "a.geojson is damaged: line 1 is not JSON ("),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "a.geojson has no rows"),
        ("a.doc", b"x", "a.doc: files ending in '.doc' cannot be read; convert it"),
        ("a", b"x", "a: files ending in 'nothing' cannot be read; convert it"),
    ],
)
def test_files_that_cannot_be_read(name, data, message, write):
    path = write(data, name)
    with pytest.raises(SourceError) as caught:
        read_table(path)
    assert str(caught.value).startswith(message)
    assert str(path.parent) not in str(caught.value)


def test_missing_file_folder_and_encoding(tmp_path, write):
    with pytest.raises(SourceError, match=r"^none\.csv: no such file; "):
        read_table(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SourceError, match=r"^folder\.csv is not a file; "):
        read_table(tmp_path / "folder.csv")
    with pytest.raises(SourceError, match="encoding 'klingon' is not known"):
        read_table(write("a\n1\n"), encoding="klingon")


def test_hash_of_known_bytes(write):
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, "abc"
    assert sha256_of(write("abc")) == known


VRT = """<OGRVRTDataSource><OGRVRTLayer name="secret">
<SrcDataSource>{path}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
NOT_GEOJSON = {
    "an OGR VRT": VRT,
    "a WFS stub": "<OGRWFSDataSource><URL>http://localhost:9/wfs</URL></OGRWFSDataSource>",
    "a WFS address": "WFS:http://localhost:9/wfs",
    "a pipeline of GDAL": '{{"type": "gdal_streamed_alg", "command_line": '
    '"gdal vector pipeline ! read {path} ! write --of stream streamed"}}',
    "a service of ArcGIS": '{{"geometryType": "esriGeometryPoint", "features": [], "type": "x"}}',
    "TopoJSON": '{{"type": "Topology", "objects": {{}}}}',
    "XML with an entity": '<!DOCTYPE a [<!ENTITY b SYSTEM "file://{path}">]><a>&b;</a>',
    "a coordinate system by link": '{{"type": "Point", "coordinates": [1, 2], "crs": {{"type": '
    '"link", "properties": {{"href": "{path}"}}}}}}',
    "a coordinate system with a grid": '{{"type": "Point", "coordinates": [1, 2], "crs": {{"type": '
    '"name", "properties": {{"name": "+proj=longlat +nadgrids={path}"}}}}}}',
}


@pytest.mark.parametrize("form", ["geojson", "csv"])
@pytest.mark.parametrize("what", NOT_GEOJSON)
def test_what_only_calls_itself_geojson_leads_nowhere(what, form, write, tmp_path, monkeypatch):
    """A driver chosen by content read other files and reached the network."""
    secret = tmp_path.parent / "secret.csv"
    secret.write_text("name\nswordfish\n")
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *more: opened.append(path) or real(path, *more))
    monkeypatch.setattr("socket.socket.connect", lambda *_: opened.append("the network"))
    path = write(NOT_GEOJSON[what].format(path=secret), f"a.{form}")
    opened.clear()
    try:
        found = read_table(path).frame.to_string()
    except SourceError as error:
        found = str(error)
        assert form == "csv" or found.startswith("a.geojson")
    else:
        assert form == "csv", "GeoJSON that is none is refused"
    assert "swordfish" not in found
    assert set(opened) == {path}


def test_no_reader_leaves_the_choice_of_a_driver_to_gdal():
    for folder in ("sources", "cities"):
        for path in (ROOT / "src" / "helpers" / folder).glob("*.py"):
            assert not re.search(r"pyogrio|fiona|read_file\(", path.read_text()), path


def geopackage(path, statements=()):
    """A GeoPackage of one layer, changed by statements of SQL behind GDAL's back."""
    frame = gpd.GeoDataFrame({"name": ["p"]}, geometry=gpd.points_from_xy([1], [2]), crs=27700)
    frame.to_file(path, layer="points")
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    return path


def test_a_view_of_a_geopackage_is_refused(tmp_path):
    path = geopackage(
        tmp_path / "a.gpkg",
        [
            "CREATE VIEW seen AS SELECT * FROM points",
            "UPDATE gpkg_contents SET table_name = 'seen'",
        ],
    )
    with pytest.raises(SourceError, match=r"^a\.gpkg: layer 'seen' is a view, not a table; export"):
        read_table(path)


def test_a_virtual_table_of_a_geopackage_is_refused(tmp_path):
    path = geopackage(
        tmp_path / "a.gpkg",
        [
            "CREATE VIRTUAL TABLE boxes USING rtree(id, a, b)",
            "UPDATE gpkg_contents SET table_name = 'boxes'",
        ],
    )
    with pytest.raises(SourceError, match="layer 'boxes' is a view, not a table"):
        read_table(path)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE points SET geom = x'4750'", r"^a\.gpkg, feature 1: its geometry cannot be read; "),
        ("UPDATE points SET geom = 'POINT (1 2)'", "feature 1: its geometry cannot be read; "),
        ("DROP TABLE gpkg_contents", r"^a\.gpkg is damaged \(no such table: gpkg_contents\); "),
        ("DELETE FROM gpkg_contents", r"^a\.gpkg holds no features; "),
        ("PRAGMA application_id = 0", r"^a\.gpkg is a SQLite file but not a GeoPackage"),
    ],
)
def test_damaged_geopackages(statement, says, tmp_path):
    path = geopackage(tmp_path / "a.gpkg")
    with sqlite3.connect(path) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(statement)
    database.close()
    with pytest.raises(SourceError, match=says):
        read_table(path)


def test_a_geopackage_left_in_write_ahead_mode_is_read(tmp_path):
    path = geopackage(tmp_path / "a.gpkg")
    data = bytearray(path.read_bytes())
    data[18:20] = b"\x02\x02"
    path.write_bytes(data)
    assert read_table(path).frame["name"].tolist() == ["p"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_what_gdal_writes_is_read_as_gdal_reads_it(suffix, tmp_path):
    shapes = gpd.GeoSeries.from_wkt(
        ["POLYGON ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5))", "POLYGON EMPTY", None]
    )
    table = {"a": [1, 2, 3], "b": [0.5, None, 2], "c": ["x", None, "é"], "d": [True, False, True]}
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=27700)
    path = tmp_path / f"a{suffix}"
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    theirs = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
    ours = read_table(path).frame
    assert ours.crs == theirs.crs == "EPSG:27700"
    pd.testing.assert_frame_equal(
        pd.DataFrame(ours.drop(columns="geometry")),
        pd.DataFrame(theirs.drop(columns="geometry")),
        check_dtype=False,
    )
    assert ours.geometry[0].wkt == theirs.geometry[0].wkt
    assert (ours.geometry.isna() | ours.geometry.is_empty).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("geometry", "fault"),
    [
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0]]]}', True),
        ('{"type": "Point", "coordinates": ["a", 1]}', True),
        ('{"type": "Point", "coordinates": [1e999, 1]}', True),
        ('{"type": "Point"}', True),
        ('{"type": "Ball", "coordinates": [1, 2]}', True),
        ("[1, 2]", True),
        ("null", False),
        ('{"type": "GeometryCollection", "geometries": []}', False),
        ('{"type": "Point", "coordinates": [1, 2, 3]}', False),
    ],
)
def test_geometries_of_geojson(geometry, fault, write):
    good = '{"type": "Feature", "properties": null, "geometry": null}'
    text = '{"type": "FeatureCollection", "features": [%s, %s]}'
    path = write(text % (good, good.replace('geometry": null', f'geometry": {geometry}')), "a.json")
    if not fault:
        assert len(read_table(path).frame) == 2
        return
    with pytest.raises(SourceError) as caught:
        read_table(path)
    assert str(caught.value) == (
        "a.json, feature 2: its geometry cannot be read; give it a type of GeoJSON, finite "
        "numbers, and rings that end where they begin"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100_000, "a.json is not GeoJSON (it begins with '['"),
        ('{"a":' * 100_000, "a.json is nested too deeply for GeoJSON; "),
        ('{"type": "Point", "coordinates": [NaN, 1]}', "a.json is not GeoJSON (NaN is no JSON"),
        ('{"type": "Feature", "properties": {"a": "\\ud800"}}', "a.json holds half of a character"),
        ('{"type": "Feature", "properties": [1]}', "a.json, feature 1: its properties are no obj"),
        ('{"type": "Feature", "properties": {"geometry": 1}}', "a.json: a property is named geom"),
        ('{"type": "FeatureCollection"}', "a.json has no list of features; "),
        ('{"type": "FeatureCollection", "features": [1]}', "a.json, feature 1 is no Feature of "),
    ],
)
def test_json_that_is_no_geojson(text, says, write):
    with pytest.raises(SourceError) as caught:
        read_table(write(text, "a.json"))
    assert str(caught.value).startswith(says)


def test_a_cell_of_megabytes_is_read_and_its_row_told(write):
    """The standard library stops at 131,072 characters a cell, Arrow at a million bytes a row."""
    ring = ", ".join(f"{k} 0" for k in range(300_000))
    path = write(f'name,wkt\na,"{ring}"\n\nb,"{ring}"\n')
    table = read_table(path)
    assert table.frame["wkt"].tolist() == [ring, ring]
    assert [table.place(k) for k in (0, 1)] == ["table.csv, row 2", "table.csv, row 4"]
    with pytest.raises(SourceError, match=r"row 3: 3 cells where the header has 2"):
        read_table(write(f'name,wkt\na,"{ring}"\nb,1,2\n'))


def test_a_header_of_megabytes_is_no_name(write):
    with pytest.raises(SourceError) as caught:
        read_table(write("a," + "b" * 300_000 + "\n1,2\n"))
    assert str(caught.value) == (
        "table.csv, row 1: column 2 has a name of 300,000 characters; give it a short one, and "
        "close every quote"
    )


def test_links_pipes_and_devices_are_not_opened(tmp_path, write):
    write("a\n1\n", "real.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with pytest.raises(SourceError, match=r"^link\.csv is a link; put the file itself there$"):
        read_table(tmp_path / "link.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SourceError, match=r"^pipe\.csv is not a file; "):
        read_table(tmp_path / "pipe.csv")  # opening a pipe would wait for a writer for ever
    with pytest.raises(OSError, match="no regular file"):
        sha256_of(tmp_path / "pipe.csv")


@pytest.mark.parametrize(
    ("encoding", "says"),
    [
        ("undefined", "encoding 'undefined' is not known"),
        ("rot13", "encoding 'rot13' is not known"),
        ("hex", "encoding 'hex' is not known"),
        ("a\0b", "encoding .* is not known"),
        ("utf-7", "half of a character as utf-7 text"),
        ("utf-16-le", "is a binary file, not csv text"),
    ],
)
def test_encodings_that_are_none(encoding, says, write):
    data = "a,b\n\0,1\n".encode("utf-16-le") if encoding == "utf-16-le" else b"a\n+2AA-\n"
    with pytest.raises(SourceError, match=says):
        read_table(write(data), encoding=encoding)
