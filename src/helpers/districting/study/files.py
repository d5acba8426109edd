"""Plans as layers that leave the notebook: zones with their areas, areas dissolved, the plans' facts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.space import dissolved

from ..beats import FewMoves
from ..plan import Plan
from ..units import Units
from .one_plan import areas_by_size
from .titles import plan_titles

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["plan_layers", "plan_notes"]

CHANGED = re.compile(r"_\d+_changed$")
"""How the name of a plan ends that changes a few zones of the one of the name before it."""


def plan_layers(
    zones: gpd.GeoDataFrame,
    plans: Mapping[str, tuple[Units, Plan]],
    about: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, pd.DataFrame]:
    """Layers of some plans of one map, for a GIS or a spreadsheet.

    Parameters
    ----------
    zones : geopandas.GeoDataFrame
        The layer ``zones`` of the city, in the order of the units.
    plans
        Units and plan by a name that can head a column.
    about
        What else is said of a plan, by its name: objective, seed …

    Returns
    -------
    dict of str to DataFrame
        ``zones``: zone, name, and for each plan the number of the zone's area (1 is the area that
        holds most; where few zones of a plan change, areas keep its numbers), with geometry.  ``areas``: plan, area, and the columns of :func:`areas_by_size`
        without names, dissolved.  ``plans``: plan, field, areas, method, eq1, eq2, eq4, value (of the
        objective searched for), bound, gap, proven, and what `about` says; without geometry.

    Raises
    ------
    ValueError
        The units of a plan are not those zones.
    """
    import geopandas as gpd

    shapes = zones.geometry.to_numpy()
    codes = zones["zone"].astype(str).tolist()
    by_zone = {"zone": codes, "name": zones.get("name", codes)}
    areas, facts = [], []
    kept: dict[str, np.ndarray] = {}
    for name, (units, plan) in plans.items():
        if list(units.zones) != codes:
            raise ValueError(f"plan {name!r} is of other zones than those given.")
        table, number = areas_by_size(units, plan, shapes)
        own, number = number, kept.setdefault(CHANGED.sub("", name), number)
        table["area"] = number[np.argsort(own)]
        table = table.sort_values("area", ignore_index=True)
        by_zone[name] = number[plan.assignment]
        whole = dissolved(shapes, by_zone[name], table["area"])
        table = table.drop(columns="names").assign(plan=name)
        areas.append(gpd.GeoDataFrame(table, geometry=whole, crs=zones.crs))
        measures = {key: plan.objectives[key] for key in ("eq1", "eq2", "eq4")}
        proof = {"value": plan.value, "bound": plan.bound, "gap": plan.gap, "proven": plan.proven}
        found = {"plan": name, "field": units.field, "areas": plan.areas, "method": plan.method}
        facts.append({**found, **measures, **proof, **(about or {}).get(name, {})})
    together = pd.concat(areas, ignore_index=True)
    first = ["plan", *(column for column in together.columns if column != "plan")]
    return {
        "zones": gpd.GeoDataFrame(by_zone, geometry=np.asarray(shapes), crs=zones.crs),
        "areas": together[first],
        "plans": pd.DataFrame(facts),
    }


def plan_notes(
    plans: Mapping[str, tuple[Units, Plan]],
    labels: Mapping[str, str],
    found: Sequence[FewMoves] = (),
) -> dict[str, dict[str, Any]]:
    """What the plans' file says of each plan beside its measures.

    Parameters
    ----------
    plans
        From :func:`kept_plans`.
    labels
        Label of each field.
    found
        Plans with few changes, from :func:`changes`.

    Returns
    -------
    dict of str to dict
        By plan: title (:func:`plan_titles`), among (which plans its bound and its proof are about:
        ``"all plans"``, ``"up to 2 zones moved"``, nothing where none was asked for); of plans with
        few changes and of those that nobody searched for also bound, gap and proven.
    """
    by_most = {few.most: few for few in found}
    notes: dict[str, dict[str, Any]] = {}
    for name, titled in plan_titles(plans, labels).items():
        notes[name] = {**titled, "among": "all plans"}
        field, changed = plans[name][0].field, CHANGED.search(name)
        if name in (f"{field}_balance", f"{field}_balance_then_shape"):
            continue  # a field may be called as today's plans are
        if changed:
            few = by_most[int(changed[0].split("_")[1])]
            gap = (few.value - few.bound) / few.value if few.value > 0 else 0.0
            words = f"up to {few.most} zone{'s' * (few.most != 1)} moved"
            notes[name] |= {"among": words, "bound": few.bound, "gap": gap, "proven": few.proven}
        else:
            notes[name] |= {"among": "", "bound": np.nan, "gap": np.nan, "proven": False}
    return notes
