"""Puts the plans that a section saved into the data of the planner page, computing none anew."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from helpers.compendium import store

from .by_history import HISTORY, by_history
from .command import command
from .ground import ground
from .names import posts_names, with_names
from .plans import ALL_DAY, plans, proofs, proofs_script, shift_hours, told_of_posts
from .remarks import cautions, remarks
from .saved import read_saved, safe_json
from .streets import pieces

if TYPE_CHECKING:
    import pandas as pd

    from helpers.cities import City

SECTION = "15_patrol_allocation"
JUDGED = "16_patrol_evaluation"
PROOFS = "plannerProofs"
"""Name under which the script of the proofs hands them to the page."""

# Documents that hold the proofs of the plans of an objective for the whole day.
CERTIFICATES = {
    "p-median": "certificates",
    "p-center": "certificates_center",
    "covering": "certificates_covering",
}

# That of the p-medians of each shift.
BY_SHIFT = "certificates_by_shift"

SAVED = ("saving", "saving_low", "saving_high")
"""Columns that say what a plan saves on later crimes, and the ends of its interval."""

MOST_NODES = 20_000
"""Nodes that a page carries at most."""

PLANAR = ("euclidean", "manhattan")
"""Metrics that a page computes from coordinates."""


@dataclass(frozen=True)
class Planner:
    """What the page shows without scripts, and what its script reads.

    Attributes
    ----------
    city : str
        Name of the city's folder.
    objective, patrols
        Of the plan that the page opens with.
    posts : list of tuple
        Of that plan: number, name of the place (or nothing), longitude, latitude, share of the
        demand; the busiest first.
    curve : list of tuple
        Of its objective: patrols, value, bound (or None) and whether it is proven.
    unit : str
        Of these values.
    cautions : list of str
        The same in few words each, beside the map.
    remarks : list of str
        What the page is not, in sentences.
    data : str
        JSON for the page's script, safe inside a script element.
    proofs : str
        Script with the proofs of the plans; empty where none was saved.
    has_today : bool
        Whether the posts of today are known.
    queue : dict or None
        How many calls come in an hour, and how many minutes one keeps a patrol, where section 16
        said so; under ``shifts`` how many come in an hour of each shift.
    """

    city: str
    objective: str
    patrols: int
    posts: list[tuple[int, str, float, float, float]]
    curve: list[tuple[int, float, float | None, bool]]
    unit: str
    cautions: list[str]
    remarks: list[str]
    data: str
    proofs: str
    has_today: bool
    queue: dict[str, Any] | None


def read_planner(
    city: str,
    town: City | None = None,
    *,
    title: str = "",
    place: str = "",
    usual: Mapping[str, Any] | None = None,
) -> Planner | None:
    """What sections 15 and 16 saved of a city's plans, as the planner page needs it.

    Parameters
    ----------
    city : str
        Name of the city's folder.
    town : City, optional
        For its coordinate system and for what its card says of its layers; no layer is read.
    title : str
        Its name for people.
    place : str
        What names it in a command; its name by default.
    usual : mapping, optional
        What section 15 takes for its parameters by itself, by name.

    Returns
    -------
    Planner or None
        None where the nodes or the plans are not there, not whole, do not fit each other, or are
        too many for a page.
    """
    names = ("nodes", "plans_posts", "plans_curve", "numbers")
    found = {name: read_saved(city, SECTION, name) for name in names}
    if town is None or any(content is None for content in found.values()):
        return None
    try:
        asked = store.read_index(city, SECTION)["provenance"].get("parameters", {})
        taken = {**(usual or {}), **town.parameters.get(SECTION, {})}
        again = {
            "command": command(place or city, "15", asked, taken),
            "minutes": in_minutes(town, found["numbers"], place or city, asked, taken),
            "demand": asked.get("demand"),
        }
        return _planner(city, town, found, title or city, again)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        # results of those names that are about something else
        return None


def in_minutes(
    town: City, told: Any, place: str, asked: Mapping[str, Any], taken: Mapping[str, Any]
) -> str | None:
    """Command that makes the same plans in minutes, where the city has streets and they are in metres."""
    if not town.has("streets") or numbers(told)["metric"] == "minutes":
        return None
    return command(place, "15", {**asked, "metric": "minutes"}, taken)


def _planner(
    city: str, town: City, found: dict[str, Any], title: str, again: dict[str, Any]
) -> Planner:
    nodes, told = found["nodes"], numbers(found["numbers"])
    made_from = store.read_index(city, SECTION)["provenance"]
    if not 0 < len(nodes) <= MOST_NODES:
        raise ValueError("no nodes, or more than a page can carry")
    known = plans(found["plans_curve"], found["plans_posts"], nodes["node"])
    told_of_nodes = with_names(
        nodes, read_saved(city, SECTION, "plans_nodes"), town, made_from.get("inputs", "")
    )
    land = ground(nodes, told_of_nodes, _outline(city), town.crs)
    objective = "p-median" if "p-median" in known["all"] else next(iter(known["all"]))
    curve = known["all"][objective]
    patrols = next((row[0] for row in curve if row[0] == told.get("p")), curve[0][0])
    network = pieces(town, nodes, made_from, str(told["metric"]))
    # where a page cannot compute distances it shows what was saved of each post
    movable = told["metric"] in PLANAR or network is not None
    posts_told = {} if movable else told_of_posts(found["plans_posts"], known, nodes["node"])
    past = read_saved(city, SECTION, "plans_by_history")
    earlier = by_history(past, nodes["node"])
    if movable and earlier is not None and HISTORY not in known:
        known[HISTORY] = {"p-median": earlier[2]}
        land["shifts"][HISTORY] = earlier[1]
    proven = proofs(_certified(city, past), len(nodes))
    proven = {shift: own for shift, own in proven.items() if shift in known}
    of_shifts = shift_hours(read_saved(city, SECTION, "shifts"))
    queue = _queue(city)
    if queue is not None:
        queue["shifts"] = {name: calls for name, (_, calls) in of_shifts.items()}
    shifts = any(shift not in (ALL_DAY, HISTORY) for shift in known)
    said = cautions(town, told, cell=land["cell"], by_shift=shifts)
    way = "minutes" if told["metric"] == "minutes" else "metres"
    data = {
        "city": city,
        "title": title,
        "crs": town.crs,
        "metric": str(told["metric"]),
        "radius": float(told["radius_min" if told["metric"] == "minutes" else "radius_m"]),
        "basis": str(told["demand"]),
        "history": earlier[0] if earlier is not None and HISTORY in known else None,
        "historyCrimes": past.get("crimes") if isinstance(past, Mapping) else None,
        "record": record(told),
        "start": {"p": patrols, "objective": objective},
        "plans": known,
        **land,
        "today": _today(city, town, made_from.get("inputs", "")),
        "later": _later(city),
        "network": network,
        "queue": queue,
        "when": {name: when for name, (when, _) in of_shifts.items()},
        "told": posts_told,
        "again": again,
        "cautions": said,
        "source": town.source_line,
        "licence": town.licence,
        "status": town.status("events") if town.has("events") else "",
        "proofs": {
            shift: {name: [int(p) for p in found] for name, found in own.items()}
            for shift, own in proven.items()
        },
        "script": f"{quote(city)}-proofs.js",
    }
    sites = next(row[4] for row in curve if row[0] == patrols)
    return Planner(
        city=city,
        objective=objective,
        patrols=patrols,
        posts=_posts(found["plans_posts"], objective, patrols, nodes, sites, land),
        curve=[(p, value, bound, proven) for p, value, bound, proven, _ in curve],
        unit={"p-median": f"crime-{way}", "p-center": way}.get(objective, "crimes"),
        cautions=said,
        remarks=remarks(town, told, data["history"] or ""),
        data=safe_json(data),
        proofs=proofs_script(proven, PROOFS),
        has_today=data["today"] is not None,
        queue=queue,
    )


def _certified(city: str, past: Any) -> dict[str, dict[str, Any]]:
    """What was saved of proofs, by shift and objective."""
    by_shift = read_saved(city, SECTION, BY_SHIFT)
    shifts = by_shift.items() if isinstance(by_shift, Mapping) else ()
    of_past = past.get("certificates") if isinstance(past, Mapping) else None
    return {
        ALL_DAY: {name: read_saved(city, SECTION, kept) for name, kept in CERTIFICATES.items()},
        **{str(shift): {"p-median": own} for shift, own in shifts},
        HISTORY: {"p-median": of_past},
    }


def numbers(content: dict[str, Any]) -> dict[str, Any]:
    """Values of a section's numbers by name."""
    return {name: entry["value"] for name, entry in content["numbers"].items()}


def record(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """Of how many crimes, and of which months, the demand was made, where section 15 says so."""
    if not told.get("crimes_counted"):
        return None
    return {"crimes": told["crimes_counted"], "months": told.get("months_counted", "")}


def _outline(city: str) -> Any:
    """Boundary as GeoJSON, in degrees, where the section saved it."""
    place = store.saved_file(city, SECTION, "plans_boundary (GeoJSON)")
    if place is None:
        return None
    try:
        return json.loads(place[0].read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _today(city: str, town: City, inputs: str) -> dict[str, Any] | None:
    posts = read_saved(city, SECTION, "plans_today")
    if posts is None or not town.policy or not len(posts):
        return None
    xy = posts[["x", "y"]].to_numpy(float)
    names = posts["name"] if "name" in posts else posts_names(xy, town, town.policy.posts, inputs)
    return {
        "label": town.policy.label,
        "status": town.status(town.policy.posts),
        "note": town.policy.note,
        "xy": [[round(x, 1), round(y, 1)] for x, y in xy.tolist()],
        "names": [_word(name) for name in names],
        "own": _compared(posts),
    }


def _compared(posts: pd.DataFrame) -> list[bool]:
    """Which posts of today sections 15 and 16 hold against plans, as the layer says; else all."""
    told = next((posts[name] for name in ("compared", "inside") if name in posts), None)
    own = [] if told is None else told.eq(True).tolist()
    return own if any(own) else [True] * len(posts)


def _later(city: str) -> dict[str, Any] | None:
    """Mean distances on the crimes that happened afterwards, with their intervals."""
    table, told = read_saved(city, JUDGED, "afterwards"), read_saved(city, JUDGED, "numbers")
    if table is None or told is None:
        return None
    try:
        method, values = table["method"].map(str), numbers(told)
        # what is saved is so against the posts of today, where there are any
        known = bool((method == str(values["today"])).any())
        columns = ["patrols", "mean_m", "low_m", "high_m", *(SAVED if known else ())]
        rows = table[columns].to_numpy(float).tolist()
        by: dict[str, list[list[float]]] = {}
        for each, row in zip(method, rows, strict=True):
            by.setdefault(each, []).append(row)
        exact, today = by["exact"], by.get(str(values["today"]), [None])[0]
        if not all(map(math.isfinite, [*chain.from_iterable(exact), *(today or ())])):
            return None
        return {"period": str(values["later_period"]), "exact": exact, "today": today}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _queue(city: str) -> dict[str, Any] | None:
    """Calls an hour and minutes a call with which section 16 tried the plans."""
    found = store.saved_file(city, JUDGED, "numbers")
    told = read_saved(city, JUDGED, "numbers")
    if found is None or told is None:
        return None
    try:
        minutes = float(found[1]["parameters"]["minutes"])
        calls = 60 * float(numbers(told)["work"]) / minutes
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        return None
    return {"calls": calls, "minutes": minutes} if calls > 0 else None


def _posts(
    posts: pd.DataFrame,
    objective: str,
    patrols: int,
    nodes: pd.DataFrame,
    sites: list[int],
    land: dict[str, Any],
) -> list[tuple[int, str, float, float, float]]:
    """Posts of one plan for a reader without scripts."""
    own = posts[(posts["objective"] == objective) & (posts["p"] == patrols)]
    own = own[own["shift"] == "all"] if "shift" in own else own
    at = dict(zip(nodes["node"].iloc[sites], sites, strict=True))
    rows = []
    for patrol, node, share in own[["patrol", "node", "share"]].itertuples(index=False):
        i = at[node]
        name = land["places"][land["place"][i]] if land["place"] else ""
        rows.append((int(patrol), name, land["lon"][i], land["lat"][i], float(share)))
    return sorted(rows)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
