"""Blocks of words: filled, escaped, counted; what is missing is named."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from helpers.compendium import words

TEXT = """
{% block nodes %}
**{{ n | counted("node") }}** of {{ town.title }}{% if more %}: {{ more | listed }}{% endif %}.
{% endblock %}

{% block figure_map %}
Demand in {{ town.title }}

Crimes in each quadrant,
{{ share | percent(1) }} in one.

*See:* how *few* hold it.

And where.
{% endblock %}

{% block table_bare %}
Only a title
{% endblock %}

{% block nothing %}
{% if n > 1 %}More than one.{% endif %}
{% endblock %}
"""


@dataclass(frozen=True)
class Town:
    title: str = "A_1 $<b>$ & co"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "WORDS", tmp_path)

    def write(text: str = TEXT) -> None:
        (tmp_path / "12_x.md").write_text(text, encoding="utf-8")

    write()
    return write


def test_a_block_is_filled_and_names_of_the_data_stand_as_they_are(write):
    facts = {"town": Town(), "n": 1, "more": ["*x*", "y"]}
    said = words.render("12_x", "nodes", facts)
    assert said == r"**1 node** of A\_1 \$\<b\>\$ \& co: \*x\* and y."
    plain = words.render("12_x", "nodes", facts, markdown=False)
    assert plain == "1 node of A_1 $<b>$ & co: *x* and y."


def test_title_caption_and_reading_are_told_apart(write):
    about = words.about("12_x", "figure_map", {"town": Town("Leeds"), "share": 0.1234})
    assert about.title == "Demand in Leeds"
    assert about.caption == "Crimes in each quadrant, 12.3\xa0% in one."
    assert about.reading == "*See:* how *few* hold it.\n\nAnd where."
    assert about.head == "**Demand in Leeds.** Crimes in each quadrant, 12.3\xa0% in one."
    assert words.about("12_x", "table_bare", {}).head == "**Only a title.**"
    write("{% block table_bare %}\nGi* of A*\n{% endblock %}\n")
    assert words.about("12_x", "table_bare", {}).head == r"**Gi\* of A\*.**"
    write("{% block table_bare %}\nIs it a question?\n\nYes.\n{% endblock %}\n")
    assert words.about("12_x", "table_bare", {}).head == "**Is it a question?** Yes."


def test_what_travels_with_a_file_is_plain_and_what_is_shown_is_escaped(write):
    about = words.about("12_x", "figure_map", {"town": Town(), "share": 0.5})
    assert about.title == "Demand in A_1 $<b>$ & co"
    assert about.shown_title == r"Demand in A\_1 \$\<b\>\$ \& co"


def test_a_block_may_say_nothing(write):
    assert words.render("12_x", "nothing", {"n": 1}) == ""


@pytest.mark.parametrize(
    ("block", "facts", "sentence"),
    [
        ("nowhere", {}, "has no block 'nowhere'"),
        # a fact of a branch that is not taken is missed as well
        ("nodes", {"town": Town()}, "block 'nodes' of notebooks/words/12_x.md needs more, n"),
        ("nodes", {"town": Town(), "n": float("nan"), "more": []}, "not there"),
    ],
)
def test_what_is_missing_is_named(write, block, facts, sentence):
    with pytest.raises(words.WordsError, match=sentence):
        words.render("12_x", block, facts)


def test_text_outside_a_block_is_refused(write):
    write(TEXT + "\nleft over")
    with pytest.raises(words.WordsError, match="left over"):
        words.block_names("12_x")


def test_an_edit_is_seen_at_once(write):
    assert words.block_names("12_x") == ["nodes", "figure_map", "table_bare", "nothing"]
    assert words.block_facts("12_x", "figure_map") == {"share"}
    write("{% block other %}\n{{ numbers.mean }}\n{% endblock %}\n")
    assert words.block_names("12_x") == ["other"]
    assert words.render("12_x", "other", {"numbers": {"mean": 1234.5678}}) == "1,235"


def test_a_number_that_was_not_saved_is_no_sentence(write):
    write("{% block other %}\n{{ numbers.mean }}\n{% endblock %}\n")
    with pytest.raises(words.WordsError, match="mean"):
        words.render("12_x", "other", {"numbers": {}})


def test_a_line_of_text_is_filled_as_it_stands():
    assert words.filled("{{ a | fixed(2) }} of\n{{ b }}", {"a": 2, "b": "A_1"}) == "2.00 of A_1"
    with pytest.raises(words.WordsError, match="nowhere"):
        words.filled("{{ numbers.nowhere }}", {"numbers": {}})


@pytest.mark.parametrize("mark", ['"a*b"', "name", '"a*b" if name else ""', '["a*b"] | listed'])
def test_what_is_escaped_for_markdown_stands_plain_elsewhere(write, mark):
    write(f"{{% block one %}}{{{{ {mark} }}}}{{% endblock %}}")
    facts = {"name": "a*b"}
    assert words.render("12_x", "one", facts) == r"a\*b"
    assert words.render("12_x", "one", facts, markdown=False) == "a*b"


def test_what_travels_with_a_file_has_no_signs_but_those_of_the_data(write):
    write(
        "{% block table_x %}\nGi* of *{{ name }}*\n\n"
        "**{{ name }}**, a *ratio* of `p`, {{ names | listed }}: of $s$ at most $1 / (s + 1)$; Gi*, US\\$ 5."
        "\n{% endblock %}\n"
    )
    facts = {"name": "*a* $5 to $9 `x`", "names": ["b*c*", "**d**"]}
    said = words.about("12_x", "table_x", facts)
    assert said.caption == (
        "*a* $5 to $9 `x`, a ratio of p, b*c* and **d**: of s at most 1 / (s + 1); Gi*, US$ 5."
    )
    assert said.title == "Gi* of *a* $5 to $9 `x`"
    assert "*ratio*" in said.shown_caption and r"\*a\*" in said.shown_caption
    # marks of our own cannot come from outside
    assert words.about("12_x", "table_x", {**facts, "name": "\ue000y\ue001"}).title == "Gi* of y"
