"""The planner in a browser: what it says of what it refuses, on paper, and in its files."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from helpers.report import build

HERE = Path(__file__).resolve().parent
TOWN = runpy.run_path(str(HERE.parent / "planner" / "conftest.py"))
NOTING = runpy.run_path(str(HERE / "conftest.py"))["noting"]
CITY, EXAMPLE = TOWN["CITY"], TOWN["EXAMPLE"]
solved = TOWN["solved"]


@pytest.fixture(scope="module")
def report(tmp_path_factory, solved):
    """Folder of the site of one town."""
    with pytest.MonkeyPatch.context() as patch:
        results = TOWN["town"](tmp_path_factory.mktemp("planner"), patch, solved)
        build(results.root)
    return results.root / "report"


@pytest.fixture(scope="module")
def shared(chromium, report):
    """One page for all tests, with what it asks for and complains of."""
    with NOTING(chromium) as page:
        yield page


@pytest.fixture
def planner(shared, report):
    """The planner as it opens."""
    shared.goto("about:blank")
    shared.goto((report / "planner" / f"{CITY}.html").as_uri())
    yield shared
    assert shared.complaints == []


def post(page, number: int):
    return page.locator(f".map .post:nth-child({number})")


def middle(page, number: int) -> tuple[float, float]:
    box = post(page, number).locator(".disc").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, number: int, there: tuple[float, float]) -> None:
    page.mouse.move(*middle(page, number))
    page.mouse.down()
    page.mouse.move(*there, steps=4)
    page.mouse.up()


def test_a_post_that_cannot_move_says_why(planner):
    said = planner.locator("[data-refused]")
    assert said.is_hidden()
    x, y = middle(planner, 1)
    post(planner, 1).focus()
    planner.keyboard.press("l")
    drag(planner, 1, (x, y + 60))
    assert said.inner_text().startswith("Post 1 was not moved: it is locked.")
    assert "posts=" not in planner.url and middle(planner, 1) == pytest.approx((x, y))
    planner.keyboard.press("l")
    assert said.is_hidden()
    # the same by key, and what is said goes with the next move
    planner.keyboard.press("l")
    planner.keyboard.press("ArrowDown")
    assert "it is locked" in said.inner_text()
    planner.keyboard.press("l")
    planner.keyboard.press("ArrowDown")
    assert said.is_hidden() and "posts=" in planner.url
    before = planner.url
    drag(planner, 1, middle(planner, 2))
    assert said.inner_text() == "Post 1 was not moved: post 2 stands there."
    planner.get_by_role("button", name="Undo").click()
    assert said.is_hidden()
    planner.goto(before)
    post(planner, 1).focus()
    for _ in range(12):
        planner.keyboard.press("ArrowUp")
    assert "no quadrant lies further that way" in said.inner_text()
