"""Hot and cold spots of zones: neighbours, the Getis-Ord statistic, its classes."""

from .getis_ord import (
    CLASSES,
    GetisOrd,
    connecting_band,
    false_discovery_rate,
    getis_ord,
    graphs_by_definition,
    hot_spot_classes,
    neighbours,
)

__all__ = [
    "CLASSES",
    "GetisOrd",
    "connecting_band",
    "false_discovery_rate",
    "getis_ord",
    "graphs_by_definition",
    "hot_spot_classes",
    "neighbours",
]
