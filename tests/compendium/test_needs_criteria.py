"""Criteria in which no zone differs from another do not count as criteria to rank by."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from helpers.compendium.needs import Condition


class Town:
    """A city of three zones with two criteria."""

    def __init__(self, **criteria):
        self.frame = pd.DataFrame(criteria)
        layers = SimpleNamespace(criteria=SimpleNamespace(criteria=dict.fromkeys(criteria)))
        self.card = SimpleNamespace(layers=layers)

    def layer(self, name):
        assert name == "criteria"
        return self.frame


def test_constant_criteria_are_not_counted():
    need = Condition.read("criteria.varying >= 2: a ranking weighs criteria")
    assert need.lacking(Town(a=[1, 2, 2], b=["low", "high", "low"])) == ""
    one = "one criterion in which the zones differ; a ranking weighs criteria"
    assert need.lacking(Town(a=[1, 2, 2], b=["low", "low", "low"])) == one
    none = "no criteria in which the zones differ; a ranking weighs criteria"
    assert need.lacking(Town(a=[7, 7, 7])) == none
