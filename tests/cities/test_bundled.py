"""The bundled cities: hashes, published totals, agreement of tables and polygons."""

from __future__ import annotations

import re
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.examples import get_path
from libpysal.graph import Graph

from helpers.cities import CityError
from helpers.compendium import RAW, find_city, list_cities
from helpers.sources import sha256_of
from helpers.space import borders_from_polygons, components

BUNDLED = ("columbus", "geodanet", "georgia", "leeds", "setubal", "toronto")
DATA = (".csv", ".geojson", ".parquet", ".py")


@pytest.fixture(scope="module")
def leeds(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path_factory.mktemp("leeds")))
        town = find_city("leeds")
        for name in town.layers:
            town.layer(name)
    return town


@pytest.mark.parametrize("name", BUNDLED)
def test_hashes_of_card_and_sources_are_those_of_the_files(name):
    folder, stated = RAW / name, find_city(name).card.files
    found = {path.name: sha256_of(path) for path in folder.iterdir() if path.suffix in DATA}
    assert stated == found
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", sources, re.M)) == found


@pytest.mark.parametrize("name", BUNDLED)
def test_city_is_listed_and_passes_every_check(name):
    assert name in list_cities()
    find_city(name).check()


def test_leeds_events_are_those_counted_by_the_publisher(leeds):
    events = leeds.layer("events")
    counts = pd.read_csv(RAW / "leeds" / "street_crime_counts.csv", index_col=0)
    found = pd.crosstab(events["kind"], events["time"].dt.strftime("%Y-%m"))
    stated = counts.drop(index="total", columns="total")
    pd.testing.assert_frame_equal(
        found.loc[stated.index, stated.columns], stated, check_names=False, check_dtype=False
    )
    assert len(events) == counts.loc["total", "total"] == 29_640
    assert events.crs.to_string() == "EPSG:27700"


def test_leeds_zones_add_up_to_the_census(leeds):
    zones = leeds.layer("zones")
    assert len(zones) == 482
    assert zones["population"].sum() == 751_485
    assert zones["hectares"].sum() == 55_174
    assert zones["events"].sum() == 29_640
    rate = zones["events"] / zones["population"] * 1000
    np.testing.assert_allclose(zones["crime_rate"], rate)


def test_leeds_boundary_is_that_of_the_zones(leeds):
    zones, boundary = leeds.layer("zones"), leeds.layer("boundary").geometry.iloc[0]
    assert leeds.status("zones") == leeds.status("boundary") == leeds.status("borders") == "derived"
    assert leeds.status("stations") == "approximate"
    assert leeds.status("events") == ""
    assert boundary.area == pytest.approx(551.74e6, rel=1e-9)
    assert zones["area_km2"].sum() == pytest.approx(551.74, rel=1e-9)
    assert shapely.contains_properly(boundary, leeds.layer("events").geometry.to_numpy()).all()
    assert shapely.contains(boundary, leeds.layer("stations").geometry.to_numpy()).all()


def test_leeds_borders_follow_from_the_zones(leeds):
    zones, borders = leeds.layer("zones"), leeds.layer("borders")
    assert len(components(zones["zone"], borders)) == 1
    # each metre of outline is a border of two zones or a piece of the boundary
    outer = leeds.layer("boundary").geometry.iloc[0].length / 1e3
    total = zones["perimeter_km"].sum()
    assert total == pytest.approx(2 * borders["shared_km"].sum() + outer, rel=1e-6)


def test_leeds_zones_resemble_the_published_polygons(leeds, shared):
    zones = leeds.layer("zones")
    published = gpd.read_file(shared / "data" / "leeds" / "lsoa_boundaries.geojson")
    published = published.to_crs(27700).set_index("lsoa_code").geometry.loc[zones["zone"]]
    ours, theirs = zones.geometry.to_numpy(), published.to_numpy()
    overlap = shapely.area(shapely.intersection(ours, theirs)) / shapely.area(
        shapely.union(ours, theirs)
    )
    # measured: median 0.577, boundary 0.895, 86.4 % of rook pairs, 91.4 % of their length
    assert np.median(overlap) > 0.56
    outline, true = leeds.layer("boundary").geometry.iloc[0], shapely.union_all(theirs)
    assert outline.intersection(true).area / outline.union(true).area > 0.88
    keys = ["zone_a", "zone_b"]
    touching = borders_from_polygons(zones["zone"], theirs).query("contact == 'rook'")
    recovered = touching.merge(leeds.layer("borders").query("contact == 'rook'"), on=keys)
    assert len(recovered) / len(touching) > 0.85
    assert recovered["shared_km_x"].sum() / touching["shared_km"].sum() > 0.90


def test_derived_files_are_kept_and_the_same_each_time(outputs, monkeypatch):
    names = ("derived/boundary.parquet", "derived/zones.parquet")
    folder = outputs / "data" / "processed" / "leeds"
    find_city("leeds").layer("zones")
    first = {name: (folder / name).read_bytes() for name in names}
    assert sorted(f"derived/{path.name}" for path in (folder / "derived").iterdir()) == sorted(
        names
    )

    def refuse(*_):
        raise AssertionError("computed again")

    with monkeypatch.context() as patch:
        patch.setattr("helpers.cities.layers.voronoi_zones", refuse)
        patch.setattr("helpers.cities.layers.study_area", refuse)
        find_city("leeds").layer("zones")
    for path in (folder / "derived").iterdir():
        path.write_bytes(path.read_bytes()[:-100])  # what a broken copy would leave
    find_city("leeds").layer("zones")
    assert {name: (folder / name).read_bytes() for name in names} == first


def test_setubal_totals_are_those_of_the_census():
    zones = find_city("setubal").layer("zones")
    assert len(zones) == 55
    assert zones["population"].sum() == 851_258
    assert zones["population_65"].sum() == 156_793
    totals = pd.read_csv(RAW / "setubal" / "municipalities_2011.csv").set_index("municipality")
    found = zones.groupby("group").agg(
        pop_2011=("population", "sum"),
        pop65_2011=("population_65", "sum"),
        freguesias=("zone", "size"),
    )
    assert len(found) == 13
    pd.testing.assert_frame_equal(found, totals.loc[found.index, found.columns], check_names=False)


def test_setubal_says_which_numbers_are_estimates():
    zones = find_city("setubal").layer("zones")
    assert zones["population_status"].value_counts().to_dict() == {
        "census": 35,
        "census_secondary": 8,
        "census_by_difference": 8,
        "estimate": 4,
    }
    assert (zones["population_65_status"] == "estimate").sum() == 11
    groups = zones[zones["population_65_status"] == "estimate"].groupby("estimate_group")
    assert groups["population_65"].sum().to_dict() == {
        "A": 11_784,
        "B": 14_461,
        "C": 7_301,
        "D": 11_954,
        "E": 2_622,
    }


def test_setubal_contacts():
    town = find_city("setubal")
    zones, borders = town.layer("zones"), town.layer("borders")
    assert borders["contact"].value_counts().to_dict() == {"rook": 127, "point": 4}
    assert borders["across_estuary"].astype(int).sum() == 12
    assert len(components(zones["zone"], borders)) == 1
    rook = borders[borders["contact"] == "rook"]
    degree = pd.concat([rook["zone_a"], rook["zone_b"]]).value_counts()
    published = pd.read_csv(RAW / "setubal" / "freguesias.csv", dtype={"dicofre": str})
    stated = published.set_index("dicofre")["rook_degree"]
    assert degree.reindex(stated.index).tolist() == stated.tolist()


def test_setubal_map_is_schematic_and_its_numbers_are_not():
    town = find_city("setubal")
    zones = town.layer("zones")
    assert town.status("zones") == "schematic"
    published = pd.read_csv(RAW / "setubal" / "freguesias.csv")
    for name in ("area_km2", "perimeter_km"):
        np.testing.assert_array_equal(zones[name], published[name])
    places = shapely.points(zones[["x", "y"]].to_numpy())
    assert shapely.contains_properly(zones.geometry.to_numpy(), places).all()
    assert zones.geometry.area.sum() / 1e6 == pytest.approx(zones["area_km2"].sum(), rel=1e-4)
    # measured: 109 of the 127 rook contacts, cells within 0.1 % of the area for 29 of 55
    drawn = borders_from_polygons(zones["zone"], zones.geometry).query("contact == 'rook'")
    both = drawn.merge(town.layer("borders").query("contact == 'rook'"), on=["zone_a", "zone_b"])
    assert len(both) >= 105


def _with_polygons(shared, folder):
    """Setúbal as a user who has the polygons would describe it."""
    folder.mkdir()
    for path in (RAW / "setubal").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    polygons = (shared / "data" / "setubal" / "freguesias.geojson").read_bytes()
    (folder / "freguesias.geojson").write_bytes(polygons)
    card = (folder / "city.yml").read_text(encoding="utf-8")
    geometry = (
        "    geometry: {file: freguesias.geojson, key: dicofre}\n    extra: [municipality_code"
    )
    card = card.replace("    extra: [municipality_code", geometry)
    (folder / "city.yml").write_text(card, encoding="utf-8")
    return folder


def test_setubal_with_polygons_agrees_with_the_tables(shared, tmp_path):
    town = find_city(_with_polygons(shared, tmp_path / "with_polygons"))
    zones, borders = town.layer("zones"), town.layer("borders")
    assert town.status("zones") == ""
    # areas to 50 m², lengths to 1 m: the last digit of the tables and of the coordinates
    np.testing.assert_allclose(zones.geometry.area / 1e6, zones["area_km2"], atol=2e-4)
    np.testing.assert_allclose(zones.geometry.length / 1e3, zones["perimeter_km"], atol=2e-3)
    measured = borders_from_polygons(zones["zone"], zones.geometry)
    both = borders.merge(measured, on=["zone_a", "zone_b"], how="outer", indicator=True)
    assert (both["_merge"] == "both").all()
    assert (both["contact_x"] == both["contact_y"]).all()
    np.testing.assert_allclose(both["shared_km_x"], both["shared_km_y"], atol=2e-3)
    centroids = zones.geometry.centroid
    assert np.hypot(centroids.x - zones["x"], centroids.y - zones["y"]).max() < 1


def test_setubal_measures_are_taken_from_polygons_where_no_table_has_them(shared, tmp_path):
    folder = _with_polygons(shared, tmp_path / "polygons_only")
    card = (folder / "city.yml").read_text(encoding="utf-8")
    card = card.replace(", x: x_tm06_m, y: y_tm06_m", ", area_km2: none, perimeter_km: none")
    card = card[: card.index("  borders:")] + "  borders:\n    derive: zones\n"
    (folder / "city.yml").write_text(card, encoding="utf-8")
    with pytest.raises(CityError, match="no column 'none' for area_km2"):
        find_city(folder).layer("zones")
    table = pd.read_csv(folder / "freguesias.csv", dtype=str)
    area = table.pop("area_km2").astype(float)
    perimeter = table.pop("perimeter_km").astype(float)
    table.to_csv(folder / "freguesias.csv", index=False)
    card = card.replace(", area_km2: none, perimeter_km: none", "")
    card = re.sub(
        r"(freguesias\.csv: )\w{64}", rf"\g<1>{sha256_of(folder / 'freguesias.csv')}", card
    )
    (folder / "city.yml").write_text(card, encoding="utf-8")
    town = find_city(folder)
    zones = town.layer("zones")
    np.testing.assert_allclose(zones["area_km2"], area, atol=2e-4)
    np.testing.assert_allclose(zones["perimeter_km"], perimeter, atol=2e-3)
    assert town.layer("borders")["contact"].value_counts().to_dict() == {"rook": 127, "point": 4}


def test_polygons_of_other_zones_are_refused(shared, tmp_path):
    folder = _with_polygons(shared, tmp_path / "exchanged")
    shapes = gpd.read_file(folder / "freguesias.geojson")
    shapes["dicofre"] = np.roll(shapes["dicofre"], 1)
    shapes.to_file(folder / "freguesias.geojson", driver="GeoJSON")
    with pytest.raises(CityError, match="km² in the table but a polygon of"):
        find_city(folder).layer("zones")


@pytest.mark.parametrize("name", ["columbus", "geodanet", "georgia"])
def test_files_made_from_libpysal_are_as_their_program_makes_them(name):
    program = RAW / name / "make.py"
    said = subprocess.run(
        [sys.executable, str(program), "--check"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(
    ("name", "file", "count"), [("columbus", "columbus.shp", 49), ("georgia", "G_utm.shp", 159)]
)
def test_contacts_are_those_that_libpysal_finds(name, file, count):
    published = gpd.read_file(get_path(file))
    zones, borders = find_city(name).layer("zones"), find_city(name).layer("borders")
    key = "POLYID" if name == "columbus" else "AreaKey"
    published = published.set_index(published[key].astype(int).astype(str)).loc[zones["zone"]]
    assert len(zones) == count
    for contacts, kept in (("rook", ["rook"]), ("queen", ["rook", "point"])):
        graph = Graph.build_contiguity(published.reset_index(drop=True), rook=contacts == "rook")
        pairs = {(i, j) for i, j in graph.adjacency.index if i < j}
        position = pd.Series(zones.index, index=zones["zone"])
        ours = borders[borders["contact"].isin(kept)]
        ours = set(zip(position[ours["zone_a"]], position[ours["zone_b"]], strict=True))
        assert ours == pairs


def test_columbus_figures_and_inferred_scale():
    town = find_city("columbus")
    published = gpd.read_file(get_path("columbus.shp"))
    zones = town.layer("zones")
    for ours, theirs in (("crime", "CRIME"), ("home_value", "HOVAL"), ("income", "INC")):
        np.testing.assert_allclose(zones[ours], published[theirs], atol=1e-6)
    assert town.status("zones") == "approximate"
    # one factor for the whole map, so that shapes are those published
    factor = zones["area_km2"] / published.geometry.area
    np.testing.assert_allclose(factor, factor.mean(), rtol=1e-3)
    # distances from Broad and High Street are the published ones, in miles
    distance = np.hypot(zones["x"] - 329_121, zones["y"] - 4_425_478) / 1609.344
    assert np.corrcoef(distance, published["DISCBD"])[0, 1] > 0.995
    assert np.abs(distance - published["DISCBD"]).mean() < 0.15
    criteria = town.layer("criteria")
    np.testing.assert_array_equal(criteria["crime"], zones["crime"])


def test_georgia_figures_and_names():
    zones = find_city("georgia").layer("zones").set_index("zone")
    published = gpd.read_file(get_path("G_utm.shp")).set_index("AreaKey")
    published.index = published.index.astype(str)
    published = published.loc[zones.index]
    assert zones["population"].tolist() == published["TotPop90"].tolist()
    share = zones["population_65"] / zones["population"] * 100
    np.testing.assert_allclose(share, published["PctEld"], atol=0.03)
    # the land and water of the state: 59,425 square miles
    assert zones["area_km2"].sum() == pytest.approx(153_910, rel=0.01)
    known = {"13121": "Fulton", "13089": "DeKalb", "13051": "Chatham", "13189": "McDuffie"}
    assert zones["name"][list(known)].to_dict() == known
    assert zones["name"].iloc[[0, -1]].tolist() == ["Appling", "Worth"]


def test_geodanet_is_the_published_map_in_metres():
    town = find_city("geodanet")
    for layer, file, within in (("events", "crimes.shp", 0.006), ("streets", "streets.shp", 0.001)):
        published = gpd.read_file(get_path(file))
        # PROJ's way from the system that the file states, not the program's factor
        there = published.to_crs(town.crs).get_coordinates().to_numpy()
        ours = town.layer(layer).get_coordinates().to_numpy()
        np.testing.assert_allclose(ours, there, atol=within)
        assert len(town.layer(layer)) == len(published)
    # 31.8 km of streets by the lengths of the source, in feet
    feet = gpd.read_file(get_path("streets.shp")).length.sum()
    assert town.layer("streets")["length_m"].sum() == pytest.approx(feet * 1200 / 3937, rel=1e-6)


def test_geodanet_lies_in_the_middle_of_mesa():
    streets = find_city("geodanet").layer("streets").to_crs(4326)
    west, south, east, north = streets.total_bounds
    assert (west, east) == pytest.approx((-111.840, -111.822), abs=1e-3)
    assert (south, north) == pytest.approx((33.408, 33.422), abs=1e-3)


def test_geodanet_states_what_nobody_knows():
    town = find_city("geodanet")
    events, window = town.layer("events"), town.layer("boundary").union_all()
    assert events["kind"].unique().tolist() == ["crime"]
    assert events["time"].unique().tolist() == [pd.Timestamp("2010-01-01")]
    assert [f"the {name} of every event" in told for name, told in
            zip(("kind", "time"), town.remarks("events"), strict=True)] == [True, True]  # fmt: skip
    assert town.status("boundary") == "derived"
    assert window.area / 1e6 == pytest.approx(3.05, abs=0.005)
    # an estimate of another kind: the hull of n places, widened for its m corners (Ripley, Rasson)
    places = np.unique(events.get_coordinates(), axis=0)
    hull = shapely.MultiPoint(places).convex_hull
    corners = len(hull.exterior.coords) - 1
    assert window.area == pytest.approx(hull.area / (1 - corners / len(places)), rel=0.03)
    assert window.covers(town.layer("streets").union_all())
    assert window.contains(shapely.MultiPoint(places))
