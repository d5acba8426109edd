"""Derived outlines: what they follow from, and what happens when two processes draw them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
import shapely

from helpers.cities import CityError, layers
from helpers.compendium import ROOT, find_city, fingerprints


@pytest.fixture
def voronoi(sound):
    """The sound city without polygons, its zones drawn from the events."""
    rows = ["code,people", "A,100", "B,200", "C,300", "D,400"]
    (sound / "zones.csv").write_text("\n".join(rows) + "\n")
    card = (sound / "city.yml").read_text()
    card = card.replace(
        "    columns: {zone: code, geometry: wkt}\n",
        "    columns: {zone: code}\n    geometry: {derive: voronoi}\n",
    )
    card = card.replace("  borders:\n    file: borders.csv", "  borders:\n    derive: zones")
    (sound / "city.yml").write_text(card)
    return sound


def zones_file(outputs):
    return outputs / "data" / "processed" / "squares" / "derived" / "zones.parquet"


def test_zones_are_drawn_again_when_the_events_change(voronoi, outputs):
    town = find_city(voronoi)
    before = town.layer("zones")
    assert town.status("zones") == town.status("borders") == "derived"
    assert before["area_km2"].sum() == pytest.approx(4)
    written = zones_file(outputs).read_bytes()
    find_city(voronoi).layer("zones")
    assert zones_file(outputs).read_bytes() == written
    text = (voronoi / "events.csv").read_text()
    (voronoi / "events.csv").write_text(text.replace("430100,430100", "430900,430900"))
    after = find_city(voronoi).layer("zones")
    assert zones_file(outputs).read_bytes() != written
    assert after["area_km2"][0] != pytest.approx(before["area_km2"][0], rel=0.01)


def test_zones_are_drawn_again_when_the_code_changes(voronoi, outputs, tmp_path, monkeypatch):
    """Changing how zones are drawn kept the polygons that the old code had drawn."""
    drawn = []
    real = layers.voronoi_zones
    monkeypatch.setattr(layers, "voronoi_zones", lambda *more: drawn.append(1) or real(*more))
    for _ in range(2):
        find_city(voronoi).layer("zones")
    assert len(drawn) == 1
    # a copy of the code in which one file that draws, and one that is only reached, differ
    for number, place in enumerate(("cities/layers.py", "space/tessellation.py"), start=2):
        copy = tmp_path / f"helpers{number}"
        shutil.copytree(fingerprints.HELPERS, copy, ignore=shutil.ignore_patterns("__pycache__"))
        text = (copy / place).read_text(encoding="utf-8")
        (copy / place).write_text(f"{text}\n# another way\n", encoding="utf-8")
        monkeypatch.setattr(fingerprints, "HELPERS", copy)
        find_city(voronoi).layer("zones")
        find_city(voronoi).layer("zones")
        assert len(drawn) == number, place


def test_a_refused_description_leaves_the_old_file(voronoi, outputs):
    find_city(voronoi).layer("zones")
    written = zones_file(outputs).read_bytes()
    card = (voronoi / "city.yml").read_text()
    card = card.replace("    geometry: {derive: voronoi}\n", "").replace(
        "derive: zones", "file: borders.csv"
    )
    (voronoi / "city.yml").write_text(card)
    with pytest.raises(CityError, match="a schematic map needs x; map it under"):
        find_city(voronoi).layer("zones")
    assert zones_file(outputs).read_bytes() == written


def test_zone_without_events_needs_a_place(voronoi, outputs):
    events = (voronoi / "events.csv").read_text()
    (voronoi / "events.csv").write_text(events.replace("Burglary,2016-07,431500,430500,B\n", ""))
    with pytest.raises(CityError) as caught:
        find_city(voronoi).layer("zones")
    assert str(caught.value) == (
        "squares/city.yml, layers.zones: 1 of 4 zones have no point of their own to be drawn from "
        "(B); give these zones a centroid or polygons"
    )
    assert not zones_file(outputs).exists()
    table = "code,people,e,n\nA,100,430100,430100\nB,200,431500,430500\nC,300,430500,431500\n"
    (voronoi / "zones.csv").write_text(table + "D,400,431900,431900\n")
    card = (voronoi / "city.yml").read_text()
    (voronoi / "city.yml").write_text(card.replace("{zone: code}", "{zone: code, x: e, y: n}"))
    zones = find_city(voronoi).layer("zones")
    assert zones["crimes"].tolist() == [1, 0, 1, 2]
    assert zones.geometry[1].contains(shapely.Point(431500, 430500))


def test_schematic_zones_keep_the_figures_of_the_table(sound):
    table = "code,people,e,n,km2\nA,100,430500,430500,3\nB,200,431500,430500,1\n"
    (sound / "zones.csv").write_text(table + "C,300,430500,431500,2\nD,400,431500,431500,1\n")
    card = (sound / "city.yml").read_text()
    card = card.replace("{zone: code, geometry: wkt}", "{zone: code, x: e, y: n, area_km2: km2}")
    (sound / "city.yml").write_text(card)
    town = find_city(sound)
    zones = town.layer("zones")
    assert town.status("zones") == "schematic"
    assert zones["area_km2"].tolist() == [3, 1, 2, 1]
    assert "perimeter_km" not in zones
    assert zones.geometry.contains(town.layer("zones").geometry.representative_point()).all()
    assert zones["crimes"].tolist() == [1, 1, 1, 2]


def test_two_processes_at_once_leave_the_same_bytes(tmp_path):
    code = "from helpers.compendium import find_city; find_city('setubal').layer('zones')"
    written = []
    for folder, count in (("alone", 1), ("together", 3)):
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "POLICE_PLANNING_OUTPUT": str(tmp_path / folder),
        }
        running = [
            subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(count)
        ]
        assert [process.wait() for process in running] == [0] * count
        made = tmp_path / folder / "data" / "processed" / "setubal"
        made /= "derived"
        assert [path.name for path in made.iterdir()] == ["zones.parquet"]
        written.append((made / "zones.parquet").read_bytes())
    assert written[0] == written[1]
