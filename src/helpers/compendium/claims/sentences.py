"""What the claims of each paper come to: counts by evidence, and one sentence a paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from helpers.cities import CityError

from ..card import AUTO, list_sections
from ..store import read_content, saved_file
from ..towns import find_city, list_cities
from ..words import filled
from .files import claims_file
from .rows import MISSING, NOT_BUILT, NOT_RUN, PAPERS, saved_numbers
from .rulebook import EVIDENCE, REPRODUCTION, VERDICTS

if TYPE_CHECKING:
    import pandas as pd

HOLDS = ["match", "close"]
PARAGRAPH = "¶"  # where one begins in the list of papers, whose lines are folded
ITEM = "•"  # and an item of a list
TERMS = {
    "reproduced": "the paper's own data and method, computed anew here, give its result; up to a tenth of the data may be "
    "estimated, which the claim then says",
    "replicated": "its method, run on other towns' real data, can confirm a finding but none of its numbers",
    "its steps run": "its method can be carried out here; that tells nothing of its results",
    "holds": "comes out the same, or within the tolerance that the ledger states",
}
"""What the sentences on the papers mean by their words."""


@dataclass(frozen=True)
class Answer:
    """What the claims of a paper come to.

    Attributes
    ----------
    paper
        Its key in the list of claims.
    name, about, cite, citation
        As pages name it, its key in ``references.bib``, and the same for people.
    claims, reproductions
        How many there are, and how many of them test a result on the paper's own data.
    met, near
        Reproductions with the verdict "match" and "close".
    estimated
        How many test a result on data a large part of which is estimated; in none of the others.
    text
        A few short paragraphs of Markdown, the first of which answers.
    tally
        How many claims test a result on the paper's own data and how they end, as one sentence.
    """

    paper: str
    name: str
    about: str
    cite: str
    citation: str
    claims: int
    reproductions: int
    met: int
    near: int
    estimated: int
    text: str
    tally: str


def papers(path: Path | None = None) -> dict[str, dict[str, str]]:
    """The papers as ``data/raw/claims_papers.yml`` has them, by key."""
    text = (path or claims_file("claims_papers.yml")).read_text(encoding="utf-8")
    return yaml.safe_load(text) or {}


def citation_of(section: str, path: Path | None = None) -> str:
    """The paper that a section carries out, as it is cited; nothing for one about all of them.

    Parameters
    ----------
    section
        Name or number of the section.
    path
        Another list of papers.
    """
    for about in papers(path).values():
        if section.startswith(str(about.get("sections", "-"))):
            return about.get("citation", "")
    return ""


def deviations() -> pd.DataFrame:
    """What the papers leave open, what was chosen, and when with respect to seeing the result.

    Returns
    -------
    pandas.DataFrame
        As ``data/raw/claims_deviations.csv`` has it, all text: paper, section, left_open, chosen,
        when (``before``, ``after``, or ``no result to see``), why, claims (those that the choice
        bears on, divided by semicolons).
    """
    import pandas as pd

    table = pd.read_csv(claims_file("claims_deviations.csv"), dtype=str, keep_default_na=False)
    # numbers in a reason are those that a section saved
    return table.assign(why=[filled(text, {"saved": _saved}) for text in table["why"]])


def answers(ledger: pd.DataFrame) -> list[Answer]:
    """One answer a paper, in the order of the list of papers.

    Parameters
    ----------
    ledger
        From `ledger`.
    """
    return [_answer(paper, about, ledger) for paper, about in papers().items()]


def evidence_counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """How many claims have each verdict, by what the verdict rests on.

    Parameters
    ----------
    ledger
        From `ledger`.

    Returns
    -------
    pandas.DataFrame
        One row a paper and class of evidence, one column a verdict; in the order in which
        `EVIDENCE` and `VERDICTS` have them, and none that is empty.
    """
    counts = ledger.groupby(["paper", "evidence", "verdict"]).size().unstack(fill_value=0)
    known = [*VERDICTS, NOT_RUN, NOT_BUILT, MISSING]
    counts = counts.reindex(columns=[verdict for verdict in known if verdict in counts])
    order = [
        (paper, kind)
        for paper in PAPERS
        for kind in [*EVIDENCE, ""]
        if (paper, kind) in counts.index
    ]
    return counts.loc[order]


def _answer(paper: str, about: dict[str, str], ledger: pd.DataFrame) -> Answer:
    own = ledger[ledger["paper"] == paper]
    rows = own.to_dict("records")
    facts = {
        "rows": rows,
        "holds": HOLDS,
        "count": lambda *asked, **more: _count(rows, *asked, **more),
        "findings": lambda evidence, verdicts: _findings(rows, evidence, verdicts),
        "cities": _titles(
            city
            for r in rows
            if r["evidence"] == "replication"
            for city in r.get("towns", r["city"]).split("; ")
        ),
        "ran": _ran,
        "saved": _saved,
        "left_out": _left_out,
        "statuses": _statuses,
    }
    counts = {
        "reproductions": _count(rows, "reproduction", list(VERDICTS)),
        "met": _count(rows, "reproduction", "match"),
        "near": _count(rows, "reproduction", "close"),
        "estimated": _count(rows, "partly estimated"),
    }
    judged = any(row["verdict"] in VERDICTS for row in rows)
    return Answer(
        paper=paper,
        name=about["name"],
        about=about["about"],
        cite=about["cite"],
        citation=about.get("citation", ""),
        claims=len(rows),
        **counts,
        text="\n\n".join(map(_listed, filled(about["answer"], facts).split(PARAGRAPH))),
        tally=_tally(len(rows), **counts, guessed=_guessed(rows)) if judged else "",
    )


def _listed(part: str) -> str:
    """A paragraph, or a line and the list that it begins."""
    first, *items = (piece.strip() for piece in part.split(ITEM))
    return f"{first}\n\n" + "\n".join(f"- {item}" for item in items) if items else first


def _guessed(rows: Sequence[dict[str, Any]]) -> str:
    """How much of the data of the results that count as tested is estimated; nothing where none is."""
    told = [row.get("estimated", "") for row in rows if row["evidence"] == REPRODUCTION]
    return "; ".join(dict.fromkeys(filter(None, told)))


def _tally(
    claims: int, *, reproductions: int, met: int, near: int, estimated: int, guessed: str = ""
) -> str:
    """How many claims test a result on the paper's own data, and how they end."""
    if not reproductions:
        return f"Not one of its {claims} claims tests a result on the paper's own data."
    more = f"; {estimated} more on data partly estimated here" if estimated else ""
    return (
        f"Results tested on the paper's own data{f' ({guessed})' if guessed else ''}: "
        f"{reproductions} of {claims} claims, of which {met or 'none'} met and {near or 'none'} near{more}."
    )


def _count(
    rows: Sequence[dict[str, Any]],
    evidence: str,
    verdict: str | Sequence[str] = tuple(VERDICTS),
    section: str = "",
) -> int:
    wanted = [verdict] if isinstance(verdict, str) else verdict
    return sum(
        row["evidence"] == evidence
        and row["verdict"] in wanted
        and row["notebook"].startswith(section)
        for row in rows
    )


def _findings(rows: Sequence[dict[str, Any]], evidence: str, verdicts: Sequence[str]) -> list[str]:
    """What claims with such evidence and verdicts say, each once, with the claims that say it.

    What a verdict must not be read without stands behind them, in few words: the row has the rest.
    """
    said: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["finding"] and row["evidence"] == evidence and row["verdict"] in verdicts:
            said.setdefault(row["finding"], []).append(row)
    told = []
    for text, same in said.items():
        names = ", ".join(row["claim_id"] for row in same)
        brief = "; ".join(dict.fromkeys(filter(None, (row.get("briefly", "") for row in same))))
        told.append(f"{text} ({names}): {brief}" if brief else f"{text} ({names})")
    return told


def _titles(cities: Iterable[str]) -> list[str]:
    return [_title(city) for city in dict.fromkeys(cities) if city]


def _title(city: str) -> str:
    """Title of a city; its name where it is none of the bundled ones or cannot be read."""
    with suppress(CityError):
        return find_city(city).title
    return city


def _notebook(section: str) -> str:
    return next((name for name in list_sections() if name.startswith(section)), "")


def _ran(section: str) -> list[str]:
    """Titles of the bundled cities in which a section ran on data that are not simulated."""
    found = [(city, saved_numbers(city, _notebook(section))) for city in list_cities()]
    return _titles(city for city, saved in found if saved and not saved.simulated)


def _left_out(city: str, section: str) -> list[str]:
    """Zones that a run of a section left out, by its parameter or the city's choice."""
    notebook = _notebook(section)
    found = saved_numbers(city, notebook)
    names = found.values.get("parameters.leave_out") if found else None
    if names == AUTO:
        names = find_city(city).parameters.get(notebook, {}).get("leave_out")
    return [str(name) for name in names] if isinstance(names, list | tuple) else []


def _statuses(city: str) -> dict[str, int]:
    """How many zones have a first field of which status, as section 21 saved it for a city."""
    import pandas as pd

    found = saved_file(city, _notebook("21"), "statuses")
    frame = read_content(found[0]) if found else None
    if not isinstance(frame, pd.DataFrame) or frame.index.name != "status" or frame.empty:
        return {}
    return {str(status): int(number) for status, number in frame.iloc[:, 0].items()}


def _saved(city: str, section: str, number: str) -> Any:
    found = saved_numbers(city, _notebook(section))
    value = found.values.get(number) if found else None
    # a damaged file may hold anything
    return value if isinstance(value, bool | int | float) else None
