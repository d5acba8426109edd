"""Gi* against the closed formula, exhaustive permutation, esda and the Setúbal paper's map."""

import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import norm

from helpers.hot_spots import (
    CLASSES,
    connecting_band,
    false_discovery_rate,
    getis_ord,
    graphs_by_definition,
    hot_spot_classes,
    neighbours,
)


def closed_formula(field, weights):
    """Equation 14.3 of Ord and Getis (1995), with the zone itself in its weights."""
    n, mean = len(field), field.mean()
    spread = np.sqrt((field**2).mean() - mean**2)
    total = weights.sum(axis=1)
    deviation = np.sqrt((n * (weights**2).sum(axis=1) - total**2) / (n - 1))
    return (weights @ field - mean * total) / (spread * deviation)


def band_weights(x, y, distance):
    """Binary weights of all pairs at most `distance` apart, the zone itself included."""
    return (np.hypot(x[:, None] - x, y[:, None] - y) <= distance).astype(float)


@pytest.fixture(scope="module")
def setubal(shared):
    table = pd.read_csv(shared / "data/setubal/freguesias.csv")
    return table.rename(columns={"freguesia": "zone", "x_tm06_m": "x", "y_tm06_m": "y"})


@pytest.fixture(scope="module")
def setubal_borders(shared, setubal):
    name = setubal.set_index("dicofre")["zone"]
    table = pd.read_csv(shared / "data/setubal/neighbours.csv")
    return table.assign(zone_a=table["dicofre_a"].map(name), zone_b=table["dicofre_b"].map(name))


@pytest.fixture
def row_of_zones():
    """Ten zones, one kilometre apart in a row."""
    return pd.DataFrame({"zone": list("abcdefghij"), "x": np.arange(10) * 1000.0, "y": 0.0})


# ------------------------------------------------------------------------------ the statistic


@pytest.mark.parametrize("distance", [18_814.0, 25_000.0, 40_000.0])
@pytest.mark.parametrize("column", ["pop_2011", "pop65_2011"])
def test_z_is_the_closed_formula_on_setubal(setubal, column, distance):
    graph = neighbours(setubal, "band", band=distance)
    result = getis_ord(setubal.set_index("zone")[column], graph)
    weights = band_weights(setubal["x"].to_numpy(), setubal["y"].to_numpy(), distance)
    expected = closed_formula(setubal[column].to_numpy(dtype=float), weights)
    np.testing.assert_allclose(result.z, expected, atol=1e-12, rtol=0)
    np.testing.assert_array_equal(result.members, weights.sum(axis=1))
    np.testing.assert_allclose(result.p, 2 * norm.sf(abs(expected)))


def test_row_standardised_weights_give_another_score(setubal):
    from esda.getisord import G_Local

    graph = neighbours(setubal, "band")
    field = setubal["pop_2011"].to_numpy(dtype=float)
    row = G_Local(field, graph.assign_self_weight(1), transform="R", star=None, permutations=0)
    ours = getis_ord(setubal.set_index("zone")["pop_2011"], graph).z
    assert np.abs(row.Zs - ours).max() > 0.1


@settings(max_examples=60, deadline=None)
@given(
    field=hnp.arrays(float, 8, elements=st.floats(-1e6, 1e6, allow_subnormal=False)),
    shift=st.floats(-1e5, 1e5),
    scale=st.floats(0.01, 100),
)
def test_z_is_the_closed_formula_and_ignores_units(field, shift, scale):
    # rounding of the moved field itself must stay far below its spread
    assume(np.ptp(field) * scale > 1e-4 * (np.abs(field).max() * scale + abs(shift)))
    assume(np.ptp(field) > 1e-100)
    zones = pd.DataFrame({"zone": range(8), "x": np.arange(8.0) ** 1.5, "y": 0.0})
    graph = neighbours(zones, "nearest", k=3)
    weights = graph.sparse.toarray() + np.eye(8)
    unit = (field - field.mean()) / np.ptp(field)
    z = getis_ord(pd.Series(field), graph).z
    np.testing.assert_allclose(z, closed_formula(unit, weights), atol=1e-8)
    moved = getis_ord(pd.Series(field * scale + shift), graph).z
    np.testing.assert_allclose(moved, z, atol=1e-8)
    np.testing.assert_allclose(getis_ord(pd.Series(-field), graph).z, -z, atol=1e-8)


def test_order_of_the_field_does_not_matter(setubal):
    graph = neighbours(setubal, "nearest", k=5)
    field = setubal.set_index("zone")["pop_2011"]
    shuffled = field.sample(frac=1, random_state=3)
    np.testing.assert_array_equal(getis_ord(field, graph).z, getis_ord(shuffled, graph).z)


def test_small_integers_are_not_computed_as_integers(row_of_zones):
    graph = neighbours(row_of_zones, "band", band=1500.0)
    field = pd.Series(range(100, 120, 2), index=row_of_zones["zone"])
    as_small = getis_ord(field.astype("uint8"), graph).z
    np.testing.assert_array_equal(as_small, getis_ord(field.astype(float), graph).z)


def test_table_keeps_the_name_and_the_labels_of_the_zones(setubal):
    table = getis_ord(setubal.set_index("zone")["pop_2011"], neighbours(setubal, "band")).table()
    assert table.index.name == "zone"
    assert list(table.index) == list(setubal["zone"])
    assert (table["value"] == setubal["pop_2011"].to_numpy()).all()


def test_local_mean(row_of_zones):
    field = pd.Series(np.arange(10.0) ** 2, index=row_of_zones["zone"])
    means = getis_ord(field, neighbours(row_of_zones, "band", band=1000.0)).local_mean
    assert means[0] == pytest.approx((0 + 1) / 2)
    assert means[4] == pytest.approx((9 + 16 + 25) / 3)


# ----------------------------------------------------------------------------- permutations


def test_permutation_p_is_the_exhaustive_one(row_of_zones):
    field = np.array([1.0, 4, 2, 8, 5, 7, 3, 9, 6, 20])
    graph = neighbours(row_of_zones, "band", band=1000.0)
    series = pd.Series(field, index=row_of_zones["zone"])
    for alternative in ("two-sided", "greater", "less"):
        result = getis_ord(series, graph, permutations=40_000, seed=5, alternative=alternative)
        for i in range(10):
            around = [j for j in (i - 1, i + 1) if 0 <= j < 10]
            others = np.delete(field, i)
            sums = np.array([sum(chosen) for chosen in combinations(others, len(around))])
            greater = (sums >= field[around].sum()).mean()
            less = (sums <= field[around].sum()).mean()
            exact = {"greater": greater, "less": less}.get(
                alternative, min(1.0, 2 * min(greater, less))
            )
            assert result.p_permutation[i] == pytest.approx(exact, abs=0.015)


ESDA = """
import sys, warnings, numpy as np, pandas as pd
warnings.simplefilter("ignore")
import esda.crand
from esda.getisord import G_Local
from libpysal.graph import Graph
esda.crand.boolean = bool
table = pd.read_csv(sys.argv[1])
graph = Graph.from_arrays(table["focal"], table["neighbor"], np.ones(len(table)))
field = pd.read_csv(sys.argv[2])["field"].to_numpy(dtype=float)
local = G_Local(field, graph, transform="B", star=True, permutations=9999, seed=12, n_jobs=1)
print(*local.p_sim)
"""


def test_permutation_p_agrees_with_esda(setubal, tmp_path):
    """The directed p value of esda is the smaller tail: half of ours, up to simulation error."""
    graph = neighbours(setubal.assign(zone=range(55)), "nearest", k=4)
    field = setubal["pop_2011"].rename("field")
    graph.adjacency.reset_index().to_csv(tmp_path / "graph.csv", index=False)
    field.to_csv(tmp_path / "field.csv", index=False)
    # in a process of its own, because compiling esda's engine would take longer than running it
    run = subprocess.run(
        [sys.executable, "-c", ESDA, tmp_path / "graph.csv", tmp_path / "field.csv"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = np.array(run.stdout.split(), dtype=float)
    ours = getis_ord(field, graph, permutations=9999, seed=11).p_permutation
    inner = theirs < 0.45
    assert inner.sum() > 40
    np.testing.assert_allclose(ours[inner] / 2, theirs[inner], atol=0.02)


def test_permutations_are_repeatable_and_take_a_generator(setubal):
    graph = neighbours(setubal, "nearest", k=4)
    field = setubal.set_index("zone")["pop_2011"]
    first = getis_ord(field, graph, permutations=700, seed=3).p_permutation
    again = getis_ord(field, graph, permutations=700, seed=np.random.default_rng(3)).p_permutation
    np.testing.assert_array_equal(first, again)
    other = getis_ord(field, graph, permutations=700, seed=4).p_permutation
    assert (first != other).any()
    # smallest p value that 700 permutations can give
    assert first.min() >= 2 / 701


def test_cold_surroundings_of_a_large_zone_are_not_called_hot():
    # the own value lifts z above zero, while what is tested by permutation, the surroundings, is
    # the lowest of the whole grid
    column, row = np.meshgrid(np.arange(10), np.arange(10))
    zones = pd.DataFrame({"zone": np.arange(100), "x": column.ravel(), "y": row.ravel()})
    field = pd.Series(10 + np.random.default_rng(3).uniform(-1, 1, 100), index=zones["zone"])
    field[[44, 46, 35, 55]] = 7.5
    field[45] = 30
    result = getis_ord(field, neighbours(zones, "band", band=1.0), permutations=999, seed=1)
    assert result.z[45] > 2
    assert result.p_permutation[45] <= 0.01
    assert result.side_permutation[45] == -1
    assert result.table(test="permutation")["class"][45] == "Cold spot 99 %"
    assert result.table()["class"][45].startswith("Hot spot")


def test_ties_count_in_both_tails(row_of_zones):
    """A field of noughts and one 0.1: rounding of sums must not break ties."""
    field = pd.Series([0.1, 0.2, 0.3] * 3 + [0.1], index=row_of_zones["zone"])
    graph = neighbours(row_of_zones, "nearest", k=8)
    result = getis_ord(field, graph, permutations=4000, seed=1)
    # eight of the nine others: the sum depends only on the one left out, three possible values
    for i, p in enumerate(result.p_permutation):
        others = np.delete(field.to_numpy(), i)
        sums = np.round(others.sum() - others, 9)
        observed = np.round(field.to_numpy()[graph.sparse.toarray()[i] > 0].sum(), 9)
        tail = min((sums >= observed).mean(), (sums <= observed).mean())
        assert p == pytest.approx(min(1.0, 2 * tail), abs=0.06)


def test_false_positives_of_random_fields_are_as_many_as_stated(setubal):
    graph = neighbours(setubal, "nearest", k=8)
    generator = np.random.default_rng(2)
    rejected, found = [], []
    for _ in range(60):
        field = pd.Series(generator.normal(size=len(setubal)), index=setubal["zone"])
        result = getis_ord(field, graph, permutations=199, seed=generator)
        rejected.append([(result.p < 0.05).mean(), (result.p_permutation <= 0.05).mean()])
        found.append((result.table(correction="fdr")["p"] <= 0.05).any())
    analytical, permuted = np.mean(rejected, axis=0)
    assert analytical == pytest.approx(0.05, abs=0.02)
    assert permuted == pytest.approx(0.05, abs=0.02)
    # under a true null the false discovery rate is the chance of finding anything at all
    assert np.mean(found) <= 0.15


# ------------------------------------------------------------- classes and their correction


def test_fdr_is_the_step_up_procedure_of_benjamini_and_hochberg():
    # the fifteen p values of the worked example in their paper (1995, section 4): four rejected
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert (false_discovery_rate(p) <= 0.05).sum() == 4


@given(p=hnp.arrays(float, st.integers(1, 30), elements=st.floats(0, 1)))
def test_fdr_equals_its_definition(p):
    n = len(p)
    expected = [min(min(1.0, n * q / (p <= q).sum()) for q in p if q >= own) for own in p]
    np.testing.assert_allclose(false_discovery_rate(p), expected, rtol=1e-9)


@pytest.mark.parametrize("p", [[0.2, 1.2], [-0.1], [float("nan")]])
def test_fdr_refuses_what_is_no_probability(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        false_discovery_rate(p)


def test_classes_at_their_limits():
    p = [0.0099, 0.01, 0.0101, 0.05, 0.0501, 0.1, 0.1001]
    hot = hot_spot_classes(np.ones(7), p)
    strength = [name.split()[-2] for name in hot]
    assert strength == ["99", "99", "95", "95", "90", "90", "Not"]
    cold = hot_spot_classes(-np.ones(7), p)
    assert [name.replace("Cold", "Hot") for name in cold] == list(hot)
    assert list(hot.categories) == list(CLASSES)
    assert hot.ordered


def test_classes_are_those_of_the_normal_quantiles():
    """ArcGIS bins by |z| at 1.65, 1.96 and 2.58."""
    z = np.linspace(-4, 4, 801)
    codes = hot_spot_classes(z, 2 * norm.sf(abs(z))).codes - 3
    limits = norm.ppf([0.95, 0.975, 0.995])
    np.testing.assert_array_equal(codes, np.sign(z) * (abs(z)[:, None] >= limits).sum(axis=1))


# --------------------------------------------------------------------- the paper's findings


def test_connecting_band_of_setubal(setubal):
    """Torrão is 18.8 km from its nearest neighbour: the band that ArcGIS would take."""
    assert connecting_band(setubal) == pytest.approx(18_813.3, abs=0.1)


def test_residents_are_as_published(setubal):
    """Section 4.1 and Figure 2, left: two cold spots; the hot spots lie in the peninsula."""
    result = getis_ord(setubal.set_index("zone")["pop_2011"], neighbours(setubal, "band"))
    table = result.table()
    cold = set(table.index[table["class"] <= "Cold spot 95 %"])
    assert cold == {"Abela", "União das freguesias de São Domingos e Vale de Água"}
    hot = table.index[table["class"] >= "Hot spot 90 %"]
    assert len(hot) == 24
    peninsula = {"Almada", "Barreiro", "Moita", "Montijo", "Palmela", "Seixal", "Sesimbra"}
    peninsula |= {"Alcochete", "Setúbal"}
    assert set(setubal.set_index("zone").loc[hot, "municipality"]) <= peninsula


def test_over_65_are_as_published(setubal):
    """Figure 2, right: Abela the one cold spot; Sesimbra (Santiago) not significant."""
    result = getis_ord(setubal.set_index("zone")["pop65_2011"], neighbours(setubal, "band"))
    table = result.table()
    assert list(table.index[table["class"] <= "Cold spot 95 %"]) == ["Abela"]
    assert table["z"].idxmin() == "Abela"
    assert table.loc["Sesimbra (Santiago)", "class"] == "Not significant"


# -------------------------------------------------------------------------- neighbourhoods


def test_contiguity_of_setubal(setubal, setubal_borders):
    queen = neighbours(setubal, "queen", borders=setubal_borders)
    rook = neighbours(setubal, "rook", borders=setubal_borders)
    assert queen.n_edges == 2 * 131
    assert rook.n_edges == 2 * 127
    degree = setubal.set_index("zone")["rook_degree"]
    assert (rook.cardinalities.reindex(degree.index) == degree).all()
    assert queen.n_components == rook.n_components == 1


def test_borders_may_be_given_twice_and_in_either_order(row_of_zones):
    borders = pd.DataFrame({"zone_a": list("abcdefghib"), "zone_b": list("bcdefghija")}).assign(
        contact="rook"
    )
    assert neighbours(row_of_zones, "rook", borders=borders).n_edges == 18


def test_nearest_agrees_with_libpysal(setubal):
    import geopandas as gpd
    from libpysal.graph import Graph

    points = gpd.GeoSeries.from_xy(setubal["x"], setubal["y"]).set_axis(setubal["zone"])
    theirs = Graph.build_knn(points, k=6)
    ours = neighbours(setubal, "nearest", k=6)
    assert set(ours.adjacency.index) == set(theirs.adjacency.index)


def test_nearest_with_equal_centroids():
    zones = pd.DataFrame({"zone": list("abcde"), "x": [0, 0, 0, 1, 2.5], "y": 0.0})
    graph = neighbours(zones, "nearest", k=2)
    assert (graph.cardinalities == 2).all()
    assert not (
        graph.adjacency.index.get_level_values(0) == graph.adjacency.index.get_level_values(1)
    ).any()
    assert set(graph["a"].index) == {"b", "c"}


@pytest.mark.parametrize("distance", [4_000.0, 18_814.0])
def test_band_agrees_with_brute_force(setubal, distance):
    zones = setubal[setubal["municipality"].isin(["Almada", "Seixal", "Barreiro", "Moita"])]
    weights = band_weights(zones["x"].to_numpy(), zones["y"].to_numpy(), distance) - np.eye(
        len(zones)
    )
    zones = zones[weights.sum(axis=1) > 0]
    graph = neighbours(zones, "band", band=distance)
    np.testing.assert_array_equal(
        graph.sparse.toarray(),
        band_weights(zones["x"].to_numpy(), zones["y"].to_numpy(), distance) - np.eye(len(zones)),
    )


def test_auto_band_leaves_no_zone_alone_and_a_smaller_one_does(setubal):
    assert neighbours(setubal, "band").cardinalities.min() == 1
    with pytest.raises(ValueError, match=r"zone Torrão would have no neighbour.*18,813\.3 m"):
        neighbours(setubal, "band", band=18_800.0)


# -------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("band", [-1.0, 0.0, float("nan"), float("inf")])
def test_band_must_be_positive(row_of_zones, band):
    with pytest.raises(ValueError, match="positive number of metres"):
        neighbours(row_of_zones, "band", band=band)


@pytest.mark.parametrize("k", [0, -2, 9, 10, 99])
def test_k_must_leave_something_outside(row_of_zones, k):
    with pytest.raises(ValueError, match=rf"k = {k} is outside 1 … 8 for 10 zones"):
        neighbours(row_of_zones, "nearest", k=k)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda z: z.drop(columns="x"), "no column x"),
        (lambda z: z.drop(columns="zone"), 'no column "zone"'),
        (lambda z: z.assign(zone="a"), "zone a appears more than once"),
        (lambda z: z.assign(y=[np.nan, *range(9)]), "zone a has no centroid"),
    ],
)
def test_bad_zones(row_of_zones, change, message):
    with pytest.raises(ValueError, match=message):
        neighbours(change(row_of_zones), "band")


@pytest.mark.parametrize(
    ("borders", "message"),
    [
        (None, "needs the borders table"),
        ([("a", "zz", "rook")], r"zone zz is in borders \(zone_b\) but not in zones"),
        ([("a", "a", "rook")], "zone a borders itself"),
        ([("a", "b", "rook")], "zones c, d, e, f, g and 3 more would have no neighbour"),
    ],
)
def test_bad_borders(row_of_zones, borders, message):
    if borders is not None:
        borders = pd.DataFrame(borders, columns=["zone_a", "zone_b", "contact"])
    with pytest.raises(ValueError, match=message):
        neighbours(row_of_zones, "queen", borders=borders)


def test_unknown_definition(row_of_zones):
    with pytest.raises(ValueError, match="is one of queen, rook, nearest, band, not 'bishop'"):
        neighbours(row_of_zones, "bishop")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f * 0 + 7, "same value in every zone"),
        (lambda f: f.where(f > 0), "zone a has no finite value"),
        (lambda f: f.replace(3, np.inf), "zone d has no finite value"),
        (lambda f: f.drop("c"), "zone c is in the graph but not in the field"),
        (lambda f: pd.concat([f, pd.Series({"q": 1.0})]), "zone q is in the field but not"),
        (lambda f: pd.concat([f, f.iloc[[2]]]), "zone c appears more than once"),
    ],
)
def test_bad_fields(row_of_zones, change, message):
    graph = neighbours(row_of_zones, "band")
    field = pd.Series(np.arange(10.0), index=row_of_zones["zone"])
    with pytest.raises(ValueError, match=message):
        getis_ord(change(field), graph)


def test_bad_requests(row_of_zones):
    graph = neighbours(row_of_zones, "band")
    field = pd.Series(np.arange(10.0), index=row_of_zones["zone"])
    with pytest.raises(ValueError, match="permutations need a seed"):
        getis_ord(field, graph, permutations=99)
    with pytest.raises(ValueError, match="permutations is a whole number of at least 0, not -1"):
        getis_ord(field, graph, permutations=-1, seed=1)
    with pytest.raises(ValueError, match="two-sided, greater, less"):
        getis_ord(field, graph, alternative="both")
    with pytest.raises(ValueError, match="zones a, b, c, d, e and 5 more has every other"):
        getis_ord(field, neighbours(row_of_zones, "band", band=1e6))
    with pytest.raises(ValueError, match="must be binary"):
        getis_ord(field, graph.transform("R"))
    result = getis_ord(field, graph)
    with pytest.raises(ValueError, match="no permutations were made"):
        result.table(test="permutation")
    with pytest.raises(ValueError, match="test is"):
        result.table(test="bayesian")
    with pytest.raises(ValueError, match="correction is"):
        result.table(correction="bonferroni")


def test_wrong_kinds_of_values_are_refused(row_of_zones):
    graph = neighbours(row_of_zones, "band")
    field = pd.Series(range(10), index=row_of_zones["zone"])
    for call, message in {
        lambda: neighbours(row_of_zones, "nearest", k=2.5): "k is a whole number, not 2.5",
        lambda: neighbours(row_of_zones, "nearest", k=True): "k is a whole number, not True",
        lambda: neighbours(row_of_zones, "nearest", k=2.0): "k is a whole number, not 2.0: write 2",
        lambda: neighbours(row_of_zones, "band", band=True): "positive number of metres, not True",
        lambda: neighbours(row_of_zones, "band", band=None): "positive number of metres, not None",
        lambda: getis_ord(list(range(10)), graph): "a pandas Series indexed by zone, not a list",
        lambda: getis_ord(field.astype(str), graph): "must hold numbers",
        lambda: getis_ord(field, graph, permutations=9.5, seed=1): "permutations is a whole number",
        lambda: hot_spot_classes([1.0, np.nan], [0.1, 0.1]): "a score is missing",
        lambda: hot_spot_classes([1.0, 2.0], [0.1, np.nan]): "p value is missing",
        lambda: hot_spot_classes([1.0, 2.0], [0.1]): "one p value a score",
    }.items():
        with pytest.raises(ValueError, match=message):
            call()


def test_borders_say_how_zones_touch(row_of_zones):
    pairs = {"zone_a": list("abcdefghi"), "zone_b": list("bcdefghij")}
    with pytest.raises(ValueError, match="no column contact"):
        neighbours(row_of_zones, "rook", borders=pd.DataFrame(pairs))
    with pytest.raises(ValueError, match="one of rook, point, not 'rok'"):
        neighbours(row_of_zones, "rook", borders=pd.DataFrame(pairs).assign(contact="rok"))


def test_a_zone_without_a_label_is_not_dropped_in_silence(row_of_zones):
    row_of_zones.loc[3, "zone"] = None
    with pytest.raises(ValueError, match="row 4 of the zones table has no zone label"):
        neighbours(row_of_zones, "band")


def places(*points):
    x, y = np.array(points, dtype=float).T
    return pd.DataFrame({"zone": [f"z{i}" for i in range(len(x))], "x": x, "y": y})


def touching(*pairs):
    a, b = zip(*pairs, strict=True)
    names = {"zone_a": [f"z{i}" for i in a], "zone_b": [f"z{i}" for i in b]}
    return pd.DataFrame({**names, "contact": "rook"})


def test_an_island_rules_contiguity_and_the_band_out():
    # a square of four, and an island so far out that its band would join all of them
    zones = places((0, 0), (1, 0), (0, 1), (1, 1), (50, 0))
    borders = touching((0, 1), (0, 2), (1, 3), (2, 3))
    graphs, reasons = graphs_by_definition(zones, borders=borders)
    assert list(graphs) == ["nearest"]
    assert reasons["queen"] == reasons["rook"] == "zone z4 would have no neighbour"
    # z1 and z3 lie 49 from the island or just over, and 1.41 from the others
    assert reasons["band"] == "zone z1 would have every other as a neighbour"
    assert graphs["nearest"].cardinalities.tolist() == [3] * 5


def test_a_central_zone_that_touches_all_others_rules_contiguity_out():
    zones = places((0, 0), (5, 0), (0, 5), (-5, 0), (0, -5))
    borders = touching((0, 1), (0, 2), (0, 3), (0, 4))
    graphs, reasons = graphs_by_definition(zones, borders=borders, k=2)
    assert list(graphs) == ["nearest"]
    assert reasons["rook"] == "zone z0 would have every other as a neighbour"


def test_zones_in_one_place_have_no_band():
    graphs, reasons = graphs_by_definition(places((1, 1), (1, 1), (1, 1)))
    assert list(graphs) == ["nearest"]
    assert reasons["band"] == "every zone has the centroid of another"
    with pytest.raises(ValueError, match="three zones or more, not 2"):
        graphs_by_definition(places((0, 0), (1, 0)))


def test_permutation_test_does_not_depend_on_origin_or_unit():
    # with a tolerance that grew with the origin, every arrangement was a tie and p was 1
    zones = places(*[(i, 0) for i in range(12)])
    field = pd.Series([1, 2, 1, 3, 2, 1, 2, 3, 8, 9, 7, 9], index=zones["zone"])
    graph = neighbours(zones, "band")
    usual = getis_ord(field, graph, permutations=199, seed=1).p_permutation
    assert usual.min() < 0.1
    for moved in (field + 2.0**44, field * 2.0**-40, field * 2.0**40):
        other = getis_ord(moved, graph, permutations=199, seed=1).p_permutation
        assert (other == usual).all()


@pytest.mark.parametrize("low", [0.0, 1e6, 1e9])
def test_one_zone_far_below_the_others_blurs_no_ties(low):
    """Ties are sums of the same numbers in another order: one outlier must not make all sums ties."""
    side, generator = 12, np.random.default_rng(4)
    x, y = (part.ravel() for part in np.mgrid[:side, :side].astype(float))
    labels = [f"z{k:03d}" for k in range(side**2)]
    graph = neighbours(pd.DataFrame({"zone": labels, "x": x, "y": y}), "band", band=1.5)
    field = pd.Series(generator.random(side**2) + 0.5 * (x < 4), index=labels)
    field["z143"] = -low
    asked = {"permutations": 199, "seed": 1}
    up = getis_ord(field, graph, **asked).p_permutation
    down = getis_ord(-field, graph, **asked).p_permutation
    np.testing.assert_array_equal(up, down)
    # far from the outlier the first columns stand out whatever it is
    assert (up[(x < 3) & (y < 9)] < 0.1).sum() > 10
    assert (up == 1).sum() < 5
