"""How many rows of a layer are used, and how many were set aside for which reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    """Where the rows of a layer went; ``rows == used + sum(set_aside.values())``.

    Attributes
    ----------
    rows : int
        Of its files, and of the list of those that were rejected before.
    used : int
    set_aside : dict
        From the reason to the number of rows.
    events : int
        What the rows that are used stand for: as many, unless a column counts.
    """

    rows: int
    used: int
    set_aside: dict[str, int]
    events: int

    def sentence(self) -> str:
        """The balance in a sentence; nothing where each row is an event."""
        if not self.set_aside and self.events == self.used:
            return ""
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.set_aside.items())
        aside = f"{sum(self.set_aside.values()):,} set aside{f' ({reasons})' if reasons else ''}"
        counted = f"; those used count {self.events:,} events" if self.events != self.used else ""
        return f"{self.rows:,} rows = {self.used:,} used + {aside}{counted}"
