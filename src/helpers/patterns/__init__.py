"""Point patterns: density, tests of randomness, summary functions, cluster processes, clusters."""

from .bandwidths import bandwidth, bandwidth_criterion
from .density import IntensitySurface, kernel_density, kernel_mass
from .distances import empty_space_f, nearest_neighbour_g
from .envelopes import Envelope, csr_envelope
from .quadrats import QuadratTest, quadrat_counts, quadrat_test
from .second_order import l_function, pair_correlation, ripley_k
from .spatial_distribution import SpatialKSTest, spatial_ks

__all__ = [
    "Envelope",
    "IntensitySurface",
    "QuadratTest",
    "SpatialKSTest",
    "bandwidth",
    "bandwidth_criterion",
    "csr_envelope",
    "empty_space_f",
    "kernel_density",
    "kernel_mass",
    "l_function",
    "nearest_neighbour_g",
    "pair_correlation",
    "quadrat_counts",
    "quadrat_test",
    "ripley_k",
    "spatial_ks",
]
