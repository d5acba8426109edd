"""The command that makes the plans of a page again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

# The page adds these itself, as they stand on the screen.
ON_THE_PAGE = ("patrols", "objective", "radius", "demand")


def command(
    place: str,
    section: str,
    made_with: Mapping[str, Any],
    usual: Mapping[str, Any],
) -> str:
    """Command with every parameter that is not what the section takes by itself.

    Parameters
    ----------
    place : str
        What names the city in a command, quoted for a shell.
    section : str
        Number of the section.
    made_with : mapping
        Parameters with which the plans were made, by name.
    usual : mapping
        What the section takes by itself for this city, by name; others are not its parameters.
    """
    words = [f"python3 run_all.py --city {place} --section {section}"]
    for name, value in made_with.items():
        if name in usual and name not in ON_THE_PAGE and value != usual[name]:
            text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            words.append(f"-p {shlex.quote(f'{name}={text}')}")
    return " ".join(words)
