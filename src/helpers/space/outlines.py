"""Derive a study boundary from points when nobody may ship the real one."""

from __future__ import annotations

import numpy as np
import shapely

_HULL = 0.25  # 0 is the tightest hull, 1 the convex one
_MOST = 20_000  # places that shape a hull
_STEPS = 40  # halvings of an interval: far below a millimetre on any city


def study_area(points: np.ndarray, area: float) -> shapely.Polygon:
    r"""Polygon of a stated area around points: a concave hull with a margin.

    The outermost points do not lie on the border of the region they were drawn from, so a bare
    hull is too tight.  The margin starts at half the mean spacing of the points,
    :math:`m = \tfrac12 \sqrt{A / n}`; the concavity of the hull is then the one for which the
    hull with its margin has area `A`, and the margin takes up what remains, because the hull
    changes in steps.  With `A` known from a census table nothing is left to choose by eye.

    Parameters
    ----------
    points : (n, 2) array
        Coordinates in metres.  Repeated points are counted once.
    area : float
        Area of the boundary, in square metres.

    Returns
    -------
    shapely.Polygon
        Valid, without holes, holds every point in its interior.

    Raises
    ------
    ValueError
        Fewer than three distinct points, points on one line, or an area too small to hold them.

    Notes
    -----
    The concave hull is GEOS's (edges of the Delaunay triangulation longer than a fraction of the
    longest are eroded from outside), see Duckham et al. (2008), "Efficient generation of simple
    polygons for characterizing the shape of a set of points", Pattern Recognition 41.

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    >>> round(study_area(corners, area=144.0).area, 6)
    144.0
    """
    distinct = np.unique(np.asarray(points, dtype=float), axis=0)
    if distinct.ndim != 2 or distinct.shape[1] != 2 or len(distinct) < 3:
        raise ValueError("a study area needs at least three distinct points (an n × 2 array)")
    if not np.isfinite(distinct).all():
        raise ValueError("a study area needs finite coordinates; drop the points that have none")
    cloud = shapely.multipoints(distinct)
    if shapely.convex_hull(cloud).geom_type != "Polygon":
        raise ValueError("all points lie on one line; a study area needs points in the plane")
    margin = 0.5 * np.sqrt(area / len(distinct))
    loosest = shapely.concave_hull(cloud, ratio=1.0)
    tight, loose = 0.0, 1.0
    if shapely.buffer(loosest, margin).area > area:
        for _ in range(_STEPS // 2):
            middle = (tight + loose) / 2
            hull = shapely.concave_hull(cloud, ratio=middle)
            if shapely.buffer(hull, margin).area > area:
                loose = middle
            else:
                tight = middle
        loosest = shapely.concave_hull(cloud, ratio=tight)
    if loosest.area >= area:
        raise ValueError(
            f"the points need at least {loosest.area / 1e6:.3f} km² but the stated area is "
            f"{area / 1e6:.3f} km²; check its unit"
        )
    return _widen(loosest, area)


def _widen(hull: shapely.Polygon, area: float) -> shapely.Polygon:
    low, high = 0.0, np.sqrt(area)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if shapely.Polygon(shapely.buffer(hull, middle).exterior).area < area:
            low = middle
        else:
            high = middle
    return shapely.Polygon(shapely.buffer(hull, high).exterior)


def event_hull(places: np.ndarray) -> tuple[shapely.Polygon, float]:
    """A polygon around places in metres that holds all of them, and its margin.

    The margin is a few times the usual distance between neighbours, at least 100 m.
    """
    unique = np.unique(np.asarray(places, dtype=float), axis=0)
    if len(unique) < 3:
        return shapely.MultiPoint(unique).convex_hull.buffer(500.0), 500.0
    shaping = unique
    if len(unique) > _MOST:
        # one place a cell of a fine grid draws the same outline
        size = (unique.max(axis=0) - unique.min(axis=0)).max() / 400
        _, first = np.unique(np.floor(unique / size), axis=0, return_index=True)
        shaping = unique[first]
    whole = shapely.convex_hull(shapely.multipoints(unique))
    margin = float(np.clip(1.5 * np.sqrt(max(whole.area, 1.0) / len(unique)), 100.0, 1500.0))
    hull = shapely.concave_hull(shapely.multipoints(shaping), ratio=_HULL)
    grown = hull.buffer(margin)
    left = ~shapely.contains_xy(grown, unique[:, 0], unique[:, 1])
    if left.any():
        grown = shapely.union_all([grown, *shapely.buffer(shapely.points(unique[left]), margin)])
    if grown.geom_type != "Polygon":
        grown = shapely.concave_hull(grown, ratio=0.6).buffer(margin / 4)
    outline = shapely.Polygon(grown.exterior)
    simple = outline.simplify(margin / 10)
    if shapely.contains_xy(simple, unique[:, 0], unique[:, 1]).all():
        outline = simple
    return outline, margin
