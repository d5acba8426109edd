"""Sentences that the data contradict are not said: words of a city in which nothing happens."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from helpers.compendium import words


def filled(section: str, block: str, facts: dict) -> str:
    """A block of a city with nothing simulated, unless the facts say otherwise."""
    return words.render(section, block, {"caveat": "", **facts})


# ------------------------------------------------------------------------------------------ shifts


def shifts_told(costs: list[float], stay: list[int], apart: float, synthetic=()) -> tuple[str, str]:
    """What is said of the plans of shifts, and the caption of their maps."""
    names = pd.Index(["day", "night", "weekend"][: len(costs)], name="shift")
    table = pd.DataFrame({"costs": costs, "stay": stay}, index=names)
    facts = {
        "shifts": SimpleNamespace(table=table, apart=apart), "foreseen": True, "parameters": {},
        "numbers": {"p": 8, "shifts_saved": sum(costs) / 3},
        "town": SimpleNamespace(synthetic=[*synthetic]),
    }  # fmt: skip
    section = "15_patrol_allocation"
    return filled(section, "shifts", facts), filled(section, "figure_shifts", facts)


def test_shifts_that_need_no_plan_of_their_own_are_said_to_need_none():
    said, caption = shifts_told([0, 0], [8, 8], 0.0024, ["events"])
    assert "No shift needs a plan of its own" in said and "all 8 posts stay" in said
    assert "gains" not in said and "0.24\xa0%" in said and "simulated" in said
    assert "the others" not in caption and "every square holds a disc in every shift" in caption
    # of recorded crimes nothing is said of a simulation, and maps that differ are no reason
    said, _ = shifts_told([0, 0], [8, 8], 0.0024)
    assert "simulated" not in said
    said, _ = shifts_told([0, 0], [8, 8], 0.1, ["events"])
    assert "hardly" not in said and "10\xa0%" in said


def test_a_shift_that_gains_next_to_nothing_is_not_said_to_gain():
    said, caption = shifts_told([0.0002, 0], [7, 8], 0.02)
    assert "No shift gains as much as 0.1\xa0%" in said and "7 to 8 are the same" in said
    assert "which squares hold a disc" in caption


def test_a_shift_that_gains_is_named_with_what_it_gains():
    said, caption = shifts_told([0, 0.03, 0.002], [8, 2, 0], 0.098)
    assert "(night) travels 3.0\xa0% farther" in said and "0 to 8 are the same" in said
    assert "which squares" in caption
    _, caption = shifts_told([0.1], [0], 0.0)
    assert "no square holds a disc" in caption


def test_one_shift_is_not_compared_with_itself():
    said, _ = shifts_told([0], [8], 0.0, ["events"])
    assert "There is one shift" in said and "differ" not in said
