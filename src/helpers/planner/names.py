"""Names of places near the nodes, where the section saved none: the nearest police station."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.cities import CityError
from helpers.compendium import input_hash

if TYPE_CHECKING:
    from helpers.cities import City


def with_names(
    nodes: pd.DataFrame, told: pd.DataFrame | None, town: City, inputs: str
) -> pd.DataFrame | None:
    """The nodes' layer with a ``place`` each: its own, or the nearest station and how far it is.

    Parameters
    ----------
    nodes : DataFrame
        ``node, x, y``.
    told : DataFrame, optional
        The nodes' layer as it was saved.
    town : City
        For its stations, a small layer.
    inputs : str
        Hash of the city's files from which the plans were made; of other files no name is taken.
    """
    if (told is not None and "place" in told) or not town.has("stations"):
        return told
    try:
        if input_hash(town) != inputs:
            return told
        stations = town.layer("stations")
    except (CityError, OSError):
        return told
    if not len(stations) or "station" not in stations:
        return told
    at = np.column_stack([stations.geometry.x, stations.geometry.y])
    apart = nodes[["x", "y"]].to_numpy(float)[:, None, :] - at[None, :, :]
    far = np.hypot(*np.moveaxis(apart, -1, 0))
    nearest = far.argmin(axis=1)
    names = stations["station"].astype(str).to_numpy()[nearest]
    ways = far.min(axis=1) / 1000
    place = [f"{way:.1f} km from {name}" for way, name in zip(ways, names, strict=True)]
    told = nodes[["node"]] if told is None else told
    return told.merge(pd.DataFrame({"node": nodes["node"], "place": place}), on="node", how="left")
