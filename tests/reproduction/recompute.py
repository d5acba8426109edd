"""Recompute verdicts of the ledger from the raw tables, with nothing of the project.

Plain pandas and numpy on ``data/raw``; no module of ``helpers`` is imported.  Each function gives the
verdict that follows from the tables and from what the paper prints (``data/raw/claims.csv``)::

    python tests/reproduction/recompute.py

prints claim, verdict and what was computed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import ceil, floor
from pathlib import Path

import numpy as np
import pandas as pd

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
CLAIMS = pd.read_csv(RAW / "claims.csv", dtype=str, keep_default_na=False).set_index("claim_id")
ZONES = pd.read_csv(RAW / "setubal" / "freguesias.csv")
PENINSULA = {
    "Alcochete", "Almada", "Barreiro", "Moita", "Montijo", "Palmela", "Seixal", "Sesimbra", "Setúbal",
}  # fmt: skip
Found = tuple[str, object]


def printed(claim: str) -> str:
    """What the paper prints."""
    return CLAIMS.loc[claim, "published"]


def number(claim: str) -> float:
    """The same as a number."""
    return float(printed(claim))


def same(claim: str, value: float, within: float = 0.0) -> Found:
    """Match where the value is the printed one; what is not printed is only agreed with."""
    if abs(value - number(claim)) > within:
        return "differs", value
    return ("match" if CLAIMS.loc[claim, "reading"] == "read" else "inferred"), value


# ------------------------------------------------------------------------------------ Setúbal, inputs


def average(claim: str, column: str) -> Found:
    """An average over 28 areas, whatever the plan."""
    return same(claim, ZONES[column].sum() / number("SET-05"), 0.06)


def hot_spots(column: str) -> pd.DataFrame:
    """Gi* by its formula: the band that leaves no zone alone, two-sided at 95 %."""
    places = ZONES[["x_tm06_m", "y_tm06_m"]].to_numpy(dtype=float)
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    nearest = np.where(np.eye(len(places), dtype=bool), np.inf, apart).min(axis=1)
    weights = (apart <= nearest.max() + 1e-6).astype(float)  # the zone itself among them: the star
    x, n = ZONES[column].to_numpy(dtype=float), len(ZONES)
    sums, squares = weights.sum(axis=1), (weights**2).sum(axis=1)
    deviation = np.sqrt((x**2).mean() - x.mean() ** 2)
    z = (weights @ x - x.mean() * sums) / (deviation * np.sqrt((n * squares - sums**2) / (n - 1)))
    return ZONES.assign(z=z, hot=z > 1.959964, cold=z < -1.959964)


def cold_spots() -> Found:
    """The two cold spots of residents; the paper leaves away that one is a union."""
    found = hot_spots("pop_2011")
    cold = [
        name.replace("União das freguesias de ", "") for name in found["freguesia"][found["cold"]]
    ]
    wanted = ["Abela", "São Domingos e Vale de Água"]
    return ("match" if sorted(cold) == sorted(wanted) else "differs"), cold


def all_in_the_peninsula() -> Found:
    """Whether no hot spot of residents lies outside the nine municipalities."""
    found = hot_spots("pop_2011")
    outside = found[found["hot"] & ~found["municipality"].isin(PENINSULA)]
    return ("match" if outside.empty else "differs"), len(outside)


def coldest() -> Found:
    """The zone of the lowest score, residents over 65."""
    found = hot_spots("pop65_2011")
    name = found.loc[found["z"].idxmin(), "freguesia"]
    return ("match" if name == printed("SET-44") else "differs"), name


def not_hot() -> Found:
    """Zones of the peninsula that are no hot spot: only Sesimbra, says the paper."""
    found = hot_spots("pop65_2011")
    left = found[~found["hot"] & found["municipality"].isin(PENINSULA)]["freguesia"].tolist()
    wanted = {"Sesimbra (Castelo)", "Sesimbra (Santiago)"}
    return ("inferred" if set(left) == wanted else "differs"), left


# --------------------------------------------------------------------------------- the paper by itself


def half(text: str) -> Fraction:
    """Half a unit of the last printed digit."""
    return Fraction(1, 2 * 10 ** len(text.partition(".")[2]))


def possible(total: int, claims: dict[str, str]) -> list[int]:
    """Numbers of areas above the mean that whole residents allow, by exhaustion of conditions."""
    areas, left = int(number("SET-05")), []
    mean = Fraction(total, areas)
    text = {name: printed(claim) for name, claim in claims.items()}
    value = {name: Fraction(word) for name, word in text.items()}
    for above in range(1, areas):
        middle = value["sum"] / 2 + above * mean
        held = round(middle)
        if abs(middle - held) > half(text["sum"]) / 2:
            continue
        upper_half = value["median"] - half(text["median"]) > mean
        if upper_half and above < areas // 2:
            continue
        if value["median"] + half(text["median"]) < mean and above > areas // 2:
            continue
        rest, below = total - held, areas - above
        low, high = value["minimum"], value["maximum"]
        if not (below * low <= rest <= below * mean and above * mean < held <= above * high):
            continue
        left.append(above)
    return left


COLUMN = {"median": "SET-17", "minimum": "SET-19", "maximum": "SET-20", "sum": "SET-36"}
OTHERS = {"median": "SET-07", "minimum": "SET-09", "maximum": "SET-10", "sum": "SET-32"}


def azp_sa_column() -> Found:
    """The column of AZP-SA, residents: neither its sum nor its average fits the stated total."""
    total = int(number("SET-04"))
    refused = not possible(total, COLUMN) and bool(possible(total, OTHERS))
    return ("paper-inconsistent" if refused else "match"), possible(total, COLUMN)


def totals_behind_azp_sa() -> Found:
    """Totals that the column's average and its other statistics allow."""
    text, areas = printed("SET-16"), int(number("SET-05"))
    low, high = (Fraction(text) + sign * half(text) for sign in (-1, 1))
    tried = range(ceil(low * areas), floor(high * areas) + 1)
    found = [total for total in tried if possible(total, COLUMN)]
    return ("match" if int(number("SET-52")) in found else "paper-inconsistent"), found


def averages_differ() -> Found:
    """One total over one number of areas has one average."""
    gap = abs(number("SET-16") - number("SET-06"))
    return ("paper-inconsistent" if gap > 0.1 else "match"), gap


def least_compactness() -> Found:
    """AZP-SA, in every test, says the summary."""
    residents = min([("eq. 3", number("SET-33")), ("AZP-SA", number("SET-35"))], key=lambda e: e[1])
    older = min([("eq. 3", number("SET-37")), ("AZP-SA", number("SET-39"))], key=lambda e: e[1])
    leaders = [residents[0], older[0]]
    return ("match" if set(leaders) == {"AZP-SA"} else "paper-inconsistent"), leaders


# ----------------------------------------------------------------------------------------- the optimum


def beaten(claim: str, column: str) -> Found:
    """Whether a plan is sure to be better: the bound 2 Σ (p − μ)⁺, which is met (section 22)."""
    people = ZONES[column].to_numpy(dtype=float)
    bound = 2 * np.maximum(people - people.sum() / number("SET-05"), 0).sum()
    return ("differs" if abs(bound - number(claim)) > 0.05 * number(claim) else "close"), bound


# ---------------------------------------------------------------------------------------------- Recife


def table_of_recife() -> pd.DataFrame:
    """The zones and their degrees."""
    return pd.read_csv(RAW / "recife" / "criteria.csv")


def class_sizes() -> Found:
    """Zones by degree, very low first."""
    order = ["very low", "low", "medium", "high", "very high"]
    found = table_of_recife()["occurrences"].value_counts()[order].tolist()
    wanted = [int(part) for part in printed("REC-02").split(";")]
    return ("inferred" if found == wanted else "differs"), found


def centroid_weights() -> Found:
    """Rank-order centroid weights as the mean of the corners of the ordered simplex."""
    count = 6
    corners = [[1 / k] * k + [0] * (count - k) for k in range(1, count + 1)]
    found = np.mean(corners, axis=0)
    wanted = [float(part) for part in printed("REC-04").split(";")]
    agrees = np.abs(found - wanted).max() <= 5e-5
    return ("inferred" if agrees else "differs"), found.round(4).tolist()


def grids() -> Found:
    """Leeds takes the paper's grid; Toronto, whose card states none, the one that its outline asks for."""
    stated = {"leeds": (40, 24), "toronto": (36, 26)}
    cells = [len(list(product(range(c), range(r)))) for c, r in stated.values()]
    held = {cell == number("LIM-12") for cell in cells}
    return ("mixed" if len(held) > 1 else "match" if held == {True} else "differs"), cells


VERDICTS: dict[str, Callable[[], Found]] = {
    "SET-01": lambda: same("SET-01", len(ZONES)),
    "SET-02": lambda: same("SET-02", ZONES["municipality"].nunique()),
    "SET-03": lambda: same("SET-03", ZONES["area_km2"].sum(), 1),
    "SET-04": lambda: same("SET-04", ZONES["pop_2011"].sum()),
    "SET-06": lambda: average("SET-06", "pop_2011"),
    "SET-11": lambda: average("SET-11", "pop_2011"),
    "SET-16": azp_sa_column,
    "SET-17": azp_sa_column,
    "SET-18": azp_sa_column,
    "SET-19": azp_sa_column,
    "SET-20": azp_sa_column,
    "SET-21": lambda: average("SET-21", "pop65_2011"),
    "SET-26": lambda: average("SET-26", "pop65_2011"),
    "SET-32": lambda: beaten("SET-32", "pop_2011"),
    "SET-34": lambda: beaten("SET-34", "pop_2011"),
    "SET-35": azp_sa_column,
    "SET-36": azp_sa_column,
    "SET-38": lambda: beaten("SET-38", "pop65_2011"),
    "SET-41": cold_spots,
    "SET-42": all_in_the_peninsula,
    "SET-43": not_hot,
    "SET-44": coldest,
    "SET-48": least_compactness,
    "SET-51": averages_differ,
    "SET-52": totals_behind_azp_sa,
    "LIM-12": grids,
    "LIM-13": lambda: (
        "match" if number("LIM-13") == 40 * 24 else "paper-inconsistent", 40 * 24
    ),
    "REC-01": lambda: same("REC-01", table_of_recife()["zone"].nunique()),
    "REC-02": class_sizes,
    "REC-04": centroid_weights,
    "REC-11": lambda: same("REC-11", table_of_recife()["hdi"].nunique()),
}  # fmt: skip


if __name__ == "__main__":
    for claim, verdict in VERDICTS.items():
        sys.stdout.write("{}\t{}\t{}\n".format(claim, *verdict()))
