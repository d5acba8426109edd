"""What comes through the cleaning of HTML, markdown and formulas, and what does not."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.report.clean import ALLOWED, Headings, clean_html
from helpers.report.markdown import render_markdown
from helpers.report.mathml import to_mathml


class _Tags(HTMLParser):
    """Every element and attribute of a text, as a browser's tokenizer would find them."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.depth: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("br", "hr", "img", "col"):
            self.depth.append(tag)

    def handle_endtag(self, tag):
        assert self.depth.pop() == tag


def assert_harmless(html: str) -> None:
    found = _Tags(html)
    assert not found.depth
    for tag, attributes in found.tags:
        assert tag in ALLOWED | {"div"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("style", "id", "srcset", "action", "formaction")
            if name in ("href", "src"):
                assert not re.match(r"\s*(javascript|data|vbscript|file|//)", value, re.IGNORECASE)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<script>x()</script>y", "y"),
        ("<SCRIPT src=//h/x.js></SCRIPT>y", "y"),
        ("<style>@import 'https://h/a.css'</style>y", "y"),
        ("<svg><a href='javascript:x'>t</a></svg>y", "y"),
        ("<math><mtext><script>x</script></mtext></math>y", "y"),
        ("<iframe src=x>z</iframe>y", "y"),
        ("<link rel=stylesheet href=https://h/a.css>y", "y"),
        ("<blink>y</blink>", "y"),
        ("<p style='background:url(https://h/i)' onclick=x() id=main>y</p>", "<p>y</p>"),
        ("<img src=https://h/i.png alt='far away'>", "[far away]"),
        ("<img src=x onerror=alert(1)>", "[image not in the report]"),
        ("<a href='  java\nscript:x()'>y</a>", "<a>y</a>"),
        ("<a href='//h/x'>y</a>", "<a>y</a>"),
        ("<a href='a.csv'>y</a>", '<a href="a.csv">y</a>'),
        ("<b>a<i>b", "<b>a<i>b</i></b>"),
        ("</b>a", "a"),
        ("a < b &lt;script&gt; &amp;", "a &lt; b &lt;script&gt; &amp;"),
        ("<!-- <script>x</script> -->y", "y"),
        ("<![<", "&lt;![&lt;"),
        ("<![CDATA[<script>x</script>]]>", "&lt;![CDATA[]]&gt;"),
    ],
)
def test_only_harmless_html_is_kept(written, kept):
    assert clean_html(written) == kept


def test_a_link_to_elsewhere_tells_nothing_of_the_page():
    kept = clean_html('<a href="https://data.police.uk/a?b=1&c=2" target=_top>y</a>')
    assert kept == '<a href="https://data.police.uk/a?b=1&amp;c=2" rel="noopener noreferrer">y</a>'


PIECES = st.lists(
    st.sampled_from(
        [
            "<", ">", "</", "/>", "<!--", "-->", '"', "'", "=", " ", "a", "&lt;", "&#60;", "\n", "`",
            "script", "<script>", "</script>", "<p ", "<img src=", "<a href=", "javascript:", "onload=",
            "<style>", "<svg>", "<math>", "<table>", "<tr>", "<td>", "</table>", "<h3>", "</h3>",
            "<textarea>", "<title>", "<noscript>", "<![CDATA[", "]]>", "<?", "\0", "$", "$$", "\\text{",
            "}", "\ue000", "0", "\ue001", "# ", "![", "](", ")", "|",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(PIECES)
def test_no_html_does_harm(written):
    assert_harmless(clean_html(written))


@given(PIECES)
def test_html_in_a_citys_words_is_shown_as_written(written):
    html = re.sub(r"<math.*?</math>", "", render_markdown(written), flags=re.DOTALL)
    html = re.sub(r' (class|role|aria-label|tabindex)="[^"]*"', "", html)
    assert_harmless(html)


def test_markdown_shows_html_or_reads_it():
    assert "&lt;b&gt;x&lt;/b&gt;" in render_markdown("<b>x</b>")
    assert "<b>x</b>" in render_markdown("<b onclick='y()'>x</b>", raw_html=True)
    assert "javascript" not in render_markdown("[x](javascript:y)")


def test_headings_come_in_order_with_anchors_of_their_own():
    headings = Headings()
    html = "".join(
        clean_html(text, headings=headings)
        for text in ("<h4>A b</h4>", "<h6>A b</h6><h1>Ç &amp; d</h1>")
    )
    assert headings.found == [(2, "a-b", "A b"), (3, "a-b-2", "A b"), (2, "c-d", "Ç & d")]
    assert re.findall(r'<h(\d) id="([^"]+)"', html) == [("2", "a-b"), ("3", "a-b-2"), ("2", "c-d")]


def test_a_formula_in_a_heading_stays_out_of_its_anchor():
    headings = Headings()
    html = render_markdown("## The $G^*$ test", headings=headings)
    assert headings.found == [(2, "the-test", "The test")]
    assert html.count("<math") == 1
    assert "\ue000" not in html


def test_columns_of_numbers_are_marked_and_words_are_not():
    html = clean_html(
        "<table><thead><tr><th></th><th>kind</th><th>n</th><th>share</th></tr></thead><tbody>"
        "<tr><th rowspan=2>x</th><td>a</td><td>1,204</td><td>−0.5</td></tr>"
        "<tr><td>2</td><td>NaN</td><td>1e-9</td></tr></tbody></table>"
    )
    marked = re.findall(r'class="number">([^<]*)<', html)
    assert marked == ["n", "share", "1,204", "−0.5", "NaN", "1e-9"]
    # a head without a word is no head
    assert '<thead><tr><td class="row-head"></td><th>kind</th>' in html
    assert 'tabindex="0"' in html


def test_the_first_column_is_marked_where_a_row_has_it():
    html = clean_html(
        "<table><thead><tr><th></th><th>kind</th><th>n</th></tr></thead><tbody>"
        "<tr><th rowspan=2>x</th><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr>"
        "<tr><td colspan=3>in all</td></tr><tr><td>7</td><td>c</td><td>3</td></tr></tbody></table>"
    )
    assert re.findall(r'<t[hd][^>]*class="row-head"[^>]*>([^<]*)<', html) == ["", "x", "7"]
    assert "row-head" not in clean_html(
        "<table><tr><td>alone</td></tr><tr><td>too</td></tr></table>"
    )


def test_a_long_text_of_a_table_has_a_width_of_its_own():
    cells = "".join(f"<tr><td>{k}</td><td>{'+ zone ' * k}</td></tr>" for k in (2, 9))
    head = "<thead><tr><th>area</th><th>a heading is none, however many words there are in it</th></tr></thead>"
    html = clean_html(f"<table>{head}<tbody>{cells}</tbody></table>")
    assert re.findall(r'<t[hd][^>]*class="long"[^>]*>([^<]*)<', html) == ["+ zone " * 9]


def test_the_names_of_an_index_stand_beside_those_of_the_columns():
    import pandas

    index = pandas.MultiIndex.from_tuples([("x", "a"), ("x", "b")], names=["kind", "<year>"])
    frame = pandas.DataFrame({"n": [1, 2], "word": ["p", "q"]}, index)
    html = clean_html(frame.to_html())
    head = re.search("<thead>(.*?)</thead>", html, re.DOTALL)[1]
    assert head.count("<tr") == head.count("</tr>") == 1
    assert re.findall("<th[^>]*>([^<]*)</th>", head) == ["kind", "&lt;year&gt;", "n", "word"]
    assert re.findall('class="number">([^<]*)<', html) == ["n", "1", "2"]
    assert_harmless(html.replace(' role="group" tabindex="0" aria-label="Table"', ""))


def mathml(tex: str, display: bool = False) -> ElementTree.Element:
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", to_mathml(tex, display=display)))
    assert root.tag == "math"
    return root


def test_formulas_become_mathml_with_their_tex_beside_them():
    root = mathml(r"\frac{a}{b} < c", display=True)
    assert root.get("display") == "block"
    assert ["".join(part.itertext()) for part in next(root.iter("mfrac"))] == ["a", "b"]
    assert root.find("semantics/annotation").text == r"\frac{a}{b} < c"


@pytest.mark.parametrize(
    ("tex", "tag"),
    [(r"\sum_j x", "munder"), (r"\sum_{j=1}^n x", "munderover"), (r"\max_i x", "munder"),
     (r"\int_0^1 x", "msubsup"), ("x_i", "msub")],
)  # fmt: skip
def test_limits_stand_where_the_field_sets_them(tex, tag):
    assert mathml(tex, display=True).find(f".//{tag}") is not None


def test_aligned_equations_become_rows():
    root = mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True)
    assert len(list(root.iter("mtr"))) == 2


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        (r"a, \qquad b", ["a,", "b"]),
        (r"a \quad (1) \qquad b \quad (5, 6)", [r"a \quad (1)", r"b \quad (5, 6)"]),
        (r"a \quad (x + 1)", ["a", "(x + 1)"]),
        (
            r"\sum_{i \quad j} \left( a \quad b \right)",
            [r"\sum_{i \quad j} \left( a \quad b \right)"],
        ),
        (
            r"\begin{aligned} a &\quad b \end{aligned}",
            [r"\begin{aligned} a &\quad b \end{aligned}"],
        ),
        (r"\{ a \quad b", [r"\{ a", "b"]),
        (r"{ a \quad b", [r"{ a \quad b"]),
    ],
)
def test_equations_of_one_line_are_parted_outside_of_groups(tex, pieces):
    from helpers.report.mathml import displayed, side_by_side

    assert side_by_side(tex) == pieces
    assert displayed(tex).count("<math") == len(pieces)


@pytest.mark.parametrize("tex", [r"\nosuchcommand{x}", r"\left( x", r"\frac{a}", "{", "^"])
def test_a_formula_that_cannot_be_converted_is_shown_as_written(tex):
    shown = to_mathml(tex)
    assert shown.startswith(("<code", "<math"))
    if shown.startswith("<math"):
        assert "\\" not in re.sub("<annotation.*", "", shown)


def test_text_inside_a_formula_cannot_break_out():
    shown = to_mathml(r"\text{<script>alert(1)</script>} \text{&lt;b&gt;}")
    assert "<script" not in shown
    assert "<b>" not in shown
    ElementTree.fromstring(shown)


@given(st.text(alphabet="\\{}<>&^_$ab\"'#;:()/0 ", max_size=30))
def test_no_tex_breaks_the_page(tex):
    ElementTree.fromstring(to_mathml(tex, display=True))
