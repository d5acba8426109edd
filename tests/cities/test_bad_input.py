"""Every fault that docs/data.md lists: the sentence, and nothing half-written."""

from __future__ import annotations

import os
import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from helpers.cities import CityError, load_city
from helpers.compendium import ROOT, find_city

# file, text it holds, text put in its place, layer read, and the whole message
FAULTS = {
    "missing column": (
        "events.csv", "crime type,", "Crime Type,", "events",
        "squares/events.csv: no column 'crime type' for kind; did you mean 'Crime Type'? correct the "
        "name in squares/city.yml, layers.events",
    ),
    "missing column, nothing near": (
        "zones.csv", "people", "qqq", "zones",
        "squares/zones.csv: no column 'people' for Residents (it has code, qqq, wkt); correct the "
        "name in squares/city.yml, layers.zones",
    ),
    "missing coordinates": (
        "stations.csv", ",x,y", ",east,north", "stations",
        "squares/stations.csv: no coordinates for the layer; map x and y, or geometry (WKT text), in "
        "squares/city.yml, layers.stations.columns",
    ),
    "unknown CRS": (
        "city.yml", "EPSG:27700", "EPSG:99999", "zones",
        "squares/city.yml: crs EPSG:99999 is not a known coordinate system; look its number up at "
        "epsg.org",
    ),
    "geographic CRS": (
        "city.yml", "EPSG:27700", "EPSG:4326", "zones",
        "squares/city.yml: crs EPSG:4326 (WGS 84) is in degrees; give a projected system in metres, "
        "such as the national grid or the UTM zone",
    ),
    "CRS in feet": (
        "city.yml", "EPSG:27700", "EPSG:2263", "zones",
        "squares/city.yml: crs EPSG:2263 (NAD83 / New York Long Island (ftUS)) is in US survey foot; "
        "give a projected system in metres, such as EPSG:32118 (NAD83 / New York Long Island), and state "
        "`crs: EPSG:2263` for the layers whose files are in it",
    ),
    "degrees given as metres": (
        "stations.csv", "12,430500,431900\nSouth,7,430500,430100", "12,-1.5,53.8\nSouth,7,-1.6,53.7",
        "stations",
        "squares/stations.csv, columns x and y: the coordinates look like degrees, not metres; state "
        "`crs: EPSG:4326` in squares/city.yml, layers.stations",
    ),
    "outside the boundary": (
        "events.csv", "430500,431500,C", "439500,431500,C", "events",
        "squares/events.csv, row 4: the event at (439500, 431500) m lies outside the boundary; "
        "correct it, or leave such events out with `outside: drop` in squares/city.yml, layers.events",
    ),
    "outside the country": (
        "patrols.csv", "430500,430500", "9430500,430500", "patrols",
        None,
    ),
    "empty cell": (
        "zones.csv", "B,200", "B,", "zones",
        "squares/zones.csv, row 3, column people is empty; write the Residents of every row",
    ),
    "NaN": (
        "zones.csv", "B,200", "B,NaN", "zones",
        "squares/zones.csv, row 3, column people: 'NaN' is empty; write the Residents of every row",
    ),
    "infinite": (
        "zones.csv", "B,200", "B,inf", "zones",
        "squares/zones.csv, row 3, column people: 'inf' is not finite; write an ordinary number",
    ),
    "text among numbers": (
        "zones.csv", 'B,200', 'B,"1,200"', "zones",
        "squares/zones.csv, row 3, column people: '1,200' is not a number; write digits, a point for "
        "decimals, no unit and no separator of thousands",
    ),
    "NaN coordinate": (
        "stations.csv", "430500,430100", "430500,nan", "stations",
        "squares/stations.csv, row 3, column y: 'nan' is empty; write the y coordinate of every row",
    ),
    "event without place": (
        "events.csv", "431500,430500,B", ",,B", "events",
        "squares/events.csv, row 3, column x is empty; write the x coordinate of every row",
    ),
    "negative population": (
        "zones.csv", "B,200", "B,-200", "zones",
        "squares/zones.csv, row 3, column people: '-200' is negative; no Residents is below zero; "
        "correct it",
    ),
    "no population under a ratio": (
        "zones.csv", "B,200", "B,0", "zones",
        "squares/city.yml, layers.zones.fields.rate: zone 'B' has population 0, so crimes / "
        "population has no value there (1 such zones); leave the field or the zone out",
    ),
    "duplicate zone": (
        "zones.csv", "B,200", "A,200", "zones",
        "squares/zones.csv, row 2, column code: 'A' is given more than once as a zone; keep one row "
        "for it (2 such rows: 2, 3)",
    ),
    "empty zone code": (
        "zones.csv", "B,200", ",200", "zones",
        "squares/zones.csv, row 3, column code is empty; write the zone of every row",
    ),
    "empty category": (
        "events.csv", "Robbery,2017", ",2017", "events",
        "squares/events.csv, row 4, column crime type is empty; write the kind of every row",
    ),
    "kind without events": (
        "city.yml", "count: events,", "count: events, kinds: [Burglery],", "zones",
        "squares/city.yml, layers.zones.fields.crimes: 'Crimes' counts the kind 'Burglery', of which "
        "there is no event; did you mean 'Burglary'? correct its kinds",
    ),
    "event of an unknown zone": (
        "events.csv", "431500,430500,B", "431500,430500,X", "events",
        "squares/events.csv, row 3, column code: zone 'X' is not among the zones; correct it, or "
        "leave such events out with `outside: drop` in squares/city.yml, layers.events",
    ),
    "bad month": (
        "events.csv", "2017-07", "2017-13", "events",
        "squares/events.csv, row 4, column month: '2017-13' is not a month; write it as 2016-07",
    ),
    "bad date order": (
        "events.csv", "2017-07", "07/2017", "events",
        "squares/events.csv, row 4, column month: '07/2017' is not a month; write it as 2016-07",
    ),
    "month where a day is promised": (
        "city.yml", "time_precision: month", "time_precision: day", "events",
        "squares/events.csv, row 2, column month: '2016-07' is not a day; write it as 2016-07-31 "
        "(5 such rows: 2, 3, 4, 5, 6)",
    ),
    "time zone": (
        "events.csv", "2017-07", "2017-07-01T10:00:00Z", "events",
        "squares/events.csv, row 4, column month: '2017-07-01T10:00:00Z' carries a time zone; write "
        "local time without one",
    ),
    "impossible year": (
        "events.csv", "2017-07", "0217-07", "events",
        "squares/events.csv, row 4, column month: '0217-07' lies outside the years 1900 to 2100; "
        "correct it",
    ),
    "precision missing": (
        "city.yml", "    time_precision: month\n", "", "events",
        "squares/city.yml, line 7: the key 'layers.events.time_precision' is missing; add it "
        "(docs/data.md says what it means)",
    ),
    "precision misspelt": (
        "city.yml", "time_precision: month", "time_precision: months", "events",
        "squares/city.yml, line 10: layers.events.time_precision is 'months', which is not known; did "
        "you mean 'month'?",
    ),
    "border of an unknown zone": (
        "borders.csv", "D,C,1", "D,Q,1", "borders",
        "squares/borders.csv, row 5, column zone_b: 'Q' is not among the zones; correct it or add the "
        "zone",
    ),
    "zone borders itself": (
        "borders.csv", "D,C,1", "D,D,1", "borders",
        "squares/borders.csv, row 5, column zone_a: 'D' borders itself; remove the row",
    ),
    "border with two lengths": (
        "borders.csv", "A,D,0,point", "B,A,0.9,rook", "borders",
        "squares/borders.csv, row 6: the border of 'A' and 'B' is listed before with another length "
        "(1 and 0.9 km); keep the right one (2 such rows: 2, 6)",
    ),
    "border longer than the perimeter": (
        "borders.csv", "A,B,1,rook", "A,B,1000,rook", "borders",
        "squares/borders.csv: the borders of zone 'A' add up to 1001.000 km, more than its perimeter "
        "of 4.000 km; check the unit (km) and rows given twice under two codes",
    ),
    "contact misspelt": (
        "borders.csv", "1,rook", "1,Rook", "borders",
        "squares/borders.csv, row 2, column contact: 'Rook' is no contact; write rook or point",
    ),
    "rook contact without length": (
        "borders.csv", "A,B,1,rook", "A,B,0,rook", "borders",
        "squares/borders.csv, row 2, column contact: 'rook' has no shared length; write the length, "
        "or point for a corner",
    ),
    "disconnected": (
        "borders.csv", "B,D,1,rook\nD,C,1,rook\nA,D,0,point\n", "", "borders",
        "squares/city.yml, layers.borders: the zones fall into 2 parts that do not touch: 3 zones "
        "together; apart from them D; add the missing borders, state `links`, or "
        "`allow_disconnected: true`",
    ),
    "link to an unknown zone": (
        "city.yml", "    file: borders.csv", "    file: borders.csv\n    links: [[A, Z]]", "borders",
        "squares/city.yml, layers.borders.links: zone 'Z' is not among the zones; correct it",
    ),
    "overlapping polygons": (
        "zones.csv", "431000 431000, 431000 430000))", "430000 431000, 431000 430000))", "zones",
        None,
    ),
    "invalid polygon": (
        "boundary.csv", "432000 430000, 432000 432000", "432000 432000, 432000 430000", "boundary",
        "squares/boundary.csv, row 2, column wkt: the polygon is not valid (Self-intersection[431000 "
        "431000]); repair it, for example with shapely.make_valid",
    ),
    "point where a polygon belongs": (
        "boundary.csv", "POLYGON ((430000 430000, 432000 430000, 432000 432000, 430000 432000, "
        "430000 430000))", "POINT (430000 430000)", "boundary",
        "squares/boundary.csv, row 2, column wkt: 'POINT (430000 430000)' is no polygon; the layer "
        "needs polygons; convert it",
    ),
    "broken WKT": (
        "streets.csv", "LINESTRING (430000 430000, 430300 430400)", "LINESTRING (430000", "streets",
        "squares/streets.csv, row 2, column wkt: 'LINESTRING (430000' is not WKT; write for example "
        "POINT (1 2), and end each ring where it begins",
    ),
    "no speed": (
        "streets.csv", ",30", ",0", "streets",
        "squares/streets.csv, row 2, column speed_kmh: '0' is no speed; write km/h above zero",
    ),
    "no direction": (
        "streets.csv", "wkt,speed_kmh\n\"LINESTRING (430000 430000, 430300 430400)\",30",
        "wkt,oneway\n\"LINESTRING (430000 430000, 430300 430400)\",maybe", "streets",
        "squares/streets.csv, row 2, column oneway: 'maybe' is neither yes nor no; write true where "
        "the segment is driven as it is drawn only, else false (2 such rows: 2, 3)",
    ),
    "station twice": (
        "stations.csv", "South", "North", "stations",
        "squares/stations.csv, row 2, column station: 'North' is given more than once as a station; "
        "keep one row for it (2 such rows: 2, 3)",
    ),
    "negative officers": (
        "stations.csv", "North,12", "North,-12", "stations",
        "squares/stations.csv, row 2, column officers: '-12' is negative; no number of officers is "
        "below zero; correct it",
    ),
    "criterion outside its scale": (
        "criteria.csv", "B,9", "B,90", "criteria",
        "squares/criteria.csv, row 3, column density: '90' lies outside the scale 0 to 10 of the "
        "criterion; correct the value or the scale in city.yml",
    ),
    "unknown level": (
        "criteria.csv", "high", "hihg", "criteria",
        "squares/criteria.csv, row 3, column income: 'hihg' is no level of the criterion; did you "
        "mean 'high'? the levels are low, high",
    ),
    "empty level": (
        "criteria.csv", "9,high", "9,", "criteria",
        "squares/criteria.csv, row 3, column income is empty; write the Income of every row",
    ),
    "map image missing": (
        "maps.csv", "mark.png", "marks.png", "map_layers",
        "squares/maps.csv, row 2, column template: 'marks.png' is no file of the city's folder; put "
        "it there or correct its name",
    ),
    "map image outside": (
        "maps.csv", "mark.png", "../../mark.png", "map_layers",
        "squares/city.yml: squares/maps.csv, row 2 names '../../mark.png', which leaves the city's "
        "folder; put the file inside it and give its name alone",
    ),
    "row with a cell too many": (
        "events.csv", "431500,430500,B", "431500,430500,B,", "events",
        "squares/events.csv, row 3: 6 cells where the header has 5; put text that holds ',' between "
        "double quotes",
    ),
    "row cut short": (
        "events.csv", "431500,430500,B", "431500", "events",
        "squares/events.csv, row 3: 3 cells where the header has 5; write every cell of the row, and "
        "close every quote",
    ),
    "column twice": (
        "events.csv", "month,x,y", "month,x,x", "events",
        "squares/events.csv, row 1: column 'x' stands twice; rename one of them",
    ),
    "changed file": (
        "city.yml", "layers:\n", f"files: {{events.csv: {'a' * 64}}}\nlayers:\n", "events", None,
    ),
    "file missing": (
        "city.yml", "file: events.csv", "file: event.csv", "events",
        "squares/event.csv: no such file; put it there or correct its name",
    ),
    "format not known": (
        "city.yml", "file: events.csv", "file: events.docx", "events",
        "squares/events.docx: files ending in '.docx' cannot be read; convert it to one of .csv, "
        ".tsv, .txt, .geojson, .json, .gpkg, .parquet, .geoparquet, .xlsx, .xlsm, .xls, .xlsb, .ods",
    ),
    "path upwards": (
        "city.yml", "file: events.csv", "file: ../events.csv", "events",
        "squares/city.yml: layers.events.file names '../events.csv', which leaves the city's folder; "
        "put the file inside it and give its name alone",
    ),
    "absolute path": (
        "city.yml", "file: events.csv", "file: /etc/passwd", "events",
        "squares/city.yml: layers.events.file names '/etc/passwd', which leaves the city's folder; "
        "put the file inside it and give its name alone",
    ),
    "path of another system": (
        "city.yml", "file: events.csv", "file: 'C:\\data\\events.csv'", "events",
        "squares/city.yml: layers.events.file names 'C:\\\\data\\\\events.csv', which leaves the "
        "city's folder; put the file inside it and give its name alone",
    ),
    "YAML tag": (
        "city.yml", "title: Four squares", "title: !!python/object/apply:os.getcwd []", "events",
        "squares/city.yml, line 1: the tag tag:yaml.org,2002:python/object/apply:os.getcwd is not "
        "plain data; write keys and plain values only",
    ),
    "YAML alias": (
        "city.yml", "country: Nowhere", "country: &here Nowhere\nlicence: *here", "events",
        "squares/city.yml, line 3: an alias (*here) is not plain data; write keys and plain values "
        "only",
    ),
    "YAML key twice": (
        "city.yml", "country: Nowhere", "country: Nowhere\ncountry: Elsewhere", "events",
        "squares/city.yml, line 3: the key 'country' a second time is not plain data; write keys and "
        "plain values only",
    ),
    "YAML broken": (
        "city.yml", "title: Four squares", "title: [Four", "events", None,
    ),
    "YAML says false": (
        "city.yml", "country: Nowhere", "country: NO", "events",
        "squares/city.yml, line 2: country is False, which YAML does not read as text; put it between "
        "quotes",
    ),
    "unknown key": (
        "city.yml", "licence: CC0", "license: CC0", "events", None,
    ),
    "unknown key of a layer": (
        "city.yml", "    time_precision: month", "    time_precision: month\n    colums: {}", "events",
        "squares/city.yml, line 11: unknown key 'layers.events.colums'; did you mean 'columns'?",
    ),
    "unknown key of a field": (
        "city.yml", "{column: people, label", "{column: people, lable: x, label", "zones",
        "squares/city.yml, line 25: unknown key 'layers.zones.fields.population.lable'; did you mean "
        "'label'?",
    ),
    "unknown layer": (
        "city.yml", "  patrols:\n", "  patrol:\n", "patrols", None,
    ),
    "unknown column of a layer": (
        "city.yml", "{kind: crime type,", "{kinds: crime type,", "events",
        "squares/city.yml, line 7: layers.events: `columns` maps 'kinds', which is no column of this "
        "layer; did you mean 'kind'? (carry other columns along with `extra`)",
    ),
    "CRS written otherwise": (
        "city.yml", "EPSG:27700", "British National Grid", "zones",
        "squares/city.yml, line 3: crs is 'British National Grid'; write a coordinate system as "
        "EPSG:<number>",
    ),
    "empty title": (
        "city.yml", "title: Four squares", "title: ''", "zones",
        "squares/city.yml, line 1: title is empty; write a text",
    ),
    "synthetic layer that is not there": (
        "city.yml", "layers:\n", "synthetic: [event]\nlayers:\n", "events",
        "squares/city.yml, line 6: synthetic.0: 'event' is no layer; did you mean 'events'?",
    ),
    "ratio of an unknown field": (
        "city.yml", "[crimes, population]", "[crimes, people]", "zones",
        "squares/city.yml: the field rate divides people, which is no field with values of its own",
    ),
}  # fmt: skip

PARTLY = {
    "outside the country": r"^squares/patrols.csv, row 2, columns x and y: \(9\.4305e\+06, 430500\) "
    r"lies outside the area of OSGB36 / British National Grid \(longitude -9\.01 to 2\.01, latitude "
    r"49\.75 to 61\.01\); correct the coordinates, or the crs of the layer or city$",
    "overlapping polygons": r"^squares/zones.csv: the polygons of zones 'A' and 'B' overlap \(50\s% of "
    r"the smaller\); correct the outlines, each place belongs to one zone$",
    "changed file": r"^squares/events.csv has changed: its sha256 begins with \w{12} but city.yml says "
    r"aaaaaaaaaaaa; put the original back, or state the new hash under files \(\w{64}\)$",
    "YAML broken": r"^squares/city.yml, line \d+: not YAML \(.*\); check indentation, colons and quotes$",
    "unknown key": r"^squares/city.yml: the key 'licence' is missing; add it .*\n"
    r"squares/city.yml, line 4: unknown key 'license'; did you mean 'licence'\?$",
    "unknown layer": r"unknown key 'layers.patrol'; did you mean 'patrols'\?",
}


KNOWN = {
    "unclosed ring of WKT": (
        "boundary.csv", ", 430000 430000))", "))", "boundary",
        "squares/boundary.csv, row 2, column wkt: 'POLYGON ((430000 430000, 432000 430000, 432000 "
        "432000, 43...' is not WKT; write for example POINT (1 2), and end each ring where it begins",
    ),
    "infinite coordinate": (
        "streets.csv", "430300 430400)", "inf 430400)", "streets",
        "squares/streets.csv, row 2, column wkt: 'LINESTRING (430000 430000, inf 430400)' has a "
        "coordinate that is not finite; write ordinary numbers",
    ),
    "control character": (
        "city.yml", "title: Four squares", "title: Four\x00squares", "zones",
        "squares/city.yml is a binary file, not YAML text; save it as YAML or correct its suffix",
    ),
    "escape character": (
        "city.yml", "country: Nowhere", "country: Now\x1bhere", "zones",
        "squares/city.yml, line 2: the character U+001B is not text that YAML can hold; remove it",
    ),
    "control character written out": (
        "city.yml", "country: Nowhere", 'country: "Now\\0here"', "zones",
        "squares/city.yml, line 2: country: the text holds the unseen character U+0000; remove it",
    ),
    "text turned around": (
        "city.yml", "label: Residents", "label: \u202estnediseR", "zones",
        "squares/city.yml, line 25: layers.zones.fields.population.label: the text holds the unseen "
        "character U+202E; remove it",
    ),
    "list as a key": (
        "city.yml", "country: Nowhere", "country: Nowhere\n? [a, b]\n: c", "zones",
        "squares/city.yml, line 3: a key that is a list or has keys itself is not plain data; write "
        "keys and plain values only",
    ),
    "deep nesting": (
        "city.yml", "country: Nowhere", "country: " + "[" * 900 + "]" * 900, "zones",
        "squares/city.yml, line 2: a value more than 20 levels deep is not plain data; write keys and "
        "plain values only",
    ),
    "unknown codec": (
        "city.yml", "file: stations.csv", "file: stations.csv\n    encoding: klingon", "stations",
        "squares/stations.csv: encoding 'klingon' is not known; write for example utf-8, cp1252 or "
        "latin-1",
    ),
    "codec that is none of text": (
        "city.yml", "file: stations.csv", "file: stations.csv\n    encoding: undefined", "stations",
        "squares/stations.csv: encoding 'undefined' is not known; write for example utf-8, cp1252 or "
        "latin-1",
    ),
    "line break as delimiter": (
        "city.yml", "file: stations.csv", 'file: stations.csv\n    delimiter: "\\n"', "stations",
        "squares/city.yml, line 16: layers.stations.delimiter: '\\n' cannot part cells; write one of "
        ', ; | or "\\t"',
    ),
    "quote as delimiter": (
        "city.yml", "file: stations.csv", "file: stations.csv\n    delimiter: '\"'", "stations",
        "squares/city.yml, line 16: layers.stations.delimiter: '\"' cannot part cells; write one of "
        ', ; | or "\\t"',
    ),
    "delimiter of two bytes": (
        "city.yml", "file: stations.csv", "file: stations.csv\n    delimiter: §", "stations",
        "squares/city.yml, line 16: layers.stations.delimiter: '§' cannot part cells; write one of "
        ', ; | or "\\t"',
    ),
    "bad pattern of times": (
        "city.yml", "    time_precision: month", "    time_precision: month\n    time_format: '%Q'",
        "events",
        "squares/city.yml, line 7: layers.events: `time_format` is '%Q', which is no pattern of "
        'times; write one of Python\'s strptime, such as "%d/%m/%Y %H:%M"',
    ),
    "pattern of times that ends early": (
        "city.yml", "    time_precision: month", "    time_precision: month\n    time_format: '%Y %'",
        "events",
        "squares/city.yml, line 7: layers.events: `time_format` is '%Y %', which is no pattern of "
        'times; write one of Python\'s strptime, such as "%d/%m/%Y %H:%M"',
    ),
    "pattern of times less exact than promised": (
        "city.yml", "    time_precision: month", "    time_precision: hour\n    time_format: '%d.%m.%Y'",
        "events",
        "squares/city.yml, line 7: layers.events: `time_format` is '%d.%m.%Y', which does not tell one "
        'hour from the next; write one of Python\'s strptime, such as "%d/%m/%Y %H:%M", or state the '
        "true `time_precision`",
    ),
    "vertical system": (
        "city.yml", "file: stations.csv", "file: stations.csv\n    crs: EPSG:5773", "stations",
        "squares/city.yml, layers.stations.crs EPSG:5773 (EGM96 height) is no system of two "
        "coordinates on the ground; look for a projected or geographic one at epsg.org",
    ),
    "geocentric system": (
        "city.yml", "crs: EPSG:27700", "crs: EPSG:4978", "stations",
        "squares/city.yml: crs EPSG:4978 (WGS 84) is no system of two coordinates on the ground; look "
        "for a projected or geographic one at epsg.org",
    ),
    "system that PROJ refuses": (
        "city.yml", "crs: EPSG:27700", "crs: EPSG:0000", "stations",
        "squares/city.yml: crs EPSG:0000 is not a known coordinate system; look its number up at "
        "epsg.org",
    ),
    "scale of a field that is nan": (
        "city.yml", "scale: 1000", "scale: .nan", "zones",
        "squares/city.yml, line 27: layers.zones.fields.rate.scale: nan is no ordinary number; write "
        "one",
    ),
    "scale of a field that is nothing": (
        "city.yml", "scale: 1000", "scale: 0", "zones",
        "squares/city.yml, line 27: layers.zones.fields.rate: `scale` is 0, which leaves no value "
        "above zero; write a number above it",
    ),
    "scale of a criterion that is infinite": (
        "city.yml", "scale: [0, 10]", "scale: [0, .inf]", "criteria",
        "squares/city.yml, line 33: layers.criteria.criteria.density.scale.1: inf is no ordinary "
        "number; write one",
    ),
    "value of a level above one": (
        "city.yml", "values: {low: 1,", "values: {low: 2,", "criteria",
        "squares/city.yml, line 34: layers.criteria.criteria.income.values.low is 2: input should be "
        "less than or equal to 1",
    ),
    "field named as a column": (
        "city.yml", "      crimes: {count", "      zone: {count", "zones",
        "squares/city.yml, line 21: layers.zones: the field 'zone' has the name of another column of "
        "the layer; rename it",
    ),
    "field named as a measure": (
        "city.yml", "      rate: {ratio", "      area_km2: {ratio", "zones",
        "squares/city.yml, line 21: layers.zones: the field 'area_km2' has the name of another column "
        "of the layer; rename it",
    ),
    "field named as an extra column": (
        "city.yml", "    file: zones.csv", "    file: zones.csv\n    extra: [crimes]", "zones",
        "squares/city.yml, line 21: layers.zones: the field 'crimes' has the name of another column of "
        "the layer; rename it",
    ),
    "field named as a status": (
        "city.yml", "    fields:\n", "    fields:\n      people_status: {column: people, label: A, "
        "unit: b}\n      people: {column: people, status_column: code, label: A, unit: b}\n", "zones",
        "squares/city.yml, line 21: layers.zones: the field 'people_status' has the name of another "
        "column of the layer; rename it",
    ),
    "field whose name is a path": (
        "city.yml", "      rate: {ratio", "      a/b: {ratio", "zones",
        "squares/city.yml, line 27: layers.zones.fields.a/b: 'a/b' cannot name a column of results; write "
        "it without / and \\ and without a point before it, and say the rest in its label",
    ),
    "criterion named as a column": (
        "city.yml", "      income: {column", "      name: {column", "criteria",
        "squares/city.yml, line 30: layers.criteria: the criterion 'name' has the name of another "
        "column of the layer; rename it",
    ),
    "file listed twice": (
        "city.yml", "file: events.csv", "file: [events.csv, ./events.csv]", "events",
        "squares/city.yml, line 7: layers.events: `file` lists 'events.csv' twice; remove one",
    ),
    "value of a parameter that is a date": (
        "city.yml", "policy:", "parameters: {22_district_models: {areas: 2016-07-31}}\npolicy:", "zones",
        "squares/city.yml, line 40: parameters.22_district_models.areas: datetime.date(2016, 7, 31) is "
        "no value of a parameter; put text between quotes",
    ),
    "parameter of an unknown section": (
        "city.yml", "policy:", "parameters: {22_distric_models: {areas: 2}}\npolicy:", "zones",
        "squares/city.yml, parameters.22_distric_models: there is no section '22_distric_models'; did "
        "you mean '22_district_models'?",
    ),
    "unknown parameter": (
        "city.yml", "policy:", "parameters: {22_district_models: {area: 2}}\npolicy:", "zones",
        "squares/city.yml sets 'area' for section 22_district_models, which a city cannot; did you "
        "mean 'areas'? it may set: field, areas, contacts, settings, service_minutes, zoom",
    ),
    "parameter of another type": (
        "city.yml", "policy:", "parameters: {22_district_models: {zoom: 1}}\npolicy:", "zones",
        "squares/city.yml, parameters.22_district_models: parameter 'zoom' of section "
        "22_district_models takes a list of 4 numbers or 'auto', not 1.",
    ),
}  # fmt: skip
FAULTS |= KNOWN


def test_one_word_of_city_yml_stands_for_a_list(edit):
    folder = edit(
        "city.yml", "policy:", "parameters: {21_district_hot_spots: {fields: rate}}\npolicy:"
    )
    assert find_city(folder).parameters == {"21_district_hot_spots": {"fields": ["rate"]}}


def test_codes_are_the_same_whatever_type_a_file_gives_them(sound):
    """Whole numbers in one file, text in the other."""
    squares = [
        shapely.box(x, y, x + 1000, y + 1000) for y in (430e3, 431e3) for x in (430e3, 431e3)
    ]
    for name, codes, part in (("a", [1, 2], squares[:2]), ("b", ["3", "4"], squares[2:])):
        frame = gpd.GeoDataFrame({"code": codes}, geometry=part, crs=27700)
        frame.to_file(sound / f"{name}.geojson")
    card = (sound / "city.yml").read_text()
    zones = """\
  zones:
    file: [a.geojson, b.geojson]
    columns: {zone: code}
"""
    head = card[: card.index("  events:")] + zones
    (sound / "city.yml").write_text(head)
    assert load_city(sound).layer("zones")["zone"].tolist() == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("wkt", "says"),
    [
        ("POINT Z (430500 430500 12)", ""),
        ("POINT EMPTY", "has no coordinates; write them or remove the row"),
        ("GEOMETRYCOLLECTION EMPTY", "has no coordinates; write them or remove the row"),
        ("GEOMETRYCOLLECTION (POINT (430500 430500))", "is no point; the layer needs points"),
        ("MULTIPOINT (430500 430500)", "is no point; the layer needs points; convert it"),
        ("POINT (430500 inf)", "has a coordinate that is not finite; write ordinary numbers"),
    ],
)
def test_geometries_of_all_sorts(wkt, says, sound):
    (sound / "patrols.csv").write_text(f'patrol,geometry\nP1,"{wkt}"\nP2,POINT (431000 431000)\n')
    town = load_city(sound)
    if not says:
        assert town.layer("patrols").geometry[0].wkt == "POINT (430500 430500)"
        return
    with pytest.raises(CityError) as caught:
        town.layer("patrols")
    assert str(caught.value).startswith("squares/patrols.csv, row 2, column geometry: ")
    assert says in str(caught.value)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_told_in_one_sentence(fault, edit, outputs):
    name, old, new, layer, message = FAULTS[fault]
    folder = edit(name, old, new)
    with pytest.raises(CityError) as caught:
        find_city(folder).layer(layer)
    told = str(caught.value)
    if message is None:
        assert re.search(PARTLY[fault], told), told
    else:
        assert told == message
    assert not list(outputs.rglob("*")), "nothing may be written for a city with a fault"


@pytest.mark.parametrize("fault", FAULTS)
def test_check_finds_the_fault(fault, edit):
    name, old, new, _, _ = FAULTS[fault]
    folder = edit(name, old, new)
    with pytest.raises(CityError):
        find_city(folder).check()


def test_sound_city_passes(sound):
    find_city(sound).check()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "squares/zones.csv is empty; put the data in it or remove the layer"),
        (b" \n\n", "squares/zones.csv is empty; put the data in it or remove the layer"),
        (
            b"code,people,wkt\n",
            "squares/zones.csv has no rows; put the data in it or remove the layer",
        ),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00\x00",
            "squares/zones.csv is a binary file, not csv text; save it as csv or correct its suffix",
        ),
        (
            "code,people,wkt\nA,1,x\nSão,2,x\n".encode("cp1252"),
            "squares/zones.csv, row 3: byte 0xe3 is not utf-8 text; state its encoding in city.yml "
            "(for example encoding: cp1252) or save it as UTF-8",
        ),
    ],
)
def test_unreadable_file(data, message, sound):
    (sound / "zones.csv").write_bytes(data)
    with pytest.raises(CityError) as caught:
        find_city(sound).layer("zones")
    assert str(caught.value) == message


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".geojson"])
def test_damaged_spatial_file(suffix, edit):
    folder = edit("city.yml", "file: patrols.csv", f"file: patrols{suffix}")
    begins = {".gpkg": b"SQLite format 3\x00", ".parquet": b"PAR1", ".geojson": b'{"type": "Feat'}
    (folder / f"patrols{suffix}").write_bytes(begins[suffix] + b" cut off")
    with pytest.raises(CityError, match=rf"^squares/patrols{suffix} is .*; (write|save) it again"):
        find_city(folder).layer("patrols")


def test_link_out_of_the_folder(sound, tmp_path):
    outside = tmp_path / "secret.csv"
    outside.write_text("patrol,x,y\nP1,430500,430500\n")
    (sound / "patrols.csv").unlink()
    (sound / "patrols.csv").symlink_to(outside)
    with pytest.raises(CityError) as caught:
        find_city(sound)
    assert str(caught.value) == (
        "squares/patrols.csv is a link, which may lead out of the city's folder; put the file itself "
        "there"
    )


@pytest.mark.parametrize("name", ["patrols.csv", "city.yml", "map.png", "SOURCES.md", "more/a.csv"])
@pytest.mark.parametrize("inside", [True, False])
def test_no_link_is_followed(name, inside, edit, tmp_path):
    """A link that stays inside is refused as well: what it leads to may change between looks."""
    folder = edit(
        "city.yml", "file: patrols.csv", f"file: {name if 'more' in name else 'patrols.csv'}"
    )
    target = (folder if inside else tmp_path) / "elsewhere"
    path = folder / name.split("/")[0]
    if "/" in name:
        target.mkdir()
        (target / "a.csv").write_text("patrol,x,y\nP1,430500,430500\n")
    elif name == "SOURCES.md":
        target.write_text("swordfish")
    else:
        path.rename(target)
    path.symlink_to(target)
    with pytest.raises(CityError, match=rf"^squares/{path.name} is a link, which may lead out of"):
        assert find_city(folder).sources == ""
        find_city(folder).check()


@pytest.mark.parametrize("name", ["city.yml", "patrols.csv", "map.png"])
def test_pipes_are_not_waited_for(name, sound):
    (sound / name).unlink()
    os.mkfifo(sound / name)
    with pytest.raises(CityError, match=rf"^squares/{name} is not a file; name a file$"):
        load_city(sound).check()


def test_hidden_files_are_none_of_a_city(edit):
    with pytest.raises(CityError, match=r"names '\.git/config', which is hidden; rename it"):
        find_city(edit("city.yml", "file: patrols.csv", "file: .git/config"))


def test_card_that_is_a_link_out_of_the_folder(sound, tmp_path):
    moved = tmp_path / "elsewhere.yml"
    (sound / "city.yml").rename(moved)
    (sound / "city.yml").symlink_to(moved)
    with pytest.raises(CityError, match="is a link, which may lead out of the city's folder"):
        load_city(sound)


def test_swapped_degrees(edit):
    edit("patrols.csv", "430500,430500\nP2,431500,431500", "53.8,-1.5\nP2,53.7,-1.6")
    folder = edit("city.yml", "file: patrols.csv", "file: patrols.csv\n    crs: EPSG:4326")
    with pytest.raises(CityError) as caught:
        find_city(folder).layer("patrols")
    assert str(caught.value) == (
        "squares/patrols.csv, row 2, columns x and y: (53.8, -1.5) has longitude and latitude "
        "swapped; exchange x and y in city.yml (2 such rows: 2, 3)"
    )


def test_swapped_metres(sound):
    for name in ("events.csv", "boundary.csv"):
        text = (sound / name).read_text()
        # move everything east, so that a place and its mirror image differ
        (sound / name).write_text(
            re.sub(r"43([0-2]\d{3})([ ,])43([0-2])", r"53\g<1>\g<2>43\3", text)
        )
    card = (sound / "city.yml").read_text()
    keep = card[: card.index("  stations:")]
    (sound / "city.yml").write_text(keep)
    assert len(find_city(sound).layer("events")) == 5
    swapped = keep.replace("zone: code}", "zone: code, x: y, y: x}")
    (sound / "city.yml").write_text(swapped)
    with pytest.raises(CityError) as caught:
        find_city(sound).layer("events")
    assert str(caught.value) == (
        "squares/events.csv, row 2: the event at (430100, 530100) m lies outside the boundary; x and "
        "y look swapped, exchange them in squares/city.yml, layers.events.columns"
    )


def test_row_numbers_are_those_of_a_spreadsheet(edit):
    folder = edit("zones.csv", "A,100", '"A\n(centre)",100')
    text = (folder / "zones.csv").read_text().replace("B,200", "\nB,-1").replace("C,300", "C,x")
    (folder / "zones.csv").write_text(text)
    with pytest.raises(CityError, match=r"^squares/zones.csv, row 5, column people: 'x'"):
        # the quoted line break does not count, the blank row does
        find_city(folder).layer("zones")


def test_number_of_faults_is_told(sound):
    text = (sound / "events.csv").read_text()
    rows = "".join(f"Burglary,2016-{k},430100,430100,A\n" for k in range(13, 33))
    (sound / "events.csv").write_text(text + rows)
    with pytest.raises(CityError, match=r"\(20 such rows: 7, 8, 9, 10, 11, …\)$"):
        find_city(sound).layer("events")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("leads", "no city named 'leads'; did you mean 'leeds'? (bundled: "),
        ("Leeds", "no city named 'Leeds'; did you mean 'leeds'? (bundled: "),
        ("atlantis", "no city named 'atlantis' (bundled: "),
        ("../../etc", "city"),
        ("/etc", "'/etc' is not a city: the folder has no city.yml (see docs/data.md)"),
        ("", "no city named '' (bundled: "),
        ("a\0b", "no city named 'a\\x00b'"),
        ("..", "'..' is not a city: the folder has no city.yml (see docs/data.md)"),
    ],
)
def test_unknown_city(name, message):
    with pytest.raises(CityError) as caught:
        find_city(name)
    assert message in str(caught.value)


def test_folder_with_the_name_of_a_bundled_city(sound):
    with pytest.raises(CityError, match="has the name of a bundled city; rename it"):
        find_city(sound.rename(sound.parent / "leeds"))


def test_bundled_city_by_its_path():
    assert find_city(ROOT / "data" / "raw" / "leeds").name == "leeds"


def test_folder_name_that_cannot_name_outputs(sound):
    with pytest.raises(CityError, match="letters, digits, _ and - only"):
        find_city(sound.rename(sound.parent / "my town"))


def test_layer_that_is_none_or_not_stated(sound):
    with pytest.raises(CityError, match="'zone' is no layer; did you mean 'zones'"):
        find_city(sound).layer("zone")
    with pytest.raises(CityError, match="setubal has no layer 'events'; state it in"):
        find_city("setubal").layer("events")


def test_input_file_missing(sound):
    (sound / "streets.csv").unlink()
    with pytest.raises(CityError, match=r"^squares/streets\.csv: no such file"):
        find_city(sound).input_files()


def test_no_message_names_a_folder_of_the_machine(edit):
    for fault in FAULTS.values():
        assert not fault[4] or str(Path.home()) not in fault[4]
