"""Import what every section needs, before it is forked; never TensorFlow, which one of them needs."""

# ruff: noqa: E402, F401
import gc
from contextlib import suppress

from helpers.compendium import code_hash, import_lightly, list_sections

# before what asks for it whole
import_lightly()

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

from . import _engine

# numba reads its tables of types when it compiles, or loads, its first function
numba.njit(lambda: 0)()
# which modules each section stands on is asked by every worker and kernel, and remembered
for name in list_sections():
    with suppress(SyntaxError, ValueError, OSError):  # told where that section is asked for
        code_hash(name)
# what is imported stays: no collection of garbage goes through it again, here or in what is forked,
# whose pages stay shared; later ones come seldom, for a figure is thousands of objects that all live
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
