"""Colours program text."""

from __future__ import annotations

from functools import cache
from html import escape


# the same notebook is shown for every city: each piece of code is coloured once
@cache
def highlight(source: str, language: str = "python") -> str:
    """Give program text as HTML spans that the style sheet colours.

    An unknown language is shown plain.

    Examples
    --------
    >>> highlight("a < b", "no such language")
    'a &lt; b'
    """
    import pygments
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return escape(source, quote=False)
    return pygments.highlight(source, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
