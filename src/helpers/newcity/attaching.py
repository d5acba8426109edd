"""The command ``attach``: a layer added to a city that is there already."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.checks import near
from helpers.cities import CARD, City, CityError, load_city
from helpers.compendium import RAW, find_city, find_folder
from helpers.sources import Download
from helpers.space import degrees_words

from . import streets, talk
from .choices import Said
from .criteria import real_now, renewed_criteria, renews
from .downloads import brought
from .errors import NewCityError
from .extras import Made, geojson
from .folder import (
    POLICY_HINT,
    STANDING,
    STATIONS_HINT,
    border_lines,
    field_hints,
    policy_lines,
)
from .making import fresh_folder, made_layer
from .originals import add_sources, keep_original
from .outline import in_system
from .reading import read_all
from .tables import RawTable
from .zoning import draft_zones

DONE = 0
ATTACHED = ("boundary", "stations", "patrols", "streets", "zones", "districts", "criteria")
_NOTHING = Said()
_OF_POSTS = ("x", "y", "name")


def attach(
    name: str, layer: str, file: str | Path, said: Said = _NOTHING, *, fresh: bool = False
) -> int:
    """Add a layer to a city of one's own, check it again, and say what changes.

    Parameters
    ----------
    name, layer : str
    file : str or Path
        Of the layer, or its address.
    said : Said
        Columns and system of the file, where the guess is wrong.
    fresh : bool
        Whether to download again what was downloaded before.

    Raises
    ------
    NewCityError
        No such layer, a bundled city, or a file that cannot be used; the city stays as it was.
    """
    if layer not in ATTACHED:
        raise NewCityError(
            f"{layer!r} is no layer that can be attached{near(layer, ATTACHED) or ';'} the layers are "
            f"{', '.join(ATTACHED)}"
        )
    _refuse_unused(layer, said)
    folder = find_folder(name)
    if folder.parent == RAW.resolve():
        raise NewCityError(
            f"{folder.name} is bundled and stays as published; copy data/raw/{folder.name} to "
            f"cities/my_{folder.name} and attach there"
        )
    town = load_city(folder)
    before = talk.running(town)
    downloads: dict[Path, Download] = {}
    path = brought(file, downloads, fresh=fresh)
    card = folder / CARD
    text = card.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="attach-") as scratch:
        made, target, changed = _attached(town, layer, path, said, Path(scratch), text)
        old = target.read_bytes() if target.exists() else None
        try:
            target.write_text(made.text, encoding="utf-8")
            card.write_text(changed, encoding="utf-8")
            again = find_city(folder)
            refuse_elsewhere(town, again, layer, path.name)
            if faults := talk.faults_of(again):
                raise NewCityError("\n".join(faults))
            originals = {keep_original(folder, path, path.name): path for path in made.files}
            add_sources(folder / "SOURCES.md", originals, downloads)
        except (NewCityError, CityError) as error:
            card.write_text(text, encoding="utf-8")
            target.unlink() if old is None else target.write_bytes(old)
            raise NewCityError(f"{error}\n{folder.name} stays as it was") from None
    for fact in made.facts:
        print(f"  {fact}")
    print(f"attached: {layer} of {folder.name} ({target.name})")
    for remark in talk.remarks_of(again):
        print(f"  {remark}")
    fresh_sections = [name[:2] for name in talk.running(again) if name not in before]
    print(
        f"sections that run now and did not before: {', '.join(fresh_sections)}"
        if fresh_sections
        else "no section runs that did not run before"
    )
    print("\n".join(talk.sections_of(again)))
    print(f"next: python3 run_all.py --city {name}")
    return DONE


def refuse_elsewhere(town: City, again: City, layer: str, name: str) -> None:
    """Refuse an outline or zones that hold nothing of the city's events.

    Parameters
    ----------
    town, again : City
        Before and after the layer was added.
    layer : str
    name : str
        Of the file.

    Raises
    ------
    NewCityError
        No event lies there.
    """
    if layer not in ("boundary", "zones") or not town.has("events"):
        return
    events = town.layer("events").to_crs(4326).geometry.to_numpy()
    if layer == "boundary":
        spec = again.layers["boundary"]
        shapes = gpd.read_file(again.folder / spec.files[0]).to_crs(4326).geometry.to_numpy()
    else:
        shapes = gpd.read_file(again.folder / _zone_file(again)).to_crs(4326).geometry.to_numpy()
    if len(shapely.STRtree(shapes).query(events, predicate="intersects")[0]):
        return
    there = shapely.get_coordinates(shapely.centroid(shapely.union_all(shapes)))[0]
    here = np.median(shapely.get_coordinates(events), axis=0)
    what = "this is the boundary" if layer == "boundary" else "these are the zones"
    raise NewCityError(
        f"{name} lies around {degrees_words(*there)}, the events around {degrees_words(*here)}, and none of "
        f"them inside it: {what} of another city, or the system is wrong; give the {layer} of {town.name}, or "
        "state the file's system with --crs EPSG:…"
    )


def _zone_file(town: City) -> str:
    outlines = town.folder / "outlines.geojson"
    return outlines.name if outlines.is_file() else "zones.geojson"


def _refuse_unused(layer: str, said: Said) -> None:
    """Refuse an option that says nothing of this layer."""
    unused = [f"--{one}" for one in _OF_POSTS if getattr(said, one)]
    unused += ["--criterion"] if said.criteria and layer != "criteria" else []
    if layer in ("stations", "patrols"):
        unused = [one for one in ("--key",) if said.key]
        unused += ["--criterion"] if said.criteria else []
    elif layer in ("streets", "criteria") and said.crs:
        unused.append("--crs")
    if unused:
        raise NewCityError(f"{' and '.join(unused)} says nothing of {layer}; leave it out")


def _attached(
    town: City, layer: str, path: Path, said: Said, scratch: Path, text: str
) -> tuple[Made, Path, str]:
    crs = pyproj.CRS.from_user_input(town.crs)
    if layer == "zones":
        return _attached_zones(town, path, said, scratch, text)
    if layer == "criteria" and renews(town, path, said, fresh_folder(scratch)):
        made = renewed_criteria(path, said, town, fresh_folder(scratch))
        changed = with_block(text, layer, f"  {layer}:\n{made.block}")
        return made, town.folder / made.file_of(layer), real_now(changed, town, made)
    needed = layer in ("criteria", "districts") and town.has("zones")
    zones = town.layer("zones")["zone"] if needed else None
    extent = None
    if layer == "streets" and town.has("boundary"):
        extent = shapely.union_all(town.layer("boundary").geometry.to_numpy())
    made = made_layer(layer, path, said, crs, zones, scratch, streets.around(extent, crs))
    block = made.block
    unstated = town.policy is None
    if layer == "stations" and (
        (unstated and not town.has("patrols"))
        or (town.has("stations") and town.status("stations") == "approximate")
    ):
        block += STANDING
    if layer in ("boundary", "streets"):
        block += "    crs: EPSG:4326\n"
    changed = with_block(text, layer, f"  {layer}:\n{block}")
    if layer == "stations":
        changed = changed.replace("".join(f"{line}\n" for line in STATIONS_HINT), "")
    if layer in ("stations", "patrols") and unstated:
        changed = changed.replace("".join(f"{line}\n" for line in POLICY_HINT), "")
        posts = [one for one in ("patrols", "stations") if one == layer or town.has(one)]
        changed = changed.rstrip("\n") + "\n" + "".join(f"{line}\n" for line in policy_lines(posts))
        made.facts.append(
            f"section 16 compares its plans with the {posts[0]} (`policy` in city.yml: correct it, or "
            "remove it where they are not the posts of today)"
        )
    elif layer == "patrols" and town.policy is not None and town.policy.posts != "patrols":
        made.facts.append(
            "section 16 still compares its plans with the stations: write `posts: patrols` under "
            "`policy` in city.yml"
        )
    return made, town.folder / made.file_of(layer), changed


def _attached_zones(
    town: City, path: Path, said: Said, scratch: Path, text: str
) -> tuple[Made, Path, str]:
    tables, _, files = read_all(path, fresh_folder(scratch))
    tables = [in_system(table, said.crs) for table in tables]
    if town.has("zones"):  # outlines for zones that are there already
        codes = town.layer("zones")["zone"].astype(str)
        count = len(codes)
        rows = RawTable(
            pd.DataFrame({"zone": codes}, dtype=object),
            np.full(count, town.name, dtype=object),
            np.arange(count),
        )
        zones = draft_zones(tables, rows, said.key, "zone", set())
        if not zones.column:
            raise NewCityError(
                f"{path.name}: no column holds the codes of {town.name}'s zones (such as {codes.iloc[0]!r}); "
                "name it with --key"
            )
        table = zones.table.set_index("zone").loc[[c for c in zones.codes if c]]
        keep = zones.table["zone"].isin(table.index).to_numpy()
        frame = zones.table[keep]
        made = Made(geojson(list(zones.degrees[keep]), frame), "", zones.facts, files)
        changed = with_geometry(text, "    geometry: {file: outlines.geojson, key: zone}\n")
        return made, town.folder / "outlines.geojson", changed
    events = town.layer("events") if town.has("events") else None
    rows = RawTable(
        pd.DataFrame({"zone": ["-"]}, dtype=object),
        np.array(["events"], dtype=object),
        np.arange(1),
    )
    rows.points = events.geometry.to_numpy() if events is not None else None
    zones = draft_zones(tables, rows, said.key, "", set())
    made = Made(geojson(list(zones.degrees), zones.table), "", zones.facts, files)
    counted = "    fields:\n      events: {count: events, label: Recorded crimes, unit: crimes}\n"
    block = "  zones:\n    file: zones.geojson\n    columns: {zone: zone, name: name}\n"
    hints = "".join(f"{line}\n" for line in field_hints(zones.others))
    if events is None and zones.others:
        hints = f"    # fields:\n{hints}"
    changed = with_block(text, "zones", block + (counted if events is not None else "") + hints)
    metres = gpd.GeoSeries(list(zones.degrees), crs="EPSG:4326").to_crs(town.crs).to_numpy()
    lines = border_lines(zones.table["zone"], metres)
    changed = with_block(changed, "borders", "".join(f"{line}\n" for line in lines))
    return made, town.folder / "zones.geojson", changed


def with_block(text: str, layer: str, block: str) -> str:
    """city.yml with the block of a layer replaced, or added as the last of the layers.

    Examples
    --------
    >>> with_block("layers:\\n  events:\\n    file: a.csv\\nfiles: {}\\n", "stations", "  stations:\\n    file: b\\n")
    'layers:\\n  events:\\n    file: a.csv\\n  stations:\\n    file: b\\nfiles: {}\\n'
    """
    lines = text.splitlines(keepends=True)
    start = next((k for k, line in enumerate(lines) if re.match(r"layers:\s*(#.*)?$", line)), None)
    if start is None:
        raise NewCityError(
            "city.yml has no line `layers:` that can be added to; write the layer by hand"
        )
    end = next(
        (k for k in range(start + 1, len(lines)) if re.match(r"[^\s#]", lines[k])), len(lines)
    )
    head = next((k for k in range(start, end) if re.match(rf"  {layer}:", lines[k])), None)
    if head is None:
        while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1][0] == "#"):
            end -= 1
        if lines[end - 1] and not lines[end - 1].endswith("\n"):
            lines[end - 1] += "\n"
        return "".join([*lines[:end], block, *lines[end:]])
    tail = next((k for k in range(head + 1, end) if re.match(r"  [^\s#]", lines[k])), end)
    apart = "\n" if not lines[tail - 1].strip() and not block.endswith("\n\n") else ""
    return "".join([*lines[:head], block, apart, *lines[tail:]])


def with_geometry(text: str, line: str) -> str:
    """city.yml with the zones' outlines taken from a file of their own."""
    lines = text.splitlines(keepends=True)
    head = next((k for k, one in enumerate(lines) if re.match(r"  zones:\s*(#.*)?$", one)), None)
    if head is None:
        raise NewCityError(
            "city.yml has no block `zones:` that can be added to; write `geometry` by hand"
        )
    tail = next(
        (k for k in range(head + 1, len(lines)) if re.match(r" {0,2}[^\s#]", lines[k])), len(lines)
    )
    block = lines[head + 1 : tail]
    old = next((k for k, one in enumerate(block) if re.match(r"    geometry:", one)), None)
    if old is not None:
        after = next(
            (k for k in range(old + 1, len(block)) if re.match(r"    [^\s#]", block[k])), len(block)
        )
        block = [*block[:old], *block[after:]]
    return "".join([*lines[: head + 1], line, *block, *lines[tail:]])
