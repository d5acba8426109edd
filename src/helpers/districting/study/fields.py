"""What a field of the zones can be shared out, and how far it is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from helpers.checks import near

from ..units import DistrictingError

__all__ = [
    "Estimates",
    "estimate_numbers",
    "estimates",
    "estimates_by_field",
    "shareable_fields",
    "usual_contacts",
]


def shareable_fields(
    zones: pd.DataFrame, known: Iterable[str], wanted: Iterable[str] | None = None
) -> list[str]:
    """Fields whose sum can be shared out among areas.

    Parameters
    ----------
    zones
        One row a zone, the fields among its columns.
    known
        Names of all fields.
    wanted
        Those to share out, in this order; the first that will do when not given.

    Returns
    -------
    list of str
        Each once.

    Raises
    ------
    DistrictingError
        A field is not known, holds values below zero or nothing but zeros.

    Examples
    --------
    >>> zones = pd.DataFrame({"change": [-1, 2], "people": [3, 4]})
    >>> shareable_fields(zones, ["change", "people"])
    ['people']
    """
    amounts = [name for name in known if zones[name].min() >= 0 < zones[name].sum()]
    chosen = amounts[:1] if wanted is None else list(dict.fromkeys(wanted))
    for name in chosen:
        if name not in amounts:
            mend = near(name, amounts) or "."
            raise DistrictingError(
                f"{name!r} is no field of zero and more{mend} Choose from {amounts}"
            )
    return chosen


def usual_contacts(borders: pd.DataFrame) -> str:
    """Which contacts make neighbours where nobody says: borders, or corners where there are none.

    Examples
    --------
    >>> usual_contacts(pd.DataFrame({"contact": ["point", "rook"]}))
    'rook'
    """
    return "rook" if "rook" in set(borders["contact"]) else "queen"


@dataclass(frozen=True)
class Estimates:
    """How much of a field is estimated.

    Attributes
    ----------
    zones : int
        Number of zones whose figure is an estimate.
    of : int
        Number of zones.
    share : float
        Share of the field's sum that they hold.
    """

    zones: int
    of: int
    share: float


def estimates(zones: pd.DataFrame, field: str) -> Estimates | None:
    """How much of a field is estimated, or None where nothing is or nobody says.

    Parameters
    ----------
    zones
        One row a zone; ``<field>_status`` holds ``"estimate"`` where the figure is one.
    field
        Name of the field.

    Examples
    --------
    >>> zones = pd.DataFrame({"a": [1, 3], "a_status": ["estimate", "census"]})
    >>> estimates(zones, "a")
    Estimates(zones=1, of=2, share=0.25)
    """
    if f"{field}_status" not in zones:
        return None
    guessed = zones[f"{field}_status"] == "estimate"
    if not guessed.any():
        return None
    share = float(zones.loc[guessed, field].sum() / zones[field].sum())
    return Estimates(int(guessed.sum()), len(zones), share)


def estimates_by_field(zones: pd.DataFrame, fields: Iterable[str]) -> dict[str, Estimates]:
    """How much of each field is estimated, for those of which anything is."""
    found = {field: estimates(zones, field) for field in fields}
    return {field: part for field, part in found.items() if part is not None}


def estimate_numbers(
    zones: pd.DataFrame, fields: Iterable[str]
) -> dict[str, tuple[float | int, str]]:
    """How much of each field is estimated, as numbers that a section saves and the ledger reads.

    Parameters
    ----------
    zones
        As in `estimates`.
    fields
        Names of fields.

    Returns
    -------
    dict
        ``<field>_estimated``, the share of the total, and ``<field>_estimated_zones``, how many
        zones, each with what it is; nothing of a field of which nothing is estimated.

    Examples
    --------
    >>> zones = pd.DataFrame({"a": [1, 3], "a_status": ["estimate", "census"]})
    >>> [value for value, _ in estimate_numbers(zones, ["a"]).values()]
    [0.25, 1]
    """
    found: dict[str, tuple[float | int, str]] = {}
    for field, part in estimates_by_field(zones, fields).items():
        found[f"{field}_estimated"] = part.share, "share of the total that is estimated"
        found[f"{field}_estimated_zones"] = part.zones, "zones that are estimated"
    return found
