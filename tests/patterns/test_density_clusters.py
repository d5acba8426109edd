"""DBSCAN against the reference partitions, and the cluster table."""

import numpy as np
import pytest
from scipy import stats

from helpers.patterns import (
    density_clusters,
    fit_cluster_process,
    hdbscan_check,
    minimum_samples,
    simulate,
)
from helpers.space import Window


def test_core_points_partition_and_noise(reference):
    expected = reference.table("dbscan")
    for name, case in reference.expected["dbscan"].items():
        found = density_clusters(
            reference.points, reference.window, case["eps"], case["min_samples"]
        )
        theirs = expected[name].to_numpy()
        core = theirs >= 0
        assert (found.core == core).all()
        assert (found.labels[core] == theirs[core]).all()
        assert ((found.labels == -1) == (theirs == -1)).all()
        assert len(found.table) == case["n_clusters"]


def test_table_adds_up():
    window = Window.rectangle(0, 0, 10, 10)
    square = [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]
    line = [[7, 7], [7.5, 7], [8, 7]]
    kinds = ["a", "a", "b", "b", "a", "b", "b", "a", "a"]
    found = density_clusters([*square, *line, [5, 9]], window, 1.1, 2, kinds=kinds)
    table = found.table
    assert table["size"].tolist() == [5, 3]
    assert table["locations"].tolist() == [4, 3]
    assert table["hull_area"].tolist() == [1.0, 0.0]
    assert table["density"][0] == 5.0
    assert np.isnan(table["density"][1])
    assert table["main_kind"].tolist() == ["a", "b"]
    assert found.kinds.loc[0].to_dict() == {"a": 3, "b": 2}
    assert found.noise_share == pytest.approx(1 / 9)
    assert found.merge_ratio == pytest.approx(9 / 100 * np.pi * 1.21 / 2)


def test_minimum_samples_is_the_poisson_tail():
    window = Window.rectangle(0, 0, 10, 10)
    for n, eps, level in [(100, 0.5, 0.001), (5000, 0.3, 0.01), (40, 2.0, 0.2)]:
        m = minimum_samples(n, window, eps, level)
        expected = n / 100 * np.pi * eps**2
        assert stats.poisson.sf(m - 2, expected) <= level
        assert stats.poisson.sf(m - 3, expected) > level


def test_eps_from_a_fit_and_what_merging_looks_like():
    window = Window.rectangle(0, 0, 20, 20)
    points = simulate(window, "matern", kappa=0.1, scale=0.5, mu=30, seed=4)
    fit = fit_cluster_process(points, window)
    found = density_clusters(points, window, fit)
    assert found.eps == fit.scale
    assert not found.merges
    check = hdbscan_check(points, found)
    assert check.agreement > 0.8
    # Far denser than min_samples needs: random points become one cluster.
    merged = density_clusters(window.random_points(4000, seed=1), window, 0.6, 5)
    assert merged.merges
    assert merged.table["size"].max() > 0.95 * 4000


def test_bad_input():
    window = Window.rectangle(0, 0, 1, 1)
    points = window.random_points(30, seed=1)
    with pytest.raises(ValueError, match="eps"):
        density_clusters(points, window, 0.0)
    with pytest.raises(ValueError, match="min_samples"):
        density_clusters(points, window, 0.1, 2.5)
    with pytest.raises(ValueError, match="one value a point"):
        density_clusters(points, window, 0.2, 2, kinds=["a"])
    with pytest.raises(ValueError, match="no scale"):
        density_clusters(points, window, fit_cluster_process(points, window))
    with pytest.raises(ValueError, match="at least one point"):
        density_clusters(np.empty((0, 2)), window, 0.1)
