"""A small sound city of four square kilometres, for tests to use or to break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

CARD = """\
title: Four squares
country: Nowhere
crs: EPSG:27700
licence: CC0
source_line: "Source: made for a test"
layers:
  events:
    file: events.csv
    columns: {kind: crime type, time: month, zone: code}
    time_precision: month
  boundary:
    file: boundary.csv
    columns: {geometry: wkt}
  stations:
    file: stations.csv
  patrols:
    file: patrols.csv
  streets:
    file: streets.csv
    columns: {geometry: wkt}
  zones:
    file: zones.csv
    columns: {zone: code, geometry: wkt}
    fields:
      population: {column: people, label: Residents, unit: persons}
      crimes: {count: events, label: Crimes, unit: crimes}
      rate: {ratio: [crimes, population], scale: 1000, label: Rate, unit: per 1000}
  borders:
    file: borders.csv
  criteria:
    file: criteria.csv
    criteria:
      density: {column: density, label: Density, shape: increasing, scale: [0, 10]}
      income: {column: income, label: Income, shape: discrete, values: {low: 1, high: 0}}
  map_layers:
    file: maps.csv
  districts:
    file: districts.csv
    columns: {zone: code, district: beat}
policy: {posts: patrols, label: Patrols today}
"""

FILES = {
    "city.yml": CARD,
    "events.csv": """\
crime type,month,x,y,code
Burglary,2016-07,430100,430100,A
Burglary,2016-07,431500,430500,B
Robbery,2017-07,430500,431500,C
Robbery,2018-07,431900,431900,D
Robbery,2018-07,431900,431900,D
""",
    "boundary.csv": """\
wkt
"POLYGON ((430000 430000, 432000 430000, 432000 432000, 430000 432000, 430000 430000))"
""",
    "stations.csv": "station,officers,x,y\nNorth,12,430500,431900\nSouth,7,430500,430100\n",
    "patrols.csv": "patrol,x,y\nP1,430500,430500\nP2,431500,431500\n",
    "streets.csv": """\
wkt,speed_kmh
"LINESTRING (430000 430000, 430300 430400)",30
"LINESTRING (430300 430400, 431300 430400)",50
""",
    "zones.csv": """\
code,people,wkt
A,100,"POLYGON ((430000 430000, 431000 430000, 431000 431000, 430000 431000, 430000 430000))"
B,200,"POLYGON ((431000 430000, 432000 430000, 432000 431000, 431000 431000, 431000 430000))"
C,300,"POLYGON ((430000 431000, 431000 431000, 431000 432000, 430000 432000, 430000 431000))"
D,400,"POLYGON ((431000 431000, 432000 431000, 432000 432000, 431000 432000, 431000 431000))"
""",
    "borders.csv": """\
zone_a,zone_b,shared_km,contact
A,B,1,rook
A,C,1,rook
B,D,1,rook
D,C,1,rook
A,D,0,point
""",
    "districts.csv": "code,beat\nD,East\nA,West\nC,West\nB,East\n",
    "criteria.csv": "zone,density,income\nA,1.5,low\nB,9,high\n",
    "maps.csv": "image,template,georeference,kind\nmap.png,mark.png,points.csv,Robbery\n",
    "map.png": "image",
    "mark.png": "mark",
    "points.csv": "pixel_x,pixel_y,lon,lat\n",
}


@pytest.fixture(autouse=True)
def outputs(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Derived files of a test go to a folder of its own."""
    folder = tmp_path_factory.mktemp("outputs")
    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(folder))
    return folder


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Folder of the sound city."""
    folder = tmp_path / "squares"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def edit(sound: Path) -> Callable[..., Path]:
    """Replace a text that a file of the sound city must hold; gives the city's folder."""

    def replace(name: str, old: str, new: str) -> Path:
        path = sound / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return sound

    return replace
