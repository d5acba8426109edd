"""Where the lists of claims, rules, papers and exhibits lie."""

from __future__ import annotations

from pathlib import Path

from ..paths import RAW


def claims_file(name: str) -> Path:
    """One of the files ``data/raw/claims*``.

    Parameters
    ----------
    name
        File name.
    """
    return RAW / name
