"""Draw symbol layers whose truth is known: symbols on backgrounds, as a web map would show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from helpers.checks import one_of, whole_number

from ._kernels import painted, symbol_shares
from .matching import Template

# sub-pixel places at which a symbol is drawn, along each axis
PHASES = 16
# points in a pixel, along each axis, at which a symbol's shape is asked
FINE = 6
INK, PAPER = (34, 34, 34), (255, 255, 255)
FILLS = (
    (0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233),
    (110, 80, 160), (178, 24, 43),
)  # fmt: skip
GLYPHS = 8


@dataclass(frozen=True)
class Symbol:
    """A round symbol as published maps have them: a dark rim, a coloured fill, a white glyph.

    Attributes
    ----------
    number
        Chooses fill and glyph; symbols of different numbers below 64 differ in one or both.
    size
        Diameter, pixels.
    """

    number: int = 0
    size: int = 19

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        whole_number(self.number, "number of a symbol", 0)
        whole_number(self.size, "diameter of a symbol in pixels", 7, 255)

    @property
    def template(self) -> Template:
        """The symbol alone, centred on a pixel: what an extraction looks for."""
        colours, cover = self.stamp(0.0, 0.0)
        return Template(np.round(colours).astype(np.uint8), cover > 0.6, str(self.number))

    def stamp(self, right: float, down: float) -> tuple[np.ndarray, np.ndarray]:
        """Colours and coverage of the symbol, its centre moved from that of the middle pixel.

        Parameters
        ----------
        right, down
            Pixels, between −0.5 and 0.5; taken to the nearest sixteenth.

        Returns
        -------
        colours : ndarray of float, shape (side, side, 3)
            Red, green, blue from 0 to 255.
        cover : ndarray of float, shape (side, side)
            Share of each pixel that the symbol covers.
        """
        return _stamp(self.number, self.size, round(right * PHASES), round(down * PHASES))


@cache
def _stamp(number: int, size: int, right: int, down: int) -> tuple[np.ndarray, np.ndarray]:
    glyph = (number + number // len(FILLS)) % GLYPHS
    points = symbol_shares(glyph, size, right / PHASES, down / PHASES, FINE)
    # to their last digits, so that a pixel is covered whole or not
    shares = np.round(points / FINE**2, 12)
    cover = np.round(np.sum(shares, axis=0), 9)
    inks = np.array([INK, FILLS[number % len(FILLS)], PAPER], dtype=float)
    ink = np.einsum("kyx,kb->yxb", shares, inks)
    # where the symbol is not, its own middle colour: it neither speaks for a place nor against it
    middle = ink.sum(axis=(0, 1)) / cover.sum()
    blank = cover < 1e-9
    colours = ink / np.where(blank, 1, cover)[..., None]
    colours[blank] = middle
    return np.round(colours, 6), np.where(blank, 0, cover)


def render(points: np.ndarray, symbol: Symbol, ground: np.ndarray) -> np.ndarray:
    """Draw one symbol at each point, later ones over earlier ones.

    Parameters
    ----------
    points
        Centres in pixels (column, row), shape (n, 2); (0, 0) is the centre of the upper left
        pixel. Symbols reach over the edge and are cut there.
    symbol
        What is drawn.
    ground
        Background, shape (rows, columns, 3), red, green, blue; it is not changed.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
    """
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    image = np.array(ground, dtype=np.uint8)
    if not len(points):
        return image
    half = symbol.size // 2 + 1
    middles = np.round(points)
    phases = np.rint((points - middles) * PHASES).astype(int)
    each, number = np.unique(phases, axis=0, return_inverse=True)
    stamps = [symbol.stamp(right / PHASES, down / PHASES) for right, down in each.tolist()]
    colours, covers = (np.stack(parts) for parts in zip(*stamps, strict=True))
    left, top = middles.astype(int).T - half
    painted(image, colours, covers, number.ravel(), top, left)
    return image


# ------------------------------------------------------------------------------------ backgrounds


def background(style: str, rows: int, columns: int, seed: int) -> np.ndarray:
    """A made-up map, or what lies under one.

    Parameters
    ----------
    style
        One of `BACKGROUNDS`. The extraction was adjusted on those of `TUNED` and on no other.
    rows, columns
        Pixels.
    seed
        Of the random parts.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)

    Raises
    ------
    ValueError
        There is no such style.
    """
    one_of(style, "background", BACKGROUNDS)
    generator = np.random.default_rng([seed, list(BACKGROUNDS).index(style)])
    return BACKGROUNDS[style](rows, columns, generator)


def _plain(rows: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    return np.full((rows, columns, 3), (242, 239, 233), dtype=np.uint8)


def _streets(rows: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    import cv2

    image = _plain(rows, columns, generator)
    count = max(4, rows * columns // 60_000)
    for _ in range(count):
        corner, size = generator.integers([columns, rows]), generator.integers(20, 160, 2)
        colour = ((200, 223, 175), (217, 208, 201), (170, 211, 223))[generator.integers(3)]
        cv2.rectangle(image, corner.tolist(), (corner + size).tolist(), colour, -1)
    ends = [_line_ends(rows, columns, generator) for _ in range(max(6, (rows + columns) // 40))]
    for width, colour in ((7, (190, 180, 170)), (5, PAPER)):
        for start, stop in ends:
            cv2.line(image, start, stop, colour, width, cv2.LINE_AA)
    for start, stop in ends[::9]:
        cv2.line(image, start, stop, (252, 214, 164), 9, cv2.LINE_AA)
    _labels(image, count, (90, 90, 90), generator)
    return image


def _night(rows: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    return np.asarray(255 - _streets(rows, columns, generator) // 5 * 4, dtype=np.uint8)


def _aerial(rows: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    import cv2

    total = np.zeros((rows, columns), dtype=np.float32)
    for step, strength in ((2, 10), (6, 16), (24, 26), (96, 30)):
        coarse = generator.normal(size=(rows // step + 3, columns // step + 3)).astype(np.float32)
        total += strength * cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    roofs = _streets(rows, columns, generator).astype(np.float32) - 225
    colour = np.array([104, 112, 88], dtype=np.float32) + roofs * 0.5
    return np.clip(colour + total[..., None], 0, 255).astype(np.uint8)


def _relief(rows: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    import cv2

    coarse = generator.normal(size=(rows // 120 + 4, columns // 120 + 4)).astype(np.float32)
    height = 300 * cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    slope = np.gradient(height, axis=1) + np.gradient(height, axis=0)
    shade = np.clip(205 + 4 * slope, 60, 255)[..., None] * np.array([1, 0.97, 0.86])
    image = np.clip(shade, 0, 255).astype(np.uint8)
    image[np.diff(np.floor(height / 60), axis=0, append=0) != 0] = (150, 90, 40)
    image[np.diff(np.floor(height / 60), axis=1, append=0) != 0] = (150, 90, 40)
    _labels(image, rows * columns // 90_000, (120, 60, 20), generator)
    return image


def _icons(rows: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    image = _streets(rows, columns, generator)
    for number in (9, 18, 27, 44, 53):
        count = max(2, rows * columns // 200_000)
        places = generator.uniform([0, 0], [columns, rows], size=(count, 2))
        image = render(places, Symbol(number, 15), image)
    return image


def _line_ends(
    rows: int, columns: int, generator: np.random.Generator
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Ends of a street through a random place, along or across the town's grid, give or take."""
    place = generator.uniform([0, 0], [columns, rows])
    angle = 0.3 + np.pi / 2 * generator.integers(2) + 0.12 * generator.normal()
    reach = generator.uniform(0.1, 0.6) * max(rows, columns)
    along = reach * np.array([np.cos(angle), np.sin(angle)])
    start, stop = np.round(place - along).astype(int), np.round(place + along).astype(int)
    return (int(start[0]), int(start[1])), (int(stop[0]), int(stop[1]))


def _labels(
    image: np.ndarray, count: int, colour: tuple[int, ...], generator: np.random.Generator
) -> None:
    import cv2

    rows, columns = image.shape[:2]
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZaeiou"))
    for _ in range(count):
        text = "".join(generator.choice(letters, generator.integers(3, 12)))
        place = generator.integers([columns, rows]).tolist()
        size = generator.uniform(0.35, 0.7)
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


BACKGROUNDS: dict[str, Callable[[int, int, np.random.Generator], np.ndarray]] = {
    "plain": _plain,
    "streets": _streets,
    "night": _night,
    "aerial": _aerial,
    "relief": _relief,
    "icons": _icons,
}
TUNED = ("plain", "streets")
"""Backgrounds on which the extraction was adjusted."""
