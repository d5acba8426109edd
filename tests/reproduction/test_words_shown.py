"""What the bundled cities' notebooks say makes sense, whatever the city has or lacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers.compendium import COMPENDIUM, processed_dir
from shown import glued, nonsense, texts, words_of


def test_nothing_that_is_shown_is_nonsense(reproduced):
    wrong = []
    for path in sorted(processed_dir().glob("*/notebooks/*.ipynb")):
        seen = texts(path)
        pages = [*seen["markdown"], *map(words_of, seen["html"]), *seen["plain"]]
        wrong += [
            (path.parent.parent.name, path.stem, said) for p in pages if (said := nonsense(p))
        ]
        wrong += [(path.stem, said) for said in map(glued, seen["markdown"]) if said]
        wrong += [(path.stem, said) for said in seen["stderr"]]
    assert wrong == []


def test_no_path_of_the_machine_is_shown(reproduced):
    """A cell that ends with a path prints where the project lies on somebody's disk."""
    places = (str(processed_dir()), str(Path(__file__).resolve().parents[2]), "PosixPath(")
    found = [
        (path.parent.parent.name, path.stem, said[:80])
        for path in sorted(processed_dir().glob("*/notebooks/*.ipynb"))
        for shown in texts(path).values()
        for said in shown
        if any(place in said for place in places)
    ]
    assert found == []


@pytest.mark.parametrize(
    "slip",
    [
        "those used count 1,342 events..",
        "(no more than chance);the busiest hour",
        "the quietest 0.43\\.Of these",
        "these events have none.Emerging hot spots",
        "Of 2023 6 cells of the table",
    ],
)
def test_a_slip_is_seen(slip):
    assert glued(f"Before it. {slip} After it.")


def test_what_is_no_slip_is_none():
    right = "In 2021, 5 cells; `a..b` and `../x`; $A.Be;c$; 5 < 6 &lt; 7; see https://a.b/c;d. And 2016, 2017 too."
    assert not glued(right)


def test_each_figure_is_followed_by_its_words(reproduced):
    for path in sorted(processed_dir().glob("*/notebooks/*.ipynb")):
        said = "\n".join(texts(path)["markdown"])
        if path.parent.parent.name != COMPENDIUM:
            assert re.search(r"\*See:\*", said), path


def test_columns_of_the_files_are_known_or_names_of_the_data(reproduced):
    """A heading in snake case is ours, and has a label, a unit and a format."""
    import pandas as pd

    from helpers.compendium.columns import column

    unknown = set()
    # layers go to a GIS, beside a GeoPackage: columns there are plans, fields and measures together
    layers = tuple(f"{path.stem}_" for path in processed_dir().glob("*/[0-9][0-9]_*.gpkg"))
    for path in sorted(processed_dir().glob("*/[0-9][0-9]_*.csv")):
        if path.stem.startswith(layers):
            continue
        names = pd.read_csv(path, nrows=0).columns
        ours = [name for name in names if re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name)]
        unknown |= {(path.stem, name) for name in ours if column(name) is None}
    assert unknown == set()
