"""Which column holds the kind, the time, the place: by its name and by what is in it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .cells import numbers
from .roles import Roles, sample_of, three
from .spread import guess_flags, guess_spread
from .tables import RawTable
from .when import guess_time
from .where import guess_place
from .words import (
    COUNT,
    COUNTED,
    CRIMES,
    ID,
    KIND,
    MONTHS,
    NOT_KIND,
    WEEKDAYS,
    YES_NO,
    best,
    plain,
    words_of,
)


def guess(table: RawTable) -> Roles:
    """Guess every role; none is certain, and `Roles.why` says what it rests on."""
    sample = sample_of(table)
    roles = Roles()
    guess_time(sample, roles)
    guess_place(table, sample, roles)
    _guess_ids(sample, roles)
    _guess_count(sample, roles)
    taken = {*roles.time, roles.x, roles.y, roles.point, roles.count}
    _guess_kind(sample, roles, taken)
    if not (roles.x or roles.point or roles.count or _has_points(table)):
        _guess_spread(sample, roles, taken)
        if roles.spread is None:
            _guess_counted(sample, roles)
    if roles.spread is None and not _is_sure_kind(sample, roles.kind):
        roles.flags = guess_flags(sample)
        roles.kind = "" if roles.flags else roles.kind
    return roles


def _has_points(table: RawTable) -> bool:
    """Whether the file's own geometry holds places rather than areas."""
    if table.points is None:
        return False
    return any(s is not None and s.geom_type in ("Point", "MultiPoint") for s in table.points[:500])


def _is_sure_kind(sample: pd.DataFrame, kind: str) -> bool:
    """Whether a column is of kinds by its name, or by words of crimes in its cells."""
    if not kind:
        return False
    told = sample[kind].map(plain).str.contains(CRIMES, regex=True).mean() > 0.2
    return bool(told or best(KIND, words_of(kind)) >= 0.8)


def _guess_counted(sample: pd.DataFrame, roles: Roles) -> None:
    for name in sample.columns:  # a table by zones counts in a column of many names
        words = words_of(name)
        if name in roles.time or name in roles.ids or not re.search(COUNTED, words):
            continue
        held = sample[name][~is_missing(sample[name])]
        values, _ = numbers(held, partner=".")
        fits = len(held) and np.isfinite(values).all() and (values >= 0).all()
        if fits and (values % 1 == 0).all() and not re.search(r"\b(victims?|code|id|key)\b", words):
            roles.count = name
            return


def _guess_spread(sample: pd.DataFrame, roles: Roles, taken: set[str]) -> None:
    kind = roles.kind if _is_sure_kind(sample, roles.kind) else ""
    roles.spread = guess_spread(sample, {*taken, kind}, kind)
    if roles.spread is None:
        return
    if any(roles.spread.kinds):
        roles.kind = ""
    roles.scores["kind"] = max(roles.scores.get("kind", 0), 0.6)
    roles.time = [name for name in roles.time if name not in roles.spread.columns]
    roles.how = roles.how if roles.time else ""


def _guess_kind(sample: pd.DataFrame, roles: Roles, taken: set[str]) -> None:
    scores = {c: _kind_score(c, sample[c]) for c in sample.columns if c not in taken}
    ranked = sorted((c for c in scores if scores[c] > 0.3), key=lambda c: -scores[c])
    if not ranked:
        return
    roles.kind = ranked[0]
    roles.scores["kind"] = scores[ranked[0]]
    other = f"; next best {', '.join(ranked[1:3])}" if ranked[1:] else ""
    shown = ", ".join(three(sample[ranked[0]]))
    roles.why["kind"] = f"{_kinds(sample[ranked[0]])} different texts: {shown}{other}"


def _kind_score(name: str, texts: pd.Series) -> float:
    words = words_of(name)
    named = best(KIND, words)
    if named < 1.0 and re.search(NOT_KIND, words):
        named *= 0.35
    held = texts[~is_missing(texts)]
    if not len(held):
        return 0.0
    values, _ = numbers(held)
    numeric = float(np.isfinite(values).mean())
    distinct = held.nunique()
    lower = held.map(plain)
    if distinct <= 400 and numeric < 0.5:
        named += 0.6 * float(lower.str.contains(CRIMES, regex=True).mean())
    if lower.isin(YES_NO).mean() > 0.8 or lower.isin(WEEKDAYS).mean() > 0.8:
        return 0.0
    if lower.isin(MONTHS).mean() > 0.8:
        return 0.0
    score = named
    if numeric > 0.9:
        score *= 0.4  # a code of the kind is worse than its words
    if distinct == 1:
        score *= 0.6
    elif distinct > max(12, 0.35 * len(held)):
        score *= 0.3
    elif numeric < 0.1 and 2 <= distinct <= 150:
        score += 0.12
    score -= 0.3 * (1 - len(held) / len(texts))
    return score


def _kinds(texts: pd.Series) -> int:
    return int(texts[~is_missing(texts)].nunique())


def _guess_ids(sample: pd.DataFrame, roles: Roles) -> None:
    for name in sample.columns:
        if not re.search(ID, words_of(name)):
            continue
        held = sample[name][~is_missing(sample[name])]
        if len(held) > 0.2 * len(sample) and held.nunique() > 0.8 * len(held):
            values, _ = numbers(held)
            if np.isfinite(values).all() and (values % 1 != 0).any():
                continue
            roles.ids.append(name)


def _guess_count(sample: pd.DataFrame, roles: Roles) -> None:
    for name in sample.columns:
        if not re.search(COUNT, words_of(name)) or name in roles.time:
            continue
        held = sample[name][~is_missing(sample[name])]
        values, _ = numbers(held)
        if (
            len(held)
            and np.isfinite(values).all()
            and (values >= 0).all()
            and (values % 1 == 0).all()
        ):
            roles.count = name
            roles.why["count"] = f"whole numbers {values.min():.0f} to {values.max():.0f}"
            return
