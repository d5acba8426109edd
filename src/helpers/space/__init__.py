"""Geometry shared by all methods: windows, grids, zones, distances."""

from .windows import Window, as_points, as_window

__all__ = ["Window", "as_points", "as_window"]
