"""What a certificate proves is said by who checks it; posts are numbers of sites, nothing else."""

import copy

import numpy as np
import pandas as pd
import pytest

from helpers.location import certify, p_center, p_median, travel, verify


@pytest.fixture
def proven():
    rng = np.random.default_rng(5)
    distance, demand = rng.random((40, 16)), rng.random(40)
    return demand, distance, certify(demand, distance, 4, fixed=(2,))


def test_the_checker_states_the_claim(proven):
    demand, distance, found = proven
    stated = {"patrols": 4, "fixed": (2,), "objective": found.solution.objective}
    assert verify(found.proof, demand, distance, **stated)[0] == pytest.approx(
        found.solution.objective, rel=1e-12
    )
    for other in ({"patrols": 5}, {"fixed": ()}, {"fixed": (2, 3)}, {"objective": 1.001}):
        with pytest.raises(ValueError, match=r"certificate is for another|does not cost what"):
            verify(found.proof, demand, distance, **(stated | other))


def test_a_certificate_of_an_easier_problem_does_not_pass_for_the_harder_one(proven):
    """More patrols or fewer choices, written into the file: only the checker's claim tells."""
    demand, distance, found = proven
    easier = certify(demand, distance, 4, fixed=(2, 7, 9)).proof
    assert (
        verify(easier, demand, distance, patrols=4, fixed=(2, 7, 9))[0] > found.solution.objective
    )
    with pytest.raises(ValueError, match="other fixed posts"):
        verify(easier, demand, distance, patrols=4, fixed=(2,))


def test_a_worse_plan_is_not_proven_and_its_sites_are_sites(proven):
    demand, distance, found = proven
    forged = copy.deepcopy(found.proof)
    forged["sites"] = next(
        [2, i, i + 1, i + 2]
        for i in range(3, 14)
        if travel(demand, distance, [2, i, i + 1, i + 2]) > found.solution.objective * 1.05
    )
    with pytest.raises(ValueError, match="not proven"):
        verify(forged, demand, distance, patrols=4, fixed=(2,))
    for sites in ([2, 3, 4, -1], [2, 3, 4, 99], [2, 3, 4, 4.0], [2, 3, 4, 4, 4]):
        forged["sites"] = sites
        with pytest.raises(ValueError, match="different sites"):
            verify(forged, demand, distance, patrols=4, fixed=(2,))


def test_half_a_patrol_is_not_counted():
    """Two islands with two nodes each: one patrol on each costs 2, which "0.5 or 1.5" leaves out."""
    distance = np.array(
        [[0, 1, 9, 9, 9], [1, 0, 9, 9, 9], [9, 9, 0, 1, 4], [9, 9, 1, 0, 4]], dtype=float
    )
    demand = np.ones(4)
    more = {"steps": [{"radii": [1, 1, 9, 9], "mu": [16.0]}]}
    less = {"steps": [{"radii": [9, 9, 1, 1], "mu": [-16.0]}]}
    forged = {
        "patrols": 2, "fixed": [], "sites": [0, 4], "objective": 9.0,
        "tree": {"steps": [], "sites": [0, 1], "count": 0.5, "at_least": more, "at_most": less},
    }  # fmt: skip
    assert p_median(demand, distance, 2).objective == 2
    with pytest.raises(ValueError, match="not proven"):
        verify(forged, demand, distance, patrols=2)


MASK = np.array([True, False, True, False, False])


@pytest.mark.parametrize(
    ("posts", "message"),
    [
        (MASK, "mask"),
        (MASK.astype(int), "mask"),
        (MASK.astype(int).tolist(), "mask"),
        (pd.Series(MASK, index=list("abcde")), "mask"),
        ([0.0, 2.0], "write 0"),
        ([0.5, 2], "not 0.5"),
        (["0", "2"], "without quotes"),
        ("02", "list of site numbers"),
        (pd.Series([0, 7]), "7 is none"),
        ([-1], "-1 is none"),
        (np.array([[0, 2]]), "list of site numbers"),
    ],
)
def test_posts_are_numbers_of_sites(posts, message):
    distance = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
    for solve in (p_median, p_center):
        with pytest.raises(ValueError, match=message):
            solve(np.ones(5), distance, 3, fixed=posts)
    with pytest.raises(ValueError, match=message):
        travel(np.ones(5), distance, posts)


def test_labels_of_a_series_are_not_its_numbers():
    distance = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
    labelled = pd.Series([4, 2], index=[1, 0])
    demand = pd.Series([1.0, 2, 3, 4, 5], index=[4, 3, 2, 1, 0])
    plan = p_median(demand, pd.DataFrame(distance, index=demand.index), 2, fixed=labelled)
    assert plan.sites.tolist() == [2, 4]
    assert plan.objective == travel(demand, distance, labelled) == 8
