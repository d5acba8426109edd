"""Judge anybody's plan for a city instance: is it one, what is it worth, how far from the optimum.

    python3 benchmarks/score.py plan.csv leeds p-median       a column node: one line a post
    python3 benchmarks/score.py plan.csv setubal districts    columns zone and area

Needs nothing but Python.  The tasks and the instances are described in benchmarks/instances/README.md.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections import Counter, defaultdict
from pathlib import Path

INSTANCES = Path(__file__).resolve().parent / "instances"
REACH = {"leeds": 2_000, "toronto": 3_000, "setubal": 5_000, "recife": 1_500}
TASKS = ("p-median", "p-center", "covering", "districts")
UNITS = {
    "p-median": "weighted metres (sum of demand × distance to the nearest post)",
    "p-center": "metres (longest way to the nearest post)",
    "covering": "demand within reach of a post",
    "districts": "differences from the equal share, summed",
}
CLOSE = 1e-9


class Refused(Exception):
    """The plan is none for this task; the text says why."""


def read(path: Path, wanted: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a CSV file with a line of names."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{path} cannot be read as a CSV file: {error}.") from error
    missing = [name for name in wanted if not rows or name not in rows[0]]
    if missing:
        raise Refused(
            f"{path} needs a line of names with {' and '.join(missing)}, and a line each."
        )
    return rows


def whole(text: str | None, what: str) -> int:
    """A number of the instance as it stands in the plan."""
    try:
        return int(str(text).strip())
    except ValueError:
        raise Refused(f"{what} {text!r} is not a whole number.") from None


def posts_of(rows, nodes) -> list[int]:
    """The nodes of the posts, each once and known."""
    posts = [whole(row["node"], "node") for row in rows]
    for post in posts:
        if not 0 <= post < len(nodes):
            raise Refused(
                f"node {post} is not in the instance: its nodes are 0 to {len(nodes) - 1}."
            )
    twice = [post for post, count in Counter(posts).items() if count > 1]
    if twice:
        raise Refused(f"node {twice[0]} has more than one post.")
    return posts


def worth_of_posts(task: str, nodes, posts, reach: float) -> float:
    """The objective of a location task."""
    places = [(float(n["x"]), float(n["y"]), float(n["demand"])) for n in nodes]
    at = [places[post][:2] for post in posts]
    ways = [min(math.hypot(x - a, y - b) for a, b in at) for x, y, _ in places]
    if task == "p-center":
        return max(way for way, (_, _, load) in zip(ways, places, strict=True) if load > 0)
    loads = [load for *_, load in places]
    if task == "covering":
        return sum(load for load, way in zip(loads, ways, strict=True) if way <= reach)
    return sum(load * way for load, way in zip(loads, ways, strict=True))


def areas_of(rows, zones) -> list[str]:
    """The area of each zone: every zone once."""
    area: dict[int, str] = {}
    for row in rows:
        zone = whole(row["zone"], "zone")
        if not 0 <= zone < len(zones):
            raise Refused(
                f"zone {zone} is not in the instance: its zones are 0 to {len(zones) - 1}."
            )
        if zone in area:
            raise Refused(f"zone {zone} stands in the plan twice.")
        area[zone] = str(row["area"]).strip()
    left = [zone for zone in range(len(zones)) if not area.get(zone)]
    if left:
        raise Refused(f"zone {left[0]} has no area ({len(left)} of {len(zones)} zones have none).")
    return [area[zone] for zone in range(len(zones))]


def refuse_pieces(areas, contacts) -> None:
    """Each area must be of one piece: from any of its zones to any other through contacts."""
    touching = defaultdict(set)
    for row in contacts:
        a, b = int(row["zone_a"]), int(row["zone_b"])
        touching[a].add(b)
        touching[b].add(a)
    seen: set[int] = set()
    begun: dict[str, int] = {}
    for zone, area in enumerate(areas):
        if zone in seen:
            continue
        if area in begun:
            raise Refused(
                f"area {area} is in pieces: no way leads from zone {begun[area]} to zone {zone} within it."
            )
        begun[area], queue = zone, [zone]
        while queue:
            here = queue.pop()
            seen.add(here)
            queue += [n for n in touching[here] if n not in seen and areas[n] == area]


def worth_of_districts(zones, areas) -> float:
    """Sum of the areas' differences from the equal share."""
    held: dict[str, float] = defaultdict(float)
    for zone, area in zip(zones, areas, strict=True):
        held[area] += float(zone["held"])
    share = sum(held.values()) / len(held)
    return sum(abs(value - share) for value in held.values())


def score(plan: Path, instance: str, task: str) -> tuple[int, float, float | None, float | None]:
    """Number of posts or areas, the plan's worth, the best known, the bound; None where not recorded.

    Raises
    ------
    Refused
        The plan is none for this task.
    """
    part = "zones" if task == "districts" else "nodes"
    path = INSTANCES / f"{instance}_{part}.csv"
    if not path.exists():
        known = sorted(p.name.removesuffix(f"_{part}.csv") for p in INSTANCES.glob(f"*_{part}.csv"))
        raise Refused(
            f"there is no instance {instance!r} for {task}: there are {', '.join(known)}."
        )
    things = read(path, ("x", "y"))
    if task == "districts":
        areas = areas_of(read(plan, ("zone", "area")), things)
        refuse_pieces(areas, read(INSTANCES / f"{instance}_contacts.csv", ("zone_a", "zone_b")))
        number, worth = len(set(areas)), worth_of_districts(things, areas)
    else:
        posts = posts_of(read(plan, ("node",)), things)
        number, worth = len(posts), worth_of_posts(task, things, posts, REACH[instance])
    for row in read(INSTANCES / "optima.csv", ("instance", "task", "number", "objective", "bound")):
        if (row["instance"], row["task"], row["number"]) == (instance, task, str(number)):
            return number, worth, float(row["objective"]), float(row["bound"])
    return number, worth, None, None


def report(instance: str, task: str, number, worth, best, bound) -> str:
    """What the score says, in lines."""
    what = "areas" if task == "districts" else "posts"
    lines = [
        f"{instance}, {task}, {number} {what}",
        "feasible   yes",
        f"objective  {worth:,.3f} {UNITS[task]}",
    ]
    if best is None:
        return "\n".join([*lines, f"optimum    none is recorded for {number} {what}"])
    sign = -1 if task == "covering" else 1
    unit = max(abs(best), CLOSE)
    proven = sign * (best - bound) <= CLOSE * unit
    lines.append(
        f"{'optimum  ' if proven else 'best known'}  {best:,.3f}{', proven' if proven else ''}"
    )
    if not proven:
        lines.append(f"bound      {bound:,.3f}: no plan is better than that")
    from_what = f"from the {'optimum' if proven else 'best known'}"
    excess = sign * (worth - best) / unit
    if excess < -CLOSE:
        lines.append(f"gap        {100 * excess:.2f} %: better than what is recorded here; tell us")
    elif task == "districts":
        # an optimum may be next to nothing: the difference is told as a share of all that is held
        zones = read(INSTANCES / f"{instance}_zones.csv", ("held",))
        share = abs(worth - best) / sum(float(zone["held"]) for zone in zones)
        lines.append(f"gap        {100 * share:.2f} % of all that the zones hold, {from_what}")
    else:
        lines.append(f"gap        {100 * abs(excess):.2f} % {from_what}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plan", type=Path)
    parser.add_argument("instance")
    parser.add_argument("task", choices=TASKS)
    asked = parser.parse_args(arguments)
    try:
        found = score(asked.plan, asked.instance, asked.task)
    except Refused as error:
        print(f"feasible   no: {error}")
        return 1
    print(report(asked.instance, asked.task, *found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
