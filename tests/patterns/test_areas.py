"""Events by area: where they lie, what changed between two years, full quarters."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.hot_spots import emerging_hot_spots, neighbours
from helpers.patterns import change_by_area, study
from helpers.patterns.study.areas import area_of

WINDOW = shapely.box(0, 0, 6000, 5000)


@pytest.fixture(scope="module")
def zones():
    boxes = [shapely.box(x, y, x + 1000, y + 1000) for y in range(0, 5000, 1000)
             for x in range(0, 6000, 1000)]  # fmt: skip
    frame = gpd.GeoDataFrame({"zone": [f"z{k}" for k in range(30)]}, geometry=boxes)
    centres = frame.centroid
    return frame.assign(x=centres.x, y=centres.y, name=frame["zone"].str.upper())


def test_zones_are_the_areas_where_they_are_as_many_as_can_be_told_apart(zones):
    areas = study.city_areas(WINDOW, zones)
    assert areas["zone"].tolist() == zones["name"].tolist()
    assert areas["area_km2"].tolist() == [1.0] * 30
    same = study.city_areas(WINDOW, zones.assign(name="Ward"))
    assert same["zone"].tolist() == zones["zone"].tolist()
    squares = study.city_areas(WINDOW, zones.iloc[:10])
    assert 180 <= len(squares) <= 220
    assert squares["zone"].is_unique
    assert np.ptp(squares.area) < 1e-6


def test_every_point_lies_in_the_area_that_holds_it_or_the_nearest(zones):
    points = np.random.default_rng(3).uniform(-200, 6200, (500, 2)) * [1, 5 / 6]
    column = np.clip(points[:, 0] // 1000, 0, 5)
    row = np.clip(points[:, 1] // 1000, 0, 4)
    assert area_of(points, zones).tolist() == (6 * row + column).tolist()
    assert area_of(np.array([[1000.0, 500.0]]), zones).tolist() == [0]


def at(zones, numbers, month):
    """So many events at the centre of each zone, on days of a month."""
    where = np.repeat(zones[["x", "y"]].to_numpy(), numbers, axis=0)
    return where, np.full(len(where), np.datetime64(f"{month}-05"))


def test_change_is_that_of_the_same_months_of_two_years(zones):
    before, after = np.full(30, 50), np.full(30, 50)
    after[7], after[8] = 110, 10
    parts = [
        at(zones, before, "2019-06"), at(zones, after, "2020-06"),
        at(zones, 3 * before, "2019-02"), at(zones, before, "2020-07"),
    ]  # fmt: skip
    points = np.concatenate([p for p, _ in parts])
    times = pd.Series(np.concatenate([t for _, t in parts]))
    found = study.change_of_areas(points, times, zones)
    assert (found.before, found.after, found.months) == (2019, 2020, 1)
    assert found.city == pytest.approx(after.sum() / before.sum())
    assert found.table["events_before"].tolist() == before.tolist()
    assert found.table["events_after"].tolist() == after.tolist()
    assert found.table.index[found.table["changed"]].tolist() == ["z7", "z8"]
    direct = change_by_area(before, after)
    assert found.table["p_beyond"].to_numpy() == pytest.approx(direct["p_relative_fdr"].to_numpy())
    least = found.table["at_least"]
    assert least["z7"] == found.table.loc["z7", "low"] > 1
    assert least["z8"] == found.table.loc["z8", "high"] < 1
    assert (least.drop(["z7", "z8"]) == 1).all()
    # two of thirty were picked: their intervals are those of level 1 - 0.05 * 2 / 30
    wider = change_by_area(before, after, confidence=1 - 0.05 * 2 / 30)
    for end in ("low", "high"):
        assert found.table[end].to_numpy() == pytest.approx(wider[end].to_numpy())
    assert direct["low"][7] > found.table.loc["z7", "low"]


def test_only_an_area_that_changed_counts_as_sure(zones):
    """An interval of 95 % may exclude 1 where the test over all areas finds nothing."""
    before, after = np.full(30, 50), np.full(30, 50)
    after[7] = 78
    parts = [at(zones, before, "2019-06"), at(zones, after, "2020-06")]
    points = np.concatenate([p for p, _ in parts])
    times = pd.Series(np.concatenate([t for _, t in parts]))
    table = study.change_of_areas(points, times, zones).table
    assert table.loc["z7", "low"] > 1
    assert not table["changed"].any() and (table["at_least"] == 1).all()


def test_crimes_of_one_row_are_one_chance_in_the_test_of_change(zones):
    """Ten crimes that a row counts once made a change of one row as sure as one of ten."""
    before, after = np.full(30, 5), np.full(30, 5)
    after[7] = 9
    parts = [at(zones, 10 * before, "2019-06"), at(zones, 10 * after, "2020-06")]
    points = np.concatenate([p for p, _ in parts])
    times = pd.Series(np.concatenate([t for _, t in parts]))
    assert study.change_of_areas(points, times, zones).table["changed"].sum() == 1
    found = study.change_of_areas(points, times, zones, np.arange(len(points)) % 10 == 0)
    direct = change_by_area(before, after)
    assert found.rows and not found.table["changed"].any()
    assert found.table["p_beyond"].to_numpy() == pytest.approx(direct["p_relative_fdr"].to_numpy())
    assert found.table["low"].to_numpy() == pytest.approx(direct["low"].to_numpy())
    assert found.table["events_after"].tolist() == (10 * after).tolist()
    assert found.table["rows_after"].tolist() == after.tolist()


def test_no_change_without_a_month_in_common(zones):
    first, second = at(zones, np.full(30, 2), "2019-06"), at(zones, np.full(30, 2), "2020-07")
    points, times = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    assert study.change_of_areas(points, pd.Series(times), zones) is None
    assert study.change_of_areas(first[0], pd.Series(first[1]), zones) is None


def test_quarters_count_where_all_their_months_have_events(zones):
    areas = study.city_areas(WINDOW, zones)
    months = pd.period_range("2018-02", "2020-12", freq="M")
    numbers = np.full(30, 4)
    hot = numbers.copy()
    hot[[0, 1, 6, 7]] = 60
    parts = [at(areas, hot if each.year == 2020 else numbers, str(each)) for each in months]
    points = np.concatenate([p for p, _ in parts])
    times = pd.Series(np.concatenate([t for _, t in parts]))
    rates = study.rates_by_quarter(points, times, areas)
    # the first quarter of 2018 lacks its January
    assert rates.columns.tolist() == [str(q) for q in pd.period_range("2018Q2", "2020Q4", freq="Q")]
    assert rates["2018Q2"].tolist() == [12.0] * 30
    assert rates.loc["Z7", "2020Q4"] == 180
    found = emerging_hot_spots(rates, neighbours(areas, "nearest", k=3))
    named = found.table["class"].astype(str)
    assert named["Z0"] == "Consecutive hot spot"
    assert (
        study.emerging_counts(found.table)["Consecutive hot spot"]
        == (named == "Consecutive hot spot").sum()
    )
    assert "No pattern" not in study.emerging_counts(found.table)
    assert study.rates_by_quarter(points[times < "2020"], times[times < "2020"], areas) is None
