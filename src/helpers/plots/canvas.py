"""Draw on matplotlib's own canvas, but shape each text and draw each letter once, not once a figure.

Which pixels come out is matplotlib's doing. What is spared is doing it again: a figure is measured
several times before it is drawn, and the figures of a section say mostly the same words.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.font_manager import FontProperties

# Where a font says how high and deep its letters are, the surer place first.
HEIGHTS = (
    ("OS/2", "sTypoAscender", "sTypoDescender", "sTypoLineGap"),
    ("hhea", "ascent", "descent", "lineGap"),
)
# Texts and letters that are remembered: those of a section's figures, a few megabytes.
TEXTS, LETTERS = 2_000, 20_000
SUBPIXELS = 64  # steps of a place within a pixel that a letter is drawn at
LEVEL = 3  # of compression: half the time of zlib's usual one, files a tenth larger


@cache
def canvas_class() -> type[FigureCanvasAgg]:
    """Canvas of a figure whose layout and whose drawing share one renderer.

    A figure without a canvas gets a renderer of its own for its layout, and another to be drawn;
    each looks up, for each text, which file its font is, reads that file's tables and shapes the
    text. Here all figures of a process share what was looked up, shaped and drawn.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

    class Renderer(RendererAgg):
        def _prepare_font(self, properties: FontProperties) -> Any:
            font = _font(_key(properties))
            font.clear()
            font.set_size(properties.get_size_in_points(), self.dpi)
            return font

        def _get_font_height_metrics(self, properties: FontProperties) -> tuple:
            """Ascent, descent and gap between lines in pixels; None where the font does not say."""
            return _heights(_key(properties), self.dpi)

        def get_text_width_height_descent(
            self, text: str, properties: FontProperties, ismath: Any
        ) -> tuple[float, float, float]:
            if ismath:
                return super().get_text_width_height_descent(text, properties, ismath)
            return _measured(text, _key(properties), self.dpi)

        def draw_text(
            self, gc: Any, x: float, y: float, text: str, properties: FontProperties,
            angle: float, ismath: Any = False, mtext: Any = None,
        ) -> None:  # fmt: skip
            said = mtext and (mtext.get_fontfeatures() or mtext.get_language())
            if ismath or said or not gc.get_antialiased():
                super().draw_text(gc, x, y, text, properties, angle, ismath, mtext)
                return
            self._stamp(gc, x, y, angle, _shaped(text, _key(properties), self.dpi))

        def _stamp(self, gc: Any, x: float, y: float, angle: float, letters: _Shaped) -> None:
            """Put the letters of a text where they belong; y is downwards, as in `draw_text`."""
            cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            put, low = self._renderer.draw_text_image, int(self.height)
            for font, size, letter, dx, dy in letters:
                # whole pixels, and what is over
                right, part = divmod(round(SUBPIXELS * (x + dx * cos - dy * sin)), SUBPIXELS)
                up, rest = divmod(
                    round(SUBPIXELS * (self.height - y + dx * sin + dy * cos)), SUBPIXELS
                )
                drawn, left, top = _letter(font, size, self.dpi, letter, angle, part, rest)
                put(drawn, right + left, low - up - top + len(drawn), 0, gc)

    class Canvas(FigureCanvasAgg):
        def get_renderer(self) -> RendererAgg:
            width, height = self.get_width_height(physical=True)
            key = width, height, self.figure.dpi
            if self._lastKey != key:
                self.renderer, self._lastKey = Renderer(*key), key
            return self.renderer

        def print_png(
            self, target: Any, *, metadata: Any = None, pil_kwargs: Any = None, **applied: Any
        ) -> None:
            """As matplotlib does, but without a channel that says that all is opaque."""
            from PIL import Image
            from PIL.PngImagePlugin import PngInfo

            FigureCanvasAgg.draw(self)
            drawn = np.asarray(self.buffer_rgba())
            if pil_kwargs or not (drawn[..., 3] == 255).all():
                super().print_png(target, metadata=metadata, pil_kwargs=pil_kwargs)
                return
            about = PngInfo()
            for name, text in (metadata or {}).items():
                if text is not None:
                    about.add_text(name, text)
            # matplotlib states its dots an inch, too
            dots = (self.figure.dpi, self.figure.dpi)
            opaque = Image.fromarray(drawn).convert("RGB")
            opaque.save(target, format="png", pnginfo=about, dpi=dots, compress_level=LEVEL)

    return Canvas


_Shaped = tuple[tuple[Any, float, int, float, float], ...]
_Key = tuple[Any, ...]


def _key(properties: FontProperties) -> _Key:
    """What tells a font and its size: these properties can be changed, and so are no key."""
    return tuple(vars(properties).items())


def _properties(key: _Key) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    properties = FontProperties()
    vars(properties).update(key)
    return properties


@lru_cache(256)
def _font(key: _Key) -> Any:
    from matplotlib.font_manager import fontManager, get_font

    return get_font(fontManager._find_fonts_by_props(_properties(key)))


@lru_cache(256)
def _heights(key: _Key, dpi: float) -> tuple:
    font = _font(key)
    for name, ascent, descent, gap in HEIGHTS:
        table = font.get_sfnt_table(name)
        if table is not None:
            points = _properties(key).get_size_in_points()
            scale = 1 / font.get_sfnt_table("head")["unitsPerEm"] * points * dpi / 72
            return table[ascent] * scale, -table[descent] * scale, table[gap] * scale
    return None, None, None


def _sized(key: _Key, dpi: float) -> tuple[Any, float]:
    font, points = _font(key), _properties(key).get_size_in_points()
    font.clear()
    font.set_size(points, dpi)
    return font, points


@lru_cache(TEXTS)
def _measured(text: str, key: _Key, dpi: float) -> tuple[float, float, float]:
    """Width, height and descent of a line, pixels."""
    from matplotlib.backends.backend_agg import get_hinting_flag

    font, _ = _sized(key, dpi)
    font.set_text(text, 0.0, flags=get_hinting_flag())
    width, height = font.get_width_height()
    return width / SUBPIXELS, height / SUBPIXELS, font.get_descent() / SUBPIXELS


@lru_cache(TEXTS)
def _shaped(text: str, key: _Key, dpi: float) -> _Shaped:
    """Letters of a line: font, size, number in the font, place from the line's begin, pixels."""
    from matplotlib.backends.backend_agg import get_hinting_flag

    font, points = _sized(key, dpi)
    items = font._layout(text, flags=get_hinting_flag(), features=None, language=None)
    return tuple((item.ft_object, points, item.glyph_index, item.x, item.y) for item in items)


@lru_cache(LETTERS)
def _letter(
    font: Any, points: float, dpi: float, letter: int, angle: float, part: int, rest: int
) -> tuple[np.ndarray, int, int]:
    """Grey levels of a letter that begins in some part of a pixel; where they stand from there."""
    from matplotlib.backends.backend_agg import get_hinting_flag
    from matplotlib.ft2font import RenderMode

    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turned = (0x10000 * np.array([[cos, -sin], [sin, cos]])).round().astype(int)
    font.set_size(points, dpi)
    font._set_transform(turned, [part, rest])
    drawn = font._render_glyph(letter, get_hinting_flag(), RenderMode.NORMAL)
    return drawn.buffer, drawn.left, drawn.top
