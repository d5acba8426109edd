"""What a plan is judged by: equations 1 to 4 of the districting paper, alone or weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.checks import one_of

from .units import DistrictingError, Units

__all__ = [
    "OBJECTIVES",
    "Objective",
    "area_centres",
    "area_totals",
    "closed_form_bound",
    "compactness",
    "evaluate",
    "polsby_popper",
    "population_difference",
    "radial_compactness",
]


@dataclass(frozen=True)
class Objective:
    """A weighted sum of the three measures: population · eq. 1 + distance · eq. 2 + shape · eq. 4.

    The measures are `population_difference` (1), `radial_compactness` (2) and `compactness` (4).

    Parameters
    ----------
    population : float
        Weight of eq. 1, the differences from the mean (in the unit of the population).
    distance : float
        Weight of eq. 2, the summed distances to the area centres (km).
    shape : float
        Weight of eq. 4, the shapes of the areas (no unit).

    Notes
    -----
    The paper's eq. 3 adds eq. 1 and eq. 2 as they are, inhabitants and kilometres, so that
    at a few hundred thousand inhabitants against some hundred kilometres the distance hardly
    counts. ``Objective.scaled`` puts each term over a reference value instead.

    Examples
    --------
    >>> OBJECTIVES["eq3"]
    Objective(population=1.0, distance=1.0, shape=0.0)
    """

    population: float = 0.0
    distance: float = 0.0
    shape: float = 0.0

    def __post_init__(self):
        weights = (self.population, self.distance, self.shape)
        if not np.isfinite(weights).all() or min(weights) < 0 or max(weights) == 0:
            raise DistrictingError(
                f"objective weights must be zero or more and not all zero, not {weights}"
            )

    @classmethod
    def scaled(
        cls, units: Units, areas: int, *, distance: float = 1.0, shape: float = 0.0
    ) -> Objective:
        """Weigh the terms after putting each over a reference, so that weights compare.

        The references are the total population for eq. 1, the distances of all units to the
        best single centre for eq. 2, and ``16 · areas`` (square areas) for eq. 4.

        Parameters
        ----------
        units : Units
            The areal units.
        areas : int
            Number of areas k.
        distance, shape : float
            Weights of the scaled eq. 2 and eq. 4 beside a weight of 1 for the scaled eq. 1.

        Returns
        -------
        Objective
        """
        spread = float(_distances_to(units, np.arange(len(units))).sum(axis=1).min())
        return cls(
            population=1.0 / units.population.sum(),
            distance=distance / spread if spread > 0 else 0.0,
            shape=shape / (16.0 * areas),
        )

    @property
    def weights(self) -> np.ndarray:
        """The three weights as an array (population, distance, shape)."""
        return np.array([self.population, self.distance, self.shape])


OBJECTIVES = {
    "eq1": Objective(population=1.0),
    "eq2": Objective(distance=1.0),
    "eq3": Objective(population=1.0, distance=1.0),
    "eq4": Objective(shape=1.0),
}


def as_objective(objective: str | Objective) -> Objective:
    """Turn a name (``"eq1"`` to ``"eq4"``) into weights; pass an :class:`Objective` through."""
    if isinstance(objective, Objective):
        return objective
    one_of(objective, "objective", OBJECTIVES, error=DistrictingError)
    return OBJECTIVES[objective]


def area_totals(units: Units, assignment: np.ndarray) -> dict[str, np.ndarray]:
    """Population, size, area and perimeter of each area of a plan.

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.

    Returns
    -------
    dict of str to numpy.ndarray, shape (k,)
        ``population``, ``units`` (how many), ``area_km2``, ``perimeter_km`` (sum of perimeters
        less twice the borders inside).
    """
    assignment = np.asarray(assignment)
    k = int(assignment.max()) + 1
    inside = assignment[units.shared[:, 0]] == assignment[units.shared[:, 1]]
    dissolved = np.bincount(
        assignment[units.shared[inside, 0]], units.shared_km[inside], minlength=k
    )
    return {
        "population": np.bincount(assignment, units.population, minlength=k),
        "units": np.bincount(assignment, minlength=k),
        "area_km2": np.bincount(assignment, units.area_km2, minlength=k),
        "perimeter_km": np.bincount(assignment, units.perimeter_km, minlength=k) - 2 * dissolved,
    }


def population_difference(units: Units, assignment: np.ndarray) -> float:
    r"""Eq. 1: how far the k areas are from holding the same.

    .. math:: \sum_j |P_j - \mu|, \qquad P_j = \sum_{i \in Z_j} p_i, \qquad
        \mu = \frac1k \sum_i p_i

    with :math:`p_i` what unit i holds and :math:`Z_j` the units of area j.

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.

    Returns
    -------
    float
        In the unit of the population.
    """
    population = area_totals(units, assignment)["population"]
    return float(np.abs(population - population.mean()).sum())


def area_centres(units: Units, assignment: np.ndarray) -> np.ndarray:
    """The central unit of each area: the one with the least summed distance to the others.

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.

    Returns
    -------
    numpy.ndarray of int, shape (k,)
        Index of a unit for each area; the smallest index among equals.
    """
    assignment = np.asarray(assignment)
    centres = np.empty(int(assignment.max()) + 1, dtype=np.int64)
    for area in range(len(centres)):
        members = np.flatnonzero(assignment == area)
        centres[area] = members[_distances_to(units, members).sum(axis=1).argmin()]
    return centres


def radial_compactness(
    units: Units, assignment: np.ndarray, centres: np.ndarray | None = None
) -> float:
    r"""Eq. 2: straight-line kilometres from the units to their area's centre.

    .. math:: \sum_j \sum_{i \in Z_j} d_{ij}

    with :math:`d_{ij}` from unit i to the central unit of its area j (`area_centres`).

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.
    centres : numpy.ndarray of int, shape (k,), optional
        The centre unit of each area (the genes of the paper's genetic algorithm). Without
        them each area takes the unit that minimises its sum.

    Returns
    -------
    float
        Kilometres.
    """
    assignment = np.asarray(assignment)
    at = area_centres(units, assignment) if centres is None else np.asarray(centres)
    home = at[assignment]
    return float(np.hypot(units.x - units.x[home], units.y - units.y[home]).sum() / 1000.0)


def compactness(units: Units, assignment: np.ndarray) -> float:
    r"""Eq. 4: the shapes of the areas; lower is better, and one area gives 16 as a square, 4π as a disc.

    .. math:: \sum_j \frac{\text{perimeter}_j^2}{\text{area}_j}

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.

    Returns
    -------
    float
        Without unit.
    """
    totals = area_totals(units, assignment)
    return float((totals["perimeter_km"] ** 2 / totals["area_km2"]).sum())


def polsby_popper(units: Units, assignment: np.ndarray) -> np.ndarray:
    r"""Polsby and Popper's measure of each area, 4π over its term of eq. 4: 1 for a disc, less for the rest.

    .. math:: \frac{4 \pi \, \text{area}_j}{\text{perimeter}_j^2}

    From the tables of areas, perimeters and borders, as eq. 4, so that the mean of k areas is at
    least :math:`4 \pi k / \text{eq. 4}` (the arithmetic mean is no less than the harmonic one).
    Outlines that are drawn can have other perimeters (:func:`shape_measures`).

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.

    Returns
    -------
    numpy.ndarray of float, shape (k,)
        Without unit.

    References
    ----------
    Polsby and Popper (1991), The third criterion, Yale Law and Policy Review 9(2).
    """
    totals = area_totals(units, assignment)
    return 4.0 * np.pi * totals["area_km2"] / totals["perimeter_km"] ** 2


def evaluate(units: Units, assignment: np.ndarray) -> dict[str, float]:
    """All four equations of a plan, computed from the tables (the check on every search).

    They are `population_difference` (1), `radial_compactness` (2), the sum of both (3) and
    `compactness` (4).

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, 0 to k − 1.

    Returns
    -------
    dict of str to float
        ``eq1`` (population), ``eq2`` (km), ``eq3`` = eq. 1 + eq. 2 raw, ``eq4`` (no unit).
    """
    eq1 = population_difference(units, assignment)
    eq2 = radial_compactness(units, assignment)
    return {"eq1": eq1, "eq2": eq2, "eq3": eq1 + eq2, "eq4": compactness(units, assignment)}


def closed_form_bound(units: Units, areas: int) -> float:
    r"""Lower bound on eq. 1, from units that hold more than the mean μ of an area.

    .. math:: 2 \sum_i \max(p_i - \mu, 0)

    An area holds at least its largest unit, so the surplus over mu cannot be less than the
    surplus of the units themselves, and deficits equal surpluses.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.

    Returns
    -------
    float
        In the unit of the population.

    Examples
    --------
    >>> import numpy as np
    >>> people = np.array([9.0, 1.0, 1.0, 1.0])
    >>> none = np.empty((0, 2), dtype=int)
    >>> row = Units(tuple("abcd"), tuple("abcd"), people, np.ones(4), np.full(4, 4.0),
    ...             np.arange(4.0), np.zeros(4), np.array([[0, 1], [1, 2], [2, 3]]), none, [])
    >>> closed_form_bound(row, 2)  # mu = 6: the first unit alone has 3 too many
    6.0
    """
    return float(2.0 * np.maximum(units.population - units.mean(areas), 0.0).sum())


def _distances_to(units: Units, members: np.ndarray) -> np.ndarray:
    x, y = units.x[members], units.y[members]
    return np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :]) / 1000.0
