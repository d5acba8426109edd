"""Symbols located in a large map, beside what plain OpenCV takes for the templates alone.

A map of streets with 600 symbols of each of three kinds is rendered and stored as JPEG.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from measure import Case

from helpers.sources.map_symbols import (
    Symbol,
    agreement,
    as_jpeg,
    background,
    decoded,
    grey,
    locate,
    render,
)

SYMBOLS = 600  # of each kind


@cache
def drawn(side: int):
    """The image, the symbols, and where they truly are."""
    cv2.setNumThreads(1)
    generator = np.random.default_rng(1)
    image = background("streets", side, side, 1)
    symbols, true = [Symbol(number) for number in (0, 1, 2)], []
    for symbol in symbols:
        true.append(generator.uniform(0, side - 1, size=(SYMBOLS, 2)))
        image = render(true[-1], symbol, image)
    return decoded(as_jpeg(image)), symbols, true


def ours(side: int, overlaps: bool):
    def make():
        image, symbols, true = drawn(side)
        templates = [symbol.template for symbol in symbols]
        return lambda: accuracy(locate(image, templates, overlaps=overlaps), symbols, true)

    return make


def accuracy(found, symbols, true) -> tuple[float, float]:
    """F1 and the mean error in pixels."""
    matched = total = error = 0
    for symbol, places in zip(symbols, true, strict=True):
        mine = found.loc[found["kind"] == str(symbol.number), ["pixel_x", "pixel_y"]]
        held = agreement(mine.to_numpy(), places, 5)
        matched, total = matched + held.matched, total + held.found + held.true
        error += held.errors.sum()
    return 2 * matched / total, error / matched


def plain_opencv(side: int):
    def make():
        image, symbols, _ = drawn(side)
        levels = grey(image)
        parts = [grey(s.template.image[s.template.core]) for s in symbols]
        return lambda: [cv2.matchTemplate(levels, p, cv2.TM_CCOEFF_NORMED).max() for p in parts]

    return make


def said(mine, _theirs) -> str:
    return f"ours: F1 {mine[0]:.3f}, {mine[1]:.2f} px off; OpenCV: correlation alone"


def cases() -> list[Case]:
    side, peer = 4096, {"cv2.matchTemplate, three templates": plain_opencv(4096)}
    return [
        Case("4096 × 4096 pixels, peaks", ours(side, False), peer, said),
        Case("4096 × 4096 pixels, visible parts", ours(side, True), peer, said),
    ]
