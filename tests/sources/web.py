"""A server on this machine that misbehaves as those of real portals do."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """One question that came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    status: int = 0


@dataclass
class Reply:
    """An answer: `cut` bytes of the body are not sent, `pause` seconds lie between its halves."""

    body: bytes | str = b""
    kind: str = "text/csv"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    pause: float = 0.0
    trickle: float = 0.0


@dataclass
class Web:
    """Paths and what they answer; each question is remembered."""

    root: str
    routes: dict[str, Callable[[Asked], Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def at(self, path: str) -> str:
        return self.root + path

    def serve(self, path: str, *replies: Reply | Callable[[Asked], Reply]) -> str:
        """Answer `path` with the replies in turn, the last one for ever."""
        left = list(replies)

        def answer(asked: Asked) -> Reply:
            reply = left.pop(0) if len(left) > 1 else left[0]
            return reply(asked) if callable(reply) else reply

        self.routes[path] = answer
        return self.at(path)

    def times(self, path: str) -> int:
        return sum(one.path == path for one in self.asked)


@contextmanager
def served():
    """A server for a test."""
    web = Web("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer({})

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.answer(dict(parse_qsl(data)))

        def answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True)) | form
            asked = Asked(parts.path, query, {k.lower(): v for k, v in self.headers.items()})
            web.asked.append(asked)
            route = web.routes.get(parts.path)
            reply = route(asked) if route else Reply("nothing", "text/plain", 404)
            asked.status = reply.status
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            body = body[: len(body) - reply.cut]
            half = len(body) // 2 if reply.pause else 0
            try:
                if reply.trickle:
                    for k in range(len(body)):
                        self.wfile.write(body[k : k + 1])
                        self.wfile.flush()
                        time.sleep(reply.trickle)
                else:
                    self.wfile.write(body[:half])
                    self.wfile.flush()
                    time.sleep(reply.pause)
                    self.wfile.write(body[half:])
            except OSError:
                pass
            self.close_connection = bool(reply.cut)

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.root = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ranged(body: bytes, tag: str = '"one"', first_cut: int = 0) -> Callable[[Asked], Reply]:
    """A file that may be asked in parts; its first answer breaks off `first_cut` bytes early."""
    cuts = [first_cut]

    def answer(asked: Asked) -> Reply:
        cut = cuts.pop() if cuts else 0
        found = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        if found and asked.headers.get("if-range") == tag:
            start = int(found[1])
            where = {"ETag": tag, "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            return Reply(body[start:], status=206, headers=where)
        return Reply(body, headers={"ETag": tag}, cut=cut)

    return answer


def arcgis(
    web: Web,
    records: list[dict[str, Any]],
    *,
    most: int = 100,
    paging: bool = True,
    geojson: bool = True,
    flag: str = "top",
    trips: tuple[Reply, ...] = (),
    ignores_offset: bool = False,
    overlap: int = 0,
    counts: bool = True,
    cap: int = 0,
    name: str = "Crimes 2023",
) -> str:
    """A layer of an ArcGIS server: `records` hold OBJECTID, lon, lat and what else."""
    path = "/arcgis/rest/services/Crimes/FeatureServer/0"
    about = {
        "name": name,
        "objectIdField": "OBJECTID",
        "maxRecordCount": most,
        "capabilities": "Query",
        "supportedQueryFormats": "JSON, geoJSON" if geojson else "JSON",
        "advancedQueryCapabilities": {"supportsPagination": paging, "supportsOrderBy": True},
        "fields": [
            {
                "name": key,
                "type": "esriFieldTypeOID" if key == "OBJECTID" else "esriFieldTypeString",
            }
            for key in records[0]
            if key not in ("lon", "lat")
        ],
    }
    left = list(trips)

    def feature(record: dict[str, Any], form: str) -> dict[str, Any]:
        held = {k: v for k, v in record.items() if k not in ("lon", "lat")}
        if form == "geojson":
            place = {"type": "Point", "coordinates": [record["lon"], record["lat"]]}
            return {
                "type": "Feature",
                "id": record["OBJECTID"],
                "properties": held,
                "geometry": place,
            }
        return {"attributes": held, "geometry": {"x": record["lon"], "y": record["lat"]}}

    def query(asked: Asked) -> Reply:
        if left:
            return left.pop(0)
        ask = asked.query
        found = [r for r in records if _where(ask.get("where", "1=1"), r)]
        if ask.get("returnCountOnly") == "true" and not counts:
            return _json(
                {"error": {"code": 400, "message": "Invalid or missing input parameters."}}
            )
        if ask.get("returnCountOnly") == "true":
            return _json({"count": len(found)})
        if ask.get("returnIdsOnly") == "true":
            return _json(
                {"objectIdFieldName": "OBJECTID", "objectIds": [r["OBJECTID"] for r in found]}
            )
        assert ask["outSR"] == "4326"
        if "objectIds" in ask:
            chosen = set(map(int, ask["objectIds"].split(",")))
            found = [r for r in found if r["OBJECTID"] in chosen]
        elif "resultOffset" in ask and not paging:
            return _json({"error": {"code": 400, "message": "Pagination is not supported."}})
        else:
            assert ask["orderByFields"] == "OBJECTID"
        start = 0 if ignores_offset else int(ask.get("resultOffset", 0))
        start = max(start - overlap, 0)
        size = min(cap or most, int(ask.get("resultRecordCount", most)))
        page = sorted(found, key=lambda r: r["OBJECTID"])[start : start + size]
        answer: dict[str, Any] = {"features": [feature(r, ask["f"]) for r in page]}
        if ask["f"] == "geojson":
            answer["type"] = "FeatureCollection"
        if start + size < len(found):
            if flag == "top":
                answer["exceededTransferLimit"] = True
            elif flag == "properties":
                answer["properties"] = {"exceededTransferLimit": True}
        return _json(answer)

    web.serve(path, _json(about))
    web.serve(path + "/query", query)
    return web.at(path)


def socrata(
    web: Web, rows: list[dict[str, Any]], *, cap: int = 70, trips: tuple[Reply, ...] = ()
) -> str:
    """A data set of Socrata that gives at most `cap` rows an answer, whatever is asked."""
    left = list(trips)

    def chosen(asked: Asked) -> list[dict[str, Any]]:
        found = re.fullmatch(r"(\w+)='(\w+)'", asked.query.get("$where", ""))
        return [r for r in rows if not found or str(r[found[1]]) == found[2]]

    def page(asked: Asked) -> Reply:
        if left:
            return left.pop(0)
        assert asked.query["$order"] == ":id"
        start, size = int(asked.query["$offset"]), min(cap, int(asked.query["$limit"]))
        sink = io.StringIO()
        writer = csv.DictWriter(sink, list(rows[0]), quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        writer.writerows(chosen(asked)[start : start + size])
        return Reply(sink.getvalue())

    web.serve("/resource/ab12-cd34.json", lambda asked: _json([{"count": str(len(chosen(asked)))}]))
    web.serve("/resource/ab12-cd34.csv", page)
    return web.at("/Public-Safety/Crimes/ab12-cd34/about_data")


def _json(whole: Any) -> Reply:
    return Reply(json.dumps(whole), "application/json")


as_json = _json


def _where(text: str, record: dict[str, Any]) -> bool:
    if text == "1=1":
        return True
    name, value = re.fullmatch(r"(\w+)='([^']*)'", text).groups()  # type: ignore[union-attr]
    return str(record[name]) == value
