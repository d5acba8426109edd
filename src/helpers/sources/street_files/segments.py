"""Street segments on their way into a city's layer streets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely


@dataclass(frozen=True)
class Segments:
    """Street segments and what was left out on the way to them.

    Attributes
    ----------
    frame : GeoDataFrame
        ``oneway`` (bool), ``speed_kmh`` (NaN where none is stated), ``class`` (a word), ``length_m``,
        each only where the source tells; geometry in degrees, one line a row, one-way segments
        drawn in their direction.
    facts : list of str
    """

    frame: gpd.GeoDataFrame
    facts: list[str]

    def near(self, window: shapely.Geometry) -> Segments:
        """The segments that touch a window in degrees."""
        import shapely

        shapely.prepare(window)
        kept = shapely.intersects(window, self.frame.geometry.to_numpy())
        return replace(self, frame=self.frame[kept].reset_index(drop=True))

    def told(self, name: str) -> str:
        """What they are, as ``streets: 120 segments of a.gpkg; 30 one-way, 55 with a speed limit``."""
        told = []
        if "oneway" in self.frame:
            told.append(f"{int(self.frame['oneway'].sum()):,} one-way")
        if "speed_kmh" in self.frame:
            told.append(f"{int(self.frame['speed_kmh'].notna().sum()):,} with a speed limit")
        if "class" in self.frame:
            told.append(f"{len(set(self.frame['class']) - {''})} classes")
        more = f"; {', '.join(told)}" if told else ""
        return f"streets: {len(self.frame):,} segments of {name}{more}"
