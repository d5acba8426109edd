"""Compactness of polygons: values made elsewhere, closed forms, and what no measure may depend on."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.districting import area_shapes, second_moments, shape_measures


def test_values_made_elsewhere(shared):
    folder = shared / "reference" / "second" / "7_compactness"
    wanted = pd.read_csv(folder / "compactness.csv").set_index("name")
    drawn = gpd.read_file(folder / "polygons.geojson").set_index("name").loc[wanted.index].geometry
    found = shape_measures(drawn.to_numpy()).set_index(wanted.index)
    for ours, theirs in {
        "polsby_popper": "polsby_popper",
        "reock": "reock",
        "moment_of_inertia": "moment_of_inertia_ratio",
        "hull_share": "convex_hull_ratio",
    }.items():
        np.testing.assert_allclose(found[ours], wanted[theirs], rtol=1e-8, err_msg=ours)
    np.testing.assert_allclose(found["compactness"], wanted.perimeter**2 / wanted.area, rtol=1e-8)
    moments = second_moments(drawn.to_numpy())
    np.testing.assert_allclose(moments, wanted["second_moment_about_centroid"], rtol=1e-8)


def test_by_hand():
    square, sliver = shapely.box(0, 0, 1, 1), shapely.box(0, 0, 100, 1)
    disc = shapely.Point(3, 4).buffer(2, quad_segs=500)
    found = shape_measures([square, sliver, disc])
    assert found["polsby_popper"][:2].tolist() == pytest.approx([np.pi / 4, 400 * np.pi / 202**2])
    assert found["reock"][0] == pytest.approx(2 / np.pi)
    assert found.loc[2, ["polsby_popper", "reock", "moment_of_inertia"]].tolist() == pytest.approx(
        [1, 1, 1], rel=1e-5
    )
    # J of a rectangle is wh (w² + h²) / 12, about a centre far from the origin as about a near one
    far = shapely.box(1e6, 5e6, 1e6 + 3, 5e6 + 2)
    assert second_moments([far])[0] == pytest.approx(6 * 13 / 12, rel=1e-9)


def test_turning_and_scaling_change_nothing():
    shape = shapely.Polygon([(0, 0), (5, 0), (5, 1), (2, 2), (0, 6)], [[(1, 1), (1, 2), (2, 1)]])
    turned = shapely.transform(shape, lambda c: 1e4 * c @ [[0.6, 0.8], [-0.8, 0.6]] + 7e6)
    mirrored = shapely.transform(shape, lambda c: c * [-1, 1])
    first, *others = shape_measures([shape, turned, mirrored]).to_numpy()
    for other in others:
        np.testing.assert_allclose(other, first, rtol=1e-7)


def test_areas_of_a_plan_are_dissolved_first():
    boxes = [shapely.box(i, j, i + 1, j + 1) for i in range(2) for j in range(2)]
    found = area_shapes([*boxes, shapely.box(2, 0, 12, 1)], [0, 0, 0, 0, 1])
    assert found["compactness"].tolist() == pytest.approx([16, 22**2 / 10])
    with pytest.raises(ValueError, match="shape 0 has no area"):
        shape_measures([shapely.Polygon()])
