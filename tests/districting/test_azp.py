"""AZP through spopt; the defects that are wrapped, each with a test that fails once mended."""

import random

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from helpers.districting import DistrictingError, azp, azp_sa, evaluate
from helpers.districting.azp import _spopt_classes
from helpers.districting.objectives import OBJECTIVES, Objective

from .conftest import assert_valid, grid_units


def adjacency_of(units):
    indptr, indices = units.contiguity
    return csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(units), len(units)))


def test_spopt_annealing_and_tabu_classes_still_raise(residents):
    """When this fails spopt builds the right AZP class: azp_sa can use its annealing class."""
    from spopt.region.azp import AZPBasicTabu, AZPReactiveTabu, AZPSimulatedAnnealing

    with pytest.raises(TypeError):
        AZPSimulatedAnnealing(init_temperature=1.0).fit_from_scipy_sparse_matrix(
            adjacency_of(residents), residents.population.reshape(-1, 1), 28
        )
    with pytest.raises(TypeError):
        AZPBasicTabu(tabu_length=10)
    with pytest.raises(TypeError):
        AZPReactiveTabu(max_iterations=10, k1=2, k2=2)


def test_spopt_acceptance_still_breaks_with_its_own_objective():
    """When this fails spopt's cooling test works with numpy 2.4: our rule can inherit it."""
    from spopt.region.azp_util import AllowMoveAZPSimulatedAnnealing
    from spopt.region.objective_function import ObjectiveFunctionPairwise

    labels, attr = np.array([0, 0, 1, 1]), np.array([[1.0], [1.0], [9.0], [9.0]])
    with pytest.raises(ValueError, match="positive integer"):
        AllowMoveAZPSimulatedAnnealing(init_temperature=1.0)  # its own default is refused
    rule = AllowMoveAZPSimulatedAnnealing(init_temperature=1.0, sa_moves_term=10)
    rule.start_new_component(labels, attr, ObjectiveFunctionPairwise(), np.arange(4))
    with pytest.raises(TypeError):
        rule(1, 1, labels)


def test_spopt_still_returns_the_last_plan_not_the_best(residents):
    """When this fails spopt returns the best plan itself: our memory of it can go."""
    from spopt.region.azp import AZPOrig
    from spopt.region.azp_util import AllowMoveAZPSimulatedAnnealing

    cost_class, _ = _spopt_classes()
    attr = np.arange(55.0).reshape(-1, 1)
    cost = cost_class(residents, 28, OBJECTIVES["eq1"])

    class Watching(AllowMoveAZPSimulatedAnnealing):
        least = np.inf

        def __call__(self, *move):
            allowed = super().__call__(*move)
            self.least = min(self.least, self.objective_val)
            return allowed

    state = random.getstate()
    rule = Watching(init_temperature=30_000.0, sa_moves_term=10**9)
    engine = AZPOrig(allow_move_strategy=rule, random_state=1)
    engine.fit_from_scipy_sparse_matrix(adjacency_of(residents), attr, 28, objective_func=cost)
    random.setstate(state)
    assert cost(engine.labels_, attr) > rule.least + 1.0


@pytest.mark.parametrize("weights", [*OBJECTIVES.values(), Objective(1.0, 2.0, 3.0)])
def test_the_objective_given_to_spopt_is_the_papers(residents, weights):
    cost_class, _ = _spopt_classes()
    attr = np.arange(55.0).reshape(-1, 1)
    cost = cost_class(residents, 5, weights)
    labels = azp(residents, 5, time_limit=2.0).assignment.copy()

    def expected():
        e = evaluate(residents, labels)
        return (
            weights.population * e["eq1"] + weights.distance * e["eq2"] + weights.shape * e["eq4"]
        )

    before = expected()
    assert cost(labels, attr) == pytest.approx(before)
    unit = int(np.flatnonzero(labels == 0)[0])
    change = cost.update(unit, 1, labels, attr)
    labels[unit] = 1
    assert before + change == pytest.approx(expected())


def test_azp_and_its_annealing(residents):
    plain = azp(residents, 28, seed=3)
    assert_valid(residents, plain, 28)
    again = azp(residents, 28, seed=3)
    assert np.array_equal(plain.assignment, again.assignment)
    cooled = azp_sa(residents, 28, seed=3, time_limit=6.0)
    assert_valid(residents, cooled, 28)
    assert cooled.value < 501_321  # the paper's AZP-SA


def test_pythons_random_generator_is_given_back(residents):
    random.seed(42)
    expected = random.random()
    random.seed(42)
    azp(residents, 28, time_limit=1.0)
    assert random.random() == expected


def test_level_moves_end():
    # equal populations: nearly every move leaves the objective as it is
    units = grid_units(4, 4)
    object.__setattr__(units, "population", np.ones(16))
    plan = azp_sa(units, 4, rounds=10)
    assert_valid(units, plan, 4)
    assert plan.objectives["eq1"] <= 4.0


def test_parameters_are_checked(residents):
    with pytest.raises(DistrictingError, match="cooling"):
        azp_sa(residents, 28, cooling=1.0)
    with pytest.raises(DistrictingError, match="temperature"):
        azp_sa(residents, 28, temperature=0.0)
