"""Draw the plan of today: what few changes bring, which zones they move, how unusual it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import thousands
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import enlarged, map_panels
from helpers.plots.plans import plan_map
from helpers.plots.style import ALERT, CATEGORIES, INK, MUTED

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.figure import Figure

DASHES = (0, (4, 2))
SHOWN = {"eq1": "(1)", "eq4": "(4)", "mean_polsby_popper": "mean Polsby–Popper"}


def changes_curve(
    changes: pd.DataFrame, *, unit: str, source: str = "", status: str = ""
) -> Figure:
    """Draw equation (1) against how many zones may change.

    Parameters
    ----------
    changes
        plan, most_moved (of today and of plans with few changes), eq1, bound, proven (``"optimal"`` or
        not); the row ``drawn anew`` is a plan drawn anew.
    unit
        Of equation (1).
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(height=2.9, source=source, status=status)
    axis = axes[0, 0]
    rows = changes.set_index("plan")
    few = rows[rows["most_moved"].notna()]
    sure = (few["proven"] == "optimal") | (few["most_moved"] == 0)
    colour = CATEGORIES[0]
    axis.plot(few["most_moved"], few["eq1"], color=colour, lw=1.2, zorder=2)
    axis.plot(few["most_moved"][sure], few["eq1"][sure], "o", color=colour, ms=6, label="proven")
    if not sure.all():
        rest = few[~sure]
        look = {"mfc": "white", "mec": colour, "ms": 6, "zorder": 3}
        axis.plot(rest["most_moved"], rest["eq1"], "o", label="best found", **look)
        low = rest[rest["bound"] > 0]  # a bound of nothing is none
        axis.vlines(low["most_moved"], low["bound"], low["eq1"], color=MUTED, lw=1, zorder=1)
        look = {"color": MUTED, "ms": 9, "mew": 1.5, "label": "proven bound, gap"}
        axis.plot(low["most_moved"], low["bound"], "_", **look)
        for place, bound, best in low[["most_moved", "bound", "eq1"]].itertuples(index=False):
            axis.annotate(
                f"{100 * (best - bound) / best:.1f}\xa0%", (place, (bound + best) / 2), (-5, 0),
                textcoords="offset points", ha="right", va="center", color=MUTED, fontsize=7,
            )  # fmt: skip
    axis.axhline(rows.loc["drawn anew", "eq1"], color=ALERT, lw=1, ls=DASHES, label="drawn anew")
    axis.set(xlabel="zones that may change", ylabel=f"(1), {unit}", ylim=(0, None))
    axis.set_xticks(few["most_moved"])
    axis.margins(y=0.08)
    thousands(axis, "y")
    axis.legend(loc="upper right", frameon=False, fontsize=8)
    return figure


def changed_zones(
    zones: gpd.GeoDataFrame,
    plans: Mapping[str, Sequence[int]],
    *,
    colours: Sequence[int],
    zoom: Sequence[float] | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map today's plan and others, the zones that others move outlined and hatched.

    Parameters
    ----------
    zones
        Polygons.
    plans
        Area of each zone, by title, the first today's; an area has one number in all.
    colours
        Number of the colour of each area.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the part to show, metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    extent = zones.total_bounds if zoom is None else zoom
    across = 3 if len(plans) == 3 else 2
    rows = -(-len(plans) // across)
    figure, axes = map_panels(rows, across, extent, source=source, status=status)
    today = np.asarray(next(iter(plans.values())))
    for axis in axes.flat[len(plans) :]:
        axis.remove()
    for axis, assignment in zip(axes.flat, plans.values(), strict=False):
        labels = np.asarray(assignment)
        plan_map(axis, zones, labels, colours)
        moved = zones[labels != today]
        if len(moved):
            # one outline around zones that move together
            moved.dissolve().plot(
                ax=axis, facecolor="none", edgecolor=INK, lw=0.9, hatch="/////", zorder=4
            )
            axis.set(xlabel="", ylabel="")
        if zoom is not None:
            enlarged(axis)
    letter(list(axes.flat)[: len(plans)], plans)
    return figure


def among_random(
    measures: pd.DataFrame,
    marks: Mapping[str, Mapping[str, float]],
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw where plans stand among random ones, a panel a measure.

    Parameters
    ----------
    measures
        One row a random plan: eq1, eq4, mean_polsby_popper.
    marks
        Values of the measures, by name of the plan; the first is today's.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(1, len(SHOWN), height=2.8, source=source, status=status)
    colours = [ALERT, *CATEGORIES]
    for axis, (name, label) in zip(axes[0], SHOWN.items(), strict=True):
        values = measures[name].to_numpy()
        axis.hist(values, bins=60, color="0.8", edgecolor="none", label="random plans")
        low, high = np.quantile(values, [0.025, 0.975])
        axis.axvspan(low, high, color="0.92", zorder=0, label="middle 95 %")
        for colour, (plan, own) in zip(colours, marks.items(), strict=False):
            axis.axvline(own[name], color=colour, lw=1.6, label=plan)
        axis.set(xlabel=label, yticks=[])
        axis.spines["left"].set_visible(False)
        thousands(axis, "x")
    axes[0, 0].set_ylabel("random plans")
    letter(axes[0], [""] * len(SHOWN))
    entries = {plan: colour for colour, plan in zip(colours, marks, strict=False)}
    foot_legend(figure, entries, columns=4, marker="-")
    return figure
