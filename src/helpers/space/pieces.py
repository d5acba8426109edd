"""Zones in one piece: what lies apart goes to a neighbour."""

from __future__ import annotations

import numpy as np
import shapely

_TOLERANCE = 0.01  # metres: coordinates closer than this are the same place


def one_part_each(
    shapes: np.ndarray, places: np.ndarray, owner: np.ndarray, count: np.ndarray
) -> np.ndarray:
    r"""Give the detached pieces of zones to their neighbours, so that each zone is one polygon.

    A zone keeps the piece with most of its places, the larger one if two have as many.  Every other
    piece goes to the zone with which it shares the longest border, the longest of all first, so
    that pieces among pieces are reached from the outside in.  What touches no other zone, such as
    an island, stays with its own.

    Parameters
    ----------
    shapes : (m,) array of shapely polygons or multipolygons
        Zones in metres that do not overlap.
    places : (n, 2) array
        Places that the zones were drawn from, in metres.
    owner : (n,) array of int
        The zone of each place.
    count : (n,) array
        How much each place counts.

    Returns
    -------
    (m,) array of shapely geometries
        Polygons, but for zones with an island; together they cover what `shapes` cover.

    Examples
    --------
    >>> left, middle = shapely.box(0, 0, 40, 10), shapely.box(40, 0, 60, 10)
    >>> apart = shapely.MultiPolygon([left, shapely.box(60, 0, 70, 10)])
    >>> places = np.array([[5.0, 5.0], [65.0, 5.0], [50.0, 5.0]])
    >>> found = one_part_each(np.array([apart, middle]), places, [0, 0, 1], [3, 1, 1])
    >>> [zone.area for zone in found]
    [400.0, 300.0]
    """
    shapes = np.asarray(shapes, dtype=object)
    parts, zone = shapely.get_parts(shapes, return_index=True)
    if len(parts) == len(shapes):
        return shapes
    kept = _kept_parts(parts, zone, places, np.asarray(owner), np.asarray(count, dtype=float))
    new = _new_owners(parts, zone, kept)
    moved = new != zone
    shapes = shapes.copy()
    for k in np.union1d(zone[moved], new[moved]):
        shapes[k] = shapely.union_all(parts[new == k])
    return shapes


def _kept_parts(parts, zone, places, owner, count):
    """For each part whether its zone keeps it."""
    tree = shapely.STRtree(parts)
    place, inside = tree.query(shapely.points(places), predicate="intersects")
    own = zone[inside] == owner[place]
    held = np.bincount(inside[own], count[place[own]], minlength=len(parts))
    order = np.lexsort((-shapely.area(parts), -held, zone))
    kept = np.zeros(len(parts), dtype=bool)
    kept[order[np.searchsorted(zone[order], np.arange(zone.max() + 1))]] = True
    return kept


def _new_owners(parts, zone, kept):
    """The zone that each part belongs to in the end."""
    apart = np.flatnonzero(~kept)
    piece, other = shapely.STRtree(parts).query(
        parts[apart], predicate="dwithin", distance=_TOLERANCE
    )
    piece = apart[piece]
    piece, other = piece[piece != other], other[piece != other]
    edges = shapely.boundary(parts)
    length = shapely.length(shapely.intersection(edges[piece], edges[other], grid_size=_TOLERANCE))
    new = zone.copy()
    shared = {int(p): {} for p in apart}
    beside = {int(p): [] for p in apart}
    for p, q, metres in zip(piece.tolist(), other.tolist(), length.tolist(), strict=True):
        if metres <= _TOLERANCE:
            continue
        if kept[q]:
            shared[p][zone[q]] = shared[p].get(zone[q], 0.0) + metres
        else:
            beside[q].append((p, metres))
    while shared:
        reached = [(-max(lengths.values()), p) for p, lengths in shared.items() if lengths]
        if not reached:
            break  # islands
        _, p = min(reached)
        lengths = shared.pop(p)
        new[p] = min(lengths, key=lambda k: (-lengths[k], k))
        for q, metres in beside[p]:
            if q in shared:
                shared[q][new[p]] = shared[q].get(new[p], 0.0) + metres
    return new
