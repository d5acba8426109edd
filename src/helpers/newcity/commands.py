"""The commands ``new-city``, ``attach`` and ``check-city``."""

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
from helpers.compendium import (
    CITIES,
    RAW,
    find_city,
    find_folder,
    list_cities,
    quality_page,
    report_dir,
)
from helpers.sources import Download

from . import extras, streets, talk
from .choices import Choices
from .districts import districts_layer
from .downloads import brought, force_question
from .draft import Draft, make_draft
from .errors import NewCityError
from .extras import Made, geojson
from .folder import border_lines, write_city
from .originals import add_sources, keep_original
from .reading import read_all
from .streaming import is_large, make_large_draft
from .tables import RawTable
from .words import plain
from .zoning import draft_zones

DONE, REFUSED = 0, 2
ATTACHED = ("boundary", "stations", "patrols", "streets", "zones", "districts", "criteria")
_NAME = re.compile(r"\w[\w-]*", re.UNICODE)


def new_city(choices: Choices, folder: Path | None = None) -> int:
    """Make a city's folder from files; 0 when it was written, 2 when something must be decided.

    Raises
    ------
    NewCityError
        A name, a file or a flag that cannot be used; nothing is written.
    """
    place = _place(choices.name, folder)
    asked = force_question(choices)
    if asked is not None and not (choices.yes and asked.offer):
        if not (talk.in_terminal() and talk.answered(asked, choices)):
            raise NewCityError(asked.text)
        force_question(choices)  # what was typed is held against the archive, too
    with tempfile.TemporaryDirectory(prefix="new-city-") as name:
        scratch = Path(name)
        while True:
            draft = _drafted(choices, _fresh(scratch))
            left = talk.open_questions(draft, choices)
            if not left or not talk.in_terminal():
                break
            print("\n".join(talk.told(draft)))
            if not all(talk.answered(question, choices) for question in left):
                break
            choices.yes = choices.yes or any(q.offer for q in left)
        print(f"{choices.name}: what the files say")
        print("\n".join(talk.told(draft)))
        made: dict[str, Made] = {}
        faults = [question.text for question in left]
        if draft.crs is not None:
            made = _extras(choices, draft, scratch, faults)
        if faults:
            print(f"{len(faults)} thing(s) must be decided before {choices.name} can be written:")
            for fault in faults:
                print(f"error: {fault}")
            return REFUSED
        if draft.crs is None or not draft.usable:
            raise NewCityError(f"{choices.events.name}: no row is usable; nothing was written")
        named = [choices.events, *(getattr(choices, n) for n in ATTACHED if getattr(choices, n))]
        write_city(place, draft, made, named, choices.downloads)
    if draft.parts:
        print(
            f"written: {_short(place)}; check it with: python3 run_all.py check-city {_short(place)}"
        )
        return DONE
    town = load_city(place)
    if wrong := talk.faults_of(town):
        print(f"{place} was written, but its check finds:")
        for fault in wrong:
            print(f"error: {fault}")
        return REFUSED
    print(f"written: {_short(place)} (city.yml, SOURCES.md with blanks to fill in, rejected.csv)")
    print("\n".join(talk.sections_of(town)))
    print(f"next: python3 run_all.py --city {choices.name if folder is None else _short(place)}")
    print(f"then see what the data are like: {_short(report_dir() / quality_page(place.name))}")
    return DONE


def _drafted(choices: Choices, scratch: Path) -> Draft:
    if is_large(choices.events) and choices.zones is None:
        return make_large_draft(choices, scratch)
    return make_draft(choices, scratch)


def _fresh(scratch: Path) -> Path:
    place = Path(tempfile.mkdtemp(dir=scratch))
    return place


def _place(name: str, folder: Path | None) -> Path:
    place = folder if folder is not None else CITIES / name
    last = place.name if folder is not None else name
    if not _NAME.fullmatch(last):
        slug = re.sub(r"[^a-z0-9]+", "_", plain(last)).strip("_") or "mytown"
        raise NewCityError(
            f"a city cannot be named {last!r}, because folders of results carry its name; letters, "
            f"digits, _ and - only: {slug}"
        )
    if last.casefold() in [city.casefold() for city in list_cities()]:
        raise NewCityError(f"{last!r} is the name of a bundled city; choose another name")
    if place.is_symlink():
        raise NewCityError(f"{place} is a link; give the folder itself")
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise NewCityError(
            f"{_short(place)} holds something already, which is never overwritten; give another NAME or "
            "--folder, or remove it"
        )
    return place


def _extras(choices: Choices, draft: Draft, scratch: Path, faults: list[str]) -> dict[str, Made]:
    made: dict[str, Made] = {}
    if draft.crs is None:
        return made
    for layer in ("stations", "patrols", "streets", "districts", "criteria"):
        path = getattr(choices, layer)
        if path is None:
            continue
        try:
            zones = draft.zones.table["zone"] if draft.zones is not None else None
            made[layer] = _layer(
                layer,
                path,
                choices.key if layer == "criteria" else "",
                draft.crs,
                zones,
                scratch,
                streets.around(_extent(draft), draft.crs),
            )
        except NewCityError as error:
            faults.append(str(error))
            continue
        for fact in made[layer].facts:
            print(f"  {fact}")
    return made


def _extent(draft: Draft) -> shapely.Geometry | None:
    if draft.boundary is not None:
        return draft.boundary
    return shapely.union_all(draft.zones.metres) if draft.zones is not None else None


def _layer(
    layer: str,
    path: Path,
    key: str,
    crs: pyproj.CRS,
    zones: pd.Series | None,
    scratch: Path,
    window: shapely.Geometry | None = None,
) -> Made:
    place = _fresh(scratch)
    if layer in ("stations", "patrols"):
        return extras.points_layer(path, layer, crs, place)
    if layer == "streets":
        return streets.streets_layer(path, place, window)
    if layer == "boundary":
        return extras.boundary_layer(path, place)
    if zones is None:
        raise NewCityError(
            f"{path.name}: {layer} belong to zones, and the city has none; give --zones too"
        )
    if layer == "districts":
        return districts_layer(path, key, zones, place)
    return extras.criteria_layer(path, key, zones, place)


def attach(name: str, layer: str, file: str | Path, key: str = "", *, fresh: bool = False) -> int:
    """Add a layer to a city of one's own, check it again, and say what changes.

    Parameters
    ----------
    name, layer : str
    file : str or Path
        Of the layer, or its address.
    key : str
        Column of the zones' codes.
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
    folder = find_folder(name)
    if folder.parent == RAW.resolve():
        raise NewCityError(
            f"{folder.name} is bundled and stays as published; copy data/raw/{folder.name} to "
            f"cities/my_{folder.name} and attach there"
        )
    town = load_city(folder)
    before = talk.sections_of(town)
    downloads: dict[Path, Download] = {}
    path = brought(file, downloads, fresh=fresh)
    card = folder / CARD
    text = card.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="attach-") as scratch:
        made, target, changed = _attached(town, layer, path, key, Path(scratch), text)
        old = target.read_bytes() if target.exists() else None
        try:
            target.write_text(made.text, encoding="utf-8")
            card.write_text(changed, encoding="utf-8")
            again = find_city(folder)
            if faults := talk.faults_of(again):
                raise NewCityError("\n".join(faults))
            originals = {keep_original(folder, path, path.name): path for path in made.files}
            add_sources(folder / "SOURCES.md", originals, downloads)
        except (NewCityError, CityError) as error:
            card.write_text(text, encoding="utf-8")
            target.unlink() if old is None else target.write_bytes(old)
            raise NewCityError(f"{error}\n{folder.name} stays as it was") from None
    print("\n".join(f"  {fact}" for fact in made.facts))
    print(f"attached: {layer} of {folder.name} ({target.name})")
    for remark in talk.remarks_of(again):
        print(f"  {remark}")
    after = talk.sections_of(again)
    if after == before:
        print("no section runs that did not run before")
    print("\n".join(after))
    print(f"next: python3 run_all.py --city {name}")
    return DONE


def _attached(
    town: City, layer: str, path: Path, key: str, scratch: Path, text: str
) -> tuple[Made, Path, str]:
    crs = pyproj.CRS.from_user_input(town.crs)
    if layer == "zones":
        return _attached_zones(town, path, key, scratch, text)
    needed = layer in ("criteria", "districts") and town.has("zones")
    zones = town.layer("zones")["zone"] if needed else None
    extent = None
    if layer == "streets" and town.has("boundary"):
        extent = shapely.union_all(town.layer("boundary").geometry.to_numpy())
    made = _layer(layer, path, key, crs, zones, scratch, streets.around(extent, crs))
    block = made.block
    if layer in ("boundary", "streets"):
        block += "    crs: EPSG:4326\n"
    changed = with_block(text, layer, f"  {layer}:\n{block}")
    return made, town.folder / made.file_of(layer), changed


def _attached_zones(
    town: City, path: Path, key: str, scratch: Path, text: str
) -> tuple[Made, Path, str]:
    tables, _, files = read_all(path, _fresh(scratch))
    if town.has("zones"):  # outlines for zones that are there already
        codes = town.layer("zones")["zone"].astype(str)
        count = len(codes)
        rows = RawTable(
            pd.DataFrame({"zone": codes}, dtype=object),
            np.full(count, town.name, dtype=object),
            np.arange(count),
        )
        zones = draft_zones(tables, rows, key, "zone", set())
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
    zones = draft_zones(tables, rows, key, "", set())
    made = Made(geojson(list(zones.degrees), zones.table), "", zones.facts, files)
    counted = "    fields:\n      events: {count: events, label: Recorded crimes, unit: crimes}\n"
    block = "  zones:\n    file: zones.geojson\n    columns: {zone: zone, name: name}\n"
    changed = with_block(text, "zones", block + (counted if events is not None else ""))
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
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        if lines[end - 1] and not lines[end - 1].endswith("\n"):
            lines[end - 1] += "\n"
        return "".join([*lines[:end], block, *lines[end:]])
    tail = next((k for k in range(head + 1, end) if re.match(r"  [^\s#]", lines[k])), end)
    return "".join([*lines[:head], block, *lines[tail:]])


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


def check(name: str) -> int:
    """List the faults of a city without a run; 0 where there is none."""
    town = find_city(name)
    if faults := talk.faults_of(town):
        for fault in faults:
            print(f"error: {fault}")
        return REFUSED
    print(f"{town.name}: every layer is sound ({', '.join(town.layers)})")
    for remark in talk.remarks_of(town):
        print(f"  {remark}")
    print("\n".join(talk.sections_of(town)))
    return DONE


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
