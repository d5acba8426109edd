"""Which zones touch, where, for how long: borders from polygons, contiguity from borders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sparse
import shapely

from helpers.checks import one_of

ROOK, POINT = "rook", "point"
LEAST_BORDER = 10.0  # metres; districts that hang together by less are in pieces for a patrol


def borders_from_polygons(
    zones: Sequence[str],
    polygons: Sequence[shapely.Geometry],
    tolerance: float = 0.01,
    snap: float = 0.0,
) -> pd.DataFrame:
    r"""Shared borders of the polygons of a map.

    Two zones share a border of length :math:`|\partial P_a \cap \partial P_b|`.  They are in
    rook contact when that length is positive, in point contact when they meet in corners only;
    queen contiguity is both.

    Parameters
    ----------
    zones : sequence of n str
        Zone codes, all different.
    polygons : sequence of n shapely polygons or multipolygons
        In metres, forming a coverage: neighbours share their border, they do not overlap.
    tolerance : float
        Coordinates closer than this (metres) are the same place.
    snap : float
        Gaps up to this width (metres) are closed first, and ground that two polygons cover is given
        to one, as GEOS cleans a coverage; 0 takes the polygons as they are.

    Returns
    -------
    DataFrame
        ``zone_a``, ``zone_b`` (in the order of `zones`), ``shared_km`` (kilometres), ``contact``
        (``rook`` or ``point``), sorted by the order of `zones`.

    Raises
    ------
    ValueError
        Codes repeat, lengths differ, a polygon is missing, not valid, or lost in the cleaning.

    Examples
    --------
    >>> left, right = shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)
    >>> borders_from_polygons(["a", "b"], [left, right])
      zone_a zone_b  shared_km contact
    0      a      b        1.0    rook
    """
    codes = np.asarray(zones, dtype=object)
    shapes = np.asarray(polygons, dtype=object)
    _check_polygons(codes, shapes)
    if snap > 0:
        shapes = _cleaned(codes, shapes, snap)
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="dwithin", distance=tolerance)
    keep = first < second
    order = np.lexsort((second[keep], first[keep]))
    first, second = first[keep][order], second[keep][order]
    outlines = shapely.boundary(shapes)
    # snap rounding turns a corner lying on a neighbour's edge into a common line
    shared = shapely.intersection(outlines[first], outlines[second], grid_size=tolerance)
    length = shapely.length(shared)
    return pd.DataFrame(
        {
            "zone_a": pd.Series(codes[first], dtype="str"),
            "zone_b": pd.Series(codes[second], dtype="str"),
            "shared_km": np.round(length / 1000.0, 6),
            "contact": pd.Series(np.where(length > tolerance, ROOK, POINT), dtype="str"),
        }
    )


def _cleaned(codes: np.ndarray, shapes: np.ndarray, width: float) -> np.ndarray:
    cleaned = np.asarray(
        shapely.coverage_clean(shapes, gap_width=width, snapping_distance=width), dtype=object
    )
    lost = shapely.is_empty(cleaned)
    if lost.any():
        raise ValueError(
            f"zone {codes[lost][0]!r} lies inside other zones or is narrower than {width:g} m; "
            "correct its polygon"
        )
    return cleaned


def unmatched_borders(
    zones: Sequence[str],
    polygons: Sequence[shapely.Geometry],
    borders: pd.DataFrame,
    width: float = 1.0,
) -> pd.DataFrame:
    r"""Pairs of zones whose polygons do not meet where they should: the map is no coverage there.

    The borders are measured again on the polygons as GEOS cleans them, with gaps up to `width`
    closed and overlaps given to one side.  A pair counts when its length grows by more than
    :math:`\max(2 w, 0.05 \ell)`: two lines drawn for one border, a gap, an overlap.

    Parameters
    ----------
    zones, polygons
        As `borders_from_polygons` takes them.
    borders : DataFrame
        What it gives for them.
    width : float
        Widest gap that is no street or river, in metres.

    Returns
    -------
    DataFrame
        ``zone_a``, ``zone_b``, ``shared_km`` as drawn and ``closed_km`` once closed, the largest
        difference first; no row for a coverage.

    Raises
    ------
    ValueError
        A polygon is missing, not valid, or lost in the cleaning.

    Examples
    --------
    >>> left, right = shapely.box(0, 0, 1000, 1000), shapely.box(1000.3, 0, 2000, 1000)
    >>> found = borders_from_polygons(["a", "b"], [left, right])
    >>> unmatched_borders(["a", "b"], [left, right], found)["closed_km"].round(2).tolist()
    [1.0]
    """
    closed = borders_from_polygons(zones, polygons, snap=width)
    keys = ["zone_a", "zone_b"]
    both = closed.merge(borders, on=keys, how="left", suffixes=("_closed", ""))
    both = both.rename(columns={"shared_km_closed": "closed_km"}).fillna({"shared_km": 0.0})
    grown = both["closed_km"] - both["shared_km"]
    wrong = grown > np.maximum(2e-3 * width, 0.05 * both["closed_km"])
    order = grown[wrong].sort_values(ascending=False, kind="stable").index
    return both.loc[order, [*keys, "shared_km", "closed_km"]].reset_index(drop=True)


def _check_polygons(codes: np.ndarray, shapes: np.ndarray) -> None:
    if codes.shape != shapes.shape or codes.ndim != 1:
        raise ValueError(f"{len(codes)} zones but {len(shapes)} polygons; give one for each")
    repeated = pd.Index(codes)[pd.Index(codes).duplicated()]
    if len(repeated):
        raise ValueError(f"zone {repeated[0]!r} is given twice; dissolve its polygons into one")
    kinds = shapely.get_type_id(shapes)
    wrong = ~np.isin(kinds, (3, 6)) | shapely.is_empty(shapes)
    if wrong.any():
        raise ValueError(f"zone {codes[wrong][0]!r} has no polygon; borders need one for each zone")
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        reason = shapely.is_valid_reason(shapes[invalid][0])
        raise ValueError(
            f"the polygon of zone {codes[invalid][0]!r} is not valid ({reason}); repair it, for "
            "example with shapely.make_valid"
        )


def short_contacts(
    count: int,
    pairs: np.ndarray,
    shared_m: np.ndarray,
    outline_m: np.ndarray,
    least: float = LEAST_BORDER,
) -> tuple[np.ndarray, np.ndarray]:
    """Borders too short to pass: which to leave out, and which are needed to hold a map together.

    A border is short below `least` metres, if it is less than a hundredth of the smaller outline
    too (so that a drawing in other units keeps its borders). Zones that hang together stay so:
    where leaving the short ones out would part them, the longest that join the parts are kept.

    Parameters
    ----------
    count : int
        How many zones.
    pairs : (m, 2) array of int
        Zones in contact.
    shared_m : (m,) array
        Length of each border, in metres.
    outline_m : (count,) array
        Perimeter of each zone, in metres.
    least : float
        Metres; 0 counts every border.

    Returns
    -------
    dropped, needed : (m,) arrays of bool
        Short borders that join nothing, and short ones that are kept.

    Examples
    --------
    >>> pairs = np.array([[0, 1], [1, 2], [0, 2]])
    >>> short_contacts(3, pairs, np.array([500.0, 4.0, 2.0]), np.full(3, 4000.0))
    (array([False, False,  True]), array([False,  True, False]))
    """
    pairs, shared = np.asarray(pairs).reshape(-1, 2), np.asarray(shared_m, dtype=float)
    smaller = np.asarray(outline_m, dtype=float)[pairs].min(axis=1) if len(pairs) else shared
    short = (shared < least) & (shared < smaller / 100.0)
    needed = np.zeros(len(pairs), dtype=bool)
    long = pairs[~short]
    graph = sparse.coo_array((np.ones(len(long)), tuple(long.T)), shape=(count, count))
    part = sparse.csgraph.connected_components(graph, directed=False)[1]
    at = np.flatnonzero(short)
    for k in at[np.lexsort((at, -shared[at]))]:
        one, other = part[pairs[k]]
        if one != other:
            part[part == other] = one
            needed[k] = True
    return short & ~needed, needed


def contiguity(
    zones: Sequence[str],
    borders: pd.DataFrame,
    contact: str = "queen",
    links: Sequence[tuple[str, str]] = (),
) -> sparse.csr_array:
    r"""Contiguity matrix of zones, from their table of borders.

    Parameters
    ----------
    zones : sequence of n str
        Zone codes; row and column i of the matrix belong to ``zones[i]``.
    borders : DataFrame
        ``zone_a``, ``zone_b``, ``contact``.
    contact : {"queen", "rook"}
        Corners count as contact (queen) or not (rook).
    links : sequence of pairs of str
        Connections to add by hand, such as a bridge or a ferry.

    Returns
    -------
    scipy.sparse.csr_array, (n, n)
        Symmetric, 1.0 where two zones are neighbours, diagonal empty.

    Raises
    ------
    ValueError
        Unknown contact, or a border or link that names a zone not in `zones`.

    Examples
    --------
    >>> table = pd.DataFrame({"zone_a": ["a"], "zone_b": ["b"], "contact": ["point"]})
    >>> contiguity(["a", "b"], table).toarray()
    array([[0., 1.],
           [1., 0.]])
    >>> contiguity(["a", "b"], table, contact="rook").nnz
    0
    """
    one_of(contact, "contact", ("queen", "rook"))
    kept = borders if contact == "queen" else borders[borders["contact"] == ROOK]
    index = pd.Index(zones)
    first = [*kept["zone_a"], *(a for a, _ in links)]
    second = [*kept["zone_b"], *(b for _, b in links)]
    i, j = index.get_indexer(first), index.get_indexer(second)
    for position, code in ((i, first), (j, second)):
        if (position < 0).any():
            unknown = np.asarray(code, dtype=object)[position < 0][0]
            raise ValueError(f"zone {unknown!r} of the borders is not among the zones")
    n = len(index)
    rows, columns = np.concatenate([i, j]), np.concatenate([j, i])
    matrix = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    matrix.data[:] = 1.0  # a link given beside a border counts once
    return matrix


def components(
    zones: Sequence[str],
    borders: pd.DataFrame,
    contact: str = "queen",
    links: Sequence[tuple[str, str]] = (),
) -> list[list[str]]:
    """Connected components of the contiguity graph, the largest first.

    Parameters are those of `contiguity`.  A map on which districts can be drawn has one
    component; an island without a link makes another.

    Examples
    --------
    >>> table = pd.DataFrame({"zone_a": ["a"], "zone_b": ["b"], "contact": ["rook"]})
    >>> components(["a", "b", "island"], table)
    [['a', 'b'], ['island']]
    """
    matrix = contiguity(zones, borders, contact, links)
    count, label = sparse.csgraph.connected_components(matrix, directed=False)
    codes = np.asarray(zones, dtype=object)
    parts = [codes[label == part].tolist() for part in range(count)]
    return sorted(parts, key=len, reverse=True)
