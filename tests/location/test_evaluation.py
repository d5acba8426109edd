"""Reading of the trade-off curve; bootstrap; simulation against queueing theory."""

import numpy as np
import pytest

from helpers.location import _kernels as kernels
from helpers.location import (
    erlang_c,
    excess,
    hypercube_two_units,
    knee,
    out_of_sample,
    priority_waits,
    savings,
    simulate_dispatch,
    smallest_match,
    sweep,
    tradeoff_curve,
)
from helpers.location.simulation import _nodes


@pytest.fixture(scope="module")
def curve():
    # ten crimes at each of six nodes on a line, 1 km apart: costs 90, 40, 30, 20, 10, 0
    demand = np.full(6, 10.0)
    distance = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    plans = {"exact": sweep(demand, distance, range(1, 7))}
    return tradeoff_curve(plans, demand, distance, policies={"current": [0, 1, 2]})


def test_curve_and_its_reading(curve):
    exact = curve[curve["method"] == "exact"]
    assert exact["objective"].tolist() == [90, 40, 30, 20, 10, 0]
    assert exact["mean"].tolist() == pytest.approx([1.5, 2 / 3, 0.5, 1 / 3, 1 / 6, 0])
    current = curve[curve["method"] == "current"].iloc[0]
    assert current["objective"] == 60  # (1 + 2 + 3) km × 10
    assert smallest_match(curve, current["objective"]) == 2
    assert smallest_match(curve, 90) == 1
    assert smallest_match(curve, -1) is None
    saved = savings(curve)
    assert saved["saving"].tolist() == [0.5]
    assert knee(curve) == 2
    with pytest.raises(ValueError, match="no method 'kmeans'"):
        knee(curve, method="kmeans")


def test_a_curve_of_two_points_or_of_one_cost_has_no_knee(curve):
    exact = curve[curve["method"] == "exact"]
    assert knee(exact[exact["patrols"] <= 2]) is None
    assert knee(exact.assign(objective=0.0)) is None


def test_excess_over_nothing():
    assert excess(3.0, 2.0) == 0.5
    above = excess([3.0, 0.0, 1.0], [2.0, 0.0, 0.0])
    assert above[:2].tolist() == [0.5, 0.0] and np.isnan(above[2])


def test_a_reference_that_leaves_nothing_to_save():
    # node 0 has a post of the reference, so only draws with a crime at node 1 tell of a saving
    distance = np.array([[0.0, 1.0], [1.0, 0.0]])
    plans = {"reference": [0], "other": [1]}
    none = out_of_sample([5, 0], distance, plans, reference="reference", draws=50)
    assert none["saving"].iloc[0] == 0 and none[["saving", "saving_low"]].iloc[1].isna().all()
    some = out_of_sample([5, 1], distance, plans, reference="reference", draws=50)
    assert some["saving"].tolist() == pytest.approx([0.0, -4.0])
    assert np.isfinite(some[["saving_low", "saving_high"]]).all(axis=None)


def test_erlang_c_of_many_servers():
    # 400 powers and factorials are beyond a float; the normal approximation of Halfin & Whitt (1981)
    from scipy.stats import norm

    load, servers = 400.0, 420
    beta = (servers - load) / np.sqrt(load)
    halfin_whitt = 1 / (1 + beta * norm.cdf(beta) / norm.pdf(beta))
    assert erlang_c(servers, load)[0] == pytest.approx(halfin_whitt, rel=0.05)
    assert erlang_c(2, 1.0)[0] == pytest.approx(1 / 3)


def test_bootstrap_interval_matches_the_normal_one():
    rng = np.random.default_rng(0)
    distance = rng.random((400, 6))
    counts = rng.poisson(3, 400)
    out = out_of_sample(counts, distance, {"a": [0, 1], "b": [2]}, reference="b", draws=4000)
    reach = np.repeat(distance[:, [0, 1]].min(axis=1), counts)
    half = 1.96 * reach.std() / np.sqrt(reach.size)
    row = out.iloc[0]
    assert row["mean"] == pytest.approx(reach.mean())
    assert row["low"] == pytest.approx(reach.mean() - half, abs=0.1 * half)
    assert row["high"] == pytest.approx(reach.mean() + half, abs=0.1 * half)
    assert row["saving"] == pytest.approx(1 - row["mean"] / out.iloc[1]["mean"])
    assert out.iloc[1]["saving_low"] == out.iloc[1]["saving_high"] == 0
    with pytest.raises(ValueError, match="whole numbers"):
        out_of_sample([0.5], [[1.0]], {"a": [0]})


def test_groups_of_crimes_stand_and_fall_together():
    rng = np.random.default_rng(1)
    distance = rng.random((60, 4))
    counts = np.full(60, 25)
    node = np.repeat(np.arange(60), 25)
    plans = {"a": [0, 1], "b": [2, 3]}
    how = {"reference": "b", "draws": 4000}
    single = out_of_sample(counts, distance, plans, **how)
    clustered = out_of_sample(counts, distance, plans, groups=(node, node), **how)
    # 25 crimes a group that tell no more than one: intervals sqrt(25) times as wide
    for low, high in (("low", "high"), ("saving_low", "saving_high")):
        wide = (clustered[high] - clustered[low])[0] / (single[high] - single[low])[0]
        assert wide == pytest.approx(5, rel=0.15)
    assert clustered["mean"].tolist() == single["mean"].tolist()
    # one crime a group: the bootstrap of crimes, draw for draw in distribution
    alone = out_of_sample(counts, distance, plans, groups=(node, np.arange(1500)), **how)
    for end in ("low", "high", "saving_low", "saving_high"):
        width = (single["high"] - single["low"])[0]
        assert alone[end][0] == pytest.approx(single[end][0], abs=0.1 * width)


def test_groups_are_checked():
    with pytest.raises(ValueError, match="as many as the counts say"):
        out_of_sample([2, 0], [[1.0], [1.0]], {"a": [0]}, groups=([0, 1], ["x", "y"]))
    with pytest.raises(ValueError, match="one entry for each crime"):
        out_of_sample([2, 0], [[1.0], [1.0]], {"a": [0]}, groups=([0, 0], ["x"]))


def test_shares_of_the_simulation_end_at_one():
    run = simulate_dispatch(
        [1.0], [[1.0, 1.0]], [0, 1], service_time=0.3, speed=10, hours=20, threshold=0.2,
        replications=6, seed=1,
    )  # fmt: skip
    shares = run.summary[run.summary["measure"].str.startswith("share")]
    assert len(shares) == 2
    # the plain Student interval would leave [0, 1] here
    half = 2.571 * run.replications["share within threshold"].std() / np.sqrt(6)
    assert run.replications["share within threshold"].mean() + half > 1
    assert shares["low"].min() >= 0
    assert shares["high"].max() == 1


def test_simulation_is_an_mmc_queue():
    # three patrols, load 2.1: Erlang C gives the share that waits and the mean wait
    intensity = np.array([10.0, 4.0, 7.0])
    distance = np.random.default_rng(0).random((3, 3))
    result = simulate_dispatch(
        intensity, distance, [0, 1, 2], service_time=0.1, speed=1.0, hours=3000, warm_up=20,
        replications=12, level=0.999, seed=4,
    )  # fmt: skip
    waits, wait = erlang_c(3, 2.1)
    table = result.summary.set_index("measure")
    for measure, truth in (
        ("share that waits", waits),
        ("wait", wait * 0.1),
        ("utilisation", 0.7),
        ("crimes", 63_000),
    ):
        row = table.loc[measure]
        assert row["low"] <= truth <= row["high"]
        assert row["high"] - row["low"] < 0.12 * truth
    assert table.loc["response time", "mean"] == pytest.approx(
        table.loc["wait", "mean"] + table.loc["travel time", "mean"]
    )


def test_simulation_is_the_hypercube_model_for_two_units():
    # crimes at node 0 prefer unit 0, at node 1 unit 1
    rates = np.array([6.0, 2.0])
    distance = np.array([[0.0, 1.0], [1.0, 0.0]])
    result = simulate_dispatch(
        rates, distance, [0, 1], service_time=0.15, speed=1.0, hours=4000, warm_up=20,
        replications=12, seed=5,
    )  # fmt: skip
    truth = hypercube_two_units(rates, 0.15)
    busy = result.utilisation.mean(axis=0)
    error = 4 * result.utilisation.std(axis=0, ddof=1) / np.sqrt(12)
    assert abs(busy[0] - truth["utilisation_1"]) < error[0] < 0.02
    assert abs(busy[1] - truth["utilisation_2"]) < error[1] < 0.02
    assert truth["wait"] == pytest.approx(erlang_c(2, 1.2)[0])
    assert truth["utilisation_1"] + truth["utilisation_2"] == pytest.approx(1.2)


def test_tickets_find_the_nodes_that_numpy_finds():
    """Also where nodes without demand share an edge, and at the edges themselves."""
    rng = np.random.default_rng(3)
    for size in (1, 2, 7, 900):
        demand = rng.gamma(0.3, size=size) * (rng.random(size) < 0.7) + np.eye(size)[0]
        edges, first = _nodes(demand)
        tickets = np.concatenate([rng.random(5000), edges[edges < 1], [0.0, np.nextafter(1, 0)]])
        found = kernels.bisect_tickets(edges, first, tickets)
        assert found.tolist() == edges.searchsorted(tickets, side="right").tolist()
    drawn = kernels.bisect_tickets(edges, first, np.random.default_rng(5).random(100))
    numpys = np.random.default_rng(5).choice(size, size=100, p=demand / demand.sum())
    assert drawn.tolist() == numpys.tolist()


def test_dispatch_kernel_step_by_step():
    arrival = np.array([0.0, 1.0, 2.0, 10.0])
    node = np.array([0, 0, 0, 0])
    service = np.array([5.0, 5.0, 1.0, 1.0])
    reach = np.array([[1.0, 3.0]])
    served, begun, busy = np.empty(4, np.int64), np.empty(4), np.zeros(2)
    kernels.dispatch(arrival, node, service, reach, 1.0, False, 0.0, 100.0, served, begun, busy)
    # nearest, then the other, then a wait until the first comes free at 5, then nearest again
    assert served.tolist() == [0, 1, 0, 0]
    assert begun.tolist() == [0.0, 1.0, 5.0, 10.0]
    assert busy.tolist() == [7.0, 5.0]
    # travel counts: at 7 the first patrol is back from 1 + 5, the second only from 1 + 3 + 5
    again = np.zeros(2)
    kernels.dispatch(arrival, node, service, reach, 1.0, True, 0.0, 100.0, served, begun, again)
    assert begun.tolist() == [0.0, 1.0, 6.0, 10.0]
    assert again.tolist() == [10.0, 8.0]


def test_urgent_crimes_go_first_step_by_step():
    arrival = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 20.0])
    urgent = np.array([False, False, False, True, True, False])
    node, service = np.zeros(6, np.int64), np.array([5.0, 5.0, 1.0, 2.0, 1.0, 1.0])
    reach = np.array([[1.0, 3.0]])
    served, begun, busy = np.empty(6, np.int64), np.empty(6), np.zeros(2)
    told = (reach, 1.0, False, 0.0, 100.0, served, begun, busy)
    kernels.dispatch_by_class(arrival, urgent, node, service, *told)
    # at 5 the first urgent one, at 6 the second, at 7 the one that came before them
    assert begun.tolist() == [0.0, 1.0, 7.0, 5.0, 6.0, 20.0]
    assert served.tolist() == [0, 1, 0, 0, 1, 0]
    assert busy.tolist() == [9.0, 6.0]


def test_of_one_class_the_order_of_arrival_stays():
    how = dict(service_time=0.5, speed=30.0, hours=200, replications=2, travel_counts=True)
    given = [2.0, 1.0], [[1.0, 2], [2, 1]], [0, 1]
    plain = simulate_dispatch(*given, **how).replications
    for urgent in (0.0, 1.0):
        same = simulate_dispatch(*given, urgent=urgent, **how).replications
        assert same[plain.columns].equals(plain)
    with pytest.raises(ValueError, match="urgent is a share"):
        simulate_dispatch(*given, urgent=1.2, **how)


def test_waits_by_class_in_closed_form():
    # M/M/1 with half of the work urgent: W = rho / ((1 - s_before) (1 - s))
    assert priority_waits(1, 0.8, [0.5, 0.5]) == pytest.approx([0.8 / 0.6, 0.8 / (0.6 * 0.2)])
    for servers, load in ((1, 0.7), (3, 2.4), (40, 36.0)):
        wait = erlang_c(servers, load)[1]
        assert priority_waits(servers, load, [1.0]) == pytest.approx([wait])
        assert priority_waits(servers, load, [1.0, 0.0])[0] == pytest.approx(wait)
        shares = [0.2, 0.3, 0.5]
        waits = priority_waits(servers, load, shares)
        assert waits == sorted(waits)
        assert np.dot(shares, waits) == pytest.approx(wait)  # the work that waits is conserved
    with pytest.raises(ValueError, match="add up to 1"):
        priority_waits(2, 1.0, [0.5, 0.4])
    with pytest.raises(ValueError, match="servers"):
        priority_waits(2, 2.0, [0.5, 0.5])


def test_simulation_with_travel_and_several_jobs():
    arguments = dict(service_time=0.1, speed=30.0, hours=40, replications=3, threshold=0.05)
    one = simulate_dispatch([2.0, 1.0], [[1.0, 2], [2, 1]], [0, 1], travel_counts=True, **arguments)
    two = simulate_dispatch(
        [2.0, 1.0], [[1.0, 2], [2, 1]], [0, 1], travel_counts=True, jobs=2, **arguments
    )
    assert one.replications.equals(two.replications)
    assert one.replications["share within threshold"].between(0.5, 1).all()


def test_simulation_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="queue would grow"):
        simulate_dispatch([30.0], [[1.0]], [0], service_time=0.1, speed=1, hours=10)
    with pytest.raises(ValueError, match="speed is a positive number, not 0"):
        simulate_dispatch([1.0], [[1.0]], [0], service_time=0.1, speed=0, hours=10)
    with pytest.raises(ValueError, match="servers"):
        erlang_c(2, 2.5)
