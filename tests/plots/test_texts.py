"""Names of a city's files on figures: shown as they stand, never as formulas, never hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import plots

NAMES = ["$x_1$ & $y$", "$5", r"\frac{1}{2} \$", "_under", "<b>Bold</b>", "100% {x}"]


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def drawn(figure) -> list[str]:
    """Texts on a figure, once it is laid out; a formula among them is an error."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    for text in texts:
        assert text._preprocess_math(text.get_text()) == (text.get_text(), False)
    return [text.get_text().strip() for text in texts]


def test_a_dollar_on_a_figure_is_a_dollar():
    table = pd.DataFrame({name: np.arange(1.0, 7.0) for name in NAMES}, index=NAMES)
    figure, axes = plots.panels(2, 2, source="$1 and $2", status="$a$")
    plots.dots(axes[0, 0], table, label="per $ and $")
    plots.bars(axes[0, 1], NAMES, np.arange(6), label="€ & $x$")
    plots.tiles(axes[1, 0], table.astype(object), {})
    plots.curves(axes[1, 1], [1, 2], {name: [1, 2] for name in NAMES}, x_label="$x$", y_label="$y$")
    plots.letter(axes.flat, NAMES)
    plots.foot_legend(figure, dict.fromkeys(NAMES, "red"), columns=3)
    texts = drawn(figure)
    for name in NAMES:
        assert texts.count(name) >= 5  # ticks of three charts, two legends


@pytest.mark.parametrize(("low", "high"), [(1, 1000), (0.02, 0.9), (2, 7)])
def test_logarithmic_scales_are_numbered_in_plain_digits(low, high):
    figure, axes = plots.panels(1, 2, sharey=True)
    for ax in axes[0]:
        ax.plot([low, high], [low, high])
        ax.set(xscale="log", yscale="log")
    texts = drawn(figure)
    numbers = [float(text.replace(",", "").replace("−", "-")) for text in texts]
    assert len([number for number in numbers if low <= number <= high]) >= 2


def test_a_long_name_leaves_room_for_what_it_names():
    long = "Station of the northern quarter " * 6
    figure, axes = plots.panels(source="x")
    plots.bars(axes[0, 0], [long, long + "b"], [1, 2], label="events")
    plots.foot_legend(figure, {long: "red", long + "b": "blue"})
    figure.draw_without_rendering()
    assert axes[0, 0].get_position().width > 0.4
    assert len(figure.legends[0].get_texts()) == 2
