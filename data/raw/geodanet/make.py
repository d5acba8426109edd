"""Make the files of geodanet: crimes and streets of a square mile of Mesa, Arizona, from libpysal.

Places are those of libpysal's example "geodanet" in metres: its US survey feet times 1200 / 3937,
rounded to centimetres (crimes, published to the foot) and millimetres (streets, so that lines that
met still meet).  Added here: an outline, for none is published.

``python make.py`` writes the same bytes each time; ``python make.py --check`` compares them with
the files.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from libpysal.examples import get_path

FOOT = 1200 / 3937  # US survey foot, metres
SYSTEM = "urn:ogc:def:crs:EPSG::26949"  # NAD83 / Arizona Central, metres: the same map


def metres(file: str, decimals: int) -> gpd.GeoDataFrame:
    """A layer of the example with its coordinates in metres."""
    table = gpd.read_file(get_path(file))
    assert table.crs.axis_info[0].unit_name == "US survey foot", table.crs
    table["geometry"] = shapely.transform(
        table.geometry.to_numpy(), lambda xy: np.round(xy * FOOT, decimals)
    )
    return table.set_crs("EPSG:26949", allow_override=True)


def crimes() -> str:
    """One row a crime: its number and its place."""
    table = metres("crimes.shp", 2)
    rows = zip(table["POLYID"], table.geometry.x, table.geometry.y, strict=True)
    return "\n".join(["crime,x,y", *(f"{int(n)},{x:.2f},{y:.2f}" for n, x, y in rows)]) + "\n"


def streets() -> str:
    """One feature a street segment, with its number."""
    table = metres("streets.shp", 3)
    shapes = [
        {"type": "LineString", "coordinates": shapely.get_coordinates(line).tolist()}
        for line in table.geometry
    ]
    return collection("streets", [{"segment": int(n)} for n in table["ID"]], shapes)


def boundary() -> str:
    """The upright box around the crimes, each side lengthened by (n + 1) / (n - 1).

    The range of n numbers spread evenly falls short by that factor; n counts places.
    """
    places = np.unique(shapely.get_coordinates(metres("crimes.shp", 2).geometry), axis=0)
    low, high, n = places.min(axis=0), places.max(axis=0), len(places)
    reach = (high - low) / 2 * (n + 1) / (n - 1)
    box = shapely.box(*((low + high) / 2 - reach), *((low + high) / 2 + reach))
    shape = {"type": "Polygon", "coordinates": [shapely.get_coordinates(box).round(1).tolist()]}
    return collection("boundary", [{"places": n}], [shape])


def collection(name: str, properties: list[dict], shapes: list[dict]) -> str:
    """GeoJSON, a line each feature."""
    lines = ",\n ".join(
        json.dumps({"type": "Feature", "properties": p, "geometry": s}, separators=(",", ":"))
        for p, s in zip(properties, shapes, strict=True)
    )
    system = f'{{"type": "name", "properties": {{"name": "{SYSTEM}"}}}}'
    return (
        f'{{"type": "FeatureCollection", "name": "{name}", "crs": {system},\n'
        f' "features": [\n {lines}\n]}}\n'
    )


FILES = {"crimes.csv": crimes, "streets.geojson": streets, "boundary.geojson": boundary}

if __name__ == "__main__":
    wrong = 0
    for name, made in FILES.items():
        path, text = Path(__file__).with_name(name), made()
        if "--check" in sys.argv[1:]:
            same = path.read_text(encoding="utf-8") == text
            sys.stdout.write(f"{name} is {'as made here' if same else 'NOT as made here'}\n")
            wrong += not same
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            sys.stdout.write(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n")
    sys.exit(min(wrong, 1))
