"""A plan: the units assigned to areas, each of them contiguous."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from helpers.checks import per_cent

from .objectives import Objective, as_objective, evaluate
from .units import DistrictingError, Units, _components

__all__ = ["Plan", "best_of", "broken_areas", "canonical"]


@dataclass(frozen=True, eq=False)
class Plan:
    """An assignment of units to contiguous areas with its measures; immutable.

    Make one with :meth:`of`, which refuses an assignment whose areas are not contiguous.

    Parameters
    ----------
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit in the order of the units; areas are numbered from 0 in the order
        in which they first appear, so equal plans have equal arrays.
    objectives : mapping of str to float
        ``eq1`` (population), ``eq2`` (km), ``eq3`` and ``eq4``, computed afresh.
    bound : float
        Proven lower bound on the objective searched for (0 when nothing better is known).
    gap : float
        (value − bound) / value; 0 when the value equals the bound.
    proven : bool
        True when the plan is proven optimal for its objective.
    seconds : float
        Wall-clock time of the search.
    method : str
        The method that found the plan.
    value : float
        The objective searched for.
    remarks : tuple of str
        What a reader should know: units above mu, several components, how a search ended.
    trace : numpy.ndarray, shape (t, 2)
        Step (moves or generations) and best value so far; empty when there is none.
    """

    assignment: np.ndarray
    objectives: Mapping[str, float]
    bound: float = 0.0
    gap: float = 1.0
    proven: bool = False
    seconds: float = 0.0
    method: str = ""
    value: float = np.nan
    remarks: tuple[str, ...] = ()
    trace: np.ndarray = None

    @classmethod
    def of(
        cls,
        units: Units,
        assignment: np.ndarray,
        *,
        objective: str | Objective = "eq1",
        bound: float = 0.0,
        proven: bool = False,
        seconds: float = 0.0,
        method: str = "given",
        remarks: tuple[str, ...] = (),
        trace: np.ndarray | None = None,
    ) -> Plan:
        """Check an assignment and measure it.

        Parameters
        ----------
        units : Units
            The areal units.
        assignment : array of int, shape (n,)
            Area of each unit, 0 to k − 1.
        objective : str or Objective
            The objective searched for; ``value`` is computed from it here, afresh.
        bound, proven, seconds, method, remarks, trace
            As in :class:`Plan`.

        Returns
        -------
        Plan

        Raises
        ------
        DistrictingError
            The array does not fit the units, or an area is not contiguous.

        Examples
        --------
        >>> import numpy as np
        >>> none = np.empty((0, 2), dtype=int)
        >>> row = Units(tuple("abc"), tuple("abc"), np.ones(3), np.ones(3), np.full(3, 4.0),
        ...             np.arange(3.0), np.zeros(3), np.array([[0, 1], [1, 2]]), none, [])
        >>> Plan.of(row, [7, 7, 2]).assignment
        array([0, 0, 1])
        >>> Plan.of(row, [0, 1, 0])
        Traceback (most recent call last):
        ...
        helpers.districting.units.DistrictingError: area 0 is not contiguous: a, c
        """
        labels = canonical(assignment)
        if labels.shape != (len(units),):
            raise DistrictingError(
                f"the assignment has shape {labels.shape}, expected one area for each of "
                f"{len(units)} units"
            )
        broken = broken_areas(units, labels)
        if broken:
            members = ", ".join(units.names[i] for i in np.flatnonzero(labels == broken[0]))
            raise DistrictingError(f"area {broken[0]} is not contiguous: {members}")
        labels.setflags(write=False)
        objectives = evaluate(units, labels)
        sought = as_objective(objective)
        reached = float(
            sought.population * objectives["eq1"]
            + sought.distance * objectives["eq2"]
            + sought.shape * objectives["eq4"]
        )
        bound = reached if proven else min(bound, reached)
        slack = max(reached - bound, 0.0)
        size = max(abs(reached), min(1.0, sought.population * float(units.population.sum())))
        gap = 0.0 if proven or slack <= 1e-9 * size else slack / abs(reached)
        steps = np.empty((0, 2)) if trace is None else np.array(trace, dtype=float).reshape(-1, 2)
        steps.setflags(write=False)
        return cls(
            assignment=labels,
            objectives=MappingProxyType(objectives),
            bound=float(bound),
            gap=float(gap),
            proven=bool(proven),
            seconds=float(seconds),
            method=method,
            value=reached,
            remarks=tuple(remarks),
            trace=steps,
        )

    @property
    def areas(self) -> int:
        """Number of areas."""
        return int(self.assignment.max()) + 1

    def members(self, area: int) -> np.ndarray:
        """Indices of the units of one area."""
        return np.flatnonzero(self.assignment == area)

    def __repr__(self) -> str:
        values = ", ".join(f"{name} {value:,.1f}" for name, value in self.objectives.items())
        state = "proven optimal" if self.proven else f"gap {per_cent(self.gap, 2)}"
        return f"Plan({len(self.assignment)} units in {self.areas} areas, {values}, {state})"


def canonical(assignment: np.ndarray) -> np.ndarray:
    """Number the areas from 0 in the order in which they first appear.

    Parameters
    ----------
    assignment : array of int, shape (n,)
        Any labels.

    Returns
    -------
    numpy.ndarray of int, shape (n,)

    Examples
    --------
    >>> canonical([5, 2, 5, 9])
    array([0, 1, 0, 2])
    """
    labels, first, inverse = np.unique(assignment, return_index=True, return_inverse=True)
    rank = np.empty(len(labels), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(labels))
    return rank[inverse]


def broken_areas(units: Units, assignment: np.ndarray) -> list[int]:
    """Areas that fall into more than one piece under the contiguity of the units.

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.

    Returns
    -------
    list of int
        Labels of the areas that are not contiguous; empty for a valid plan.
    """
    assignment = np.asarray(assignment)
    within = units.links[assignment[units.links[:, 0]] == assignment[units.links[:, 1]]]
    piece = _components(within, len(units))
    pieces = np.unique(np.column_stack([assignment, piece]), axis=0)[:, 0]
    labels, count = np.unique(pieces, return_counts=True)
    return labels[count > 1].tolist()


def best_of(units: Units, plans: Sequence[Plan], objective: str | Objective = "eq1") -> Plan:
    """The best of several plans for one objective, with the best bound that any of them proved.

    A proof that stopped leaves its own best plan, which another search may have beaten.

    Parameters
    ----------
    units : Units
        The areal units of all the plans.
    plans : sequence of Plan
        Plans with the same number of areas, each searched for this objective; the first stays
        unless another is better by more than rounding.
    objective : str or Objective
        Name of an equation, or weights.

    Returns
    -------
    Plan
        The first, or a better one with the remarks of both.
    """
    first = plans[0]
    best = min(plans, key=lambda plan: plan.value)
    bound = max(plan.bound for plan in plans)
    if not best.value < first.value - 1e-9 * abs(first.value):
        best = first
    if best is first and bound <= first.bound:
        return first
    return Plan.of(
        units,
        best.assignment,
        objective=objective,
        bound=bound,
        proven=best.proven or best.value - bound <= 1e-9 * abs(best.value),
        seconds=sum(plan.seconds for plan in plans),
        method=best.method,
        remarks=tuple(dict.fromkeys([*first.remarks, *best.remarks])),
        trace=first.trace,
    )
