"""From pixels to places on the ground and back: world files and control points."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.checks import near

from ..errors import SourceError

DEGREES = "EPSG:4326"


@dataclass(frozen=True)
class Georeference:
    r"""An affine map from pixels to places, :math:`p = A\,(c, r, 1)^\top`.

    Attributes
    ----------
    matrix
        A, shape (2, 3): of a pixel's column c and row r, where (0, 0) is the centre of the upper
        left pixel, to x and y.
    rms
        Root mean square distance of the control points from the places that the map gives them,
        in its unit; 0 for a world file, which has none.
    points
        How many control points it rests on.
    """

    matrix: np.ndarray
    rms: float = 0.0
    points: int = 0

    def places(self, pixels: np.ndarray) -> np.ndarray:
        """Places of pixels (column, row), both of shape (n, 2)."""
        pixels = np.asarray(pixels, dtype=float).reshape(-1, 2)
        return pixels @ self.matrix[:, :2].T + self.matrix[:, 2]

    def pixels(self, places: np.ndarray) -> np.ndarray:
        """Pixels (column, row) of places, both of shape (n, 2)."""
        places = np.asarray(places, dtype=float).reshape(-1, 2)
        return np.linalg.solve(self.matrix[:, :2], (places - self.matrix[:, 2]).T).T

    @property
    def unit_per_pixel(self) -> float:
        """Side of a square as large as a pixel on the ground, :math:`\\sqrt{|\\det A|}`."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    @property
    def world_file(self) -> str:
        """Text of the world file: six lines, the centre of the upper left pixel in the last two."""
        (a, b, c), (d, e, f) = self.matrix
        return "".join(f"{value:.10f}\n" for value in (a, d, b, e, c, f))


def north_up(left: float, top: float, per_pixel: float) -> Georeference:
    """The map of a picture whose rows run east and whose columns run south.

    Parameters
    ----------
    left, top
        Place of the centre of the upper left pixel.
    per_pixel
        Side of a pixel.
    """
    return Georeference(np.array([[per_pixel, 0.0, left], [0.0, -per_pixel, top]]))


def read_world_file(text: str, name: str = "the world file") -> Georeference:
    """The map that a world file states.

    Parameters
    ----------
    text
        Six numbers, one a line: x per column, y per column, x per row, y per row, and x and y of
        the centre of the upper left pixel.
    name
        Of the file, for the sentence.

    Raises
    ------
    SourceError
        There are not six numbers, or all pixels would lie on a line.
    """
    words = text.split()
    try:
        a, d, b, e, c, f = (float(word) for word in words)
    except ValueError:
        raise SourceError(
            f"{name} is no world file: write six numbers, one a line, with a point for decimals"
        ) from None
    return _sound(np.array([[a, b, c], [d, e, f]]), name)


def of_control_points(
    pixels: np.ndarray, places: np.ndarray, name: str = "the control points"
) -> Georeference:
    """The affine map that fits control points best (least squares).

    Parameters
    ----------
    pixels
        Columns and rows, shape (n, 2), three or more that do not lie on a line.
    places
        Their places, shape (n, 2).
    name
        Of their file, for the sentence.

    Raises
    ------
    SourceError
        Fewer than three points, or all on a line.
    """
    pixels = np.asarray(pixels, dtype=float).reshape(-1, 2)
    places = np.asarray(places, dtype=float).reshape(-1, 2)
    if len(pixels) < 3:
        raise SourceError(f"{name}: {len(pixels)} control points; give three or more")
    # about their means: places in metres have seven digits before the point
    middle, centre = pixels.mean(axis=0), places.mean(axis=0)
    spread = np.linalg.svd(pixels - middle, compute_uv=False)
    if spread[1] < 1e-3 * spread[0]:
        raise SourceError(
            f"{name}: the control points lie on a line; add one well to the side of it"
        )
    linear, *_ = np.linalg.lstsq(pixels - middle, places - centre, rcond=None)
    matrix = np.column_stack([linear.T, centre - middle @ linear])
    off = places - (pixels @ linear + matrix[:, 2])
    rms = float(np.sqrt((off**2).sum(axis=1).mean()))
    sound = _sound(matrix, name)
    return Georeference(sound.matrix, rms, len(pixels))


def read_georeference(data: bytes, crs: str, name: str = "the georeference") -> Georeference:
    """The map that a city's file states, to the city's own system.

    Parameters
    ----------
    data
        Bytes of a world file in the city's system, or of a table (CSV) of control points with the
        columns ``pixel_x``, ``pixel_y`` and either ``lon``, ``lat`` (WGS 84) or ``x``, ``y`` (the
        city's system).
    crs
        The city's system.
    name
        Of the file, for the sentence.

    Raises
    ------
    SourceError
        The file is neither, a column is missing, a cell is no number, or the points give no map.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(f"{name} is no text; give a world file or control points") from None
    if not re.search(r"[A-Za-z]{2}", text):
        found = read_world_file(text, name)
        if np.abs(found.matrix[:, 2]).max() <= 360:
            raise SourceError(
                f"{name} is in degrees, not in {crs}; give control points with lon and lat instead"
            )
        return found
    try:
        table = pd.read_csv(io.StringIO(text), skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise SourceError(f"{name} is no table of control points") from None
    names = ["lon", "lat"] if {"lon", "lat"} & set(table.columns) else ["x", "y"]
    for column in ("pixel_x", "pixel_y", *names):
        if column not in table:
            hint = near(column, table.columns) or "; the columns are pixel_x, pixel_y, lon, lat"
            raise SourceError(f"{name}: no column {column!r}{hint}")
        numbers = pd.to_numeric(table[column], errors="coerce")
        if not np.isfinite(numbers).all():
            row = int(np.flatnonzero(~np.isfinite(numbers))[0]) + 2
            raise SourceError(f"{name}, row {row}, column {column}: write a number")
        table[column] = numbers
    places = table[names].to_numpy(dtype=float)
    if names == ["lon", "lat"]:
        from pyproj import Transformer

        bring = Transformer.from_crs(DEGREES, crs, always_xy=True)
        places = np.column_stack(bring.transform(places[:, 0], places[:, 1]))
        if not np.isfinite(places).all():
            raise SourceError(f"{name}: a control point has no place in {crs}; is lon before lat?")
    return of_control_points(table[["pixel_x", "pixel_y"]].to_numpy(), places, name)


def _sound(matrix: np.ndarray, name: str) -> Georeference:
    linear = matrix[:, :2]
    size = np.abs(linear).max()
    if not np.isfinite(matrix).all() or abs(np.linalg.det(linear)) <= 1e-9 * size**2:
        raise SourceError(f"{name} puts all pixels on one line or at one place; correct it")
    return Georeference(matrix)
