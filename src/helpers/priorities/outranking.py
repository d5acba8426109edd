"""Outranking methods, in which a good criterion cannot fully make up for a bad one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.checks import listed

from .errors import PriorityError
from .ranking import TIE, check_sizes, unit_values
from .weights import check_weights

Threshold = float | Mapping[str, float]


@dataclass(frozen=True)
class Sorting:
    """Classes given by ELECTRE TRI-B.

    Attributes
    ----------
    pessimistic, optimistic : Series
        Zone → class; the two differ where a zone is incomparable with a profile.
    over : DataFrame
        Credibility that the zone (row) is at least as urgent as the profile (column).
    under : DataFrame
        Credibility that the profile (column) is at least as urgent as the zone (row).
    objections : DataFrame
        Which criteria forbid what the weights would allow: one row for each criterion whose
        discordance exceeds the concordance where the latter reaches the cutting level and the
        credibility does not.  Columns ``zone, border, criterion, lead`` (of the border over the
        zone, in units of value), ``concordance, discordance, credibility``.
    """

    pessimistic: pd.Series
    optimistic: pd.Series
    over: pd.DataFrame
    under: pd.DataFrame
    objections: pd.DataFrame


def electre_tri(
    values: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series,
    profiles: pd.DataFrame,
    classes: Sequence[str],
    *,
    indifference: Threshold = 0.05,
    preference: Threshold = 0.15,
    veto: Threshold | None = None,
    cut: float = 0.75,
) -> Sorting:
    r"""Sort zones into ordered classes by comparison with border profiles: ELECTRE TRI-B.

    With :math:`\delta_j = g_j(b) - g_j(a)`, the lead of b over a in criterion j, thresholds
    :math:`q_j \le p_j \le v_j` and weights :math:`w_j` that sum to 1,

    .. math::

        c_j(a, b) &= \min\left(1, \max\left(0, \frac{p_j - \delta_j}{p_j - q_j}\right)\right),
        \qquad C(a, b) = \sum_j w_j c_j(a, b) \\
        d_j(a, b) &= \min\left(1, \max\left(0, \frac{\delta_j - p_j}{v_j - p_j}\right)\right) \\
        \sigma(a, b) &= C(a, b) \prod_{j: d_j > C} \frac{1 - d_j(a, b)}{1 - C(a, b)}

    and a outranks b when :math:`\sigma(a, b) \ge \lambda`.  The pessimistic rule goes down from
    the highest border and stops at the first that the zone outranks; the optimistic one goes up
    from the lowest and stops at the first that is preferred to the zone (outranks it and is not
    outranked by it).  Source: Mousseau, Slowinski and Zielniewicz 2000, Computers & Operations
    Research 27:757-777; Roy and Bouyssou 1993.

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion.
    weights : Series or dict
        Criterion → importance, sum 1.
    profiles : DataFrame
        Borders between neighbouring classes, the most urgent first; columns as in `values`.
    classes : sequence of str
        Names, the most urgent first: one more than there are borders.
    indifference, preference, veto : float or dict
        Thresholds q, p, v in units of value, for all criteria or for each; no veto by default.
    cut : float
        Cutting level λ, above 0.5 and up to 1.

    Returns
    -------
    Sorting

    Raises
    ------
    PriorityError
        Weights, values or thresholds that do not fit, borders that do not dominate each other in
        order, a number of classes that does not match, a cutting level outside (0.5, 1].

    Examples
    --------
    >>> values = pd.DataFrame({"crime": [0.9, 0.2], "income": [0.8, 0.9]}, index=["a", "b"])
    >>> border = pd.DataFrame({"crime": [0.5], "income": [0.5]})
    >>> electre_tri(values, {"crime": 0.6, "income": 0.4}, border, ["high", "low"]).pessimistic
    a    high
    b     low
    Name: pessimistic, dtype: str
    """
    w = check_weights(weights, values.columns).to_numpy()
    a = unit_values(values)
    b = _borders(profiles, values.columns, classes)
    q = _thresholds(indifference, values.columns, "indifference")
    p = _thresholds(preference, values.columns, "preference")
    v = None if veto is None else _thresholds(veto, values.columns, "veto")
    if (q > p).any() or (v is not None and (p > v).any()):
        raise PriorityError("thresholds must rise: indifference ≤ preference ≤ veto")
    if not 0.5 < cut <= 1:
        raise PriorityError(f"the cutting level lies above 0.5 and up to 1, not at {cut:g}")
    lead = b[None, :, :] - a[:, None, :]
    concordance, discordance = _partial_indices(lead, w, q, p, v)
    over = _credibility(concordance, discordance)
    under = _credibility(*_partial_indices(-lead, w, q, p, v))
    # borders run from the most urgent down: class h lies above border h
    zone_outranks, border_outranks = over >= cut - TIE, under >= cut - TIE
    count = len(b)
    pessimistic = np.where(zone_outranks.any(1), zone_outranks.argmax(1), count)
    preferred = (border_outranks & ~zone_outranks)[:, ::-1]
    optimistic = np.where(preferred.any(1), count - preferred.argmax(1), 0)
    names = np.array(list(classes), dtype=object)
    borders = [f"{names[h]} / {names[h + 1]}" for h in range(count)]
    allowed = (concordance >= cut - TIE) & ~zone_outranks
    forbids = allowed[..., None] & (discordance > concordance[..., None])
    zone, border, criterion = np.nonzero(forbids)
    objections = pd.DataFrame(
        {
            "zone": values.index[zone],
            "border": np.array(borders, dtype=object)[border],
            "criterion": values.columns[criterion],
            "lead": lead[forbids],
            "concordance": concordance[zone, border],
            "discordance": discordance[forbids],
            "credibility": over[zone, border],
        }
    )
    return Sorting(
        pessimistic=pd.Series(names[pessimistic], values.index, name="pessimistic"),
        optimistic=pd.Series(names[optimistic], values.index, name="optimistic"),
        over=pd.DataFrame(over, values.index, borders),
        under=pd.DataFrame(under, values.index, borders),
        objections=objections,
    )


def quantile_profiles(values: pd.DataFrame, sizes: Mapping[str, int]) -> pd.DataFrame:
    """Border profiles that would split each criterion alone into segments of given sizes.

    A way to set borders when nobody was asked for them: each border takes, in every criterion,
    the midpoint of the values on its two sides.

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion.
    sizes : dict
        Class → number of zones, the most urgent first.

    Returns
    -------
    DataFrame
        One row a border, the most urgent first.

    Raises
    ------
    PriorityError
        Sizes that do not sum to the number of zones, or an empty class at either end.
    """
    check_sizes(sizes, len(values))
    cuts = np.cumsum(list(sizes.values()))[:-1]
    if len(cuts) and (cuts[0] == 0 or cuts[-1] == len(values)):
        raise PriorityError(f"the first and the last class need zones: {dict(sizes)}")
    falling = -np.sort(-unit_values(values), axis=0)
    return pd.DataFrame((falling[cuts - 1] + falling[cuts]) / 2, columns=values.columns)


def promethee(
    values: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series,
    *,
    indifference: Threshold = 0.05,
    preference: Threshold = 0.3,
) -> pd.DataFrame:
    r"""Outranking flows of PROMETHEE II, by pymcdm.

    With the linear preference function between indifference q and preference p,

    .. math::

        \pi(a, b) = \sum_j w_j \min\left(1, \max\left(0,
            \frac{g_j(a) - g_j(b) - q_j}{p_j - q_j}\right)\right), \qquad
        \phi(a) = \frac{1}{n - 1} \sum_b \left[\pi(a, b) - \pi(b, a)\right]

    (Brans and Vincke 1985, Management Science 31:647-656).  Time and memory grow with n².

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion.
    weights : Series or dict
        Criterion → weight, sum 1.
    indifference, preference : float or dict
        Thresholds q < p in units of value, for all criteria or for each.

    Returns
    -------
    DataFrame
        Zone → ``positive``, ``negative`` and ``net`` flow; rank zones by the net one.

    Raises
    ------
    PriorityError
        Weights, values or thresholds that do not fit.
    """
    w = check_weights(weights, values.columns).to_numpy()
    array = unit_values(values)
    q = _thresholds(indifference, values.columns, "indifference")
    p = _thresholds(preference, values.columns, "preference")
    if (q >= p).any():
        raise PriorityError("the preference threshold must exceed the indifference threshold")
    from pymcdm.methods.partial import PROMETHEE_I

    # a new object each time: it can be called once only, its functions being an iterator
    method = PROMETHEE_I("vshape_2", p=p.tolist(), q=q.tolist())
    positive, negative = method(array, w, np.ones(len(w)), validation=False)
    flows = {"positive": positive, "negative": negative, "net": positive - negative}
    return pd.DataFrame(flows, values.index)


def _partial_indices(
    lead: np.ndarray, w: np.ndarray, q: np.ndarray, p: np.ndarray, v: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """C, shape (zones, borders), and d_j, shape (zones, borders, criteria), for leads of theirs."""
    # differences of decimals are a rounding off the thresholds they were meant to equal
    with np.errstate(divide="ignore", invalid="ignore"):
        partial = np.clip((p - lead) / (p - q), 0, 1)
    partial = np.where(lead <= q + TIE, 1.0, np.where(lead >= p - TIE, 0.0, partial))
    concordance = partial @ w
    if v is None:
        return concordance, np.zeros_like(lead)
    with np.errstate(divide="ignore", invalid="ignore"):
        discordance = np.clip((lead - p) / (v - p), 0, 1)
    discordance = np.where(lead <= p + TIE, 0.0, np.where(lead >= v - TIE, 1.0, discordance))
    return concordance, discordance


def _credibility(concordance: np.ndarray, discordance: np.ndarray) -> np.ndarray:
    """σ, shape (zones, borders)."""
    overall = concordance[..., None]
    stronger = discordance > overall
    factor = np.divide(1 - discordance, 1 - overall, out=np.ones_like(discordance), where=stronger)
    return concordance * factor.prod(axis=-1)


def _borders(profiles: pd.DataFrame, criteria: pd.Index, classes: Sequence[str]) -> np.ndarray:
    left = [name for name in criteria if name not in profiles]
    if left or profiles.shape[1] != len(criteria):
        raise PriorityError(
            f"the profiles need exactly the criteria {listed(criteria, 12)}, not "
            f"{listed(profiles.columns, 12)}"
        )
    if len(classes) != len(profiles) + 1 or not len(profiles):
        raise PriorityError(
            f"{len(profiles)} border profiles make {len(profiles) + 1} classes, not {len(classes)}"
        )
    borders = profiles[list(criteria)].to_numpy(dtype=float)
    steps = np.diff(borders, axis=0)
    if not np.isfinite(borders).all() or (steps > TIE).any() or (steps >= -TIE).all(axis=1).any():
        raise PriorityError(
            "the border profiles must be listed from the most urgent down, each at least as high "
            "as the next in every criterion and higher in one"
        )
    return borders


def _thresholds(given: Threshold, criteria: pd.Index, name: str) -> np.ndarray:
    if isinstance(given, Mapping):
        left = [criterion for criterion in criteria if criterion not in given]
        if left or len(given) != len(criteria):
            raise PriorityError(
                f"the {name} thresholds need exactly the criteria {listed(criteria, 12)}"
            )
        given = [given[criterion] for criterion in criteria]
    values = np.broadcast_to(np.asarray(given, dtype=float), len(criteria))
    if not (values >= 0).all():
        raise PriorityError(f"{name} thresholds are 0 or more")
    return values
