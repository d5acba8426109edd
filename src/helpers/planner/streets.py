"""The city's streets as a page needs them to compute ways itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.cities import CityError
from helpers.compendium import input_hash
from helpers.space import connected_part, placed, street_network, with_speeds

if TYPE_CHECKING:
    import pandas as pd

    from helpers.cities import City

MOST_PIECES = 12_000
"""Pieces of street, each direction one, that a page carries at most."""

LARGEST_LAYER = 3_000_000
"""Bytes of the city's files above which the streets are not read for a page."""


def pieces(
    town: City, nodes: pd.DataFrame, made_from: Mapping[str, Any], metric: str
) -> dict[str, list[Any]] | None:
    """Pieces of street between crossings and nodes, every digit of their lengths or times kept.

    Parameters
    ----------
    town : City
        Whose streets.
    nodes : DataFrame
        ``x, y``: the nodes, metres.
    made_from : dict
        What the plans were made from: ``inputs``, the hash of the city's files, and the
        ``parameters`` of the section, of which ``speed`` counts for minutes.
    metric : {"streets", "minutes"}
        Of the plans.

    Returns
    -------
    dict or None
        ``tail, head, cost``: from where to where each piece is driven, and its length in metres or
        its time in minutes; ``spots, away``: each node's place among these, and its way off the
        street.  None where the city has no streets, other files than those of the plans, or too
        many; and for another metric.
    """
    if not town.has("streets") or metric not in ("streets", "minutes"):
        return None
    timed = metric == "minutes"
    try:
        size = sum(path.stat().st_size for path in town.input_files())
        if input_hash(town) != made_from.get("inputs") or size > LARGEST_LAYER:
            return None
        speed = float(made_from["parameters"]["speed"]) if timed else 0.0
        streets = town.layer("streets")
        streets = with_speeds(streets, speed) if timed else streets
        network = connected_part(street_network(streets)).network
    except (CityError, OSError, KeyError, TypeError, ValueError):
        return None
    minutes_a_metre = 60 / 1000 / network.speed if timed else 1.0
    xy = nodes[["x", "y"]].to_numpy(float)
    graph, spots, away, _ = placed(network, xy, network.length * minutes_a_metre)
    away = away * (60 / 1000 / speed) if timed else away
    if graph.nnz > MOST_PIECES:
        return None
    ends = graph.tocoo()
    parts = {"tail": ends.row, "head": ends.col, "cost": ends.data, "spots": spots, "away": away}
    return {name: np.asarray(values).tolist() for name, values in parts.items()}
