"""Tables of the functions G, F and K beside complete spatial randomness."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from helpers.checks import one_of, whole_number
from helpers.space import as_window

from .._places import distinct
from ..distances import empty_space_f, nearest_neighbour_g
from ..envelopes import Envelope, csr_envelope
from ..second_order import ripley_k
from ..thinning import thinned
from .courses import Course

_STEPS = 513
_UNCORRECTED = ("raw", "none")
_MAIN = {"G": "km", "F": "km", "K": "isotropic"}
"""The correction that is reported, and tested."""


def at_most(points, number: int, seed=None) -> np.ndarray:
    """The points as they are, or a random part of them where they are more than `number`.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    number : int
        Points at most.
    seed : int or numpy Generator

    Returns
    -------
    ndarray of float, shape (min(n, number), 2)
    """
    points = np.asarray(points, dtype=float)
    number = whole_number(number, "number", least=2)
    return points if len(points) <= number else thinned(points, number, seed)


def as_tested(points) -> dict[str, np.ndarray]:
    """The patterns that functions are estimated of, the one that is reported first.

    Functions of distances assume that no two points coincide. Where places are shared
    (fewer than 99 places for each hundred points) each place once is reported, and every
    event stands beside it.

    Parameters
    ----------
    points : array_like of shape (n, 2)

    Returns
    -------
    dict from str to ndarray of float
        ``each place once`` and ``every event``, or the latter alone.

    Examples
    --------
    >>> list(as_tested([[0, 0], [0, 0], [1, 1]])), list(as_tested([[0, 0], [1, 1]]))
    (['each place once', 'every event'], ['every event'])
    """
    points = np.asarray(points, dtype=float)
    places = distinct(points)[0]
    once = {"each place once": places} if len(places) < 0.99 * len(points) else {}
    return once | {"every event": points}


def functions_of(
    points, window, like: Mapping[str, pd.DataFrame] | None = None, reach: float | None = None
) -> dict[str, pd.DataFrame]:
    """G, F and K with every correction.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    window : Window or shapely polygon
    like : Mapping from str to DataFrame, optional
        What this function has returned for another pattern: then on its distances, and only with the
        correction that is reported.
    reach : float, optional
        Largest distance of K.

    Returns
    -------
    dict from str to DataFrame
        ``"G"``, ``"F"`` (from 100,000 locations) and ``"K"``.
    """
    places = distinct(np.asarray(points, dtype=float))[0]
    far = None if reach is None else reach * np.arange(513) / 512
    r = {"G": distances_of_g(places), "F": distances_of_f(places, window), "K": far}
    only = dict.fromkeys(r)
    if like is not None:
        r, only = {name: table["r"] for name, table in like.items()}, _MAIN
    return {
        "G": nearest_neighbour_g(points, window, r["G"], only["G"]),
        "F": empty_space_f(points, window, r["F"], only["F"], locations=100_000),
        "K": ripley_k(points, window, r["K"], only["K"]),
    }


def affordable(simulations: int, points: int, most: int = 2_000_000, least: int = 39) -> int:
    """Simulations of patterns of so many points: as many as asked, or fewer where that takes long.

    Parameters
    ----------
    simulations : int
        Asked for.
    points : int
        In each.
    most : int
        Points in all of them together.
    least : int
        Simulations in any case, if so many are asked for.

    Returns
    -------
    int
        The number asked for, or the largest of 199, 99 and 39 below it that is affordable.

    Examples
    --------
    >>> affordable(199, 1_000), affordable(199, 20_000), affordable(199, 10**6), affordable(19, 10**6)
    (199, 99, 39, 19)
    """
    for number in sorted({simulations, 199, 99, 39}, reverse=True):
        if number <= simulations and (number * points <= most or number <= least):
            return number
    return simulations


def points_by_kind(points, kinds, fewest: int = 100, places: int = 5) -> dict[str, np.ndarray]:
    """Points of each kind that has enough of them, the most frequent kind first.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    kinds : array_like of shape (n,)
    fewest : int
        Kinds with fewer points are left out, unless none has as many: then the most frequent stay.
    places : int
        Kinds at fewer different places are left out.

    Returns
    -------
    dict from kind to ndarray of float, shape (m, 2)

    Raises
    ------
    ValueError
        If no kind has points at so many places.
    """
    points, kinds = np.asarray(points, dtype=float), pd.Series(np.asarray(kinds))
    counts = kinds.value_counts()
    different = pd.DataFrame(points).assign(kind=kinds).drop_duplicates()["kind"].value_counts()
    able = counts[different.reindex(counts.index) >= places]
    if able.empty:
        raise ValueError(f"no kind has points at {places} different places")
    kept = able.index[able >= min(fewest, able.max())]
    return {kind: points[(kinds == kind).to_numpy()] for kind in kept}


def distances_of_g(points) -> np.ndarray:
    """Distances for G: to the longest between a point that is alone at its place and the next place.

    Where no point is alone, to the longest between places.

    Parameters
    ----------
    points : array_like of shape (n, 2), at two places or more

    Returns
    -------
    ndarray of float, shape (513,)
        From 0, in steps that grow evenly: fine where the function rises.

    Examples
    --------
    >>> float(distances_of_g([[0, 0], [0, 0], [3, 4], [3, 5]])[-1])
    1.0
    """
    places, repeats = np.unique(np.asarray(points, dtype=float), axis=0, return_counts=True)
    lone = places[repeats == 1] if (repeats == 1).any() else places
    return _growing(cKDTree(places).query(lone, k=2)[0][:, 1].max())


def distances_of_f(points, window, locations: int = 20_000) -> np.ndarray:
    """Distances for F: to the longest between a location in the window and the nearest point.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    window : Window or shapely polygon
    locations : int
        How many evenly spread ones are looked at.

    Returns
    -------
    ndarray of float, shape (513,)
        As of `distances_of_g`.
    """
    tree = cKDTree(np.asarray(points, dtype=float))
    return _growing(tree.query(as_window(window).spread_points(locations))[0].max())


def _growing(longest: float) -> np.ndarray:
    return longest * np.linspace(0, 1, _STEPS) ** 2


def departure(statistic: str, table: pd.DataFrame, column: str) -> pd.Series:
    """Departure of an estimate from complete spatial randomness.

    G and F: estimate − (1 − exp(−λ π r²)). K: L(r) − r with L = √(K / π).

    Parameters
    ----------
    statistic : {"G", "F", "K"}
    table : DataFrame
        Columns r, theory and `column`.
    column : str
        The estimate.

    Returns
    -------
    Series
    """
    one_of(statistic, "statistic", ("G", "F", "K"))
    if statistic == "K":
        return np.sqrt(table[column] / np.pi) - table["r"]
    return table[column] - table["theory"]


def departures(
    statistic: str, tables: Mapping[str, pd.DataFrame], envelope: Envelope
) -> pd.DataFrame:
    """Departure from complete spatial randomness with its global envelope, ready to draw.

    Parameters
    ----------
    statistic : {"G", "F", "K"}
    tables : Mapping from str to DataFrame
        Of the function by pattern, the envelope's first, all on the same r; each departs from the
        randomness of as many points as it has.
    envelope : Envelope
        Of the same function on the same r.

    Returns
    -------
    DataFrame
        Columns r, one a pattern under its name, low, high. Kaplan-Meier estimates of G and F, the
        isotropic one of K.

    Raises
    ------
    ValueError
        If the tables have other distances than the envelope.
    """
    first = next(iter(tables.values()))
    if any(not np.array_equal(table["r"], envelope.table["r"]) for table in tables.values()):
        raise ValueError("functions and envelope are to be given on the same distances")
    column = _MAIN[statistic]
    drawn = {"r": first["r"]}
    drawn |= {name: departure(statistic, table, column) for name, table in tables.items()}
    ends = envelope.table[["global_low", "global_high"]].assign(
        r=first["r"], theory=first["theory"]
    )
    drawn["low"] = departure(statistic, ends, "global_low")
    drawn["high"] = departure(statistic, ends, "global_high")
    return pd.DataFrame(drawn)


def differences(statistic: str, table: pd.DataFrame) -> pd.DataFrame:
    """By how much the other edge corrections differ from the one that is reported.

    Parameters
    ----------
    statistic : {"G", "F", "K"}
    table : DataFrame
        Columns r, theory, and one a correction.

    Returns
    -------
    DataFrame
        Column r, and one a correction but Kaplan-Meier's (of K but the isotropic one) and none: its
        estimate minus that one, of K as L = √(K / π).
    """
    main = departure(statistic, table, _MAIN[statistic])
    others = table.columns.drop(["r", "theory", _MAIN[statistic], *_UNCORRECTED], errors="ignore")
    return pd.DataFrame(
        {"r": table["r"]} | {name: departure(statistic, table, name) - main for name in others}
    )


def sides(
    tables: Mapping[str, Mapping[str, pd.DataFrame]], envelopes: Mapping[str, Envelope]
) -> pd.DataFrame:
    """On which side of complete spatial randomness each estimate of each function lies.

    Of the area between the two curves (trapezoidal rule over r), the share where
    the estimate is above and the share where it is below.

    Parameters
    ----------
    tables : Mapping from str to Mapping from str to DataFrame
        Pattern → function → columns r, theory, and one a correction; the envelopes' pattern first.
    envelopes : Mapping from str to Envelope
        Function → envelope.

    Returns
    -------
    DataFrame
        Index function, pattern, correction; columns above_csr, below_csr, p_global (of the
        envelope's test, in the row of the estimate that was tested, else missing), simulations
        (behind that p). Shares are missing where both curves are one.
    """
    rows = {}
    tested = next(iter(tables))
    for name in envelopes:
        for pattern, functions in tables.items():
            table = functions[name]
            for column in table.columns.drop(["r", "theory"]):
                gap = (table[column] - table["theory"]).fillna(0)
                parts = [gap.clip(lower=0), -gap.clip(upper=0)]
                above, below = (float(np.trapezoid(part, table["r"])) for part in parts)
                whole = above + below if above + below > 0 else np.nan
                same = pattern == tested and column == envelopes[name].correction
                test = [envelopes[name].p_value, envelopes[name].simulations]
                shares = [above / whole, below / whole]
                rows[name, pattern, column] = shares + (test if same else [np.nan, np.nan])
    index = pd.MultiIndex.from_tuples(rows, names=["function", "pattern", "correction"])
    columns = ["above_csr", "below_csr", "p_global", "simulations"]
    return pd.DataFrame(rows.values(), index, columns=columns)


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the corrected estimates of a function lie on one side of randomness.

    Parameters
    ----------
    table : DataFrame
        What `sides` returns; its first pattern is looked at.

    Returns
    -------
    DataFrame
        Index ``function``; columns sign (1 where with every correction more than half of the area
        is above, −1 where below, else 0), above_least and below_least (the least share over the
        corrections), p_global, simulations (behind it).
    """
    first = table.index.get_level_values("pattern")[0]
    table = table.xs(first, level="pattern")
    plain = table.index.get_level_values("correction").isin(_UNCORRECTED)
    groups = table[~plain].groupby("function", sort=False)
    least = groups[["above_csr", "below_csr"]].min()
    sign = (least["above_csr"] > 0.5).astype(int) - (least["below_csr"] > 0.5).astype(int)
    result = least.rename(columns={"above_csr": "above_least", "below_csr": "below_least"})
    result.insert(0, "sign", sign)
    return result.join(groups[["p_global", "simulations"]].first())


def side_numbers(
    agreed: pd.DataFrame, courses: Mapping[str, Course]
) -> dict[str, tuple[float | str, str]]:
    """What is kept of the sides on which the functions lie, and what each number is.

    Parameters
    ----------
    agreed : DataFrame
        What `agreement` returns.
    courses : Mapping from str to Course
        Of the tested estimate, by function.

    Returns
    -------
    dict from str to (number or text, note)
        Of each function, behind its name in small letters: ``_sign``, ``_above``, ``_below``, ``_p``,
        ``_simulations`` and ``_course``, a text that is empty where the curve stays inside.
    """
    kept: dict[str, tuple[float | str, str]] = {}
    for name, row in agreed.iterrows():
        key = str(name).lower()
        kept[f"{key}_sign"] = int(row["sign"]), "of estimate − CSR, where corrections agree"
        kept[f"{key}_above"] = row["above_least"], "least share of the area above CSR"
        kept[f"{key}_below"] = row["below_least"], "least share of the area below CSR"
        kept[f"{key}_p"] = row["p_global"], "global envelope test"
        kept[f"{key}_simulations"] = int(row["simulations"]), "behind the global envelope"
        kept[f"{key}_course"] = courses[str(name)].told, "where it leaves the global envelope"
    return kept


def envelopes_of(
    patterns: Mapping[str, np.ndarray],
    window,
    like: Mapping[str, pd.DataFrame],
    *,
    simulations: int = 199,
    **chance,
) -> dict[str, Envelope]:
    """Envelope of each function, of the pattern that is given for it.

    Parameters
    ----------
    patterns : Mapping from str to array_like of shape (n, 2)
        By function: ``"G"``, ``"F"``, ``"K"``.
    window : Window or shapely polygon
    like : Mapping from str to DataFrame
        What `functions_of` returns: its distances are taken.
    simulations : int
        As many as `affordable` gives.
    **chance
        alpha and seed of `helpers.patterns.csr_envelope`.

    Returns
    -------
    dict from str to Envelope
    """
    return {
        name: csr_envelope(
            points,
            window,
            name,
            r=like[name]["r"],
            simulations=affordable(simulations, len(points)),
            **chance,
        )
        for name, points in patterns.items()
    }


def envelopes_by_kind(
    patterns: Mapping[str, np.ndarray],
    window,
    statistic: str,
    r=None,
    *,
    simulations: int = 199,
    most: int = 120_000,
    **chance,
) -> dict[str, Envelope]:
    """Envelope of a function for each of several patterns.

    Parameters
    ----------
    patterns : Mapping from str to array_like of shape (n, 2)
        By kind.
    window : Window or shapely polygon
    statistic : str
    r : array_like, optional
        Distances for all; by default each pattern's own.
    simulations, most : int
        As many as `affordable` gives with these for the pattern's size.
    **chance
        alpha and seed of `helpers.patterns.csr_envelope`; a Generator goes on from
        kind to kind.

    Returns
    -------
    dict from kind to Envelope
    """
    return {
        kind: csr_envelope(
            points,
            window,
            statistic,
            r=r,
            simulations=affordable(simulations, len(points), most),
            **chance,
        )
        for kind, points in patterns.items()
    }


def p_values(envelopes: Mapping[str, Mapping[str, Envelope]]) -> pd.DataFrame:
    """P values of the global envelope tests, and of them together.

    Parameters
    ----------
    envelopes : Mapping from str to what `envelopes_by_kind` returns
        By function.

    Returns
    -------
    DataFrame
        Index ``kind``; a column p_g, p_f, … for each function, then simulations_g, … (how many are
        behind that p).
    """
    columns = {}
    for what in ("p_value", "simulations"):
        for name, group in envelopes.items():
            label = f"{what.removesuffix('_value')}_{name.lower()}"
            columns[label] = {kind: getattr(each, what) for kind, each in group.items()}
    return pd.DataFrame(columns).rename_axis("kind")
