"""Numbers without a dimension by which cities can be compared, from what sections saved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from helpers.compendium import claims, store

if TYPE_CHECKING:
    import pandas as pd

# Significance that a spot's class must reach to count: its last words.
SIGNIFICANT = ("95 %", "99 %")


class NoNumber(Exception):
    """A section ran and has no such number; the sentence says why."""


@dataclass(frozen=True)
class Found:
    """A number with its interval, where it has one, and the cell that it comes from."""

    value: float
    low: float | None = None
    high: float | None = None
    cell: str = ""


@dataclass(frozen=True)
class Results:
    """What one section saved for one city."""

    city: str
    section: str
    saved: claims.Saved

    @property
    def simulated(self) -> bool:
        """Whether the numbers rest on simulated data."""
        return self.saved.simulated

    def number(self, name: str, lacking: str = "") -> float:
        """A saved number; `lacking` says why there may be none."""
        value = self.saved.values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        raise NoNumber(lacking or "the section saved no such number")

    def found(self, name: str, low: str = "", lacking: str = "") -> Found:
        """A saved number with the saved lower end of its interval, where it has one."""
        value = self.number(name, lacking)
        end = self.number(low) if low in self.saved.values else None
        return Found(value, end, cell=self.saved.cells.get(name, ""))

    def table(self, name: str) -> pd.DataFrame:
        """A saved table."""
        saved = store.saved_file(self.city, self.section, name)
        try:
            content: Any = store.read_content(saved[0]) if saved else None
        except (OSError, ValueError):
            content = None
        if not hasattr(content, "columns"):
            raise NoNumber("the section saved no such table")
        return content if content.index.name is None else content.reset_index()


@dataclass(frozen=True)
class Measure:
    """One number by which cities are compared.

    Attributes
    ----------
    key, title, about
        Its name in files, its name for people, and what it is in a sentence.
    section
        Number of the section that it comes from.
    read
        Gives it from what that section saved.
    part
        What it is about.
    better
        ``less``, ``more``, or an empty string where neither is better.
    percent
        Whether it is shown in per cent.
    short
        What the start page says after the number of a city; empty where it does not show it.
    """

    key: str
    title: str
    about: str
    section: str
    read: Callable[[Results], Found]
    part: str
    better: str = ""
    percent: bool = True
    short: str = ""

    def shown(self, value: float) -> str:
        """The number as a person reads it.

        Examples
        --------
        >>> MEASURES[0].shown(0.2213859), MEASURES[2].shown(0.4123)
        ('22.1 %', '0.41')
        """
        text = f"{100 * value:.1f} %" if self.percent else f"{value:.2f}"
        return text.replace("-", "−")


def distance_ratio(results: Results) -> Found:
    r"""Mean distance of a crime to its patrol over the width of a patrol's share of the area.

    Distance times :math:`\sqrt{p / A}`, where the area *A* is that of the squares that hold the
    demand.  Evenly spread demand that each post serves in a regular hexagon gives 0.377.
    """
    if results.saved.values.get("unit") != "m":
        raise NoNumber("its ways are measured in minutes, which no area makes a ratio")
    mean, posts = results.number("mean_m"), results.number("p")
    area = squares_area(results.table("nodes"))
    return Found(mean / math.sqrt(area / posts), cell=results.saved.cells.get("mean_m", ""))


def squares_area(nodes: pd.DataFrame) -> float:
    """Area of the squares whose middles are the nodes of a grid, in square metres.

    Examples
    --------
    >>> import pandas
    >>> squares_area(pandas.DataFrame({"x": [0.0, 10, 30], "y": [0.0, 0, 5]}))
    150.0
    """
    sides = []
    for axis in ("x", "y"):
        if axis not in nodes:
            raise NoNumber("the places of its demand are no grid")
        places = sorted(set(nodes[axis].round(3)))
        gaps = [b - a for a, b in pairwise(places) if b - a > 0.01]
        if not gaps:
            raise NoNumber("its demand lies in one line")
        sides.append(min(gaps))
    return float(len(nodes) * sides[0] * sides[1])


def above_optimum(method: str) -> Callable[[Results], Found]:
    """How far a method of placing patrols lies above the proven optimum, on the whole grid."""

    def read(results: Results) -> Found:
        return results.found(f"above_optimum_{method}", lacking="its optimum is not proven")

    return read


def district_excess(method: str) -> Callable[[Results], Found]:
    """How far the median run of a method of districting lies above the proven optimum."""

    def read(results: Results) -> Found:
        table = results.table("methods")
        if not {"method", "field", "median_over_optimum"} <= set(table.columns):
            raise NoNumber("the section saved no such table")
        first = table[table["field"] == table["field"].iloc[0]] if len(table) else table
        rows = first[first["method"] == method]
        if rows.empty:
            raise NoNumber(f"{method} was not run")
        value = float(rows["median_over_optimum"].iloc[0]) - 1.0
        if not math.isfinite(value):
            raise NoNumber("no optimum of it is proven")
        return Found(value)

    return read


def imbalance(results: Results) -> Found:
    """Sum of deviations from equal areas over the total, of the best plan for the first field."""
    table = results.table("optimum")
    if "best_share" not in table.columns or table.empty:
        raise NoNumber("the section saved no such table")
    return Found(float(table["best_share"].iloc[0]))


def significant(results: Results) -> Found:
    """Share of zones that are hot or cold spots at 5 %, of the first field."""
    table = results.table("spots")
    if not {"field", "class"} <= set(table.columns) or table.empty:
        raise NoNumber("the section saved no such table")
    classes = table.loc[table["field"] == table["field"].iloc[0], "class"].map(str)
    return Found(float(classes.str.endswith(SIGNIFICANT).mean()))


def count_skill(results: Results) -> Found:
    """Share of the historical mean's deviance that the chosen forecast of counts saves."""
    chosen = results.found("count_deviance")
    return Found(1.0 - chosen.value / results.number("history_deviance"), cell=chosen.cell)


def kinds_skill(results: Results) -> Found:
    """Skill of the chosen forecast of kinds against climatology, with its interval."""
    chosen = results.found("best_skill", low="best_skill_low")
    table = results.table("kinds")
    rows = table[table["forecast"] == results.saved.values.get("best_model")]
    if rows.empty or "skill_high" not in rows:
        return chosen
    return replace(chosen, high=float(rows["skill_high"].iloc[0]))


def saving_later(results: Results) -> Found:
    """Distance that as many patrols as today save on crimes after the plan, with its interval."""
    posts = results.number("posts_used", "the city states no posts of today")
    table = results.table("afterwards")
    rows = table[(table["method"] == "exact") & (table["patrols"] == posts)]
    if rows.empty:
        raise NoNumber("no plan has as many patrols as today")
    value, low, high = (
        float(rows[name].iloc[0]) for name in ("saving", "saving_low", "saving_high")
    )
    return Found(value, low, high)


def _number(name: str, **about: Any) -> Callable[[Results], Found]:
    return lambda results: results.found(name, **about)


PATROLS, CRIMES, FORECASTS = "Patrols", "Crimes", "Forecasts"
DISTRICTS, PRIORITIES = "Zones and districts", "Priorities"

MEASURES = (
    Measure("saving_today", "Distance saved against today's posts",
            "With as many patrols as today, each at its best post.",
            "16", _number("saving_equal_p", lacking="the city states no posts of today"), PATROLS, "more",
            short="less distance than from today's posts"),
    Measure("saving_later", "The same on later crimes",
            "Of a period that the plan has not seen, with its 95 % interval.",
            "16", saving_later, PATROLS, "more"),
    Measure("distance_ratio", "Mean distance to a patrol over √(area / patrols)",
            "How far crimes lie from the posts of the proven plan, whatever the city's size: 0.38 where crimes are "
            "spread evenly and each post serves a hexagon, less where they cluster, more along streets.",
            "15", distance_ratio, PATROLS, "less", percent=False,
            short="times the width of a patrol's area from a crime to its patrol"),
    Measure("kmeans_excess", "K-means above the optimum, mean over numbers of patrols",
            "What the paper's method costs beside the proven plan with as many patrols.",
            "16", _number("kmeans_excess_mean"), PATROLS, "less", short="more distance by K-means than by the best posts"),
    Measure("kmeans_at_p", "K-means above the optimum, one plan",
            "At the number of patrols of section 15.", "15", above_optimum("K-means"), PATROLS, "less"),
    Measure("fasterpam_at_p", "FasterPAM above the optimum, one plan",
            "At the number of patrols of section 15.", "15", above_optimum("FasterPAM"), PATROLS, "less"),
    Measure("busiest", "Crimes at the busiest hundredth of places",
            "How much of the crime a few places have; 1 % where all places are alike.",
            "13", _number("busiest"), CRIMES, short="of crimes at the busiest hundredth of places"),
    Measure("skill_kinds", "Skill of the forecast of kinds over their frequencies",
            "Share of the log loss of climatology that the chosen forecast saves in a period that it never saw; "
            "the line is its 95 % interval.", "14", kinds_skill, FORECASTS, "more"),
    Measure("skill_counts", "Skill of the forecast of counts over history",
            "Share of the deviance of the historical mean that the chosen forecast saves.",
            "14", count_skill, FORECASTS, "more", short="better forecast of counts than the historical mean"),
    Measure("significant_zones", "Zones that are hot or cold spots",
            "Getis-Ord Gi* at 5 %, of the city's first field.", "21", significant, DISTRICTS,
            short="of zones are hot or cold spots"),
    Measure("imbalance", "Imbalance of the best districts",
            "Sum of deviations from equal districts over the total, of the best plan for the first field.",
            "23", imbalance, DISTRICTS, "less", short="of the total out of balance in the best districts"),
    Measure("districts_ga", "Genetic algorithm above the optimum", "The paper's algorithm for its equation (1), median run.",
            "23", district_excess("GA, eq. 1"), DISTRICTS, "less"),
    Measure("districts_azp_sa", "AZP-SA above the optimum", "Median run.",
            "23", district_excess("AZP-SA"), DISTRICTS, "less"),
    Measure("settled", "Zones that keep their class of priority",
            "In at least 95 % of weights that respect the order of criteria.", "32", _number("settled"), PRIORITIES, "more",
            short="of zones keep their class of priority under other weights"),
    Measure("first_stays", "The first zone stays first",
            "Share of weights that respect the order of criteria.", "32", _number("first_stays_first"), PRIORITIES, "more"),
)  # fmt: skip
"""What is compared, in the order of the page."""
