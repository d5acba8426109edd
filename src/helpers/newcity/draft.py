"""From raw tables to the city that they make: decided, set aside, or asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.checks import near, per_cent
from helpers.space import degrees_words, event_hull

from . import outline, places, times
from .choices import Choices, Question
from .counting import (
    draft_counts,
    draft_kinds,
    drop_duplicates,
    drop_sums,
    drop_totals,
    spread_counts,
)
from .downloads import chosen_files
from .errors import NewCityError
from .guessing import guess
from .placing import draft_places
from .reading import read_all
from .roles import Roles, sample_of
from .state import Aside, Draft, Known
from .systems import known_crs
from .tables import RawTable, header_key, joined
from .timing import draft_times
from .words import NOT_COUNTED, words_of
from .zoning import ZoneDraft, draft_zones

__all__ = ["Draft", "Known", "best_table", "draft_of", "make_draft"]

_SAME = 0.75  # share of columns that files of one export have in common


def best_table(tables: list[RawTable]) -> tuple[RawTable, Roles, list[str]]:
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
        told = [bool(re.search(NOT_COUNTED, words_of(t.files[0].split("!")[-1]))) for t in group]
        counts = [t for t, rate in zip(group, told, strict=True) if not rate]
        rates = [t.files[0] for t, rate in zip(group, told, strict=True) if rate and counts]
        whole = joined(counts or group)
        found = guess(whole)
        score = found.scores.get("kind", 0) + found.scores.get("time", 0)
        score += found.scores.get("place", 0) + 0.2 * np.log10(max(len(whole), 1))
        ranked.append((score, whole, found, rates))
    ranked.sort(key=lambda item: -item[0])
    left = [f"{name}: rates, left alone" for name in ranked[0][3]]
    for _, other, _, _ in ranked[1:]:
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
        raise NewCityError(
            f"{choices.events.name} holds no table of crimes{why}; give the file that has a row "
            "for each crime below the names of its columns"
        )
    table, found, others = best_table(tables)
    return draft_of(table, found, choices, scratch, files, [*others, *left])


def draft_of(
    table: RawTable,
    found: Roles,
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
    draft = Draft(table, found, rows=len(table), files=list(files), known=known)
    draft.facts += _shortened(table.facts) + _shortened(left)
    for warning in table.warnings:
        draft.questions.append(Question(warning, {"go on": ("yes", True)}, "go on"))
    if known is None:
        _apply_flags(draft, choices)
    aside = Aside(table)
    window = None
    if choices.boundary is not None:
        window = _boundary_of(choices.boundary, scratch, draft)
    zones = None
    if choices.zones is None and _is_of_areas(table, found):
        zones = draft_zones([table], table, choices.key, choices.zone or choices.key, set())
        draft.facts += zones.facts
        draft.zones = zones
    elif choices.zones is not None:
        zone_tables, _, zone_files = read_all(choices.zones, scratch)
        draft.files += zone_files
        zones = draft_zones(
            zone_tables, table, choices.key, choices.zone, {*found.time, found.kind}
        )
        draft.facts += zones.facts
        draft.zones = zones
    drop_duplicates(draft, aside, known)
    if zones is not None and zones.column:
        drop_sums(draft, aside, zones.column, zones.codes)
    placed = draft_places(draft, choices, aside, window, zones, known)
    by_zone = placed is None and zones is not None and bool(zones.column)
    moments = draft_times(draft, choices, aside, placed, by_zone=by_zone)
    kinds = draft_kinds(draft, choices, aside)
    count = draft_counts(draft, aside)
    if known is None and (left := _left_out(table, found, zones)):
        draft.facts.append(f"left out: {', '.join(left)}")
    if placed is None and zones is None:
        return draft
    if zones is not None and placed is None:
        if not zones.column:
            draft.questions.append(Question(
                f"{table.files[0]}: the crimes have neither places nor a code of these zones "
                f"({zones.key} of the zones holds {zones.table['zone'].iloc[0]!r}, which joins no column; "
                f"it has {', '.join(map(str, table.frame.columns))}); name the columns with --key and --zone",
                columns={"zone": "the code of the zone"}, among=list(map(str, table.frame.columns)),
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


def _is_of_areas(table: RawTable, found: Roles) -> bool:
    """Whether the file's own geometry is the zones that its rows count."""
    if table.points is None or found.x or found.point or table.crs is None:
        return False
    kinds = {s.geom_type for s in table.points if s is not None}
    return bool(kinds) and kinds <= {"Polygon", "MultiPolygon"}


def _left_out(table: RawTable, found: Roles, zones: ZoneDraft | None) -> list[str]:
    """Columns that no layer takes."""
    used = found.columns()
    if found.spread is not None:
        used |= set(found.spread.totals)
    if zones is not None:
        used |= {zones.column, zones.key}
    return [str(name) for name in table.frame.columns if name not in used]


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
        sample = sample_of(draft.table)
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


def _zones_only(
    draft: Draft, aside: Aside, zones: ZoneDraft, kinds: pd.Series, count: np.ndarray
) -> None:
    strange = (zones.codes == "") & aside.kept
    aside.put(strange, "unknown_zone", zones.column, draft.table.frame[zones.column].to_numpy())
    if strange.any():
        k = int(np.flatnonzero(strange)[0])
        draft.facts.append(
            f"{strange.sum()} row(s) have a code that is no zone: set aside "
            f"({draft.table.place(k)}: {draft.table.frame[zones.column].iloc[k]!r})"
        )
    drop_totals(draft, aside, zones.codes, count)
    kept = aside.kept
    if draft.roles.spread is not None:
        zones.count(*spread_counts(draft, kept, kinds, zones.codes))
        if draft.roles.spread.whole:
            zones.count_all(zones.codes[kept], count[kept])
    else:
        zones.count(zones.codes[kept], kinds[kept], count[kept])
    centroid = shapely.get_coordinates(shapely.centroid(zones.degrees))
    draft.crs = places.city_system([pyproj.CRS(zones.crs)], centroid)
    zones.metres = outline.moved(zones.degrees.copy(), pyproj.CRS.from_epsg(4326), draft.crs)


def _finish(
    draft: Draft, choices: Choices, aside: Aside, placed: places.Places, values: np.ndarray,
    kinds: pd.Series, count: np.ndarray, window: Any, zones: ZoneDraft | None, known: Known | None,
) -> None:  # fmt: skip
    if known is not None and not aside.kept.any():
        draft.crs, draft.rejected = known.crs, aside.frame()
        return
    given = [known_crs(choices.crs)] if choices.crs else []
    if known is not None:
        given = [known.crs]
    candidates = [*given, placed.source, *([pyproj.CRS(zones.crs)] if zones is not None else [])]
    draft.crs = places.city_system(candidates, placed.degrees) if known is None else known.crs
    if known is None:
        error = places.scale_error(draft.crs, placed.degrees)
        if error > places.SCALE_ERROR:
            draft.facts.append(
                f"the places span more than a UTM zone: lengths are wrong by up to {per_cent(error, 1)}"
            )
        draft.facts.append(
            f"measured in {draft.crs.to_string()} ({draft.crs.name}), scale error {per_cent(error, 2)}"
        )
    change = pyproj.Transformer.from_crs("EPSG:4326", draft.crs, always_xy=True)
    if placed.source == draft.crs and not placed.mended.any():
        xy = None if placed.facts else np.column_stack([placed.x, placed.y])
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
                f"{draft.table.place(k)}: ({degrees_words(*placed.degrees[k])}) lies "
                f"outside the boundary, and so do all others; the boundary lies around ("
                f"{degrees_words(mid.x, mid.y)}); give the boundary of this city, or correct --crs"
            )
        count_out = aside.put(out, "outside", "boundary", placed.told(out))
        if count_out:
            draft.facts.append(f"{count_out} row(s) lie outside the boundary: set aside")
        draft.boundary = outline.moved(
            np.array([window], dtype=object), pyproj.CRS.from_epsg(4326), draft.crs
        )[0]
    if zones is not None:
        zones.metres = outline.moved(zones.degrees.copy(), pyproj.CRS.from_epsg(4326), draft.crs)
        if window is None and known is None and not zones.holds(placed.degrees[aside.kept]):
            there = shapely.get_coordinates(shapely.centroid(zones.extent))[0]
            here = np.nanmedian(placed.degrees, axis=0)
            raise NewCityError(
                f"{draft.table.files[0]}: the rows lie around {degrees_words(*here)}, and none of them in a zone; "
                f"the zones lie around {degrees_words(*there)}; give the zones of this city, or correct --crs"
            )
    kept = aside.kept
    if not kept.any() and known is None:
        if draft.questions:
            raise NewCityError(draft.questions[-1].text)
        raise NewCityError(
            f"{draft.table.files[0]}: no row is usable; see what was set aside: {aside.tally()}"
        )
    rows = np.flatnonzero(kept)
    frame = pd.DataFrame({
        "kind": kinds.to_numpy()[rows],
        "time": times.time_texts(values[rows], draft.precision),
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
