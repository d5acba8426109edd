"""Compiled counting of ranks over many weight vectors."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def count_ranks(
    order,
    member_start,
    members,
    weights,
    reference_rank,
    reference_segment,
    segment_of_position,
    rank_counts,
    rank_sum,
    rank_square,
    segment_counts,
    first_sum,
    first_square,
    wins,
    within,
    unmoved,
    rank,
):
    """Add one block of weight vectors to the counts.

    Row b of `order` lists groups of equal zones, best first; group g has the zones
    ``members[member_start[g]:member_start[g + 1]]`` in the order that breaks ties.  Ranks and
    positions count from 0 here.  `wins` may be empty; `rank` is room for n numbers.
    """
    zones = len(members)
    counted = rank_counts.shape[1]
    criteria = weights.shape[1]
    for b in range(order.shape[0]):
        position = 0
        for place in range(order.shape[1]):
            group = order[b, place]
            shared = position
            for k in range(member_start[group], member_start[group + 1]):
                zone = members[k]
                rank[zone] = shared
                rank_sum[zone] += shared
                rank_square[zone] += shared * shared
                if shared < counted:
                    rank_counts[zone, shared] += 1
                if shared == 0:
                    for j in range(criteria):
                        first_sum[zone, j] += weights[b, j]
                        first_square[zone, j] += weights[b, j] * weights[b, j]
                segment = segment_of_position[position]
                segment_counts[zone, segment] += 1
                if segment == reference_segment[zone]:
                    unmoved[b] += 1
                off = abs(shared - reference_rank[zone])
                for step in range(off, within.shape[1]):
                    within[b, step] += 1
                position += 1
        if wins.shape[0] == zones:
            for i in range(zones):
                mine = rank[i]
                for k in range(zones):
                    wins[i, k] += mine < rank[k]
