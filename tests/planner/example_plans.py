"""Plans of a small made-up town, computed and saved as a section saves them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from helpers import location
from helpers.compendium import plain, write_json
from helpers.compendium.gis_files import write_geojson, write_sheet
from helpers.compendium.store import Shelf, described, result_path
from helpers.location import study

SECTION, JUDGED = "15_patrol_allocation", "16_patrol_evaluation"
WHEN = "Fri-Sat 14:00-22:00"
SHIFT, EARLIER = "evening $<i>", "mean of 2016 and <b>$2017$"
CRIMES, MONTHS = 1234, "May 2016 and May 2017"
KNOWN = "The data hold crimes of May 2016, May 2017 and May 2018 only."
HOSTILE = "=cmd|\"</script><b>$x$ 🚓'{{ 1 }}"
TODAY = f"Posts {HOSTILE}"


def town_nodes(columns: int = 9, rows: int = 7, seed: int = 5) -> pd.DataFrame:
    """Nodes of a town whose north-east corner is missing, some of them without demand."""
    generator = np.random.default_rng(seed)
    row, column = (each.ravel() for each in np.mgrid[:rows, :columns])
    nodes = pd.DataFrame({"node": np.arange(rows * columns), "column": column, "row": row})
    nodes["x"], nodes["y"] = 430_000 + 250.5 * (column + 0.5), 433_000 + 260.25 * (row + 0.5)
    nodes["expected"] = generator.gamma(0.4, 6.0, len(nodes)) * (generator.random(len(nodes)) > 0.1)
    return nodes[(column < columns - 2) | (row < rows - 2)].reset_index(drop=True)


def compute(nodes: pd.DataFrame, radius: float, numbers=range(1, 7)) -> dict[str, Any]:
    """Plans of four objectives, and the proofs of the p-medians."""
    weight, xy = nodes["expected"].to_numpy(), nodes[["x", "y"]].to_numpy()
    distance = location.PlanarDistance(xy)
    certified = {p: location.certify(weight, distance, p) for p in numbers}
    found = {("p-median", p): one.solution for p, one in certified.items()}
    for p in numbers:
        found["p-center", p] = location.p_center(weight, distance, p)
        found["covering", p] = location.maximal_covering(weight, distance, p, radius)
        found["backup", p] = location.backup_covering(weight, distance, p, radius)
    proofs = study.proofs(certified.values(), weight, distance)
    # an evening with fewer plans, and what history says instead of the forecast
    other = {"evening": (weight[::-1] ** 2, [*numbers][:3]), "earlier": (weight[::-1], [*numbers])}
    curves = {
        name: location.certified_curve(own, distance, asked) for name, (own, asked) in other.items()
    }
    more = {
        name: (own, {one.solution.sites.size: one.solution for one in curves[name]})
        for name, (own, _) in other.items()
    }
    certificates = {
        name: study.proofs(curves[name], own, distance) for name, (own, _) in other.items()
    }
    # of one p-center the certificate is that a p-median leaves a node out
    center = {"2": location.center_proof(weight, distance, found["p-center", 2])}
    return {
        "plans": found,
        "proofs": proofs,
        "certificates": certificates,
        "center": center,
        **more,
    }


def curve_and_posts(nodes: pd.DataFrame, found: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two tables of all plans: one row a plan, one row a post."""
    xy = nodes[["x", "y"]].to_numpy()
    curve, posts = [], []
    for (objective, p), plan in found.items():
        bound = plan.bound if np.isfinite(plan.bound) else np.nan
        curve.append((objective, p, plan.objective, bound, plan.gap, plan.proven))
        told = study.roster(nodes, location.PlanarDistance(xy), plan.sites, "EPSG:27700").table
        told = told[["node", "share", "mean_m", "longest_m"]]
        places = xy[pd.Index(nodes["node"]).get_indexer(told["node"])]
        posts += [
            (objective, p, patrol, *row, *spot)
            for (patrol, *row), spot in zip(told.itertuples(), places, strict=True)
        ]
    heads = ["objective", "p", "value", "bound", "gap", "proven"]
    rows = ["objective", "p", "patrol", "node", "share", "mean_m", "longest_m", "x", "y"]
    return pd.DataFrame(curve, columns=heads), pd.DataFrame(posts, columns=rows)


class Saver:
    """Saves results of a section where the environment says."""

    def __init__(self, city: str, section: str, **made_from: Any) -> None:
        self.shelf = Shelf(city, section, section, {"section": section, "city": city, **made_from})
        self.shelf.begin()

    def path(self, name: str, suffix: str):
        path = result_path(self.shelf.city, self.shelf.section, name, suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def frame(self, name: str, frame: pd.DataFrame) -> None:
        path = self.path(name, ".csv")
        write_sheet(path, frame)
        flat = frame.drop(columns="geometry", errors="ignore")
        write_json(path.with_name(path.name + ".json"), described(pd.DataFrame(flat)))
        self.shelf.add(path, kind="layers", name=name)

    def shapes(self, name: str, frame: gpd.GeoDataFrame) -> None:
        path = self.path(name, ".geojson")
        write_geojson(path, frame)
        self.shelf.add(path, kind="layers", name=f"{name} (GeoJSON)")

    def parquet(self, name: str, frame: pd.DataFrame) -> None:
        path = self.path(name, ".parquet")
        frame.to_parquet(path)
        self.shelf.add(path, kind="table", name=name)

    def document(self, name: str, content: Any) -> None:
        path = self.path(name, ".json")
        write_json(path, plain(content))
        self.shelf.add(path, kind="document", name=name)

    def numbers(self, **values: Any) -> None:
        told = {name: {"value": value, "unit": "", "note": ""} for name, value in values.items()}
        self.document("numbers", {"numbers": told})


def _by_history(nodes: pd.DataFrame, weight: np.ndarray, plans: dict) -> dict[str, Any]:
    rows = [
        {"patrols": p, "value": plan.objective, "bound": plan.bound, "proven": bool(plan.proven),
         "nodes": nodes["node"].iloc[plan.sites].tolist()}
        for p, plan in plans.items()
    ]  # fmt: skip
    return {"basis": EARLIER, "crimes": CRIMES - 1, "expected": weight.tolist(), "plans": rows}


def save(
    city: str,
    crs: str,
    nodes: pd.DataFrame,
    *,
    radius: float = 500.0,
    boundary=None,
    today=None,
    places=None,
    numbers=range(1, 7),
    metric: str = "euclidean",
    solved=None,
    parted: bool = False,
) -> None:
    """Save what the planner page reads of sections 15 and 16.

    ``parted``: today's posts say, as section 15 saves them, which of them stand inside.
    """
    made = compute(nodes, radius, numbers) if solved is None else vars(solved)
    curve, posts = curve_and_posts(nodes, made["plans"])
    saver = Saver(city, SECTION)
    shifts = {}
    if "evening" in made:
        weight, own = made["evening"]
        shifts[f"expected_{SHIFT}"] = weight
        at_night = nodes.assign(expected=weight)
        more = curve_and_posts(at_night, {("p-median", p): plan for p, plan in own.items()})
        curve, posts = (
            pd.concat([day.assign(shift="all"), night.assign(shift=SHIFT)], ignore_index=True)
            for day, night in zip((curve, posts), more, strict=True)
        )
        hours = {"shift": [SHIFT], "when": [WHEN], "hours": [2920.0], "expected": [weight.sum()]}
        saver.frame("shifts", pd.DataFrame(hours).set_index("shift"))
        by_history = _by_history(nodes, *made["earlier"])
        told = {**by_history, "certificates": made["certificates"]["earlier"]}
        saver.document("plans_by_history", told)
        saver.document("certificates_by_shift", {SHIFT: made["certificates"]["evening"]})
        saver.document("certificates_center", made["center"])
    saver.parquet("nodes", nodes)
    reach = {"radius_min" if metric == "minutes" else "radius_m": radius}
    record = {"crimes_counted": CRIMES, "months_counted": MONTHS, "months_known": KNOWN}
    saver.numbers(metric=metric, **reach, demand=f"count of {HOSTILE}", p=4, **record)
    saver.frame("plans_curve", curve)
    saver.frame("plans_posts", posts)
    points = gpd.points_from_xy(nodes["x"], nodes["y"])
    layer = gpd.GeoDataFrame(nodes[["node", "expected"]].assign(**shifts), geometry=points, crs=crs)
    saver.frame("plans_nodes", layer.assign(place=places) if places is not None else layer)
    saver.document("certificates", made["proofs"])
    if boundary is None:
        half = np.diff(np.unique(nodes["x"])).min() / 2
        squares = [
            shapely.box(x - half, y - half, x + half, y + half)
            for x, y in nodes[["x", "y"]].to_numpy()
        ]
        boundary = shapely.union_all(squares).buffer(half / 2)
    saver.shapes("plans_boundary", gpd.GeoDataFrame(geometry=[boundary], crs=crs))
    if today is not None:
        names = [f"Post {i}" for i in range(len(today))]
        stand = gpd.GeoDataFrame({"name": names}, geometry=list(shapely.points(today)), crs=crs)
        if parted:
            land = gpd.GeoDataFrame(geometry=[boundary], crs=crs)
            stand = study.ground_layers(land, stand)["today"].assign(name=names)
        saver.frame("plans_today", stand)
    exact = curve[curve["objective"] == "p-median"]
    exact = exact[exact["shift"] == "all"] if "shift" in exact else exact
    mean = exact["value"] / nodes["expected"].sum()
    after = pd.DataFrame({"method": "exact", "patrols": exact["p"], "mean_m": mean * 1.05,
                          "low_m": mean * 0.95, "high_m": mean * 1.2})  # fmt: skip
    if today is not None:
        stand = {"method": TODAY, "patrols": len(today), "mean_m": 1.2 * mean.iloc[:2].iloc[-1]}
        stand |= {"low_m": stand["mean_m"] * 0.95, "high_m": stand["mean_m"] * 1.05}
        after = pd.concat([after, pd.DataFrame([stand])], ignore_index=True)
        after["saving"] = 1 - after["mean_m"] / stand["mean_m"]
        after["saving_low"], after["saving_high"] = after["saving"] - 0.15, after["saving"] + 0.1
    judge = Saver(city, JUDGED, parameters={"minutes": 30.0})
    judge.frame("afterwards", after)
    judge.numbers(later_period="July 2018", today="none" if today is None else TODAY, work=2.6)
