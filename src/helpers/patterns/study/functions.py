"""Tables of the functions G, F and K beside complete spatial randomness."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from helpers.checks import one_of, whole_number
from helpers.space import as_window

from ..envelopes import Envelope, csr_envelope
from ..thinning import thinned

_STEPS = 513
_UNCORRECTED = ("raw", "none")


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
    statistic: str,
    table: pd.DataFrame,
    envelope: Envelope,
    once: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Departure from complete spatial randomness with its global envelope, ready to draw.

    Parameters
    ----------
    statistic : {"G", "F", "K"}
    table : DataFrame
        Of the function, for every event.
    envelope : Envelope
        Of the same function on the same r.
    once : DataFrame, optional
        Of the function with each place once, on the same r.

    Returns
    -------
    DataFrame
        Columns r, ``every event``, ``each place once`` (with `once`), low, high. Kaplan-Meier
        estimates of G and F, the isotropic one of K.

    Raises
    ------
    ValueError
        If the tables have other distances than the function.
    """
    others = [envelope.table, *([] if once is None else [once])]
    if any(not np.array_equal(other["r"], table["r"]) for other in others):
        raise ValueError("function, envelope and places are to be given on the same distances")
    column = "isotropic" if statistic == "K" else "km"
    drawn = {"r": table["r"], "every event": departure(statistic, table, column)}
    if once is not None:
        drawn["each place once"] = departure(statistic, once, column)
    ends = envelope.table[["global_low", "global_high"]].assign(
        r=table["r"], theory=table["theory"]
    )
    drawn["low"] = departure(statistic, ends, "global_low")
    drawn["high"] = departure(statistic, ends, "global_high")
    return pd.DataFrame(drawn)


def sides(tables: Mapping[str, pd.DataFrame], envelopes: Mapping[str, Envelope]) -> pd.DataFrame:
    """On which side of complete spatial randomness each estimate of each function lies.

    Of the area between the two curves (trapezoidal rule over r), the share where
    the estimate is above and the share where it is below.

    Parameters
    ----------
    tables : Mapping from str to DataFrame
        Function → columns r, theory, and one a correction.
    envelopes : Mapping from str to Envelope
        Function → envelope.

    Returns
    -------
    DataFrame
        Index function, correction; columns above_csr, below_csr, p_global (of the envelope's test).
        Shares are missing where both curves are one.
    """
    rows = {}
    for name, table in tables.items():
        for column in table.columns.drop(["r", "theory"]):
            gap = (table[column] - table["theory"]).fillna(0)
            parts = [gap.clip(lower=0), -gap.clip(upper=0)]
            above, below = (float(np.trapezoid(part, table["r"])) for part in parts)
            whole = above + below if above + below > 0 else np.nan
            p = envelopes[name].p_value
            rows[name, column] = [above / whole, below / whole, p]
    index = pd.MultiIndex.from_tuples(rows, names=["function", "correction"])
    return pd.DataFrame(rows.values(), index, columns=["above_csr", "below_csr", "p_global"])


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the corrected estimates of a function lie on one side of randomness.

    Parameters
    ----------
    table : DataFrame
        What `sides` returns.

    Returns
    -------
    DataFrame
        Index ``function``; columns sign (1 where with every correction more than half of the area
        is above, −1 where below, else 0), above_least and below_least (the least share over the
        corrections), p_global.
    """
    plain = table.index.get_level_values("correction").isin(_UNCORRECTED)
    groups = table[~plain].groupby("function", sort=False)
    least = groups[["above_csr", "below_csr"]].min()
    sign = (least["above_csr"] > 0.5).astype(int) - (least["below_csr"] > 0.5).astype(int)
    result = least.rename(columns={"above_csr": "above_least", "below_csr": "below_least"})
    result.insert(0, "sign", sign)
    return result.assign(p_global=groups["p_global"].first())


def envelopes_by_kind(
    patterns: Mapping[str, np.ndarray], window, statistic: str, r=None, **chance
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
    **chance
        simulations, alpha and seed of `helpers.patterns.csr_envelope`; a Generator goes on from
        kind to kind.

    Returns
    -------
    dict from kind to Envelope
    """
    return {
        kind: csr_envelope(points, window, statistic, r=r, **chance)
        for kind, points in patterns.items()
    }


def p_values(envelopes: Mapping[str, Mapping[str, Envelope]]) -> pd.DataFrame:
    """P values of the global envelope tests.

    Parameters
    ----------
    envelopes : Mapping from str to what `envelopes_by_kind` returns
        By function.

    Returns
    -------
    DataFrame
        Index ``kind``; a column p_g, p_f, … for each function.
    """
    columns = {
        f"p_{name.lower()}": {kind: each.p_value for kind, each in group.items()}
        for name, group in envelopes.items()
    }
    return pd.DataFrame(columns).rename_axis("kind")
