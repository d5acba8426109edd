"""Where the rows of a draft are: their system found, those without a place set aside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import shapely

from helpers.checks import per_cent
from helpers.space import degrees_words

from . import places
from .cells import maybe_thousands, numbers
from .choices import Choices, Question
from .errors import NewCityError
from .points import split_point
from .state import Aside, Draft, Known
from .systems import known_crs, outside_its_area
from .zoning import ZoneDraft

_XY = {"x": "longitude or easting", "y": "latitude or northing"}


def raw_xy(draft: Draft) -> tuple[np.ndarray, np.ndarray] | None:
    """Coordinates as the file has them, NaN where a cell is no number; None where it has none."""
    table, found = draft.table, draft.roles
    if found.x and found.y:
        told = found.sign if draft.known is not None else ""
        x, x_sign = numbers(table.frame[found.x], partner=told)
        y, y_sign = numbers(table.frame[found.y], partner=told)
        found.sign = x_sign or y_sign or found.sign
        for sign in {x_sign, y_sign, found.sign} - {"", told}:
            x, _ = numbers(table.frame[found.x], partner=sign)
            y, _ = numbers(table.frame[found.y], partner=sign)
            draft.facts.append(f"{sign!r} parts the thousands of {found.x} and {found.y}")
        if not (x_sign or y_sign) and draft.known is None:
            both = {maybe_thousands(table.frame[found.x]), maybe_thousands(table.frame[found.y])}
            if len(both) == 1 and "" not in both:
                draft.facts.append(
                    f"every {found.x} and {found.y} has three digits behind {both.pop()!r}, "
                    "read as decimals"
                )
        return x, y
    if found.point:
        return split_point(table.frame[found.point], found.point)
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


def draft_places(
    draft: Draft,
    choices: Choices,
    aside: Aside,
    window: Any,
    zones: ZoneDraft | None,
    known: Known | None,
) -> places.Places | None:
    """Bring the rows to degrees and set aside those without a place; None where it must be asked."""
    table, found = draft.table, draft.roles
    raw = raw_xy(draft)
    if raw is None:
        if zones is None and len(found.one_place) == 2:
            a, b = table.frame[found.one_place].value_counts().index[0]
            names = found.one_place
            draft.questions.append(Question(
                f"{table.place(0)}, columns {names[0]} and {names[1]}: the rows are at one place or two, ({a}, {b}), "
                "such as the middle of the city, which says nothing about where; name other columns with --x and --y, give "
                "the zones that its codes belong to with --zones FILE --key COLUMN, or go on "
                "with these "
                f"with --x {names[0]!r} --y {names[1]!r}",
                columns=_XY, among=list(map(str, table.frame.columns)),
            ))  # fmt: skip
        elif zones is None:
            draft.questions.append(Question(
                f"{table.files[0]}: no columns of coordinates were found (columns: "
                f"{', '.join(map(str, table.frame.columns))}); name them with --x and --y, or give the "
                "zones that its codes belong to with --zones FILE --key COLUMN",
                columns=_XY, among=list(map(str, table.frame.columns)),
            ))  # fmt: skip
        return None
    x, y = raw
    if known is not None:
        draft.source = known.source
        return _told_places(
            draft, aside, places.place_rows(x, y, known.source, known.degrees, window)
        )
    given = known_crs(choices.crs) if choices.crs else None
    share = places.is_in_degrees(x, y)
    own = table.crs if not found.x and not found.point else None
    if np.isnan(share):
        draft.questions.append(
            Question(
                f"{table.files[0]}: no row has coordinates; name others with --x and --y",
                columns=_XY,
                among=list(map(str, table.frame.columns)),
            )
        )
        return None
    if own is not None:
        draft.source = pyproj.CRS(own)
    elif share > 0.5:
        draft.source = (
            given if given is not None and given.is_geographic else pyproj.CRS.from_epsg(4326)
        )
    elif given is not None and given.is_projected:
        draft.source = given
    else:
        return _unnamed_system(draft, choices, aside, x, y, window)
    try:
        placed = places.place_rows(x, y, draft.source, None, window)
    except NewCityError as error:
        raise NewCityError(f"{table.files[0]}: {error}") from None
    return _told_places(draft, aside, placed)


def _unnamed_system(
    draft: Draft, choices: Choices, aside: Aside, x: np.ndarray, y: np.ndarray, window: Any
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
        if fits and fits[0][0] > 0.5:
            best = fits[0][1]
            draft.facts.append(
                f"no file names the system of {shown}: {best.to_string()} ({best.name}) puts "
                f"{per_cent(fits[0][0])} of the rows inside the outline"
                + _also(fits[1:4], draft, best, x, y)
            )
            draft.source = best
            return _told_places(draft, aside, places.place_rows(x, y, best))
        if not fits:
            mid = shapely.centroid(area)
            text = (
                f"{draft.table.place(k)}, {shown}: ({x[k]:.10g}, {y[k]:.10g}) are no degrees, and no system of "
                f"the place of the outline, {degrees_words(mid.x, mid.y)}, puts the rows inside it: give the "
                "boundary or zones of this city, or state the system of the rows with --crs EPSG:…"
            )
    draft.questions.append(Question(text, {"EPSG:": ("crs", None)}))
    return None


def _also(
    others: list[tuple[float, pyproj.CRS]],
    draft: Draft,
    best: pyproj.CRS,
    x: np.ndarray,
    y: np.ndarray,
) -> str:
    """Other systems that fit as well, and how far apart they put the rows."""
    if not others:
        return ""
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y))[:200]
    here = places.place_rows(x[rows], y[rows], best).degrees
    far = 0.0
    for _, crs in others:
        there = places.place_rows(x[rows], y[rows], crs).degrees
        _, _, metres = pyproj.Geod(ellps="WGS84").inv(*here.T, *there.T)
        far = max(far, float(np.nanmedian(metres)))
    names = ", ".join(crs.to_string() for _, crs in others)
    told = "less than a metre" if far < 1 else f"{far:,.0f} m"
    return f"; {names} would, too, and put them {told} away at most: state --crs where that matters"


def _told_places(draft: Draft, aside: Aside, placed: places.Places) -> places.Places:
    source, found = placed.source, draft.roles
    code = source.to_string() if source.to_epsg() else source.name
    draft.facts += placed.facts
    column = f"{found.x}, {found.y}" if found.x else found.point or "geometry"
    unit = source.axis_info[0].unit_name
    middle = ""
    if draft.known is None and np.isfinite(placed.degrees).any():
        middle = f"; their middle lies at {degrees_words(*np.nanmedian(placed.degrees, axis=0))}"
    draft.facts.append(f"coordinates: {column} in {code} ({source.name}, {unit}){middle}")
    if draft.known is None and (strange := outside_its_area(source, placed.degrees)):
        draft.questions.append(Question(
            f"{draft.table.files[0]}, {column}: {strange}; correct --crs, or go on",
            {"go on": ("yes", True)}, "go on",
        ))  # fmt: skip
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
