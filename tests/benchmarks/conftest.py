"""The benchmarks are programs, no package: their files are loaded from where they are."""

import importlib
import sys

import pytest
from tests.conftest import ROOT

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture(scope="session")
def benchmark_file():
    """Load ``benchmarks/<name>.py``."""

    def load(name: str):
        sys.path.insert(0, str(BENCHMARKS))
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(str(BENCHMARKS))

    return load
