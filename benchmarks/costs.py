"""What sections cost: the seconds of a run, and what follows for a nation, into docs/scaling.md.

    python benchmarks/costs.py FOLDER      the processed folder of a default run on a quiet machine

Extrapolations are ranges: in proportion and by the line through two measured sizes, or in proportion
and by the square where the work goes by pairs of zones.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"
EVENTS = {"geodanet": 287, "san_miguel": 7_483, "leeds": 29_640, "toronto": 239_935}
ZONES = {"columbus": 49, "setubal": 55, "toronto": 140, "georgia": 159, "leeds": 482}
OF_EVENTS, OF_ZONES = ("11", "12", "13", "14", "15", "16"), ("21", "22", "23", "31", "32")
UNITS = ((3600, "h"), (60, "min"), (1, "s"))
FREGUESIAS, FORCE, LARGEST = 2_882, 70_000_000 / 43, 10_000_000


def seconds_of(folder: Path) -> dict[str, dict[str, float]]:
    """City → section → seconds, from what a run remembers of its tasks."""
    found: dict[str, dict[str, float]] = {}
    for task in json.loads((folder / "run.json").read_text(encoding="utf-8")):
        if task["state"] == "done" and task.get("seconds"):
            found.setdefault(task["city"], {})[task["section"][:2]] = float(task["seconds"])
    return found


def measured(cost: dict, sections: tuple[str, ...], sizes: dict[str, int], unit: str) -> str:
    """One table: a line a section, a column a city."""
    heads = [f"{size:,} ({city})" for city, size in sizes.items()]
    lines = [
        f"| section | {unit}: " + " | ".join(heads) + " |",
        "|---|" + "---|" * len(heads),
    ]
    for section in sections:
        cells = [cost.get(city, {}).get(section) for city in sizes]
        lines.append(
            f"| {section} | " + " | ".join("" if c is None else f"{c:.0f}" for c in cells) + " |"
        )
    return "\n".join(lines)


def sum_of(cost: dict, city: str, sections: tuple[str, ...]) -> float:
    """Seconds of some sections of a city, of those it runs."""
    return sum(cost[city].get(section, 0.0) for section in sections)


def span(*ends: float) -> str:
    """A range as the page writes it: two digits, in seconds, minutes or hours."""
    low, high = min(ends), max(ends)
    size, name = next(each for each in UNITS if high >= 2 * each[0] or each[0] == 1)
    digits = [f"{float(f'{end / size:.2g}'):,g}" for end in (low, high)]
    return f"{digits[0]} {name}" if digits[0] == digits[1] else f"{digits[0]} to {digits[1]} {name}"


def line(cost: dict, sections: tuple[str, ...], size: float) -> float:
    """The straight line through Leeds and Toronto, by events."""
    low, high = (sum_of(cost, city, sections) for city in ("leeds", "toronto"))
    step = (high - low) / (EVENTS["toronto"] - EVENTS["leeds"])
    return low + step * (size - EVENTS["leeds"])


def extrapolated(cost: dict) -> str:
    """The table of what was not run."""

    def by_events(sections: tuple[str, ...], size: float) -> tuple[float, float]:
        return line(cost, sections, size), sum_of(cost, "toronto", sections) * size / EVENTS[
            "toronto"
        ]

    def by_zones(section: str) -> tuple[float, float]:
        ratio = FREGUESIAS / ZONES["leeds"]
        return cost["leeds"][section] * ratio, cost["leeds"][section] * ratio**2

    ranks = sum_of(cost, "toronto", ("31", "32"))
    district = [
        sum_of(cost, city, ("21", "22", "23")) + ranks for city in ("georgia", "toronto", "setubal")
    ]
    patrols = ("12", "13", "14", "15", "16")
    rows = [
        ("mainland Portugal, 18 districts of about 160 freguesias", "21, 22, 23, 31, 32", span(*district), span(*(18 * d for d in district))),
        ("mainland Portugal as one map of 2,882 freguesias", "21", span(*by_zones("21")), ""),
        ("", "22, but for what `seconds` allows its proofs", span(*by_zones("22")), ""),
        ("", "23, likewise", span(*by_zones("23")), ""),
        ("", "31, 32", span(*(a + b for a, b in zip(by_zones("31"), by_zones("32"), strict=True))), ""),
        ("England and Wales, 43 forces of 1.6 million street crimes on average", "12 to 16", span(*by_events(patrols, FORCE)), span(*(43 * s for s in by_events(patrols, FORCE)))),
        ("of it the largest force, of about 10 million", "14", span(*by_events(("14",), LARGEST)), "its longest section: `--timeout` says how long it may take"),
        ("1,000 cities of the size of Leeds", "all eleven", span(sum_of(cost, "leeds", OF_EVENTS + OF_ZONES)), span(1000 * sum_of(cost, "leeds", OF_EVENTS + OF_ZONES))),
        ("1,000 cities of the size of Toronto", "all eleven", span(sum_of(cost, "toronto", OF_EVENTS + OF_ZONES)), span(1000 * sum_of(cost, "toronto", OF_EVENTS + OF_ZONES))),
    ]  # fmt: skip
    heads = "| | sections | a unit | in all |\n|---|---|---|---|\n"
    return heads + "\n".join("| " + " | ".join(row) + " |" for row in rows)


def between(text: str, mark: str, content: str) -> str:
    """The page with what stands between two marks replaced."""
    pattern = rf"(<!-- {mark} -->\n).*?(\n<!-- end {mark} -->)"
    assert re.search(pattern, text, re.DOTALL), mark
    return re.sub(pattern, lambda found: found[1] + content + found[2], text, flags=re.DOTALL)


def main() -> None:
    cost = seconds_of(Path(sys.argv[1]))
    text = PAGE.read_text(encoding="utf-8")
    text = between(text, "events", measured(cost, OF_EVENTS, EVENTS, "events"))
    text = between(text, "zones", measured(cost, OF_ZONES, ZONES, "zones"))
    text = between(text, "extrapolated", extrapolated(cost))
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
