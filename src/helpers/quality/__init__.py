"""What a city's data are like before any method sees them: counts, repeats, heaps, rows set aside."""

from .account import blanks, left_out, rejected
from .places import Repeats, cells, repeats
from .summary import Quality, quality_of
from .times import Heap, hours_of_week, month_counts, time_heaps, weekday_counts
from .words import area, captions, share
from .zones import field_summary

__all__ = [
    "Heap",
    "Quality",
    "Repeats",
    "area",
    "blanks",
    "captions",
    "cells",
    "field_summary",
    "hours_of_week",
    "left_out",
    "month_counts",
    "quality_of",
    "rejected",
    "repeats",
    "share",
    "time_heaps",
    "weekday_counts",
]
