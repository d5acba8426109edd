"""The explorer of weights in a browser: it ranks as Python does, by mouse, by key and without."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from helpers.priorities import additive_scores, rank_zones

REPORT_TESTS = Path(__file__).resolve().parents[1] / "report"
PLACE = runpy.run_path(str(REPORT_TESTS / "conftest.py"))["place"]
SAVED = runpy.run_path(str(REPORT_TESTS / "test_report_explorer.py"))["saved"]
SECTION = "31_priority_ranking"
CRITERIA = ["density", "growth", "poverty"]
START = {"density": 0.5, "growth": 0.3, "poverty": 0.2}


def made_values() -> pd.DataFrame:
    """Twenty zones, of which two are alike in everything, and names that must stay text."""
    drawn = np.random.default_rng(3).random((20, 3)).round(4)
    drawn[7] = drawn[2]
    names = [f"<i>Zone</i> {i} & co" for i in range(20)]
    return pd.DataFrame(drawn, index=pd.Index(names, name="zone"), columns=CRITERIA)


VALUES = made_values()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Page of a section that ranked the zones."""
    ranking = rank_zones(additive_scores(VALUES, START)).table().rename_axis("zone")
    weights = pd.DataFrame({"criterion": CRITERIA, "label": ["Density", "Growth", "Poverty"]})
    with pytest.MonkeyPatch.context() as patch:
        results = PLACE(tmp_path_factory.mktemp("explorer"), patch)
        SAVED(
            results,
            values=VALUES.reset_index(),
            weights=weights.assign(weight=list(START.values())),
            ranking=ranking.reset_index(),
        )
    return (results.root / "report" / "notebooks" / "leeds" / f"{SECTION}.html").as_uri()


def rows(page) -> list[list[str]]:
    found = page.locator(".explorer .ranked tbody tr")
    return [
        [cell.strip() for cell in row.locator("td, th").all_inner_texts()] for row in found.all()
    ]


def wanted(weights: dict[str, float]) -> list[list[str]]:
    """What Python lists: rank, zone, score, moves."""
    first = rank_zones(additive_scores(VALUES, START))
    # equal zones keep the order of the ranking in use, as on the page
    listed = additive_scores(VALUES.loc[first.table().index], weights)
    found = rank_zones(listed).table().head(12)
    moves = first.ranks[found.index] - found["rank"]
    signs = [f"▲ {move}" if move > 0 else f"▼ {-move}" if move else "" for move in moves]
    lines = zip(found["rank"], found.index, found["score"], signs, strict=True)
    return [[str(rank), name, f"{score:.3f}", sign] for rank, name, score, sign in lines]


def test_it_begins_with_the_weights_in_use(page, address):
    page.goto(address)
    assert rows(page) == wanted(START)
    assert page.locator("[data-weight]").all_inner_texts() == ["0.500", "0.300", "0.200"]
    assert page.locator(".explorer output").all_inner_texts() == ["100", "60", "40"]
    assert page.complaints == []


@pytest.mark.parametrize("swings", [(10, 100, 40), (0, 0, 100), (100, 100, 100), (3, 0, 7)])
def test_it_ranks_as_python_does(page, address, swings):
    page.goto(address)
    for slider, swing in zip(page.locator(".explorer input").all(), swings, strict=True):
        slider.fill(str(swing))
    shares = {name: swing / sum(swings) for name, swing in zip(CRITERIA, swings, strict=True)}
    assert rows(page) == wanted(shares)
    said = page.locator("[data-weight]").all_inner_texts()
    assert said == [f"{share:.3f}" for share in shares.values()]
    assert page.complaints == []


def test_the_keyboard_moves_a_slider_and_the_button_goes_back(page, address):
    page.goto(address)
    slider = page.get_by_role("slider", name="Swing of Growth")
    slider.focus()
    page.keyboard.press("End")
    assert page.locator("[data-weight]").all_inner_texts() == ["0.417", "0.417", "0.167"]
    page.get_by_role("button", name="Back to the start").click()
    assert slider.input_value() == "60"
    assert rows(page) == wanted(START)


def test_without_any_swing_it_says_what_to_do(page, address):
    page.goto(address)
    for slider in page.locator(".explorer input").all():
        slider.fill("0")
    expect(page.locator(".explorer [role=status]")).to_contain_text("Every swing is 0")
    assert rows(page) == []


def test_without_scripts_the_same_is_read(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert rows(page) == [row[:3] for row in wanted(START)]
    assert page.locator("[data-swing]").all_inner_texts() == ["100", "60", "40"]
    assert page.locator(".explorer input").count() == 0
    expect(page.get_by_text("Move a swing")).to_be_hidden()
    context.close()


def test_it_fits_a_phone(chromium, address):
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tables = page.locator(".explorer table")
    assert all(table.bounding_box()["width"] <= 340 for table in tables.all())
    context.close()
