"""Hot and cold spots of zones: neighbours, the Getis-Ord statistic, its classes."""

from .classes import CLASSES, false_discovery_rate, hot_spot_classes
from .local_statistic import GetisOrd, getis_ord
from .neighbourhoods import DEFINITIONS, connecting_band, neighbours

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
