"""Cells of any type as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.sources import cell_text


def text_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose cells are text, empty ones ""; times as ISO 8601 writes them."""
    data: dict[str, Sequence[str]] = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            if getattr(values.dt, "tz", None) is not None:
                values = values.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            elif (values.dropna().dt.normalize() == values.dropna()).all():
                values = values.dt.strftime("%Y-%m-%d")
            else:
                values = values.dt.strftime("%Y-%m-%d %H:%M:%S")
            data[str(column)] = [v if isinstance(v, str) else "" for v in values]
        else:
            data[str(column)] = _texts(values)
    return pd.DataFrame(data, index=range(len(frame)), dtype=object)


def _texts(values: pd.Series) -> Sequence[str]:
    """Cells as text; of a column of one type each value once, as most stand many times."""
    if pd.api.types.is_object_dtype(values):
        return _each(values)
    codes, single = pd.factorize(values)
    if len(single) > len(values) / 2:
        return _each(values)
    return np.array([*_each(pd.Series(single)), ""], dtype=object)[codes]


def _each(values: pd.Series) -> list[str]:
    return ["" if _is_missing(v) else _shown(v.item() if hasattr(v, "item") else v) for v in values]


def _shown(value: Any) -> str:
    """A cell as text; bytes, as geometry columns hold them, in hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else cell_text(value).strip()


def _is_missing(value: Any) -> bool:
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    return isinstance(value, float) and math.isnan(value)
