"""Today's districts beside plans with few changes and one drawn anew."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.districting import Plan, study

from .conftest import grid_units


class Town(SimpleNamespace):
    """A city of a board: zones with residents, and districts where they are given."""

    def has(self, layer):
        return getattr(self, layer, None) is not None

    def layer(self, name):
        return getattr(self, name)

    def status(self, _):
        return self.said


def town_of(units, districts, said=""):
    zones = pd.DataFrame({"zone": units.zones, "population": np.arange(1.0, len(units) + 1)})
    table = None if districts is None else pd.DataFrame({"district": districts})
    return Town(zones=zones, districts=table, said=said)


def test_today_and_few_changes_by_hand():
    """A row of six with 1, 1, 1, 1, 1, 7: one change cannot help the full end, and none is needed."""
    units = grid_units(1, 6)
    object.__setattr__(units, "population", np.array([1.0, 1, 1, 1, 1, 7]))
    beats = study.todays_beats(town_of(units, ["w", "w", "w", "e", "e", "e"]), units)
    assert beats.names == ("e", "w")
    assert beats.title == "today"
    found = study.changes(beats, [1, 2])
    # (1) of today is 2 |9 - 6|; with D, and then E, in the west 4 and 2
    assert [few.value for few in found] == [4, 2]
    assert [few.moved.tolist() for few in found] == [[3], [3, 4]]
    new = study.anew(beats)
    shapes = [shapely.box(i, 0, i + 1, 1) for i in range(6)]
    table = study.changes_table(beats, found, new, shapes).set_index("plan")
    assert table.index.tolist() == ["today", "up to 1 change", "up to 2 changes", "drawn anew"]
    assert table["eq1"].tolist() == [6, 4, 2, 2]
    assert table["zones_moved"].tolist() == [0, 1, 2, 2]  # numbered as the districts it covers
    assert table["residents_moved"].tolist() == pytest.approx([0, 4 / 21, 9 / 21, 9 / 21])
    assert table["largest_area"].tolist() == pytest.approx([9 / 6, 8 / 6, 7 / 6, 7 / 6])
    # today: in the east F is the middle (2 + 1 km), in the west B (1 + 1)
    assert table["travel_km"].iloc[0] == pytest.approx(5 / 12)
    assert table["proven"].tolist() == ["", "optimal", "optimal", ""]
    facts = study.change_facts(beats, table.reset_index(), found)
    assert facts["lines"][0] | {"residents": 0} == {
        "most": 1, "moved": 1, "eq1": 4, "proven": True, "gap": 0, "names": ["3"], "residents": 0,
    }  # fmt: skip


def test_a_stand_in_is_named_as_one_and_broken_districts_are_told():
    units = grid_units(2, 3)
    labels = ["a", "b", "a", "b", "b", "b"]
    beats = study.todays_beats(town_of(units, labels, "stand-in"), units)
    assert beats.title == "today (stand-in)"
    assert beats.broken == ("a",)
    plan = Plan.of(units, [0, 0, 0, 1, 1, 1])
    found = study.changes(beats, [1])
    kept = study.kept_plans(
        {"p": plan},
        {("p", "balance, then shape"): plan, ("p", "AZP-SA"): plan},
        {"p": units},
        beats,
        found,
        np.array([1, 1, 1, 0, 0, 0]),
    )
    assert kept["drawn_anew"][1].objectives == plan.objectives
    # today's is in pieces and no plan of the search; what is kept is contiguous
    assert {"p_balance", "p_balance_then_shape"} <= set(kept)
    assert "today_stand_in" not in kept
    assert all(plan.areas == 2 for _, plan in kept.values())


def test_what_each_change_buys_is_counted():
    """As in a city where one zone saves 380, a second 318, and three more 581 each."""
    table = pd.DataFrame(
        {"most_moved": [0, 1, 2, 5, np.nan], "eq1": [16086.0, 15706, 15388, 13645, 484]}
    )
    found = study.change_steps(table)
    assert [(step["first"], step["last"], step["each"]) for step in found["steps"]] == [
        (1, 1, 380), (2, 2, 318), (3, 5, 581)
    ]  # fmt: skip
    assert not found["falling"]
    assert study.change_steps(table.iloc[:3])["falling"]


def test_what_is_proven_of_few_changes_leaves_with_the_plans():
    units = grid_units(2, 3)
    beats = study.todays_beats(town_of(units, ["a", "a", "b", "b", "b", "b"]), units)
    found = study.changes(beats, [1, 2])
    kept = study.kept_plans({}, {}, {}, beats, found, np.array([0, 0, 0, 1, 1, 1]))
    notes = study.plan_notes(kept, {units.field: "Crimes, 2014 to 2021"}, found)
    zones = gpd.GeoDataFrame(
        {"zone": list(units.zones)},
        geometry=[shapely.box(i % 3, i // 3, i % 3 + 1, i // 3 + 1) for i in range(6)],
    )
    table = study.plan_layers(zones, kept, notes)["plans"].set_index("plan")
    for few in found:
        row = table.loc[next(name for name in kept if name.endswith(f"_{few.most}_changed"))]
        assert (row["eq1"], row["bound"], row["proven"]) == (few.value, few.bound, few.proven)
        assert few.proven and row["among"].startswith(f"up to {few.most} zone")
        assert row["gap"] == pytest.approx((few.value - few.bound) / max(few.value, 1))
    assert table.loc["drawn_anew", ["proven", "among"]].tolist() == [False, ""]


@pytest.mark.parametrize("districts", [None, ["a"] * 6])
def test_no_districts_no_today(districts):
    units = grid_units(2, 3)
    assert study.todays_beats(town_of(units, districts), units) is None


def test_every_plan_that_is_kept_has_a_plain_name():
    """A field may be called as today's plans are."""
    labels = {"events": "Crimes of $2021$", "today": "Calls"}
    assert study.plan_title("events_balance", labels) == "balance of Crimes of $2021$"
    assert study.plan_title("today_balance_then_shape", labels) == "balance of Calls, then shape"
    assert study.plan_title("today_1_changed", labels) == "today's, 1 zone moved"
    assert study.plan_title("today", labels) == "today's"
    units = grid_units(2, 3)
    beats = study.todays_beats(town_of(units, ["a", "a", "a", "b", "b", "b"], "stand-in"), units)
    plan = Plan.of(units, [0, 0, 0, 1, 1, 1])
    shaped = {("p", "balance, then shape"): plan}
    kept = study.kept_plans(
        {"p": plan}, shaped, {"p": units}, beats, study.changes(beats, [1]), None
    )
    told = study.plan_titles(kept, {"p": "People"})
    assert [about["title"] for about in told.values()] == [
        "balance of People", "balance of People, then shape", "today's (stand-in)",
        "today's (stand-in), 1 zone moved",
    ]  # fmt: skip
