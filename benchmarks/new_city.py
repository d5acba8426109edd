"""A city of a large text file: CPU and wall seconds, largest resident set.

    python benchmarks/new_city.py                  100 MB
    python benchmarks/new_city.py --megabytes 1050

The file is made here, of the form of a large portal's export: 15 columns, a clock of twelve hours,
one row in a thousand without a place.  It and the city are written to a temporary folder.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    size = parser.parse_args().megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "crimes.csv"
        rows = write(path, size)
        code = (
            "import sys; from helpers.newcity import streaming; from helpers.cli import main; "
            "streaming.LARGE = 1_000; sys.exit(main(sys.argv[1:]))"
        )
        words = ["new-city", "town", "--events", str(path), "--folder", f"{name}/town", "--yes"]
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, *words], check=True)
        wall, used = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    print(
        f"{size / 1e6:,.0f} MB, {rows:,} rows: CPU {cpu:.0f} s ({size / 1e6 / cpu:.1f} MB/s), wall ",
        end="",
    )
    print(f"{wall:.0f} s, largest resident set {used.ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
