"""Numbers as people read them: one way of writing each, for tables and sentences."""

from __future__ import annotations

import math


def table_number(value: float) -> str:
    """A number as tables on a page show it: four digits that matter, thousands set apart.

    Examples
    --------
    >>> [table_number(x) for x in (37345.0, 29640.4, 0.123456, 1.5e-7, float("nan"))]
    ['37,345', '29,640', '0.1235', '1.5e-07', '']
    """
    if math.isnan(value):
        return ""
    if math.isinf(value) or value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def per_cent(share: float, decimals: int = 0) -> str:
    """A share in per cent, with a space that does not break.

    Examples
    --------
    >>> per_cent(0.5), per_cent(-0.1234, 1)
    ('50\\xa0%', '−12.3\\xa0%')
    """
    return f"{100 * share:,.{decimals}f}\xa0%".replace("-", "−")
