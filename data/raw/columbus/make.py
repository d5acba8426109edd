"""Make columbus.geojson: the 49 neighbourhoods of Columbus, Ohio, as libpysal ships them.

Figures and shapes are those of libpysal's example "columbus" (Anselin 1988, Table 12.1).  Its
coordinates are in "arbitrary digitizing units", so the place and the size of the map are inferred:
the column DISCBD grows in proportion to the distance from one point of the map (R² 0.99), which
must be the central business district.  Taken as miles, it gives the length of a unit; the corner of
Broad and High Street gives the place.  Shapes and their proportions are exact, the scale is not.

``python make.py`` writes the same bytes each time; ``python make.py --check`` compares them with
the file.
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
from scipy.optimize import least_squares

MILE = 1609.344
CORNER = (329_121, 4_425_478)  # Broad and High Street, EPSG:32617, m
FIELDS = ("CRIME", "INC", "HOVAL", "PLUMB", "DISCBD", "OPEN")


def scale_and_centre(table: gpd.GeoDataFrame) -> tuple[float, np.ndarray]:
    """Metres a unit, and the business district in units, by least squares on DISCBD."""
    centroids = shapely.get_coordinates(table.geometry.centroid)
    distance = table["DISCBD"].to_numpy()

    def miss(trial: np.ndarray) -> np.ndarray:
        return trial[0] * np.hypot(*(centroids - trial[1:]).T) - distance

    fitted = least_squares(miss, [1.0, *centroids[distance.argmin()]]).x
    return round(fitted[0] * MILE), fitted[1:].round(3)


def text() -> str:
    """The GeoJSON, coordinates in EPSG:32617 to a decimetre."""
    table = gpd.read_file(get_path("columbus.shp"))
    scale, centre = scale_and_centre(table)
    features = []
    for row in table.itertuples():
        rings = [row.geometry.exterior, *row.geometry.interiors]
        placed = [
            ((shapely.get_coordinates(ring) - centre) * scale + CORNER).round(1).tolist()
            for ring in rings
        ]
        properties = {"zone": str(int(row.POLYID)), "name": f"Neighbourhood {int(row.POLYID)}"}
        properties |= {name: round(getattr(row, name), 6) for name in FIELDS}
        shape = {"type": "Polygon", "coordinates": placed}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    lines = ",\n ".join(json.dumps(feature) for feature in features)
    system = '{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32617"}}'
    return (
        f'{{"type": "FeatureCollection", "name": "columbus", "crs": {system},\n'
        f' "features": [\n {lines}\n]}}\n'
    )


if __name__ == "__main__":
    path = Path(__file__).with_name("columbus.geojson")
    made = text()
    if "--check" in sys.argv[1:]:
        same = path.read_text(encoding="utf-8") == made
        sys.stdout.write(f"{path.name} is {'as made here' if same else 'NOT as made here'}\n")
        sys.exit(0 if same else 1)
    path.write_text(made, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{hashlib.sha256(made.encode()).hexdigest()}  {path.name}\n")
