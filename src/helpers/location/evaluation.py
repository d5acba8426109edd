"""How good patrol plans are: the trade-off curve, its reading, the test on later crimes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .problem import PMedianSolution, _columns, travel

__all__ = ["excess", "knee", "out_of_sample", "savings", "smallest_match", "tradeoff_curve"]


def tradeoff_curve(
    solutions: Mapping[str, Sequence[PMedianSolution]],
    demand,
    distance,
    *,
    policies: Mapping[str, Sequence[int]] | None = None,
) -> pd.DataFrame:
    """Figure 14 as a table: cost of each method's plan for each number of patrols.

    Parameters
    ----------
    solutions : mapping
        Method name to its solutions, one for each p.
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    policies : mapping of policy name to site numbers, optional
        Plans in force, judged on the same demand (the current stations, say).

    Returns
    -------
    DataFrame
        ``method, patrols, objective, mean, bound, gap, proven, seconds``; `mean` is the distance
        per unit of demand; bound, gap and seconds are NaN for policies.

    Examples
    --------
    >>> from helpers.location import sweep
    >>> d = [[0, 1, 9], [1, 0, 8], [9, 8, 0]]
    >>> curve = tradeoff_curve({"exact": sweep([1, 1, 5], d, [1, 2])}, [1, 1, 5], d)
    >>> curve["objective"].tolist()
    [17.0, 1.0]
    """
    total = float(np.sum(demand))
    rows = [
        (name, s.sites.size, s.objective, s.objective / total, s.bound, s.gap, s.proven, s.seconds)
        for name, plans in solutions.items()
        for s in plans
    ]
    for name, sites in (policies or {}).items():
        cost = travel(demand, distance, sites)
        rows.append((name, len(sites), cost, cost / total, np.nan, np.nan, False, np.nan))
    columns = ["method", "patrols", "objective", "mean", "bound", "gap", "proven", "seconds"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["method", "patrols"], kind="stable", ignore_index=True
    )


def smallest_match(curve: pd.DataFrame, cost: float, *, method: str = "exact") -> int | None:
    """Smallest number of patrols whose plan costs no more than `cost`; None if none does.

    Parameters
    ----------
    curve : DataFrame
        From `tradeoff_curve`.
    cost : float
        Objective of the policy to match (``tradeoff_curve`` lists it).
    method : str
        Which method of the curve to read.

    Raises
    ------
    ValueError
        If the curve has no such method.
    """
    rows = _method(curve, method)
    enough = rows.loc[rows["objective"] <= cost * (1 + 1e-12), "patrols"]
    return int(enough.min()) if len(enough) else None


def savings(curve: pd.DataFrame, *, method: str = "exact") -> pd.DataFrame:
    """What the method saves against every other row of the curve with the same p.

    Parameters
    ----------
    curve : DataFrame
        From `tradeoff_curve`.
    method : str
        Which method of the curve to read.

    Returns
    -------
    DataFrame
        ``method, patrols, objective, best, saving``: `best` is the method's objective at that p,
        ``saving = 1 - best / objective``.

    Raises
    ------
    ValueError
        If the curve has no such method.
    """
    best = _method(curve, method).set_index("patrols")["objective"]
    others = curve[(curve["method"] != method) & curve["patrols"].isin(best.index)]
    out = others[["method", "patrols", "objective"]].copy()
    out["best"] = out["patrols"].map(best)
    out["saving"] = 1 - out["best"] / out["objective"].where(out["objective"] > 0)
    return out.reset_index(drop=True)


def excess(cost, optimum) -> np.ndarray:
    r"""How far costs lie above an optimum, as a share of it.

    .. math:: \text{cost} / \text{optimum} - 1

    Parameters
    ----------
    cost, optimum : float or array
        Of the same plans, in the same unit.

    Returns
    -------
    array
        0 where both are zero; NaN where only the optimum is, for no share of nothing is a number.

    Examples
    --------
    >>> excess([3.0, 0.0, 1.0], [2.0, 0.0, 0.0]).tolist()
    [0.5, 0.0, nan]
    """
    cost, optimum = np.broadcast_arrays(np.asarray(cost, float), np.asarray(optimum, float))
    out = np.where(cost == optimum, 0.0, np.nan)
    np.divide(cost, optimum, out=out, where=optimum != 0)
    return np.where(optimum != 0, out - 1, out)


def knee(curve: pd.DataFrame, *, method: str = "exact") -> int | None:
    """Number of patrols after which another one buys clearly less.

    The point farthest below the chord between the ends of the curve, both axes scaled to 0..1
    (Satopää et al. 2011, "Finding a kneedle in a haystack").  None where the curve has fewer than
    three numbers of patrols, or one cost for all of them: such a curve does not bend.
    """
    rows = _method(curve, method).sort_values("patrols")
    p, cost = rows["patrols"].to_numpy(float), rows["objective"].to_numpy(float)
    if len(rows) < 3 or not cost[0] > cost[-1]:
        return None
    x = (p - p[0]) / (p[-1] - p[0])
    y = (cost - cost[-1]) / (cost[0] - cost[-1])
    return int(p[np.argmax(1 - x - y)])


def _method(curve: pd.DataFrame, method: str) -> pd.DataFrame:
    rows = curve[curve["method"] == method]
    if rows.empty:
        raise ValueError(
            f"the curve has no method {method!r}; it has {', '.join(curve['method'].unique())}."
        )
    return rows


def out_of_sample(
    counts,
    distance,
    plans: Mapping[str, Sequence[int]],
    *,
    reference: str | None = None,
    groups: tuple | None = None,
    draws: int = 2000,
    level: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    r"""Plans made with a forecast, judged by the crimes that then happened.

    Mean distance from each later crime to the nearest patrol of each plan, with percentile
    bootstrap intervals: crimes are redrawn with replacement (multinomial over the nodes), the same
    draw for every plan, so that differences between plans are judged on the same crimes.

    Crimes of one place or area stand and fall together. With `groups` these are redrawn instead
    (bootstrap of clusters): of G groups with :math:`c_g` crimes that lie :math:`d_g` from the plan in sum,
    a draw takes G with replacement, group g so often as :math:`M_g` says, and its mean is

    .. math:: \frac{\sum_g M_g d_g}{\sum_g M_g c_g}, \qquad
        (M_1, \dots, M_G) \sim \mathrm{Multinomial}(G; 1/G, \dots, 1/G).

    With one crime a group this is the bootstrap of crimes.

    Parameters
    ----------
    counts : (n,) array of whole numbers
        Crimes at each demand node in the later period.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    plans : mapping of plan name to site numbers
        Plans to judge.
    reference : str, optional
        Plan the others are compared with; adds ``saving`` with its interval.
    groups : tuple of two (crimes,) arrays, optional
        Of each crime its node (0 to n - 1) and its group (any labels).
    draws : int
        Bootstrap samples.
    level : float
        Coverage of the intervals.
    seed : int or Generator
        Seed of the draws.

    Returns
    -------
    DataFrame
        ``plan, patrols, total, mean, low, high`` and, with a reference,
        ``saving, saving_low, saving_high`` (1 - mean / reference mean; NaN where the reference
        leaves nothing to save, its ends over the draws in which it does).

    Raises
    ------
    ValueError
        Counts that are negative, not whole or all zero; an unknown reference; groups whose nodes
        do not add up to the counts.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13; Davison & Hinkley
    (1997), Bootstrap Methods and their Application, section 3.8.

    Examples
    --------
    >>> out = out_of_sample([4, 0], [[0, 2], [2, 0]], {"a": [1]}, draws=10)
    >>> out[["mean", "low", "high"]].values.tolist()
    [[2.0, 2.0, 2.0]]
    """
    counts = np.asarray(counts, float)
    if (counts < 0).any() or not np.array_equal(counts, np.rint(counts)) or counts.sum() == 0:
        raise ValueError("counts must be whole numbers of crimes, not negative, not all zero.")
    if reference is not None and reference not in plans:
        raise ValueError(f"reference {reference!r} is no plan; plans are {', '.join(plans)}.")
    rng = np.random.default_rng(seed)
    total = int(counts.sum())
    reach = np.column_stack([_columns(distance, sites).min(axis=1) for sites in plans.values()])
    means = counts @ reach / total
    if groups is None:
        held = np.flatnonzero(counts)
        size, far, drawn, chance = np.ones(held.size), reach[held], total, counts[held] / total
    else:
        size, far = _by_group(groups, counts, reach)
        drawn, chance = size.size, np.full(size.size, 1 / size.size)
    sample = np.empty((draws, len(plans)))
    step = max(1, 4_000_000 // size.size)
    for a in range(0, draws, step):
        times = rng.multinomial(drawn, chance, size=min(step, draws - a)).astype(float)
        sample[a : a + len(times)] = times @ far / (times @ size)[:, None]
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(sample, tails, axis=0)
    out = pd.DataFrame(
        {
            "plan": list(plans),
            "patrols": [len(s) for s in plans.values()],
            "total": means * total,
            "mean": means,
            "low": low,
            "high": high,
        }
    )
    if reference is not None:
        k = list(plans).index(reference)
        out["saving"] = 0.0 - excess(means, means[k])
        far = sample[sample[:, k] > 0]
        ratio = 1 - far / far[:, [k]] if len(far) else np.full((1, len(plans)), np.nan)
        out["saving_low"], out["saving_high"] = np.quantile(ratio, tails, axis=0)
    return out


def _by_group(groups, counts, reach) -> tuple[np.ndarray, np.ndarray]:
    """Crimes of each group, shape (G,), and their summed distance to each plan, (G, plans)."""
    node, label = (np.asarray(part) for part in groups)
    whole = np.issubdtype(node.dtype, np.integer) and node.shape == label.shape == (node.size,)
    if not (
        whole
        and ((node >= 0) & (node < counts.size)).all()
        and np.array_equal(np.bincount(node, minlength=counts.size), counts)
    ):
        raise ValueError(
            "groups are two arrays with one entry for each crime: its node and its group; the "
            "crimes at each node must be as many as the counts say."
        )
    _, which = np.unique(label, return_inverse=True)
    size = np.bincount(which).astype(float)
    return size, np.column_stack([np.bincount(which, far) for far in reach[node].T])
