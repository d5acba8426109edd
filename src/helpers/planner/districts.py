"""Puts the plans of districts that a section saved into the data of the districts page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.checks import per_cent
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
ANEW, SHAPED = "drawn_anew", "_then_shape"
ALL = "all plans"
LEAST = 1e-4
"""Share of the total below which a bound says next to nothing."""

ANEW_SAYS = "Drawn as if there were no districts yet: as many areas as today's,"
STAND_IN_SAYS = (
    "Where today's districts end is not published. This stands in for them: each zone belongs to "
    "the nearest of today's stations, over zones that touch."
)
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
        Plan, what it is, its field, areas, method, the sum of differences from an equal share, its
        share of all that is shared out, and what is proven of it; today's and those of as many areas first.
    data : str
        JSON for the page's script, safe inside a script element.
    """

    city: str
    plans: list[dict[str, Any]]
    data: str

    @property
    def comparable(self) -> dict[tuple[int, str], list[dict[str, Any]]]:
        """The plans by their number of areas and by what they share out: only these compare."""
        groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for plan in self.plans:
            groups.setdefault((plan["areas"], plan["label"]), []).append(plan)
        return groups

    @property
    def stand_in(self) -> bool:
        """Whether today's districts are a stand-in for what is not published."""
        return any("stand-in" in plan["method"] for plan in self.plans)

    @property
    def stand_in_says(self) -> str:
        """What the stand-in is."""
        return STAND_IN_SAYS


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
    plans = like_first(plans.reset_index() if "plan" not in plans else plans, layer)
    fields = {}
    for name in dict.fromkeys(plans["field"].map(str)):
        label = town.fields()[name].label
        own = values[values["field"].map(str) == label]
        amounts = own.assign(zone=own["zone"].map(str)).set_index("zone")["value"]
        fields[name] = (label, amounts.loc[zones].astype(float).tolist())
    rows = []
    today = next((layer[name] for name in plans["plan"].map(str) if _is_today(name)), None)
    for row in plans.to_dict("records"):
        areas = layer[row["plan"]].astype(int).tolist()
        proven = row["proven"] in (True, 1, "True", "true")
        name = str(row["plan"])
        field, method = str(row["field"]), str(row["method"])
        called = str(row.get("title") or name.replace("_", " "))
        among = row.get("among", "all plans")
        among = among if isinstance(among, str) else ""
        rows.append({"name": name, "title": called, "says": f"{plan_meaning(name, fields[field][0])}{_against(name, areas, today)}",
                     "field": field, "areas": areas, "method": method, "eq1": float(row["eq1"]), "proven": proven,
                     "among": among, "proof": proof_sentence(among) if proven else "",
                     "known": proof_known(row, sum(fields[field][1]), among)})  # fmt: skip
    data = {
        "city": city,
        "title": title or city,
        "zones": zones.tolist(),
        "names": layer["name"].map(str).tolist() if "name" in layer else zones.tolist(),
        "fields": [{"name": n, "label": label, "values": v} for n, (label, v) in fields.items()],
        "plans": rows,
        "source": town.source_line,
        "licence": town.licence,
        # the page opens with the first plan, today's where there is one
        "today": rows[0]["name"] if TODAY.match(rows[0]["name"]) else None,
        **_shapes(layer),
    }
    told = [
        {
            **row,
            "areas": len(set(row["areas"])),
            "label": fields[row["field"]][0],
            "share": _share(row["eq1"], sum(fields[row["field"]][1])),
            "found_by": "" if _of_today(row) else row["method"],
        }
        for row in rows
    ]
    return Districts(city, told, safe_json(data))


def _of_today(row: dict[str, Any]) -> bool:
    """Whether what stands under its method only says again what the plan is."""
    return row["name"] == ANEW or bool(TODAY.match(row["name"]))


def _is_today(name: str) -> bool:
    return bool(TODAY.match(name)) and not CHANGED.search(name)


def _against(name: str, areas: list[int], today: pd.Series | None) -> str:
    """How many zones a plan of as many areas hands over against today's, as a sentence."""
    if today is None or TODAY.match(name) or len(set(areas)) != today.nunique():
        return ""
    many = handed_over(areas, today.tolist())
    return f" {many} of the {len(areas)} zones would be in another district than today."


def handed_over(areas: Sequence[int], today: Sequence[int]) -> int:
    """Zones that change hands, where the areas of two plans are paired so that as few do as can.

    Parameters
    ----------
    areas, today : sequence of int
        Area of each zone in either plan; the numbers of one say nothing of the other's.

    Examples
    --------
    >>> handed_over([7, 7, 7, 8, 8], [1, 1, 2, 2, 2])
    1
    """
    from scipy.optimize import linear_sum_assignment

    own, theirs = (np.unique(each, return_inverse=True)[1] for each in (areas, today))
    common = np.zeros((own.max() + 1, theirs.max() + 1))
    np.add.at(common, (own, theirs), 1.0)
    return int(len(own) - common[linear_sum_assignment(common, maximize=True)].sum())


def like_first(plans: pd.DataFrame, layer: pd.DataFrame) -> pd.DataFrame:
    """The plans with today's first, then those of as many areas as it, then the others.

    Parameters
    ----------
    plans : DataFrame
        ``plan`` and more, one row a plan.
    layer : DataFrame
        The areas of each plan, one column a plan.
    """
    names = plans["plan"].map(str)
    today = [name for name in names if _is_today(name)]
    if not today:
        return plans
    areas = names.map({name: layer[name].nunique() for name in names})
    alike = areas == layer[today[0]].nunique()
    # a plan of another number of areas cannot be held against today's
    rank = 2 - alike.astype(int) - (names == today[0]).astype(int)
    return plans.iloc[np.argsort(rank, kind="stable")]


def proof_sentence(among: str) -> str:
    """What a proof of a plan says.

    Parameters
    ----------
    among : str
        Which plans it is about, as the file says.

    Examples
    --------
    >>> proof_sentence("up to 2 zones moved")
    'No plan with up to 2 zones moved is better balanced: proven.'
    """
    which = "of as many connected areas" if among == ALL else f"with {among}"
    return f"No plan {which} is better balanced: proven."


def proof_known(row: Mapping[str, Any], total: float, among: str) -> str:
    """What is known of plans that might be better balanced, for the table of plans.

    Parameters
    ----------
    row
        Of the file of plans: plan, eq1, proven and, where they were saved, value and bound.
    total : float
        All that is shared out.
    among : str
        Which plans its bound is about; empty where nobody looked for a better one.

    Examples
    --------
    >>> row = {"plan": "a_balance", "eq1": 8.0, "value": 8.0, "bound": 2.0, "proven": False}
    >>> proof_known(row, 100.0, "all plans")
    'not proven: none has less than 2.00\xa0%'
    """
    none = "none" if among == ALL else f"with {among} none"
    if row["proven"] in (True, 1, "True", "true"):
        return f"proven: {none} has less"
    name = str(row["plan"])
    if not among or name == ANEW or name.endswith(SHAPED):
        return "not asked"
    bound, eq1 = float(row.get("bound", 0.0)), float(row["eq1"])
    # a bound on another objective says nothing of the differences
    own = abs(float(row.get("value", eq1)) - eq1) <= 1e-9 * abs(eq1) or among != ALL
    if not own or not bound > 0 or not total > 0:
        return "not proven"
    if bound / total < LEAST:
        return f"not proven: the bound is below {per_cent(LEAST, 2)}"
    return f"not proven: {none} has less than {per_cent(bound / total, 2)}"


def _share(eq1: float, total: float) -> str:
    return per_cent(eq1 / total, 2) if total > 0 else ""


def plan_meaning(name: str, field: str) -> str:
    """What a plan is, in one sentence for somebody who has read nothing else.

    Parameters
    ----------
    name : str
        Of the plan.
    field : str
        What its areas share out, as people call it.

    Examples
    --------
    >>> plan_meaning("events_balance", "Crimes")
    'Areas as equal as could be found by: Crimes. Their shape does not count.'
    """
    today, changed = TODAY.match(name), CHANGED.search(name)
    if name == ANEW:
        return f"{ANEW_SAYS} as equal as could be found by: {field}; their shape counts a little."
    if today is None:
        shaped = name.endswith(SHAPED)
        shape = (
            "Of nearly equal ones the most compact." if shaped else "Their shape does not count."
        )
        return f"Areas as equal as could be found by: {field}. {shape}"
    whose = "the stand-in for today's districts" if today[1] else "today's districts"
    if changed:
        zones = "one zone" if changed[1] == "1" else f"{int(changed[1])} zones"
        return f"Like {whose}, but for at most {zones} given to an area beside, so as to be more equal by: {field}."
    return STAND_IN_SAYS if today[1] else "The districts of today, as the city's data state them."


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
