"""Small made-up towns whose crimes follow known rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.forecasting import event_table


@pytest.fixture(scope="session")
def town():
    """Three years of events at 60 places; each place prefers one of three kinds."""
    rng = np.random.default_rng(7)
    sites = rng.uniform(0, 4000, (60, 2))
    taste = rng.integers(0, 3, 60)
    at = rng.integers(0, 60, 2400)
    kind = np.where(rng.uniform(size=2400) < 0.7, taste[at], rng.integers(0, 3, 2400))
    day = rng.integers(0, 3 * 365, 2400)
    times = pd.Timestamp("2016-01-01") + pd.to_timedelta(day, unit="D")
    return event_table(sites[at], np.array(["Burglary", "Fraud", "Theft"])[kind], times)


@pytest.fixture(scope="session")
def noise():
    """The same without any preference: nobody can forecast the kind."""
    rng = np.random.default_rng(8)
    sites = rng.uniform(0, 4000, (60, 2))
    times = pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 1095, 2400), unit="D")
    kinds = rng.choice(["Burglary", "Fraud", "Theft"], 2400, p=[0.5, 0.3, 0.2])
    return event_table(sites[rng.integers(0, 60, 2400)], kinds, times)
