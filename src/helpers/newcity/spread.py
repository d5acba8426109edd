"""Tables that hold counts in many columns: a column a month or a year, or a column a kind of crime."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .cells import numbers
from .words import CRIMES, ID, MONTHS, NOT_COUNTED, PARTS, TOTAL, plain, words_of

_FEWEST = 3  # columns of counts; fewer are figures beside a count
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d{2}"
_PERIOD = re.compile(
    rf"(?:\b(?:{_MONTH})\b\W*{_YEAR}\b|\b{_YEAR}\W*(?:{_MONTH})\b|\b(?:{_MONTH})\W?\d\d\b|\b(?:{_MONTH})$|"
    rf"\b{_YEAR}\s*[-/_ ]\s*(?:{_YEAR}|\d{{2}})\b|\b\d{{1,2}}[-/]{_YEAR}\b|\b{_YEAR}(?:0[1-9]|1[0-2])\b|"
    rf"(?<!\d){_YEAR}(?!\d))"
)


@dataclass(frozen=True)
class Spread:
    """Columns of counts.

    Attributes
    ----------
    columns : list of str
    kinds : list of str
        Kind that each column counts; "" where another column of the table tells it.
    by : str
        ``"period"`` or ``"kind"``: what the columns differ by.
    totals : list of str
        Columns that are sums of the others, and are not counted again.
    whole : str
        Column of all crimes, where it is more than the kinds together or these overlap.
    """

    columns: list[str]
    kinds: list[str]
    by: str
    totals: list[str]
    whole: str = ""

    def total(self, frame: pd.DataFrame) -> np.ndarray:
        """Crimes of each row; NaN where it holds no count."""
        if self.whole:
            return Spread([self.whole], [""], "kind", []).counts(frame)[:, 0]
        values = self.counts(frame)
        blank = ~np.isfinite(values).any(axis=1)
        return np.where(blank, np.nan, np.nansum(values, axis=1))

    def counts(self, frame: pd.DataFrame) -> np.ndarray:
        """Counts of each row, shape (rows, columns); NaN where a cell holds none."""
        values = np.column_stack([numbers(frame[name], partner=".")[0] for name in self.columns])
        comma = np.column_stack([numbers(frame[name], partner=",")[0] for name in self.columns])
        broken = np.nan_to_num(values) % 1 != 0
        values[broken] = comma[broken]
        return np.where((values >= 0) & (values % 1 == 0), values, np.nan)


def is_period(text: str) -> bool:
    """Whether a name is a month, a year or a span of years and nothing else."""
    found = _PERIOD.search(plain(text).strip())
    return bool(found and found.group() == plain(text).strip())


def guess_spread(sample: pd.DataFrame, taken: set[str], kind: str) -> Spread | None:
    """Find columns of counts by month, year or kind; None where the table has no such columns.

    Parameters
    ----------
    sample : DataFrame
    taken : set of str
        Columns that are something else.
    kind : str
        Column of kinds whose cells are words of crimes; "" where there is none.
    """
    counted = [
        c
        for c in sample.columns
        if c not in taken and not re.search(NOT_COUNTED, words_of(c)) and _is_counted(sample[c])
    ]
    periods = [(c, m) for c in counted if (m := _PERIOD.search(_apart(c)))]
    whole = [c for c, m in periods if m.group() == _apart(c)]
    if len(whole) >= _FEWEST:
        return Spread(whole, [""] * len(whole), "period", [])
    if len(periods) >= _FEWEST and not kind:
        names = [(c, " ".join(_apart(c).replace(m.group(), " ").split())) for c, m in periods]
        rests = {rest for _, rest in names}
        if len(periods) >= 2 * len(rests):
            totals = [c for c, rest in names if len(rests) > 1 and re.search(TOTAL, words_of(rest))]
            kept = [(c, rest) for c, rest in names if c not in totals]
            return Spread([c for c, _ in kept], [_label(c) for c, _ in kept], "period", totals)
    if kind:
        return None
    block = _block(sample, counted)
    if len(block) < _FEWEST:
        return None
    sums, all_crimes = _totals(sample, block)
    columns = [c for c in block if c not in sums and c != all_crimes]
    return Spread(columns, columns, "kind", sums, all_crimes) if len(columns) > 1 else None


def guess_flags(sample: pd.DataFrame) -> list[str]:
    """Columns named after kinds of crime of which each row marks one, as 1, *yes* or the like."""
    marked = {}
    for name in sample.columns:
        if re.search(CRIMES, words_of(name)) and sample[name].nunique() <= 3:
            values = marks(sample[name])
            if values is not None:
                marked[name] = values
    if len(marked) < _FEWEST:
        return []
    often = np.sum(list(marked.values()), axis=0)
    return list(marked) if (often == 1).mean() > 0.7 else []


def marks(texts: pd.Series) -> np.ndarray | None:
    """Which cells of a column of marks are marked; None where it holds something else."""
    low = texts.str.strip().str.casefold()
    yes = low.isin(("1", "1.0", "y", "yes", "true", "t", "x", "si", "sí", "sim", "oui", "ja"))
    no = low.isin(("0", "0.0", "n", "no", "false", "f", "", "nao", "não", "non", "nein", "null"))
    return yes.to_numpy() if (yes | no).all() else None


def _apart(name: str) -> str:
    return " ".join(plain(re.sub(r"_+", " ", str(name))).split())


def _label(name: str) -> str:
    text = " ".join(re.sub(r"_+", " ", str(name)).split())
    found = _PERIOD.search(plain(text))
    if found is None or len(plain(text)) != len(text):
        return text
    left = text[: found.start()] + text[found.end() :]
    return " ".join(left.split()).strip(" -,(/)") or text


def _is_counted(texts: pd.Series) -> bool:
    held = texts[~is_missing(texts)]
    if len(held) < 0.3 * len(texts) or not len(held):
        return False
    values, _ = numbers(held, partner=".")
    return bool(np.isfinite(values).mean() > 0.9 and not (values < 0).any()
                and (values[np.isfinite(values)] % 1 == 0).mean() > 0.98)  # fmt: skip


def _block(sample: pd.DataFrame, counted: list[str]) -> list[str]:
    """The run of neighbouring columns of numbers that is named after crimes, else the longest."""
    runs: list[list[str]] = [[]]
    for name in sample.columns:
        words = words_of(name)
        code = re.search(ID, words) or any(re.search(p, words) for p in PARTS.values())
        constant = len(sample) > 5 and sample[name].nunique() < 2
        named = bool(re.search(CRIMES, words))
        if name not in counted or (not named and (code or constant)):
            runs.append([])
        else:
            runs[-1].append(name)

    def rank(run: list[str]) -> tuple[int, int]:
        return sum(bool(re.search(CRIMES, words_of(c))) for c in run), len(run)

    return max(runs, key=rank)


def _totals(sample: pd.DataFrame, block: list[str]) -> tuple[list[str], str]:
    """Columns that are the sum of a run of others, and the one called total that none exceeds."""
    head = sample.head(300)
    values = {c: np.nan_to_num(numbers(head[c], partner=".")[0]) for c in block}
    totals: list[str] = []
    again = True
    while again:
        again = False
        for name in block:
            if name in totals or not values[name].any():
                continue
            others = [c for c in block if c != name and c not in totals]
            if len(others) > 1 and _is_sum(values[name], [values[c] for c in others]):
                totals.append(name)
                again = True
                break
    for name in block:
        others = [values[c] for c in block if c != name and c not in totals]
        called = name not in totals and re.search(TOTAL, words_of(name))
        if called and len(others) > 1 and (values[name] >= np.max(others, axis=0)).all():
            return totals, name
    return totals, ""


def _is_sum(whole: np.ndarray, others: list[np.ndarray]) -> bool:
    below = np.concatenate([np.zeros((1, len(whole))), np.cumsum(others, axis=0)])
    for start in range(len(others) - 1):
        runs = below[start + 2 :] - below[start]
        hit = (runs == whole).all(axis=1)
        for k in np.flatnonzero(hit):
            parts = others[start : start + 2 + k]
            if sum(part.any() for part in parts) > 1:
                return True
    return False
