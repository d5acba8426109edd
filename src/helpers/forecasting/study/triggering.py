"""Facts and a table of what triggers what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..self_exciting import LEVEL, SelfExciting


def triggering_facts(process: SelfExciting | None) -> dict[str, Any] | None:
    """What a fit of the self-exciting process says, and whether chance could say it.

    Parameters
    ----------
    process : SelfExciting or None

    Returns
    -------
    dict or None
        ``theta, low, high, delay, gain, p, permutations, permuted`` (highest gain of these),
        ``sign`` (whether p is at most 0.05), ``converged``, ``gap``, ``incidents``, ``events``,
        ``days``, ``places``, ``snapped``; None without a process.
    """
    if process is None:
        return None
    fit, test = process.triggering, process.test
    many = fit.incidents
    return {
        "theta": fit.theta,
        "low": fit.low,
        "high": fit.high,
        "delay": fit.delay,
        "gain": test.gain,
        "p": test.p,
        "permutations": len(test.permuted),
        "permuted": float(test.permuted.max()),
        "sign": bool(test.p <= LEVEL and fit.theta > 0),
        "converged": fit.converged,
        "gap": fit.gap,
        "incidents": len(many.place),
        "events": many.events,
        "days": many.days,
        "places": len(many.sites),
        "snapped": many.snapped,
    }


def triggering_table(process: SelfExciting) -> pd.DataFrame:
    """What an incident triggers in each band of distance.

    Parameters
    ----------
    process : SelfExciting

    Returns
    -------
    pandas.DataFrame
        ``from_m, to_m`` (the place itself has 0 and 0), ``triggered`` (incidents that a thousand
        trigger directly there), ``about`` (share of all incidents that lie there, on average over
        the incidents): what chance would send there.
    """
    fit = process.triggering
    ends = np.array(fit.edges)
    about = fit.links.about[fit.incidents.place].mean(axis=0)
    return pd.DataFrame(
        {
            "from_m": np.r_[0.0, ends[:-1]],
            "to_m": ends,
            "triggered": 1000 * fit.per_band,
            "about": about,
        }
    )
