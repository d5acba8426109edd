"""Symbols of known places are found where they are, and what cannot be read gets its sentence."""

from __future__ import annotations

import struct
import zlib
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.sources import SourceError
from helpers.sources.map_symbols import (
    BACKGROUNDS,
    TUNED,
    Symbol,
    Template,
    agreement,
    as_jpeg,
    as_png,
    background,
    decoded,
    grey,
    joined,
    locate,
    locate_each,
    normalised_correlation,
    on_paper,
    pairs_within,
    peaks,
    render,
    subpixel,
    template_of,
    visible_correlation,
)
from helpers.sources.map_symbols._kernels import symbol_shares

GALLERY = Path(__file__).resolve().parents[2] / "docs" / "gallery"
UNSEEN = [style for style in BACKGROUNDS if style not in TUNED]


def places(found: pd.DataFrame) -> np.ndarray:
    return found[["pixel_x", "pixel_y"]].to_numpy()


def picture(points, number: int = 0, *, style: str = "streets", side: int = 200, size: int = 19):
    symbol = Symbol(number, size)
    return render(np.array(points, dtype=float), symbol, background(style, side, side, 5)), symbol


# ------------------------------------------------------------------------------------ correlation


def by_hand(image: np.ndarray, template: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The formula, sum by sum."""
    rows, columns = (image.shape[k] - template.shape[k] + 1 for k in (0, 1))
    found = np.zeros((rows, columns))
    height, width = template.shape
    for y in range(rows):
        for x in range(columns):
            w = weight[y : y + height, x : x + width].astype(float)
            part = image[y : y + height, x : x + width].astype(float)
            a = part - (w * part).sum() / w.sum()
            b = template - (w * template).sum() / w.sum()
            spread = (w * a * a).sum() * (w * b * b).sum()
            found[y, x] = (w * a * b).sum() / np.sqrt(spread) if spread > 0 else 0
    return found


def test_normalised_correlation_is_its_formula():
    generator = np.random.default_rng(3)
    image = generator.integers(0, 256, (17, 23), dtype=np.uint8)
    template = generator.integers(0, 256, (5, 7), dtype=np.uint8)
    found = normalised_correlation(image, template)
    assert found == pytest.approx(by_hand(image, template, np.ones(image.shape)), abs=2e-5)
    assert found.shape == (13, 17)


def test_a_mask_leaves_pixels_out():
    generator = np.random.default_rng(4)
    image = generator.integers(0, 256, (14, 15), dtype=np.uint8)
    template = generator.integers(0, 256, (5, 5), dtype=np.uint8)
    mask = np.ones((5, 5), dtype=bool)
    mask[0, :3] = False
    other = template.copy()
    other[0, :3] = 255 - other[0, :3]
    found = normalised_correlation(image, template, mask)
    assert found == pytest.approx(normalised_correlation(image, other, mask), abs=2e-4)
    own = image[3:8, 4:9].astype(float)[mask]
    ours = template.astype(float)[mask]
    assert found[3, 4] == pytest.approx(np.corrcoef(own, ours)[0, 1], abs=2e-4)


def test_visible_correlation_is_its_formula():
    generator = np.random.default_rng(5)
    image = generator.integers(0, 256, (20, 22), dtype=np.uint8)
    visible = (generator.random((20, 22)) < 0.7).astype(np.uint8)
    colours = np.repeat(generator.integers(0, 256, (7, 7, 1), dtype=np.uint8), 3, axis=2)
    template = Template(colours, np.ones((7, 7), dtype=bool))
    found = visible_correlation(image.astype(np.float32), visible, template, 0.2)
    assert found == pytest.approx(by_hand(image, grey(colours), visible), abs=1e-4)


@pytest.mark.parametrize("masked", [True, False])
def test_sums_and_transforms_give_the_same_correlation(masked, monkeypatch):
    points = np.random.default_rng(2).uniform(0, 119, (20, 2))
    image, symbol = picture(points, side=120)
    levels, template = grey(image), symbol.template
    how = levels, grey(template.image), template.mask if masked else None
    summed = normalised_correlation(*how)
    monkeypatch.setattr("helpers.sources.map_symbols.matching.FEW", 0)
    # transforms are in single precision
    assert normalised_correlation(*how) == pytest.approx(summed, abs=5e-4)


def test_sums_and_transforms_give_the_same_correlation_of_what_shows(monkeypatch):
    image, symbol = picture([[30, 30], [36, 33]], side=70)
    shown = np.ones((70, 70), np.uint8)
    shown[22:39, 22:34] = 0
    how = grey(image), shown, symbol.template, 0.2
    summed = visible_correlation(*how)
    monkeypatch.setattr("helpers.sources.map_symbols.visible.FEW", 0)
    assert visible_correlation(*how) == pytest.approx(summed, abs=1e-4)


def test_several_thresholds_find_what_each_finds_alone():
    image, symbol = picture(np.random.default_rng(6).uniform(0, 199, (60, 2)))
    thresholds = [0.5, 0.75, 0.9]
    for overlaps in (True, False):
        together = locate_each(image, symbol.template, thresholds, overlaps=overlaps)
        for found, threshold in zip(together, thresholds, strict=True):
            alone = locate(image, symbol.template, threshold=threshold, overlaps=overlaps)
            pd.testing.assert_frame_equal(found, alone)
    assert len(together[0]) > len(together[2]) > 0


@pytest.mark.parametrize("size", [9, 19])
@pytest.mark.parametrize("number", range(8))
def test_a_stamp_is_the_mean_of_the_points_of_each_pixel(number, size):
    shares = symbol_shares(number, size, 3 / 16, -5 / 16, 6) / 36
    # rim, fill and glyph have the areas of the shapes they are
    radius = size / 2
    assert shares.sum() == pytest.approx(np.pi * radius**2, rel=0.01)
    assert shares[0].sum() == pytest.approx(np.pi * (radius**2 - (radius - 1.6) ** 2), rel=0.03)
    middle = (np.arange(shares.shape[1]) * shares[0].sum(axis=0)).sum() / shares[0].sum()
    assert middle == pytest.approx(size // 2 + 1 + 3 / 16, abs=0.03)


def test_tiles_leave_no_seam():
    image, symbol = picture(np.random.default_rng(1).uniform(0, 199, (40, 2)))
    levels, template = grey(image), grey(symbol.template.image)
    whole = normalised_correlation(levels, template)
    assert normalised_correlation(levels, template, tile=37) == pytest.approx(whole, abs=2e-3)
    one, several = locate(image, symbol.template), locate(image, symbol.template, tile=64)
    assert places(several) == pytest.approx(places(one), abs=1e-4)


def test_a_flat_image_has_no_correlation():
    template = grey(Symbol(0).template.image)
    assert not normalised_correlation(np.full((60, 70), 200, np.uint8), template).any()


def test_peaks_are_the_largest_within_their_radius():
    response = np.zeros((9, 9), dtype=np.float32)
    response[2, 2], response[2, 4], response[7, 7] = 0.9, 0.8, 0.5
    assert np.column_stack(peaks(response, 0.6)).tolist() == [[2, 2], [2, 4]]
    assert np.column_stack(peaks(response, 0.4, radius=2)).tolist() == [[2, 2], [7, 7]]
    response[2, 3] = 0.9  # a plateau of two pixels is one peak
    assert np.column_stack(peaks(response, 0.6)).tolist() == [[2, 2]]


@pytest.mark.parametrize(("right", "down"), [(0.4, -0.3), (0, 0), (-0.5, 0.5)])
def test_the_top_of_a_quadratic_is_found(right, down):
    x, y = np.meshgrid([-1, 0, 1], [-1, 0, 1])
    u, v = x - right, y - down
    assert subpixel((2 - u**2 - 0.7 * v**2 + 0.4 * u * v)[None])[0] == pytest.approx([right, down])


def test_a_saddle_and_a_plain_have_no_top():
    x, y = np.meshgrid([-1, 0, 1], [-1, 0, 1])
    assert not subpixel(np.stack([(x**2 - y**2), np.ones((3, 3))]).astype(float)).any()


# ------------------------------------------------------------------------------------- the finding


@pytest.mark.parametrize("style", ["plain", "streets"])
@pytest.mark.parametrize("place", [(80, 90), (80.25, 90.5), (80.5, 89.75), (79.8125, 90.0625)])
def test_one_symbol_between_pixels(place, style):
    image, symbol = picture([place], style=style)
    found = locate(image, symbol.template)
    assert len(found) == 1
    assert np.linalg.norm(places(found)[0] - place) < 0.15
    assert found["visible"][0] == 1


@pytest.mark.parametrize("number", range(16))
def test_every_symbol_is_found(number):
    image, symbol = picture([(60.3, 70.7), (130.5, 100.5)], number)
    assert places(locate(image, symbol.template)) == pytest.approx(
        np.array([[60.3, 70.7], [130.5, 100.5]]), abs=0.2
    )


@pytest.mark.parametrize("apart", [8, 10, 14, 18])
@pytest.mark.parametrize("angle", [0, 50, 90, 200])
def test_two_that_overlap(apart, angle):
    other = 100 + apart * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    true = np.array([other, [100, 100]])  # the second lies on top
    image, symbol = picture(true)
    found = locate(image, symbol.template)
    held = agreement(places(found), true, 1.0)
    assert (held.found, held.matched) == (2, 2)
    assert found["visible"].min() < 1


def test_a_pile_of_three():
    true = np.array([[100, 100], [109, 104], [104, 112.5]])
    image, symbol = picture(true)
    held = agreement(places(locate(image, symbol.template)), true, 1.0)
    assert (held.found, held.matched) == (3, 3)


def test_the_plain_procedure_loses_what_is_half_hidden():
    image, symbol = picture([[92, 100], [100, 100]])
    assert len(locate(image, symbol.template, overlaps=False)) == 1
    alone, _ = picture([[60.25, 70.5]])
    found = locate(alone, symbol.template, overlaps=False)
    assert places(found)[0] == pytest.approx([60.25, 70.5], abs=0.15)


@pytest.mark.parametrize("place", [(2, 90), (90, 3.5), (198, 60), (70.5, 197), (3, 4)])
def test_one_that_the_edge_cuts(place):
    image, symbol = picture([place])
    found = locate(image, symbol.template)
    assert len(found) == 1
    assert np.linalg.norm(places(found)[0] - place) < 0.6
    assert found["visible"][0] < 0.8


@pytest.mark.parametrize("factor", [0.75, 1.3, 1.6])
def test_another_scale(factor):
    size = 2 * round((19 * factor - 1) / 2) + 1
    image, _ = picture([(60.5, 70), (120, 110.25)], 1, size=size)
    found = locate(image, Symbol(1).template, scales=[0.75, 1, 1.3, 1.6])
    assert set(found["scale"]) == {factor}
    assert places(found) == pytest.approx(np.array([[60.5, 70], [120, 110.25]]), abs=0.5)


def test_several_templates_share_out_the_symbols():
    generator = np.random.default_rng(2)
    true = generator.uniform(20, 380, (60, 2))
    kind = generator.integers(0, 3, 60)
    image = background("streets", 400, 400, 1)
    for point, number in zip(true, kind, strict=True):
        image = render(point[None], Symbol(int(number)), image)
    found = locate(image, [Symbol(number).template for number in range(3)])
    for number in range(3):
        mine = places(found[found["kind"] == str(number)])
        assert agreement(mine, true[kind == number], 2).f1 > 0.95


@pytest.mark.parametrize("quality", [40, 75, 95])
def test_jpeg(quality):
    true = np.array([[50.25, 60], [150.5, 70.5], [100, 141]])
    image, symbol = picture(true)
    found = locate(decoded(as_jpeg(image, quality)), symbol.template)
    held = agreement(places(found), true, 1)
    assert (held.found, held.matched) == (3, 3)
    assert held.errors.max() < 0.3


def test_tiles_of_a_web_map_are_joined():
    true = np.random.default_rng(9).uniform(0, 255, (30, 2))
    image, symbol = picture(true, side=256)
    tiles = [[image[r : r + 64, c : c + 64] for c in range(0, 256, 64)] for r in range(0, 256, 64)]
    assert np.array_equal(joined(tiles), image)
    cut = sum(len(locate(tile, symbol.template)) for row in tiles for tile in row)
    assert cut > len(locate(joined(tiles), symbol.template))


@pytest.mark.parametrize("style", UNSEEN)
def test_f1_on_backgrounds_that_were_not_looked_at(style):
    """At 60 symbols in 400 × 400 pixels, a crowding of 0.4: that of the densest layers."""
    matched = total = 0
    errors = []
    for seed in (1, 2, 3):
        generator = np.random.default_rng(seed)
        true = generator.uniform(10, 389, (60, 2))
        symbol = Symbol(int(generator.integers(8)))
        ground = background(style, 400, 400, seed)
        image = decoded(as_jpeg(render(true, symbol, ground)))
        held = agreement(places(locate(image, symbol.template)), true, 4.75)
        matched, total = matched + held.matched, total + held.found + held.true
        errors.append(held.errors)
    assert 2 * matched / total >= 0.97
    assert np.concatenate(errors).mean() < 0.2
    assert np.concatenate(errors).max() < 1


@pytest.mark.parametrize("name", ["leeds/12_patrol_exploration_density", "21_district_hot_spots"])
def test_f1_on_a_printed_map(name):
    """Maps of the gallery: lines, letters, colours that nobody drew for this."""
    file = next(path for path in sorted(GALLERY.rglob("*.png")) if name in path.as_posix())
    ground = on_paper(decoded(file.read_bytes()))
    rows, columns = ground.shape[:2]
    generator = np.random.default_rng(7)
    true = generator.uniform(10, [columns - 11, rows - 11], (rows * columns // 3000, 2))
    image = decoded(as_jpeg(render(true, Symbol(3), ground)))
    held = agreement(places(locate(image, Symbol(3).template)), true, 4.75)
    assert held.f1 >= 0.97
    assert held.rms_error < 0.5


def test_the_same_again_is_the_same():
    true = np.random.default_rng(8).uniform(0, 299, (80, 2))
    image, symbol = picture(true, style="aerial", side=300)
    assert np.array_equal(background("aerial", 90, 80, 2), background("aerial", 90, 80, 2))
    assert not np.array_equal(background("aerial", 90, 80, 2), background("aerial", 90, 80, 3))
    assert as_jpeg(image) == as_jpeg(image)
    pd.testing.assert_frame_equal(
        locate(image, symbol.template), locate(image, symbol.template), check_exact=True
    )


# ------------------------------------------------------------------------------------ what is drawn


def test_a_symbol_is_drawn_where_it_should_be():
    ground = np.zeros((61, 61, 3), dtype=np.uint8)
    for right, down in [(0, 0), (0.25, -0.5), (0.4375, 0.125)]:
        _, cover = Symbol(2).stamp(right, down)
        y, x = np.mgrid[: cover.shape[0], : cover.shape[1]] - cover.shape[0] // 2
        assert cover.sum() == pytest.approx(np.pi * 9.5**2, rel=0.01)
        assert (cover * x).sum() / cover.sum() == pytest.approx(right, abs=0.02)
        assert (cover * y).sum() / cover.sum() == pytest.approx(down, abs=0.02)
    drawn = render(np.array([[30, 30], [500, 500], [-9, 30]]), Symbol(2), ground)
    assert not ground.any()
    assert drawn[30, 30].tolist() == [255, 255, 255]
    assert drawn[:, 0].any()  # the third is cut by the edge; the second is off the picture
    assert not drawn[0].any()


def test_the_later_symbol_lies_on_top():
    ground = background("plain", 60, 60, 1)
    image = render(np.array([[30, 30], [36, 30]]), Symbol(1), ground)
    top = render(np.array([[36, 30]]), Symbol(1), ground)
    assert np.array_equal(image[25:36, 32:42], top[25:36, 32:42])


def test_png_keeps_every_pixel_and_opacity_makes_the_mask():
    colours, cover = Symbol(4).stamp(0, 0)
    shown = np.dstack([colours, 255 * cover]).round().astype(np.uint8)
    again = decoded(as_png(shown))
    assert np.array_equal(again, shown)
    template = template_of(again, "theft")
    assert template.mask.sum() == (cover > 127.5 / 255).sum()
    assert template_of(again[..., :3]).mask.all()
    assert on_paper(again)[0, 0].tolist() == [255, 255, 255]


def test_the_core_is_symbol_only():
    template = Symbol(0).template
    assert template.mask[template.core].all()
    assert template.mask[template.core].size == 13 * 15  # of a disc 19 pixels wide


# ------------------------------------------------------------------------------------- agreement


def test_pairs_are_as_many_as_can_be_and_then_the_nearest():
    generator = np.random.default_rng(6)
    for _ in range(40):
        found, true = generator.uniform(0, 6, (5, 2)), generator.uniform(0, 6, (5, 2))
        apart = np.linalg.norm(found[:, None] - true[None], axis=2)
        best = min(
            (-sum(d <= 1.5 for d in ds), sum(d for d in ds if d <= 1.5))
            for ds in ([apart[i, j] for i, j in enumerate(p)] for p in permutations(range(5)))
        )
        mine, theirs = pairs_within(found, true, 1.5)
        assert len(mine) == -best[0]
        assert apart[mine, theirs].sum() == pytest.approx(best[1])


def test_scores_are_their_formulas():
    found = np.array([[0, 0], [10, 0], [50, 50]])
    true = np.array([[0, 1], [10, 2], [11, 0], [80, 80]])
    held = agreement(found, true, 3)
    assert (held.found, held.true, held.matched) == (3, 4, 2)
    assert held.precision == pytest.approx(2 / 3)
    assert held.recall == 0.5
    assert held.f1 == pytest.approx(4 / 7)
    assert held.errors.tolist() == [1, 1]
    assert held.mean_error == held.rms_error == 1


def test_nothing_found_and_nothing_there():
    none, some = np.empty((0, 2)), np.array([[1, 1]])
    assert (agreement(none, some, 1).recall, agreement(none, some, 1).precision) == (0, 1)
    assert (agreement(some, none, 1).recall, agreement(some, none, 1).precision) == (1, 0)
    assert agreement(none, none, 1).f1 == 1
    assert agreement(none, none, 1).mean_error == 0


# -------------------------------------------------------------------------------------- bad inputs


@pytest.mark.parametrize("overlaps", [True, False])
@pytest.mark.parametrize("style", ["plain", "aerial"])
def test_no_match_is_an_empty_table(style, overlaps):
    ground = background(style, 120, 140, 1)
    found = locate(ground, Symbol(0).template, overlaps=overlaps)
    assert found.columns.tolist() == [
        "kind",
        "pixel_x",
        "pixel_y",
        "correlation",
        "visible",
        "scale",
    ]
    assert len(found) == 0


@pytest.mark.parametrize("overlaps", [True, False])
def test_a_template_larger_than_the_image(overlaps):
    small = background("plain", 10, 14, 1)
    with pytest.raises(SourceError, match=r"21 × 21 pixels is larger than the image of 14 × 10"):
        locate(small, Symbol(0, 19).template, overlaps=overlaps)


def test_a_template_of_one_colour():
    flat = np.full((9, 9, 3), 130, dtype=np.uint8)
    with pytest.raises(SourceError, match=r"the template 'theft' is of one colour.*cut it"):
        template_of(flat, "theft")


@pytest.mark.parametrize(
    "data", [b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, as_png(np.zeros((9, 9, 3), np.uint8))[:50]]
)  # fmt: skip
def test_an_unreadable_image(data):
    with pytest.raises(SourceError, match=r"town/map.png is no picture that can be read"):
        decoded(data, "town/map.png")


def test_a_picture_that_unfolds_to_gigabytes():
    head = bytearray(as_png(np.zeros((9, 9, 3), np.uint8)))
    head[16:24] = struct.pack(">II", 60_000, 60_000)
    head[29:33] = struct.pack(">I", zlib.crc32(bytes(head[12:29])))
    with pytest.raises(SourceError, match=r"no picture that can be read|60,000 × 60,000 pixels"):
        decoded(bytes(head), "town/map.png")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"threshold": 1.5}, "threshold is a number between 0 and 1, not 1.5"),
        ({"scales": [0]}, "scale is a positive number, not 0"),
        ({"scales": [0.1]}, "under five pixels at the scale 0.1"),
        ({"least_visible": 0}, "least_visible is a share above 0"),
    ],
)
def test_settings_that_make_no_sense(more, sentence):
    image, symbol = picture([(50, 50)])
    with pytest.raises(SourceError, match=sentence):
        locate(image, symbol.template, **more)


def test_no_template_and_no_colour():
    image, symbol = picture([(50, 50)])
    with pytest.raises(SourceError, match="no template"):
        locate(image, [])
    with pytest.raises(SourceError, match="rows × columns × 3"):
        locate(grey(image), symbol.template)


def test_tiles_that_do_not_fit():
    tile = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(SourceError, match="row 1 differ in height"):
        joined([[tile, tile[:3]]])
    with pytest.raises(SourceError, match="is one missing"):
        joined([[tile, tile], [tile]])
    with pytest.raises(SourceError, match="no tiles"):
        joined([])


def test_unknown_background():
    with pytest.raises(ValueError, match="did you mean 'streets'"):
        background("street", 9, 9, 1)
