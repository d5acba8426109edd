"""A proof of optimality that others can check: multipliers and branching tree, saved as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .exact import reduce_problem, solve
from .problem import CoverageSolution, PatrolProblem, PMedianSolution
from .reach import has_unreachable

__all__ = ["Certificate", "certify"]


@dataclass(frozen=True, eq=False)
class Certificate:
    """A plan with the proof that none costs less.

    Attributes
    ----------
    solution : PMedianSolution or CoverageSolution
    proof : dict or None
        None where the time limit came before the proof.  Otherwise, for a p-median, ``patrols``, ``fixed``, ``sites`` and the ``tree``: at each node the multipliers of every
        bound (one radius a demand node, one ``mu`` a counting rule), then the region of ``sites``
        and the ``count`` the node is split on, with the branches ``at_least`` count + 1 and
        ``at_most`` count.
    """

    solution: PMedianSolution | CoverageSolution
    proof: dict | None

    def save(self, path) -> Path:
        """Write the proof as JSON; `helpers.location.verifier.verify` reads it.

        Raises
        ------
        ValueError
            There is no proof.
        """
        if self.proof is None:
            raise ValueError(
                f"optimality was not proven in time (gap {self.solution.gap:.2e}), so there is "
                "nothing to save; allow more time."
            )
        path = Path(path)
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(self.proof))
        part.replace(path)
        return path


def certify(demand, distance, patrols: int, *, fixed=(), time_limit=None) -> Certificate:
    """Solve the p-median exactly and keep the proof: multipliers and tree, ready for JSON.

    `verify`, a page of code, proves the bound again in exact integer arithmetic, from the proof, the
    demand and the distances or coordinates alone; who checks says what is claimed (p, fixed posts,
    cost).

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    patrols : int
        Number of patrols, the fixed ones included.
    fixed : sequence of int
        Sites where a patrol must stand.
    time_limit : float, optional
        Seconds of wall-clock time; the best plan found by then is returned with its gap, and
        without a proof.

    Returns
    -------
    Certificate

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`), infinite distances.

    Examples
    --------
    >>> from helpers.location.verifier import verify
    >>> proof = certify([5, 1], [[0, 3], [3, 0]], 1).proof
    >>> verify(proof, [5, 1], [[0, 3], [3, 0]], patrols=1)
    (3.0, 3.0)
    """
    problem = PatrolProblem(demand, distance, patrols, fixed)
    return recorded([problem], time_limit=time_limit)[0]


def recorded(
    problems: Sequence[PatrolProblem],
    *,
    time_limit: float | None = None,
    most_nodes: float = np.inf,
) -> list[Certificate]:
    """Plans and proofs of problems that differ in their number of patrols only, as in `certify`.

    The instance is reduced once, and each search starts from the plan before.
    """
    if problems and has_unreachable(problems[0]):
        raise ValueError(
            "a certificate is made for finite distances, and some node with demand cannot be "
            "reached from every site; drop those nodes or sites."
        )
    instance = reduce_problem(problems[0]) if problems else None
    out: list[Certificate] = []
    for problem in problems:
        before = out[-1].solution.sites if out else np.empty(0, int)
        hint = before if 0 < before.size < problem.patrols else None
        how: dict[str, Any] = {"instance": instance, "hint": hint, "most_nodes": most_nodes}
        solution, search, tree = solve(problem, time_limit=time_limit, recording=True, **how)
        out.append(Certificate(solution, _proof(problem, solution, search, tree)))
    return out


def _proof(problem: PatrolProblem, solution: PMedianSolution, search, tree) -> dict | None:
    if not solution.proven:
        return None
    return {
        "what": "p-median optimality certificate",
        "patrols": problem.patrols,
        "fixed": [int(j) for j in problem.fixed],
        "sites": [int(j) for j in solution.sites],
        "objective": solution.objective,
        "tree": _plain(tree, search.instance),
    }


def _plain(node: dict, instance) -> dict:
    """The tree in the problem's own node and site numbers, as JSON types."""
    out: dict = {"steps": []}
    for step in node.get("steps", []):
        radii = np.zeros(instance.member.size)
        held = instance.member >= 0
        radii[held] = step["radii"][instance.member[held]]
        out["steps"].append({"radii": radii.tolist(), "mu": [float(v) for v in step["mu"]]})
    if "at_least" in node:
        out["sites"] = [int(j) for j in instance.sites[node["sites"]]]
        out["count"] = int(node["count"])
        out["at_least"] = _plain(node["at_least"], instance)
        out["at_most"] = _plain(node["at_most"], instance)
    return out
