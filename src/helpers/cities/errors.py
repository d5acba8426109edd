"""The error of a city that cannot be used as it is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CityError(ValueError):
    """One sentence: which file, row and column of a city is wrong, and how to mend it."""


def near(word: object, known: Iterable[object]) -> str:
    """``; did you mean 'x'?`` when a known word is close, else nothing.

    Examples
    --------
    >>> near("evnts", ["events", "zones"])
    "; did you mean 'events'?"
    >>> near("qqq", ["events"])
    ''
    """
    words = {str(candidate).casefold(): str(candidate) for candidate in known}
    found = difflib.get_close_matches(str(word).casefold(), list(words), n=1, cutoff=0.55)
    return f"; did you mean {words[found[0]]!r}?" if found else ""
