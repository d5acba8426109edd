"""Figures in one style: maps, charts, their legends. Everything is drawn, nothing is computed.

Colour-blind-safe palettes, type of at least seven points at the width of a journal's column, a
scale bar and a north arrow on maps, a source line at the foot, and the words ``SYNTHETIC``,
``derived`` or ``schematic`` wherever they are due::

    use_style()
    figure, axes = map_panels(1, 2, zones.total_bounds, source=town.source_line)
    hot_spot_map(axes[0, 0], zones, table["class"])
"""

from helpers.plots.charts import bars, curves, direct_labels, dots, gap, thousands, tiles
from helpers.plots.clustering import (
    cluster_maps,
    fits_chart,
    function_beside_csr,
    functions_by_kind,
    merging_chart,
    ties_chart,
)
from helpers.plots.exploration import (
    counts_chart,
    csr_curves,
    csr_dots,
    density_maps,
    events_map,
    quadrat_maps,
)
from helpers.plots.layout import foot_legend, letter, panels, shortened
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
    "bars",
    "choropleth",
    "class_map",
    "cluster_map",
    "cluster_maps",
    "colour_bar",
    "counts_chart",
    "csr_curves",
    "csr_dots",
    "curves",
    "demand_dots",
    "density_maps",
    "direct_labels",
    "dots",
    "enlarged",
    "events_map",
    "fits_chart",
    "foot_legend",
    "frame",
    "function_beside_csr",
    "functions_by_kind",
    "gap",
    "hot_spot_key",
    "hot_spot_map",
    "letter",
    "links_map",
    "map_panels",
    "merging_chart",
    "name_areas",
    "name_places",
    "north_arrow",
    "outline",
    "panels",
    "plan_map",
    "plan_panels",
    "points_map",
    "posts_map",
    "quadrat_maps",
    "raster_map",
    "scale_bar",
    "shortened",
    "territory_map",
    "thousands",
    "ties_chart",
    "tiles",
    "tints",
    "use_style",
    "verdict_bars",
]
