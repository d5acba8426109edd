"""The fourteen reference patterns."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import shape

from helpers.space import Window

NAMES = [
    "bei_sub",
    "cells",
    "chicago",
    "chorley",
    "crime_deg_a",
    "demopat",
    "gorillas",
    "humberside",
    "japanesepines",
    "letterR_sim",
    "longleaf",
    "nztrees",
    "redwood",
    "swedishpines",
]


@dataclass(frozen=True)
class Reference:
    """One reference pattern: its points, window and expected values."""

    folder: Path
    points: np.ndarray
    window: Window
    expected: dict

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / f"{name}.csv")


@pytest.fixture(scope="session", params=NAMES)
def reference(request, shared) -> Reference:
    return load(shared, request.param)


def load(shared: Path, name: str) -> Reference:
    folder = shared / "reference" / "point_patterns" / name
    geometry = shape(json.loads((folder / "window.geojson").read_text())["geometry"])
    points = pd.read_csv(folder / "points.csv")[["x", "y"]].to_numpy()
    expected = json.loads((folder / "expected.json").read_text())
    return Reference(folder, points, Window(geometry), expected)
