"""Figures that explain a ranking, the ledger's and those of Moran's I: numbers where they belong."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.colors import to_hex

from helpers import districting, plots, priorities
from helpers.compendium import claims


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def texts(axis) -> list[str]:
    return [text.get_text() for text in axis.texts]


def test_the_peaked_shape_has_its_peak_inside():
    figure = plots.value_shapes(priorities.example_shapes())
    by_name = {axis.get_title(loc="left"): axis for axis in figure.axes}
    x, y = by_name["peaked"].lines[0].get_data()
    assert 0 < x[np.argmax(y)] < max(x)
    assert y[0] == y[-1] == 0
    assert by_name["increasing"].lines[0].get_ydata()[-1] == 1
    assert by_name["decreasing"].lines[0].get_ydata()[0] == 1
    assert [bar.get_height() for bar in by_name["discrete"].patches] == [0, 0.4, 1]


def test_the_hierarchy_says_direction_and_weight_of_each_criterion():
    urgent = ["more is more urgent", "less is more urgent"]
    criteria = pd.DataFrame(
        {"label": ["Density", "Income"], "urgent": urgent, "weight": [0.75, 0.25]}
    )
    said = [text.replace("\n", " ") for text in texts(plots.hierarchy("A town", criteria).axes[0])]
    assert said == [
        "A town", "Density", "more is more urgent weight 0.75", "Income",
        "less is more urgent weight 0.25",
    ]  # fmt: skip


def test_the_steps_stand_in_their_order():
    said = [text for text in texts(plots.framework().axes[0]) if text]
    assert said[::2][:3] == ["Criteria", "Value functions", "Weights"]


def test_both_indices_go_through_what_the_reports_print():
    printed = priorities.printed_indices()
    assert (printed["index"] - printed["printed"]).abs().max() < 0.0005
    figure = plots.indices_over_income(priorities.human_development(), printed)
    curves = {line.get_label(): line for line in figure.axes[0].lines if len(line.get_xdata()) > 1}
    for row in printed.itertuples():
        x, y = curves[row.formula].get_data()
        assert np.interp(row.income, x, y) == pytest.approx(row.printed, abs=0.002)
    # no curve runs through what is written
    figure.draw_without_rendering()
    for said in figure.axes[0].texts:
        box = said.get_window_extent()
        for line in curves.values():
            path = line.get_transform().transform(np.column_stack(line.get_data()))
            fine = np.column_stack([np.interp(np.arange(0, 59, 0.1), range(60), v) for v in path.T])
            assert not box.count_contains(fine), said.get_text()
    # a low income costs more where it is multiplied
    first = {name: line.get_ydata() for name, line in curves.items()}
    assert (
        first["geometric"][0] / first["geometric"][-1]
        < first["arithmetic"][0] / first["arithmetic"][-1]
    )


def test_lorenz_curves_bend_with_the_gini_index():
    groups = pd.DataFrame(
        {
            "zone": ["a"] * 3 + ["b"] * 3,
            "income_from": [0, 10, 20] * 2,
            "households": [0, 10, 0, 6, 0, 4],
        }
    )
    curves, indices = priorities.lorenz_curves(groups, {"a": "Alike", "b": "Apart"})
    assert indices["zone"].tolist() == ["Apart", "Alike"]
    assert (indices["low"] <= indices["gini"]).all() and (indices["gini"] <= indices["high"]).all()
    alike = curves[curves["zone"] == "Alike"]
    np.testing.assert_allclose(alike["households"], alike["income"])
    figure = plots.lorenz(curves, indices)
    named = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert set(named) == {"Alike", "Apart"}
    with pytest.raises(priorities.PriorityError, match="no column 'households'"):
        priorities.lorenz_curves(groups.drop(columns="households"), {})


def test_a_bar_runs_from_the_best_to_the_worst_rank():
    table = pd.DataFrame(
        {"best_rank": [1, 2], "worst_rank": [3, 2], "position": [1, 2]}, index=["Port", "Mill"]
    )
    axis = plots.rank_ranges(table).axes[0]
    ends = [segment[:, 0].tolist() for segment in axis.collections[0].get_segments()]
    assert ends == [[1, 3], [2, 2]]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["Port", "Mill"]
    # no zone has rank 0, and none a broken one
    assert axis.get_xticks().tolist() == [1, 2, 3]


def test_counts_of_verdicts_stand_at_their_evidence():
    counts = pd.DataFrame(
        {"match": [1, 7], "differs": [17, 0]},
        index=pd.MultiIndex.from_tuples([("setubal", "input"), ("setubal", "reproduction")]),
    )
    counts.iloc[:] = [[7, 0], [1, 17]]
    figure = plots.verdict_counts(counts, claims.PAPERS, list(claims.EVIDENCE))
    axis = figure.axes[0]
    rows = [label.get_text() for label in axis.get_yticklabels()]
    assert rows == ["reproduction", "input"]
    placed = {text.get_text(): text.xy for text in axis.texts}
    assert placed == {"1": (0, 0), "17": (1, 0), "7": (0, 1)}
    assert axis.get_title(loc="left") == "Setúbal, 25 claims"


def test_what_a_column_allows_is_numbered_and_the_rest_is_not():
    columns = claims.printed_columns()
    sums = districting.printed_sums(columns)
    figure = plots.printed_sums(districting.drawn_sums(sums), columns)
    panels = {axis.get_title(loc="left"): axis for axis in figure.axes if axis.get_visible()}
    assert texts(panels["AZP-SA, residents\n851,258: average differs"]) == ["9", "23"]
    assert texts(panels["GA, eq. 1, residents\n851,258"]) == ["11", "25"]
    green, red = to_hex(plots.CATEGORIES[2]), to_hex(plots.CATEGORIES[1])
    inks = {
        t.get_text(): to_hex(t.get_color()) for t in panels["GA, eq. 1, residents\n851,258"].texts
    }
    assert inks == {"11": green, "25": red}


@pytest.fixture
def row():
    shapes = [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(4)]
    return gpd.GeoDataFrame({"group": list("AABB")}, geometry=shapes, crs="EPSG:27700")


def test_outliers_have_colours_of_their_own(row):
    classes = {"people": ["High among high", "Low among high", "Not significant", "High among low"]}
    axis = plots.moran_maps(row, classes, {"people": "People"}).axes[0]
    fills = [to_hex(c) for part in axis.collections for c in part.get_facecolors()]
    wanted = [plots.MORAN[name] for name in ("High among high", "Low among high", "High among low")]
    assert set(wanted) <= set(fills)


def test_the_study_area_names_its_larger_units(row):
    axis = plots.study_area(row).axes[0]
    assert {"A", "B"} <= set(texts(axis))
    alone = plots.study_area(row.drop(columns="group")).axes[0]
    assert alone.get_title(loc="left") == ""  # one panel is not letter a of others
    assert not {"A", "B"} & set(texts(alone))
