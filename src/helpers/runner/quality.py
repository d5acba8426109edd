"""Tells what each city's data are like: numbers and figures, kept until the city or the code changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.compendium import (
    UNKNOWN_LETTERS,
    Damaged,
    atomic_write,
    figures_dir,
    file_hash,
    find_city,
    fingerprint,
    input_hash,
    module_hash,
    output_root,
    processed_dir,
    read_json,
    replace_unknown_letters,
    same_file,
    settle_layout,
    stamp_path,
    write_json,
)

from .place import Place, stopping

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.cities import City
    from helpers.quality import Quality

NAME = "quality"
BESIDE = ("rejected.csv", "SOURCES.md")
"""Files that city.yml need not name and that the page speaks of."""

KINDS = 14
"""Kinds with a bar of their own."""


def tell_quality(cities: dict[str, str], place: Place, damaged: Damaged) -> list[str]:
    """Bring numbers and figures about the cities' data up to date, several cities at once.

    Parameters
    ----------
    cities
        From a city's name to what names it for `find_city`; their layers are sound.
    place
        Where ``{"kind": "quality", "city": …}`` is done, several at once.
    damaged
        Called with each file of ours that was damaged or missing and is made again.

    Returns
    -------
    list of str
        What went wrong, a line each.
    """
    code = module_hash("helpers.runner.quality")
    keys = {name: _key(argument, code) for name, argument in cities.items()}
    stale = {
        name: cities[name] for name, key in keys.items() if not _is_current(name, key, damaged)
    }
    with ThreadPoolExecutor(place.slots()) as pool, stopping(place):
        done = pool.map(lambda argument: place.do({"kind": NAME, "city": argument}), stale.values())
        results = dict(zip(stale, done, strict=True))
    wrong = []
    for name, result in results.items():
        if result["state"] == "done":
            write_json(stamp_path(name, NAME), {"key": keys[name], "files": result["files"]})
        else:
            wrong += [f"the data of {name} could not be described:", *result["lines"]]
    return wrong


def make_quality(argument: str) -> dict[str, str]:
    """Compute, draw and save what a city's data are like.

    Parameters
    ----------
    argument
        Name or path of the city.

    Returns
    -------
    dict
        From each file that was written, seen from the root of the outputs, to its SHA-256.

    Raises
    ------
    CityError
        A layer cannot be read.
    OutputError
        The system does not let results be written.
    """
    from helpers.plots import use_style
    from helpers.quality import captions, quality_of

    use_style()
    town = find_city(argument)
    quality = quality_of(town)
    words, drawn = captions(quality.facts), _figures(town, quality)
    listed, paths = [], []
    for name, (title, caption) in words.items():
        path = figures_dir(town.name) / f"{NAME}_{name}.png"
        figure = drawn[name]()
        if replace_unknown_letters(figure):
            caption = f"{caption} {UNKNOWN_LETTERS}"
        settle_layout(figure)
        about = {"Title": title, "Description": caption, "Software": None}
        with atomic_write(path) as temporary:
            figure.savefig(temporary, metadata=about)
        listed.append({"name": name, "file": path.name, "title": title, "caption": caption})
        paths.append(path)
    page = processed_dir(town.name) / f"{NAME}.json"
    write_json(page, {**quality.facts, "figures": listed})
    _sweep(town.name, paths)
    return {path.relative_to(output_root()).as_posix(): file_hash(path) for path in (page, *paths)}


def _figures(town: City, quality: Quality) -> dict[str, Callable[[], Figure]]:
    """How each figure is drawn, by its name; those that are not asked for are not drawn."""
    from helpers import plots

    events, zones = quality.facts["events"], quality.facts["zones"]
    foot: dict[str, Any] = {"source": town.source_line}
    if events is None:
        if quality.zones is None:
            return {}
        field = zones["fields"][0] if zones["fields"] else None
        coloured: dict[str, Any] = {}
        if field:
            unit = f" ({field['unit']})" if field["unit"] else ""
            coloured = {"values": quality.zones[field["name"]], "label": field["label"] + unit}
        return {
            "map": partial(
                plots.zones_map, quality.zones, status=zones["status"], **coloured, **foot
            )
        }
    boundary = quality.facts["boundary"]
    outline = f"boundary {boundary['status']}" if boundary and boundary["status"] else ""
    status = ", ".join(filter(None, (events["status"], outline)))
    foot["status"] = events["status"]
    window: list[Any] = [quality.bounds, quality.boundary]
    drawn: dict[str, Callable[[], Figure]] = {}
    if quality.counts is not None:
        drawn["map"] = partial(
            plots.counts_map, *quality.counts, *window, **(foot | {"status": status})
        )
    elif quality.places is not None:
        drawn["map"] = partial(
            plots.places_map, quality.places, *window, **(foot | {"status": status})
        )
    months: list[Any] = list(zip(*events["months"], strict=True))
    fewer, summed = _fewer(events)
    kinds: list[Any] = list(zip(*fewer, strict=True))
    return drawn | {
        "months": partial(plots.months_chart, *months, **foot),
        "week": partial(plots.week_tiles, events["week"], **foot),
        "weekdays": partial(plots.weekdays_chart, events["weekdays"], **foot),
        "kinds": partial(plots.kinds_chart, *kinds, summed=summed, **foot),
    }


def _fewer(events: dict[str, Any]) -> tuple[list[list], bool]:
    """The commonest kinds, the others summed, and whether there are others."""
    kinds, every = events["kinds"], events["kinds_in_all"]
    if every <= KINDS + 1:
        return kinds, False
    shown = kinds[:KINDS]
    rest = events["count"] - sum(count for _, count in shown)
    return [*shown, [f"{every - KINDS:,} other kinds", rest]], True


def _sweep(city: str, kept: list[Path]) -> None:
    """Remove figures that an earlier state of the city had."""
    for path in figures_dir(city).glob(f"{NAME}_*.png"):
        if path.is_file() and path not in kept:
            path.unlink()


def _key(argument: str, code: str) -> str:
    """Fingerprint of what the numbers and figures follow from: the city's files, and the code."""
    town = find_city(argument)
    beside = [path for name in BESIDE if _is_plain(path := town.folder / name)]
    return fingerprint(
        inputs=input_hash(town), beside=[[p.name, file_hash(p)] for p in beside], code=code
    )


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_current(city: str, key: str, damaged: Damaged) -> bool:
    stamp = read_json(stamp_path(city, NAME), {}, damaged)
    files = stamp.get("files")
    if stamp.get("key") != key or not isinstance(files, dict) or not files:
        return False
    wrong = [name for name, digest in files.items() if not same_file(output_root() / name, digest)]
    for name in wrong:
        damaged(output_root() / name)
    return not wrong
