"""The offline report: one static site made of what the runs left on disk."""

from .gallery import GalleryError
from .gallery import renew as renew_gallery
from .site import build

__all__ = ["GalleryError", "build", "renew_gallery"]
