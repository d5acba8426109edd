"""Point patterns: density, tests of randomness, summary functions, cluster processes, clusters."""

from .bandwidths import bandwidth, bandwidth_criterion
from .density import IntensitySurface, kernel_density, kernel_mass
from .quadrats import QuadratTest, quadrat_counts, quadrat_test
from .spatial_distribution import SpatialKSTest, spatial_ks

__all__ = [
    "IntensitySurface",
    "QuadratTest",
    "SpatialKSTest",
    "bandwidth",
    "bandwidth_criterion",
    "kernel_density",
    "kernel_mass",
    "quadrat_counts",
    "quadrat_test",
    "spatial_ks",
]
