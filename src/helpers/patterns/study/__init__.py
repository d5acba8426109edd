"""The tables that the sections on point patterns show, from arrays and frames."""

from .exploration import (
    Bandwidths,
    bandwidths,
    counts_by_kind,
    csr_by_kind,
    csr_table,
    csr_tests,
    edge_corrections,
    enough_points,
    hills,
    least_gap,
    nearest_distance,
    quadrat_tests,
    rows_of_squares,
    shared_places,
)

__all__ = [
    "Bandwidths",
    "bandwidths",
    "counts_by_kind",
    "csr_by_kind",
    "csr_table",
    "csr_tests",
    "edge_corrections",
    "enough_points",
    "hills",
    "least_gap",
    "nearest_distance",
    "quadrat_tests",
    "rows_of_squares",
    "shared_places",
]
