"""Checks of what callers pass that every part makes alike, each with its sentence.

Nothing is coerced: a mask, a float or a text where a whole number is asked is refused with what
mends it. Everything here raises :class:`ValueError`, or the class of it that `error` names.
"""

# numpy is imported inside functions only: the command line imports this module at its start
from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


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


def listed(names: Iterable[object], most: int = 5) -> str:
    """Name up to `most` things in a sentence.

    Parameters
    ----------
    names
        What to name.
    most
        How many are named before the rest is counted.

    Examples
    --------
    >>> listed(["A1", "A2"]), listed("abcdefg", 3)
    ('A1, A2', 'a, b, c and 4 more')
    """
    shown = [str(name) for name in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def one_of(
    value: object, name: str, known: Iterable[str], *, error: type[ValueError] = ValueError
) -> str:
    """A word, if it is one of those that are known.

    Parameters
    ----------
    value
        What was passed.
    name
        What it chooses, for the sentence.
    known
        The words, in the order in which they are told.
    error
        Class of the error.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For any other value; a known word that is close is suggested.

    Examples
    --------
    >>> one_of("rook", "definition", ("queen", "rook"))
    'rook'
    >>> one_of("quen", "definition", ("queen", "rook"))
    Traceback (most recent call last):
    ValueError: definition is one of queen, rook, not 'quen'; did you mean 'queen'?
    """
    known = list(known)
    if isinstance(value, str) and value in known:
        return value
    hint = near(value, known) if isinstance(value, str) else ""
    raise error(f"{name} is one of {', '.join(known)}, not {value!r}{hint}")


def whole_number(
    value: Any,
    name: str,
    least: int | None = 1,
    most: int | None = None,
    *,
    error: type[ValueError] = ValueError,
) -> int:
    """A whole number as an int, if it is one and within its limits.

    Parameters
    ----------
    value : int
        Python's or numpy's; a table of no dimension is none.
    name : str
        What it counts, for the sentence.
    least, most : int, optional
        Its limits; None where there is none.
    error
        Class of the error.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        For anything else: a float (5.0 too), a truth value, a text, a missing value, an array.

    Examples
    --------
    >>> whole_number(5, "columns")
    5
    >>> whole_number(5.0, "columns")
    Traceback (most recent call last):
    ValueError: columns is a whole number of at least 1, not 5.0: write 5
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if whole and (least is None or value >= least) and (most is None or value <= most):
        return int(value)
    limits = {
        (True, True): "",
        (False, True): f" of at least {least}",
        (True, False): f" of at most {most}",
        (False, False): f" from {least} to {most}",
    }[least is None, most is None]
    raise error(f"{name} is a whole number{limits}, not {_shown(value)}{_whole_mend(value)}")


def positive(
    value: Any, name: str, unit: str = "", *, error: type[ValueError] = ValueError
) -> float:
    """A positive, finite number as a float.

    Parameters
    ----------
    value : int or float
        Python's or numpy's.
    name : str
        What it measures, for the sentence.
    unit : str
        Its unit in the plural, for the sentence.
    error
        Class of the error.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For nought, a negative, missing or infinite number, a truth value, a text, an array.

    Examples
    --------
    >>> positive(250, "band", "metres")
    250.0
    >>> positive("250", "band", "metres")
    Traceback (most recent call last):
    ValueError: band is a positive number of metres, not '250': write it without quotes
    """
    number = isinstance(value, Real) and not isinstance(value, bool)
    if number and math.isfinite(value) and value > 0:
        return float(value)
    mend = ": write it without quotes" if isinstance(value, str) and _number_in(value) else ""
    of_unit = f" of {unit}" if unit else ""
    raise error(f"{name} is a positive number{of_unit}, not {_shown(value)}{mend}")


def site_list(
    values: Any,
    name: str,
    count: int,
    *,
    noun: str = "site",
    distinct: bool = True,
    error: type[ValueError] = ValueError,
) -> np.ndarray:
    """Numbers of sites, nodes or zones as an array, in their order.

    Parameters
    ----------
    values : sequence or array of int
        Positions from 0 to `count` − 1; may be empty.
    name : str
        What the list is, in the plural, for the sentence.
    count : int
        How many sites there are.
    noun : str
        What is numbered.
    distinct : bool
        Whether a site may be named once only.
    error
        Class of the error.

    Returns
    -------
    ndarray of int, shape (k,)

    Raises
    ------
    ValueError
        For a mask (also one of noughts and ones), floats, texts, one number instead of a list, a
        number that is no site, a site named twice.

    Examples
    --------
    >>> site_list([2, 0], "fixed posts", 4)
    array([2, 0])
    >>> site_list([True, False, True, False], "fixed posts", 4)
    Traceback (most recent call last):
    ValueError: fixed posts are a mask of True and False: pass the site numbers, np.flatnonzero(mask)
    """
    import numpy as np

    wanted = f"{name} are a list of {noun} numbers from 0 to {count - 1}"
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise error(f"{wanted}, not {_shown(values)}")
    if getattr(values, "ndim", 1) != 1:
        raise error(f"{wanted}, not {_shown(values)}")
    numbers = list(values)
    if numbers and all(isinstance(each, (bool, np.bool_)) for each in numbers):
        raise error(
            f"{name} are a mask of True and False: pass the {noun} numbers, np.flatnonzero(mask)"
        )
    for each in numbers:
        if isinstance(each, (bool, np.bool_)) or not isinstance(each, Integral):
            raise error(f"{wanted}, not {_shown(each)}{_whole_mend(each)}")
        if not 0 <= int(each) < count:
            raise error(f"{wanted}, and {each} is none")
    found = np.array([int(each) for each in numbers], dtype=int)
    if len(found) == count > 2 and found.max() == 1:
        raise error(
            f"{name} are as many noughts and ones as there are {noun}s, a mask it seems: pass the "
            f"{noun} numbers, np.flatnonzero(mask)"
        )
    if distinct and len(np.unique(found)) < len(found):
        twice = next(each for k, each in enumerate(numbers) if each in numbers[:k])
        raise error(f"{name} name {noun} {twice} more than once: name each once")
    return found


def _whole_mend(value: Any) -> str:
    """``: write 5`` where a whole number was meant plainly, else an empty string."""
    if isinstance(value, str):
        return ": write it without quotes" if _number_in(value) else ""
    number = isinstance(value, Real) and not isinstance(value, (bool, Integral))
    if number:
        return f": write {int(value)}" if math.isfinite(value) and value == int(value) else ""
    return ""


def _number_in(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _shown(value: Any) -> str:
    """A value as it is written in code, cut where it is long; a numpy number as a plain one."""
    if isinstance(value, Real) and hasattr(value, "item"):
        value = value.item()
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}…"


def with_minus(text: str) -> str:
    """A number that was written with a hyphen, with a minus sign; no sign where it is nought.

    Examples
    --------
    >>> [with_minus(x) for x in ("-840", "-0.0", "12", "-1.2e-05")]
    ['−840', '0.0', '12', '−1.2e-05']
    """
    if not text.startswith("-"):
        return text
    # what was rounded away has no side
    return f"−{text[1:]}" if text.strip("-0.,") else text[1:]


def per_cent(share: float, decimals: int = 0) -> str:
    """A share in per cent, with a space that does not break; only the whole is 100 %.

    A share that would be rounded up to it gets up to two more decimals, and is cut where these do not
    do.

    Examples
    --------
    >>> per_cent(0.5), per_cent(-0.1234, 1), per_cent(0.9962), per_cent(0.999999), per_cent(1)
    ('50\xa0%', '−12.3\xa0%', '99.6\xa0%', '99.99\xa0%', '100\xa0%')
    """
    size, most = 100 * abs(share), decimals + 2
    if size < 100 - 1e-7:  # else the whole, but for the last bits of what was computed
        while decimals < most and round(size, decimals) >= 100:
            decimals += 1
        if round(size, decimals) >= 100:
            share = (100 - 10.0**-decimals) / 100 * (1 if share > 0 else -1)
    return with_minus(f"{100 * share:,.{decimals}f}\xa0%")
