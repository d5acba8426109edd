"""Space: windows, zones, borders, grids, tessellations; everything in metres."""

from .borders import borders_from_polygons, components, contiguity
from .grids import cell_of, grid
from .outlines import event_hull, study_area
from .streets import StreetNetwork, read_graphml, street_distances, street_network
from .tessellation import schematic_zones, voronoi_zones
from .windows import Window, as_points, as_window

__all__ = [
    "StreetNetwork",
    "Window",
    "as_points",
    "as_window",
    "borders_from_polygons",
    "cell_of",
    "components",
    "contiguity",
    "event_hull",
    "grid",
    "read_graphml",
    "schematic_zones",
    "street_distances",
    "street_network",
    "study_area",
    "voronoi_zones",
]
