"""The hypercube of any number of units against Markov chains made elsewhere, queues, simulation."""

import json

import numpy as np
import pandas as pd
import pytest

from helpers.location import erlang_c, hypercube_model, hypercube_two_units, simulate_dispatch

NAMES = ("queue_equal_rates", "loss_equal_rates", "four_units_queue")


@pytest.fixture(scope="module")
def queueing(shared):
    folder = shared / "reference" / "second" / "8_queueing"
    if not folder.is_dir():
        pytest.skip("the queueing reference is not in the shared folder")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_states_shares_and_travel_of_the_reference(queueing, name):
    case = json.loads((queueing / f"hypercube_{name}.json").read_text())
    travel = np.array(case["travel_minutes_unit_by_atom"], float).T
    assert np.argsort(travel, axis=1, kind="stable").tolist() == case["preference_by_atom"]
    model = hypercube_model(
        case["arrival_rate_by_atom_per_hour"],
        travel,
        range(travel.shape[1]),
        service_time=1 / np.array(case["service_rate_by_unit_per_hour"]),
        queue=case["queue"] == "infinite",
    )
    assert model.method == "exact"
    for ours, theirs in (
        (model.probabilities, "probabilities"),
        (model.utilisation, "utilisation"),
        (model.share, "share_of_answered_calls_unit_by_atom"),
        (model.waits, "probability_a_call_waits"),
        (model.lost, "probability_a_call_is_lost"),
        (model.mean_distance, "mean_travel_minutes"),
        (model.distance_by_node, "mean_travel_minutes_by_atom"),
        (model.distance_by_unit, "mean_travel_minutes_by_unit"),
        (60 * model.mean_wait, "mean_wait_minutes"),
        (model.first_choice, "share_answered_by_first_preference"),
    ):
        np.testing.assert_allclose(ours, case[theirs], rtol=1e-9, atol=1e-11, err_msg=theirs)


def test_erlang_to_a_thousand_servers(queueing):
    table = pd.read_csv(queueing / "erlang.csv")
    assert table["servers"].max() == 1000
    for row in table.itertuples():
        waits, wait = erlang_c(int(row.servers), row.load)
        assert np.log10(waits) == pytest.approx(row.log10_erlang_c, rel=1e-9, abs=2e-9)
        assert wait == pytest.approx(row.mean_wait_in_service_times, rel=2e-9)


def test_two_units_in_closed_form():
    model = hypercube_model([6.0, 2.0], [[0.0, 1.0], [1.0, 0.0]], [0, 1], service_time=0.15)
    closed = hypercube_two_units([6.0, 2.0], 0.15)
    assert model.utilisation == pytest.approx([closed["utilisation_1"], closed["utilisation_2"]])
    assert model.waits == pytest.approx(closed["wait"])


@pytest.mark.parametrize("units", [1, 5, 10])
@pytest.mark.parametrize("method", ["exact", "approximate"])
def test_pooled_chances_are_erlang_s(units, method):
    rng = np.random.default_rng(units)
    rates, distance = rng.random(30), rng.random((30, units))
    time = 0.7 * units / rates.sum()
    model = hypercube_model(rates, distance, range(units), service_time=time, method=method)
    waits, wait = erlang_c(units, 0.7 * units)
    assert model.waits == pytest.approx(waits)
    assert model.mean_wait == pytest.approx(wait * time)
    assert model.utilisation.mean() == pytest.approx(0.7)
    assert model.share.sum() == pytest.approx(1)
    np.testing.assert_allclose(model.share.sum(axis=0), rates / rates.sum())


@pytest.mark.parametrize("queue", [True, False])
@pytest.mark.parametrize("load", [0.3, 0.6, 0.85])
def test_the_approximation_is_near_the_equations(queue, load):
    """Workloads within 4 % each; travel and first choice, which average them, much nearer."""
    rng = np.random.default_rng(8)
    places = rng.random((60, 2))
    distance = np.hypot(*(places[:, None] - places[None, :8]).T).T
    rates = rng.random(60)
    time = load * 8 / rates.sum()
    exact, near = (
        hypercube_model(rates, distance, range(8), service_time=time, queue=queue, method=method)
        for method in ("exact", "approximate")
    )
    assert np.abs(near.utilisation / exact.utilisation - 1).max() < 0.04
    assert near.mean_distance == pytest.approx(exact.mean_distance, rel=0.02)
    assert near.first_choice == pytest.approx(exact.first_choice, abs=0.015)
    assert near.lost == pytest.approx(exact.lost)
    assert near.probabilities is None


def test_simulation_agrees_on_five_units_and_on_twelve():
    rng = np.random.default_rng(3)
    places = rng.random((40, 2))
    rates = rng.random(40) * 2
    for units, tolerance in ((5, 0.004), (12, 0.02)):
        distance = np.hypot(*(places[:, None] - places[None, :units]).T).T
        time = 0.6 * units / rates.sum()
        model = hypercube_model(rates, distance, range(units), service_time=time)
        run = simulate_dispatch(
            rates, distance, range(units), service_time=time, speed=1.0, hours=4000, warm_up=40,
            replications=8, seed=5,
        )  # fmt: skip
        assert np.abs(run.utilisation.mean(axis=0) - model.utilisation).max() < tolerance * 2
        means = run.summary.set_index("measure")["mean"]
        assert means["response distance"] == pytest.approx(model.mean_distance, rel=tolerance * 2)
        assert means["share that waits"] == pytest.approx(model.waits, abs=0.01)


def test_what_cannot_be_is_refused():
    rates, distance = [1.0], [[1.0] * 11]
    with pytest.raises(ValueError, match="queue would grow"):
        hypercube_model(rates, distance, [0], service_time=1.0)
    assert hypercube_model(rates, distance, [0], service_time=1.0, queue=False).lost == 0.5
    with pytest.raises(ValueError, match="2\\^11 states"):
        hypercube_model(rates, distance, range(11), service_time=0.1, method="exact")
    with pytest.raises(ValueError, match="one service time"):
        hypercube_model(rates, distance, [0, 1], service_time=[0.1, 0.2], method="approximate")
    with pytest.raises(ValueError, match="service_time has 3"):
        hypercube_model(rates, distance, [0, 1], service_time=[0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="cannot reach"):
        hypercube_model([1.0, 1.0], [[1.0], [np.inf]], [0], service_time=0.1)
    model = hypercube_model([1.0, 0.0], [[1.0], [np.inf]], [0], service_time=0.1)
    assert model.mean_distance == pytest.approx(1.0) and np.isnan(model.distance_by_node[1])
