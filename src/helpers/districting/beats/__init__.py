"""The plan of today: what few changes to it reach, and where it stands among random plans."""

from .ensemble import Ensemble, chain_measures, effective_size, plan_ensemble, standing
from .moves import FewMoves, few_moves

__all__ = [
    "Ensemble",
    "FewMoves",
    "chain_measures",
    "effective_size",
    "few_moves",
    "plan_ensemble",
    "standing",
]
