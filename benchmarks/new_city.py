"""A city of a large text file, which grows with `run.py`: CPU seconds of new-city, its peak memory.

The file is made here, of the form of a large portal's export: 15 columns, a clock of twelve hours,
one row in a thousand without a place.  It and the city are written to a temporary folder.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import Case

HEAD = (
    "ID,Case Number,Date,Block,Primary Type,Description,Location Description,Arrest,X Coordinate,"
    "Y Coordinate,Year,Updated On,Latitude,Longitude,Location\n"
)
KINDS = np.array(["THEFT", "BATTERY", "CRIMINAL DAMAGE", "NARCOTICS"])
ROW = (
    "{n},JH{n:07d},{t:%m/%d/%Y %I:%M:%S %p},001XX N EXAMPLE AVENUE,{kind},SIMPLE,STREET,false,{xy},"
    "{t.year},02/10/2024 03:40:59 PM,{place}\n"
)


def write(path: Path, size: int) -> int:
    rng, n = np.random.default_rng(1), 0
    start = np.datetime64("2010-01-01T00:00")
    with path.open("w", encoding="utf-8") as sink:
        sink.write(HEAD)
        while sink.tell() < size:
            lat, lon = 41.85 + rng.normal(0, 0.05, 20_000), -87.65 + rng.normal(0, 0.04, 20_000)
            times = start + rng.integers(0, 5_000_000, 20_000).astype("timedelta64[m]")
            kinds = KINDS[rng.integers(0, 4, 20_000)]
            for a, b, t, kind in zip(lat, lon, times.astype(object), kinds, strict=True):
                place = f'{a:.9f},{b:.9f},"({a:.9f}, {b:.9f})"' if n % 1000 else ",,"
                xy = "1170000,1900000" if n % 1000 else ","
                sink.write(ROW.format(n=n, t=t, kind=kind, xy=xy, place=place))
                n += 1
    return n


def made(megabytes: float):
    """A maker: the file is written before the clock starts, and removed with its process."""

    def make():
        folder = tempfile.TemporaryDirectory()
        path = Path(folder.name) / "crimes.csv"
        rows = write(path, int(megabytes * 1_000_000))
        code = (
            "import sys; from helpers.newcity import streaming; from helpers.cli import main; "
            "streaming.LARGE = 1_000; sys.exit(main(sys.argv[1:]))"
        )

        def call():
            with tempfile.TemporaryDirectory(dir=folder.name) as town:
                words = ["new-city", "town", "--events", path, "--folder", f"{town}/town", "--yes"]
                command = [sys.executable, "-c", code, *words]
                subprocess.run(command, check=True, capture_output=True)
            return rows

        return call

    return make


def growth() -> dict:
    """CPU seconds against size: (unit, sizes, maker)."""
    return {"new-city of a text file": ("megabytes", (2, 10, 50), lambda n: made(n)())}


def cases() -> list[Case]:
    return []
