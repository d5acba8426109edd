"""Cells of a column: which say nothing, which are numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from helpers.sources import is_missing

_GROUPS = {",": re.compile(r"[-+]?\d{1,3}(,\d{3})+"), ".": re.compile(r"[-+]?\d{1,3}(\.\d{3})+")}
_SPACES = re.compile("[\\s\u00a0\u202f'’_]")
_SEXAGESIMAL = (
    r"^(?P<before>[NSEWOL])?\s*(?P<sign>[-+])?\s*(?P<d>\d{1,3}(?:[.,]\d+)?)\s*(?:[°º]|(?=\s*[NSEWOL]$))\s*"
    r"(?:(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['′’´]\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:[\"″”]|['′’´]{2})?)?)?\s*"
    r"(?P<after>[NSEWOL])?$"
)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def numbers(texts: pd.Series, partner: str = "") -> tuple[np.ndarray, str]:
    """Cells as numbers, NaN where they are none; the signs are read from the whole column.

    Parameters
    ----------
    texts : Series of str
    partner : str
        Sign that parts thousands in a column written by the same hand, for when this one alone
        cannot tell.

    Returns
    -------
    values : ndarray of float
    thousands : str
        Sign that parts thousands here: ``","``, ``"."``, or nothing.

    Examples
    --------
    >>> numbers(pd.Series(["6.296.123,5", "6.296.001"]))[0].tolist()
    [6296123.5, 6296001.0]
    >>> numbers(pd.Series(["-23,55", "-46.63"]))[0].tolist()
    [-23.55, -46.63]
    >>> numbers(pd.Series(["438.315", "438.31"]))[0].tolist()
    [438.315, 438.31]
    >>> numbers(pd.Series(["12°05'24″S", "12° 6' 0″ S"]))[0].round(4).tolist()
    [-12.09, -12.1]
    """
    if not partner:
        values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
        if is_missing(texts[~np.isfinite(values)]).all():
            return np.where(np.isfinite(values), values, np.nan), ""  # as a program writes them
    kept = texts.str.replace(_SPACES, "", regex=True).str.replace("−", "-", regex=False)
    kept = kept.str.replace(r"[°º]$", "", regex=True)
    held = kept[~is_missing(kept)]
    thousands = ""
    for sign, other in ((",", "."), (".", ",")):
        having = held[held.str.contains(sign, regex=False)]
        if not len(having):
            continue
        whole = having.str.split(other, regex=False).str[0]
        grouped = whole.str.fullmatch(_GROUPS[sign].pattern)
        twice = whole.str.count(re.escape(sign)).gt(1)
        both = having.str.contains(other, regex=False)
        order = both & (having.str.find(sign) < having.str.find(other))
        if grouped.mean() > 0.98 and (twice.any() or order.any() or partner == sign):
            thousands = sign
    if thousands:
        kept = kept.str.replace(thousands, "", regex=False)
    kept = kept.str.replace(",", ".", regex=False)
    good = kept.str.fullmatch(_NUMBER.pattern).fillna(False).to_numpy(dtype=bool)
    values = np.full(len(kept), np.nan)
    values[good] = kept[good].astype(float)
    if not good.all() and texts.str.contains(r"[°º]|\d\s*[NSEWOL]$", regex=True).any():
        angles = _angles(texts)
        values = np.where(good, values, angles)
    return values, thousands


def _angles(texts: pd.Series) -> np.ndarray:
    """Degrees, minutes and seconds as degrees; south and west (also *oeste*, *ouest*) below zero."""
    found = texts.str.strip().str.extract(_SEXAGESIMAL, flags=re.IGNORECASE)
    part = [
        pd.to_numeric(found[name].str.replace(",", ".", regex=False)).to_numpy(dtype=float)
        for name in ("d", "m", "s")
    ]
    minutes, seconds = np.nan_to_num(part[1]), np.nan_to_num(part[2])
    value = part[0] + minutes / 60 + seconds / 3600
    side = found["after"].fillna(found["before"]).str.upper()
    below = found["sign"].eq("-") | side.isin(["S", "W", "O"])
    value[(minutes >= 60) | (seconds >= 60)] = np.nan
    return np.where(below, -value, value)


def maybe_thousands(texts: pd.Series) -> str:
    """Sign that might part thousands: every cell that has it has three digits behind it."""
    held = texts[~is_missing(texts)].str.strip()
    for sign in ",.":
        having = held[held.str.contains(sign, regex=False)]
        if not having.head(100).str.fullmatch(_GROUPS[sign].pattern).all():
            continue
        if len(having) > 3 and having.str.fullmatch(_GROUPS[sign].pattern).all():
            return sign
    return ""


def safe_text(texts: pd.Series) -> pd.Series:
    """Words without unseen characters, and none that a spreadsheet would take as a formula."""
    codes, unique = pd.factorize(texts)
    if 0 < len(unique) < 0.5 * len(texts) and (codes >= 0).all():  # read each different text once
        each = safe_text(pd.Series(unique, dtype=object)).to_numpy()
        return pd.Series(each[codes], index=texts.index, dtype=object)
    clean = texts.str.replace(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]", " ", regex=True)
    clean = clean.str.replace(r"\s+", " ", regex=True).str.strip()
    return clean.where(~clean.str.match(r"[=+@]"), "'" + clean)
