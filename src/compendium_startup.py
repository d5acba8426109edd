"""What every Python of the environment does at its start: keep the user's shell from leading it astray.

The file ``compendium.pth``, installed among the packages, calls :func:`arrange`; so it holds for
``papermill``, ``jupyter lab`` and their kernels too, however they were started.
"""

import os
import sys


def arrange():
    """Put the environment's own modules and kernels first, and hold what the shell names to one place."""
    _own_modules_first()
    _own_kernels_first()
    _one_place_for_results()


def _own_modules_first():
    """Move what PYTHONPATH names to the end of ``sys.path``: other modules named as ours wait."""
    named = {os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    # another checkout of the compendium is named on purpose
    late = [path for path in sys.path if path in named and not _is_compendium(path)]
    if late:
        sys.path[:] = [path for path in sys.path if path not in late] + late


def _is_compendium(path):
    return os.path.isfile(os.path.join(path, "helpers", "compendium", "paths.py"))


def _one_place_for_results():
    """Make the folder of results absolute: a kernel stands in another folder than who started it."""
    named = os.environ.get("POLICE_PLANNING_OUTPUT")
    if named:
        os.environ["POLICE_PLANNING_OUTPUT"] = os.path.abspath(os.path.expanduser(named))


def _own_kernels_first():
    """Name the environment's own kernels first in JUPYTER_PATH, which goes before all else."""
    own = os.path.join(sys.prefix, "share", "jupyter")
    named = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if named[0] != own:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([own, *filter(None, named)])
