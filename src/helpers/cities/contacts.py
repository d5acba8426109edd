"""The borders layer: one row a pair of zones that touch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.checks import near
from helpers.space import components

from .columns import Columns
from .errors import CityError
from .zones_spec import Borders

_PERIMETER_SLACK = 1.02  # published lengths are rounded, and measured on other outlines
_NAMED = 5


def read_borders(columns: Columns, zones: pd.DataFrame) -> pd.DataFrame:
    """Borders of a file: ``zone_a``, ``zone_b``, ``shared_km``, ``contact``, extra columns.

    A pair is written in the order of the zones, once, whichever way round the file has it.

    Raises
    ------
    CityError
        A zone that is not among the zones, a zone bordering itself, a pair with two lengths, a
        contact that does not fit its length, or more border than perimeter.
    """
    known = pd.Index(zones["zone"])
    names = {side: columns.source(side) for side in ("zone_a", "zone_b")}
    ends = {side: columns.text(name, "zone") for side, name in names.items()}
    for side, name in names.items():
        strange = ~ends[side].isin(known)
        if strange.any():
            hint = near(ends[side][strange].iloc[0], known) or ";"
            columns.refuse(
                strange, name, "is not among the zones" + hint, "correct it or add the zone", " "
            )
    same = ends["zone_a"].eq(ends["zone_b"])
    columns.refuse(same, names["zone_a"], "borders itself", "remove the row")
    length_name = columns.source("shared_km")
    length = columns.numbers(length_name, "shared length").astype(float)
    contact = _contact(columns, length)
    a, b = known.get_indexer(ends["zone_a"]), known.get_indexer(ends["zone_b"])
    frame = pd.DataFrame(
        {"a": np.minimum(a, b), "b": np.maximum(a, b), "shared_km": length, "contact": contact}
    )
    pair = frame.groupby(["a", "b"])["shared_km"]
    differs = pair.transform("min").ne(pair.transform("max"))
    if differs.any():
        rows = frame.index[differs]
        twin = frame.index[frame["a"].eq(frame["a"][rows[0]]) & frame["b"].eq(frame["b"][rows[0]])]
        lengths = " and ".join(f"{frame['shared_km'][k]:g}" for k in twin[:2])
        raise CityError(
            f"{columns.table.place(twin[1])}: the border of {known[frame['a'][twin[0]]]!r} and "
            f"{known[frame['b'][twin[0]]]!r} is listed before with another length ({lengths} km); "
            f"keep the right one{columns.others(rows)}"
        )
    frame = frame.drop_duplicates(["a", "b"]).sort_values(["a", "b"])
    rows = frame.index
    frame = frame.reset_index(drop=True)
    frame.insert(0, "zone_a", known[frame.pop("a")])
    frame.insert(1, "zone_b", known[frame.pop("b")])
    for name in columns.spec.extra:
        frame[name] = columns.raw(name, "`extra`").to_numpy()[rows]
    _refuse_more_border_than_perimeter(columns, frame, zones)
    return frame


def _contact(columns: Columns, length: pd.Series) -> pd.Series:
    if not columns.has("contact"):
        return pd.Series(np.where(length > 0, "rook", "point"), dtype="str")
    name = columns.source("contact")
    contact = columns.text(name, "contact")
    columns.refuse(~contact.isin(["rook", "point"]), name, "is no contact", "write rook or point")
    columns.refuse(
        contact.eq("rook") & length.eq(0),
        name,
        "has no shared length",
        "write the length, or point for a corner",
    )
    columns.refuse(
        contact.eq("point") & length.gt(0),
        name,
        "has a shared length",
        "write rook, or 0 for a corner",
    )
    return contact


def _refuse_more_border_than_perimeter(
    columns: Columns, borders: pd.DataFrame, zones: pd.DataFrame
) -> None:
    if "perimeter_km" not in zones:
        return
    total = pd.concat([borders.groupby(side)["shared_km"].sum() for side in ("zone_a", "zone_b")])
    total = total.groupby(level=0).sum()
    perimeter = zones.set_index("zone")["perimeter_km"].reindex(total.index)
    excess = total[total > perimeter * _PERIMETER_SLACK + 0.01]
    if len(excess):
        zone = excess.index[0]
        raise CityError(
            f"{columns.table.name}: the borders of zone {zone!r} add up to {excess.iloc[0]:.3f} km, "
            f"more than its perimeter of {perimeter[zone]:.3f} km; check the unit (km) and rows "
            "given twice under two codes"
        )


def refuse_unmatched(where: str, gaps: pd.DataFrame) -> None:
    """Refuse polygons whose borders do not meet, from the table of `unmatched_borders`.

    Raises
    ------
    CityError
    """
    if gaps.empty:
        return
    a, b, drawn, closed = gaps.loc[0, ["zone_a", "zone_b", "shared_km", "closed_km"]]
    more = f" ({len(gaps)} such pairs)" if len(gaps) > 1 else ""
    raise CityError(
        f"{where}: the polygons of zones {a!r} and {b!r} share {drawn:.3f} km as they are drawn and "
        f"{closed:.3f} km once gaps up to 1 m are closed and overlaps given to one of them{more}; "
        "state `snap: 1` (metres) to measure them so, or mend the polygons"
    )


def refuse_disconnected(
    where: str, spec: Borders, borders: pd.DataFrame, zones: pd.DataFrame
) -> None:
    """Refuse a map in several pieces, unless the card links them or accepts it.

    Raises
    ------
    CityError
        A link names an unknown zone, or the contiguity graph has several components.
    """
    known = set(zones["zone"])
    for pair in spec.links:
        for code in pair:
            if code not in known:
                raise CityError(
                    f"{where}.links: zone {code!r} is not among the zones{near(code, known) or ';'}"
                    " correct it"
                )
    parts = components(zones["zone"], borders, links=[(a, b) for a, b in spec.links])
    if len(parts) == 1 or spec.allow_disconnected:
        return
    names = zones.set_index("zone")["name"]
    told = [f"{len(parts[0])} zones together"]
    for part in parts[1 : _NAMED + 1]:
        shown = ", ".join(
            code if names[code] == code else f"{code} ({names[code]})" for code in part[:_NAMED]
        )
        told.append(f"apart from them {shown}{', …' if len(part) > _NAMED else ''}")
    more = f"; and {len(parts) - _NAMED - 1} more parts" if len(parts) > _NAMED + 1 else ""
    raise CityError(
        f"{where}: the zones fall into {len(parts)} parts that do not touch: {'; '.join(told)}"
        f"{more}; add the missing borders, state `links`, or `allow_disconnected: true`"
    )
