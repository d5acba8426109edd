"""Checks of events, places with moments, that all methods in space and time make."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.space import Window, as_points

__all__ = ["checked_events", "checked_limits", "checked_moments", "rounding"]

_ANYWHERE = Window.rectangle(-1e12, -1e12, 1e12, 1e12)
"""A method that needs no window takes points from anywhere."""

_DAY = 86_400_000_000
"""Microseconds of a day: moments with a date are counted in these, exactly."""


def checked_events(points, times, what: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Coordinates (n, 2), moments (n,), and how many units of the moments one unit of time has."""
    points = as_points(points, _ANYWHERE)
    moments, unit = checked_moments(times)
    if len(points) != len(moments):
        raise ValueError(f"one moment a point: got {len(moments)} times for {len(points)} points")
    if len(points) < 4:
        raise ValueError(f"{what} needs at least four events, got {len(points)}")
    return points, moments, unit


def checked_moments(times) -> tuple[np.ndarray, float]:
    """Moments as numbers: dates as microseconds, of which a day has so many; numbers as they are."""
    if isinstance(getattr(times, "dtype", None), pd.DatetimeTZDtype):
        times = pd.DatetimeIndex(times).tz_convert(None)
    values = times.to_numpy() if isinstance(times, pd.Series | pd.Index) else np.asarray(times)
    if values.ndim != 1:
        raise ValueError(f"times are one-dimensional, got the shape {values.shape}")
    if np.issubdtype(values.dtype, np.datetime64):
        if np.isnat(values).any():
            raise ValueError(f"{np.isnat(values).sum()} events have no date: remove them first")
        return values.astype("datetime64[us]").astype(np.int64), float(_DAY)
    if not (np.issubdtype(values.dtype, np.integer) or np.issubdtype(values.dtype, np.floating)):
        raise ValueError(
            f"times are numbers or dates, not {values.dtype}: read texts with pandas.to_datetime"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{(~np.isfinite(values)).sum()} events have no time: remove them first")
    return values.astype(float), 1.0


def checked_limits(limits, name: str, closed: bool) -> np.ndarray:
    """Upper limits of bands: finite, ascending, the first 0 only where it holds what lies on it."""
    limits = np.atleast_1d(np.asarray(limits, dtype=float))
    if limits.ndim != 1 or len(limits) == 0 or not np.isfinite(limits).all():
        raise ValueError(f"{name} are finite upper limits of bands, at least one")
    if (np.diff(limits) <= 0).any() or limits[0] < 0:
        raise ValueError(f"{name} must ascend and not be negative")
    if limits[0] == 0 and not closed:
        raise ValueError(f'{name} begin with 0, and nothing lies below 0: closed="right" holds it')
    return limits


def rounding(values: np.ndarray) -> float:
    """By how much a difference of two of the values may be off for rounding alone."""
    return 4 * np.finfo(float).eps * float(np.abs(values).max())
