"""Figures in one style: maps, charts, their legends. Everything is drawn, nothing is computed.

Colour-blind-safe palettes, type of at least seven points at the width of a journal's column, a
scale bar and a north arrow on maps, a source line at the foot, and the words ``SYNTHETIC``,
``derived`` or ``schematic`` wherever they are due::

    use_style()
    figure, axes = map_panels(1, 2, zones.total_bounds, source=town.source_line)
    hot_spot_map(axes[0, 0], zones, table["class"])
"""

from helpers.plots.charts import bars, curves, direct_labels, dots, gap, thousands, tiles
from helpers.plots.districts import (
    exchange,
    growth_maps,
    method_dots,
    plan_grid,
    plan_with_balance,
    plans_beside,
    recombination_maps,
    search_traces,
)
from helpers.plots.hot_spots import (
    band_curves,
    choice_tiles,
    field_maps,
    hot_spot_maps,
    neighbour_maps,
)
from helpers.plots.layout import foot_legend, letter, panels, shortened, with_status
from helpers.plots.ledger import verdict_bars
from helpers.plots.maps import (
    choropleth,
    class_map,
    colour_bar,
    enlarged,
    frame,
    hot_spot_key,
    hot_spot_map,
    links_map,
    map_panels,
    name_places,
    north_arrow,
    outline,
    points_map,
    raster_map,
    scale_bar,
)
from helpers.plots.patrols import demand_dots, posts_map, territory_map
from helpers.plots.patterns import cluster_map
from helpers.plots.plans import balance, name_areas, plan_map, plan_panels, tints
from helpers.plots.style import (
    ALERT,
    AMOUNTS,
    CATEGORIES,
    COLUMN,
    DENSITY,
    DIFFERENCE,
    EMPTY,
    FAINT,
    HOT_SPOTS,
    INK,
    MUTED,
    PAGE,
    use_style,
)

__all__ = [
    "ALERT",
    "AMOUNTS",
    "CATEGORIES",
    "COLUMN",
    "DENSITY",
    "DIFFERENCE",
    "EMPTY",
    "FAINT",
    "HOT_SPOTS",
    "INK",
    "MUTED",
    "PAGE",
    "balance",
    "band_curves",
    "bars",
    "choice_tiles",
    "choropleth",
    "class_map",
    "cluster_map",
    "colour_bar",
    "curves",
    "demand_dots",
    "direct_labels",
    "dots",
    "enlarged",
    "exchange",
    "field_maps",
    "foot_legend",
    "frame",
    "gap",
    "growth_maps",
    "hot_spot_key",
    "hot_spot_map",
    "hot_spot_maps",
    "letter",
    "links_map",
    "map_panels",
    "method_dots",
    "name_areas",
    "name_places",
    "neighbour_maps",
    "north_arrow",
    "outline",
    "panels",
    "plan_grid",
    "plan_map",
    "plan_panels",
    "plan_with_balance",
    "plans_beside",
    "points_map",
    "posts_map",
    "raster_map",
    "recombination_maps",
    "scale_bar",
    "search_traces",
    "shortened",
    "territory_map",
    "thousands",
    "tiles",
    "tints",
    "use_style",
    "verdict_bars",
    "with_status",
]
