"""A folder of Parquet files, in pieces and as counts, gives the city that its rows give."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from helpers.cities import load_city
from helpers.cli import main
from helpers.newcity import counted_rows, parquet_pieces, streaming

from . import exports


@pytest.fixture
def crimes(tmp_path):
    """A folder of three files, one of them in a folder of a year, and all rows of it."""
    xy, when = exports.points(3000, -70.65, -33.45, "EPSG:32719"), exports.moments(3000)
    rng = np.random.default_rng(4)
    xy[1000:] = xy[rng.integers(0, 150, 2000)]
    whole = pd.DataFrame(
        {
            "folio": np.arange(3000),
            "delito": np.array(exports.KINDS)[rng.integers(0, len(exports.KINDS), 3000)],
            "fecha": pd.to_datetime(when),
            "x": xy[:, 0].round(2),
            "y": xy[:, 1].round(2),
        }
    )
    whole.loc[5, ["x", "y"]] = np.nan
    whole.loc[2900] = whole.loc[7]
    folder = tmp_path / "crimes"
    (folder / "anno=2021").mkdir(parents=True)
    for name, part in zip(("a", "anno=2021/b", "c"), (0, 1000, 2000), strict=True):
        one = whole[part : part + 1000]
        if name == "c":  # numbers and times of other types, as another year's export has
            one = one.astype({"folio": "float64", "fecha": "datetime64[s]"})
        one.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "readme.txt").write_text("about it")
    return folder, whole


def made(folder, place, *words: str) -> dict:
    command = ["new-city", "town", "--events", str(folder), "--crs", "EPSG:32719", "--yes"]
    assert main([*command, "--folder", str(place), *words]) == 0
    return yaml.safe_load((place / "city.yml").read_text(encoding="utf-8"))


def the_same_in_pieces(folder, tmp_path, monkeypatch) -> pd.DataFrame:
    """Make a city of the files read whole and in pieces; what was rejected of both."""
    made(folder, tmp_path / "whole")
    monkeypatch.setattr(parquet_pieces, "LARGE", 1000)
    monkeypatch.setattr(streaming, "_PIECE", 700)
    made(folder, tmp_path / "pieces")
    for name in ("events.csv", "rejected.csv"):
        one, two = (pd.read_csv(tmp_path / place / name) for place in ("whole", "pieces"))
        pd.testing.assert_frame_equal(one, two)
    return one


def test_pieces_give_what_the_whole_gives(crimes, tmp_path, monkeypatch):
    folder, _ = crimes
    (folder / "readme.txt").unlink()
    one = the_same_in_pieces(folder, tmp_path, monkeypatch)
    assert one["reason"].tolist() == ["no_place", "duplicate"]
    assert (tmp_path / "pieces/original/crimes/anno=2021/b.parquet").is_file()


def test_geometries_of_geoparquet_are_places(crimes, tmp_path, monkeypatch):
    """In pieces as read whole, with the system that the files state."""
    _, whole = crimes
    spatial = tmp_path / "spatial"
    spatial.mkdir()
    points = gpd.points_from_xy(whole.pop("x"), whole.pop("y"))
    for number, rows in enumerate((slice(0, 1800), slice(1800, None))):
        part = gpd.GeoDataFrame(whole[rows], geometry=points[rows], crs="EPSG:32719")
        part.to_parquet(spatial / f"{number}.parquet", index=False)
    the_same_in_pieces(spatial, tmp_path, monkeypatch)


def test_too_many_rows_become_counts(crimes, tmp_path, monkeypatch):
    """By kind, month and place; the city has every crime, and says that places were merged."""
    folder, _ = crimes
    made(folder, tmp_path / "whole")
    single = pd.read_csv(tmp_path / "whole/events.csv")
    monkeypatch.setattr(parquet_pieces, "LARGE", 1000)
    monkeypatch.setattr(streaming, "_PIECE", 700)
    monkeypatch.setattr(streaming, "MOST_SINGLE", 2000)
    card = made(folder, tmp_path / "counts")["layers"]["events"]
    assert card["columns"] == {"count": "count"} and card["time_precision"] == "month"
    assert "extra" not in card and "within 1 m of each other" in card["note"]
    rows = pd.read_csv(tmp_path / "counts/events.csv")
    single = single.assign(
        time=single["time"].str[:7], x=np.floor(single["x"]) + 0.5, y=np.floor(single["y"]) + 0.5
    )
    expected = single.groupby(["kind", "time", "x", "y"], as_index=False).size()
    pd.testing.assert_frame_equal(rows, expected.rename(columns={"size": "count"}))
    assert len(rows) < len(single) == rows["count"].sum()
    town = load_city(tmp_path / "counts")
    assert len(town.layer("events")) == len(single)
    assert int(town.first_of_row().sum()) == len(rows)
    text = (tmp_path / "counts/city.yml").read_text(encoding="utf-8")
    assert "more than 2,000 rows: 2,998 crimes are written as counts by kind" in text
    assert "readme.txt: no Parquet, left alone" in text


def test_places_are_merged_as_far_as_it_takes(crimes, tmp_path, monkeypatch):
    folder, _ = crimes
    monkeypatch.setattr(parquet_pieces, "LARGE", 1000)
    monkeypatch.setattr(streaming, "_PIECE", 700)
    monkeypatch.setattr(streaming, "MOST_SINGLE", 2000)
    monkeypatch.setattr(streaming, "CountedRows", lambda: counted_rows.CountedRows(most=600))
    card = made(folder, tmp_path / "counts")["layers"]["events"]
    counts = pd.read_csv(tmp_path / "counts/events.csv")
    assert card["status"] == "approximate"
    step = int(card["note"].split("within ")[1].split(" m")[0])
    assert (step > 1 and len(counts) <= 600) or step == counted_rows.STEPS[-1]
    assert counts["count"].sum() == 2998
    assert len(load_city(tmp_path / "counts").layer("events")) == 2998


def test_equal_rows_are_known_whatever_their_types():
    frame = pd.DataFrame({"id": [1, 2], "time": pd.to_datetime(["2020-01-01"] * 2), "kind": "a"})
    other = frame.astype({"id": "float64", "time": "datetime64[s]", "kind": "category"})
    hashes = [
        pd.util.hash_pandas_object(parquet_pieces._alike(f), index=False) for f in (frame, other)
    ]
    assert hashes[0].tolist() == hashes[1].tolist()
    long = pd.DataFrame({"id": [10**18, 10**18 + 1]})
    assert pd.util.hash_pandas_object(parquet_pieces._alike(long), index=False).is_unique


def test_middles_outside_the_boundary_are_moved_inside():
    window = shapely.box(0, 0, 1000, 1000).difference(shapely.box(100, 100, 160, 160))
    counted = counted_rows.CountedRows(most=1)
    at = pd.DataFrame({"x": [99.0, 5.0, 990.0], "y": [120.0, 900.0, 999.9]})
    counted.add(at.assign(kind="a", time="2020-01"))
    found = counted.frame(window)
    assert counted.step == 1000 and len(found) == 1 and found["count"].tolist() == [3]
    assert shapely.contains_xy(window, found["x"], found["y"]).all()
    counted = counted_rows.CountedRows()
    counted.add(at.assign(kind="a", time="2020-01", count=[2, 1, 1]))
    assert counted.frame(window)["count"].tolist() == [1, 2, 1]
