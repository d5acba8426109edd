"""Sentences about bad input."""

from __future__ import annotations

from collections.abc import Iterable


class PriorityError(ValueError):
    """A table of criteria, a weight or a ranking that breaks a rule; the sentence says which."""


def listed(names: Iterable, most: int = 5) -> str:
    """Name up to `most` things in a sentence.

    Examples
    --------
    >>> listed(["A1", "A2"]), listed("abcdefg", 3)
    ('A1, A2', 'a, b, c and 4 more')
    """
    names = [str(name) for name in names]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
