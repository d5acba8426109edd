"""Faults that somebody could make in the source, and the tests that must notice each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One passage of a source file, what takes its place, and the tests that then fail.

    Attributes
    ----------
    name : str
        What is wrong then.
    file : str
        Under src/helpers.
    old, new : str
        The passage, which stands there once, and what takes its place.
    tests : tuple of str
        Under tests/; they need no folder beside the project.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


INTERCHANGE = ("location/test_interchange.py",)
PAIRS = ("patterns/test_kernels.py::test_pair_sums_are_those_of_a_double_loop",)
KERNELS = "location/_kernels.py"

MUTATIONS = [
    # what CI tries
    Mutation(
        "interchange: one step short", KERNELS,
        "if since >= m or p == fixed:", "if since >= m - 1 or p == fixed:", INTERCHANGE,
    ),
    Mutation(
        "weights by rank: the first criterion gets the tail of the second",
        "priorities/weights.py",
        "for tail in reversed(tails[1:])]", "for tail in reversed(tails[:-1])]",
        ("priorities/test_weights.py",),
    ),
    # the rest: MUTATIONS=all
    Mutation(
        "interchange: one fixed post too many", KERNELS,
        "loss[k] = np.inf if k < fixed else 0.0", "loss[k] = np.inf if k <= fixed else 0.0",
        INTERCHANGE,
    ),
    Mutation(
        "interchange: gain of a nearer site with the wrong sign", KERNELS,
        "gain += weights[i] * (d - d1[i])", "gain += weights[i] * (d1[i] - d)", INTERCHANGE,
    ),
    Mutation(
        "interchange: second post with the wrong sign", KERNELS,
        "delta[near[i]] += weights[i] * (d - d2[i])", "delta[near[i]] += weights[i] * (d2[i] - d)",
        INTERCHANGE,
    ),
    Mutation(
        "interchange: loss without the weights", KERNELS,
        "loss[near[i]] += weights[i] * (d2[i] - d1[i])", "loss[near[i]] += d2[i] - d1[i]",
        INTERCHANGE,
    ),
    Mutation(
        "interchange: the second nearest is not kept", KERNELS,
        "                        b = a\n                        a, ka = d, k",
        "                        a, ka = d, k",
        INTERCHANGE,
    ),
    Mutation(
        "swaps of centers: one held post too many", "location/_cover_kernels.py",
        "for k in range(held, p):", "for k in range(held + 1, p):", INTERCHANGE,
    ),
    Mutation(
        "swaps of centers: the second nearest is lost", "location/_cover_kernels.py",
        "second[i] = first[i]\n", "second[i] = second[i]\n", INTERCHANGE,
    ),
    Mutation(
        "swaps of centers: who is second does not count", "location/_cover_kernels.py",
        "min(second[i], d))", "d)", INTERCHANGE,
    ),
    Mutation(
        "proof of a plan: an open branch passes", "location/verifier.py",
        "if len(plan) != p or value < cut:", "if len(plan) != p:",
        ("location/test_exact.py::test_a_worse_plan_is_not_proven",),
    ),
    Mutation(
        "proof of a plan: savings left out", "location/verifier.py",
        "bound = int(w @ r) + sum(v for v, _ in s[:q])", "bound = int(w @ r)",
        ("location/test_exact.py::test_a_worse_plan_is_not_proven",),
    ),
    Mutation(
        "waiting: Erlang's recursion with a minus", "location/simulation.py",
        "lost = load * lost / (k + load * lost)", "lost = load * lost / (k - load * lost)",
        ("location/test_evaluation.py::test_erlang_c_of_many_servers",),
    ),
    Mutation(
        "hypercube: the line weighs as one call", "location/hypercube.py",
        "waits = chance[-1] / (1 - rates.sum() / services.sum())", "waits = chance[-1]",
        ("location/test_hypercube.py::test_two_units_in_closed_form",),
    ),
    Mutation(
        "dispatch: the farthest free patrol", KERNELS,
        "(best < 0 or reach[node[e], k] < reach[node[e], best])",
        "(best < 0 or reach[node[e], k] > reach[node[e], best])",
        ("location/test_evaluation.py::test_dispatch_kernel_step_by_step",),
    ),
    Mutation(
        "grid: rows for columns", "space/grids.py",
        "row * columns + column, -1)", "column * rows + row, -1)",
        ("space/test_grids.py",),
    ),
    Mutation(
        "grid: sides swapped", "space/grids.py",
        "return columns or max(1, round(width / side)), rows or max(1, round(height / side))",
        "return columns or max(1, round(height / side)), rows or max(1, round(width / side))",
        ("space/test_grids.py",),
    ),
    Mutation(
        "K: translation correction of a rectangle", "patterns/_kernels.py",
        "(width - abs(dx)) * (height - abs(dy))", "(width - abs(dx)) * (height + abs(dy))", PAIRS,
    ),
    Mutation(
        "K: border correction counts a pair beyond the border", "patterns/_kernels.py",
        "                        if k < own:\n                            border[k] += number\n                            border[own] -= number\n",
        "                        if k < own:\n                            border[k] += number\n",
        PAIRS,
    ),
    Mutation(
        "K: isotropic correction counts the circle twice", "patterns/_isotropic_kernels.py",
        "extra[k] += repeats[i] * numbers[n] * (weight - 1.0)",
        "extra[k] += repeats[i] * numbers[n] * weight",
        PAIRS,
    ),
    Mutation(
        "K: n for n - 1", "patterns/second_order.py",
        "pairs = n * (n - 1)\n", "pairs = n * n\n", ("patterns/test_plain_formulas.py",),
    ),
    Mutation(
        "density: the mass inside the window, edges to the right left out", "patterns/_kernels.py",
        "total += normal_distribution(by) - normal_distribution(ay)\n                continue",
        "continue",
        ("patterns/test_kernels.py::test_kernel_mass_is_owens",),
    ),
    Mutation(
        "G and F: border method without its condition", "patterns/distances.py",
        "counted = since < until", "counted = since <= len(r)",
        ("patterns/test_plain_formulas.py",),
    ),
    Mutation(
        "G and F: at risk after the event", "patterns/_square_kernels.py",
        "while ends[before] < observed[first]:",
        "while before < len(ends) - 1 and ends[before] <= observed[first]:",
        ("patterns/test_plain_formulas.py",),
    ),
    Mutation(
        "near repeats: pairs that share an event counted twice", "patterns/near_repeats.py",
        "apart = 4 * (n_s * n_s - n_s - s_2)", "apart = 4 * (n_s * n_s - s_2)",
        ("patterns/test_near_repeats.py::test_mean_and_variance_are_those_of_all_720_orders",),
    ),
    Mutation(
        "districts: a border inside counts once", "districting/objectives.py",
        "minlength=k) - 2 * dissolved", "minlength=k) - dissolved",
        ("districting/test_objectives.py::test_four_squares_by_hand",),
    ),
    Mutation(
        "districts: metres for kilometres", "districting/objectives.py",
        "units.y - units.y[home]).sum() / 1000.0)", "units.y - units.y[home]).sum())",
        ("districting/test_objectives.py::test_four_squares_by_hand",),
    ),
    Mutation(
        "districts: an area in pieces is whole", "districting/plan.py",
        "return labels[count > 1].tolist()", "return labels[count > 2].tolist()",
        ("districting/test_objectives.py::test_broken_areas_agree_with_networkx",),
    ),
    Mutation(
        "Gi*: the zone itself among its own surroundings",
        "hot_spots/_kernels.py",
        "total = running[degree[zone] + 1] - field[zone]",
        "total = running[degree[zone] + 1]",
        ("hot_spots/test_hot_spots.py::test_permutation_p_is_the_exhaustive_one",),
    ),
    Mutation(
        "Moran's I: p of the other tail", "hot_spots/association.py",
        "2 * min(greater, less)", "2 * max(greater, less)",
        ("hot_spots/test_association.py",),
    ),
    Mutation(
        "Brier score: half of what happened", "forecasting/scores.py",
        "+ 1 - 2 * np.where(seen", "+ 1 - np.where(seen",
        ("forecasting/test_scores.py::test_scores_are_those_of_scikit_learn",),
    ),
    Mutation(
        "ranks: those behind are counted ahead", "priorities/_kernels.py",
        "wins[i, k] += mine < rank[k]", "wins[i, k] += mine > rank[k]",
        ("priorities/test_acceptability.py::test_kernel_counts_as_the_plain_version_does",),
    ),
    Mutation(
        "ranks: equal zones share the next rank", "priorities/_kernels.py",
        "rank[zone] = shared\n", "rank[zone] = reached\n",
        ("priorities/test_acceptability.py::test_kernel_counts_as_the_plain_version_does",),
    ),
    Mutation(
        "report: pages one folder too deep", "report/site.py",
        'up = "../" * address.count("/")', 'up = "../" * (address.count("/") + 1)',
        ("report/test_report_site.py::test_every_link_leads_somewhere",),
    ),
    Mutation(
        "report: pictures of a notebook one folder too shallow", "report/site.py",
        'up = "../../"', 'up = "../"',
        ("report/test_report_site.py::test_every_link_leads_somewhere",),
    ),
]  # fmt: skip
