"""Checks of what callers pass that every part makes alike, each with its sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near(word: object, known: Iterable[object], cutoff: float = 0.55) -> str:
    """``; did you mean 'x'?`` where a known word is close, else an empty string.

    Parameters
    ----------
    word
        What was written.
    known
        What could have been meant.
    cutoff
        Least ratio of matching letters, from 0 to 1, capitals or not.

    Examples
    --------
    >>> near("ctiy", ["city", "seed"])
    "; did you mean 'city'?"
    >>> near("qqq", ["events"])
    ''
    """
    words = {str(candidate).casefold(): str(candidate) for candidate in known}
    found = difflib.get_close_matches(str(word).casefold(), list(words), n=1, cutoff=cutoff)
    return f"; did you mean {words[found[0]]!r}?" if found else ""
