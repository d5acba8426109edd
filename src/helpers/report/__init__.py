"""The offline report: one static site made of what the runs left on disk."""

from helpers.report.site import build

__all__ = ["build"]
