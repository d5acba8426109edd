"""Import what every section needs, before it is forked; never TensorFlow, which one of them needs."""

# ruff: noqa: F401
import geopandas
import ipykernel.kernelapp
import IPython.core.completer
import matplotlib.backends.backend_agg
import matplotlib.style
import nbclient
import papermill
import pyarrow.parquet
