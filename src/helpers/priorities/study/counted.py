"""Which criteria are ratios of counted events, and what is left of them without their chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..shrinkage import shrunk_ratio

__all__ = ["CountedRatio", "SteadyRatio", "counted_ratios", "fewest_events", "ratios_told"]


@dataclass(frozen=True)
class SteadyRatio:
    """A ratio of counts, drawn towards its mean.

    Attributes
    ----------
    measures, raw : Series
        Zone → the estimate, and the ratio as counted; in the criterion's unit.
    events : Series
        Zone → the events that it rests on: all of a share's, those counted of a rate.
    own : Series
        Zone → weight of its own ratio in the estimate.
    mean : float
        Of all zones together, in the criterion's unit.
    """

    measures: pd.Series
    raw: pd.Series
    events: pd.Series
    own: pd.Series
    mean: float

    @property
    def by_chance(self) -> bool:
        """Whether chance explains all differences between zones, so that nothing is left of them."""
        return bool(self.measures.nunique() < 2 <= self.raw.nunique())


@dataclass(frozen=True)
class CountedRatio:
    """A criterion that divides a count of events by a field of the zones.

    Attributes
    ----------
    above, below : Series
        Zone's code → the count, and what it is set against.
    scale : float
        By which the quotient is multiplied.
    share : bool
        Whether the events are some of those in `below`, so that this is a share and no rate.
    """

    above: pd.Series
    below: pd.Series
    scale: float
    share: bool

    def steadied(self, codes: pd.Series) -> SteadyRatio:
        """Its estimates for some zones, from these zones alone.

        Parameters
        ----------
        codes : Series
            Name → code of the zones.
        """
        above, below = (
            pd.Series(part.reindex(codes).to_numpy(dtype=float), index=codes.index)
            for part in (self.above, self.below)
        )
        known = (above.notna() & below.notna()).to_numpy()
        found = shrunk_ratio(above[known], below[known], share=self.share)
        index = codes.index[known]
        measures, raw = (
            pd.Series(part * self.scale, index=index).reindex(codes.index)
            for part in (found.estimate, found.raw)
        )
        own = pd.Series(found.own, index=index).reindex(codes.index)
        events = below if self.share else above
        return SteadyRatio(measures, raw, events, own, found.mean * self.scale)


def counted_ratios(town: Any) -> dict[str, CountedRatio]:
    """The criteria of a city that are ratios of counted events.

    Of a criterion read from a file nothing is known but its number: it is none of them. Nor is a ratio
    of two counts of which neither holds the other (robberies by thefts): it is neither share nor rate.

    Parameters
    ----------
    town : City
        With the layer criteria, described by ``town.layers["criteria"]``, and the zones it derives from.
    """
    described = town.layers["criteria"]
    if not described.derive:
        return {}
    fields, zones = town.fields(), town.layer("zones")
    by_code = zones.set_index(zones["zone"].astype(str))
    found = {}
    for name, item in described.criteria.items():
        field = fields[item.field]
        if not field.ratio or not fields[field.ratio[0]].count:
            continue
        above, below = field.ratio
        some, every = fields[above], fields[below]
        held = not every.kinds or (some.kinds and set(some.kinds) <= set(every.kinds))
        if not every.count or held:
            share = bool(every.count)
            found[name] = CountedRatio(by_code[above], by_code[below], field.scale, share)
    return found


def fewest_events(steady: Mapping[str, SteadyRatio], zones: pd.Index) -> pd.Series:
    """The fewest events that any ratio of a zone rests on.

    Parameters
    ----------
    steady : dict
        Criterion → its estimates, of one or more.
    zones : Index
        Names of zones, in the order wanted.
    """
    events = pd.DataFrame({name: each.events for name, each in steady.items()})
    return events.min(axis=1)[zones].astype("Int64")


def ratios_told(
    steady: Mapping[str, SteadyRatio], labels: Mapping[str, str], units: Mapping[str, str]
) -> pd.DataFrame:
    """One row a ratio: its mean, and what becomes of the zone that rests on fewest events.

    Parameters
    ----------
    steady : dict
        Criterion → its estimates.
    labels, units : dict
        Criterion → words, and the unit of its measure.

    Returns
    -------
    DataFrame
        Columns ``criterion, measured_in, mean_ratio, fewest_zone, fewest_events, raw_ratio, own_weight,
        steadied``: mean over all zones; zone with the fewest events, that number, its ratio as
        counted, the weight of that in its estimate, and the estimate.
    """
    rows = []
    for name, each in steady.items():
        zone = each.events.where(each.raw.notna()).idxmin()
        rows.append(
            {
                "criterion": labels[name],
                "measured_in": units.get(name, ""),
                "mean_ratio": each.mean,
                "fewest_zone": zone,
                "fewest_events": int(each.events[zone]),
                "raw_ratio": float(each.raw[zone]),
                "own_weight": float(each.own[zone]),
                "steadied": float(each.measures[zone]),
            }
        )
    return pd.DataFrame(rows)
