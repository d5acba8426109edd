"""When the rows of a draft were: order of day and month, zone, precision, rows without a time."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import per_cent
from helpers.sources import is_missing

from . import places, times
from .choices import Choices, Question
from .errors import NewCityError
from .state import Aside, Draft
from .when import joined_times

_FEW_HOURS = 0.05  # more rows without an hour than this are kept, and the hour is given up
_BAD = 0.3
_PRECISIONS = ("month", "day", "hour")


def _order(draft: Draft, choices: Choices) -> tuple[str, bool]:
    """Order of day and month, and whether the file mixes both orders."""
    if choices.order or draft.known is not None:
        return choices.order, False
    first = second = 0
    names = [draft.roles.time[0]] if draft.roles.time else []
    mine_first, mine_second = times.order_of_pairs(draft.table.frame[names[0]].str.strip())
    first, second = int(mine_first.sum()), int(mine_second.sum())
    if first and second and max(first, second) <= 20 * min(first, second):
        return "", True
    if first or second:
        return ("dmy" if first > second else "mdy"), False
    for name in draft.table.frame.columns:  # the same hand wrote the other dates of the file
        if name in names:
            continue
        a, b = times.order_of_pairs(draft.table.frame[name].str.strip())
        first, second = first + int(a.sum()), second + int(b.sum())
    if first > 20 * second:
        return "dmy", False
    if second > 20 * first:
        return "mdy", False
    return "", False


def draft_times(
    draft: Draft,
    choices: Choices,
    aside: Aside,
    placed: places.Places | None,
    *,
    by_zone: bool = False,
) -> np.ndarray | None:
    """Local times of the rows; those without one are set aside. None where it must be asked."""
    table, found = draft.table, draft.roles
    if choices.time_zone:
        check_zone(choices.time_zone)
    if choices.time and choices.time[0].startswith("="):
        said = choices.time[0][1:].strip()
        year_alone = f"{said}-01" if re.fullmatch(r"\d{4}", said) else said
        constant = times.read_times(pd.Series([year_alone]))
        if not constant.good[0]:
            raise NewCityError(
                f"--time {choices.time[0]!r} is no date; write for example --time =2020-06"
            )
        draft.precision = "month" if constant.monthly[0] else "day"
        form = "%Y-%m" if constant.monthly[0] else "%Y-%m-%d"
        draft.constants["time"] = (
            said if year_alone != said else pd.Timestamp(constant.values[0]).strftime(form)
        )
        draft.facts.append(f"time: {said} for every row, as --time says")
        return np.repeat(constant.values, len(table))
    if by_zone and not found.time:
        return None  # crimes counted by zone need no time
    if not found.time:
        draft.questions.append(Question(
            f"{table.files[0]}: no column of times was found (columns: "
            f"{', '.join(map(str, table.frame.columns))}); name it with --time COLUMN, or give one date for "
            "all rows with --time =2020 (then sections 14 and the rhythms of 12 say nothing)",
            columns={"time": "the time (or =2020 for every row)"},
            among=list(map(str, table.frame.columns)),
        ))  # fmt: skip
        return None
    column = " + ".join(found.time)
    order, mixed = ("", False) if found.how == "parts" else _order(draft, choices)
    if by_zone and not order:
        order, mixed = "dmy", False  # no day is told apart in counts by zone
    draft.order = order
    zone = _zone_of(choices, placed)[0] if found.how == "clock" else ""
    moments = joined_times(table, found, order, zone)
    if draft.known is not None and moments.ambiguous.any():  # no row of the sample was of this form
        moments.values[moments.ambiguous] = np.datetime64("NaT")
        moments.ambiguous[:] = False
    if mixed:
        a, b = np.flatnonzero(moments.first)[0], np.flatnonzero(moments.second)[0]
        draft.questions.append(Question(
            f"{table.place(a)}, column {found.time[0]}: {table.frame[found.time[0]].iloc[a]!r} can only be "
            f"day/month ({moments.first.sum():,} such rows), but {table.place(b)}: "
            f"{table.frame[found.time[0]].iloc[b]!r} only month/day ({moments.second.sum():,}): two formats "
            "in one file; split it, or say --day-first or --month-first and the other rows are set aside",
            {"day-first": ("order", "dmy"), "month-first": ("order", "mdy")},
        ))  # fmt: skip
        return None
    if moments.ambiguous.any():
        k = int(np.flatnonzero(moments.ambiguous)[0])
        text = table.frame[found.time[0]].iloc[k]
        two = [times.read_times(pd.Series([text]), o).values[0] for o in ("dmy", "mdy")]
        both = [str(pd.Timestamp(v).strftime("%-d %B %Y")) for v in two]
        draft.questions.append(Question(
            f"{table.place(k)}, column {found.time[0]}: {text!r} is {both[0]} or {both[1]}, and no row of "
            f"the file tells which ({moments.ambiguous.sum():,} such rows); say --day-first or "
            "--month-first",
            {"day-first": ("order", "dmy"), "month-first": ("order", "mdy")},
        ))  # fmt: skip
        return None
    values = moments.values.copy()
    held = ~is_missing(table.frame[found.time[0]])
    raw = table.frame[found.time[0]].to_numpy()
    years = 1970.0 + values.astype("datetime64[Y]").astype("int64")
    years[~moments.good] = np.nan
    with np.errstate(invalid="ignore"):
        typical = np.nanmedian(years) if moments.good.any() else 2000
        odd = moments.good & ((np.abs(years - typical) > 60) | (years < 1900))
    odd |= moments.good & (values > np.datetime64(dt.datetime.now() + dt.timedelta(days=2), "s"))
    bad = (held & ~moments.good) | odd
    none = aside.put(~held, "no_time", column, "")
    wrong = aside.put(bad, "bad_time", column, raw)
    if none:
        draft.facts.append(f"{none} row(s) have no time: set aside")
    if wrong:
        k = int(np.flatnonzero(bad)[0])
        draft.facts.append(
            f"{wrong} row(s) have an impossible time: set aside ({table.place(k)}: {raw[k]!r})"
        )
    if bad.sum() > _BAD * max(held.sum(), 1):
        k = int(np.flatnonzero(bad)[0])
        draft.questions.append(Question(
            f"{table.place(k)}, column {found.time[0]}: {raw[k]!r} is no time, nor are {bad.sum() - 1:,} "
            "others; name the right column with --time, or set these rows aside",
            {"set aside": ("yes", True)}, "set aside",
        ))  # fmt: skip
    utc = moments.utc & moments.good & ~odd
    draft.only_dates = not (values[utc].astype("int64") % 86_400).any()
    if draft.known is not None:
        draft.only_dates = draft.known.only_dates
    if utc.any() and draft.only_dates:
        utc = np.zeros(len(utc), dtype=bool)  # dates alone, which software writes as midnight
    if utc.any():
        values = _local(draft, choices, placed, values, utc)
    draft.precision = _precision(draft, choices, aside, moments, values, found)
    shown = ", ".join(f"{times.SHOWN.get(k, k)}" for k, n in moments.readings.items() if n)
    told = (
        f" ({'day before month' if order == 'dmy' else 'month before day'})"
        if order and found.how != "parts"
        else ""
    )
    draft.facts.append(f"time: {column}: {shown}{told}; known to the {draft.precision}")
    return values


def check_zone(zone: str) -> None:
    """Refuse a ``--time-zone`` that is none.

    Raises
    ------
    NewCityError
        There is no zone of that name.
    """
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise NewCityError(
            f"--time-zone {zone!r} is no zone; write one such as America/Santiago"
        ) from None


def _zone_of(choices: Choices, placed: places.Places | None) -> tuple[str, str]:
    """The zone of time, stated or of the places, and why; "" where neither tells."""
    if choices.time_zone:
        return choices.time_zone, "as --time-zone says"
    if placed is None or not np.isfinite(placed.degrees).any():
        return "", ""
    try:
        from tzfpy import get_tz
    except ImportError:
        return "", ""
    lon, lat = np.nanmedian(placed.degrees, axis=0)
    return str(get_tz(float(lon), float(lat))), "the zone of the places"


def _local(
    draft: Draft,
    choices: Choices,
    placed: places.Places | None,
    values: np.ndarray,
    utc: np.ndarray,
) -> np.ndarray:
    zone, why = _zone_of(choices, placed)
    if not zone:
        draft.questions.append(Question(
            f"{draft.table.files[0]}, column {draft.roles.time[0]}: times are in universal time; state the "
            "city's zone with --time-zone, for example --time-zone America/Lima",
            {"zone": ("time_zone", None)},
        ))  # fmt: skip
        return values
    draft.time_zone = zone
    draft.facts.append(f"{int(utc.sum()):,} times in universal time became local ({zone}, {why})")
    return times.to_local(values, utc, zone)


def _precision(
    draft: Draft,
    choices: Choices,
    aside: Aside,
    moments: times.Times,
    values: np.ndarray,
    found: Any,
) -> str:
    good = moments.good & aside.kept
    if not good.any():
        return choices.precision or "day"
    if moments.monthly[good].mean() > 0.5:
        finest = "month"
    else:
        clock = moments.clock & good
        seconds = values[clock].astype("int64") % 86_400
        finest = "hour" if clock.any() and len(np.unique(seconds)) > 2 else "day"
    chosen = choices.precision or finest
    if draft.known is not None:
        finest = chosen  # a piece may hold a single hour
    if _PRECISIONS.index(chosen) > _PRECISIONS.index(finest):
        raise NewCityError(
            f"{draft.table.files[0]}, column {' + '.join(found.time)}: times are known to the {finest}, "
            f"not to the {chosen}; state --precision {finest}"
        )
    lacking = good & ~moments.clock
    if finest == "hour" and lacking.any():
        share = lacking.sum() / good.sum()
        if not choices.precision and share > _FEW_HOURS:
            chosen = "day"
        if chosen == "hour":
            aside.put(lacking, "no_hour", found.time[-1], "")
            draft.facts.append(
                f"{lacking.sum()} row(s) ({per_cent(share, 1)}) have no hour: set aside, to keep the hour of the "
                "others (--precision day keeps the rows and gives up the hours)"
            )
        elif chosen == "day":
            draft.facts.append(
                f"{lacking.sum()} row(s) ({per_cent(share, 1)}) have no hour: kept, and the time of all is known to "
                "the day (--precision hour keeps the hours and sets these rows aside)"
            )
    if chosen != "month":
        monthly = good & moments.monthly
        if aside.put(
            monthly, "bad_time", found.time[0], draft.table.frame[found.time[0]].to_numpy()
        ):
            draft.facts.append(f"{monthly.sum()} row(s) name a month and no day: set aside")
    return chosen
