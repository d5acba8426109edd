"""Normalised cross-correlation over the pixels that show."""

from __future__ import annotations

import numpy as np

from ._kernels import correlation_over_shown, correlations_at, runs_of
from .matching import FEW, FLAT, Template, grey


def visible_correlation(
    levels: np.ndarray, visible: np.ndarray, template: Template, least_visible: float
) -> np.ndarray:
    """Normalised cross-correlation over the pixels that show, at every place of a small image.

    As in :func:`locate`; every sum of the formula is one plain correlation, for example the sum of
    V I T over the template is that of V I with T.

    Parameters
    ----------
    levels
        Grey levels, whole numbers from 0 to 255, shape (rows, columns).
    visible
        1 where a pixel counts, 0 elsewhere, same shape.
    template
        Its mask counts too.
    least_visible
        Places where a smaller share of the template shows get −1.

    Returns
    -------
    ndarray of float32, shape (rows − h + 1, columns − w + 1)
    """
    runs, enough = runs_of(template.mask), _enough(template, least_visible)
    if template.mask.sum() <= FEW:
        model = grey(template.image)
        return correlation_over_shown(levels, visible, model, runs, enough, FLAT**2)
    return _by_transforms(levels.astype(np.float32), visible, template, enough)


def correlations_around(
    levels: np.ndarray,
    visible: np.ndarray,
    corners: tuple[np.ndarray, np.ndarray],
    reach: int,
    template: Template,
    least_visible: float,
) -> np.ndarray:
    """As :func:`visible_correlation`, in the surroundings of some places.

    Parameters
    ----------
    levels, visible, template, least_visible
        As there.
    corners
        Row and column of the upper left corner of each surrounding, shapes (k,).
    reach
        Places to each side of the middle.

    Returns
    -------
    ndarray of float32, shape (k, 2 reach + 1, 2 reach + 1)
    """
    if template.mask.sum() <= FEW:
        model, runs = grey(template.image), runs_of(template.mask)
        enough = _enough(template, least_visible)
        return correlations_at(levels, visible, *corners, reach, model, runs, enough, FLAT**2)
    tall, wide = (side + 2 * reach for side in template.mask.shape)
    found = np.empty((len(corners[0]), 2 * reach + 1, 2 * reach + 1), dtype=np.float32)
    for k, (row, column) in enumerate(zip(*corners, strict=True)):
        part = np.s_[row : row + tall, column : column + wide]
        found[k] = visible_correlation(levels[part], visible[part], template, least_visible)
    return found


def _enough(template: Template, least_visible: float) -> float:
    return float(max(least_visible * template.mask.sum(), 9) - 0.5)


def _by_transforms(
    levels: np.ndarray, visible: np.ndarray, template: Template, enough: float
) -> np.ndarray:
    """The correlation by OpenCV, which is faster where the template is large."""
    import cv2

    mask = template.mask.astype(np.float32)
    model = (grey(template.image).astype(np.float32) - 128) / 128 * mask
    shown = visible.astype(np.float32)
    seen = (levels - 128) / 128 * shown

    def sums(of: np.ndarray, over: np.ndarray) -> np.ndarray:
        return cv2.matchTemplate(of, over, cv2.TM_CCORR)

    count = sums(shown, mask)
    some = count >= enough
    count = np.maximum(count, 1)
    of_seen, of_model = sums(seen, mask), sums(shown, model)
    both = sums(seen, model) - of_seen * of_model / count
    ours = sums(shown, model * model) - of_model**2 / count
    theirs = sums(seen * seen, mask) - of_seen**2 / count
    least = (FLAT / 128) ** 2 * count
    some &= (ours > least) & (theirs > least)
    product = np.sqrt(np.where(some, ours * theirs, 1))
    return np.where(some, both / product, np.float32(-1)).astype(np.float32)
