"""AZP by spopt, whose wrapped defects each have a test that fails once mended, and compiled."""

import random

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import ks_2samp

from helpers.districting import (
    DistrictingError,
    _kernels,
    azp,
    azp_sa,
    azp_within,
    broken_areas,
    evaluate,
    random_plan,
)
from helpers.districting._states import graph_arrays, new_state
from helpers.districting.automatic_zoning import _spopt_classes
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


# ------------------------------------------------------------------ the compiled loop
@pytest.mark.parametrize("search", [azp, azp_sa])
@pytest.mark.parametrize("objective", ["eq1", "eq2", "eq4", Objective(1.0, 2.0, 3.0)])
def test_compiled_plans_are_contiguous_and_measured_afresh(residents, search, objective):
    plan = search(residents, 20, objective=objective, engine="compiled", seed=5)
    assert_valid(residents, plan, 20)
    again = search(residents, 20, objective=objective, engine="compiled", seed=5)
    assert np.array_equal(plan.assignment, again.assignment)


def test_compiled_value_is_that_of_its_best_labels(residents):
    """The running sum of changes equals the plain formula, after some hundred moves."""
    graph, rng = graph_arrays(residents), np.random.default_rng(1)
    first = random_plan(residents, 28, 1).assignment
    state = new_state(graph, first, 28, rng)
    _kernels.fill_state(graph, state, True)
    weights, mu = np.array([1.0, 2.0, 3.0]), residents.mean(28)
    value = _kernels.state_value(state, mu, weights)
    best, done = np.array(first), np.zeros(3, dtype=np.int64)
    value, best_value = _kernels.zone_once(
        graph, state, mu, weights, value, best, value, 5_000.0, 55, 200, done
    )
    assert done[0] == 200
    for labels, expected in ((state.label, value), (best, best_value)):
        e = evaluate(residents, labels)
        assert e["eq1"] + 2 * e["eq2"] + 3 * e["eq4"] == pytest.approx(expected, rel=1e-9)
    assert best_value < value


def test_compiled_azp_ends_where_no_single_move_helps(residents):
    plan = azp(residents, 28, engine="compiled", seed=2, plateau=0)
    labels, least = plan.assignment, plan.objectives["eq1"]
    for i, j in np.concatenate([residents.links, residents.links[:, ::-1]]):
        trial = labels.copy()
        trial[i] = labels[j]
        if len(np.unique(trial)) == 28 and not broken_areas(residents, trial):
            assert evaluate(residents, trial)["eq1"] >= least - 1e-6


def test_compiled_and_spopt_have_the_same_distribution():
    """Two-sample Kolmogorov-Smirnov over 40 seeds each: the two draw from one distribution."""
    units = grid_units(5, 5, seed=3)
    values = {
        engine: [azp(units, 8, engine=engine, seed=seed).value for seed in range(40)]
        for engine in ("spopt", "compiled")
    }
    assert ks_2samp(*values.values()).pvalue > 0.01


def test_own_objective_of_spopt_builds_areas_of_like_units(residents):
    """The extremes that the districting paper prints for AZP-SA: 450 is common, 96,290 is not."""
    held = []
    for seed in range(4):
        plan = azp_within(residents, 28, seed=seed)
        assert_valid(residents, plan, 28)
        held.append(np.bincount(plan.assignment, residents.population))
    assert sum(h.min() == 450 for h in held) == 4
    assert sum(h.max() == 96_290 for h in held) == 1
    held = [
        np.bincount(azp_within(residents, 28, seed=s, engine="compiled").assignment,
                    residents.population)
        for s in range(100)
    ]  # fmt: skip
    assert sum(h.min() == 450 for h in held) > 70
    assert 3 < sum(h.max() == 96_290 for h in held) < 40
    with pytest.raises(DistrictingError, match="at least 2 areas"):
        azp_within(residents, 1)
    with pytest.raises(DistrictingError, match="did you mean 'compiled'"):
        azp_within(residents, 28, engine="compield")


def heterogeneity(units, labels):
    apart = np.abs(units.population[:, None] - units.population)
    return apart[labels[:, None] == labels].sum() / 2


def test_compiled_change_of_heterogeneity_is_that_of_the_plain_sum(residents):
    labels = random_plan(residents, 28, 3).assignment
    graph = graph_arrays(residents)
    state = new_state(graph, labels, 28, np.random.default_rng(0))
    for i, j in residents.links:
        if labels[i] != labels[j]:
            moved = labels.copy()
            moved[i] = labels[j]
            expected = heterogeneity(residents, moved) - heterogeneity(residents, labels)
            found = _kernels.like_change(graph, state, i, labels[j])
            assert found == pytest.approx(expected)


def test_compiled_own_objective_ends_where_no_single_move_helps(residents):
    labels = azp_within(residents, 28, seed=2, engine="compiled").assignment
    least = heterogeneity(residents, labels)
    for i, j in np.concatenate([residents.links, residents.links[:, ::-1]]):
        trial = labels.copy()
        trial[i] = labels[j]
        if len(np.unique(trial)) == 28 and not broken_areas(residents, trial):
            assert heterogeneity(residents, trial) >= least - 1e-6


def test_own_objective_compiled_and_by_spopt_have_the_same_distribution():
    """Two-sample Kolmogorov-Smirnov over 40 seeds each, as for eq. 1."""
    units = grid_units(5, 5, seed=3)
    values = [
        [
            heterogeneity(units, azp_within(units, 8, engine=engine, seed=seed).assignment)
            for seed in range(40)
        ]
        for engine in ("spopt", "compiled")
    ]
    assert ks_2samp(*values).pvalue > 0.01


def test_misspelt_engine(residents):
    with pytest.raises(DistrictingError, match="did you mean 'compiled'"):
        azp(residents, 28, engine="compield")
