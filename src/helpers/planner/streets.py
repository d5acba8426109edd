"""The city's streets as a page needs them to compute ways itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.cities import CityError
from helpers.compendium import input_hash
from helpers.space import connected_part, placed, street_network

if TYPE_CHECKING:
    import pandas as pd

    from helpers.cities import City

MOST_PIECES = 12_000
"""Pieces of street, each direction one, that a page carries at most."""

LARGEST_LAYER = 3_000_000
"""Bytes of the city's files above which the streets are not read for a page."""


def pieces(town: City, nodes: pd.DataFrame, inputs: str) -> dict[str, list[Any]] | None:
    """Pieces of street between crossings and nodes, every digit of their lengths kept.

    Parameters
    ----------
    town : City
        Whose streets.
    nodes : DataFrame
        ``x, y``: the nodes, metres.
    inputs : str
        Hash of the city's files from which the plans were made.

    Returns
    -------
    dict or None
        ``tail, head, cost``: from where to where each piece is driven, and its length, metres;
        ``spots, away``: each node's place among these, and its way off the street.  None where the
        city has no streets, other files than those of the plans, or too many.
    """
    if not town.has("streets"):
        return None
    try:
        size = sum(path.stat().st_size for path in town.input_files())
        if input_hash(town) != inputs or size > LARGEST_LAYER:
            return None
        network = connected_part(street_network(town.layer("streets"))).network
    except (CityError, OSError, ValueError):
        return None
    graph, spots, away, _ = placed(network, nodes[["x", "y"]].to_numpy(float), network.length)
    if graph.nnz > MOST_PIECES:
        return None
    ends = graph.tocoo()
    parts = {"tail": ends.row, "head": ends.col, "cost": ends.data, "spots": spots, "away": away}
    return {name: np.asarray(values).tolist() for name, values in parts.items()}
