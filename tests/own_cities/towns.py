"""Small made-up cities such as an analyst may bring, written into a folder from a seed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

FOLDERS = {"two_kinds": "été_town"}  # names of folders that are not the city's own
LONG = "Station of the northern quarter beside the old covered market and the bus garage"


@dataclass(frozen=True)
class Town:
    """What a made-up city is like.

    Attributes
    ----------
    seed
        Of everything that is drawn.
    title, country, note
        As city.yml prints them.
    crs, corner
        Projected system, and its south-western corner in metres.
    columns, rows, side
        Zones from west to east and from south to north, and their rough width in metres.
    events
        How many, or 0 for a city without the layer.
    kinds
        Kinds of events and their odds.
    first, months, precision
        First month, how many months, and how exactly times are known.
    places
        Where events lie: ``clusters``, ``line`` or ``one``.
    event_zones
        Whether each event carries the code of its zone.
    stations
        Names of stations; none: no layer.
    policy
        Whether the stations are the policy of today, and its label.
    codes, names, groups
        Of the zones, from their number.
    fields
        Fields of the zones; ``values`` gives the column that a field reads.
    values
        Columns of the zones' file, from the generator and the areas in km².
    shapes
        How zones get polygons: ``wkt``, ``geojson`` or ``schematic``.
    criteria
        Criteria as city.yml states them; none: no layer.
    measures
        Columns of the criteria's file, from the generator and the number of rows; None where the
        criteria are fields of the zones.
    rated
        How many zones the criteria's file holds; all where None.
    streets
        Whether there are streets, along the sides of the zones, by which patrols are placed; some
        hang together with no other, and the stations' places are known roughly.
    undated
        Whether neither kind nor time of an event is known, so that one value stands for all.
    """

    seed: int
    title: str
    country: str = "Nowhere"
    note: str = ""
    crs: str = "EPSG:27700"
    corner: tuple[float, float] = (430_000.0, 430_000.0)
    columns: int = 4
    rows: int = 4
    side: float = 700.0
    events: int = 300
    kinds: Mapping[str, float] = field(
        default_factory=lambda: {"Theft": 5, "Burglary": 3, "Robbery": 2, "Arson": 0.3}
    )
    first: str = "2023-01"
    months: int = 24
    precision: str = "month"
    places: str = "clusters"
    event_zones: bool = False
    stations: tuple[str, ...] = ("North", "Centre", "South", "Harbour")
    policy: str = "Police stations"
    codes: Callable[[int], str] = "Z{:02d}".format
    names: Callable[[int], str] = "Quarter {}".format
    groups: Callable[[int], str] | None = None
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    values: Callable[..., dict[str, np.ndarray]] | None = None
    shapes: str = "wkt"
    criteria: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    measures: Callable[..., dict[str, np.ndarray]] | None = None
    rated: int | None = None
    streets: bool = False
    undated: bool = False


def make(name: str, folder: str | Path) -> Path:
    """Write a city into a folder of its own.

    Parameters
    ----------
    name
        One of `NAMES` or `ODD_NAMES`.
    folder
        Folder to make it in.

    Returns
    -------
    Path
        Folder of the city: ``run --city`` takes it.
    """
    town = TOWNS[name]
    place = Path(folder) / FOLDERS.get(name, name)
    place.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(town.seed)
    zones = _zones(town, random)
    files, layers = _zone_files(town, zones, random)
    outline = shapely.union_all(zones)
    files["boundary.csv"] = _table({"wkt": [outline.wkt]})
    layers["boundary"] = {"file": "boundary.csv", "columns": {"geometry": "wkt"}}
    if town.events:
        files["events.csv"], layers["events"] = _events(town, zones, random)
    if town.stations:
        spots = _inside(outline.buffer(-0.1 * town.side), len(town.stations), random)
        officers = random.integers(4, 40, len(town.stations))
        table = {"station": town.stations, "officers": officers, "x": spots[:, 0], "y": spots[:, 1]}
        files["stations.csv"], layers["stations"] = _table(table), {"file": "stations.csv"}
    if town.streets:
        files["streets.geojson"], layers["streets"] = (
            _streets(town, zones),
            {"file": "streets.geojson"},
        )
        layers["stations"]["status"] = "approximate"
    card = {
        "title": town.title,
        "country": town.country,
        "crs": town.crs,
        "licence": "CC0",
        "source_line": f"Source: made up for tests, {town.title}",
        "description": town.note or "A made-up city.",
        "layers": layers,
    }
    if town.stations and town.policy:
        card["policy"] = {"posts": "stations", "label": town.policy}
    if town.streets:
        card["parameters"] = {"15_patrol_allocation": {"metric": "streets"}}
    files["city.yml"] = json.dumps(card, ensure_ascii=False, indent=1)  # which is YAML too
    for file, text in files.items():
        (place / file).write_text(text, encoding="utf-8")
    return place


def _zones(town: Town, random: np.random.Generator) -> list[shapely.Polygon]:
    """Quadrangles of a grid whose corners are moved, row after row from the south-west."""
    lines = np.stack(
        np.meshgrid(np.arange(town.columns + 1.0), np.arange(town.rows + 1.0)), axis=-1
    )
    corners = (lines + random.uniform(-0.2, 0.2, lines.shape)) * town.side + town.corner
    corners = corners.round(1)
    return [
        shapely.Polygon(
            [corners[r, c], corners[r, c + 1], corners[r + 1, c + 1], corners[r + 1, c]]
        )
        for r in range(town.rows)
        for c in range(town.columns)
    ]


def _inside(area: shapely.Geometry, count: int, random: np.random.Generator) -> np.ndarray:
    """Uniform places in an area, to the decimetre."""
    west, south, east, north = area.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = random.uniform((west, south), (east, north), (4 * count + 8, 2)).round(1)
        found = np.vstack([found, drawn[shapely.contains_xy(area, drawn[:, 0], drawn[:, 1])]])
    return found[:count]


def _zone_files(town: Town, zones: list, random: np.random.Generator) -> tuple[dict, dict]:
    numbers = range(1, len(zones) + 1)
    codes = [town.codes(k) for k in numbers]
    areas = np.array([zone.area / 1e6 for zone in zones])
    table = {"code": codes, "name": [town.names(k) for k in numbers]}
    layer = {"file": "zones.csv", "columns": {"zone": "code", "name": "name"}}
    files = {}
    if town.groups:
        table["group"] = [town.groups(k) for k in numbers]
        layer["columns"]["group"] = "group"
    if town.values:
        table |= town.values(random, areas)
    if town.fields:
        layer["fields"] = {name: dict(stated) for name, stated in town.fields.items()}
    borders = {"derive": "zones"}
    if town.shapes == "wkt":
        table["wkt"] = [zone.wkt for zone in zones]
        layer["columns"]["geometry"] = "wkt"
    elif town.shapes == "geojson":
        files["outlines.geojson"] = _geojson(town, codes, zones)
        layer["geometry"] = {"file": "outlines.geojson", "key": "id_zone"}
    else:
        table["area_km2"] = areas.round(4)
        table["perimeter_km"] = [round(zone.length / 1e3, 4) for zone in zones]
        table["x"] = [round(zone.centroid.x, 1) for zone in zones]
        table["y"] = [round(zone.centroid.y, 1) for zone in zones]
        layer["columns"] |= {"x": "x", "y": "y"}
        files["borders.csv"], borders = _borders(codes, zones), {"file": "borders.csv"}
    files["zones.csv"] = _table(table)
    layers = {"zones": layer, "borders": borders}
    if town.criteria:
        stated = {name: dict(criterion) for name, criterion in town.criteria.items()}
        layers["criteria"] = {"criteria": stated}
        if town.measures is None:
            layers["criteria"]["derive"] = "zones"
        else:
            count = town.rated or len(zones)
            rated = {"zone": codes[:count], "name": table["name"][:count]}
            files["criteria.csv"] = _table(rated | town.measures(random, count))
            layers["criteria"]["file"] = "criteria.csv"
    return files, layers


def _borders(codes: list[str], zones: list) -> str:
    rows = [
        (codes[a], codes[b], round(length / 1e3, 4))
        for a in range(len(zones))
        for b in range(a + 1, len(zones))
        if (length := zones[a].intersection(zones[b]).length) > 0
    ]
    first, second, shared = zip(*rows, strict=True)
    return _table({"zone_a": first, "zone_b": second, "shared_km": shared})


def _geojson(town: Town, codes: list[str], zones: list) -> str:
    """Outlines in degrees; codes that look like integers are written as such."""
    import geopandas as gpd

    keys = [int(code) for code in codes] if all(code.isdigit() for code in codes) else codes
    frame = gpd.GeoDataFrame({"id_zone": keys}, geometry=zones, crs=town.crs)
    return frame.to_crs("EPSG:4326").to_json(drop_id=True)


def _streets(town: Town, zones: list) -> str:
    """Sides of the zones, a fifth of them closed, and a crumb in the middle of a zone."""
    import geopandas as gpd

    sides = {
        tuple(sorted([a, b]))
        for zone in zones
        for a, b in zip(zone.exterior.coords[:-1], zone.exterior.coords[1:], strict=True)
    }
    kept = np.random.default_rng(town.seed).random(len(sides)) < 0.8
    lines = [shapely.LineString(side) for side, on in zip(sorted(sides), kept, strict=True) if on]
    middle = zones[0].centroid
    lines.append(shapely.LineString([middle, (middle.x + 40, middle.y)]))
    return gpd.GeoDataFrame(geometry=lines, crs=town.crs).to_json(drop_id=True, to_wgs84=True)


def _events(town: Town, zones: list, random: np.random.Generator) -> tuple[str, dict]:
    outline = shapely.union_all(zones).buffer(-0.05 * town.side)
    spots = _spots(town, outline, random)
    kinds = list(town.kinds)
    odds = np.array(list(town.kinds.values()), dtype=float)
    # the second kind keeps to the west, so that place tells something of the kind
    west = spots[:, 0] < np.median(spots[:, 0])
    weights = np.where(west[:, None], odds, odds * np.where(np.arange(len(odds)) == 1, 0.3, 1))
    weights = weights / weights.sum(axis=1, keepdims=True)
    drawn = (random.random((len(spots), 1)) > weights.cumsum(axis=1)).sum(axis=1)
    drawn = np.minimum(drawn, len(kinds) - 1)
    drawn[: len(kinds)] = np.arange(len(kinds))[: len(drawn)]  # no kind is left without events
    table = {"type": [kinds[k] for k in drawn], "when": _times(town, len(spots), random)}
    table |= {"east": spots[:, 0], "north": spots[:, 1]}
    columns = {"kind": "type", "time": "when", "x": "east", "y": "north"}
    if town.undated:
        del table["type"], table["when"]
        columns |= {"kind": {"constant": "incident"}, "time": {"constant": "2019"}}
    if town.event_zones:
        tree = shapely.STRtree(zones)
        table["area"] = [town.codes(int(tree.nearest(shapely.Point(spot))) + 1) for spot in spots]
        columns["zone"] = "area"
    layer = {"file": "events.csv", "columns": columns, "time_precision": town.precision}
    if town.undated:
        del layer["time_precision"]
    return _table(table), layer


def _spots(town: Town, outline: shapely.Geometry, random: np.random.Generator) -> np.ndarray:
    middle = np.array([outline.centroid.x, outline.centroid.y]).round(1)
    if town.places == "one":
        return np.tile(middle, (town.events, 1))
    if town.places == "line":
        reach = 0.3 * town.side * min(town.columns, town.rows)
        along = random.uniform(-reach, reach, town.events).round(1)
        return middle + along[:, None] * (1.0, 0.0)
    parents = _inside(outline, 6, random)
    spots = parents[random.integers(0, len(parents), 2 * town.events)]
    spots = (spots + random.normal(0, 0.25 * town.side, spots.shape)).round(1)
    spots = spots[shapely.contains_xy(outline, spots[:, 0], spots[:, 1])][: town.events // 2]
    spots = np.vstack([spots, _inside(outline, town.events - len(spots), random)])
    # recorded places repeat: a tenth of the events lie where another one does
    again = random.random(len(spots)) < 0.1
    spots[again] = spots[random.integers(0, len(spots), again.sum())]
    return spots[random.permutation(len(spots))]


def _times(town: Town, count: int, random: np.random.Generator) -> list[str]:
    start = np.datetime64(town.first, "M")
    months = start + np.sort(random.integers(0, town.months, count))
    months[-1] = start + (town.months - 1)
    if town.precision == "month":
        return months.astype(str).tolist()
    days = months.astype("datetime64[D]") + random.integers(0, 28, count)
    if town.precision == "day":
        return days.astype(str).tolist()
    hours = random.choice(24, count, p=np.r_[np.full(12, 0.02), np.full(12, 0.76 / 12)])
    return [f"{day} {hour:02d}:{random.integers(60):02d}" for day, hour in zip(days, hours)]  # noqa: B905


def _table(columns: Mapping[str, Any]) -> str:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows(zip(*columns.values(), strict=True))
    return written.getvalue()


# --- fields and criteria that cities share --------------------------------------------------

PEOPLE = {
    "residents": {"column": "residents", "label": "Residents 2021", "unit": "persons"},
    "crimes": {"count": "events", "label": "Recorded crimes", "unit": "crimes"},
    "rate": {
        "ratio": ["crimes", "residents"],
        "scale": 1000,
        "label": "Crimes per 1,000 residents",
        "unit": "per 1,000 residents",
    },
}
TRAFFIC = {
    "vehicles": {"column": "vehicles", "label": "Registered vehicles", "unit": "vehicles"},
    "losses": {"column": "losses", "label": "Losses claimed", "unit": "€"},
}
OF_FIELDS = {
    "rate": {"field": "rate", "label": "Crimes a head", "unit": "‰", "shape": "increasing"},
    "crimes": {"field": "crimes", "label": "Crimes", "unit": "crimes", "shape": "increasing"},
    "residents": {"field": "residents", "label": "Residents", "unit": "", "shape": "decreasing"},
}
OF_FILE = {
    "poverty": {"column": "poverty", "label": "Poverty", "unit": "%", "shape": "increasing"},
    "lighting": {
        "column": "lighting",
        "label": "Street lighting",
        "unit": "lamps/km",
        "shape": "decreasing",
        "scale": [0, 100],
    },
    "age": {"column": "age", "label": "Mean age", "unit": "years", "shape": "peaked", "peak": 30},
    "calls": {
        "column": "calls",
        "label": "Calls for service",
        "shape": "discrete",
        "values": {"few": 0, "some": 0.4, "many": 1},
    },
}


def _people(random: np.random.Generator, areas: np.ndarray) -> dict[str, np.ndarray]:
    return {"residents": (areas * random.uniform(800, 9000, len(areas))).round().astype(int)}


def _traffic(random: np.random.Generator, areas: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "vehicles": random.poisson(700, len(areas)),
        "losses": random.lognormal(10, 1, len(areas)).round(2),
    }


def _rated(random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    return {
        "poverty": random.uniform(2, 45, count).round(1),
        "lighting": random.uniform(5, 95, count).round(1),
        "age": random.normal(38, 6, count).round(1),
        "calls": random.choice(["few", "some", "many"], count),
    }


def _empty(zones: int) -> Callable[..., dict[str, np.ndarray]]:
    """Residents, losses and vehicles; nobody lives in the first `zones`."""

    def values(random: np.random.Generator, areas: np.ndarray) -> dict[str, np.ndarray]:
        columns = _people(random, areas) | _traffic(random, areas)
        columns["residents"][:zones] = 0
        return columns

    return values


_COUNTED = {name: PEOPLE[name] for name in ("residents", "crimes")}
_FILED = {"criteria": OF_FILE, "measures": _rated}
_FIELDED = {"fields": PEOPLE, "values": _people, "criteria": OF_FIELDS}

# --- names that break what does not expect them ---------------------------------------------

_BAD_KINDS = {
    "$5 theft & <b>fraud</b>": 5,
    '=SUM("A1")': 3,
    "co_st_of $x_1$ {y} 100%": 2,
    "Überfall 🚓 \\alpha": 2,
    "*star* | pipe `tick` #1 [link](x)": 1,
}
_BAD_NAMES = (
    "$ and $$",
    "<b>Bold</b> & <script>alert(1)</script>",
    "\"quoted\" 'single'",
    "=1+1",
    "under_score_d $a_b$",
    "{brace} {0} {name}",
    "100% %s %(x)d",
    "back\\slash \\frac{1}{2}",
    "🚓 пост 警察",
    "A zone with a very long name that no table and no axis has room for: " + "long " * 12,
    "*star* _line_ `tick` | pipe",
    "# heading",
)
_HOSTILE = Town(
    seed=7,
    title='Ho$tile & <b>"Town"</b> {x} 100% 🚓 \\n $y_1$',
    country="<i>No_where</i>",
    note="Names with $, <b>, &, _, {, %, \\ and | in them, as some files have.",
    kinds=_BAD_KINDS,
    precision="hour",
    stations=("$1 & $2", "<b>Bold</b>", '=HYPERLINK("x")', "_under_ {brace} 100%", LONG),
    policy="Today's $posts$ & <b>cars</b> {p}",
    names=lambda k: f"{_BAD_NAMES[(k - 1) % len(_BAD_NAMES)]} {k}",
    codes="$Z_{0}&<{0}>".format,
    groups=lambda k: ("<i>West</i> & $1", "East_{x} %")[k % 2],
    fields={
        "residents": {
            "column": "residents",
            "label": "Residents <b>& $x_1$ {y} 100% | \\n",
            "unit": "per$ons & <i>",
        },
        "losses": {"column": "vehicles", "label": "=Losses_of $5 & more", "unit": "€_{x}"},
    },
    values=lambda random, areas: _people(random, areas) | _traffic(random, areas),
    criteria={
        "poverty": {
            "column": "po$verty <%>",
            "label": "Pov_er$ty & <b>need</b> {x} $y$",
            "unit": "% of $ & <i>",
            "shape": "increasing",
        },
        "=lighting": {
            "column": "lighting",
            "label": "=Lighting_{0} | 100% \\beta",
            "unit": "lamps\\km",
            "shape": "decreasing",
        },
        "calls": {
            "column": "calls",
            "label": "🚓 calls *star* `tick` " + "very long " * 8,
            "shape": "discrete",
            "values": {"$few": 0, "<some>": 0.4, "m_any & {x}": 1},
        },
    },
    measures=lambda random, count: {
        "po$verty <%>": random.uniform(2, 45, count).round(1),
        "lighting": random.uniform(5, 95, count).round(1),
        "calls": random.choice(["$few", "<some>", "m_any & {x}"], count),
    },
)

_FIVE_BY_FOUR = {"columns": 5, "rows": 4}
_CHILE = {"crs": "EPSG:32718", "corner": (690_000.0, 8_690_000.0)}

TOWNS: dict[str, Town] = {
    "one_month": Town(
        1, "Oneton", months=1, first="2024-05", stations=(), rows=3, events=240, **_FIELDED
    ),
    "one_month_stations": Town(
        2, "Mayville", months=1, first="2024-05", precision="day", events=280, **_CHILE, **_FIELDED
    ),
    "three_stations": Town(
        3,
        "Threeposts",
        precision="hour",
        event_zones=True,
        shapes="schematic",
        stations=("Main", "Port", "Hill"),
        fields=TRAFFIC,
        values=_traffic,
        groups=lambda k: "North" if k > 8 else "South",
        **_CHILE,
        **_FILED,
    ),
    "no_policy": Town(
        4,
        "Freeport",
        precision="day",
        policy="",
        fields=_COUNTED,
        values=_empty(1),
        **_FIVE_BY_FOUR,
        **_FILED,
    ),
    "no_fields": Town(5, "Plainfield", undated=True, **_FIVE_BY_FOUR, **_FILED),
    "integer_codes": Town(
        6,
        "Numberton",
        codes=str,
        names=lambda k: str(100 + k),
        event_zones=True,
        shapes="geojson",
        streets=True,
        stations=("1", "2", "3", "4", "5"),
        **(_FIVE_BY_FOUR | _FIELDED),
    ),
    "hostile": _HOSTILE,
    "two_kinds": Town(
        8,
        "Été-sur-Mer",
        kinds={"Vol": 3, "Dégradation": 1},
        precision="month",
        crs="EPSG:2154",
        corner=(650_000.0, 6_860_000.0),
        rows=3,
        **(_FIELDED | {"fields": PEOPLE | TRAFFIC, "values": _empty(0)}),
    ),
}
NAMES = tuple(TOWNS)

_SMALL = {"columns": 3, "rows": 1}
_ONE = {"only": OF_FILE["poverty"] | {"column": "only"}}
_BASE = Town(20, "Oddville", **_FIELDED)

TOWNS |= {
    "few": replace(_BASE, title="Fewton", events=12, stations=("Only",), **_SMALL),
    "one_kind": replace(_BASE, title="Onekind", kinds={"Theft": 1}),
    "one_criterion": replace(
        _BASE,
        title="Single",
        criteria=_ONE,
        measures=lambda random, count: {"only": random.uniform(0, 9, count).round(2)},
    ),
    "flat": replace(
        _BASE,
        title="Flatland",
        criteria={name: OF_FILE[name] for name in ("poverty", "calls")},
        measures=lambda random, count: {"poverty": [7] * count, "calls": ["some"] * count},
    ),
    "constant": replace(
        _BASE,
        title="Constantia",
        criteria=OF_FILE,
        measures=lambda random, count: (
            _rated(random, count) | {"poverty": [7] * count, "calls": ["some"] * count}
        ),
    ),
    "ties": replace(
        _BASE,
        title="Tiesbury",
        criteria={name: OF_FILE[name] for name in ("poverty", "calls")},
        measures=lambda random, count: {
            "poverty": random.choice([5, 10], count),
            "calls": random.choice(["few", "many"], count),
        },
    ),
    "zero_zone": replace(
        _BASE,
        title="Zeroham",
        fields=_COUNTED | TRAFFIC,
        values=_empty(5),
        criteria={"crimes": OF_FIELDS["crimes"], "residents": OF_FIELDS["residents"]},
    ),
    "one_zone": replace(_BASE, title="Lone", columns=1, rows=1, side=2500.0),
    "two_zones": replace(_BASE, title="Twain", columns=2, rows=1, side=1500.0),
    "line": replace(_BASE, title="Linearville", places="line"),
    "one_place": replace(_BASE, title="Spot", places="one"),
    "tiny_units": replace(
        _BASE,
        title="Tiny",
        fields={"share": {"column": "share", "label": "Share", "unit": "of the world"}},
        values=lambda random, areas: {"share": random.uniform(1e-9, 9e-9, len(areas))},
        **_FILED,
    ),
    "far_units": replace(
        _BASE,
        title="Farunit",
        fields={
            "budget": {"column": "budget", "label": "Budget", "unit": "pesos"},
            "share": {"column": "share", "label": "Share", "unit": "of the world"},
        },
        values=lambda random, areas: {
            "budget": random.uniform(1e12, 9e12, len(areas)).round(),
            "share": random.uniform(1e-9, 9e-9, len(areas)),
        },
        **_FILED,
    ),
    "negative": replace(
        _BASE,
        title="Minus",
        fields={
            "change": {
                "column": "change",
                "label": "Change of residents",
                "unit": "persons",
                "negative": True,
            },
            "residents": PEOPLE["residents"],
        },
        values=lambda random, areas: (
            _people(random, areas) | {"change": random.integers(-400, 300, len(areas))}
        ),
        criteria={
            "change": {"field": "change", "label": "Change", "shape": "increasing"},
            "residents": OF_FIELDS["residents"],
        },
    ),
    "missing_criteria": replace(_BASE, title="Partly", rated=5, **_FILED),
    "two_rated": replace(_BASE, title="Barely", rated=2, **_FILED),
}
ODD_NAMES = tuple(name for name in TOWNS if name not in NAMES)

if __name__ == "__main__":  # python tests/own_cities/towns.py FOLDER [NAME …]: to look at one
    import sys

    for chosen in sys.argv[2:] or NAMES:
        print(make(chosen, sys.argv[1]))
