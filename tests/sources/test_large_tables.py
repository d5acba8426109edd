"""Counts of a folder of Parquet files are those that pandas makes of the whole table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.sources import SourceError, large_tables
from helpers.sources.large_tables import (
    Cells,
    Tally,
    count_at_places,
    count_in_cells,
    event_columns,
)

BOUNDS = (1000.0, 2000.0, 41_000.0, 26_000.0)
GRIDS = {"whole": Cells.of_number(BOUNDS, 40, 24), "fine": Cells.of_size(BOUNDS, 250)}


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """200,000 events in five files, two of them in folders of years, and the whole as a frame."""
    rng, folder = np.random.default_rng(1), tmp_path_factory.mktemp("events")
    places = rng.normal([20_000, 14_000], [9_000, 6_000], (3_000, 2)).round(1)
    # borders of cells, and the corners of the whole
    places[:4] = [BOUNDS[:2], BOUNDS[2:], (2000, 3000), (40_999.999, 25_999.999)]
    xy = places[rng.integers(0, len(places), 200_000)]
    kinds = np.array(["theft", "assault", "burglary", None], dtype=object)
    whole = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "kind": kinds[rng.integers(0, 4, 200_000)]})
    whole.loc[::1000, "x"] = np.nan
    names = ["a.parquet", "b.parquet", "year=2020/c.parquet", "year=2021/c.parquet", "d.parquet"]
    for name, part in zip(names, np.array_split(np.arange(200_000), 5), strict=True):
        (folder / name).parent.mkdir(exist_ok=True)
        frame = whole.iloc[part]
        # one file has its words as categories, another coordinates of single precision
        frame = frame.astype({"kind": "category"}) if name == "b.parquet" else frame
        frame.to_parquet(folder / name, row_group_size=15_000, index=False)
    (folder / "_SUCCESS").touch()
    return folder, whole.assign(kind=whole["kind"].fillna(""))


@pytest.mark.parametrize("rows", [1 << 19, 7_001])
def test_counts_are_those_of_the_whole_table(events, monkeypatch, rows):
    folder, whole = events
    monkeypatch.setattr(large_tables, "BATCH", rows)
    found = count_in_cells(folder, GRIDS)
    assert found.events == 200_000 and found.without_place == 200
    assert found.kinds == sorted(whole["kind"].unique())
    for name, cells in GRIDS.items():
        ends = [
            np.arange(n + 1) * size + low
            for low, size, n in (
                (cells.south, cells.height, cells.rows),
                (cells.west, cells.width, cells.columns),
            )
        ]
        for kind, counted in zip(found.kinds, found.cells[name], strict=True):
            own = whole[(whole["kind"] == kind) & whole["x"].notna()]
            expected = np.histogram2d(own["y"], own["x"], bins=ends)[0]
            assert np.array_equal(counted, expected), (name, kind)
        assert found.outside[name] + found.cells[name].sum() == 199_800


def test_places_are_those_of_the_whole_table(events):
    folder, whole = events
    found = count_at_places(folder, step=0.1)
    some = whole.dropna(subset="x").assign(
        x=lambda f: np.rint(f["x"] / 0.1) * 0.1, y=lambda f: np.rint(f["y"] / 0.1) * 0.1
    )
    expected = some.groupby(["x", "y", "kind"], as_index=False).size()
    pd.testing.assert_frame_equal(found, expected.rename(columns={"size": "count"}))
    with pytest.raises(SourceError, match="more than 50 places and kinds; take a larger step"):
        count_at_places(folder, most=50)


def test_a_tally_counts_as_a_table_of_frequencies():
    rng, tally, parts = np.random.default_rng(2), Tally(), []
    for size in (1, 900, 0, 30, 4_000, 7):
        part = rng.integers(-50, 50, (size, 2)), rng.integers(0, 3, size), rng.integers(1, 5, size)
        tally.add(*part[0].T, part[1], part[2])
        parts.append(np.column_stack(part))
    frame = pd.DataFrame(np.concatenate(parts), columns=["a", "b", "c", "n"])
    expected = frame.groupby(["a", "b", "c"], as_index=False)["n"].sum()
    assert np.array_equal(np.column_stack(tally.groups()), expected)
    with pytest.raises(SourceError, match="too far apart"):
        tally.add(np.array([1 << 40]), np.array([0]), np.array([0]))


def test_what_cannot_be_counted_is_told(tmp_path):
    with pytest.raises(SourceError, match="holds no Parquet file"):
        event_columns(tmp_path)
    pd.DataFrame({"x": ["left"], "y": [1.0], "kind": ["a"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="no column 'type'; there are: x, y, kind"):
        event_columns(tmp_path, ["type"])
    with pytest.raises(SourceError, match=r"column 'x' is .*, not numbers"):
        count_in_cells(tmp_path, GRIDS)
    pd.DataFrame({"x": ["left"], "y": [1.0]}).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(SourceError, match=r"b.parquet: no column 'kind'; there are: x, y"):
        count_in_cells(tmp_path, GRIDS)
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(SourceError, match="damaged"):
        event_columns(tmp_path)
