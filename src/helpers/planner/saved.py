"""Reads what sections saved, and writes it into pages."""

from __future__ import annotations

import json
from typing import Any

from helpers.compendium import store


def read_saved(city: str, section: str, name: str) -> Any:
    """Content of a result that is whole; else None."""
    place = store.saved_file(city, section, name)
    if place is None:
        return None
    try:
        return store.read_content(place[0])
    except (OSError, ValueError):
        return None


def safe_json(content: Any) -> str:
    """JSON that ends no script element and opens no comment in one."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
