"""Make georgia.geojson: the 159 counties of Georgia, USA, as libpysal ships them.

Figures and outlines are those of libpysal's example "georgia" (Fotheringham, Brunsdon and Charlton
2002).  Coordinates are rounded to metres.  Added here: the counties' names by their codes (the codes
follow the alphabet), and the number of residents aged 65 and over, TotPop90 × PctEld / 100, rounded.

``python make.py`` writes the same bytes each time; ``python make.py --check`` compares them with
the file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import geopandas as gpd
import shapely
from libpysal.examples import get_path

NAMES = """
Appling Atkinson Bacon Baker Baldwin Banks Barrow Bartow Ben_Hill Berrien Bibb Bleckley Brantley
Brooks Bryan Bulloch Burke Butts Calhoun Camden Candler Carroll Catoosa Charlton Chatham
Chattahoochee Chattooga Cherokee Clarke Clay Clayton Clinch Cobb Coffee Colquitt Columbia Cook
Coweta Crawford Crisp Dade Dawson Decatur DeKalb Dodge Dooly Dougherty Douglas Early Echols
Effingham Elbert Emanuel Evans Fannin Fayette Floyd Forsyth Franklin Fulton Gilmer Glascock Glynn
Gordon Grady Greene Gwinnett Habersham Hall Hancock Haralson Harris Hart Heard Henry Houston Irwin
Jackson Jasper Jeff_Davis Jefferson Jenkins Johnson Jones Lamar Lanier Laurens Lee Liberty Lincoln
Long Lowndes Lumpkin McDuffie McIntosh Macon Madison Marion Meriwether Miller Mitchell Monroe
Montgomery Morgan Murray Muscogee Newton Oconee Oglethorpe Paulding Peach Pickens Pierce Pike Polk
Pulaski Putnam Quitman Rabun Randolph Richmond Rockdale Schley Screven Seminole Spalding Stephens
Stewart Sumter Talbot Taliaferro Tattnall Taylor Telfair Terrell Thomas Tift Toombs Towns Treutlen
Troup Turner Twiggs Union Upson Walker Walton Ware Warren Washington Wayne Webster Wheeler White
Whitfield Wilcox Wilkes Wilkinson Worth
""".split()  # noqa: SIM905 - a list of 159 lines would hide the alphabet


def text() -> str:
    """The GeoJSON, coordinates in EPSG:26916 to a metre."""
    table = gpd.read_file(get_path("G_utm.shp")).sort_values("AreaKey")
    features = []
    for name, row in zip(NAMES, table.itertuples(), strict=True):
        parts = [
            [
                shapely.get_coordinates(ring).round().astype(int).tolist()
                for ring in (part.exterior, *part.interiors)
            ]
            for part in getattr(row.geometry, "geoms", [row.geometry])
        ]
        one = len(parts) == 1
        properties = {
            "zone": str(row.AreaKey),
            "name": name.replace("_", " "),
            "TotPop90": int(row.TotPop90),
            "PctEld": row.PctEld,
            "elderly": round(row.TotPop90 * row.PctEld / 100),
        }
        shape = {"type": "Polygon" if one else "MultiPolygon"}
        shape["coordinates"] = parts[0] if one else parts
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    compact = {"separators": (",", ":")}
    lines = ",\n ".join(json.dumps(feature, **compact) for feature in features)
    system = '{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::26916"}}'
    return (
        f'{{"type": "FeatureCollection", "name": "georgia", "crs": {system},\n'
        f' "features": [\n {lines}\n]}}\n'
    )


if __name__ == "__main__":
    path = Path(__file__).with_name("georgia.geojson")
    made = text()
    if "--check" in sys.argv[1:]:
        same = path.read_text(encoding="utf-8") == made
        sys.stdout.write(f"{path.name} is {'as made here' if same else 'NOT as made here'}\n")
        sys.exit(0 if same else 1)
    path.write_text(made, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{hashlib.sha256(made.encode()).hexdigest()}  {path.name}\n")
