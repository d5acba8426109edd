"""How long a server is waited for, and how much is taken from it."""

from __future__ import annotations

import datetime as dt
import email.utils
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Limits of a download.

    Attributes
    ----------
    connect, read : float
        Seconds until a server must have answered, and until the next bytes must have come.
    window, least : float
        In each `window` seconds at least `least` bytes must come.
    tries : int
        How often the same is asked in all.
    pause : float
        Seconds before the second try; doubled with each further one.
    longest : float
        The longest wait, in seconds, that a server may ask for (``Retry-After``).
    largest : int
        Bytes; a longer answer is refused.
    sleep : callable
        Waits; of a test's own in tests.
    """

    connect: float = 20.0
    read: float = 90.0
    window: float = 60.0
    least: float = 2_000
    tries: int = 5
    pause: float = 1.0
    longest: float = 180.0
    largest: int = 4 * 1024**3
    sleep: Callable[[float], None] = time.sleep


def wait_asked(header: str | None, now: dt.datetime | None = None) -> float | None:
    """Seconds that a header ``Retry-After`` asks for: a number or a date, None where it is neither.

    Examples
    --------
    >>> wait_asked("7"), wait_asked("soon"), wait_asked(None)
    (7.0, None, None)
    >>> at = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
    >>> wait_asked("Mon, 01 Jan 2024 00:00:30 GMT", at)
    30.0
    """
    if not header:
        return None
    if header.strip().isdigit():
        return float(header.strip())
    try:
        when = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max((when - (now or dt.datetime.now(dt.UTC))).total_seconds(), 0.0)
