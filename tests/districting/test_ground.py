"""Plans on the ground: pieces of areas, and borders too short to pass."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.districting import Units, pieces_on_the_ground
from helpers.space import short_contacts


def test_pieces_by_hand():
    boxes = [shapely.box(i, 0, i + w, 1) for i, w in ((0, 1), (1, 1), (5, 1), (9, 3))]
    table = pieces_on_the_ground(boxes, [0, 0, 1, 1])
    assert table["pieces"].tolist() == [1, 2]
    assert table["detached_share"].tolist() == [0, 0.25]
    # a corner is no passage
    corner = [shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)]
    assert pieces_on_the_ground(corner, [0, 0])["pieces"].tolist() == [2]


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12), least=st.sampled_from([0, 10, 50]))
def test_short_borders_never_part_what_hung_together(seed, n, least):
    rng = np.random.default_rng(seed)
    pairs = np.array([(i, j) for i in range(n) for j in range(i + 1, n) if rng.random() < 0.4])
    pairs = pairs.reshape(-1, 2).astype(int)
    metres = rng.choice([0.3, 2, 9, 12, 49, 60, 500], len(pairs))
    dropped, needed = short_contacts(n, pairs, metres, np.full(n, 1e5), least)

    def components(keep):
        graph = nx.Graph()
        graph.add_nodes_from(range(n))
        graph.add_edges_from(map(tuple, pairs[keep]))
        return sorted(map(sorted, nx.connected_components(graph)))

    everything = components(np.full(len(pairs), True))
    assert components(~dropped) == everything
    assert not (dropped & needed).any()
    assert (dropped | needed == (metres < least)).all()
    # no fewer would do, and no longer ones
    graph = nx.Graph()
    for (i, j), length, short in zip(pairs, metres, metres < least, strict=True):
        graph.add_edge(int(i), int(j), weight=length if short else 1e9)
    spanned = nx.maximum_spanning_tree(graph).size("weight")
    kept = nx.Graph()
    for (i, j), length, keep in zip(pairs, metres, ~dropped, strict=True):
        if keep:
            kept.add_edge(int(i), int(j), weight=length if length < least else 1e9)
    assert nx.maximum_spanning_tree(kept).size("weight") == pytest.approx(spanned)


def row_of_zones(lengths_m):
    """Zones in a row, each joined to the next by a border of the given length."""
    n = len(lengths_m) + 1
    names = [f"z{i}" for i in range(n)]
    zones = pd.DataFrame(
        {"zone": names, "people": 1.0, "area_km2": 1.0, "perimeter_km": 4.0, "x": 0.0, "y": 0.0}
    )
    borders = pd.DataFrame(
        {"zone_a": names[:-1], "zone_b": names[1:], "shared_km": np.array(lengths_m) / 1e3}
    ).assign(contact="rook")
    return zones, borders


def test_a_border_too_short_to_pass_joins_no_units():
    zones, borders = row_of_zones([500, 3, 700])
    closing = pd.DataFrame(
        {"zone_a": ["z0"], "zone_b": ["z3"], "shared_km": [0.2], "contact": ["rook"]}
    )
    borders = pd.concat([borders, closing], ignore_index=True)
    units = Units.from_frames(zones, borders, "people")
    assert units.links.tolist() == [[0, 1], [0, 3], [2, 3]]
    assert units.shared.tolist() == [[0, 1], [0, 3], [1, 2], [2, 3]]  # perimeters keep it
    assert len(Units.from_frames(zones, borders, "people", least_border_m=0).links) == 4
    assert len(Units.from_frames(zones, borders, "people", contacts="queen").links) == 4
    assert units.check(2) == ()


def test_a_short_border_that_holds_the_map_together_stays_and_is_told():
    units = Units.from_frames(*row_of_zones([500, 3, 700]), "people")
    assert units.links.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert units.check(2) == ("1 border holds the map together though too short to pass (z1–z2).",)


def test_maps_in_small_units_keep_their_borders():
    zones, borders = row_of_zones([2, 3, 4])
    zones["perimeter_km"] = 0.02
    assert len(Units.from_frames(zones, borders, "people").thin) == 0


def test_leeds_links_are_wide_enough():
    # the shortest was 0.3 m
    from helpers.compendium import find_city

    town = find_city("leeds")
    units = Units.from_city(town, "population")
    length = dict(zip(map(tuple, units.shared.tolist()), units.shared_km, strict=True))
    thin = {tuple(pair) for pair in units.thin.tolist()}
    assert min(length[pair] for pair in map(tuple, units.links.tolist()) if pair not in thin) > 0.01
    assert units.components.max() == 0
