"""The benchmarks: ratios against those recorded, and pages that say what was measured."""

import subprocess
import sys

import pytest
from tests.benchmarks.conftest import BENCHMARKS

# the tables that CI compares; `benchmarks/run.py --quick` has more
TABLES = ("location", "patterns")


def test_no_ratio_has_halved():
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--quick"]
    command += [word for table in TABLES for word in ("--only", table)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    compared = int(done.stdout.splitlines()[-1].split()[0])
    assert compared >= 4, done.stdout


def test_the_page_says_what_was_measured(benchmark_file):
    pages = benchmark_file("pages")
    text = pages.PAGE.read_text(encoding="utf-8")
    assert pages.filled(text, pages.read("ratios")) == text
    measured = {row["table"] for row in pages.read("ratios")}
    assert measured == {name for name in measured if f"<!-- ratios: {name} -->" in text}
    assert "(performance_growth.png)" in text and pages.FIGURE.exists()


def test_a_halved_ratio_fails_and_is_named(benchmark_file, monkeypatch, capsys):
    """Our own work is made ten times what it is recorded to be beside a peer that stays."""
    run, pages, measure = (benchmark_file(name) for name in ("run", "pages", "measure"))
    case = measure.Case("a sum", lambda: _busy(8), {"a loop": lambda: _busy(1)}, quick=True)
    monkeypatch.setattr(run, "cases_of", lambda table: [case])
    monkeypatch.setattr(run, "QUICK", ("location",))
    row = {"table": "location", "case": "a sum", "method": "a loop", "quick": "True"}
    own = row | {"method": "ours", "ratio": "1"}
    monkeypatch.setattr(pages, "read", lambda name: [own, {**row, "ratio": "1.0"}])
    assert run.quick(["location"]) == 1
    assert "a ratio has halved: location: a sum" in capsys.readouterr().out
    monkeypatch.setattr(pages, "read", lambda name: [own, {**row, "ratio": "0.13"}])
    assert run.quick(["location"]) == 0
    # a peer that is measured no more
    gone = {**row, "method": "another loop", "ratio": "1"}
    monkeypatch.setattr(pages, "read", lambda name: [own, {**row, "ratio": "0.13"}, gone])
    assert run.quick(["location"]) == 1
    assert "another loop" in capsys.readouterr().out


def test_a_peer_that_is_absent_late_or_broken_is_told(benchmark_file):
    measure = benchmark_file("measure")

    def absent():
        import no_such_package  # noqa: F401

    def broken():
        return lambda: 1 / 0

    def late():
        return lambda: __import__("time").sleep(60)

    assert measure.measured(absent).said == "not installed (no_such_package)"
    assert measure.measured(broken).said == "failed: ZeroDivisionError: division by zero"
    assert measure.measured(late, 0.5).said == "no answer in 0 s"
    found = measure.measured(lambda: _busy(1))
    assert found.answer == 20_000 * 19_999 // 2 and found.seconds > 0 and found.peak_mb > 1


def _busy(times: int):
    def work() -> int:
        for _ in range(times):
            total = sum(range(20_000))
        return total

    return work


@pytest.mark.parametrize("unit", ["ratios", "growth"])
def test_rows_of_a_table_take_the_place_of_its_old_ones(
    benchmark_file, monkeypatch, tmp_path, unit
):
    pages = benchmark_file("pages")
    monkeypatch.setattr(pages, "HERE", tmp_path)
    row = dict.fromkeys(pages.COLUMNS[unit], "1") | {"cpu_s": 1.0, "peak_mb": 2.0, "table": "a"}
    row |= {"ratio": 3.0} if unit == "ratios" else {}
    other = {"case": "2"} if unit == "ratios" else {"method": "2"}
    pages.keep(unit, [row, row | other, row | {"table": "b"}])
    pages.keep(unit, [{**row, "cpu_s": 9.0}], whole=False)
    assert [(r["table"], r["cpu_s"]) for r in pages.read(unit)] == [
        ("a", "9"),
        ("a", "1"),
        ("b", "1"),
    ]
    pages.keep(unit, [{**row, "cpu_s": 8.0}])
    assert [(r["table"], r["cpu_s"]) for r in pages.read(unit)] == [("a", "8"), ("b", "1")]
