"""Shortest ways between many places: the streets contracted once, then a short search for each."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from ._way_kernels import contract, ways

__all__ = ["contracted_ways"]


def contracted_ways(
    graph: sparse.csr_matrix, sources: np.ndarray, ends: np.ndarray
) -> np.ndarray | None:
    r"""Cost of the shortest way from each source to each end.

    Nodes are numbered so that streets fall apart early (minimum degree, as for a sparse Cholesky
    factor :math:`L`, whose pattern is the graph with the arcs that contraction adds).  For each
    node :math:`v` and each two higher neighbours :math:`a, b`,

    .. math:: w_{ab} \leftarrow \min(w_{ab}, w_{av} + w_{vb})

    so that some shortest way between any two nodes first only rises and then only falls.  The
    nodes above a node are few, so both halves are short.

    Parameters
    ----------
    graph : (k, k) sparse matrix
        Costs from row to column, not negative; stored zeros are edges.
    sources, ends : int arrays
        Nodes.

    Returns
    -------
    (sources, ends) array, or None
        Infinite where there is no way; None where the pattern of the factor lacks an arc.

    References
    ----------
    Dibbelt, Strasser & Wagner (2016), Journal of Experimental Algorithmics 21: 1.5.
    """
    size = graph.shape[0]
    pattern, rank = _factor(graph)
    start, head = pattern.indptr.astype(np.int64), pattern.indices.astype(np.int64)
    there, back = _costs(graph, rank, start, head)
    by_head = sparse.csc_matrix((np.arange(head.size), head, start), shape=(size, size)).tocsr()
    rows = [by_head.indptr.astype(np.int64), by_head.indices.astype(np.int64), by_head.data]
    if not contract(start, head, *rows, there, back):
        return None
    needed = _above(start, head, rank[np.concatenate([sources, ends])])
    place = np.cumsum(needed) - 1
    arcs = np.repeat(needed, np.diff(start))
    fewer = np.r_[0, np.cumsum(np.diff(start)[needed])]
    out = np.empty((sources.size, ends.size))
    ways(
        fewer, place[head[arcs]], there[arcs], back[arcs], place[rank[sources]], place[rank[ends]], out
    )  # fmt: skip
    return out


def _factor(graph: sparse.csr_matrix) -> tuple[sparse.csc_matrix, np.ndarray]:
    """Pattern of the factor below its diagonal, sorted, and the number of each node in it."""
    ones = sparse.csr_matrix((np.ones(graph.nnz), graph.indices, graph.indptr), shape=graph.shape)
    ones.setdiag(0)
    linked = ones + ones.T
    linked.eliminate_zeros()
    linked.data[:] = -1.0
    # every entry of its factor is negative: none cancels, whatever the order
    regular = linked + sparse.diags_array(0.01 - np.asarray(linked.sum(axis=1)).ravel())
    factor = splu(
        regular.tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    below = sparse.tril(factor.L, -1, format="csc")
    below.sort_indices()
    return below, factor.perm_c


def _costs(graph, rank, start, head) -> tuple[np.ndarray, np.ndarray]:
    """Costs of the arcs upwards and downwards; infinite where the streets have none."""
    entry = graph.tocoo()
    tail, tip, cost = rank[entry.row].astype(np.int64), rank[entry.col].astype(np.int64), entry.data
    low, high = np.minimum(tail, tip), np.maximum(tail, tip)
    size = start.size - 1
    owner = np.repeat(np.arange(size), np.diff(start))
    there, back = np.full(head.size, np.inf), np.full(head.size, np.inf)
    arc = np.searchsorted(owner * size + head, low * size + high)
    up, down = tail < tip, tail > tip
    there[arc[up]], back[arc[down]] = cost[up], cost[down]
    return there, back


def _above(start, head, nodes) -> np.ndarray:
    """Which nodes are among the given ones or above one of them."""
    needed = np.zeros(start.size - 1, bool)
    needed[nodes] = True
    first = np.where(np.diff(start) > 0, head[np.minimum(start[:-1], max(head.size - 1, 0))], -1)
    for v in np.unique(nodes):
        up = first[v]
        while up >= 0 and not needed[up]:
            needed[up] = True
            up = first[up]
    return needed
