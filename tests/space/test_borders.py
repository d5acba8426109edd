"""Borders of polygons and the contiguity graph."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.weights import Queen, Rook

from helpers.space import borders_from_polygons, components, contiguity


def squares(columns: int, rows: int, side: float = 1000.0):
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    x, y = x.ravel() * side, y.ravel() * side
    names = [f"z{k:03d}" for k in range(columns * rows)]
    return names, shapely.box(x, y, x + side, y + side)


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (2, 2), (5, 3), (12, 9)])
def test_chessboard_has_the_counted_contacts(columns, rows):
    borders = borders_from_polygons(*squares(columns, rows))
    rook = borders[borders["contact"] == "rook"]
    assert len(rook) == rows * (columns - 1) + columns * (rows - 1)
    assert (rook["shared_km"] == 1.0).all()
    point = borders[borders["contact"] == "point"]
    assert len(point) == 2 * (rows - 1) * (columns - 1)
    assert (point["shared_km"] == 0.0).all()


def test_border_along_part_of_a_side_and_in_pieces():
    comb = shapely.box(0, 0, 1000, 3000).difference(shapely.box(500, 1000, 1000, 2000))
    tall = shapely.box(1000, -500, 2000, 3500)  # its corners are none of the comb's
    borders = borders_from_polygons(["comb", "tall"], [comb, tall])
    assert borders["shared_km"].tolist() == [2.0]


def test_corner_that_lies_a_hair_off_the_neighbours_side():
    # no corner is shared, and the common side is broken where floating point cannot put it exactly
    left = shapely.Polygon([(0, 0), (300.3, 100.1), (600.6, 200.2), (0, 900)])
    right = shapely.Polygon([(0, 0), (600.6, 200.2), (900, -300)])
    borders = borders_from_polygons(["left", "right"], [left, right])
    assert borders["shared_km"][0] == pytest.approx(np.hypot(600.6, 200.2) / 1e3, abs=1e-5)


def test_enclave_shares_its_whole_outline():
    lake = shapely.Point(0, 0).buffer(500)
    shore = shapely.box(-2000, -2000, 2000, 2000).difference(lake)
    borders = borders_from_polygons(["lake", "shore"], [lake, shore])
    assert borders["shared_km"][0] == pytest.approx(lake.length / 1e3, abs=1e-5)


def test_contacts_are_those_of_libpysal(shared):
    path = shared / "data" / "leeds" / "lsoa_boundaries.geojson"
    zones = gpd.read_file(path).to_crs(27700)
    codes = zones["lsoa_code"].tolist()
    borders = borders_from_polygons(codes, zones.geometry)
    for contact, weights in (("queen", Queen), ("rook", Rook)):
        theirs = weights.from_dataframe(zones, ids=codes, use_index=False)
        ours = contiguity(codes, borders, contact)
        found = {code: {codes[j] for j in ours[[i]].indices} for i, code in enumerate(codes)}
        assert found == {code: set(theirs.neighbors[code]) for code in codes}


def test_contiguity_is_symmetric_and_links_count_once():
    names, shapes = squares(3, 1)
    borders = borders_from_polygons(names, shapes)
    matrix = contiguity(names, borders, links=[("z000", "z001"), ("z000", "z002")]).toarray()
    assert (matrix == np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])).all()


def test_components_are_named_largest_first():
    names, shapes = squares(3, 2)
    borders = borders_from_polygons(names, shapes)
    away = ~(borders["zone_a"].isin(["z002"]) | borders["zone_b"].isin(["z002"]))
    parts = components(names, borders[away])
    assert parts == [["z000", "z001", "z003", "z004", "z005"], ["z002"]]
    assert len(components(names, borders[away], links=[("z002", "z005")])) == 1
    corners = borders[borders["contact"] == "point"]
    assert len(components(names, corners, contact="rook")) == 6
    assert len(components(names, corners)) == 2  # the two colours of the board


@pytest.mark.parametrize(
    ("zones", "shapes", "message"),
    [
        (["a"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], "1 zones but 2 polygons"),
        (["a", "a"], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], "'a' is given twice"),
        (["a", "b"], [shapely.box(0, 0, 1, 1), None], "'b' has no polygon"),
        (["a", "b"], [shapely.box(0, 0, 1, 1), shapely.Point(0, 0)], "'b' has no polygon"),
        (["a"], [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], "'a' is not valid"),
    ],
)
def test_bad_polygons(zones, shapes, message):
    with pytest.raises(ValueError, match=message):
        borders_from_polygons(zones, shapes)


def test_bad_contacts():
    table = pd.DataFrame({"zone_a": ["a"], "zone_b": ["q"], "contact": ["rook"]})
    with pytest.raises(ValueError, match="'q' of the borders is not among the zones"):
        contiguity(["a", "b"], table)
    with pytest.raises(ValueError, match="contact is one of queen, rook, not 'bishop'"):
        contiguity(["a", "q"], table, contact="bishop")
