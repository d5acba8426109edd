"""The pages about the functions: whole, offline, without a warning, the same bytes every time."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from html import escape
from pathlib import Path
from urllib.parse import unquote

import pytest

from helpers.reference import MissingToolError, build_reference
from helpers.reference.entries import FOLDERS, pages, remark

HELPERS = Path(__file__).resolve().parents[2] / "src" / "helpers"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> list[tuple[Path, subprocess.CompletedProcess]]:
    """A build, by a process that hashes and tells the time in its own way."""
    started = []
    for seed, zone in (("1", "Asia/Tokyo"),):
        place = tmp_path_factory.mktemp("été")
        more = {"POLICE_PLANNING_OUTPUT": str(place), "PYTHONHASHSEED": seed, "TZ": zone}
        command = [sys.executable, "-m", "helpers.cli", "docs"]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        started.append((place, subprocess.Popen(command, env=os.environ | more, **streams)))
    done = []
    for place, process in started:
        out, err = process.communicate(timeout=300)
        ended = subprocess.CompletedProcess(process.args, process.returncode, out, err)
        done.append((place / "docs" / "api", ended))
    return done


@pytest.fixture(scope="module")
def api(made) -> dict[str, str]:
    """Every page by its address."""
    folder = made[0][0]
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.html")
    }


def test_the_build_has_no_warning(made):
    for folder, ended in made:
        assert (ended.returncode, ended.stderr) == (0, "")
        assert str(folder / "index.html") in ended.stdout
        assert [path.name for path in folder.parent.iterdir()] == ["api"]


def public() -> list[str]:
    """Public names, found without the code that makes the pages."""
    names = []
    for folder in FOLDERS:
        door = importlib.import_module(f"helpers.{folder}")
        names += [f"{door.__name__}.{name}" for name in door.__all__]
        if importlib.util.find_spec(f"{door.__name__}.study"):
            study = importlib.import_module(f"{door.__name__}.study")
            names += [
                f"{study.__name__}.{name}"
                for name, value in vars(study).items()
                if inspect.isfunction(value)
                and value.__module__.startswith(study.__name__)
                and name[0] != "_"
            ]
    return names


def test_every_public_name_has_an_entry(api):
    anchors = set(re.findall(r'id="(helpers\.[\w.]+)"', "".join(api.values())))
    assert len(public()) > 300
    assert set(public()) - anchors == set()


def test_every_method_folder_is_shown():
    no_methods = {"newcity", "runner", "report", "planner", "reference"}
    folders = {path.parent.name for path in HELPERS.glob("*/__init__.py")}
    assert folders - no_methods == set(FOLDERS)


def test_no_page_asks_the_network(api):
    for address, html in api.items():
        for tag in re.findall(r"<(?:script|link|img|iframe|source|style)\b[^>]*>", html):
            assert not re.search(r"(?:https?:)?//", tag.replace("data:,", "")), (address, tag)
        assert "default-src 'none'" in html, address
        assert "mathjax" not in html.lower(), address


def test_styles_and_scripts_ask_no_network_either(made):
    for path in (made[0][0] / "_static").glob("*.css"):
        assert not re.search(r"url\(|@import", path.read_text(encoding="utf-8")), path
    index = (made[0][0] / "index.html").read_text(encoding="utf-8")
    for name in re.findall(r'(?:src|href)="(_static/[\w.]+)', index):
        assert (made[0][0] / name).is_file(), name


def test_the_choice_of_the_theme_is_that_of_the_report(api):
    # one script serves both: it asks the button for these parts
    template = (HELPERS / "report/templates/page.html.j2").read_text(encoding="utf-8")
    button = next(line for line in template.splitlines() if 'id="theme"' in line)
    assert all(button in page for page in api.values())


def test_every_formula_is_mathml(api):
    formulas = 0
    for page in [page for folder in FOLDERS for page in pages(folder)]:
        html = api[f"{page.address}.html"]
        assert 'class="tex"' not in html, page.address
        said = " ".join(html.split())
        blocks = 0
        for entry in page.entries:
            text = (remark(entry) if entry.kind == "data" else inspect.getdoc(entry.value)) or ""
            for tex in re.findall(r":math:`([^`]+)`", text):
                note = f'<annotation encoding="application/x-tex">{escape(" ".join(tex.split()))}<'
                assert note in said, (entry.dotted, tex)
                formulas += 1
            blocks += text.count(".. math::")
        assert html.count('<div class="formula"') >= blocks, page.address
        formulas += blocks
    assert formulas > 100
    left = re.sub(r"<annotation.*?</annotation>|<pre>.*?</pre>|<code.*?</code>", "", "".join(
        html for address, html in api.items() if not address.startswith(("sources/", "compendium/"))
    ), flags=re.DOTALL)  # fmt: skip
    assert re.findall(r"\\[a-z]+|:math:|system-message", left) == []


def test_every_link_leads_somewhere(api):
    anchors = {address: set(re.findall(r'id="([^"]+)"', html)) for address, html in api.items()}
    for address, html in api.items():
        for link in re.findall(r'<a\b[^>]*?href="([^"]*)"', html):
            target, _, anchor = unquote(link.replace("&amp;", "&")).partition("#")
            where = os.path.normpath(Path(address).parent / target) if target else address
            assert where in api, (address, link)
            assert not anchor or anchor in anchors[where], (address, link)
    assert len(re.findall(r'href="[\w/]+\.html#helpers\.', api["map.html"])) > 100


def test_without_sphinx_a_sentence_says_how_to_mend_it(monkeypatch, tmp_path, capsys):
    from helpers import cli

    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path))
    monkeypatch.setattr("helpers.reference.build.find_spec", lambda name: None)
    with pytest.raises(MissingToolError):
        build_reference()
    assert cli.main(["docs"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: Sphinx and numpydoc") and "run_all.py check" in said
    assert not (tmp_path / "docs").exists()


def test_clean_removes_the_pages(monkeypatch, tmp_path):
    from helpers import cli

    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path))
    (tmp_path / "docs" / "api").mkdir(parents=True)
    (tmp_path / "docs" / "api" / "index.html").write_text("", encoding="utf-8")
    (tmp_path / "docs" / "data.md").write_text("kept", encoding="utf-8")
    assert cli.main(["clean"]) == 0
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["data.md"]
