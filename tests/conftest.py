"""Fixtures that every test folder shares."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference folder beside the project; tests that need it skip where it is absent."""
    root = Path(__file__).resolve().parents[1].parent / "shared"
    if not root.is_dir():
        pytest.skip("the shared reference folder is not beside the project")
    return root
