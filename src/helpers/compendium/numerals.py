"""Numbers as people read them: one way of writing each, for tables and sentences."""

from __future__ import annotations

import math


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


def table_number(value: float) -> str:
    """A number as tables on a page show it: four digits that matter, thousands set apart.

    Examples
    --------
    >>> [table_number(x) for x in (37345.0, 29640.4, 0.123456, -1.5e-7, float("nan"))]
    ['37,345', '29,640', '0.1235', '−1.5e-07', '']
    """
    if math.isnan(value):
        return ""
    if math.isinf(value) or value == int(value) or abs(value) >= 1000:
        return with_minus(f"{value:,.0f}")
    return with_minus(f"{value:.4g}")


def per_cent(share: float, decimals: int = 0) -> str:
    """A share in per cent, with a space that does not break.

    Examples
    --------
    >>> per_cent(0.5), per_cent(-0.1234, 1)
    ('50\xa0%', '−12.3\xa0%')
    """
    return with_minus(f"{100 * share:,.{decimals}f}\xa0%")


def is_least_p(p: float, draws: float) -> bool:
    """Whether a p value is the least that so many simulations or permutations can give.

    Of s simulations no p can be below 1 / (s + 1): the observed one counts among them.

    Examples
    --------
    >>> is_least_p(0.025, 39), is_least_p(0.025, 199)
    (True, False)
    """
    return draws > 0 and p <= (1 + 1e-9) / (draws + 1)


def p_value(p: float, draws: float = math.inf, decimals: int = 3) -> str:
    """A p value with its sign: at most, where it is the least that its simulations can give.

    Examples
    --------
    >>> p_value(0.425, 39), p_value(0.025, 39), p_value(0.00002), p_value(0.4249, decimals=2)
    ('p = 0.425', 'p ≤ 0.025', 'p < 0.001', 'p = 0.42')
    """
    if is_least_p(p, draws):
        return f"p ≤ {p:.3f}"
    least = 10.0**-decimals
    return f"p < {least:.{decimals}f}" if p < least / 2 else f"p = {p:.{decimals}f}"
