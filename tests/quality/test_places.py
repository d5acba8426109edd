"""Repeated places, squares and the error of scale, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from helpers.quality import cells, repeats
from helpers.space import scale_error


def test_repeated_places_by_hand():
    xy = np.array([[0.0, 0.0]] * 4 + [[1.0, 0.0]] * 2 + [[2.0, 5.0], [3.0, 5.0]])
    found = repeats(xy)
    assert (found.places, found.repeated, found.events_there) == (4, 2, 6)
    assert found.most == [(0.0, 0.0, 4), (1.0, 0.0, 2)]
    assert found.ties == 0
    by_size = {low: (places, there) for low, _, places, there in found.classes}
    assert by_size == {1: (2, 2), 2: (1, 2), 3: (1, 4), 6: (0, 0), 11: (0, 0), 101: (0, 0)}


def test_places_as_full_as_the_last_that_is_listed_are_counted():
    pairs = np.repeat(np.arange(13.0), 2)
    found = repeats(np.column_stack([pairs, pairs]))
    assert (len(found.most), found.ties) == (10, 3)


def test_a_negative_nought_is_no_other_place():
    assert repeats(np.array([[0.0, -0.0], [-0.0, 0.0]])).places == 1


def test_no_repeat():
    found = repeats(np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert (found.places, found.repeated, found.events_there, found.most) == (2, 0, 0, [])


def test_every_event_is_in_one_square():
    random = np.random.default_rng(1)
    xy = random.normal(0, 3_000, (5_000, 2)) + np.array([350_000, 6_300_000])
    bounds = (*xy.min(axis=0), *xy.max(axis=0))
    counts, x_edges, y_edges = cells(xy, bounds)
    assert counts.sum() == 5_000
    assert counts.shape == (len(y_edges) - 1, len(x_edges) - 1)
    assert max(counts.shape) <= 72
    side = np.diff(np.concatenate([x_edges[:2], y_edges[:2]]))[[0, 2]]
    assert side.tolist() == [500, 500]
    # by hand, in the square of the first event
    column, row = ((xy[0] - [x_edges[0], y_edges[0]]) // 500).astype(int)
    low = np.array([x_edges[column], y_edges[row]])
    assert counts[row, column] == ((xy >= low) & (xy < low + 500)).all(axis=1).sum()


@pytest.mark.parametrize("factor", [1e-3, 1, 1e3])
def test_squares_grow_with_the_town(factor):
    xy = np.array([[0.0, 0.0], [69.0, 30.0]]) * factor
    counts, x_edges, _ = cells(xy, (0, 0, 70 * factor, 40 * factor), most=70)
    assert counts.sum() == 2
    assert x_edges[1] - x_edges[0] == pytest.approx(max(factor, 0.02))


def test_the_central_meridian_of_utm_is_short_by_four_ten_thousandths():
    assert scale_error("EPSG:32632", (499_999, 5e6, 500_001, 5e6 + 1)) == pytest.approx(
        4e-4, rel=1e-4
    )


def test_the_error_of_scale_is_that_of_measured_lengths():
    """A metre of Web Mercator at 60° is half a metre on the ground."""
    y = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(10, 60)[1]
    assert scale_error("EPSG:3857", (1e6, y - 1, 1e6 + 1, y + 1)) == pytest.approx(1.0, rel=0.01)


def test_a_place_outside_the_world_has_no_error():
    assert np.isnan(scale_error("EPSG:32632", (1e15, 1e15, 2e15, 2e15)))
