"""Shares a section's replicates out over a Dask cluster, where its run is on one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

# Set by a run for the kernels of sections that ask for several processes: JSON, ``address`` of
# the scheduler and the ``workers`` that may be used.
CLUSTER_VARIABLE = "POLICE_PLANNING_CLUSTER"


def share_replicates(parameters: Mapping[str, Any]) -> None:
    """Make Dask the default backend of joblib, where the run is on a cluster and ``jobs`` is not 1.

    The helpers that work with joblib give each replicate its own stream and put the results
    together in the order of the streams, so that they do not depend on where a replicate ran.

    Parameters
    ----------
    parameters
        Of the section; one without ``jobs`` has no replicates to share.
    """
    told = os.environ.get(CLUSTER_VARIABLE)
    if not told or parameters.get("jobs", 1) == 1:
        return
    import joblib
    from distributed import Client

    place = json.loads(told)
    client = Client(place["address"], set_as_default=False)
    # not a `with`: it holds for the rest of the notebook
    joblib.parallel_config("dask", client=client, workers=place["workers"])
