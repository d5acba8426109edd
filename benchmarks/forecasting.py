"""Expected counts beside predspot 1.0: hot spots of the next month, on the same events and cells.

Each of the last months of San Miguel's SYNTHETIC events is forecast from all before it: predspot by
its default pipeline (monthly kernel density, features of the series, random forest), fitted again
for every month; ours by the shrunken history, tuned and fitted once and then updated.  PAI and PEI
are means over the months.  Leeds is no case for predspot: it needs consecutive months, and Leeds has
three Julys.
"""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from environments import OLDER, python_of
from measure import Case, Elsewhere

from helpers import forecasting
from helpers.compendium import find_city

MONTHS, SIDE = 6, 250.0  # the last months; metres

PEER = """
import json, sys, time
import geopandas as gpd, pandas as pd
from predspot.dataset_preparation import Dataset
from predspot.pipeline import build_default_pipeline
folder, months, side, lags = sys.argv[1], sys.argv[2].split(","), float(sys.argv[3]), int(sys.argv[4])
crimes = pd.read_csv(folder + "/events.csv", parse_dates=["t"])
area = gpd.read_file(folder + "/boundary.geojson")
start = time.process_time()
rows = []
for month in months:
    known = crimes[crimes["t"] < month]
    pipeline = build_default_pipeline(area, "M", side, lags, random_state=0)
    pipeline.fit(Dataset(known, area))
    found = pipeline.predict()["crime_density"]
    grid = pipeline.grid.loc[found.index.get_level_values("places"), ["lon", "lat"]]
    rows.append(grid.assign(month=month, expected=found.to_numpy()))
seconds = time.process_time() - start
pd.concat(rows).to_csv(folder + "/found.csv", index=False)
print(json.dumps(seconds))
"""


@cache
def task():
    """The town, its events by month before and after the first forecast, cells, what happened."""
    town = find_city("san_miguel")
    layer = town.layer("events")
    events = forecasting.event_table(layer, layer["kind"], layer["time"], every="month")
    first = sorted(events["period"].unique())[-MONTHS]
    past, later = events[events["period"] < first], events[events["period"] >= first]
    cells = forecasting.square_cells(town.layer("boundary").union_all(), SIDE)
    return town, past, later, cells, forecasting.count_by_period(later, cells)


def scores(expected: dict) -> pd.DataFrame:
    """Mean PAI and PEI over the months."""
    *_, cells, counts = task()
    tables = [
        forecasting.hit_rates(expected[period][cells.inside], happened[cells.inside])
        for period, happened in zip(counts.periods, counts.counts, strict=True)
    ]
    return sum(tables) / len(tables)


def ours():
    _, past, later, cells, counts = task()

    def call():
        model = forecasting.fit_count_models(forecasting.count_by_period(past, cells))[
            "shrunken history"
        ]
        found = {}
        for period in counts.periods:
            found[period] = model.forecast(period)
            model = forecasting.update(model, later[later["period"] == period])
        return scores(found)

    return call


def predspot():
    """The same at the grid point nearest to each of our cells, in the environment of pandas 2."""
    python = python_of(OLDER, "predspot")
    task()
    return lambda: in_predspot(python)


def in_predspot(python: str) -> Elsewhere:
    from scipy.spatial import KDTree

    town, past, later, cells, counts = task()
    events = pd.concat([past, later])
    with tempfile.TemporaryDirectory() as folder:
        places = gpd.points_from_xy(events["x"], events["y"], crs=town.crs).to_crs(4326)
        table = {"tag": events["kind"], "t": events["time"], "lon": places.x, "lat": places.y}
        pd.DataFrame(table).to_csv(Path(folder) / "events.csv", index=False)
        town.layer("boundary")[["geometry"]].to_crs(4326).to_file(Path(folder) / "boundary.geojson")
        months = [f"{period}-01" for period in counts.periods]
        run = [python, "-W", "ignore", "-c", PEER, folder, ",".join(months), str(SIDE / 1000), "2"]
        said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        table = pd.read_csv(Path(folder) / "found.csv")
    found = {}
    for period, month in zip(counts.periods, months, strict=True):
        mine = table[table["month"] == month]
        at = gpd.points_from_xy(mine["lon"], mine["lat"], crs=4326).to_crs(town.crs)
        near = KDTree(np.column_stack([at.x, at.y])).query(cells.table[["x", "y"]])[1]
        found[period] = mine["expected"].to_numpy()[near]
    return Elsewhere(float(said.split()[-1]), scores(found))


def accuracy(mine: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """PAI of both at the smallest share of the area."""
    name = next(column for column in mine.columns if "pai" in str(column).lower())
    return f"{name} {theirs[name].iloc[0]:.2f}, ours {mine[name].iloc[0]:.2f}"


def cases() -> list[Case]:
    return [
        Case("six months by 250 m cells, SYNTHETIC events", ours, {"predspot": predspot}, accuracy)
    ]
