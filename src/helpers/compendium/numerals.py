"""Numbers as people read them: one way of writing each, for tables and sentences."""

from __future__ import annotations

import math

from helpers.checks import with_minus


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


LEAST_P = 1e-300
"""What is computed as a smaller p value is no number any more, and only known to be less."""


def is_least_p(p: float, draws: float, sides: int = 1) -> bool:
    """Whether a p value is the least that so many simulations or permutations can give.

    Of s simulations no p can be below 1 / (s + 1), of a test on both sides 2 / (s + 1): the observed
    one counts among them. Adjusted for m tests by Holm's steps or Bonferroni's, none can be below m
    times that: m stands for the sides then, or is multiplied by them.

    Examples
    --------
    >>> is_least_p(0.025, 39), is_least_p(0.025, 199), is_least_p(0.05, 39, sides=2)
    (True, False, True)
    """
    return draws > 0 and p <= (1 + 1e-9) * sides / (draws + 1)


def p_value(p: float, draws: float = math.inf, decimals: int = 3, sides: int = 1) -> str:
    """A p value with its sign: at most, where it is the least that its simulations can give.

    Examples
    --------
    >>> p_value(0.425, 39), p_value(0.025, 39), p_value(0.00002), p_value(0.4249, decimals=2)
    ('p = 0.425', 'p ≤ 0.025', 'p < 0.001', 'p = 0.42')
    >>> p_value(0.0002, 9999, sides=2), p_value(0.0, 99)
    ('p ≤ 0.0002', 'p ≤ 0.010')
    """
    if is_least_p(p, draws, sides):
        # what is nought by rounding is at most the least as well
        return f"p ≤ {_of_three(max(p, sides / (draws + 1)))}"
    least = 10.0**-decimals
    return f"p < {least:.{decimals}f}" if p < least / 2 else f"p = {p:.{decimals}f}"


def p_cell(p: float) -> str:
    """A p value in a table: three decimals, or its power of ten; never nought, which none is.

    Examples
    --------
    >>> p_cell(0.0321), p_cell(0.00002), p_cell(0.0)
    ('0.032', '2.0e-05', '< 1e-300')
    """
    if p <= LEAST_P:
        return f"< {LEAST_P:.0e}"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"


def _of_three(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1g}"
