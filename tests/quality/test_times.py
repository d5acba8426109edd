"""Counts of time and heaps, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.quality import Heap, hours_of_week, month_counts, time_heaps, weekday_counts


def times(*written: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(written)))


def test_months_without_events_are_counted_as_none():
    counts = month_counts(times("2016-07-03", "2017-01-01", "2017-01-31"))
    assert [str(month) for month in counts.index[[0, -1]]] == ["2016-07", "2017-01"]
    assert counts.tolist() == [1, 0, 0, 0, 0, 0, 2]


def test_a_week_begins_on_monday():
    # 6 May 2024 was a Monday
    found = hours_of_week(times("2024-05-06 00:00", "2024-05-12 23:00", "2024-05-12 23:00"))
    assert found.shape == (7, 24) and found.sum() == 3
    assert (found[0, 0], found[6, 23]) == (1, 2)
    assert weekday_counts(times("2024-05-06", "2024-05-12")).tolist() == [1, 0, 0, 0, 0, 0, 1]


def test_the_first_of_a_month_is_held_against_an_even_spread():
    """April and May 2024, seen from 11 April: only May has its first day in between.

    May: 40 events on the first, 2 on each of the 30 others: 100 in all, spread over 31 days.
    """
    days = ["2024-04-11"] + ["2024-05-01"] * 40
    days += [f"2024-05-{day:02d}" for day in range(2, 32) for _ in range(2)]
    (heap,) = time_heaps(times(*days), "day")
    assert (heap.at, heap.seen) == ("first", 40)
    assert heap.expected == pytest.approx(100 / 31)
    assert heap.ratio == pytest.approx(12.4)
    assert heap.is_heap


def test_months_of_other_lengths_are_each_spread_over_their_own_days():
    """29 events of February 2024, 62 of March, one month of 30 days that is cut after its tenth."""
    days = ["2024-02-10"] * 29 + ["2024-03-31"] * 62 + ["2024-04-10"] * 20 + ["2024-02-01"] * 0
    (heap,) = time_heaps(times("2024-02-01", *days), "day")
    assert heap.seen == 1
    assert heap.expected == pytest.approx(30 / 29 + 62 / 31 + 20 / 10)
    assert not heap.is_heap


def test_an_hour_is_held_against_those_beside_it():
    hours = {23: 30, 0: 100, 1: 10, 11: 50, 12: 55, 13: 50}
    written = [f"2024-05-{1 + k % 28:02d} {h:02d}:00" for h, n in hours.items() for k in range(n)]
    _, midnight, noon = time_heaps(times(*written), "hour")
    assert (midnight.at, midnight.seen, midnight.expected) == ("midnight", 100, 20)
    assert midnight.ratio == 5 and midnight.is_heap
    tail = sum(stats.binom.pmf(k, 140, 1 / 3) for k in range(100, 141))
    assert midnight.chance == pytest.approx(tail, rel=1e-6)
    assert (noon.at, noon.seen, noon.expected) == ("noon", 55, 50)
    assert not noon.is_heap


def test_a_steady_town_has_no_heap():
    every = pd.Series(pd.date_range("2023-01-01", "2024-12-31 23:00", freq="h"))
    heaps = time_heaps(every, "hour")
    assert [heap.ratio for heap in heaps] == pytest.approx([1, 1, 1])
    assert not any(heap.is_heap for heap in heaps)


@pytest.mark.parametrize("factor", [1, 10])
def test_few_events_are_no_heap_for_want_of_certainty(factor):
    heap = Heap(
        "noon", 3 * factor, 1.5 * factor, float(stats.poisson.sf(3 * factor - 1, 1.5 * factor))
    )
    assert heap.ratio == 2
    assert heap.is_heap == (factor == 10)


def test_what_is_known_to_the_month_has_no_heaps():
    assert time_heaps(times("2024-01-01", "2024-02-01"), "month") == []


def test_one_day_says_nothing_of_the_first_of_a_month():
    assert time_heaps(times("2024-01-01", "2024-01-01"), "day") == []
    assert time_heaps(times("2024-01-02", "2024-01-05"), "day") == []
    heaps = time_heaps(times("2024-01-02 05:00"), "hour")
    assert heaps == []


def test_numbers_of_events_scale():
    few = times(*[f"2024-05-{d:02d} {h:02d}:00" for d in range(1, 31) for h in (0, 1, 12, 13, 23)])
    many = pd.Series(np.repeat(few.to_numpy(), 1000))
    for one, thousand in zip(time_heaps(few, "hour"), time_heaps(many, "hour"), strict=True):
        assert thousand.seen == 1000 * one.seen
        assert thousand.expected == pytest.approx(1000 * one.expected)
