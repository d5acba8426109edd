"""Write a drafted city into its folder: copies, tables, city.yml, SOURCES.md."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.sources import Download
from helpers.space import borders_from_polygons, components, unmatched_borders

from .draft import Draft
from .errors import NewCityError
from .extras import Made, geojson, quoted
from .originals import cell, keep_original, source_rows

_DEGREES = pyproj.CRS.from_epsg(4326)


STATIONS_HINT = (
    "  # stations.csv holds its header alone: no stations were given. Fill it in (x and y in metres of",
    "  # `crs`; officers may be left out) and state it here, or attach a file of your own instead:",
    "  # stations: {file: stations.csv}",
)
POLICY_HINT = (
    "# Section 16 compares its plans with the posts of today, once the city has stations or patrols:",
    "# policy: {posts: stations, label: police stations}",
)
STANDING = "    status: approximate  # as posts of today; remove it where patrols do stand there\n"


def write_city(
    folder: Path,
    draft: Draft,
    extras: dict[str, Made],
    roots: list[Path],
    downloads: dict[Path, Download] | None = None,
) -> None:
    """Write the folder, whole or not at all.

    Parameters
    ----------
    folder : Path
        May not hold anything.
    draft : Draft
    extras : dict
        Further layers by name.
    roots : list of Path
        Files and folders that the person named, below which the originals keep their names.
    downloads : dict, optional
        Which of them came from an address.

    Raises
    ------
    NewCityError
        The folder holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NewCityError(
            f"{folder} holds something already, which is never overwritten; give another NAME or "
            "--folder, or remove it"
        )
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _write_all(folder, draft, extras, roots, downloads or {})
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if made:
            folder.rmdir()
        raise


def _write_all(
    folder: Path,
    draft: Draft,
    extras: dict[str, Made],
    roots: list[Path],
    downloads: dict[Path, Download],
) -> None:
    files = [*draft.files, *(path for made in extras.values() for path in made.files)]
    originals = {}
    for path in dict.fromkeys(files):
        name = keep_original(folder, path, _name_below(path, roots))
        originals[name] = path
    if not draft.parts:
        draft.rejected.to_csv(folder / "rejected.csv", index=False, lineterminator="\n")
    for path, name in draft.parts:
        shutil.move(path, folder / name)
    if draft.events is not None and not draft.parts:
        draft.events.to_csv(folder / "events.csv", index=False, lineterminator="\n")
    if draft.boundary is not None:
        from .outline import moved

        assert draft.crs is not None
        shape = moved(np.array([draft.boundary], dtype=object), draft.crs, _DEGREES)
        (folder / "boundary.geojson").write_text(
            geojson(list(shape), pd.DataFrame({"name": ["boundary"]})), encoding="utf-8"
        )
    if draft.zones is not None:
        draft.zones.table["square_km"] = np.round(shapely.area(draft.zones.metres) / 1e6, 6)
        (folder / "zones.geojson").write_text(
            geojson(list(draft.zones.degrees), draft.zones.table), encoding="utf-8"
        )
    for layer, made in extras.items():
        (folder / made.file_of(layer)).write_text(made.text, encoding="utf-8")
    if "stations" not in extras:
        (folder / "stations.csv").write_text("station,officers,x,y\n", encoding="utf-8")
    (folder / "SOURCES.md").write_text(
        _sources(folder.name, draft, originals, downloads), encoding="utf-8"
    )
    (folder / "city.yml").write_text(card_text(folder.name, draft, extras), encoding="utf-8")


def _name_below(path: Path, roots: list[Path]) -> str:
    for root in roots:
        if root.is_dir() and root in path.parents:
            return f"{root.resolve().name}/{path.relative_to(root).as_posix()}"
    return path.name


def card_text(name: str, draft: Draft, extras: dict[str, Made]) -> str:
    """The text of city.yml, commented."""
    assert draft.crs is not None
    first = draft.files[0].name if draft.files else draft.table.files[0]
    lines = [
        f"# {name}: made by `run_all.py new-city` on {dt.date.today().isoformat()}; yours to change.",
        "# docs/data.md explains every key; SOURCES.md has blanks to fill in.",
        f"title: {quoted(name)}",
        "country: not stated  # fill in",
        f"crs: {draft.crs.to_string()}  # {draft.crs.name}, metres",
        "licence: not stated  # fill in, see SOURCES.md",
        f"source_line: {quoted(f'Source: {first}')}",
        "#",
        f"# rows: {draft.rows:,}; usable: {draft.usable:,}; rejected: {draft.rows - draft.usable:,} (rejected.csv"
        " says which and why)",
    ]
    counts = draft.reasons()
    lines += [f"#   {reason}: {count:,}" for reason, count in dict(counts).items()]
    lines += ["# what was decided:", *(f"#   {_comment(fact)}" for fact in draft.facts)]
    lines += [f"#   asked: {_comment(question.text)}" for question in draft.questions]
    lines += ["", "layers:"]
    if draft.events is not None:
        lines += _events_block(draft)
    if draft.boundary is not None:
        lines += ["  boundary:", "    file: boundary.geojson"]
        if draft.derived:
            lines += [
                "    status: derived",
                f"    note: A hull around the events with a margin of {draft.margin:.0f} m; not an "
                "administrative border.",
            ]
    elif draft.zones is not None:
        lines += ["  boundary:", "    derive: zones"]
    if draft.zones is not None:
        lines += _zones_block(draft)
    for layer, made in extras.items():
        lines += [f"  {layer}:", made.block.rstrip("\n")]
        if layer == "stations" and "patrols" not in extras:
            lines.append(STANDING.rstrip("\n"))
    if "stations" not in extras:
        lines += STATIONS_HINT
    lines += policy_lines([layer for layer in ("patrols", "stations") if layer in extras])
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _events_block(draft: Draft) -> list[str]:
    found = draft.roles
    place = f"{found.x}, {found.y}" if found.x else found.point or "the file's own geometry"
    sources = [f"{name}: {{constant: {quoted(one)}}}" for name, one in draft.constants.items()]
    sources += ["count: count"] if found.count or draft.merged else []
    return [
        "  events:",
        f"    file: events.csv  # kind, time, x, y in metres; {_shown(draft)}",
        f"    # from: kind {_comment(found.kind or 'constant')}; time {_comment(' + '.join(found.time) or 'constant')}; "
        f"place {_comment(place)}",
        *([f"    columns: {{{', '.join(sources)}}}"] if sources else []),
        f"    time_precision: {draft.precision}",
        "    outside: drop",
        *(["    rejected: rejected.csv"] if draft.usable < draft.rows else []),
        *([] if draft.merged else ["    extra: [file, row]"]),
        *(["    status: approximate"] if draft.merged > 1 else []),
        f"    note: {quoted(_note(draft))}",
    ]


def _shown(draft: Draft) -> str:
    return "a row counts crimes" if draft.merged else "file and row say where each stands"


def _note(draft: Draft) -> str:
    counted = (
        f" They are counted by kind, month and place; places within {draft.merged} m of each other are one."
        if draft.merged
        else ""
    )
    return _rows_told(draft) + counted


def _rows_told(draft: Draft) -> str:
    return (
        f"{draft.usable:,} of {draft.rows:,} rows; {draft.rows - draft.usable:,} rejected, listed with their "
        "reason in rejected.csv."
    )


def _zones_block(draft: Draft) -> list[str]:
    assert draft.zones is not None
    zones = draft.zones
    lines = [
        "  zones:",
        "    file: zones.geojson",
        "    columns: {zone: zone, name: name}",
        "    fields:",
    ]
    if draft.events is not None:
        lines.append("      events: {count: events, label: Recorded crimes, unit: crimes}")
        often = draft.events.get("count", 1)
        common = draft.events.assign(count=often).groupby("kind")["count"].sum().nlargest(6).index
        for number, kind in enumerate(common, start=1):
            if len(set(draft.events["kind"])) > 1:
                lines.append(
                    f"      kind_{number}: {{count: events, kinds: [{quoted(kind)}], label: {quoted(kind)}, "
                    "unit: crimes}"
                )
    else:
        for field, label in zones.fields.items():
            lines.append(
                f"      {field}: {{column: {field}, label: {quoted(label)}, unit: crimes}}"
            )
    lines.append(
        "      crimes_per_km2: {ratio: [events, square_km], label: Recorded crimes per km², unit: crimes/km²}"
    )
    lines.append("      square_km: {column: square_km, label: Area, unit: km²}")
    lines += field_hints(zones.others)
    if draft.events is None:
        lines.append(f"    note: {quoted(_note(draft))}")
    return [*lines, *border_lines(zones.table["zone"], zones.metres)]


def field_hints(others: Sequence[str]) -> list[str]:
    """Lines of city.yml that make fields of further columns of the zones, once their # is removed."""
    return [
        f'      # {quoted(name)}: {{column: {quoted(name)}, label: {quoted(name)}, unit: ""}}'
        for name in others
    ]


def policy_lines(posts: Sequence[str]) -> list[str]:
    """The block of city.yml of the policy that plans are compared with.

    Parameters
    ----------
    posts : sequence of {"patrols", "stations"}
        Layers that the city has, the better one first; none gives a line on how to state one.
    """
    if not posts:
        return list(POLICY_HINT)
    label = {"patrols": "patrol posts of today", "stations": "police stations"}[posts[0]]
    lines = ["policy:  # section 16 compares its plans with it; yours to correct"]
    lines += [f"  posts: {posts[0]}", f"  label: {label}"]
    if posts[0] == "stations":
        lines.append(
            "  note: The stations stand for the posts of today, as no posts of patrols are known."
        )
    return lines


def border_lines(codes: Sequence[str], shapes: Sequence[shapely.Geometry]) -> list[str]:
    """The borders' block of city.yml for polygons in metres, with what they need to be measured."""
    lines = ["  borders:", "    derive: zones"]
    borders = borders_from_polygons(codes, shapes)
    gaps = unmatched_borders(codes, shapes, borders)
    if len(gaps):
        lines.append(
            f"    snap: 1  # metres; the outlines of {len(gaps)} pair(s) of zones do not meet"
        )
        borders = borders_from_polygons(codes, shapes, snap=1.0)
    if len(components(codes, borders)) > 1:
        lines.append("    allow_disconnected: true  # the zones are in several pieces")
    return lines


def _sources(
    name: str, draft: Draft, originals: dict[str, Path], downloads: dict[Path, Download]
) -> str:
    counts = draft.reasons()
    lines = [
        f"# Sources of {name}",
        "",
        "| file | publisher | address | licence | downloaded |",
        "|---|---|---|---|---|",
        *source_rows(originals, downloads),
        "",
        "The files are as they were given; nothing in `original/` was changed.",
        "",
        "## How the rows were read",
        "",
        f"{draft.rows:,} rows of data: {draft.usable:,} usable, {draft.rows - draft.usable:,} rejected.",
        "",
        *(f"- {cell(str(reason))}: {count:,}" for reason, count in counts.items()),
        "",
        *(f"- {cell(fact)}" for fact in draft.facts),
        *(f"- {cell(question.text)}" for question in draft.questions),
        "",
        "## To be filled in",
        "",
        "- Which crimes are in the file, which are not: …",
        "- How places were found or made coarse: …",
        "- Who may be asked: …",
        "",
    ]
    return "\n".join(lines)
