"""Exports invented here: each becomes a city, and what is set aside is counted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import load_city
from helpers.cli import main

from . import exports


def make(tmp_path, data, name="crimes.csv", *flags):
    source = tmp_path / name
    if isinstance(data, pd.DataFrame):
        data = data.to_csv(index=False)
    if data is not None:
        source.write_bytes(data if isinstance(data, bytes) else data.encode())
    status = main(
        ["new-city", "town", "--events", str(source), "--folder", str(tmp_path / "town"), *flags]
    )
    return status, tmp_path / "town"


def reasons(folder):
    return pd.read_csv(folder / "rejected.csv")["reason"].value_counts().to_dict()


def test_chile(tmp_path):
    status, folder = make(tmp_path, exports.chile(), "casos.csv", "--crs", "EPSG:32719")
    assert status == 0
    events = load_city(folder).layer("events")
    assert len(events) == 394
    assert reasons(folder) == {"no_place": 5, "bad_time": 1} or reasons(folder) == {
        "no_place": 5,
        "no_time": 1,
    }
    rejected = pd.read_csv(folder / "rejected.csv")
    # row 1 is the title, row 2 the header
    assert sorted(rejected["row"]) == [103, 104, 105, 106, 107, 203]
    truth = exports.points(400, -70.65, -33.45, "EPSG:32719")
    kept = np.delete(truth, [*range(100, 105), 200], axis=0)
    assert np.allclose(events.get_coordinates().to_numpy(), kept, atol=0.011)
    assert load_city(folder).card.layers.events.time_precision == "hour"


def test_chile_without_its_system_is_a_question(tmp_path, capsys):
    status, folder = make(tmp_path, exports.chile(), "casos.csv")
    assert status == 2 and not folder.exists()
    said = capsys.readouterr().out
    assert "row 3" in said and "Coord X and Coord Y" in said and "--crs" in said


def test_chile_with_a_boundary_finds_its_system(tmp_path):
    hull = shapely.multipoints(exports.points(400, -70.65, -33.45)).convex_hull.buffer(0.01)
    gpd.GeoDataFrame(geometry=[hull], crs=4326).to_file(tmp_path / "comuna.geojson")
    status, folder = make(
        tmp_path, exports.chile(), "casos.csv", "--boundary", str(tmp_path / "comuna.geojson")
    )
    assert status == 0
    place = load_city(folder).layer("events").to_crs(4326).get_coordinates().mean()
    assert np.allclose(place, exports.points(400, -70.65, -33.45).mean(axis=0), atol=2e-3)


def test_chicago(tmp_path):
    status, folder = make(tmp_path, exports.chicago())
    assert status == 0
    town = load_city(folder)
    events = town.layer("events")
    assert len(events) == 493 and reasons(folder) == {"no_place": 7}
    assert town.card.layers.events.time_precision == "hour"
    assert events["time"].iloc[0] == exports.moments(500)[7].floor("h")
    assert "THEFT" in set(events["kind"])
    assert not events["kind"].str.startswith("=").any()


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "parquet", "shp"])
def test_layers_of_a_gis(tmp_path, suffix):
    table = exports.frame()
    frame = gpd.GeoDataFrame(
        table[["offence", "when"]], geometry=gpd.points_from_xy(table.lon, table.lat), crs=4326
    ).to_crs(25830)
    path = tmp_path / f"crimes.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "gpkg":
        frame.iloc[:0].to_file(path, layer="styles")
        frame.to_file(path, layer="hechos")
    else:
        frame.to_file(path)
    status, folder = make(tmp_path, None, path.name)
    assert status == 0
    town = load_city(folder)
    assert len(town.layer("events")) == 300 and town.crs == "EPSG:25830"


def test_ods_with_a_sheet_of_notes_first(tmp_path):
    path = tmp_path / "crimes.ods"
    write_ods(path, {"notes": [["Read me"], ["nothing here"]], "data": rows(exports.frame())})
    status, folder = make(tmp_path, None, path.name)
    assert status == 0 and len(load_city(folder).layer("events")) == 300


def rows(frame):
    return [list(frame.columns), *frame.astype(str).to_numpy().tolist()]


def write_ods(path, sheets):
    import zipfile
    from xml.sax.saxutils import escape

    body = ""
    for name, lines in sheets.items():
        cells = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{escape(str(c))}</text:p></table:table-cell>'
                for c in line
            )
            + "</table:table-row>"
            for line in lines
        )
        body += f'<table:table table:name="{name}">{cells}</table:table>'
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0" office:version="1.2"><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{names}:manifest:1.0"><manifest:file-entry '
            'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            "</manifest:manifest>",
        )


def dated(texts):
    table = exports.frame(len(texts))
    table["when"] = texts
    return table


def test_ambiguous_days_are_asked_with_both_readings(tmp_path, capsys):
    table = dated(["03/04/2021", "05/06/2021", "01/02/2022"] * 30)
    status, folder = make(tmp_path, table)
    said = capsys.readouterr().out
    assert status == 2 and "3 April 2021 or 4 March 2021" in said and "row 2" in said
    assert not folder.exists()
    status, folder = make(tmp_path, table, "crimes.csv", "--month-first")
    assert status == 0
    assert load_city(folder).layer("events")["time"].dt.month.unique().tolist() == [3, 5, 1]


def test_another_date_of_the_file_tells_the_order(tmp_path):
    table = dated(["03/04/2021", "05/06/2021", "01/02/2022"] * 30)
    table["reported"] = ["05/25/2021"] * 90
    status, folder = make(tmp_path, table)
    assert status == 0
    assert load_city(folder).layer("events")["time"].dt.month.iloc[0] == 3


def test_two_formats_in_one_file_are_asked(tmp_path, capsys):
    status, _ = make(tmp_path, dated(["25/04/2021"] * 40 + ["04/25/2021"] * 30))
    said = capsys.readouterr().out
    assert status == 2 and "row 2" in said and "row 42" in said and "two formats" in said


def test_words_and_iso_side_by_side_are_read(tmp_path):
    texts = ["2021-04-25", "25 abr 2021", "25-apr-21", "25 de abril de 2021", "April 25, 2021"] * 20
    status, folder = make(tmp_path, dated(texts))
    assert status == 0
    assert load_city(folder).layer("events")["time"].unique().tolist() == [
        pd.Timestamp("2021-04-25")
    ]


def test_hours_without_zeros(tmp_path):
    table = exports.frame()
    when = exports.moments(300)
    table["when"] = when.strftime("%d.%m.%Y")
    table["hora"] = [str(int(t.strftime("%H%M"))) for t in when]
    status, folder = make(tmp_path, table)
    assert status == 0
    town = load_city(folder)
    assert town.card.layers.events.time_precision == "hour"
    assert (town.layer("events")["time"].to_numpy() == when.floor("h").to_numpy()).all()


def test_a_count_column_and_a_footer(tmp_path):
    table = exports.frame(100)
    table["cantidad"] = [3] * 50 + [1] * 48 + [0] * 2
    text = table.to_csv(index=False) + "Total,,,,198\nFuente: nadie,,,,\n"
    status, folder = make(tmp_path, text)
    assert status == 0
    assert len(load_city(folder).layer("events")) == 198
    assert reasons(folder) == {"no_crime": 2}
    assert "below the data" in (folder / "city.yml").read_text("utf-8")


@pytest.mark.parametrize("sign", [",", "."])
def test_thousands_marks(tmp_path, sign):
    table = exports.frame(crs="EPSG:25830")
    for name in ("lon", "lat"):
        whole = table[name].round().astype(int)
        table[name] = [f"{v:,}".replace(",", sign) for v in whole]
    table = table.rename(columns={"lon": "x", "lat": "y"})
    status, folder = make(tmp_path, table, "crimes.csv", "--crs", "EPSG:25830")
    assert status == 0
    found = load_city(folder).layer("events").get_coordinates().to_numpy()
    assert np.allclose(found, exports.points(300, -3.7, 40.42, "EPSG:25830"), atol=0.6)


def test_feet_become_metres(tmp_path):
    xy = exports.points(300, -87.65, 41.85, "EPSG:3435")
    table = exports.frame()
    table["lon"], table["lat"] = xy[:, 0].round(1), xy[:, 1].round(1)
    status, folder = make(
        tmp_path, table.rename(columns={"lon": "x", "lat": "y"}), "a.csv", "--crs", "EPSG:3435"
    )
    assert status == 0
    town = load_city(folder)
    assert town.crs == "EPSG:32616"
    mean = town.layer("events").to_crs(4326).get_coordinates().mean()
    assert np.allclose(mean, exports.points(300, -87.65, 41.85).mean(axis=0), atol=1e-5)


def test_columns_named_the_wrong_way_round(tmp_path):
    table = exports.frame(lon=-99.1, lat=19.4).rename(columns={"lon": "y", "lat": "x"})
    status, folder = make(tmp_path, table)
    assert status == 0
    mean = load_city(folder).layer("events").to_crs(4326).get_coordinates().mean()
    assert np.allclose(mean, (-99.1, 19.4), atol=0.1)
    assert "exchanged" in (folder / "city.yml").read_text("utf-8")


def test_no_kind_is_offered_a_constant(tmp_path, capsys):
    table = exports.frame()[["when", "lon", "lat"]]
    assert make(tmp_path, table)[0] == 2
    assert "--kind =crime" in capsys.readouterr().out
    status, folder = make(tmp_path, table, "crimes.csv", "--yes")
    assert status == 0 and set(load_city(folder).layer("events")["kind"]) == {"crime"}


def test_all_faults_come_in_one_pass(tmp_path, capsys):
    table = dated(["03/04/2021"] * 50)[["when", "lon", "lat"]]
    table["lon"] += 400_000
    assert make(tmp_path, table)[0] == 2
    said = capsys.readouterr().out
    assert said.count("error:") == 3


def test_the_last_line_tells_where_the_data_can_be_seen(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path / "out"))
    status, _ = make(tmp_path, exports.chile(), "casos.csv", "--crs", "EPSG:32719")
    assert status == 0
    *_, before, last = capsys.readouterr().out.strip().splitlines()
    assert before.startswith("next: python3 run_all.py --city ")
    assert last.startswith("then see what the data are like: ")
    assert last.endswith("report/quality/town.html")
