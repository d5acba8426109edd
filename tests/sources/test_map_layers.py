"""From files to places: world files, control points, and a city's own map read from its folder."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from helpers.sources import SourceError
from helpers.sources.map_symbols import (
    Symbol,
    agreement,
    as_jpeg,
    as_png,
    background,
    north_up,
    of_control_points,
    read_georeference,
    read_published,
    read_world_file,
    render,
)

UTM = "EPSG:32718"
PIXELS = np.array([[0, 0], [900, 20], [30, 700], [880, 720]], dtype=float)
TURNED = np.array([[1.9, 0.4, 270_000.0], [0.3, -2.1, 8_665_000.0]])


def table(**columns) -> bytes:
    return pd.DataFrame(columns).to_csv(index=False).encode()


def test_a_world_file_says_where_pixels_are():
    found = read_world_file("2.0\n0.0\n0.0\n-2.0\n1000.5\n5000.25\n")
    assert found.places([[0, 0], [10, 3]]).tolist() == [[1000.5, 5000.25], [1020.5, 4994.25]]
    assert found.unit_per_pixel == 2
    again = read_world_file(found.world_file)
    assert np.array_equal(again.matrix, found.matrix)
    assert np.array_equal(north_up(1000.5, 5000.25, 2).matrix, found.matrix)


def test_there_and_back():
    reference = of_control_points(PIXELS, PIXELS @ TURNED[:, :2].T + TURNED[:, 2])
    assert reference.matrix == pytest.approx(TURNED, rel=1e-9)
    assert reference.rms < 1e-6
    assert reference.points == 4
    assert reference.pixels(reference.places(PIXELS)) == pytest.approx(PIXELS, abs=1e-6)


def test_control_points_are_fitted_by_least_squares():
    # four corners of a square, one of them off by 4: each residual is 1
    square = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=float)
    places = square.copy()
    places[3, 0] += 4
    found = of_control_points(square, places)
    assert found.rms == pytest.approx(1)
    assert found.places([[0.5, 0.5]])[0] == pytest.approx([1.5, 0.5])


def test_control_points_in_degrees_come_to_the_city_s_system():
    places = PIXELS @ TURNED[:, :2].T + TURNED[:, 2]
    lon, lat = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True).transform(*places.T)
    x, y = PIXELS.T
    found = read_georeference(table(pixel_x=x, pixel_y=y, lon=lon, lat=lat), UTM)
    assert found.places(PIXELS) == pytest.approx(places, abs=0.01)
    metres = table(pixel_x=x, pixel_y=y, x=places[:, 0], y=places[:, 1])
    assert read_georeference(metres, UTM).places(PIXELS) == pytest.approx(places, abs=1e-4)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"2\n0\n0\n-2\n1000\n", "write six numbers"),
        (b"2\n0\n0\nx\n1000\n5000\n", "write six numbers"),
        (b"2\n0\n0\n0\n1000\n5000\n", "one line"),
        (b"0.00002\n0\n0\n-0.00002\n-77.1\n-12.05\n", "is in degrees, not in EPSG:32718"),
        (b"\xff\xfe\x00", "is no text"),
        (table(pixel_x=[1, 2, 3], pixel_z=[1, 2, 5], x=[1, 2, 3], y=[1, 2, 4]), "did you mean"),
        (table(pixel_x=[1, 2, 3], pixel_y=[1, 2, 5], x=[1, 2, 3]), "no column 'y'"),
        (table(pixel_x=[1, 2], pixel_y=[1, 2], x=[1, 2], y=[1, 2]), "2 control points; give three"),
        (table(pixel_x=[1, 2, 3], pixel_y=[1, 2, 3], x=[1, 2, 3], y=[1, 2, 4]), "lie on a line"),
        (table(pixel_x=[1, 2, "?"], pixel_y=[1, 2, 5], x=[1, 2, 3], y=[1, 2, 4]), "row 4, column"),
        (table(pixel_x=[0, 9, 0], pixel_y=[0, 0, 9], lon=[-12, -12, -12], lat=[-77, -77, 99]),
         "is lon before lat"),
    ],
)  # fmt: skip
def test_a_georeference_that_is_none(data, sentence):
    with pytest.raises(SourceError, match=sentence):
        read_georeference(data, UTM, "town/points.csv")


# -------------------------------------------------------------------------- a city's own map


@pytest.fixture
def town(tmp_path):
    """Two kinds in one picture, a third in another; 20 symbols each, all apart."""
    generator = np.random.default_rng(4)
    lattice = np.stack(np.meshgrid(np.arange(40, 600, 50), np.arange(40, 400, 50)), -1)
    spots = lattice.reshape(-1, 2) + generator.uniform(-6, 6, (lattice.size // 2, 2))
    spots = generator.permutation(spots)[:60].reshape(3, 20, 2)
    reference = north_up(270_000, 8_666_000, 2.5)
    names = ["theft", "robbery", "fraud"]
    first = render(spots[0], Symbol(0), background("streets", 430, 640, 1))
    first = render(spots[1], Symbol(1), first)
    second = render(spots[2], Symbol(2), background("aerial", 430, 640, 1))
    (tmp_path / "first.jpg").write_bytes(as_jpeg(first))
    (tmp_path / "second.png").write_bytes(as_png(second))
    (tmp_path / "map.wld").write_text(reference.world_file)
    pixels, places = PIXELS / 2, reference.places(PIXELS / 2)
    (tmp_path / "points.csv").write_bytes(
        table(pixel_x=pixels[:, 0], pixel_y=pixels[:, 1], x=places[:, 0], y=places[:, 1])
    )
    for number, name in enumerate(names):
        colours, cover = Symbol(number).stamp(0, 0)
        shown = np.dstack([colours, 255 * cover]).round().astype(np.uint8)
        (tmp_path / f"{name}.png").write_bytes(as_png(shown))
    layers = pd.DataFrame(
        {
            "kind": names,
            "image": [tmp_path / name for name in ("first.jpg", "first.jpg", "second.png")],
            "template": [tmp_path / f"{name}.png" for name in names],
            "georeference": [tmp_path / name for name in ("map.wld", "map.wld", "points.csv")],
            "year": [2018, 2018, 2019],
        }
    )
    return tmp_path, layers, {name: reference.places(spots[k]) for k, name in enumerate(names)}


def test_every_symbol_gets_its_kind_and_its_place(town):
    _, layers, true = town
    found, told = read_published(layers, UTM)
    assert found["kind"].value_counts().to_dict() == dict.fromkeys(true, 20)
    for kind, places in true.items():
        mine = found.loc[found["kind"] == kind, ["x", "y"]].to_numpy()
        held = agreement(mine, places, 2.5)
        assert held.matched == 20
        assert held.mean_error < 0.4
    assert found.groupby("kind")["year"].first().to_dict() == dict(
        zip(layers["kind"], layers["year"], strict=True)
    )
    assert told["symbols"].tolist() == [20, 20, 20]
    assert told["template_px"].tolist() == [21, 21, 21]
    assert told["control_points"].tolist() == [0, 0, 4]
    assert told["metres_per_pixel"].to_numpy() == pytest.approx(2.5)


def test_nothing_above_the_threshold_is_no_row(town):
    folder, layers, _ = town
    (folder / "second.png").write_bytes(as_png(background("aerial", 430, 640, 2)))
    found, told = read_published(layers[2:], UTM)
    assert (len(found), told["symbols"].tolist()) == (0, [0])
    assert found.columns.tolist() == ["kind", "x", "y", "correlation", "visible", "image", "year"]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("first.jpg", b"image", "first.jpg is no picture that can be read"),
        ("theft.png", b"mark", "theft.png is no picture that can be read"),
        ("first.jpg", b"", "first.jpg is empty"),
        ("theft.png", as_png(np.full((9, 9, 3), 7, np.uint8)), "is of one colour"),
        ("first.jpg", as_png(np.zeros((9, 9, 3), np.uint8)), "first.jpg: the template of 21 × 21"),
        ("map.wld", b"1 2 3", "map.wld is no world file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(town, name, data, sentence):
    folder, layers, _ = town
    (folder / name).write_bytes(data)
    with pytest.raises(SourceError, match=sentence):
        read_published(layers, UTM)
