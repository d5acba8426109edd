"""Puts the plans of districts that a section saved into the data of the districts page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.compendium import store

from .saved import read_saved, safe_json

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from helpers.cities import City

SECTION = "23_district_results"
VALUES = "21_district_hot_spots"
MOST_ZONES = 2_000
"""Zones that a page carries at most."""

TODAY, CHANGED = re.compile("today(_stand_in)?(?:_|$)"), re.compile(r"_(\d+)_changed$")
FINENESS = 60.0
"""Metres by which a border may move on the page, at most a hundredth of the city's extent."""


@dataclass(frozen=True)
class Districts:
    """What the districts page shows without scripts, and what its script reads.

    Attributes
    ----------
    city : str
        Name of the city's folder.
    plans : list of dict
        Plan, field, areas, method, the sum of differences from an equal share, and whether that is
        proven to be the least.
    data : str
        JSON for the page's script, safe inside a script element.
    """

    city: str
    plans: list[dict[str, Any]]
    data: str

    @property
    def stand_in(self) -> bool:
        """Whether today's districts are a stand-in for what is not published."""
        return any("stand-in" in plan["method"] for plan in self.plans)


def read_districts(city: str, town: City | None, *, title: str = "") -> Districts | None:
    """What sections 21 and 23 saved of a city's zones and plans, as the page needs it.

    Parameters
    ----------
    city : str
        Name of the city's folder.
    town : City, optional
        For its coordinate system and the labels of its fields; no layer is read.
    title : str
        Its name for people.

    Returns
    -------
    Districts or None
        None where zones, values or plans are not there, do not fit each other, or are too many.
    """
    outline = store.saved_file(city, SECTION, "plans_zones (GeoJSON)")
    plans = read_saved(city, SECTION, "plans_plans")
    values = read_saved(city, VALUES, "spots")
    if town is None or outline is None or plans is None or values is None:
        return None
    try:
        return _districts(city, town, outline[0].read_text(encoding="utf-8"), plans, values, title)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OSError):
        # results of those names that are about something else
        return None


def _districts(
    city: str, town: City, outline: str, plans: pd.DataFrame, values: pd.DataFrame, title: str
) -> Districts:
    import geopandas as gpd

    layer = gpd.GeoDataFrame.from_features(json.loads(outline), crs=4326).to_crs(town.crs)
    if not 1 < len(layer) <= MOST_ZONES or not layer["zone"].is_unique:
        raise ValueError("no zones, or more than a page can carry")
    zones = layer["zone"].map(str)
    plans = plans.reset_index() if "plan" not in plans else plans
    fields = {}
    for name in dict.fromkeys(plans["field"].map(str)):
        label = town.fields()[name].label
        own = values[values["field"].map(str) == label]
        amounts = own.assign(zone=own["zone"].map(str)).set_index("zone")["value"]
        fields[name] = (label, amounts.loc[zones].astype(float).tolist())
    rows = []
    for row in plans.to_dict("records"):
        areas = layer[row["plan"]].astype(int).tolist()
        proven = row["proven"] in (True, 1, "True", "true")
        name = str(row["plan"])
        rows.append({"name": name, "title": plan_title(name), "field": str(row["field"]), "areas": areas,
                     "method": str(row["method"]), "eq1": float(row["eq1"]), "proven": proven})  # fmt: skip
    data = {
        "city": city,
        "title": title or city,
        "zones": zones.tolist(),
        "names": layer["name"].map(str).tolist() if "name" in layer else zones.tolist(),
        "fields": [{"name": n, "label": label, "values": v} for n, (label, v) in fields.items()],
        "plans": rows,
        **_shapes(layer),
    }
    told = [{**row, "areas": len(set(row["areas"]))} for row in rows]
    return Districts(city, told, safe_json(data))


def plan_title(name: str) -> str:
    """What people call a plan.

    Examples
    --------
    >>> plan_title("today_stand_in_5_changed")
    "today's (stand-in), 5 zones moved"
    >>> plan_title("events_balance")
    'events balance'
    """
    today, changed = TODAY.match(name), CHANGED.search(name)
    if today is None:
        return name.replace("_", " ")
    moved = int(changed[1]) if changed else 0
    rest = f", {moved} {'zone' if moved == 1 else 'zones'} moved" if changed else ""
    return f"today's{' (stand-in)' if today[1] else ''}{rest}"


def _shapes(layer: gpd.GeoDataFrame) -> dict[str, Any]:
    """Rings of each zone in whole metres, and pairs of zones that share a piece of border."""
    import shapely

    shapes = layer.geometry.make_valid().to_numpy()
    west, south, east, north = shapely.total_bounds(shapes)
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.length(shapely.intersection(shapes[one], shapes[other]))
    touching = shared > 1e-6 * np.hypot(east - west, north - south)
    fine = min(FINENESS, 0.01 * max(east - west, north - south))
    drawn = shapely.coverage_simplify(shapes, fine)
    rings = []
    for shape in drawn:
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        lines = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        rings.append(
            [np.round(shapely.get_coordinates(line)).astype(int).tolist() for line in lines]
        )
    pairs = np.column_stack([one[touching], other[touching]])
    return {"rings": rings, "borders": pairs.tolist()}
