"""Read and check a city once for the same files and code, and remember what was found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from helpers.cities import CityError
from helpers.compendium import (
    Damaged,
    find_city,
    fingerprint,
    hand_over,
    input_hash,
    list_sections,
    module_hash,
    read_json,
    read_section,
    stamp_path,
    write_json,
)

from .place import Place, stopping


def check_city(argument: str) -> dict[str, Any]:
    """Read and check every layer and hash of a city, and leave the layers to the run's sections.

    Parameters
    ----------
    argument
        Name or path of the city.

    Returns
    -------
    dict
        ``remarks``: what was left out because city.yml says so, in sentences; ``lacking``: from
        the name of a section that the city cannot run to the reason.

    Raises
    ------
    CityError
        A file breaks a rule.
    """
    town = find_city(argument)
    inputs = input_hash(town)
    town.check()
    remarks = [remark for layer in town.layers for remark in town.remarks(layer)]
    reasons = {name: read_section(name).lacking(town) for name in list_sections()}
    hand_over(town, inputs)
    return {"remarks": remarks, "lacking": {name: why for name, why in reasons.items() if why}}


def check_cities(
    cities: dict[str, str], place: Place, damaged: Damaged
) -> dict[str, dict[str, str]]:
    """Check cities, several at once, unless the same files passed before the same code.

    Parameters
    ----------
    cities
        From a city's name to what names it for `find_city`.
    place
        Where ``{"kind": "check", "city": …}`` is done, several at once.
    damaged
        Called with each file of ours that could not be read back.

    Returns
    -------
    dict
        From city to section to the reason why it cannot run.

    Raises
    ------
    CityError
        Faults of all cities, a line each.
    """
    keys = {name: _key(argument) for name, argument in cities.items()}
    known = {name: _known(name, key, damaged) for name, key in keys.items()}
    waiting = [name for name, content in known.items() if content is None]
    # the largest first: less idling
    waiting.sort(key=lambda name: -_bytes(cities[name]))
    with ThreadPoolExecutor(place.slots()) as pool, stopping(place):
        jobs_of = {name: {"kind": "check", "city": cities[name]} for name in waiting}
        futures = {name: pool.submit(place.do, job) for name, job in jobs_of.items()}
        wait(futures.values())
    refused = []
    for name, future in futures.items():
        result = future.result()
        if result["state"] == "done":
            known[name] = {"key": keys[name], **result["found"]}
            write_json(_stamp(name), known[name])
        elif result["state"] == "refused":
            refused += result["lines"]
        else:
            raise RuntimeError(f"city {name} could not be read:\n" + "\n".join(result["lines"]))
    if refused:
        raise CityError("\n".join(refused))
    return {name: content["lacking"] for name, content in known.items() if content}


def known_reasons(city: str, argument: str) -> dict[str, str]:
    """Why a city cannot run sections, as its check found it; the city is read where none did.

    Raises
    ------
    CityError
        The city had to be read and a file breaks a rule.
    """
    known = _known(city, _key(argument), lambda path: None)
    return known["lacking"] if known else check_city(argument)["lacking"]


def city_remarks(city: str) -> list[str]:
    """What was left out of a city's layers because its card says so, as its check found it."""
    remarks = read_json(_stamp(city), {}).get("remarks")
    return [str(remark) for remark in remarks] if isinstance(remarks, list) else []


def _key(argument: str) -> str:
    cards = [[name, _conditions(name)] for name in list_sections()]
    code = module_hash("helpers.cities", "helpers.compendium")
    return fingerprint(inputs=input_hash(find_city(argument)), code=code, cards=cards)


def _bytes(argument: str) -> int:
    return sum(path.stat().st_size for path in find_city(argument).input_files())


def _conditions(section: str) -> list[str]:
    card = read_section(section)
    return [str(card.needs), *map(str, card.conditions)]


def _known(city: str, key: str, damaged: Damaged) -> dict[str, Any] | None:
    content = read_json(_stamp(city), {}, damaged)
    whole = isinstance(content.get("lacking"), dict) and isinstance(content.get("remarks"), list)
    return content if whole and content.get("key") == key else None


def _stamp(city: str) -> Path:
    return stamp_path(city, "city")
