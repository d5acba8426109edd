"""The offline report: one static site made of what the runs left on disk."""

from .gallery import GalleryError
from .gallery import renew as renew_gallery
from .mathml import to_mathml
from .site import build
from .swap import recover, replace_folder

__all__ = [
    "GalleryError",
    "build",
    "recover",
    "renew_gallery",
    "replace_folder",
    "to_mathml",
]
