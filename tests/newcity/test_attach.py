"""Layers attached later, cities checked without a run, and one city from the raw export to a plan."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import CityError, load_city
from helpers.cli import main
from helpers.newcity.folder import border_lines

from . import exports


@pytest.fixture
def town(tmp_path):
    exports.frame(600).to_csv(tmp_path / "crimes.csv", index=False)
    folder = tmp_path / "town"
    assert (
        main(
            ["new-city", "town", "--events", str(tmp_path / "crimes.csv"), "--folder", str(folder)]
        )
        == 0
    )
    return folder


def cells(path, codes=("01", "02", "03", "04")):
    boxes = [
        shapely.box(
            -4 + 0.3 * (k % 2), 40.1 + 0.3 * (k // 2), -3.7 + 0.3 * (k % 2), 40.4 + 0.3 * (k // 2)
        )
        for k in range(4)
    ]
    gpd.GeoDataFrame({"code": codes, "area": [1.5, 2, 3, 4]}, geometry=boxes, crs=4326).to_file(
        path
    )
    return str(path)


def test_stations(town, tmp_path, capsys):
    table = pd.DataFrame(
        {
            "Comisaría": ["Norte", "Sur", "Sur"],
            "lat": [40.43, 40.41, 40.4],
            "lon": [-3.7, -3.69, -3.71],
        }
    )
    table.to_csv(tmp_path / "s.csv", index=False)
    assert main(["attach", str(town), "stations", str(tmp_path / "s.csv")]) == 0
    said = capsys.readouterr().out
    assert "14" in said.rsplit("sections that will run", 1)[1].splitlines()[0]
    stations = load_city(town).layer("stations")
    assert stations["station"].tolist() == ["Norte", "Sur", "Sur (2)"]
    degrees = stations.to_crs(4326).get_coordinates().to_numpy()
    assert np.allclose(degrees, table[["lon", "lat"]], atol=1e-6)


def test_boundary_replaces_the_hull(town, tmp_path):
    gpd.GeoDataFrame(geometry=[shapely.box(-3.72, 40.4, -3.68, 40.44)], crs=4326).to_file(
        tmp_path / "b.gpkg"
    )
    assert main(["attach", str(town), "boundary", str(tmp_path / "b.gpkg")]) == 0
    city = load_city(town)
    assert city.status("boundary") != "derived"
    assert shapely.box(-3.72, 40.4, -3.68, 40.44).area == pytest.approx(
        city.layer("boundary").to_crs(4326).area.sum(), rel=1e-5
    )
    assert len(city.layer("events")) < 600


def test_zones_then_criteria(town, tmp_path):
    zones = cells(tmp_path / "z.geojson")
    assert main(["attach", str(town), "zones", zones, "--key", "code"]) == 0
    city = load_city(town)
    assert city.layer("zones")["zone"].tolist() == ["01", "02", "03", "04"]
    assert city.layer("zones")["events"].sum() == len(city.layer("events"))
    table = pd.DataFrame(
        {"zona": [1, 2, 3, 4], "pobreza": [0.2, 0.3, 0.1, 0.5], "luz": [4, 3, 2, 1]}
    )
    table.to_csv(tmp_path / "c.csv", index=False)
    assert main(["attach", str(town), "criteria", str(tmp_path / "c.csv")]) == 0
    assert load_city(town).layer("criteria").shape[0] == 4


def test_districts_of_a_table_and_of_polygons(town, tmp_path, capsys):
    table = pd.DataFrame(
        {"sección": [1, 2, 3, 4, 9], "año": 2024, "Cuadrante": ["N", "N", "S", "S", "S"]}
    )
    table.to_csv(tmp_path / "d.csv", index=False)
    assert main(["attach", str(town), "districts", str(tmp_path / "d.csv")]) == 2
    assert "districts belong to zones" in capsys.readouterr().err
    zones = cells(tmp_path / "z.geojson")
    assert main(["attach", str(town), "zones", zones, "--key", "code"]) == 0
    assert main(["attach", str(town), "districts", str(tmp_path / "d.csv")]) == 0
    said = capsys.readouterr().out
    assert "1 row(s) are of no zone of the city and were left out" in said
    assert load_city(town).layer("districts")["district"].tolist() == ["N", "N", "S", "S"]
    halves = gpd.GeoDataFrame(
        {"OBJECTID": [1, 2], "beat_id": ["W", "E"]},
        geometry=[shapely.box(-4, 40.1, -3.7, 40.7), shapely.box(-3.7, 40.1, -3.4, 40.7)],
        crs=4326,
    )
    halves.to_crs(25830).to_file(tmp_path / "beats.gpkg")
    assert main(["attach", str(town), "districts", str(tmp_path / "beats.gpkg")]) == 0
    assert load_city(town).layer("districts")["district"].tolist() == ["W", "E", "W", "E"]
    assert "for 0 of 4 zones" in capsys.readouterr().out
    assert main(["attach", str(town), "districts", str(tmp_path / "beats.gpkg"), "--key", "b"]) == 2
    assert "no column 'b' for --key" in capsys.readouterr().err


def test_districts_of_a_new_city(tmp_path):
    exports.frame(300).to_csv(tmp_path / "crimes.csv", index=False)
    zones = cells(tmp_path / "z.geojson")
    pd.DataFrame({"code": ["01", "02", "03", "04"], "beat": ["N", "N", "S", "S"]}).to_csv(
        tmp_path / "d.csv", index=False
    )
    words = ["new-city", "town", "--events", str(tmp_path / "crimes.csv"), "--zones", zones]
    words += ["--key", "code", "--districts", str(tmp_path / "d.csv")]
    assert main([*words, "--folder", str(tmp_path / "town"), "--yes"]) == 0
    assert load_city(tmp_path / "town").layer("districts")["district"].tolist() == list("NNSS")


def test_a_layer_that_does_not_fit_leaves_the_city_as_it_was(town, tmp_path, capsys):
    before = (town / "city.yml").read_text("utf-8")
    gpd.GeoDataFrame(geometry=[shapely.box(2, 48, 3, 49)], crs=4326).to_file(tmp_path / "b.geojson")
    assert main(["attach", str(town), "boundary", str(tmp_path / "b.geojson")]) == 2
    assert "stays as it was" in capsys.readouterr().err
    assert (town / "city.yml").read_text("utf-8") == before
    assert main(["attach", str(town), "station", str(tmp_path / "b.geojson")]) == 2
    assert "did you mean 'stations'" in capsys.readouterr().err
    assert main(["attach", "setubal", "zones", str(tmp_path / "b.geojson")]) == 2
    assert main(["check-city", str(town)]) == 0


def test_check_city_lists_every_fault(town, capsys):
    text = (town / "events.csv").read_text().splitlines()
    text[3] = text[3].replace("20", "xx", 1)
    (town / "events.csv").write_text("\n".join(text))
    (town / "boundary.geojson").write_text("{}")
    assert main(["check-city", str(town)]) == 2
    said = capsys.readouterr().out
    assert said.count("error:") == 2 and "row 4" in said


def test_from_the_raw_export_to_a_plan(town, tmp_path, monkeypatch):
    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path / "results"))
    assert main(["run", "--quick", "--city", str(town), "--section", "12", "--section", "15"]) == 0
    made = {
        path.name for path in (tmp_path / "results" / "data" / "processed" / "town").rglob("*.csv")
    }
    assert any(name.startswith("15_") for name in made) and any(
        name.startswith("12_") for name in made
    )
    assert (tmp_path / "results" / "report" / "index.html").is_file()


def test_zones_that_do_not_meet_are_snapped_and_told():
    codes = ["a", "b"]
    apart = [shapely.box(0, 0, 1000, 1000), shapely.box(1000.3, 0, 2000, 1000)]
    told = "\n".join(border_lines(codes, np.array(apart, dtype=object)))
    assert "snap: 1  # metres; the outlines of 1 pair(s) of zones do not meet" in told
    assert "allow_disconnected" not in told
    meeting = np.array([apart[0], shapely.box(1000, 0, 2000, 1000)], dtype=object)
    assert border_lines(codes, meeting) == ["  borders:", "    derive: zones"]
    island = np.array([apart[0], shapely.box(5000, 0, 6000, 1000)], dtype=object)
    assert "allow_disconnected: true" in border_lines(codes, island)[-1]


def test_check_city_lists_every_fault_of_a_layer(town, capsys):
    text = (town / "events.csv").read_text().splitlines()
    header = text[0].split(",")
    for row, column, value in ((4, "time", "soon"), (5, "x", "far"), (6, "y", ""), (7, "kind", "")):
        cells = text[row - 1].split(",")
        cells[header.index(column)] = value
        text[row - 1] = ",".join(cells)
    (town / "events.csv").write_text("\n".join(text))
    (town / "stations.csv").write_text("station,officers,x,y\nA,-2,440000,4474000\nA,3,440000,\n")
    card = (town / "city.yml").read_text("utf-8")
    card = card.replace("layers:\n", "layers:\n  stations:\n    file: stations.csv\n", 1)
    (town / "city.yml").write_text(card.replace("policy", "# policy"), encoding="utf-8")
    assert main(["check-city", str(town)]) == 2
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("error:")]
    for place in (
        "events.csv, row 4, column time", "events.csv, row 5, column x", "events.csv, row 6, column y",
        "events.csv, row 7, column kind", "stations.csv, row 2, column officers", "stations.csv, row 3, column y",
        "stations.csv, row 2, column station",
    ):  # fmt: skip
        assert sum(place in line for line in told) == 1, place
    assert len(told) == 7
    with pytest.raises(CityError, match="row 7, column kind"):
        load_city(town).layer("events")  # a run still ends at the first
