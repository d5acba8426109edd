"""Plans by shift and objective, and their proofs, as short lists of sites."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

ALL_DAY = "all"
OBJECTIVES = ("p-median", "p-center", "covering", "backup")

Row = tuple[int, float, float | None, bool, list[int]]


def plans(
    curve: pd.DataFrame, posts: pd.DataFrame, nodes: pd.Series
) -> dict[str, dict[str, list[Row]]]:
    """Every plan whose posts are all there: by shift and objective, in order of patrols.

    Parameters
    ----------
    curve : DataFrame
        ``objective, p, value, bound, proven`` (and ``shift``), one row a plan.
    posts : DataFrame
        ``objective, p, node`` (and ``shift``), one row a post.
    nodes : Series
        Numbers of the nodes, in the order in which a page has them.

    Returns
    -------
    dict
        Rows of patrols, value, bound (None where none is known), whether that proves it, and the
        places of its posts among `nodes`, ascending.

    Raises
    ------
    ValueError
        There is no plan for the whole day.
    KeyError
        A post stands at no node.
    """
    places = {node: i for i, node in enumerate(nodes.tolist())}
    of_plan: dict[tuple[str, str, int], list[int]] = {}
    for key, node in zip(_keys(posts), posts["node"].tolist(), strict=True):
        of_plan.setdefault(key, []).append(places[node])
    found: dict[str, dict[str, list[Row]]] = {}
    told = curve[["value", "bound", "proven"]].itertuples(index=False)
    for key, (value, bound, proven) in sorted(zip(_keys(curve), told, strict=True)):
        shift, objective, patrols = key
        sites = sorted(of_plan.get(key, []))
        if objective not in OBJECTIVES or len(sites) != patrols or not math.isfinite(value):
            continue
        known = float(bound) if np.isfinite(bound) else None
        row = (patrols, float(value), known, _truth(proven), sites)
        found.setdefault(shift, {}).setdefault(objective, []).append(row)
    if ALL_DAY not in found:
        raise ValueError("no plan for the whole day")
    order = [name for name in found if name != ALL_DAY]
    return {
        shift: {name: found[shift][name] for name in OBJECTIVES if name in found[shift]}
        for shift in (ALL_DAY, *order)
    }


def told_of_posts(
    posts: pd.DataFrame, known: Mapping[str, Mapping[str, list[Row]]], nodes: pd.Series
) -> dict[str, list[list[float]]]:
    """Share, mean and longest distance of each post, by shift, objective and patrols.

    Parameters
    ----------
    posts : DataFrame
        ``objective, p, node, share, mean_m, longest_m`` (or ``mean_min, longest_min``; and
        ``shift``), one row a post.
    known : dict
        As `plans` gives them: the posts of each are told in the order of its sites.
    nodes : Series
        Numbers of the nodes.
    """
    places = {node: i for i, node in enumerate(nodes.tolist())}
    # ways are in metres or in minutes
    ways = ["mean_m", "longest_m"] if "mean_m" in posts else ["mean_min", "longest_min"]
    rows = posts[["node", "share", *ways]].itertuples(index=False)
    of = {
        (*key, places[node]): list(told)
        for key, (node, *told) in zip(_keys(posts), rows, strict=True)
    }
    return {
        f"{shift} {objective} {row[0]}": [of[shift, objective, row[0], site] for site in row[4]]
        for shift, plans_of in known.items()
        for objective, several in plans_of.items()
        for row in several
    }


def shift_hours(saved: pd.DataFrame | None) -> dict[str, tuple[str, float]]:
    """Days and hours of each shift, and the crimes expected in an hour of it.

    Parameters
    ----------
    saved : DataFrame or None
        Indexed by ``shift``: ``when, hours, expected``; nothing is known without one of them.
    """
    if saved is None or not {"when", "hours", "expected"} <= set(saved):
        return {}
    rows = saved[["when", "hours", "expected"]].itertuples()
    return {
        str(name): (str(when), float(expected) / float(hours))
        for name, when, hours, expected in rows
        if hours > 0 and math.isfinite(expected)
    }


def _keys(frame: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Shift, objective and patrols of each row."""
    shifts = frame["shift"].map(str) if "shift" in frame else [ALL_DAY] * len(frame)
    return list(zip(shifts, frame["objective"].map(str), frame["p"].astype(int), strict=True))


def _truth(value: Any) -> bool:
    """Whether a cell of a table says yes; what a CSV holds may be a word."""
    return value in (True, 1, "True", "true")


def proofs(saved: Mapping[str, Mapping[str, Any]], nodes: int) -> dict[str, dict[str, Any]]:
    """Proofs that fit the nodes: by shift, objective and number of patrols.

    Parameters
    ----------
    saved : dict
        By shift and objective what was saved of it, if anything: the proof of each plan by its
        number of patrols.
    nodes : int
        How many nodes there are; a bound has a price for every one of them.
    """
    found: dict[str, dict[str, Any]] = {}
    for shift, of_shift in saved.items():
        for objective, content in of_shift.items():
            whole = content.items() if isinstance(content, Mapping) else ()
            fitting = {p: proof for p, proof in whole if _fits(proof, nodes)}
            if fitting:
                found.setdefault(shift, {})[objective] = fitting
    return found


def proofs_script(found: Mapping[str, Any], name: str) -> str:
    """Script that hands proofs to a page under a global name, compressed; nothing where there are none."""
    if not found:
        return ""
    text = json.dumps(found, separators=(",", ":"), allow_nan=False)
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return f'"use strict";\nwindow.{name} = "{packed}";\n'


def _fits(proof: Any, nodes: int) -> bool:
    if not isinstance(proof, Mapping) or not {"patrols", "sites", "fixed"} <= set(proof):
        return False
    if "beyond" in proof:
        return _fits(proof["beyond"], nodes)
    if "tree" in proof:
        return all(len(step["radii"]) == nodes for step in proof["tree"].get("steps", []))
    return len(proof.get("prices", [])) == nodes
