"""Show texts of a city's files as they stand, whatever characters they hold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

# what begins something anywhere; at the start of a line alone; and what becomes a link
_SIGNS = re.compile(r"([\\`*_{}\[\]<>&$|~#]|(?<=\\)[()])")
_START = re.compile(r"^(\d*)([=+.)-])")
_LINKS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)")


def verbatim(text: object) -> str:
    """A text of the data, so written that Markdown shows it as it stands.

    A name such as ``$5 & <b>up</b>`` is neither a formula nor bold; every text that comes from a
    city's files and stands in a sentence goes through here.

    Parameters
    ----------
    text
        A name, a label, a unit; what is no text is written as `str` writes it.

    Examples
    --------
    >>> verbatim("A_1 & <b>")
    'A\\\\_1 \\\\& \\\\<b\\\\>'
    >>> verbatim("Quarter 7")
    'Quarter 7'
    """
    words = " ".join(str(text).split())
    return _START.sub(r"\1\\\2", _LINKS.sub(r"\\", _SIGNS.sub(r"\\\1", words)))


def show_tables_verbatim() -> None:
    """Let tables in a notebook show texts as they stand: no HTML, no formula begins in a cell.

    A data frame escapes its texts by itself; a styled one does not, so IPython is told how.
    """
    import pandas as pd

    pd.set_option("display.html.use_mathjax", False)
    pd.set_option("styler.html.mathjax", False)
    try:
        from IPython import get_ipython

        shell = get_ipython()
    except ImportError:  # pragma: no cover - the environment has IPython
        shell = None
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/html"]
        formatter.for_type("pandas.io.formats.style.Styler", styled_html)


def styled_html(styler: Any) -> str:
    """HTML of a styled table whose texts are escaped: those in cells, headings and its caption.

    Parameters
    ----------
    styler : pandas.io.formats.style.Styler
        The table; it is not changed.

    Examples
    --------
    >>> import pandas as pd
    >>> "<td" in styled_html(pd.DataFrame({"<b>": ["<i>"]}).style)
    True
    >>> "<i>" in styled_html(pd.DataFrame({"<b>": ["<i>"]}).style)
    False
    """
    shown = styler._copy(deepcopy=True)
    for part in ("_display_funcs", "_display_funcs_index", "_display_funcs_columns"):
        written = getattr(shown, part)
        usual = partial(_escaped_usual, written.default_factory)
        safe: defaultdict[Any, Callable[[Any], Any]] = defaultdict(usual)
        safe.update({place: _escaped(write) for place, write in written.items()})
        setattr(shown, part, safe)
    if isinstance(shown.caption, str):
        shown.caption = escape(shown.caption, quote=False)
    return shown.to_html()


def _escaped_usual(usual: Callable[[], Callable[[Any], Any]]) -> Callable[[Any], Any]:
    return _escaped(usual())


def _escaped(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def written(value: Any) -> Any:
        text = write(value)
        return escape(text, quote=False) if isinstance(text, str) else text

    return written
