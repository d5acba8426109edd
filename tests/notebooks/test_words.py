"""Notebooks and their words fit: no block is missing, none is left over, each gets its facts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from jinja2 import Environment, nodes

from helpers.compendium import words
from helpers.patterns import study

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
PREFIX = {
    "say": "",
    "figure": "figure_",
    "table": "table_",
    "document": "document_",
    "layers": "layers_",
}
# What section.figure and its like take for themselves.
OWN = {"svg", "file_format", "rows", "headings", "decimals", "beside", "of_city", "about"}


def asked_blocks(content) -> dict[str, list[set[str] | None]]:
    """Blocks that the cells ask for, with the facts each call gives; None where they are `**`."""
    asked: dict[str, list[set[str] | None]] = {}
    for cell in content.cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in PREFIX or getattr(node.func.value, "id", "") != "section":
                continue
            where = node.args[0 if node.func.attr == "say" else 1]
            for name in names_of(where):
                given = {keyword.arg for keyword in node.keywords}
                facts = None if None in given else given - OWN
                asked.setdefault(PREFIX[node.func.attr] + name, []).append(facts)
    return asked


def filled(section: str, block: str, facts: dict) -> str:
    """A block of a city with nothing simulated, unless the facts say otherwise."""
    return words.render(section, block, {"caveat": "", **facts})


def names_of(node: ast.expr) -> list[str]:
    assert isinstance(node, ast.Constant), f"the name is no plain text: {ast.unparse(node)}"
    return [node.value]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_block_is_asked_for_and_every_asked_block_is_there(path):
    asked = asked_blocks(nbformat.read(path, as_version=4))
    assert sorted(asked) == sorted(words.block_names(path.stem))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_block_gets_the_facts_it_speaks_of_and_no_other(path):
    for block, calls in asked_blocks(nbformat.read(path, as_version=4)).items():
        for given in calls:
            if given is not None:
                assert given == words.block_facts(path.stem, block), block


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_words_print_a_parameter_that_may_be_auto(path):
    """`parameters.rows` is "auto" until somebody states it; what was used stands in the numbers."""
    written = words.words_path(path.stem)
    text = written.read_text(encoding="utf-8") if written.is_file() else ""
    printed = set(re.findall(r"{{ *parameters\.(\w+)", text))
    cells = nbformat.read(path, as_version=4).cells
    stated = "\n".join(c.source for c in cells if "parameters" in c.metadata.get("tags", []))
    auto = set(re.findall(r'^(\w+) = "auto"', stated, re.MULTILINE))
    assert not printed & auto


@pytest.mark.parametrize("path", sorted(words.WORDS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_words_are_of_a_section_and_plain(path):
    text = path.read_text(encoding="utf-8")
    assert path.stem in {notebook.stem for notebook in NOTEBOOKS}
    assert not re.search(r"\b(\w+) \1\b(?! that| had)", text), "a word stands twice"
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


def results(expression) -> list[str]:
    """Texts that an expression of the words may give by itself, unfiltered."""
    if isinstance(expression, nodes.CondExpr):
        return results(expression.expr1) + results(expression.expr2)
    plain = isinstance(expression, nodes.Const) and isinstance(expression.value, str)
    return [expression.value] if plain else []


@pytest.mark.parametrize("path", sorted(words.words_path("x").parent.glob("[0-9]*.md")), ids=str)
def test_no_text_in_braces_begins_or_ends_with_a_blank(path):
    """Texts of the data are trimmed when they are shown, and with them a blank that parts two words."""
    tree = Environment().parse(path.read_text(encoding="utf-8"))
    given = [
        text for shown in tree.find_all(nodes.Output) for part in shown.nodes
        for text in results(part)
    ]  # fmt: skip
    assert [text for text in given if text != text.strip()] == []


def test_a_caption_ends_where_its_paragraph_ends():
    """The end of a condition takes that of its line along, and the next paragraph joins the caption."""
    joined = re.compile(r"^[ \t]*(?!\{%)\S.*[^+]%\}\n[ \t]*\n(?!\{% endblock)", re.MULTILINE)
    block = re.compile(
        r"\{% block (?:figure|table|layers|document)_\w+ %\}.*?\{% endblock %\}", re.DOTALL
    )
    texts = {path.stem: path.read_text(encoding="utf-8") for path in words.WORDS.glob("[0-9]*.md")}
    assert sum(len(block.findall(text)) for text in texts.values()) > 150
    found = [(name, hit[0]) for name, text in texts.items() for part in block.findall(text)
             for hit in joined.finditer(part)]  # fmt: skip
    assert found == []


def test_a_band_is_said_to_keep_its_spots_only_where_a_wider_one_does():
    def said(to: float) -> str:
        facts = {"label": "People", "cold": 2, "least": 3.5, "numbers": {"cold_same_to_km": to}}
        return filled("21_district_hot_spots", "steady", facts)

    assert "3.55 km" in said(3.55)
    assert "bands up to" not in said(3.5)


def test_a_test_that_finds_nothing_is_no_proof():
    """San Miguel's events are simulated in clusters that the test did not see."""

    class Tested:
        p_value, blunt, simulations = 0.4, False, 99

    def said(truth: float | None) -> str:
        facts = {"uneven": Tested, "along": None, "risk": None, "shown": "2019", "truth": truth}
        facts["numbers"] = {"sharing": 0.0}
        return filled("13_patrol_clustering", "beyond", facts)

    assert "cannot tell" in said(None) and "no proof" in said(None)
    assert "the truth is known" in said(507.0)
    assert "the truth is known" not in said(None)


def test_a_test_that_can_hardly_tell_hands_out_no_p():
    """Of Leeds the mean of the simulations falls to a tenth of r."""

    class Tested:
        p_value, blunt, collapsed = 0.23, True, True
        table = pd.DataFrame({"r": [0.0, 950.0], "mean": [0.0, 100.0]})

    facts = {"uneven": Tested, "along": None, "risk": None, "shown": "2019", "truth": None}
    facts["numbers"] = {"sharing": 0.0}
    told = filled("13_patrol_clustering", "beyond", facts)
    assert "can hardly tell" in told and "0.23" not in told
    facts = {"uneven": Tested, "named": "each place once"}
    told = filled("13_patrol_clustering", "figure_uneven", facts)
    assert "−850 m at 950 m" in told and "not quite zero" not in told


def test_lines_on_the_risk_map_stand_beside_what_chance_gives():
    class Risk:
        kind, permutations, p_value, outlined = "Theft", 39, 0.025, 0.4

    facts = {"risk": Risk, "shown": "July 2018"}
    told = filled("13_patrol_clustering", "figure_risk", facts)
    assert "p ≤ 0.025, the least that 39 can give" in told
    assert re.search(r"\b40\s%", told) and re.search(r"\b5\s%", told), told
    Risk.p_value = 0.425
    assert "p = 0.425" in filled("13_patrol_clustering", "figure_risk", facts)


@pytest.mark.parametrize("path", sorted(words.WORDS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_numbers_of_simulations_come_from_the_results(path):
    """A count that is written out stays as it is when the code draws more or fewer."""
    text = path.read_text(encoding="utf-8")
    assert not re.findall(
        r"\b(?:19|29|39|99|199|499|999) (?:\w+ )?(?:patterns|simul|draws|perm)", text
    )


def functions_told(course: study.Course) -> str:
    numbers = {f"{name}_{what}": 0.997 for name in "gfk" for what in ("above", "below")}
    numbers |= {f"{name}_p": 0.01 for name in "gfk"}
    numbers |= {f"{name}_simulations": 99 for name in "gfk"}
    facts = {"numbers": numbers | {f"{name}_sign": 1 for name in "gfk"}, "level": 0.05}
    inside = study.Course((), 9.0, 0)
    courses = {"G": course, "F": inside, "K": inside}
    facts |= {"peak": 500.0, "rising": False, "courses": courses}
    return filled("13_patrol_clustering", "functions", facts)


def test_a_share_that_is_called_the_least_is_never_rounded_up():
    told = functions_told(study.Course(("below (5 to 80 m)", "above (90 m)"), 9.0, 2))
    assert "at least 99" in told and "100" not in told
    assert told.count("leaves the envelope below (5 to 80 m), then above (90 m)") == 1
    assert "(2 stretches outside it of less than 9 m are not listed)" in told
    assert "on both sides" in told
    assert "both sides" not in functions_told(study.Course(("above (90 m)",), 9.0, 3))


def test_the_least_p_that_simulations_can_give_says_at_most():
    assert functions_told(study.Course((), 9.0, 0)).count("p ≤ 0.010") == 3


@pytest.mark.parametrize(
    ("clusters", "told"),
    [(0, "there is no cluster"), (1, "the one cluster holds"), (4, "the largest of 4 clusters")],
)
def test_one_cluster_is_not_the_largest(clusters, told):
    row = {"name": "Theft", "events": 500, "largest_fixed": 0.9, "ratio_fixed": 0.5}
    row |= {"min_samples_rule": 6, "ratio_rule": 0.4, "clusters_hdbscan": 2}
    row |= {"clusters_rule": clusters, "largest_rule": 0.9}
    row |= {"clusters_pooled": clusters, "largest_pooled": 0.8}
    table = pd.DataFrame([row]).rename_axis("kind")
    table.index = pd.Index(["Theft"], name="kind")
    facts = {"table": table.drop(columns="name"), "shown": "July 2018", "grows": False}
    facts |= {"numbers": {"eps_m": 500.0}, "parameters": {"least": 5}}
    said = " ".join(filled("13_patrol_clustering", "reading_clusters", facts).split())
    assert said.count(told) == 2 and "of 1 cluster" not in said


def test_a_figure_says_how_many_of_the_zones_it_draws():
    facts = {"label": "crimes", "found": 100, "drawn": 60}
    told = "(of 100 zones the hottest and the coldest 30 are drawn)."
    assert told in filled("21_district_hot_spots", "figure_choices", facts)
    assert "are drawn" not in filled(
        "21_district_hot_spots", "figure_choices", {**facts, "found": 60}
    )


def test_plain_words_say_what_is_simulated():
    """What is read first is quoted without the badge that stands elsewhere on the page."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in words.WORDS.glob("[0-9]*.md")}
    marked = "**In plain words{% if caveat %} ({{ caveat }}){% endif %}.**"
    opened = {name: text.count("**In plain words") for name, text in texts.items()}
    assert {name: text.count(marked) for name, text in texts.items()} == opened
    assert {name[:2] for name, count in opened.items() if count} >= {
        "12",
        "13",
        "14",
        "15",
        "16",
        "31",
        "32",
    }
    facts = {"uneven": None, "along": None, "risk": None, "shown": "2019", "truth": None}
    facts |= {"numbers": {"sharing": 0.0}, "caveat": "events simulated"}
    told = filled("13_patrol_clustering", "beyond", facts)
    assert told.startswith("**In plain words (events simulated).**")
    assert filled("13_patrol_clustering", "beyond", {**facts, "caveat": ""}).startswith(
        "**In plain words.**"
    )


@pytest.mark.parametrize(
    ("made", "of", "told"),
    [
        (["a", "b"], 3, "**2 of the 3 criteria are simulated**"),
        (["a"], 3, "**1 of the 3 criteria is simulated**"),
        (["a", "b"], 2, "**All of the 2 criteria are simulated**"),
        ([], 2, ""),
    ],
)
def test_simulated_criteria_are_counted(made, of, told):
    facts = {"numbers": {"simulated": made, "criteria": of}, "table": {"alike": [], "unsteady": []}}
    said = filled("31_priority_ranking", "criteria", facts)
    assert said.startswith(told) and bool(said) == bool(made)


def test_hot_spots_say_plainly_how_far_they_hang_on_their_definition():
    row = dict.fromkeys(("hot_dealt", "cold_dealt", "cold_fdr", "cold_least", "cold_most"), 0)
    row |= {"label": "Crimes", "hot_fdr": 1, "hot_least": 3, "hot_most": 9}
    said = filled("21_district_hot_spots", "ranges", {"numbers": {"zones": 55}, "ranges": [row]})
    assert "Of 55 zones, 3 to 9 are hot in **Crimes**, by who counts as a neighbour." in said
    assert "1 of those on the map remains" in said and "as much on that definition" in said
    steady = row | {"hot_least": 9, "hot_fdr": 8}
    said = filled("21_district_hot_spots", "ranges", {"numbers": {"zones": 55}, "ranges": [steady]})
    assert "Of 55 zones, 9 are hot in **Crimes**. " in said and "changes this little" in said


@pytest.mark.parametrize(("proven", "told"), [
    (True, "no plan is better, and that is proven"), (False, "none is by more than 2.5\xa0%"),
])  # fmt: skip
def test_a_plan_says_plainly_how_even_it_is_and_whether_that_is_proven(proven, told):
    plan = {"objectives": {"eq1": 40.0}, "proven": proven, "gap": 0.025, "value": 40, "bound": 39,
            "method": "exact"}  # fmt: skip
    facts = {"numbers": {"mean": 250.0, "areas": 4}, "plan": plan, "total": 1000, "further": []}
    facts["parameters"] = {"objective": "eq1"}
    said = filled("22_district_models", "plan", facts)
    assert "An equal share would be 250 in each of 4 areas" in said
    assert "adds up to 4.00\xa0% of the total" in said and told in said


def test_methods_say_plainly_how_far_they_end_from_the_best():
    row = {"label": "Crimes", "least": 12.0, "leaders": ["ga"], "optimal": False, "weak": False,
           "best": 10.0, "best_of_all": 10.0, "found_by": "exact", "widest": None,
           "random_best": 35.0, "random_median": 60.0, "bound": 9.0}  # fmt: skip
    said = filled("23_district_results", "methods", {"findings": [row]})
    assert "half of the runs of the best method end at 1.20 times that or less" in said
    assert "of 100 plans drawn at random the best has 3.50 times as much" in said
    said = filled("23_district_results", "methods", {"findings": [row | {"best_of_all": 0.0}]})
    assert "the best has 35" in said


@pytest.mark.parametrize(
    ("better", "ends", "told"),
    [
        (14, [13, 14], "nearer than today's beyond chance are only 14 or more. In the"),
        ("none", [13, None], "(13 to more than the curve has, for"),
        (9, [13, 13], "to 1.7\xa0%); that is beyond chance. In the"),
    ],
)
def test_a_match_with_today_is_followed_by_what_later_crimes_say(better, ends, told):
    numbers = {"fewest_that_cope": 2, "smallest_match_ends": ends, "later_period": "2019"}
    numbers |= {"match_afterwards": [-0.006, -0.029, 0.017], "surely_better": better}
    facts = {"numbers": numbers, "reading": {"match": 13, "knee": 5}, "busy": {}, "gain": 0,
             "use": {"posts": 17, "used": 17}, "town": {"policy": True}, "driven_saving": 0,
             "parameters": {"threshold": 15.0}}  # fmt: skip
    said = " ".join(filled("16_patrol_evaluation", "reading", facts).split(" ")).replace("\n", " ")
    assert told in said
    assert "On the crimes of 2019 they save −0.6\xa0% of the distance (−2.9\xa0%" in said


def test_the_first_look_says_what_so_many_places_would_have_been_enough_for():
    numbers = {"events": 900, "places": 700, "ks_d_x_places": 0.28, "ks_log10_p_x_places": -425.9}
    numbers |= {"ks_d_x": 0.3, "ks_p_x": 0.001, "ks_drawn": 999, "kinds_not_random": 2}
    facts = {"numbers": numbers, "town": {"title": "X"}, "chance": 0.01, "enough": 29, "kinds": 2}
    said = filled("12_patrol_exploration", "reading", facts)
    assert "29 places would already have told it from chance" in said
    assert "10 to the power 426 such towns" in said.replace("425.9", "426")


def test_a_criterion_that_ranks_nothing_says_whether_chance_or_the_data_made_it_so():
    facts = {"numbers": {"simulated": []}, "table": {
        "alike": ["flat", "odd"], "by_chance": ["odd"], "unsteady": [],
        "labels": {"flat": "Flat", "odd": "Odd", "few": "Few"},
    }}  # fmt: skip
    said = filled("31_priority_ranking", "criteria", facts)
    assert "All zones are alike in **Flat**" in said
    assert "In **Odd** zones differ by no more than chance gives" in said
    facts["table"] |= {"alike": [], "unsteady": ["few"]}
    assert "**what it ranks is chance**" in filled("31_priority_ranking", "criteria", facts)


RULES = words.WORDS.parents[1] / "data" / "raw" / "claims_rules.yml"


@pytest.mark.parametrize("path", [*sorted(words.WORDS.glob("[0-9]*.md")), RULES], ids=str)
def test_every_p_value_in_a_sentence_is_written_in_the_one_way(path):
    """`of_p` knows which p is the least that its simulations can give, and that none is 0."""
    text = path.read_text(encoding="utf-8")
    signs = re.findall(r"\bp *(?:=|<|≤|is)? *\{\{ *(?!numbers\.ks_log10)[^}]*\}\}", text)
    # a number of patrols is called p too
    assert [sign for sign in signs if "patrols" not in sign] == []
    given = re.findall(r"\{\{ *([\w.\[\]\"~ ]*(?:\bp|_p|p_value|p_holm|ks_p_\w+)) *\| *(\w+)", text)
    assert [pair for pair in given if pair[1] != "of_p" and pair[0] != "numbers.p"] == []


def test_a_sign_of_triggering_that_rests_on_few_permutations_says_at_most():
    """Of 19 permutations no p is below 0.05."""
    found = {"incidents": 900, "events": 1000, "places": 400, "days": 365, "snapped": 0}
    found |= {"converged": True, "sign": True, "theta": 0.1, "low": 0.05, "high": 0.2, "delay": 3.0}
    found |= {"gain": 20.0, "permutations": 19, "permuted": 2.0, "p": 0.05}
    facts = {"found": found, "no_process": "", "no_recurrent": ""}
    assert "(p ≤ 0.050)" in filled("14_patrol_forecasting", "more_models", facts)
    none = {**facts, "found": found | {"sign": False, "p": 0.4}}
    assert "; p = 0.400)" in filled("14_patrol_forecasting", "more_models", none)


def test_the_highest_near_repeat_says_of_how_many_cells():
    """What is picked as the highest of many is too high on average, though its p allows for all."""

    class Repeats:
        table = pd.DataFrame({"p_family": [0.01, 0.3, np.nan, 1.0]})
        permutations, p_value = 99, 0.01

    class Rhythms:
        tables, summary = {"week": 1}, pd.DataFrame()

    cell = {"space": "0 to 100", "time": "1 to 3", "ratio": 2.311, "p_family": 0.01}
    facts = {"rhythms": Rhythms, "repeats": Repeats, "sure": [cell], "shown": "2019"}
    facts |= {"precision": "day", "town": None}
    told = filled("12_patrol_exploration", "when", facts)
    assert "1 of 3 cells of the table of near repeats stands out" in told
    assert "2.31 times the pairs that permuted dates give (p ≤ 0.010, with all 3 cells" in told
    assert "of 3 cells the one that is picked for being high tends to lie above" in told


def blocks_of_results():
    return [
        (path.stem, name) for path in sorted(words.WORDS.glob("[0-9]*.md"))
        for name in words.block_names(path.stem)
        if name.startswith(("figure_", "table_", "layers_", "document_"))
    ]  # fmt: skip


def test_no_description_of_a_file_has_signs_of_markdown():
    """Lists of files, alternative texts and the files themselves show captions as they stand."""
    found = []
    for section, name in blocks_of_results():
        text = (words.WORDS / f"{section}.md").read_text(encoding="utf-8")
        block = re.search(rf"{{% block {name} %}}(.*?){{% endblock %}}", text, re.DOTALL)
        ours = re.sub(r"{{.*?}}|{%.*?%}", "x", block[1], flags=re.DOTALL)
        told = words._paragraphs(words._without_signs(ours))[:2]
        found += [(name, sign) for sign in re.findall(r"[$`\\]|\*(?<!Gi\*)|[_^]{", " ".join(told))]
    assert found == []
    assert len(blocks_of_results()) > 150


ROOT = words.WORDS.parents[1]
TEXTS = (
    *sorted(words.WORDS.glob("*.md")), *NOTEBOOKS, *sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md",
    ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "data" / "raw").glob("claims*.yml")),
    *sorted((ROOT / "src" / "helpers" / "report").rglob("*.j2")),
)  # fmt: skip


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_a_sign_of_per_cent_stands_behind_a_space(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    # widths of a page's parts and addresses are no texts
    text = re.sub(r"https?://\S+|style=\"[^\"]*\"|\b\w+=\"[^\"]*%\"|{%.*?%}", "", text)
    assert re.findall(r".{0,30}(?:\d|}})%", text) == []


def test_no_code_writes_a_share_without_the_space():
    """`helpers.checks.per_cent` writes it; a format of Python's own leaves the space out."""
    found = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                found += [(path.name, node.lineno)] * ast.unparse(node.format_spec).rstrip(
                    "'"
                ).endswith("%")
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found += [(path.name, node.lineno)] * bool(
                    re.search(r"{[^{}]*:[+,.\d]*%}", node.value)
                )
    assert found == []
