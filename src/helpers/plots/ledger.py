"""Draw the ledger of claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from helpers.plots.charts import bars
from helpers.plots.layout import panels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def verdict_bars(counts: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw how many claims got each verdict, one panel a paper.

    Parameters
    ----------
    counts : pandas.DataFrame
        One row a paper, one column a verdict, in the order in which they are drawn.
    names
        Name of each paper for people.

    Returns
    -------
    matplotlib.figure.Figure
    """
    height = 0.9 + 0.28 * len(counts.columns)
    figure, axes = panels(1, len(counts), height=height, sharey=True, sharex=True)
    for axis, (paper, row) in zip(axes[0], counts.iterrows(), strict=True):
        bars(axis, list(counts.columns), row, label="claims")
        axis.set_title(f"{names[paper]}, {row.sum()} claims", loc="left")
    return figure
