"""Names of places near the nodes, where the section saved none: their zone, or the nearest police station."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.cities import CityError
from helpers.compendium import input_hash, store

if TYPE_CHECKING:
    from helpers.cities import City

ZONES = "23_district_results"
"""Section that saves the outlines of the zones."""

CODES = 0.5
"""Share of names with digits above which names are codes, which tell a reader of no place."""

WINDS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def with_names(
    nodes: pd.DataFrame, told: pd.DataFrame | None, town: City, inputs: str
) -> pd.DataFrame | None:
    """The nodes' layer with a ``place`` each: its own, its zone, or the nearest station and how far.

    Parameters
    ----------
    nodes : DataFrame
        ``node, x, y``.
    told : DataFrame, optional
        The nodes' layer as it was saved.
    town : City
        For its coordinate system and its stations, a small layer.
    inputs : str
        Hash of the city's files from which the plans were made; of other files no name is taken.
    """
    if told is not None and "place" in told:
        return told
    xy = nodes[["x", "y"]].to_numpy(float)
    place = _zones(xy, town, inputs)
    place = _stations(xy, town, inputs) if place is None else place
    if place is None:
        return told
    told = nodes[["node"]] if told is None else told
    return told.merge(pd.DataFrame({"node": nodes["node"], "place": place}), on="node", how="left")


def _zones(xy: np.ndarray, town: City, inputs: str) -> list[str] | None:
    """Name of the zone that holds each node, or the nearest one, where zones have names."""
    import geopandas as gpd

    saved = store.saved_file(town.name, ZONES, "plans_zones (GeoJSON)")
    if saved is None or store.read_index(town.name, ZONES)["provenance"].get("inputs") != inputs:
        return None
    try:
        features = json.loads(saved[0].read_text(encoding="utf-8"))
        layer = gpd.GeoDataFrame.from_features(features, crs=4326).to_crs(town.crs)
        names = layer["name"].map(str)
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        return None
    if names.str.contains(r"\d").mean() > CODES:
        return None
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=town.crs)
    joined = points.sjoin_nearest(layer[["name", "geometry"]].assign(name=names))
    # of zones that are equally near the first
    return joined["name"].groupby(level=0).first().tolist()


def _stations(xy: np.ndarray, town: City, inputs: str) -> list[str] | None:
    """How far each node is from which station, and which way from it."""
    found = _named_posts(town, "stations", inputs)
    if found is None:
        return None
    at, every = found
    far = np.hypot(*np.moveaxis(xy[:, None, :] - at[None, :, :], -1, 0))
    near = far.argmin(axis=1)
    told = zip(xy - at[near], every[near], strict=True)
    return [beside_station(east, north, name) for (east, north), name in told]


def beside_station(east: float, north: float, name: str) -> str:
    """Where a place is that lies so many metres east and north of a named one.

    Examples
    --------
    >>> beside_station(1500.0, 1500.0, "Elland Road"), beside_station(10.0, -20.0, "Elland Road")
    ('2.1 km NE of Elland Road', 'at Elland Road')
    """
    way = float(np.hypot(east, north)) / 1000
    if round(way, 1) == 0:
        return f"at {name}"
    eighth = round(float(np.arctan2(east, north)) / (np.pi / 4)) % 8
    return f"{way:.1f} km {WINDS[eighth]} of {name}"


def posts_names(xy: np.ndarray, town: City, layer: str, inputs: str) -> list[str]:
    """Names of the posts of a layer that stand at these places; nothing where none is known.

    Parameters
    ----------
    xy : (posts, 2) array
        Metres.
    town : City
        Whose layer.
    layer : str
        Its name.
    inputs : str
        Hash of the city's files from which the places were taken.
    """
    found = _named_posts(town, layer, inputs)
    if found is None:
        return [""] * len(xy)
    known = {tuple(at): str(name) for at, name in zip(np.round(found[0]), found[1], strict=True)}
    return [known.get(tuple(at), "") for at in np.round(xy)]


def _named_posts(town: City, layer: str, inputs: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Places and names of the posts of a layer, where it has names and is that of the same files."""
    if not town.has(layer):
        return None
    try:
        if input_hash(town) != inputs:
            return None
        posts = town.layer(layer)
    except (CityError, OSError):
        return None
    if not len(posts) or "station" not in posts:
        return None
    at = np.column_stack([posts.geometry.x, posts.geometry.y])
    return at, posts["station"].astype(str).to_numpy()
