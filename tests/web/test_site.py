"""The site in a browser: offline, by keyboard, on a phone, in the dark."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import expect

NOTEBOOK = "notebooks/leeds/12_patrol_exploration.html"

# Every text of the page whose contrast with what lies behind it is too low (WCAG 2.2, level AA).
LOW_CONTRAST = """() => {
  const parse = (colour) => {
    const parts = colour.match(/[\\d.]+/g).map(Number);
    return parts.length === 4 ? parts : [...parts, 1];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const low = [];
  let seen = 0;
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const style = getComputedStyle(element);
    if (!own || style.visibility === "hidden" || !element.getClientRects().length) continue;
    if (element.classList.contains("anchor")) continue;
    seen += 1;
    const [a, b] = [luminance(parse(style.color)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) ;
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push([element.textContent.trim().slice(0, 40), ratio]);
  }
  return [seen, low];
}"""


@pytest.fixture
def report(built) -> Path:
    return built.root / "report"


def addresses(report: Path) -> list[str]:
    return [path.relative_to(report).as_posix() for path in sorted(report.rglob("*.html"))]


def show(page, report: Path, address: str) -> None:
    page.goto((report / address).as_uri())


def open_every_picture(page) -> list[str]:
    """Addresses of pictures that do not show, once all have been scrolled to."""
    return page.evaluate(
        """async () => {
          const images = [...document.querySelectorAll("main img")];
          for (const image of images) { image.loading = "eager"; await image.decode().catch(() => 0); }
          return images.filter((image) => !image.naturalWidth).map((image) => image.src);
        }"""
    )


def test_no_request_leaves_the_page(page, report):
    for address in addresses(report):
        show(page, report, address)
        assert open_every_picture(page) == [], address
    assert {urlsplit(url).scheme for url in page.requests} <= {"file", "data"}
    root = report.resolve()
    for url in page.requests:
        if url.startswith("file:"):
            assert root in Path(unquote(urlsplit(url).path)).parents
    assert page.complaints == []


def test_the_browser_itself_would_stop_a_request(page, report):
    stopped = {}
    page.on("requestfailed", lambda request: stopped.update({request.url: request.failure}))
    show(page, report, "index.html")
    blocked = page.evaluate(
        """() => new Promise((tell) => {
          document.addEventListener("securitypolicyviolation", (event) => tell(event.blockedURI));
          document.body.append(Object.assign(new Image(), {src: "https://example.invalid/a.png"}));
          setTimeout(() => tell("nothing"), 3000);
        })"""
    )
    assert blocked.startswith("https://example.invalid/")
    assert {url: stopped.get(url) for url in page.requests if url.startswith("http")} == {
        "https://example.invalid/a.png": "csp"
    }


def test_a_hostile_title_is_only_text(page, report, built):
    show(page, report, "index.html")
    assert page.get_by_role("columnheader", name=built.hostile).count() == 1
    assert page.complaints == []


def test_figures_open_by_keyboard_and_give_the_focus_back(page, report):
    show(page, report, "figures.html")
    links = page.locator("a.zoom")
    links.nth(0).focus()
    page.keyboard.press("Enter")
    box = page.locator("dialog.lightbox")
    assert box.is_visible()
    assert box.locator("img").get_attribute("alt") == "Crime counts by year & kind."
    assert "Crime counts by year & kind." in box.inner_text()
    page.keyboard.press("ArrowRight")
    assert box.locator("img").get_attribute("alt") == "Hot and cold spots."
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert "3 of 3" in box.inner_text()
    for _ in range(8):
        page.keyboard.press("Tab")
        # the page behind is out of reach while the figure is open
        inside = (
            "document.activeElement.closest('dialog') || document.activeElement === document.body"
        )
        assert page.evaluate(f"Boolean({inside})")
    page.keyboard.press("Escape")
    assert box.is_hidden()
    assert links.nth(2).evaluate("e => e === document.activeElement")


def test_a_section_of_the_gallery_is_one_stop_of_the_tab_key(page, report):
    # a second figure of the first section, as sections of real reports have several
    page.add_init_script("""document.addEventListener("DOMContentLoaded", () => {
      const card = document.querySelector("[data-roving] li");
      card.after(card.cloneNode(true));
    })""")
    show(page, report, "figures.html")
    sections = page.locator("#gallery section").all()
    assert [each.locator("a.zoom[tabindex='0']").count() for each in sections] == [1] * 3
    links = page.locator("#gallery section").first.locator("a.zoom")
    stops = lambda: links.evaluate_all("all => all.map((a) => a.tabIndex)")  # noqa: E731
    assert stops() == [0, -1]
    links.first.focus()
    page.keyboard.press("ArrowRight")
    assert links.nth(1).evaluate("a => a === document.activeElement")
    assert stops() == [-1, 0]
    # a stop that a filter hides goes to one that is seen
    page.evaluate("""() => {
      document.querySelectorAll("[data-roving] li")[1].hidden = true;
      document.dispatchEvent(new Event("filtered"));
    }""")
    assert stops() == [0, -1]
    page.locator("#gallery h2 a").nth(1).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('h2') !== null")


def test_the_gallery_is_filtered(page, report):
    show(page, report, "figures.html")
    shown = page.locator("#gallery li:visible")
    assert shown.count() == 3
    page.locator("select[name=city]").select_option("setubal")
    assert shown.count() == 1
    assert page.locator("output").inner_text() == "1 of 3 figures"
    page.reload()
    assert shown.count() == 1
    page.locator("select[name=city]").select_option("")
    page.get_by_label("Words").fill("setubal")
    assert shown.count() == 1
    page.get_by_label("Words").fill("nowhere")
    assert page.get_by_text("No figure fits these filters.").is_visible()
    page.get_by_label("Words").fill("")
    page.locator("select[name=section]").select_option("12_patrol_exploration")
    shown.nth(1).locator("a.zoom").click()
    assert "2 of 2" in page.locator("dialog.lightbox").inner_text()


def test_the_ledger_is_filtered_also_by_its_address(page, report):
    show(page, report, "index.html")
    page.locator(".verdicts").get_by_role("link", name="differs").click()
    # the click returns before the next page has run its script
    expect(page.locator("tr[data-item]:visible")).to_have_count(1)
    assert page.locator("section[data-group]:visible").count() == 1
    # what the address asks for is on the screen, also when only what follows the # changes
    form = page.locator("form[data-filter]")
    expect(form).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0); location.hash = 'verdict=match'")
    expect(form).to_be_in_viewport()
    assert page.locator("select[name=verdict]").input_value() == "match"
    page.locator("select[name=verdict]").select_option("")
    page.locator("select[name=paper]").select_option("lima")
    assert page.locator("tr[data-item]:visible").count() == 2


def test_a_claim_leads_to_its_cell_unfolded(page, report):
    show(page, report, "claims.html")
    page.locator("#SET-41").get_by_role("link", name="Computed for Setúbal").click()
    page.wait_for_url("**/21_district_hot_spots.html#cell-gi")
    page.locator("#cell-gi pre.code-block").wait_for(state="visible")
    # and the number that the claim is about stands under it
    saved = page.locator("#cell-gi .saved")
    expect(saved).to_be_in_viewport()
    assert saved.inner_text().split() == ["Saved", "here", "cold", "Abela;", "Torrão"]
    assert page.locator("details.code[open]").count() == 1


def test_a_claim_of_a_table_leads_to_the_field_of_its_value(page, report):
    show(page, report, "claims.html")
    page.locator("#LIM-02").get_by_role("link", name="Computed for Leeds").click()
    page.wait_for_url("**/12_patrol_exploration.html#claim-LIM-02")
    value = page.locator("#claim-LIM-02")
    expect(value).to_be_in_viewport()
    assert value.inner_text() == "1,204"
    assert value.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert page.locator("details.code[open]").count() == 0


def test_code_folds_and_the_choice_is_kept(page, report):
    show(page, report, NOTEBOOK)
    code = page.locator("pre.code-block:visible")
    assert code.count() == 0
    page.get_by_role("button", name="Show all code").click()
    assert code.count() == 7
    show(page, report, "notebooks/setubal/21_district_hot_spots.html")
    assert code.count() == 1
    page.get_by_role("button", name="Hide all code").click()
    assert code.count() == 0


def test_the_theme_is_chosen_and_kept(page, report):
    background = "getComputedStyle(document.body).backgroundColor"
    show(page, report, "index.html")
    light = page.evaluate(background)
    for _ in range(2):
        page.get_by_role("button", name="Theme").click()
    dark = page.evaluate(background)
    assert dark != light
    # figures are drawn for white, which the dark dims: the paper under them shows through
    white, letters = "getComputedStyle(document.querySelector('a.zoom'))", "mixBlendMode"
    ground = [int(v) for v in page.evaluate(f"{white}.backgroundColor.match(/\\d+/g)")]
    assert all(180 < level < 225 for level in ground)
    assert page.locator("a.zoom img").first.evaluate(f"i => getComputedStyle(i).{letters}") == (
        "multiply"
    )
    show(page, report, "claims.html")
    assert page.evaluate(background) == dark


def test_the_skip_link_comes_first(page, report):
    show(page, report, NOTEBOOK)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(chromium, report, scheme):
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for address in addresses(report):
        show(page, report, address)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        seen, low = page.evaluate(LOW_CONTRAST)
        assert seen > 15
        assert low == [], address
    context.close()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_sticks_out_on_small_screens(chromium, report, width):
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    for address in addresses(report):
        show(page, report, address)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, address
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_rule_of_accessibility_is_broken(chromium, report, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    # the checker is a script of its own, which the pages' policy refuses
    context = chromium.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
    )
    page = context.new_page()
    for address in ("index.html", "claims.html", "comparison.html", "downloads.html", NOTEBOOK):
        show(page, report, address)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], address
    context.close()


def test_only_what_scrolls_is_a_stop_of_the_tab_key(page, report):
    show(page, report, NOTEBOOK)
    wide = "p => p.tabIndex === (p.scrollWidth > p.clientWidth + 1 || p.scrollHeight > p.clientHeight + 1 ? 0 : -1)"
    parts = page.locator("main .table-scroll, main pre.stream")
    for part in parts.all():
        expect(part).to_have_js_property(
            "tabIndex", part.evaluate(f"p => ({wide})(p) ? p.tabIndex : 9")
        )
    assert parts.count() > 1
    assert page.locator("summary a, summary button").count() == 0


def test_paper_shows_all_of_it_on_white(chromium, report):
    context = chromium.new_context(color_scheme="dark", viewport={"width": 680, "height": 900})
    page = context.new_page()
    show(page, report, "index.html")
    page.get_by_role("button", name="Theme").click(click_count=2)
    page.emulate_media(media="print")
    for address in ("index.html", "claims.html", NOTEBOOK):
        show(page, report, address)
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        )
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 32, 36)"
        clipped = "[...document.querySelectorAll('main *')].filter((e) => e.getClientRects().length && !e.closest('math, .anchor, .spoken') && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))"
        assert page.evaluate(clipped) == [], address
        assert (
            page.locator(".table-scroll").first.evaluate("e => getComputedStyle(e).overflowX")
            == "visible"
            if page.locator(".table-scroll").count()
            else True
        )
    context.close()


def test_a_phone_opens_a_figure_whole_and_enlarges_it(chromium, report):
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    show(page, report, "figures.html")
    link = page.locator("a.zoom").first
    # what says that it opens covers nothing of it
    under = link.evaluate(
        "a => [getComputedStyle(a, '::after').position, a.getBoundingClientRect().bottom"
        " - a.querySelector('img').getBoundingClientRect().bottom]"
    )
    assert under[0] == "static" and under[1] >= 20
    small = link.locator("img").bounding_box()["width"]
    link.tap()
    image, stage = page.locator("dialog.lightbox img"), page.locator("dialog.lightbox .stage")
    wide = "e => e.clientWidth"
    expect(page.get_by_role("button", name="Smaller")).to_be_disabled()
    opened = image.evaluate(wide)
    assert small <= opened <= stage.evaluate(wide)
    assert "two taps enlarge it" in page.locator("dialog.lightbox").inner_text()
    for _ in range(2):
        page.get_by_role("button", name="Larger").tap()
    assert image.evaluate(wide) == pytest.approx(2.25 * opened, abs=2)
    assert stage.evaluate("e => e.scrollWidth") > stage.evaluate(wide)
    # what was in the middle stays there
    assert stage.evaluate("e => e.scrollLeft + e.clientWidth / 2") == pytest.approx(
        2.25 * 390 / 2, abs=6
    )
    for _ in range(9):
        page.keyboard.press("-")
    # all of it, and no smaller than on the page
    assert small <= image.evaluate(wide) <= stage.evaluate(wide)
    image.dblclick()
    assert image.evaluate(wide) == pytest.approx(2.25 * opened, abs=2)
    close = page.get_by_role("button", name="Close").bounding_box()
    assert close["x"] + close["width"] <= 390
    context.close()


def test_everything_can_be_read_without_scripts(chromium, report):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    show(page, report, NOTEBOOK)
    page.locator("#cell-counts summary").click()
    assert page.locator("#cell-counts pre").is_visible()
    assert page.get_by_role("button").count() == 0
    show(page, report, "claims.html")
    assert page.locator("tr[data-item]:visible").count() == 5
    assert page.locator("form").is_hidden()
    context.close()


def test_formulas_are_drawn(page, report):
    show(page, report, NOTEBOOK)
    high, plain = page.evaluate(
        """() => {
          const high = (selector) => document.querySelector(selector).getBoundingClientRect().height;
          return [high(".formula math"), high("#cell-turn li")];
        }"""
    )
    # two rows of equations, one with limits, are higher than one line of words
    assert high > 2 * plain


def test_words_find_a_table_and_a_claim(page, report):
    show(page, report, "search.html")
    page.get_by_label("Words").fill("counts leeds")
    found = page.locator("#found li")
    assert found.count() > 1
    page.get_by_label("Kind").select_option("table")
    expect(found).to_have_count(1)
    # the city among the words comes first, and the link says that it is a file
    assert found.locator("a").first.inner_text() == "Leeds (CSV, 20 B)"
    assert found.locator("a").first.get_attribute("href") == (
        "tables/leeds/12_patrol_exploration_counts.csv"
    )
    page.reload()
    expect(found).to_have_count(1)
    page.get_by_label("Kind").select_option("")
    page.get_by_label("Words").fill("lim-02")
    page.locator("#found a").first.click()
    page.wait_for_url("**/claims.html#LIM-02")
    show(page, report, "search.html")
    for words in ("fig 6", "Figure 6", "Fig. 6"):
        page.get_by_label("Words").fill(words)
        assert page.get_by_text("San Miguel (Lima): Figure 6").count() == 1, words
    # numbers are whole
    page.get_by_label("Kind").select_option("exhibit")
    page.get_by_label("Words").fill("figure")
    many = page.locator("#found li").count()
    page.get_by_label("Words").fill("figure 6")
    assert page.locator("#found li").count() == 1 < many
    page.get_by_label("Words").fill("neighbour")
    page.get_by_label("Kind").select_option("deviation")
    expect(page.locator("#found li")).to_have_count(1)
    page.get_by_label("Kind").select_option("")
    page.get_by_label("Words").fill("alert")
    assert page.get_by_role("link", name="<script>").count() > 0
    page.get_by_label("Words").fill("no such thing anywhere")
    expect(found).to_have_count(0)
    assert page.locator("output").inner_text() == "0 found; fewer letters may find more"
    assert page.complaints == []


def test_a_figure_of_a_paper_is_one_tap_from_its_number_on_a_phone(chromium, report):
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    show(page, report, "concordance.html")
    numbers = page.get_by_role("navigation", name="Exhibits of San Miguel")
    sizes = [link.bounding_box() for link in page.locator(".numbers .chips a").all()]
    assert len(sizes) == 6 and all(min(s["width"], s["height"]) >= 44 for s in sizes)
    numbers.get_by_role("link", name="Figure 6").tap()
    page.wait_for_url("**/leeds/12_patrol_exploration.html#figure_counts")
    expect(page.locator("#figure_counts img")).to_be_in_viewport()
    # its row says which city's page that is; one without a counterpart leads to its row
    show(page, report, "concordance.html")
    assert page.locator("#lima-fig-6").get_by_role("link", name="Leeds, 12").count() == 1
    numbers = page.get_by_role("navigation", name="Exhibits of Recife")
    numbers.get_by_role("link", name="Figure 3").tap()
    expect(page.locator("#recife-fig-3")).to_be_in_viewport()
    context.close()


def test_a_file_is_two_clicks_from_the_start(page, report):
    show(page, report, "index.html")
    page.get_by_role("link", name="Downloads").click()
    page.locator("select[name=city]").select_option("leeds")
    page.get_by_label("Words").fill("counts")
    expect(page.locator("#downloads [data-item]:visible")).to_have_count(1)
    link = page.get_by_role("link", name="12_patrol_exploration_counts.csv")
    assert link.get_attribute("href") == "tables/leeds/12_patrol_exploration_counts.csv"


def test_what_a_row_is_stays_in_sight_while_a_wide_table_scrolls(chromium, report):
    widen = """() => {
      const box = document.querySelector("#cell-table .table-scroll");
      box.querySelectorAll("tr").forEach((row) => {
        for (let k = 0; k < 20; k += 1) row.append(row.lastElementChild.cloneNode(true));
      });
      const body = box.querySelector("tbody");
      for (let k = 0; k < 60; k += 1) body.append(body.rows[0].cloneNode(true));
      box.style.width = `${box.clientWidth - 1}px`;
    }"""
    for scheme, width in (("light", 1200), ("dark", 390)):
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
        )
        page = context.new_page()
        show(page, report, NOTEBOOK)
        page.evaluate(widen)
        box = page.locator("#cell-table .table-scroll")
        expect(box).to_have_class("table-scroll wide tall")
        left, top, share, opaque = box.evaluate(
            """(box) => {
              box.scrollTo(300, 200);
              const cell = box.querySelector("tbody .row-head"), head = box.querySelector("thead .row-head");
              const place = box.getBoundingClientRect(), own = cell.getBoundingClientRect();
              const paper = getComputedStyle(document.body).backgroundColor;
              return [own.left - place.left, head.getBoundingClientRect().top - place.top,
                own.width / place.width,
                [cell, head].every((each) => getComputedStyle(each).backgroundColor === paper)];
            }"""
        )
        assert (round(left), round(top)) == (0, 0)
        assert 0.02 < share <= 0.4 and opaque
        page.emulate_media(media="print")
        cell = page.locator("#cell-table tbody .row-head").first
        assert cell.evaluate("e => getComputedStyle(e).position") == "static"
        context.close()


def test_a_table_says_that_more_of_it_follows(page, report):
    show(page, report, NOTEBOOK)
    table = page.locator("#cell-table .table-scroll")
    rows = """(part, n) => {
      const body = part.querySelector("tbody"), row = body.rows[0];
      body.replaceChildren(...Array.from({ length: n }, () => row.cloneNode(true)));
    }"""

    def seen(number: int, *classes: str) -> None:
        table.evaluate(rows, number)
        expect(table).to_have_class(re.compile(" ".join(classes)))
        assert page.complaints == []

    after = "e => getComputedStyle(e, '::after').content"
    seen(100, "tall")
    assert "more rows" in table.evaluate(after)
    # at its end nothing follows
    table.evaluate("e => e.scrollTo(0, e.scrollHeight)")
    expect(table).to_have_class(re.compile("ended"))
    assert table.evaluate("e => getComputedStyle(e, '::after').visibility") == "hidden"
    # one that is hardly higher than its place is whole
    seen(3, "nearly")
    seen(22, "nearly")
    height, shown = table.evaluate("e => [e.scrollHeight, e.clientHeight]")
    assert height == shown > 576 and table.evaluate(after) == "none"


# Rows of an index as a run of all cities makes them, the worst first.
INDEX = """[
  ["certificate", "Certificates of the p-medians", "by p", [["Leeds", "c.zip", "JSON in c.zip"]]],
  ["table", "Local Moran of every zone", "p of Moran", [["Leeds", "m.csv", "CSV, 1 kB"]]],
  ["claim", "LIM-20: p-median", "at 0.8", [["ledger", "claims.html#LIM-20"]]],
  ["claim", "LIM-04: sign of G", "section V, Fig 8", [["ledger", "claims.html#LIM-04"]]],
  ["exhibit", "San Miguel: Figure 8", "G", [["list", "concordance.html#lima-fig-8"]], "Silva and Reis"],
  ["planner", "When patrols are busy", "posts", [["Leeds", "a.html#busy"]], "how long calls wait"],
  ["planner", "When patrols are busy", "posts", [["Toronto", "b.html#busy"]], "calls wait there"],
  ["figure", "Blocks", "Local Moran", [["Leeds", "n.html#figure_moran"]]],
  ["exercise", "Exercise 1: Set k", "section 15", [["Leeds", "n.html#your-turn"]], "Set k: p-median 8"],
  ["heading", "Outliers", "section 21", [["Leeds", "n.html#o"]], "what Moran asks of Brooklyn"],
  ["heading", "A proof", "section 15", [["Leeds", "n.html#p"]], "that no p-median costs less"],
  ["term", "p-median", "section 15", [["Leeds", "n.html#cell-p"]]],
  ["term", "rook", "section 21 \\u00b7 rook contiguity", [["Leeds", "n.html#cell-r"]]]
]"""


def test_what_is_explained_comes_before_what_is_kept_in_files(page, report):
    page.add_init_script(
        f"document.addEventListener('DOMContentLoaded', () => {{ window.searchIndex = {INDEX}; }})"
    )
    show(page, report, "search.html")

    def titles(words: str) -> list[str]:
        page.get_by_label("Words").fill(words)
        return page.locator("#found li strong").all_inner_texts()

    assert titles("p-median") == [
        "p-median", "A proof", "LIM-20: p-median", "Exercise 1: Set k", "Certificates of the p-medians",
    ]  # fmt: skip
    assert titles("Moran") == ["Outliers", "Blocks", "Local Moran of every zone"]
    # a word is found where a word begins, a number as a whole one
    assert titles("rook") == ["rook"]
    eighth = ["San Miguel: Figure 8", "LIM-04: sign of G"]
    for words in ("fig8", "fig 8", "Fig. 8", "figure 8", "Figures 8"):
        assert titles(words) == eighth, words
    assert titles("p-median 8") == ["Exercise 1: Set k"]
    assert titles("(Silva") == ["San Miguel: Figure 8"]
    # a hyphen may be left out
    assert titles("pmedian") == titles("p-median")
    assert page.locator("output").inner_text() == "5 found"
    # of words that nothing has together, what has most of them
    assert titles("nine certificates") == ["Certificates of the p-medians"]
    assert page.locator("output").inner_text() == "1 found; nothing has all these words"
    # one part of the planner for each of its cities, and the words around what was found
    assert titles("waiting") == ["When patrols are busy"]
    found = page.locator("#found li")
    assert found.locator("a").all_inner_texts() == ["Leeds", "Toronto"]
    assert "how long calls wait" in found.inner_text()
    assert page.complaints == []


def test_a_narrow_page_has_its_contents_at_the_top_without_a_script(chromium, report):
    for width, scripts in ((390, False), (900, True), (1280, True)):
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=scripts
        )
        page = context.new_page()
        show(page, report, NOTEBOOK)
        folded = page.locator("details.contents-here")
        # one of the two is seen
        beside = page.locator("nav.contents").is_visible()
        assert folded.is_visible() is not beside
        assert beside is (width == 1280)
        if not beside:
            link = folded.get_by_role("link", name="Your turn")
            assert folded.bounding_box()["y"] < 844
            assert link.is_hidden()
            folded.locator("summary").click()
            link.click()
            page.wait_for_url("**#your-turn")
            expect(page.locator("#your-turn")).to_be_in_viewport()
        context.close()


def test_equations_wrap_on_a_phone_and_are_never_small(chromium, report):
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    show(page, report, NOTEBOOK)
    seen = page.evaluate(
        """async () => {
          const formula = document.querySelector(".formula"), one = formula.querySelector("math");
          const measure = async () => {
            formula.style.width = `${formula.clientWidth - 1}px`;
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
            const size = parseFloat(getComputedStyle(formula.querySelector("math")).fontSize);
            return [formula.scrollWidth - formula.clientWidth, size, formula.clientHeight, formula.tabIndex];
          };
          const before = await measure();
          for (let k = 0; k < 7; k += 1) formula.append(one.cloneNode(true));
          const many = await measure();
          formula.replaceChildren(one);
          const row = one.querySelector("mtr");
          for (let k = 0; k < 80; k += 1) row.append(row.firstElementChild.cloneNode(true));
          return [before, many, await measure()];
        }"""
    )
    before, many, long = seen
    # side by side as far as there is room, then under each other, as large as before
    assert many[0] <= 1 and many[1] == before[1] and many[2] > 1.5 * before[2]
    # one that is too long scrolls
    assert long[0] > 1 and long[1] >= 14 and long[3] == 0
    context.close()


def test_paper_shows_what_is_folded_and_numbers_as_large_as_notes(chromium, report):
    context = chromium.new_context(viewport={"width": 680, "height": 900})
    page = context.new_page()
    show(page, report, "index.html")
    folded = page.locator("details.reasons li").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.bounding_box()["height"] > 5
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.reasons").first.get_attribute("open") is not None
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.reasons[open]").count() == 0
    show(page, report, NOTEBOOK)
    page.emulate_media(media="print")
    assert not page.locator("details.code pre").first.is_visible()
    show(page, report, "claims.html")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    row = page.locator("tr#SET-41")
    note = max(row.locator(".note").evaluate_all(f"all => all.map({size})"))
    for cell in ("th", "td.value >> nth=0", "td.value >> nth=1", ".verdict"):
        assert row.locator(cell).first.evaluate(size) >= note >= 10, cell
    context.close()


def test_the_ledger_is_one_click_from_the_top_of_its_page(chromium, report):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    show(page, report, "claims.html")
    link = page.get_by_role("navigation", name="Parts of this page").get_by_role("link").first
    assert link.bounding_box()["y"] < 844
    link.tap()
    expect(page.locator("form[data-filter]")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.parametrize("width", [390, 1200])
def test_the_mark_of_a_linked_cell_covers_no_text(chromium, report, width):
    context = chromium.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    for cell in ("cell-turn", "cell-claim"):
        page.goto("about:blank")
        page.goto(f"{(report / NOTEBOOK).as_uri()}#{cell}")
        left, wide, start = page.evaluate(
            """() => {
              const cell = document.querySelector(":target"), mark = getComputedStyle(cell, "::before");
              return [parseFloat(mark.left), parseFloat(mark.width), cell.getBoundingClientRect().left];
            }"""
        )
        assert wide >= 3 and left + wide <= -6 and start + left >= 0, cell
    context.close()
