"""Social indicators that serve as criteria: human development index, Gini index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .errors import PriorityError

GOALPOSTS = {
    2010: {"life": (20, 83.2), "mean": (0, 13.2), "expected": (0, 20.6), "income": (163, 108_211)},
    2014: {"life": (20, 85), "mean": (0, 15), "expected": (0, 18), "income": (100, 75_000)},
}
"""Ends of the scales of the geometric index, by the edition that brought them in."""

BEST_EDUCATION_2010 = 0.951
"""Greatest education index observed until 2010, by which that edition divides."""


def hdi_arithmetic(
    life_expectancy: ArrayLike,
    adult_literacy: ArrayLike,
    gross_enrolment: ArrayLike,
    income: ArrayLike,
) -> np.ndarray:
    r"""Human development index as published until 2009: the mean of three indices.

    .. math::

        \tfrac13\left[\frac{e - 25}{85 - 25}
          + \left(\tfrac23\frac{a}{100} + \tfrac13\frac{g}{100}\right)
          + \frac{\ln y - \ln 100}{\ln 40000 - \ln 100}\right]

    Each index is held between 0 and 1 (Human Development Report 2007/2008, technical note 1).

    Parameters
    ----------
    life_expectancy : array_like
        At birth, years.
    adult_literacy, gross_enrolment : array_like
        Per cent; combined enrolment in primary, secondary and tertiary education.
    income : array_like
        GDP per head, PPP US$.

    Raises
    ------
    PriorityError
        An income of zero or less, or a rate outside 0–100.

    Examples
    --------
    >>> round(float(hdi_arithmetic(71.4, 87.4, 68.7, 8407)), 3)  # Turkey 2005
    0.775
    """
    life, literacy, enrolment, income = (
        np.asarray(x, dtype=float)
        for x in (life_expectancy, adult_literacy, gross_enrolment, income)
    )
    if ((literacy < 0) | (literacy > 100)).any() or (enrolment < 0).any():
        raise PriorityError("adult literacy and gross enrolment are per cent, 0 to 100")
    education = (2 * literacy / 100 + np.minimum(enrolment / 100, 1)) / 3
    return (_index(life, 25, 85) + education + _log_index(income, 100, 40_000)) / 3


def hdi_geometric(
    life_expectancy: ArrayLike,
    mean_years: ArrayLike,
    expected_years: ArrayLike,
    income: ArrayLike,
    *,
    edition: int = 2010,
) -> np.ndarray:
    r"""Human development index since 2010: the geometric mean of three indices.

    .. math:: \mathrm{HDI} = \left(I_{life} \, I_{education} \, I_{income}\right)^{1/3}

    The edition of 2010 scales by observed maxima and takes the geometric mean of the two
    schooling indices over 0.951; that of 2014 fixes the goalposts (85 years, 15 and 18 years of
    school, US$ 75,000) and takes their arithmetic mean (technical notes 1 of both reports).

    Parameters
    ----------
    life_expectancy : array_like
        At birth, years.
    mean_years, expected_years : array_like
        Years of schooling: mean of adults, expected of a child entering school.
    income : array_like
        Gross national income per head, PPP US$.
    edition : {2010, 2014}
        Whose goalposts.

    Raises
    ------
    PriorityError
        An income of zero or less, or another edition.

    Examples
    --------
    >>> round(float(hdi_geometric(73.5, 7.5, 11.4, 7263)), 3)  # China, report of 2010
    0.663
    """
    if edition not in GOALPOSTS:
        raise PriorityError(f"the edition is one of {', '.join(map(str, GOALPOSTS))}")
    posts = GOALPOSTS[edition]
    mean = _index(np.asarray(mean_years, dtype=float), *posts["mean"])
    expected = _index(np.asarray(expected_years, dtype=float), *posts["expected"])
    if edition == 2010:
        education = np.minimum(np.sqrt(mean * expected) / BEST_EDUCATION_2010, 1)
    else:
        education = (mean + expected) / 2
    life = _index(np.asarray(life_expectancy, dtype=float), *posts["life"])
    return np.cbrt(life * education * _log_index(np.asarray(income, dtype=float), *posts["income"]))


def gini(incomes: ArrayLike, weights: ArrayLike | None = None) -> float:
    r"""Gini index of incomes: half the mean difference between two, over the mean.

    .. math:: G = \frac{\sum_i \sum_j f_i f_j |y_i - y_j|}{2 \bar y}

    Parameters
    ----------
    incomes : array_like, shape (n,)
        None negative, not all zero.
    weights : array_like, shape (n,), optional
        Persons (or households) of each income.

    Returns
    -------
    float
        From 0 (all equal) to 1 − 1/n (one has all), for equal weights.

    Raises
    ------
    PriorityError
        A negative or missing income or weight, or nothing to share.

    Examples
    --------
    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 1])
    (0.0, 0.75)
    """
    incomes = np.asarray(incomes, dtype=float)
    counts = np.ones_like(incomes) if weights is None else np.asarray(weights, dtype=float)
    if incomes.shape != counts.shape or incomes.ndim != 1:
        raise PriorityError("incomes and weights are two lists of one length")
    if not ((incomes >= 0).all() and (counts >= 0).all() and (incomes * counts).sum() > 0):
        raise PriorityError("incomes and weights are numbers of 0 or more, and not all 0")
    order = np.argsort(incomes)
    population = np.concatenate([[0], np.cumsum(counts[order])])
    income = np.concatenate([[0], np.cumsum((counts * incomes)[order])])
    return gini_lorenz(population / population[-1], income / income[-1])


def gini_lorenz(population: ArrayLike, income: ArrayLike) -> float:
    r"""Gini index of a Lorenz curve given by points: twice the area between it and equality.

    .. math:: G = 1 - \sum_i (p_i - p_{i-1})(L_i + L_{i-1})

    Straight lines between the points leave out the inequality inside each group, so for grouped
    data (quintiles, say) this is a lower bound.

    Parameters
    ----------
    population, income : array_like, shape (m,)
        Cumulative shares, poorest first, both from 0 to 1.

    Raises
    ------
    PriorityError
        Shares that do not run from 0 to 1, or a curve that is not convex.

    Examples
    --------
    >>> round(gini_lorenz([0, 0.5, 1], [0, 0.2, 1]), 3)
    0.3
    """
    p, share = np.asarray(population, dtype=float), np.asarray(income, dtype=float)
    if p.shape != share.shape or p.ndim != 1 or len(p) < 2:
        raise PriorityError("a Lorenz curve is two lists of shares of one length")
    ends = np.array([p[0], share[0], p[-1] - 1, share[-1] - 1])
    steps, gains = np.diff(p), np.diff(share)
    if np.abs(ends).max() > 1e-9 or (steps < 0).any() or (gains < -1e-12).any():
        raise PriorityError("the shares of a Lorenz curve rise from 0 to 1")
    # slopes compared crosswise: a group without people has no slope
    if (gains[1:] * steps[:-1] - gains[:-1] * steps[1:] < -1e-9).any():
        raise PriorityError("a Lorenz curve is convex: order the groups by income, poorest first")
    return float(max(0.0, 1 - np.sum(steps * (share[1:] + share[:-1]))))


class GroupedGini(NamedTuple):
    """Gini index of incomes that are known in classes only.

    Attributes
    ----------
    index
        Incomes spread evenly inside each class, the open class as a Pareto tail.
    low, high
        Nobody in a class differs, or all stand at its two ends; the mean of the open class at 1.5
        and 3 times its lower end.
    top_mean
        Mean of the open class that `index` stands on, in the unit of the classes.
    """

    index: float
    low: float
    high: float
    top_mean: float


OPEN_CLASS = (1.5, 3.0)
"""Mean of an open class over its lower end: from a thin to a heavy tail (Pareto 3 and 1.5)."""


def pareto_exponent(counts: ArrayLike, edges: ArrayLike) -> float:
    r"""Exponent of the Pareto tail through the last two classes of income, between 1.5 and 3.

    .. math:: \alpha = \frac{\ln\left((n_{K-1} + n_K) / n_K\right)}{\ln(a_K / a_{K-1})}

    Parameters
    ----------
    counts, edges : array_like, shape (k,)
        As `gini_grouped` takes them.

    Returns
    -------
    float
        Held between the tails of `OPEN_CLASS`; 3, the thin one, where a class is empty.

    Examples
    --------
    >>> round(pareto_exponent([5, 3, 1], [0, 10, 20]), 2)  # a quarter earns twice as much
    2.0
    """
    n, ends = np.asarray(counts, dtype=float), np.asarray(edges, dtype=float)
    thin, heavy = (ratio / (ratio - 1) for ratio in OPEN_CLASS)
    if not (n[-1] > 0 and n[-2] > 0 and ends[-2] > 0):
        return thin
    alpha = float(np.log((n[-2] + n[-1]) / n[-1]) / np.log(ends[-1] / ends[-2]))
    return min(max(alpha, heavy), thin)


def gini_grouped(counts: ArrayLike, edges: ArrayLike, *, tail: float | None = None) -> GroupedGini:
    r"""Gini index of counts in classes of income, the last of them open, with its bounds.

    With :math:`p_k` the share of households in class `k`, :math:`s_k` its share of all income and
    :math:`G_k` the index within it, classes that do not overlap give exactly

    .. math:: G = G_{between} + \sum_k p_k s_k G_k

    Within a class from `a` to `b` with mean `m`, :math:`G_k` is 0 where all are equal,
    :math:`(b - a) / (6 m)` where incomes are spread evenly, and at most
    :math:`(m - a)(b - m) / (m (b - a))`, where all stand at the ends (Gastwirth 1972, Review of
    Economics and Statistics 54).  The mean of a closed class is taken to be its middle.  The open
    class from `a` is a Pareto tail of exponent :math:`\alpha`, for which

    .. math:: m = \frac{\alpha a}{\alpha - 1}, \qquad G_K = \frac{1}{2 \alpha - 1}

    Two classes of one small area tell little of its tail:
    the exponent of the whole city, given as `tail`, makes areas comparable.

    Parameters
    ----------
    counts : array_like, shape (k,)
        Households or persons in each class.
    edges : array_like, shape (k,)
        Lower end of each class, rising; the last class has no upper end.
    tail : float, optional
        Exponent of the Pareto tail, above 1; from the last two classes where none is given
        (`pareto_exponent`).

    Raises
    ------
    PriorityError
        Fewer than three classes, ends that do not rise from 0 or more, a negative count, or nobody.

    Examples
    --------
    >>> round(gini_grouped([0, 10, 0], [0, 10, 20]).low, 3)
    0.0
    >>> found = gini_grouped([30, 40, 20, 10], [0, 20, 40, 80])
    >>> found.low < found.index < found.high
    True
    """
    n, ends = np.asarray(counts, dtype=float), np.asarray(edges, dtype=float)
    if n.shape != ends.shape or n.ndim != 1 or len(n) < 3:
        raise PriorityError("counts and lower ends are two lists of one length, three or more")
    if not (ends[0] >= 0 and (np.diff(ends) > 0).all() and np.isfinite(ends).all()):
        raise PriorityError("the lower ends of the classes rise from 0 or more")
    if not ((n >= 0).all() and np.isfinite(n).all() and n.sum() > 0):
        raise PriorityError("counts are numbers of 0 or more, and not all 0")
    if tail is not None and not (np.isfinite(tail) and tail > 1):
        raise PriorityError(f"the exponent of a tail with a mean is above 1, not {tail}")
    alpha = pareto_exponent(n, ends) if tail is None else float(tail)
    top = ends[-1] * alpha / (alpha - 1)
    widths, middles = np.diff(ends), (ends[1:] + ends[:-1]) / 2
    even = widths / (6 * middles)
    most = widths / (4 * middles)  # (m - a)(b - m) / (m (b - a)) at the middle

    def whole(mean: float, within: np.ndarray, last: float) -> float:
        means = np.append(middles, mean)
        shares = n * means / (n @ means)
        inside = n / n.sum() * shares * np.append(within, last)
        return gini(means, n) + float(inside.sum())

    low = min(whole(ratio * ends[-1], np.zeros_like(even), 0.0) for ratio in OPEN_CLASS)
    # an open class of mean m differs most where nearly all stand at its lower end: 1 - a / m
    high = max(whole(ratio * ends[-1], most, 1 - 1 / ratio) for ratio in OPEN_CLASS)
    return GroupedGini(whole(top, even, 1 / (2 * alpha - 1)), low, high, float(top))


def _index(x: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((x - low) / (high - low), 0, 1)


def _log_index(x: np.ndarray, low: float, high: float) -> np.ndarray:
    if not (x > 0).all():
        raise PriorityError("income per head is a positive number")
    return _index(np.log(x), np.log(low), np.log(high))
