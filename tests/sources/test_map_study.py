"""The tables of section 11: layers drawn from known places and read back."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import load_city
from helpers.sources import SourceError
from helpers.sources.map_symbols import Symbol, background, study

BOUNDS = (430_000.0, 430_000.0, 432_000.0, 431_500.0)


def events(count: int = 60, seed: int = 1) -> gpd.GeoDataFrame:
    generator = np.random.default_rng(seed)
    places = generator.uniform(BOUNDS[:2], BOUNDS[2:], (count, 2))
    return gpd.GeoDataFrame(
        {
            "kind": generator.choice(["Theft", "Assault"], count),
            "time": pd.Timestamp("2018-03-01") + pd.to_timedelta(generator.integers(0, 600, count), "D"),
        },
        geometry=gpd.points_from_xy(*places.T),
        crs="EPSG:27700",
    )  # fmt: skip


def test_a_sheet_has_the_window_and_a_margin():
    sheet = study.sheet_of(BOUNDS, 19)
    assert (sheet.per_pixel, sheet.columns, sheet.rows) == (2, 1000 + 39, 750 + 39)
    corners = sheet.reference.pixels(np.array([[430_000, 431_500], [432_000, 430_000]]))
    assert corners.tolist() == [[19, 19], [1019, 769]]
    assert study.sheet_of((0, 0, 30_000, 20_000), 19).per_pixel == pytest.approx(
        10
    )  # 3,000 pixels long
    assert study.sheet_of((0, 0, 200, 100), 19).per_pixel == 0.5  # 400 pixels long
    assert study.sheet_of(BOUNDS, 19, 5).per_pixel == 5
    with pytest.raises(ValueError, match="take more metres a pixel"):
        study.sheet_of((0, 0, 30_000, 30_000), 19, 0.5)


def test_symbols_are_as_large_as_the_city_s_own():
    assert study.usual_diameter(None) == 19
    assert study.usual_diameter(pd.DataFrame({"template_px": [15, 24]})) == 24


def test_symbols_are_drawn_in_the_order_of_their_times():
    rows = study.symbol_rows(events())
    assert rows.columns.tolist() == ["kind", "year", "x", "y"]
    assert rows["year"].is_monotonic_increasing
    assert set(rows["year"]) == {"2018", "2019"}
    undated = study.symbol_rows(pd.DataFrame({"kind": ["a"], "x": [1.0], "y": [2.0]}))
    assert undated.iloc[0].tolist() == ["a", "all", 1.0, 2.0]
    with pytest.raises(SourceError, match="lower `threshold`"):
        study.symbol_rows(pd.DataFrame({"kind": [], "x": [], "y": []}))


def test_the_last_years_are_taken_as_far_as_there_is_room():
    symbols = pd.DataFrame(
        {"kind": list("aabab"), "year": ["2016", "2017", "2017", "2018", "2018"]}
    )
    assert study.layer_table(symbols, 10, 50)["year"].tolist() == [
        "2016",
        "2017",
        "2017",
        "2018",
        "2018",
    ]
    assert study.layer_table(symbols, 10, 49)["year"].unique().tolist() == ["2017", "2018"]
    assert study.layer_table(symbols, 10, 0)["year"].unique().tolist() == ["2018"]
    assert study.layer_table(symbols, 10, 50)["symbols"].sum() == 5


def test_the_bounds_of_symbols_without_a_window():
    symbols = pd.DataFrame({"x": [3.0, 8.0], "y": [1.0, 9.0]})
    assert study.bounds_of(symbols, None) == (3, 1, 8, 9)
    assert study.bounds_of(symbols[:1], None) == (-47, -49, 53, 51)
    assert study.bounds_of(symbols, shapely.box(0, 0, 4, 5)) == (0, 0, 4, 5)


def test_crowding_counts_neighbours_within_a_diameter():
    assert study.crowding(np.array([[0, 0], [3, 0], [6, 0], [50, 0]]), 4) == 1  # 1, 2, 1, 0
    assert study.crowding(np.array([[0, 0]]), 4) == 0
    # at random it is λ π d²
    points = np.random.default_rng(2).uniform(0, 1000, (4000, 2))
    assert study.crowding(points, 20) == pytest.approx(0.004 * np.pi * 400, rel=0.06)


@pytest.fixture(scope="module")
def read():
    symbols = study.symbol_rows(events(200))
    sheet = study.sheet_of(BOUNDS, 19)
    layers = study.layer_table(symbols, sheet.megapixels, 100)
    drawn = study.symbol_set(layers["kind"], 19)
    ground = background("streets", sheet.rows, sheet.columns, 1)
    how = {"ground": ground, "quality": 85, "threshold": 0.75}
    return symbols, sheet, layers, *study.read_layers(symbols, layers, sheet, drawn, **how)


def test_layers_are_read_back(read):
    symbols, _, layers, found, held = read
    assert layers["symbols"].sum() == len(symbols) == 200
    assert held["recall"].min() >= 0.97
    assert held["precision"].min() == 1
    assert held["error_px"].max() < 0.15
    assert held["error_m"].to_numpy() == pytest.approx(2 * held["error_px"].to_numpy())
    assert len(found) == held["found"].sum()


def test_a_symbol_drawn_is_located_or_missed(read):
    symbols, sheet, layers, found, held = read
    false = found.iloc[[0]].assign(x=found["x"].min() - 900)  # found, and nothing was drawn there
    more = pd.concat([found, false])
    near = 4.75 * sheet.per_pixel
    located, lost = study.located_and_missed(symbols, more, layers, near)
    assert len(located) == held["matched"].sum() and len(located) + len(lost) == len(symbols)


def test_totals_weigh_by_symbols(read):
    *_, held = read
    table = study.totals(held, "kind")
    assert table.index.tolist() == ["Assault", "Theft"]
    assert table["matched"].sum() == held["matched"].sum()
    whole = study.totals(held).iloc[0]
    assert whole["recall"] == held["matched"].sum() / 200
    assert whole["f1"] == 2 * held["matched"].sum() / (held["found"].sum() + 200)
    weighted = (held["error_px"] * held["matched"]).sum() / held["matched"].sum()
    assert whole["error_px"] == pytest.approx(weighted)
    assert whole["least_f1"] == held["f1"].min()


def test_symbols_at_one_place_are_one_symbol():
    places = np.repeat([[430_500.0, 430_500.0], [431_000.0, 431_000.0]], [3, 1], axis=0)
    symbols = pd.DataFrame({"kind": "a", "year": "2018", "x": places[:, 0], "y": places[:, 1]})
    sheet = study.sheet_of(BOUNDS, 19)
    layers = study.layer_table(symbols, 1, 1)
    ground = background("plain", sheet.rows, sheet.columns, 1)
    how = {"ground": ground, "quality": 85, "threshold": 0.75}
    _, held = study.read_layers(symbols, layers, sheet, {"a": Symbol(0)}, **how)
    whole = study.totals(held).iloc[0]
    assert (whole["symbols"], whole["places"], whole["found"]) == (4, 2, 2)
    assert (whole["recall"], whole["recall_places"], whole["precision"]) == (0.5, 1, 1)


def test_what_was_found_is_a_layer_of_events(read, tmp_path):
    """The saved table stands in a city's folder as it is, and gives as many events."""
    *_, found, _ = read
    window = shapely.box(*BOUNDS)
    table = study.located_events(found, window)
    assert table["time"].str.fullmatch(r"201[89]-01").all()
    text = table.to_csv(index=False)
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "events.csv").write_text(text, encoding="utf-8")
    (folder / "boundary.csv").write_text(f'wkt\n"{window.buffer(20).wkt}"\n', encoding="utf-8")
    (folder / "city.yml").write_text(
        "title: Town\ncountry: Nowhere\ncrs: EPSG:27700\nlicence: CC0\nsource_line: made\n"
        "layers:\n  events: {file: events.csv, time_precision: month}\n"
        "  boundary: {file: boundary.csv, columns: {geometry: wkt}}\n",
        encoding="utf-8",
    )
    layer = load_city(folder).layer("events")
    assert len(layer) == len(found)
    assert layer["kind"].value_counts().to_dict() == found["kind"].value_counts().to_dict()
    assert len(pd.read_csv(io.StringIO(text))) == len(found)


def test_remarks_say_what_to_know_of_an_event():
    found = pd.DataFrame(
        {
            "kind": "a", "year": ["2018", "all", "2018"], "x": [1.0, 1.0, 9.0], "y": 1.0,
            "correlation": 0.9, "visible": [1.0, 0.4, 0.4],
        }
    )  # fmt: skip
    table = study.located_events(found, shapely.box(0, 0, 4, 4))
    both = "hidden in part; outside the boundary"
    assert table["remark"].tolist() == ["", "hidden in part", both]
    assert table["time"].tolist() == ["2018-01", "", "2018-01"]
    assert study.located_events(found, None)["remark"].tolist()[2] == "hidden in part"


def test_the_densest_part_holds_the_cluster():
    sheet = study.sheet_of(BOUNDS, 19)
    cluster = np.array([431_500, 430_400]) + np.random.default_rng(1).normal(0, 40, (50, 2))
    part = study.densest_part(cluster, sheet, Symbol(0), 200)
    assert part.side == 200
    assert study._inside(part.points, 0, 200).sum() > 40
    assert study.densest_part(cluster, sheet, Symbol(0), 5000).side == min(
        sheet.rows, sheet.columns
    )


def test_a_higher_threshold_never_finds_more():
    part = study.scattered_part(0.5, 300, Symbol(1), 3)
    how = {"style": "streets", "seed": 1, "quality": 85}
    table = study.threshold_table(part, [0.6, 0.8, 0.95], **how)
    for _, mine in table.groupby("method"):
        assert (mine["recall"].diff().dropna() <= 0).all()
    visible = table[table["method"] == "visible"].set_index("threshold")
    assert visible.loc[0.6, "f1"] > 0.97


def test_crowded_symbols_are_located_less():
    how = {"side": 400, "style": "streets", "seed": 1, "quality": 85, "threshold": 0.75}
    table = study.crowding_table([0.25, 2, 8], Symbol(1), **how)
    recall = table.pivot(index="crowding", columns="method", values="recall")
    assert recall.loc[0.25, "visible"] > 0.97
    assert recall["visible"].is_monotonic_decreasing
    assert (recall["visible"] > recall["plain"]).all()
    assert study.crowding_for(table, 0.97) == 0.25
    assert study.crowding_for(table, 1.01) is None


def test_every_background_is_tried():
    part = study.scattered_part(0.3, 260, Symbol(2), 4)
    table, pictures = study.background_table(part, seed=1, quality=85, threshold=0.75)
    visible = table[table["method"] == "visible"].set_index("background")
    assert list(visible.index) == list(pictures)
    assert visible.loc[~visible["adjusted"], "f1"].min() >= 0.97
    assert visible["adjusted"].sum() == 2
    image, places = pictures["night"]
    assert image.shape == (260, 260, 3)
    assert places.shape[1] == 2


def test_marks_share_out_what_is_there():
    part = study.scattered_part(1.0, 200, Symbol(0), 5)
    how = {"style": "plain", "seed": 1, "quality": 85, "threshold": 0.75}
    image, marks = study.compared_part(part, **how)
    assert image.shape == (200, 200, 3)
    inside = study._inside(part.points, 0, 200).sum()
    for groups in marks.values():
        # a pair may lie on either side of the rim
        assert abs(len(groups["right"]) + len(groups["missed"]) - inside) <= 2
    assert len(marks["visible"]["missed"]) < len(marks["plain"]["missed"])
