"""Numbers without a dimension by which cities can be compared, from what sections saved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from helpers.checks import per_cent
from helpers.compendium import claims, p_value, store

if TYPE_CHECKING:
    import pandas as pd

# The test of section 21 whose spots are compared.
TEST = "normal, FDR"
QUEEN = "queen"

PLACES = 1_000
"""Places below which a hundredth of them is too few to be compared."""


class NoNumber(Exception):
    """A section ran and has no such number; the sentence says why."""


@dataclass(frozen=True)
class Found:
    """A number with its interval, where it has one.

    Attributes
    ----------
    value, low, high
        The number and the ends of its interval.
    cell
        The cell that it comes from.
    note
        What this city's number is of, where cities differ in it.
    """

    value: float
    low: float | None = None
    high: float | None = None
    cell: str = ""
    note: str = ""


@dataclass(frozen=True)
class Results:
    """What one section saved for one city.

    Attributes
    ----------
    city, section, saved
        Which, and the numbers.
    no_amounts
        Labels of the zones' fields that the city states to be no amounts.
    """

    city: str
    section: str
    saved: claims.Saved
    no_amounts: frozenset[str] = frozenset()

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

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """A saved table that has these columns and at least one row."""
        saved = store.saved_file(self.city, self.section, name)
        try:
            content: Any = store.read_content(saved[0]) if saved else None
        except (OSError, ValueError):
            content = None
        if not hasattr(content, "columns"):
            raise NoNumber("the section saved no such table")
        table = content if content.index.name is None else content.reset_index()
        if not set(columns) <= set(table.columns) or table.empty:
            raise NoNumber("the section saved no such table")
        return table

    def summed(self, field: str) -> str:
        """A field's label, where its sum over zones is a total."""
        if field in self.no_amounts:
            raise NoNumber("the field is no amount that can be summed")
        return field


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
    decimals
        Of a number that is not in per cent.
    base
        Where its bars begin: 1 for a multiple of an optimum.
    short
        What the start page says after the number of a city; empty where it does not show it.
    median
        Whether a median over maps says anything.
    """

    key: str
    title: str
    about: str
    section: str
    read: Callable[[Results], Found]
    part: str
    better: str = ""
    percent: bool = True
    decimals: int = 2
    base: float = 0.0
    short: str = ""
    median: bool = True

    def shown(self, value: float) -> str:
        """The number as a person reads it.

        Examples
        --------
        >>> MEASURES[0].shown(0.2213859), MEASURES[2].shown(0.4123)
        ('22.1 %', '0.41')
        """
        text = f"{100 * value:.1f} %" if self.percent else f"{value:,.{self.decimals}f}"
        return text.replace("-", "−")


def distance_ratio(results: Results) -> Found:
    r"""Mean distance of a crime to its patrol over the width of a patrol's share of the area.

    Distance times :math:`\sqrt{p / A}`, where *p* is the number of patrols and *A* the area of all
    squares of the grid, with crimes or without.  Evenly spread demand that each post serves in a
    regular hexagon gives 0.377, whatever *p*.
    """
    if results.saved.values.get("unit") != "m":
        raise NoNumber("its ways are measured in minutes, which no area makes a ratio")
    _straight(results)
    mean, posts = results.number("mean_m"), results.number("p")
    area = squares_area(results.table("nodes"))
    cell = results.saved.cells.get("mean_m", "")
    return Found(mean / math.sqrt(area / posts), cell=cell, note=f"{posts:.0f} patrols")


def _straight(results: Results) -> None:
    """Refuse ways that are not as the crow flies, by the metric that section 15 saved."""
    allocation = results.saved
    if results.section != ALLOCATION:
        allocation = claims.saved_numbers(results.city, ALLOCATION) or allocation
    metric = allocation.values.get("metric", STRAIGHT)
    if metric in ("streets", "minutes"):
        raise NoNumber("distances are along streets")
    if metric != STRAIGHT:
        raise NoNumber("distances are not straight")


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


def over_optimum(method: str) -> Callable[[Results], Found]:
    """Distance of a method of placing patrols over the least, which is proven, on the whole grid."""

    def read(results: Results) -> Found:
        above = results.found(f"above_optimum_{method}", lacking="its optimum is not proven")
        return replace(above, value=1 + above.value)

    return read


def kmeans_over_optimum(results: Results) -> Found:
    """Distance by K-means over the least, mean over the numbers of patrols of the curve."""
    above = results.found("kmeans_excess_mean")
    try:
        means = results.table("means", "patrols", "kmeans_m", "exact_m")
    except NoNumber:
        return replace(above, value=1 + above.value)
    both = means.dropna(subset=["kmeans_m", "exact_m"])["patrols"]
    plans = f"{len(both)} plan{'s' * (len(both) != 1)}"
    note = f"mean of {plans}, {both.min():.0f} to {both.max():.0f} patrols" if len(both) else ""
    return replace(above, value=1 + above.value, note=note)


def straight(read: Callable[[Results], Found]) -> Callable[[Results], Found]:
    """The same number, of straight distances only."""

    def read_straight(results: Results) -> Found:
        _straight(results)
        return read(results)

    return read_straight


def busiest(results: Results) -> Found:
    """Share of the crimes at the busiest hundredth of the places that hold any."""
    places = results.number("places")
    if places < PLACES:
        raise NoNumber(f"it has fewer than {PLACES:,} places, of which a hundredth is too few")
    return replace(results.found("busiest"), note=f"{places:,.0f} places")


def districts_over_optimum(method: str) -> Callable[[Results], Found]:
    """The sum of differences of the median run of a method over the least, which is proven."""

    def read(results: Results) -> Found:
        best = results.table("optimum", "field", "best_plan", "proven").iloc[0]
        field = results.summed(str(best["field"]))
        table = results.table("methods", "method", "field", "median", "seeds")
        rows = table[(table["field"] == field) & (table["method"] == method)]
        if rows.empty:
            raise NoNumber(f"{method} was not run")
        if best["proven"] != "optimal":
            raise NoNumber("nothing is proven there, so that no optimum is known")
        run, least = rows.iloc[0], float(best["best_plan"])
        if least <= 0 and run["median"] > 0:
            raise NoNumber("the least sum of differences is zero, of which nothing is a multiple")
        ratio = float(run["median"]) / least if least > 0 else 1.0
        return Found(ratio, note=f"{field}, {_areas(results)}{run['seeds']:.0f} runs")

    return read


def _areas(results: Results) -> str:
    """How many areas the plans of a section have, with a comma, where it says so."""
    areas = results.saved.values.get("areas")
    return f"{areas:,.0f} areas, " if isinstance(areas, int | float) else ""


def imbalance(results: Results) -> Found:
    """Sum of deviations from equal areas over the total, of the best plan for the first field."""
    best = results.table("optimum", "field", "best_plan", "best_share", "closed_form_bound").iloc[0]
    field, value = results.summed(str(best["field"])), float(best["best_share"])
    plan, bound = float(best["best_plan"]), float(best["closed_form_bound"])
    least = value * bound / plan if plan > 0 else 0.0
    zones = f"at least {100 * least:.1f} % by its largest zones"
    if bound <= 0:
        zones = "no zone larger than an equal share"
    return Found(value, note=f"{field}, {_areas(results)}{zones}")


def significant(results: Results) -> Found:
    """Share of zones that are hot or cold spots of the first field, false discoveries held at 5 %.

    Neighbours by queen in every city; low and high are the least and the greatest share over the
    definitions of neighbours that the section tried.
    """
    table = results.table("choices", "field", "test", "definition", "hot_95", "cold_95")
    first = table[(table["field"] == table["field"].iloc[0]) & (table["test"] == TEST)]
    if first.empty:
        raise NoNumber("no test there controls the false discovery rate")
    spots = (first["hot_95"] + first["cold_95"]).groupby(first["definition"]).first()
    if QUEEN not in spots:
        raise NoNumber("which zones share a border or a corner is not known there")
    label = results.table("fields", "field")["field"].iloc[0]
    zones = results.number("zones")
    ways = f"{spots.min():.0f} to {spots.max():.0f} of {zones:,.0f} zones"
    note = f"{label}; {ways} by {len(spots)} definitions of neighbours"
    return Found(float(spots[QUEEN]) / zones, spots.min() / zones, spots.max() / zones, note=note)


def count_skill(results: Results) -> Found:
    """Share of the historical mean's deviance that the chosen forecast of counts saves."""
    chosen = results.found("count_deviance")
    skill = 1.0 - chosen.value / results.number("history_deviance")
    return Found(skill, cell=chosen.cell, note=_monthly(results))


def _monthly(results: Results) -> str:
    """What the test month by month found of the chosen forecast of counts, where it was made."""
    try:
        table = results.table("monthly_tests", "model", "months", "better", "p_holm")
    except NoNumber:
        return _tested(results)
    rows = table[table["model"] == results.saved.values.get("best_count_model")]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    p = p_value(row["p_holm"], decimals=2)
    return f"better in {row['better']:.0f} of {row['months']:.0f} months, {p}"


def _tested(results: Results) -> str:
    """How many months the forecast was tested on, where they are too few to be told apart."""
    period = str(results.saved.values.get("period", ""))
    try:
        held = results.table("score_history", "period")["period"].astype(str)
    except NoNumber:
        return ""
    months = sorted({month for month in held if period and month.startswith(period)})
    if not months:
        return ""
    return f"one test month, {months[0]}" if len(months) == 1 else f"{len(months)} test months"


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
    period = str(results.saved.values.get("later_period", ""))
    allocation = claims.saved_numbers(results.city, ALLOCATION)
    demand = str(allocation.values.get("demand", "")) if allocation else ""
    note = "; ".join(
        part for part in (period and f"crimes of {period}", demand and f"plan by {demand}") if part
    )
    return Found(value, low, high, note=note)


def saving_now(results: Results) -> Found:
    """Distance that as many patrols as today save by the demand of their plan, beside what later crimes say."""
    found = results.found("saving_equal_p", lacking="the city states no posts of today")
    planned = "by the demand that it is planned for"
    try:
        later = saving_later(results)
    except (NoNumber, KeyError, TypeError, ValueError):
        return replace(found, note=planned)
    period = str(results.saved.values.get("later_period", "")) or "a later period"
    return replace(found, note=f"{planned}; {per_cent(later.value, 1)} on the crimes of {period}")


def of_criteria(name: str) -> Callable[[Results], Found]:
    """A number of section 32 with the number of criteria that section 31 ranked by."""

    def read(results: Results) -> Found:
        found = results.found(name)
        ranked = claims.saved_numbers(results.city, RANKING)
        criteria = ranked.values.get("criteria") if ranked else None
        return replace(found, note=f"{criteria} criteria") if criteria else found

    return read


def _number(name: str, **about: Any) -> Callable[[Results], Found]:
    return lambda results: results.found(name, **about)


ALLOCATION, STRAIGHT = "15_patrol_allocation", "euclidean"
RANKING = "31_priority_ranking"

PATROLS, CRIMES, FORECASTS = "Patrols", "Crimes", "Forecasts"
DISTRICTS, PRIORITIES = "Zones and districts", "Priorities"
TIMES: dict[str, Any] = {"percent": False, "decimals": 3, "base": 1.0}
"""How multiples of an optimum are shown."""

MEASURES = (
    Measure("saving_today", "Distance saved against today's posts",
            "With as many patrols as today, each at its best post, by the demand that the plan is made for.",
            "16", saving_now, PATROLS, "more",
            short="less distance than from as many posts of today"),
    Measure("saving_later", "The same on later crimes",
            "Of a period that the plan has not seen, with its 95 % interval.",
            "16", saving_later, PATROLS, "more"),
    Measure("distance_ratio", "Mean distance to a patrol over √(area / patrols)",
            "How far crimes lie from the posts of the proven plan, as the crow flies; the area is that of all squares of the "
            "grid. About 0.38 at any number of patrols where crimes are spread evenly and each post serves a hexagon, less "
            "where they cluster.",
            "15", distance_ratio, PATROLS, "less", percent=False,
            short="mean distance to a patrol over √(area per patrol)"),
    Measure("kmeans_ratio", "K-means, times the optimum, mean over numbers of patrols",
            "What the paper's method costs as a multiple of the proven plan with as many patrols, in straight distances.",
            "16", straight(kmeans_over_optimum), PATROLS, "less", short="times the least distance by K-means", **TIMES),
    Measure("kmeans_ratio_at_p", "K-means, times the optimum, one plan",
            "At the number of patrols of section 15, in straight distances.", "15", straight(over_optimum("K-means")), PATROLS, "less", **TIMES),
    Measure("fasterpam_ratio_at_p", "FasterPAM, times the optimum, one plan",
            "At the number of patrols of section 15.", "15", over_optimum("FasterPAM"), PATROLS, "less", **TIMES),
    Measure("busiest", "Crimes at the busiest hundredth of places",
            "How much of the crime a few places have; 1 % where all places are alike. A place is what the publisher snaps "
            "crimes to, a corner or a block, so that cities differ by their publishers too.",
            "13", busiest, CRIMES, short="of crimes at the busiest hundredth of places", median=False),
    Measure("skill_kinds", "Skill of the forecast of kinds over their frequencies",
            "Share of the log loss of climatology that the chosen forecast saves in a period that it never saw; "
            "the line is its 95 % interval.", "14", kinds_skill, FORECASTS, "more"),
    Measure("skill_counts", "Skill of the forecast of counts over history",
            "Share of the deviance of the historical mean that the chosen forecast saves, over the whole period and without "
            "an interval; whether it holds month by month is tested in section 14.",
            "14", count_skill, FORECASTS, "more"),
    Measure("significant_zones", "Zones that are hot or cold spots",
            "Getis-Ord Gi* by the normal test, with the false discovery rate controlled at 5 %, of the city's first field, "
            "which is another in each city. Neighbours are zones that share a border or a corner (queen); the line is the range over "
            "the definitions of neighbours that section 21 tries, on which the number depends more than on the city.",
            "21", significant, DISTRICTS, median=False),
    Measure("imbalance", "Imbalance of the best districts",
            "Sum of deviations from equal districts over the total, of the best plan for the first field of section 23, with as many "
            "districts as stand beside the city. No plan comes below what zones larger than an equal share leave over, which says "
            "more of the zones than of the plan.",
            "23", imbalance, DISTRICTS, short="of the total out of balance in the best districts", median=False),
    Measure("districts_ga_ratio", "Genetic algorithm, times the optimum", "The paper's algorithm for its equation (1): its median run as a "
            "multiple of the proven optimum.", "23", districts_over_optimum("GA, eq. 1"), DISTRICTS, "less", **TIMES),
    Measure("districts_azp_sa_ratio", "AZP-SA, times the optimum", "Its median run as a multiple of the proven optimum.",
            "23", districts_over_optimum("AZP-SA"), DISTRICTS, "less", **TIMES),
    Measure("settled", "Zones that keep their class of priority",
            "In at least 95 % of weights that respect the order of criteria. Cities are ranked by other criteria and as many as stand beside them, so that the numbers compare with care.",
            "32", of_criteria("settled"), PRIORITIES, "more", short="of zones keep their class of priority in at least 95 % of the weights that respect the order of criteria", median=False),
    Measure("first_stays", "The first zone stays first",
            "Share of weights that respect the order of criteria.", "32", of_criteria("first_stays_first"), PRIORITIES, "more", median=False),
)  # fmt: skip
"""What is compared, in the order of the page."""
