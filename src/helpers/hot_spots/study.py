"""The tables that a study of hot spots shows: fields, neighbours, and what each choice changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.checks import near

from .local_statistic import GetisOrd, getis_ord
from .neighbourhoods import connecting_band, neighbours

if TYPE_CHECKING:
    from libpysal.graph import Graph

TESTS: dict[str, dict[str, str]] = {
    "normal": {},
    "permutation": {"test": "permutation"},
    "normal, FDR": {"correction": "fdr"},
    "permutation, FDR": {"test": "permutation", "correction": "fdr"},
}
"""The ways to decide which zones are spots, as options of `GetisOrd.table`."""

HOT, COLD = "Hot spot 95 %", "Cold spot 95 %"
Z_95 = 1.96
# Limits of the classes of a map of a field with a long tail: the top fifth is split once more.
QUANTILES = (0, 0.2, 0.4, 0.6, 0.8, 0.95, 1)


# ----------------------------------------------------------------------------------------- fields


def varying_fields(
    zones: pd.DataFrame, known: Iterable[str], wanted: Iterable[str] | None = None
) -> list[str]:
    """Fields whose hot spots can be asked for.

    Parameters
    ----------
    zones
        One row a zone, the fields among its columns.
    known
        Names of all fields.
    wanted
        Those to test, in this order; the first two that vary when not given.

    Returns
    -------
    list of str
        Those of `wanted` that differ between zones, each once.

    Raises
    ------
    ValueError
        A field is not known, or none of those wanted varies.

    Examples
    --------
    >>> zones = pd.DataFrame({"people": [1, 2], "constant": [3, 3], "rate": [0.5, 0.1]})
    >>> varying_fields(zones, zones.columns), varying_fields(zones, zones.columns, ["rate"])
    (['people', 'rate'], ['rate'])
    """
    known = list(known)
    varying = [name for name in known if np.ptp(zones[name].to_numpy()) > 0]
    wanted = varying[:2] if wanted is None else list(dict.fromkeys(wanted))
    for name in wanted:
        if name not in known:
            mend = near(name, known) or "."
            raise ValueError(f"zones have no field {name!r}{mend} Choose from {known}")
    chosen = [name for name in wanted if name in varying]
    if not chosen:
        raise ValueError(f"one value in all zones has no hot spots: choose fields from {varying}")
    return chosen


def field_summary(
    zones: pd.DataFrame, labels: Mapping[str, str], amounts: Collection[str] | None = None
) -> pd.DataFrame:
    """Each field over all zones, and how unequal the zones are in it.

    Parameters
    ----------
    zones
        One row a zone.
    labels
        Label of each field.
    amounts
        Those fields whose sum over zones is a total, which that of rates and shares is not; all
        when not given.

    Returns
    -------
    pandas.DataFrame
        Index ``field`` (labels); count, sum (missing where it is no total), mean, median, min, max in the field's unit, and
        largest_tenth_share: the share of the sum that the largest tenth of the zones holds, at
        least one zone; missing where there is no sum, or values of both signs leave no parts of it.

    Examples
    --------
    >>> zones = pd.DataFrame({"people": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 55]})
    >>> float(field_summary(zones, {"people": "Residents"}).loc["Residents", "largest_tenth_share"])
    0.55
    """
    values = zones[list(labels)]
    summary = values.agg(["count", "sum", "mean", "median", "min", "max"]).T
    largest = values.apply(np.sort).tail(max(1, len(zones) // 10)).sum()
    parts = summary["min"].ge(0) & summary["sum"].gt(0)
    summary["sum"] = summary["sum"].where(
        summary.index.isin(labels if amounts is None else amounts)
    )
    summary["largest_tenth_share"] = (largest / summary["sum"]).where(parts)
    return summary.set_axis(pd.Index(labels.values(), name="field"))


def status_counts(zones: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """How many zones have a figure of which status, by field.

    Parameters
    ----------
    zones
        One row a zone; ``<field>_status`` holds the status of a figure where it is known.
    labels
        Label of each field.

    Returns
    -------
    pandas.DataFrame
        Index ``status``, one column of counts a field that has statuses (its label).
    """
    known = {name: label for name, label in labels.items() if f"{name}_status" in zones}
    counts = {label: zones[f"{name}_status"].value_counts() for name, label in known.items()}
    return pd.DataFrame(counts).fillna(0).astype(int).rename_axis("status")


def has_estimates(statuses: pd.DataFrame) -> bool:
    """Whether some figures of the zones are estimates, which figures then say.

    Parameters
    ----------
    statuses
        From `status_counts`.
    """
    return any(str(status).startswith("estimate") for status in statuses.index)


def quintiles(values: Sequence[float]) -> np.ndarray:
    """Limits of classes of equal size, the top class split once more at 95 %.

    Parameters
    ----------
    values
        One number a zone.

    Returns
    -------
    numpy.ndarray
        Ascending; fewer than seven where many zones have the same value.

    Examples
    --------
    >>> quintiles(range(101))
    array([  0.,  20.,  40.,  60.,  80.,  95., 100.])
    """
    return np.unique(np.quantile(np.asarray(values, dtype=float), QUANTILES))


# ------------------------------------------------------------------------------------- neighbours


def main_definition(graphs: Collection[str], wanted: str | None = None) -> str:
    """The definition of neighbours that the map shows.

    Parameters
    ----------
    graphs
        Definitions that are possible here, in the order of preference behind ``"band"``.
    wanted
        The one asked for, if any.

    Raises
    ------
    ValueError
        The one asked for is not possible here.

    Examples
    --------
    >>> main_definition(["queen", "band"]), main_definition(["queen", "nearest"])
    ('band', 'queen')
    """
    if wanted is None:
        return "band" if "band" in graphs else next(iter(graphs))
    if wanted not in graphs:
        raise ValueError(f"definition {wanted!r} is not possible here; choose from {list(graphs)}")
    return wanted


def neighbour_table(graphs: Mapping[str, Graph]) -> pd.DataFrame:
    """How many neighbours zones have under each definition.

    Parameters
    ----------
    graphs
        Neighbours by definition.

    Returns
    -------
    pandas.DataFrame
        Index ``definition``; pairs (each once a direction), min, median, mean and max of the
        neighbours of a zone, and separate_parts: pieces of the map that no neighbours join.
    """
    degrees = pd.DataFrame({name: graph.cardinalities for name, graph in graphs.items()})
    table = degrees.agg(["sum", "min", "median", "mean", "max"]).T.rename(columns={"sum": "pairs"})
    table["separate_parts"] = [graph.n_components for graph in graphs.values()]
    return table.rename_axis("definition")


def neighbour_pairs(graphs: Mapping[str, Graph]) -> dict[str, np.ndarray]:
    """Pairs of zones of which at least one has the other for a neighbour.

    Parameters
    ----------
    graphs
        Neighbours by definition.

    Returns
    -------
    dict of str to numpy.ndarray, shape (m, 2)
        Positions of zones, the smaller first, each pair once.
    """
    return {
        name: np.unique(np.sort(np.column_stack(graph.sparse.nonzero()), axis=1), axis=0)
        for name, graph in graphs.items()
    }


# ------------------------------------------------------------------------------------------ spots


def spots_table(
    spots: Mapping[str, pd.DataFrame], labels: Mapping[str, str], names: Sequence[str]
) -> pd.DataFrame:
    """Gi* of every zone in every field, the most unusual zones of each field first.

    Parameters
    ----------
    spots
        `GetisOrd.table` of each field, zones in one order.
    labels
        Label of each field.
    names
        Names of the zones, in that order.

    Returns
    -------
    pandas.DataFrame
        field (label), zone, name, value, members, local_mean, z, p, class.
    """
    parts = []
    for field, table in spots.items():
        part = table.rename_axis("zone").reset_index()
        part.insert(0, "field", labels[field])
        part.insert(2, "name", list(names))
        parts.append(part.sort_values("z", key=np.abs, ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)


def extreme_zones(z: Sequence[float]) -> list[int]:
    """Positions of the coldest and of the hottest zone.

    Examples
    --------
    >>> extreme_zones([0.5, -2.0, 3.1])
    [1, 2]
    """
    return [int(np.argmin(z)), int(np.argmax(z))]


def findings(table: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    """What one would write down of one map.

    Parameters
    ----------
    table
        `GetisOrd.table` of the field.
    names
        Names of the zones, in its order.

    Returns
    -------
    dict
        hot: number of hot spots at 95 %; cold: names of the cold ones; cold_90: number of cold
        spots at 90 %; coldest: the zone of the lowest z.
    """
    classes, names = table["class"], np.asarray(names, dtype=object)
    return {
        "hot": int((classes >= HOT).sum()),
        "cold": names[(classes <= COLD).to_numpy()].tolist(),
        "cold_90": int((classes <= "Cold spot 90 %").sum()),
        "coldest": str(names[np.argmin(table["z"])]),
    }


def findings_inside(
    table: pd.DataFrame, names: Sequence[str], inside: Sequence[bool]
) -> dict[str, Any]:
    """Where a part of the map holds the hot spots, and where it does not.

    Parameters
    ----------
    table, names
        As in `findings`.
    inside
        Whether each zone belongs to the part.

    Returns
    -------
    dict
        hot_inside, hot_outside: number of hot spots at 95 %; not_hot: names of the zones inside
        that are none.
    """
    hot, inside = (table["class"] >= HOT).to_numpy(), np.asarray(inside, dtype=bool)
    names = np.asarray(names, dtype=object)
    return {
        "hot_inside": int((hot & inside).sum()),
        "hot_outside": int((hot & ~inside).sum()),
        "not_hot": names[inside & ~hot].tolist(),
    }


def moran_table(
    local: Mapping[str, pd.DataFrame], labels: Mapping[str, str], names: Sequence[str]
) -> pd.DataFrame:
    """The local Moran of every zone, outliers first, then by p.

    Parameters
    ----------
    local
        `LocalMoran.table` by field.
    labels
        Label of each field.
    names
        Names of the zones, in the order of the tables.

    Returns
    -------
    pandas.DataFrame
        field, zone, value, z, lag, p, class.
    """
    parts = []
    for field, table in local.items():
        outlier = table["class"].isin(["High among low", "Low among high"])
        told = table[["value", "z", "lag", "p"]].assign(**{"class": table["class"].astype(str)})
        told = told.assign(outlier=outlier, zone=list(names), field=labels[field])
        parts.append(told.sort_values(["outlier", "p"], ascending=[False, True], kind="stable"))
    columns = ["field", "zone", "value", "z", "lag", "p", "class"]
    return pd.concat(parts, ignore_index=True)[columns]


# ---------------------------------------------------------------------------------------- choices


def classes_by_choice(results: Mapping[tuple[str, str], GetisOrd]) -> pd.DataFrame:
    """Class of every zone under every definition of neighbours and every test.

    Parameters
    ----------
    results
        Gi* by field and definition, with permutations.

    Returns
    -------
    pandas.DataFrame
        Index the zones; column levels field, test (:data:`TESTS`), definition.
    """
    fields = dict.fromkeys(field for field, _ in results)
    classes = {
        (field, test, definition): results[field, definition].table(**how)["class"]
        for field in fields
        for test, how in TESTS.items()
        for given, definition in results
        if given == field
    }
    return pd.concat(classes, axis=1, names=["field", "test", "definition"])


def choice_counts(classes: pd.DataFrame, main: str) -> pd.DataFrame:
    """How many spots each choice finds, and how far it agrees with the map.

    Parameters
    ----------
    classes
        From `classes_by_choice`.
    main
        The map's definition of neighbours; its test is ``"normal"``.

    Returns
    -------
    pandas.DataFrame
        field, test, definition, hot_95, cold_95 (numbers of zones), same_as_map (share of zones
        of the same class).
    """
    same = [(classes[column] == classes[column[0], "normal", main]).mean() for column in classes]
    counts = {"hot_95": (classes >= HOT).sum(), "cold_95": (classes <= COLD).sum()}
    return pd.DataFrame({**counts, "same_as_map": same}).reset_index()


def choice_ranges(counts: pd.DataFrame, main: str, labels: Mapping[str, str]) -> pd.DataFrame:
    """How far the number of spots depends on the test, and on the definition of neighbours.

    Parameters
    ----------
    counts
        From `choice_counts`.
    main
        The map's definition.
    labels
        Label of each field.

    Returns
    -------
    pandas.DataFrame
        Index the fields; label, and hot and cold spots at 95 % by permutation
        (hot_dealt, cold_dealt), with the false discovery rate controlled (hot_fdr, cold_fdr), and
        least and most over the definitions by the normal test (hot_least, hot_most, …).
    """
    rows = {}
    for field, part in counts.groupby("field", sort=False):
        shown = part[part["definition"] == main].set_index("test")
        normal = part[part["test"] == "normal"]
        row: dict[str, Any] = {"label": labels[field]}
        for side in ("hot", "cold"):
            row[f"{side}_dealt"] = shown.loc["permutation", f"{side}_95"]
            row[f"{side}_fdr"] = shown.loc["normal, FDR", f"{side}_95"]
            row[f"{side}_least"] = normal[f"{side}_95"].min()
            row[f"{side}_most"] = normal[f"{side}_95"].max()
        rows[field] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def contested_zones(classes: pd.DataFrame, z: Sequence[float], most: int = 60) -> list[int]:
    """Positions of the zones that are a spot under at least one choice, hottest first.

    Parameters
    ----------
    classes
        Of one field: one column a choice, one row a zone.
    z
        Standard score of each zone on the map.
    most
        How many at most: above that the hottest and the coldest half of it.

    Returns
    -------
    list of int
        All zones where no choice finds a spot.

    Examples
    --------
    >>> quiet, hot = "Not significant", "Hot spot 95 %"
    >>> contested_zones(pd.DataFrame({"a": [quiet, hot, hot], "b": [quiet] * 3}), [0.1, 2, 3])
    [2, 1]
    """
    ever = (classes != "Not significant").any(axis=1).to_numpy()
    order = np.asarray(z).argsort()[::-1]
    chosen = [int(i) for i in order if ever[i] or not ever.any()]
    return chosen if len(chosen) <= most else chosen[: most // 2] + chosen[-(most // 2) :]


def spots_ever(classes: pd.DataFrame) -> int:
    """Number of zones that are a spot under at least one choice; of all where none is.

    Parameters
    ----------
    classes
        As in `contested_zones`, which lists them.

    Examples
    --------
    >>> quiet, hot = "Not significant", "Hot spot 95 %"
    >>> spots_ever(pd.DataFrame({"a": [quiet, hot, hot], "b": [quiet] * 3}))
    2
    """
    return int((classes != "Not significant").any(axis=1).sum()) or len(classes)


# ------------------------------------------------------------------------------------------- band


def band_results(
    zones: pd.DataFrame, values: pd.DataFrame, widths: Sequence[float]
) -> dict[tuple[str, float], GetisOrd]:
    """Gi* of each field while the band that makes neighbours grows, without permutations.

    Parameters
    ----------
    zones
        One row a zone: ``zone`` and the centroid ``x``, ``y`` in metres.
    values
        Fields, indexed by zone.
    widths
        Widths of the band in connecting bands: 1 is the least that leaves no zone alone.

    Returns
    -------
    dict
        By field and width. It ends where some zone would have all others as neighbours, and is
        empty where zones share their centroids.
    """
    least, found = connecting_band(zones), {}
    for width in widths if least > 0 else []:
        graph = neighbours(zones, "band", band=float(width * least))
        if graph.cardinalities.max() >= len(zones) - 1:
            break
        found |= {(str(field), float(width)): getis_ord(values[field], graph) for field in values}
    return found


def spots_by_band(
    zones: pd.DataFrame, results: Mapping[tuple[str, float], GetisOrd]
) -> pd.DataFrame:
    """Spots at 95 % while the band that makes neighbours grows.

    Parameters
    ----------
    zones
        As in `band_results`.
    results
        From `band_results`.

    Returns
    -------
    pandas.DataFrame
        band_km, field, hot, cold (numbers of zones by the normal test).
    """
    least = connecting_band(zones)
    rows = [
        (width * least / 1000, field, int((r.z > Z_95).sum()), int((r.z < -Z_95).sum()))
        for (field, width), r in results.items()
    ]
    return pd.DataFrame(rows, columns=["band_km", "field", "hot", "cold"])


def steady_band(
    zones: pd.DataFrame, values: pd.Series, *, step: float = 50.0, reach: float = 1.2
) -> float:
    """Up to which band the cold spots at 95 % stay those of the connecting band.

    Parameters
    ----------
    zones
        As in `band_results`.
    values
        The field, indexed by zone.
    step
        Metres by which the band is widened.
    reach
        Widest band tried, in connecting bands.

    Returns
    -------
    float
        Metres; ``nan`` where Gi* of the connecting band does not exist.
    """
    least = connecting_band(zones)
    first, widest = None, np.nan
    for width in np.arange(least, reach * least, step) if least > 0 else []:
        graph = neighbours(zones, "band", band=float(width))
        if graph.cardinalities.max() >= len(zones) - 1:
            break
        cold = set(np.flatnonzero(getis_ord(values, graph).z <= -Z_95))
        first = cold if first is None else first
        if cold != first:
            break
        widest = float(width)
    return widest
