"""Lays out the claims ledger and the concordance: what was published, what was computed here, where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from markupsafe import Markup, escape

from helpers.compendium import claims

from .clean import slug
from .evidence import PREFIX
from .inventory import PICTURES, Run

if TYPE_CHECKING:
    import pandas as pd

Places: TypeAlias = Mapping[tuple[str, str, str], str]
NOWHERE: Places = MappingProxyType({})
READINGS = {
    "computed": "computed from printed numbers",
    "picture": "in a picture that cannot be read",
    "inferred": "inferred from the text",
}
"""How a value was got that the paper does not print, for people."""
# Sign and class of a verdict; colour is never the only difference.
SIGNS = {
    "match": "✓",
    "close": "≈",
    "inferred": "∴",
    "mixed": "±",
    "differs": "≠",
    "data-unavailable": "∅",
    "synthetic": "◇",
    "paper-inconsistent": "!",
}
OPEN_SIGN = "·"
UNTESTABLE = ("data-unavailable", "synthetic")
"""Verdicts that say that a claim could not be tested."""
NAMED = re.compile(r"\b(?:LIM|SET|REC)-\d{2}\b")
LONG = {"Fig": "Figure", "eq": "Equation"}
"""How a paper's exhibits are called in full."""
OPEN = {
    claims.NOT_BUILT: "the notebook that will judge it does not exist yet",
    claims.NOT_RUN: "its notebook has not run",
    claims.MISSING: "its notebook ran and gave no verdict",
}


def linked(text: Markup, page: str = "claims.html") -> Markup:
    """Sound HTML with a link at every claim that it names.

    Examples
    --------
    >>> print(linked(Markup("as in SET-41")))
    as in <a href="claims.html#SET-41">SET-41</a>
    """
    return Markup(NAMED.sub(rf'<a href="{page}#\g<0>">\g<0></a>', str(text)))


@dataclass(frozen=True)
class Claim:
    """One row of the ledger page, ready to show."""

    claim_id: str
    paper: str
    place: str
    quantity: str
    published: str
    printed: str
    reading: str
    reproduced: str
    briefly: str
    unit: str
    tolerance: str
    verdict: str
    evidence: str
    estimated: str
    notes: tuple[str, ...]
    city: str
    notebook: str
    link: str | None
    picture: str | None
    unshown: str

    @property
    def sign(self) -> str:
        """Sign of the verdict."""
        return SIGNS.get(self.verdict, OPEN_SIGN)

    @property
    def linked_notes(self) -> list[Markup]:
        """The notes with a link at every other claim that they name."""
        return [linked(escape(note), "") for note in self.notes]

    @property
    def style(self) -> str:
        """Class of the verdict in the style sheet."""
        return self.verdict if self.verdict in SIGNS else "open"


def read_ledger(
    rows: pd.DataFrame,
    code: Mapping[tuple[str, str], Mapping[str, str]],
    runs: list[Run],
    places: Places = NOWHERE,
) -> list[Claim]:
    """Give every claim with its verdict, the cell that computed it and the figure that shows it.

    Parameters
    ----------
    rows
        From `claims.ledger`.
    code
        Source of the cells by anchor, for every rendered notebook by city and section.
    runs
        Runs in reading order.
    places
        Address of the figures that pages of sections show, by city, section and name.
    """
    return [_claim(row, code, runs, places) for row in rows.to_dict("records")]


@dataclass(frozen=True)
class Exhibit:
    """One row of the concordance page, ready to show."""

    paper: str
    exhibit: str
    kind: str
    shows: str
    title: str
    section: str
    file: str
    function: str
    note: str
    city: str
    status: str
    page: str
    claims: tuple[str, ...]
    verdicts: str
    link: str | None
    formula: str | None

    @property
    def anchor(self) -> str:
        """Name of its row on the page."""
        return slug(f"{self.paper} {self.exhibit}")

    @property
    def full_name(self) -> str:
        """Its name without an abbreviation, which is found by either."""
        kind, _, rest = self.exhibit.partition(" ")
        return f"{LONG.get(kind, kind)} {rest}".strip()

    @property
    def kind_told(self) -> str:
        """Its kind, where its name does not begin with it."""
        return "" if self.full_name.lower().startswith(self.kind.lower()) else self.kind

    @property
    def number(self) -> str:
        """What tells it from others of its kind: its number, or the part of the paper it is."""
        return self.exhibit.rpartition(" ")[2]


def read_exhibits(
    rows: pd.DataFrame,
    code: Mapping[tuple[str, str], Mapping[str, str]],
    runs: list[Run],
    places: Places = NOWHERE,
) -> list[Exhibit]:
    """Every exhibit of the papers with the figure or cell that shows its counterpart.

    Those of a paper and kind are in the order of their numbers.

    Parameters
    ----------
    rows
        From `claims.concordance`.
    code, runs, places
        As `read_ledger` takes them.
    """
    found = [
        Exhibit(
            paper=row["paper"],
            exhibit=row["exhibit"],
            kind=row["kind"],
            shows=row["shows"],
            title=row["title"],
            section=row["section"],
            file=row["file"].rpartition("/")[2],
            function=row["function"],
            note=row["note"],
            city=row["city"],
            status=row["status"],
            page=row.get("page", ""),
            claims=tuple(name for name in row["claims"].split("; ") if name),
            verdicts=row["verdicts"],
            link=_shown(row, places)
            or _address(row["city"], row["notebook"], row["cell"], code, runs),
            formula=_formula(row, code, runs),
        )
        for row in rows.to_dict("records")
    ]
    kinds = list(dict.fromkeys((exhibit.paper, exhibit.kind) for exhibit in found))
    return sorted(found, key=lambda e: (kinds.index((e.paper, e.kind)), _numbers(e.number)))


def count_verdicts(ledger: list[Claim]) -> list[tuple[str, str, str, int, str]]:
    """Verdict, sign, style, number of claims and meaning, in a fixed order; none that is empty."""
    meanings = {**claims.VERDICTS, **OPEN}
    counted = [
        (
            verdict,
            SIGNS.get(verdict, OPEN_SIGN),
            verdict if verdict in SIGNS else "open",
            sum(claim.verdict == verdict for claim in ledger),
            meaning,
        )
        for verdict, meaning in meanings.items()
    ]
    return [entry for entry in counted if entry[3]]


def parts_of(ledger: list[Claim], verdict: str) -> list[tuple[str, int]]:
    """Class of evidence and number of claims among those of one verdict; none that is empty."""
    rests = [claim.evidence for claim in ledger if claim.verdict == verdict]
    return [(kind, rests.count(kind)) for kind in claims.EVIDENCE if kind in rests]


def count_evidence(ledger: list[Claim]) -> list[tuple[str, int, str]]:
    """Class of evidence, number of claims and meaning, in a fixed order; none that is empty."""
    counted = [
        (kind, sum(claim.evidence == kind for claim in ledger), meaning)
        for kind, meaning in claims.EVIDENCE.items()
    ]
    return [entry for entry in counted if entry[1]]


def _claim(row: dict, code: Mapping, runs: list[Run], places: Places) -> Claim:
    place = ", ".join(text for text in (f"section {row['section']}", row["exhibit"]) if text)
    also = f"Also computed for {row['elsewhere']}." if row["elsewhere"] else ""
    notes = tuple(dict.fromkeys(text for text in (row["note"], also, row["notes"]) if text))
    return Claim(
        claim_id=row["claim_id"],
        paper=row["paper"],
        place=place,
        quantity=row["quantity"],
        published=_readable(row["published"]),
        printed=row["printed"],
        reading=READINGS.get(row["reading"], ""),
        reproduced=row["reproduced"],
        briefly=row["briefly"],
        unit=row["unit"],
        tolerance=row["tolerance"],
        verdict=row["verdict"],
        evidence=row["evidence"],
        estimated=row["estimated"],
        notes=notes,
        city=row["city"],
        notebook=row["notebook"],
        # nothing was computed where no cell shows it
        link=None
        if row["unshown"] and not row["cell"]
        else _evident(row, code, runs)
        or _address(row["city"], row["notebook"], row["cell"], code, runs),
        picture=_refusal(row, code, runs, places) or _picture_of(row, code, runs, places),
        unshown=row["unshown"],
    )


def _shown(row: Mapping[str, str], places: Places) -> str | None:
    """Address of the figure that is an exhibit's counterpart, where a page shows it."""
    if not row["file"].endswith(PICTURES):
        return None
    return places.get((row["city"], row["notebook"], row["output"]))


def _numbers(number: str) -> list[int]:
    """What a number is sorted by: 3.2 before 3.10; nothing where it is no such number.

    Examples
    --------
    >>> _numbers("3.10"), _numbers("III-A")
    ([3, 10], [])
    """
    return [int(part) for part in number.split(".")] if re.fullmatch(r"\d+(\.\d+)*", number) else []


def _address(city: str, section: str, cell: str, code: Mapping, runs: list[Run]) -> str | None:
    """Address of a cell of a notebook's page; the page where it has no such cell."""
    own = (city, section)
    pages = [run.page for run in runs if run.page and (run.city, run.section) == own]
    if not city or not pages:
        return None
    page, anchor = quote(pages[0]), f"cell-{cell}"
    return f"{page}#{anchor}" if cell and anchor in code.get(own, {}) else page


def _evident(row: dict, code: Mapping, runs: list[Run]) -> str | None:
    """Address of the field of a table that holds a claim's value, where one does."""
    own, anchor = (row["city"], row["notebook"]), f"{PREFIX}{row['claim_id']}"
    page = _address(*own, "", code, runs)
    return f"{page}#{anchor}" if page and anchor in code.get(own, {}) else None


def _formula(row: dict, code: Mapping, runs: list[Run]) -> str | None:
    """Address of the text that has an equation itself; where it stands nowhere, nothing."""
    cell = row.get("formula", "")
    there = f"cell-{cell}" in code.get((row["city"], row["notebook"]), {})
    return _address(row["city"], row["notebook"], cell, code, runs) if cell and there else None


def _picture_of(row: dict, code: Mapping, runs: list[Run], places: Places) -> str | None:
    """Address of the figure that shows a claim, or of the cell that drew it, where it was drawn."""
    for run in runs:
        if (run.city, run.section) != (row["city"], row["notebook"]):
            continue
        for output in run.outputs:
            if output.is_figure and output.name == row["figure"]:
                shown = places.get((run.city, run.section, output.name))
                return shown or _address(run.city, run.section, output.cell, code, runs)
    return None


def _refusal(row: dict, code: Mapping, runs: list[Run], places: Places) -> str | None:
    """Address of the figure that shows why arithmetic refuses a claim, where it does."""
    rule = claims.rules().get(row["claim_id"])
    if rule is None or not rule.refused or row["verdict"] != "paper-inconsistent":
        return None
    own = next((run for run in runs if run.number == claims.OWN_SECTION), None)
    shows = {"figure": claims.REFUSALS}
    return (
        _picture_of({**shows, "city": own.city, "notebook": own.section}, code, runs, places)
        if own
        else None
    )


def _readable(published: str) -> str:
    """A published number with its thousands set apart, as the computed ones are."""
    whole, point, rest = published.partition(".")
    if re.fullmatch(r"-?\d{4,}", whole) and (rest.isdigit() or not point):
        return f"{int(whole):,}{point}{rest}"
    return published
