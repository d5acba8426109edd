"""Files that no city can be made of: refused with file, row, column and mend; nothing is written."""

from __future__ import annotations

import io
import json
import stat
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from helpers.cities import load_city
from helpers.cli import main

from . import exports


def refuse(tmp_path, path, capsys, *flags):
    target = tmp_path / "town"
    assert main(["new-city", "town", "--events", str(path), "--folder", str(target), *flags]) == 2
    assert not target.exists() or not any(target.iterdir())
    said = capsys.readouterr()
    return said.out + said.err


@pytest.fixture
def crimes(tmp_path):
    path = tmp_path / "crimes.csv"
    exports.frame().to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "data", [b"", b"offence,when,lon,lat\n", b"\n\n", b"PK\0\0\0\0\1\2", b"only words\n"]
)
def test_nothing_in_it(tmp_path, capsys, data):
    path = tmp_path / "crimes.csv"
    path.write_bytes(data)
    said = refuse(tmp_path, path, capsys)
    assert "crimes.csv" in said
    assert "export it" in said or "give the file that has a row" in said


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html><html><body>Not found, sorry</body></html>", "a web page"),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n", "Git LFS"),
    ],
)
def test_no_table_at_all(tmp_path, capsys, data, what):
    path = tmp_path / "crimes.csv"
    path.write_bytes(data)
    said = refuse(tmp_path, path, capsys)
    assert f"crimes.csv is {what}" in said or what in said
    assert "download the file itself" in said


def test_all_rows_at_one_place(tmp_path, capsys):
    path = tmp_path / "crimes.csv"
    exports.frame().assign(lon=-3.7, lat=40.4).to_csv(path, index=False)
    said = refuse(tmp_path, path, capsys)
    assert "crimes.csv, row 2, columns lon and lat" in said
    assert "at one place" in said
    assert "--x 'lon' --y 'lat'" in said


def test_zip_bomb(tmp_path, capsys):
    path = tmp_path / "crimes.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crimes.csv", b"0" * (1 << 27))
    assert "unpacks from" in refuse(tmp_path, path, capsys)


def test_bomb_in_a_workbook(tmp_path, capsys):
    path = tmp_path / "crimes.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (1 << 27))
    assert "unpacks from" in refuse(tmp_path, path, capsys)


@pytest.mark.parametrize("name", ["../crimes.csv", "/tmp/crimes.csv", "a/../../b.csv", "C:\\x.csv"])
def test_path_traversal(tmp_path, capsys, name):
    path = tmp_path / "crimes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, exports.frame().to_csv(index=False))
    assert "leads out of the archive" in refuse(tmp_path, path, capsys)


def test_link_in_a_zip(tmp_path, capsys):
    path = tmp_path / "crimes.zip"
    item = zipfile.ZipInfo("crimes.csv")
    item.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(item, "/etc/passwd")
    assert "is a link" in refuse(tmp_path, path, capsys)


def test_links(tmp_path, capsys, crimes):
    link = tmp_path / "link.csv"
    link.symlink_to(crimes)
    assert "is a link" in refuse(tmp_path, link, capsys)
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.csv").symlink_to(crimes)
    assert "is a link" in refuse(tmp_path, folder, capsys)


def test_a_missing_column_names_the_nearest(tmp_path, capsys, crimes):
    said = refuse(tmp_path, crimes, capsys, "--kind", "offense")
    assert "crimes.csv" in said and "did you mean 'offence'" in said


def test_boundary_in_another_country(tmp_path, capsys, crimes):
    gpd.GeoDataFrame(geometry=[shapely.box(2, 48, 3, 49)], crs=4326).to_file(tmp_path / "b.geojson")
    said = refuse(tmp_path, crimes, capsys, "--boundary", str(tmp_path / "b.geojson"))
    assert "outside the boundary, and so do all others" in said and "row 2" in said


def test_a_key_that_joins_no_zone(tmp_path, capsys):
    table = exports.frame()[["offence", "when"]].assign(district=["D1", "D2", "D3"] * 100)
    table.to_csv(tmp_path / "crimes.csv", index=False)
    zones = gpd.GeoDataFrame(
        {"code": ["X1", "X2"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs=4326,
    )
    zones.to_file(tmp_path / "z.geojson")
    said = refuse(
        tmp_path,
        tmp_path / "crimes.csv",
        capsys,
        "--zones",
        str(tmp_path / "z.geojson"),
        "--key",
        "code",
    )
    assert "joins no column" in said and "'X1'" in said
    said = refuse(
        tmp_path,
        tmp_path / "crimes.csv",
        capsys,
        "--zones",
        str(tmp_path / "z.geojson"),
        "--key",
        "cod",
    )
    assert "did you mean 'code'" in said


def test_coordinates_in_two_systems(tmp_path, capsys):
    table, metres = exports.frame(), exports.points(300, -3.7, 40.42, "EPSG:25830")
    table.loc[200:, ["lon", "lat"]] = metres[200:]
    table.to_csv(tmp_path / "crimes.csv", index=False)
    said = refuse(tmp_path, tmp_path / "crimes.csv", capsys)
    assert "row 202" in said and "another system" in said


@pytest.mark.parametrize("name", ["a/b", "../x", "San José", "🚓", "", "leeds"])
def test_names(tmp_path, capsys, crimes, name):
    assert main(["new-city", name, "--events", str(crimes)]) == 2
    assert "error:" in capsys.readouterr().err


def test_formulas_and_html_in_cells(tmp_path):
    table = exports.frame()
    table["offence"] = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "@SUM(A1)"] * 100
    table.loc[0, "when"] = "=1+1"
    table.to_csv(tmp_path / "crimes.csv", index=False)
    target = tmp_path / "town"
    assert (
        main(
            ["new-city", "town", "--events", str(tmp_path / "crimes.csv"), "--folder", str(target)]
        )
        == 0
    )
    assert not load_city(target).layer("events")["kind"].str.match("[=@+]").any()
    assert not pd.read_csv(target / "rejected.csv")["value"].str.startswith("=").any()
    assert "<script>" not in (target / "SOURCES.md").read_text("utf-8")


def test_nothing_is_overwritten(tmp_path, capsys, crimes):
    target = tmp_path / "town"
    target.mkdir()
    (target / "mine.txt").write_text("x")
    assert main(["new-city", "town", "--events", str(crimes), "--folder", str(target)]) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert [p.name for p in target.iterdir()] == ["mine.txt"]


def test_a_damaged_zip_and_an_unknown_format(tmp_path, capsys):
    (tmp_path / "a.zip").write_bytes(b"PK\3\4 no")
    assert "damaged" in refuse(tmp_path, tmp_path / "a.zip", capsys)
    (tmp_path / "a.docx").write_bytes(b"x")
    assert "no format that is read" in refuse(tmp_path, tmp_path / "a.docx", capsys)
    assert "no such file" in refuse(tmp_path, tmp_path / "b.csv", capsys)


def test_a_quote_that_is_not_closed_loses_no_row(tmp_path, capsys):
    text = exports.frame().to_csv(index=False)
    (tmp_path / "crimes.csv").write_text(text.replace("Theft", '"Theft', 1))
    target = tmp_path / "town"
    words = ["new-city", "town", "--events", str(tmp_path / "crimes.csv"), "--folder", str(target)]
    assert main(words) == 0
    assert len(load_city(target).layer("events")) == 300
    assert "a double quote is not closed" in (target / "city.yml").read_text("utf-8")
    lines = [line.replace(",", ';"a;b";', 1) for line in text.replace(",", ";").splitlines()]
    lines[5] = '"' + lines[5].replace(";", ";x;y;", 1)
    lines[9:300:3] = [line + ";more" for line in lines[9:300:3]]
    (tmp_path / "worse.csv").write_text("\n".join(lines))
    assert "row 6" in refuse(tmp_path / "x", tmp_path / "worse.csv", capsys)


def test_rows_with_line_breaks_inside_quotes_are_rows(tmp_path):
    table = exports.frame()
    table["address"] = "1 EXAMPLE ST\nTOWN, TX"
    table.to_csv(tmp_path / "crimes.csv", index=False)
    target = tmp_path / "town"
    words = ["new-city", "town", "--events", str(tmp_path / "crimes.csv"), "--folder", str(target)]
    assert main(words) == 0
    assert len(load_city(target).layer("events")) == 300


def test_archives_in_archives(tmp_path, capsys):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crimes.csv", b"0" * (1 << 27))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner.zip", bomb.getvalue())
    assert "unpacks from" in refuse(tmp_path, tmp_path / "a.zip", capsys)
    name, data = "crimes.csv", exports.frame().to_csv(index=False).encode()
    for _ in range(70):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr(name, data)
        name, data = "inner.zip", outer.getvalue()
    (tmp_path / "b.zip").write_bytes(data)
    assert "archives in archives" in refuse(tmp_path, tmp_path / "b.zip", capsys)


def test_entities_in_kml(tmp_path, capsys):
    head = "<?xml version='1.0'?><!DOCTYPE kml [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
    body = "<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark><name>&x;</name>"
    (tmp_path / "a.kml").write_text(
        f"{head}{body}<Point><coordinates>1,2</coordinates></Point></Placemark></Document></kml>"
    )
    said = refuse(tmp_path, tmp_path / "a.kml", capsys, "--yes", "--time", "=2020")
    assert "a.kml cannot be read" in said and str(tmp_path) not in said


def test_flags_that_name_nothing(tmp_path, capsys, crimes):
    assert "is no zone" in refuse(tmp_path, crimes, capsys, "--time-zone", "Mars/Base")
    said = refuse(tmp_path, crimes, capsys, "--time", "offence")
    assert "row 2, column offence" in said and "--time" in said


def test_a_boundary_that_is_one_bare_geometry(tmp_path, crimes):
    shape = shapely.box(-4, 40, -3, 41)
    (tmp_path / "b.geojson").write_text(shapely.to_geojson(shape))
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }
    (tmp_path / "c.geojson").write_text(json.dumps(feature))
    for name in ("b", "c"):
        words = ["new-city", "town", "--events", str(crimes), "--folder", str(tmp_path / name)]
        assert main([*words, "--boundary", str(tmp_path / f"{name}.geojson")]) == 0


def test_numbers_and_times_out_of_all_bounds(tmp_path):
    table = exports.frame().astype(object)
    table.loc[0, "lat"], table.loc[1, "lat"], table.loc[2, "lon"] = "1e400", "9" * 400, "0x12"
    table.loc[3, "when"], table.loc[4, "when"] = "99999-01-01", "2021-13-45 25:61"
    table.to_csv(tmp_path / "crimes.csv", index=False)
    target = tmp_path / "town"
    words = ["new-city", "town", "--events", str(tmp_path / "crimes.csv"), "--folder", str(target)]
    assert main(words) == 0
    why = pd.read_csv(target / "rejected.csv")["reason"].value_counts().to_dict()
    assert why == {"no_place": 3, "bad_time": 2}
