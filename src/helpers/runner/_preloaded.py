"""Import what every section needs, before it is forked; never TensorFlow, which one of them needs."""

# ruff: noqa: F401
import gc
from contextlib import suppress

import geopandas
import ipykernel.debugger
import ipykernel.kernelapp
import IPython.core.completer
import matplotlib.backends.backend_agg
import matplotlib.figure
import matplotlib.style
import nbclient
import numba
import pandas.io.formats.style
import papermill
import pyarrow.dataset
import pyarrow.parquet

from helpers.compendium import code_hash, list_sections

from . import _engine

# numba reads its tables of types when it compiles, or loads, its first function
numba.njit(lambda: 0)()
# which modules each section stands on is asked by every worker and kernel, and remembered
for name in list_sections():
    with suppress(SyntaxError, ValueError, OSError):  # told where that section is asked for
        code_hash(name)
# what is imported stays: no collection of garbage goes through it again, here or in what is forked,
# whose pages stay shared
gc.collect()
gc.freeze()
