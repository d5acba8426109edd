"""Times as people write them, read by formats that hold for all rows of a column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .words import MONTHS, plain

_REST = (
    r"(?:(?:[T ,]|\s-\s)*(?P<H>\d{1,2})\s?[:.hH]\s?(?P<M>\d{2})(?:[:.](?P<S>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<ap>[ap]\.?\s?m\.?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?(?:\s*[A-Z]{1,3}[SD]?T)?"
    r"|[T ,]+(?P<H2>\d{1,2})\s*(?P<ap2>[ap]\.?\s?m\.?|h|hs|uhr))?(?:\s*(?:h|hs|hrs|uhr))?"
    r"(?:\s*(?:-|–|/|\bto\b|\ba\b|\bbis\b)\s*\d[\d/:.\- ]*(?:[ap]\.?\s?m\.?)?(?:h|hs|hrs|uhr)?)?"  # a span begins then
)
_DATES = {
    "ymd": r"(?P<Y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})",
    "compact": r"(?P<Y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?=$|[T ])",
    "pair": r"(?P<a>\d{1,2})[-/. ](?P<b>\d{1,2})[-/. ](?P<Y>\d{4}|\d{2})(?!\d)",
    "dWy": r"(?:[^\W\d]+,?\s+)?(?P<d>\d{1,2})\.?(?:º)?[-/ ]*(?:de |del )?(?P<W>[^\W\d]{3,})\.?[-/ ,]*(?:de |del )?(?P<Y>\d{4}|\d{2})(?!\d)",
    "week": r"(?P<Y>\d{4})-?W(?P<k>\d{2})-?(?P<j>[1-7])",
    "Wdy": r"(?:[^\W\d]+,?\s+)?(?P<W>[^\W\d]{3,})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<Y>\d{4})",
    "javaWdy": r"[^\W\d]{3},? (?P<W>[^\W\d]{3}) (?P<d>\d{1,2}) (?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2}))? "
    r"(?:(?P<z>UTC|GMT)|[A-Z]{2,4})? ?(?P<Y>\d{4})(?P<ap>)",
    "yWd": r"(?P<Y>\d{4})[-/ ](?P<W>[^\W\d]{3,})[-/ ](?P<d>\d{1,2})",
}
_MONTHLY = {
    "weeks": r"(?P<Y>\d{4})-?W(?P<k>\d{2})",
    "ym": r"(?P<Y>\d{4})[-/.](?P<m>\d{1,2})",
    "my": r"(?P<m>\d{1,2})[-/.](?P<Y>\d{4})",
    "Wy": r"(?P<W>[^\W\d]{3,})[-/ .,']*(?:de )?(?P<Y>\d{4}|\d{2})(?!\d)",
    "yW": r"(?P<Y>\d{4})[-/ ]*(?P<W>[^\W\d]{3,})",
}
SHOWN = {
    "ymd": "year-month-day", "compact": "yyyymmdd", "dmy": "day/month/year", "mdy": "month/day/year",
    "dWy": "day, month as a word, year", "Wdy": "month as a word, day, year", "ym": "year-month",
    "yWd": "year, month as a word, day", "javaWdy": "month as a word, day, clock, year",
    "week": "year, week, weekday", "weeks": "year and week",
    "my": "month/year", "Wy": "month as a word, year", "yW": "year, month as a word",
    "epoch": "milliseconds since 1970", "seconds": "seconds since 1970", "serial": "days of a spreadsheet",
}  # fmt: skip
_DOT_NET = r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$"
_SPAN = (
    r"^\D{0,4}(?P<a>\d{1,2})(?:[:.hH](?P<am>\d{2})(?::\d{2})?)?\s*(?:h|hs|hrs|uhr)?\s*(?:-|–|\ba\b|\bto\b|\bbis\b|à)\s*"
    r"(?P<b>\d{1,2})(?:[:.hH](?P<bm>\d{2})(?::\d{2})?)?\s*(?:h|hs|hrs|uhr)?\W?$"
)
_DAY = "2000-01-01"  # that a clock is read with
_UNKNOWN = {25, 88, 98, 99, 999, 9999}  # codes for an hour that nobody knows
_WIDEST = 2.0  # hours; the beginning of a longer span is no hour


@dataclass
class Times:
    """A column of texts read as times.

    Attributes
    ----------
    values : ndarray of datetime64[s]
        NaT where a cell is no time.
    clock : ndarray of bool
        Which carry an hour.
    monthly : ndarray of bool
        Which name a month and no day.
    utc : ndarray of bool
        Which are in universal time, so that the local hour must be found.
    ambiguous : ndarray of bool
        Which day and month could be exchanged, with nothing in the column to tell.
    readings : dict
        How many rows each form fits.
    first, second : int
        Rows whose first, or second, number can be the day only.
    """

    values: np.ndarray
    clock: np.ndarray
    monthly: np.ndarray
    utc: np.ndarray
    ambiguous: np.ndarray
    readings: dict[str, int] = field(default_factory=dict)
    first: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    second: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def good(self) -> np.ndarray:
        """Which rows have a time."""
        return ~np.isnat(self.values)


def order_of_pairs(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Rows of ``a/b/year`` where only the first, or only the second, can be the day."""
    found = texts.str.extract(f"^{_DATES['pair']}")
    a = pd.to_numeric(found["a"]).to_numpy(dtype=float)
    b = pd.to_numeric(found["b"]).to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        return (a > 12) & (a <= 31) & (b <= 12), (b > 12) & (b <= 31) & (a <= 12)


def read_times(texts: pd.Series, order: str = "", numeric: bool = True) -> Times:
    """Read a column of texts as times.

    Parameters
    ----------
    texts : Series of str
    order : {"", "dmy", "mdy"}
        Of day and month where numbers alone are written; found from all rows when not given.
    numeric : bool
        Whether bare numbers may be epochs or days of a spreadsheet.
    """
    count = len(texts)
    texts = texts.reset_index(drop=True).str.strip()
    codes, unique = pd.factorize(texts)
    if len(unique) < 0.7 * count:  # few distinct texts: read each once
        inner = read_times(pd.Series(unique, dtype=object), order or _order(texts), numeric)
        return Times(
            inner.values[codes], inner.clock[codes], inner.monthly[codes], inner.utc[codes],
            inner.ambiguous[codes], inner.readings, *order_of_pairs(texts),
        )  # fmt: skip
    return _read_apart(texts, order, numeric) or _read_rows(texts, order, numeric)


def _read_apart(texts: pd.Series, order: str, numeric: bool) -> Times | None:
    """Times whose dates and clocks are parted by a blank or a T, each different one read once.

    None where there are as many different dates or clocks as rows, so that nothing is won.
    """
    parted = [text.partition(" " if " " in text else "T") for text in texts]
    dates, date_texts = pd.factorize(np.array([part[0] for part in parted], dtype=object))
    clocks, clock_texts = pd.factorize(
        np.array([part[1] + part[2] for part in parted], dtype=object)
    )
    if len(date_texts) + len(clock_texts) > 0.5 * len(texts):
        return None
    first, second = _pairs_of(texts, dates, pd.Series(date_texts, dtype=object))
    order = order or _told_order(first, second)
    date = _read_rows(pd.Series(date_texts, dtype=object), order, False)
    clock = _read_rows(pd.Series(_DAY + clock_texts, dtype=object), order, False)
    whole = (date.good & ~date.monthly)[dates] & clock.good[clocks]
    rest = np.flatnonzero(~whole)
    if not order and (len(rest) or date.ambiguous.any()):
        return None
    result = Times(
        date.values[dates] + (clock.values[clocks] - np.datetime64(_DAY, "s")),
        clock.clock[clocks], date.monthly[dates], clock.utc[clocks], date.ambiguous[dates],
        date.readings, first, second,
    )  # fmt: skip
    if len(rest):
        used = pd.Series(date_texts[np.unique(dates[whole])], dtype=object)
        result.readings = _read_rows(used, order, False).readings if len(used) else {}
        other = _read_rows(texts.iloc[rest].reset_index(drop=True), order, numeric)
        for name in ("values", "clock", "monthly", "utc", "ambiguous"):
            getattr(result, name)[rest] = getattr(other, name)
        for name, often in other.readings.items():
            result.readings[name] = result.readings.get(name, 0) + often
    return result


def _pairs_of(
    texts: pd.Series, dates: np.ndarray, date_texts: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """`order_of_pairs` of texts that begin with these dates."""
    first, second = (told[dates] for told in order_of_pairs(date_texts))
    parted = date_texts.str.match(r"\d{1,2}(?:[-/.]|$)") & ~date_texts.str.match(_DATES["pair"])
    rows = np.flatnonzero(parted.to_numpy(dtype=bool)[dates])
    if len(rows):  # "3/4 2020"
        first[rows], second[rows] = order_of_pairs(texts.iloc[rows])
    return first, second


def _read_rows(texts: pd.Series, order: str, numeric: bool) -> Times:
    count = len(texts)
    none = np.full(count, np.datetime64("NaT"), dtype="datetime64[s]")
    flags = [np.zeros(count, dtype=bool) for _ in range(4)]
    result = Times(none, flags[0], flags[1], flags[2], flags[3])
    result.first, result.second = order_of_pairs(texts)
    open_ = ~is_missing(texts)
    for name, pattern in _DATES.items():
        rest = "" if "?P<H>" in pattern else _REST
        open_ = _read_with(texts, open_, name, f"{pattern}{rest}", result, order)
    for name, pattern in _MONTHLY.items():
        open_ = _read_with(texts, open_, name, pattern, result, order)
    if numeric:
        _read_numbers(texts, open_, result)
    return result


def _order(texts: pd.Series) -> str:
    """Order of day and month that the column itself tells; "" where it cannot."""
    return _told_order(*order_of_pairs(texts))


def _told_order(first: np.ndarray, second: np.ndarray) -> str:
    if first.sum() > 20 * second.sum():
        return "dmy"
    if second.sum() > 20 * first.sum():
        return "mdy"
    return ""


def _read_with(
    texts: pd.Series, open_: np.ndarray, name: str, pattern: str, result: Times, order: str
) -> np.ndarray:
    if not open_.any():
        return open_
    found = texts[open_].str.extract(f"^{pattern}$", flags=re.IGNORECASE)
    hit = found["Y"].notna().to_numpy()
    if not hit.any():
        return open_
    where = np.flatnonzero(open_)[hit]
    found = found[hit]
    year = pd.to_numeric(found["Y"]).to_numpy(dtype=float)
    short = found["Y"].str.len().eq(2).to_numpy()
    year[short] += np.where(year[short] < 70, 2000, 1900)
    day = np.ones(len(found))
    if "W" in found:
        month = np.array([MONTHS.get(plain(w), np.nan) for w in found["W"]], dtype=float)
    elif "m" in found:
        month = pd.to_numeric(found["m"]).to_numpy(dtype=float)
    if "d" in found:
        day = pd.to_numeric(found["d"]).to_numpy(dtype=float)
    shown = name
    if name == "pair":
        a = pd.to_numeric(found["a"]).to_numpy(dtype=float)
        b = pd.to_numeric(found["b"]).to_numpy(dtype=float)
        dotted = texts.iloc[where].str.match(r"\d{1,2}\.\d").to_numpy()
        told = order or _order(texts)
        if not told and dotted.all():
            told = "dmy"  # points between day and month are written in no other order
        if told == "mdy":
            month, day = a, b
        elif told == "dmy":
            month, day = b, a
        else:
            month, day = np.where(b > 12, a, b), np.where(b > 12, b, a)
            result.ambiguous[where] = (a <= 12) & (b <= 12) & (a != b)
        shown = told or "dmy"
    made = _of_weeks(year, found) if "k" in found else _made(year, month, day)
    hour, minute, second, has, bad = _clock_of(found)
    made = np.where(bad, np.datetime64("NaT"), made + _span(hour, minute, second))
    result.values[where] = made
    result.clock[where] = has & ~np.isnat(made)
    result.monthly[where] = name in _MONTHLY
    if "z" in found:
        zone = found["z"].str.upper().fillna("")
        result.utc[where] = zone.isin(["Z", "UTC", "GMT", "+00", "+00:00", "+0000"]).to_numpy()
    result.readings[shown] = result.readings.get(shown, 0) + int((~np.isnat(made)).sum())
    # what looks like a time and is none, such as 31/02, is not tried in another form
    left = open_.copy()
    left[where] = False
    return left


def _of_weeks(year: np.ndarray, found: pd.DataFrame) -> np.ndarray:
    """Days of weeks after ISO 8601; of a week without weekday its Thursday, which tells its month."""
    week = pd.to_numeric(found["k"]).to_numpy(dtype=float)
    day = (
        pd.to_numeric(found["j"]).to_numpy(dtype=float) if "j" in found else np.full(len(year), 4.0)
    )
    fourth = _made(year, np.full(len(year), 1.0), np.full(len(year), 4.0)).astype("datetime64[D]")
    monday = fourth - ((fourth.astype("int64") + 3) % 7).astype("timedelta64[D]")
    shift = ((week - 1) * 7 + day - 1).astype("int64").astype("timedelta64[D]")
    sound = (week >= 1) & (week <= 53)
    return np.where(sound, (monday + shift).astype("datetime64[s]"), np.datetime64("NaT"))


def _made(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    frame = pd.DataFrame({"year": year, "month": month, "day": day})
    sound = frame.notna().all(axis=1) & frame["year"].between(1000, 2999)
    made = np.full(len(frame), np.datetime64("NaT"), dtype="datetime64[s]")
    ok = sound & frame["month"].between(1, 12) & frame["day"].between(1, 31)
    rows = np.flatnonzero(ok.to_numpy())
    months = ((year[rows] - 1970) * 12 + month[rows] - 1).astype("int64").astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (day[rows] - 1).astype("int64").astype(
        "timedelta64[D]"
    )
    dates[dates.astype("datetime64[M]") != months] = np.datetime64("NaT")  # 31 February
    made[rows] = dates.astype("datetime64[s]")
    return made


def _clock_of(found: pd.DataFrame) -> tuple[np.ndarray, ...]:
    count = len(found)
    if "H" not in found:
        zero = np.zeros(count)
        return zero, zero, zero, np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    hours = found["H"].fillna(found["H2"]) if "H2" in found else found["H"]
    half = found["ap"].fillna(found["ap2"]) if "ap2" in found else found["ap"]
    hour = pd.to_numeric(hours).to_numpy(dtype=float)
    minute = pd.to_numeric(found["M"]).fillna(0).to_numpy(dtype=float)
    second = pd.to_numeric(found["S"]).fillna(0).to_numpy(dtype=float)
    has = ~np.isnan(hour)
    half = half.fillna("").str.lower().str[:1].to_numpy()
    hour = np.where((half == "p") & (hour < 12), hour + 12, hour)
    hour = np.where((half == "a") & (hour == 12), 0, hour)
    hour = np.where((hour == 24) & (minute == 0), 0, hour)
    bad = has & ((hour > 23) | (minute > 59) | (second > 60))
    return np.nan_to_num(hour), minute, np.minimum(second, 59), has, bad


def _span(hour: np.ndarray, minute: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (hour * 3600 + minute * 60 + second).astype("int64").astype("timedelta64[s]")


def _read_numbers(texts: pd.Series, open_: np.ndarray, result: Times) -> None:
    bare = texts.where(pd.Series(open_), "").str.replace(_DOT_NET, r"\1", regex=True)
    values = pd.to_numeric(bare, errors="coerce").to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        forms = {
            "epoch": ((values > 1e11) & (values < 5e12), 1000.0),
            "seconds": ((values > 1e8) & (values < 5e9), 1.0),
            "serial": ((values > 20_000) & (values < 60_000), 0.0),
        }
    for name, (hit, per) in forms.items():
        if hit.sum() < 0.5 * open_.sum() or not hit.any():
            continue
        seconds = values[hit] / per if per else (values[hit] - 25_569) * 86_400
        result.values[hit] = np.round(seconds).astype("int64").astype("datetime64[s]")
        dates = bool((np.round(seconds) % 86_400 == 0).all())
        result.clock[hit] = not dates
        result.utc[hit] = per > 0 and not dates
        result.readings[name] = int(hit.sum())


def read_clock(texts: pd.Series, form: str = "") -> tuple[np.ndarray, str]:
    """Cells as seconds of a day, NaN where they are none; the form that was read.

    ``18:05``, ``6:05 PM``, whole hours, and HHMM without zeros (``5`` is five past midnight there)
    are told by the whole column, or by the `form` that a larger part of it had.

    Examples
    --------
    >>> read_clock(pd.Series(["1830", "5", "700"]))[0].tolist()
    [66600.0, 300.0, 25200.0]
    >>> read_clock(pd.Series(["18", "5", ""]))[0].tolist()
    [64800.0, 18000.0, nan]
    """
    texts = texts.reset_index(drop=True).str.strip()
    held = ~is_missing(texts)
    seconds = np.full(len(texts), np.nan)
    whole = texts.str.replace(r"\.0+$|\s*(?:h|hs|hrs|hours|uhr)\.?$", "", regex=True, case=False)
    digits = whole.str.fullmatch(r"\d{1,4}").to_numpy(dtype=bool) & held
    if held.any() and digits.sum() >= 0.7 * held.sum():
        values = pd.to_numeric(whole.where(pd.Series(digits), "")).to_numpy(dtype=float)
        largest = np.nanquantile(values, 0.98) if digits.any() else 0
        wide = whole[digits].str.len().ge(3).any()
        known = values[values <= 24].size
        odd = np.unique(values[values > 24])
        unknown = len(odd) <= 2 and known > 0.5 * digits.sum() and set(odd) <= _UNKNOWN
        if form == "HHMM" or (not form and (largest > 24 or wide) and not unknown):
            hour, minute = values // 100, values % 100
            good = (hour <= 24) & (minute <= 59)
            seconds[good] = ((hour % 24) * 3600 + minute * 60)[good]
            return seconds, "HHMM"
        good = values <= 24
        seconds[good] = ((values % 24) * 3600)[good]
        return seconds, "whole hours"
    share = texts.str.fullmatch(r"0?\.\d+|0").to_numpy(dtype=bool) & held
    if held.any() and share.sum() > 0.7 * held.sum():
        seconds[share] = np.round(texts[share].astype(float).to_numpy() * 86_400) % 86_400
        return seconds, "parts of a day"
    bare = texts.str.replace(r"^(1899-12-3[01]|1900-01-0[01])[T ]", "", regex=True)
    spans = (
        bare.str.extract(_SPAN, flags=re.IGNORECASE).apply(pd.to_numeric).fillna({"am": 0, "bm": 0})
    )
    if held.any() and spans["a"].notna().to_numpy()[held].mean() > 0.7:
        begin, end = (spans[h] + spans[m] / 60 for h, m in (("a", "am"), ("b", "bm")))
        if ((end - begin) % 24).median() <= _WIDEST:
            good = (begin < 24).to_numpy(dtype=bool) & held
            seconds[good] = np.round(begin[good] * 3600)
        return seconds, "spans of hours"
    found = (" " + bare).str.extract(f"^{_REST}$", flags=re.IGNORECASE)
    hour, minute, second, has, bad = _clock_of(found)
    good = has & ~bad & held
    seconds[good] = (hour * 3600 + minute * 60 + second)[good]
    return seconds, "HH:MM"


def read_parts(columns: dict[str, pd.Series], clock_form: str = "") -> Times:
    """Times of columns of year, month, day, hour and minute."""
    count = len(next(iter(columns.values())))
    part: dict[str, np.ndarray] = {}
    for name, texts in columns.items():
        values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
        if name == "month":
            words = np.array([MONTHS.get(plain(w), np.nan) for w in texts], dtype=float)
            values = np.where(np.isnan(values), words, values)
        part[name] = values
    day = part.get("day", np.ones(count))
    values = _made(part["year"], part["month"], day)
    seconds, form = np.full(count, np.nan), ""
    if "hour" in columns:
        seconds, form = read_clock(columns["hour"], clock_form)
    has = np.isfinite(seconds) & ~np.isnat(values)
    minute = np.nan_to_num(part.get("minute", np.zeros(count)))
    minute = np.where((minute >= 0) & (minute <= 59) & (form == "whole hours"), minute, 0)
    clock = np.where(has, np.nan_to_num(seconds) + 60 * minute, 0)
    values = values + clock.astype("int64").astype("timedelta64[s]")
    no = np.zeros(count, dtype=bool)
    monthly = np.full(count, "day" not in part)
    return Times(
        values,
        has,
        monthly,
        no,
        no.copy(),
        {"parts": int((~np.isnat(values)).sum()), **({form: int(has.sum())} if form else {})},
    )


def time_texts(values: np.ndarray, precision: str) -> np.ndarray:
    """Times as ``events.csv`` has them, to the month, the day or the minute.

    Examples
    --------
    >>> time_texts(np.array(["2020-05-03T18:05:59"], dtype="datetime64[s]"), "hour").tolist()
    ['2020-05-03 18:05']
    """
    unit = {"month": "M", "day": "D", "hour": "m"}[precision]
    codes, unique = pd.factorize(values.astype(f"datetime64[{unit}]").astype("int64"))
    texts = np.datetime_as_string(unique.astype(f"datetime64[{unit}]")).astype(object)
    return np.array([text.replace("T", " ") for text in texts], dtype=object)[codes]


def to_local(values: np.ndarray, utc: np.ndarray, zone: str) -> np.ndarray:
    """Times in universal time brought to the clock of a zone; the others as they are."""
    local = values.copy()
    if utc.any():
        moved = pd.DatetimeIndex(values[utc]).tz_localize("UTC").tz_convert(zone).tz_localize(None)
        local[utc] = moved.to_numpy().astype("datetime64[s]")
    return local
