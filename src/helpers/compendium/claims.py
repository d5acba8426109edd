"""The ledger: every number the papers print, beside the number this compendium computes.

What a paper prints stands in ``data/raw/claims.csv``; how it is judged in
``data/raw/claims_rules.yml``, one rule a claim: which number of which section, which test gives
which verdict, how near counts and why.  Sections save numbers and know no claim; the ledger reads
the saved numbers and the rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from helpers.checks import near

from .card import list_sections
from .paths import RAW
from .store import notebook_path, read_content, saved_file
from .words import filled

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = {
    "match": "the same number, within the stated tolerance",
    "close": "the same reading, the number within sight of the published one",
    "differs": "another number; the note says why",
    "data-unavailable": "the data behind the number were never published",
    "synthetic": "computed on simulated data: shows the method, does not test the claim",
    "paper-inconsistent": "the paper contradicts itself on this number",
}
# What the ledger says of a claim that no section has judged.
NOT_BUILT = "section not built yet"
NOT_RUN = "not run"
MISSING = "no verdict"

PAPERS = {"lima": "San Miguel (Lima)", "setubal": "Setúbal", "recife": "Recife"}
SIMULATED = "SYNTHETIC"
TESTED = ("match", "close")


class RuleError(ValueError):
    """A rule that cannot judge; the sentence names the claim and the mend."""


@dataclass(frozen=True)
class Rule:
    """How one claim is judged, as ``claims_rules.yml`` says.

    Attributes
    ----------
    claim_id
        The claim.
    section
        Number of the section that saves what is judged.
    number
        Key of the number.
    cities
        Whose runs speak on the claim; the first that ran gives the row.
    tests
        Tests by verdict, in the order in which they are tried.
    always
        A verdict that stands whatever the number is; or an empty string.
    tolerance, note, show
        Templates of text: how near counts, what the value rests on, what is shown.
    expected
        What the published text says, where its string does not say it by itself.
    simulated
        Whether simulated data are judged like others.
    """

    claim_id: str
    section: str
    number: str
    cities: tuple[str, ...]
    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    always: str = ""
    tolerance: str = ""
    note: str = ""
    show: str = ""
    expected: Any = None
    simulated: bool = False


def published() -> pd.DataFrame:
    """The published values, one row a claim, as in ``data/raw/claims.csv``.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim_id, paper, section, exhibit, quantity, published, unit, data, notes``,
        all text.
    """
    import pandas as pd

    return pd.read_csv(RAW / "claims.csv", dtype=str, keep_default_na=False)


def rules(path: Path | None = None) -> dict[str, Rule]:
    """Every rule by its claim, as in ``data/raw/claims_rules.yml``.

    Raises
    ------
    RuleError
        A rule lacks something, has a key or a test that is not known, or gives no verdict.
    """
    path = path or RAW / "claims_rules.yml"
    return _rules_of(path, path.stat().st_mtime_ns)


@cache
def _rules_of(path: Path, changed: int) -> dict[str, Rule]:
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    # what begins with a dot only lends its keys to others
    return {name: _rule(name, e) for name, e in entries.items() if not name.startswith(".")}


def _rule(claim_id: str, entry: dict[str, Any]) -> Rule:
    known = {*Rule.__dataclass_fields__, *TESTED} - {"claim_id", "tests"}
    for key in entry:
        if key not in known:
            raise RuleError(f"rule {claim_id} has no key '{key}'{near(key, known) or '.'}")
    for key in ("section", "number", "cities", "tolerance"):
        if not entry.get(key):
            raise RuleError(f"rule {claim_id} does not say '{key}'.")
    tests = {
        # YAML takes the bare word for the truth itself
        verdict: {"true" if name is True else name: asked for name, asked in entry[verdict].items()}
        for verdict in TESTED
        if verdict in entry
    }
    for wanted in tests.values():
        for name in wanted:
            if name not in TESTS:
                raise RuleError(f"rule {claim_id} has no test '{name}'{near(name, TESTS) or '.'}")
    always = entry.get("always", "")
    if bool(tests) == bool(always) or (always and always not in VERDICTS):
        raise RuleError(f"rule {claim_id} needs tests, or one verdict under 'always'.")
    if entry.get("simulated", "judge") != "judge":
        raise RuleError(f"rule {claim_id}: 'simulated' can only be 'judge'.")
    if not entry.get("note") and set(tests) != {"match"}:
        raise RuleError(f"rule {claim_id} needs a note that says what the value rests on.")
    return Rule(
        claim_id=claim_id,
        section=str(entry["section"]),
        number=entry["number"],
        cities=tuple(entry["cities"]),
        tests=tests,
        always=always,
        tolerance=entry["tolerance"],
        note=entry.get("note", ""),
        show=entry.get("show", ""),
        expected=entry.get("expected"),
        simulated="simulated" in entry,
    )


# ------------------------------------------------------------------------------------------ tests


def as_number(value: Any) -> float:
    """A value as a number; what is none becomes ``nan``, which no test holds for."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def as_items(value: Any) -> list[str]:
    """The items of a list, or of a text that divides them by semicolons.

    Examples
    --------
    >>> as_items("Abela; Torrão"), as_items([11, 0.25])
    (['Abela', 'Torrão'], ['11', '0.25'])
    """
    items = value if isinstance(value, list | tuple) else str(value).split(";")
    return [
        f"{as_number(item):g}" if not math.isnan(as_number(item)) else str(item).strip()
        for item in items
    ]


def _equal(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    wanted = wanted if asked is True else asked
    numeric = as_number(value), as_number(wanted)
    if math.isnan(numeric[0]) or math.isnan(numeric[1]):
        return str(value).strip() == str(wanted).strip()
    return numeric[0] == numeric[1]


def _within(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    mine, theirs = as_items_numbers(value), as_items_numbers(wanted)
    gaps = [abs(a - b) for a, b in zip(mine, theirs, strict=False)]
    return len(mine) == len(theirs) and all(gap <= asked for gap in gaps)


def as_items_numbers(value: Any) -> list[float]:
    """The numbers of a list, or of a text that divides them by semicolons."""
    items = value if isinstance(value, list | tuple) else str(value).split(";")
    return [as_number(item) for item in items]


def _within_relative(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return abs(as_number(value) - as_number(wanted)) <= asked * abs(as_number(wanted))


def _between(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    low, high = (as_number(numbers.get(key)) for key in asked)
    return low <= as_number(wanted) <= high


def _is_end(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    ends = (as_number(numbers.get(key)) for key in asked["of"])
    return any(abs(end - as_number(wanted)) <= asked["within"] for end in ends)


def _sign(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    number = as_number(value)
    return bool((number > 0) - (number < 0) == as_number(wanted))


def _same_set(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return set(as_items(value)) == set(as_items(wanted))


def _same_list(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return as_items(value) == as_items(wanted)


def _below(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return as_number(value) < asked


def _above(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return as_number(value) > asked


def _true(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return value is True if asked is True else numbers.get(asked) is True


TESTS: dict[str, Callable[[Any, Any, Any, Mapping], bool]] = {
    "equal": _equal,
    "within": _within,
    "within_relative": _within_relative,
    "between": _between,
    "is_end": _is_end,
    "sign": _sign,
    "same_set": _same_set,
    "same_list": _same_list,
    "below": _below,
    "above": _above,
    "true": _true,
}


def judge(rule: Rule, printed: str, numbers: Mapping[str, Any], *, simulated: bool) -> str:
    """Verdict on one claim.

    Parameters
    ----------
    rule
        How it is judged.
    printed
        What the paper prints.
    numbers
        Those that the section saved, by key.
    simulated
        Whether they rest on simulated data.

    Returns
    -------
    str
        One of `VERDICTS`.
    """
    # where the paper contradicts itself no data matter
    if simulated and not rule.simulated and rule.always != "paper-inconsistent":
        return "synthetic"
    if rule.always:
        return rule.always
    wanted = printed if rule.expected is None else rule.expected
    value = numbers[rule.number]
    for verdict, tests in rule.tests.items():
        if all(TESTS[name](value, wanted, asked, numbers) for name, asked in tests.items()):
            return verdict
    return "differs"


# ----------------------------------------------------------------------------------------- ledger


def ledger() -> pd.DataFrame:
    """Published beside reproduced, one row a claim, in the order of the papers.

    Returns
    -------
    pandas.DataFrame
        The columns of `published`, then ``reproduced, verdict, tolerance, note, city,
        notebook, number, elsewhere``.  Where several cities speak on a claim the first of its
        rule gives the row, and ``elsewhere`` holds what the others found.  A claim nobody has
        judged carries one of three sentences instead of a verdict: its notebook does not exist
        yet, has not run, or has no verdict: it ran and saved no such number, or no rule judges
        the claim (either of which the notebook ``90_claims`` refuses).

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
    claims = frame.to_dict("records")
    rows = [_row(claim, known.get(claim["claim_id"]), notebooks) for claim in claims]
    added = (
        "reproduced",
        "verdict",
        "tolerance",
        "note",
        "city",
        "notebook",
        "number",
        "elsewhere",
    )
    for column in added:
        frame[column] = [row.get(column, "") for row in rows]
    return frame


def unjudged(frame: pd.DataFrame) -> list[str]:
    """Claims in a ledger that no rule judges, or whose notebook ran and saved no number."""
    return frame.loc[frame["verdict"] == MISSING, "claim_id"].tolist()


def shown(value: Any) -> str:
    """A saved value as a person reads it.

    Examples
    --------
    >>> shown(0.29871), shown(851258), shown(["Abela", "Torrão"]), shown(None)
    ('0.2987', '851,258', 'Abela; Torrão', 'not defined')
    """
    if value is None:
        return "not defined"
    if isinstance(value, list):
        return "; ".join(shown(item) for item in value)
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def saved_numbers(city: str, section: str) -> tuple[dict[str, Any], bool] | None:
    """Numbers that a section saved for a city, and whether they rest on simulated data.

    Returns
    -------
    tuple or None
        None where they are not there or not whole.
    """
    found = saved_file(city, section, "numbers")
    content = read_content(found[0]) if found else {}
    entries = content.get("numbers")
    if not isinstance(entries, dict):
        return None
    whole = {k: e["value"] for k, e in entries.items() if isinstance(e, dict) and "value" in e}
    return whole, SIMULATED in str(content.get("status", ""))


def _row(claim: dict[str, str], rule: Rule | None, notebooks: dict[str, str]) -> dict[str, Any]:
    if rule is None:
        return {"verdict": MISSING, "note": "claims_rules.yml has no rule for it"}
    notebook = notebooks.get(rule.section)
    if notebook is None:
        return {"verdict": NOT_BUILT, "notebook": ""}
    row: dict[str, Any] = {"verdict": NOT_RUN, "notebook": notebook, "number": rule.number}
    found = []
    for city in rule.cities:
        saved = saved_numbers(city, notebook)
        if saved and rule.number in saved[0]:
            try:
                found.append(_judged(claim["published"], rule, city, *saved))
            except (TypeError, ValueError) as error:
                # a number of another kind than its rule speaks of
                row |= {"verdict": MISSING, "note": " ".join(str(error).split())}
        elif notebook_path(city, notebook).is_file():
            row["verdict"] = MISSING
    if found:
        first, *others = found
        also = [f"{e['city']}: {e['reproduced']} ({e['verdict']})" for e in others]
        row |= {**first, "elsewhere": "; ".join(also)}
    return row


def _judged(
    printed: str, rule: Rule, city: str, numbers: dict[str, Any], simulated: bool
) -> dict[str, str]:
    value = numbers[rule.number]
    verdict = judge(rule, printed, numbers, simulated=simulated)
    facts = {"numbers": numbers, "value": value, "city": city, "verdict": verdict}
    facts |= {"published": printed, "simulated": simulated, "number": rule.number}
    texts = {
        "reproduced": filled(rule.show, facts) if rule.show else shown(value),
        "tolerance": filled(rule.tolerance, facts),
        "note": filled(rule.note, facts),
    }
    # half a character is no text, and no table takes it
    sound = {name: text.encode("utf-8", "replace").decode() for name, text in texts.items()}
    return {**sound, "verdict": verdict, "city": city}
