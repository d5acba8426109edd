"""Areal units with their contiguity, read from tables: polygons are never needed."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from helpers.checks import one_of, whole_number
from helpers.space import LEAST_BORDER, short_contacts

__all__ = ["DistrictingError", "Units"]


class DistrictingError(ValueError):
    """Input that cannot be districted; the sentence names what is wrong and how to mend it."""


@dataclass(frozen=True, eq=False)
class Units:
    r"""Areal units: what each holds, what it touches, how long the shared borders are.

    Two graphs are kept apart. *Contiguity* says which units may stand in one area
    without a third between them; the *border lengths* say how much perimeter vanishes
    when two units are merged. Dropping a link from the contiguity (a border in the
    middle of an estuary, say) leaves its length in the perimeter sums, where it is a
    fact of geometry.

    Parameters
    ----------
    zones : tuple of str
        Identifiers, in the order used by every array of the package.
    names : tuple of str
        Names to print on maps and in tables.
    population : numpy.ndarray, shape (n,)
        The quantity that areas should share equally: residents, crimes, workload.
    area_km2, perimeter_km : numpy.ndarray, shape (n,)
        Area and perimeter of each unit.
    x, y : numpy.ndarray, shape (n,)
        Projected coordinates of the centroids in metres.
    links : numpy.ndarray of int, shape (m, 2)
        Contiguous pairs, each once, smaller index first, sorted.
    shared : numpy.ndarray of int, shape (b, 2)
        Pairs that share a border of positive length, each once.
    shared_km : numpy.ndarray, shape (b,)
        Their border lengths.
    field : str
        The name of the quantity.
    group : tuple of str, optional
        What the units belong to, such as municipalities.
    thin : numpy.ndarray of int, shape (t, 2)
        Contiguous pairs whose border is too short to pass, kept because the map would fall apart.

    Raises
    ------
    DistrictingError
        A repeated zone, a negative, missing or all-zero population, an area that is not
        positive, a border that names an unknown zone, or borders longer than a perimeter.

    Notes
    -----
    Area and perimeter of a union S need no polygons:

    .. math::

        \text{area}(S) = \sum_{i \in S} \text{area}_i, \qquad
        \text{perimeter}(S) = \sum_{i \in S} \text{perimeter}_i
        - 2 \sum_{i < j;\; i, j \in S} \text{border}_{ij}

    Examples
    --------
    >>> import pandas as pd
    >>> zones = pd.DataFrame({"zone": ["a", "b"], "name": ["A", "B"], "people": [3, 5],
    ...                       "area_km2": [1.0, 1.0], "perimeter_km": [4.0, 4.0],
    ...                       "x": [0.0, 1000.0], "y": [0.0, 0.0]})
    >>> borders = pd.DataFrame({"zone_a": ["a"], "zone_b": ["b"], "shared_km": [1.0],
    ...                         "contact": ["rook"]})
    >>> Units.from_frames(zones, borders, "people").links.tolist()
    [[0, 1]]
    """

    zones: tuple[str, ...]
    names: tuple[str, ...]
    population: np.ndarray
    area_km2: np.ndarray
    perimeter_km: np.ndarray
    x: np.ndarray
    y: np.ndarray
    links: np.ndarray
    shared: np.ndarray
    shared_km: np.ndarray
    field: str = "population"
    group: tuple[str, ...] | None = None
    thin: np.ndarray = dataclass_field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))

    def __post_init__(self):
        n = len(self.zones)
        if n == 0:
            raise DistrictingError("there are no units: the table of zones is empty")
        _refuse_repeated(self.zones)
        for name in ("population", "area_km2", "perimeter_km", "x", "y"):
            values = np.array(getattr(self, name), dtype=float)
            if values.shape != (n,):
                raise DistrictingError(
                    f"{name} has shape {values.shape}, expected one number for each of {n} zones"
                )
            if not np.isfinite(values).all():
                bad = self.zones[int(np.flatnonzero(~np.isfinite(values))[0])]
                raise DistrictingError(
                    f"{name} of zone {bad!r} is missing or not finite: fill it or drop the zone"
                )
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        if (self.population < 0).any():
            i = int(np.flatnonzero(self.population < 0)[0])
            raise DistrictingError(
                f"{self.field} of zone {self.zones[i]!r} is negative ({self.population[i]:g}): "
                "a quantity to be shared out must be zero or more"
            )
        if self.population.sum() == 0:
            raise DistrictingError(
                f"{self.field} is zero in every zone: there is nothing to share out"
            )
        for name in ("area_km2", "perimeter_km"):
            values = getattr(self, name)
            if (values <= 0).any():
                bad = self.zones[int(np.flatnonzero(values <= 0)[0])]
                raise DistrictingError(f"{name} of zone {bad!r} must be above zero")
        for name in ("links", "shared"):
            pairs = np.array(getattr(self, name), dtype=np.int64).reshape(-1, 2)
            if len(pairs) and (pairs.min() < 0 or pairs.max() >= n):
                raise DistrictingError(f"{name} point at a unit outside 0..{n - 1}")
            if (pairs[:, 0] >= pairs[:, 1]).any() or len(np.unique(pairs, axis=0)) != len(pairs):
                raise DistrictingError(
                    f"{name} must hold each pair once, the smaller index first, no loops"
                )
            pairs.setflags(write=False)
            object.__setattr__(self, name, pairs)
        length = np.array(self.shared_km, dtype=float).reshape(-1)
        if length.shape != (len(self.shared),) or not (np.isfinite(length) & (length >= 0)).all():
            raise DistrictingError("shared_km needs one length of zero or more for each border")
        length.setflags(write=False)
        object.__setattr__(self, "shared_km", length)
        inside = np.bincount(self.shared.ravel(), np.repeat(length, 2), minlength=n)
        # Tables are rounded to metres, hence the tolerance.
        over = inside > self.perimeter_km * 1.01 + 0.01
        if over.any():
            i = int(np.flatnonzero(over)[0])
            raise DistrictingError(
                f"the borders of zone {self.zones[i]!r} add up to {inside[i]:.3f} km, more than "
                f"its perimeter of {self.perimeter_km[i]:.3f} km: check shared_km or perimeter_km"
            )

    # ------------------------------------------------------------------ building
    @classmethod
    def from_city(cls, city: Any, field: str, contacts: str = "rook", **options: Any) -> Units:
        """Read the layers ``zones`` and ``borders`` of a city.

        Parameters
        ----------
        city : object with a method ``layer(name)`` that returns a pandas.DataFrame
            Usually a city of this compendium; any object with that method will do.
        field, contacts, **options
            As in :meth:`from_frames`.

        Returns
        -------
        Units
        """
        return cls.from_frames(
            city.layer("zones"), city.layer("borders"), field, contacts=contacts, **options
        )

    @classmethod
    def from_frames(
        cls,
        zones: pd.DataFrame,
        borders: pd.DataFrame,
        field: str,
        *,
        contacts: str = "rook",
        estuary_links: bool = True,
        least_border_m: float = LEAST_BORDER,
    ) -> Units:
        """Build units from a table of zones and a table of borders.

        Parameters
        ----------
        zones : pandas.DataFrame
            Columns zone, area_km2, perimeter_km, x, y (metres), the numeric ``field``,
            and optionally name and group.
        borders : pandas.DataFrame
            Columns zone_a, zone_b, shared_km, contact (``"rook"`` for a shared border,
            ``"point"`` for a corner), optionally across_estuary (0 or 1). Each pair once,
            or every pair in both directions with the same values.
        field : str
            The column of ``zones`` that areas should share equally.
        contacts : {"rook", "queen"}
            ``"rook"``: only shared borders make units contiguous. ``"queen"``: corners too.
        estuary_links : bool
            False drops the pairs marked across_estuary from the contiguity.
        least_border_m : float
            With ``"rook"``: borders shorter than this, in metres, join no units, unless the map
            would fall apart (:func:`helpers.space.short_contacts`); :meth:`check` says so.

        Returns
        -------
        Units

        Raises
        ------
        DistrictingError
            Missing columns, unknown zones, a border table that is not symmetric, and
            everything that :class:`Units` refuses.
        """
        one_of(contacts, "contacts", ("rook", "queen"), error=DistrictingError)
        for what, table, needed in (
            ("zones", zones, ["zone", field, "area_km2", "perimeter_km", "x", "y"]),
            ("borders", borders, ["zone_a", "zone_b", "shared_km", "contact"]),
        ):
            absent = [column for column in needed if column not in table.columns]
            if absent:
                raise DistrictingError(
                    f"the {what} table has no column {absent[0]!r}; it has: "
                    + ", ".join(map(str, table.columns))
                )
        ids = tuple(zones["zone"].astype(str))
        _refuse_repeated(ids)
        if not pd.api.types.is_numeric_dtype(zones[field]):
            raise DistrictingError(f"column {field!r} of the zones table is not numeric")
        pairs, length, rook, estuary = _read_borders(borders, ids)
        linked = np.ones(len(pairs), dtype=bool) if contacts == "queen" else rook.copy()
        if not estuary_links:
            linked &= ~estuary
        outline = zones["perimeter_km"].to_numpy(dtype=float) * 1000.0
        needed = np.zeros(len(pairs), dtype=bool)
        if contacts == "rook":
            measured = linked & (length > 0)
            dropped, bridges = short_contacts(
                len(ids), pairs[measured], length[measured] * 1000.0, outline, least_border_m
            )
            at = np.flatnonzero(measured)
            linked[at[dropped]] = False
            needed[at[bridges]] = True
        return cls(
            zones=ids,
            names=tuple(zones["name"].astype(str)) if "name" in zones.columns else ids,
            population=zones[field].to_numpy(dtype=float),
            area_km2=zones["area_km2"].to_numpy(dtype=float),
            perimeter_km=zones["perimeter_km"].to_numpy(dtype=float),
            x=zones["x"].to_numpy(dtype=float),
            y=zones["y"].to_numpy(dtype=float),
            links=pairs[linked],
            shared=pairs[length > 0],
            shared_km=length[length > 0],
            field=field,
            group=tuple(zones["group"].astype(str)) if "group" in zones.columns else None,
            thin=pairs[needed],
        )

    # ------------------------------------------------------------------ facts
    def __len__(self) -> int:
        return len(self.zones)

    def __repr__(self) -> str:
        return (
            f"Units({len(self)} units, {self.field} {self.population.sum():,.10g}, "
            f"{len(self.links)} contiguous pairs, {self.components.max() + 1} component(s))"
        )

    def mean(self, areas: int) -> float:
        """The ideal population of an area, mu = total / areas (METHODS 22)."""
        return float(self.population.sum() / areas)

    @cached_property
    def contiguity(self) -> tuple[np.ndarray, np.ndarray]:
        """Neighbour lists as ``(indptr, indices)``, sorted: unit i touches indices[indptr[i]:...]."""
        indptr, indices, _ = _neighbour_lists(self.links, np.ones(len(self.links)), len(self))
        return indptr, indices

    @cached_property
    def borders(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shared border lengths as ``(indptr, indices, km)``."""
        return _neighbour_lists(self.shared, self.shared_km, len(self))

    @cached_property
    def components(self) -> np.ndarray:
        """Connected component of each unit, numbered from 0 by first appearance."""
        return _components(self.links, len(self))

    def oversized(self, areas: int) -> np.ndarray:
        """Units whose own population exceeds mu: no plan can balance the area that holds one."""
        return np.flatnonzero(self.population > self.mean(areas))

    def usual_areas(self, town: Any = None) -> int:
        r"""How many areas to make where nobody says: as many as there are today.

        That is the number of the city's districts, where it states them, else of its police
        stations, else :math:`\sqrt{n}` of n units, rounded: a map of 49 zones gets 7 areas.  At least
        2 and at least one for each component, and fewer than there are units where the map allows
        it.

        Parameters
        ----------
        town : City, optional
            Whose layers ``districts`` and ``stations`` are counted; two or more count.

        Returns
        -------
        int
        """
        counts = []
        if town is not None and town.has("districts"):
            counts.append(town.layer("districts")["district"].nunique())
        if town is not None and town.has("stations"):
            counts.append(len(town.layer("stations")))
        wanted = next((count for count in counts if count > 1), round(len(self) ** 0.5))
        parts = int(self.components.max()) + 1
        return max(min(max(2, wanted), len(self) - 1), parts)

    def check(self, areas: int) -> tuple[str, ...]:
        """Refuse a number of areas that has no plan, and say what limits the plans it has.

        Parameters
        ----------
        areas : int
            Number of areas k wanted.

        Returns
        -------
        tuple of str
            Remarks a reader should see beside a plan (units above mu, several components).

        Raises
        ------
        DistrictingError
            k is below 1, above the number of units, or below the number of components.
        """
        n = len(self)
        areas = whole_number(areas, "areas", error=DistrictingError)
        if areas > n:
            raise DistrictingError(
                f"{areas} areas cannot be made of {n} units: each area needs a unit of its own; "
                f"ask for {n} or fewer"
            )
        parts = self.components.max() + 1
        remarks = []
        if parts > 1:
            named = "; ".join(
                _some([self.names[i] for i in np.flatnonzero(self.components == c)])
                for c in range(min(parts, 6))
            ) + ("; ..." if parts > 6 else "")
            if areas < parts:
                raise DistrictingError(
                    f"the contiguity falls into {parts} components ({named}), so {areas} "
                    f"contiguous areas cannot cover them: ask for at least {parts} areas, "
                    'add links to the border table, or use contacts="queen"'
                )
            remarks.append(
                f"The contiguity falls into {parts} components ({named}): no area spans two."
            )
        if len(self.thin):
            joined = [f"{self.names[i]}–{self.names[j]}" for i, j in self.thin]
            held = "1 border holds" if len(joined) == 1 else f"{len(joined)} borders hold"
            remarks.append(f"{held} the map together though too short to pass ({_some(joined)}).")
        big = self.oversized(areas)
        if len(big):
            alone = "1 zone holds" if len(big) == 1 else f"{len(big)} zones each hold"
            remarks.append(
                f"{alone} more than the equal share of {self.mean(areas):,.1f} "
                f"({_some([self.names[i] for i in big])}): no plan balances their areas."
            )
        return tuple(remarks)


def _some(names: list[str], most: int = 4) -> str:
    extra = len(names) - most
    return ", ".join(names[:most]) + (f" and {extra} more" if extra > 0 else "")


def _refuse_repeated(ids: tuple[str, ...]) -> None:
    if len(set(ids)) != len(ids):
        twice = next(zone for zone in ids if ids.count(zone) > 1)
        raise DistrictingError(f"zone {twice!r} appears twice: give each zone one row")


def _read_borders(borders: pd.DataFrame, ids: tuple[str, ...]):
    """Pairs (i < j, each once, sorted), lengths, rook flags, estuary flags."""
    index = {zone: i for i, zone in enumerate(ids)}
    a_id, b_id = borders["zone_a"].astype(str), borders["zone_b"].astype(str)
    for column in (a_id, b_id):
        unknown = column[~column.isin(index)]
        if len(unknown):
            raise DistrictingError(
                f"the border table names zone {unknown.iloc[0]!r}, which the zones table lacks"
            )
    contact = borders["contact"].astype(str)
    strange = contact[~contact.isin(["rook", "point"])]
    if len(strange):
        raise DistrictingError(
            f'contact must be "rook" or "point", but the border table says {strange.iloc[0]!r}'
        )
    estuary = np.zeros(len(borders), dtype=bool)
    if "across_estuary" in borders.columns:
        estuary = borders["across_estuary"].fillna(0).to_numpy(dtype=float) != 0
    a, b = a_id.map(index).to_numpy(dtype=np.int64), b_id.map(index).to_numpy(dtype=np.int64)
    if (a == b).any():
        raise DistrictingError(
            f"the border table joins zone {ids[a[a == b][0]]!r} to itself: drop that row"
        )
    rows = pd.DataFrame(
        {
            "i": np.minimum(a, b),
            "j": np.maximum(a, b),
            "forward": a < b,
            "length": borders["shared_km"].to_numpy(dtype=float),
            "rook": (contact == "rook").to_numpy(),
            "estuary": estuary,
        }
    )
    if not np.isfinite(rows["length"]).all():
        raise DistrictingError("shared_km has missing values in the border table")
    if rows.duplicated(["i", "j", "forward"]).any():
        row = rows[rows.duplicated(["i", "j", "forward"])].iloc[0]
        raise DistrictingError(
            f"the border table lists {ids[int(row['i'])]}–{ids[int(row['j'])]} twice: keep one row"
        )
    times = rows.groupby(["i", "j"])["i"].transform("size")
    if times.min() != times.max() if len(times) else False:
        row = rows[times == 1].iloc[0]
        raise DistrictingError(
            "the border table is not symmetric: some pairs stand in both directions, but "
            f"{ids[int(row['i'])]}–{ids[int(row['j'])]} in one only; list each pair once, "
            "or all of them both ways"
        )
    once = rows.groupby(["i", "j"], as_index=False).agg(
        length=("length", "first"),
        length_last=("length", "last"),
        rook=("rook", "first"),
        rook_last=("rook", "last"),
        estuary=("estuary", "first"),
    )
    differ = ~np.isclose(once["length"], once["length_last"], atol=1e-3) | (
        once["rook"] != once["rook_last"]
    )
    if differ.any():
        row = once[differ].iloc[0]
        raise DistrictingError(
            f"the border table is not symmetric: {ids[int(row['i'])]}–{ids[int(row['j'])]} has "
            f"{row['length']:g} km one way and {row['length_last']:g} km the other"
        )
    return (
        once[["i", "j"]].to_numpy(dtype=np.int64),
        once["length"].to_numpy(dtype=float),
        once["rook"].to_numpy(dtype=bool),
        once["estuary"].to_numpy(dtype=bool),
    )


def _neighbour_lists(pairs: np.ndarray, values: np.ndarray, n: int):
    both = np.concatenate([pairs, pairs[:, ::-1]])
    twice = np.concatenate([values, values])
    order = np.lexsort((both[:, 1], both[:, 0]))
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(both[:, 0], minlength=n), out=indptr[1:])
    return indptr, both[order, 1], twice[order].astype(float)


def _components(pairs: np.ndarray, n: int) -> np.ndarray:
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    return label
