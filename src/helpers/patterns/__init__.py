"""Point patterns: density, randomness, summary functions, clusters, near repeats, risk, rhythms."""

from .along_streets import (
    network_envelope,
    network_k,
    network_pair_correlation,
    random_street_places,
)
from .bandwidths import (
    BandwidthChoice,
    bandwidth,
    bandwidth_criterion,
    choose_bandwidth,
)
from .between_kinds import cross_k
from .change import DisplacementDifference, change_by_area, displacement_difference
from .cluster_processes import (
    ClusterBootstrap,
    ClusterFit,
    bootstrap_cluster_process,
    cluster_k,
    fit_cluster_process,
    simulate,
)
from .dbscan import (
    DensityClusters,
    HDBSCANCheck,
    density_clusters,
    hdbscan_check,
    minimum_samples,
)
from .density import kernel_density, kernel_mass
from .distances import empty_space_f, nearest_neighbour_g
from .envelopes import Envelope, csr_envelope
from .inhomogeneous import (
    inhomogeneous_k,
    inhomogeneous_l,
    inhomogeneous_pair_correlation,
)
from .jitter import jittered
from .near_repeats import NearRepeats, knox_test, near_repeat_table
from .quadrats import QuadratTest, quadrat_counts, quadrat_test
from .relative_risk import RelativeRisk, kind_probabilities, log_relative_risk
from .rhythms import Rhythm, rhythm
from .second_order import l_function, pair_correlation, ripley_k
from .space_time import SpaceTimeK, space_time_k
from .spatial_distribution import SpatialKSTest, spatial_ks
from .street_density import density_along, network_density
from .surface import IntensitySurface
from .thinning import thinned
from .uneven_envelopes import inhomogeneous_envelope, points_of_intensity

__all__ = [
    "BandwidthChoice",
    "ClusterBootstrap",
    "ClusterFit",
    "DensityClusters",
    "DisplacementDifference",
    "Envelope",
    "HDBSCANCheck",
    "IntensitySurface",
    "NearRepeats",
    "QuadratTest",
    "RelativeRisk",
    "Rhythm",
    "SpaceTimeK",
    "SpatialKSTest",
    "bandwidth",
    "bandwidth_criterion",
    "bootstrap_cluster_process",
    "change_by_area",
    "choose_bandwidth",
    "cluster_k",
    "cross_k",
    "csr_envelope",
    "density_along",
    "density_clusters",
    "displacement_difference",
    "empty_space_f",
    "fit_cluster_process",
    "hdbscan_check",
    "inhomogeneous_envelope",
    "inhomogeneous_k",
    "inhomogeneous_l",
    "inhomogeneous_pair_correlation",
    "jittered",
    "kernel_density",
    "kernel_mass",
    "kind_probabilities",
    "knox_test",
    "l_function",
    "log_relative_risk",
    "minimum_samples",
    "near_repeat_table",
    "nearest_neighbour_g",
    "network_density",
    "network_envelope",
    "network_k",
    "network_pair_correlation",
    "pair_correlation",
    "points_of_intensity",
    "quadrat_counts",
    "quadrat_test",
    "random_street_places",
    "rhythm",
    "ripley_k",
    "simulate",
    "space_time_k",
    "spatial_ks",
    "thinned",
]
