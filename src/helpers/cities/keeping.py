"""How derived layers may be kept: the shape of the function that a city is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Keep = Callable[[str, Sequence[str], Callable[[], Any]], Any]


def compute_only(name: str, inputs: Sequence[str], compute: Callable[[], Any]) -> Any:
    """The derived layer `name`, computed; nothing is kept."""
    return compute()
