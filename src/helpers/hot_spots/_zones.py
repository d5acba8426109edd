"""Zones named in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.checks import listed


def named(labels: Sequence) -> str:
    """Name up to five zones in a sentence."""
    return f"zone{'' if len(labels) == 1 else 's'} {listed(labels)}"
