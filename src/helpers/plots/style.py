"""Colours, sizes and type: the one style sheet that every figure follows."""

from __future__ import annotations

from pathlib import Path

COLUMN = 3.5
"""Width of a journal's column, inches."""

PAGE = 7.2
"""Width of a journal's page, inches."""

SMALLEST = 7
"""No text on a figure is smaller than this, points."""

INK = "#222222"
"""Text and the lines that matter."""

MUTED = "#666666"
"""Text and lines that stay in the background."""

FAINT = "#d4d4d4"
"""Outlines and rules."""

EMPTY = "#efefef"
"""Areas without a finding."""

ALERT = "#b2182b"
"""The status words: SYNTHETIC, derived, schematic."""

CATEGORIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4d4d4d")
"""Okabe and Ito's qualitative colours, for up to seven categories."""

AMOUNTS = "YlGnBu"
"""Sequential palette for amounts on maps (ColorBrewer; light is little)."""

DENSITY = "magma_r"
"""Sequential palette for surfaces (viridis family; light is little)."""

DIFFERENCE = "RdBu_r"
"""Diverging palette around a middle (ColorBrewer)."""

HOT_SPOTS = {
    "Cold spot 99 %": "#2166ac",
    "Cold spot 95 %": "#67a9cf",
    "Cold spot 90 %": "#c6dbef",
    "Not significant": EMPTY,
    "Hot spot 90 %": "#fdcfb4",
    "Hot spot 95 %": "#ef8a62",
    "Hot spot 99 %": "#b2182b",
}
"""Blue to red, as hot-spot maps are read everywhere; stronger is more certain."""


MORAN = {
    "High among high": "#b2182b",
    "Low among low": "#2166ac",
    "High among low": "#fdae61",
    "Low among high": "#92c5de",
    "Not significant": EMPTY,
}
"""Quadrants of the local Moran: blocks strong, outliers pale."""


def ink_on(colour: str) -> str:
    r"""The ink, dark or white, that is read better on a colour.

    The contrast of two colours of relative luminance :math:`L_1 \ge L_2` is

    .. math:: (L_1 + 0.05) / (L_2 + 0.05)

    Parameters
    ----------
    colour
        As matplotlib takes it.

    Returns
    -------
    str
        `INK` or ``"white"``.

    References
    ----------
    Web Content Accessibility Guidelines 2.1, relative luminance and contrast ratio.

    Examples
    --------
    >>> ink_on("#efefef"), ink_on("#800026"), ink_on("#e31a1c")
    ('#222222', 'white', 'white')
    """
    ground, dark = _luminance(colour) + 0.05, _luminance(INK) + 0.05
    return "white" if 1.05 / ground > ground / dark else INK


def _luminance(colour: str) -> float:
    """Relative luminance of a colour, from 0 (black) to 1 (white)."""
    from matplotlib.colors import to_rgb

    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(colour)
    ]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def use_style() -> None:
    """Make the compendium's style the one that matplotlib draws with.

    Call it once, before the first figure of a notebook.
    """
    import warnings

    import matplotlib as mpl
    import matplotlib.style

    # a letter that the font lacks is drawn as a box; the tables have it
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    # the user's own settings first go back to matplotlib's
    mpl.rcdefaults()
    mpl.style.use(Path(__file__).with_name("compendium.mplstyle"))
