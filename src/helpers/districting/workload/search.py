"""Plans that share the work of the police, keep calls near and areas compact."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pandas as pd

from .._kernels import fill_state
from .._states import graph_arrays, new_state
from ..plan import Plan, canonical
from ..spanning_trees import recombination
from ..units import DistrictingError, Units
from . import _kernels
from .model import Workload, police_table, workload_units

__all__ = ["PolicePlan", "police_plan"]

_LEVELS = 80
_FIRST = 0.02  # first temperature, of an objective whose terms are about one


@dataclass(frozen=True, eq=False)
class PolicePlan:
    """A plan for the police and what it asks.

    Attributes
    ----------
    plan : Plan
        Of the units whose population is the work with this plan's travel.
    units : Units
        Those units.
    table : pandas.DataFrame
        From :func:`police_table`.
    value : float
        The objective of :func:`police_plan`.
    seconds : float
    """

    plan: Plan
    units: Units
    table: pd.DataFrame
    value: float
    seconds: float


def police_plan(
    units: Units,
    workload: Workload,
    areas: int,
    *,
    balance: float = 1.0,
    response: float = 0.2,
    late: float = 1.0,
    shape: float = 0.05,
    seed: int | np.random.Generator = 0,
    start: np.ndarray | None = None,
    moves: int | None = None,
) -> PolicePlan:
    r"""A contiguous plan of least work out of balance, response, late calls and shape together.

    .. math::

        \alpha \frac{\sum_j |W_j - \bar W|}{\sum_j W_j}
        + \beta \frac{\sum_i n_i t_{i c_j}}{T \sum_i n_i}
        + \gamma \frac{\sum_i n_i [t_{i c_j} > T]}{\sum_i n_i}
        + \delta \frac{1}{16 k} \sum_j \frac{\text{perimeter}_j^2}{\text{area}_j}

    with the work :math:`W_j` and the middles :math:`c_j` of `Workload`, T its standard.  The response
    bound is a price on calls beyond it, because a zone far from every other would leave no plan at all.
    Recombination on service alone gives the first plan; annealing goes on with the whole objective,
    for which travel makes the work of a zone depend on its area.  There is no bound: what the
    objective measures is no sum over zones, and no search here proves it.

    Parameters
    ----------
    units : Units
        The areal units.
    workload : Workload
        Of the same units.
    areas : int
        Number of areas k.
    balance, response, late, shape : float
        The weights, zero or more.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    start : array of int, shape (n,), optional
        A plan to start from.
    moves : int, optional
        Proposed in all; 200 a unit when not given.

    Returns
    -------
    PolicePlan

    Raises
    ------
    DistrictingError
        A number of areas that has no plan, no calls, or weights that are not zero or more.

    References
    ----------
    D'Amico, Wang, Batta and Rump (2002), A simulated annealing approach to police district design,
    Computers & Operations Research 29(6).  Camacho-Collados, Liberatore and Angulo (2015), A
    multi-criteria police districting problem for the efficient and effective design of patrol
    sector, European Journal of Operational Research 246(2).  Chen, Cheng and Ye (2019), Designing
    efficient and balanced police patrol districts on an urban street network, International Journal
    of Geographical Information Science 33(2).
    """
    began = perf_counter()
    units.check(areas)
    weights = np.array([balance, response, late, shape], dtype=float)
    if not (np.isfinite(weights) & (weights >= 0)).all() or weights.max() == 0:
        raise DistrictingError("the weights must be zero or more, and not all zero")
    if not workload.calls.sum() > 0:
        raise DistrictingError("there are no calls, so there is no work to share")
    rng = np.random.default_rng(seed)
    if start is None:
        first = recombination(workload_units(units, workload), areas, seed=rng).assignment
    else:
        first = Plan.of(units, start).assignment
        if first.max() + 1 != areas:
            raise DistrictingError(f"the start has {first.max() + 1} areas, not {areas}")
    graph = graph_arrays(units)
    state = new_state(graph, first, areas, rng)
    fill_state(graph, state, False)
    best, total = np.empty(len(units), np.int64), float(workload.calls.sum())
    each = max(1, (200 * len(units) if moves is None else moves) // _LEVELS)
    value = _kernels.anneal_police(
        graph, state, workload.calls, workload.service, workload.minutes, workload.standard,
        weights, total, np.zeros((areas, 3)), np.zeros(areas), best, _FIRST,
        1e-3 ** (1.0 / _LEVELS), each, _LEVELS, np.zeros((3, 3)),
    )  # fmt: skip
    labels = canonical(best)
    own = workload_units(units, workload, labels)
    plan = Plan.of(own, labels, method="annealing", seconds=perf_counter() - began)
    table = police_table(units, workload, labels)
    return PolicePlan(plan, own, table, float(value), perf_counter() - began)
