"""What the section on map symbols shows: layers rendered from known places and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from helpers.checks import positive

from ..errors import SourceError
from .extraction import locate, locate_each
from .georeference import Georeference, north_up, read_world_file
from .pairing import Agreement, agreement, pairs_within
from .pictures import as_jpeg, decoded
from .rendering import BACKGROUNDS, TUNED, Symbol, background, render

if TYPE_CHECKING:
    import shapely

METHODS = {"plain": False, "visible": True}
"""Ways to locate: peaks of the correlation, or the pile taken off from the top."""

LONGEST, SHORTEST, USUAL, DIAMETER = 3000, 400, 2.0, 19


@dataclass(frozen=True)
class Sheet:
    """The paper of a map: how large it is, and where on the ground.

    Attributes
    ----------
    reference
        From pixels to places, metres.
    rows, columns
        Pixels.
    """

    reference: Georeference
    rows: int
    columns: int

    @property
    def per_pixel(self) -> float:
        """Metres a pixel."""
        return self.reference.unit_per_pixel

    @property
    def megapixels(self) -> float:
        """Millions of pixels."""
        return self.rows * self.columns / 1e6


def sheet_of(bounds: Sequence[float], diameter: int, per_pixel: float | None = None) -> Sheet:
    """A sheet for a window, with a symbol's width of margin.

    Parameters
    ----------
    bounds
        ``(xmin, ymin, xmax, ymax)`` of the window, metres.
    diameter
        Of the symbols, pixels.
    per_pixel
        Metres a pixel; where it is not given 2, but so that the longer side has 400 to 3,000
        pixels.

    Raises
    ------
    ValueError
        A sheet of more than 400 million pixels.
    """
    xmin, ymin, xmax, ymax = (float(value) for value in bounds)
    span = max(xmax - xmin, ymax - ymin)
    if per_pixel is None:
        per_pixel = max(min(USUAL, span / SHORTEST), span / LONGEST)
    per_pixel = positive(per_pixel, "per_pixel", "metres")
    columns = int(np.ceil((xmax - xmin) / per_pixel)) + 2 * diameter + 1
    rows = int(np.ceil((ymax - ymin) / per_pixel)) + 2 * diameter + 1
    if rows * columns > 400_000_000:
        raise ValueError(
            f"per_pixel = {per_pixel:g} makes a map of {columns:,} × {rows:,} pixels; take more "
            "metres a pixel"
        )
    corner = north_up(xmin - diameter * per_pixel, ymax + diameter * per_pixel, per_pixel)
    return Sheet(corner, rows, columns)


def usual_diameter(told: pd.DataFrame | None) -> int:
    """Pixels of a symbol: of the largest template of a city's own map, without it 19.

    Parameters
    ----------
    told
        Second table of :func:`read_published`, or None.
    """
    return DIAMETER if told is None else int(np.clip(told["template_px"].max(), 7, 255))


def symbol_rows(events: pd.DataFrame) -> pd.DataFrame:
    """Events as symbols: ``kind``, ``year`` (text; ``all`` where no time is known), ``x``, ``y``.

    Parameters
    ----------
    events
        With points as geometry or columns ``x``, ``y``; with ``time``, ``year`` or neither.

    Returns
    -------
    pandas.DataFrame
        In order of time, in which a map draws them: the latest on top.

    Raises
    ------
    SourceError
        There is none.
    """
    if not len(events):
        raise SourceError(
            "no symbol reaches the threshold in any image; lower `threshold`, or cut the template "
            "anew from the image itself"
        )
    if "time" in events:
        events = events.sort_values("time", kind="stable")
        year = pd.to_datetime(events["time"]).dt.year.astype(str)
    else:
        year = events["year"].astype(str) if "year" in events else "all"
    places = events.geometry if hasattr(events, "geometry") else events
    content = {"kind": events["kind"], "year": year, "x": places.x, "y": places.y}
    return pd.DataFrame(content, index=events.index).reset_index(drop=True)


def bounds_of(symbols: pd.DataFrame, window: shapely.Geometry | None) -> tuple[float, ...]:
    """``(xmin, ymin, xmax, ymax)`` of the window, or where there is none of the symbols."""
    if window is not None:
        return tuple(float(value) for value in window.bounds)
    places = symbols[["x", "y"]]
    low, high = places.min().to_numpy(dtype=float), places.max().to_numpy(dtype=float)
    # one symbol alone has no extent of its own
    margin = 50.0 * (high - low < 1)
    return (*(low - margin).tolist(), *(high + margin).tolist())


def layer_table(symbols: pd.DataFrame, megapixels: float, most: float) -> pd.DataFrame:
    """Layers to render, one a kind and year: the last years for which there is room.

    Parameters
    ----------
    symbols
        From :func:`symbol_rows`.
    megapixels, most
        Millions of pixels of a layer, and of all together; the last year is taken whatever it
        needs.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``year``, ``symbols`` (number), by year and kind.
    """
    counts = symbols.groupby(["year", "kind"], sort=True).size().rename("symbols").reset_index()
    by_year = counts.groupby("year").size().sort_index(ascending=False)
    room = by_year.cumsum() * megapixels <= most
    kept = by_year.index[room | (by_year.index == by_year.index[0])]
    return counts.loc[counts["year"].isin(kept), ["kind", "year", "symbols"]].reset_index(drop=True)


def of_layer(symbols: pd.DataFrame, kind: str, year: str) -> np.ndarray:
    """Places of one layer's symbols in the order in which they are drawn, shape (n, 2)."""
    mine = (symbols["kind"] == kind) & (symbols["year"] == year)
    return symbols.loc[mine, ["x", "y"]].to_numpy(dtype=float)


def symbol_set(kinds: Sequence[str], diameter: int) -> dict[str, Symbol]:
    """A symbol for each kind, in alphabetical order of the kinds."""
    return {kind: Symbol(number, diameter) for number, kind in enumerate(sorted(set(kinds)))}


def published_as(
    places: np.ndarray, sheet: Sheet, symbol: Symbol, ground: np.ndarray, quality: int
) -> tuple[bytes, str]:
    """A rendered layer as it would be published: bytes of a JPEG file, text of its world file."""
    image = layer_picture(places, sheet, symbol, ground)
    return as_jpeg(image, quality), sheet.reference.world_file


def layer_picture(
    places: np.ndarray, sheet: Sheet, symbol: Symbol, ground: np.ndarray
) -> np.ndarray:
    """A layer as it looks on its background, before it is compressed.

    Parameters
    ----------
    places
        Of the symbols, shape (n, 2), metres.
    sheet, ground
        The paper, and the background on it.
    symbol
        Of the layer's kind.

    Returns
    -------
    numpy.ndarray
        Shape (rows, columns, 3).
    """
    return render(sheet.reference.pixels(places), symbol, ground)


def read_back(
    picture: bytes, world_file: str, symbol: Symbol, threshold: float, method: str = "visible"
) -> pd.DataFrame:
    """Symbols of a published layer with their places, knowing nothing but its two files.

    Returns
    -------
    pandas.DataFrame
        As from :func:`locate`, and ``x``, ``y``, metres.
    """
    found = locate(decoded(picture), symbol.template, threshold=threshold, overlaps=METHODS[method])
    places = read_world_file(world_file).places(found[["pixel_x", "pixel_y"]].to_numpy())
    return found.assign(x=places[:, 0], y=places[:, 1])


def tolerance(diameter: int) -> float:
    """How far a found symbol may lie from its true place, pixels: a quarter of the diameter."""
    return diameter / 4


def read_layers(
    symbols: pd.DataFrame,
    layers: pd.DataFrame,
    sheet: Sheet,
    drawn: Mapping[str, Symbol],
    *,
    ground: np.ndarray,
    quality: int,
    threshold: float,
    method: str = "visible",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Render every layer, read it back, and hold what is found against what was drawn.

    Parameters
    ----------
    symbols, layers
        From :func:`symbol_rows` and :func:`layer_table`.
    sheet, ground
        The paper, and the background on it.
    drawn
        Symbol of each kind.
    quality, threshold, method
        Of the JPEG files; least correlation; one of `METHODS`.

    Returns
    -------
    found : pandas.DataFrame
        One row a symbol found: ``kind``, ``year``, ``x``, ``y``, ``correlation``, ``visible``.
    held : pandas.DataFrame
        `layers` with ``places`` (different ones), ``found``, ``matched``, ``places_matched``,
        ``precision``, ``recall``, ``f1``, ``error_px``, ``rms_error_px``, ``error_m``, ``crowding``.
    """
    everything, rows = [], []
    for kind, year in zip(layers["kind"], layers["year"], strict=True):
        true = of_layer(symbols, kind, year)
        files = published_as(true, sheet, drawn[kind], ground, quality)
        found = read_back(*files, drawn[kind], threshold, method)
        everything.append(found.assign(kind=kind, year=year))
        rows.append(_held(found[["x", "y"]].to_numpy(), true, sheet, drawn[kind].size))
    columns = ["kind", "year", "x", "y", "correlation", "visible"]
    return (
        pd.concat(everything, ignore_index=True)[columns],
        pd.concat([layers, pd.DataFrame(rows, index=layers.index)], axis=1),
    )


def _held(found: np.ndarray, true: np.ndarray, sheet: Sheet, diameter: int) -> dict[str, float]:
    places = np.unique(true, axis=0)
    pixel = sheet.per_pixel
    near = tolerance(diameter) * pixel
    held, once = agreement(found, true, near), agreement(found, places, near)
    return {
        "places": len(places),
        "found": held.found,
        "matched": held.matched,
        "places_matched": once.matched,
        "precision": held.precision,
        "recall": held.recall,
        "f1": held.f1,
        "error_px": held.mean_error / pixel,
        "rms_error_px": held.rms_error / pixel,
        "error_m": held.mean_error,
        "crowding": crowding(true, diameter * pixel),
    }


def crowding(places: np.ndarray, diameter: float) -> float:
    """How many other symbols touch or cover a symbol, on average: centres within a diameter.

    For symbols scattered at random, λ of them a unit of area, it is λ π d².

    Parameters
    ----------
    places
        Shape (n, 2).
    diameter
        In the unit of the places.
    """
    if len(places) < 2:
        return 0.0
    return 2 * len(KDTree(places).query_pairs(diameter, output_type="ndarray")) / len(places)


def totals(held: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Layers taken together, all of them or by a column.

    Returns
    -------
    pandas.DataFrame
        ``symbols``, ``places``, ``found``, ``matched``, ``places_matched``, ``precision``,
        ``recall``, ``recall_places``, ``f1``, ``error_px``, ``error_m`` and ``least_f1`` (of a
        layer); one row a group.
    """
    counts = ["symbols", "places", "found", "matched", "places_matched"]
    group = held[by] if by else pd.Series("all layers", index=held.index, name="layers")
    table = held.groupby(group, sort=True)[counts].sum()
    for column in ("error_px", "error_m"):
        weighted = (held[column] * held["matched"]).groupby(group).sum()
        table[column] = weighted / table["matched"].clip(lower=1)
    table.insert(5, "precision", _share(table["matched"], table["found"]))
    table.insert(6, "recall", _share(table["matched"], table["symbols"]))
    table.insert(7, "recall_places", _share(table["places_matched"], table["places"]))
    table.insert(8, "f1", _share(2 * table["matched"], table["found"] + table["symbols"]))
    table["least_f1"] = held["f1"].groupby(group).min()
    return table


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole.clip(lower=1)).where(whole > 0, 1.0)


def located_events(
    found: pd.DataFrame, window: shapely.Geometry | None, whole: float = 0.95
) -> pd.DataFrame:
    """Found symbols as a layer of events, with what a user of it must know of each.

    Parameters
    ----------
    found
        ``kind``, ``year``, ``x``, ``y``, ``correlation``, ``visible``.
    window
        The study window.
    whole
        Share that shows from which a symbol counts as whole.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``time`` (January of the year of the layer, which is all a layer tells; empty
        where it has none), ``x``, ``y`` (metres, to a centimetre), ``correlation``, ``visible`` and
        ``remark`` (``hidden in part``, ``outside the boundary`` or both, or nothing).
    """
    import shapely as geometry

    year = found["year"] if "year" in found else pd.Series("all", index=found.index)
    dated = year.astype(str).str.fullmatch(r"\d{4}")
    hidden = np.where(found["visible"] < whole, "hidden in part", "")
    outside = np.zeros(len(found), dtype=bool)
    if window is not None:
        outside = ~geometry.contains_xy(window, found["x"].to_numpy(), found["y"].to_numpy())
    off = np.where(outside, "outside the boundary", "")
    remarks = ["; ".join(filter(None, pair)) for pair in zip(hidden, off, strict=True)]
    return pd.DataFrame(
        {
            "kind": found["kind"],
            "time": (year.astype(str) + "-01").where(dated, ""),
            "x": found["x"].round(2),
            "y": found["y"].round(2),
            "correlation": found["correlation"].round(3),
            "visible": found["visible"].round(3),
            "remark": remarks,
        }
    )


def located_and_missed(
    symbols: pd.DataFrame, found: pd.DataFrame, layers: pd.DataFrame, within: float
) -> tuple[np.ndarray, np.ndarray]:
    """Places of the symbols drawn that have a partner among those found, and of those that have none.

    Parameters
    ----------
    symbols, found, layers
        As in :func:`read_layers`.
    within
        Largest distance of a pair, metres.

    Returns
    -------
    tuple of numpy.ndarray
        Located and missed, all layers together, shapes (n, 2) and (m, 2).
    """
    located, lost = [np.empty((0, 2))], [np.empty((0, 2))]
    for kind, year in zip(layers["kind"], layers["year"], strict=True):
        true = of_layer(symbols, kind, year)
        _, seen = pairs_within(of_layer(found, kind, year), true, within)
        located.append(true[seen])
        lost.append(np.delete(true, seen, axis=0))
    return np.concatenate(located), np.concatenate(lost)


# ------------------------------------------------------------------------------ parts of a layer


@dataclass(frozen=True)
class Part:
    """A square of a layer, to look at closely.

    Attributes
    ----------
    points
        Centres of its symbols, pixels of the square, shape (n, 2); those that reach in from
        outside among them.
    side
        Pixels.
    symbol
        What is drawn.
    """

    points: np.ndarray
    side: int
    symbol: Symbol

    def picture(self, style: str, seed: int, quality: int) -> np.ndarray:
        """The square on a background, after it was a JPEG file."""
        ground = background(style, self.side, self.side, seed)
        return decoded(as_jpeg(render(self.points, self.symbol, ground), quality))

    def held(self, image: np.ndarray, threshold: float, method: str) -> tuple[Any, Agreement]:
        """What a method finds in a picture of it, shape (k, 2), held against the truth.

        Symbols less than a quarter of whose width is inside the square count for nothing.
        """
        return self.held_each(image, [threshold], method)[0]

    def held_each(
        self, image: np.ndarray, thresholds: Sequence[float], method: str
    ) -> list[tuple[Any, Agreement]]:
        """As `held`, for each of several thresholds."""
        template, overlaps = self.symbol.template, METHODS[method]
        found = locate_each(image, template, thresholds, overlaps=overlaps)
        return [self._held(each[["pixel_x", "pixel_y"]].to_numpy()) for each in found]

    def _held(self, places: np.ndarray) -> tuple[Any, Agreement]:
        rim = -self.symbol.size / 4
        near = tolerance(self.symbol.size)
        mine, theirs = pairs_within(places, self.points, near)
        inside = _inside(self.points, rim, self.side)
        # what pairs with a sliver at the rim is neither right nor wrong
        free = np.ones(len(places), dtype=bool)
        free[mine[~inside[theirs]]] = False
        return places, agreement(places[free], self.points[inside], near)


def _inside(points: np.ndarray, rim: float, side: int) -> np.ndarray:
    return np.asarray(((points >= rim) & (points <= side - 1 - rim)).all(axis=1))


def densest_part(places: np.ndarray, sheet: Sheet, symbol: Symbol, side: int) -> Part:
    """The square with most symbols, among those whose corners lie every half side.

    Parameters
    ----------
    places
        Metres, shape (n, 2).
    sheet
        The paper they are drawn on.
    symbol
        What is drawn.
    side
        Pixels, at most what the sheet has.
    """
    points = sheet.reference.pixels(places)
    side = min(side, sheet.rows, sheet.columns)
    step = max(1, side // 2)
    lefts = np.arange(0, max(1, sheet.columns - side + 1), step)
    tops = np.arange(0, max(1, sheet.rows - side + 1), step)
    counts = np.empty((len(lefts), len(tops)), dtype=int)
    for k, left in enumerate(lefts):
        mine = (points[:, 0] >= left) & (points[:, 0] <= left + side - 1)
        rows = np.sort(points[mine, 1])
        last = np.searchsorted(rows, tops + side - 1, side="right")
        counts[k] = last - np.searchsorted(rows, tops)
    best = np.unravel_index(counts.argmax(), counts.shape)
    corner = np.array([lefts[best[0]], tops[best[1]]], dtype=float)
    moved = points - corner
    return Part(moved[_inside(moved, -symbol.size, side)], side, symbol)


def scattered_part(crowd: float, side: int, symbol: Symbol, seed: int) -> Part:
    """A square of symbols scattered at random, so many of which touch each on average."""
    generator = np.random.default_rng(seed)
    reach = side + 2 * symbol.size
    density = crowd / (np.pi * symbol.size**2)
    count = generator.poisson(density * reach**2)
    return Part(generator.uniform(-symbol.size, side + symbol.size, (count, 2)), side, symbol)


def threshold_table(
    part: Part, thresholds: Sequence[float], *, style: str, seed: int, quality: int
) -> pd.DataFrame:
    """Precision, recall and F1 by threshold and method.

    Returns
    -------
    pandas.DataFrame
        ``method``, ``threshold``, ``precision``, ``recall``, ``f1``.
    """
    image = part.picture(style, seed, quality)
    rows = []
    for method in METHODS:
        steps = [float(threshold) for threshold in thresholds]
        for threshold, (_, held) in zip(steps, part.held_each(image, steps, method), strict=True):
            rows.append({"method": method, "threshold": threshold, **_scores(held)})
    return pd.DataFrame(rows)


def crowding_table(
    crowds: Sequence[float],
    symbol: Symbol,
    *,
    side: int,
    style: str,
    seed: int,
    quality: int,
    threshold: float,
) -> pd.DataFrame:
    """Precision, recall, F1 and error by crowding and method, for symbols scattered at random.

    Returns
    -------
    pandas.DataFrame
        ``method``, ``crowding`` (of the symbols that were drawn), ``symbols``, ``precision``,
        ``recall``, ``f1``, ``error_px``.
    """
    rows = []
    for number, crowd in enumerate(crowds):
        part = scattered_part(crowd, side, symbol, seed + number)
        image = part.picture(style, seed, quality)
        for method in METHODS:
            _, held = part.held(image, threshold, method)
            about = {"method": method, "crowding": float(crowd), "symbols": held.true}
            rows.append({**about, **_scores(held), "error_px": held.mean_error})
    return pd.DataFrame(rows)


def crowding_for(table: pd.DataFrame, least: float, method: str = "visible") -> float | None:
    """The crowding up to which a method locates at least a share, None where it never does.

    Parameters
    ----------
    table
        From :func:`crowding_table`.
    least
        Share located.
    method
        One of `METHODS`.

    Returns
    -------
    float or None
        The last of the table's steps before the first that falls below.
    """
    mine = table[table["method"] == method].sort_values("crowding")
    below = np.flatnonzero(mine["recall"].to_numpy() < least)
    upto = int(below[0]) if len(below) else len(mine)
    return float(mine["crowding"].iloc[upto - 1]) if upto else None


def background_table(
    part: Part, *, seed: int, quality: int, threshold: float
) -> tuple[pd.DataFrame, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """The same symbols on every background.

    Returns
    -------
    table : pandas.DataFrame
        ``background``, ``adjusted`` (whether the extraction was adjusted on it), ``method``,
        ``precision``, ``recall``, ``f1``, ``error_px``.
    pictures : dict
        Image and places found by visible parts, by background.
    """
    rows, pictures = [], {}
    for style in BACKGROUNDS:
        image = part.picture(style, seed, quality)
        for method in METHODS:
            places, held = part.held(image, threshold, method)
            about = {"background": style, "adjusted": style in TUNED, "method": method}
            rows.append({**about, **_scores(held), "error_px": held.mean_error})
        pictures[style] = (image, places)
    return pd.DataFrame(rows), pictures


def compared_part(
    part: Part, *, style: str, seed: int, quality: int, threshold: float
) -> tuple[np.ndarray, dict[str, dict[str, np.ndarray]]]:
    """A picture of a part, and by method the places that are right, wrong and missed.

    Returns
    -------
    image : ndarray, shape (side, side, 3)
    marks : dict
        By method ``right``, ``wrong`` and ``missed``, each of shape (k, 2), pixels.
    """
    # read with what lies around it, so that its rim is no edge of the picture
    rim, side = part.symbol.size, part.side
    wider = Part(part.points + rim, side + 2 * rim, part.symbol)
    image = wider.picture(style, seed, quality)
    marks = {}
    for method in METHODS:
        places = wider.held(image, threshold, method)[0] - rim
        mine, theirs = pairs_within(places, part.points, tolerance(rim))
        groups = {
            "right": places[mine],
            "wrong": np.delete(places, mine, axis=0),
            "missed": np.delete(part.points, theirs, axis=0),
        }
        marks[method] = {name: each[_inside(each, 0, side)] for name, each in groups.items()}
    return image[rim : rim + side, rim : rim + side], marks


def _scores(held: Agreement) -> dict[str, float]:
    return {"precision": held.precision, "recall": held.recall, "f1": held.f1}
