"""Reading files as published, each row with its place."""

from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.sources import SourceError, read_table, sha256_of

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
        ("a.csv", b"a,\n1,2\n", "a.csv, row 1: column 2 has no name; "),
        ("a.csv", b"a\n\x00\x01", "a.csv is a binary file, not csv text; "),
        ("a.csv", b"a\nx\n\xff\n", "a.csv, row 3: byte 0xff is not utf-8 text; state its encoding"),
        ("a.gpkg", b"a,b\n1,2\n", "a.gpkg is not a geopackage file"),
        ("a.parquet", b"a,b\n1,2\n", "a.parquet is not a parquet file"),
        ("a.parquet", b"PAR1 cut", "a.parquet is damaged"),
        ("a.geojson", b'{"type": "Fea', "a.geojson is damaged or holds no features; "),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "a.geojson has no rows"),
        ("a.xls", b"x", "a.xls: files ending in '.xls' cannot be read; convert it"),
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
