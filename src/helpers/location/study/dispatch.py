"""Plans when patrols are busy: which numbers cope, the simulation's table, the drive on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.checks import positive

from ..hypercube import hypercube_model
from ..mexclp import expected_coverage
from ..problem import PMedianSolution, travel
from ..simulation import DispatchResult, erlang_c, priority_waits, simulate_dispatch

__all__ = [
    "PERCENTILES",
    "Agreement",
    "Drive",
    "drive_counted",
    "enough_posts",
    "erlang_agreement",
    "longest_drive",
    "numbers_that_cope",
    "priority_table",
    "simulation_table",
]

PERCENTILES = (50, 80, 90, 95)
# the fullest a patrol's time may be where a queue is still one to speak of
FULL, FULLEST = 0.95, 0.98


def numbers_that_cope(work: float, most: int, today: int = 0) -> list[int]:
    r"""Numbers of patrols to simulate: from the fewest that cope to `most`, but seven at least.

    The fewest that cope have work for less than 95 % of their time:

    .. math:: \lfloor \text{work} / 0.95 \rfloor + 1

    Parameters
    ----------
    work : float
        Crimes an hour times hours a crime: patrols that would be busy without pause.
    most : int
        Largest number on the curve.
    today : int
        Number of today's posts: one of the numbers, however large, if so many cope.

    Examples
    --------
    >>> numbers_that_cope(6.5, 14), numbers_that_cope(0.1, 3, today=9)
    ([7, 8, 9, 10, 11, 12, 13, 14], [1, 2, 3, 4, 5, 6, 7, 9])
    """
    positive(work, "work", "patrols")
    first = int(work / FULL) + 1
    numbers = list(range(first, max(most, first + 6) + 1))
    return numbers + [today] * (today > numbers[-1])


def enough_posts(
    demand, solutions: Iterable[PMedianSolution], numbers: Iterable[int]
) -> dict[int, np.ndarray]:
    """Posts for each number of patrols; beyond the nodes with demand, patrols share posts.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    solutions : iterable of PMedianSolution
        Plans that are known.
    numbers : iterable of int
        Numbers of patrols; each is among the plans, or no less than the nodes with demand.

    Returns
    -------
    dict of number to (number,) int array
        Shared posts go to where demand is greatest first.

    Raises
    ------
    ValueError
        A number has no plan and there are nodes for more.
    """
    demand = np.asarray(demand, float)
    known = {one.sites.size: one.sites for one in solutions}
    busiest = np.argsort(-demand, kind="stable")[: int((demand > 0).sum())]
    posts = {}
    for number in numbers:
        if number not in known and number < len(busiest):
            raise ValueError(f"there is no plan with p = {number}; solve it first.")
        posts[number] = known[number] if number in known else np.resize(busiest, number)
    return posts


def simulation_table(
    runs: Mapping[tuple[str, int], DispatchResult],
    plans: Mapping[tuple[str, int], Sequence[int]],
    demand,
    distance,
    work: float,
    reach: float,
) -> pd.DataFrame:
    """What the simulation says of each plan, beside what the p-median and the queue promise.

    Parameters
    ----------
    runs : mapping of (method, patrols) to DispatchResult
        Simulated with a threshold.
    plans : mapping of (method, patrols) to sites
        The same plans.
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to site j, metres.
    work : float
        Offered load of the M/M/c queue, patrols.
    reach : float
        How far a patrol gets in the time that counts as in time, in the unit of `distance`.

    Returns
    -------
    DataFrame
        Indexed by ``method, patrols``: ``utilisation``; ``waits`` with its interval and
        ``erlang_c``, the share that waits in M/M/c; ``nearest_m``, the mean distance to the nearest
        post, ``answering_m``, to the patrol that comes, and ``hypercube_m``, the same by
        `helpers.location.hypercube_model`, without simulation; ``p50_min`` … ``p95_min``, percentiles
        of the response time in minutes; ``in_time`` with its interval, and ``mexclp``, the share
        within reach of a patrol that is free, where each is busy with the chance work / patrols
        whatever the others do (`helpers.location.expected_coverage`).
    """
    total = float(np.sum(demand))
    lines = []
    for (name, patrols), run in runs.items():
        told = run.summary.set_index("measure")
        wait, within = told.loc["share that waits"], told.loc["share within threshold"]
        line = {
            "method": name,
            "patrols": patrols,
            "utilisation": told.loc["utilisation", "mean"],
            "waits": wait["mean"],
            "waits_low": wait["low"],
            "waits_high": wait["high"],
            "erlang_c": erlang_c(patrols, work)[0],
            "nearest_m": travel(demand, distance, plans[name, patrols]) / total,
            "answering_m": told.loc["response distance", "mean"],
            "hypercube_m": _by_hypercube(demand, distance, plans[name, patrols], work),
        }
        for share in PERCENTILES:
            line[f"p{share}_min"] = 60 * told.loc[f"response time p{share}", "mean"]
        line |= {"in_time": within["mean"], "in_time_low": within["low"]}
        sites = plans[name, patrols]
        free = expected_coverage(demand, distance, sites, reach, busy=work / patrols)
        lines.append(line | {"in_time_high": within["high"], "mexclp": free})
    return pd.DataFrame(lines).set_index(["method", "patrols"])


def _by_hypercube(demand, distance, sites, work: float) -> float:
    """Mean way of the patrol that answers; in time units of a service the calls are `work`."""
    calls = work * np.asarray(demand, float) / np.sum(demand)
    return hypercube_model(calls, distance, sites, service_time=1.0).mean_distance


class Drive(NamedTuple):
    """The longest mean drive of some simulated plans, in minutes."""

    method: str
    patrols: int
    minutes: float


def longest_drive(table: pd.DataFrame, speed: float) -> Drive:
    """The plan whose answering patrols drive the longest.

    Parameters
    ----------
    table : DataFrame
        From `simulation_table`.
    speed : float
        Ways an hour: metres, or 60 where ways are minutes.
    """
    positive(speed, "speed")
    method, patrols = table["answering_m"].idxmax()
    return Drive(method, int(patrols), float(table["answering_m"].max() * 60 / speed))


class Agreement(NamedTuple):
    """In how many of some plans the interval of the share that waits holds Erlang's."""

    held: int
    of: int


def erlang_agreement(table: pd.DataFrame, crimes: float) -> Agreement:
    """Hold the simulated share that waits against Erlang C.

    Only plans count in which ten crimes or more should have waited: below that there is no interval
    to speak of.

    Parameters
    ----------
    table : DataFrame
        From `simulation_table`.
    crimes : float
        Crimes simulated for a plan, all replications together.
    """
    seen = table[table["erlang_c"] * crimes >= 10]
    held = seen["erlang_c"].between(seen["waits_low"], seen["waits_high"])
    return Agreement(int(held.sum()), len(seen))


def drive_counted(
    intensity,
    distance,
    plans: Mapping[str, Sequence[int]],
    scene: float,
    **settings: Any,
) -> dict[str, float]:
    """Share answered in time where the drive comes on top of a time on the scene.

    Parameters
    ----------
    intensity : (n,) array
        Expected crimes an hour at each node.
    distance : (n, m) array or PlanarDistance
        From demand node i to site j.
    plans : mapping of name to sites
        Plans with equal numbers of patrols.
    scene : float
        Mean hours on the scene.
    **settings
        Of `helpers.location.simulate_dispatch`, a threshold among them; the service time is not.

    Returns
    -------
    dict of name to float
        Empty where nothing is left for the scene, or where the drives of a plan fill the patrols'
        time: work and drive of the nearest patrol 98 % of it or more.
    """
    rate, speed = float(np.sum(intensity)), settings["speed"]
    drives = [travel(intensity, distance, sites) / speed for sites in plans.values()]
    fewest = min((len(sites) for sites in plans.values()), default=0)
    if not plans or scene <= 0 or rate * scene + max(drives) >= FULLEST * fewest:
        return {}
    in_time = {}
    for name, sites in plans.items():
        how = {**settings, "service_time": scene, "travel_counts": True}
        told = simulate_dispatch(intensity, distance, sites, **how).summary.set_index("measure")
        in_time[name] = float(told.loc["share within threshold", "mean"])
    return in_time


def priority_table(
    intensity,
    distance,
    plans: Mapping[tuple[str, int], Sequence[int]],
    urgent: float,
    *,
    service_time: float,
    most: int = 3,
    **settings: Any,
) -> pd.DataFrame:
    """How long urgent crimes and the others wait where the urgent ones are answered first.

    Parameters
    ----------
    intensity : (n,) array
        Expected crimes an hour at each node.
    distance : (n, m) array or PlanarDistance
        From demand node i to site j.
    plans : mapping of (method, patrols) to sites
        The plans of fewest patrols are taken: with more, nobody waits.
    urgent : float
        Share of the crimes that are urgent, above 0 and below 1.
    service_time : float
        Mean hours a patrol is busy with a crime.
    most : int
        How many plans.
    **settings
        Of `helpers.location.simulate_dispatch`.

    Returns
    -------
    DataFrame
        ``method, patrols``, minutes: ``wait_min``, the mean wait where all are answered in order of
        arrival (Erlang C); ``urgent_min`` and ``others_min``, simulated, with the 95 % interval of each
        (``urgent_low``, ``urgent_high``, …); ``urgent_cobham`` and ``others_cobham``, the same waits by
        `helpers.location.priority_waits`.

    Raises
    ------
    ValueError
        A share of urgent crimes that leaves no others, or none that are urgent.
    """
    if not 0 < urgent < 1:
        raise ValueError(f"urgent is a share above 0 and below 1; it is {urgent!r}.")
    work = float(np.sum(intensity)) * service_time
    rows = []
    for name, patrols in sorted(plans, key=lambda key: key[1])[:most]:
        how = {**settings, "service_time": service_time, "urgent": urgent}
        told = simulate_dispatch(intensity, distance, plans[name, patrols], **how).summary
        waits = 60 * told.set_index("measure")[["mean", "low", "high"]]
        first, second = priority_waits(patrols, work, [urgent, 1 - urgent])
        row = {"method": name, "patrols": patrols, "wait_min": erlang_c(patrols, work)[1]}
        row = {**row, "urgent_cobham": first, "others_cobham": second}
        minutes = {key: 60 * service_time * row[key] for key in list(row)[2:]}
        for kind in ("urgent", "others"):
            mean, low, high = waits.loc[f"wait, {kind}"]
            minutes |= {f"{kind}_min": mean, f"{kind}_low": max(low, 0.0), f"{kind}_high": high}
        rows.append({"method": name, "patrols": patrols, **minutes})
    order = [f"{kind}_{what}" for kind in ("urgent", "others")
             for what in ("min", "low", "high", "cobham")]  # fmt: skip
    return pd.DataFrame(rows)[["method", "patrols", "wait_min", *order]]
