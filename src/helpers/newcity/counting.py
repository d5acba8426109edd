"""What the rows of a draft are: of which kind, how many crimes, and which are a row again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from helpers.sources import is_missing

from .cells import numbers, safe_text
from .choices import Choices, Question
from .spread import Spread, marks
from .state import Aside, Draft, Known, Seen
from .words import TOTAL, words_of


def drop_duplicates(draft: Draft, aside: Aside, known: Known | None) -> None:
    """Set aside whole rows that stand again with their number; equal rows without one stay."""
    table, ids = draft.table, draft.roles.ids
    if not ids:
        draft.facts.append(
            "no column numbers the crimes: equal rows stay, for they may be separate crimes"
        )
        return
    hashes = table.hashes
    if hashes is None:
        hashes = pd.util.hash_pandas_object(table.frame.astype(str), index=False).to_numpy()
    if table.points is not None:
        wkb = pd.Series(shapely.to_wkb(table.points)).map(hash).fillna(0).to_numpy(dtype="int64")
        hashes = hashes ^ wkb.astype("uint64")
    twice = (known.seen if known is not None else Seen()).again(hashes)
    some = table.frame.loc[twice, ids]
    twice[twice] = ~np.all([is_missing(some[name]) for name in ids], axis=0)
    count = aside.put(twice, "duplicate", ids[0], table.frame[ids[0]].to_numpy())
    if count:
        draft.facts.append(f"{count} row(s) are whole rows again, with their {ids[0]}: set aside")


def draft_kinds(draft: Draft, choices: Choices, aside: Aside) -> pd.Series:
    """The kind of each row, ``unknown`` where it is blank."""
    if draft.roles.spread is not None and any(draft.roles.spread.kinds):
        return pd.Series(np.full(draft.rows, "", dtype=object))  # `spread_counts` tells them
    table, found = draft.table, draft.roles
    constant = choices.kind[1:] if choices.kind.startswith("=") else ""
    if not constant and found.flags:
        return _flagged(draft, found.flags)
    if not constant and not found.kind:
        draft.questions.append(Question(
            f"{table.files[0]}: no column of kinds was found (columns: "
            f"{', '.join(map(str, table.frame.columns))}); name it with --kind COLUMN, or call every row one "
            "kind with --kind =crime (then nothing is told by kind in 12, 13 and 16)",
            offer="=crime", columns={"kind": "the kind"}, among=list(map(str, table.frame.columns)),
        ))  # fmt: skip
        constant = "crime"
        if not choices.yes:  # not decided yet
            return pd.Series(np.full(len(table), constant, dtype=object))
    if constant:
        draft.constants["kind"] = constant
        draft.facts.append(f"kind: {constant!r} for every row")
        return pd.Series(np.full(len(table), constant, dtype=object))
    texts = table.frame[found.kind]
    missing = is_missing(texts)
    kinds = safe_text(texts).mask(pd.Series(missing), "unknown")
    kinds = kinds.mask(kinds.eq(""), "unknown")
    draft.facts.append(f"kind: {found.kind}, {found.why.get('kind', 'as --kind says')}")
    kept = int((missing & aside.kept).sum())
    if kept:
        draft.facts.append(f"{kept} row(s) have no kind: kept as 'unknown'")
    return kinds


def _flagged(draft: Draft, flags: list[str]) -> pd.Series:
    """The first kind that each row marks."""
    values = np.column_stack([draft.table.frame[name].pipe(marks) for name in flags]).astype(bool)
    kinds = np.where(
        values.any(axis=1), np.array(flags, dtype=object)[values.argmax(axis=1)], "unknown"
    )
    several = int((values.sum(axis=1) > 1).sum())
    draft.facts.append(
        f"kind: marked in {len(flags)} columns, {', '.join(flags[:4])}, …"
        + (f"; {several} row(s) mark several, and the first counts" if several else "")
    )
    return pd.Series(kinds, dtype=object)


def draft_counts(draft: Draft, aside: Aside) -> np.ndarray:
    """How many crimes each row is; rows that are none, or no number, are set aside."""
    if draft.roles.spread is not None:
        return _spread_total(draft, aside, draft.roles.spread)
    count = np.ones(draft.rows, dtype="int64")
    name = draft.roles.count
    if not name:
        return count
    values, _ = numbers(draft.table.frame[name])
    wrong = ~np.isfinite(values) | (values < 0) | (values % 1 != 0)
    none = aside.put(np.isfinite(values) & (values == 0), "no_crime", name, "0")
    bad = aside.put(wrong, "bad_count", name, draft.table.frame[name].to_numpy())
    good = ~wrong & (values > 0)
    count[good] = values[good].astype("int64")
    if none or bad:
        draft.facts.append(f"{none + bad} row(s) count no crime in {name}: set aside")
    if (count[good] > 1).any():
        draft.facts.append(
            f"{name}: a row is several crimes; they are {count[aside.kept].sum():,} in all"
        )
    return count


def drop_sums(draft: Draft, aside: Aside, column: str, codes: np.ndarray) -> None:
    """Set aside rows of a table by zone that stand for all zones: their code is a word such as TOTAL.

    Parameters
    ----------
    draft, aside
    column : str
        Of the zones' codes.
    codes : ndarray of str
        Zone of each row, "" where it is none.
    """
    texts = draft.table.frame[column]
    unknown = np.flatnonzero(codes == "")
    if not len(unknown):
        return
    rows = np.zeros(draft.rows, dtype=bool)
    rows[unknown] = texts.iloc[unknown].map(words_of).str.contains(TOTAL, regex=True).to_numpy(bool)
    put = aside.put(rows, "total", column, texts.to_numpy())
    if put:
        k = int(np.flatnonzero(rows)[0])
        draft.facts.append(
            f"{put} row(s) add up the other zones: set aside ({draft.table.place(k)}: {texts.iloc[k]!r})"
        )


def drop_totals(draft: Draft, aside: Aside, codes: np.ndarray, count: np.ndarray) -> None:
    """Set aside rows of a table of counts that add up the other kinds of their zone.

    Parameters
    ----------
    draft, aside
    codes : ndarray of str
        Zone of each row.
    count : ndarray of int
    """
    kind = draft.roles.kind
    if not kind or (not draft.roles.count and draft.roles.spread is None):
        return
    texts = draft.table.frame[kind]
    named = texts.map(words_of).str.contains(TOTAL, regex=True).to_numpy(dtype=bool)
    frame = pd.DataFrame({"kind": texts, "zone": codes, "count": count, "kept": aside.kept})
    sums = frame[frame["kept"]].pivot_table(
        index="zone", columns="kind", values="count", aggfunc="sum", fill_value=0
    )
    for text in dict.fromkeys(texts[named]):
        if text not in sums or len(sums.columns) < 3:
            continue
        others = sums.drop(columns=text).sum(axis=1)
        if (sums[text] == others).mean() < 0.9:
            continue
        rows = (texts == text).to_numpy()
        put = aside.put(rows, "total", kind, text)
        k = int(np.flatnonzero(rows)[0])
        draft.facts.append(
            f"{put} row(s) add up the other kinds: set aside ({draft.table.place(k)}: {text!r})"
        )
        return


def _spread_total(draft: Draft, aside: Aside, spread: Spread) -> np.ndarray:
    values = spread.total(draft.table.frame)
    blank = ~np.isfinite(values)
    total = np.nan_to_num(values).astype("int64")
    shown = f"{spread.columns[0]} … {spread.columns[-1]}"
    by = "a column a month or year" if spread.by == "period" else "a column a kind"
    draft.facts.append(f"counts stand in {len(spread.columns)} columns, {by}: {shown}")
    if spread.totals:
        draft.facts.append(
            f"{', '.join(spread.totals[:6])}: sums of other columns, not counted again"
        )
    if spread.whole:
        draft.facts.append(f"{spread.whole} counts all crimes, those of other kinds too")
    bad = aside.put(blank, "bad_count", shown, "")
    none = aside.put(~blank & (total == 0), "no_crime", shown, "0")
    if bad or none:
        draft.facts.append(f"{bad + none} row(s) count no crime: set aside")
    return total


def spread_counts(
    draft: Draft, kept: np.ndarray, kinds: pd.Series, codes: np.ndarray
) -> tuple[np.ndarray, pd.Series, np.ndarray]:
    """Codes of zones, kinds and counts of the rows kept, a line a row and column of counts."""
    spread = draft.roles.spread
    assert spread is not None
    values = np.nan_to_num(spread.counts(draft.table.frame))[kept].astype("int64")
    rows, columns = values.shape
    named = np.array(spread.kinds, dtype=object)
    own = np.repeat(kinds.to_numpy()[kept], columns)
    across = np.tile(named, rows)
    return (
        np.repeat(codes[kept], columns),
        pd.Series(np.where(across == "", own, across)),
        values.ravel(),
    )
