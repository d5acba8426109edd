"""Where patrols should stand: the p-median, its relatives, proofs, judgement of plans."""

from .capacitated import CapacitatedSolution, capacitated_p_median
from .center import center_sweep, mean_worst, mean_worst_frontier, p_center
from .center_verifier import verify_center
from .certificate import Certificate, certify
from .compact import compacted
from .coverage import backup_covering, maximal_covering
from .curve import CURVES, center_proof, certified_curve
from .distances import PlanarDistance
from .evaluation import excess, knee, out_of_sample, savings, smallest_match, tradeoff_curve
from .hypercube import Hypercube, hypercube_model
from .median import METHODS, p_median, sweep
from .mexclp import expected_coverage, expected_covering
from .problem import CoverageSolution, PatrolProblem, PMedianSolution, assign, travel
from .simulation import (
    DispatchResult,
    erlang_c,
    hypercube_two_units,
    priority_waits,
    simulate_dispatch,
)
from .verifier import verify

__all__ = [
    "CURVES",
    "METHODS",
    "CapacitatedSolution",
    "Certificate",
    "CoverageSolution",
    "DispatchResult",
    "Hypercube",
    "PMedianSolution",
    "PatrolProblem",
    "PlanarDistance",
    "assign",
    "backup_covering",
    "capacitated_p_median",
    "center_proof",
    "center_sweep",
    "certified_curve",
    "certify",
    "compacted",
    "erlang_c",
    "excess",
    "expected_coverage",
    "expected_covering",
    "hypercube_model",
    "hypercube_two_units",
    "knee",
    "maximal_covering",
    "mean_worst",
    "mean_worst_frontier",
    "out_of_sample",
    "p_center",
    "p_median",
    "priority_waits",
    "savings",
    "simulate_dispatch",
    "smallest_match",
    "sweep",
    "tradeoff_curve",
    "travel",
    "verify",
    "verify_center",
]
