"""Space: windows, zones, borders, grids, tessellations; everything in metres."""

from helpers.space.borders import borders_from_polygons, components, contiguity
from helpers.space.grids import cell_of, grid
from helpers.space.study_area import study_area
from helpers.space.tessellation import schematic_zones, voronoi_zones
from helpers.space.windows import Window, as_points, as_window

__all__ = [
    "Window",
    "as_points",
    "as_window",
    "borders_from_polygons",
    "cell_of",
    "components",
    "contiguity",
    "grid",
    "schematic_zones",
    "study_area",
    "voronoi_zones",
]
