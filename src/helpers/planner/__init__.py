"""The planner page of a city: every saved plan of its patrols, in the form that a page carries."""

from .page import PROOFS, Planner, read_planner

__all__ = ["PROOFS", "Planner", "read_planner"]
