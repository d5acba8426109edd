import re

import numpy as np
import pandas as pd
import pytest

from helpers.districting import DistrictingError, Units, district

from .conftest import frames_of, make_units


class FakeCity:
    def __init__(self, zones, borders):
        self.tables = {"zones": zones, "borders": borders}

    def layer(self, name):
        return self.tables[name]


def test_setubal_facts(residents):
    assert len(residents) == 55
    assert residents.population.sum() == 851_258
    assert residents.mean(28) == pytest.approx(30_402.07, abs=0.01)
    assert len(residents.links) == 127
    assert residents.components.max() == 0
    assert len(residents.oversized(28)) == 11


def test_from_city_reads_both_layers(frames, residents):
    units = Units.from_city(FakeCity(*frames), "pop_2011")
    assert np.array_equal(units.links, residents.links)
    assert np.array_equal(units.population, residents.population)


def test_contact_kind_and_estuary_links_are_parameters(frames):
    rook = Units.from_frames(*frames, "pop_2011")
    queen = Units.from_frames(*frames, "pop_2011", contacts="queen")
    dry = Units.from_frames(*frames, "pop_2011", estuary_links=False)
    assert len(queen.links) == len(rook.links) + 4
    assert len(dry.links) == len(rook.links) - 12
    # A border in the estuary stays a border of the union's perimeter.
    assert np.array_equal(dry.shared, rook.shared)


def test_both_directions_are_read_like_one(frames, residents):
    zones, borders = frames
    back = borders.rename(columns={"zone_a": "zone_b", "zone_b": "zone_a"})
    both = Units.from_frames(zones, pd.concat([borders, back]), "pop_2011")
    assert np.array_equal(both.links, residents.links)
    assert np.allclose(both.shared_km, residents.shared_km)


def edited(frames, table, row, column, value):
    zones, borders = (t.copy() for t in frames)
    target = zones if table == "zones" else borders
    target[column] = target[column].astype(object)
    target.loc[row, column] = value
    if column not in ("zone", "zone_a", "zone_b", "contact", "name"):
        target[column] = target[column].astype(float)
    return zones, borders


@pytest.mark.parametrize(
    ("table", "column", "value", "says"),
    [
        ("zones", "zone", "150105", "'150105' appears twice"),
        ("zones", "pop_2011", -3, "'150104' is negative (-3)"),
        ("zones", "pop_2011", np.nan, "population of zone '150104' is missing"),
        ("zones", "area_km2", 0, "area_km2 of zone '150104' must be above zero"),
        ("borders", "zone_a", "999999", "names zone '999999'"),
        ("borders", "contact", "near", "says 'near'"),
        ("borders", "zone_b", "150104", "joins zone '150104' to itself"),
        ("borders", "shared_km", 9000.0, "more than its perimeter"),
        ("borders", "shared_km", np.nan, "missing values"),
    ],
)
def test_bad_tables_are_named(frames, table, column, value, says):
    with pytest.raises(DistrictingError) as caught:
        Units.from_frames(*edited(frames, table, 0, column, value), "pop_2011")
    assert says in str(caught.value)


def test_repeated_pair(frames):
    zones, borders = frames
    with pytest.raises(DistrictingError, match="150104–150107 twice"):
        Units.from_frames(zones, pd.concat([borders, borders.iloc[:1]]), "pop_2011")


def test_asymmetric_tables(frames):
    zones, borders = frames
    back = borders.rename(columns={"zone_a": "zone_b", "zone_b": "zone_a"})
    with pytest.raises(DistrictingError, match="not symmetric: some pairs stand in both"):
        Units.from_frames(zones, pd.concat([borders, back.iloc[5:]]), "pop_2011")
    back.loc[0, "shared_km"] += 1.0
    with pytest.raises(DistrictingError, match="not symmetric: 150104–150107 has"):
        Units.from_frames(zones, pd.concat([borders, back]), "pop_2011")


def test_missing_column_and_wrong_options(frames):
    zones, borders = frames
    with pytest.raises(DistrictingError, match="no column 'crimes'"):
        Units.from_frames(zones, borders, "crimes")
    with pytest.raises(DistrictingError, match="contacts is one of rook, queen, not"):
        Units.from_frames(zones, borders, "pop_2011", contacts="bishop")
    with pytest.raises(DistrictingError, match="not numeric"):
        Units.from_frames(zones, borders, "name")


def test_all_zero_population_is_refused_single_zeros_are_not():
    with pytest.raises(DistrictingError, match="zero in every zone"):
        make_units([0, 0, 0], [(0, 1), (1, 2)])
    plan = district(make_units([0, 4, 0, 4], [(0, 1), (1, 2), (2, 3)]), 2)
    assert plan.proven
    assert plan.objectives["eq1"] == 0.0


@pytest.mark.parametrize(
    ("areas", "says"),
    [
        (0, "at least 1"),
        (56, "56 areas cannot be made of 55 units"),
        (2.5, "whole number"),
        (True, "whole number"),
    ],
)
def test_impossible_numbers_of_areas(residents, areas, says):
    with pytest.raises(DistrictingError, match=re.escape(says)):
        residents.check(areas)


def test_components_are_named_and_areas_split_among_them():
    # two islands and a unit without any neighbour
    units = make_units([5, 5, 7, 8, 10], [(0, 1), (2, 3)])
    with pytest.raises(DistrictingError, match=r"3 components \(u0, u1; u2, u3; u4\).*at least 3"):
        district(units, 2)
    plan = district(units, 4)
    assert plan.proven
    # splitting 7 + 8 costs |7-8.75| + |8-8.75|, splitting 5 + 5 twice 3.75
    assert plan.objectives["eq1"] == pytest.approx(1.25 + 1.75 + 0.75 + 1.25)
    assert "falls into 3 components" in plan.remarks[0]


def test_a_unit_above_the_mean_is_allowed_and_said():
    plan = district(make_units([50, 1, 1, 1], [(0, 1), (1, 2), (2, 3)]), 2)
    assert any("u0" in remark and "more than the equal share" in remark for remark in plan.remarks)


def test_every_setubal_row_reaches_the_units(shared, residents):
    zones, _ = frames_of(shared)
    assert residents.zones == tuple(zones["zone"])
    assert residents.group[0] == "Alcácer do Sal"


@pytest.mark.parametrize(
    ("count", "links", "areas"),
    [
        (3, [(0, 1), (1, 2)], 2),
        (23, [(i, i + 1) for i in range(22)], 5),
        (49, [(i, i + 1) for i in range(48)], 7),
        (6, [(0, 1), (2, 3)], 4),  # four components
        (4, [], 4),  # nothing touches: one plan only
    ],
)
def test_usual_number_of_areas_fits_the_map(count, links, areas):
    assert make_units(np.ones(count), links).usual_areas() == areas


class Town:
    """A city of some districts and stations."""

    def __init__(self, **layers):
        self.layers = layers

    def has(self, layer):
        return layer in self.layers

    def layer(self, name):
        return self.layers[name]


@pytest.mark.parametrize(
    ("districts", "stations", "areas"),
    [(6, 9, 6), (None, 9, 9), (1, 9, 9), (None, 1, 7), (1, None, 7), (None, 60, 48)],
)
def test_as_many_areas_as_districts_or_stations_today(districts, stations, areas):
    layers = {}
    if districts:
        layers["districts"] = pd.DataFrame({"district": [str(k % districts) for k in range(49)]})
    if stations:
        layers["stations"] = pd.DataFrame({"station": range(stations)})
    units = make_units(np.ones(49), [(i, i + 1) for i in range(48)])
    assert units.usual_areas(Town(**layers)) == areas
