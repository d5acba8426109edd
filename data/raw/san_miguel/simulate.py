"""Simulate the SYNTHETIC events of San Miguel, with the intensity that made them.

Run from anywhere, it writes events.csv, truth_parents.csv, truth.csv and truth_hours.csv beside
itself (or into the folder given)::

    python data/raw/san_miguel/simulate.py [folder]

It reads boundary.geojson and nothing else. SOURCES.md describes the model and the files.
"""

from __future__ import annotations

import json
import sys
from calendar import monthrange
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod, Transformer

HERE = Path(__file__).resolve().parent
CRS = "EPSG:32718"
SEED = 20160101

# The radius of the Matérn clusters that the San Miguel paper fitted, in degrees.
RADIUS_DEGREES = 4.585156e-03
PARENTS_PER_KM2 = 3.0

YEARS = (2016, 2017, 2018, 2019)
# Expected events in the district by kind and year. Ours: the paper prints no counts.
EXPECTED = {
    "Theft": (560, 590, 620, 600),
    "Robbery": (430, 450, 480, 470),
    "Theft from a vehicle": (220, 230, 220, 210),
    "Burglary": (180, 170, 160, 150),
    "Vehicle theft": (150, 140, 130, 120),
    "Assault": (120, 130, 140, 150),
    "Vandalism": (80, 85, 90, 95),
    "Fraud": (60, 80, 110, 140),
}
# Hours of day: bumps (hour, standard deviation in hours, weight) over an even floor of the rest.
HOURS = {
    "Theft": [(13, 2.5, 0.35), (19, 2.0, 0.45)],
    "Robbery": [(21, 2.5, 0.60), (6, 1.0, 0.15)],
    "Theft from a vehicle": [(20, 3.0, 0.40), (3, 2.5, 0.35)],
    "Burglary": [(11, 2.5, 0.40), (3, 2.0, 0.35)],
    "Vehicle theft": [(22, 2.5, 0.50), (4, 2.0, 0.25)],
    "Assault": [(23, 2.5, 0.65)],
    "Vandalism": [(1, 2.5, 0.70)],
    "Fraud": [(12, 2.5, 0.80)],
}
SEASON = 0.12  # amplitude of the year's wave, highest in January: the southern summer
LASTING = 0.30  # standard deviation of the log weights of clusters that last
DRIFTING = 0.45  # and of those that drift
MEMORY = 0.96  # correlation of a cluster's drift with that of the month before
TASTE = 0.60  # standard deviation of the log preference of a cluster for a kind


def simulate() -> dict[str, pd.DataFrame]:
    """All tables: events, truth_parents, truth, truth_hours."""
    rng = np.random.default_rng(SEED)
    window = boundary()
    radius = radius_m(window)
    parents = draw_parents(window, radius, rng)
    inside = [
        shapely.area(window.intersection(shapely.Point(parent).buffer(radius, 256)))
        / (np.pi * radius**2)
        for parent in parents
    ]
    expected = expected_events(np.array(inside), rng)
    shares = hour_shares()
    lon, lat = to_degrees().transform(*parents.T)
    months = [f"{year}-{month:02d}" for year in YEARS for month in range(1, 13)]
    truth = pd.DataFrame(
        expected.reshape(-1, len(EXPECTED)).round(6), columns=list(EXPECTED)
    )  # a parent's months follow each other
    truth.insert(0, "month", months * len(parents))
    truth.insert(0, "parent", np.repeat(np.arange(len(parents)), len(months)))
    return {
        "events": draw_events(window, radius, parents, expected, shares, rng),
        "truth_parents": pd.DataFrame(
            {
                "parent": np.arange(len(parents)),
                "lon": lon.round(6),
                "lat": lat.round(6),
                "x": parents[:, 0].round(2),
                "y": parents[:, 1].round(2),
                "inside": np.round(inside, 6),
            }
        ),
        "truth": truth,
        "truth_hours": pd.DataFrame(
            {
                "kind": np.repeat(list(EXPECTED), 24),
                "hour": np.tile(np.arange(24), len(EXPECTED)),
                "share": shares.ravel(),
            }
        ),
    }


def boundary() -> shapely.Polygon:
    """The district in metres."""
    features = json.loads((HERE / "boundary.geojson").read_text(encoding="utf-8"))["features"]
    ring = np.array(features[0]["geometry"]["coordinates"][0])
    onto_grid = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    return shapely.Polygon(np.column_stack(onto_grid.transform(*ring.T)))


def to_degrees() -> Transformer:
    """From the grid in metres to longitude and latitude."""
    return Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def radius_m(window: shapely.Polygon) -> float:
    """The paper's radius in metres: along the meridian, where a degree is longest here."""
    lon, lat = to_degrees().transform(window.centroid.x, window.centroid.y)
    metres = Geod(ellps="WGS84").line_length([lon, lon], [lat - 0.5, lat + 0.5])
    return RADIUS_DEGREES * metres


def draw_parents(window, radius: float, rng) -> np.ndarray:
    """A Poisson process of cluster centres on the district grown by the radius, shape (m, 2)."""
    grown = window.buffer(radius, 256)
    left, bottom, right, top = grown.bounds
    number = rng.poisson(PARENTS_PER_KM2 * 1e-6 * (right - left) * (top - bottom))
    places = np.column_stack([rng.uniform(left, right, number), rng.uniform(bottom, top, number)])
    return places[shapely.contains_xy(grown, *places.T)]


def expected_events(inside: np.ndarray, rng) -> np.ndarray:
    """Expected events by parent, month and kind over the whole disc, shape (m, 48, kinds).

    Over the part of the discs inside the district each kind adds up to its expected number of the
    year, spread over the months by their days and the season.
    """
    parents, months = len(inside), 12 * len(YEARS)
    drift = np.empty((parents, months))
    drift[:, 0] = rng.normal(size=parents)
    for month in range(1, months):
        step = rng.normal(size=parents)
        drift[:, month] = MEMORY * drift[:, month - 1] + np.sqrt(1 - MEMORY**2) * step
    weight = np.exp(LASTING * rng.normal(size=parents)[:, None] + DRIFTING * drift)
    taste = np.exp(TASTE * rng.normal(size=(parents, len(EXPECTED))))
    strength = weight[:, :, None] * taste[:, None, :]
    strength /= (inside[:, None, None] * strength).sum(axis=0)
    return strength * np.vstack([months_of(year) for year in range(len(YEARS))])


def months_of(year: int) -> np.ndarray:
    """Expected events of one year by month and kind, shape (12, kinds)."""
    days = np.array([monthrange(YEARS[year], month)[1] for month in range(1, 13)])
    share = days * (1 + SEASON * np.cos(2 * np.pi * np.arange(12) / 12))
    return np.outer(share / share.sum(), [counts[year] for counts in EXPECTED.values()])


def hour_shares() -> np.ndarray:
    """Share of a kind's events in each hour of the day, shape (kinds, 24)."""
    hours = np.arange(24)
    shares = []
    for bumps in HOURS.values():
        share = np.full(24, (1 - sum(weight for *_, weight in bumps)) / 24)
        for peak, spread, weight in bumps:
            away = np.minimum((hours - peak) % 24, (peak - hours) % 24)
            bump = np.exp(-((away / spread) ** 2) / 2)
            share = share + weight * bump / bump.sum()
        share = share.round(4)
        share[np.argmax(share)] += 1 - share.sum()
        shares.append(share.round(4))
    return np.array(shares)


def draw_events(window, radius: float, parents, expected, shares, rng) -> pd.DataFrame:
    """Poisson numbers by parent, month and kind, even in the disc; those in the district stay."""
    numbers = rng.poisson(expected)
    parent, month, kind = (
        np.repeat(index.ravel(), numbers.ravel()) for index in np.indices(numbers.shape)
    )
    total = len(parent)
    angle = rng.uniform(0, 2 * np.pi, total)
    away = radius * np.sqrt(rng.uniform(size=total))
    places = parents[parent] + away[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    starts = pd.PeriodIndex.from_fields(
        year=np.repeat(YEARS, 12), month=np.tile(np.arange(1, 13), len(YEARS)), freq="M"
    )
    day = rng.integers(0, starts.days_in_month.to_numpy()[month])
    hour = (rng.uniform(size=total)[:, None] >= np.cumsum(shares, axis=1)[kind, :-1]).sum(axis=1)
    time = starts.to_timestamp()[month] + pd.to_timedelta(24 * day + hour, unit="h")
    lon, lat = (degrees.round(6) for degrees in to_degrees().transform(*places.T))
    events = pd.DataFrame(
        {
            "kind": np.array(list(EXPECTED))[kind],
            "time": time.strftime("%Y-%m-%d %H:00"),
            "lon": lon,
            "lat": lat,
        }
    )
    # Six decimals are a decimetre: judge the place as it will be read.
    back = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon, lat)
    events = events[shapely.contains_xy(window, *back)]
    return events.sort_values(["time", "lon", "lat"], kind="stable", ignore_index=True)


def texts() -> dict[str, str]:
    """File name → text of each file."""
    return {
        f"{name}.csv": table.to_csv(index=False, lineterminator="\n")
        for name, table in simulate().items()
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
