"""Proven optima and proven trade-offs of contiguous plans."""

from .certificate import certify_plan
from .pareto import ParetoFront, lexicographic, pareto_front
from .search import exact

__all__ = ["ParetoFront", "certify_plan", "exact", "lexicographic", "pareto_front"]
