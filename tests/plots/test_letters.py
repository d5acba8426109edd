"""No figure draws an empty box for a sign of a name that the font lacks."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pandas as pd

from helpers import plots
from helpers.compendium import replace_unknown_letters
from helpers.plots.maps import map_panels, outline

KINDS = ["🚓 theft", "盗窃", "Øvrig"]


def drawn_with_warnings(figure) -> list[str]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        figure.savefig(io.BytesIO())
    return [str(each.message) for each in told if "missing from" in str(each.message)]


def test_names_in_ticks_titles_and_the_foot_have_no_boxes():
    plots.use_style()
    counts = pd.DataFrame({2020: [9, 5, 2], 2021: [8, 6, 3]}, index=pd.Index(KINDS, name="kind"))
    figure = plots.counts_chart(counts, source="警察 data")
    figure.axes[0].set_title(KINDS[0])
    assert drawn_with_warnings(figure)
    assert replace_unknown_letters(figure)
    assert drawn_with_warnings(figure) == []
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert {"� theft", "�", "Øvrig"} <= set(shown)
    assert figure.axes[0].get_title(loc="left") == "� theft" or "� theft" in {
        figure.axes[0].get_title(loc=loc) for loc in ("left", "center", "right")
    }
    assert not replace_unknown_letters(figure)


def test_figures_of_known_signs_are_left_alone():
    counts = pd.DataFrame({2020: [9, 5]}, index=pd.Index(["Øvrig", "Θ − σ²"], name="kind"))
    figure = plots.counts_chart(counts)
    before = figure.axes[0].yaxis.get_major_formatter()
    assert not replace_unknown_letters(figure)
    assert figure.axes[0].yaxis.get_major_formatter() is before


def test_a_scale_bar_stands_off_the_boundary():
    import shapely

    _, axes = map_panels(1, 1, (0, 0, 4000, 3000))
    outline(axes[0, 0], shapely.box(0, 0, 4000, 3000))
    ground, bar = [line for line in axes[0, 0].get_lines() if len(line.get_xdata()) == 4]
    (length,) = [text for text in axes[0, 0].texts if text.get_text().endswith("km")]
    assert ground.get_color() == "white" and ground.get_zorder() < bar.get_zorder()
    assert ground.get_linewidth() > 3 * bar.get_linewidth()
    assert length.get_bbox_patch().get_facecolor() == (1, 1, 1, 1)


def test_the_legend_of_ties_hides_no_curve():
    r = np.linspace(0, 150, 20)
    table = pd.DataFrame({"r": r, "km": r / 150, "theory": 0 * r})
    sizes = pd.Series([5, 2], index=pd.Index([1, 2], name="events"))
    named = {"as published": table, "each place once": table, "moved up to 100 m": table}
    figure = plots.ties_chart(named, sizes)
    figure.canvas.draw()
    axes = figure.axes[0]
    assert axes.get_legend().get_window_extent().y1 <= axes.get_window_extent().y0
