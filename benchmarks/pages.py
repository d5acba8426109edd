"""What was measured: kept as CSV, shown in docs/performance.md between marks, and as a figure."""

from __future__ import annotations

import csv
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
PAGE, FIGURE = DOCS / "performance.md", DOCS / "performance_growth.png"
COLUMNS = {
    "ratios": ("table", "case", "method", "cpu_s", "peak_mb", "ratio", "worth", "quick"),
    "growth": ("table", "method", "unit", "size", "cpu_s", "peak_mb"),
}


def read(name: str) -> list[dict]:
    """Rows of ``ratios`` or ``growth``; none where nothing was kept yet."""
    path = HERE / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def keep(name: str, rows: list[dict], *, whole: bool = True) -> None:
    """Put rows in the place of those of the same table, or only of the same case or method."""

    def key(row: dict) -> tuple:
        return (row["table"], *(() if whole else (row.get("case", row["method"]),)))

    numbers = {each: "{:.4g}" for each in ("cpu_s", "peak_mb", "ratio")}
    fresh: dict[tuple, list[dict]] = {}
    for row in rows:
        shown = {k: numbers[k].format(v) if k in numbers else v for k, v in row.items()}
        fresh.setdefault(key(row), []).append(shown)
    put, out = set(), []
    for row in read(name):
        if key(row) not in fresh:
            out.append(row)
        elif key(row) not in put:
            put.add(key(row))
            out += fresh[key(row)]
    out += [row for each, made in fresh.items() if each not in put for row in made]
    with (HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        sink = csv.DictWriter(stream, COLUMNS[name], lineterminator="\n")
        sink.writeheader()
        sink.writerows(out)


def table(name: str, rows: list[dict]) -> str:
    """One Markdown table: a line a method, ours first in each case."""
    lines = [
        "| case | method | CPU s | times ours | peak MB | beside ours |",
        "|---|---|---|---|---|---|",
    ]
    for row in (each for each in rows if each["table"] == name):
        ours = row["method"] == "ours"
        seconds = "" if row["cpu_s"] == "nan" else _number(float(row["cpu_s"]))
        times = "1" if ours else "" if row["ratio"] == "nan" else _number(float(row["ratio"]))
        peak = "" if row["peak_mb"] == "nan" else f"{float(row['peak_mb']):.0f}"
        cells = [row["case"] if ours else "", row["method"], seconds, times, peak, row["worth"]]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def filled(text: str, rows: list[dict]) -> str:
    """The page with every table between ``<!-- ratios: NAME -->`` and ``<!-- end -->`` made anew."""

    def block(match: re.Match) -> str:
        return f"{match[1]}\n{table(match[2], rows)}\n{match[3]}"

    return re.sub(r"(<!-- ratios: (\w+) -->)\n.*?(<!-- end -->)", block, text, flags=re.DOTALL)


def write() -> None:
    """The tables of docs/performance.md, and the figure of growth beside it."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(filled(page, read("ratios")), encoding="utf-8")
    if rows := read("growth"):
        draw(rows)


def draw(rows: list[dict]) -> None:
    """CPU seconds against size, a line a method; both axes by powers of ten."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from helpers import plots

    methods: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        label = f"{row['method']} ({row['unit']})"
        if row["cpu_s"] != "nan":
            methods.setdefault(label, []).append((float(row["size"]), float(row["cpu_s"])))
    with mpl.rc_context():
        plots.use_style()
        figure, axes = plt.subplots(figsize=(8.6, 4.6), layout="constrained")
        marks = "osD^vP*Xp<"
        for number, (label, points) in enumerate(methods.items()):
            sizes, seconds = zip(*sorted(points), strict=True)
            axes.plot(sizes, seconds, marker=marks[number % len(marks)], ms=5, label=label)
        axes.set(xscale="log", yscale="log", xlabel="size", ylabel="CPU seconds, one thread")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        axes.grid(True, which="major", alpha=0.3)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8)
        figure.savefig(FIGURE, dpi=110, metadata={"Software": ""})
        plt.close(figure)
