"""Moran's I against esda and its formula; permutation p values whatever the origin and the unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from esda.moran import Moran

from helpers.hot_spots import (
    findings_by_choice,
    getis_ord,
    graphs_by_definition,
    holding,
    local_moran,
    moran,
    neighbours,
    study,
)


@pytest.fixture
def zones() -> pd.DataFrame:
    """A grid of eight by eight zones, a kilometre apart."""
    x, y = (part.ravel() * 1000.0 for part in np.meshgrid(np.arange(8), np.arange(8)))
    return pd.DataFrame({"zone": [f"z{i:02d}" for i in range(64)], "x": x, "y": y})


@pytest.fixture
def field(zones) -> pd.Series:
    """A block of large values, and one small value inside it."""
    values = np.random.default_rng(3).gamma(2, 1, 64)
    block = (zones["x"] < 3500) & (zones["y"] < 3500)
    values[block] += 6
    values[2 * 8 + 2] = 0.1
    return pd.Series(values, index=zones["zone"])


def test_the_statistic_is_that_of_esda(zones, field):
    graph = neighbours(zones, "band", band=1100)
    found = moran(field, graph, seed=1)
    theirs = Moran(field.to_numpy(), graph.transform("r"), permutations=0)
    assert found.statistic == pytest.approx(theirs.I)
    assert found.expected == pytest.approx(theirs.EI)
    assert found.p == pytest.approx(2 / 10_000)


def test_noise_has_no_association(zones):
    graph = neighbours(zones, "band", band=1100)
    found = [
        moran(
            pd.Series(np.random.default_rng(k).normal(size=64), index=zones["zone"]),
            graph, permutations=199, seed=k,
        ).p
        for k in range(60)
    ]  # fmt: skip
    # about 3 of 60 below 5 %
    assert sum(p <= 0.05 for p in found) <= 9
    assert np.mean(found) == pytest.approx(0.5, abs=0.12)


def test_local_statistics_add_up_to_the_whole(zones, field):
    graph = neighbours(zones, "band", band=1100)
    local = local_moran(field, graph, seed=1)
    assert local.local.mean() == pytest.approx(moran(field, graph, seed=1).statistic)


def test_an_outlier_is_told_from_its_block(zones, field):
    graph = neighbours(zones, "band", band=1500)
    kinds = local_moran(field, graph, seed=1).table()["class"]
    assert kinds["z18"] == "Low among high"
    # which a hot-spot map calls hot all the same
    assert getis_ord(field, graph).table().loc["z18", "class"] == "Hot spot 99 %"
    assert kinds["z09"] == "High among high"
    corrected = local_moran(field, graph, seed=1).table(correction="fdr")
    assert (corrected["p"] >= local_moran(field, graph, seed=1).p - 1e-15).all()


@pytest.mark.parametrize(
    ("scale", "offset"), [(1, 1e12), (1e-9, 0), (1e9, 0), (1e3, 1e12), (-1, 0)]
)
def test_neither_origin_nor_unit_matters(zones, field, scale, offset):
    # steps that survive the addition of a large number
    field = (field * 1024).round() / 1024
    moved = field * scale + offset
    graph = neighbours(zones, "band", band=1100)
    before, after = (local_moran(x, graph, permutations=199, seed=5) for x in (field, moved))
    np.testing.assert_allclose(after.p, before.p, atol=0.011)
    np.testing.assert_allclose(after.local, before.local, rtol=1e-3, atol=1e-3)
    gi, moved_gi = (getis_ord(x, graph, permutations=199, seed=5) for x in (field, moved))
    np.testing.assert_allclose(moved_gi.p_permutation, gi.p_permutation, atol=0.011)
    assert moran(moved, graph, permutations=199, seed=5).p == pytest.approx(
        moran(field, graph, permutations=199, seed=5).p, abs=0.011
    )


def test_findings_are_counted_over_all_choices(zones, field):
    graphs, _ = graphs_by_definition(zones.assign(geometry=None), k=4, band=1100.0)
    results = {
        ("people", name): getis_ord(field, graph, permutations=199, seed=1)
        for name, graph in graphs.items()
    }
    inside = (zones["x"] < 4500) & (zones["y"] < 4500)
    values = pd.DataFrame({"people": field})
    bands = study.band_results(zones, values, [1, 1.5, 2, 99])
    found = findings_by_choice(results, zones["zone"], inside, bands)
    assert len(found) == 4 * len(results) + 2  # at 99 everybody is a neighbour
    counted = holding(found, "band")["people"]
    assert counted["choices"] == len(found)
    of_map = found[(found["definition"] == "band") & (found["test"] == "normal")].iloc[0]
    assert counted["inside_holds"] == ((found["hot_outside"] == 0) & (found["hot"] > 0)).sum()
    assert counted["cold_holds"] == (found["cold"] == of_map["cold"]).sum() >= 1
    assert counted["not_hot_least"] == found["not_hot"].min()
