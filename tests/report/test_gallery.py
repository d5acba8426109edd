"""The gallery: copies of what a run drew, renewed where a reader could see the difference."""

from __future__ import annotations

import io

import pytest
import yaml
from PIL import Image

from helpers.report.gallery import GALLERY, LARGEST, MOST, GalleryError, astray, renew

CHOICE = ["leeds/12_patrol_exploration_counts", "setubal/21_district_hot_spots_hot"]


@pytest.fixture
def gallery(tmp_path):
    """A folder that chooses two of the figures."""
    folder = tmp_path / "gallery"
    folder.mkdir()
    choose(folder, CHOICE)
    return folder


def choose(folder, names) -> None:
    (folder / "gallery.yml").write_text(yaml.safe_dump({"figures": names}), encoding="utf-8")


def grey(level: int, size=(64, 48)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, (level,) * 3).save(stream, "PNG")
    return stream.getvalue()


def test_the_chosen_figures_are_copied_and_named(filled, gallery):
    renewed = renew(filled.root, gallery)
    assert [path.relative_to(gallery).as_posix() for path in renewed] == [
        "README.md", "leeds/12_patrol_exploration_counts.png", "setubal/21_district_hot_spots_hot.png",
    ]  # fmt: skip
    drawn = filled.root / "figures/leeds/12_patrol_exploration_counts.png"
    assert (gallery / f"{CHOICE[0]}.png").read_bytes() == drawn.read_bytes()
    page = (gallery / "README.md").read_text(encoding="utf-8")
    assert "[12 Patrol exploration](../../notebooks/12_patrol_exploration.ipynb) · Leeds" in page
    assert "![Title of counts](leeds/12_patrol_exploration_counts.png)" in page
    assert "Crime counts by year & kind." in page
    assert "· Setúbal · schematic" in page
    assert astray(filled.root, gallery) == []
    assert renew(filled.root, gallery) == []


def test_what_nobody_can_see_is_no_other_figure(filled, gallery):
    renew(filled.root, gallery)
    drawn = filled.root / "figures/leeds/12_patrol_exploration_counts.png"
    # it was drawn at 200 of 255
    drawn.write_bytes(grey(203))
    assert astray(filled.root, gallery) == []
    assert renew(filled.root, gallery) == []
    drawn.write_bytes(grey(204))
    assert astray(filled.root, gallery) == [f"{CHOICE[0]}.png is not the figure that the run drew"]
    assert renew(filled.root, gallery) == [gallery / f"{CHOICE[0]}.png"]
    drawn.write_bytes(grey(204, (64, 49)))
    assert len(astray(filled.root, gallery)) == 1


def test_a_figure_no_longer_chosen_goes(filled, gallery):
    renew(filled.root, gallery)
    choose(gallery, CHOICE[1:])
    assert f"{CHOICE[0]}.png is in no line of gallery.yml" in astray(filled.root, gallery)
    renew(filled.root, gallery)
    assert not (gallery / f"{CHOICE[0]}.png").exists()
    assert astray(filled.root, gallery) == []


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["leeds/12_no_such"], "names 'leeds/12_no_such', which no run has drawn"),
        (["../leeds/12_patrol_exploration_counts"], "which no run has drawn"),
        ([CHOICE[0]] * 2, "at most 16 figures, each once"),
        ([f"leeds/{number}" for number in range(17)], "at most 16 figures, each once"),
        ([7], "as texts"),
        (None, "as texts"),
    ],
)
def test_a_wrong_choice_is_refused_with_the_mend(filled, gallery, names, sentence):
    choose(gallery, names)
    with pytest.raises(GalleryError, match=sentence):
        renew(filled.root, gallery)
    assert sorted(path.name for path in gallery.iterdir()) == ["gallery.yml"]


def test_the_committed_gallery_is_small_and_named(shown=GALLERY):
    names = yaml.safe_load((shown / "gallery.yml").read_text(encoding="utf-8"))["figures"]
    pictures = list(shown.rglob("*.png"))
    places = {path.relative_to(shown).with_suffix("").as_posix() for path in pictures}
    assert places == set(names) and len(names) <= MOST
    assert sum(path.stat().st_size for path in pictures) < LARGEST
    page = (shown / "README.md").read_text(encoding="utf-8")
    assert all(f"]({name}.png)" in page for name in names)
    # every city of the project, and every paper
    assert {name.partition("/")[0] for name in names} >= {
        "leeds",
        "san_miguel",
        "setubal",
        "recife",
    }
