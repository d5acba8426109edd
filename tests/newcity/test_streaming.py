"""A file too large for memory gives the city that the same file gives when read whole."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from helpers.cities import load_city
from helpers.cli import main
from helpers.newcity import streaming
from helpers.newcity.state import Seen

from . import exports


def two_languages() -> bytes:
    """A header of two rows, the second the names again in another language."""
    head, _, body = exports.frame(3000).to_csv().partition("\n")
    return f"ID{head}\n編號,罪行,日期,東,北\n{body}".encode()


def last_row_alone() -> bytes:
    """The last piece is one row, whose clock and thousands no row beside it explains."""
    xy, when = exports.points(2801, -70.65, -33.45, "EPSG:32719"), exports.moments(2801)
    lines = ["folio;delito;fecha;hora;Coord X;Coord Y"]
    for k, moment in enumerate(when):
        clock = "5" if k == 2800 else str(int(moment.strftime("%H%M")))
        x, y = (f"{v:,.0f}".replace(",", ".") for v in xy[k])
        lines.append(f"{k};{exports.KINDS[k % 4]};{moment:%d/%m/%Y};{clock};{x};{y}")
    return "\n".join(lines).encode()


def again_far_below() -> bytes:
    """A whole row stands again in another piece, with its number; another one without."""
    head, *body = exports.frame(2500).to_csv().splitlines()
    alike = body[7].partition(",")[2]
    body[2400], body[10], body[2300] = body[3], f",{alike}", f",{alike}"
    return "\n".join([f"ID{head}", *body]).encode()


@pytest.mark.parametrize(
    "data",
    [
        last_row_alone(),
        exports.chicago(3000).encode(),
        exports.chile(3000),
        two_languages(),
        again_far_below(),
    ],
)
def test_pieces_give_what_the_whole_gives(tmp_path, monkeypatch, data):
    path = tmp_path / "crimes.csv"
    path.write_bytes(data)
    words = ["new-city", "town", "--events", str(path), "--crs", "EPSG:32719"]
    words = words if b"Coord X" in data else words[:-2]
    assert main([*words, "--folder", str(tmp_path / "whole")]) == 0
    monkeypatch.setattr(streaming, "LARGE", 1000)
    monkeypatch.setattr(streaming, "_PIECE", 700)
    assert main([*words, "--folder", str(tmp_path / "pieces")]) == 0
    for name in ("events.csv", "rejected.csv"):
        one, two = (pd.read_csv(tmp_path / place / name) for place in ("whole", "pieces"))
        pd.testing.assert_frame_equal(one, two)
    events = load_city(tmp_path / "pieces").layer("events")
    assert len(events) == len(pd.read_csv(tmp_path / "pieces" / "events.csv"))


def test_a_form_of_time_that_the_sample_lacks_loses_no_row(tmp_path, monkeypatch):
    """Rows that nothing tells the day of are set aside, and the rest of their piece stays."""
    head, *body = exports.frame(2000).to_csv().splitlines()
    cells = body[1503].split(",")
    cells[2] = "03/04/2021 10:00"
    body[1503] = ",".join(cells)
    path = tmp_path / "crimes.csv"
    path.write_text("\n".join([f"ID{head}", *body]))
    for name, value in {"LARGE": 1000, "_PIECE": 700, "_SAMPLE": 50}.items():
        monkeypatch.setattr(streaming, name, value)
    folder = tmp_path / "town"
    assert main(["new-city", "town", "--events", str(path), "--folder", str(folder), "--yes"]) == 0
    rejected = pd.read_csv(folder / "rejected.csv")
    assert rejected[["row", "reason"]].to_numpy().tolist() == [[1505, "bad_time"]]
    assert len(pd.read_csv(folder / "events.csv")) == 1999


def test_values_seen_before():
    """As a set says, whatever the sizes of the calls."""
    rng = np.random.default_rng(3)
    seen, before = Seen(), set()
    for size in (1, 500, 3, 0, 700, 64, 200):
        values = rng.integers(-400, 400, size)
        expected = []
        for value in values.tolist():
            expected.append(value in before)
            before.add(value)
        assert seen.again(values).tolist() == expected


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux tells it")
def test_memory_does_not_grow_with_the_file(tmp_path):
    """Three times as many rows take hardly more memory: what is read at once stays the same."""
    few, many = (peak_of(tmp_path / name, size) for name, size in (("few", 5), ("many", 15)))
    # 10 MB of text are about 100 MB of cells where all are read at once
    assert many - few < 50_000, (few, many)


def peak_of(folder, megabytes: int) -> int:
    """Largest resident set, kB, while a city is made of a file of so many MB."""
    folder.mkdir()
    path = folder / "crimes.csv"
    head, _, body = exports.chicago(2000).partition("\n")
    with path.open("w") as sink:
        sink.write(head + "\n")
        for _ in range(megabytes * 1_000_000 // len(body) + 1):
            sink.write(body + "\n")
    code = (
        "import sys; from helpers.cli import main; from helpers.newcity import streaming; "
        "streaming.LARGE = streaming._PIECE = 5_000; status = main(sys.argv[1:]); "
        # not of getrusage, which begins with the peak of the process that started this one
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]); sys.exit(status)"
    )
    words = ["new-city", "town", "--events", str(path), "--folder", str(folder / "town")]
    said = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return int(said.stdout.splitlines()[-1])
