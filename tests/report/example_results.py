"""Results as a run leaves them, small and complete, with everything that can go wrong in them."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from pathlib import Path
from typing import Any

HOSTILE = '<script>alert("city")</script>'
AWKWARD = "vila & são #1 50%"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ELSEWHERE = "https://example.invalid"
# What else city.yml must say.
CARD = {
    "crs": "EPSG:27700",
    "source_line": "Somebody",
    "layers": {"events": {"file": "events.csv", "crs": "EPSG:27700", "time_precision": "day"}},
}
CLAIMS = """claim_id,paper,section,exhibit,quantity,published,printed,reading,unit,data,notes
LIM-02,lima,IV,Fig 6,p value of the test along x,0,near zero,read,p value,substitute,published only as 'near zero'; see SET-41 <b>
LIM-12,lima,VII,text,number of grid nodes,960,40x24,read,nodes,exact,40 x 24
SET-04,setubal,3.1,text,resident population 2011,851258,"851,258",read,inhabitants,exact,
SET-41,setubal,4.1,Fig 2 left,significant cold spots,Abela; Sao Domingos,two names,inferred,freguesias,partial,Getis-Ord
REC-03,recife,4,Fig 2,criteria,6,six,computed,criteria,exact,
"""
PAPERS = """
lima: {name: San Miguel (Lima), about: patrols, cite: x, citation: A paper of 2020, sections: "1", answer: "{{ count('replication') }} found elsewhere."}
setubal: {name: Setúbal, about: areas, cite: y, answer: "{{ count('tuned', 'differs', '21') }} differs."}
recife: {name: Recife, about: priorities, cite: z, answer: Untested.}
"""
DEVIATIONS = """paper,section,left_open,chosen,when,why,claims
setubal,21,who is a neighbour,the band,after,it agrees,SET-41
"""
EXHIBITS = """paper,exhibit,kind,shows,section,output,function,note,formula
lima,Fig 6,figure,test,12,counts,patterns.spatial_ks,,
lima,eq 1,equation,statistic,12,counts,,,formulas
lima,eq 2,equation,a formula of no cell,12,counts,,,nowhere
lima,VII,method,p-median,15,plans,,,
setubal,Fig 2,figure,hot spots,21,hot,,partly estimated,
recife,Fig 3,figure,framework,,,,drawn nowhere,
"""

RULES = """
LIM-02:
  {section: "12", number: ks_p_x, cities: [leeds], evidence: replication, cell: table, table_row: 0 | burglary & theft, table_column: count, tolerance: below 0.001, note: real, briefly: along one axis only,
   match: {below: 0.001}}
LIM-12: {section: "15", number: nodes, cities: [leeds], evidence: input, tolerance: exact, match: {equal: true}}
SET-04: {section: "21", number: residents, cities: [setubal], evidence: input, tolerance: exact, match: {equal: true}}
SET-41:
  {section: "21", number: cold, cities: [setubal], evidence: tuned, figure: hot, tolerance: same names, note: another band,
   match: {same_set: true}}
REC-03: {section: "39", number: criteria, cities: [recife], evidence: input, tolerance: exact, match: {equal: true}}
"""


def png(width: int, height: int, grey: int) -> bytes:
    """A plain grey PNG."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    rows = (b"\0" + bytes([grey]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def text(source: str, identity: str, tags: tuple[str, ...] = ()) -> dict:
    return {
        "cell_type": "markdown",
        "id": identity,
        "metadata": {"tags": list(tags)},
        "source": source,
    }


def code(source: str, identity: str, outputs=(), tags: tuple[str, ...] = ()) -> dict:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": identity,
        "metadata": {"tags": list(tags)},
        "outputs": list(outputs),
        "source": source,
    }


def shown(metadata: dict | None = None, **data) -> dict:
    forms = {
        name.replace("_", "/", 1).replace("_xml", "+xml"): value for name, value in data.items()
    }
    return {"output_type": "display_data", "data": forms, "metadata": metadata or {}}


def printed(words: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": words}


PANDAS = """<div><style scoped>.dataframe tbody tr th {vertical-align: top;}</style>
<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>kind</th>
<th>count</th><th>share</th></tr></thead><tbody>
<tr><th>0</th><td>burglary &amp; theft</td><td>1,204</td><td>-0.5</td></tr>
<tr><th>1</th><td>drugs</td><td>88</td><td>NaN</td></tr></tbody></table>
<p>2 rows × 3 columns</p></div>"""

FORMULAS = r"""The statistic is $G_i^* = \frac{\sum_j w_{ij} x_j}{S}$ and

$$
\begin{aligned} D &= \sup_x |F(x) - F_0(x)| \\ n &= \sum_{i=1}^{N} 1 \end{aligned}
$$
"""


# What a run says of a city's data where it says nothing special.
QUALITY: dict[str, Any] = {
    "layers": [],
    "account": {"rejected": [], "left_out": [], "notes": [], "used": None, "given": None},
    "sources": {"given": True, "blanks": []},
    "boundary": None,
    "events": None,
    "zones": None,
    "criteria": None,
    "crs": {"code": "EPSG:27700", "name": "British National Grid", "scale_error": 0.0004},
}
EVENTS: dict[str, Any] = {
    "count": 100,
    "first": "2024-01-01 00:00",
    "last": "2024-02-28 23:00",
    "precision": "hour",
    "one_time": False,
    "status": "",
    "note": "Places are the middles of streets.",
    "months": [["2024-01", 60], ["2024-02", 40]],
    "week": [[1] * 24] * 7,
    "weekdays": [10, 10, 10, 10, 20, 20, 20],
    "kinds": [[HOSTILE, 70], ["$x$ 🚓", 30]],
    "kinds_in_all": 2,
    "repeats": {
        "places": 60,
        "repeated": 10,
        "events_there": 50,
        "classes": [[1, 1, 50, 50], [2, 2, 0, 0], [3, 5, 10, 50]],
        "most": [[1.0, 2.0, -1.5, 53.8, 5.0]],
    },
    "heaps": [
        {"at": "first", "seen": 9, "expected": 3.3, "chance": 1e-4, "ratio": 2.7, "is_heap": True},
        {"at": "midnight", "seen": 2, "expected": 0.0, "chance": 0, "ratio": None, "is_heap": True},
        {"at": "noon", "seen": 5, "expected": 5.0, "chance": 0.5, "ratio": 1.0, "is_heap": False},
    ],
}


class Results:
    """A folder of results under construction.

    Attributes
    ----------
    root, raw, notebooks
        Where results, cities and the project's own notebooks are.
    hostile, awkward, elsewhere, commit
        A city's title, a city's folder, an address on the network, and a commit.
    """

    hostile, awkward, elsewhere, commit = HOSTILE, AWKWARD, ELSEWHERE, COMMIT
    png, text = staticmethod(png), staticmethod(text)

    def __init__(self, place: Path):
        self.root, self.raw, self.notebooks = place / "out", place / "raw", place / "notebooks"
        for folder in (self.root, self.raw, self.notebooks):
            folder.mkdir(parents=True)
        (self.raw / "claims.csv").write_text(CLAIMS, encoding="utf-8")
        (self.raw / "claims_rules.yml").write_text(RULES, encoding="utf-8")
        (self.raw / "claims_papers.yml").write_text(PAPERS, encoding="utf-8")
        (self.raw / "claims_deviations.csv").write_text(DEVIATIONS, encoding="utf-8")
        (self.raw / "claims_exhibits.csv").write_text(EXHIBITS, encoding="utf-8")
        self.runs: list[dict] = []

    def section(self, name: str, title: str, paper: str = "Paper 1", scope: str = "city") -> None:
        parameters = code('city = "leeds"\nseed = 1', "parameters", tags=("parameters",))
        card = {"title": title, "paper": paper, "needs": ["events"], "after": [], "scope": scope}
        self._notebook(self.notebooks / f"{name}.ipynb", [parameters], compendium=card)

    def city(self, name: str, title: str, sources: str = "", **card) -> None:
        folder = self.raw / name
        folder.mkdir()
        lines = {"title": title, "country": "Somewhere", "licence": "Open", **CARD, **card}
        # JSON is YAML
        (folder / "city.yml").write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
        (folder / "SOURCES.md").write_text(sources or f"# Sources of {name}\n", encoding="utf-8")
        (folder / "events.csv").write_text("x,y\n1,2\n", encoding="utf-8")

    def run(self, city: str, section: str, state: str = "done", cells=(), **more) -> Path:
        entry = {"city": city, "section": section, "state": state, "reason": "", "lines": []}
        self.runs.append({**entry, "seconds": 12.3, **more})
        self._write(self.root / "data/processed/run.json", self.runs)
        suffix = ".partial.ipynb" if state == "failed" else ".ipynb"
        path = self.root / "data/processed" / city / "notebooks" / f"{section}{suffix}"
        if state != "not run" and cells:
            self._notebook(path, cells)
        return path

    def outputs(
        self, city: str, section: str, title: str, figures=(), tables=(), status=""
    ) -> None:
        entries = []
        for name, content, caption in figures:
            path = self.root / "figures" / city / f"{section}_{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            entries.append(self._entry("figure", name, path, f"Title of {name}", caption, status))
        for name, content in tables:
            path = self.root / "data/processed" / city / f"{section}_{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            entries.append(self._entry("table", name, path, f"Table {name}", "", status))
        index = {
            "section": section,
            "city": city,
            "title": title,
            "provenance": {
                "section": section,
                "city": city,
                "parameters": {"seed": 20260101, "kinds": ["a", "<b>"]},
                "code": "c" * 64,
                "inputs": "1" * 64,
                "lock": "f" * 64,
                "git_commit": COMMIT,
            },
            "outputs": entries,
        }
        self._write(self.root / "data/processed" / city / f"{section}_outputs.json", index)

    def numbers(self, city: str, section: str, saved: dict[str, Any], cell: str = "") -> None:
        """Save numbers, and list them where the section has listed its results."""
        folder = self.root / "data/processed" / city
        path, listed = folder / f"{section}_numbers.json", folder / f"{section}_outputs.json"
        about = {"unit": "", "note": "", "cell": cell}
        entries = {key: {"value": value, **about} for key, value in saved.items()}
        self._write(path, {"numbers": entries, "status": ""})
        index = json.loads(listed.read_text(encoding="utf-8"))
        index["outputs"] = [entry for entry in index["outputs"] if entry["kind"] != "numbers"]
        index["outputs"].append(self._entry("numbers", "numbers", path, "Numbers", "", ""))
        self._write(listed, index)

    def quality(self, city: str, facts: dict[str, Any], figures=(), lacking=None) -> None:
        """Leave what a run tells of a city's data, and stamp it as a run does."""
        folder = self.root / "data/processed" / city
        page, listed, paths = folder / "quality.json", [], []
        for name, content, caption in figures:
            path = self.root / "figures" / city / f"quality_{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            about = {"title": f"Title of {name}", "caption": caption}
            listed.append({"name": name, "file": path.name, **about})
            paths.append(path)
        self._write(page, {**QUALITY, **facts, "figures": listed})
        files = {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (page, *paths)
        }
        self._write(folder / "stamps/quality.json", {"key": "k" * 64, "files": files})
        self._write(folder / "stamps/city.json", {"remarks": [], "lacking": lacking or {}})

    def _entry(self, kind, name, path: Path, title, caption, status) -> dict:
        return {
            "kind": kind,
            "name": name,
            "file": path.relative_to(self.root).as_posix(),
            "title": title,
            "caption": caption,
            "status": status,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }

    def _notebook(self, path: Path, cells, **metadata) -> None:
        about = {"kernelspec": {"name": "python3"}, **metadata}
        self._write(path, {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5})

    def _write(self, path: Path, content) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")


def fill(results: Results) -> Results:
    """Three cities, four sections, every state that a run can end in."""
    results.section("12_patrol_exploration", "Patrol exploration", "San Miguel IV")
    results.section("15_patrol_allocation", "Patrol allocation", "San Miguel VII")
    results.section("21_district_hot_spots", "Hot spots", "Setúbal 4.1")
    results.section("90_claims", "The claims ledger", "all", scope="compendium")
    results.city("leeds", "Leeds", "# Leeds\n\n#### Deep\n\n[data](https://data.police.uk) $x^2$\n")
    results.city("setubal", "Setúbal", synthetic=["events"])
    results.city(
        AWKWARD,
        HOSTILE,
        f"# {HOSTILE}\n\n<img src=x onerror=alert(1)>\n\n![far]({ELSEWHERE}/a.png)\n\n"
        f"[bad](javascript:alert(1)) <iframe src='{ELSEWHERE}'></iframe>\n\n`<b>` | <b>bold</b>\n",
    )
    saved, loose = png(64, 48, 200), png(32, 16, 90)
    encoded = {"image_png": base64.b64encode(saved).decode()}
    cells = [
        text("# Patrol exploration\n\nA first look.\n\n#### Skipped levels\n\nWords.", "top"),
        code('city = "leeds"\nseed = 1', "parameters", tags=("parameters",)),
        code('city = "leeds"', "9f3a77c1", tags=("injected-parameters",)),
        text(FORMULAS + f"\n\n![remote]({ELSEWHERE}/b.png)\n\n<b onclick='x()'>bold</b>", "formulas"),
        code(
            "# counts\nfigure",
            "counts",
            [shown({"image/png": {"width": 32, "alt": "ignored"}}, **encoded)],
        ),
        code("other", "loose", [shown(image_png=base64.b64encode(loose).decode())]),
        code(
            "table",
            "table",
            [
                shown(text_html=PANDAS, text_plain="   kind"),
                shown(text_markdown="**Counts.** It is the file `12_patrol_exploration_counts.csv`, of 2 rows; "
                                    "`12_patrol_exploration_gone.csv` is none."),
            ],
        ),
        code(
            'section.number("ks_p_x", p)',
            "claim",
            [printed("10 %\r100 %\n\x1b[31mred\x1b[0m <i>"), printed("careful\n", "stderr")],
        ),
        code(
            "html",
            "html",
            [shown(text_html=f"<script src='{ELSEWHERE}/x.js'></script><p>kept</p><style>@import "
                             f"'{ELSEWHERE}/x.css'</style><img src='{ELSEWHERE}/c.png' alt='c'>")],
        ),
        text("## Your turn\n\n1. Try `seed = 2`. For the default city 7 fall.", "turn"),
    ]  # fmt: skip
    results.run("leeds", "12_patrol_exploration", cells=cells)
    results.outputs(
        "leeds",
        "12_patrol_exploration",
        "Patrol exploration",
        figures=[("counts", saved, "Crime counts by year & kind.")],
        tables=[("counts", "kind,count\ndrugs,88\n")],
    )
    results.numbers("leeds", "12_patrol_exploration", {"ks_p_x": 1e-9}, "claim")
    results.run("leeds", "15_patrol_allocation", "failed", lines=["first", "ValueError: p > sites"], cells=[
        text("<span id='papermill-error-cell'>An Exception</span>", "x", ("papermill-error-cell-tag",)),
        text("# Patrol allocation", "head"),
        code("1 / 0", "broken", [{
            "output_type": "error", "ename": "ValueError", "evalue": "p > sites",
            "traceback": [f"\x1b[31mline {i}\x1b[0m" for i in range(40)] + ["ValueError: p > sites"],
        }]),
    ])  # fmt: skip
    results.run("leeds", "21_district_hot_spots", "up to date", cells=[text("# Hot spots", "h")])
    reason = "city has no events"
    results.run("setubal", "12_patrol_exploration", "not run", reason=reason, seconds=0)
    results.run(
        "setubal",
        "21_district_hot_spots",
        cells=[
            text("no heading here; for the default city 7 fall", "h"),
            code('section.number("cold", names)', "gi"),
            text("## Your turn\n\n1. Try `seed = 2`.", "turn"),
        ],
    )
    other = png(40, 40, 10)
    results.outputs(
        "setubal",
        "21_district_hot_spots",
        "Hot spots",
        figures=[("hot", other, "Hot and cold spots.")],
        status="schematic",
    )
    results.numbers("setubal", "21_district_hot_spots", {"cold": ["Abela", "Torrão"]}, "gi")
    results.quality(
        "leeds",
        {
            "layers": [["events", 100, ""], ["boundary", 1, "derived"]],
            "account": {
                "rejected": [["no place", 7], [HOSTILE, 1]],
                "left_out": [["2 of 102 events lie outside the boundary and are left out", 2]],
                "notes": [f"the kind of every event is {HOSTILE}"],
                "used": 100,
                "given": 110,
            },
            "sources": {"given": True, "blanks": [f"licence of {HOSTILE}"]},
            "boundary": {"area_km2": 551.7, "status": "derived", "note": "A hull."},
            "events": EVENTS,
        },
        [("map", png(60, 50, 30), "100 events & a hull."), ("week", png(50, 20, 40), "Most at 0.")],
        {"21_district_hot_spots": "city has no zones"},
    )
    field = {"name": "a", "label": HOSTILE, "unit": "<b>", "known": 3, "zero": 1, "least": 0.0}
    fields = [{**field, "middle": 1.5, "most": 2e6, "words": [["estimated", 2]]}]
    zones = {"count": 3, "status": "schematic", "area_km2": 4.2, "groups": 2, "borders": 2}
    results.quality(AWKWARD, {"zones": {**zones, "fields": fields}, "layers": [["zones", 3, "x"]]})
    results.run(AWKWARD, "12_patrol_exploration", cells=[text(f"# {HOSTILE}\n\nx", "h")])
    results.outputs(
        AWKWARD,
        "12_patrol_exploration",
        HOSTILE,
        figures=[("counts", png(20, 10, 60), f"In {HOSTILE}.")],
        tables=[("counts", "a\n1\n")],
    )
    results.run("compendium", "90_claims", cells=[text("# The claims ledger", "h")])
    return results
