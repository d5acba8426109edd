"""Runs of tiny sections: what is made, what is kept, what is made again, and how a run ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUTPUTS = ("figures", "data/processed", "report", "scratch", "cities")
DRAW = """import matplotlib.pyplot as plt

figure, axes = plt.subplots()
section.figure(figure, "line", title="Line", caption="A line.")"""


def processed(project):
    return project / "data" / "processed" / "setubal"


def states(project) -> dict[str, str]:
    entries = json.loads((project / "data/processed/run.json").read_text(encoding="utf-8"))
    return {entry["section"]: entry["state"] for entry in entries}


def test_a_run_a_repeat_and_a_change(project, notebook, compendium):
    notebook("97_tiny")
    notebook("98_needs_events", needs=("events",))
    first = compendium("run", "--jobs", "1")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "97_tiny" in first.stdout
    assert states(project) == {"97_tiny": "done", "98_needs_events": "not run"}
    assert "city has no events" in first.stdout
    table = processed(project) / "97_tiny_counts.csv"
    assert table.read_text(encoding="utf-8") == "n\n3\n"
    about = json.loads(table.with_name(table.name + ".json").read_text(encoding="utf-8"))
    assert about["provenance"]["parameters"] == {"seed": 1, "count": 3}
    assert (project / "report" / "index.html").is_file()

    again = compendium()
    assert again.returncode == 0
    assert "Everything is up to date" in again.stdout

    # a result removed, or written over by hand, is made again
    table.write_text("n\n99\n", encoding="utf-8")
    assert compendium().returncode == 0
    assert table.read_text(encoding="utf-8") == "n\n3\n"

    # another parameter makes the section run, and its return makes it run once more
    assert compendium("-p", "count=5", "--section", "97").returncode == 0
    assert table.read_text(encoding="utf-8") == "n\n5\n"
    assert compendium().returncode == 0
    assert table.read_text(encoding="utf-8") == "n\n3\n"

    # what a section no longer makes does not stay behind
    notebook("97_tiny", body="section.number('other', 1)")
    (processed(project) / "97_tiny_old.csv").write_text("left over", encoding="utf-8")
    assert compendium().returncode == 0
    assert not (processed(project) / "97_tiny_old.csv").exists()


def test_a_failed_section_keeps_its_partial_notebook_and_stops_none(project, notebook, compendium):
    notebook("96_breaks", body="raise RuntimeError('the bridge is out')")
    notebook("97_tiny")
    notebook("98_follows", after=("96_breaks",))
    said = compendium("run")
    assert said.returncode == 1
    assert "RuntimeError: the bridge is out" in said.stdout
    assert "raise RuntimeError" in said.stdout
    assert states(project) == {"96_breaks": "failed", "97_tiny": "done", "98_follows": "failed"}
    partial = processed(project) / "notebooks" / "96_breaks.partial.ipynb"
    assert "the bridge is out" in partial.read_text(encoding="utf-8")
    assert "96_breaks.partial.ipynb" in said.stdout

    # the next run goes on with what is missing, and the partial notebook gives way to the whole
    notebook("96_breaks", body="section.number('bridge', 1)")
    said = compendium("run")
    assert said.returncode == 0, said.stdout
    assert states(project) == {"96_breaks": "done", "97_tiny": "done", "98_follows": "done"}
    assert not partial.exists()


def test_a_section_runs_without_what_it_can_do_without(project, notebook, compendium):
    notebook("97_needs_events", needs=("events",))
    notebook("98_uses_it", after=("96_of_another_project", "97_needs_events (optional)"))
    notebook("99_stands_on_it", after=("97_needs_events",))
    said = compendium("run")
    assert said.returncode == 0, said.stdout + said.stderr
    assert states(project) == {
        "97_needs_events": "not run", "98_uses_it": "done", "99_stands_on_it": "not run",
    }  # fmt: skip
    assert "section 97_needs_events has not run: city has no events" in said.stdout


def test_a_misspelt_parameter_stops_everything_before_it_starts(project, notebook, compendium):
    notebook("97_tiny")
    said = compendium("run", "-p", "cuont=4")
    assert said.returncode == 2
    assert "did you mean 'count'" in said.stderr
    assert not processed(project).exists()
    said = compendium("run", "-p", "count=many")
    assert said.returncode == 2
    assert "takes a whole number such as 3, not 'many'" in said.stderr


def test_bad_requests_say_what_to_do(project, notebook, compendium):
    notebook("97_tiny")
    notebook("98_needs_events", needs=("events",))
    for words, sentence in {
        ("rnu",): "did you mean 'run'",
        ("run", "--city", "setubla"): "setubal",
        ("run", "--city", "../../etc"): "no city named",
        ("run", "--section", "97_tyni"): "did you mean '97_tiny'",
        ("run", "--city", "setubal", "--section", "98"): "city has no events",
        ("run", "-p", "count"): "-p name=value",
        ("run", "-p", "city=leeds"): "--city",
        ("run", "--jobs", "-3"): "--jobs",
        ("run", "--frobnicate"): "run has no option '--frobnicate'",
        ("run", "--secton", "97"): "did you mean '--section'",
    }.items():
        said = compendium(*words)
        assert said.returncode == 2, words
        assert sentence in said.stderr, (words, said.stderr)
        assert "Traceback" not in said.stderr
    assert not processed(project).exists()


def test_a_broken_city_is_refused_before_any_section_runs(project, notebook, compendium):
    notebook("97_tiny")
    card = project / "data" / "raw" / "setubal" / "freguesias.csv"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("2295", "-2295", 1), encoding="utf-8")
    said = compendium("run")
    assert said.returncode == 2
    assert "freguesias.csv" in said.stderr
    assert not (processed(project) / "97_tiny_counts.csv").exists()


def test_city_settings_reach_only_parameters_that_are_auto(project, notebook, compendium):
    notebook("97_tiny")
    card = project / "data" / "raw" / "setubal" / "city.yml"
    text = card.read_text(encoding="utf-8")
    assert "parameters:\n" in text
    card.write_text(
        text.replace("parameters:\n", "parameters:\n  97_tiny: {count: 9}\n"), encoding="utf-8"
    )
    said = compendium("run")
    assert said.returncode == 2
    assert "sets 'count' for section 97_tiny" in said.stderr


def test_two_runs_at_once_do_not_meet(project, notebook, compendium):
    import fcntl

    notebook("97_tiny")
    lock = project / "data" / "processed" / ".lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        said = compendium("run")
    assert said.returncode == 2
    assert "another run is at work" in said.stderr


def test_list_and_clean(project, notebook, compendium):
    notebook("97_tiny")
    assert "to run" in compendium("list").stdout
    assert compendium("run").returncode == 0
    assert "up to date" in compendium("list").stdout
    for folder in ("scratch", "cities"):
        (project / folder).mkdir()
        (project / folder / "mine.txt").write_text("mine", encoding="utf-8")
    assert compendium("clean").returncode == 0
    assert not processed(project).exists()
    assert not (project / "report").exists()
    assert not (project / "figures").exists()
    assert (project / "data/raw/setubal/city.yml").is_file()
    assert (project / "scratch/mine.txt").is_file() and (project / "cities/mine.txt").is_file()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_nothing_that_git_tracks_is_written(project, notebook, compendium):
    notebook("97_tiny", body=DRAW)
    pages = [f"{folder}/README.md" for folder in OUTPUTS]
    for name in (".gitignore", *pages):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project / name)

    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.invalid", *words]
        return subprocess.run(
            command, cwd=project, capture_output=True, text=True, check=True
        ).stdout

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "as cloned")
    assert set(git("ls-files", *OUTPUTS).split()) == set(pages)
    said = compendium("run")
    assert said.returncode == 0, said.stdout + said.stderr
    assert (project / "figures/setubal/97_tiny_line.png").is_file()
    assert (project / "report/index.html").is_file()
    assert git("status", "--porcelain") == ""
    assert "Everything is up to date" in compendium("run").stdout
    # a page that says more now is no damage, and no reason to build anything again
    (project / "report/README.md").write_text("more", encoding="utf-8")
    said = compendium("run").stdout
    assert "Everything is up to date" in said and "made again" not in said
    assert (project / "report/README.md").read_text(encoding="utf-8") == "more"
    git("checkout", "--quiet", "report")
    assert compendium("clean").returncode == 0
    assert git("status", "--porcelain") == ""
    assert sorted(path.name for path in (project / "report").iterdir()) == ["README.md"]
    assert sorted(path.name for path in (project / "figures").iterdir()) == ["README.md"]


def test_a_city_may_be_named_by_a_path_from_wherever_the_user_stands(project, notebook, compendium):
    notebook("97_tiny")
    town = project.parent / "my-town"
    (project / "data" / "raw" / "setubal").rename(town)
    said = compendium("run", "--city", "my-town", cwd=project.parent)
    assert said.returncode == 0, said.stdout + said.stderr
    table = project / "data" / "processed" / "my-town" / "97_tiny_counts.csv"
    assert table.read_text(encoding="utf-8") == "n\n3\n"
    # the same city by any other path is the same city, and up to date
    for folder, path in {
        project: "../my-town",
        project / "notebooks": "../../my-town",
        town: str(town),
    }.items():
        again = compendium("run", "--city", path, cwd=folder)
        assert "Everything is up to date" in again.stdout, (path, again.stdout, again.stderr)


def test_what_a_card_leaves_out_is_told(project, notebook, compendium):
    notebook("97_tiny", needs=("events",))
    raw = project / "data" / "raw" / "setubal"
    (raw / "events.csv").write_text(
        "kind,time,x,y\nTheft,2020-01,-80000,-120000\nTheft,2020-01,,\n", encoding="utf-8"
    )
    card = (raw / "city.yml").read_text(encoding="utf-8")
    layer = "layers:\n  events: {file: events.csv, time_precision: month, without_place: drop}\n"
    (raw / "city.yml").write_text(card.replace("layers:\n", layer), encoding="utf-8")
    told = "1 of 2 events have no coordinates and are left out."
    said = compendium("run")
    assert f"setubal: {told}" in said.stdout, said.stdout + said.stderr
    assert f"setubal: {told}" in compendium("run").stdout
    assert told in (project / "report" / "sources.html").read_text(encoding="utf-8")
    page = project / "report" / "quality" / "setubal.html"
    assert f"left out as city.yml says: {told}" in page.read_text(encoding="utf-8")

    # the page about the data follows the city's folder, also where no section reads the file
    figure = project / "figures" / "setubal" / "quality_map.png"
    before = figure.stat().st_mtime_ns
    (raw / "SOURCES.md").write_text("- Who may be asked: …\n", encoding="utf-8")
    assert "Everything is up to date" in compendium("run").stdout
    assert "<li>Who may be asked</li>" in page.read_text(encoding="utf-8")
    after = figure.stat().st_mtime_ns
    assert after > before
    figure.unlink()
    said = compendium("run").stdout
    assert "made again" in said and "quality_map.png" in said
    made = figure.stat().st_mtime_ns
    compendium("run")
    assert figure.stat().st_mtime_ns == made


def test_a_city_is_forgotten_with_its_folder(project, notebook, compendium):
    notebook("97_tiny")
    town = project.parent / "my-town"
    (project / "data" / "raw" / "setubal").rename(town)
    assert compendium("run", "--city", str(town)).returncode == 0
    assert len(states(project)) == 1
    town.rename(project / "data" / "raw" / "setubal")
    assert compendium("run").returncode == 0
    entries = json.loads((project / "data/processed/run.json").read_text(encoding="utf-8"))
    assert [entry["city"] for entry in entries] == ["setubal"]


def test_a_bundled_city_by_its_path_is_that_city(project, notebook):
    ask = "from helpers.runner import make_plan; print(make_plan(['data/raw/setubal'])[0])"
    say = {"cwd": project, "capture_output": True, "encoding": "utf-8", "check": True}
    notebook("97_tiny")
    environment = {**os.environ, "PYTHONPATH": str(project / "src")}
    told = subprocess.run([sys.executable, "-c", ask], env=environment, **say).stdout
    assert "parameters={'city': 'setubal'}" in told


def test_results_lie_in_one_place_also_where_it_is_named_from_here(project, notebook, monkeypatch):
    notebook("97_tiny")
    environment = {**os.environ, "PYTHONPATH": str(project / "src")}
    environment["POLICE_PLANNING_OUTPUT"] = "scratch/trial"
    command = [sys.executable, "-m", "helpers.cli", "run"]
    say = {"cwd": project, "env": environment, "capture_output": True, "encoding": "utf-8"}
    assert subprocess.run(command, check=False, **say).returncode == 0
    assert (project / "scratch/trial/data/processed/setubal/97_tiny_counts.csv").is_file()
    assert not (project / "notebooks/scratch").exists()


def test_two_cities_of_one_name_are_refused(project, notebook, compendium):
    notebook("97_tiny")
    for place in ("a", "b"):
        shutil.copytree(project / "data/raw/setubal", project / place / "town")
    said = compendium("run", "--city", "a/town", "--city", "b/town", cwd=project)
    assert said.returncode == 2
    assert "two cities are named 'town'" in said.stderr
    assert "rename one folder" in said.stderr
    # one city named twice is one city
    said = compendium("run", "--city", "a/town", "--city", "./a/town", cwd=project)
    assert said.stdout.count("done") == 1


def test_own_cities_are_listed_first(project, notebook, compendium):
    notebook("97_tiny")
    shutil.copytree(project / "data/raw/setubal", project / "cities/town")
    shutil.copytree(project / "data/raw/setubal", project / "cities/broken")
    (project / "cities/broken/city.yml").write_text("title: [")
    said = compendium("list")
    assert said.returncode == 0
    lines = [line.split()[0] for line in said.stdout.splitlines()[1:]]
    assert lines.index("town") < lines.index("setubal")
    assert "broken/city.yml" in said.stderr
