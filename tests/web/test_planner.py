"""The planner in a browser: it computes as Python does, moves posts, checks proofs, saves files."""

from __future__ import annotations

import csv
import json
import re
import runpy
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect
from scipy.optimize import linprog

from helpers import location, space
from helpers.location.compact import compacted
from helpers.location.study import judged_by_all_objectives
from helpers.report import build
from helpers.space import placed, street_distances, street_network

HERE = Path(__file__).resolve().parent
TOWN = runpy.run_path(str(HERE.parent / "planner" / "conftest.py"))
LOW_CONTRAST = runpy.run_path(str(HERE / "test_site.py"))["LOW_CONTRAST"]
BROWSER = runpy.run_path(str(HERE / "conftest.py"))
FAULTS, NOTING, OPEN_ANEW = BROWSER["faults"], BROWSER["noting"], BROWSER["open_anew"]
EXAMPLE, CITY, RADIUS, MOST = TOWN["EXAMPLE"], TOWN["CITY"], TOWN["RADIUS"], TOWN["MOST"]
HOSTILE, SHIFT, EARLIER = EXAMPLE["HOSTILE"], EXAMPLE["SHIFT"], EXAMPLE["EARLIER"]
BIG, STILL = "wide", "still"
solved = TOWN["solved"]


def town_of_5000_nodes():
    """A large town with one plan that is not proven."""
    rng = np.random.default_rng(8)
    row, column = (each.ravel() for each in np.mgrid[:70, :72])
    nodes = pd.DataFrame(
        {"node": np.arange(len(row)), "x": 4e5 + 200.0 * column, "y": 4e5 + 200.0 * row}
    )
    nodes["expected"] = rng.gamma(0.5, 4, len(nodes))
    sites = np.sort(rng.choice(len(nodes), 20, replace=False))
    cost = location.travel(nodes["expected"], location.PlanarDistance(nodes[["x", "y"]]), sites)
    plan = location.PMedianSolution(sites, sites, cost, 0.9 * cost, 0.1, False, 0.0, "none")
    return SimpleNamespace(plans={("p-median", 20): plan}, proofs={}, nodes=nodes)


@pytest.fixture(scope="module")
def pages(tmp_path_factory, solved):
    """Planner pages of three towns: a small one, one whose ways no page can compute, a large one."""
    with pytest.MonkeyPatch.context() as patch:
        results = TOWN["town"](tmp_path_factory.mktemp("planner"), patch, solved)
        also = {"results": results, "folder": None, "patch": patch}
        TOWN["town"](**also, solved=solved, city=STILL, metric="streets")
        TOWN["town"](**also, solved=town_of_5000_nodes(), city=BIG)
        build(results.root)
    return results.root / "report" / "planner"


@pytest.fixture(scope="module")
def address(pages):
    """Page of the small town."""
    return (pages / f"{CITY}.html").as_uri()


@pytest.fixture(scope="module")
def shared(chromium, address):
    """One page for all tests, with what it asks for and complains of."""
    with NOTING(chromium) as page:
        page.goto(address)
        yield page


@pytest.fixture
def planner(shared, address):
    """The page as it opens."""
    OPEN_ANEW(shared, address)
    yield shared
    assert shared.complaints == []
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in shared.requests)


def choose(page, p: int, objective: str = "p-median") -> None:
    page.locator("[data-objective]").select_option(objective)
    page.get_by_role("slider", name="Patrols").fill(str(p))


def figures(page) -> dict[str, str]:
    names = page.locator("[data-figures] dt").all_inner_texts()
    return dict(zip(names, page.locator("[data-figures] dd").all_inner_texts(), strict=True))


def metres(text: str) -> float:
    return float(text.split(";")[0].removesuffix(" m").replace(",", ""))


def post(page, number: int):
    return page.locator(f".map .post:nth-child({number})")


def sites_in_order(solved, p: int) -> list[int]:
    """The plan's sites as the page numbers them, the busiest first."""
    nodes, plan = solved.nodes, solved.plans["p-median", p]
    load = pd.Series(nodes["expected"].to_numpy()).groupby(plan.assignment).sum()
    return load.sort_values(ascending=False).index.tolist()


@pytest.fixture(scope="module")
def ground(solved):
    nodes = solved.nodes
    return nodes["expected"].to_numpy(), location.PlanarDistance(nodes[["x", "y"]].to_numpy())


READ = """async (asked) => {
  const found = [];
  for (const hash of asked) {
    const told = new Promise((go) => { addEventListener("hashchange", () => setTimeout(go), { once: true }); });
    location.hash = hash;
    await told;
    const texts = (name) => [...document.querySelectorAll(name)].map((e) => e.textContent);
    const terms = texts("[data-figures] dt"), values = texts("[data-figures] dd");
    found.push({
      figures: Object.fromEntries(terms.map((term, i) => [term, values[i]])),
      verdict: texts("[data-verdict]")[0], rows: texts("[data-posts] tr").length,
      posts: texts(".map .post").length,
    });
  }
  return found;
}"""


def test_every_plan_is_judged_as_python_judges_it(planner, solved, ground):
    weight, distance = ground
    judged = judged_by_all_objectives(weight, distance, solved.plans, RADIUS)
    told = planner.evaluate(READ, [f"p={p}&objective={name}" for name, p in solved.plans])
    certified = {*(("p-median", p) for p in range(1, MOST + 1)), ("p-center", 2)}
    for ((name, p), plan), page in zip(solved.plans.items(), told, strict=True):
        found, row = page["figures"], judged.iloc[told.index(page)]
        near = distance.columns(plan.sites).min(axis=1)
        order = np.argsort(near)
        far = near[order][np.searchsorted(np.cumsum(weight[order]), 0.95 * weight.sum())]
        assert metres(found["Mean distance"]) == round(row["mean_m"])
        assert metres(found["Longest distance"]) == round(row["longest_m"])
        assert metres(found["95 % of crimes within"]) == round(far)
        assert (
            found["Crimes within 400 m, the radius of covering"]
            == f"{100 * row['one_within_radius']:.1f} %"
        )
        # proven is what a certificate proves
        word = "Proven" if (name, p) in certified else "By the solver's word, without a certificate"
        assert page["verdict"].startswith(f"{word}: no")
        assert page["rows"] == page["posts"] == p


def test_a_shift_and_history_have_plans_of_their_own(planner, solved, ground):
    weight, distance = ground
    choose(planner, 5, "covering")
    planner.get_by_label("Shift").select_option(SHIFT)
    own, plans = solved.evening
    assert metres(figures(planner)["Mean distance"]) == round(plans[3].objective / own.sum())
    said = planner.locator("[data-limits]").inner_text()
    assert (
        said
        == "Plans of a shift are saved by shortest mean distance (p-median) for 1 to 3 patrols."
    )
    assert planner.get_by_role("slider", name="Patrols").input_value() == "3"
    assert planner.locator("[data-objective] option[value=covering]").is_disabled()
    # the scale of the map is that of the crimes it shows
    most = planner.locator("[data-legend-most]").inner_text()
    assert float(most.replace(",", "")) == pytest.approx(own.max(), rel=5e-3)
    assert planner.locator("[data-shift-name]").inner_text() == SHIFT
    # what was chosen comes back with a demand that has it
    planner.get_by_label("Shift").select_option("all")
    assert "p=5&objective=covering" in planner.url and "shift" not in planner.url
    choose(planner, 4)
    planner.get_by_label("Demand").select_option(EARLIER)
    own, plans = solved.earlier
    found, plan = figures(planner), solved.plans["p-median", 4]
    assert metres(found["Mean distance"]) == round(plans[4].objective / own.sum())
    cost = location.travel(weight, distance, plans[4].sites)
    off = 100 * (cost / plan.objective - 1)
    assert off > 0.1
    forecast = "Mean distance if demand is the count of " + HOSTILE
    assert found[forecast] == f"{cost / weight.sum():,.0f} m, {off:.1f} % above its best"
    assert (
        planner.locator("[data-command]")
        .inner_text()
        .endswith("-p objective=p-median -p demand=history")
    )
    planner.reload()
    assert figures(planner) == found and "demand=history" in planner.url


def test_links_within_the_page_keep_the_plan(planner):
    choose(planner, 3)
    post(planner, 1).focus()
    planner.keyboard.press("ArrowDown")
    before = planner.url
    for link in (".skip", ".cautions a"):
        planner.locator(link).focus()
        planner.keyboard.press("Enter")
        expect(planner.locator("[data-by-hand]")).to_be_visible()
        planner.wait_for_url(before)


def test_the_table_names_the_posts_and_where_they_are(planner, solved):
    order, nodes = sites_in_order(solved, 4), solved.nodes
    rows = planner.locator("[data-posts] tr").all()
    for row, site in zip(rows, order, strict=True):
        told = row.locator("td").all_inner_texts()
        assert told[0] == f"{HOSTILE} {nodes['node'][site]}"
        assert [float(told[1]), float(told[2])] == [round(v) for v in nodes.loc[site, ["x", "y"]]]
        degrees = gpd.GeoSeries.from_xy(
            *nodes.loc[[site], ["x", "y"]].T.to_numpy(), crs=TOWN["CRS"]
        )
        spot = degrees.to_crs(4326).iloc[0]
        assert told[3:5] == [f"{spot.x:.5f}", f"{spot.y:.5f}"]


def test_the_curve_sets_the_patrols_and_the_address_keeps_them(planner, address):
    dots = planner.locator(".curve .dot")
    dots.nth(1).click()
    assert planner.get_by_role("slider", name="Patrols").input_value() == "2"
    assert "p=2" in planner.url
    planner.locator("[data-objective]").select_option("covering")
    planner.reload()
    assert planner.get_by_role("slider", name="Patrols").input_value() == "2"
    assert planner.locator("[data-objective]").input_value() == "covering"
    planner.goto(f"{address}#p=900&objective=none&posts=1.1.x&locked=7&shift=toString")
    expect(planner.get_by_role("slider", name="Patrols")).to_have_value(str(MOST))
    expect(planner.locator("[data-objective]")).to_have_value("p-median")
    told = planner.locator("[data-astray]")
    for part in ("number of patrols", "objective", "demand or shift", "posts", "locked posts"):
        assert part in told.inner_text()
    assert f"p={MOST}&" in planner.url and "900" not in planner.url
    choose(planner, 2, "p-median")
    assert told.is_hidden()
    planner.reload()
    assert told.is_hidden()
    OPEN_ANEW(planner, f"{address}#p=3&objective=p-median&posts=1.1.x")
    assert told.is_visible()
    planner.reload()  # the address was corrected
    assert "posts" not in planner.url and told.is_hidden()


AXIS = """(cases) => cases.map(([most, level]) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const rows = [1, 2, 3, 4, 5, 6].map((p) => ({ p, value: most / p, proven: true }));
  planChart.create(svg, {}).draw({
    rows, patrols: 2, spans: [], own: null, share: false, label: "", level: { value: level, label: "Posts, 3" },
  });
  const today = svg.querySelector("text.today"), line = svg.querySelector("path.today").getAttribute("d");
  return {
    axis: [...svg.querySelectorAll("text[text-anchor=end]:not(.today)")].map((e) => e.textContent),
    below: Number(today.getAttribute("y")) > Number(line.match(/ ([\\d.]+)H/)[1]),
    right: today.getAttribute("text-anchor") === "end",
  };
})"""


def test_the_axis_says_its_numbers_and_the_line_of_today_stands_clear(planner):
    cases = [(0.9, 0.5), (2.3, 0.1), (14.0, 7.0), (5000.0, 850.0)]
    for found, (most, level) in zip(planner.evaluate(AXIS, cases), cases, strict=True):
        said = [float(text.replace(",", "")) for text in found["axis"]]
        assert len(said) >= 4 and said[0] == 0 and said[-1] > 0.7 * most
        assert np.diff(said) == pytest.approx([said[1]] * (len(said) - 1))
        # at the right the curve is a sixth of the most: above the line, below it, or across it
        near = [most / p for p in (5, 6)]
        assert found["right"] is not (min(near) < level < max(near))
        assert found["below"] is (level < max(near) and level > 0.1 * most)


def test_today_and_later_crimes_stand_beside_the_plan(planner, solved, ground):
    weight, _ = ground
    today = location.PlanarDistance(solved.nodes[["x", "y"]].to_numpy(), np.array(TOWN["TODAY"]))
    mean = location.travel(weight, today, [0, 1, 2]) / weight.sum()
    assert metres(figures(planner)[f"Posts {HOSTILE} today (3)"]) == round(mean)
    best = solved.plans["p-median", 4].objective / weight.sum()
    said = planner.locator("[data-later]").inner_text()
    assert (
        f"which came afterwards, the mean distance of this plan was {round(1.05 * best):,} m"
        in said
    )
    assert planner.locator("[data-outside]").inner_text() == "(1 of 3 beyond the map)"
    assert planner.locator(".map .today title").all_text_contents() == [
        f"Post {i}" for i in range(3)
    ]
    planner.get_by_role("checkbox").uncheck()
    assert planner.locator(".map .today path").count() == 0


def test_a_post_is_dragged_and_its_price_is_pythons(planner, solved, ground):
    weight, distance = ground
    order, nodes, plan = sites_in_order(solved, 4), solved.nodes, solved.plans["p-median", 4]
    a, b = post(planner, 1).bounding_box(), post(planner, 2).bounding_box()
    middle = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in (a, b)]
    # half the way from the first post to the second
    there = tuple((m + n) / 2 for m, n in zip(*middle, strict=True))
    planner.mouse.move(*middle[0])
    planner.mouse.down()
    planner.mouse.move(*there, steps=4)
    planner.mouse.up()
    moved = [int(n) for n in re.search(r"posts=([\d.]+)", planner.url)[1].split(".")]
    sites = [nodes.index[nodes["node"] == node][0] for node in moved]
    assert sites[1:] == order[1:] and sites[0] != order[0]
    half = nodes.loc[order[:2], ["x", "y"]].to_numpy().mean(axis=0)
    off = np.abs(nodes.loc[sites[0], ["x", "y"]].to_numpy(float) - half)
    assert (off <= [0.6 * 250.5, 0.6 * 260.25]).all()
    cost = location.travel(weight, distance, sites)
    said = planner.locator("[data-verdict]").inner_text()
    assert said.startswith(f"{100 * (cost / plan.objective - 1):.1f} % above the proven best")
    assert metres(figures(planner)["Mean distance"]) == round(cost / weight.sum())
    assert planner.locator("[data-by-hand]").is_visible()
    planner.reload()
    assert planner.locator("[data-verdict]").inner_text() == said
    planner.get_by_role("button", name="Back to the best plan").click()
    assert planner.locator("[data-verdict]").inner_text().startswith("Proven")
    planner.get_by_role("button", name="Undo").click()
    assert planner.locator("[data-verdict]").inner_text() == said


def test_arrow_keys_move_a_post_to_the_next_node_and_l_locks_it(planner, solved):
    order, nodes = sites_in_order(solved, 4), solved.nodes
    start = nodes.loc[order[2]]
    post(planner, 3).focus()
    assert planner.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        f"Post 3 of 4 in {HOSTILE} {start['node']:.0f}"
    )
    planner.keyboard.press("l")
    planner.keyboard.press("ArrowLeft")
    assert "posts=" not in planner.url
    assert "locked" in post(planner, 3).get_attribute("class").split()
    planner.keyboard.press("l")
    planner.keyboard.press("ArrowLeft")
    planner.keyboard.press("ArrowUp")
    node = int(re.search(r"posts=([\d.]+)", planner.url)[1].split(".")[2])
    now = nodes[nodes["node"] == node].iloc[0]
    assert (now["column"], now["row"]) == (start["column"] - 1, start["row"] + 1)
    assert planner.evaluate("document.activeElement.classList.contains('post')")
    assert (
        "of the saved plan, with no post moved, was" in planner.locator("[data-later]").inner_text()
    )
    planner.keyboard.press("Control+z")
    planner.keyboard.press("Control+z")
    assert "posts=" not in planner.url


def test_locked_posts_stay_while_the_others_are_improved(planner, solved, ground):
    weight, distance = ground
    order, plan = sites_in_order(solved, 4), solved.plans["p-median", 4]
    assert planner.locator("[data-key-locked]").is_hidden()
    post(planner, 1).focus()
    for _ in range(2):
        planner.keyboard.press("ArrowDown")
    planner.keyboard.press("l")
    planner.get_by_role("button", name="Improve the free posts").click()
    nodes = solved.nodes
    moved = [int(n) for n in re.search(r"posts=([\d.]+)", planner.url)[1].split(".")]
    sites = [int(nodes.index[nodes["node"] == node][0]) for node in moved]
    assert sites[0] != order[0]
    best = location.p_median(weight, distance, 4, fixed=[sites[0]])
    cost = location.travel(weight, distance, sites)
    assert best.objective * (1 - 1e-12) <= cost <= best.objective * 1.01
    assert cost > plan.objective
    assert planner.locator("[data-key-locked]").is_visible()
    # once more nothing is gained, and the page says so
    for _ in range(2):
        planner.get_by_role("button", name="Improve the free posts").click()
    said = planner.locator("[data-verdict]").inner_text()
    assert said.count("No free post can be put anywhere better by itself.") == 1
    planner.get_by_role("slider", name="Patrols").fill("3")
    kept = [int(n) for n in re.search(r"posts=([\d.]+)", planner.url)[1].split(".")]
    assert moved[0] in kept and len(kept) == 3


# The script of the proofs then hands the page one whose bounds are gone.
BROKEN = """async (address) => {
  const given = await new Promise((go) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => go(window.plannerProofs));
    document.head.append(script);
  });
  const bytes = Uint8Array.from(atob(given), (c) => c.charCodeAt(0));
  const proofs = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  proofs.all["p-median"][3].tree.steps = [];
  const whole = new Blob([JSON.stringify(proofs)]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = btoa(String.fromCharCode(...new Uint8Array(await new Response(whole).arrayBuffer())));
  Object.defineProperty(window, "plannerProofs", { get: () => packed, set: () => {} });
}"""


def test_the_proof_is_checked_in_the_browser(planner, solved):
    said, check = (
        planner.locator("[data-proved]"),
        planner.get_by_role("button", name="Check the proof"),
    )
    plans = {
        "all": solved.plans["p-median", 4], "evening": solved.evening[1][3], "earlier": solved.earlier[1][3]
    }  # fmt: skip
    costs = {
        name: re.compile(f"costs {plan.objective:,.1f}".removesuffix(".0") + " crime-metres")
        for name, plan in plans.items()
    }
    check.click()
    expect(said).to_contain_text("Proven again in this browser")
    expect(said).to_contain_text(costs["all"])
    # what was said of the best plan does not stand beside one that was moved
    post(planner, 1).focus()
    planner.keyboard.press("ArrowRight")
    assert said.inner_text() == ""
    check.click()
    expect(said).to_contain_text("That is the best plan, not the one you moved.")
    # plans of a shift and of history by what is demanded then
    choose(planner, 3)
    planner.get_by_label("Shift").select_option(SHIFT)
    check.click()
    expect(said).to_contain_text(costs["evening"])
    planner.get_by_label("Shift").select_option("all")
    planner.get_by_label("Demand").select_option(EARLIER)
    check.click()
    expect(said).to_contain_text(costs["earlier"])
    planner.get_by_label("Demand").select_option("all")
    choose(planner, 2, "p-center")
    check.click()
    longest = solved.plans["p-center", 2].objective
    expect(said).to_contain_text(
        f"reaches every node with crimes within {longest:,.1f} m, and no 2"
    )
    # where no certificate is kept the page says whose word is left
    choose(planner, 3, "p-center")
    assert check.is_hidden() and planner.get_by_role("button", name="Save the cert").is_hidden()
    expect(said).to_contain_text("Not certified: no certificate is kept of shortest longest")
    expect(said).to_contain_text(
        "Section 15 itself found a gap of 0: its bound meets the plan. The proof is a tree"
    )
    expect(planner.locator("[data-verdict]")).to_have_text(
        "By the solver's word, without a certificate: no 3 posts do better by this objective."
    )
    assert planner.locator("[data-in-minutes]").is_hidden()


def test_a_broken_proof_is_refused(planner, address):
    planner.evaluate(BROKEN, address.replace(".html", "-proofs.js"))
    choose(planner, 3)
    planner.get_by_role("button", name="Check the proof").click()
    expect(planner.locator("[data-proved]")).to_have_text(
        "Not proven: a branch of the tree is open: optimality is not proven."
    )


def test_the_certificate_is_saved_as_python_reads_it(planner, solved, tmp_path):
    planner.get_by_label("Demand").select_option(EARLIER)
    with planner.expect_download() as waiting:
        planner.get_by_role("button", name="Save the certificate").click()
    assert waiting.value.suggested_filename == f"{CITY}-4-p-median-history-certificate.json"
    waiting.value.save_as(tmp_path / "proof.json")
    about = json.loads((tmp_path / "proof.json").read_text(encoding="utf-8"))["about"]
    weight, plans = solved.earlier
    assert about["demand"] == weight.tolist()
    xy = {"demand_xy": about["xy"], "site_xy": about["xy"], "metric": about["metric"]}
    cost, bound = location.verify(tmp_path / "proof.json", about["demand"], patrols=4, **xy)
    assert cost == pytest.approx(plans[4].objective) and bound == pytest.approx(cost, rel=2e-9)


VERIFY = """async (cases) => {
  const found = [];
  for (const { proof, demand, claim } of cases) {
    try { found.push(await planProof.verify(proof, demand, claim)); } catch (e) { found.push(e.message); }
  }
  return found;
}"""


def problems():
    """Small problems of every kind: matrix or places, whole or not, tiny units, fixed posts, trees."""
    rng = np.random.default_rng(11)
    for k in range(36):
        n, m = rng.integers(2, 9, 2)
        p = int(rng.integers(1, m + 1))
        demand = rng.integers(0, 4, n).astype(float) if k % 3 else rng.gamma(1, 3, n)
        demand[0] += 1
        demand *= [1, 1e-9, 1e9][k % 7 % 3]
        fixed = list(range(int(rng.integers(0, p + 1)))) if k % 4 == 0 else []
        if k % 2:
            a, b = rng.integers(0, 3 if k % 5 == 0 else 50, (n, 2)), rng.integers(0, 9, (m, 2))
            scale = [1.0, 0.1, 1e5 / 3][k % 3]
            metric = ["euclidean", "manhattan"][k % 4 // 2]
            yield demand, location.PlanarDistance(a * scale, b * scale, metric), p, fixed
        else:
            far = rng.integers(0, 20, (n, m)).astype(float)
            yield demand, far * [1.0, 1 / 3, 1e-7][k % 3], p, fixed
    # costs without geometry: the bound leaves a gap and the tree is used
    for seed in range(4):
        rng = np.random.default_rng(seed)
        yield (
            rng.integers(1, 9, 14).astype(float),
            rng.integers(1, 99, (14, 14)).astype(float),
            4,
            [],
        )


def test_the_verifier_gives_what_pythons_gives(planner):
    cases, wanted, trees = [], [], 0
    for demand, distance, p, fixed in problems():
        found = location.certify(demand, distance, p, fixed=fixed)
        trees += "sites" in found.proof["tree"]
        claim = {"patrols": p, "fixed": fixed, "objective": found.solution.objective}
        planar = isinstance(distance, location.PlanarDistance)
        if planar:
            data = {"demand_xy": distance.demand_xy, "site_xy": distance.site_xy, "metric": distance.metric}  # fmt: skip
            mine = {"xy": distance.demand_xy.tolist(), "siteXy": distance.site_xy.tolist(), "metric": distance.metric}  # fmt: skip
        else:
            data, mine = {"distance": distance}, {"distance": distance.tolist()}
        lazy = json.loads(json.dumps(found.proof))
        lazy["tree"] = {"steps": []}
        other = {**found.proof, "patrols": p + 1}
        (short,) = compacted([found.proof], demand, distance)
        false = {**claim, "objective": found.solution.objective * 1.001 + 1}
        for proof, said in (
            (found.proof, claim),
            (short, claim),
            (lazy, claim),
            (other, claim),
            (found.proof, false),
        ):
            try:
                wanted.append(list(location.verify(proof, demand, **said, **data)))
            except ValueError as error:
                wanted.append(str(error))
            cases.append({"proof": proof, "demand": demand.tolist(), "claim": {**said, **mine}})
    assert trees >= 2
    assert sum(isinstance(each, str) for each in wanted) > 2 * len(wanted) // 6
    assert planner.evaluate(VERIFY, cases) == wanted


def test_ways_along_streets_are_those_of_python(planner):
    corners = np.array([[c * 100.0, r * 80.0] for r in range(4) for c in range(5)])
    lines, oneway = [], []
    for i, (x, y) in enumerate(corners):
        for step, there in (((100, 0), x < 400), ((0, 80), y < 240)):
            if there:
                lines.append([(x, y), (x + step[0], y + step[1])])
                oneway.append(i % 3 == 0)
    import shapely

    streets = gpd.GeoDataFrame({"oneway": oneway}, geometry=list(map(shapely.LineString, lines)))
    network = street_network(streets)
    network = space.connected_part(network).network
    xy = np.random.default_rng(4).uniform([0, 0], [400, 240], (30, 2))
    graph, spots, away, _ = placed(network, xy, network.length)
    pieces = graph.tocoo()
    told = {"tail": pieces.row.tolist(), "head": pieces.col.tolist(), "cost": pieces.data.tolist(),
            "spots": spots.tolist(), "away": away.tolist()}  # fmt: skip
    found = planner.evaluate(
        "(network) => network.spots.map((_, j) => [...planStreets.from(network, j)])", told
    )
    np.testing.assert_allclose(np.array(found).T, street_distances(network, xy), rtol=1e-12)


def test_minutes_keep_their_digits_in_files(planner):
    """A drive of half a minute is no number with one decimal."""
    text = planner.evaluate(
        """() => planFiles.csv({
          model: { unit: "min", x: [1], y: [2], data: { node: [7], lon: [0], lat: [0] } },
          plan: { sites: [0], locked: new Set() }, name: () => "",
          posts: [{ share: 1, mean: 0.54321, far: 1.25, longest: 1.9 }],
        })"""
    )
    head, row = csv.reader(text.splitlines())
    told = dict(zip(head, row, strict=True))
    assert [told[k] for k in ("mean", "percentile_95", "longest")] == ["0.543", "1.25", "1.9"]


def test_the_start_page_and_the_section_lead_to_it(shared, address):
    report = address.rpartition("/planner/")[0]
    for start in ("index.html", f"notebooks/{CITY}/{EXAMPLE['SECTION']}.html"):
        shared.goto(f"{report}/{start}")
        shared.locator("a[href*='planner/']").first.click()
        expect(shared.locator("[data-verdict]")).to_have_text(re.compile("^Proven"))
        assert shared.url.startswith(address)


def test_waiting_is_erlangs(planner):
    choose(planner, 4)
    minutes, load = 30.0, 2.6
    assert float(planner.get_by_label("Calls an hour").input_value()) == 5.2
    assert float(planner.get_by_label("Minutes a call").input_value()) == minutes
    # where the numbers come from stands beside them; that a drive changes none of them, too
    expect(planner.locator(".queue .small").first).to_contain_text("5.2 calls an hour")
    expect(planner.locator(".queue .small").first).to_contain_text(
        "30 minutes, the parameter minutes"
    )
    expect(planner.locator(".queue > p").first).not_to_contain_text("not on where the posts are")
    assert (
        planner.locator("nav a", has_text="Planner")
        .first.get_attribute("href")
        .endswith("#planners")
    )
    table = planner.locator(".queue tbody tr")
    rows = table.all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == [str(p + 1) for p in range(MOST)]
    assert [row.split("\t")[1:] for row in rows[:2]] == [["always", "all", "no end", "no end"]] * 2
    for row in rows[2:]:
        told = row.split("\t")
        wait, mean = location.erlang_c(int(told[0]), load)
        assert told[1:3] == [f"{100 * load / int(told[0]):.1f} %", f"{100 * wait:.1f} %"]
        assert told[3] == f"{mean * minutes:.{1 if mean * minutes < 10 else 0}f} min"
    # waits are exponential: P(W > t) = wait × exp(−(c − load) t)
    wait, _ = location.erlang_c(4, load)
    longest = np.log(wait / 0.05) / (4 - load) * minutes
    assert table.nth(3).inner_text().split("\t")[4] == f"{longest:.0f} min"
    planner.get_by_label("Minutes a call").fill("60")
    expect(planner.locator(".queue [role=status]")).to_contain_text("6 or more are needed")
    assert "minutes=60" in planner.url
    planner.reload()
    assert planner.get_by_label("Minutes a call").input_value() == "60"


def test_a_shift_says_its_hours_and_waits_on_its_own_calls(planner, solved):
    box, calls = planner.locator("[data-shift]"), planner.get_by_label("Calls an hour")
    shift, when = EXAMPLE["SHIFT"], EXAMPLE["WHEN"]
    assert f"{shift} ({when})" in box.locator("option").all_text_contents()
    box.select_option(shift)
    assert float(calls.input_value()) == pytest.approx(solved.evening[0].sum() / 2920, rel=0.005)
    assert "calls=" not in planner.url
    box.select_option("all")
    assert float(calls.input_value()) == 5.2
    calls.fill("7")
    box.select_option(shift)
    assert calls.input_value() == "7"  # one's own number stays
    planner.reload()
    assert calls.input_value() == "7"


def test_the_plan_is_saved_as_files(planner, solved, tmp_path):
    order, nodes = sites_in_order(solved, 4), solved.nodes
    with planner.expect_download() as waiting:
        planner.get_by_role("button", name="Save as CSV").click()
    assert waiting.value.suggested_filename == "leeds-4-p-median.csv"
    waiting.value.save_as(tmp_path / "plan.csv")
    with (tmp_path / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["node"]) for row in rows] == nodes["node"].iloc[order].tolist()
    assert [float(row["x"]) for row in rows] == nodes["x"].iloc[order].tolist()
    # a spreadsheet runs no name as a formula
    assert all(row["place"].startswith(f"'{HOSTILE}") for row in rows)
    with planner.expect_download() as waiting:
        planner.get_by_role("button", name="Save as GeoJSON").click()
    waiting.value.save_as(tmp_path / "plan.geojson")
    layer = gpd.read_file(tmp_path / "plan.geojson")
    assert layer["place"].tolist() == [f"{HOSTILE} {n}" for n in nodes["node"].iloc[order]]
    back = layer.to_crs(TOWN["CRS"])
    np.testing.assert_allclose(back.geometry.x, nodes["x"].iloc[order], atol=0.2)
    about = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))["about"]
    assert about["proven"] is True and about["moved_by_hand"] is False
    assert about["value"] == pytest.approx(
        solved.plans["p-median", 4].objective / nodes["expected"].sum()
    )


def test_the_command_makes_the_plan_on_the_screen(planner):
    choose(planner, 3, "covering")
    said = planner.locator("[data-command]").inner_text()
    assert said == (
        "python3 run_all.py --city leeds --section 15 -p patrols=3 -p objective=covering -p radius=400"
    )


def test_everybody_can_read_and_use_it(planner):
    post(planner, 1).focus()
    planner.keyboard.press("ArrowLeft")
    for scheme in ("dark", "light"):
        planner.emulate_media(color_scheme=scheme)
        seen, low = planner.evaluate(LOW_CONTRAST)
        assert seen > 60 and low == []
    assert FAULTS(planner) == []


def test_it_prints_on_one_sheet_with_marks_of_its_size(planner):
    choose(planner, MOST)
    sizes = planner.evaluate(
        """() => {
          const size = () => [...document.querySelectorAll(".map .disc")].map((e) => Number(e.getAttribute("r")) / Number(document.querySelector(".map svg").viewBox.baseVal.width));
          window.printed = null;
          addEventListener("beforeprint", () => { window.printed = size(); });
          return size();
        }"""
    )
    pdf = planner.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    # 11 pixels of a map that is 100 mm wide
    assert planner.evaluate("window.printed") == pytest.approx([11 / 378] * MOST, rel=0.02)
    assert sizes[0] < 11 / 378
    assert planner.locator(".sheet-title").text_content().startswith(f"Leeds {HOSTILE}")


def test_it_fits_a_phone_and_a_finger_drags_a_post(chromium, address):
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".map .touch").first.bounding_box()["width"] >= 36
    page.evaluate("document.querySelector('.map').scrollIntoView({behavior: 'instant'})")
    post, scrolled = page.locator(".map .post .disc").first.bounding_box(), page.evaluate("scrollY")
    spot = {"x": post["x"] + post["width"] / 2, "y": post["y"] + post["height"] / 2}
    touch = context.new_cdp_session(page)
    for kind, down in (("touchStart", 0), ("touchMove", 30), ("touchMove", 60), ("touchEnd", None)):
        points = [] if down is None else [{**spot, "y": spot["y"] + down}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator("[data-by-hand]")).to_be_visible()
    moved = page.locator(".map .post .disc").first.bounding_box()
    assert moved["y"] - post["y"] == pytest.approx(60, abs=20)  # to the node nearest to the finger
    assert page.evaluate("scrollY") == scrolled
    context.close()


def test_where_ways_cannot_be_computed_the_saved_plans_are_shown(chromium, pages, solved, ground):
    weight, distance = ground
    page = chromium.new_page()
    page.goto((pages / f"{STILL}.html").as_uri() + "#p=3")
    order, total = sites_in_order(solved, 3), weight.sum()
    rows = page.locator("[data-posts] tr").all()
    nodes, plan = solved.nodes, solved.plans["p-median", 3]
    for row, site in zip(rows, order, strict=True):
        own = (plan.assignment == site) & (weight > 0)
        far = distance.columns([site])[own, 0]
        told = row.locator("td").all_inner_texts()
        assert told[0] == f"{HOSTILE} {nodes['node'][site]}"
        assert told[5] == f"{100 * weight[own].sum() / total:.1f} %"
        assert metres(told[6]) == round(weight[own] @ far / weight[own].sum())
        assert metres(told[8]) == round(far.max())
    assert metres(figures(page)["mean distance"]) == round(plan.objective / total)
    post(page, 1).focus()
    page.keyboard.press("ArrowLeft")
    assert "posts=" not in page.url
    assert page.get_by_text("posts cannot be moved here").is_visible()
    page.close()


def test_without_scripts_the_plan_is_read(chromium, address, solved):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    rows = page.locator(".posts-table tbody:visible tr")
    assert rows.count() == 4
    assert page.locator(".map").is_hidden() and page.locator(".controls").is_hidden()
    page.locator("summary", has_text="All numbers of patrols").click()
    assert page.locator("details tbody tr").count() == MOST
    context.close()


# Shapes that a page makes and roots that it takes: one root a distance, one a place's class on the map.
COUNTED = """() => {
  window.done = { shapes: 0, roots: 0 };
  const { createElementNS } = Document.prototype, { sqrt } = Math;
  Document.prototype.createElementNS = function (...given) { window.done.shapes += 1; return createElementNS.apply(this, given); };
  Math.sqrt = (value) => { window.done.roots += 1; return sqrt(value); };
}"""


def test_the_work_for_5000_nodes_is_one_distance_a_post_and_a_shape_a_class(chromium, pages):
    """Counted, not timed: a time says as much of the machine as of the page."""
    page, posts, nodes = chromium.new_page(), 20, 5040
    page.add_init_script(f"({COUNTED})()")
    page.goto((pages / f"{BIG}.html").as_uri())
    expect(page.locator("[data-verdict]")).to_have_text(re.compile("^Not proven: at most 10.00 %"))
    done = page.evaluate("window.done")
    # the distances from each post and each one of today, once; and the class of each node
    assert done["roots"] == (posts + len(TOWN["TODAY"]) + 1) * nodes
    # nodes of one class are one shape; a post has a few of its own
    assert page.locator(".map .post").count() == posts
    assert posts < done["shapes"] < 20 * posts < nodes / 10
    page.close()


def test_the_verifier_of_p_centers_accepts_what_prices_prove_and_nothing_else(planner):
    """Prices from the linear program: the most that nodes cost while no site can pay more than 1."""
    rng, cases, wanted, python = np.random.default_rng(3), [], [], []
    for _ in range(40):
        n, p = int(rng.integers(4, 10)), int(rng.integers(1, 4))
        xy = rng.integers(0, 30, (n, 2)).astype(float)
        demand = rng.integers(0, 3, n).astype(float)
        demand[:2] = 1
        far = location.PlanarDistance(xy).columns(np.arange(n))
        held = demand > 0
        plans = [list(plan) for plan in combinations(range(n), p)]
        worth = {tuple(plan): far[held][:, plan].min(axis=1).max() for plan in plans}
        best = min(worth, key=worth.get)
        worse = max(worth, key=worth.get)
        reach = (far < worth[best] * (1 - 1e-9)) & held[:, None]
        program = linprog(-held.astype(float), reach.T.astype(float), np.ones(n), bounds=(0, 10))
        proven = -program.fun > p * (1 + 1e-6) and worth[best] > 0
        for plan in (best, worse):
            proof = {"patrols": p, "fixed": [], "sites": list(plan), "prices": program.x.tolist()}
            claim = {"patrols": p, "objective": worth[plan]}
            cases.append(
                {
                    "proof": proof,
                    "demand": demand.tolist(),
                    "distance": far.tolist(),
                    "claim": claim,
                }
            )
            wanted.append(bool(worth[plan] == worth[best] and proven))
            # Python's verifier says the same of the same proof
            try:
                bound = location.verify_center(proof, demand, far, **claim)
                assert bound[0] == worth[plan]
                python.append(True)
            except ValueError:
                python.append(False)
    found = planner.evaluate(
        """(cases) => Promise.all(cases.map(async ({ proof, demand, distance, claim }) => {
          try { return (await planCenter.verify(proof, demand, distance, claim))[0] === claim.objective; }
          catch (error) { return error.message.includes("not proven") ? false : error.message; }
        }))""",
        cases,
    )
    assert sum(wanted) >= 10
    assert found == python
    assert all(accepted is True for accepted, good in zip(found, wanted, strict=True) if good)
    # no prices can prove a plan that another one beats
    beaten = [found[i + 1] for i in range(0, len(cases), 2)
              if cases[i]["claim"]["objective"] < cases[i + 1]["claim"]["objective"]]  # fmt: skip
    assert len(beaten) >= 10 and not any(beaten)
    other = {**cases[0], "claim": {**cases[0]["claim"], "patrols": 9}}
    message = planner.evaluate(
        "async ({proof, demand, distance, claim}) => { try { await planCenter.verify(proof, demand, distance, claim); } catch (e) { return e.message; } }",
        other,
    )
    assert message == "the certificate is for another number of patrols or other fixed posts."
