"""The planner pages of a city: every saved plan of patrols and of districts, as pages carry them."""

from .districts import Districts, read_districts
from .page import PROOFS, Planner, read_planner

__all__ = ["PROOFS", "Districts", "Planner", "read_districts", "read_planner"]
