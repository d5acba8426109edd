"""Make criteria.csv: the 62 zones of the Recife paper, with simulated criteria.

Real, printed in section 5 of the paper: the zones A1 … A62 and the degree of police occurrences of
each, in five classes.  SYNTHETIC: the other five criteria, which were never published.  They are
drawn so that a table of this size behaves like one of Recife:

* one latent normal score a criterion, correlated with the others and mildly with the class as
  CORRELATION says;
* each score is turned into a measure by a distribution with plausible limits (see `measures`).

Nothing is fitted to the ranking that the paper prints: its first place (A1) is neither aimed at
nor avoided.  ``python make.py`` writes the same bytes each time; ``python make.py --check``
compares them with the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from pathlib import Path

import numpy as np
from scipy import stats

SEED = 20260101

OCCURRENCES = {
    "very low": (2, 3, 7, 16, 17, 26, 29, 36, 40, 51, 61),
    "low": (6, 9, 14, 15, 25, 27, 35, 47, 48, 49, 50),
    "medium": (1, 20, 22, 23, 28, 32, 33, 37, 39, 42, 43, 45, 55, 60),
    "high": (8, 12, 13, 21, 24, 30, 31, 34, 44, 46, 56, 57, 58, 59),
    "very high": (4, 5, 10, 11, 18, 19, 38, 41, 52, 53, 54, 62),
}

# The paper's scale of human development has four classes; which zone is in which was not published.
DEVELOPMENT = ("low", "medium low", "medium high", "high")
LIMITS = (0.70, 0.78, 0.86)  # of a simulated index, between them

NAMES = ("density", "growth", "bad_conditions", "hdi", "gini", "occurrences")

# of the latent scores, in the order of NAMES
CORRELATION = np.array(
    [
        [1.00, -0.15, 0.25, -0.15, -0.10, 0.20],
        [-0.15, 1.00, 0.15, -0.10, 0.05, 0.05],
        [0.25, 0.15, 1.00, -0.60, 0.10, 0.35],
        [-0.15, -0.10, -0.60, 1.00, 0.20, -0.30],
        [-0.10, 0.05, 0.10, 0.20, 1.00, 0.25],
        [0.20, 0.05, 0.35, -0.30, 0.25, 1.00],
    ]
)


def degrees() -> list[str]:
    """The printed class of A1 … A62."""
    found = {zone: name for name, zones in OCCURRENCES.items() for zone in zones}
    return [found[zone] for zone in range(1, 63)]


def measures(scores: np.ndarray) -> dict[str, list[str]]:
    """Simulated measures from latent normal scores, shape (62, 5), as printed numbers."""
    share = stats.norm.cdf(scores)
    density = np.clip(stats.lognorm.ppf(share[:, 0], s=0.75, scale=9_000), 300, 45_000)
    growth = stats.norm.ppf(np.clip(share[:, 1], 0.005, 0.995), loc=1.0, scale=1.6)
    bad = 100 * stats.beta.ppf(share[:, 2], 1.6, 5)
    hdi = 0.60 + 0.37 * stats.beta.ppf(share[:, 3], 2.4, 2.4)
    gini = 0.38 + 0.28 * stats.beta.ppf(share[:, 4], 3, 3)
    return {
        "density": [f"{x:.0f}" for x in density],  # inhabitants per km²
        "growth": [f"{x:.2f}" for x in growth],  # per cent a year
        "bad_conditions": [f"{x:.1f}" for x in bad],  # per cent of households
        "hdi": [DEVELOPMENT[place] for place in np.searchsorted(LIMITS, hdi)],
        "gini": [f"{x:.3f}" for x in gini],
    }


def table() -> str:
    """The text of criteria.csv."""
    classes = degrees()
    order = list(OCCURRENCES)
    sizes = np.array([len(OCCURRENCES[name]) for name in order])
    # the normal score of a class is that of the middle of its share of the zones
    middle = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    known = stats.norm.ppf(middle)[[order.index(name) for name in classes]]
    known /= known.std()
    # the five criteria given the class: mean ρ z, covariance R − ρ ρᵀ
    with_class = CORRELATION[:5, 5]
    rest = CORRELATION[:5, :5] - np.outer(with_class, with_class)
    noise = np.random.default_rng(SEED).standard_normal((62, 5)) @ np.linalg.cholesky(rest).T
    columns = measures(np.outer(known, with_class) + noise)
    columns["occurrences"] = classes
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["zone", *NAMES])
    for i in range(62):
        writer.writerow([f"A{i + 1}", *(columns[name][i] for name in NAMES)])
    return text.getvalue()


if __name__ == "__main__":
    path = Path(__file__).with_name("criteria.csv")
    made = table()
    if "--check" in sys.argv[1:]:
        same = path.read_text(encoding="utf-8") == made
        sys.stdout.write(f"criteria.csv is {'as made here' if same else 'NOT as made here'}\n")
        sys.exit(0 if same else 1)
    path.write_text(made, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{hashlib.sha256(made.encode()).hexdigest()}  criteria.csv\n")
