"""Portals: brings data from the addresses under which cities publish it."""

from .addresses import address_of, is_address
from .keeping import CACHE_VARIABLE, Download, cache_folder, download
from .patience import Patience
from .police_uk import check_choice, forces_of, is_wanted, months_between

__all__ = [
    "CACHE_VARIABLE",
    "Download",
    "Patience",
    "address_of",
    "cache_folder",
    "check_choice",
    "download",
    "forces_of",
    "is_address",
    "is_wanted",
    "months_between",
]
