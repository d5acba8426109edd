"""Section 12 on Leeds: counts against the publisher's table, tests against plain arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from helpers.compendium.claims import ledger

RAW = Path(__file__).resolve().parents[2] / "data" / "raw" / "leeds"
NAME = "12_patrol_exploration"


@pytest.fixture(scope="module")
def leeds(reproduced):
    return reproduced / "data" / "processed" / "leeds"


@pytest.fixture(scope="module")
def events():
    return pd.read_csv(RAW / "street_crime_july_2016_2018.csv")


@pytest.fixture(scope="module")
def points(events):
    table = events
    to_grid = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    return np.column_stack(to_grid.transform(table["lon"], table["lat"]))


@pytest.fixture(scope="module")
def window():
    from helpers.compendium import find_city

    return find_city("leeds").layer("boundary").union_all()


def test_counts_are_those_of_the_publisher(leeds):
    ours = pd.read_csv(leeds / f"{NAME}_counts.csv", index_col="kind").sort_index()
    theirs = pd.read_csv(RAW / "street_crime_counts.csv", index_col="crime_type").sort_index()
    theirs = theirs.drop(index="total", errors="ignore")
    assert list(ours.index) == list(theirs.index)
    np.testing.assert_array_equal(ours, theirs)
    assert ours["total"].sum() == 29_640


def test_places_are_fewer_than_events(leeds):
    facts = pd.read_csv(leeds / f"{NAME}_places.csv", index_col="quantity")["value"]
    assert facts["events"] == 29_640
    assert facts["distinct places"] == 7_636


@pytest.mark.parametrize(
    ("row", "years"), [("every event", "2018"), ("every event, all years", "")]
)
def test_quadrat_statistic_is_pearsons_sum(leeds, events, points, window, row, years):
    """Of the last year, as the paper's maps are; all years stand beside it."""
    points = points[events["month"].str.startswith(years).to_numpy()]
    test = pd.read_csv(leeds / f"{NAME}_quadrat_test.csv", index_col="pattern")
    xmin, ymin, xmax, ymax = window.bounds
    rows = round(10 * (ymax - ymin) / (xmax - xmin))
    x, y = np.linspace(xmin, xmax, 11), np.linspace(ymin, ymax, rows + 1)
    observed, _, _ = np.histogram2d(*points.T, bins=[x, y])
    tiles = [[shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(rows)]
             for i in range(10)]  # fmt: skip
    area = shapely.area(shapely.intersection(np.array(tiles), window))
    kept = area > 0
    expected = len(points) * area[kept] / window.area
    statistic = ((observed[kept] - expected) ** 2 / expected).sum()
    assert test.loc[row, "x2"] == pytest.approx(statistic, rel=1e-3)
    assert test.loc[row, "df"] == kept.sum() - 1


def test_ks_statistic_is_the_widest_gap_of_shares(leeds, points, window):
    tests = pd.read_csv(leeds / f"{NAME}_csr_tests.csv").set_index(["covariate", "pattern"])
    xmin, ymin, xmax, ymax = window.bounds
    for axis, name in enumerate("xy"):
        values, counts = np.unique(points[:, axis], return_counts=True)
        after = counts.cumsum() / len(points)
        before = after - counts / len(points)
        step = slice(None, None, 25)
        west = [
            shapely.box(xmin, ymin, v, ymax) if axis == 0 else shapely.box(xmin, ymin, xmax, v)
            for v in values[step]
        ]
        area = shapely.area(shapely.intersection(west, window)) / window.area
        gaps = np.maximum(after[step] - area, area - before[step])
        # every 25th of the values: the widest gap is hardly missed, and never exceeded
        found = tests.loc[(name, "every event"), "d"]
        assert gaps.max() <= found + 5e-5
        assert gaps.max() == pytest.approx(found, abs=0.003)


def test_p_is_reported_with_its_logarithm(leeds):
    tests = pd.read_csv(leeds / f"{NAME}_csr_tests.csv")
    once = tests[tests["pattern"] == "each place once"]
    expected = (np.log(2) - 2 * once["n"] * once["d"] ** 2) / np.log(10)
    np.testing.assert_allclose(once["log10_p"], expected, rtol=1e-3)
    # the formula does not hold for events that repeat their places: these are drawn instead
    assert tests.loc[tests["pattern"] == "every event", "log10_p"].isna().all()
    assert (tests["p_drawn"] == 0.001).all()
    np.testing.assert_allclose(tests["p_holm"], 0.003)
    assert tests.set_index("pattern").loc["every event", "repeats"].unique() == [29_640 - 7_636]
    # the gap is as wide whether places count once or as often as events fall there
    pairs = tests.pivot_table(index="covariate", columns="pattern", values="d")
    assert (pairs["each place once"] < pairs["every event"]).all()
    assert (pairs["each place once"] > 0.7 * pairs["every event"]).all()


def test_diggles_correction_keeps_the_total(leeds):
    table = pd.read_csv(leeds / f"{NAME}_edge_corrections.csv", index_col="edge_correction")
    integral = table["integral"]
    assert integral["none"] < 10_726
    assert integral["diggle"] == pytest.approx(10_726, rel=1e-3)


def test_map_points_pull_the_finest_bandwidth_down(leeds):
    table = pd.read_csv(leeds / f"{NAME}_bandwidths.csv", index_col="rule")
    assert table.loc["diggle", "some_events_m"] < 0.5 * table.loc["diggle", "some_places_m"]
    assert table.loc["scott_iso", "all_events_m"] == pytest.approx(892.4, abs=0.1)


def test_claims_of_the_paper(reproduced):
    """Both p values are near zero with each place once, on two towns; simulated events come last."""
    rows = ledger().set_index("claim_id").loc[["LIM-02", "LIM-03"]]
    assert (rows["city"] == "leeds").all()
    assert (rows["verdict"] == "close").all()
    assert (rows["evidence"] == "replication").all()
    assert rows["reproduced"].tolist() == ["10^−426 (D = 0.253)", "10^−724 (D = 0.331)"]
    assert rows["elsewhere"].tolist() == [
        "Toronto: 10^−53 (D = 0.057) (close); San Miguel: 10^−224 (D = 0.185) (synthetic)",
        "Toronto: 10^−153 (D = 0.097) (close); San Miguel: 10^−16 (D = 0.050) (synthetic)",
    ]
    assert rows["note"].str.contains("not the paper's").all()
