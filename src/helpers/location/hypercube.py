"""Larson's hypercube queueing model: who answers what when patrols differ and are often busy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import spsolve
from scipy.special import gammaln

from helpers.checks import one_of, positive

from .problem import _checked_sites, _columns
from .simulation import erlang_c

__all__ = ["Hypercube", "hypercube_model"]

EXACT_UNITS = 10  # 1,024 states


@dataclass(frozen=True, eq=False)
class Hypercube:
    """What the model says of patrols that answer from their posts.

    Attributes
    ----------
    utilisation : (p,) array
        Share of time each patrol is busy.
    share : (p, n) array
        Share of all answered calls that patrol u answers at node i; sums to 1.
    waits, lost : float
        Share of calls that find every patrol busy and wait, or are lost.
    mean_wait : float
        Mean hours that a call waits, those that do not included.
    mean_distance : float
        Mean distance from patrol to answered call.
    distance_by_unit : (p,) array
    distance_by_node : (n,) array
        NaN where a node has no calls.
    first_choice : float
        Share of answered calls that the nearest patrol answers.
    probabilities : (2^p,) array or None
        Of each state without a queue: bit u of its number is 1 where patrol u is busy. None for
        the approximation.
    method : {"exact", "approximate"}
    """

    utilisation: npt.NDArray[np.float64]
    share: npt.NDArray[np.float64]
    waits: float
    lost: float
    mean_wait: float
    mean_distance: float
    distance_by_unit: npt.NDArray[np.float64]
    distance_by_node: npt.NDArray[np.float64]
    first_choice: float
    probabilities: npt.NDArray[np.float64] | None
    method: str


def hypercube_model(
    intensity: npt.ArrayLike,
    distance: Any,
    sites: Any,
    *,
    service_time: float | npt.ArrayLike,
    queue: bool = True,
    method: str = "auto",
) -> Hypercube:
    r"""Steady state of patrols that each answer from their own post, the nearest free one first.

    Calls arrive at node i as a Poisson process of rate :math:`\lambda_i` and go to the nearest free
    patrol; patrol u is busy for an exponential time of rate :math:`\mu_u`. A state s is the set of
    busy patrols. With :math:`\lambda_{su}` the calls that patrol u, free in s, would answer, and
    :math:`\Lambda = \sum_i \lambda_i`, the balance of every state but the last is

    .. math::

        P_s \Big(\Lambda + \sum_{u \in s} \mu_u\Big)
            = \sum_{u \in s} \lambda_{s \setminus u,\, u}\, P_{s \setminus u}
            + \sum_{u \notin s} \mu_u P_{s \cup u}.

    Where all are busy, calls wait in one line, first come first served, and the line is longer
    than k calls with the odds :math:`(\Lambda / \sum_u \mu_u)^k`; without a line they are lost.
    A call that waited is answered by u with the odds :math:`\mu_u / \sum_v \mu_v`.

    Up to ten patrols these :math:`2^p` equations are solved. Beyond, Larson's approximation takes
    the patrols to be busy independently, corrected for there being p of them: the l-th nearest
    patrol :math:`u_l` answers a call of the node with the chance

    .. math::

        Q_{l-1}\, \rho_{u_1} \cdots \rho_{u_{l-1}} (1 - \rho_{u_l}), \qquad
        Q_k\, \rho^k (1 - \rho) = \sum_{b=k}^{p-1} P_b\,
            \frac{b!\,(p-k)!}{(b-k)!\,p!}\, \frac{p-b}{p-k},

    where :math:`P_b` is the chance of b busy patrols in an M/M/p queue and :math:`\rho` their mean
    utilisation; the :math:`\rho_u` that reproduce themselves are found by iteration.

    Parameters
    ----------
    intensity : (n,) array
        Calls per hour at each node.
    distance : (n, m) array or PlanarDistance
        From node i to site j.
    sites : sequence of int
        Where the patrols stand; two may stand at one site (the first named is asked first).
    service_time : float or (p,) array
        Mean hours a patrol is busy with a call; one for all in the approximation.
    queue : bool
        Whether calls wait when all are busy, or are lost.
    method : {"auto", "exact", "approximate"}
        ``auto``: exact up to ten patrols.

    Returns
    -------
    Hypercube

    Raises
    ------
    ValueError
        Rates or times that are not positive; work that the patrols cannot carry (with a queue); a
        patrol that cannot reach a node with calls; more than ten patrols for ``exact``; times that
        differ for ``approximate``.

    References
    ----------
    Larson (1974), Computers & Operations Research 1: 67-95; Larson (1975), Operations Research 23:
    845-868, for the approximation.

    Examples
    --------
    >>> model = hypercube_model([1.0, 1.0], [[0.0, 1.0], [1.0, 0.0]], [0, 1], service_time=0.5)
    >>> model.utilisation.round(3).tolist(), round(model.waits, 4)
    ([0.5, 0.5], 0.3333)
    """
    one_of(method, "method", ("auto", "exact", "approximate"))
    rates = np.asarray(intensity, float)
    if (rates < 0).any() or not np.isfinite(rates).all() or not rates.sum() > 0:
        raise ValueError("intensity must be finite, not negative, and positive somewhere.")
    sites = _checked_sites(distance, sites)
    p = sites.size
    times = np.array(
        [positive(t, "service_time", "hours") for t in np.ravel(service_time).tolist()]
    )
    if times.size not in (1, p):
        raise ValueError(f"service_time has {times.size} values; pass one, or one of each patrol.")
    services = 1.0 / np.broadcast_to(times, p)
    reach = np.asarray(_columns(distance, sites), float)
    called = rates > 0
    if not np.isfinite(reach[called]).all():
        raise ValueError(
            "a patrol cannot reach a node with calls; the model takes all to reach all."
        )
    load = float(rates.sum() / services.sum())
    if queue and load >= 1:
        raise ValueError(
            f"the work is {load * p:.3g} patrols' and there are {p}: the queue would grow without "
            "end; add patrols, shorten the service, or pass queue=False."
        )
    if method == "exact" and p > EXACT_UNITS:
        raise ValueError(
            f"{p} patrols have 2^{p} states; the equations are solved up to {EXACT_UNITS}."
        )
    exact = method == "exact" or (method == "auto" and p <= EXACT_UNITS)
    if not exact and np.ptp(times) > 0:
        raise ValueError("the approximation takes one service time for all patrols.")
    order = np.argsort(reach[called], axis=1, kind="stable")
    orders, kind = np.unique(order, axis=0, return_inverse=True)
    kind = kind.ravel()
    by_kind = np.bincount(kind, weights=rates[called])
    solve = _exact if exact else _approximate
    answered, waits, probabilities = solve(by_kind, orders, services, queue)
    # answered[u, k]: chance that a call of kind k is answered at once by u
    if queue:
        answered = answered + waits * (services / services.sum())[:, None]
    lost = 0.0 if queue else waits
    busy = (answered * by_kind).sum(axis=1) / services
    share = np.zeros((p, rates.size))
    share[:, called] = answered[:, kind] * rates[called] / (rates.sum() * (1 - lost))
    far = np.where(called[:, None], reach, 0.0).T
    with np.errstate(invalid="ignore", divide="ignore"):
        by_unit = (share * far).sum(axis=1) / share.sum(axis=1)
        by_node = (share * far).sum(axis=0) / share.sum(axis=0)
    return Hypercube(
        utilisation=busy,
        share=share,
        waits=waits if queue else 0.0,
        lost=lost,
        mean_wait=float(waits / (services.sum() - rates.sum())) if queue else 0.0,
        mean_distance=float((share * far).sum()),
        distance_by_unit=by_unit,
        distance_by_node=by_node,
        first_choice=float(share[order[:, 0], np.flatnonzero(called)].sum()),
        probabilities=probabilities,
        method="exact" if exact else "approximate",
    )


def _exact(rates, orders, services, queue):
    """Chance (p, kinds) of being answered at once, chance that all are busy, state by state."""
    p, states = services.size, 1 << services.size
    state = np.arange(states)
    busy = (state[:, None] >> np.arange(p)) & 1
    # first[s, k]: the patrol that answers kind k in state s; none in the last state
    first = orders[np.arange(len(orders)), np.argmin(busy[:, orders], axis=2)]
    inner = state[:-1]
    source = np.repeat(inner, len(rates))
    target = source | (1 << first[:-1].ravel())
    flow = np.tile(rates, states - 1)
    unit = np.tile(np.arange(p), states)
    ends = np.repeat(state, p)
    freed = busy.ravel() == 1
    source = np.r_[source, ends[freed]]
    target = np.r_[target, ends[freed] & ~(1 << unit[freed])]
    flow = np.r_[flow, services[unit[freed]]]
    away = np.bincount(source, weights=flow, minlength=states)
    balance = sparse.coo_matrix((flow, (target, source)), shape=(states, states)).tolil()
    balance.setdiag(balance.diagonal() - away)
    balance[0] = 1.0  # one equation follows from the others: the sum is one instead
    right = np.zeros(states)
    right[0] = 1.0
    chance = spsolve(balance.tocsc(), right)
    waits = chance[-1]
    if queue:
        # the last state also holds the line: P (1 + r + r² + …)
        waits = chance[-1] / (1 - rates.sum() / services.sum())
        total = 1 - chance[-1] + waits
        chance, waits = chance / total, waits / total
    answered = np.zeros((p, len(rates)))
    for k in range(len(rates)):
        answered[:, k] = np.bincount(first[:-1, k], weights=chance[:-1], minlength=p)
    return answered, float(waits), chance


def _approximate(rates, orders, services, queue):
    """The same by Larson's approximation; no states."""
    p, mu = services.size, services[0]
    offered = rates.sum() / mu
    b = np.arange(p + 1)
    log = b * np.log(offered) - gammaln(b + 1)
    chance = np.exp(log - log.max())
    if queue:
        chance[-1] /= 1 - offered / p
    chance /= chance.sum()
    waits = erlang_c(p, offered)[0] if queue else chance[-1]
    mean = offered / p if queue else offered * (1 - waits) / p
    correction = np.empty(p)
    for k in range(p):
        some = b[k:p]
        odds = gammaln(some + 1) + gammaln(p - k + 1) - gammaln(some - k + 1) - gammaln(p + 1)
        free = (chance[k:p] * np.exp(odds) * (p - some) / (p - k)).sum()
        correction[k] = free / mean**k / (1 - mean)
    busy = np.full(p, mean)
    waiting = rates.sum() * waits / p / mu if queue else 0.0
    for _ in range(10_000):
        ranked = busy[orders]  # (kinds, p), nearest first
        before = np.cumprod(np.c_[np.ones(len(orders)), ranked[:, :-1]], axis=1)
        odds = correction * before * (1 - ranked)
        odds *= ((1 - waits) / odds.sum(axis=1))[:, None]
        # what u would answer if it were always free, in units of its service rate
        offer = np.zeros(p)
        np.add.at(offer, orders, rates[:, None] * odds / (1 - ranked) / mu)
        new = (offer + waiting) / (1 + offer)
        new *= mean * p / new.sum()
        new = np.minimum(new, 1 - 1e-12)
        if np.abs(new - busy).max() < 1e-13:
            break
        busy = 0.5 * (busy + new)
    answered = np.zeros((p, len(rates)))
    answered[orders, np.arange(len(rates))[:, None]] = odds
    return answered, float(waits), None
