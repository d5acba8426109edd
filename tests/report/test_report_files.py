"""The report's files: small copies of figures that look the same, archives that are the same bytes."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from helpers.report import build
from helpers.report.inventory import Output, read_inventory
from helpers.report.library import Library
from helpers.report.pictures import Copies, small_copy


@pytest.fixture
def drawn() -> bytes:
    """A picture with every grey, every hue, and a corner that is half transparent."""
    values = np.arange(256, dtype=np.uint8)
    across, down = np.meshgrid(values, values)
    picture = np.stack([across, down, across ^ down, np.full_like(across, 255)], axis=-1)
    picture[:20, :20] = (0, 0, 0, 128)
    made = io.BytesIO()
    Image.fromarray(picture).save(made, "PNG")
    return made.getvalue()


def test_a_copy_looks_like_its_figure(drawn):
    small = np.asarray(Image.open(io.BytesIO(small_copy(drawn))).convert("RGB"), dtype=int)
    figure = Image.open(io.BytesIO(drawn))
    whole = np.asarray(Image.alpha_composite(Image.new("RGBA", figure.size, "white"), figure).convert("RGB"), dtype=int)  # fmt: skip
    assert np.abs(small - whole).max() <= 3
    assert (small[whole == 255] == 255).all() and (small[whole == 0] == 0).all()
    assert small_copy(drawn) == small_copy(drawn)


def test_what_is_no_whole_picture_is_kept_as_it_is(drawn, tmp_path):
    assert small_copy(drawn[:200]) is None
    copies = Copies(tmp_path / "new", tmp_path / "old")
    copies.add("a.webp", drawn[:200], "x")
    copies.add("b.webp", drawn, "y")
    copies.close()
    assert (tmp_path / "new" / "a.webp").read_bytes() == drawn[:200]


def test_copies_that_still_hold_are_taken_over_and_others_made_anew(drawn, tmp_path, monkeypatch):
    def make(name: str, before: str, digest: str = "y") -> bytes:
        (tmp_path / name).mkdir()
        copies = Copies(tmp_path / name, tmp_path / before)
        copies.add("b.webp", drawn, digest)
        copies.close()
        return (tmp_path / name / "b.webp").read_bytes()

    first = make("first", "none")
    monkeypatch.setattr("helpers.report.pictures.small_copy", lambda raw: b"anew")
    assert make("second", "first") == first
    assert make("third", "first", "another figure") == b"anew"
    # half a file is no copy
    (tmp_path / "second" / "b.webp").write_bytes(first[:-9])
    assert make("fourth", "second") == b"anew"


def test_what_no_browser_shows_is_one_archive_a_city(filled):
    place = filled.root / "data/processed/leeds"
    inventory = read_inventory(filled.root)
    run = inventory.runs["leeds", "12_patrol_exploration"]
    archives = []
    for name in ("one", "two"):
        folder = filled.root / name
        library = Library(folder, Copies(folder, filled.root / "none"))
        kept = {}
        for file in ("b.geojson", "a.parquet", "c.gpkg", "d.csv", "e.csv"):
            (place / file).write_bytes(file.encode() * (100_000 if file == "e.csv" else 3))
            kind = "layers" if "j" in file else "table"
            output = Output(kind, file, "", "", "", place / file, "")
            kept[file] = library.add_table(run, output)
        library.close()
        archives.append((folder / "tables/leeds/leeds.zip").read_bytes())
        (place / "b.geojson").touch()
    assert kept["d.csv"] == ("tables/leeds/d.csv", False)
    assert kept["b.geojson"] == kept["e.csv"] == ("tables/leeds/leeds.zip", True)
    # its layers are in the GeoJSON files
    assert kept["c.gpkg"] is None
    with zipfile.ZipFile(io.BytesIO(archives[0])) as archive:
        assert archive.namelist() == ["a.parquet", "b.geojson", "e.csv"]
        assert archive.read("b.geojson") == b"b.geojson" * 3
    assert archives[0] == archives[1]


def test_a_page_says_which_archive_holds_a_file(filled):
    index = filled.root / "data/processed/leeds/12_patrol_exploration_outputs.json"
    layer = filled.root / "data/processed/leeds/12_patrol_exploration_map.geojson"
    layer.write_text("{}", "utf-8")
    index.write_text(
        index.read_text("utf-8").replace("12_patrol_exploration_counts.csv", layer.name), "utf-8"
    )
    report = build(filled.root).parent
    for page, up in (
        ("downloads.html", ""),
        ("notebooks/leeds/12_patrol_exploration.html", "../../"),
    ):
        assert f'in <a href="{up}tables/leeds/leeds.zip">leeds.zip</a>' in (
            report / page
        ).read_text("utf-8")
