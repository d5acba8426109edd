"""Which column holds the kind, the time, the place: by its name and by what is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .cells import numbers
from .points import is_point, split_point
from .spread import Spread, guess_flags, guess_spread
from .tables import RawTable
from .times import Times, read_clock, read_parts, read_times, to_local
from .words import (
    CLOCK,
    COUNT,
    COUNTED,
    CRIME_TIME,
    CRIMES,
    DATE,
    ID,
    KIND,
    MONTHS,
    NOT_KIND,
    NOT_TIME,
    PARTS,
    WEEKDAYS,
    YES_NO,
    X,
    Y,
    best,
    plain,
    words_of,
)

SAMPLE = 4000
_CLOCK_ONLY = r"\d{1,2}:\d{2}(:\d{2})?(\s?[ap]\.?\s?m\.?)?"


@dataclass
class Roles:
    """Columns of a table by what they are for.

    Attributes
    ----------
    kind : str
        "" where no column tells.
    time : list of str
        One column, or several that are joined.
    how : {"", "one", "clock", "parts"}
        How they are joined: not at all, a date with a clock, or parts of a date.
    x, y : str
        "" where the file's own geometry is the place, or there is none.
    point : str
        A column that holds both coordinates as text.
    ids : list of str
        Columns that number the crimes.
    count : str
        Column of how many crimes a row is.
    form, sign : str
        Form of the clock and sign that parts thousands, once read from all rows or a sample of them.
    spread : Spread or None
        Columns of counts, of a table by zones.
    flags : list of str
        Columns that say yes or no, one a kind.
    why : dict
        From role to the reason, with the runner-up.
    scores : dict
        From role to how sure the guess is, 0 to 1.
    """

    kind: str = ""
    time: list[str] = field(default_factory=list)
    how: str = ""
    x: str = ""
    y: str = ""
    point: str = ""
    ids: list[str] = field(default_factory=list)
    count: str = ""
    form: str = ""
    sign: str = ""
    spread: Spread | None = None
    flags: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)


def sample_of(table: RawTable) -> pd.DataFrame:
    """Rows from all over the table, enough to know a column by."""
    count = len(table)
    if count <= SAMPLE:
        return table.frame
    rows = np.unique(np.linspace(0, count - 1, SAMPLE).astype(int))
    return table.frame.iloc[rows].reset_index(drop=True)


def guess(table: RawTable) -> Roles:
    """Guess every role; none is certain, and `Roles.why` says what it rests on."""
    sample = sample_of(table)
    roles = Roles()
    _guess_time(sample, roles)
    _guess_place(table, sample, roles)
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
    shown = ", ".join(_three(sample[ranked[0]]))
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


def _three(texts: pd.Series) -> list[str]:
    held = texts[~is_missing(texts)]
    return [repr(str(value)[:40]) for value in held.value_counts().index[:3]]


def _guess_time(sample: pd.DataFrame, roles: Roles) -> None:
    found = {}
    for name in sample.columns:
        times = _as_times(name, sample[name])
        if times is not None:
            found[name] = times
    scores = {name: _time_score(name, sample[name], times) for name, times in found.items()}
    scores = {name: score for name, score in scores.items() if score > 0}
    # of two times of the same rows the earlier is the crime's, the later its record's
    for one in scores:
        for other in scores:
            both = found[one].good & found[other].good
            if one != other and both.sum() > 20:
                a, b = found[one].values[both], found[other].values[both]
                days = a.astype("datetime64[D]"), b.astype("datetime64[D]")
                if (days[0] <= days[1]).mean() > 0.97 and (days[0] < days[1]).mean() > 0.03:
                    scores[one] += 0.06
    ranked = sorted(scores, key=lambda c: -scores[c])
    parts = _parts_of(sample)
    coarse = "day" not in parts and ranked and not found[ranked[0]].monthly.all()
    if (
        ranked
        and (scores[ranked[0]] > 0.45 or not parts or coarse)
        and not _coarser(found[ranked[0]], parts)
    ):
        date = ranked[0]
        roles.time, roles.how = [date], "one"
        if not _has_hours(found[date]):
            clock = _clock_for(date, sample, set(found))
            if clock:
                roles.time, roles.how = [date, clock], "clock"
        others = [c for c in ranked[1:] if c not in roles.time]
        left = f"; not {', '.join(others[:3])}" if others else ""
        roles.why["time"] = f"{', '.join(_three(sample[date]))}{left}"
        roles.scores["time"] = scores[date]
    elif parts:
        if "day" in parts and "hour" not in parts:
            clock = _clock_for("", sample, set(found))
            parts |= {"hour": clock} if clock and clock not in parts.values() else {}
        roles.time, roles.how = list(parts.values()), "parts"
        roles.why["time"] = f"{', '.join(parts)} in columns of their own"
        roles.scores["time"] = 0.9


def _coarser(times: Times, parts: dict[str, str]) -> bool:
    """Whether a column of months stands beside columns that tell the day."""
    good = times.good
    return bool("day" in parts and good.any() and times.monthly[good].mean() > 0.9)


def _has_hours(times: Times) -> bool:
    good = times.good
    if not good.any() or times.clock[good].mean() < 0.3:
        return False
    seconds = times.values[good].astype("int64") % 86_400
    # one hour for all rows, such as 12:00:00 AM, is none; universal time may shift it
    return bool(len(np.unique(seconds)) > 2)


def _as_times(name: str, texts: pd.Series) -> Times | None:
    held = texts[~is_missing(texts)]
    if len(held) < max(1, 0.02 * len(texts)):
        return None
    words = words_of(name)
    dated = re.search(CRIME_TIME, words) or re.search(NOT_TIME, words)
    numeric = bool(best(DATE, words) or (dated and not re.search(ID, words)))
    times = read_times(texts, numeric=numeric)
    if times.good.sum() < 0.75 * len(held):
        # compact dates read from numbers that are none
        return None
    year = pd.DatetimeIndex(times.values[times.good]).year
    if ((year < 1950) | (year > 2100)).mean() > 0.3:
        return None
    if not numeric and times.readings.keys() <= {"compact", "epoch", "seconds", "serial"}:
        return None
    return times


def _time_score(name: str, texts: pd.Series, times: Times) -> float:
    words = words_of(name)
    score = 0.5 + best(DATE, words) / 2
    if re.search(CRIME_TIME, words):
        score += 0.25
    if re.search(NOT_TIME, words):
        score -= 0.35
    if _has_hours(times):
        score += 0.1
    if times.good.any() and times.monthly[times.good].mean() > 0.5:
        score -= 0.1
    score -= 0.4 * (1 - times.good.sum() / len(texts))
    if (
        times.values[times.good].size
        and len(np.unique(times.values[times.good])) == 1
        and len(texts) > 20
    ):
        score -= 0.3  # the day of the export
    return score


def _clock_for(date: str, sample: pd.DataFrame, dates: set[str]) -> str:
    mine = set(words_of(date).split())
    crime = bool(re.search(CRIME_TIME, words_of(date)))
    ranked: list[tuple[float, str]] = []
    for name in sample.columns:
        words = words_of(name)
        held = ~is_missing(sample[name])
        if name == date or not held.any():
            continue
        named = bool(re.search(CLOCK, words))
        if (
            not named
            and not sample[name][held].str.fullmatch(_CLOCK_ONLY, case=False).mean() > 0.95
        ):
            continue
        seconds, _ = read_clock(sample[name])
        read = np.isfinite(seconds[held]).mean()
        if read < 0.8 or len(np.unique(seconds[np.isfinite(seconds)])) < 2:
            continue
        shared = len(mine & set(words.split()))
        score = 0.3 * shared + read - (0 if named else 0.25)
        if re.search(NOT_TIME, words):
            score -= 0.8 if not (set(re.findall(NOT_TIME, words)) & mine) else 0
        if crime and re.search(CRIME_TIME, words):
            score += 0.3
        ranked.append((score, name))
    ranked.sort(key=lambda pair: -pair[0])
    return ranked[0][1] if ranked and ranked[0][0] > 0.5 else ""


def _parts_of(sample: pd.DataFrame) -> dict[str, str]:
    """Columns of year, month, day, hour, minute; empty without a year and a month."""
    limits = {
        "year": (1900, 2100),
        "month": (1, 12),
        "day": (1, 31),
        "hour": (0, 24),
        "minute": (0, 59),
    }
    parts: dict[str, tuple[float, str]] = {}
    for name in sample.columns:
        held = ~is_missing(sample[name])
        if not held.any():
            continue
        words = words_of(name)
        values = pd.to_numeric(sample[name], errors="coerce").to_numpy(dtype=float)
        first = _first_part(words)
        for part in (first,) if first else ("year",):
            low, high = limits[part]
            with np.errstate(invalid="ignore"):
                fits = (values >= low) & (values <= high) & (values % 1 == 0)
            if part == "month":
                fits |= sample[name].map(lambda t: plain(t) in MONTHS).to_numpy()
            if part == "hour":
                fits |= np.isfinite(read_clock(sample[name])[0])
            share = fits[held].mean()
            if share < 0.9 or (not first and (share < 1 or len(np.unique(values[held])) > 60)):
                continue
            score = share - (0.6 if re.search(NOT_TIME, words) else 0) - 0.05 * len(words.split())
            score += 0.3 if re.search(CRIME_TIME, words) else 0
            score -= 0 if first else 0.5  # years that no name tells
            if part not in parts or score > parts[part][0]:
                parts[part] = (score, name)
    if "year" in parts and not re.search(NOT_TIME, words_of(parts["year"][1])):
        # the hour of a report is not the hour of the crime
        parts = {p: v for p, v in parts.items() if not re.search(NOT_TIME, words_of(v[1]))}
    if "year" not in parts or "month" not in parts:
        return {}
    order = [part for part in limits if part in parts]
    if "day" not in parts:
        order = ["year", "month"]
    if "hour" not in parts:
        order = [part for part in order if part != "minute"]
    return {part: parts[part][1] for part in order}


def _first_part(words: str) -> str:
    """The part of a date that a name tells, by its first word that tells one."""
    hits = [(m.start(), part) for part, p in PARTS.items() if (m := re.search(p, words))]
    return min(hits)[1] if hits else ""


def joined_times(table: RawTable, roles: Roles, order: str, zone: str = "") -> Times:
    """The times of all rows, from the columns that `roles` names.

    A date in universal time that a clock is joined to is first brought to the `zone`: midnight there
    may be the day before in Greenwich.
    """
    frame = table.frame
    if roles.how == "parts":
        named = _part_names(roles.time)
        times = read_parts({part: frame[name] for part, name in named.items()}, roles.form)
        roles.form = roles.form or next((f for f in times.readings if f != "parts"), "")
        return times
    times = read_times(frame[roles.time[0]], order)
    if roles.how == "clock":
        seconds, shown = read_clock(frame[roles.time[1]], roles.form)
        roles.form = shown
        has = np.isfinite(seconds) & times.good
        if zone and (times.utc & times.good).any():
            times.values = to_local(times.values, times.utc & times.good, zone)
        days = times.values.astype("datetime64[D]").astype("datetime64[s]")
        span = np.where(has, np.nan_to_num(seconds), 0).astype("int64").astype("timedelta64[s]")
        times.values = np.where(times.good, days + span, times.values)
        times.clock = has
        times.utc = np.zeros(len(has), dtype=bool)
        times.readings[shown] = int(has.sum())
    return times


def _part_names(columns: list[str]) -> dict[str, str]:
    order = ["year", "month", "day", "hour", "minute"]
    named: dict[str, str] = {}
    for name in columns:
        words = words_of(name)
        part = _first_part(words)
        if not part or part in named:
            part = next(p for p in order if p not in named)
        named[part] = name
    return named


def _guess_place(table: RawTable, sample: pd.DataFrame, roles: Roles) -> None:
    xs = _coordinates(sample, X)
    ys = _coordinates(sample, Y)
    pairs = []
    for x, (x_score, x_values) in xs.items():
        for y, (y_score, y_values) in ys.items():
            if x == y:
                continue
            score = x_score + y_score + _pair_bonus(x, y, x_values, y_values)
            pairs.append((score, x, y))
    pairs.sort(key=lambda pair: -pair[0])
    if table.points is not None and table.crs is not None:
        roles.why["place"] = "the file's own geometry"
        if pairs:
            roles.why["place"] += f"; not {pairs[0][1]} and {pairs[0][2]}"
        roles.scores["place"] = 1.0
        return
    texts = _point_column(sample)
    # texts of degrees need no system to be named, columns of metres or feet do
    if pairs and pairs[0][0] > 1.2 and not (texts and not _in_degrees(*pairs[0][1:], xs, ys)):
        roles.x, roles.y = pairs[0][1:]
        roles.scores["place"] = min(pairs[0][0] / 2, 1.0)
        shown = zip(sample[roles.x].head(200), sample[roles.y].head(200), strict=True)
        some = [f"({a}, {b})" for a, b in shown if a and b and a not in ("0", "0.0")][:3]
        other = (
            f"; not {pairs[1][1]} and {pairs[1][2]}"
            if pairs[1:] and {*pairs[1][1:]} != {roles.x, roles.y}
            else ""
        )
        roles.why["place"] = f"{', '.join(some)}{other}"
        return
    if texts:
        held = sample[texts][~is_missing(sample[texts])]
        roles.point = texts
        roles.why["place"] = f"both coordinates in one text, such as {held.iloc[0]!r}"
        roles.scores["place"] = 0.9
        return
    if table.points is not None:
        roles.why["place"] = "the file's own geometry, whose system no file names"
        roles.scores["place"] = 0.9


def _point_column(sample: pd.DataFrame) -> str:
    """The first column whose texts hold both coordinates, in degrees."""
    for name in sample.columns:
        held = sample[name][~is_missing(sample[name])]
        if not len(held) or is_point(held.head(300)).mean() < 0.5:
            continue
        x, y = split_point(held, name)
        real = np.isfinite(x) & np.isfinite(y)
        if real.any() and ((np.abs(x[real]) <= 180) & (np.abs(y[real]) <= 90)).mean() > 0.8:
            return str(name)
    return ""


def _in_degrees(x: str, y: str, xs: dict[str, Any], ys: dict[str, Any]) -> bool:
    a, b = xs[x][1], ys[y][1]
    real = np.isfinite(a) & np.isfinite(b)
    return bool(((np.abs(a[real]) <= 180) & (np.abs(b[real]) <= 180)).mean() > 0.5)


def _coordinates(
    sample: pd.DataFrame, patterns: tuple[tuple[float, str], ...]
) -> dict[str, tuple[float, np.ndarray]]:
    found = {}
    for name in sample.columns:
        score = best(patterns, words_of(name))
        if not score:
            continue
        held = ~is_missing(sample[name])
        values, _ = numbers(sample[name])
        if not held.any() or np.isfinite(values[held]).mean() < 0.7:
            continue
        real = values[np.isfinite(values) & (np.abs(values) > 1e-3)]
        if len(real) < 1 or (len(real) > 20 and len(np.unique(real)) < 3):
            continue
        found[name] = (score, values)
    return found


def _pair_bonus(x: str, y: str, x_values: np.ndarray, y_values: np.ndarray) -> float:
    """How well two columns go together: the same words but one, side by side, one unit."""
    both = np.isfinite(x_values) & np.isfinite(y_values)
    if both.sum() < 0.5 * max(np.isfinite(x_values).sum(), 1):
        return -1.0
    bonus = 0.0
    mine, other = set(words_of(x).split()), set(words_of(y).split())
    if len(mine) == len(other) and len(mine - other) <= 1:
        bonus += 0.1
    a, b = x_values[both], y_values[both]
    real = (np.abs(a) > 1e-3) & (np.abs(b) > 1e-3)
    if not real.any():
        return -1.0
    degrees = (np.abs(a[real]) <= 180) & (np.abs(b[real]) <= 180)
    share = degrees.mean()
    if share > 0.9:
        bonus += 0.7  # degrees need no system to be named
        fine = (a[real] % 1 != 0).mean()
        bonus -= 0.8 if fine < 0.5 else 0.0
    elif share > 0.1:
        bonus -= 0.2
    return bonus


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
