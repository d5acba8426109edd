"""Before and after a date: did crime fall where something was done, and did it move next door?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

__all__ = ["DisplacementDifference", "change_by_area", "displacement_difference"]

_PLACES = ("treated", "control", "displacement", "displacement control")


@dataclass(frozen=True)
class DisplacementDifference:
    """Weighted displacement difference.

    Attributes
    ----------
    table : DataFrame
        Rows local, displacement (where asked for) and total; columns estimate, se, z, p (two-sided),
        low, high. Events per unit of the weights: with none, events.
    confidence : float
    """

    table: pd.DataFrame
    confidence: float


def displacement_difference(
    treated,
    control,
    displacement=None,
    displacement_control=None,
    *,
    lengths=(1.0, 1.0),
    areas=None,
    confidence: float = 0.95,
) -> DisplacementDifference:
    r"""Weighted displacement difference: the change of treated places beyond that of their controls.

    With :math:`T, C, D, E` the counts of treated, control, displacement and displacement control
    places, 0 before and 1 after, :math:`w` the product of the length of the period and the size of
    the place:

    .. math::

        \text{local} = \left(\frac{T_1}{w_{T1}} - \frac{T_0}{w_{T0}}\right)
        - \left(\frac{C_1}{w_{C1}} - \frac{C_0}{w_{C0}}\right), \qquad
        \text{displacement} = \left(\frac{D_1}{w_{D1}} - \frac{D_0}{w_{D0}}\right)
        - \left(\frac{E_1}{w_{E1}} - \frac{E_0}{w_{E0}}\right)

        \text{total} = \text{local} + \text{displacement}, \qquad
        \operatorname{var} = \sum \frac{\text{count}}{w^2}

    the last over the counts that go into it, as if they were Poisson. Negative: fewer events than
    the controls lead one to expect.

    Parameters
    ----------
    treated, control : pair of int
        Events before and after.
    displacement, displacement_control : pair of int, optional
        Those of places to which crime may have moved, and of their controls. Either both or none.
    lengths : pair of float
        Lengths of the period before and after, in any unit: estimates are per that unit.
    areas : sequence of float, optional
        Sizes (km², residents, streets) of treated, control and the two displacement places:
        estimates are per that size, too.
    confidence : float

    Returns
    -------
    DisplacementDifference

    Raises
    ------
    ValueError
        For counts that are no whole numbers from 0, weights that are not positive, one of the two
        displacement places without the other.

    Notes
    -----
    It needs places that would have changed alike, and counts that vary no more than Poisson ones;
    crime mostly varies more, and the interval is then too narrow. Below some five events a cell the
    normal approximation is poor.

    References
    ----------
    A. Wheeler, J. Ratcliffe (2018), A simple weighted displacement difference test to evaluate place
    based crime interventions, Crime Science 7:11.

    Examples
    --------
    >>> displacement_difference((100, 80), (100, 90)).table.loc["total", ["estimate", "se"]].tolist()
    [-10.0, 19.235384061671343]
    """
    if (displacement is None) != (displacement_control is None):
        raise ValueError("displacement places need their controls, and these the places")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, got {confidence}")
    given = [treated, control]
    if displacement is not None:
        given += [displacement, displacement_control]
    counts = np.array([_pair(each, name) for each, name in zip(given, _PLACES, strict=False)])
    length = _weights(lengths, 2, "lengths of the periods")
    area = np.ones(len(counts)) if areas is None else _weights(areas, len(counts), "areas")
    weight = np.outer(area, length)
    # after minus before, treated minus control
    change = np.diff(counts / weight, axis=1)[:, 0]
    variance = (counts / weight**2).sum(axis=1)
    parts = {"local": slice(0, 2)}
    if displacement is not None:
        parts["displacement"] = slice(2, 4)
    parts["total"] = slice(None)
    sign = np.tile([1, -1], len(counts) // 2)
    z_bound = stats.norm.ppf(0.5 + confidence / 2)
    rows = {}
    for name, part in parts.items():
        estimate, se = float((sign * change)[part].sum()), float(np.sqrt(variance[part].sum()))
        z = estimate / se if se > 0 else np.nan
        rows[name] = {
            "estimate": estimate,
            "se": se,
            "z": z,
            "p": 2 * stats.norm.sf(abs(z)),
            "low": estimate - z_bound * se,
            "high": estimate + z_bound * se,
        }
    return DisplacementDifference(pd.DataFrame.from_dict(rows, orient="index"), confidence)


def change_by_area(before, after, *, lengths=(1.0, 1.0), confidence: float = 0.95) -> pd.DataFrame:
    r"""Change of every area after a date: by itself, and beyond the change of all others.

    With :math:`b_i, a_i` the events of area i before and after, lengths :math:`\ell_0, \ell_1`, and
    B, A the events of all other areas:

    .. math::

        \text{ratio}_i = \frac{a_i / \ell_1}{b_i / \ell_0}, \qquad
        \text{relative}_i = \frac{a_i B}{b_i A}

    If the rate of the area stayed, :math:`a_i` given :math:`a_i + b_i` is binomial with share
    :math:`\ell_1 / (\ell_0 + \ell_1)`; if it changed as the others did, it is hypergeometric (Fisher's
    test). Both are exact for Poisson counts.

    Parameters
    ----------
    before, after : Series or array_like of int, shape (n,)
        Events of each area; two Series are matched by their index.
    lengths : pair of float
        Lengths of the two periods.
    confidence : float
        Of the interval of `relative`, on the scale of its logarithm; half an event is added to each
        of its four counts, which keeps it finite.

    Returns
    -------
    DataFrame
        One row an area: before, after, ratio, p, p_fdr, relative, low, high, p_relative,
        p_relative_fdr (Benjamini and Hochberg over the areas). A ratio without events before is
        missing or infinite.

    Raises
    ------
    ValueError
        For indices or lengths that differ, counts that are no whole numbers from 0.

    Notes
    -----
    Counts that vary more than Poisson ones (repeats, series, a police effort) give small p values too
    often. Compare with the same dates of years in which nothing was done.

    References
    ----------
    J. Przyborowski, H. Wilenski (1940), Biometrika 31; R. Fisher (1935), The Design of Experiments.

    Examples
    --------
    >>> table = change_by_area(pd.Series([40, 100], ["a", "b"]), pd.Series([10, 100], ["a", "b"]))
    >>> table[["ratio", "relative", "p_relative"]].round(4).loc["a"].tolist()
    [0.25, 0.25, 0.0001]
    """
    if isinstance(before, pd.Series) and isinstance(after, pd.Series):
        if not before.index.is_unique or set(before.index) != set(after.index):
            raise ValueError("before and after must name the same areas, each once")
        after = after.reindex(before.index)
    index = before.index if isinstance(before, pd.Series) else None
    b, a = _counts(before, "before"), _counts(after, "after")
    if b.shape != a.shape or b.ndim != 1 or len(b) < 2:
        raise ValueError(f"at least two areas, as many before as after: got {b.shape}, {a.shape}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, got {confidence}")
    first, second = _weights(lengths, 2, "lengths of the periods")
    others_b, others_a = b.sum() - b, a.sum() - a
    share = second / (first + second)
    tables = np.stack([a, others_a, b, others_b], axis=1)
    p, p_relative = _tests(tables.tobytes(), float(share))
    half = np.sqrt((1 / (tables + 0.5)).sum(axis=1)) * stats.norm.ppf(0.5 + confidence / 2)
    middle = np.log((a + 0.5) * (others_b + 0.5) / ((b + 0.5) * (others_a + 0.5)))
    return pd.DataFrame(
        {
            "before": b,
            "after": a,
            "ratio": _ratio(a * first, b * second),
            "p": p,
            "p_fdr": stats.false_discovery_control(p),
            "relative": _ratio(a * others_b, b * others_a),
            "low": np.exp(middle - half),
            "high": np.exp(middle + half),
            "p_relative": p_relative,
            "p_relative_fdr": stats.false_discovery_control(p_relative),
        },
        index=index,
    )


@lru_cache(maxsize=4)
def _tests(given: bytes, share: float) -> tuple[np.ndarray, np.ndarray]:
    """P values of each area's change, and of it beside the others'; remembered, for another level asks again.

    `given` are the rows after, others after, before, others before, whole numbers.
    """
    # areas with few events often have the same, whose tests are the same
    tables = np.frombuffer(given, dtype=np.int64).reshape(-1, 4)
    pairs, which = np.unique(tables, axis=0, return_inverse=True)
    both = zip(pairs[:, 0].tolist(), pairs[:, 2].tolist(), strict=True)
    p = np.array([stats.binomtest(x, x + y, share).pvalue if x + y else 1.0 for x, y in both])
    relative = np.array([stats.fisher_exact(pair.reshape(2, 2)).pvalue for pair in pairs])
    p, relative = p[which.ravel()], relative[which.ravel()]
    for values in (p, relative):
        values.flags.writeable = False
    return p, relative


def _ratio(above, below) -> np.ndarray:
    """Missing for nothing over nothing, infinite for something over nothing."""
    found = np.where(above > 0, np.inf, np.nan)
    return np.divide(above, below, out=found, where=below > 0)


def _counts(values, name: str) -> np.ndarray:
    numbers = np.asarray(values)
    whole = np.issubdtype(numbers.dtype, np.number) and bool(
        (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.rint(numbers))).all()
    )
    if not whole:
        raise ValueError(f"{name} are counts of events, whole numbers from 0: got {values!r}")
    return numbers.astype(np.int64)


def _pair(values, name: str) -> np.ndarray:
    counts = _counts(values, name)
    if counts.shape != (2,):
        raise ValueError(f"{name} is a pair of counts, before and after: got {values!r}")
    return counts


def _weights(values, number: int, name: str) -> np.ndarray:
    weights = np.asarray(values, dtype=float)
    if weights.shape != (number,) or not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError(f"{name} are {number} positive numbers, got {values!r}")
    return weights
