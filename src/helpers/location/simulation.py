"""Discrete-event simulation of dispatch: crimes arrive, the nearest free patrol answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.checks import positive, whole_number

from ._kernels import bisect_tickets, dispatch, dispatch_by_class
from .problem import _checked_sites, _columns

__all__ = [
    "DispatchResult",
    "erlang_c",
    "hypercube_two_units",
    "priority_waits",
    "simulate_dispatch",
]


@dataclass(frozen=True, eq=False)
class DispatchResult:
    """What replications of the simulation say.

    Attributes
    ----------
    summary : DataFrame
        One row a measure: ``measure, mean, low, high`` (Student interval over replications, that
        of a share cut off at 0 and 1):
        mean and percentiles of response distance and response time, share answered within the
        threshold, share that waits, mean wait, utilisation.
    utilisation : (replications, p) array
        Share of time each patrol is busy.
    replications : DataFrame
        The measures of each replication.
    """

    summary: pd.DataFrame
    utilisation: np.ndarray
    replications: pd.DataFrame


def simulate_dispatch(
    intensity,
    distance,
    sites,
    *,
    service_time: float,
    speed: float,
    hours: float,
    threshold: float | None = None,
    warm_up: float = 0.0,
    travel_counts: bool = False,
    urgent: float | None = None,
    replications: int = 20,
    level: float = 0.95,
    jobs: int = 1,
    seed: int | np.random.SeedSequence = 0,
) -> DispatchResult:
    """Crimes as a Poisson process in time and place, served first come first served or by class.

    A crime at node i arrives at rate ``intensity_i``; the nearest free patrol goes there from its
    post; if all are busy the crime waits for the first patrol to come free.  Service times are
    exponential, as the Patrol Car Allocation Model assumes.  Response time = wait + travel.

    Parameters
    ----------
    intensity : (n,) array
        Expected crimes per hour at each node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    sites : sequence of int
        Where the patrols stand.
    service_time : float
        Mean hours a patrol is busy with a crime.
    speed : float
        Distance units per hour.
    hours : float
        Length of a replication after the warm-up.
    threshold : float, optional
        Hours; adds the share of crimes answered within it.
    warm_up : float
        Hours simulated first and left out.
    travel_counts : bool
        Whether travel occupies the patrol on top of the service time (M/M/c holds without).
    urgent : float, optional
        Share of the crimes, drawn at random, that are answered before the others where crimes wait;
        nobody is called off a crime.  Adds ``wait, urgent`` and ``wait, others``.
    replications : int
        Independent runs.
    level : float
        Coverage of the confidence intervals.
    jobs : int
        Processes (joblib).
    seed : int or SeedSequence
        Seed; each replication has its own stream.

    Returns
    -------
    DispatchResult

    Raises
    ------
    ValueError
        Rates, times or speed that are not positive; a load the patrols cannot carry.

    References
    ----------
    Chaiken & Dormont (1978), Management Science 24: 1280-1290; Larson (1974), Computers &
    Operations Research 1: 67-95.

    Examples
    --------
    >>> result = simulate_dispatch([1.0], [[2.0]], [0], service_time=0.1, speed=4.0, hours=50)
    >>> float(result.summary.set_index("measure").loc["travel time", "mean"])
    0.5
    """
    intensity = np.asarray(intensity, float)
    if (intensity < 0).any() or not np.isfinite(intensity).all() or not intensity.sum() > 0:
        raise ValueError("intensity must be finite, not negative, and positive somewhere.")
    for name, value in (("service_time", service_time), ("speed", speed), ("hours", hours)):
        positive(value, name)
    if urgent is not None and not 0 <= urgent <= 1:
        raise ValueError(f"urgent is a share from 0 to 1; it is {urgent!r}.")
    replications = whole_number(replications, "replications")
    sites = _checked_sites(distance, sites)
    reach = np.ascontiguousarray(_columns(distance, sites), dtype=float)
    load = intensity.sum() * service_time
    if travel_counts:
        load += float(intensity @ reach.min(axis=1)) / speed
    if load >= sites.size:
        raise ValueError(
            f"the work is {load:.3g} patrols' and there are {sites.size}: the queue would grow "
            "without end; add patrols or shorten the service."
        )
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    tasks = root.spawn(replications)
    how = (speed, hours, threshold, warm_up, travel_counts, urgent)
    settings = (intensity.sum(), _nodes(intensity), reach, service_time, *how)
    if jobs == 1:
        runs = [_replicate(s, *settings) for s in tasks]
    else:
        from joblib import Parallel, delayed

        runs = Parallel(jobs)(delayed(_replicate)(s, *settings) for s in tasks)
    table = pd.DataFrame([measures for measures, _ in runs])
    summary = pd.DataFrame(
        {"measure": table.columns, "mean": table.mean().to_numpy()} | _interval(table, level)
    )
    return DispatchResult(summary, np.array([busy for _, busy in runs]), table)


def _interval(table: pd.DataFrame, level: float) -> dict:
    from scipy.stats import t

    n = len(table)
    half = np.full(table.shape[1], np.nan)
    if n > 1:
        half = t.ppf((1 + level) / 2, n - 1) * table.std(ddof=1).to_numpy() / np.sqrt(n)
    mean = table.mean().to_numpy()
    # a share ends at 0 and 1, whatever Student says
    share = [name.startswith("share") or name == "utilisation" for name in table]
    low, high = mean - half, mean + half
    return {
        "low": np.where(share, np.clip(low, 0, 1), low),
        "high": np.where(share, np.clip(high, 0, 1), high),
    }


def _nodes(intensity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the crimes, added up node by node, and where to begin to look among them."""
    edges = np.cumsum(intensity / intensity.sum())
    edges /= edges[-1]
    parts = 1 << int(edges.size).bit_length()
    return edges, edges.searchsorted(np.arange(parts) / parts, side="right")


def _replicate(
    seed, rate, nodes, reach, service_time, speed, hours, threshold, warm_up, counts, urgent=None
):
    """One replication: its measures and each patrol's utilisation."""
    rng = np.random.default_rng(seed)
    end = warm_up + hours
    number = rng.poisson(rate * end)
    arrival = np.sort(rng.uniform(0, end, number))
    node = bisect_tickets(*nodes, rng.random(number))
    service = rng.exponential(service_time, number)
    served = np.empty(number, np.int64)
    begun = np.empty(number)
    busy = np.zeros(reach.shape[1])
    told = (node, service, reach, speed, counts, warm_up, end, served, begun, busy)
    first = np.zeros(number, np.bool_) if urgent is None else rng.random(number) < urgent
    if urgent is None:
        dispatch(arrival, *told)
    else:
        dispatch_by_class(arrival, first, *told)
    kept = slice(np.searchsorted(arrival, warm_up), None)  # they are in order
    went = reach[node[kept], served[kept]]
    wait = begun[kept] - arrival[kept]
    response = wait + went / speed
    if not went.size:
        went = wait = response = np.array([np.nan])
    measures = {
        "crimes": float(number - kept.start),
        "response distance": went.mean(),
        "travel time": (went / speed).mean(),
        "wait": wait.mean(),
        "share that waits": (wait > 0).mean(),
        "response time": response.mean(),
    }
    shares = (50, 80, 90, 95)
    for q, time in zip(shares, np.percentile(response, shares), strict=True):
        measures[f"response time p{q}"] = time
    if threshold is not None:
        measures["share within threshold"] = (response <= threshold).mean()
    if urgent is not None:
        for name, mine in (("urgent", first[kept]), ("others", ~first[kept])):
            measures[f"wait, {name}"] = wait[mine].mean() if mine.any() else np.nan
    measures["utilisation"] = busy.mean() / hours
    return measures, busy / hours


def erlang_c(servers: int, load: float) -> tuple[float, float]:
    """Probability of waiting and mean wait (in mean service times) of the M/M/c queue.

    Parameters
    ----------
    servers : int
        c.
    load : float
        Arrival rate × mean service time, below c.

    Raises
    ------
    ValueError
        If the load is not below the number of servers.

    References
    ----------
    Erlang (1917); Gross & Harris, Fundamentals of Queueing Theory, section 2.3.

    Examples
    --------
    >>> erlang_c(1, 0.5)
    (0.5, 1.0)
    """
    if not 0 < load < servers:
        raise ValueError(f"load is {load}; it must lie between 0 and the {servers} servers.")
    # Erlang B by its recursion, so that no power or factorial runs over for many servers
    lost = 1.0
    for k in range(1, servers + 1):
        lost = load * lost / (k + load * lost)
    wait = lost / (1 - load / servers * (1 - lost))
    return wait, wait / (servers - load)


def priority_waits(servers: int, load: float, shares: Sequence[float]) -> list[float]:
    r"""Mean wait of each class in the M/M/c queue that answers the first class first.

    Nobody is called off, all classes take the same time on average.  With :math:`\rho_k` the share
    of the servers' time that class :math:`k` takes and :math:`C` from `erlang_c`,

    .. math:: W_k = \frac{C(c, a) / c}{(1 - \sigma_{k-1})(1 - \sigma_k)}, \qquad
        \sigma_k = \sum_{l \le k} \rho_l, \qquad \rho_l = \text{share}_l \, a / c

    Parameters
    ----------
    servers : int
        c.
    load : float
        a, arrival rate of all classes × mean service time, below c.
    shares : sequence of float
        Of the arrivals, first class first; they add up to 1.

    Returns
    -------
    list of float
        In mean service times.

    Raises
    ------
    ValueError
        A load that is not below the number of servers; shares that do not add up to 1.

    References
    ----------
    Cobham (1954), Journal of the Operations Research Society of America 2: 70-76.

    Examples
    --------
    >>> [round(wait, 3) for wait in priority_waits(1, 0.5, [0.5, 0.5])]
    [0.667, 1.333]
    """
    parts = np.asarray(shares, float)
    if parts.size == 0 or (parts < 0).any() or not np.isclose(parts.sum(), 1):
        raise ValueError(f"shares are {list(shares)}; they are not negative and add up to 1.")
    taken = np.concatenate([[0.0], np.cumsum(parts)]) * load / servers
    all_busy = erlang_c(servers, load)[0] / servers
    return (all_busy / ((1 - taken[:-1]) * (1 - taken[1:]))).tolist()


def hypercube_two_units(rates, service_time: float) -> dict[str, float]:
    """Larson's hypercube queueing model for two units, unlimited queue, in closed form.

    Crimes of kind k (k = 1, 2) arrive at ``rates[k - 1]`` and prefer unit k; the other unit
    answers when unit k is busy; crimes wait when both are busy.  States: both free (00), only
    unit 1 busy (10), only unit 2 busy (01), both busy with a queue of any length.

    Parameters
    ----------
    rates : (2,) array
        Crimes per hour that prefer unit 1 and unit 2.
    service_time : float
        Mean hours.

    Returns
    -------
    dict
        ``utilisation_1``, ``utilisation_2``, ``wait`` (share of crimes that wait), ``cross``
        (share of crimes answered at once by the unit they do not prefer).

    Raises
    ------
    ValueError
        If two units cannot carry the load.

    References
    ----------
    Larson (1974), Computers & Operations Research 1: 67-95.

    Examples
    --------
    >>> h = hypercube_two_units([1.0, 1.0], 0.5)
    >>> round(h["utilisation_1"], 3), round(h["wait"], 4)
    (0.5, 0.3333)
    """
    first, second = (float(v) for v in rates)
    rate, mu = first + second, 1.0 / service_time
    rho = rate / (2 * mu)
    if not 0 < rho < 1:
        raise ValueError(f"the load is {2 * rho:.3g} units' work and there are two units.")
    # balance of 10 and 01 against both free and both busy without a queue (probability b):
    # P10 (rate + mu) = first P00 + mu b,  P01 (rate + mu) = second P00 + mu b,
    # (P10 + P01) rate = 2 mu b,  P00 rate = mu (P10 + P01)
    free = 1.0
    one = rate / mu
    both = one * rate / (2 * mu)
    p10 = (first * free + mu * both) / (rate + mu)
    p01 = (second * free + mu * both) / (rate + mu)
    queue = both / (1 - rho)  # b (1 + rho + rho² + ...)
    total = free + one + queue
    return {
        "utilisation_1": (p10 + queue) / total,
        "utilisation_2": (p01 + queue) / total,
        "wait": queue / total,
        "cross": (p10 * first + p01 * second) / (rate * total),
    }
