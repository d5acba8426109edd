"""Tables of a study of hot spots against counts by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from helpers.hot_spots import CLASSES, getis_ord, neighbours, study

QUIET, HOT, COLD = "Not significant", "Hot spot 95 %", "Cold spot 95 %"


def spots(classes: list[str], z: list[float]) -> pd.DataFrame:
    """A table as `GetisOrd.table` gives it, as far as findings read it."""
    kinds = pd.Categorical(classes, categories=list(CLASSES), ordered=True)
    return pd.DataFrame({"z": z, "class": kinds}, index=list("abcdefgh")[: len(z)])


@pytest.fixture
def row():
    """Ten zones, one kilometre apart in a row; the last three hold the large values."""
    zones = pd.DataFrame({"zone": list("abcdefghij"), "x": np.arange(10) * 1000.0, "y": 0.0})
    zones["people"] = [1.0, 2, 1, 2, 1, 2, 1, 20, 21, 22]
    return zones


# ----------------------------------------------------------------------------------------- fields


def test_fields_that_vary_in_the_order_asked_for():
    zones = pd.DataFrame({"a": [1, 2], "same": [5, 5], "b": [0, 1], "c": [3, 4]})
    assert study.varying_fields(zones, zones) == ["a", "b"]
    assert study.varying_fields(zones, zones, ["c", "same", "a", "c"]) == ["c", "a"]
    with pytest.raises(ValueError, match=r"no field 'aa'; did you mean 'a'\?"):
        study.varying_fields(zones, zones, ["aa"])
    with pytest.raises(ValueError, match=r"choose fields from \['a', 'b', 'c'\]"):
        study.varying_fields(zones, zones, ["same"])


def test_summary_of_fields_by_hand():
    zones = pd.DataFrame({"people": [4.0, 1, 2, 3], "change": [-2.0, 1, 2, 5]})
    table = study.field_summary(zones, {"people": "Residents", "change": "Change"})
    assert table.index.tolist() == ["Residents", "Change"]
    assert table.loc["Residents"].tolist() == [4, 10, 2.5, 2.5, 1, 4, 0.4]
    # 5 of a sum of 6 is no share where others are negative
    assert np.isnan(table.loc["Change", "largest_tenth_share"])


def test_a_rate_has_no_sum():
    zones = pd.DataFrame({"people": [4.0, 1, 2, 3], "rate": [2.0, 1, 2, 5]})
    table = study.field_summary(zones, {"people": "Residents", "rate": "Rate"}, ["people"])
    assert table["sum"].tolist()[0] == 10 and np.isnan(table.loc["Rate", "sum"])
    assert np.isnan(table.loc["Rate", "largest_tenth_share"])
    assert table.loc["Rate", "mean"] == 2.5


def test_the_largest_tenth_is_two_zones_of_twenty():
    zones = pd.DataFrame({"people": np.arange(1.0, 21)})
    share = study.field_summary(zones, {"people": "R"})["largest_tenth_share"]
    assert share.tolist() == [39 / 210]


def test_statuses_are_counted_where_there_are_any():
    zones = pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3], "a_status": ["census", "guess", "guess"]})
    counts = study.status_counts(zones, {"a": "A", "b": "B"})
    assert counts.to_dict() == {"A": {"guess": 2, "census": 1}}
    assert study.status_counts(zones, {"b": "B"}).empty


def test_limits_of_classes_drop_what_is_equal():
    assert study.quintiles([0] * 9 + [10]) == pytest.approx([0, 5.5, 10])


# ------------------------------------------------------------------------------------- neighbours


def test_the_main_definition():
    assert study.main_definition(["queen", "rook"], "rook") == "rook"
    with pytest.raises(ValueError, match=r"'band' is not possible here; choose from \['queen'\]"):
        study.main_definition(["queen"], "band")


def test_neighbours_of_a_row_by_hand(row):
    graphs = {name: neighbours(row, name, k=2) for name in ("nearest", "band")}
    table = study.neighbour_table(graphs)
    assert table.loc["band"].tolist() == [18, 1, 2, 1.8, 2, 1]
    assert table.loc["nearest"].tolist() == [20, 2, 2, 2, 2, 1]
    pairs = study.neighbour_pairs(graphs)
    assert_array_equal(pairs["band"], [(i, i + 1) for i in range(9)])
    # the ends take the next but one, which does not take them: each such pair is there once
    ends = {(0, 2), (7, 9)}
    assert {tuple(pair) for pair in pairs["nearest"]} == {(i, i + 1) for i in range(9)} | ends


# ------------------------------------------------------------------------------------------ spots


def test_the_table_of_spots_begins_with_the_most_unusual():
    tables = {"p": spots([QUIET, COLD, HOT], [0.1, -2.5, 2.1])}
    table = study.spots_table(tables, {"p": "People"}, ["A", "B", "C"])
    assert table["zone"].tolist() == ["b", "c", "a"]
    assert table["name"].tolist() == ["B", "C", "A"]
    assert set(table["field"]) == {"People"}


def test_findings_count_the_classes():
    classes = ["Hot spot 99 %", HOT, "Hot spot 90 %", QUIET, "Cold spot 90 %", COLD]
    table = spots(classes, [3.0, 2, 1.7, 0, -1.7, -2])
    assert study.findings(table, list("ABCDEF")) == {
        "hot": 2, "cold": ["F"], "cold_90": 2, "coldest": "F",
    }  # fmt: skip
    inside = [True, False, True, True, False, False]
    assert study.findings_inside(table, list("ABCDEF"), inside) == {
        "hot_inside": 1, "hot_outside": 1, "not_hot": ["C", "D"],
    }  # fmt: skip


# ---------------------------------------------------------------------------------------- choices


@pytest.fixture
def results(row):
    values = row.set_index("zone")["people"]
    graphs = {name: neighbours(row, name, k=3) for name in ("nearest", "band")}
    return {
        ("people", name): getis_ord(values, graph, permutations=199, seed=1)
        for name, graph in graphs.items()
    }


def test_choices_are_the_tables_side_by_side(results):
    classes = study.classes_by_choice(results)
    assert classes.columns.names == ["field", "test", "definition"]
    assert classes.shape == (10, 8)
    for (field, test, definition), column in classes.items():
        own = results[field, definition].table(**study.TESTS[test])["class"]
        assert column.tolist() == own.tolist()
    counts = study.choice_counts(classes, "band")
    normal = counts[(counts["test"] == "normal") & (counts["definition"] == "band")].iloc[0]
    # the sums of the last two zones and their neighbours, 63 and 43, and no other are far up
    assert normal["hot_95"] == 2
    assert normal["cold_95"] == 0
    assert normal["same_as_map"] == 1
    row = study.choice_ranges(counts, "band", {"people": "People"}).loc["people"]
    of_normal = counts.loc[counts["test"] == "normal", "hot_95"]
    assert (row["hot_least"], row["hot_most"]) == (of_normal.min(), of_normal.max())
    fdr = results["people", "band"].table(correction="fdr")["class"]
    assert row["hot_fdr"] == (fdr >= HOT).sum()


def test_contested_zones_hottest_first_and_the_middle_left_out():
    kept = pd.DataFrame({"a": [HOT] * 5 + [QUIET]})
    z = [1.0, 5, 3, 2, 4, 9]
    assert study.contested_zones(kept, z) == [1, 4, 2, 3, 0]
    assert study.contested_zones(kept, z, most=4) == [1, 4, 3, 0]
    assert study.contested_zones(pd.DataFrame({"a": [QUIET] * 3}), [1.0, 3, 2]) == [1, 2, 0]
    # how many there are, whatever a figure draws of them
    assert study.spots_ever(kept) == len(study.contested_zones(kept, z))
    assert study.spots_ever(pd.DataFrame({"a": [QUIET] * 3})) == 3


# ------------------------------------------------------------------------------------------- band


def test_spots_by_band_are_those_of_each_band(row):
    values = row.set_index("zone")[["people"]]
    table = study.spots_by_band(row, study.band_results(row, values, [1, 2, 3, 20]))
    assert table["band_km"].tolist() == [1, 2, 3]  # at 20 km all are neighbours of all
    for line in table.itertuples():
        z = getis_ord(values["people"], neighbours(row, "band", band=1000 * line.band_km)).z
        assert (line.hot, line.cold) == ((z > 1.96).sum(), (z < -1.96).sum())


def test_no_band_where_zones_share_their_centroid(row):
    values = row.set_index("zone")[["people"]]
    table = study.spots_by_band(row, study.band_results(row.assign(x=0.0), values, [1, 2]))
    assert table.empty
    assert table.columns.tolist() == ["band_km", "field", "hot", "cold"]
    assert np.isnan(study.steady_band(row.assign(x=0.0), values["people"]))


def test_the_band_with_the_same_cold_spots():
    # pairs of zones 1 km apart, the pairs 1.3 km apart: new neighbours come at 1.3 km
    zones = pd.DataFrame({"zone": range(12), "x": [0, 1.0, 2.3, 3.3, 4.6, 5.6] * 2, "y": 0.0})
    zones["x"] *= 1000
    zones.loc[6:, "y"] = 9e5
    field = pd.Series([0.0, 0, 16, 9, 9, 9, 9, 9, 9, 9, 9, 9], index=zones["zone"])
    cold = set(np.flatnonzero(getis_ord(field, neighbours(zones, "band")).z <= -1.96))
    assert cold == {0, 1}
    wider = getis_ord(field, neighbours(zones, "band", band=1300.0)).z
    assert set(np.flatnonzero(wider <= -1.96)) != cold
    assert study.steady_band(zones, field, step=100, reach=1.5) == pytest.approx(1200)
    assert study.steady_band(zones, field, step=100, reach=1.2) == pytest.approx(1100)
