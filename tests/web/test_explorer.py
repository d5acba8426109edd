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
BROWSER = runpy.run_path(str(Path(__file__).with_name("conftest.py")))
OPEN_ANEW = BROWSER["open_anew"]
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


@pytest.fixture(scope="module")
def shared(chromium, address):
    """One page for all tests."""
    with BROWSER["noting"](chromium) as page:
        yield page


@pytest.fixture
def explorer(shared, address):
    """The page as it opens."""
    OPEN_ANEW(shared, address)
    yield shared
    assert shared.complaints == []


def rows(page) -> list[list[str]]:
    found = page.locator(".explorer .ranked tbody tr")
    return found.evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    )


def wanted(weights: dict[str, float]) -> list[list[str]]:
    """What Python lists: rank, zone, score, moves."""
    first = rank_zones(additive_scores(VALUES, START))
    # equal zones keep the order of the ranking in use, as on the page
    listed = additive_scores(VALUES.loc[first.table().index], weights)
    found = rank_zones(listed).table().head(12)
    moves = first.ranks[found.index] - found["rank"]
    signs = [f"▲ {move}" if move > 0 else f"▼ {-move}" if move else "" for move in moves]
    after = [behind(name, listed) for name in found.index]
    names = [
        f"{name}\nnever before {first}" if first else name
        for name, first in zip(found.index, after, strict=True)
    ]
    lines = zip(found["rank"], names, found["score"], signs, strict=True)
    return [[str(rank), name, f"{score:.3f}", sign] for rank, name, score, sign in lines]


def behind(name: str, scores: pd.Series) -> str:
    """The best of the zones that no weights put this one before, and how many more there are."""
    own = VALUES.loc[name]
    better = (own <= VALUES).all(axis=1) & (own < VALUES).any(axis=1)
    if not better.any():
        return ""
    ranks, more = rank_zones(scores).ranks, int(better.sum()) - 1
    # of equal ones the first of the list that the page has
    return (
        f"{ranks[scores.index[better[scores.index]]].idxmin()}{f' and {more} more' if more else ''}"
    )


def test_it_begins_with_the_weights_in_use(explorer):
    page = explorer
    assert rows(page) == wanted(START)
    assert page.locator("[data-weight]").all_inner_texts() == ["0.500", "0.300", "0.200"]
    fields = page.locator(".explorer [type=number]").all()
    assert [field.input_value() for field in fields] == ["100", "60", "40"]
    best = sum(not behind(name, additive_scores(VALUES, START)) for name in VALUES.index)
    assert 0 < best < len(VALUES)
    expect(page.locator(".explorer [role=status]")).to_contain_text(
        f"For {best} of 20 zones no other"
    )


def test_it_ranks_as_python_does(explorer):
    page = explorer
    for swings in ((10, 100, 40), (0, 0, 100), (100, 100, 100), (3, 0, 7)):
        for slider, swing in zip(page.locator(".explorer [type=range]").all(), swings, strict=True):
            slider.fill(str(swing))
        shares = {name: swing / sum(swings) for name, swing in zip(CRITERIA, swings, strict=True)}
        assert rows(page) == wanted(shares)
        said = page.locator("[data-weight]").all_inner_texts()
        assert said == [f"{share:.3f}" for share in shares.values()]


def test_the_keyboard_moves_a_slider_and_the_button_goes_back(explorer):
    page = explorer
    slider = page.get_by_role("slider", name="Swing of Growth")
    slider.focus()
    page.keyboard.press("End")
    assert page.locator("[data-weight]").all_inner_texts() == ["0.417", "0.417", "0.167"]
    page.get_by_role("button", name="Back to the start").click()
    assert slider.input_value() == "60"
    assert rows(page) == wanted(START)


def test_a_swing_is_written_as_a_number_too(explorer):
    page = explorer
    swings = ("33.5", "100", "0.25")
    for name, swing in zip(("Density", "Growth", "Poverty"), swings, strict=True):
        page.get_by_label(f"Swing of {name}, as a number").fill(swing)
    total = sum(map(float, swings))
    shares = {name: float(swing) / total for name, swing in zip(CRITERIA, swings, strict=True)}
    assert rows(page) == wanted(shares)
    slider = page.get_by_role("slider", name="Swing of Growth")
    assert slider.input_value() == "100"
    # what is beyond the scale counts as its end, nothing as 0
    page.get_by_label("Swing of Growth, as a number").fill("700")
    assert rows(page) == wanted(shares)
    page.get_by_label("Swing of Density, as a number").fill("")
    assert page.locator("[data-weight]").first.inner_text() == "0.000"
    # a slider that is moved says so in its field
    slider.fill("60")
    assert page.get_by_label("Swing of Growth, as a number").input_value() == "60"


def test_without_any_swing_it_says_what_to_do(explorer):
    page = explorer
    for slider in page.locator(".explorer [type=range]").all():
        slider.fill("0")
    expect(page.locator(".explorer [role=status]")).to_contain_text("Every swing is 0")
    assert rows(page) == []


def test_without_scripts_the_same_is_read(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    listed = [[rank, name.split("\n")[0], score] for rank, name, score, _ in wanted(START)]
    assert rows(page) == listed
    assert page.locator("[data-swing]").all_inner_texts() == ["100", "60", "40"]
    assert page.locator(".explorer input").count() == 0
    expect(page.get_by_text("Move a swing")).to_be_hidden()
    context.close()


def test_it_fits_a_phone(explorer):
    explorer.set_viewport_size({"width": 360, "height": 740})
    assert explorer.evaluate("document.documentElement.scrollWidth") <= 360
    tables = explorer.locator(".explorer table")
    assert all(table.bounding_box()["width"] <= 340 for table in tables.all())
    # a finger sets one of a hundred values
    for slider in explorer.get_by_role("slider").all():
        box = slider.bounding_box()
        assert box["width"] >= 200 and box["height"] >= 44
    weights = explorer.locator("[data-weight]")
    assert weights.first.inner_text() == "0.500" and weights.first.is_visible()
    explorer.set_viewport_size({"width": 1280, "height": 900})
