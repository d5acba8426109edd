"""A panel of sliders for JupyterLab: move the swings and watch the ranking follow."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from .ranking import Ranking, additive_scores, rank_zones
from .weights import check_weights

if TYPE_CHECKING:
    from ipywidgets import VBox

BAR = "#0072B2"


def weight_explorer(
    values: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series,
    *,
    labels: Mapping[str, str] | None = None,
    top: int = 12,
) -> VBox:
    """Sliders for the swings of the criteria, with the weights that follow from them, above the
    zones that then come first.

    The sliders need a running kernel; where there is none (a printed or published notebook)
    the panel does not appear, so show the figure of `vary_weight` too.

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion.
    weights : Series or dict
        Starting weights, sum 1; moves are counted against their ranking.
    labels : dict, optional
        Criterion → words beside its slider.
    top : int
        How many zones to list.

    Returns
    -------
    ipywidgets.VBox
        Its children are one row a criterion (slider and weight), a button that goes back to the
        start, and the table.

    Raises
    ------
    PriorityError
        Weights that do not fit the criteria.
    """
    import ipywidgets

    weights = check_weights(weights, values.columns)
    start = rank_zones(additive_scores(values, weights))
    swings = (100 * weights / weights.max()).round().astype(int)
    words = {"description_width": "14em"}
    wide = ipywidgets.Layout(width="36em")
    sliders = {
        name: ipywidgets.IntSlider(
            value=int(swing),
            min=0,
            max=100,
            description=str((labels or {}).get(name, name)),
            style=words,
            layout=wide,
        )
        for name, swing in swings.items()
    }
    shares = {name: ipywidgets.HTML(layout=ipywidgets.Layout(width="8em")) for name in sliders}
    table = ipywidgets.HTML()
    button = ipywidgets.Button(description="Back to the start")

    def draw(_=None) -> None:
        moved = pd.Series({name: slider.value for name, slider in sliders.items()}, dtype=float)
        if moved.sum() == 0:
            for share in shares.values():
                share.value = ""
            table.value = "<p>Every swing is 0: give at least one criterion a swing.</p>"
            return
        # the swings are rounded: where none was moved the weights in use stand
        found = weights if moved.eq(swings).all() else moved / moved.sum()
        for name, share in shares.items():
            share.value = f"weight {found[name]:.3f}"
        ranking = rank_zones(additive_scores(values, found))
        table.value = ranking_html(ranking, start, top)

    def reset(_) -> None:
        for name, slider in sliders.items():
            slider.value = int(swings[name])

    for slider in sliders.values():
        slider.observe(draw, names="value")
    button.on_click(reset)
    draw()
    rows = [ipywidgets.HBox([slider, shares[name]]) for name, slider in sliders.items()]
    return ipywidgets.VBox([*rows, button, table])


def ranking_html(ranking: Ranking, start: Ranking, top: int) -> str:
    """The first zones of a ranking as an HTML table with bars, and how far each has moved."""
    rows = []
    for zone, row in ranking.table().head(top).iterrows():
        moved = int(start.ranks[zone] - row["rank"])
        sign = f"▲ {moved}" if moved > 0 else f"▼ {-moved}" if moved else ""
        bar = f'<div style="background:{BAR};height:0.8em;width:{16 * row["score"]:.2f}em"></div>'
        rows.append(
            f"<tr><td>{int(row['rank'])}</td><td>{escape(str(zone))}</td><td>{bar}</td>"
            f"<td>{row['score']:.3f}</td><td>{sign}</td></tr>"
        )
    head = "<tr><th>rank</th><th>zone</th><th></th><th>score</th><th>moved</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"
