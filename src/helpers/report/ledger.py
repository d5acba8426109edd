"""Lays out the claims ledger: what was published, what was reproduced, where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from helpers.compendium import claims

from .inventory import Run

PAPERS = {
    "lima": "San Miguel (Lima): police patrols",
    "setubal": "Setúbal: service areas",
    "recife": "Recife: priorities",
}
# Sign and class of a verdict; colour is never the only difference.
SIGNS = {
    "match": "✓",
    "close": "≈",
    "differs": "≠",
    "data-unavailable": "∅",
    "synthetic": "◇",
    "paper-inconsistent": "!",
}
OPEN_SIGN = "·"
OPEN = {
    claims.NOT_BUILT: "the notebook that will judge it does not exist yet",
    claims.NOT_RUN: "its notebook has not run",
    claims.MISSING: "its notebook ran and gave no verdict",
}


@dataclass(frozen=True)
class Claim:
    """One row of the ledger page, ready to show."""

    claim_id: str
    paper: str
    place: str
    quantity: str
    published: str
    reproduced: str
    unit: str
    tolerance: str
    verdict: str
    notes: tuple[str, ...]
    city: str
    notebook: str
    link: str | None

    @property
    def sign(self) -> str:
        """Sign of the verdict."""
        return SIGNS.get(self.verdict, OPEN_SIGN)

    @property
    def style(self) -> str:
        """Class of the verdict in the style sheet."""
        return self.verdict if self.verdict in SIGNS else "open"


def read_ledger(code: Mapping[tuple[str, str], Mapping[str, str]], runs: list[Run]) -> list[Claim]:
    """Give every claim with its verdict and the notebook cell that computed it.

    Parameters
    ----------
    code
        Source of the code cells by anchor, for every rendered notebook by city and section.
    runs
        Runs in reading order.
    """
    return [_claim(row, code, runs) for row in claims.ledger().to_dict("records")]


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


def _claim(row: dict, code: Mapping, runs: list[Run]) -> Claim:
    place = ", ".join(text for text in (f"section {row['section']}", row["exhibit"]) if text)
    also = f"Also computed for {row['elsewhere']}." if row["elsewhere"] else ""
    notes = tuple(dict.fromkeys(text for text in (row["note"], also, row["notes"]) if text))
    return Claim(
        claim_id=row["claim_id"],
        paper=row["paper"],
        place=place,
        quantity=row["quantity"],
        published=_readable(row["published"]),
        reproduced=row["reproduced"],
        unit=row["unit"],
        tolerance=row["tolerance"],
        verdict=row["verdict"],
        notes=notes,
        city=row["city"],
        notebook=row["notebook"],
        link=_cell_of(row, code, runs),
    )


def _cell_of(row: dict, code: Mapping, runs: list[Run]) -> str | None:
    """Address of the cell that saves the number; the notebook's page if no cell names it."""
    if not row["city"]:
        return None
    own = (row["city"], row["notebook"])
    pages = [run.page for run in runs if run.page and (run.city, run.section) == own]
    if not pages:
        return None
    named = re.compile(rf"""["']{re.escape(row["number"])}["']""")
    cells = code.get(own, {})
    anchor = next((anchor for anchor, source in cells.items() if named.search(source)), "")
    page = quote(pages[0])
    return f"{page}#{anchor}" if anchor else page


def _readable(published: str) -> str:
    """A published number with its thousands set apart, as the reproduced ones are."""
    whole, point, rest = published.partition(".")
    if re.fullmatch(r"-?\d{5,}", whole) and (rest.isdigit() or not point):
        return f"{int(whole):,}{point}{rest}"
    return published
