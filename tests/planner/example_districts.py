"""Plans of districts of a small made-up town, saved as sections 21 and 23 save them."""

from __future__ import annotations

import runpy
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SAVER = runpy.run_path(str(Path(__file__).with_name("example_plans.py")))["Saver"]
VALUES, SECTION = "21_district_hot_spots", "23_district_results"
FIELD, LABEL = "residents", "Residents <b>& $co$"
COLUMNS, ROWS = 4, 3


def town(hostile: str) -> gpd.GeoDataFrame:
    """Twelve squares of a kilometre, with their residents and three plans of three areas."""
    row, column = (each.ravel() for each in np.mgrid[:ROWS, :COLUMNS])
    squares = [shapely.box(430_000 + 1000 * x, 433_000 + 1000 * y, 431_000 + 1000 * x, 434_000 + 1000 * y)
               for x, y in zip(column, row, strict=True)]  # fmt: skip
    names = [f"{hostile} {i}" for i in range(COLUMNS * ROWS)]
    frame = {"zone": [f"z:{i} 1" for i in range(len(names))], "name": names}
    frame |= {"residents": np.array([5, 1, 4, 2, 8, 3, 3, 9, 2, 7, 6, 1.5])}
    frame |= {"today": row + 1, "best": np.array([1, 1, 2, 2, 1, 3, 2, 2, 3, 3, 3, 2])}
    # zones 4 and 7 leave area 2
    frame["today_2_changed"] = np.array([1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3])
    return gpd.GeoDataFrame(frame, geometry=squares, crs=27700)


def differences(areas, values) -> float:
    """Sum over areas of the difference from an equal share."""
    amounts = pd.Series(np.asarray(values, float)).groupby(np.asarray(areas)).sum()
    return float((amounts - amounts.mean()).abs().sum())


def save(city: str, zones: gpd.GeoDataFrame) -> None:
    """Save values, zones and plans."""
    values = pd.DataFrame({"field": LABEL, "zone": zones["zone"], "value": zones["residents"]})
    SAVER(city, VALUES).frame("spots", values)
    saver = SAVER(city, SECTION)
    saver.shapes("plans_zones", zones.drop(columns="residents"))
    rows = [("today", "today (stand-in)", False, "today's", ""),
            ("best", "exact", True, f"balance of {LABEL}", "all plans"),
            ("today_2_changed", "few changes", True, "today's, 2 zones moved", "up to 2 zones moved")]  # fmt: skip
    plans = pd.DataFrame(rows, columns=["plan", "method", "proven", "title", "among"])
    off = [differences(zones[name], zones["residents"]) for name in plans["plan"]]
    saver.frame("plans_plans", plans.assign(field="residents", eq1=off))
