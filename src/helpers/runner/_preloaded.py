"""Import what every section needs, before it is forked; never TensorFlow, which one of them needs."""

# ruff: noqa: E402, F401
import gc

from helpers.compendium import import_lightly, module_hash

# before what asks for it whole
import_lightly()

import geopandas
import ipykernel.debugger
import ipykernel.kernelapp
import IPython.core.completer
import IPython.core.oinspect
import matplotlib.backends.backend_agg
import matplotlib.figure
import matplotlib.style
import nbclient
import nbformat.validator
import numba
import pandas.io.formats.style
import papermill
import pyarrow.dataset
import pyarrow.parquet

from . import _engine

# numba reads its tables of types when it compiles, or loads, its first function
numba.njit(lambda: 0)()
# a worker checks its notebook by a schema that is compiled first
nbformat.validator.get_validator(4, 5)
# what a city stands on is asked by whoever reads one, and remembered
module_hash("helpers.cities")
# what is imported stays: no collection of garbage goes through it again, here or in what is forked,
# whose pages stay shared; later ones come seldom, for a figure is thousands of objects that all live
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
