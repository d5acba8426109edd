"""The ledger: every number the papers print, beside the number this compendium computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from .card import list_sections
from .files import read_json
from .paths import RAW, processed_dir
from .section import Section, plain
from .store import notebook_path

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
# Section of a paper -> number of the notebook that judges its claims.
NOTEBOOK_OF = {
    "lima": {"III-A": "11", "IV": "12", "V": "13", "VI": "14", "VII": "15", "VIII": "16"},
    "setubal": {
        "3.1": "21", "4.1": "21", "3.4": "22", "4.2.1": "23", "4.2.2": "23", "4.3": "23",
    },
    "recife": {"4": "31", "5": "32"},
}  # fmt: skip
# Claims that another notebook of the same paper judges.
NOTEBOOK_OF_CLAIM = {"REC-01": "31", "REC-02": "31", "REC-04": "31", "REC-06": "31"}
# Cities whose runs speak on a paper, the first that ran before the others.
CITIES_OF = {
    "lima": ["san_miguel", "leeds"],
    "setubal": ["setubal"],
    "recife": ["recife"],
}


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


def record(
    section: Section,
    claim_id: str,
    value: Any,
    *,
    verdict: str,
    tolerance: str,
    note: str = "",
) -> Any:
    """Put a reproduced value beside a published one.

    Parameters
    ----------
    section
        The open section that computed the value.
    claim_id
        A ``claim_id`` of ``data/raw/claims.csv``.
    value
        Reproduced value: a number, a word, or a list of either.
    verdict
        One of `VERDICTS`.
    tolerance
        How near counts as the same, and why.
    note
        Why it differs, or what the value rests on.

    Raises
    ------
    ValueError
        If the claim or the verdict is unknown, or a ``differs`` comes without its reason.
    """
    known = set(published()["claim_id"])
    if claim_id not in known:
        raise ValueError(f"there is no claim '{claim_id}' in data/raw/claims.csv.")
    if verdict not in VERDICTS:
        raise ValueError(f"'{verdict}' is no verdict; use one of {', '.join(VERDICTS)}.")
    if verdict not in ("match", "close") and not note:
        raise ValueError(f"claim {claim_id}: the verdict '{verdict}' needs a note that says why.")
    entry = {"value": plain(value), "verdict": verdict, "tolerance": tolerance, "note": note}
    section.claim(claim_id, entry)
    return value


def ledger() -> pd.DataFrame:
    """Published beside reproduced, one row a claim, in the order of the papers.

    Returns
    -------
    pandas.DataFrame
        The columns of `published`, then ``reproduced, verdict, tolerance, note, city,
        notebook, elsewhere``.  Where several cities speak on a claim the first of `CITIES_OF`
        gives the row, and ``elsewhere`` holds what the others found.  A claim nobody has judged carries one of three sentences instead of a
        verdict: its notebook does not exist yet, has not run, or ran and said nothing (which
        the notebook ``90_claims`` refuses).
    """
    frame = published()
    notebooks = {name.split("_")[0]: name for name in list_sections()}
    rows = [_judge(claim, notebooks) for claim in frame.to_dict("records")]
    for column in ("reproduced", "verdict", "tolerance", "note", "city", "notebook", "elsewhere"):
        frame[column] = [row.get(column, "") for row in rows]
    return frame


def unjudged(frame: pd.DataFrame) -> list[str]:
    """Claims in a ledger whose notebook ran and gave no verdict."""
    return frame.loc[frame["verdict"] == MISSING, "claim_id"].tolist()


def shown(value: Any) -> str:
    """A recorded value as a person reads it.

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


def _is_verdict(entry: Any) -> TypeGuard[dict[str, Any]]:
    words = ("verdict", "tolerance", "note")
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(key), str) for key in words)
        and isinstance(entry.get("value", {}), str | int | float | list | None)
    )


def _judge(claim: dict, notebooks: dict[str, str]) -> dict:
    number = (
        NOTEBOOK_OF_CLAIM.get(claim["claim_id"]) or NOTEBOOK_OF[claim["paper"]][claim["section"]]
    )
    notebook = notebooks.get(number)
    if notebook is None:
        return {"verdict": NOT_BUILT, "notebook": ""}
    row = {"verdict": NOT_RUN, "notebook": notebook}
    found = []
    for city in CITIES_OF[claim["paper"]]:
        saved = read_json(processed_dir(city) / f"{notebook}_claims.json", {})
        judged = saved.get("claims")
        entry = judged.get(claim["claim_id"]) if isinstance(judged, dict) else None
        if _is_verdict(entry):
            found.append({**entry, "reproduced": shown(entry["value"]), "city": city})
        elif notebook_path(city, notebook).is_file():
            row["verdict"] = MISSING
    if found:
        first, *others = found
        also = [f"{e['city']}: {e['reproduced']} ({e['verdict']})" for e in others]
        row |= {**first, "elsewhere": "; ".join(also)}
    return row
