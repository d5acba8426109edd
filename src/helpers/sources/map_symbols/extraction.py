"""Locate symbols, those that others hide or the edge cuts among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from helpers.checks import positive

from ..errors import SourceError
from ._kernels import compared, likely_pixels
from .matching import (
    FLAT,
    Template,
    peaks,
    refuse_larger,
    subpixel,
)
from .scene import Scene

COLUMNS = ["kind", "pixel_x", "pixel_y", "correlation", "visible", "scale"]
# how far below the threshold a first candidate may lie: what is hidden in part scores less until
# the symbols over it are known
SLACK = 0.2
# contrast of a symbol in the image over that of the template
CONTRAST = (0.5, 1.6)
# rounds of finding symbols under symbols; a pile is seldom deeper
ROUNDS = 12


def locate(
    image: np.ndarray,
    templates: Template | Sequence[Template],
    *,
    threshold: float = 0.75,
    scales: Sequence[float] = (1.0,),
    least_visible: float = 0.2,
    overlaps: bool = True,
    tile: int = 4096,
) -> pd.DataFrame:
    r"""Symbols of an image with their places to a fraction of a pixel.

    Candidates are the peaks of the normalised cross-correlation with each template at each scale.
    Then the pile is taken off from the top: what is best within its surroundings is a symbol, its
    pixels are explained and count no more, and the rest is compared again by the correlation over
    the pixels that are still to be explained,

    .. math::

        R_V(u) = \frac{\sum_x V (I - \bar I)(T - \bar T)}
            {\sqrt{\sum_x V (I - \bar I)^2 \sum_x V (T - \bar T)^2}}, \qquad V \in \{0, 1\},

    with the means over the same pixels, band by band (Padfield 2012). A symbol under another is so
    held against the part of it that shows, as is one that the edge of the image cuts.

    Parameters
    ----------
    image
        Red, green, blue, shape (rows, columns, 3), uint8.
    templates
        What to look for.
    threshold
        Least correlation, between 0 and 1.
    scales
        Sizes in which each template is looked for, as factors.
    least_visible
        Least share of a symbol that must show.
    overlaps
        Look under and beside what was found. False is the plain procedure: peaks of the
        correlation of grey levels at or above the threshold, the largest within half a symbol.
    tile
        As in :func:`normalised_correlation`.

    Returns
    -------
    pandas.DataFrame
        One row a symbol, from top to bottom of the image: ``kind`` (name of the template),
        ``pixel_x``, ``pixel_y`` (centre; (0, 0) is the centre of the upper left pixel), ``correlation``
        (correlation), ``visible`` (share that shows), ``scale``. No rows where nothing reaches the
        threshold.

    Raises
    ------
    SourceError
        No template, one larger than the image, or an image of another form.

    References
    ----------
    J. P. Lewis (1995), Fast normalized cross-correlation. D. Padfield (2012), Masked object
    registration in the Fourier domain, IEEE Transactions on Image Processing 21(5).
    """
    return locate_each(
        image,
        templates,
        [threshold],
        scales=scales,
        least_visible=least_visible,
        overlaps=overlaps,
        tile=tile,
    )[0]


def locate_each(
    image: np.ndarray,
    templates: Template | Sequence[Template],
    thresholds: Sequence[float],
    *,
    scales: Sequence[float] = (1.0,),
    least_visible: float = 0.2,
    overlaps: bool = True,
    tile: int = 4096,
) -> list[pd.DataFrame]:
    """As :func:`locate` for each of several thresholds; correlations are worked out once.

    Parameters
    ----------
    image, templates, scales, least_visible, overlaps, tile
        As there.
    thresholds
        Least correlations, each between 0 and 1.

    Returns
    -------
    list of pandas.DataFrame
        One a threshold.

    Raises
    ------
    SourceError
        As there.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise SourceError("the image is not rows × columns × 3 numbers of 8 bits")
    for threshold in thresholds:
        if not 0 < threshold < 1:
            raise SourceError(f"threshold is a number between 0 and 1, not {threshold!r}")
    if not 0 < least_visible <= 1:
        raise SourceError(f"least_visible is a share above 0, up to 1, not {least_visible!r}")
    looked_for = [templates] if isinstance(templates, Template) else list(templates)
    if not looked_for:
        raise SourceError("there is no template to look for")
    factors = [positive(factor, "scale", error=SourceError) for factor in scales]
    forms = [(each.scaled(factor), factor) for each in looked_for for factor in factors]
    for form, _ in forms:
        refuse_larger(form.mask.shape, image.shape)
    scene = Scene(image, forms, least_visible, tile, again=len(thresholds) > 1)
    if not overlaps:
        return [_plainly(scene, threshold) for threshold in thresholds]
    return [_Pile(scene, threshold).taken_off() for threshold in thresholds]


def _plainly(scene: Scene, threshold: float) -> pd.DataFrame:
    found, forms = [], scene.forms
    for number, ((form, _), response) in enumerate(zip(forms, scene.responses, strict=True)):
        rows, columns = peaks(response, threshold, max(form.mask.shape) // 2)
        framed = np.pad(response, 1, mode="edge")
        around = _windows(framed, rows, columns, 3, 3)
        moved = subpixel(around)
        score = response[rows, columns]
        middle = (np.array(form.mask.shape) - 1) / 2
        places = np.column_stack([rows, columns]) + middle + moved[:, ::-1]
        found.append(np.column_stack([places, score, np.full(len(rows), number)]))
    everything = np.concatenate(found)
    everything = everything[np.argsort(-everything[:, 2], kind="stable")]
    sizes = np.array([max(form.mask.shape) for form, _ in forms])
    kept = _apart(everything[:, :2], sizes[everything[:, 3].astype(int)] / 2)
    rows, columns, score, number = everything[kept].T
    return _table(rows, columns, score, np.ones(len(rows)), number, forms)


class _Pile:
    """An image whose symbols are taken off, those on top first."""

    def __init__(self, scene: Scene, threshold: float) -> None:
        import cv2

        self.scene, self.forms, self.threshold = scene, scene.forms, threshold
        self.side, self.pad = scene.side, scene.pad
        self.open = scene.inside.copy()
        grown = np.ones((3, 3), np.uint8)
        masks = [np.pad(form.mask, 1).astype(np.uint8) for form, _ in self.forms]
        self.grown = [cv2.dilate(mask, grown) > 0 for mask in masks]

    def taken_off(self) -> pd.DataFrame:
        """Everything that is found, from top to bottom of the image."""
        pool = self._first()
        found: list[np.ndarray] = []
        for _ in range(ROUNDS):
            scores, visible, contrast = self._scores(pool)
            fits = self._fits(scores, visible, contrast)
            good = np.flatnonzero(fits)
            good = good[np.argsort(-scores[good], kind="stable")]
            reach = np.full(len(good), float(self.side))
            best = good[_best_of(self._centres(pool[good]), reach)]
            if not len(best):
                break
            found.append(self._measured(pool[best], scores[best], visible[best]))
            self._explain(pool[best])
            # only what touches a new one can have changed, or what gave way to it
            alive = fits | self._touching(pool, pool[best])
            alive[best] = False
            # what lies under the new ones shows as a peak of its own only now that they are off
            pool = _distinct(np.concatenate([pool[alive], self._beside(pool[best])]))
        rows, columns, score, shown, number = np.concatenate(found).T if found else np.empty((5, 0))
        return _table(rows - self.pad, columns - self.pad, score, shown, number, self.forms)

    def _first(self) -> np.ndarray:
        """Candidates (form, row, column): peaks of the image, and of the strips along its edges."""
        scene, pool = self.scene, []
        for number, (form, _) in enumerate(self.forms):
            part = form.core
            rows, columns = peaks(scene.core_responses[number], max(0.3, self.threshold - SLACK))
            rows, columns = rows - part[0].start, columns - part[1].start
            pool.append(_entries(number, rows + self.pad, columns + self.pad))
            for part, response in zip(scene.strips, scene.strip_responses[number], strict=True):
                rows, columns = peaks(response, self.threshold - 0.1)
                pool.append(_entries(number, rows + part[0].start, columns + part[1].start))
        return _distinct(np.concatenate(pool))

    def _beside(self, accepted: np.ndarray) -> np.ndarray:
        """Candidates that lie mostly under the symbols just taken off."""
        reach = (2 * self.side) // 3
        found = [np.empty((0, 3), dtype=int)]
        likely = self._likely_colours()
        centres = self._centres(accepted).round().astype(int)
        for number, (form, _) in enumerate(self.forms):
            height, width = form.mask.shape
            rows = centres[:, 0] - height // 2 - reach
            columns = centres[:, 1] - width // 2 - reach
            tall, wide = height + 2 * reach, width + 2 * reach
            inside = (rows >= 0) & (columns >= 0)
            inside &= (rows + tall <= self.open.shape[0]) & (columns + wide <= self.open.shape[1])
            rows, columns = rows[inside], columns[inside]
            # most symbols lie alone: nothing of the colours of a symbol is left around them
            least = 0.8 * self.scene.least * form.mask.sum()
            places = self.scene.colours, self.open, likely, rows, columns
            some = likely_pixels(*places, tall, wide, least)
            rows, columns = rows[some], columns[some]
            if not len(rows):
                continue
            response = self.scene.around(number, (rows, columns), reach, self.open)
            # one below the other, nothing between them
            whole = np.pad(response, ((0, 0), (0, 1), (0, 0)), constant_values=-1)
            down, right = peaks(whole.reshape(-1, 2 * reach + 1), self.threshold - 0.1)
            which, down = np.divmod(down, 2 * reach + 2)
            found.append(_entries(number, rows[which] + down, columns[which] + right))
        return np.concatenate(found)

    def _likely_colours(self) -> np.ndarray:
        """Which of 16 × 16 × 16 colours are more than chance those of symbols found so far."""
        from scipy.ndimage import uniform_filter

        bins, everywhere, own = self.scene.colour_counts
        explained = own + np.bincount(bins[self.open[self.scene.every_third] == 0], minlength=4096)
        counts = [uniform_filter(of.reshape(16, 16, 16), 3, mode="constant") for of in
                  (everywhere, explained)]  # fmt: skip
        return ((counts[1] > 1e-6) & (counts[1] >= 0.1 * counts[0])).ravel()

    def _scores(self, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Correlation over what shows, the share that shows, and the contrast, of each candidate."""
        scores, visible, contrast = (np.zeros(len(pool)) for _ in range(3))
        for number, (form, _) in enumerate(self.forms):
            mine = np.flatnonzero(pool[:, 0] == number)
            rows, columns = pool[mine, 1], pool[mine, 2]
            scores[mine], visible[mine], contrast[mine] = compared(
                self.scene.colours,
                self.open,
                rows,
                columns,
                form.image,
                self.scene.runs[number],
                FLAT**2,
            )
        return scores, visible, contrast

    def _fits(self, scores: np.ndarray, visible: np.ndarray, contrast: np.ndarray) -> np.ndarray:
        alike = (contrast > CONTRAST[0]) & (contrast < CONTRAST[1])
        return (scores >= self.threshold) & (visible >= self.scene.least) & alike

    def _centres(self, pool: np.ndarray) -> np.ndarray:
        halves = np.array([[(side - 1) / 2 for side in form.mask.shape] for form, _ in self.forms])
        return pool[:, 1:] + halves[pool[:, 0]]

    def _touching(self, pool: np.ndarray, accepted: np.ndarray) -> np.ndarray:
        if not len(pool):
            return np.empty(0, dtype=bool)
        near, _ = KDTree(self._centres(accepted)).query(self._centres(pool))
        return near < 1.5 * self.side

    def _measured(self, pool: np.ndarray, scores: np.ndarray, visible: np.ndarray) -> np.ndarray:
        """Rows (row, column, score, visible, form) of accepted candidates, to part of a pixel."""
        around = np.empty((len(pool), 3, 3))
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                moved = pool + np.array([0, down, right])
                around[:, down + 1, right + 1] = self._scores(moved)[0]
        shift = subpixel(around)
        place = self._centres(pool) + shift[:, ::-1]
        return np.column_stack([place, scores, visible, pool[:, 0]])

    def _explain(self, accepted: np.ndarray) -> None:
        for number, row, column in accepted.tolist():
            grown = self.grown[number]
            part = self.open[
                row - 1 : row - 1 + grown.shape[0], column - 1 : column - 1 + grown.shape[1]
            ]
            part[grown] = 0


def _entries(number: int, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.full(len(rows), number), rows, columns]).astype(int)


def _distinct(pool: np.ndarray) -> np.ndarray:
    """Different rows of whole numbers in ascending order, by one number for each row."""
    if not len(pool):
        return pool
    low = pool.min(axis=0)
    shape = tuple((pool.max(axis=0) - low + 1).tolist())
    kept = np.unique(np.ravel_multi_index(tuple((pool - low).T), shape))
    return np.column_stack(np.unravel_index(kept, shape)) + low


def _windows(
    image: np.ndarray, rows: np.ndarray, columns: np.ndarray, height: int, width: int
) -> np.ndarray:
    """Parts of an image with these upper left corners, shape (k, height, width, …)."""
    views = np.lib.stride_tricks.sliding_window_view(image, (height, width), axis=(0, 1))
    parts = views[rows.astype(int), columns.astype(int)]
    return np.moveaxis(parts, 1, -1) if image.ndim == 3 else parts


def _best_of(places: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Positions of those that have no better one within their reach; better ones come first."""
    if not len(places):
        return np.empty(0, dtype=int)
    pairs = KDTree(places).query_pairs(float(reach.max()), output_type="ndarray")
    apart = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)
    pairs = pairs[apart < reach[pairs[:, 0]]]
    best = np.ones(len(places), dtype=bool)
    best[pairs[:, 1]] = False
    return np.flatnonzero(best)


def _apart(places: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Positions of those that no better one that itself stays is within reach of."""
    if not len(places):
        return np.empty(0, dtype=int)
    near = KDTree(places).query_ball_point(places, reach)
    stays = np.ones(len(places), dtype=bool)
    for k, others in enumerate(near):
        if stays[k]:
            stays[[other for other in others if other > k]] = False
    return np.flatnonzero(stays)


def _table(
    rows: np.ndarray,
    columns: np.ndarray,
    scores: np.ndarray,
    visible: np.ndarray,
    number: np.ndarray,
    forms: list[tuple[Template, float]],
) -> pd.DataFrame:
    which = number.astype(int)
    found = pd.DataFrame(
        {
            "kind": np.array([form.name for form, _ in forms], dtype=object)[which],
            "pixel_x": columns,
            "pixel_y": rows,
            "correlation": np.minimum(scores, 1.0),
            "visible": visible,
            "scale": np.array([factor for _, factor in forms])[which],
        },
        columns=COLUMNS,
    )
    return found.sort_values(["pixel_y", "pixel_x"], kind="stable", ignore_index=True)
