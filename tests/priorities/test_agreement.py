"""Agreement between rankings, and the explorer."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.priorities import (
    PriorityError,
    class_moves,
    kendall_agreement,
    weight_explorer,
)


def test_kendall_tau_with_ties_by_hand():
    """Ranks 1 2 2 4 and 1 2 3 4: 5 concordant pairs, 1 tied in one: 5 / √(5 · 6)."""
    tau = kendall_agreement({"x": pd.Series([1, 2, 2, 4]), "y": pd.Series([1, 2, 3, 4])})
    assert tau.loc["x", "y"] == tau.loc["y", "x"] == pytest.approx(5 / 30**0.5)
    assert tau.loc["x", "x"] == 1


def test_rankings_are_matched_by_zone():
    x = pd.Series({"a": 1, "b": 2, "c": 3})
    assert kendall_agreement({"x": x, "y": x[::-1]}).loc["x", "y"] == pytest.approx(1)
    with pytest.raises(PriorityError, match="'y' ranks other zones"):
        kendall_agreement({"x": x, "y": x.drop("a")})


def test_moves_between_classes():
    before = pd.Series({"a": "low", "b": "high", "c": "medium"})
    after = pd.Series({"b": "low", "a": "high", "c": "medium"})
    moves = class_moves(before, after, ["high", "medium", "low"])
    assert moves.to_dict() == {"a": 2, "b": -2, "c": 0}
    with pytest.raises(PriorityError, match="medium is none of the classes"):
        class_moves(before, after, ["high", "low"])


def test_explorer_follows_its_sliders():
    values = pd.DataFrame({"x": [1.0, 0.0], "y": [0.0, 1.0]}, index=["<a>", "b"])
    panel = weight_explorer(values, {"x": 0.8, "y": 0.2}, labels={"x": "crime"})
    first, second, button, table = panel.children
    (x, weight_of_x), (y, weight_of_y) = first.children, second.children
    assert (weight_of_x.value, weight_of_y.value) == ("weight 0.800", "weight 0.200")
    assert (x.description, x.value, y.value) == ("crime", 100, 25)
    assert table.value.index("&lt;a&gt;") < table.value.index(">b<")
    y.value, x.value = 100, 50
    assert table.value.index(">b<") < table.value.index("&lt;a&gt;")
    assert "▲ 1" in table.value and "0.667" in table.value
    assert (weight_of_x.value, weight_of_y.value) == ("weight 0.333", "weight 0.667")
    x.value = y.value = 0
    assert "Every swing is 0" in table.value and weight_of_x.value == ""
    button.click()
    assert (x.value, y.value) == (100, 25) and "0.800" in table.value
