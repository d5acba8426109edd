"""Map symbols: from the picture of a published map to the places of its symbols."""

from .extraction import locate, locate_each
from .georeference import (
    Georeference,
    north_up,
    of_control_points,
    read_georeference,
    read_world_file,
)
from .matching import Template, grey, joined, normalised_correlation, peaks, subpixel
from .pairing import Agreement, agreement, pairs_within
from .pictures import as_jpeg, as_png, decoded, on_paper, template_of
from .published import read_published
from .rendering import BACKGROUNDS, TUNED, Symbol, background, render
from .visible import visible_correlation

__all__ = [
    "BACKGROUNDS",
    "TUNED",
    "Agreement",
    "Georeference",
    "Symbol",
    "Template",
    "agreement",
    "as_jpeg",
    "as_png",
    "background",
    "decoded",
    "grey",
    "joined",
    "locate",
    "locate_each",
    "normalised_correlation",
    "north_up",
    "of_control_points",
    "on_paper",
    "pairs_within",
    "peaks",
    "read_georeference",
    "read_published",
    "read_world_file",
    "render",
    "subpixel",
    "template_of",
    "visible_correlation",
]
