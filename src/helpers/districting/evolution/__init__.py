"""Genetic algorithms over the centres of areas."""

from .search import genetic, genetic_paper, paper_settings

__all__ = ["genetic", "genetic_paper", "paper_settings"]
