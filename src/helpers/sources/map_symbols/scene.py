"""An image that symbols are looked for in: what hangs on no threshold, worked out once."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ._kernels import runs_of
from .matching import Template, grey, normalised_correlation
from .visible import correlations_around, visible_correlation


class Scene:
    """An image and the forms that are looked for in it.

    Parameters
    ----------
    image
        Red, green, blue, shape (rows, columns, 3), uint8.
    forms
        Templates in the sizes that are looked for, each with its scale.
    least_visible
        Least share of a symbol that must show.
    tile
        As in :func:`normalised_correlation`.
    again
        Whether the image is read several times, so that correlations are kept.
    """

    def __init__(
        self,
        image: np.ndarray,
        forms: list[tuple[Template, float]],
        least_visible: float,
        tile: int,
        again: bool,
    ) -> None:
        import cv2

        self.image, self.forms, self.least, self.tile = image, forms, least_visible, tile
        self.side = max(max(form.mask.shape) for form, _ in forms)
        self.pad = 2 * self.side
        edge = (self.pad, self.pad, self.pad, self.pad)
        self.colours: np.ndarray = cv2.copyMakeBorder(image, *edge, cv2.BORDER_REPLICATE)
        self.levels = grey(self.colours)
        self.inside = np.pad(np.ones(image.shape[:2], np.uint8), self.pad)
        self.runs = [runs_of(form.mask) for form, _ in forms]
        self._again = again
        self._around: dict[tuple[int, int, int, bytes], np.ndarray] = {}

    @cached_property
    def responses(self) -> list[np.ndarray]:
        """Correlation of grey levels with each form, over the pixels of the symbol."""
        levels = grey(self.image)
        return [
            normalised_correlation(levels, grey(form.image), form.mask, tile=self.tile)
            for form, _ in self.forms
        ]

    @cached_property
    def core_responses(self) -> list[np.ndarray]:
        """Correlation of grey levels with the core of each form, which has no holes."""
        levels = grey(self.image)
        return [
            normalised_correlation(levels, grey(form.image[form.core]), tile=self.tile)
            for form, _ in self.forms
        ]

    @cached_property
    def strips(self) -> list[tuple[slice, slice]]:
        """Parts along the edges, as far inwards as a symbol across the edge reaches."""
        rows, columns = self.inside.shape
        near, far = self.side + self.side // 4, self.pad + self.side
        return [
            (slice(near, far), slice(0, columns)),
            (slice(rows - far, rows - near), slice(0, columns)),
            (slice(0, rows), slice(near, far)),
            (slice(0, rows), slice(columns - far, columns - near)),
        ]

    @cached_property
    def strip_responses(self) -> list[list[np.ndarray]]:
        """Correlation over the pixels of the image in each strip, by form."""
        return [
            [
                visible_correlation(self.levels[part], self.inside[part], form, self.least)
                for part in self.strips
            ]
            for form, _ in self.forms
        ]

    def around(
        self, number: int, corners: tuple[np.ndarray, np.ndarray], reach: int, shown: np.ndarray
    ) -> np.ndarray:
        """Correlation over the pixels that show, in surroundings, as `correlations_around`.

        Surroundings in which the same pixels show have the same, whatever the threshold.
        """
        form, _ = self.forms[number]
        if not self._again:
            return correlations_around(self.levels, shown, corners, reach, form, self.least)
        tall, wide = (side + 2 * reach for side in form.mask.shape)
        keys = [
            (number, row, column, shown[row : row + tall, column : column + wide].tobytes())
            for row, column in zip(*(corner.tolist() for corner in corners), strict=True)
        ]
        new = [k for k, key in enumerate(keys) if key not in self._around]
        some = corners[0][new], corners[1][new]
        found = correlations_around(self.levels, shown, some, reach, form, self.least)
        self._around |= {keys[k]: each for k, each in zip(new, found, strict=True)}
        return np.stack([self._around[key] for key in keys])

    @property
    def every_third(self) -> tuple[slice, slice]:
        """Every third pixel of the image tells the shares of its colours."""
        return np.s_[self.pad : -self.pad : 3, self.pad : -self.pad : 3]

    @cached_property
    def colour_counts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Number of each pixel's colour, how many of each there are, and how many symbols have."""
        bins = _bins(self.colours[self.every_third])
        own = np.zeros(4096)
        for form, _ in self.forms:
            own += np.bincount(_bins(form.image[form.mask]), minlength=4096)
        return bins, own + np.bincount(bins.ravel(), minlength=4096), own


def _bins(colours: np.ndarray) -> np.ndarray:
    """Number of each colour among 16 × 16 × 16."""
    coarse = (colours >> 4).astype(np.int16)
    return (coarse[..., 0] * 16 + coarse[..., 1]) * 16 + coarse[..., 2]
