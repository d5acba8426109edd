"""Tables as people see them; the frame that is saved is not touched."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from helpers.compendium import columns
from helpers.compendium.columns import Column
from helpers.patterns import bandwidths as patterns
from helpers.plots.clustering import CORRECTIONS


@pytest.fixture(autouse=True)
def known(monkeypatch):
    group = {
        "probe_m": Column("Mean distance", "m", "whole"),
        "probe_share": Column("Part", form="percent1"),
    }
    monkeypatch.setattr(columns, "GROUPS", (*columns.GROUPS, group))


def texts(frame: pd.DataFrame) -> list[list[str]]:
    """Heading and cells, as a browser would show them."""
    html = columns.styled(frame).to_html()
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in html.split("<tr>")[1:]]
    return [[unescape(cell) for cell in row] for row in rows]


def test_headings_carry_units_and_cells_their_format():
    frame = pd.DataFrame(
        {
            "probe_m": [1234.5, np.nan],
            "probe_share": [0.1234, 0],
            "proven": [True, False],
            "Arson": [2, 3],
        },
        index=pd.Index(["a", "b"], name="method"),
    )
    kept = frame.copy()
    assert texts(frame) == [
        ["Method", "Mean distance, m", "Part", "Proven", "Arson"],
        ["a", "1,234", "12.3\xa0%", "yes", "2"],
        ["b", "–", "0.0\xa0%", "no", "3"],
    ]
    pd.testing.assert_frame_equal(frame, kept)


def test_two_columns_may_carry_one_name_and_an_index_without_name_is_not_shown():
    frame = pd.DataFrame([[1, 2]], columns=["Arson", "Arson"], index=[7])
    assert texts(frame)[1] == ["1", "2"]


def test_levels_of_headings_are_joined():
    frame = pd.DataFrame([[1.5]], columns=pd.MultiIndex.from_tuples([("2024", "probe_m")]))
    assert texts(frame) == [["2024 · Mean distance, m"], ["2"]]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (-0.5, "percent", "−50\xa0%"),
        (-5195.72, "fixed1", "−5,195.7"),
        (-840.2, "whole", "−840"),
        (-0.04, "fixed1", "0.0"),
        (-0.25, "digits", "−0.25"),
        (float("inf"), "whole", "∞"),
        (0.0, "scientific", "0"),
        (3e-10, "scientific", "3.0e-10"),
        (12345.678, "fixed2", "12,345.68"),
        (np.int64(5), "digits", "5"),
        (pd.Timestamp("2024-05-01"), "digits", "2024-05-01 00:00:00"),
        ([0.5, 0.25], "fixed2", "0.50; 0.25"),
        ("=1+1", "whole", "=1+1"),
        (np.True_, "digits", "yes"),
        (pd.NA, "digits", "–"),
        (pd.NaT, "text", "–"),
    ],
)
def test_a_cell(value, form, text):
    assert columns.written(value, form) == text


def test_the_least_p_that_simulations_can_give_says_at_most():
    """1/40 is the least of 39 simulations, and 5 of 200 with 199."""
    frame = pd.DataFrame(
        {"p_g": [0.025, 0.025, 0.005, np.nan], "simulations_g": [39, 199, 199, 39]}
    )
    cells = [row[0] for row in texts(frame)[1:]]
    assert cells == ["≤ 0.025", "0.025", "≤ 0.005", "–"]
    # where a table does not say how many, p stands as it is
    assert texts(frame[["p_g"]])[1] == ["0.025"]


def test_names_of_the_code_are_written_as_people_write_them():
    frame = pd.DataFrame(
        {"correction": ["km", "chiu_stoyan", "border"], "rule": ["scott_iso", "cvl", "mine"]}
    )
    rows = texts(frame)[1:]
    assert rows == [
        ["Kaplan-Meier", "Scott, one width"],
        ["Chiu-Stoyan", "Cronie and van Lieshout (cvl)"],
        ["border", "mine"],
    ]
    # a kind of the data that is called so is no correction; nor is a column that the data name
    assert texts(pd.DataFrame({"kind": ["km"]}))[1] == ["km"]
    own = columns.styled(pd.DataFrame({"rule": ["cvl"]}), headings={"rule": "A rule"}).to_html()
    assert "Lieshout" not in own
    assert frame["correction"].tolist()[0] == "km"


def test_each_correction_and_rule_that_the_code_has_is_named():
    """A name with an underscore, or of letters only the code knows, is no word for a reader."""
    known = {*patterns.RULES, *CORRECTIONS}
    shown = {columns.RULES.get(one, columns.CORRECTIONS.get(one, one)) for one in known}
    assert [one for one in shown if "_" in one or one in {"km", "cvl", "ppl", "raw"}] == []


def test_the_least_p_adjusted_for_several_tests_says_at_most_too():
    """42 tests with 1,680 patterns: none can be below 42/1,681, whatever the data are."""
    frame = pd.DataFrame(
        {"patterns_drawn": [999, 1680, 1680, 999], "tests_together": [3, 42, 42, 3],
         "p_holm": [0.003, 42 / 1681, 0.03, np.nan]}
    )  # fmt: skip
    assert [row[-1] for row in texts(frame)[1:]] == ["≤ 0.003", "≤ 0.025", "0.030", "–"]
    # an exact p has no least that draws could give: neither draws nor tests stand beside it
    assert texts(frame[["p_holm"]])[1] == ["0.003"]
    assert texts(frame.drop(columns="tests_together"))[1][-1] == "0.003"


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0321, "0.032"),
        (0.0004, "4.0e-04"),
        (1e-299, "1.0e-299"),
        (1e-300, "< 1e-300"),
        (0.0, "< 1e-300"),
    ],
)
def test_no_p_value_is_shown_as_nought(p, shown):
    for name in ("p_one_rate", "p_beyond", "p_holm", "trend_p", "p"):
        assert texts(pd.DataFrame({name: [p]}))[1] == [shown]


def test_columns_of_p_values_are_written_in_the_one_way():
    for group in columns.GROUPS:
        for name, shown in group.items():
            is_p = re.search(r"(^|_)p(_|$)", name) and not name.startswith("log10")
            assert (shown.form == "p") == bool(is_p), name


def test_every_column_of_draws_has_a_heading():
    shown = [one for group in columns.GROUPS for one in group.values()]
    named = [name for one in shown for name in (one.draws, one.tests) if name]
    assert [name for name in named if columns.column(name) is None] == []
    assert all(one.draws for one in shown if one.tests)


def test_a_name_means_one_thing():
    names = [name for group in columns.GROUPS for name in group]
    assert len(names) == len(set(names))
    for group in columns.GROUPS:
        for name, shown in group.items():
            assert columns.written(1.5, shown.form), name
            assert shown.label.strip()


def test_a_heading_of_the_data_may_have_braces():
    frame = pd.DataFrame({"{0} {name} a label": [1], "{": [2]})
    assert texts(frame)[0] == ["{0} {name} a label", "{"]


def test_columns_named_by_the_data_mean_what_is_said_of_them():
    frame = pd.DataFrame({"low": [0.25], "income": [8407.5]}, index=pd.Index([1], name="place"))
    plain = columns.styled(frame).to_html()
    assert "From" in plain and "Income a head" in plain
    own = columns.styled(frame, headings={"low": "low", "income": "Income {median}"}).to_html()
    assert "From" not in own and "a head" not in own
    assert all(said in own for said in (">Place<", ">low<", ">Income {median}<", "8,408"))
