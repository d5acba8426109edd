"""The sentences of a section: blocks of Markdown in ``notebooks/words``, filled with its facts.

A file of words is plain Markdown cut into named blocks, with the marks of Jinja where a number or
a name stands::

    {% block nodes %}
    **{{ nodes | counted("node") }}** of {{ cells | whole }} quadrants lie inside the boundary.
    {% endblock %}

The block of a figure or a table is named like the result, behind ``figure_``, ``table_``,
``layers_`` or ``document_``; its first line is the title, its second paragraph the caption that travels with the
file, and what follows is for the reader of the notebook (for a figure: what to see).

Texts of the data are escaped wherever they stand, so that Markdown shows them as they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import (
    Environment,
    StrictUndefined,
    Template,
    UndefinedError,
    nodes,
)
from jinja2.meta import find_undeclared_variables

from helpers.checks import per_cent, with_minus

from .numerals import p_value, table_number
from .paths import NOTEBOOKS
from .texts import verbatim

WORDS = NOTEBOOKS / "words"
# What every block may speak of without being given it.
ALWAYS = frozenset(("town", "parameters", "numbers", "status", "caveat"))


_BEGIN, _END = "\ue000", "\ue001"
_NO_MARKS = {ord(_BEGIN): None, ord(_END): None}
# bold, italics, code, a formula that is a letter or two, and a sign that is no sign
_SIGNS = (
    re.compile(r"\*\*(\S(?:.*?\S)?)\*\*", re.DOTALL),
    re.compile(r"(?<![\w*])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"),
    re.compile(r"`([^`]+)`"),
    re.compile(r"(?<!\\)\$([^$]+)\$"),
    re.compile(r"\\([!-/:-@\[-`{-~])"),
)

ENDS = ("?", "!", "…", ".")
"""What ends a sentence."""


class WordsError(ValueError):
    """A block that is not there, or one that was not given what it speaks of."""


class Ready(str):
    """Text of ours, which needs no escaping."""

    __slots__ = ()


@dataclass(frozen=True)
class About:
    """What the words say of a figure, a table or a document.

    Attributes
    ----------
    title, caption
        Plain text, one line each; they travel with the file.
    shown_title, shown_caption
        The same as Markdown.
    reading
        Markdown that follows in the notebook, or an empty string.
    """

    title: str
    caption: str
    shown_title: str
    shown_caption: str
    reading: str

    @property
    def head(self) -> str:
        """Title and caption as one paragraph of Markdown."""
        end = "" if self.shown_title.endswith(ENDS) else "."
        return f"**{self.shown_title}{end}** {self.shown_caption}".rstrip()

    def with_remark(self, text: str) -> About:
        """The same with a sentence of plain words at the end of the caption; nothing for no words.

        Examples
        --------
        >>> about = About("Ranks", "One row a zone", "Ranks", "One row a zone", "")
        >>> about.with_remark("events simulated").caption
        'One row a zone. Events simulated.'
        """
        if not text:
            return self
        sentence = _sentence(text)
        ended = [
            f"{said}{'' if said.endswith(ENDS) else '.'} {sentence}" if said else sentence
            for said in (self.caption, self.shown_caption)
        ]
        return replace(self, caption=ended[0], shown_caption=ended[1])


def words_path(section: str) -> Path:
    """Where the words of a section lie."""
    return WORDS / f"{section}.md"


def block_names(section: str) -> list[str]:
    """Names of the blocks in a section's words, in their order; none where it has no words."""
    return list(_source(section)) if words_path(section).is_file() else []


def block_facts(section: str, block: str) -> frozenset[str]:
    """Names that a block speaks of and that must be given to it."""
    return _source(section)[block] - ALWAYS


def render(section: str, block: str, facts: Mapping[str, Any], *, markdown: bool = True) -> str:
    """Fill a block.

    Parameters
    ----------
    section
        Name of the section.
    block
        Name of the block.
    facts
        What the block speaks of, by name.
    markdown
        Escape the texts of the data for Markdown; otherwise they stand as they are, and what is
        Markdown or a formula in the words around them is written plainly.

    Raises
    ------
    WordsError
        There is no such block, or it speaks of something that is not among the facts.
    """
    where = f"notebooks/words/{section}.md"
    if block not in block_names(section):
        raise WordsError(f"{where} has no block '{block}'.")
    missing = sorted(_source(section)[block] - set(facts))
    if missing:
        raise WordsError(f"block '{block}' of {where} needs {', '.join(missing)}.")
    template = _template(section, markdown)
    try:
        parts = list(template.blocks[block](template.new_context(dict(facts))))
    except UndefinedError as error:
        raise WordsError(f"block '{block}' of {where}: {error.message}.") from None
    text = "".join(parts).strip()
    return text if markdown else _without_signs(text)


def filled(text: str, facts: Mapping[str, Any]) -> str:
    """A line of text with its facts, as it stands: nothing is escaped.

    Raises
    ------
    WordsError
        It speaks of something that is not among the facts.
    """
    try:
        told = _template_of_line(text).render(**facts) if "{" in text else text
        return _line(told.translate(_NO_MARKS))
    except UndefinedError as error:
        raise WordsError(f"'{text[:60]}' speaks of what is not there: {error.message}.") from None


def about(section: str, block: str, facts: Mapping[str, Any]) -> About:
    """Title, caption and reading of a result, from its block.

    Raises
    ------
    WordsError
        As `render`, or the block has no title.
    """
    plain = _paragraphs(render(section, block, facts, markdown=False))
    shown = _paragraphs(render(section, block, facts))
    if not shown:
        raise WordsError(f"block '{block}' of notebooks/words/{section}.md has no title.")
    caption = plain[1] if len(plain) > 1 else ""
    shown_caption = shown[1] if len(shown) > 1 else ""
    reading = "\n\n".join(shown[2:])
    title = _line(plain[0])
    # a title is plain text: a star in it is no emphasis
    return About(title, _line(caption), verbatim(title), _line(shown_caption), reading)


def _without_signs(text: str) -> str:
    """Words without the signs of Markdown and of formulas; texts of the data keep theirs."""
    kept: list[str] = []

    def put_aside(found: re.Match) -> str:
        kept.append(found[0].translate(_NO_MARKS))
        return _BEGIN

    ours = re.sub(f"{_BEGIN}[^{_BEGIN}{_END}]*{_END}", put_aside, text)
    for sign in _SIGNS:
        ours = sign.sub(r"\1", ours)
    given = iter(kept)
    return re.sub(_BEGIN, lambda _: next(given), ours)


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def _line(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


# ------------------------------------------------------------------------------------- templates


def _source(section: str) -> dict[str, frozenset[str]]:
    """Each block with the names it speaks of; read anew where the file has changed."""
    path = words_path(section)
    return _blocks_of(path, path.stat().st_mtime_ns)


@cache
def _tree_of(path: Path, changed: int) -> nodes.Template:
    return _environment(markdown=True).parse(path.read_text(encoding="utf-8"))


@cache
def _blocks_of(path: Path, changed: int) -> dict[str, frozenset[str]]:
    environment = _environment(markdown=True)
    tree = _tree_of(path, changed)
    outside = "".join(
        part.data for node in tree.body if isinstance(node, nodes.Output) for part in node.nodes
        if isinstance(part, nodes.TemplateData)
    )  # fmt: skip
    if outside.strip():
        raise WordsError(f"{path.name} has text outside its blocks: '{_line(outside)[:60]}'.")
    facts = {}
    for block in tree.find_all(nodes.Block):
        alone = nodes.Template(block.body)
        alone.set_environment(environment)
        facts[block.name] = frozenset(find_undeclared_variables(alone))
    return facts


def _template(section: str, markdown: bool) -> Template:
    path = words_path(section)
    return _template_of(path, path.stat().st_mtime_ns, markdown)


@cache
def _template_of(path: Path, changed: int, markdown: bool) -> Template:
    environment = _environment(markdown)
    tree = _tree_of(path, changed)
    # what is filled in is written by the environment when it is shown: so one code serves both
    alike = not any(_is_fixed(part) for node in tree.find_all(nodes.Output) for part in node.nodes)
    code = _code_of(path, changed, True if alike else markdown)
    return Template.from_code(environment, code, environment.make_globals(None))


@cache
def _code_of(path: Path, changed: int, markdown: bool) -> CodeType:
    return _environment(markdown).compile(_tree_of(path, changed))


def _is_fixed(part: nodes.Expr) -> bool:
    """Whether what a mark stands for is known without facts, and so is written by the compiler."""
    if isinstance(part, nodes.TemplateData):
        return False
    try:
        part.as_const()
    except nodes.Impossible:
        return False
    return True


@cache
def _template_of_line(text: str) -> Template:
    # a claim that several cities speak on has the same words for each
    return _environment(markdown=False).from_string(text)


@cache
def _environment(markdown: bool) -> Environment:
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown if markdown else _plain,
        autoescape=False,  # noqa: S701 - Markdown: `_shown` escapes what is filled in
    )
    environment.filters = {**environment.filters, **FILTERS}
    environment.filters["listed"] = _listed if markdown else _listed_plainly
    return environment


def _shown(value: Any) -> str:
    if isinstance(value, Ready):
        return value
    if isinstance(value, float):
        return table_number(value)
    return verbatim(value)


def _plain(value: Any) -> str:
    if isinstance(value, Ready):
        return value
    return table_number(value) if isinstance(value, float) else _of_data(value)


def _of_data(value: Any) -> str:
    """A text of the data between marks of its own, so that no sign in it is taken for ours."""
    return f"{_BEGIN}{str(value).translate(_NO_MARKS)}{_END}"


# --------------------------------------------------------------------------------------- filters


def whole(value: float) -> Ready:
    """A number without decimals, thousands set apart.

    Examples
    --------
    >>> whole(12345.6)
    '12,346'
    """
    return Ready(with_minus(f"{_number(value):,.0f}"))


def way(value: float, unit: str) -> Ready:
    """A way with its unit, ``m`` or ``min``: whole metres, or minutes to a tenth.

    Examples
    --------
    >>> way(2088.4, "m"), way(3.14159, "min")
    ('2,088 m', '3.1 min')
    """
    number = _number(value)
    return Ready(with_minus(f"{number:,.1f} min" if unit == "min" else f"{number:,.0f} m"))


def fixed(value: float, decimals: int = 1) -> Ready:
    """A number with so many decimals.

    Examples
    --------
    >>> fixed(1234.567, 2), fixed(-0.123)
    ('1,234.57', '−0.1')
    """
    return Ready(with_minus(f"{_number(value):,.{decimals}f}"))


def digits(value: float) -> Ready:
    """A number with the four digits that matter.

    Examples
    --------
    >>> digits(0.0123456), digits(123456.7)
    ('0.01235', '123,457')
    """
    return Ready(table_number(_number(value)))


def percent(value: float, decimals: int = 0) -> Ready:
    """A share in per cent.

    Examples
    --------
    >>> percent(0.1234, 1)
    '12.3\\xa0%'
    """
    return Ready(per_cent(_number(value), decimals))


def counted(value: float, one: str, several: str = "") -> Ready:
    """A number with its noun, in the singular where it is one.

    Parameters
    ----------
    value
        How many.
    one
        The noun in the singular.
    several
        In the plural, where that is not `one` with an ``s``.

    Examples
    --------
    >>> counted(1, "crime"), counted(2500, "crime"), counted(0, "city", "cities")
    ('1 crime', '2,500 crimes', '0 cities')
    """
    number = _number(value)
    return Ready(f"{number:,.0f} {one if number == 1 else several or one + 's'}")


def of_p(value: float, draws: float = math.inf, decimals: int = 3, sides: int = 1) -> Ready:
    """A p value with its sign, as `helpers.compendium.p_value` writes it.

    Examples
    --------
    >>> of_p(0.025, 39), of_p(0.425)
    ('p ≤ 0.025', 'p = 0.425')
    """
    return Ready(p_value(_number(value), float(draws), decimals, sides))


def remark(text: str) -> Ready:
    """Words of ours as a sentence of its own, in italics; nothing for no words.

    Examples
    --------
    >>> remark("5 of 6 criteria simulated"), remark("")
    ('*5 of 6 criteria simulated.*', '')
    """
    return Ready(f"*{_sentence(text)}*" if text else "")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _listed(items: Iterable, last: str = "and") -> Ready:
    return _joined([verbatim(item) for item in items], last)


def _listed_plainly(items: Iterable, last: str = "and") -> Ready:
    return _joined([_of_data(item) for item in items], last)


def _joined(items: list[str], last: str) -> Ready:
    *first, end = items or [""]
    return Ready(f"{', '.join(first)} {last} {end}" if first else end)


def _number(value: Any) -> float:
    number = float(value)
    if math.isnan(number):
        raise WordsError("a sentence was given a number that is not there (nan).")
    return number


FILTERS = {
    "whole": whole,
    "way": way,
    "fixed": fixed,
    "digits": digits,
    "percent": percent,
    "counted": counted,
    "of_p": of_p,
    "remark": remark,
    "verbatim": lambda value: Ready(verbatim(value)),
    "asis": Ready,
}
