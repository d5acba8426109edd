"""Draw zones nobody gave polygons for, from points or from centroids."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import ConvexHull

from .pieces import one_part_each

_WINDOW_SLACK = 1e-4
_SMALLEST_DISC = 0.3  # of the radius that a zone's area would have
_ROUNDNESS = 12  # corners of a quarter circle
_NEWTON_STEPS = 60
_SMALLEST_STEP = 1e-3
_LEAST_GAIN = 1e-6
_OWN_CELL = 0.8  # 1 would let a centroid lie on its border, 0 gives the Voronoi diagram


def voronoi_zones(
    points: np.ndarray,
    point_zone: Sequence[str],
    zones: Sequence[str],
    boundary: shapely.Polygon,
    centroids: np.ndarray | None = None,
) -> np.ndarray:
    r"""Zones from points of known zone: Voronoi cells of the points, dissolved by zone.

    Each place in `boundary` belongs to the zone of its nearest point.  Where the zone of many
    points is published but its outline is not, this is the outline the points imply.  A zone is
    drawn in one piece: the one with most of its points.  Its other pieces go each to the neighbour
    with the longest common border.

    Parameters
    ----------
    points : (n, 2) array
        Coordinates in metres; they may repeat.
    point_zone : sequence of n str
        The zone of each point.
    zones : sequence of m str
        The zones to draw; each gets one geometry.  Points of other zones are ignored.
    boundary : shapely.Polygon or MultiPolygon
        The cells are clipped to it.
    centroids : (m, 2) array, optional
        A place for each zone, used for zones that have no point of their own.

    Returns
    -------
    (m,) array of shapely polygons
        In the order of `zones`; together they cover `boundary` without overlap.  Only a zone
        with parts of the boundary that hang together with no other zone has several.

    Raises
    ------
    ValueError
        A zone has neither a point nor a centroid, or none inside `boundary`.

    Notes
    -----
    Where points of several zones coincide, the zone with most of them has the cell (the first in
    the order of `zones` if they tie), except that a zone with no other place keeps it.

    Examples
    --------
    >>> places = np.array([[1.0, 1.0], [3.0, 1.0]])
    >>> cells = voronoi_zones(places, ["a", "b"], ["a", "b"], shapely.box(0, 0, 4, 2))
    >>> [cell.area for cell in cells]
    [4.0, 4.0]
    """
    places, owner, count = _one_owner_each(points, point_zone, list(zones), centroids)
    cloud = shapely.multipoints(places)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(cloud, extend_to=shapely.envelope(boundary), ordered=True)
    )
    crossing = ~shapely.contains_properly(boundary, cells)
    cells[crossing] = _polygons_only(shapely.intersection(cells[crossing], boundary))
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(zones)))
    drawn = [shapely.union_all(group) for group in np.split(cells[order], starts[1:])]
    shapes = np.array(drawn, dtype=object)
    empty = shapely.is_empty(shapes)
    if empty.any():
        names = ", ".join(str(z) for z in np.asarray(zones, dtype=object)[empty][:5])
        raise ValueError(f"the points of zone {names} lie outside the boundary; widen it")
    return one_part_each(shapes, places, owner, count)


def _one_owner_each(
    points: np.ndarray,
    point_zone: Sequence[str],
    zones: list[str],
    centroids: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct places, the index of the zone that owns each, how many of its points lie there."""
    owner = pd.Index(zones).get_indexer(np.asarray(point_zone, dtype=object))
    frame = pd.DataFrame(np.asarray(points, dtype=float), columns=["x", "y"])
    frame["zone"] = owner
    counts = frame[frame["zone"] >= 0].groupby(["x", "y", "zone"]).size().rename("n").reset_index()
    # a zone with few places of its own is served first where places are shared
    choices = counts.groupby("zone")["x"].transform("size")
    only = choices.eq(1)
    ranked = counts.assign(only=only).sort_values(
        ["x", "y", "only", "n", "zone"], ascending=[True, True, False, False, True], kind="stable"
    )
    chosen = ranked.drop_duplicates(["x", "y"])
    missing = np.setdiff1d(np.arange(len(zones)), chosen["zone"])
    places, owners = chosen[["x", "y"]].to_numpy(), chosen["zone"].to_numpy()
    count = chosen["n"].to_numpy()
    if len(missing):
        spare = np.full((len(zones), 2), np.nan) if centroids is None else np.asarray(centroids)
        lost = missing[~np.isfinite(spare[missing]).all(axis=1)]
        if len(lost):
            names = ", ".join(str(zones[k]) for k in lost[:5])
            raise ValueError(
                f"{len(lost)} of {len(zones)} zones have no point of their own to be drawn from "
                f"({names}{', …' if len(lost) > 5 else ''}); give these zones a centroid or "
                "polygons"
            )
        places = np.vstack([places, spare[missing]])
        owners = np.concatenate([owners, missing])
        count = np.concatenate([count, np.ones(len(missing), dtype=int)])
    return places, owners, count


def _polygons_only(shapes: np.ndarray) -> np.ndarray:
    """Drop the points and lines that clipping leaves where a cell only touches the boundary."""
    kinds = shapely.get_type_id(shapes)
    mixed = ~np.isin(kinds, (3, 6))
    if mixed.any():
        shapes = shapes.copy()
        for k in np.flatnonzero(mixed):
            parts = shapely.get_parts(shapes[k])
            shapes[k] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    return shapes


def schematic_zones(centroids: np.ndarray, areas: np.ndarray) -> np.ndarray:
    r"""Cells around centroids, sized towards the zones' areas: a map of zones without polygons.

    The cells are a power diagram (Laguerre tessellation) of the centroids :math:`c_i`,

    .. math:: V_i = \{x \in W : |x - c_i|^2 - w_i \le |x - c_j|^2 - w_j \; \forall j\},

    in a window :math:`W` of area about :math:`\sum_i A_i`: discs of the areas grown together, in pieces
    where zones lie far apart.  The weights :math:`w` are those for which
    :math:`|V_i|` is nearest to :math:`A_i` among those that leave each centroid in its own cell:
    Newton steps on the areas, each pulled back to
    :math:`w_j - w_i \le \gamma |c_i - c_j|^2, \gamma < 1`.

    For drawing only: neither borders nor areas of the cells are facts.

    Parameters
    ----------
    centroids : (n, 2) array
        In metres, all different.
    areas : (n,) array
        Square metres, above zero.

    Returns
    -------
    (n,) array of shapely polygons or multipolygons
        They cover the window without overlap; each holds its own centroid.

    Raises
    ------
    ValueError
        Fewer than three zones, repeated or missing centroids, or an area that is not positive.

    References
    ----------
    Aurenhammer, Hoffmann and Aronov (1998), "Minkowski-type theorems and least-squares
    clustering", Algorithmica 20: weights for given areas exist and are unique up to a constant.

    Examples
    --------
    >>> places = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]])
    >>> cells = schematic_zones(places, np.array([16.0, 16.0, 16.0, 16.0]))
    >>> [round(cell.area, 1) for cell in cells]
    [16.0, 16.0, 16.0, 16.0]
    """
    places, sizes = np.asarray(centroids, dtype=float), np.asarray(areas, dtype=float)
    _check_centroids(places, sizes)
    # work on a map about one unit wide, so that squares of distances stay well scaled
    origin, unit = places.mean(axis=0), np.sqrt(sizes.sum())
    sites, target = (places - origin) / unit, sizes / unit**2
    window = _schematic_window(sites, target)
    target = target * (window.area / target.sum())
    weights = _fitted_weights(sites, target, window)
    cells = shapely.intersection(_power_cells(sites, weights)[0], window)
    return shapely.transform(_polygons_only(cells), lambda xy: xy * unit + origin)


def _check_centroids(places: np.ndarray, sizes: np.ndarray) -> None:
    if places.ndim != 2 or places.shape[1] != 2 or sizes.shape != (len(places),):
        raise ValueError("give an n × 2 array of centroids and n areas")
    if len(places) < 3:
        raise ValueError("a schematic map needs at least three zones")
    if not np.isfinite(places).all():
        raise ValueError("a centroid is missing; give every zone one")
    if len(np.unique(places, axis=0)) < len(places):
        raise ValueError("two zones have the same centroid; move one of them")
    if not (np.isfinite(sizes) & (sizes > 0)).all():
        raise ValueError("an area is missing or not above zero; correct it")


def _schematic_window(sites: np.ndarray, target: np.ndarray) -> shapely.Geometry:
    """Discs of the zones' areas, grown together, of about the zones' total area."""
    points, radius = shapely.points(sites), np.sqrt(target / np.pi)
    total = target.sum()
    closing = np.sqrt(total / len(sites))
    # below the smallest scale a centroid would have no room around it
    low, high = _SMALLEST_DISC, 1.0
    while (window := _grown_together(points, radius * high, closing)).area < total:
        low, high = high, 2 * high
    while window.area > total * (1 + _WINDOW_SLACK) and high - low > _WINDOW_SLACK:
        middle = (low + high) / 2
        trial = _grown_together(points, radius * middle, closing)
        if trial.area < total:
            low = middle
        else:
            high, window = middle, trial
    return window


def _grown_together(points: np.ndarray, radius: np.ndarray, closing: float) -> shapely.Geometry:
    """Morphological closing of discs, its holes filled."""
    discs = shapely.union_all(shapely.buffer(points, radius, quad_segs=_ROUNDNESS))
    wide = shapely.buffer(discs, closing, quad_segs=_ROUNDNESS)
    closed = shapely.buffer(wide, -closing, quad_segs=_ROUNDNESS)
    filled = [shapely.Polygon(part.exterior) for part in shapely.get_parts(closed)]
    # what the rounding of a circle to a polygon takes away, the discs give back
    return shapely.union_all([*filled, discs])


def _fitted_weights(sites: np.ndarray, target: np.ndarray, window: shapely.Geometry) -> np.ndarray:
    """Weights whose cells come nearest to the areas `target`, centroids kept in their cells."""
    squared = ((sites[:, None] - sites[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    weights = np.zeros(len(sites))
    cells, neighbours, lines = _power_cells(sites, weights)
    missing = target - shapely.area(shapely.intersection(cells, window))
    for _ in range(_NEWTON_STEPS):
        shared = shapely.length(shapely.intersection(lines, window))
        direction = _newton_direction(sites, neighbours, shared, missing)
        step = 1.0
        while step > _SMALLEST_STEP:
            trial = _pulled_back(weights + step * direction, squared)
            cells, neighbours, lines = _power_cells(sites, trial)
            left = target - shapely.area(shapely.intersection(cells, window))
            if np.abs(left).sum() < np.abs(missing).sum() * (1 - _LEAST_GAIN):
                break
            step /= 2
        else:
            return weights
        weights, missing = trial, left
    return weights


def _newton_direction(
    sites: np.ndarray, neighbours: np.ndarray, shared: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """Change of weights that, to first order, adds the areas `missing` to the cells.

    A border of length l between cells whose centroids are d apart moves by 1 / 2d for each unit
    of weight, so the derivative of the areas is the Laplacian of the cells with l / 2d as weight.
    """
    i, j = neighbours.T
    flow = shared / (2 * np.hypot(*(sites[i] - sites[j]).T))
    laplacian = np.zeros((len(sites), len(sites)))
    np.add.at(laplacian, (i, j), -flow)
    np.add.at(laplacian, (j, i), -flow)
    laplacian[np.diag_indices(len(sites))] = -laplacian.sum(axis=1)
    return np.linalg.lstsq(laplacian, missing, rcond=None)[0]


def _pulled_back(weights: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """The least weights, none below `weights`, that leave each centroid in its own cell."""
    while True:
        floor = (weights[None] - _OWN_CELL * squared).max(axis=1)
        if (weights >= floor).all():
            return weights
        weights = np.maximum(weights, floor)


def _power_cells(
    sites: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells of a power diagram, the pairs that touch, and the line that each pair shares.

    The diagram is the dual of the lower convex hull of the sites lifted to
    (x, y, x² + y² − w).  Sites far away close the outer cells.
    """
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    centre = (sites.min(axis=0) + sites.max(axis=0)) / 2
    far = centre + 40 * (1 + np.ptp(sites, axis=0).max()) * np.column_stack(
        [np.cos(angle), np.sin(angle)]
    )
    plane = np.vstack([sites, far])
    height = (plane**2).sum(axis=1) - np.concatenate([weights, np.zeros(len(far))])
    hull = ConvexHull(np.column_stack([plane, height]))
    lower = hull.equations[:, 2] < 0
    triangles = hull.simplices[lower]
    # the plane through a lower facet, z = 2 v·(x, y) + const, gives the vertex v of the diagram
    vertices = -hull.equations[lower, :2] / hull.equations[lower, 2:3] / 2
    n = len(sites)
    order = np.argsort(triangles.ravel(), kind="stable")
    corner_of, vertex = triangles.ravel()[order], order // 3
    ends = np.searchsorted(corner_of, np.arange(n + 1))
    cells = np.array(
        [
            shapely.convex_hull(shapely.multipoints(vertices[vertex[a:b]]))
            if b > a
            else shapely.Polygon()
            for a, b in pairwise(ends)
        ],
        dtype=object,
    )
    sides = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    facet = np.repeat(np.arange(len(triangles)), 3)
    sort = np.lexsort((sides[:, 1], sides[:, 0]))
    sides, facet = sides[sort], facet[sort]
    twin = (sides[1:] == sides[:-1]).all(axis=1) & (sides[1:, 1] < n)
    pairs = np.flatnonzero(twin)
    lines = shapely.linestrings(
        np.stack([vertices[facet[pairs]], vertices[facet[pairs + 1]]], axis=1)
    )
    return cells, sides[pairs], lines
