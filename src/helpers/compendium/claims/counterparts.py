"""The concordance: every exhibit of the papers beside what shows it here."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..card import list_sections
from ..store import read_index
from ..towns import list_cities
from ..words import block_names
from .files import claims_file
from .rows import PAPERS

if TYPE_CHECKING:
    import pandas as pd

# Which city is asked first for a paper's exhibits: the paper's own, then those that stand in for it.
FIRST = {
    "lima": ("san_miguel", "leeds", "toronto"),
    "setubal": ("setubal", "leeds"),
    "recife": ("recife", "toronto"),
}
ADDED = ("notebook", "city", "file", "cell", "title", "status", "claims", "verdicts")
NOT = "not "


def exhibits() -> pd.DataFrame:
    """Every figure, table, equation, algorithm, method and announced future work of the papers.

    Returns
    -------
    pandas.DataFrame
        As ``data/raw/claims_exhibits.csv`` has it, all text: paper, exhibit, kind, shows; section
        and output (the figure or table that shows it here), function (the helper that computes
        it), note (how ours differs, or why there is none), also (claims that it prints besides
        those that name it, divided by semicolons; ``not`` before one that it does not print), page
        (the kind of page of the report that answers it), formula (cell of the section's notebook that has the
        equation itself).
    """
    import pandas as pd

    return pd.read_csv(claims_file("claims_exhibits.csv"), dtype=str, keep_default_na=False)


def concordance(ledger: pd.DataFrame) -> pd.DataFrame:
    """Each exhibit with our figure or table, its file and cell, and the verdicts on its claims.

    Parameters
    ----------
    ledger
        From `ledger`.

    Returns
    -------
    pandas.DataFrame
        The columns of `exhibits`, then notebook, city, file, cell, title (of the output as it was
        saved; empty where the section has not run), status (what its data are), claims (their
        names) and verdicts (how many of each), all text.  The city is the one for which the claims
        were judged, where they were; else the first of the paper's that has the output.
    """
    frame = exhibits()
    notebooks = {name.split("_")[0]: name for name in list_sections()}
    rows = [_row(row, ledger, notebooks) for row in frame.to_dict("records")]
    for column in ADDED:
        frame[column] = [row.get(column, "") for row in rows]
    return frame


def claims_of(paper: str, exhibit: str, ledger: pd.DataFrame, also: str = "") -> pd.DataFrame:
    """The claims that an exhibit prints.

    A figure or table prints those that name it, in whatever words follow; a section of the text
    those that it says in the text.

    Parameters
    ----------
    paper, exhibit
        As `exhibits` has them.
    ledger
        With the columns paper, section, exhibit; and claim_id.
    also
        Claims that are added; ``not`` before one that is left out.
    """
    own = ledger[ledger["paper"] == paper]
    named = re.compile(rf"(?:^|[;/]\s*){re.escape(exhibit)}(?![\w.])")
    said = own["exhibit"].str.contains(named)
    in_text = own["section"].eq(exhibit) & own["exhibit"].str.startswith("text")
    named_so = [name.strip() for name in also.split(";") if name.strip()]
    left_out = {name.removeprefix(NOT) for name in named_so if name.startswith(NOT)}
    claim = own["claim_id"]
    return own[(said | in_text | claim.isin(named_so)) & ~claim.isin(left_out)]


def _row(row: dict[str, str], ledger: pd.DataFrame, notebooks: dict[str, str]) -> dict[str, Any]:
    notebook = notebooks.get(row["section"], "")
    found = claims_of(row["paper"], row["exhibit"], ledger, row.get("also", ""))
    counts = Counter(found["verdict"])
    told = {
        "notebook": notebook,
        "claims": "; ".join(found["claim_id"]),
        "verdicts": "; ".join(f"{number} {verdict}" for verdict, number in counts.items()),
    }
    known = list_cities()
    own = FIRST.get(row["paper"], ())
    judged = [city for city in own if city in set(found.loc[found["notebook"] == notebook, "city"])]
    for city in dict.fromkeys([*judged, *own]):
        if city not in known or not notebook:
            continue
        named = [
            e for e in read_index(city, notebook).get("outputs", []) if e["name"] == row["output"]
        ]
        # a figure and a table may have one name
        for entry in sorted(named, key=lambda entry: entry["kind"] != "figure")[:1]:
            where = {"city": city, "file": entry["file"], "title": str(entry.get("title", ""))}
            where["status"] = str(entry.get("status") or "")
            return {**told, **where, "cell": str(entry.get("cell", ""))}
    return told


def unmatched(frame: pd.DataFrame) -> list[str]:
    """Exhibits of a `concordance` that no city shows although the section ran for all of a paper's."""
    missing = []
    for row in frame.to_dict("records"):
        if not row["output"] or row["file"]:
            continue
        ran = (read_index(city, row["notebook"]).get("outputs") for city in FIRST[row["paper"]])
        if all(ran):
            missing.append(f"{row['paper']} {row['exhibit']}")
    return missing


def manifest() -> list[dict[str, str]]:
    """Files of a run and the exhibits of the papers that they stand beside, as CODECHECK lists them.

    Returns
    -------
    list of dict
        ``file``, below the folder of results, and ``comment``, for every figure and table of the
        papers that has one here; a file once, with all its exhibits.
    """
    notebooks = {name.split("_")[0]: name for name in list_sections()}
    found: dict[str, list[str]] = {}
    for row in exhibits().itertuples():
        if row.kind not in ("figure", "table", "appendix") or not row.output:
            continue
        name, city = notebooks[row.section], FIRST[row.paper][0]
        drawn = f"figure_{row.output}" in block_names(name)
        place = f"figures/{city}" if drawn else f"data/processed/{city}"
        file = f"{place}/{name}_{row.output}.{'png' if drawn else 'csv'}"
        found.setdefault(file, []).append(f"{PAPERS[row.paper]}, {row.exhibit}")
    return [{"file": file, "comment": "; ".join(said)} for file, said in found.items()]
