"""Quadrat counts: is the intensity of a point pattern the same all over its window?"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy import special, stats

from helpers.checks import whole_number
from helpers.space import as_points, as_window

__all__ = ["QuadratTest", "quadrat_counts", "quadrat_test"]


_LEAST_EXPECTED = 5
"""Expected count below which Pearson's statistic strays from the chi-square distribution."""


@dataclass(frozen=True)
class QuadratTest:
    """Chi-square test of complete spatial randomness from quadrat counts.

    Attributes
    ----------
    statistic : float
        Pearson's X² over the tiles, see `quadrat_test`.
    df : int
        Number of tiles less one.
    p_two_sided : float
        2 min(upper tail, lower tail), at most 1: departures of both kinds.
    p_clustered, p_regular : float
        Upper tail (counts too uneven) and lower tail (counts too even). Below 1e-308 they are 0:
        see `log10_p`.
    smallest_expected : float
        Least expected count of a tile.
    sparse_tiles : int
        Tiles that expect fewer than 5 points, among them slivers that the window's edge leaves.
    note : str
        Empty, or why the chi-square distribution is doubtful here.
    table : GeoDataFrame
        One row a tile, see `quadrat_counts`.
    """

    statistic: float
    df: int
    p_two_sided: float
    p_clustered: float
    p_regular: float
    smallest_expected: float
    sparse_tiles: int
    note: str
    table: gpd.GeoDataFrame

    @property
    def log10_p(self) -> float:
        """Decimal logarithm of the upper tail, also where the tail is too small a number."""
        return _log10_tail(self.statistic, self.df)


def _log10_tail(statistic: float, df: int) -> float:
    """Decimal logarithm of P[χ²(df) > statistic].

    Where the tail is no number any more it is Γ(a, x) / Γ(a) with a = df / 2, x = statistic / 2,
    from Legendre's continued fraction Γ(a, x) = e^−x x^a / (x + 1 − a − 1 (1 − a) / (x + 3 − a − …)),
    evaluated by Lentz's method; there x is far above a, where it converges fast.
    """
    tail = stats.chi2.sf(statistic, df)
    if tail > 1e-300:
        return float(np.log10(tail))
    a, x = df / 2, statistic / 2
    b = x + 1 - a
    ratio, d, value = 1e300, 1 / b, 1 / b
    for step in range(1, 100_000):
        weight = -step * (step - a)
        b += 2
        d = 1 / (weight * d + b)
        ratio = b + weight / ratio
        value *= d * ratio
        if abs(d * ratio - 1) < 1e-15:
            break
    return float((a * np.log(x) - x - special.gammaln(a) + np.log(value)) / np.log(10))


def quadrat_counts(
    points, window, columns: int = 5, rows: int | None = None, *, outside: str = "raise"
) -> gpd.GeoDataFrame:
    r"""Counts in a rectangular grid of tiles clipped by the window.

    The bounding box is cut into columns × rows tiles, and each is clipped to the window W. Of n
    points a tile of area a is expected to hold E under complete spatial randomness:

    .. math:: E = \frac{n\, a}{|W|}

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
    window : Window or shapely polygon
    columns, rows : int
        Tiles along x and along y of the bounding box; rows defaults to columns.
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    GeoDataFrame
        Columns row, column (row 0 is the top), area, observed, expected (E), residual =
        (observed − expected) / √expected, geometry. Top row first, left to right;
        tiles that miss the window are left out. A point on the side between two tiles belongs to
        the left or the lower one.
    """
    window = as_window(window)
    points = as_points(points, window, outside)
    columns = whole_number(columns, "columns")
    rows = columns if rows is None else whole_number(rows, "rows")
    table = window.tiles(columns, rows)
    xmin, ymin, xmax, ymax = window.bounds
    # The same grid lines as the tiles have, so that a point on a line is told apart the same way.
    x_lines = np.linspace(xmin, xmax, columns + 1)
    y_lines = np.linspace(ymin, ymax, rows + 1)
    column = np.clip(np.searchsorted(x_lines, points[:, 0]) - 1, 0, columns - 1)
    above = np.clip(np.searchsorted(y_lines, points[:, 1]) - 1, 0, rows - 1)
    row = rows - 1 - above

    position = np.full((rows, columns), -1)
    position[table["row"], table["column"]] = np.arange(len(table))
    tile = position[row, column]
    # A point on the window's boundary can fall to a tile that only touches the window.
    stray = tile < 0
    if stray.any():
        tree = shapely.STRtree(table.geometry.to_numpy())
        tile[stray] = tree.query_nearest(shapely.points(points[stray]), all_matches=False)[1]
    table["observed"] = np.bincount(tile, minlength=len(table))
    table["expected"] = len(points) * table["area"] / window.area
    table["residual"] = (table["observed"] - table["expected"]) / np.sqrt(table["expected"])
    return table[["row", "column", "area", "observed", "expected", "residual", "geometry"]]


def quadrat_test(
    points, window, columns: int = 5, rows: int | None = None, *, outside: str = "raise"
) -> QuadratTest:
    r"""Pearson's chi-square test of CSR on tiles clipped by the window.

    .. math:: X^2 = \sum_{\text{tiles}} \frac{(O - E)^2}{E}

    with O the number of points in a tile and E what its clipped area makes one expect
    (`quadrat_counts`). It is referred to the chi-square distribution with (tiles − 1) degrees of freedom, an approximation
    that wants most expected counts above 5; `note` says where they are not. Tiles that the window
    cuts to slivers are kept, for they are part of the window, and count among the sparse ones.

    The counts must be of independent points. Where each point stands for several events at one place
    the statistic grows with their number and the p value is far too small: with every point doubled,
    CSR is rejected at the 5 % level in 73 of 100 patterns, with four copies in 99 (200 places, 25
    tiles). Test each place once.

    Parameters
    ----------
    points, window, columns, rows, outside
        As in `quadrat_counts`.

    Returns
    -------
    QuadratTest

    Raises
    ------
    ValueError
        For fewer than two points, fewer than two tiles, points outside the window.

    References
    ----------
    P. Diggle, Statistical Analysis of Spatial and Spatio-Temporal Point Patterns, 3rd ed., 2.5.

    Examples
    --------
    >>> from helpers.space import Window
    >>> result = quadrat_test([[1, 1], [1, 3], [1, 2], [3, 1]], Window.rectangle(0, 0, 4, 4), 2, 1)
    >>> result.table["observed"].tolist(), result.statistic, result.df
    ([3, 1], 1.0, 1)
    """
    table = quadrat_counts(points, window, columns, rows, outside=outside)
    n = int(table["observed"].sum())
    if n < 2:
        raise ValueError(f"a quadrat test needs at least two points, got {n}")
    if len(table) < 2:
        raise ValueError("a quadrat test needs at least two tiles: raise columns or rows")
    statistic = float(((table["observed"] - table["expected"]) ** 2 / table["expected"]).sum())
    df = len(table) - 1
    upper = float(stats.chi2.sf(statistic, df))
    lower = float(stats.chi2.cdf(statistic, df))
    smallest = float(table["expected"].min())
    sparse = int((table["expected"] < _LEAST_EXPECTED).sum())
    note = ""
    if sparse:
        note = (
            f"{sparse} of {len(table)} tiles expect fewer than {_LEAST_EXPECTED} points, "
            f"the least {smallest:.3g}: the chi-square p value is rough; take fewer tiles"
        )
    return QuadratTest(
        statistic=statistic,
        df=df,
        p_two_sided=min(1.0, 2 * min(upper, lower)),
        p_clustered=upper,
        p_regular=lower,
        smallest_expected=smallest,
        sparse_tiles=sparse,
        note=note,
        table=table,
    )
