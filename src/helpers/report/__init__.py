"""The offline report: one static site made of what the runs left on disk."""

from helpers.report.gallery import GalleryError
from helpers.report.gallery import renew as renew_gallery
from helpers.report.site import build

__all__ = ["GalleryError", "build", "renew_gallery"]
