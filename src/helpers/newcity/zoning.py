"""Zones of a file, and the column of the crimes that holds their codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.checks import near, per_cent
from helpers.sources import is_missing

from .cells import numbers
from .errors import NewCityError
from .outline import polygons_in_degrees
from .tables import RawTable
from .words import plain

_KINDS = 6
# names that mean something in the layer
_OWN = {"zone", "name", "group", "area_km2", "perimeter_km", "x", "y", "geometry", "events", "crimes_per_km2",
        "square_km", *(f"kind_{k + 1}" for k in range(_KINDS))}  # fmt: skip


@dataclass
class ZoneDraft:
    """Zones before they are written.

    Attributes
    ----------
    table : DataFrame
        ``zone``, ``name`` and counts.
    degrees, metres : ndarray of polygons
    crs : CRS
        Of the file.
    key : str
        Column of the codes in the zones' file.
    column : str
        Column of the codes in the crimes' file; "" where the crimes have places instead.
    codes : ndarray of str
        Of each crime; "" where it is no zone.
    others : list of str
        Further columns of numbers, kept in the table and used by nothing yet.
    """

    table: pd.DataFrame
    degrees: np.ndarray
    crs: pyproj.CRS
    key: str
    column: str
    codes: np.ndarray
    metres: Any = None
    fields: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    @property
    def extent(self) -> Any:
        """The ground that the zones cover, in degrees."""
        return shapely.union_all(self.degrees)

    def holds(self, degrees: np.ndarray) -> bool:
        """Whether any of some places, longitude and latitude, lies in a zone."""
        extent = self.extent
        shapely.prepare(extent)
        return bool(shapely.intersects_xy(extent, degrees[:, 0], degrees[:, 1]).any())

    def count(self, codes: np.ndarray, kinds: pd.Series, count: np.ndarray) -> None:
        """Add the number of crimes of each zone, all of them and those of the commonest kinds."""
        frame = pd.DataFrame({"zone": codes, "kind": kinds.to_numpy(), "count": count})
        self.table["events"] = self._of(frame)
        self.fields["events"] = "Recorded crimes"
        common = frame.groupby("kind")["count"].sum().nlargest(_KINDS).index
        if len(common) > 1:
            for number, kind in enumerate(common, start=1):
                self.table[f"kind_{number}"] = self._of(frame[frame["kind"] == kind])
                self.fields[f"kind_{number}"] = str(kind)

    def count_all(self, codes: np.ndarray, count: np.ndarray) -> None:
        """Take the number of all crimes from a count of its own."""
        self.table["events"] = self._of(pd.DataFrame({"zone": codes, "count": count}))

    def _of(self, frame: pd.DataFrame) -> np.ndarray:
        total = frame.groupby("zone")["count"].sum()
        return self.table["zone"].map(total).fillna(0).astype("int64").to_numpy()


def draft_zones(
    tables: list[RawTable], crimes: RawTable, key: str, column: str, taken: set[str]
) -> ZoneDraft:
    """Find the key of the zones and the column of the crimes that holds it.

    Raises
    ------
    NewCityError
        No polygons, a key that is not there, given twice, or that joins no crime.
    """
    spatial = [t for t in tables if t.points is not None]
    if not spatial:
        raise NewCityError(
            "the zones' file holds no polygons; give GeoJSON, GeoPackage or a shapefile"
        )
    zones = max(spatial, key=len)
    name = str(zones.files[0])
    degrees = polygons_in_degrees(zones, "zones")
    names = list(zones.frame.columns)
    if key and key not in names:
        folded = {n.casefold(): n for n in names}
        if key.casefold() not in folded:
            hint = near(key, names) or f"; it has {', '.join(names)}."
            raise NewCityError(f"{name}: no column {key!r} for --key{hint} Correct --key")
        key = folded[key.casefold()]
    keys = [key] if key else [
        n for n in names if zones.frame[n].is_unique and not is_missing(zones.frame[n]).any()
    ]  # fmt: skip
    if not names:
        raise NewCityError(
            f"{name}: its polygons carry no column at all; add one of their codes or names in a GIS, "
            "and export it again"
        )
    if not keys:
        raise NewCityError(
            f"{name}: no column names each zone once (it has {', '.join(names)}); add one of codes in "
            "a GIS, each given once, and export it again"
        )
    if key and column and column not in crimes.frame.columns:
        hint = near(column, crimes.frame.columns) or ";"
        raise NewCityError(
            f"{crimes.files[0]}: no column {column!r} for --zone{hint} correct --zone"
        )
    candidates = [column] if column else [c for c in crimes.frame.columns if c not in taken]
    best: tuple[float, str, str, np.ndarray, int] = (0.0, keys[0], "", np.array([]), 0)
    for one in keys:
        for other in candidates:
            codes, mended = matched(crimes.frame[other], zones.frame[one])
            share = float((codes != "").sum() / max((~is_missing(crimes.frame[other])).sum(), 1))
            share *= float(len(set(codes[codes != ""])) > 1) if len(zones) > 1 else 1.0
            if share > best[0] + 1e-9:
                best = (share, one, other, codes, mended)
    share, chosen, found, codes, mended = best
    if share < 0.3:
        found = ""
    facts: list[str] = []
    chosen = key or (chosen if found else keys[0])
    if zones.frame[chosen].duplicated().any():
        k = int(np.flatnonzero(zones.frame[chosen].duplicated())[0])
        raise NewCityError(
            f"{zones.place(k)}, column {chosen}: {zones.frame[chosen].iloc[k]!r} stands twice; give a "
            "column that names each zone once"
        )
    labels = [
        n
        for n in names
        if n != chosen and any(w in plain(n) for w in ("name", "nom", "nam", "bezeichn"))
    ]
    if not labels and zones is not crimes:
        labels = [n for n in names if n != chosen and _is_of_names(zones.frame[n])]
    table = pd.DataFrame({
        "zone": zones.frame[chosen].to_numpy(),
        "name": zones.frame[labels[0] if labels else chosen].to_numpy(),
    })  # fmt: skip
    table["name"] = table["name"].mask(table["name"].eq(""), table["zone"])
    taken_here = {chosen, *labels[:1]}
    others = [] if zones is crimes else _numbered(zones, table, taken_here)
    if others:
        facts.append(
            f"zones: {', '.join(others)} of {name} can be fields: kept in zones.geojson, and used once the # "
            "before its line in city.yml, layers.zones.fields, is removed"
        )
    left = [n for n in names if n not in {*taken_here, *others} and f"{n}_value" not in others]
    if left and zones is not crimes:
        facts.append(f"zones: left out of {name}: {', '.join(left)}")
    if found:
        facts.append(
            f"zones: {found} of the crimes holds {chosen} of {name} for {per_cent(share, 1)} of the rows"
        )
        if mended:
            facts.append(f"{mended} code(s) in {found} had lost a zero in front, and were mended")
    return ZoneDraft(
        table, degrees, pyproj.CRS(zones.crs), chosen, found, codes, others=others, facts=facts
    )


def _is_of_names(texts: pd.Series) -> bool:
    """Whether a column holds words, a different one in each row."""
    return texts.is_unique and bool(texts.str.contains(r"[^\W\d_]{3}", regex=True).all())


def _numbered(zones: RawTable, table: pd.DataFrame, taken: set[str]) -> list[str]:
    """Names of the columns of numbers, now in the table, that may become fields of the zones."""
    found = []
    for name in zones.frame.columns:
        if name in taken or zones.frame[name].nunique() < 2:
            continue
        values, _ = numbers(zones.frame[name])
        if not np.isfinite(values).all():
            continue
        column = re.sub(r"[/\\.]", "_", str(name))
        column += "_value" if column.casefold() in _OWN or column in table else ""
        table[column] = values.astype("int64") if (values % 1 == 0).all() else values
        found.append(column)
    return found


def _folded(text: str) -> str:
    """A code or name however it is written: no accents, one blank between words."""
    return " ".join(plain(text.replace("-", " ").replace("_", " ")).split())


def matched(texts: pd.Series, codes: pd.Series) -> tuple[np.ndarray, int]:
    """Code of each text, "" where there is none; how many had lost zeros in front."""
    known = {_folded(str(code)): str(code) for code in codes}
    folded = texts.str.strip().str.replace(r"\.0$", "", regex=True)
    if len(known) == codes.nunique():
        plain_texts = folded.map(_folded)
    else:
        known = {str(code).strip().casefold(): str(code) for code in codes}
        plain_texts = folded.str.casefold()
    exact = plain_texts.map(known)
    short = {code.lstrip("0"): full for code, full in known.items()}
    if len(short) == len(known) and all(code.isdigit() for code in known):
        bare = plain_texts.where(plain_texts.str.fullmatch(r"\d+"), "")
        mended = bare.str.lstrip("0").map(short).where(exact.isna() & bare.ne(""))
    else:
        mended = pd.Series(np.nan, index=texts.index, dtype=object)
    whole = exact.fillna(mended).fillna("").astype(str).to_numpy()
    return whole, int(mended.notna().sum())
