"""Layers that a run's check of a city leaves to its sections: the same, and of the same files only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import CityError, layers
from helpers.compendium import LAYERS_VARIABLE, find_city, hand_over, input_hash, list_cities


@pytest.fixture
def left(tmp_path, monkeypatch):
    """Folder of a run for what its check of cities leaves."""
    folder = tmp_path / "of the run" / "layers"
    monkeypatch.setenv(LAYERS_VARIABLE, str(folder))
    return folder


@pytest.fixture
def unreadable(monkeypatch):
    """From its call on, every table of a city counts as one that was read again."""
    read = []

    def begin():
        monkeypatch.setattr(layers, "read_table", lambda *args, **named: read.append(args))
        return read

    return begin


def hand(town):
    inputs = input_hash(town)
    town.check()
    hand_over(town, inputs)


# points, lines, polygons in several parts, no geometry at all; toronto would take two seconds
@pytest.mark.parametrize("name", sorted({*list_cities()} - {"toronto", "leeds"}))
def test_a_layer_that_was_handed_on_is_the_layer(name, left, outputs, unreadable):
    town = find_city(name)
    hand(town)
    read = unreadable()
    again = find_city(name)
    for layer in town.layers:
        ours, handed = town.layer(layer), again.layer(layer)
        assert type(handed) is type(ours)
        assert handed.dtypes.equals(ours.dtypes)
        assert type(handed.index) is type(ours.index)
        plain = [pd.DataFrame(f.drop(columns="geometry", errors="ignore")) for f in (ours, handed)]
        pd.testing.assert_frame_equal(*plain, check_exact=True)
        if "geometry" in ours:
            assert (ours.geometry.to_wkb() == handed.geometry.to_wkb()).all()
            assert handed.crs == ours.crs
            assert handed.crs.srs == ours.crs.srs
    if town.has("events"):
        assert (again.first_of_row() == town.first_of_row()).all()
    assert read == []


def test_events_at_one_place_still_share_one_point(sound, left, outputs):
    text = (sound / "events.csv").read_text()
    (sound / "events.csv").write_text(text + text.partition("\n")[2])
    town = find_city(sound)
    hand(town)
    points = [np.asarray(t.layer("events").geometry.array) for t in (town, find_city(sound))]
    shared = [len({id(point) for point in some}) for some in points]
    assert shared[0] == shared[1] < len(points[0])


def test_other_files_are_read_and_not_what_was_left(sound, left, outputs):
    hand(find_city(sound))
    text = (sound / "events.csv").read_text()
    (sound / "events.csv").write_text(text.replace("430100,430100", "430900,430900"))
    places = find_city(sound).layer("events").geometry
    assert [430900, 430900] in shapely.get_coordinates(places).tolist()
    # a fault that came in is told as ever
    (sound / "events.csv").write_text(text.replace("430100,430100", "430100,"))
    with pytest.raises(CityError):
        find_city(sound).check()


def test_nothing_is_left_of_files_that_changed_while_they_were_read(sound, left, outputs):
    town = find_city(sound)
    inputs = input_hash(town)
    town.check()
    (sound / "events.csv").write_text((sound / "events.csv").read_text() + "\n")
    hand_over(town, inputs)
    assert not left.exists()


def test_nothing_is_left_outside_a_run(sound, tmp_path, outputs, monkeypatch):
    monkeypatch.delenv(LAYERS_VARIABLE, raising=False)
    before = sorted(tmp_path.rglob("*"))
    hand(find_city(sound))
    assert sorted(tmp_path.rglob("*")) == before


def test_where_nothing_can_be_written_sections_read(sound, tmp_path, outputs, monkeypatch):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setenv(LAYERS_VARIABLE, str(blocked))
    hand(find_city(sound))
    assert len(find_city(sound).layer("events"))
