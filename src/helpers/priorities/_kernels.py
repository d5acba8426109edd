"""Compiled scoring of zones under many weight vectors."""

from __future__ import annotations

from helpers.compiled import compiled


@compiled()
def weigh(weights, losses, out):
    """Fill `out` with ``weights @ losses``, shapes (b, m) and (m, n).

    A matrix product of so few criteria gains nothing from the threads that a BLAS would start,
    and here every machine adds up in the same order.
    """
    for b in range(weights.shape[0]):
        for i in range(losses.shape[1]):
            out[b, i] = weights[b, 0] * losses[0, i]
        for j in range(1, weights.shape[1]):
            for i in range(losses.shape[1]):
                out[b, i] += weights[b, j] * losses[j, i]


@compiled()
def count_ranks(
    order,
    member_start,
    members,
    weights,
    reference_rank,
    reference_segment,
    segment_of_place,
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
    place,
):
    """Add one block of weight vectors to the counts.

    Row b of `order` lists groups of equal zones, best first; group g has the zones
    ``members[member_start[g]:member_start[g + 1]]`` in the order that breaks ties.  Ranks and
    places count from 0 here.  `wins` may be empty; `rank` and `place` are room for n numbers.
    """
    zones = len(members)
    counted = rank_counts.shape[1]
    criteria = weights.shape[1]
    steps = within.shape[1]
    for b in range(order.shape[0]):
        # jumping from zone to zone is slow for many zones, so it fills two short arrays only
        reached = 0
        for g in range(order.shape[1]):
            group = order[b, g]
            shared = reached
            for k in range(member_start[group], member_start[group + 1]):
                zone = members[k]
                rank[zone] = shared
                place[zone] = reached
                reached += 1
                if shared < counted:
                    rank_counts[zone, shared] += 1
                if shared == 0:
                    for j in range(criteria):
                        first_sum[zone, j] += weights[b, j]
                        first_square[zone, j] += weights[b, j] * weights[b, j]
        for zone in range(zones):
            r = rank[zone]
            rank_sum[zone] += r
            rank_square[zone] += r * r
            segment = segment_of_place[place[zone]]
            segment_counts[zone, segment] += 1
            unmoved[b] += segment == reference_segment[zone]
            for step in range(abs(r - reference_rank[zone]), steps):
                within[b, step] += 1
        if wins.shape[0] == zones:
            for i in range(zones):
                mine = rank[i]
                for k in range(zones):
                    wins[i, k] += mine < rank[k]
