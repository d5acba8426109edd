"""Hot and cold spots of zones: neighbours, the Getis-Ord statistic, its classes, their change."""

from .association import MORAN_CLASSES, LocalMoran, MoranI, local_moran, moran
from .classes import CLASSES, false_discovery_rate, hot_spot_classes
from .emerging import (
    EMERGING_CLASSES,
    EmergingHotSpots,
    emerging_classes,
    emerging_hot_spots,
)
from .local_statistic import GetisOrd, getis_ord
from .neighbourhoods import DEFINITIONS, connecting_band, graphs_by_definition, neighbours
from .robustness import findings_by_choice, holding
from .trends import mann_kendall

__all__ = [
    "CLASSES",
    "DEFINITIONS",
    "EMERGING_CLASSES",
    "MORAN_CLASSES",
    "EmergingHotSpots",
    "GetisOrd",
    "LocalMoran",
    "MoranI",
    "connecting_band",
    "emerging_classes",
    "emerging_hot_spots",
    "false_discovery_rate",
    "findings_by_choice",
    "getis_ord",
    "graphs_by_definition",
    "holding",
    "hot_spot_classes",
    "local_moran",
    "mann_kendall",
    "moran",
    "neighbours",
]
