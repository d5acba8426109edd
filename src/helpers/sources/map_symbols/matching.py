"""Find symbols in an image by normalised cross-correlation with a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..errors import SourceError
from ._kernels import largest_within, masked_correlation, runs_of

# share of the range of 8 bits below which an image or a template is flat
FLAT = 1.0
# pixels of a template up to which products are summed one by one; beyond, transforms are faster
FEW = 600


@dataclass(frozen=True)
class Template:
    """What to look for.

    Attributes
    ----------
    image
        Red, green, blue, shape (rows, columns, 3), uint8.
    mask
        Pixels that belong to the symbol, shape (rows, columns).
    name
        What the symbol stands for.
    """

    image: np.ndarray
    mask: np.ndarray
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what nothing can be compared with."""
        if self.image.ndim != 3 or self.image.shape[2] != 3 or not self.image.size:
            raise SourceError(
                f"{self._named} is no colour image; give rows × columns × 3 numbers from 0 to 255"
            )
        if self.mask.shape != self.image.shape[:2]:
            raise SourceError(f"{self._named}: its mask has another shape than its image")
        if self.mask.sum() < 9 or self.image[self.mask].astype(float).std(axis=0).max() < FLAT:
            raise SourceError(
                f"{self._named} is of one colour, so that nothing can be compared with it; cut it "
                "from the map with the symbol's rim or glyph"
            )

    @property
    def _named(self) -> str:
        return f"the template {self.name!r}" if self.name else "the template"

    @property
    def core(self) -> tuple[slice, slice]:
        """The largest rectangle about the middle that is symbol only, free of what surrounds it."""
        rows, columns = self.mask.shape
        best = (0, slice(0, rows), slice(0, columns))
        for top in range((rows + 1) // 2):
            for left in range((columns + 1) // 2):
                part = slice(top, rows - top), slice(left, columns - left)
                area = (rows - 2 * top) * (columns - 2 * left)
                if area > best[0] and self.mask[part].all():
                    best = (area, *part)
        return best[1:]

    def scaled(self, factor: float) -> Template:
        """The template as large as `factor` says, its centre where it was."""
        import cv2

        if factor == 1:
            return self
        # an odd side has a middle pixel, on which the centre stays
        rows, columns = (2 * round((side * factor - 1) / 2) + 1 for side in self.mask.shape)
        if min(rows, columns) < 5:
            raise SourceError(f"{self._named} has under five pixels at the scale {factor:g}")
        into = np.array([[factor, 0, 0], [0, factor, 0]])
        into[:, 2] = (np.array([columns, rows]) - 1) / 2
        into[:, 2] -= factor * (np.array(self.mask.shape[::-1]) - 1) / 2
        fine: np.ndarray = self.image.astype(np.float32)
        if factor < 1:
            fine = cv2.GaussianBlur(fine, (0, 0), max(0.01, 0.4 * np.sqrt(1 / factor**2 - 1)))
        smooth, edge = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        image = cv2.warpAffine(fine, into, (columns, rows), flags=smooth, borderMode=edge)
        mask = cv2.warpAffine(self.mask.astype(np.float32), into, (columns, rows))
        return Template(np.round(image).astype(np.uint8), mask > 0.6, self.name)


def grey(image: np.ndarray) -> np.ndarray:
    """Luminance of a colour image, 0.299 R + 0.587 G + 0.114 B, uint8."""
    import cv2

    return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)


def normalised_correlation(
    image: np.ndarray, template: np.ndarray, mask: np.ndarray | None = None, *, tile: int = 4096
) -> np.ndarray:
    r"""Normalised cross-correlation at every place where the template fits whole.

    .. math::

        R(u) = \frac{\sum_x (I(u + x) - \bar I_u)(T(x) - \bar T)}
            {\sqrt{\sum_x (I(u + x) - \bar I_u)^2 \sum_x (T(x) - \bar T)^2}}

    with the means over the pixels x of the template: OpenCV's ``TM_CCOEFF_NORMED``, which the
    paper used. It is 1 where the image is the template up to brightness and contrast. Where the
    image is flat the ratio is 0 / 0, and 0 is given.

    Parameters
    ----------
    image, template
        Grey levels, uint8, shapes (rows, columns) and (h, w).
    mask
        Pixels of the template that count, shape (h, w); all where it is not given.
    tile
        Where the template has more than 600 pixels, the image is transformed in squares of so many
        pixels, which bounds the memory; neighbouring squares share h − 1 rows and w − 1 columns, so
        that the joined result has no seams. Below, sums are exact, and there are no squares.

    Returns
    -------
    ndarray of float32, shape (rows − h + 1, columns − w + 1)
        The place is the template's upper left pixel.

    Raises
    ------
    SourceError
        The template is larger than the image.
    """
    refuse_larger(template.shape, image.shape)
    counts = np.ones(template.shape, dtype=bool) if mask is None else mask.astype(bool)
    flat = _flat_places(image, template.shape)
    if counts.sum() <= FEW:
        return masked_correlation(np.ascontiguousarray(image), template, runs_of(counts), flat)
    response = _by_transforms(image, template, counts, tile)
    response[flat] = 0
    return response


def _flat_places(image: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Whether the image is flat under and beside the template, at every place."""
    import cv2

    edges = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    flat: np.ndarray = (edges <= 1).view(np.uint8)
    around = np.ones(size, np.uint8)
    flat = cv2.erode(flat, around, anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    rows, columns = (image.shape[k] - size[k] + 1 for k in (0, 1))
    return np.asarray(flat[:rows, :columns]).view(bool)


def _by_transforms(
    image: np.ndarray, template: np.ndarray, mask: np.ndarray, tile: int
) -> np.ndarray:
    """The correlation by OpenCV, tile by tile."""
    import cv2

    (rows, columns), (height, width) = image.shape, template.shape
    counts = None if mask.all() else mask.astype(np.uint8)
    response = np.empty((rows - height + 1, columns - width + 1), dtype=np.float32)
    for top, bottom in _cuts(response.shape[0], tile):
        for left, right in _cuts(response.shape[1], tile):
            part = image[top : bottom + height - 1, left : right + width - 1]
            response[top:bottom, left:right] = cv2.matchTemplate(
                part, template, cv2.TM_CCOEFF_NORMED, mask=counts
            )
    if counts is not None:
        response[~np.isfinite(response) | (np.abs(response) > 1.01)] = 0
    return response


def refuse_larger(template: tuple[int, ...], image: tuple[int, ...]) -> None:
    """Refuse a template that is larger than the image, both given by their shapes."""
    if template[0] > image[0] or template[1] > image[1]:
        raise SourceError(
            f"the template of {template[1]} × {template[0]} pixels is larger than the image of "
            f"{image[1]} × {image[0]}; give the symbol alone as template"
        )


def _cuts(length: int, step: int) -> list[tuple[int, int]]:
    return list(pairwise([*range(0, length, step), length]))


def peaks(response: np.ndarray, threshold: float, radius: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Places whose response is at least `threshold` and the largest within `radius`.

    Non-maximum suppression: of all places closer than `radius` in row and in column only the
    largest stays; of equal ones the first, in reading order.

    Parameters
    ----------
    response
        Shape (rows, columns).
    threshold
        Least response.
    radius
        Pixels.

    Returns
    -------
    rows, columns : ndarray of int, shape (k,)
        In reading order.
    """
    response = np.ascontiguousarray(response, dtype=np.float32)
    rows, columns = largest_within(response, threshold, radius).T
    # a plateau, as between two pixels: its first place
    wide = response.shape[1] + 2
    key = rows * wide + columns
    again = np.zeros(len(key), dtype=bool)
    for before in (1, wide - 1, wide, wide + 1):
        at = np.minimum(np.searchsorted(key, key - before), len(key) - 1)
        again |= key[at] == key - before
    return rows[~again], columns[~again]


def subpixel(around: np.ndarray) -> np.ndarray:
    r"""Where between the pixels a peak lies: the top of the quadratic through its surroundings.

    .. math::

        R(d) \approx R_0 + g^\top d + \tfrac12 d^\top H d, \qquad d^* = -H^{-1} g,

    with g and H by least squares over the 3 × 3 pixels around the largest one.

    Parameters
    ----------
    around
        Responses at the peak and its eight neighbours, shape (k, 3, 3).

    Returns
    -------
    ndarray of float, shape (k, 2)
        To the right and down, pixels, at most half a pixel each; 0 where the quadratic has no top.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.meshgrid([-1, 0, 1], [-1, 0, 1])
    >>> subpixel(1 - 0.1 * ((x - 0.3) ** 2 + (y + 0.2) ** 2)[None]).round(3).tolist()
    [[0.3, -0.2]]
    """
    values = np.asarray(around, dtype=float)
    column, row = values.mean(axis=1), values.mean(axis=2)
    gx, gy = (column[:, 2] - column[:, 0]) / 2, (row[:, 2] - row[:, 0]) / 2
    hxx = column[:, 0] - 2 * column[:, 1] + column[:, 2]
    hyy = row[:, 0] - 2 * row[:, 1] + row[:, 2]
    corners = values[:, 0, 0] + values[:, 2, 2] - values[:, 0, 2] - values[:, 2, 0]
    hxy = corners / 4
    determinant = hxx * hyy - hxy**2
    top = (hxx < 0) & (hyy < 0) & (determinant > 0)
    safe = np.where(top, determinant, 1.0)
    right = np.where(top, (hxy * gy - hyy * gx) / safe, 0.0)
    down = np.where(top, (hxy * gx - hxx * gy) / safe, 0.0)
    return np.clip(np.column_stack([right, down]), -0.5, 0.5)


def joined(tiles: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """One image of the tiles of a web map, given row by row; symbols across a seam are whole again.

    Raises
    ------
    SourceError
        Tiles of a row differ in height, or rows in width.
    """
    if not tiles or not all(len(row) for row in tiles):
        raise SourceError("there are no tiles to join")
    for number, row in enumerate(tiles, start=1):
        if len({tile.shape[0] for tile in row}) > 1:
            raise SourceError(f"the tiles of row {number} differ in height")
    rows = [np.concatenate(list(row), axis=1) for row in tiles]
    if len({row.shape[1] for row in rows}) > 1:
        raise SourceError("the rows of tiles differ in width; is one missing?")
    return np.concatenate(rows, axis=0)
