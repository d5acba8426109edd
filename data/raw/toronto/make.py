"""Make criteria.csv: the six criteria of the Recife paper for Toronto's 140 neighbourhoods, all real.

From ``neighbourhoods.csv``, ``household_income_groups.csv`` (census of 2016) and the crimes of
2016 to 2019 by the neighbourhood that the police give them:

* ``density``: residents of 2016 per km² of land;
* ``growth``: growth of the residents from 2011 to 2016, per cent a year;
* ``bad_conditions``: dwellings that need major repairs, per cent of all;
* ``living_standard``: a stand-in for the human development index, since the tables hold neither
  schooling nor life expectancy: the geometric mean of three shares from 0 to 1, the logarithm of
  the median household income after tax between 10,000 and 120,000 dollars, persons above the
  low-income measure, and the labour force in work;
* ``gini`` with ``gini_low`` and ``gini_high``: household income after tax in 18 classes, the last
  of them open, with one Pareto tail for the whole city (`helpers.priorities.gini_grouped`);
* ``occurrences``: crimes of 2016 to 2019 a year per 1,000 residents in five classes of 28
  neighbourhoods each.

``python make.py`` writes the same bytes each time; ``python make.py --check`` compares them with the
file.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.priorities import gini_grouped, pareto_exponent

HERE = Path(__file__).parent
CLASSES = ["very low", "low", "medium", "high", "very high"]
YEARS = range(2016, 2020)
INCOMES = (10_000, 120_000)


def median_income(counts: np.ndarray, edges: np.ndarray) -> float:
    """Median of counts in classes, on a straight line inside the class that holds it."""
    below = np.concatenate([[0], np.cumsum(counts)])
    k = int(np.searchsorted(below, counts.sum() / 2, side="right")) - 1
    if k + 1 >= len(edges):
        return float(edges[-1])
    return float(edges[k] + (counts.sum() / 2 - below[k]) / counts[k] * (edges[k + 1] - edges[k]))


def table() -> str:
    """The text of criteria.csv."""
    people = pd.read_csv(HERE / "neighbourhoods.csv").set_index("zone")
    classes = pd.read_csv(HERE / "household_income_groups.csv")
    crimes = pd.read_parquet(HERE / "major_crimes_2014_2021.parquet", columns=["time", "zone"])
    counted = crimes[crimes["time"].dt.year.isin(YEARS)].groupby("zone").size()
    households = classes.pivot(index="zone", columns="income_from", values="households")
    edges = households.columns.to_numpy(dtype=float)
    tail = pareto_exponent(households.sum().to_numpy(dtype=float), edges)  # of the whole city
    unequal = [gini_grouped(row, edges, tail=tail) for row in households.to_numpy(dtype=float)]
    middle = np.array([median_income(row, edges) for row in households.to_numpy(dtype=float)])
    low, high = np.log(INCOMES)
    income = np.clip((np.log(middle) - low) / (high - low), 0, 1)
    afford = 1 - people["low_income_lim_at_pct"].to_numpy() / 100
    work = 1 - people["unemployment_rate_pct"].to_numpy() / 100
    rate = counted.reindex(people.index) / len(YEARS) / people["residents_2016"] * 1000
    fifth = (rate.rank(method="first").to_numpy() - 1) * len(CLASSES) // len(rate)
    ratio = people["residents_2016"] / people["residents_2011"]
    repairs = people["dwellings_needing_major_repairs"] / people["dwellings"]
    columns = {
        "name": people["name"],
        "density": (people["residents_2016"] / people["area_km2"]).round(1),
        "growth": (100 * (ratio ** (1 / 5) - 1)).round(2),
        "bad_conditions": (100 * repairs).round(2),
        "living_standard": np.cbrt(income * afford * work).round(3),
        "gini": [round(g.index, 3) for g in unequal],
        "gini_low": [round(g.low, 3) for g in unequal],
        "gini_high": [round(g.high, 3) for g in unequal],
        "median_income": middle.round(-2).astype(int),
        "crimes_per_1000": rate.round(1).to_numpy(),
        "occurrences": [CLASSES[int(k)] for k in fifth],
    }
    text = io.StringIO()
    made = pd.DataFrame(columns, index=people.index).reset_index()
    made.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


if __name__ == "__main__":
    path = HERE / "criteria.csv"
    made = table()
    if "--check" in sys.argv[1:]:
        same = path.read_text(encoding="utf-8") == made
        sys.stdout.write(f"criteria.csv is {'as made here' if same else 'NOT as made here'}\n")
        sys.exit(0 if same else 1)
    path.write_text(made, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{hashlib.sha256(made.encode()).hexdigest()}  criteria.csv\n")
