"""From raw tables to the city that they make: decided, set aside, or asked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.checks import near
from helpers.sources import is_missing
from helpers.space import event_hull

from . import outline, places, roles, times
from .cells import maybe_thousands, numbers, safe_text
from .choices import Choices, Question
from .downloads import chosen_files
from .errors import NewCityError
from .reading import read_all
from .tables import RawTable, header_key, joined
from .zoning import ZoneDraft, draft_zones

_FEW_HOURS = 0.05  # more rows without an hour than this are kept, and the hour is given up
_BAD = 0.3
_SAME = 0.75  # share of columns that files of one export have in common
_PRECISIONS = ("month", "day", "hour")


@dataclass
class Draft:
    """A city before it is written.

    Attributes
    ----------
    table : RawTable
    roles : Roles
    events : DataFrame or None
        ``kind``, ``time``, ``x``, ``y`` (metres), ``zone``, ``row``; None for a city of counts.
    rejected : DataFrame
        ``file``, ``row``, ``reason``, ``column``, ``value``.
    rows : int
        Rows of data; what is usable and what is rejected add up to it.
    usable : int
    precision : str
    crs : CRS or None
        Of the city.
    source : CRS or None
        Of the coordinates in the file.
    boundary : geometry or None
        In metres; `derived` says whether it was drawn around the events.
    zones : ZoneDraft or None
    questions : list of Question
    facts : list of str
        All decisions, in sentences.
    files : list of Path
        The originals.
    degrees : ndarray or None
        Places of the usable rows.
    order : str
        Of day and month.
    parts : list of (Path, str)
        Tables written already, piece by piece, with their names in the folder.
    tally : dict
        Of a large file: rows set aside, by reason.
    constants : dict
        One value for all rows, of the kind or the time.
    """

    table: RawTable
    roles: roles.Roles
    rows: int = 0
    usable: int = 0
    events: pd.DataFrame | None = None
    rejected: pd.DataFrame = field(default_factory=pd.DataFrame)
    precision: str = ""
    crs: pyproj.CRS | None = None
    source: pyproj.CRS | None = None
    boundary: Any = None
    derived: bool = False
    margin: float = 0.0
    zones: ZoneDraft | None = None
    questions: list[Question] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    time_zone: str = ""
    degrees: Any = None
    order: str = ""
    parts: list[tuple[Path, str]] = field(default_factory=list)
    tally: dict[str, int] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    def reasons(self) -> dict[str, int]:
        """How many rows were set aside for which reason, the commonest first."""
        if self.tally or not len(self.rejected):
            return dict(sorted(self.tally.items(), key=lambda item: -item[1]))
        return {str(k): int(n) for k, n in self.rejected["reason"].value_counts().items()}


def best_table(tables: list[RawTable]) -> tuple[RawTable, roles.Roles, list[str]]:
    """The tables that hold crimes, joined; their roles; what was left alone."""
    groups: list[list[RawTable]] = []
    for table in tables:
        mine = header_key(table)
        for group in groups:
            its = header_key(group[0])
            if len(mine & its) >= _SAME * len(mine | its):
                group.append(table)
                break
        else:
            groups.append([table])
    ranked = []
    for group in groups:
        whole = joined(group)
        found = roles.guess(whole)
        score = found.scores.get("kind", 0) + found.scores.get("time", 0)
        score += found.scores.get("place", 0) + 0.2 * np.log10(max(len(whole), 1))
        ranked.append((score, whole, found))
    ranked.sort(key=lambda item: -item[0])
    left = []
    for _, other, _ in ranked[1:]:
        names = list(dict.fromkeys(other.files))
        more = f" and {len(names) - 1} more of the same columns" if len(names) > 1 else ""
        left.append(f"{names[0]}{more}: {len(other):,} rows of other columns, left alone")
    return ranked[0][1], ranked[0][2], left


def make_draft(choices: Choices, scratch: Path) -> Draft:
    """Read everything, decide what the files tell, and list what only a person knows.

    Raises
    ------
    NewCityError
        A file cannot be read, or a flag names what is not there.
    """
    tables, left, files = read_all(choices.events, scratch, chosen_files(choices))
    if not tables:
        why = f" ({'; '.join(left[:4])})" if left else ""
        raise NewCityError(f"{choices.events.name} holds no table of crimes{why}")
    table, found, others = best_table(tables)
    return draft_of(table, found, choices, scratch, files, [*others, *left])


@dataclass
class Known:
    """What is known of a file before one of its pieces is read.

    Attributes
    ----------
    degrees : ndarray
        Places of the city, from a sample of the whole file.
    seen : ndarray of uint64
        Hashes of the rows before, sorted.
    crs : CRS
        Of the city.
    """

    degrees: np.ndarray
    seen: np.ndarray
    crs: pyproj.CRS


def draft_of(
    table: RawTable,
    found: roles.Roles,
    choices: Choices,
    scratch: Path,
    files: list[Path],
    left: list[str],
    known: Known | None = None,
) -> Draft:
    """Draft a city from one table whose roles are guessed.

    Parameters
    ----------
    table, found, choices, scratch
    files : list of Path
        The originals.
    left : list of str
        What was left alone, for the facts.
    known : Known, optional
        Where the table is a piece of a large file.
    """
    draft = Draft(table, found, rows=len(table), files=list(files))
    draft.facts += _shortened(table.facts) + _shortened(left)
    for warning in table.warnings:
        draft.questions.append(Question(warning, {"go on": ("yes", True)}, "go on"))
    _apply_flags(draft, choices)
    aside = _Aside(table)
    window = None
    if choices.boundary is not None:
        window = _boundary_of(choices.boundary, scratch, draft)
    zones = None
    if choices.zones is not None:
        zone_tables, _, zone_files = read_all(choices.zones, scratch)
        draft.files += zone_files
        zones = draft_zones(
            zone_tables, table, choices.key, choices.zone, {*found.time, found.kind}
        )
        draft.facts += zones.facts
        draft.zones = zones
    _duplicates(draft, aside, known)
    placed = _places(draft, choices, aside, window, zones, known)
    moments = _times(draft, choices, aside, placed)
    kinds = _kinds(draft, choices)
    count = _counts(draft, aside)
    if placed is None and zones is None:
        return draft
    if zones is not None and placed is None:
        if not zones.column:
            draft.questions.append(Question(
                f"{table.files[0]}: the crimes have neither places nor a code of these zones "
                f"({zones.key} of the zones holds {zones.table['zone'].iloc[0]!r}, which joins no column; "
                f"it has {', '.join(map(str, table.frame.columns))}); name the columns with --key and --zone"
            ))  # fmt: skip
            return draft
        _zones_only(draft, aside, zones, kinds, count)
        draft.rejected = aside.frame()
        draft.usable = draft.rows - len(draft.rejected)
        return draft
    assert placed is not None
    if moments is None:
        return draft
    draft.degrees = placed.degrees[aside.kept]
    _finish(draft, choices, aside, placed, moments, kinds, count, window, zones, known)
    return draft


class _Aside:
    """Rows set aside, each once, with the first reason."""

    def __init__(self, table: RawTable) -> None:
        self.table = table
        self.reason = np.full(len(table), "", dtype=object)
        self.column = np.full(len(table), "", dtype=object)
        self.value = np.full(len(table), "", dtype=object)

    @property
    def kept(self) -> np.ndarray:
        return self.reason == ""

    def put(self, rows: np.ndarray, reason: Any, column: str, value: Any) -> int:
        """Set rows aside; how many were not already."""
        fresh = rows & self.kept
        self.reason[fresh] = reason[fresh] if isinstance(reason, np.ndarray) else reason
        self.column[fresh] = column
        self.value[fresh] = value[fresh] if isinstance(value, np.ndarray) else value
        return int(fresh.sum())

    def frame(self) -> pd.DataFrame:
        rows = np.flatnonzero(~self.kept)
        return pd.DataFrame({
            "file": self.table.files[rows], "row": self.table.rows[rows], "reason": self.reason[rows],
            "column": self.column[rows], "value": safe_text(pd.Series(self.value[rows], dtype=object).astype(str)).to_numpy(),
        })  # fmt: skip


def _shortened(facts: list[str], most: int = 12) -> list[str]:
    return (
        facts
        if len(facts) <= most
        else [*facts[:most], f"… and {len(facts) - most} more such files"]
    )


def _known(draft: Draft, column: str, flag: str) -> str:
    names = list(draft.table.frame.columns)
    if column in names:
        return column
    folded = {name.casefold(): name for name in names}
    if column.casefold() in folded:
        return folded[column.casefold()]
    hint = (
        near(column, names)
        or f"; it has {', '.join(names[:12])}{', …' if len(names) > 12 else ''}."
    )
    raise NewCityError(
        f"{draft.table.files[0]}: no column {column!r} for --{flag}{hint} Correct --{flag}"
    )


def _apply_flags(draft: Draft, choices: Choices) -> None:
    found = draft.roles
    if choices.kind and not choices.kind.startswith("="):
        found.kind = _known(draft, choices.kind, "kind")
    if choices.time and not choices.time[0].startswith("="):
        found.time = [_known(draft, name, "time") for name in choices.time]
        sample = roles.sample_of(draft.table)
        whole = times.read_times(sample[found.time[0]])
        if len(found.time) == 1:
            found.how = "one"
        elif (
            len(found.time) == 2 and whole.good.mean() > 0.2 and not _is_year(sample[found.time[0]])
        ):
            found.how = "clock"
        else:
            found.how = "parts"
    for name in ("x", "y"):
        if value := getattr(choices, name):
            setattr(found, name, _known(draft, value, name))
            found.point = ""
    if choices.count:
        found.count = _known(draft, choices.count, "count")
    if choices.id:
        found.ids = [_known(draft, choices.id, "id")]


def _is_year(texts: pd.Series) -> bool:
    return bool(texts.str.fullmatch(r"(19|20)\d\d").mean() > 0.8)


def _boundary_of(path: Path, scratch: Path, draft: Draft) -> Any:
    tables, _, files = read_all(path, scratch)
    draft.files += files
    spatial = [t for t in tables if t.points is not None]
    if not spatial:
        raise NewCityError(
            f"{path.name} holds no polygons; give GeoJSON, GeoPackage or a shapefile"
        )
    return shapely.union_all(outline.polygons_in_degrees(spatial[0], "boundary"))


def _duplicates(draft: Draft, aside: _Aside, known: Known | None) -> None:
    table, ids = draft.table, draft.roles.ids
    if not ids:
        draft.facts.append(
            "no column numbers the crimes: equal rows stay, for they may be separate crimes"
        )
        return
    hashes = pd.util.hash_pandas_object(table.frame.astype(str), index=False).to_numpy()
    if table.points is not None:
        wkb = pd.Series(shapely.to_wkb(table.points)).map(hash).fillna(0).to_numpy(dtype="int64")
        hashes = hashes ^ wkb.astype("uint64")
    again = pd.Series(hashes).duplicated().to_numpy()
    if known is not None:
        again = again | np.isin(hashes, known.seen)
        known.seen = np.union1d(known.seen, hashes)
    named = np.zeros(len(table), dtype=bool)
    for name in ids:
        named |= ~is_missing(table.frame[name])
    twice = again & named
    count = aside.put(twice, "duplicate", ids[0], table.frame[ids[0]].to_numpy())
    if count:
        draft.facts.append(f"{count} row(s) are whole rows again, with their {ids[0]}: set aside")


def _raw_xy(draft: Draft) -> tuple[np.ndarray, np.ndarray] | None:
    table, found = draft.table, draft.roles
    if found.x and found.y:
        x, x_sign = numbers(table.frame[found.x])
        y, y_sign = numbers(table.frame[found.y])
        for sign in {x_sign, y_sign} - {""}:
            x, _ = numbers(table.frame[found.x], partner=sign)
            y, _ = numbers(table.frame[found.y], partner=sign)
            draft.facts.append(f"{sign!r} parts the thousands of {found.x} and {found.y}")
        if not (x_sign or y_sign):
            both = {maybe_thousands(table.frame[found.x]), maybe_thousands(table.frame[found.y])}
            if len(both) == 1 and "" not in both:
                draft.facts.append(
                    f"every {found.x} and {found.y} has three digits behind {both.pop()!r}, "
                    "read as decimals"
                )
        return x, y
    if found.point:
        x, y = roles.split_point(table.frame[found.point])
        if (
            np.nanmax(np.abs(y), initial=0) > 90
            or not table.frame[found.point].str.contains("POINT", case=False).any()
        ):
            x, y = y, x  # portals write (latitude, longitude)
        return x, y
    if table.points is None:
        return None
    kinds = np.array(
        [s.geom_type if s is not None and not s.is_empty else "" for s in table.points]
    )
    x, y = np.full(len(table), np.nan), np.full(len(table), np.nan)
    single = kinds == "Point"
    if (kinds == "MultiPoint").any():
        table.points[kinds == "MultiPoint"] = [
            shapely.centroid(s) for s in table.points[kinds == "MultiPoint"]
        ]
        single |= kinds == "MultiPoint"
    if not single.any():
        return None
    x[single], y[single] = shapely.get_x(table.points[single]), shapely.get_y(table.points[single])
    return x, y


def _known_crs(text: str) -> pyproj.CRS:
    try:
        crs = pyproj.CRS.from_user_input(text if ":" in text else f"EPSG:{text}")
    except pyproj.exceptions.CRSError:
        raise NewCityError(
            f"--crs {text} is no known system; look its number up at epsg.org"
        ) from None
    if not (crs.is_geographic or crs.is_projected) or len(crs.axis_info) < 2:
        raise NewCityError(f"--crs {text} ({crs.name}) is no system of places on the ground")
    return crs


def _places(
    draft: Draft,
    choices: Choices,
    aside: _Aside,
    window: Any,
    zones: ZoneDraft | None,
    known: Known | None,
) -> places.Places | None:
    table, found = draft.table, draft.roles
    raw = _raw_xy(draft)
    if raw is None:
        if zones is None:
            draft.questions.append(Question(
                f"{table.files[0]}: no columns of coordinates were found (columns: "
                f"{', '.join(map(str, table.frame.columns))}); name them with --x and --y, or give the "
                "zones that its codes belong to with --zones FILE --key COLUMN"
            ))  # fmt: skip
        return None
    x, y = raw
    given = _known_crs(choices.crs) if choices.crs else None
    share = places.is_in_degrees(x, y)
    own = table.crs if not found.x and not found.point else None
    if np.isnan(share) and known is None:
        draft.questions.append(
            Question(f"{table.files[0]}: no row has coordinates; name others with --x and --y")
        )
        return None
    if own is not None:
        draft.source = pyproj.CRS(own)
    elif share > 0.5 or (np.isnan(share) and given is None):
        draft.source = (
            given if given is not None and given.is_geographic else pyproj.CRS.from_epsg(4326)
        )
    elif given is not None and given.is_projected:
        draft.source = given
    else:
        return _unnamed_system(draft, choices, aside, x, y, window)
    try:
        placed = places.place_rows(x, y, draft.source, None if known is None else known.degrees)
    except NewCityError as error:
        raise NewCityError(f"{table.files[0]}: {error}") from None
    return _told_places(draft, aside, placed)


def _unnamed_system(
    draft: Draft, choices: Choices, aside: _Aside, x: np.ndarray, y: np.ndarray, window: Any
) -> places.Places | None:
    found = draft.roles
    shown = f"columns {found.x} and {found.y}" if found.x else "its geometry"
    k = (
        int(np.flatnonzero(np.isfinite(x) & (np.abs(x) > 1000))[0])
        if (np.abs(x) > 1000).any()
        else 0
    )
    text = (
        f"{draft.table.place(k)}, {shown}: ({x[k]:.10g}, {y[k]:.10g}) are no degrees, and no file "
        "names their system; state it with --crs EPSG:… (the portal's page or epsg.org tells)"
    )
    area = window
    if area is None and draft.zones is not None:
        area = draft.zones.extent
    if area is not None:
        fits = places.systems_that_fit(x, y, area)
        names = [crs.to_string() for _, crs in fits]
        if fits and fits[0][0] > 0.5:
            best = fits[0][1]
            draft.facts.append(
                f"no file names the system of {shown}: {best.to_string()} ({best.name}) puts "
                f"{fits[0][0]:.0%} of the rows inside the outline"
                + (f", as do {', '.join(names[1:4])}" if names[1:] else "")
            )
            draft.source = best
            return _told_places(draft, aside, places.place_rows(x, y, best))
    draft.questions.append(Question(text, {"EPSG:": ("crs", None)}))
    return None


def _told_places(draft: Draft, aside: _Aside, placed: places.Places) -> places.Places:
    source, found = placed.source, draft.roles
    code = source.to_string() if source.to_epsg() else source.name
    draft.facts += placed.facts
    column = f"{found.x}, {found.y}" if found.x else found.point or "geometry"
    unit = source.axis_info[0].unit_name
    draft.facts.append(f"coordinates: {column} in {code} ({source.name}, {unit})")
    for reason, told in (
        ("no_place", "have no place (blank, a code for none, or zero)"),
        ("remote", "lie more than 100 km from all others"),
        ("other_system", "are in another system than the rest"),
    ):
        rows = placed.reasons == reason
        count = aside.put(rows, reason, column, placed.details)
        if count:
            k = int(np.flatnonzero(rows)[0])
            draft.facts.append(
                f"{count} row(s) {told}: set aside ({draft.table.place(k)}: {placed.details[k]})"
            )
    other = int((placed.reasons == "other_system").sum())
    if other > 0.05 * draft.rows:
        k = int(np.flatnonzero(placed.reasons == "other_system")[0])
        draft.questions.append(Question(
            f"{draft.table.place(k)}, {column}: {placed.details[k]} is in another system than most rows "
            f"({other:,} such rows); split the file, or set them aside",
            {"set aside": ("yes", True)}, "set aside",
        ))  # fmt: skip
    if placed.mended.any():
        k = int(np.flatnonzero(placed.mended)[0])
        draft.facts.append(
            f"{placed.mended.sum()} row(s) had x and y exchanged, and were mended "
            f"({draft.table.place(k)}: {placed.details[k]})"
        )
    return placed


def _order(draft: Draft, choices: Choices) -> tuple[str, bool]:
    """Order of day and month, and whether the file mixes both orders."""
    if choices.order:
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


def _times(
    draft: Draft, choices: Choices, aside: _Aside, placed: places.Places | None
) -> np.ndarray | None:
    table, found = draft.table, draft.roles
    if choices.time and choices.time[0].startswith("="):
        said = choices.time[0][1:]
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
    if not found.time:
        draft.questions.append(Question(
            f"{table.files[0]}: no column of times was found (columns: "
            f"{', '.join(map(str, table.frame.columns))}); name it with --time COLUMN, or give one date for "
            "all rows with --time =2020 (then sections 14 and the rhythms of 12 say nothing)",
            {"=": ("time", None)},
        ))  # fmt: skip
        return None
    column = " + ".join(found.time)
    order, mixed = ("", False) if found.how == "parts" else _order(draft, choices)
    draft.order = order
    moments = roles.joined_times(table, found, order)
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
    years = pd.DatetimeIndex(values).year.to_numpy()
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
    if utc.any():
        values = _local(draft, choices, placed, values, utc)
    draft.precision = _precision(draft, choices, aside, moments, values, found)
    shown = ", ".join(f"{times.SHOWN.get(k, k)}" for k, n in moments.readings.items() if n)
    told = f" ({'day before month' if order == 'dmy' else 'month before day'})" if order else ""
    draft.facts.append(f"time: {column}: {shown}{told}; known to the {draft.precision}")
    return values


def _local(
    draft: Draft,
    choices: Choices,
    placed: places.Places | None,
    values: np.ndarray,
    utc: np.ndarray,
) -> np.ndarray:
    import zoneinfo

    zone = choices.time_zone
    why = "as --time-zone says"
    if not zone and placed is not None:
        lon, lat = np.nanmedian(placed.degrees, axis=0)
        try:
            from tzfpy import get_tz

            zone, why = get_tz(float(lon), float(lat)), "the zone of the places"
        except ImportError:
            zone = ""
    if not zone:
        draft.questions.append(Question(
            f"{draft.table.files[0]}, column {draft.roles.time[0]}: times are in universal time; state the "
            "city's zone with --time-zone, for example --time-zone America/Lima",
            {"zone": ("time_zone", None)},
        ))  # fmt: skip
        return values
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise NewCityError(
            f"--time-zone {zone!r} is no zone; write one such as America/Santiago"
        ) from None
    draft.time_zone = zone
    draft.facts.append(f"{int(utc.sum()):,} times in universal time became local ({zone}, {why})")
    return times.to_local(values, utc, zone)


def _precision(
    draft: Draft,
    choices: Choices,
    aside: _Aside,
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
                f"{lacking.sum()} row(s) ({share:.1%}) have no hour: set aside, to keep the hour of the "
                "others (--precision day keeps the rows and gives up the hours)"
            )
        elif chosen == "day":
            draft.facts.append(
                f"{lacking.sum()} row(s) ({share:.1%}) have no hour: kept, and the time of all is known to "
                "the day (--precision hour keeps the hours and sets these rows aside)"
            )
    if chosen != "month":
        monthly = good & moments.monthly
        if aside.put(
            monthly, "bad_time", found.time[0], draft.table.frame[found.time[0]].to_numpy()
        ):
            draft.facts.append(f"{monthly.sum()} row(s) name a month and no day: set aside")
    return chosen


def _kinds(draft: Draft, choices: Choices) -> pd.Series:
    table, found = draft.table, draft.roles
    constant = choices.kind[1:] if choices.kind.startswith("=") else ""
    if not constant and not found.kind:
        draft.questions.append(Question(
            f"{table.files[0]}: no column of kinds was found (columns: "
            f"{', '.join(map(str, table.frame.columns))}); name it with --kind COLUMN, or call every row one "
            "kind with --kind =crime (then nothing is told by kind in 12, 13 and 16)",
            {"=crime": ("kind", "=crime")}, "=crime",
        ))  # fmt: skip
        constant = "crime"
    if constant:
        draft.constants["kind"] = constant
        draft.facts.append(f"kind: {constant!r} for every row")
        return pd.Series(np.full(len(table), constant, dtype=object))
    texts = table.frame[found.kind]
    missing = is_missing(texts)
    kinds = safe_text(texts).mask(pd.Series(missing), "unknown")
    kinds = kinds.mask(kinds.eq(""), "unknown")
    draft.facts.append(f"kind: {found.kind}, {found.why.get('kind', 'as --kind says')}")
    if missing.any():
        draft.facts.append(f"{missing.sum()} row(s) have no kind: kept as 'unknown'")
    return kinds


def _counts(draft: Draft, aside: _Aside) -> np.ndarray:
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


def _zones_only(
    draft: Draft, aside: _Aside, zones: ZoneDraft, kinds: pd.Series, count: np.ndarray
) -> None:
    strange = zones.codes == ""
    aside.put(strange, "unknown_zone", zones.column, draft.table.frame[zones.column].to_numpy())
    if strange.any():
        k = int(np.flatnonzero(strange)[0])
        draft.facts.append(
            f"{strange.sum()} row(s) have a code that is no zone: set aside "
            f"({draft.table.place(k)}: {draft.table.frame[zones.column].iloc[k]!r})"
        )
    kept = aside.kept
    zones.count(zones.codes[kept], kinds[kept], count[kept])
    centroid = shapely.get_coordinates(shapely.centroid(zones.degrees))
    draft.crs = places.city_system([pyproj.CRS(zones.crs)], centroid)
    zones.metres = outline.moved(zones.degrees.copy(), pyproj.CRS.from_epsg(4326), draft.crs)


def _finish(
    draft: Draft, choices: Choices, aside: _Aside, placed: places.Places, values: np.ndarray,
    kinds: pd.Series, count: np.ndarray, window: Any, zones: ZoneDraft | None, known: Known | None,
) -> None:  # fmt: skip
    if known is not None and not aside.kept.any():
        draft.crs, draft.rejected = known.crs, aside.frame()
        return
    given = [_known_crs(choices.crs)] if choices.crs else []
    if known is not None:
        given = [known.crs]
    candidates = [*given, placed.source, *([pyproj.CRS(zones.crs)] if zones is not None else [])]
    draft.crs = places.city_system(candidates, placed.degrees) if known is None else known.crs
    error = places.scale_error(draft.crs, placed.degrees)
    if error > places.SCALE_ERROR:
        draft.facts.append(
            f"the places span more than a UTM zone: lengths are wrong by up to {error:.1%}"
        )
    draft.facts.append(
        f"measured in {draft.crs.to_string()} ({draft.crs.name}), scale error {error:.2%}"
    )
    change = pyproj.Transformer.from_crs("EPSG:4326", draft.crs, always_xy=True)
    if placed.source == draft.crs and not placed.mended.any():
        raw = _raw_xy(draft)
        xy = np.column_stack(raw) if raw is not None and not placed.facts else None
    else:
        xy = None
    if xy is None:
        xy = np.column_stack(change.transform(placed.degrees[:, 0], placed.degrees[:, 1]))
    inside_of = window
    if inside_of is not None:
        shapely.prepare(inside_of)
        out = ~shapely.intersects_xy(inside_of, placed.degrees[:, 0], placed.degrees[:, 1])
        fresh = aside.kept & out
        if fresh.sum() == aside.kept.sum() and known is None:
            k = int(np.flatnonzero(fresh)[0]) if fresh.any() else 0
            mid = shapely.centroid(inside_of)
            raise NewCityError(
                f"{draft.table.place(k)}: ({placed.degrees[k, 0]:.4f}, {placed.degrees[k, 1]:.4f}) lies "
                f"outside the boundary, and so do all others; the boundary lies around ({mid.x:.4f}, "
                f"{mid.y:.4f}); give the boundary of this city, or correct --crs"
            )
        count_out = aside.put(out, "outside", "boundary", placed.details)
        if count_out:
            draft.facts.append(f"{count_out} row(s) lie outside the boundary: set aside")
        draft.boundary = outline.moved(
            np.array([window], dtype=object), pyproj.CRS.from_epsg(4326), draft.crs
        )[0]
    if zones is not None:
        zones.metres = outline.moved(zones.degrees.copy(), pyproj.CRS.from_epsg(4326), draft.crs)
    kept = aside.kept
    if not kept.any() and known is None:
        raise NewCityError(
            f"{draft.table.files[0]}: no row is usable; see what was set aside: {_tally(aside)}"
        )
    rows = np.flatnonzero(kept)
    form = {"month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%d %H:%M"}[draft.precision]
    frame = pd.DataFrame({
        "kind": kinds.to_numpy()[rows],
        "time": pd.DatetimeIndex(values[rows]).strftime(form),
        "x": np.round(xy[rows, 0], 2), "y": np.round(xy[rows, 1], 2),
        "file": draft.table.files[rows], "row": draft.table.rows[rows],
    })  # fmt: skip
    if draft.roles.count:
        frame.insert(4, "count", count[rows])
    draft.events = frame
    if draft.boundary is None and zones is None and known is None:
        draft.boundary, draft.margin = event_hull(frame[["x", "y"]].to_numpy())
        draft.derived = True
        draft.facts.append(
            f"no boundary given: a hull around the events with a margin of {draft.margin:.0f} m, "
            f"{draft.boundary.area / 1e6:,.1f} km² (status derived; --boundary FILE gives the real one)"
        )
    draft.rejected = aside.frame()
    draft.usable = draft.rows - len(draft.rejected)


def _tally(aside: _Aside) -> str:
    counts = pd.Series(aside.reason[~aside.kept]).value_counts()
    return ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
