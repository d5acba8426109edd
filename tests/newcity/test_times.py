"""Dates and clocks read apart give what reading each text whole gives."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from helpers.newcity import times

FORMS = {
    "iso": "{y}-{m:02}-{d:02}T{h:02}:{n:02}:00",
    "universal": "{y}-{m:02}-{d:02}T{h:02}:{n:02}:00Z",
    "american": "{m:02}/{d:02}/{y} {k}:{n:02}:00 {half}",
    "german": "{d:02}.{m:02}.{y} {h}:{n:02}",
    "blanks": "{d} {m} {y} {h}:{n:02}",
    "blank before the year": "{d}/{m} {y}",
    "words": "{d} de mayo de {y} {h}:{n:02}",
    "no day": "31/02/{y} {h}:{n:02}",
    "no hour": "{y}-{m:02}-{d:02} 25:{n:02}",
    "month": "{y}-{m:02}",
    "month and clock": "{y}-{m:02} {h}:00",
    "compact": "{y}{m:02}{d:02}T{h:02}:{n:02}",
    "span": "{y}-{m:02}-{d:02} {h:02}:{n:02} - {y}-{m:02}-{d:02} 23:59",
    "none": "s/i",
}


def texts_of(forms: list[str], count: int = 200) -> pd.Series:
    rng = np.random.default_rng(len(forms))
    days = rng.integers([2019, 1, 1], [2022, 13, 29], (12, 3))
    lines = []
    for k in range(count):
        (y, m, d), h, n = days[rng.integers(12)], rng.integers(24), 15 * rng.integers(4)
        form = FORMS[forms[0 if k % 9 else k // 9 % len(forms)]]
        lines.append(
            form.format(y=y, m=m, d=d, h=h, n=n, k=h % 12 or 12, half="AP"[int(h > 11)] + "M")
        )
    return pd.Series(lines, dtype=object)


@pytest.mark.parametrize("order", ["", "mdy"])
@pytest.mark.parametrize("first", FORMS)
def test_apart_as_whole(first, order):
    for others in ([], ["none", "no day", "blank before the year"]):
        texts = texts_of([first, *others])
        apart = times._read_apart(texts, order, True)
        if apart is None:  # each text is read whole
            continue
        whole = times._read_rows(texts, order, True)
        for field in dataclasses.fields(times.Times):
            if field.name != "readings":
                np.testing.assert_array_equal(*(getattr(t, field.name) for t in (apart, whole)))
        assert {k for k, n in apart.readings.items() if n} == {
            k for k, n in whole.readings.items() if n
        }


def test_a_column_of_few_days_is_read_apart():
    for form in ("iso", "american", "german"):
        assert times._read_apart(texts_of([form]), "mdy", True) is not None
