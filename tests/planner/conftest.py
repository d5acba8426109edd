"""A made-up town with saved plans, for the tests of the planner."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
EXAMPLE = runpy.run_path(str(HERE / "example_plans.py"))
PLACE = runpy.run_path(str(HERE.parent / "report" / "conftest.py"))["place"]
CRS, CITY, RADIUS, MOST = "EPSG:27700", "leeds", 400.0, 5
TODAY = [(430_500.0, 433_900.0), (431_300.0, 434_300.0), (439_000.0, 433_000.0)]
STATIONS = {"file": "stations.csv", "crs": CRS, "status": "approximate"}
NOTE = "<b>Where</b> patrols wait is not published."


@pytest.fixture(scope="session")
def solved():
    """Nodes, plans and proofs, computed once."""
    nodes = EXAMPLE["town_nodes"]()
    made = EXAMPLE["compute"](nodes, RADIUS, range(1, MOST + 1))
    return SimpleNamespace(nodes=nodes, radius=RADIUS, **made)


def town(folder: Path, patch: pytest.MonkeyPatch, solved, city: str = CITY, results=None, **more):
    """Results of the town, saved where the environment says from now on, or beside other towns."""
    results = results or PLACE(folder, patch)
    patch.setenv("POLICE_PLANNING_OUTPUT", str(results.root))
    hostile = EXAMPLE["HOSTILE"]
    layers = {
        "events": {"file": "events.csv", "crs": CRS, "time_precision": "day", "note": hostile},
        "stations": STATIONS,
    }
    policy = {"posts": "stations", "label": f"Posts {hostile}", "note": NOTE}
    results.section(EXAMPLE["SECTION"], "Where patrols should stand")
    results.city(city, f"{city.title()} {hostile}", crs=CRS, layers=layers, policy=policy)
    places = [f"{hostile} {i}" for i in solved.nodes["node"]]
    kept = {"solved": solved, "today": TODAY, "places": places, "radius": RADIUS, **more}
    EXAMPLE["save"](city, CRS, solved.nodes, **kept)
    results.run(city, EXAMPLE["SECTION"], cells=[results.text("# Where", "top")])
    return results


@pytest.fixture(scope="session")
def once(tmp_path_factory, solved):
    """Folder with the town's results, to be copied."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        town(folder, patch, solved)
    return folder


@pytest.fixture
def saved(tmp_path, monkeypatch, once):
    """The town's results, in a place of their own."""
    results = PLACE(tmp_path, monkeypatch)
    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(results.root))
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    return results


@pytest.fixture(scope="module")
def kept(tmp_path_factory, solved):
    """The same for tests that only read."""
    with pytest.MonkeyPatch.context() as patch:
        yield town(tmp_path_factory.mktemp("planner"), patch, solved)
