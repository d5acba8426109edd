"""Geometry shared by all methods: windows, grids, zones, distances."""

from .streets import StreetNetwork, read_graphml, street_distances, street_network

__all__ = ["StreetNetwork", "read_graphml", "street_distances", "street_network"]
