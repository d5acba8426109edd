"""Regular grids of quadrats over a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd


def grid(
    window: shapely.Geometry,
    columns: int,
    rows: int,
    *,
    polygons: bool = True,
    crs: Any = None,
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Quadrats over the bounding box of a window.

    Parameters
    ----------
    window : shapely Polygon or MultiPolygon
        In metres; holes allowed.
    columns, rows : int
        Number of quadrats from west to east and from south to north.
    polygons : bool
        Add the quadrats themselves (whole, not clipped) as geometry.
    crs : optional
        Coordinate system of the window, kept on the result.

    Returns
    -------
    GeoDataFrame, or DataFrame without `polygons`
        ``columns * rows`` rows, from south to north, in each row from west to east:
        ``column``, ``row`` (from 0), ``x``, ``y`` (the centre, metres), ``inside`` (whether the
        window holds the centre), ``area_km2`` (of the quadrat within the window).

    Raises
    ------
    ValueError
        Fewer than one column or row, or a window without area.

    Examples
    --------
    >>> triangle = shapely.Polygon([(0, 0), (2000, 0), (0, 2000)])
    >>> cells = grid(triangle, columns=2, rows=2, polygons=False)
    >>> cells["area_km2"].tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    x_edges, y_edges = _edges(window, columns, rows)
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    column, row = column.ravel(), row.ravel()
    west, east = x_edges[column], x_edges[column + 1]
    south, north = y_edges[row], y_edges[row + 1]
    x, y = (west + east) / 2, (south + north) / 2
    quadrats = shapely.box(west, south, east, north)
    shapely.prepare(window)
    whole = shapely.covers(window, quadrats)
    area = np.where(whole, (east - west) * (north - south), 0.0)
    cut = ~whole & shapely.intersects(window, quadrats)
    area[cut] = shapely.area(shapely.intersection(window, quadrats[cut]))
    frame = pd.DataFrame(
        {
            "column": column,
            "row": row,
            "x": x,
            "y": y,
            "inside": shapely.covers(window, shapely.points(x, y)),
            "area_km2": area / 1e6,
        }
    )
    if not polygons:
        return frame
    import geopandas as gpd

    return gpd.GeoDataFrame(frame, geometry=quadrats, crs=crs)


USUAL_CELLS = 960  # 40 × 24, as many as the grid that patrols were first planned on


def grid_size(
    window: shapely.Geometry, columns: int | None = None, rows: int | None = None
) -> tuple[int, int]:
    r"""Columns and rows of a grid of nearly square quadrats over the bounding box of a window.

    With a box of width w and height h, n quadrats are squares of the side

    .. math:: s = \sqrt{w h / n},

    so that there are :math:`w / s` columns and :math:`h / s` rows, rounded.

    Parameters
    ----------
    window : shapely Polygon or MultiPolygon
        In metres.
    columns, rows : int, optional
        Where one is given the other makes squares with it; where none is, n is 960.

    Returns
    -------
    columns, rows : int

    Raises
    ------
    ValueError
        A window without area.

    Examples
    --------
    >>> grid_size(shapely.box(0, 0, 5000, 3000))
    (40, 24)
    >>> grid_size(shapely.box(0, 0, 5000, 3000), columns=20)
    (20, 12)
    """
    if columns is not None and rows is not None:
        return columns, rows
    if not shapely.area(window) > 0:
        raise ValueError("the window has no area; give a polygon")
    west, south, east, north = shapely.bounds(window)
    width, height = float(east - west), float(north - south)
    side = np.sqrt(width * height / USUAL_CELLS)
    if columns is not None:
        side = width / columns
    elif rows is not None:
        side = height / rows
    return columns or max(1, round(width / side)), rows or max(1, round(height / side))


def cell_of(points: np.ndarray, window: shapely.Geometry, columns: int, rows: int) -> np.ndarray:
    """Quadrat of each point: its row in the frame that `grid` gives, or -1 outside the box.

    A point on a line between quadrats belongs to the one east or north of it; the outer east and
    north edges belong to the last ones.

    Parameters
    ----------
    points : (n, 2) array
        In metres.
    window, columns, rows
        As given to `grid`.

    Returns
    -------
    (n,) array of int

    Examples
    --------
    >>> square = shapely.box(0, 0, 10, 10)
    >>> cell_of(np.array([[1.0, 1.0], [5.0, 1.0], [10.0, 10.0], [11.0, 1.0]]), square, 2, 2)
    array([ 0,  1,  3, -1])
    """
    x_edges, y_edges = _edges(window, columns, rows)
    places = np.asarray(points, dtype=float)
    column = _interval(places[:, 0], x_edges)
    row = _interval(places[:, 1], y_edges)
    return np.where((column >= 0) & (row >= 0), row * columns + column, -1)


def _edges(window: shapely.Geometry, columns: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    if columns < 1 or rows < 1:
        raise ValueError(f"a grid of {columns} × {rows} quadrats is empty; give at least 1 × 1")
    if not shapely.area(window) > 0:
        raise ValueError("the window has no area; give a polygon")
    west, south, east, north = shapely.bounds(window)
    return np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)


def _interval(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    index = np.searchsorted(edges, values, side="right") - 1
    index[values == edges[-1]] = len(edges) - 2
    return np.where((index >= 0) & (index < len(edges) - 1), index, -1)
