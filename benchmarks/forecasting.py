"""Expected counts beside predspot 1.0: hot spots of the next month, on the same events and cells.

Run ``python benchmarks/forecasting.py --peer path/to/python`` from the repository root, where that
Python has predspot installed (``python -m venv``, ``pip install predspot==1.0.0``).  Without it ours
runs alone and says so.  Each of the last months of San Miguel's SYNTHETIC events is forecast from all
before it: predspot by its default pipeline (monthly kernel density, features of the series, random
forest), fitted again for every month; ours by the shrunken history, tuned and fitted once and then
updated.  PAI and PEI are means over the months; seconds are CPU seconds of the process, imports left
out.  Leeds is no case for predspot: it needs consecutive months, and Leeds has three Julys.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import sklearn.ensemble  # noqa: F401  (imports are left out of the times)

from helpers import forecasting
from helpers.compendium import find_city

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


def scores(expected: dict, counts, inside) -> pd.DataFrame:
    """Mean PAI and PEI over the months."""
    tables = [
        forecasting.hit_rates(expected[period][inside], happened[inside])
        for period, happened in zip(counts.periods, counts.counts, strict=True)
    ]
    return sum(tables) / len(tables)


def ours(past, later, cells, counts):
    """Forecasts of each month and CPU seconds."""
    start = time.process_time()
    model = forecasting.fit_count_models(forecasting.count_by_period(past, cells))[
        "shrunken history"
    ]
    found = {}
    for period in counts.periods:
        found[period] = model.forecast(period)
        model = forecasting.update(model, later[later["period"] == period])
    return found, time.process_time() - start


def peer(python: str, town, events, cells, counts, side: float):
    """The same by predspot, at the grid point nearest to each of our cells."""
    from scipy.spatial import KDTree

    with tempfile.TemporaryDirectory() as folder:
        places = gpd.points_from_xy(events["x"], events["y"], crs=town.crs).to_crs(4326)
        table = {"tag": events["kind"], "t": events["time"], "lon": places.x, "lat": places.y}
        pd.DataFrame(table).to_csv(Path(folder) / "events.csv", index=False)
        town.layer("boundary")[["geometry"]].to_crs(4326).to_file(Path(folder) / "boundary.geojson")
        months = [f"{period}-01" for period in counts.periods]
        run = [python, "-W", "ignore", "-c", PEER, folder, ",".join(months), str(side / 1000), "2"]
        said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        table = pd.read_csv(Path(folder) / "found.csv")
    found = {}
    for period, month in zip(counts.periods, months, strict=True):
        mine = table[table["month"] == month]
        at = gpd.points_from_xy(mine["lon"], mine["lat"], crs=4326).to_crs(town.crs)
        near = KDTree(np.column_stack([at.x, at.y])).query(cells.table[["x", "y"]])[1]
        found[period] = mine["expected"].to_numpy()[near]
    return found, float(said)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--peer", default="", help="a Python that has predspot 1.0")
    arguments.add_argument("--months", type=int, default=6)
    arguments.add_argument("--side", type=float, default=250.0, help="metres")
    options = arguments.parse_args()
    town = find_city("san_miguel")
    layer = town.layer("events")
    events = forecasting.event_table(layer, layer["kind"], layer["time"], every="month")
    first = sorted(events["period"].unique())[-options.months]
    past, later = events[events["period"] < first], events[events["period"] >= first]
    cells = forecasting.square_cells(town.layer("boundary").union_all(), options.side)
    counts = forecasting.count_by_period(later, cells)
    found = {"ours": ours(past, later, cells, counts)}
    if options.peer:
        found["predspot"] = peer(options.peer, town, events, cells, counts, options.side)
    else:
        print("predspot: not given (--peer); ours runs alone")
    for name, (expected, seconds) in found.items():
        table = scores(expected, counts, cells.inside)
        print(f"\n{name}: {seconds:.1f} CPU s for {len(counts.periods)} months")
        print(table.round(3).to_string())


if __name__ == "__main__":
    main()
