"""Where the start page opens each planner, and what it says a verdict rests on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers.compendium import claims
from helpers.report import findings, planners, site
from helpers.report.ledger import parts_of


@pytest.mark.parametrize(
    ("saved", "objective", "patrols", "matches"),
    [
        ({"smallest_match": 9}, "p-median", 9, True),
        ({"smallest_match": None}, "p-median", 4, False),
        ({"smallest_match": 99}, "p-median", 4, False),
        ({"smallest_match": 9}, "covering", 4, False),
        (None, "p-median", 4, False),
    ],
)
def test_a_planner_opens_at_the_number_that_matches_today(
    monkeypatch, saved, objective, patrols, matches
):
    found = None if saved is None else claims.Saved(saved, False, {})
    monkeypatch.setattr(claims, "saved_numbers", lambda city, section: found)
    runs = {("a b", planners.JUDGED_BY): SimpleNamespace(outputs=["numbers"])}
    curve = [(4, 2.0, 2.0, True), (9, 1.0, 1.0, True)]
    planner = SimpleNamespace(objective=objective, curve=curve, patrols=4)
    start = planners.starts(SimpleNamespace(runs=runs), {"a b": planner})["a b"]
    assert (start.patrols, start.matches) == (patrols, matches)
    assert start.link == f"planner/a%20b.html#p={patrols}&objective={objective}"


SURE = {"later_period": "2021", "match_afterwards": [-0.006, -0.029, 0.017], "surely_better": 14}


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        (SURE | {"smallest_match_ends": [13, 14]},
         " (13 to 14, for today's posts are known roughly); on the crimes of 2021 the distance is 0.6\xa0% "
         "longer than today's (−1.7\xa0% to 2.9\xa0%), and only 14 or more beat today's beyond chance"),
        (SURE | {"smallest_match_ends": [13, 13], "match_afterwards": [0.06, 0.02, 0.09], "surely_better": 9},
         "; on the crimes of 2021 the distance is 6.0\xa0% shorter than today's (2.0\xa0% to 9.0\xa0%), which is beyond chance"),
        (SURE | {"smallest_match_ends": [13, None], "surely_better": "none"},
         " (13 to more than the curve has, for today's posts are known roughly); on the crimes of 2021 the "
         "distance is 0.6\xa0% longer than today's (−1.7\xa0% to 2.9\xa0%), and no number on the curve beats today's beyond chance"),
        ({"smallest_match_ends": [], "match_afterwards": None}, ""),
        ({"smallest_match_ends": "damaged", "match_afterwards": [1, "x", None]}, ""),
    ],
)  # fmt: skip
def test_a_number_that_matches_today_says_how_sure_it_is(monkeypatch, saved, said):
    """13 on paper, 13 to 14 where today's posts are roughly known, and no better on later crimes."""
    found = claims.Saved({"smallest_match": 13} | saved, False, {})
    monkeypatch.setattr(claims, "saved_numbers", lambda city, section: found)
    runs = {("a", planners.JUDGED_BY): SimpleNamespace(outputs=["numbers"])}
    planner = SimpleNamespace(objective="p-median", curve=[(13, 1.0, 1.0, True)], patrols=13)
    start = planners.starts(SimpleNamespace(runs=runs), {"a": planner})["a"]
    environment = site._environment(SimpleNamespace(city_title=str), False, planner=True)
    assert environment.get_template("parts.html.j2").module.doubted(start) == said


@pytest.mark.parametrize(
    ("known", "patrols", "matches"),
    [([1, 2, 9, 20], 9, True), ([1, 2, 3], 3, False), ([8, 10], 8, False), ([12], 12, False)],
)
def test_the_first_question_opens_at_nine_patrols_or_near_it(known, patrols, matches):
    planner = SimpleNamespace(objective="p-median", curve=[(p, 1.0, 1.0, True) for p in known])
    start = planners.with_nine({"a b": planner})["a b"]
    assert start[:3] == (f"planner/a%20b.html#p={patrols}&objective=p-median", patrols, matches)


def test_what_a_verdict_rests_on_adds_up():
    kinds = ["input", "tuned", "input", "reproduction", ""]
    ledger = [SimpleNamespace(verdict="match", evidence=kind) for kind in kinds]
    ledger.append(SimpleNamespace(verdict="differs", evidence="chance"))
    assert parts_of(ledger, "match") == [("reproduction", 1), ("tuned", 1), ("input", 2)]
    assert parts_of(ledger, "close") == []


def test_the_picture_beside_the_verdicts_shows_what_one_of_them_is_about():
    """What stands beside what could be tested is no figure of what could not."""
    tested = {"replication", "reproduction"}
    for figure in (*findings.OF_PAPER["1"], findings.OF_PAPER["2"][0]):
        about = [r for r in claims.rules().values() if (r.section, r.figure) == figure]
        assert tested & {rule.evidence for rule in about}, figure
