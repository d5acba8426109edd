"""Downloads from servers that misbehave: what comes is whole, what does not is told in a sentence."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import socket

import pytest

from helpers.sources import SourceError
from helpers.sources.portals import Patience, address_of, download, is_address

from .web import Reply, arcgis, as_json, ranged, served, socrata

ROWS = b"id,kind\n" + b"".join(b"%d,theft\n" % k for k in range(4000))
HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>login</body></html>"


@pytest.fixture
def web(tmp_path, monkeypatch):
    monkeypatch.setenv("POLICE_PLANNING_DOWNLOADS", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with served() as server:
        yield server


@pytest.fixture
def waits():
    return []


@pytest.fixture
def patience(waits):
    return Patience(connect=5, read=0.3, window=0.2, least=2_000, sleep=waits.append)


def records(count):
    return [
        {"OBJECTID": 7 * k + 3, "offence": "theft" if k % 3 else "arson", "lon": -0.1, "lat": 51.5}
        for k in range(count)
    ]


def numbers(path):
    features = json.loads(path.read_text("utf-8"))["features"]
    return [(f.get("properties") or f["attributes"])["OBJECTID"] for f in features]


# files


def test_a_file_comes_as_it_is_and_is_kept(web, patience):
    url = web.serve("/data/crimes.csv", Reply(ROWS))
    first = download(url, patience=patience)
    assert first.path.name == "crimes.csv" and first.path.read_bytes() == ROWS
    assert first.sha256 == hashlib.sha256(ROWS).hexdigest() and not first.kept
    again = download(url, patience=patience)
    assert again.kept and again.path == first.path and web.times("/data/crimes.csv") == 1
    assert not download(url, fresh=True, patience=patience).kept
    first.path.write_bytes(b"changed")  # what is kept is what was brought, or is brought again
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert web.times("/data/crimes.csv") == 3


@pytest.mark.parametrize(
    ("path", "headers", "kind", "body", "name"),
    [
        ("/export", {"Content-Disposition": 'attachment; filename="../Año 2020.csv"'}, "text/csv", ROWS, "Año_2020.csv"),
        ("/export", {"Content-Disposition": "attachment; filename*=UTF-8''Delitos%202020.csv"}, "text/csv", ROWS, "Delitos_2020.csv"),
        ("/export", {}, "text/csv", ROWS, "export.csv"),
        ("/export", {}, "application/octet-stream", b'{"type": "FeatureCollection"}', "export.json"),
        ("/crimes.csv", {}, "text/csv", b"PK\x03\x04....", "crimes.csv.zip"),
        ("/x.ashx", {}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04", "x.ashx.xlsx"),
        ("/q", {}, "application/octet-stream", b"SQLite format 3\x00", "q.gpkg"),
        ("/q", {}, "application/octet-stream", b"PAR1....", "q.parquet"),
    ],
)  # fmt: skip
def test_names(web, patience, path, headers, kind, body, name):
    headers = {k: v.encode().decode("latin-1") for k, v in headers.items()}
    url = web.serve(path, Reply(body, kind, headers=headers))
    assert download(url, patience=patience).path.name == name


def test_too_many_requests_are_waited_for(web, patience, waits):
    url = web.serve("/c.csv", Reply(status=429, headers={"Retry-After": "7"}), Reply(ROWS))
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert waits == [7.0]


def test_a_wait_that_is_too_long_is_refused(web, patience, waits):
    url = web.serve("/c.csv", Reply(status=429, headers={"Retry-After": "86400"}))
    with pytest.raises(SourceError, match=r"asks to wait 86,400 s .*run the command again"):
        download(url, patience=patience)
    assert waits == []


@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_an_error_that_passes(web, patience, waits, status):
    url = web.serve("/c.csv", Reply("oops", status=status), Reply(ROWS))
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert waits == [1.0]


def test_an_error_that_stays(web, patience, waits):
    url = web.serve("/c.csv", Reply("oops", status=500))
    with pytest.raises(SourceError, match=r"error 500 \(asked 5 times\)"):
        download(url, patience=patience)
    assert waits == [1.0, 2.0, 4.0, 8.0] and web.times("/c.csv") == 5


def test_a_body_that_breaks_off_is_gone_on_with(web, patience):
    url = web.serve("/c.csv", ranged(ROWS, first_cut=1000))
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert web.asked[-1].headers["range"] == f"bytes={len(ROWS) - 1000}-"
    assert web.asked[-1].status == 206


def test_a_download_goes_on_in_the_next_run(web, patience):
    broken = Patience(read=0.3, tries=1, sleep=lambda s: None)
    url = web.serve("/c.csv", ranged(ROWS, first_cut=5000))
    with pytest.raises(SourceError, match="broke off"):
        download(url, patience=broken)
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert "range" in web.asked[-1].headers and web.asked[-1].status == 206


def test_a_file_that_changed_meanwhile_begins_anew(web, patience):
    new = ROWS.replace(b"theft", b"arson")
    url = web.serve("/c.csv", ranged(ROWS, '"one"', first_cut=5000), ranged(new, '"two"'))
    assert download(url, patience=patience).path.read_bytes() == new


def test_a_server_without_ranges_begins_anew(web, patience):
    url = web.serve("/c.csv", Reply(ROWS, cut=3000), Reply(ROWS))
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert "range" not in web.asked[-1].headers


def test_a_body_that_stays_short(web, patience):
    url = web.serve("/c.csv", Reply(ROWS, cut=10))
    with pytest.raises(SourceError, match="broke off"):
        download(url, patience=patience)


def test_a_slow_answer(web, patience, waits):
    url = web.serve("/c.csv", Reply(ROWS, pause=1.0), Reply(ROWS))
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert waits == [1.0]


def test_an_answer_that_trickles(web, patience, waits):
    url = web.serve("/c.csv", Reply(ROWS[:200], trickle=0.01), Reply(ROWS))
    assert download(url, patience=patience).path.read_bytes() == ROWS
    assert waits == [1.0]


def test_a_login_page_is_no_data(web, patience, tmp_path):
    url = web.serve("/crimes.csv", Reply(HTML, "text/html; charset=utf-8"))
    with pytest.raises(
        SourceError, match=r"web page \('Sign in'\), not with data.*download button"
    ):
        download(url, patience=patience)
    assert not [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=404), "there is nothing"),
        (Reply(status=403), "without a login or key"),
        (Reply('{"message": "bad filter"}', status=400), "400: bad filter"),
        (Reply(b"\x89PNG\r\n", "image/png"), "type image/png"),
        (Reply(b""), "empty"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "not http"),
        (Reply(status=302, headers={"Location": "/c"}), "leads on and on"),
    ],
)
def test_refusals(web, patience, reply, said):
    url = web.serve("/c", reply)
    with pytest.raises(SourceError, match=said):
        download(url, patience=patience)


def test_an_answer_above_the_limit(web):
    small = Patience(largest=1000, sleep=lambda s: None)
    url = web.serve("/c.csv", Reply(ROWS))
    with pytest.raises(SourceError, match="above the limit"):
        download(url, patience=small)


def test_no_server_and_no_network(web, patience, waits, monkeypatch):
    with pytest.raises(SourceError, match="no connection"):
        download("http://127.0.0.1:9/c.csv", patience=patience)
    waits.clear()

    def offline(*words):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    with pytest.raises(SourceError, match="cannot be found: there is no connection to the network"):
        download("http://nowhere.invalid/c.csv", patience=patience)
    assert waits == []


@pytest.mark.parametrize(
    "text", ["ftp://a.org/x.csv", "file:///etc/passwd", "s3://bucket/x", "http://"]
)
def test_other_schemes(text):
    assert is_address(text)
    with pytest.raises(SourceError):
        download(text)


def test_what_looks_like_a_secret_tells_answers_apart(web, patience):
    """``code`` may be a key, and may be the code of a zone."""
    url = web.serve("/zone.csv", lambda asked: Reply("zone\n" + asked.query["code"]))
    for zone in ("E01", "E02", "E01"):
        assert download(f"{url}?code={zone}", patience=patience).path.read_text() == f"zone\n{zone}"


def test_secrets_are_used_and_never_written(web, patience, tmp_path, capfd):
    url = web.serve("/crimes.csv", Reply("oops", status=500), Reply(ROWS))
    secret = (
        url.replace("http://", "http://me:s3cret@") + "?year=2020&api_key=k3y&$$app_token=t0ken"
    )
    made = download(secret, patience=patience)
    assert web.asked[-1].headers["authorization"].startswith("Basic ")
    assert web.asked[-1].query["api_key"] == "k3y"
    assert made.address == url + "?year=2020&api_key=***&$$app_token=***"
    held = [p.read_text("utf-8", "replace") + str(p) for p in tmp_path.rglob("*") if p.is_file()]
    web.serve("/crimes.csv", Reply(status=404))
    with pytest.raises(SourceError) as error:
        download(secret, fresh=True, patience=patience)
    said = ["".join(capfd.readouterr()), repr(made), repr(address_of(secret)), str(error.value)]
    assert len(held) == 2 and "asked again" in said[0]
    for word in ("s3cret", "k3y", "t0ken"):
        assert not any(word in text for text in [*held, *said]), word


# ArcGIS


@pytest.mark.parametrize("geojson", [True, False])
@pytest.mark.parametrize("flag", ["top", "properties", "never"])
@pytest.mark.parametrize("count", [1, 100, 250])
def test_all_pages_of_a_layer(web, patience, geojson, flag, count):
    layer = arcgis(web, records(count), geojson=geojson, flag=flag)
    made = download(layer, patience=patience)
    assert numbers(made.path) == [7 * k + 3 for k in range(count)]
    assert made.path.suffix == (".geojson" if geojson else ".json")
    whole = json.loads(made.path.read_text("utf-8"))
    assert "exceededTransferLimit" not in whole
    if not geojson:
        assert whole["spatialReference"] == {"wkid": 4326}


@pytest.mark.parametrize("geojson", [True, False])
def test_a_layer_that_cannot_page(web, patience, geojson):
    layer = arcgis(web, records(1234), paging=False, geojson=geojson, most=400)
    assert len(set(numbers(download(layer, patience=patience).path))) == 1234


def test_a_layer_that_ignores_the_offset(web, patience):
    layer = arcgis(web, records(250), ignores_offset=True)
    assert sorted(numbers(download(layer, patience=patience).path)) == [
        7 * k + 3 for k in range(250)
    ]


@pytest.mark.parametrize("flag", ["top", "properties"])
def test_a_layer_that_does_not_count_and_gives_less_than_it_says(web, patience, flag):
    """Then ``exceededTransferLimit`` alone tells that more is there."""
    layer = arcgis(web, records(250), counts=False, cap=60, flag=flag)
    assert numbers(download(layer, patience=patience).path) == [7 * k + 3 for k in range(250)]


def test_pages_that_overlap(web, patience):
    layer = arcgis(web, records(250), overlap=10)
    made = download(layer, patience=patience)
    assert numbers(made.path) == [7 * k + 3 for k in range(250)]
    assert "numbers of the features" in made.facts[0]


def test_where_and_query_address(web, patience):
    layer = arcgis(web, records(300))
    made = download(
        layer + "/query?where=offence%3D'arson'&f=pjson&resultOffset=5", patience=patience
    )
    assert numbers(made.path) == [7 * k + 3 for k in range(0, 300, 3)]
    assert "offence='arson'" in made.facts[0]


def test_errors_in_an_answer_200(web, patience, waits):
    busy = as_json({"error": {"code": 500, "message": "Error performing query operation"}})
    layer = arcgis(web, records(150), trips=(busy, busy))
    assert len(numbers(download(layer, patience=patience).path)) == 150
    assert waits == [1.0, 2.0]
    wrong = {"error": {"code": 400, "message": "Invalid field", "details": ["'x' is no field"]}}
    web.serve("/arcgis/rest/services/Crimes/FeatureServer/0/query", as_json(wrong))
    with pytest.raises(SourceError, match="400: Invalid field; 'x' is no field"):
        download(layer + "?where=x=1", patience=patience)
    web.serve("/arcgis/rest/services/Crimes/FeatureServer/0",
              as_json({"error": {"code": 499, "message": "Token Required"}}))  # fmt: skip
    with pytest.raises(SourceError, match=r"not public .*token="):
        download(layer, fresh=True, patience=patience)


def test_a_page_that_is_cut_short_and_one_that_is_busy(web, patience, waits):
    whole = json.dumps({"count": 150})
    layer = arcgis(web, records(150), trips=(
        Reply(whole, "application/json", cut=3), Reply("{\"count\": 1", "application/json"),
        Reply(status=429, headers={"Retry-After": "3"}),
    ))  # fmt: skip
    assert len(numbers(download(layer, patience=patience).path)) == 150
    assert waits == [1.0, 2.0, 3.0]


def test_pages_that_came_are_not_asked_again(web, patience):
    layer = arcgis(web, records(250))
    query = "/arcgis/rest/services/Crimes/FeatureServer/0/query"
    good = web.routes[query]

    def breaks(asked):
        late = int(asked.query.get("resultOffset", 0)) >= 200
        return Reply("no", status=500) if late else good(asked)

    web.routes[query] = breaks
    with pytest.raises(SourceError, match="error 500"):
        download(layer, patience=patience)
    web.routes[query] = good
    web.asked.clear()
    assert len(numbers(download(layer, patience=patience).path)) == 250
    offsets = [one.query["resultOffset"] for one in web.asked if "resultOffset" in one.query]
    assert offsets == ["200"]


def test_features_that_stay_missing_are_no_download(web, patience):
    layer = arcgis(web, records(250), ignores_offset=True)
    query = "/arcgis/rest/services/Crimes/FeatureServer/0/query"
    good = web.routes[query]
    web.routes[query] = lambda asked: (
        as_json({"features": []}) if "objectIds" in asked.query else good(asked)
    )
    with pytest.raises(SourceError, match="0 different features came of 250"):
        download(layer, patience=patience)


def test_a_service_of_several_layers(web, patience):
    arcgis(web, records(20))
    service = "/arcgis/rest/services/Crimes/FeatureServer"
    layers = [{"id": 0, "name": "Points"}, {"id": 3, "name": "Beats"}]
    url = web.serve(service, as_json({"layers": layers}))
    with pytest.raises(SourceError, match=r"0 Points, 3 Beats"):
        download(url, patience=patience)
    web.serve(service, as_json({"layers": layers[:1], "tables": []}))
    assert len(numbers(download(url, patience=patience).path)) == 20


# Socrata


def lines(path):
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.reader(source))


TABLE = [{"id": k, "kind": "theft" if k % 2 else "arson", "note": 'a "b",\nc'} for k in range(205)]


@pytest.mark.parametrize("form", [
    "/resource/ab12-cd34.csv", "/resource/ab12-cd34.json", "/d/ab12-cd34", "/Public-Safety/Crimes/ab12-cd34",
    "/Public-Safety/Crimes/ab12-cd34/about_data", "/api/views/ab12-cd34/rows.csv?accessType=DOWNLOAD",
])  # fmt: skip
def test_all_rows_of_socrata(web, patience, form):
    socrata(web, TABLE)
    made = download(web.at(form), patience=patience)
    rows = lines(made.path)
    assert rows[0] == ["id", "kind", "note"]
    assert [row[0] for row in rows[1:]] == [str(k) for k in range(205)]
    assert {row[2] for row in rows[1:]} == {'a "b",\nc'}


def test_socrata_where_and_limit(web, patience):
    socrata(web, TABLE)
    url = web.at("/resource/ab12-cd34.csv?$where=kind='arson'")
    assert len(lines(download(url, patience=patience).path)) == 104
    url = web.at("/resource/ab12-cd34.csv?$limit=100&$offset=10")
    rows = lines(download(url, patience=patience).path)[1:]
    assert [row[0] for row in rows] == [str(k) for k in range(10, 110)]


def test_socrata_misbehaves(web, patience, waits):
    good = "id,kind,note\n" + "1,a,b\n" * 9
    url = socrata(web, TABLE, trips=(
        Reply("wait", status=429, headers={"Retry-After": "2"}), Reply("", status=202), Reply(good, cut=7),
    ))  # fmt: skip
    assert len(lines(download(url, patience=patience).path)) == 206
    assert waits == [2.0, 2.0, 4.0]


def test_socrata_error_object_in_a_200(web, patience):
    url = socrata(web, TABLE, trips=(as_json({"error": True, "message": "No such column"}),))
    with pytest.raises(SourceError, match="No such column"):
        download(url, patience=patience)


def test_socrata_rows_that_stay_missing(web, patience):
    url = socrata(web, TABLE)
    web.serve("/resource/ab12-cd34.json", as_json([{"count": "500"}]))
    with pytest.raises(SourceError, match="205 of 500 rows"):
        download(url, patience=patience)


# CKAN


UUID = "01234567-89ab-cdef-0123-456789abcdef"


def portal(web, resources, *, total=150, cap=60):
    package = {"success": True, "result": {"name": "crimes", "resources": resources}}
    web.serve("/api/3/action/package_show", as_json(package))
    web.serve("/api/3/action/resource_show", as_json({"success": True, "result": resources[0]}))

    def search(asked):
        start, size = int(asked.query["offset"]), min(cap, int(asked.query["limit"]))
        assert asked.query["sort"] == "_id"
        found = [{"_id": k + 1, "kind": "theft", "lat": 1.5} for k in range(total)][
            start : start + size
        ]
        fields = [{"id": "_id"}, {"id": "kind"}, {"id": "lat"}]
        return as_json(
            {"success": True, "result": {"fields": fields, "records": found, "total": total}}
        )

    web.serve("/api/3/action/datastore_search", search)


def test_the_resource_of_a_data_set(web, patience):
    url = web.serve("/files/crimes.csv", Reply(ROWS))
    portal(web, [
        {"name": "about", "format": "PDF", "url": web.at("/about.pdf")},
        {"name": "crimes", "format": "CSV", "url": url},
        {"name": "the same", "format": "XLSX", "url": web.at("/files/crimes.xlsx")},
    ])  # fmt: skip
    for form in ("/dataset/crimes", "/api/3/action/package_show?id=crimes"):
        made = download(web.at(form), patience=patience)
        assert made.path.read_bytes() == ROWS and made.path.name == "crimes.csv"


def test_a_data_set_of_several_files_lists_them(web, patience):
    files = [
        {"name": f"{y}", "format": "csv", "url": web.at(f"/{y}.csv?token=t0k")}
        for y in (2020, 2021)
    ]
    portal(web, files)
    with pytest.raises(SourceError, match=r"2 files") as error:
        download(web.at("/dataset/crimes"), patience=patience)
    assert web.at("/2021.csv") in str(error.value) and "t0k" not in str(error.value)


@pytest.mark.parametrize("form", [
    f"/api/3/action/datastore_search?resource_id={UUID}&limit=5", f"/dataset/crimes/resource/{UUID}",
])  # fmt: skip
def test_all_rows_of_a_table_of_ckan(web, patience, form):
    portal(web, [{"id": UUID, "name": "t", "format": "", "url": "", "datastore_active": True}])
    rows = lines(download(web.at(form), patience=patience).path)
    assert rows[0] == ["kind", "lat"] and len(rows) == 151 and rows[1] == ["theft", "1.5"]


def test_ckan_says_no(web, patience):
    web.serve("/api/3/action/package_show",
              as_json({"success": False, "error": {"message": "Not found", "__type": "Not Found Error"}}))  # fmt: skip
    with pytest.raises(SourceError, match="the portal says Not found"):
        download(web.at("/dataset/crimes"), patience=patience)


def test_a_password_stays_with_its_host(web, patience):
    """The portal's file may lie on another host, which must not get the portal's password."""
    url = web.serve("/files/crimes.csv", Reply(ROWS)).replace("127.0.0.1", "localhost")
    portal(web, [{"name": "crimes", "format": "CSV", "url": url}])
    secret = web.at("/dataset/crimes").replace("http://", "http://me:pw@")
    download(secret, patience=patience)
    assert "authorization" in web.asked[0].headers and "authorization" not in web.asked[-1].headers


# data.police.uk


def test_street_crimes_by_month(web, patience):
    def crimes(asked):
        month = asked.query["date"]
        place = {
            "latitude": "52.6",
            "longitude": "-1.1",
            "street": {"id": 1, "name": "On or near A St"},
        }
        one = {
            "category": "burglary",
            "location": place,
            "month": month,
            "outcome_status": None,
            "id": 9,
        }
        return as_json([one] * 3)

    web.serve("/api/crimes-street/all-crime", crimes)
    url = web.at("/api/crimes-street/all-crime?lat=52.6&lng=-1.1")
    made = download(url, months="2023-11:2024-01", patience=patience)
    rows = lines(made.path)
    assert len(rows) == 10 and {row[1] for row in rows[1:]} == {"2023-11", "2023-12", "2024-01"}
    assert rows[1][rows[0].index("Longitude")] == "-1.1"
    with pytest.raises(SourceError, match="no place"):
        download(web.at("/api/crimes-street/all-crime"), months="2023-11", patience=patience)


# answers that nobody expects


JUNK = (None, "x", -1, 1e308, [], {}, [None], {"a": 1}, True)


def spoilt(whole, rng):
    """A copy of a JSON value in which one part is something else."""
    if isinstance(whole, dict) and whole and rng.random() < 0.8:
        key = rng.choice(list(whole))
        return {**whole, key: spoilt(whole[key], rng)}
    if isinstance(whole, list) and whole and rng.random() < 0.8:
        k = rng.randrange(len(whole))
        return [*whole[:k], spoilt(whole[k], rng), *whole[k + 1 :]]
    return rng.choice(JUNK)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("portal_of", ["arcgis", "arcgis numbers", "socrata", "ckan", "police"])
def test_a_spoilt_answer_is_a_sentence_or_data(web, seed, portal_of):
    rng = random.Random(seed)
    if portal_of.startswith("arcgis"):
        url = arcgis(web, records(30), paging=portal_of == "arcgis", most=10)
    elif portal_of == "socrata":
        url = socrata(web, TABLE[:30])
    elif portal_of == "ckan":
        portal(
            web,
            [{"id": UUID, "name": "t", "format": "", "url": "", "datastore_active": True}],
            total=90,
        )
        url = web.at("/dataset/crimes")
        url = web.at(f"/dataset/crimes/resource/{UUID}") if seed % 2 else url
    else:
        place = {"latitude": "52.6", "longitude": "-1.1", "street": {"id": 1, "name": "A"}}
        web.serve(
            "/api/crimes-street/all-crime", as_json([{"category": "b", "location": place}] * 3)
        )
        url = web.at("/api/crimes-street/all-crime?lat=1&lng=2")
    which = rng.randrange(4)
    count = [0]
    for path, route in list(web.routes.items()):

        def spoil(asked, route=route):
            reply = route(asked)
            count[0] += 1
            if count[0] - 1 != which or reply.kind != "application/json":
                return reply
            return as_json(spoilt(json.loads(reply.body), rng))

        web.routes[path] = spoil
    try:
        made = download(url, patience=Patience(read=5, tries=2, sleep=lambda s: None))
    except SourceError as error:
        assert str(error) and "\n" not in str(error)
    else:
        assert made.path.stat().st_size
