"""The ledger: every number the papers print, beside the number this compendium computes.

What a paper prints stands in ``data/raw/claims.csv``; how it is judged in
``data/raw/claims_rules.yml``, one rule a claim: which number of which section, which test gives
which verdict, what the verdict rests on, how near counts and why.  Sections save numbers and know
no claim; the ledger reads the saved numbers and the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from helpers.checks import per_cent
from helpers.cities import CARD

from ..card import list_sections
from ..store import (
    COMPENDIUM,
    indexes_read_once,
    notebook_path,
    read_content,
    read_index,
    saved_file,
)
from ..towns import find_folder, list_cities, own_cities
from ..words import filled
from .files import claims_file
from .rulebook import Rule, RuleError, judge, rules, share_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

# What the ledger says of a claim that no section has judged.
NOT_BUILT = "section not built yet"
NOT_RUN = "not run"
MISSING = "no verdict"

PAPERS = {"lima": "San Miguel (Lima)", "setubal": "Setúbal", "recife": "Recife"}
SIMULATED = "SYNTHETIC"
CONSTRUCTION = "construction"
AGREES, MIXED, DIFFERS = ("match", "close", "inferred"), "mixed", "differs"
SYNTHETIC = "synthetic"
REFUSALS = "sums"  # the figure of the own section that shows which columns no plan has
OWN_SECTION = "90"  # saves what arithmetic says of the papers' own numbers
GIVEN = "parameters."  # before the key of what a run was given
ADDED = (
    "reproduced",
    "verdict",
    "evidence",
    "tolerance",
    "note",
    "caveat",
    "briefly",
    "estimated",
    "city",
    "notebook",
    "number",
    "cell",
    "table_row",
    "table_column",
    "figure",
    "unshown",
    "finding",
    "elsewhere",
    "towns",
)


@dataclass(frozen=True)
class Saved:
    """Numbers that a section saved for a city.

    Attributes
    ----------
    values
        By key; the section's parameters as ``parameters.<name>``.
    simulated
        Whether they rest on simulated data.
    cells
        Which cell of the notebook saved each, where that is known.
    units
        Unit of each that has one.
    """

    values: dict[str, Any]
    simulated: bool
    cells: dict[str, str]
    units: dict[str, str] = field(default_factory=dict)

    def by_cell(self) -> dict[str, list[tuple[str, str]]]:
        """Key and value, as a person reads it, of what each cell saved, in the order of saving."""
        found: dict[str, list[tuple[str, str]]] = {}
        for key, value in self.values.items():
            if self.cells.get(key) and not key.startswith(GIVEN):
                told = f"{shown(value)} {self.units.get(key, '')}".rstrip()
                found.setdefault(self.cells[key], []).append((key, told))
        return found


def published() -> pd.DataFrame:
    """The published values, one row a claim, as in ``data/raw/claims.csv``.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim_id, paper, section, exhibit, quantity, published, printed, reading, unit,
        data, notes``, all text.  ``printed`` is how the value stands in the paper; ``reading`` is
        ``read`` (printed as a number or a word), ``computed`` (from printed numbers), ``picture``
        (in an image that cannot be read) or ``inferred``.
    """
    import pandas as pd

    return pd.read_csv(claims_file("claims.csv"), dtype=str, keep_default_na=False)


# ----------------------------------------------------------------------------------------- ledger


def ledger() -> pd.DataFrame:
    """Published beside computed here, one row a claim, in the order of the papers.

    Returns
    -------
    pandas.DataFrame
        The columns of `published`, then ``reproduced, verdict, evidence, tolerance, note, caveat, briefly,
        estimated, city, notebook, number, cell, table_row, table_column, figure, unshown, finding, elsewhere, towns``.  Where a claim is judged and
        no figure or no cell shows it, ``unshown`` says why.  Where several cities speak on a claim the
        first of its rule gives the row, and ``elsewhere`` holds what the others found, each with what it
        must not be read without; ``caveat`` holds that of all real towns, ``briefly`` the
        same in a few words; ``estimated`` says how much of the data is estimated. Where the claim
        holds in one and not in another, the verdict is "mixed" whoever comes first; ``towns`` are those whose data are real.  A claim
        nobody has judged carries one of three sentences instead of a verdict: its notebook does
        not exist yet, has not run, or has no verdict: it ran and saved no such number, or no rule
        judges the claim (either of which the notebook ``90_claims`` refuses).

    Raises
    ------
    RuleError
        A rule judges no claim, or cannot judge.
    """
    frame = published()
    known = rules()
    if strange := sorted(set(known) - set(frame["claim_id"])):
        raise RuleError(f"claims_rules.yml has rules for no claim: {', '.join(strange)}.")
    notebooks = {name.split("_")[0]: name for name in list_sections()}
    checks = saved_numbers(COMPENDIUM, notebooks.get(OWN_SECTION, ""))
    refused = {name for name, value in (checks.values if checks else {}).items() if value is True}
    with indexes_read_once():
        rows = [
            _row(claim, known.get(claim["claim_id"]), notebooks, refused)
            for claim in frame.to_dict("records")
        ]
        rows = [row | {"unshown": _unshown(row)} for row in rows]
    for column in ADDED:
        frame[column] = [row.get(column, "") for row in rows]
    return frame


def unjudged(frame: pd.DataFrame) -> list[str]:
    """Claims in a ledger that no rule judges, or whose notebook ran and saved no number."""
    return frame.loc[frame["verdict"] == MISSING, "claim_id"].tolist()


def shown(value: Any) -> str:
    """A saved value as a person reads it.

    Examples
    --------
    >>> shown(0.29871), shown(851258), shown(["Abela", "Torrão"]), shown(None), shown(True)
    ('0.2987', '851,258', 'Abela; Torrão', 'not defined', 'yes')
    """
    if value is None:
        return "not defined"
    if isinstance(value, list):
        return "; ".join(shown(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def saved_numbers(city: str, section: str) -> Saved | None:
    """Numbers that a section saved for a city, and what they rest on.

    Returns
    -------
    Saved or None
        None where they are not there or not whole.
    """
    found = saved_file(city, section, "numbers")
    content = read_content(found[0]) if found else {}
    entries = content.get("numbers")
    if not found or not isinstance(entries, dict):
        return None
    whole = {k: e for k, e in entries.items() if isinstance(e, dict) and "value" in e}
    given = found[1].get("parameters")
    given = given if isinstance(given, dict) else {}
    values = {f"{GIVEN}{name}": v for name, v in given.items()}
    values |= {name: entry["value"] for name, entry in whole.items()}
    cells = {name: str(entry.get("cell", "")) for name, entry in whole.items()}
    cells |= {f"{GIVEN}{name}": "parameters" for name in given}
    units = {name: str(entry["unit"]) for name, entry in whole.items() if entry.get("unit")}
    return Saved(values, SIMULATED in str(content.get("status", "")), cells, units)


def _with_column(saved: Saved, city: str, section: str, key: str) -> Saved:
    """The numbers with a column of one of the section's tables, where the key names one."""
    kind, _, place = key.partition(".")
    name, _, column = place.partition(".")
    found = saved_file(city, section, name) if kind == "tables" else None
    frame = read_content(found[0]) if found else None
    if frame is None or column not in frame:
        return saved
    listed = read_index(city, section).get("outputs", [])
    cells = {key: next((str(e.get("cell", "")) for e in listed if e["name"] == name), "")}
    values = {**saved.values, key: frame[column].tolist()}
    return Saved(values, saved.simulated, saved.cells | cells, saved.units)


def _row(
    claim: dict[str, str], rule: Rule | None, notebooks: dict[str, str], refused: set[str]
) -> dict[str, Any]:
    if rule is None:
        return {"verdict": MISSING, "note": "claims_rules.yml has no rule for it"}
    notebook = notebooks.get(rule.section)
    if notebook is None:
        return {"verdict": NOT_BUILT, "notebook": ""}
    row: dict[str, Any] = {"verdict": NOT_RUN, "notebook": notebook, "number": rule.number}
    row |= {"figure": rule.figure, "finding": rule.finding, "evidence": rule.evidence}
    if not rule.number:
        # the paper is judged by itself, where a section shows what it is about
        ran = next((c for c in rule.cities if notebook_path(c, notebook).is_file()), "")
        return row | (_judged(claim, rule, ran, Saved({}, False, {}), set()) if ran else {})
    found = []
    for city in rule.cities:
        saved = saved_numbers(city, notebook)
        if saved:
            saved = _with_column(saved, city, notebook, rule.number)
        if saved and rule.number in saved.values:
            try:
                found.append(_judged(claim, rule, city, saved, refused))
            except (TypeError, ValueError) as error:
                # a number of another kind than its rule speaks of
                row |= {"verdict": MISSING, "note": " ".join(str(error).split())}
        elif notebook_path(city, notebook).is_file():
            row["verdict"] = MISSING
    if found:
        first, *others = found
        also = [f"{_named(e['city'])}: {e['reproduced']} ({_with_caveat(e)})" for e in others]
        row |= {**first, "elsewhere": "; ".join(also)}
        row["towns"] = "; ".join(e["city"] for e in found if e["verdict"] != SYNTHETIC)
        own = {
            _named(e["city"]): e["caveat"]
            for e in found
            if e["caveat"] and e["verdict"] != SYNTHETIC
        }
        row["caveat"] = "; ".join(f"{city}: {caveat}" for city, caveat in own.items())
        row["briefly"] = _in_brief(found)
        if told := _parted(found):
            # which city speaks first must not decide
            row["verdict"] = MIXED
            row["note"] = f"{told}. {_named(first['city'])}: {first['note']}"
            row["caveat"] = "; ".join(filter(None, (told, row["caveat"])))
    return row


def _in_brief(found: Sequence[Mapping[str, str]]) -> str:
    """What the verdicts of the real towns must not be read without, in a few words, each once."""
    real = [e for e in found if e["verdict"] != SYNTHETIC]
    said: dict[str, list[str]] = {}
    for entry in real:
        if entry["briefly"]:
            said.setdefault(entry["briefly"], []).append(_named(entry["city"]))
    told = [
        words if len(towns) == len(real) else f"in {' and '.join(towns)} {words}"
        for words, towns in said.items()
    ]
    return "; ".join(filter(None, (_parted(found), *told)))


def _with_caveat(entry: Mapping[str, str]) -> str:
    """The verdict on one city, and what it must not be read without."""
    return "; ".join(filter(None, (entry["verdict"], entry["caveat"])))


def _parted(found: Sequence[Mapping[str, str]]) -> str:
    """Where a claim holds and where not, if towns with real data part; else nothing."""
    ways = {"holds in": AGREES, "in part in": (MIXED,), "not in": (DIFFERS,)}
    towns = {
        way: [_named(e["city"]) for e in found if e["verdict"] in verdicts]
        for way, verdicts in ways.items()
    }
    said = [f"{way} {' and '.join(names)}" for way, names in towns.items() if names]
    return ", ".join(said) if len(said) > 1 else ""


def _unshown(row: dict[str, Any]) -> str:
    """Why no figure or no cell shows a claim that is judged; nothing where both do."""
    city, notebook = row.get("city", ""), row.get("notebook", "")
    if not city:
        return ""
    drawn = {e["name"] for e in read_index(city, notebook).get("outputs", [])}
    lacking = [
        *([] if row.get("figure") in drawn else ["no figure"]),
        *([] if row.get("cell") else ["no cell"]),
    ]
    if not lacking:
        return ""
    why = row.get("finding") if not row.get("figure") and not row.get("number") else ""
    missing = f"section {notebook[:2]} shows none of it for {_named(city)}"
    return f"{' and '.join(lacking)}: {why or missing}"


def _named(city: str) -> str:
    """A city as people write it: by its title, else by its folder's name."""
    card = find_folder(city) / CARD if city in {*list_cities(), *own_cities()} else None
    title = _title(card, card.stat().st_mtime_ns) if card else ""
    return title or city.replace("_", " ").title()


@lru_cache
def _title(card: Path, _changed: int) -> str:
    try:
        return str(yaml.safe_load(card.read_text(encoding="utf-8"))["title"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        # the report of a damaged city has its own word on it
        return ""


def _estimated(rule: Rule, numbers: Mapping[str, Any]) -> tuple[float | None, str]:
    """Share of a claim's field that is estimated, and how much that is in words; None where nobody says."""
    share = numbers.get(f"{rule.field}_estimated") if rule.field else None
    # totals are what is known of what is estimated, and so is what follows from them alone
    if not isinstance(share, int | float) or rule.evidence == CONSTRUCTION:
        return None, ""
    zones, of = numbers.get(f"{rule.field}_estimated_zones"), numbers.get("zones")
    some = f"{zones} of {of} zones, " if zones and of else ""
    return float(share), f"{some}{per_cent(share)} of the total, are estimates"


def _judged(
    claim: dict[str, str], rule: Rule, city: str, saved: Saved, refused: set[str]
) -> dict[str, str]:
    printed, numbers, simulated = claim["published"], saved.values, saved.simulated
    value = numbers.get(rule.number)
    reading, no = claim.get("reading", "read"), rule.refused in refused
    verdict = judge(rule, printed, numbers, simulated=simulated, reading=reading, refused=no)
    facts = {"numbers": numbers, "value": value, "city": city, "verdict": verdict}
    facts |= {"published": printed, "simulated": simulated, "number": rule.number}
    facts |= {"refused": no, "share_interval": share_interval, "town": _named(city)}
    caveat = filled(rule.caveat, facts)
    facts["caveat"] = caveat
    share, estimated = _estimated(rule, numbers)
    texts = {
        "reproduced": filled(rule.show, facts)
        if rule.show
        else shown(value)
        if rule.number
        else "",
        "tolerance": filled(rule.tolerance, facts),
        "note": filled(rule.note, facts),
        "caveat": caveat,
        "briefly": filled(rule.briefly, facts) if rule.briefly else caveat,
        "estimated": estimated,
        "table_row": filled(rule.table_row, facts),
    }
    # half a character is no text, and no table takes it
    sound = {name: text.encode("utf-8", "replace").decode() for name, text in texts.items()}
    cell = rule.cell or saved.cells.get(rule.number, "")
    rests = rule.evidence_on(simulated=simulated, refused=no, estimated=share)
    told_by = {"evidence": rests, "cell": cell, "table_column": rule.table_column}
    return {**sound, "verdict": verdict, "city": city, **told_by}
