r"""Which printed statistics of a plan whole residents can have: a check of tables of sums.

A plan's table prints a few statistics of its :math:`n` areas: average, median, standard
deviation, least, greatest, and the sum of absolute differences from the mean.  Residents are whole,
and that binds these numbers to each other.  With :math:`m` areas above the mean :math:`\mu = T/n`,
which together hold :math:`S` of the :math:`T` residents,

.. math:: \sum_j |P_j - \mu| = 2 (S - m \mu) ,

so a printed sum allows few :math:`m` with a whole :math:`S`, and the other statistics few of these.
The idea is that of the GRIM test (Brown and Heathers 2017), which asks it of averages alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil, floor, sqrt

import pandas as pd

from .units import DistrictingError

__all__ = [
    "REFUSALS",
    "drawn_sums",
    "judged_columns",
    "possible_sums",
    "possible_totals",
    "printed_sums",
]

REFUSALS = {
    "whole": "the areas above the mean would not hold a whole number",
    "median": "the median lies on the other side of the mean",
    "sums": "the areas above or below the mean cannot hold what is left for them",
    "spread": "no such areas have the standard deviation",
    "": "nothing refuses it",
}
"""Why a number of areas above the mean is refused, in the order in which it is tried."""

NEEDED = ("average", "median", "standard_deviation", "minimum", "maximum", "population_difference")


def possible_totals(average: str, areas: int) -> range:
    """Whole totals whose average over the areas is the printed one.

    Parameters
    ----------
    average
        As printed: its decimals say how far it is rounded.
    areas
        Number of areas n.

    Examples
    --------
    >>> list(possible_totals("29980.6", 28))
    [839456, 839457, 839458]
    """
    low, high = _printed(average)
    return range(ceil(low * areas), floor(high * areas) + 1)


def possible_sums(printed: Mapping[str, str], areas: int, total: int) -> pd.DataFrame:
    """Every number of areas above the mean, and what refuses it.

    The conditions are necessary ones: what passes them all may still be impossible, what one of
    them refuses is.

    Parameters
    ----------
    printed
        average, median, standard_deviation, minimum, maximum, population_difference, each as
        printed.
    areas
        Number of areas n, 3 or more.
    total
        Residents T.

    Returns
    -------
    pandas.DataFrame
        One row a number of areas above the mean: above (m), held (the whole S nearest to what the
        printed sum asks), off (how far that is from whole), slack (how far rounding explains it),
        refused (a key of :data:`REFUSALS`).

    Raises
    ------
    DistrictingError
        A statistic is missing or is no number, or there are fewer than three areas.
    """
    if areas < 3:
        raise DistrictingError(f"a table of {areas} areas tells nothing; 3 or more are needed")
    if missing := [name for name in NEEDED if name not in printed]:
        raise DistrictingError(f"the printed column has no {missing[0]}")
    bounds = {name: _printed(printed[name]) for name in NEEDED}
    mean = Fraction(total, areas)
    rows = []
    for above in range(1, areas):
        low, high = (end / 2 + above * mean for end in bounds["population_difference"])
        middle = (low + high) / 2
        held = floor(middle + Fraction(1, 2))
        refused = ""
        if not low <= held <= high:
            refused = "whole"
        elif not _median_fits(bounds["median"], mean, areas, above):
            refused = "median"
        elif not _sums_fit(bounds, mean, areas, above, held, total):
            refused = "sums"
        elif not _spread_fits(bounds, mean, areas, above, held, total):
            refused = "spread"
        rows.append((above, held, float(abs(middle - held)), float(high - low) / 2, refused))
    return pd.DataFrame(rows, columns=["above", "held", "off", "slack", "refused"])


def printed_sums(columns: pd.DataFrame, totals: Iterable[int] | None = None) -> pd.DataFrame:
    """Hold printed columns of a table of plans against whole residents.

    Parameters
    ----------
    columns
        One row a printed column: areas (whole), total (residents as the paper states them, or
        missing where it states none), and the statistics of :func:`possible_sums` as printed.
    totals
        Residents to try instead.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`possible_sums` for each column and total: column, total, stated (whether the
        paper states this total; otherwise it follows from the printed average), fits (whether the
        printed average is that of the total), and the columns of :func:`possible_sums`.
    """
    parts = []
    for name, line in columns.iterrows():
        areas = int(line["areas"])
        own = possible_totals(line["average"], areas)
        stated = [] if pd.isna(line["total"]) else [int(line["total"])]
        tried = list(totals) if totals is not None else list(dict.fromkeys([*stated, *own]))
        for total in tried:
            found = possible_sums(line.to_dict(), areas, total)
            about = {"column": name, "total": total, "stated": total in stated}
            parts.append(found.assign(**about, fits=total in own))
    frame = pd.concat(parts, ignore_index=True)
    return frame[["column", "total", "stated", "fits", "above", "held", "off", "slack", "refused"]]


def drawn_sums(sums: pd.DataFrame) -> pd.DataFrame:
    """The totals that speak: those stated, and where none is or none is possible, those allowed.

    Parameters
    ----------
    sums
        From :func:`printed_sums`.

    Returns
    -------
    pandas.DataFrame
        Its rows at these totals.
    """
    parts = []
    for name, judged in judged_columns(sums).iterrows():
        own = sums[sums["column"] == name]
        allowed = own["total"].isin(judged["totals"]) & (judged["refused"] | ~own["stated"].any())
        parts.append(own[own["stated"] | allowed])
    return pd.concat(parts, ignore_index=True)


def judged_columns(sums: pd.DataFrame) -> pd.DataFrame:
    """Each printed column, and whether whole residents can have it at all.

    Parameters
    ----------
    sums
        From :func:`printed_sums`.

    Returns
    -------
    pandas.DataFrame
        One row a column: stated (the total that the paper states, missing where none), fits
        (whether the printed average is that of the total), refused (whether nothing is left at the
        stated total, or at any where none is stated), totals (those that the average and the
        other statistics allow), above and held (numbers of areas above the mean that are left, and
        what they hold, at the totals that speak), reasons (what refuses the numbers of areas at
        which the sum would be whole).
    """
    rows = {}
    for name, part in sums.groupby("column", sort=False):
        stated = part[part["stated"]]
        asked = stated if len(stated) else part
        left = asked[(asked["refused"] == "") & asked["fits"]]
        near = asked.loc[~asked["refused"].isin(["", "whole"]), ["above", "refused"]]
        rows[name] = {
            "stated": int(stated["total"].iloc[0]) if len(stated) else None,
            "fits": bool(asked["fits"].any()),
            "refused": left.empty,
            "totals": sorted(set(part.loc[(part["refused"] == "") & part["fits"], "total"])),
            "above": left["above"].tolist(),
            "held": left["held"].tolist(),
            "reasons": [f"{line.above}: {REFUSALS[line.refused]}" for line in near.itertuples()],
        }
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype=object).rename_axis("column")
    # what is missing stays None: it is no number
    stated = [None if pd.isna(total) else int(total) for total in frame["stated"]]
    return frame.assign(stated=pd.Series(stated, index=frame.index, dtype=object))


# -------------------------------------------------------------------------------------- conditions

Bounds = Mapping[str, tuple[Fraction, Fraction]]


def _printed(text: str) -> tuple[Fraction, Fraction]:
    """The numbers that are printed so: half a unit of the last digit up and down."""
    digits = str(text).strip()
    try:
        value = Fraction(digits)
    except ValueError:
        raise DistrictingError(f"{digits!r} is no printed number") from None
    half = Fraction(1, 2 * 10 ** len(digits.partition(".")[2]))
    return value - half, value + half


def _median_fits(median: tuple[Fraction, Fraction], mean: Fraction, areas: int, above: int) -> bool:
    """Whether so many areas above the mean leave the median on its side of it."""
    half, odd = divmod(areas, 2)
    if median[0] > mean:  # surely above: the upper half is
        return above >= half + odd
    return median[1] >= mean or above <= half


def _sums_fit(
    bounds: Bounds, mean: Fraction, areas: int, above: int, held: int, total: int
) -> bool:
    """Whether both groups of areas can hold their sums between the least and the greatest area."""
    low, high = _limits(bounds, mean, areas, above)
    middle = None if areas % 2 else (areas // 2 - 1, areas // 2)
    pair = [2 * end for end in bounds["median"]]
    split = areas - above
    for places, sought in ((range(split), total - held), (range(split, areas), held)):
        least, most = sum(low[i] for i in places), sum(high[i] for i in places)
        if middle and set(middle) <= set(places):
            least += max(pair[0] - low[middle[0]] - low[middle[1]], 0)
            most -= max(high[middle[0]] + high[middle[1]] - pair[1], 0)
        if not least <= sought <= most:
            return False
    return True


def _limits(
    bounds: Bounds, mean: Fraction, areas: int, above: int
) -> tuple[list[Fraction], list[Fraction]]:
    """Least and greatest size of each area, the areas in the order of their size."""
    least, most = bounds["minimum"][0], bounds["maximum"][1]
    split, half = areas - above, areas // 2
    low = [least if i < split else max(least, Fraction(floor(mean) + 1)) for i in range(areas)]
    high = [min(most, Fraction(floor(mean))) if i < split else most for i in range(areas)]
    high[0], low[-1] = bounds["minimum"][1], bounds["maximum"][0]
    # of an even number the median is the mean of two, one at or below it and one at or above
    for i in range(half, areas):
        low[i] = max(low[i], bounds["median"][0])
    for i in range(half + areas % 2):
        high[i] = min(high[i], bounds["median"][1])
    return low, high


def _spread_fits(
    bounds: Bounds, mean: Fraction, areas: int, above: int, held: int, total: int
) -> bool:
    """Whether areas with these sums can have the deviation, over n or over n - 1.

    Squares add up to least where each group is even but for the least and the greatest area, and
    to most where each lies at the ends of its range (the bound of Bhatia and Davis).
    """
    centre, below = float(mean), areas - above
    smallest, largest = ([float(end) for end in bounds[k]] for k in ("minimum", "maximum"))
    low = _even(total - held, below, smallest, centre) + _even(held, above, largest, centre)
    rest, top = (total - held) / below - centre, held / above - centre
    high = below * (rest * (smallest[0] - centre)) + above * (top * (largest[1] - centre))
    printed = [float(end) for end in bounds["standard_deviation"]]
    slack = 1e-9 * max(high, 1.0)
    return (
        sqrt(max(low - slack, 0) / areas) <= printed[1]
        and sqrt((high + slack) / (areas - 1)) >= printed[0]
    )


def _even(total: int, count: int, end: list[float], centre: float) -> float:
    """Least sum of squares about a centre of so many numbers with that total, one of them known."""
    even = total / count
    if count == 1:
        return (even - centre) ** 2
    known = min(max(even, end[0]), end[1])
    rest = (total - known) / (count - 1)
    return (known - centre) ** 2 + (count - 1) * (rest - centre) ** 2
