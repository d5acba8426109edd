"""The planner in a browser: what it says of what it refuses, on paper, and in its files."""

from __future__ import annotations

import csv
import json
import math
import runpy
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pyproj import Transformer

from helpers import location
from helpers.report import build

HERE = Path(__file__).resolve().parent
TOWN = runpy.run_path(str(HERE.parent / "planner" / "conftest.py"))
BROWSER = runpy.run_path(str(HERE / "conftest.py"))
NOTING, OPEN_ANEW = BROWSER["noting"], BROWSER["open_anew"]
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
def parted(tmp_path_factory, solved):
    """Page of the same town, where section 15 says that a post of today stands outside."""
    with pytest.MonkeyPatch.context() as patch:
        results = TOWN["town"](tmp_path_factory.mktemp("parted"), patch, solved, parted=True)
        build(results.root)
    return (results.root / "report" / "planner" / f"{CITY}.html").as_uri()


@pytest.fixture(scope="module")
def shared(chromium, report):
    """One page for all tests, with what it asks for and complains of."""
    with NOTING(chromium) as page:
        yield page


@pytest.fixture
def planner(shared, report):
    """The planner as it opens."""
    OPEN_ANEW(shared, (report / "planner" / f"{CITY}.html").as_uri())
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


def spaced(place) -> str:
    """Text of a place, spaces that do not break like others."""
    return place.inner_text().replace("\u00a0", " ")


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
    OPEN_ANEW(planner, before)
    post(planner, 1).focus()
    for _ in range(12):
        planner.keyboard.press("ArrowUp")
    assert "no quadrant lies further that way" in said.inner_text()


def test_the_sheet_says_its_day_its_demand_its_waits_and_its_sources(planner, solved):
    lines = planner.locator(".only-print")
    assert lines.nth(0).is_hidden()
    today = f"{datetime.now():%d %B %Y}".lstrip("0")
    total = solved.nodes["expected"].sum()
    crimes, months = EXAMPLE["CRIMES"], EXAMPLE["MONTHS"]
    planner.emulate_media(media="print")
    said = lines.nth(0).inner_text()
    assert said.startswith(
        f"Printed on {today}. Demand: count of {EXAMPLE['HOSTILE']}, all day: "
        f"{total:,.0f} crimes expected, from {crimes:,} crimes of {months}."
    )
    assert said.endswith(" Somebody")  # the line of sources
    wait, mean = location.erlang_c(4, 2.6)
    assert lines.nth(1).inner_text() == (
        "Waits, at 5.2 calls an hour that keep a patrol 30 minutes each, the drive included: each "
        f"busy 65.0 % of the time, {100 * wait:.1f} % of the calls wait, {30 * mean:.1f} min on "
        f"average, 95 % at most {30 * location_percentile(4, 2.6):.0f} min."
    )
    assert planner.locator(".cautions").inner_text().count(EXAMPLE["KNOWN"]) == 1
    # another demand has a sheet of its own
    planner.emulate_media(media="screen")
    planner.get_by_label("Demand").select_option(EXAMPLE["EARLIER"])
    told = lines.nth(0).text_content()
    assert f"Demand: {EXAMPLE['EARLIER']}, all day" in told and f"{crimes - 1:,} crimes." in told
    planner.get_by_label("Demand").select_option("all")
    planner.get_by_label("Shift").select_option(EXAMPLE["SHIFT"])
    assert f"{EXAMPLE['SHIFT']} ({EXAMPLE['WHEN']}): " in lines.nth(0).text_content()


def location_percentile(servers: int, load: float) -> float:
    """Wait that 5 % of the calls exceed, in mean service times: P(W > t) = wait × exp(−(c − load) t)."""
    wait, _ = location.erlang_c(servers, load)
    return math.log(wait / 0.05) / (servers - load)


def test_paper_keeps_the_table(planner):
    """A sheet of A4 is narrower than a small screen, and no phone."""
    planner.set_viewport_size({"width": 688, "height": 1017})
    planner.emulate_media(media="print")
    shown = "getComputedStyle(document.querySelector('[data-posts] tr')).display"
    assert planner.evaluate(shown) == "table-row"
    planner.emulate_media(media="screen")
    assert planner.evaluate(shown) == "grid"
    planner.set_viewport_size({"width": 1280, "height": 900})


def test_one_click_from_the_start_page_stand_posts_with_coordinates(shared, report):
    """The question stands at the top; a town of five plans opens at its fifth and says so."""
    shared.goto((report / "index.html").as_uri())
    question = shared.get_by_role("navigation", name="Where to put nine patrols")
    assert question.bounding_box()["y"] < 900
    link = question.get_by_role("link")
    assert link.inner_text().endswith(f"({TOWN['MOST']} patrols)")
    link.click()
    rows = shared.locator("[data-posts] tr")
    expect(rows).to_have_count(TOWN["MOST"])
    assert float(rows.first.locator("td").nth(3).inner_text()) == pytest.approx(-1.55, abs=0.1)
    assert shared.locator("[data-astray]").is_hidden()


NUMBERS = [
    ("13,5", 13.5, ""), ("13.5", 13.5, ""), ("0,125", 0.125, ""), (" 7 ", 7, ""), (".5", 0.5, ""),
    ("1,000", None, "“1,000” can be read in two ways; write 1000, or 1.000 with a point."),
    ("1,000,000", None, "no plain number"), ("1.000,5", None, "no plain number"),
    ("1e3", None, "no plain number"), ("-5", None, "no plain number"), ("zehn", None, "no plain number"),
    ("0", None, "above 0"), ("", None, "write a number"), ("1000000000", None, "at most 100000."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "why"), NUMBERS)
def test_a_number_is_read_as_it_was_meant_or_refused(planner, text, value, why):
    box = planner.get_by_label("Calls an hour")
    said, table = planner.locator(".queue [role=status]"), planner.locator(".queue .table-scroll")
    box.fill(text)
    assert table.is_visible() is (not why)
    assert box.get_attribute("aria-invalid") == ("true" if why else "false")
    if why:
        assert said.inner_text().startswith("Calls an hour: ") and why in said.inner_text()
        assert "calls=" not in planner.url
        planner.emulate_media(media="print")
        assert planner.locator("[data-sheet-waits]").text_content() == ""
        planner.emulate_media(media="screen")
    else:
        assert f"calls={value:g}" in planner.url
        planner.reload()
        assert float(box.input_value()) == value


def test_a_number_in_a_link_that_cannot_be_read_is_told(planner):
    address = planner.url.split("#")[0]
    OPEN_ANEW(planner, f"{address}#p=3&objective=p-median&calls=1,000&minutes=99999")
    said = planner.locator("[data-astray]").inner_text()
    assert "calls an hour" in said and "minutes a call" in said
    assert planner.get_by_label("Calls an hour").input_value() == "5.2"


def test_waits_are_told_for_every_number_of_patrols_with_the_one_chosen_in_sight(planner):
    planner.set_viewport_size({"width": 390, "height": 700})
    # low, so that few rows have room
    planner.locator(".queue .table-scroll").evaluate("(e) => { e.style.maxHeight = '5.5rem'; }")
    for p in (1, TOWN["MOST"]):
        planner.get_by_role("slider", name="Patrols").fill(str(p))
        rows = planner.locator(".queue tbody tr")
        assert rows.count() == TOWN["MOST"]
        current = planner.locator(".queue tbody tr[aria-current]")
        assert current.locator("th").inner_text() == str(p)
        frame, row = planner.locator(".queue .table-scroll").bounding_box(), current.bounding_box()
        assert (
            frame["y"] <= row["y"] and row["y"] + row["height"] <= frame["y"] + frame["height"] + 1
        )
    assert planner.evaluate("document.documentElement.scrollWidth") <= 390
    planner.set_viewport_size({"width": 1280, "height": 900})


def test_a_wait_that_nobody_has_is_no_wait_and_what_is_rounded_is_not_nothing(planner):
    """Few calls: fewer than 5 % wait, yet the mean over all is above 0."""
    most = TOWN["MOST"]
    planner.get_by_role("slider", name="Patrols").fill(str(most))
    planner.get_by_label("Calls an hour").fill("3")
    wait, mean = location.erlang_c(most, 1.5)
    assert 0.0005 < wait < 0.05 and 30 * mean > 0.05
    row = planner.locator(".queue tbody tr").last
    told = row.inner_text().split("\t")
    assert told[2:] == [f"{100 * wait:.1f} %", f"{30 * mean:.1f} min", "no wait"]
    expect(planner.locator(".queue")).to_contain_text("5 % of the calls at most find nobody free")
    assert "95 % without a wait" in planner.locator("[data-sheet-waits]").text_content()
    planner.get_by_label("Calls an hour").fill("0.2")
    wait, mean = location.erlang_c(most, 0.1)
    assert 0 < wait < 0.0005 and 0 < 30 * mean < 0.05
    assert row.inner_text().split("\t")[2:] == ["< 0.1 %", "< 0.1 min", "no wait"]
    # busy by more than 99.95 %, and yet not always
    planner.get_by_label("Calls an hour").fill("9.9999")
    assert row.inner_text().split("\t")[1:3] == ["> 99.9 %", "> 99.9 %"]


# Of a table: whether its frame shows all its columns.
WHOLE = "(frame) => frame.scrollWidth <= frame.clientWidth"
# What is pressed and is lower than a finger.
LOW = """(least) => [...document.querySelectorAll("main button")].filter((e) => e.getClientRects().length)
  .map((e) => [e.textContent, e.getBoundingClientRect().height]).filter(([, height]) => height < least)"""


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_shows_all_columns_has_buttons_for_a_finger_and_a_way_to_the_posts(planner, width):
    planner.set_viewport_size({"width": width, "height": 844})
    try:
        for calls in ("7.9", "2", "0.2"):  # no end, hundreds of minutes, and hardly any wait
            planner.get_by_label("Calls an hour").fill(calls)
            assert planner.locator(".queue .table-scroll").evaluate(WHOLE), calls
        assert planner.evaluate(LOW, 44) == []
        there = planner.locator(".opening").get_by_role("link", name="coordinates")
        box = there.bounding_box()
        assert box["y"] + box["height"] < 844
        planner.evaluate("scrollTo(0, 0)")
        there.click()
        expect(planner.locator("[data-posts] tr").first).to_be_in_viewport()
        assert "calls=0.2" in planner.url
    finally:
        planner.set_viewport_size({"width": 1280, "height": 900})


BARS = """() => {
  const box = (e) => e.getBBox(), all = [...document.querySelectorAll(".curve svg > *")];
  const dots = all.filter((e) => e.classList.contains("dot"));
  const bars = all.filter((e) => e.classList.contains("span") && !e.classList.contains("halo"));
  return bars.map((bar, k) => ({
    clear: box(bar).x - (box(dots[k]).x + box(dots[k]).width), over: all.indexOf(bar) > all.indexOf(dots.at(-1)),
    next: dots[k + 1] ? box(dots[k + 1]).x - (box(bar).x + box(bar).width) : 1, tall: box(bar).height,
  }));
}"""


def test_intervals_stand_beside_the_dots_and_over_the_curve(planner):
    for p in (1, 4):
        planner.get_by_role("slider", name="Patrols").fill(str(p))
        bars = planner.evaluate(BARS)
        assert len(bars) == TOWN["MOST"]
        assert all(b["clear"] > 0 and b["next"] > 0 and b["over"] and b["tall"] > 3 for b in bars)
    assert "bars right of the dots" in planner.locator("[data-later]").inner_text()


def saved(page, button: str, folder: Path) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    waiting.value.save_as(folder / "file")
    return (folder / "file").read_text(encoding="utf-8")


def test_files_tell_what_the_plan_is(planner, solved, tmp_path):
    """Each row of a file says of which city, system, demand, objective and verdict it is."""
    rows = list(csv.DictReader(saved(planner, "Save as CSV", tmp_path).splitlines()))
    plan, total = solved.plans["p-median", 4], solved.nodes["expected"].sum()
    same = {
        "crs_of_x_y": TOWN["CRS"], "crs_of_longitude_latitude": "EPSG:4326", "hours": "all day",
        "crimes_counted": str(EXAMPLE["CRIMES"]), "months_counted": EXAMPLE["MONTHS"],
        "objective": "p-median", "patrols": "4", "moved_by_hand": "no", "proven": "yes",
        "unit_of_value": "m", "unit_of_ways": "m", "saved_on": f"{datetime.now():%Y-%m-%d}",
    }  # fmt: skip
    assert len(rows) == 4
    for row in rows:
        assert {name: row[name] for name in same} == same
        assert row["city"].startswith("Leeds ") and row["demand"].startswith("count of")
        assert float(row["value"]) == pytest.approx(plan.objective / total)
        assert float(row["bound"]) == pytest.approx(plan.bound / total)
        assert row["verdict"] == "Proven: no 4 posts do better by this objective."
        back = Transformer.from_crs(4326, row["crs_of_x_y"], always_xy=True)
        x, y = back.transform(float(row["longitude"]), float(row["latitude"]))
        assert (x, y) == pytest.approx((float(row["x"]), float(row["y"])), abs=0.2)
    # a plan that was moved does not pass for the proven one
    post(planner, 1).focus()
    planner.keyboard.press("ArrowDown")
    layer = json.loads(saved(planner, "Save as GeoJSON", tmp_path))
    told = layer["features"][0]["properties"]
    assert told["moved_by_hand"] is True and told["proven"] is False and told["best_proven"] is True
    assert told["value"] > told["best_value"] and "above the proven best" in told["verdict"]
    # the gap is that of these posts, no certificate is theirs, and the command makes others
    assert told["bound"] == pytest.approx(plan.bound / total)
    assert told["gap"] == pytest.approx(1 - told["bound"] / told["value"]) and told["gap"] > 1e-3
    assert told["certificate"] is False and "were moved by hand" in told["command_makes"]
    planner.get_by_label("Objective").select_option("covering")
    post(planner, 1).focus()
    for _ in range(3):
        planner.keyboard.press("ArrowDown")
    told = json.loads(saved(planner, "Save as GeoJSON", tmp_path))["about"]
    assert told["moved_by_hand"] is True and told["certificate"] is False
    assert told["value"] < told["best_value"]
    assert told["gap"] == pytest.approx(1 - told["value"] / told["bound"])
    planner.get_by_label("Objective").select_option("p-median")
    told = json.loads(saved(planner, "Save as GeoJSON", tmp_path))["about"]
    assert (told["gap"], told["certificate"], told["command_makes"]) == (0, True, "these posts")
    layer = json.loads(saved(planner, "Save as GeoJSON", tmp_path))
    told = layer["features"][0]["properties"]
    assert layer["about"].items() <= told.items()
    assert told["command"].startswith("python3 run_all.py")
    # a file leaves the page without what stands beside the map
    assert told["cautions"].startswith("Recorded crimes only.") and "Straight" in told["cautions"]
    # a shift and history say which they are
    planner.get_by_label("Shift").select_option(EXAMPLE["SHIFT"])
    layer = json.loads(saved(planner, "Save as GeoJSON", tmp_path))
    told = layer["features"][0]["properties"]
    assert told["hours"] == f"{EXAMPLE['SHIFT']} ({EXAMPLE['WHEN']})"
    planner.get_by_label("Shift").select_option("all")
    planner.get_by_label("Demand").select_option(EXAMPLE["EARLIER"])
    told = json.loads(saved(planner, "Save as GeoJSON", tmp_path))["about"]
    assert told["demand"] == EXAMPLE["EARLIER"] and told["crimes_counted"] == EXAMPLE["CRIMES"] - 1
    proof = json.loads(saved(planner, "Save the certificate", tmp_path))["about"]
    assert proof["crs_of_xy"] == TOWN["CRS"] and proof["city"].startswith("Leeds ")


def test_what_is_shown_in_place_of_a_plan_that_is_not_saved_is_told(planner):
    """Such as backup covering, which section 15 makes for fewer patrols than p-medians."""
    plans = {
        "all": {"p-median": [[1], [2], [13]], "backup": [[1], [8]], "covering": [[8]]},
        "night": {"backup": [[2], [5]]},
    }
    cases = [
        ("all", "backup", 8, 13),
        ("all", "backup", 8, 8),
        ("all", "p-median", 13, 13),
        ("night", "backup", 5, 13),
        ("all", "covering", 8, 9),
    ]
    said = planner.evaluate(
        """([plans, cases]) => cases.map(([shift, objective, p, asked]) =>
          planAbout.limits({ plans }, { shift, objective, p, wanted: { objective, p: asked } }, "m"))""",
        [plans, cases],
    )
    label = planner.evaluate("planModel.OBJECTIVES.backup.label")
    instead = f"By {label} plans are saved for 1 to 8 patrols: the one of 8 is shown, not of 13."
    assert said[:3] == [instead, "", ""]
    assert said[3].startswith("Plans of a shift") and said[3].endswith(
        "the one of 5 is shown, not of 13."
    )
    assert said[4].endswith("one plan is saved, of 8 patrols, not of 9.")


def test_what_was_not_tried_on_later_crimes_is_told(planner):
    told = planner.locator("[data-later]")
    period = planner.evaluate(
        "JSON.parse(document.getElementById('planner-data').textContent).later.period"
    )
    assert told.inner_text().startswith(f"On the crimes of {period}")
    planner.get_by_label("Objective").select_option("covering")
    assert told.inner_text().startswith(
        f"Not tried on the crimes of {period}, which came afterwards: this choice."
    )
    said = planner.evaluate(
        """() => [[3, []], [3, [1]]].map(([p, spans]) => planAbout.later(
          { basis: "forecast", later: { period: "2019", exact: [[1], [2], [4], [17], [18]] } },
          { shift: "all", objective: "p-median", p }, { spans, same: true, unit: "m", metres: String }))"""
    )
    assert said[1].endswith("this number (3). Tried there were 1 to 2 and 4 and 17 to 18 patrols.")
    assert planner.evaluate("planAbout.later({ later: null }, {}, {})").startswith(
        "No plan was tried"
    )


def test_a_plan_on_the_screen_is_held_against_today_and_as_many_posts(planner, solved):
    facts = planner.locator("[data-figures]")
    count = len(TOWN["TODAY"])
    like = f"; the best of {count}: "
    assert like in facts.inner_text()
    planner.get_by_role("slider", name="Patrols").fill(str(count))
    assert like not in facts.inner_text()
    cases = [
        [90, 100, False],
        [110, 100, False],
        [100, 100, False],
        [0.7, 0.6, True],
        [0.5, 0.6, True],
    ]
    said = planner.evaluate(
        "(cases) => cases.map((each) => planAbout.beside('this plan', ...each))", cases
    )
    assert [word.replace("\u00a0", " ") for word in said] == [
        "; this plan: 10.0 % shorter",
        "; this plan: 10.0 % longer",
        "; this plan: the same",
        "; this plan: 10.0 % of all crimes more",
        "; this plan: 10.0 % of all crimes fewer",
    ]


def test_posts_beyond_the_boundary_are_not_held_against_the_plan(planner, parted, solved):
    """What is called today is what section 16 calls so; what all would do is said beside it."""
    before = planner.locator("[data-outside]").inner_text()
    assert before == "(1 of 3 beyond the map)" and planner.locator(".map .beyond").count() == 0
    OPEN_ANEW(planner, parted)
    weight, xy = solved.nodes["expected"].to_numpy(), solved.nodes[["x", "y"]].to_numpy()
    far = location.PlanarDistance(xy, TOWN["TODAY"])
    two, three = (location.travel(weight, far, s) / weight.sum() for s in ([0, 1], [0, 1, 2]))
    best = [solved.plans["p-median", p].objective / weight.sum() for p in (2, 4)]
    said = spaced(planner.locator("[data-figures]"))
    assert f"today (2)\n{two:,.0f} m; this plan: {100 * (1 - best[1] / two):.1f} % shorter" in said
    assert f"; the best of 2: {100 * (1 - best[0] / two):.1f} % shorter" in said
    assert f"; if all 3 came, 1 of them from outside: {three:,.0f} m" in said
    assert planner.locator(".curve text.today").text_content().endswith(", 2")
    assert planner.locator("[data-outside]").inner_text() == (
        "(hollow: 1 of 3, outside the boundary; 1 of 3 beyond the map)"
    )
    assert planner.locator(".map .today .beyond title").all_text_contents() == ["Post 2"]


def changed_page(report, name: str, change) -> str:
    """Address of the planner with other data."""
    text = (report / "planner" / f"{CITY}.html").read_text(encoding="utf-8")
    head, rest = text.split('id="planner-data">', 1)
    data, rest = rest.split("</script>", 1)
    content = json.loads(data)
    change(content)
    data = json.dumps(content).replace("<", "\\u003c")
    made = report / "planner" / f"{name}.html"
    made.write_text(f'{head}id="planner-data">{data}</script>{rest}', encoding="utf-8")
    return made.as_uri()


NAMED = """() => {
  const box = (e) => { const b = e.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; };
  const [svg] = document.querySelectorAll(".map svg"), view = svg.viewBox.baseVal;
  const discs = [...document.querySelectorAll(".map .post")].map((post) => {
    const { e, f } = post.transform.baseVal.consolidate().matrix, r = Number(post.querySelector(".disc").getAttribute("r"));
    return [e - r, f - r, e + r, f + r];
  });
  return {
    names: [...document.querySelectorAll(".map .names text")].map((e) => [e.textContent, box(e)]),
    places: [...document.querySelectorAll("[data-posts] td.place")].map((e) => e.textContent),
    view: [view.x, view.y, view.x + view.width, view.y + view.height], discs,
  };
}"""


def overlap(a, b) -> float:
    """Width and height that two boxes share, the smaller; at most 0 where they lie apart."""
    return min(min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1]))


def test_every_place_that_the_table_names_has_its_name_on_the_map(planner, report):
    """Stations crowd around a post, one stands beyond the map: on both screens and on paper."""

    def crowd(data):
        x, y = (
            data[f"{c}s"][data[f"i{c}"][data["plans"]["all"]["p-median"][3][4][0]]] for c in "xy"
        )
        names = [f"Station {letter}" for letter in "ABCDEFGH"] + ["Far & <b>away"]
        spots = [[x + 160 * (i % 3 - 1), y + 120 * (i // 3 - 1)] for i in range(8)]
        data["today"] |= {"names": names, "xy": [*spots, [x + 9e4, y]], "own": [True] * 9}
        data["places"] = [f"2.1 km NE of {name}" for name in names]
        sites = [site for row in data["plans"]["all"]["p-median"] for site in row[4]]
        data["place"] = [i % 8 for i in range(len(data["node"]))]
        for i, site in enumerate(dict.fromkeys(data["plans"]["all"]["p-median"][4][4] + sites)):
            data["place"][site] = [8, 0, 3, 4, 7][i % 5]

    address = changed_page(report, "crowd", crowd)
    try:
        for width, paper in ((1200, False), (390, False), (1200, True)):
            planner.set_viewport_size({"width": width, "height": 900})
            OPEN_ANEW(planner, f"{address}#p=5&objective=p-median")
            if paper:
                planner.emulate_media(media="print")
                planner.evaluate("dispatchEvent(new Event('beforeprint'))")
            found = planner.evaluate(NAMED)
            used = {place.split(" of ", 1)[1] for place in found["places"]}
            assert len(used) == 5
            said = {name.removesuffix(" →") for name, _ in found["names"]}
            assert used <= said, (width, paper, used - said)
            boxes = [box for _, box in found["names"]]
            unit = (found["view"][2] - found["view"][0]) / planner.evaluate(
                "document.querySelector('.map svg').getBoundingClientRect().width"
            )
            # letters have room above and below that holds nothing
            slack = 4 * unit
            for i, box in enumerate(boxes):
                inside = [box[0] + slack, box[1] + slack, box[2] - slack, box[3] - slack]
                assert overlap(inside, found["view"]) == pytest.approx(
                    min(inside[2] - inside[0], inside[3] - inside[1])
                )
                others = boxes[:i] + boxes[i + 1 :] + found["discs"]
                assert max(overlap(box, other) for other in others) <= slack
    finally:
        planner.emulate_media(media="screen")
        planner.set_viewport_size({"width": 1280, "height": 900})


def test_a_lock_is_seen_in_every_state(planner):
    """Moved or not, in focus or not: a square around the disc and its ring, and in the legend."""
    lock, disc = (post(planner, 1).locator(each) for each in (".lock", ".disc"))
    key = planner.locator("[data-key-locked]")
    assert not lock.get_attribute("d") and key.is_hidden()
    post(planner, 1).focus()
    for moved in (False, True):
        if moved:
            planner.keyboard.press("l")
            planner.keyboard.press("ArrowDown")
        planner.keyboard.press("l")
        for focused in (True, False):
            if not focused:
                planner.evaluate("document.activeElement.blur()")
            ring = float(disc.evaluate("e => parseFloat(getComputedStyle(e).strokeWidth)"))
            room = disc.evaluate("e => e.getBBox().width / 2") + ring / 2
            side, line = lock.evaluate(
                "e => [e.getBBox().width / 2, parseFloat(getComputedStyle(e).strokeWidth)]"
            )
            assert side - line / 2 > room, (moved, focused)
            assert lock.evaluate("e => getComputedStyle(e).stroke") not in ("none", "")
        assert key.is_visible()
        assert ("moved" in post(planner, 1).get_attribute("class")) is moved
        post(planner, 1).focus()


def test_a_number_that_one_objective_lacks_is_not_forgotten(planner, report):
    """Backup covering has plans of three patrols at most: its 3 are not what was asked for."""

    def fewer(data):
        data["plans"]["all"]["backup"] = data["plans"]["all"]["backup"][:3]

    address, slider = changed_page(report, "fewer", fewer), planner.get_by_role("slider")
    box, said = planner.get_by_label("Objective"), planner.locator("[data-astray]")
    OPEN_ANEW(planner, f"{address}#p=5&objective=p-median")
    for anew in (lambda: None, planner.reload):
        box.select_option("backup")
        assert slider.input_value() == "3" and "wanted=5" in planner.url
        anew()
        assert said.is_hidden() and slider.input_value() == "3"
        box.select_option("p-median")
        assert slider.input_value() == "5" and "wanted" not in planner.url
    # another number chosen meanwhile stays
    box.select_option("backup")
    slider.fill("2")
    box.select_option("p-median")
    assert slider.input_value() == "2"
    # a link to what is not there is told, and what it asks for is kept
    OPEN_ANEW(planner, f"{address}#p=5&objective=backup")
    assert slider.input_value() == "3" and said.is_visible()
    box.select_option("covering")
    assert slider.input_value() == "5"
    OPEN_ANEW(planner, f"{address}#p=3&objective=backup&wanted=77")
    assert "number that was asked for" in said.inner_text()


def test_posts_moved_by_hand_are_not_left_behind_in_silence(planner):
    said = planner.locator("[data-refused]")
    post(planner, 1).focus()
    planner.keyboard.press("ArrowDown")
    moved = planner.url
    planner.get_by_role("slider", name="Patrols").fill("3")
    assert "were left behind" in said.inner_text() and "posts=" not in planner.url
    planner.get_by_role("button", name="Undo").click()
    assert planner.url == moved and said.is_hidden()
    post(planner, 1).focus()
    planner.keyboard.press("l")
    planner.get_by_role("slider", name="Patrols").fill("3")
    assert said.inner_text().startswith("Locked posts were kept")


def test_a_search_says_which_posts_it_moved(planner):
    said = planner.locator("[data-refused]")
    for _ in range(2):
        post(planner, 1).focus()
        planner.keyboard.press("ArrowDown")
    planner.get_by_role("button", name="Improve").click()
    assert "No other place for one free post alone shortens the mean further" in said.inner_text()
    assert "Post 1 was moved." in said.inner_text()


def test_the_map_is_enlarged_and_names_the_posts_of_today(planner):
    names, bar = planner.locator(".map .names text"), planner.locator(".map .frame text").first
    assert names.all_text_contents() and set(names.all_text_contents()) <= {
        f"Post {i}" for i in range(3)
    }
    seen, long = middle(planner, 1), bar.text_content()
    size = post(planner, 1).locator(".disc").bounding_box()["width"]
    planner.get_by_role("button", name="Enlarge").click()
    planner.get_by_role("button", name="Enlarge").click()
    assert middle(planner, 1) != seen and bar.text_content() != long
    # marks keep their size, a mouse beside them shifts the map, and posts can still be moved
    assert post(planner, 1).locator(".disc").bounding_box()["width"] == pytest.approx(size, abs=0.5)
    assert "posts=" not in planner.url
    planner.get_by_role("button", name="Whole map").click()
    assert middle(planner, 1) == pytest.approx(seen) and bar.text_content() == long
    planner.get_by_role("checkbox").uncheck()
    assert names.count() == 0


def test_what_a_plan_saved_later_against_today_is_told_with_its_interval(planner):
    told = planner.locator("[data-later]")
    today = f"Against the {len(TOWN['TODAY'])} {EXAMPLE['TODAY']} of today that distance is"
    planner.get_by_role("slider", name="Patrols").fill("2")
    assert spaced(told).endswith(f"{today} 12.5 % shorter (−2.5 % to 22.5 %): it may be chance.")
    planner.get_by_role("slider", name="Patrols").fill("1")
    assert "% longer (" in spaced(told) and told.inner_text().endswith("): beyond chance.")
    planner.get_by_role("slider", name="Patrols").fill("4")
    assert "% shorter (" in spaced(told) and told.inner_text().endswith("): beyond chance.")


def test_a_sheet_of_a_moved_plan_tells_how_to_open_it_again(planner):
    post(planner, 1).focus()
    planner.keyboard.press("ArrowDown")
    planner.emulate_media(media="print")
    try:
        printed = planner.locator("[data-address]").inner_text()
    finally:
        planner.emulate_media(media="screen")
    assert printed == planner.url.rsplit("/", 1)[1] and "posts=" in printed


def test_calls_that_are_used_are_those_that_the_text_names(planner):
    named, box = planner.locator("[data-usual]"), planner.get_by_label("Calls an hour")
    assert named.inner_text() == box.input_value()
    before = box.input_value()
    planner.get_by_label("Shift").select_option(EXAMPLE["SHIFT"])
    assert named.inner_text() == box.input_value() != before
    # what a sheet says where the queue never ends
    box.fill("900")
    assert "the queue never ends" in planner.locator("[data-sheet-waits]").text_content()
