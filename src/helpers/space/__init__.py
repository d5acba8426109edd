"""Space: windows, zones, borders, grids, tessellations; metres, but where degrees are named."""

from .borders import (
    LEAST_BORDER,
    borders_from_polygons,
    components,
    contiguity,
    short_contacts,
    unmatched_borders,
)
from .dissolving import dissolved
from .grids import cell_of, grid, grid_size
from .outlines import event_hull, study_area
from .remote import REMOTE, is_near, is_no_place, is_on_earth, main_group
from .street_speeds import CLASS_SPEEDS, with_speeds
from .street_travel import ConnectedPart, StreetFlow, connected_part, street_flow
from .streets import (
    Placed,
    StreetNetwork,
    placed,
    read_graphml,
    snap_to_streets,
    street_distances,
    street_network,
)
from .systems import degrees_words, is_true_at, scale_error, utm_zone
from .tessellation import schematic_zones, voronoi_zones
from .windows import Window, as_points, as_window

__all__ = [
    "CLASS_SPEEDS",
    "LEAST_BORDER",
    "REMOTE",
    "ConnectedPart",
    "Placed",
    "StreetFlow",
    "StreetNetwork",
    "Window",
    "as_points",
    "as_window",
    "borders_from_polygons",
    "cell_of",
    "components",
    "connected_part",
    "contiguity",
    "degrees_words",
    "dissolved",
    "event_hull",
    "grid",
    "grid_size",
    "is_near",
    "is_no_place",
    "is_on_earth",
    "is_true_at",
    "main_group",
    "placed",
    "read_graphml",
    "scale_error",
    "schematic_zones",
    "short_contacts",
    "snap_to_streets",
    "street_distances",
    "street_flow",
    "street_network",
    "study_area",
    "unmatched_borders",
    "utm_zone",
    "voronoi_zones",
    "with_speeds",
]
