"""The districts page in a browser: zones move, balance and contiguity follow as Python counts them."""

from __future__ import annotations

import csv
import re
import runpy
from pathlib import Path

import networkx as nx
import pytest
from playwright.sync_api import expect

from helpers.report import build

HERE = Path(__file__).resolve().parent
DATA = runpy.run_path(str(HERE.parent / "planner" / "test_districts_data.py"))
TOWN, EXAMPLE, CITY, HOSTILE = DATA["TOWN"], DATA["EXAMPLE"], DATA["CITY"], DATA["HOSTILE"]
BROWSER = runpy.run_path(str(HERE / "conftest.py"))
OPEN_ANEW = BROWSER["open_anew"]
LOW_CONTRAST = runpy.run_path(str(HERE / "test_site.py"))["LOW_CONTRAST"]
ZONES = EXAMPLE["town"](HOSTILE)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        results = TOWN["PLACE"](tmp_path_factory.mktemp("districts"), patch)
        patch.setenv("POLICE_PLANNING_OUTPUT", str(results.root))
        results.section(EXAMPLE["SECTION"], "Districts")
        results.city(CITY, f"Leeds {HOSTILE}")
        DATA["card"](results)
        EXAMPLE["save"](CITY, ZONES)
        results.run(CITY, EXAMPLE["SECTION"], cells=[results.text("# Districts", "top")])
        build(results.root)
    return results.root / "report"


@pytest.fixture(scope="module")
def shared(chromium, report):
    """One page for all tests, with what it asks for and complains of."""
    with BROWSER["noting"](chromium) as page:
        page.goto((report / "index.html").as_uri())
        page.get_by_label("Districts", exact=True).get_by_role("link").click()
        page.opened = page.url
        yield page


@pytest.fixture
def districts(shared):
    """The page as it opens."""
    OPEN_ANEW(shared, shared.opened)
    expect(shared.locator("[data-verdict]")).not_to_be_empty()
    yield shared
    assert shared.complaints == []
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in shared.requests)


def pieces(areas, area: int) -> int:
    columns = EXAMPLE["COLUMNS"]
    graph = nx.Graph()
    graph.add_nodes_from(i for i, k in enumerate(areas) if k == area)
    graph.add_edges_from(
        (i, j) for i in graph for j in graph if j - i == columns or (j - i == 1 and j % columns)
    )
    return nx.number_connected_components(graph)


def said(page, areas) -> None:
    """The page counts what Python counts."""
    off = EXAMPLE["differences"](areas, ZONES["residents"])
    told = dict(zip(page.locator("[data-figures] dt").all_inner_texts(),
                    page.locator("[data-figures] dd").all_inner_texts(), strict=True))  # fmt: skip
    assert float(told["Sum of differences from it"].replace(",", "")) == pytest.approx(
        off, abs=0.06
    )
    for row in page.locator("[data-areas] tr").all_inner_texts():
        area, zones, amount, _, parts = row.split("\t")
        mine = [i for i, k in enumerate(areas) if k == int(area)]
        assert int(zones) == len(mine) and int(parts) == pieces(areas, int(area))
        assert float(amount) == pytest.approx(ZONES["residents"].iloc[mine].sum(), abs=0.06)


def test_the_section_and_the_search_lead_to_it(shared, report):
    page = shared
    page.goto((report / "notebooks" / CITY / f"{EXAMPLE['SECTION']}.html").as_uri())
    page.get_by_role("link", name="districts on a map").click()
    expect(page.locator("[data-verdict]")).not_to_be_empty()
    page.goto((report / "search.html").as_uri())
    page.get_by_label("Words").fill("where districts should end")
    assert page.locator("#found a").first.get_attribute("href") == f"planner/{CITY}-districts.html"


def test_a_zone_moves_and_comes_back(districts):
    page, areas = districts, ZONES["today"].tolist()
    said(page, areas)
    page.locator("[data-zone]").select_option("5")
    assert page.locator("[data-moves] button").all_inner_texts() == ["to area 1", "to area 3"]
    page.get_by_role("button", name="to area 1").click()
    areas[5] = 1
    said(page, areas)
    expect(page.locator("[data-verdict]")).to_contain_text("Area 2 is in several pieces.")
    # the sum and the largest difference are both told
    first = ZONES["residents"].groupby(ZONES["today"]).sum()
    now = ZONES["residents"].groupby(areas).sum()
    worst = [100 * (abs(held - held.mean()).max() / held.mean()) for held in (now, first)]
    expect(page.locator("[data-verdict]")).to_contain_text(
        f"largest difference is {'more' if worst[0] > worst[1] else 'less'}, "
        f"{worst[0]:.1f} % against {worst[1]:.1f} % of an equal share"
    )
    address = page.url
    page.reload()
    said(page, areas)
    assert page.url == address and "moved=" in address
    page.get_by_role("button", name="Back to the plan").click()
    said(page, ZONES["today"])
    page.get_by_role("button", name="Undo").click()
    said(page, areas)


def test_a_zone_is_dragged_to_the_area_beside_only(districts):
    page, areas = districts, ZONES["today"].tolist()
    middle = [
        (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        for box in (zone.bounding_box() for zone in page.locator(".zone").all())
    ]
    refused = page.locator("[data-refused]")
    for start, end in ((1, 9), (1, 5)):  # area 3 is not beside zone 1, area 2 is
        page.mouse.move(*middle[start])
        page.mouse.down()
        page.mouse.move(*middle[end], steps=3)
        page.mouse.up()
        if end == 5:
            areas[1] = 2
            expect(refused).to_be_hidden()
        else:
            expect(refused).to_have_text(
                f"{HOSTILE} 1 was not moved: no zone of area 3 has a piece of border with it. "
                "It can go to area 2."
            )
        said(page, areas)


def test_a_damaged_link_says_so(districts):
    page, told = districts, districts.locator("[data-astray]")
    whole = f"plan=best&field={EXAMPLE['FIELD']}&moved=z%253A3%25201%3A3"
    for hash_, parts in (
        (whole, None),
        ("plan=foo", "plan"),
        ("plan=best&moves=garbage", "“moves”"),
        ("plan=best&moved=garbage", "moved zones"),
        ("plan=best&moved=z%253A3%25201%3A77", "moved zones"),
        (whole.replace(f"field={EXAMPLE['FIELD']}", "field=horses"), "balance"),
    ):
        OPEN_ANEW(page, f"{page.opened}#{hash_}")
        if parts is None:
            expect(told).to_be_hidden()
            assert page.locator("[data-key-moved]").is_visible()
        else:
            expect(told).to_contain_text(f"could not be read in full ({parts})")
    # what is chosen afterwards is no longer what the link meant
    page.locator("[data-plan]").select_option(label="today's")
    expect(told).to_be_hidden()


def test_what_is_chosen_does_not_look_moved_and_paper_has_no_buttons(districts):
    page = districts
    page.locator("[data-zone]").select_option("6")
    style = "[...document.querySelectorAll('.zone')].map((e) => getComputedStyle(e).strokeWidth)"
    assert len(set(page.evaluate(style))) == 1
    shape = page.locator(".zone").nth(6).get_attribute("d")
    assert page.locator(".ring").get_attribute("d") == shape
    assert page.locator("[data-key-moved]").is_hidden()
    page.emulate_media(media="print")
    assert page.locator("main button:visible").count() == 0
    said_on_paper = page.locator(".only-print").inner_text()
    page.emulate_media(media="screen")
    assert re.match(r"Printed on \d+ \w+ 20\d\d\. Balance by: ", said_on_paper)


def test_numbers_of_areas_do_not_overlap(districts):
    """As many as have room, in the middle of a zone of their area."""
    found = districts.evaluate(
        """() => {
          let seed = 7;
          const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
          const middles = Array.from({ length: 90 }, () => ({ x: 200 * random(), y: 120 * random(), size: random() }));
          const areas = middles.map((_, i) => 1 + (i % 30)), names = [...new Set(areas)];
          const spots = planAreas.spots(names, areas, middles, 12);
          return { middles, areas, spots: [...spots].map(([k, { x, y }]) => ({ k, x, y })) };
        }"""
    )
    spots = found["spots"]

    def clear(one, other):
        wide = 0.34 * 12 * (2 + len(str(one["k"])) + len(str(other["k"])))
        return abs(one["x"] - other["x"]) >= wide - 1e-9 or abs(one["y"] - other["y"]) >= 12 - 1e-9

    assert 15 < len(spots) < 30
    assert all(clear(a, b) for i, a in enumerate(spots) for b in spots[:i])
    own = {area: [] for area in found["areas"]}
    for area, spot in zip(found["areas"], found["middles"], strict=True):
        own[area].append({"k": area, **spot})
    for spot in spots:
        assert any((each["x"], each["y"]) == (spot["x"], spot["y"]) for each in own[spot["k"]])
    # a number that is not there has no free place
    for area in own.keys() - {spot["k"] for spot in spots}:
        assert not any(all(clear(each, spot) for spot in spots) for each in own[area])


def test_a_proven_plan_says_so_and_names_are_text(districts, tmp_path):
    page = districts
    page.locator("[data-plan]").select_option("1")
    said(page, ZONES["best"])
    expect(page.locator("[data-verdict]")).to_contain_text("is better balanced: proven")
    # it has as many areas as today: what that comes to stands beside it
    off = EXAMPLE["differences"](ZONES["today"], ZONES["residents"])
    expect(page.locator("[data-says]")).to_contain_text(f"of today's sum to {off:.1f}.")
    assert page.locator("[data-plan] optgroup").get_attribute("label") == (
        "3 areas, as many as today"
    )
    assert page.locator("[data-field] option").all_inner_texts() == [EXAMPLE["LABEL"]]
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as CSV").click()
    assert waiting.value.suggested_filename == f"{CITY}-districts-best.csv"
    waiting.value.save_as(tmp_path / "plan.csv")
    with (tmp_path / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["area"]) for row in rows] == ZONES["best"].tolist()
    assert rows[3]["name"] == f"'{HOSTILE} 3" and rows[3]["zone"] == "z:3 1"
    # every row says what plan it is of
    best = EXAMPLE["differences"](ZONES["best"], ZONES["residents"])
    for row in rows:
        assert (row["proven"], row["moved_by_hand"]) == ("yes", "no")
        assert row["balance"] == EXAMPLE["LABEL"]
        assert float(row["differences"]) == pytest.approx(best)
        assert row["city"] and row["plan"] and "proven" in row["verdict"] and row["saved_on"]
        assert (row["source"], row["licence"]) == ("Somebody", "Open")


def test_few_changes_are_told_against_todays_plan(districts, tmp_path):
    page = districts
    assert page.locator("[data-moved]").is_hidden()
    page.get_by_role("link", name="2 zones moved").click()
    said(page, ZONES["today_2_changed"])
    off = EXAMPLE["differences"](ZONES["today"], ZONES["residents"])
    told = page.locator("[data-moved-head]")
    expect(told).to_have_text(f"2 zones change against today's, whose differences sum to {off:.1f}")
    assert page.locator("[data-moved-list] li").all_inner_texts() == [
        f"{HOSTILE} 4: area 2 to 1, 8", f"{HOSTILE} 7: area 2 to 3, 9"
    ]  # fmt: skip
    # a plan that is the best of few changes says so, as section 23 does
    expect(page.locator("[data-verdict]")).to_contain_text(
        "No plan with up to 2 zones moved is better balanced: proven."
    )
    lined = page.evaluate(
        "[...document.querySelectorAll('.zone')].map((e) => e.classList.contains('moved'))"
    )
    assert [i for i, thick in enumerate(lined) if thick] == [4, 7]
    # what is moved by hand is told with them
    page.locator("[data-zone]").select_option("5")
    page.get_by_role("button", name="to area 3").click()
    expect(told).to_contain_text("3 zones change against today's")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as CSV").click()
    assert waiting.value.suggested_filename == f"{CITY}-districts-today_2_changed-moved.csv"
    waiting.value.save_as(tmp_path / "plan.csv")
    with (tmp_path / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["area_before"]) for row in rows] == ZONES["today"].tolist()
    assert {(row["proven"], row["moved_by_hand"]) for row in rows} == {("no", "yes")}
    assert {row["proven_among"] for row in rows} == {""}
    assert [i for i, row in enumerate(rows) if row["area"] != row["area_before"]] == [4, 5, 7]


def test_everybody_can_read_it_on_a_phone(districts):
    districts.set_viewport_size({"width": 360, "height": 740})
    assert districts.evaluate("document.documentElement.scrollWidth") <= 360
    # what is known of a plan needs no shifting
    plans = districts.locator(".plans")
    assert plans.evaluate("(e) => e.scrollWidth <= e.parentElement.clientWidth")
    for scheme in ("dark", "light"):
        districts.emulate_media(color_scheme=scheme)
        seen, low = districts.evaluate(LOW_CONTRAST)
        assert seen > 30 and low == []
    assert BROWSER["faults"](districts) == []
    districts.set_viewport_size({"width": 1280, "height": 900})


def test_areas_have_their_numbers_and_keep_them_when_empty(districts):
    page, areas = districts, ZONES["today"].tolist()
    assert page.locator(".numbers text").all_text_contents() == ["1", "2", "3"]
    assert page.locator(".zone title").nth(3).text_content() == f"{HOSTILE} 3: 2, area 1"
    # every zone of area 1 goes to area 2: it is still one of three, with nothing
    for zone in range(EXAMPLE["COLUMNS"]):
        page.locator("[data-zone]").select_option(str(zone))
        page.get_by_role("button", name="to area 2").click()
        areas[zone] = 2
    assert page.locator("[data-areas] tr").first.inner_text().split("\t")[:4] == [
        "1",
        "0",
        "0",
        "-100.0 %",
    ]
    share = ZONES["residents"].sum() / 3
    off = share + sum(
        abs(ZONES["residents"][[a == k for a in areas]].sum() - share) for k in (2, 3)
    )
    told = dict(zip(page.locator("[data-figures] dt").all_inner_texts(),
                    page.locator("[data-figures] dd").all_inner_texts(), strict=True))  # fmt: skip
    assert told["Areas"] == "3" and float(told["Sum of differences from it"]) == pytest.approx(
        off, abs=0.06
    )
    # a link within the page keeps what was moved, and so does the address
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    page.reload()
    assert page.locator("[data-areas] tr").first.inner_text().startswith("1\t0\t0\t-100.0 %")
    page.locator("[data-plan]").select_option(label=f"balance of {EXAMPLE['LABEL']}")
    assert "-0.0" not in page.locator("[data-areas]").inner_text()


def test_a_finger_moves_a_zone_that_it_tapped_before(chromium, report):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto((report / "planner" / f"{CITY}-districts.html").as_uri())
    page.evaluate("document.querySelector('.map').scrollIntoView({behavior: 'instant'})")
    zones = [zone.bounding_box() for zone in page.locator(".zone").all()]
    spots = [{"x": b["x"] + b["width"] / 2, "y": b["y"] + b["height"] / 2} for b in zones]
    touch = context.new_cdp_session(page)

    def drag(start: int, end: int) -> None:
        middle = {axis: (spots[start][axis] + spots[end][axis]) / 2 for axis in "xy"}
        for kind, points in (("touchStart", [spots[start]]), ("touchMove", [middle]),
                             ("touchMove", [spots[end]]), ("touchEnd", [])):  # fmt: skip
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    styles = "[...document.querySelectorAll('.zone')].map((e) => getComputedStyle(e).touchAction)"
    assert set(page.evaluate(styles)) == {"auto"}  # a finger scrolls the page
    page.touchscreen.tap(**spots[1])
    assert page.evaluate(styles)[1] == "none"
    drag(1, 5)
    expect(page.locator("[data-moves]")).to_contain_text("in area 2")
    assert "moved=" in page.url
    context.close()


def test_a_phone_enlarges_small_zones_and_shows_where_they_can_go(chromium, report):
    context = chromium.new_context(viewport={"width": 390, "height": 500}, has_touch=True)
    page = context.new_page()
    page.goto((report / "planner" / f"{CITY}-districts.html").as_uri())

    def wide(zone: int) -> float:
        return page.locator(".zone").nth(zone).bounding_box()["width"]

    first = wide(6)
    page.locator("[data-zone]").select_option("6")
    expect(page.get_by_role("button", name="to area 3")).to_be_in_viewport()
    for factor in (2, 4, 8):
        page.get_by_role("button", name="Enlarge").click()
        assert wide(6) == pytest.approx(factor * first, rel=0.02)
    # what is chosen stays in the middle of the map
    box, frame = (
        page.locator(".zone").nth(6).bounding_box(),
        page.locator("[data-map]").bounding_box(),
    )
    assert box["x"] + box["width"] / 2 == pytest.approx(frame["x"] + frame["width"] / 2, abs=2)
    assert page.locator(".numbers text").all_text_contents() == ["2"]
    page.locator("[data-zone]").select_option("7")
    box = page.locator(".zone").nth(7).bounding_box()
    assert frame["x"] < box["x"] + box["width"] / 2 < frame["x"] + frame["width"]
    page.get_by_role("button", name="Whole map").click()
    assert wide(6) == pytest.approx(first)
    # two fingers do the same and move no zone
    page.evaluate("document.querySelector('[data-map]').scrollIntoView({behavior: 'instant'})")
    frame = page.locator("[data-map]").bounding_box()
    middle, touch = (
        (frame["x"] + frame["width"] / 2, frame["y"] + 120),
        context.new_cdp_session(page),
    )
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60), ("touchEnd", 0)):
        points = [{"x": middle[0] + side * apart, "y": middle[1], "id": side} for side in (-1, 1)]
        points = points if apart else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert wide(6) == pytest.approx(3 * first, rel=0.05)
    # one finger shifts what is enlarged, where it does not hold the zone that is chosen
    start = middle[0] - 100
    before = page.locator(".zone").nth(6).bounding_box()["x"]
    for kind, points in (("touchStart", [(start, middle[1])]), ("touchMove", [(start - 15, middle[1])]),
                         ("touchMove", [(start - 30, middle[1])]), ("touchEnd", [])):  # fmt: skip
        places = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    assert page.locator(".zone").nth(6).bounding_box()["x"] < before - 10
    assert "moved=" not in page.url
    context.close()


def test_without_scripts_the_plans_are_listed(chromium, report):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((report / "planner" / f"{CITY}-districts.html").as_uri())
    text = page.locator("main").inner_text()
    assert re.search(
        r"balance of .*\s+Areas as equal as could be found by: .* Found by: exact\."
        r"\s+\d+\.\d\d\s%\s+proven: none has less\n",
        text,
    )
    assert f"3 areas, balance of: {EXAMPLE['LABEL']}\n" in text
    assert "each zone belongs to the nearest of today's stations" in text
    assert page.locator(".stage").is_hidden()
    context.close()


def test_a_zone_that_moves_changes_no_other_colour_unless_two_would_meet(districts):
    """Areas in a row: the third comes to touch the first, which alone may take another colour."""
    told = districts.evaluate(
        """() => {
          const borders = [[0, 1], [1, 2], [2, 3], [3, 4]], names = [1, 2, 3, 4];
          const before = planAreas.colours(names, [1, 2, 3, 4, 4], borders);
          const after = planAreas.colours(names, [1, 1, 3, 4, 4], borders, before);
          return [before, after].map((found) => names.map((k) => found.get(k)));
        }"""
    )
    before, after = told
    assert before == [0, 1, 0, 1] and after[0] == 0 and after[2] != 0 and after[3] == before[3]
