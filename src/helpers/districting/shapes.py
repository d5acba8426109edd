"""How compact polygons are: four measures from the literature on districts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.space import dissolved

if TYPE_CHECKING:
    import shapely

__all__ = ["area_shapes", "second_moments", "shape_measures"]


def shape_measures(shapes: Sequence[shapely.Geometry]) -> pd.DataFrame:
    r"""Four measures of compactness of each polygon, and how much of its convex hull it fills.

    With the area *A* and the perimeter *P* (the edges of holes and of every part are counted),
    *r* the radius of the smallest circle around it, and *J* its second moment about its centroid
    (:func:`second_moments`):

    .. math::

        \frac{P^2}{A}, \qquad \text{Polsby–Popper} = \frac{4 \pi A}{P^2}, \qquad
        \text{Reock} = \frac{A}{\pi r^2}, \qquad \text{moment of inertia} = \frac{A^2}{2 \pi J} .

    The last three are 1 for a disc and smaller for everything else; the first is :math:`4 \pi` for
    a disc and larger for everything else.

    Parameters
    ----------
    shapes : sequence of shapely geometries, length n
        Polygons or multipolygons of positive area, in one projected system.

    Returns
    -------
    pandas.DataFrame
        n rows; compactness (:math:`P^2 / A`), polsby_popper, reock, moment_of_inertia, hull_share
        (area over that of the convex hull), without unit.

    Raises
    ------
    ValueError
        A shape has no area.

    References
    ----------
    Polsby and Popper (1991), The third criterion, Yale Law and Policy Review 9(2); Reock (1961), A
    note: measuring compactness as a requirement of legislative apportionment, Midwest Journal of
    Political Science 5(1); Li, Goodchild and Church (2013), An efficient measure of compactness for
    two-dimensional shapes, International Journal of Geographical Information Science 27(6).

    Examples
    --------
    >>> import shapely
    >>> shape_measures([shapely.box(0, 0, 1, 1)]).round(3).iloc[0].tolist()
    [16.0, 0.785, 0.637, 0.955, 1.0]
    """
    import shapely

    drawn = np.asarray(shapes, dtype=object)
    area, perimeter = shapely.area(drawn), shapely.length(drawn)
    if not (area > 0).all():
        lacking = int(np.flatnonzero(~(area > 0))[0])
        raise ValueError(
            f"shape {lacking} has no area, so nothing can be said of how compact it is."
        )
    radius = shapely.minimum_bounding_radius(drawn)
    return pd.DataFrame(
        {
            "compactness": perimeter**2 / area,
            "polsby_popper": 4.0 * np.pi * area / perimeter**2,
            "reock": area / (np.pi * radius**2),
            "moment_of_inertia": area**2 / (2.0 * np.pi * second_moments(drawn)),
            "hull_share": area / shapely.area(shapely.convex_hull(drawn)),
        }
    )


def second_moments(shapes: Sequence[shapely.Geometry]) -> np.ndarray:
    r"""The second moment of each polygon about its own centroid.

    .. math:: J = \int |u - \bar u|^2 \, du
        = \frac{1}{12} \sum_i (x_i y_{i+1} - x_{i+1} y_i)
          (x_i^2 + x_i x_{i+1} + x_{i+1}^2 + y_i^2 + y_i y_{i+1} + y_{i+1}^2)

    over the corners of outer rings anticlockwise and of holes clockwise, from the centroid
    :math:`\bar u` (Green's theorem).

    Parameters
    ----------
    shapes : sequence of shapely geometries, length n
        Polygons or multipolygons.

    Returns
    -------
    numpy.ndarray, shape (n,)
        In the fourth power of the unit of the coordinates.
    """
    import shapely

    drawn = np.asarray(shapes, dtype=object)
    centres = shapely.get_coordinates(shapely.centroid(drawn))
    parts, part_of = shapely.get_parts(drawn, return_index=True)
    rings, ring_of = shapely.get_rings(
        shapely.orient_polygons(parts, exterior_cw=False), return_index=True
    )
    corners, corner_of = shapely.get_coordinates(rings, return_index=True)
    own = part_of[ring_of[corner_of]]
    x, y = (corners - centres[own]).T
    along = corner_of[1:] == corner_of[:-1]  # a ring's last corner is its first
    x, y, x2, y2 = x[:-1][along], y[:-1][along], x[1:][along], y[1:][along]
    terms = (x * y2 - x2 * y) * (x * x + x * x2 + x2 * x2 + y * y + y * y2 + y2 * y2) / 12.0
    return np.bincount(own[:-1][along], terms, minlength=len(drawn))


def area_shapes(shapes: Sequence[shapely.Geometry], assignment: Sequence[int]) -> pd.DataFrame:
    """The measures of `shape_measures` for the areas of a plan, on the dissolved polygons.

    Parameters
    ----------
    shapes : sequence of shapely geometries, length n
        Polygon of each unit.
    assignment : sequence of int, length n
        Area of each unit, 0, 1, …

    Returns
    -------
    pandas.DataFrame
        Index ``area``; columns of `shape_measures`.
    """
    return shape_measures(dissolved(shapes, assignment)).rename_axis("area")
