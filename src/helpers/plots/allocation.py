"""Figures of patrol plans: demand on its grid, territories side by side, who serves whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.count_forecasts import round_ends, round_steps
from helpers.plots.layout import letter, shortened
from helpers.plots.maps import (
    map_panels,
    north_arrow,
    points_map,
    raster_map,
    scale_bar,
    streets_map,
)
from helpers.plots.patrols import circles_map, demand_dots, posts_map, territory_map
from helpers.plots.style import ALERT, CATEGORIES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Objectives that count what lies within a radius.
COVERS = ("covering", "backup")
# The colour scale of demand ends at the highest over this.
FAINTEST = 300


def demand_map(
    field: np.ndarray,
    edges: tuple[np.ndarray, np.ndarray],
    window,
    *,
    label: str,
    posts=None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Crimes expected in each quadrant, on a logarithmic scale, with the posts of today.

    Parameters
    ----------
    field
        Crimes, shape (rows, columns), first row southernmost; quadrants without any stay white.
    edges
        Eastings (columns + 1) and northings (rows + 1) of the lines of the grid, metres.
    window
        Polygon of the town.
    label
        What the colours mean.
    posts
        GeoDataFrame of points; those inside the frame are drawn.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    field = np.where(field > 0, field, np.nan)
    limits = round_ends(np.nanmax(field) / FAINTEST, np.nanmax(field))
    bounds = window.bounds
    figure, axes = map_panels(1, 1, bounds, width=5.6, bar=True, source=source, status=status)
    raster_map(
        axes[0, 0],
        field,
        *edges,
        label=label,
        limits=limits,
        logarithmic=True,
        ticks=round_steps(*limits),
        number="{:,.10g}",
        window=window,
    )
    if posts is not None:
        points_map(axes[0, 0], _framed(posts, window), marker="^", size=5.5, halo=True)
    return figure


def way(value: float, unit: str = "m") -> str:
    """A way as people read it: whole metres, or minutes to a tenth.

    Examples
    --------
    >>> way(2088.4), way(3.14159, "min")
    ('2,088 m', '3.1 min')
    """
    return f"{value:,.1f} min" if unit == "min" else f"{value:,.0f} m"


def sweep_maps(
    plans: Sequence,
    table: pd.DataFrame,
    *,
    unit: str = "m",
    source: str = "",
    status: str = "",
    **ground,
) -> Figure:
    """Plans for several numbers of patrols, two maps a row.

    Parameters
    ----------
    plans
        Each with ``served`` (place of each quadrant's patrol, shape (rows, columns)) and ``posts``
        (coordinates, shape (p, 2)).
    table
        ``patrols, mean_m, gap, proven``, one row a plan.
    unit
        Of the ways: ``m`` or ``min``.
    source, status
        As in :func:`helpers.plots.panels`.
    **ground
        ``edges``, ``window``, ``dots`` (places and amounts of the demand) and ``streets`` (lines to
        be drawn under them, or None).
    """
    titles = [
        f"{row.patrols} patrol{'' if row.patrols == 1 else 's'}: mean {way(row.mean_m, unit)}"
        + ("" if row.proven else f", gap {100 * row.gap:.1f}\xa0%")
        for row in table.itertuples()
    ]
    across = min(2, len(titles))
    figure, axes = map_panels(
        -(-len(titles) // across), across, ground["window"].bounds, source=source, status=status
    )
    draw_plans(axes.flat, plans, titles, dot=6, post=5.5, **ground)
    return figure


def method_maps(
    plans: Mapping[str, object],
    mean_m: Mapping[str, float],
    *,
    unit: str = "m",
    source: str = "",
    status: str = "",
    **ground,
) -> Figure:
    """Plans of several methods in one row, the mean distance in each title.

    Parameters
    ----------
    plans
        Method → plan, as in :func:`sweep_maps`.
    mean_m
        Method → mean distance.
    unit, source, status, **ground
        As in :func:`sweep_maps`.
    """
    titles = [f"{name}: mean {way(mean_m[name], unit)}" for name in plans]
    figure, axes = map_panels(
        1, len(titles), ground["window"].bounds, furniture="none", source=source, status=status
    )
    scale_bar(axes[0, 0])
    north_arrow(axes[0, 0], place=(0.03, 0.99))
    draw_plans(axes.flat, plans.values(), titles, dot=4.5, post=4.5, **ground)
    return figure


def objective_maps(
    plans: Mapping[str, object],
    table: pd.DataFrame,
    *,
    radius: float = 0.0,
    unit: str = "m",
    source: str = "",
    status: str = "",
    **ground,
) -> Figure:
    """Plans of four objectives, two maps a row, with what each buys and pays in its title.

    Parameters
    ----------
    plans
        Objective → plan, as in :func:`sweep_maps`.
    table
        ``mean_m`` and ``longest_m``, indexed by objective.
    radius
        Reach of the covering plans, metres: a circle round each of their posts; 0 for none.
    unit, source, status, **ground
        As in :func:`sweep_maps`.
    """
    longest = {name: table.loc[name, "longest_m"] for name in plans}
    far = {k: way(v, unit) if unit == "min" else f"{v / 1000:.1f} km" for k, v in longest.items()}
    titles = [
        f"{name}: mean {way(table.loc[name, 'mean_m'], unit)}, longest {far[name]}"
        for name in plans
    ]
    figure, axes = map_panels(2, 2, ground["window"].bounds, source=source, status=status)
    draw_plans(axes.flat, plans.values(), titles, dot=6, post=5.5, **ground)
    for axis, (name, plan) in zip(axes.flat, plans.items(), strict=False):
        if radius > 0 and name in COVERS:
            circles_map(axis, plan.posts, radius, window=ground["window"])
    return figure


def shift_plan_maps(
    plans: Sequence,
    table: pd.DataFrame,
    all_day: np.ndarray,
    demand: Sequence[np.ndarray],
    *,
    unit: str = "m",
    source: str = "",
    status: str = "",
    **ground,
) -> Figure:
    """The plan of each shift over its own demand, beside the posts that stand all day.

    Parameters
    ----------
    plans
        One a shift, as in :func:`sweep_maps`.
    table
        ``shift, own_m, stay``, one row a shift; ``when`` (days and hours) where it is known.
    all_day
        Coordinates of the posts of the whole day, shape (p, 2), metres.
    demand
        Amounts at the places of the dots, one array a shift.
    unit, source, status, **ground
        As in :func:`sweep_maps`.
    """
    called = [shortened(name, 24) for name in table["shift"]]
    if "when" in table:
        hours = table["when"].map(lambda when: f", {shortened(when, 32)}")
        called = [f"{name}{when}\n" for name, when in zip(called, hours, strict=True)]
    else:
        called = [f"{name}: " for name in called]
    titles = [
        f"{name}mean {way(row.own_m, unit)}, {row.stay} of {len(all_day)} stay"
        for name, row in zip(called, table.itertuples(), strict=True)
    ]
    across = min(2, len(titles))
    figure, axes = map_panels(
        -(-len(titles) // across), across, ground["window"].bounds, source=source, status=status
    )
    panels = list(axes.flat)
    for axis, plan, title, amounts in zip(panels, plans, titles, demand, strict=False):
        territory_map(axis, plan.served, *ground["edges"], window=ground["window"])
        streets_map(axis, ground.get("streets"))
        demand_dots(axis, ground["dots"][0], amounts, largest=6)
        axis.plot(*all_day.T, ls="", marker="s", ms=9, mfc="none", mec="black", mew=0.9, zorder=5)
        posts_map(axis, plan.posts, size=5.5, colour=ALERT)
        axis.set_title(title)
    for axis in panels[len(titles) :]:
        axis.set_visible(False)
    letter(panels[: len(titles)])
    return figure


def who_serves_whom(
    served: np.ndarray,
    posts: np.ndarray,
    *,
    edges: tuple[np.ndarray, np.ndarray],
    window,
    dots: tuple[np.ndarray, np.ndarray],
    streets=None,
    today=None,
    today_name: str = "",
    today_status: str = "",
    source: str = "",
    status: str = "",
) -> Figure:
    """The territory of each patrol, its number at its post, and the posts of today.

    Parameters
    ----------
    served
        Number of each quadrant's patrol, from 1, shape (rows, columns).
    posts
        Coordinates of the posts in the order of the numbers, shape (p, 2), metres.
    edges, window, dots, streets
        As in :func:`sweep_maps`.
    today, today_name, today_status
        GeoDataFrame of the posts of today, what they are, and the word that they must carry.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = map_panels(1, 1, window.bounds, width=6.4, source=source, status=status)
    axis = axes[0, 0]
    territory_map(axis, served, *edges, window=window)
    streets_map(axis, streets)
    demand_dots(axis, *dots, largest=9)
    if today is not None:
        look = {"marker": "^", "size": 6, "colour": CATEGORIES[0], "halo": True}
        label = f"today: {today_name.lower()}" + (f" ({today_status})" if today_status else "")
        points_map(axis, _framed(today, window), label=label, **look)
    names = range(1, len(posts) + 1)
    posts_map(axis, posts, names=names, colour=ALERT, label="post of the plan")
    axis.scatter([], [], s=25, color="#4d4d4d", label="crimes expected (by area)")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=3)
    return figure


def draw_plans(
    axes: Iterable[Axes],
    plans: Iterable,
    titles: Sequence[str],
    *,
    edges: tuple[np.ndarray, np.ndarray],
    window,
    dots: tuple[np.ndarray, np.ndarray],
    dot: float,
    post: float,
    streets=None,
    colours: Sequence[str] = (),
) -> None:
    """Draw territories, demand and posts of each plan on a panel of its own; panels left over go.

    Parameters
    ----------
    axes
        Panels in reading order.
    plans, titles
        One of each a panel; a plan has ``served`` and ``posts``, as in :func:`sweep_maps`.
    edges, window, dots, streets
        As in :func:`sweep_maps`.
    dot, post
        Largest diameter of a dot of demand, and diameter of a post, points.
    colours
        Of the posts, one a plan; red for all when not given.
    """
    axes, plans = list(axes), list(plans)
    colours = colours or [ALERT] * len(plans)
    for axis, plan, title, colour in zip(axes, plans, titles, colours, strict=False):
        territory_map(axis, plan.served, *edges, window=window)
        streets_map(axis, streets)
        demand_dots(axis, *dots, largest=dot)
        posts_map(axis, plan.posts, size=post, colour=colour)
        axis.set_title(title)
    for axis in axes[len(plans) :]:
        axis.set_visible(False)
    letter(axes[: len(plans)])


def _framed(points, window):
    """The points inside the window's box."""
    left, bottom, right, top = window.bounds
    return points.cx[left:right, bottom:top]
