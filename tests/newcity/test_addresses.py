"""Cities made of addresses: a server on this machine plays portals, their tempers included."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from functools import partial

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import load_city
from helpers.cli import main
from helpers.newcity import talk
from helpers.sources import Patience, sha256_of
from helpers.sources.portals import keeping
from sources.web import Reply, arcgis, as_json, ranged, served, socrata

from .. import workbooks
from . import exports

COUNT = 320


@pytest.fixture
def web(tmp_path, monkeypatch):
    monkeypatch.setenv("POLICE_PLANNING_DOWNLOADS", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(keeping, "Patience", lambda: Patience(read=5, sleep=lambda s: None))
    with served() as server:
        yield server


def rows():
    table = exports.frame(COUNT)
    return [
        {"OBJECTID": k + 1, "offence": r["offence"], "occurred": r["when"], "lon": r["lon"], "lat": r["lat"]}
        for k, r in enumerate(table.to_dict("records"))
    ]  # fmt: skip


def make(tmp_path, url, *flags, name="town"):
    folder = tmp_path / name
    assert main(["new-city", name, "--events", url, "--folder", str(folder), *flags]) == 0
    return folder


def check(folder, url):
    """The city has every crime at its place; SOURCES.md has the address, the day and the hash."""
    town = load_city(folder)
    events = town.layer("events").to_crs(4326)
    table = exports.frame(COUNT)
    found = np.sort(np.round(events.get_coordinates().to_numpy(), 5), axis=0)
    assert np.allclose(
        found, np.sort(np.round(table[["lon", "lat"]].to_numpy(), 5), axis=0), atol=2e-5
    )
    kinds = table["offence"].value_counts().to_dict()
    assert events["kind"].value_counts().to_dict() == kinds
    original = next((folder / "original").iterdir())
    page = (folder / "SOURCES.md").read_text("utf-8")
    row = next(line for line in page.splitlines() if original.name in line)
    assert url in row and f"sha256 {sha256_of(original)}" in row
    assert re.search(r"\d{4}-\d\d-\d\d", row)


def test_a_plain_file(tmp_path, web):
    body = exports.frame(COUNT).to_csv(index=False).encode()
    url = web.serve("/open/crimes.csv", Reply("x", status=500), ranged(body, first_cut=2000))
    check(make(tmp_path, url), url)


@pytest.mark.parametrize("form", ["xlsx", "zip", "geojson", "parquet"])
def test_files_of_every_form(tmp_path, web, form):
    table, path = exports.frame(COUNT), tmp_path / f"crimes.{form}"
    if form == "xlsx":
        path.write_bytes(workbooks.xlsx({"A": [list(table.columns), *table.values.tolist()]}))
    elif form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner/crimes.csv", table.to_csv(index=False))
    elif form == "parquet":
        table.to_parquet(path)
    else:
        places = gpd.points_from_xy(table["lon"], table["lat"])
        gpd.GeoDataFrame(table[["offence", "when"]], geometry=places, crs=4326).to_file(path)
    url = web.serve(f"/open/crimes.{form}", Reply(path.read_bytes(), "application/octet-stream"))
    check(make(tmp_path, url), url)


@pytest.mark.parametrize("geojson", [True, False])
def test_a_layer_of_arcgis(tmp_path, web, geojson, capsys):
    busy = Reply(status=429, headers={"Retry-After": "1"})
    broken = as_json({"error": {"code": 500, "message": "busy"}})
    url = arcgis(web, rows(), geojson=geojson, flag="properties", trips=(busy, broken))
    check(make(tmp_path, url), url)
    assert f"{COUNT} features, asked by pages" in capsys.readouterr().out


def test_a_layer_that_cannot_page_with_a_choice(tmp_path, web):
    url = arcgis(web, rows(), paging=False)
    folder = make(tmp_path, f"{url}?where=offence%3D'Theft'")
    table = exports.frame(COUNT)
    assert len(load_city(folder).layer("events")) == (table["offence"] == "Theft").sum()


def test_socrata(tmp_path, web):
    url = socrata(web, rows(), trips=(Reply("x", status=503),))
    check(make(tmp_path, url), url)


def test_ckan(tmp_path, web):
    table = [{k: v for k, v in row.items() if k != "OBJECTID"} for row in rows()]

    def search(asked):
        start = int(asked.query["offset"])
        found = [{"_id": k, **row} for k, row in enumerate(table)][start : start + 100]
        fields = [{"id": name} for name in ("_id", *table[0])]
        return as_json(
            {"success": True, "result": {"fields": fields, "records": found, "total": COUNT}}
        )

    web.serve("/api/3/action/datastore_search", search)
    resource = {"id": "0a", "name": "crimes", "format": "API", "datastore_active": True, "url": ""}
    files = [{"id": "0b", "name": "crimes", "format": "CSV", "url": web.at("/f/crimes.csv")}]
    web.serve(
        "/api/3/action/package_show", as_json({"success": True, "result": {"resources": files}})
    )
    web.serve("/f/crimes.csv", Reply(pd.DataFrame(table).to_csv(index=False)))
    url = web.at("/dataset/crimes")
    check(make(tmp_path, url), url)
    web.serve("/api/3/action/resource_show", as_json({"success": True, "result": resource}))
    url = web.at("/dataset/crimes/resource/01234567-89ab-cdef-0123-456789abcdef")
    check(make(tmp_path, url, name="other"), url)


def test_the_second_time_nothing_is_asked(tmp_path, web, capsys):
    url = web.serve("/open/crimes.csv", Reply(exports.frame(COUNT).to_csv(index=False)))
    make(tmp_path, url)
    make(tmp_path, url, name="again")
    assert (
        web.times("/open/crimes.csv") == 1 and "--fresh brings it again" in capsys.readouterr().out
    )
    make(tmp_path, url, "--fresh", name="third")
    assert web.times("/open/crimes.csv") == 2


@pytest.mark.parametrize(("reply", "said"), [
    (Reply("<html><title>Sign in</title></html>", "text/html"), "web page ('Sign in')"),
    (Reply(status=404), "there is nothing (404)"),
    (Reply("", status=500), "asked 5 times"),
])  # fmt: skip
def test_what_is_no_data_is_refused(tmp_path, web, capsys, reply, said):
    url = web.serve("/open/crimes.csv", reply)
    folder = tmp_path / "town"
    assert main(["new-city", "town", "--events", url, "--folder", str(folder)]) == 2
    assert said in capsys.readouterr().err and not folder.exists()


def test_other_schemes_are_refused(tmp_path, capsys):
    for address in ("ftp://a.org/crimes.csv", "file:///etc/passwd"):
        assert main(["new-city", "town", "--events", address, "--folder", str(tmp_path / "t")]) == 2
        assert "https://" in capsys.readouterr().err


def test_no_secret_reaches_the_city(tmp_path, web, capsys):
    url = web.serve("/open/crimes.csv", Reply(exports.frame(COUNT).to_csv(index=False)))
    folder = make(tmp_path, url.replace("http://", "http://me:s3cret@") + "?token=t0ken")
    held = "".join(p.read_text("utf-8", "replace") for p in tmp_path.rglob("*") if p.is_file())
    said = "".join(capsys.readouterr())
    assert "s3cret" not in held + said and "t0ken" not in held + said
    check(folder, f"{url}?token=***")


def test_attach_a_layer_by_its_address(tmp_path, web, capsys):
    url = web.serve("/open/crimes.csv", Reply(exports.frame(COUNT).to_csv(index=False)))
    folder = make(tmp_path, url)
    posts = [
        {"OBJECTID": k, "station": f"S{k}", "lon": -3.7 + k / 100, "lat": 40.42}
        for k in range(1, 4)
    ]
    layer = arcgis(web, posts, name="Stations")
    assert main(["attach", str(folder), "stations", layer]) == 0
    assert load_city(folder).layer("stations")["station"].tolist() == ["S1", "S2", "S3"]
    page = (folder / "SOURCES.md").read_text("utf-8").splitlines()
    table = [line for line in page if line.startswith("| original/")]
    assert len(table) == 2 and layer in table[1] and "sha256 " in table[1]
    assert page.index(table[1]) == page.index(table[0]) + 1


# streets


def graph():
    """A lattice around the crimes; its rows one way to the east; and a village far away."""
    town = nx.MultiDiGraph(crs="epsg:4326")
    for i in range(6):
        for j in range(6):
            town.add_node(10 * i + j, x=-3.8 + 0.04 * i, y=40.32 + 0.04 * j)
    for i in range(6):
        for j in range(6):
            here = 10 * i + j
            if i < 5:
                town.add_edge(
                    here, here + 10, osmid=j, highway="residential", oneway=True, length=3389.0
                )
            if j < 5:
                for a, b in ((here, here + 1), (here + 1, here)):
                    town.add_edge(a, b, osmid=100 + i, highway="primary", maxspeed="50", oneway=False,
                                  reversed=a > b, length=4452.0)  # fmt: skip
    town.add_node(990, x=2.0, y=48.0)
    town.add_node(991, x=2.1, y=48.0)
    town.add_edge(990, 991, osmid=7, highway="service", oneway=True, length=7400.0)
    return town


def as_extract(town, path):
    """The same streets as OpenStreetMap has them."""
    import osmium

    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in town.nodes(data=True):
            there = osmium.osm.mutable.Node(
                id=number + 1, location=(place["x"], place["y"]), version=1
            )
            writer.add_node(there)
        for number, (u, v, data) in enumerate(town.edges(data=True)):
            if data.get("reversed"):
                continue
            tags = {"highway": data["highway"], "oneway": "yes" if data["oneway"] else "no"}
            if "maxspeed" in data:
                tags["maxspeed"] = data["maxspeed"]
            way = osmium.osm.mutable.Way(id=number + 1, nodes=[u + 1, v + 1], tags=tags, version=1)
            writer.add_way(way)


def write(form, path):
    town = graph()
    if form == "graphml":
        nx.write_graphml(town, path)
    elif form == "gpkg":
        rows = [{"u": u, "v": v, "key": k, **d} for u, v, k, d in town.edges(keys=True, data=True)]
        at = {n: (d["x"], d["y"]) for n, d in town.nodes(data=True)}
        lines = [shapely.LineString([at[r["u"]], at[r["v"]]]) for r in rows]
        places = [shapely.Point(at[n]) for n in at] * 3  # more nodes than edges
        gpd.GeoDataFrame({"osmid": range(len(places))}, geometry=places, crs=4326).to_file(
            path, layer="nodes"
        )
        gpd.GeoDataFrame(rows, geometry=lines, crs=4326).to_file(path, layer="edges")
    else:
        as_extract(town, path)


@pytest.mark.parametrize("form", ["graphml", "gpkg", "osm", "osm.pbf"])
def test_streets(tmp_path, capsys, form):
    exports.frame(COUNT).to_csv(tmp_path / "crimes.csv", index=False)
    path = tmp_path / f"streets.{form}"
    write(form, path)
    folder = make(tmp_path, str(tmp_path / "crimes.csv"), "--streets", str(path))
    said = capsys.readouterr().out
    streets = load_city(folder).layer("streets")
    assert streets["oneway"].sum() == (streets["class"] == "residential").sum() > 0
    assert set(streets["class"]) == {"residential", "primary"}  # not the village
    assert streets["speed_kmh"].dropna().unique().tolist() == [50]
    assert streets["speed_kmh"].notna().equals(streets["class"] == "primary")
    if form in ("graphml", "gpkg"):
        assert set(streets["length_m"]) == {3389, 4452}
        assert "are the way back of others" in said
    else:
        assert streets["length_m"].between(3300, 4500).all()
    assert f"streets: {len(streets)} segments" in said
    east = streets.to_crs(4326)[streets["oneway"]].geometry
    assert all(line.coords[0][0] < line.coords[-1][0] for line in east)


def test_attach_streets_of_another_region(tmp_path, capsys):
    exports.frame(COUNT).to_csv(tmp_path / "crimes.csv", index=False)
    folder = make(tmp_path, str(tmp_path / "crimes.csv"))
    line = shapely.LineString([(2, 48), (2.1, 48)])
    gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[line], crs=4326).to_file(
        tmp_path / "s.geojson"
    )
    assert main(["attach", str(folder), "streets", str(tmp_path / "s.geojson")]) == 2
    assert "none of its 1 segments lies near the city" in capsys.readouterr().err
    write("graphml", tmp_path / "s.graphml")
    assert main(["attach", str(folder), "streets", str(tmp_path / "s.graphml")]) == 0
    assert load_city(folder).layer("streets")["oneway"].any()
    write("graphml", tmp_path / "bad.graphml")
    (tmp_path / "bad.graphml").write_text("<graphml")
    assert main(["attach", str(folder), "streets", str(tmp_path / "bad.graphml")]) == 2
    assert "bad.graphml" in capsys.readouterr().err


# data.police.uk


FORCES = {
    "kent": (0.5, 51.3),
    "essex": (0.5, 51.8),
    "north-wales": (-3.5, 53.2),
    "surrey": (-0.4, 51.3),
}


def street_file(force, month, count=60):
    xy = exports.points(count, *FORCES[force], seed=int(month[-2:]))
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(["Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
                     "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context"])  # fmt: skip
    for k, (x, y) in enumerate(xy):
        kind = ("Burglary", "Drugs", "Shoplifting")[k % 3]
        writer.writerow([f"{force}{month}{k:058d}", month, force, force, f"{x:.6f}", f"{y:.6f}", "On or near A",
                         "E01", "A", kind, "Under investigation", ""])  # fmt: skip
    return sink.getvalue()


def archive(path, months=("2023-05", "2023-06", "2023-07")):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for month in months:
            for force in FORCES:
                made.writestr(f"{month}/{month}-{force}-street.csv", street_file(force, month))
                made.writestr(f"{month}/{month}-{force}-outcomes.csv", "Crime ID,Month\na,b\n")
    return path


def test_a_force_of_an_archive_must_be_chosen(tmp_path, capsys):
    path = archive(tmp_path / "all.zip")
    folder = tmp_path / "town"
    assert main(["new-city", "town", "--events", str(path), "--folder", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "4 forces (essex, kent, north-wales, surrey); choose with --force" in said
    assert (
        main(
            ["new-city", "town", "--events", str(path), "--folder", str(folder), "--force", "kant"]
        )
        == 2
    )
    assert "did you mean 'kent'" in capsys.readouterr().err
    flags = ["--force", "kent", "--months", "2021-01"]
    assert main(["new-city", "town", "--events", str(path), "--folder", str(folder), *flags]) == 2
    assert "months 2023-05 to 2023-07, none of 2021-01" in capsys.readouterr().err
    assert not folder.exists()


def test_a_force_is_asked_in_a_terminal(tmp_path, capsys, monkeypatch):
    path = archive(tmp_path / "all.zip")
    monkeypatch.setattr(talk, "in_terminal", lambda: True)
    for said, status in (("kant", 2), ("kent", 0)):
        words = ["new-city", "town", "--events", str(path), "--folder", str(tmp_path / said)]
        monkeypatch.setattr(talk, "answered", partial(talk.answered, ask=lambda _, s=said: s))
        assert main(words) == status
    assert "did you mean 'kent'" in capsys.readouterr().err
    assert len(load_city(tmp_path / "kent").layer("events")) == 180


@pytest.mark.parametrize("unpacked", [True, False])
def test_a_force_and_months_of_an_archive(tmp_path, unpacked):
    path = archive(tmp_path / "all.zip")
    if unpacked:
        with zipfile.ZipFile(path) as whole:
            whole.extractall(tmp_path / "all")
        path = tmp_path / "all"
    folder = make(tmp_path, str(path), "--force", "kent,essex", "--months", "2023-06:2023-07")
    events = load_city(folder).layer("events")
    assert len(events) == 240 and sorted(set(events["time"].astype(str).str[:7])) == [
        "2023-06",
        "2023-07",
    ]
    names = {p.name for p in (folder / "original").rglob("*.csv")}
    assert {n for n in names if "street" in n} == {
        f"2023-0{m}-{force}-street.csv" for m in (6, 7) for force in ("kent", "essex")
    }
    assert not (folder / "original" / "all.zip").exists()


def test_an_archive_by_its_address(tmp_path, web):
    url = web.serve(
        "/data/archive/2023-07.zip", ranged(archive(tmp_path / "a.zip").read_bytes(), first_cut=900)
    )
    folder = make(tmp_path, url, "--force", "north-wales")
    assert len(load_city(folder).layer("events")) == 180
    page = (folder / "SOURCES.md").read_text("utf-8")
    assert url in page and sha256_of(tmp_path / "a.zip") in page


def test_a_bomb_beside_the_chosen_force_is_not_unpacked_and_one_in_it_is_refused(tmp_path, capsys):
    path = archive(tmp_path / "all.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("2023-08/2023-08-kent-street.csv", b"0" * (1 << 27))
    folder = tmp_path / "town"
    words = ["new-city", "town", "--events", str(path), "--folder", str(folder), "--force", "kent"]
    assert main(words) == 2
    assert "unpacks from" in capsys.readouterr().err
    assert main([*words, "--months", "2023-05:2023-07"]) == 0


def test_street_crimes_of_the_server(tmp_path, web):
    def crimes(asked):
        month = asked.query["date"]
        lines = csv.DictReader(io.StringIO(street_file("kent", month)))
        return Reply(json.dumps([
            {"category": "burglary", "persistent_id": line["Crime ID"], "month": month, "id": k, "context": "",
             "location": {"latitude": line["Latitude"], "longitude": line["Longitude"],
                          "street": {"id": 5, "name": "On or near A"}}}
            for k, line in enumerate(lines)
        ]), "application/json")  # fmt: skip

    web.serve("/api/crimes-street/all-crime", crimes)
    url = web.at("/api/crimes-street/all-crime?poly=51.2,0.4:51.4,0.4:51.4,0.6")
    folder = make(tmp_path, url, "--months", "2023-05:2023-07")
    events = load_city(folder).layer("events")
    assert len(events) == 180 and events["time"].nunique() == 3


def test_originals_of_one_name_stand_beside_each_other(tmp_path, web):
    """Portals call every download export.csv."""
    table = exports.frame(COUNT).to_csv(index=False)
    places = {"a": "station,lon,lat\nNorth,-3.7,40.42\n", "b": "patrol,lon,lat\nP,-3.71,40.42\n"}
    crimes = web.serve("/c/export.csv", Reply(table))
    for name, text in places.items():
        web.serve(f"/{name}/export.csv", Reply(text))
    folder = make(tmp_path, crimes, "--stations", web.at("/a/export.csv"))
    assert main(["attach", str(folder), "patrols", web.at("/b/export.csv")]) == 0
    assert main(["attach", str(folder), "stations", web.at("/a/export.csv")]) == 0  # the same again
    held = sorted(p.read_text("utf-8") for p in (folder / "original").iterdir())
    assert held == sorted([table, *places.values()])
    page = (folder / "SOURCES.md").read_text("utf-8").splitlines()
    rows = {line.split(" | ")[0]: line for line in page if line.startswith("| original/")}
    for name, part in (("export.csv", "/c/"), ("2_export.csv", "/a/"), ("3_export.csv", "/b/")):
        assert part in rows[f"| original/{name}"]
        assert sha256_of(folder / "original" / name) in rows[f"| original/{name}"]
    assert len(rows) == 3
