"""The canvas of figures: the same pixels as matplotlib's own, from fewer steps."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from helpers.compendium import settle_layout
from helpers.plots import canvas, use_style
from helpers.plots.canvas import canvas_class


def drawn(own: bool, **save) -> Image.Image:
    """A figure with texts of all sorts, with our canvas or without."""
    from matplotlib.figure import Figure
    from matplotlib.patheffects import withStroke

    use_style()
    figure = Figure(figsize=(4, 3), layout="constrained")
    if own:
        canvas_class()(figure)
    axes = figure.subplots(1, 2)
    axes[0].plot([1, 10, 1000], [0.1, 0.02, 3], label="Crimes at São João\nAVÁ")
    axes[0].set(xscale="log", xlabel="way, m", ylabel="share of the crimes", title="a  From near")
    axes[0].legend(title="kind")
    axes[1].set_xticks([0, 1, 2], ["North", "Old market", "West"], rotation=37)
    axes[1].text(0.5, 0.4, "halo", path_effects=[withStroke(linewidth=2, foreground="white")])
    axes[1].text(0.2, 0.7, "italic $x^2$", style="italic", rotation=90, parse_math=True)
    settle_layout(figure)
    made = io.BytesIO()
    figure.savefig(made, format="png", metadata={"Title": "Überall", "Software": None}, **save)
    return Image.open(made)


def test_pixels_and_what_the_file_says_are_those_of_matplotlib():
    for remember in (canvas._measured, canvas._shaped, canvas._letter):
        remember.cache_clear()
    plain = drawn(own=False)
    first, second = drawn(own=True), drawn(own=True)
    for picture in (first, second):
        assert picture.mode == "RGB"
        assert np.array_equal(np.asarray(picture.convert("RGBA")), np.asarray(plain))
        assert picture.info == plain.info
    # what the second says was shaped and drawn for the first
    assert canvas._shaped.cache_info().hits >= canvas._shaped.cache_info().misses > 20
    assert canvas._letter.cache_info().hits >= canvas._letter.cache_info().misses > 100


def test_a_figure_that_is_not_opaque_stays_so():
    plain, own = drawn(own=False, transparent=True), drawn(own=True, transparent=True)
    assert own.mode == "RGBA"
    assert np.asarray(own)[0, 0, 3] == 0
    assert np.array_equal(np.asarray(own), np.asarray(plain))


def test_heights_of_letters_are_those_that_matplotlib_reads_itself(monkeypatch):
    """A font that says nothing of them is measured, as without this canvas."""
    monkeypatch.setattr(canvas, "HEIGHTS", (("none", "a", "b", "c"), *canvas.HEIGHTS[1:]))
    canvas._heights.cache_clear()
    other = np.asarray(drawn(own=True))
    canvas._heights.cache_clear()
    monkeypatch.undo()
    same = np.asarray(drawn(own=True))
    # DejaVu's two tables differ, so the place of lines shows which was read
    assert other.shape == same.shape and not np.array_equal(other, same)


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_other_forms_are_matplotlibs(suffix):
    from matplotlib.figure import Figure

    figure = Figure()
    canvas_class()(figure)
    figure.subplots().set_title("title")
    made = io.BytesIO()
    figure.savefig(made, format=suffix)
    assert made.getvalue()[:4] in (b"<?xm", b"%PDF")
