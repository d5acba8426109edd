"""Two tables for a newcomer: what the sections are, and which city can run which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .card import list_sections, read_section
from .store import COMPENDIUM
from .towns import find_city, list_cities

if TYPE_CHECKING:
    import pandas as pd


def sections_table() -> pd.DataFrame:
    """Every section in reading order: title, paper, what a city needs for it, what comes before.

    Returns
    -------
    pandas.DataFrame
        Index ``section``; columns ``title``, ``paper``, ``needs`` and ``after``, all text.
    """
    import pandas as pd

    cards = [read_section(name) for name in list_sections()]
    rows = {
        card.name: {
            "title": card.title,
            "paper": card.paper,
            "needs": ", ".join(" or ".join(group) for group in card.needs),
            "after": ", ".join(name.split("_")[0] for name in card.after),
        }
        for card in cards
    }
    return pd.DataFrame(rows).T.rename_axis("section")


def cities_table() -> pd.DataFrame:
    """For which section each bundled city has the layers; what must be in them is not counted.

    Returns
    -------
    pandas.DataFrame
        Index ``city``; ``title``, then one column a section's number: whether it has them.
    """
    import pandas as pd

    cards = [read_section(name) for name in list_sections()]
    rows = {}
    for city in list_cities():
        town = find_city(city)
        can = {c.name[:2]: not c.lacking_layers(town) for c in cards if c.scope != COMPENDIUM}
        rows[city] = {"title": town.title, **can}
    return pd.DataFrame(rows).T.rename_axis("city")
