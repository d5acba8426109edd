"""Hot and cold spots of zones: neighbours, the Getis-Ord statistic, its classes."""

from .getis_ord import (
    CLASSES,
    DEFINITIONS,
    GetisOrd,
    connecting_band,
    false_discovery_rate,
    getis_ord,
    hot_spot_classes,
    neighbours,
)

__all__ = [
    "CLASSES",
    "DEFINITIONS",
    "GetisOrd",
    "connecting_band",
    "false_discovery_rate",
    "getis_ord",
    "hot_spot_classes",
    "neighbours",
]
