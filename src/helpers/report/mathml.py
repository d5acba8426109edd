"""Turns TeX formulas into MathML, which browsers draw without any script."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from xml.etree import ElementTree


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Operators that carry their limits below and above in displayed formulas.
LIMITS = frozenset(
    (
        "∑",
        "∏",
        "⋃",
        "⋂",
        "max",
        "min",
        "lim",
        "sup",
        "inf",
        "arg min",
        "arg max",
        "argmin",
        "argmax",
    )
)
# Signs that TeX sets close to their neighbours.
CLOSE = frozenset(("|", "∣", "‖", "∥", "/"))
WITH_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
# Environments that the converter knows under another name.
SYNONYMS = {
    "aligned": "align*",
    "split": "align*",
    "equation": "",
    "equation*": "",
    "gathered": "gather*",
}
# What opens and closes a group, and what stands between equations that share a line.
GROUPS = re.compile(
    r"\\(?:begin|end|left|right)(?![a-zA-Z])|\\q?quad(?![a-zA-Z])|\\.|[{}]", re.DOTALL
)
OPENS = frozenset(("{", r"\begin", r"\left"))
CLOSES = frozenset(("}", r"\end", r"\right"))
# The number of the equation before it.
EQUATION_NUMBER = re.compile(r"\(\d[\d, ]*\)")
ATTRIBUTES = _words(
    "accent accentunder columnalign columnspacing depth display displaystyle fence form height "
    "linethickness lspace mathvariant maxsize minsize movablelimits notation rowspacing rspace "
    "separator stretchy symmetric voffset width xmlns"
)


@lru_cache(maxsize=4096)
def to_mathml(tex: str, *, display: bool = False) -> str:
    """Give a TeX formula as a MathML element that carries the TeX as its annotation.

    A formula that cannot be converted is shown as it was written, in a ``code`` element of class
    ``tex``, so that nothing is lost and a test can find it.

    Parameters
    ----------
    tex
        Formula without its dollar signs.
    display
        True for a formula on a line of its own.

    Examples
    --------
    >>> "<mfrac>" in to_mathml(r"\\frac{1}{n}")
    True
    >>> to_mathml(r"\\unknowncommand{x}")
    '<code class="tex">\\\\unknowncommand{x}</code>'
    """
    from latex2mathml.converter import Converter

    written = tex.strip()
    try:
        math = Converter(display="block" if display else "inline").convert_to_element(
            _prepared(written)
        )
    except Exception:
        # the converter meets bad TeX with whatever error it runs into: StopIteration, KeyError, …
        return _as_written(written)
    for element in math.iter():
        # the converter leaves character references in its texts; the serialiser must see the
        # characters, or it would escape them, and texts such as \text{<b>} must be escaped
        element.text = unescape(element.text) if element.text else element.text
        for name in [name for name in element.attrib if name not in ATTRIBUTES]:
            del element.attrib[name]
        if element.text and (element.text.startswith("\\") and len(element.text) > 1):
            return _as_written(written)
    _set_in_order(math, lines=display and r"\begin{a" in written)
    shown = ElementTree.tostring(math, encoding="unicode", short_empty_elements=False)
    start, _, rest = shown.partition(">")
    body = rest.removesuffix("</math>")
    note = f'<annotation encoding="application/x-tex">{escape(written)}</annotation>'
    return f"{start}><semantics>{body}{note}</semantics></math>"


def displayed(tex: str) -> str:
    r"""Give a displayed formula; equations that stand side by side are elements of their own.

    A narrow page can then set them under each other.  They stand side by side where ``\quad`` or
    ``\qquad`` parts them outside of any group; the number of an equation stays with it.

    Parameters
    ----------
    tex
        Formula without its dollar signs.

    Examples
    --------
    >>> displayed(r"a = 1, \quad b = 2 \quad (3)").count("<math")
    2
    """
    pieces = [to_mathml(piece, display=True) for piece in side_by_side(tex)]
    whole = all(piece.startswith("<math") for piece in pieces)
    return "".join(pieces) if whole else to_mathml(tex, display=True)


def side_by_side(tex: str) -> list[str]:
    r"""The equations that share the line of a displayed formula.

    Examples
    --------
    >>> side_by_side(r"x \le y \quad (3) \qquad \text{all } {i \quad j}")
    ['x \\le y \\quad (3)', '\\text{all } {i \\quad j}']
    """
    depth, start, pieces = 0, 0, []
    for found in GROUPS.finditer(tex):
        token = found[0]
        depth += (token in OPENS) - (token in CLOSES)
        if depth == 0 and token in (r"\quad", r"\qquad"):
            if EQUATION_NUMBER.match(tex[found.end() :].lstrip()):
                continue
            pieces.append(tex[start : found.start()].strip())
            start = found.end()
    pieces.append(tex[start:].strip())
    return [piece for piece in pieces if piece] if depth == 0 else [tex]


def _as_written(tex: str) -> str:
    return f'<code class="tex">{escape(tex)}</code>'


def _prepared(tex: str) -> str:
    def renamed(match: re.Match) -> str:
        name = SYNONYMS.get(match[2], match[2])
        return f"\\{match[1]}{{{name}}}" if name else ""

    return re.sub(r"\\(begin|end)\{([a-z]+\*?)\}", renamed, tex)


def _set_in_order(math: ElementTree.Element, *, lines: bool) -> None:
    for element in math.iter():
        if lines and element.tag == "mtable":
            # browsers set tables in the small style of running text
            element.set("displaystyle", "true")
        if element.tag == "mo" and element.text in CLOSE and not element.get("form"):
            element.attrib.update(lspace="0", rspace="0")
        base = element[0] if len(element) else None
        if (
            element.tag in WITH_LIMITS
            and base is not None
            and base.tag in ("mo", "mi")
            and (base.text or "").replace("\u2009", " ") in LIMITS
        ):
            element.tag = WITH_LIMITS[element.tag]
            base.tag = "mo"
            # in running text the limits move to the side
            base.set("movablelimits", "true")
