"""The score of a plan of somebody else's: the optima are worth 0 %, and what is no plan is refused."""

import csv

import numpy as np
import pandas as pd
import pytest
from tests.benchmarks.conftest import BENCHMARKS

from helpers.compendium import find_city
from helpers.districting import Units, area_totals, exact
from helpers.location import PlanarDistance, maximal_covering, p_center, p_median

INSTANCES = BENCHMARKS / "instances"


@pytest.fixture(scope="module")
def score(benchmark_file):
    return benchmark_file("score")


@pytest.fixture(scope="module")
def optima():
    with (INSTANCES / "optima.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def lines(row) -> str:
    """A recorded plan as the file that a person would hand in."""
    held = row["plan"].split()
    if row["task"] == "districts":
        return "zone,area\n" + "".join(f"{zone},{area}\n" for zone, area in enumerate(held))
    return "node\n" + "".join(f"{node}\n" for node in held)


def test_every_recorded_plan_is_worth_what_is_recorded(score, optima, tmp_path):
    assert len(optima) == 4 * 3 * 10 + 8
    plan = tmp_path / "plan.csv"
    for row in optima:
        plan.write_text(lines(row))
        number, worth, best, bound = score.score(plan, row["instance"], row["task"])
        assert number == int(row["number"]) and best == float(row["objective"])
        assert worth == pytest.approx(best, abs=1e-5), row
        assert bound >= best - 1e-5 if row["task"] == "covering" else bound <= best + 1e-5


def test_the_optimum_scores_nought_and_says_proven(score, optima, tmp_path, capsys):
    row = next(r for r in optima if (r["instance"], r["task"]) == ("setubal", "districts"))
    (tmp_path / "plan.csv").write_text(lines(row))
    assert score.main([str(tmp_path / "plan.csv"), "setubal", "districts"]) == 0
    said = capsys.readouterr().out
    assert "gap        0.00 % of all that the zones hold, from the optimum" in said
    assert "proven" in said
    (tmp_path / "plan.csv").write_text("node\n0\n1\n2\n3\n4\n")
    assert score.main([str(tmp_path / "plan.csv"), "setubal", "p-median"]) == 0
    best = next(
        r for r in optima if (r["instance"], r["task"], r["number"]) == ("setubal", "p-median", "5")
    )
    nodes = pd.read_csv(INSTANCES / "setubal_nodes.csv")
    xy = nodes[["x", "y"]].to_numpy(float)
    ways = np.hypot(*(xy[:, None] - xy[None, :5]).T).min(axis=0)
    gap = 100 * (nodes["demand"] @ ways / float(best["objective"]) - 1)
    assert f"gap        {gap:.2f} % from the optimum" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["setubal", "recife", "leeds", "toronto"])
def test_what_is_recorded_is_proven_again(score, optima, name):
    nodes = pd.read_csv(INSTANCES / f"{name}_nodes.csv")
    given = nodes["demand"].to_numpy(float), PlanarDistance(nodes[["x", "y"]].to_numpy(float))
    known = {
        (r["task"], int(r["number"])): float(r["objective"])
        for r in optima
        if r["instance"] == name
    }
    plan = p_median(*given, 6)
    assert plan.proven and plan.objective == pytest.approx(known["p-median", 6], rel=1e-9)
    if len(nodes) < 100:
        plan = p_center(*given, 6)
        assert plan.proven and plan.objective == pytest.approx(known["p-center", 6], rel=1e-9)
        plan = maximal_covering(*given, 6, score.REACH[name])
        assert plan.proven and plan.objective == known["covering", 6]


def test_districts_are_those_of_the_city_and_proven_again(optima):
    units = Units.from_city(find_city("setubal"), "population")
    zones = pd.read_csv(INSTANCES / "setubal_zones.csv")
    links = pd.read_csv(INSTANCES / "setubal_contacts.csv").to_numpy()
    assert zones["held"].tolist() == units.population.tolist()
    assert links.tolist() == units.links.tolist()
    row = next(
        r
        for r in optima
        if (r["instance"], r["task"], r["number"]) == ("setubal", "districts", "25")
    )
    areas = np.array(row["plan"].split(), int)
    held = area_totals(units, areas)["population"]
    assert np.abs(held - held.mean()).sum() == pytest.approx(float(row["objective"]))
    assert exact(units, 25).value == pytest.approx(float(row["objective"]))


PIECES = "zone,area\n" + "".join(f"{zone},{zone % 2}\n" for zone in range(55))


@pytest.mark.parametrize(
    ("task", "text", "said"),
    [
        ("p-median", "node\n3\n3\n", "node 3 has more than one post."),
        ("p-median", "node\n3\n55\n", "node 55 is not in the instance: its nodes are 0 to 54."),
        ("p-median", "node\n3\n-1\n", "node -1 is not in the instance"),
        ("p-center", "node\nlast\n", "node 'last' is not a whole number."),
        ("p-center", "post\n3\n", "needs a line of names with node"),
        ("covering", "", "needs a line of names with node"),
        ("districts", PIECES, "is in pieces: no way leads from zone"),
        ("districts", PIECES.rsplit("\n", 2)[0], "zone 54 has no area (1 of 55 zones have none)."),
        ("districts", PIECES + "0,1\n", "zone 0 stands in the plan twice."),
        ("districts", "zone,area\n99,a\n", "zone 99 is not in the instance"),
    ],
)
def test_what_is_no_plan_is_refused_in_a_sentence(score, tmp_path, capsys, task, text, said):
    (tmp_path / "plan.csv").write_text(text)
    assert score.main([str(tmp_path / "plan.csv"), "setubal", task]) == 1
    answer = capsys.readouterr().out
    assert answer.startswith("feasible   no: ") and said in answer


def test_other_instances_and_files_are_refused(score, tmp_path, capsys):
    assert score.main([str(tmp_path / "none.csv"), "setubal", "p-median"]) == 1
    assert "cannot be read" in capsys.readouterr().out
    (tmp_path / "plan.csv").write_text("zone,area\n0,0\n")
    assert score.main([str(tmp_path / "plan.csv"), "recife", "districts"]) == 1
    assert "there are leeds, setubal, toronto." in capsys.readouterr().out
