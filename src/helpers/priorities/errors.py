"""What is raised about bad input."""

from __future__ import annotations


class PriorityError(ValueError):
    """A table of criteria, a weight or a ranking that breaks a rule; the sentence says which."""
