"""What the person said: files and flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from helpers.sources import Download


@dataclass
class Choices:
    """Files and flags of ``new-city``.

    Attributes
    ----------
    name : str
        Of the city.
    events : Path
    boundary, stations, patrols, zones, streets, districts, criteria : Path, optional
    key : str
        Column of the zones' codes.
    crs, time_zone : str
        What the file cannot tell.
    kind, x, y, zone, count, id : str
        Columns, where the guess is wrong.
    time : list of str
        Columns to be joined.
    order : {"", "dmy", "mdy"}
        Of day and month.
    precision : {"", "hour", "day", "month"}
    force, months : str
        Of an archive of data.police.uk: forces parted by commas or ``all``, and ``2023-05:2023-07``.
    yes : bool
        Take what is offered.
    taken : set of str
        Questions whose offer a person took.
    downloads : dict
        Which of the files came from an address.
    """

    name: str
    events: Path
    boundary: Path | None = None
    stations: Path | None = None
    patrols: Path | None = None
    zones: Path | None = None
    key: str = ""
    streets: Path | None = None
    districts: Path | None = None
    criteria: Path | None = None
    crs: str = ""
    time_zone: str = ""
    kind: str = ""
    time: list[str] = field(default_factory=list)
    x: str = ""
    y: str = ""
    zone: str = ""
    count: str = ""
    id: str = ""
    order: str = ""
    precision: str = ""
    force: str = ""
    months: str = ""
    yes: bool = False
    taken: set[str] = field(default_factory=set)
    downloads: dict[Path, Download] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """What the person says of the file of one layer.

    Attributes
    ----------
    key : str
        Column of the zones' codes, or of the districts' names.
    x, y, name : str
        Columns of stations or patrols.
    crs : str
        System of the coordinates, where no file names it.
    criteria : tuple of (criterion, column, shape)
        Columns of criteria that bear another name, and how priority follows them, "" where it is
        as the city has it.
    """

    key: str = ""
    x: str = ""
    y: str = ""
    name: str = ""
    crs: str = ""
    criteria: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """Something that no file tells.

    Attributes
    ----------
    text : str
        The fault and its mend, as a sentence.
    options : dict
        From what a person may answer to the flag's attribute and value.
    offer : str
        The answer that ``--yes`` gives; "" where only a person can know.
    columns : dict
        From the flag's attribute to what the column holds, where columns are asked for.
    among : list of str
        The columns of the file.
    """

    text: str
    options: dict[str, tuple[str, object]] = field(default_factory=dict)
    offer: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    among: list[str] = field(default_factory=list)

    def is_open(self, choices: Choices) -> bool:
        """Whether neither a flag nor ``--yes`` nor an answer decides it."""
        return not (choices.yes and self.offer) and self.text not in choices.taken
