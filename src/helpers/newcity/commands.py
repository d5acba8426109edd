"""The commands ``new-city``, ``attach`` and ``check-city``."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import shapely

from helpers.cities import load_city
from helpers.compendium import (
    CITIES,
    find_city,
    list_cities,
    quality_page,
    report_dir,
)

from . import streets, talk
from .attaching import ATTACHED
from .choices import Choices, Said
from .downloads import force_question
from .draft import Draft, make_draft
from .errors import NewCityError
from .extras import Made
from .folder import write_city
from .making import fresh_folder, made_layer, short
from .streaming import is_large, make_large_draft
from .words import plain

DONE, REFUSED = 0, 2
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
        skipped: set[str] = set()
        while True:
            draft = _drafted(choices, fresh_folder(scratch))
            left = talk.open_questions(draft, choices)
            asked_now = [question for question in left if question.text not in skipped]
            if not asked_now or not talk.in_terminal():
                break
            print("\n".join(talk.told(draft)))
            for question in asked_now:
                if not talk.answered(question, choices):
                    skipped.add(question.text)
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
            f"written: {short(place)}; check it with: python3 run_all.py check-city {short(place)}"
        )
        return DONE
    town = load_city(place)
    if wrong := talk.faults_of(town):
        print(f"{place} was written, but its check finds:")
        for fault in wrong:
            print(f"error: {fault}")
        return REFUSED
    print(f"written: {short(place)} (city.yml, SOURCES.md with blanks to fill in, rejected.csv)")
    print("\n".join(talk.sections_of(town)))
    print(f"next: python3 run_all.py --city {choices.name if folder is None else short(place)}")
    print(f"then see what the data are like: {short(report_dir() / quality_page(place.name))}")
    return DONE


def _drafted(choices: Choices, scratch: Path) -> Draft:
    if is_large(choices.events) and choices.zones is None:
        return make_large_draft(choices, scratch)
    return make_draft(choices, scratch)


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
            f"{short(place)} holds something already, which is never overwritten; give another NAME or "
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
            made[layer] = made_layer(
                layer,
                path,
                Said(choices.key if layer == "criteria" else ""),
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
