"""Observation windows: the region of the plane in which a point pattern was observed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from helpers.checks import one_of, whole_number

from ._kernels import BLOCK, boundary_distances
from ._strips import Strips

__all__ = ["Window", "as_points", "as_window"]

_ON_BOUNDARY = 1e-9
"""Points this close to the window (relative to its diagonal) lie on its closed boundary."""

_GOLDEN_2D = 1.324717957244746
"""The plastic number, root of x³ = x + 1: its powers drive the R2 sequence."""


@dataclass(frozen=True, eq=False)
class Window:
    """A bounded planar region W: rectangle, polygon, polygon with holes, or several parts.

    The window is closed: points on its boundary belong to it. Coordinates are planar numbers in
    one unit of length, whatever that unit is; nothing is projected here.

    Parameters
    ----------
    geometry : shapely Polygon or MultiPolygon
        Valid, not empty, of positive area. Orientation of the rings does not matter.
    crs : object, optional
        The coordinate reference system, where known. Geographic systems are refused.

    Raises
    ------
    ValueError
        If the geometry is no polygon, empty, invalid, not finite, or measured in degrees.

    Examples
    --------
    >>> window = Window.rectangle(0, 0, 2, 1)
    >>> window.area, window.bounds
    (2.0, (0.0, 0.0, 2.0, 1.0))
    >>> window.contains([[1, 0.5], [3, 0.5]]).tolist()
    [True, False]
    >>> window.distance_to_boundary([[1, 0.25]]).tolist()
    [0.25]
    """

    geometry: BaseGeometry
    crs: object = field(default=None, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "geometry", _checked_polygon(self.geometry))
        if self.crs is not None:
            object.__setattr__(self, "crs", pyproj.CRS.from_user_input(self.crs))
        _refuse_geographic(self.crs, self.geometry, "window")

    @classmethod
    def rectangle(cls, xmin: float, ymin: float, xmax: float, ymax: float) -> Window:
        """Rectangle with sides parallel to the axes.

        Raises
        ------
        ValueError
            If a side is not positive or a number is not finite.
        """
        if not np.isfinite([xmin, ymin, xmax, ymax]).all() or xmax <= xmin or ymax <= ymin:
            raise ValueError(
                f"a rectangle needs finite xmin < xmax and ymin < ymax, "
                f"got x from {xmin} to {xmax}, y from {ymin} to {ymax}"
            )
        return cls(shapely.box(xmin, ymin, xmax, ymax))

    @cached_property
    def area(self) -> float:
        """Area of the window, in squared units of length."""
        return float(self.geometry.area)

    @cached_property
    def perimeter(self) -> float:
        """Length of the whole boundary, rings of holes included."""
        return float(self.geometry.length)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Bounding box (xmin, ymin, xmax, ymax)."""
        return tuple(float(value) for value in self.geometry.bounds)

    @cached_property
    def diameter(self) -> float:
        """Largest distance between two points of the window."""
        hull = shapely.get_coordinates(self.geometry.convex_hull)
        gaps = hull[:, None, :] - hull[None, :, :]
        return float(np.sqrt((gaps**2).sum(axis=2).max()))

    @cached_property
    def shorter_side(self) -> float:
        """Length of the shorter side of the bounding box."""
        xmin, ymin, xmax, ymax = self.bounds
        return min(xmax - xmin, ymax - ymin)

    @cached_property
    def is_rectangle(self) -> bool:
        """Whether the window is exactly its bounding box."""
        return bool(
            self.geometry.geom_type == "Polygon"
            and not self.geometry.interiors
            and shapely.get_num_coordinates(self.geometry) == 5
            and self.geometry.equals(shapely.box(*self.bounds))
        )

    @cached_property
    def edges(self) -> np.ndarray:
        """Boundary edges (m, 4), rows ax, ay, bx, by, with the window on the left of a → b.

        Outer rings run counter-clockwise and holes clockwise, ring by ring; edges of no length
        are left out.
        """
        rings = []
        for part in shapely.get_parts(self.geometry):
            rings.append((part.exterior, True))
            rings.extend((hole, False) for hole in part.interiors)
        tables = []
        for ring, counter_clockwise in rings:
            path = shapely.get_coordinates(ring)
            if shapely.is_ccw(ring) != counter_clockwise:
                path = path[::-1]
            tables.append(np.hstack([path[:-1], path[1:]]))
        edges = np.vstack(tables)
        edges = edges[(edges[:, :2] != edges[:, 2:]).any(axis=1)]
        edges.flags.writeable = False
        return edges

    @cached_property
    def centre(self) -> np.ndarray:
        """Middle of the bounding box: the origin that methods shift to, to keep precision."""
        xmin, ymin, xmax, ymax = self.bounds
        return np.array([(xmin + xmax) / 2, (ymin + ymax) / 2])

    @cached_property
    def _tolerance(self) -> float:
        xmin, ymin, xmax, ymax = self.bounds
        # Coordinates far from the origin are themselves only good to some units in the last place.
        return _ON_BOUNDARY * np.hypot(xmax - xmin, ymax - ymin) + 4 * np.spacing(
            max(abs(value) for value in self.bounds)
        )

    @cached_property
    def _strips(self) -> Strips:
        return Strips.of(self.geometry)

    @cached_property
    def _strips_of_parts(self) -> list[Strips]:
        parts = shapely.get_parts(self.geometry)
        return [self._strips] if len(parts) == 1 else [Strips.of(part) for part in parts]

    @cached_property
    def _edge_boxes(self) -> np.ndarray:
        edges = self.edges
        starts = np.arange(0, len(edges), BLOCK)
        low = np.minimum(edges[:, :2], edges[:, 2:])
        high = np.maximum(edges[:, :2], edges[:, 2:])
        return np.hstack([np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)])

    def contains(self, points) -> np.ndarray:
        """Whether each point lies in the closed window.

        Parameters
        ----------
        points : array_like, shape (n, 2)

        Returns
        -------
        ndarray of bool, shape (n,)
            Points within a billionth of the window's diagonal of the boundary count as on it, so
            that a change of unit or a shift of origin does not lose the points on the boundary.
        """
        points = np.asarray(points, dtype=float).reshape(-1, 2)
        inside = self._strips.holds(points, shapely.intersects_xy)
        if not inside.all():
            near = np.flatnonzero(~inside)
            inside[near] = self.distance_to_boundary(points[near]) <= self._tolerance
        return inside

    def distance_to_boundary(self, points, *, at_most: float = np.inf) -> np.ndarray:
        """Distance of each point to the nearest boundary, outer edge or hole.

        Parameters
        ----------
        points : array_like, shape (n, 2)
            Inside or outside the window; the distance is never negative.
        at_most : float
            Longer distances are given as this one, which saves looking for them.

        Returns
        -------
        ndarray of float, shape (n,)
        """
        points = np.asarray(points, dtype=float).reshape(-1, 2)
        if self.is_rectangle:
            xmin, ymin, xmax, ymax = self.bounds
            x, y = points.T
            inward = np.minimum.reduce([x - xmin, xmax - x, y - ymin, ymax - y])
            if (inward >= 0).all():
                return np.minimum(inward, at_most)
        return boundary_distances(points, self.edges, self._edge_boxes, BLOCK, float(at_most))

    def area_left_of(self, x) -> np.ndarray:
        r"""Area of the part of the window with first coordinate at most x, exactly.

        By Green's theorem the area is :math:`-\oint y\, dX` over the boundary left of x, a sum of
        clipped trapezoids; see `area_below` for the second coordinate.

        Parameters
        ----------
        x : array_like, shape (n,)

        Returns
        -------
        ndarray of float, shape (n,)

        Examples
        --------
        >>> Window.rectangle(0, 0, 4, 1).area_left_of([1, 3]).tolist()
        [1.0, 3.0]
        """
        return self._swept_area(np.asarray(x, dtype=float), 0)

    def area_below(self, y) -> np.ndarray:
        """Area of the part of the window with second coordinate at most y, exactly."""
        return self._swept_area(np.asarray(y, dtype=float), 1)

    def _swept_area(self, position, axis):
        cuts, left, right, before = self._slabs[axis]
        position = position - self.centre[axis]
        at = np.clip(position, cuts[0], cuts[-1])
        slab = np.clip(np.searchsorted(cuts, at, side="right") - 1, 0, len(cuts) - 2)
        along = at - cuts[slab]
        wide = left[slab] + (right - left)[slab] * along / np.diff(cuts)[slab]
        return np.clip(before[slab] + along * (left[slab] + wide) / 2, 0.0, self.area)

    @cached_property
    def _slabs(self) -> tuple[tuple[np.ndarray, ...], ...]:
        """The window cut at its vertices, by axis: cuts, widths at both ends, area before each slab."""
        found = []
        for axis in (0, 1):
            edges = self.edges - np.tile(self.centre, 2)
            edges = edges[edges[:, axis] != edges[:, 2 + axis]]
            start, end = edges[:, axis], edges[:, 2 + axis]
            other, other_end = edges[:, 1 - axis], edges[:, 3 - axis]
            # Along x the area is −∮ y dx, along y it is +∮ x dy.
            sign = np.sign(end - start) * (-1 if axis == 0 else 1)
            cuts = np.unique(np.concatenate([start, end]))
            first = np.searchsorted(cuts, np.minimum(start, end))
            spans = np.searchsorted(cuts, np.maximum(start, end)) - first
            edge = np.repeat(np.arange(len(edges)), spans)
            slab = np.arange(len(edge)) - np.repeat(np.cumsum(spans) - spans - first, spans)
            slope = ((other_end - other) / (end - start))[edge]
            widths = [
                np.bincount(slab, sign[edge] * (other[edge] + slope * (at - start[edge])))
                for at in (cuts[slab], cuts[slab + 1])
            ]
            areas = (widths[0] + widths[1]) / 2 * np.diff(cuts)
            found.append((cuts, *widths, np.cumsum(areas) - areas))
        return tuple(found)

    def eroded_area(self, r) -> np.ndarray:
        """Area of the erosion W(−r): the points of the window at least r from its boundary.

        Parameters
        ----------
        r : array_like, shape (k,)
            Distances, not negative.

        Returns
        -------
        ndarray of float, shape (k,)
            Exact for rectangles. Elsewhere the arcs about re-entrant corners are polygons of 256
            sides to the quarter circle, a relative error below 1e-5.
        """
        r = np.asarray(r, dtype=float)
        if self.is_rectangle:
            xmin, ymin, xmax, ymax = self.bounds
            return np.maximum(xmax - xmin - 2 * r, 0) * np.maximum(ymax - ymin - 2 * r, 0)
        centred = shapely.transform(self.geometry, lambda xy: xy - self.centre)
        return shapely.area(shapely.buffer(centred, -r, quad_segs=256))

    def tiles(self, columns: int, rows: int) -> gpd.GeoDataFrame:
        """Rectangular grid over the bounding box, clipped by the window.

        Parameters
        ----------
        columns, rows : int
            Number of tiles along x and along y.

        Returns
        -------
        GeoDataFrame
            Columns row, column (row 0 is the top, column 0 the left), area, geometry; top row
            first, left to right. Tiles that miss the window are left out.
        """
        columns, rows = whole_number(columns, "columns"), whole_number(rows, "rows")
        xmin, ymin, xmax, ymax = self.bounds
        x = np.linspace(xmin, xmax, columns + 1)
        y = np.linspace(ymin, ymax, rows + 1)
        row, column = (index.ravel() for index in np.indices((rows, columns)))
        below = rows - 1 - row
        boxes = shapely.box(x[column], y[below], x[column + 1], y[below + 1])
        shapely.prepare(self.geometry)
        clipped = shapely.intersection(self.geometry, boxes)
        area = shapely.area(clipped)
        keep = area > 0
        return gpd.GeoDataFrame(
            {"row": row[keep], "column": column[keep], "area": area[keep]},
            geometry=clipped[keep],
            crs=self.crs,
        )

    def random_points(self, n: int, seed=None) -> np.ndarray:
        """Points independently and uniformly distributed in the window.

        Parts are drawn in proportion to their area, then points by rejection from each part's
        bounding box.

        Parameters
        ----------
        n : int
        seed : int or numpy Generator

        Returns
        -------
        ndarray of float, shape (n, 2)
            In random order.
        """
        n = whole_number(n, "the number of points", least=0)
        rng = np.random.default_rng(seed)
        xmin, ymin, xmax, ymax = self.bounds
        if self.is_rectangle:
            return rng.uniform((xmin, ymin), (xmax, ymax), (n, 2))
        parts = shapely.get_parts(self.geometry)
        shares = shapely.area(parts)
        found = []
        numbers = rng.multinomial(n, shares / shares.sum())
        for part, strips, wanted in zip(parts, self._strips_of_parts, numbers, strict=True):
            xmin, ymin, xmax, ymax = part.bounds
            acceptance = part.area / ((xmax - xmin) * (ymax - ymin))
            while wanted > 0:
                size = min(int(1.1 * wanted / acceptance) + 10, 4_000_000)
                # what rng.uniform draws with limits by axis, without its check of every pair
                tried = rng.random((size, 2))
                for axis, low, length in ((0, xmin, xmax - xmin), (1, ymin, ymax - ymin)):
                    tried[:, axis] *= length
                    tried[:, axis] += low
                held = np.flatnonzero(strips.holds(tried, shapely.contains_xy))
                kept = tried.take(held[:wanted], axis=0)  # many times faster than by index
                found.append(kept)
                wanted -= len(kept)
        points = np.vstack(found) if found else np.empty((0, 2))
        return rng.permutation(points) if len(parts) > 1 else points

    def spread_points(self, n: int) -> np.ndarray:
        """About n locations spread evenly over the window, the same on every call.

        They are the R2 sequence, a two-dimensional golden-ratio sequence: as even as a lattice
        but in step with none, so that data on a lattice do not resonate with it. Averages over
        them replace integrals over the window.

        Parameters
        ----------
        n : int

        Returns
        -------
        ndarray of float, shape (about n, 2)
        """
        density = whole_number(n, "the number of locations") / self.area
        found = []
        for part, strips in zip(
            shapely.get_parts(self.geometry), self._strips_of_parts, strict=True
        ):
            xmin, ymin, xmax, ymax = part.bounds
            size = max(1, round(density * (xmax - xmin) * (ymax - ymin)))
            steps = np.arange(1, size + 1, dtype=float)[:, None]
            unit = (0.5 + steps / np.array([_GOLDEN_2D, _GOLDEN_2D**2])) % 1.0
            located = np.array([xmin, ymin]) + unit * np.array([xmax - xmin, ymax - ymin])
            if not self.is_rectangle:
                located = located[strips.holds(located, shapely.contains_xy)]
            found.append(located)
        return np.vstack(found)


def as_window(window) -> Window:
    """Window from whatever describes one.

    Parameters
    ----------
    window : Window, shapely Polygon or MultiPolygon, GeoSeries or GeoDataFrame of polygons
            Several polygons are united.

    Returns
    -------
    Window

    Raises
    ------
    ValueError
        As `Window`; also for anything that is no polygon.

    Notes
    -----
    Degrees are refused where a coordinate reference system says that they are degrees. A bare
    polygon says nothing of its unit: its numbers are taken as they are, for a small window in
    kilometres looks just like one in degrees.
    """
    if isinstance(window, Window):
        return window
    if isinstance(window, gpd.GeoDataFrame):
        window = window.geometry
    if isinstance(window, gpd.GeoSeries):
        _refuse_geographic(window.crs, window, "window")
        if len(window) == 0:
            raise ValueError("the window has no rows: pass the boundary polygon")
        return Window(window.union_all(), crs=window.crs)
    if isinstance(window, BaseGeometry):
        return Window(window)
    raise ValueError(
        f"a window is a Window, a shapely polygon or a GeoSeries of polygons, "
        f"not {type(window).__name__}"
    )


def as_points(points, window: Window, outside: str = "raise") -> np.ndarray:
    """Coordinates of a point pattern, checked against its window.

    Parameters
    ----------
    points : array_like of shape (n, 2), DataFrame with columns x and y, GeoSeries or GeoDataFrame
        Duplicate points are kept.
    window : Window
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    ndarray of float, shape (n, 2)

    Raises
    ------
    ValueError
        For a wrong shape, missing or infinite coordinates, geometries that are no points,
        a geographic or a different coordinate reference system, points outside the window.
    """
    one_of(outside, "outside", ("raise", "drop"))
    if isinstance(points, gpd.GeoDataFrame):
        points = points.geometry
    if isinstance(points, gpd.GeoSeries):
        coordinates = _coordinates_of(points, window)
    else:
        if isinstance(points, pd.DataFrame) and {"x", "y"} <= set(points.columns):
            points = points[["x", "y"]]
        try:
            coordinates = np.array(points, dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(
                "points are an (n, 2) array of numbers or a GeoSeries of points"
            ) from error
        if coordinates.size == 0:
            coordinates = coordinates.reshape(0, 2)
    if coordinates.ndim != 2 or coordinates.shape[1] != 2:
        raise ValueError(f"points need the shape (n, 2), got {coordinates.shape}")
    wrong = np.flatnonzero(~np.isfinite(coordinates).all(axis=1))
    if len(wrong):
        raise ValueError(
            f"{len(wrong)} points have missing or infinite coordinates (rows {_listed(wrong)}): "
            "remove them first"
        )
    inside = window.contains(coordinates)
    if inside.all():
        return coordinates
    if outside == "drop":
        return coordinates[inside]
    wrong = np.flatnonzero(~inside)
    raise ValueError(
        f"{len(wrong)} of {len(coordinates)} points lie outside the window (rows {_listed(wrong)}): "
        'check the coordinates and their order, or pass outside="drop" to leave them out'
    )


def _coordinates_of(points: gpd.GeoSeries, window: Window) -> np.ndarray:
    _refuse_geographic(points.crs, points, "points")
    if points.crs is not None and window.crs is not None and points.crs != window.crs:
        raise ValueError(
            f"points are in {points.crs.name} but the window is in {window.crs.name}: "
            "bring both to one system with to_crs"
        )
    missing = np.flatnonzero(points.isna().to_numpy() | points.is_empty.to_numpy())
    if len(missing):
        raise ValueError(
            f"{len(missing)} points have no geometry (rows {_listed(missing)}): remove them first"
        )
    if not (points.geom_type == "Point").all():
        kinds = ", ".join(sorted(set(points.geom_type) - {"Point"}))
        raise ValueError(f"a point pattern is made of points, this one also has {kinds}")
    return np.column_stack([points.x.to_numpy(), points.y.to_numpy()])


def _refuse_geographic(crs, geometry, what: str) -> None:
    if crs is None or not getattr(crs, "is_geographic", False):
        return
    series = geometry if isinstance(geometry, gpd.GeoSeries) else gpd.GeoSeries([geometry], crs=crs)
    try:
        projected = series.estimate_utm_crs()
        mend = f'project it first, for example with to_crs("{projected.to_string()}") '
        mend += f"({projected.name}, metres)"
    except (RuntimeError, ValueError):
        mend = "project it first with to_crs to a system in metres"
    raise ValueError(
        f"the {what} is in {crs.name}, degrees of longitude and latitude, where distances have "
        f"no unit: {mend}"
    )


def _checked_polygon(geometry) -> BaseGeometry:
    if not isinstance(geometry, BaseGeometry) or geometry.geom_type not in (
        "Polygon",
        "MultiPolygon",
    ):
        kind = getattr(geometry, "geom_type", type(geometry).__name__)
        raise ValueError(f"a window is a Polygon or MultiPolygon, not a {kind}")
    if geometry.is_empty:
        raise ValueError("the window is empty: it needs a positive area")
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise ValueError("the window has missing or infinite coordinates")
    if not geometry.is_valid:
        raise ValueError(
            f"the window is not a valid polygon ({shapely.is_valid_reason(geometry)}): "
            "mend it with shapely.make_valid and look at the result"
        )
    if not geometry.area > 0:
        raise ValueError("the window has no area")
    geometry = shapely.force_2d(geometry)
    parts = shapely.get_parts(geometry)
    return parts[0] if len(parts) == 1 else geometry


def _listed(rows: np.ndarray, shown: int = 10) -> str:
    text = ", ".join(str(row) for row in rows[:shown])
    return text if len(rows) <= shown else f"{text}, …"
