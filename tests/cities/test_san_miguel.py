"""San Miguel: real outline and stations as published, simulated crimes as their truth says."""

from __future__ import annotations

import importlib.util
import re

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from scipy import stats

from helpers.compendium import RAW, find_city
from helpers.sources import sha256_of

FOLDER = RAW / "san_miguel"
RADIUS = 507.223


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("simulate", FOLDER / "simulate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def town():
    return find_city("san_miguel")


@pytest.fixture(scope="module")
def parents():
    return pd.read_csv(FOLDER / "truth_parents.csv", index_col="parent")


@pytest.fixture(scope="module")
def truth():
    """Expected events in the whole disc; rows (parent, month), columns kinds."""
    return pd.read_csv(FOLDER / "truth.csv", index_col=["parent", "month"])


@pytest.fixture(scope="module")
def events(town):
    return town.layer("events")


@pytest.fixture(scope="module")
def points(events):
    return np.column_stack([events.geometry.x, events.geometry.y])


def test_generator_gives_the_checked_in_files_to_the_byte(generator):
    for name, text in generator.texts().items():
        assert (FOLDER / name).read_bytes() == text.encode(), name


def test_hashes_of_card_and_sources_are_those_of_the_files():
    found = {
        path.name: sha256_of(path)
        for path in FOLDER.iterdir()
        if path.suffix in (".csv", ".geojson")
    }
    assert find_city("san_miguel").card.files == found
    sources = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", sources, re.M)) == found


def test_passes_every_check_and_says_what_is_simulated(town):
    town.check()
    assert town.status("events") == "SYNTHETIC"
    assert town.status("boundary") == town.status("stations") == ""
    assert town.remarks("events") == []


def test_boundary_has_the_area_of_the_district(town):
    polygon = town.layer("boundary").to_crs("EPSG:4326").geometry.iloc[0]
    area = abs(Geod(ellps="WGS84").geometry_area_perimeter(polygon)[0])
    assert area / 1e6 == pytest.approx(9.69, abs=0.03)
    assert len(polygon.exterior.coords) - 1 == 22
    assert polygon.bounds == pytest.approx((-77.1115, -12.0961, -77.0721, -12.0603), abs=1e-6)


def test_stations_are_those_of_the_census(town):
    stations = town.layer("stations").to_crs("EPSG:4326").set_index("station")
    assert len(stations) == 12
    assert stations["officers"].sum() == 1102
    assert stations.loc["San Miguel", "officers"] == 140
    place = stations.loc["Maranga"].geometry
    assert (place.x, place.y) == pytest.approx((-77.09255, -12.06988), abs=1e-7)
    inside = stations.within(town.layer("boundary").to_crs("EPSG:4326").union_all())
    assert set(stations.index[inside]) == {"Maranga", "San Miguel"}


def test_radius_is_the_papers_along_the_meridian(generator):
    # series for the length of a degree of latitude on WGS 84, metres
    latitude = np.radians(-12.07666)
    degree = 111132.954 - 559.822 * np.cos(2 * latitude) + 1.175 * np.cos(4 * latitude)
    assert generator.radius_m(generator.boundary()) == pytest.approx(4.585156e-3 * degree, rel=1e-5)
    assert generator.radius_m(generator.boundary()) == pytest.approx(RADIUS, abs=0.001)


def test_truth_adds_up_to_the_stated_numbers(generator, parents, truth):
    inside = parents["inside"].loc[truth.index.get_level_values("parent")].to_numpy()
    years = truth.index.get_level_values("month").str[:4]
    totals = truth.mul(inside, axis=0).groupby(years).sum()
    stated = pd.DataFrame(generator.EXPECTED, index=["2016", "2017", "2018", "2019"])
    np.testing.assert_allclose(totals[stated.columns], stated, rtol=1e-5)
    assert stated.sum(axis=1).tolist() == [1800, 1875, 1950, 1935]


def test_counts_by_kind_and_year_are_poisson_about_the_truth(generator, events):
    counts = pd.crosstab(events["kind"], events["time"].dt.year).loc[list(generator.EXPECTED)]
    expected = np.array(list(generator.EXPECTED.values()))
    statistic = ((counts.to_numpy() - expected) ** 2 / expected).sum()
    assert 0.001 < stats.chi2.cdf(statistic, expected.size) < 0.999
    assert len(events) == 7483


def test_events_follow_the_recorded_intensity(town, parents, truth, points):
    """Pearson's statistic over tiles, expected numbers from the discs, against two wrong truths."""
    window = town.layer("boundary").union_all()
    left, bottom, right, top = window.bounds
    x, y = np.arange(left, right, 20) + 10, np.arange(bottom, top, 20) + 10
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    places = places[shapely.contains_xy(window, *places.T)]
    strength = truth.sum(axis=1).groupby("parent").sum()

    def statistic(centres, radius):
        away = np.hypot(*(places[:, None] - centres[None]).transpose(2, 0, 1))
        density = (away <= radius) @ strength.to_numpy() * 400 / (np.pi * radius**2)
        tiles = ((places - (left, bottom)) // 400).astype(int) @ [100, 1]
        own = ((points - (left, bottom)) // 400).astype(int) @ [100, 1]
        expected = pd.Series(density).groupby(tiles).sum()
        expected = expected[expected >= 10]
        observed = pd.Series(own).value_counts().reindex(expected.index, fill_value=0)
        return ((observed - expected) ** 2 / expected).sum() / len(expected), len(expected)

    centres = parents[["x", "y"]].to_numpy()
    right_one, tiles = statistic(centres, RADIUS)
    # at most the upper 0.1 % of chi-square, widened by the raster of 20 m
    assert right_one < 1.2 * stats.chi2.isf(0.001, tiles) / tiles
    assert statistic(centres, 0.8 * RADIUS)[0] > 2 * right_one
    assert statistic(centres + np.array([150, 0]), RADIUS)[0] > 2 * right_one


def test_no_event_is_farther_than_the_radius_from_every_parent(parents, points):
    away = np.hypot(*(points[:, None] - parents[["x", "y"]].to_numpy()[None]).transpose(2, 0, 1))
    # six decimals of a degree are 0.1 m
    assert away.min(axis=1).max() < RADIUS + 0.2


def test_hours_follow_their_shares(events):
    hours = pd.read_csv(FOLDER / "truth_hours.csv")
    assert hours.groupby("kind")["share"].sum().to_numpy() == pytest.approx(1)
    counts = events.groupby([events["kind"], events["time"].dt.hour]).size()
    keys = pd.MultiIndex.from_frame(hours[["kind", "hour"]])
    observed = counts.reindex(keys, fill_value=0).to_numpy()
    expected = hours["share"].to_numpy() * events["kind"].value_counts()[hours["kind"]].to_numpy()
    statistic = ((observed - expected) ** 2 / expected).sum()
    assert 0.001 < stats.chi2.cdf(statistic, 8 * 23) < 0.999


def test_clusters_drift_slowly(truth):
    """The last year tells of the next, and less of the one after."""
    months = truth.groupby(["parent", truth.index.get_level_values("month").str[:4]]).sum()
    strength = np.log(months.sum(axis=1)).unstack()
    change = strength.sub(strength.mean())
    one = np.corrcoef(change["2018"], change["2019"])[0, 1]
    three = np.corrcoef(change["2016"], change["2019"])[0, 1]
    assert 0.7 < one < 0.98
    assert three < one - 0.1
