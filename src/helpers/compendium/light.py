"""Spares a run and its report the part of a library that they never use."""

from __future__ import annotations

import sys

# Grammar of international addresses: building its parsers takes a second, for a check of JSON
# schemas that nothing here asks for; jsonschema does without it where it is not installed.
UNUSED = "rfc3987_syntax"


def import_lightly() -> None:
    """Import jsonschema, which nbformat and nbconvert ask for, without its slowest part."""
    if "jsonschema" in sys.modules or UNUSED in sys.modules:
        return
    sys.modules[UNUSED] = None  # type: ignore[assignment]
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[UNUSED]
