"""Words that people write into a cell that says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MISSING = frozenset((
    "", "null", "na", "n/a", "#n/a", "nan", "none", "(null)", "<null>", "[null]", "\\n", "nil", "nd",
    "n/d", "n.d.", "s/d", "sd", "s.d.", "s/i", "si/", "s/n", "s/f", "sin dato", "sin datos",
    "sin información", "sin informacion", "no disponible", "no data", "missing", "não informado",
    "nao informado", "não consta", "ignorado", "k.a.", "k. a.", "keine angabe", "non renseigné",
    "non renseigne", "n.c.", "nc", "-", "--", "---", "—", ".", "..", "?", "#ref!", "#value!", "#num!",
    "undefined", "nat", "(blank)", "(en blanco)", "blank", "x", "*",
))  # fmt: skip


def is_missing(texts: pd.Series) -> np.ndarray:
    """Which cells are blank or hold a code for nothing."""
    return texts.map(_says_nothing).to_numpy(dtype=bool)


def _says_nothing(cell: object) -> bool:
    return isinstance(cell, str) and cell.strip().casefold() in MISSING
