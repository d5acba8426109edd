"""Hot and cold spots of zones: neighbours, the Getis-Ord statistic, its classes, their change."""

from .classes import CLASSES, false_discovery_rate, hot_spot_classes
from .emerging import (
    EMERGING_CLASSES,
    EmergingHotSpots,
    emerging_classes,
    emerging_hot_spots,
)
from .local_statistic import GetisOrd, getis_ord
from .neighbourhoods import DEFINITIONS, connecting_band, graphs_by_definition, neighbours
from .trends import mann_kendall

__all__ = [
    "CLASSES",
    "DEFINITIONS",
    "EMERGING_CLASSES",
    "EmergingHotSpots",
    "GetisOrd",
    "connecting_band",
    "emerging_classes",
    "emerging_hot_spots",
    "false_discovery_rate",
    "getis_ord",
    "graphs_by_definition",
    "hot_spot_classes",
    "mann_kendall",
    "neighbours",
]
