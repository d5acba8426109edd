"""Proven optima and proven trade-offs of contiguous plans."""

from .pareto import ParetoFront, lexicographic, pareto_front
from .search import exact

__all__ = ["ParetoFront", "exact", "lexicographic", "pareto_front"]
