"""Many random contiguous plans, as a yardstick for the plan of today."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from .._kernels import fill_state
from .._states import graph_arrays, grown_assignment, new_state
from ..objectives import area_totals, evaluate, polsby_popper
from ..plan import broken_areas
from ..units import DistrictingError, Units
from . import _kernels

__all__ = ["Ensemble", "chain_measures", "effective_size", "plan_ensemble", "standing"]

MEASURES = ("eq1", "eq4", "mean_polsby_popper", "cut_pairs")
_KEPT = 100  # plans of the chain whose assignment is kept


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Random plans and how they were drawn.

    Attributes
    ----------
    measures : pandas.DataFrame
        One row a plan, in the order of the chain: eq1, eq4, mean_polsby_popper, cut_pairs
        (contiguous pairs of units that are in two areas).
    plans : numpy.ndarray of int, shape (m, n)
        About a hundred of the assignments, evenly picked.
    tolerance : float
        No area holds more, or less, than the equal share by more than this part of it.
    every : int
        Recombinations between two plans.
    taken : float
        Share of them that changed the plan.
    seconds : float
    """

    measures: pd.DataFrame
    plans: np.ndarray
    tolerance: float
    every: int
    taken: float
    seconds: float


def plan_ensemble(
    units: Units,
    areas: int,
    *,
    plans: int = 10_000,
    tolerance: float = 0.5,
    start: np.ndarray | None = None,
    every: int = 3,
    seed: int | np.random.Generator = 0,
) -> Ensemble:
    r"""Draw contiguous plans by a chain of recombinations that follows no objective.

    At each step two areas across a random border are merged, a random tree is grown through their
    units, and an edge of it is cut at random among those that leave both areas within

    .. math:: (1 - t)\, \mu \le P_j \le (1 + t)\, \mu .

    The plans are not equally likely: those of compact areas have more trees. They are a yardstick
    for what contiguity and that tolerance leave to chance, not a test of intent. A tenth as many
    plans are drawn first and forgotten.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    plans : int
        How many are kept.
    tolerance : float
        *t*, above 0; 1 or more lets an area hold nothing.
    start : array of int, shape (n,), optional
        A plan to start from, if it is contiguous and within the tolerance; else, and without it, the
        chain starts from a grown plan, whose areas are taken as they are until they are redrawn.
    every : int
        Recombinations from one plan to the next.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.

    Returns
    -------
    Ensemble

    Raises
    ------
    DistrictingError
        A number of areas that has no plan, or a tolerance or number of plans out of range.

    References
    ----------
    DeFord, Duchin and Solomon (2021), Recombination: a family of Markov chains for redistricting,
    Harvard Data Science Review 3(1).
    """
    began = perf_counter()
    units.check(areas)
    plans = whole_number(plans, "plans", error=DistrictingError)
    every = whole_number(every, "every", error=DistrictingError)
    if not tolerance > 0:
        raise DistrictingError(f"the tolerance is {tolerance}; it must be above 0")
    rng = np.random.default_rng(seed)
    graph, mu, n = graph_arrays(units), units.mean(areas), len(units)
    first = None if start is None else np.unique(start, return_inverse=True)[1]
    if first is None or first.max() + 1 != areas or broken_areas(units, first):
        first = grown_assignment(units, graph, areas, rng)
    state = new_state(graph, first, areas, rng)
    fill_state(graph, state, False)
    work = (
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n), np.empty(n, np.int64),
        np.empty(max(len(graph.indices), n) + 1, np.int64),
    )  # fmt: skip
    low, high = _limits(units, areas, tolerance)
    stride = -(-plans // _KEPT)
    kept = np.zeros((-(-plans // stride), n), dtype=np.int64)
    measures, taken = np.empty((plans, len(MEASURES))), 0
    for rows in (measures[: plans // 10], measures):
        taken = _kernels.wander(
            graph, state, mu, low, high, len(rows), every, rows, kept, stride, work
        )
    table = pd.DataFrame(measures, columns=list(MEASURES))
    return Ensemble(
        table, kept, float(tolerance), every, taken / (plans * every), perf_counter() - began
    )


def _limits(units: Units, areas: int, tolerance: float) -> tuple[float, float]:
    """The least and the most that an area of a random plan may hold."""
    mu = units.mean(areas)
    most = max((1.0 + tolerance) * mu, units.population.max())
    return (1.0 - tolerance) * mu * (1 - 1e-12), float(most * (1 + 1e-12))


def standing(units: Units, ensemble: Ensemble, assignment: np.ndarray) -> pd.DataFrame:
    """Where a plan stands among random ones, by each measure.

    Parameters
    ----------
    units : Units
        The areal units.
    ensemble : Ensemble
        From :func:`plan_ensemble`.
    assignment : array of int, shape (n,)
        The plan, contiguous or not.

    Returns
    -------
    pandas.DataFrame
        measure (a column of `Ensemble.measures`), value (of the plan), low, median, high (the 2.5,
        50 and 97.5 % points of the random plans), below (share of them with less), effective
        (:func:`effective_size`). Of equation (1) `below` is missing where an area of the plan holds more
        or less than those of the random plans may: no plan like it can be drawn, so a share would tell
        of the tolerance alone.
    """
    own, rows = chain_measures(units, assignment), []
    labels = np.unique(assignment, return_inverse=True)[1]
    held = area_totals(units, labels)["population"]
    low, high = _limits(units, len(held), ensemble.tolerance)
    possible = bool((held >= low).all() and (held <= high).all())
    for name in MEASURES:
        drawn = ensemble.measures[name].to_numpy()
        low, median, high = np.quantile(drawn, [0.025, 0.5, 0.975])
        slack = 1e-9 * abs(own[name])  # equal but for rounding is not less
        below = float((drawn < own[name] - slack).mean())
        below = below if possible or name != "eq1" else np.nan
        rows.append((name, own[name], low, median, high, below, effective_size(drawn)))
    columns = ["measure", "value", "low", "median", "high", "below", "effective"]
    return pd.DataFrame(rows, columns=columns)


def chain_measures(units: Units, assignment: np.ndarray) -> dict[str, float]:
    """The measures of `Ensemble.measures` for one plan, contiguous or not.

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : array of int, shape (n,)
        The plan.

    Returns
    -------
    dict of str to float
    """
    labels = np.unique(assignment, return_inverse=True)[1]
    measured, shape = evaluate(units, labels), polsby_popper(units, labels)
    cut = (labels[units.links[:, 0]] != labels[units.links[:, 1]]).sum()
    own = {**measured, "mean_polsby_popper": float(shape.mean()), "cut_pairs": float(cut)}
    return {name: own[name] for name in MEASURES}


def effective_size(series: np.ndarray) -> float:
    r"""How many independent draws a chain is worth for the mean of a measure.

    .. math:: \frac{n}{1 + 2 \sum_{l \ge 1} \rho_l}

    with the autocorrelations summed in pairs as long as a pair is positive and no larger than the
    one before (Geyer's initial monotone sequence).

    Parameters
    ----------
    series : array, shape (n,)
        Values in the order of the chain.

    Returns
    -------
    float
        From 1 to n; n where the values do not vary.

    References
    ----------
    Geyer (1992), Practical Markov chain Monte Carlo, Statistical Science 7(4).

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.random.default_rng(0).normal(size=4000)
    >>> bool(3000 < effective_size(draws) <= 4000)
    True
    """
    values = np.asarray(series, dtype=float)
    n = len(values)
    off = values - values.mean()
    power = np.abs(np.fft.rfft(off, 2 * n)) ** 2
    cov = np.fft.irfft(power)[:n] / n
    if not cov[0] > 1e-24 * np.abs(values).max() ** 2:
        return float(n)
    rho = cov / cov[0]
    pairs = rho[0 : n - 1 : 2] + rho[1:n:2]
    ends = np.flatnonzero(pairs <= 0)
    pairs = np.minimum.accumulate(pairs[: ends[0] if len(ends) else len(pairs)])
    return float(np.clip(n / max(2.0 * pairs.sum() - 1.0, 1e-9), 1.0, n))
