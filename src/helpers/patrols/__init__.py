"""Where patrols should stand: the p-median, its relatives, proofs, judgement of plans."""

from .certificate import Certificate, certify
from .distances import PlanarDistance
from .median import METHODS, p_median, sweep
from .problem import CoverageSolution, PatrolProblem, PMedianSolution, assign, travel

__all__ = [
    "METHODS",
    "Certificate",
    "CoverageSolution",
    "PMedianSolution",
    "PatrolProblem",
    "PlanarDistance",
    "assign",
    "certify",
    "p_median",
    "sweep",
    "travel",
]
