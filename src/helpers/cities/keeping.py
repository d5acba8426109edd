"""How layers may be kept or handed on: the shapes of the functions that a city is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .city import City

Keep: TypeAlias = Callable[[str, Sequence[str], Callable[[], Any]], Any]
Handed: TypeAlias = "Callable[[City, str], Any]"


def compute_only(name: str, inputs: Sequence[str], compute: Callable[[], Any]) -> Any:
    """The derived layer `name`, computed; nothing is kept."""
    return compute()


def nothing_handed(town: City, name: str) -> None:
    """The layer `name` as it was read and checked before: nobody handed one on."""
    return
