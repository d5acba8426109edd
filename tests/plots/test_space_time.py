"""Figures in space and time: what is drawn is what the tables hold."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely

from helpers import plots


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def test_rhythms_have_a_panel_each():
    table = pd.DataFrame({"relative": [0.5, 1.5], "low": [0.4, 1.3], "high": [0.7, 1.8]}, [1, 2])
    figure = plots.rhythm_chart({"month": table, "hour": table})
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["a  Months", "b  Hours"]
    line = figure.axes[0].containers[0]
    assert line.lines[0].get_ydata().tolist() == [0.5, 1.5]
    np.testing.assert_allclose(
        [segment[:, 1] for segment in line.lines[2][0].get_segments()], [[0.4, 0.7], [1.3, 1.8]]
    )


def test_near_repeats_write_their_ratios_and_embolden_what_is_sure():
    table = pd.DataFrame(
        {
            "space": ["same place", "same place", "to 100", "to 100"],
            "time": ["same day", "to 7"] * 2,
            "ratio": [24.0, 1.4, np.nan, 0.98],
            "surely": [True, False, False, False],
        }
    )
    ax = plots.near_repeat_map(table).axes[0]
    assert [text.get_text() for text in ax.texts] == ["24.00", "1.40", "–", "0.98"]
    assert [text.get_weight() for text in ax.texts] == ["bold"] + ["normal"] * 3
    assert [label.get_text() for label in ax.get_yticklabels()] == ["same place", "to 100"]


def test_simulations_are_drawn_with_their_mean():
    r = np.arange(3.0)
    table = pd.DataFrame({"r": r, "observed": 2 * r, "mean": r, "global_low": 0, "global_high": 9})
    ax = plots.beside_simulations(table, "L, m", "random points").axes[0]
    drawn = {line.get_label(): line.get_ydata().tolist() for line in ax.get_lines()}
    assert drawn == {"events": [0, 2, 4], "mean of random points": [0, 1, 2]}


def test_relative_risk_is_outlined_where_all_permutations_are_passed():
    risk = np.zeros((6, 8))
    p = np.full((6, 8), 0.5)
    p[2:4, 3:5] = 1 / 40
    extent = (0.0, 800.0, 0.0, 600.0)
    surfaces = {"log_risk": risk, "p_permutation": p}
    made = {name: SimpleNamespace(values=each, extent=extent) for name, each in surfaces.items()}
    found = SimpleNamespace(**made, permutations=39)
    ax = plots.relative_risk_map(found, shapely.box(0, 0, 800, 600)).axes[0]
    contours = [each for each in ax.collections if type(each).__name__ == "QuadContourSet"]
    assert [each.levels.tolist() for each in contours] == [[pytest.approx(1.5 / 40)]]
