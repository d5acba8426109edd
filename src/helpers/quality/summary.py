"""Everything the quality page says of a city, computed from its layers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.space import degrees_words, scale_error

from .account import REASONS, blanks, left_out, rejected
from .places import cells, repeats
from .times import hours_of_week, month_counts, time_heaps, weekday_counts
from .zones import field_summary

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import shapely

    from helpers.cities import City

REJECTED = "rejected.csv"
KINDS = 60
"""Kinds that are listed; the others are summed."""

DOTS = 1_000
"""Places that a map shows one by one; more are summed in squares."""

LEAST_SPAN = 200.0
"""Metres that a map shows at least, where all events stand at one place."""


@dataclass(frozen=True)
class Quality:
    """What is known of a city's data.

    Attributes
    ----------
    facts : dict
        Numbers and names, of JSON types: ``crs``, ``boundary``, ``events``, ``zones``,
        ``criteria``, ``policy`` (None where the city has no such layer or states none), ``layers``, ``account``,
        ``sources``.
    bounds : (float, float, float, float) or None
        Of the map, metres; None where nothing has a place.
    boundary : geometry or None
    zones : GeoDataFrame or None
        Where the city has no events.
    places : (n, 2) array or None
        Different places of events, where they are few.
    counts : tuple of arrays or None
        Events in squares, with the edges, as `cells` gives them, where they are many.
    """

    facts: dict[str, Any]
    bounds: tuple[float, float, float, float] | None = None
    boundary: shapely.Geometry | None = None
    zones: gpd.GeoDataFrame | None = None
    places: np.ndarray | None = None
    counts: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None


def quality_of(town: City) -> Quality:
    """What a city's data are like: of its events where it has any, else of its zones.

    Parameters
    ----------
    town : City
        Its layers are read.

    Raises
    ------
    CityError
        A layer cannot be read.
    """
    facts: dict[str, Any] = {
        "layers": [[name, len(town.layer(name)), town.status(name)] for name in town.layers],
        "account": _account(town),
        "sources": {"given": bool(town.sources.strip()), "blanks": _blanks(town)},
        "policy": _policy(town),
        "boundary": None,
        "events": None,
        "zones": None,
        "criteria": None,
    }
    parts: dict[str, Any] = {}
    boundary = None
    if town.has("boundary"):
        boundary = town.layer("boundary").geometry.iloc[0]
        spec = town.card.layers.boundary
        facts["boundary"] = {
            "area_km2": boundary.area / 1e6,
            "status": town.status("boundary"),
            "note": spec.note if spec else "",
        }
    xy = None
    if town.has("events"):
        xy, parts = _events(town, facts)
    else:
        parts = _zones(town, facts)
    bounds = _bounds(xy, boundary, parts.get("zones"))
    if xy is not None and bounds and parts.get("places") is None:
        parts["counts"] = cells(xy, bounds)
        counts, x_edges, _ = parts["counts"]
        facts["events"]["square_m"] = float(x_edges[1] - x_edges[0])
        facts["events"]["fullest"] = int(counts.max())
    facts["crs"] = _system(town, bounds)
    return Quality(facts, bounds=bounds, boundary=boundary, **parts)


def _events(town: City, facts: dict[str, Any]) -> tuple[np.ndarray, dict[str, Any]]:
    events = town.layer("events")
    spec = town.card.layers.events
    precision = spec.time_precision if spec else "day"
    times, xy = events["time"], events.get_coordinates().to_numpy()
    months, kinds = month_counts(times), events["kind"].value_counts()
    first = _first_of_row(town)  # crimes of one row are no repeats of one another
    shared = repeats(xy[first])
    hours = precision == "hour" and _differ(times.dt.hour)
    weekdays = precision != "month" and _differ(times.dt.floor("D"))
    facts["events"] = {
        "count": len(events),
        "rows": int(first.sum()),
        "first": _written(times.min(), precision),
        "last": _written(times.max(), precision),
        "precision": precision,
        "one_time": not _differ(times),
        "status": town.status("events"),
        "note": spec.note if spec else "",
        "months": [[str(month), int(count)] for month, count in months.items()],
        "week": hours_of_week(times).tolist() if hours else None,
        "weekdays": weekday_counts(times).tolist() if weekdays else None,
        "kinds": [[str(kind), int(count)] for kind, count in kinds.head(KINDS).items()],
        "kinds_in_all": len(kinds),
        "repeats": asdict(shared) | {"most": _with_degrees(town, shared.most)},
        "heaps": [
            asdict(heap)
            | {"ratio": heap.ratio if np.isfinite(heap.ratio) else None, "is_heap": heap.is_heap}
            for heap in (time_heaps(times, precision) if weekdays else [])
        ],
    }
    places = np.unique(xy, axis=0) if shared.places <= DOTS else None
    return xy, {"places": places}


def _zones(town: City, facts: dict[str, Any]) -> dict[str, Any]:
    parts = {}
    if town.has("zones"):
        zones = town.layer("zones")
        parts["zones"] = zones
        facts["zones"] = {
            "count": len(zones),
            "status": town.status("zones"),
            "area_km2": float(zones["area_km2"].sum()) if "area_km2" in zones else None,
            "groups": int(zones["group"].nunique()) if "group" in zones else 0,
            "borders": len(town.layer("borders")) if town.has("borders") else None,
            "fields": field_summary(zones, town.fields()),
        }
    spec = town.card.layers.criteria
    if spec is not None:
        criteria = town.layer("criteria")
        facts["criteria"] = {
            "count": len(criteria),
            "status": town.status("criteria"),
            "fields": field_summary(criteria, spec.criteria),
        }
    return parts


def _account(town: City) -> dict[str, Any]:
    """Rows set aside when the city was made, and rows left out as city.yml says."""
    path = town.folder / REJECTED
    before = rejected(path) if path.is_file() and not path.is_symlink() else []
    told = left_out(town.remarks("events")) if town.has("events") else []
    counted = [(sentence, count) for sentence, count in told if count is not None]
    used = int(_first_of_row(town).sum()) if town.has("events") else None
    aside = sum(count for _, count in [*before, *counted])
    return {
        "rejected": [[REASONS.get(reason, reason), count] for reason, count in before],
        "left_out": [list(entry) for entry in counted],
        "notes": [sentence for sentence, count in told if count is None],
        "used": used,
        "given": used + aside if used is not None else None,
    }


def _differ(values: pd.Series) -> bool:
    """Whether not all values are the same."""
    return bool((values != values.iloc[0]).any())


def _first_of_row(town: City) -> np.ndarray:
    """Of each event whether it is the first of its row: by its count, or by file and row where told."""
    events, first = town.layer("events"), town.first_of_row()
    if {"file", "row"} <= set(events.columns):
        first &= ~events[["file", "row"]].duplicated().to_numpy()
    return first


def _blanks(town: City) -> list[str]:
    unfilled = [key for key in ("country", "licence") if getattr(town, key) == "not stated"]
    return [*(f"{key} in city.yml" for key in unfilled), *blanks(town.sources)]


def _system(town: City, bounds: tuple[float, float, float, float] | None) -> dict[str, Any]:
    import pyproj

    error = scale_error(town.crs, bounds) if bounds else float("nan")
    return {
        "code": town.crs,
        "name": pyproj.CRS.from_user_input(town.crs).name,
        "scale_error": error if np.isfinite(error) else None,
        "middle": _middle(town, bounds) if bounds else None,
    }


def _middle(town: City, bounds: tuple[float, float, float, float]) -> str:
    """Where the middle of the map lies, in degrees."""
    import pyproj

    change = pyproj.Transformer.from_crs(town.crs, "EPSG:4326", always_xy=True)
    lon, lat = change.transform((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    return degrees_words(lon, lat)


def _policy(town: City) -> dict[str, str] | None:
    """The posts of today that plans are compared with; None where the city states none."""
    policy = town.policy
    return {"posts": policy.posts, "label": policy.label} if policy is not None else None


def _bounds(xy: Any, boundary: Any, zones: Any) -> tuple[float, float, float, float] | None:
    """What the map shows, with some room where it has no width or height."""
    boxes = []
    if xy is not None:
        boxes.append((*xy.min(axis=0), *xy.max(axis=0)))
    if boundary is not None:
        boxes.append(boundary.bounds)
    if zones is not None:
        boxes.append(tuple(zones.total_bounds))
    if not boxes:
        return None
    low, high = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
    span = max(LEAST_SPAN, float((high - low).max()) / 20)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, span / 2)
    xmin, ymin, xmax, ymax = map(float, (*(middle - half), *(middle + half)))
    return xmin, ymin, xmax, ymax


def _with_degrees(town: City, places: list[tuple[float, float, int]]) -> list[list[float]]:
    """X and y in metres, longitude and latitude, and events of each place."""
    import pyproj

    if not places:
        return []
    change = pyproj.Transformer.from_crs(town.crs, "EPSG:4326", always_xy=True)
    x, y, counts = zip(*places, strict=True)
    degrees = change.transform(np.array(x), np.array(y))
    return [list(map(float, row)) for row in zip(x, y, *degrees, counts, strict=True)]


def _written(time: Any, precision: str) -> str:
    return time.strftime({"month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%d %H:00"}[precision])
