"""The tables that a study of service areas shows."""

from .board import (
    Recombination,
    SetPartition,
    connected_subsets,
    crossover,
    grow,
    moves,
    recombine,
    set_partition,
    squares,
    useful_subsets,
)
from .fields import Estimates, estimates, shareable_fields, usual_contacts
from .one_plan import (
    areas_by_size,
    areas_in_pieces,
    contact_table,
    exchange_table,
    genetic_defaults,
    search_table,
    settings_table,
    wishes,
)

__all__ = [
    "Estimates",
    "Recombination",
    "SetPartition",
    "areas_by_size",
    "areas_in_pieces",
    "connected_subsets",
    "contact_table",
    "crossover",
    "estimates",
    "exchange_table",
    "genetic_defaults",
    "grow",
    "moves",
    "recombine",
    "search_table",
    "set_partition",
    "settings_table",
    "shareable_fields",
    "squares",
    "useful_subsets",
    "usual_contacts",
    "wishes",
]
