"""Tiny notebooks, as the tests of the runner have them."""

from tests.runner.conftest import notebook  # noqa: F401
