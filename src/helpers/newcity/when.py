"""Which columns hold the time, and the times of all rows that are read from them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .roles import Roles, three
from .tables import RawTable
from .times import Times, read_clock, read_parts, read_times, to_local
from .words import CLOCK, CRIME_TIME, DATE, ID, MONTHS, NOT_TIME, PARTS, best, plain, words_of

_CLOCK_ONLY = r"\d{1,2}:\d{2}(:\d{2})?(\s?[ap]\.?\s?m\.?)?"


def guess_time(sample: pd.DataFrame, roles: Roles) -> None:
    """Fill in the columns of time, and how they are joined."""
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
        roles.why["time"] = f"{', '.join(three(sample[date]))}{left}"
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
