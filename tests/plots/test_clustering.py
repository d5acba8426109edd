"""Figures of clustering: what is drawn is what the tables hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.colors import to_hex

from helpers import plots

R = np.linspace(0, 2000, 21)
WINDOW = shapely.box(0, 0, 4000, 2000)
NAMES = ["$x_1$ & $y$", "_under", "<b>Bold</b>", "Four"]


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def lines(ax) -> dict[str, np.ndarray]:
    return {line.get_label(): line.get_ydata() for line in ax.get_lines()}


def departure() -> pd.DataFrame:
    return pd.DataFrame({"r": R, "every event": R / 10, "low": -R / 20, "high": R / 20})


def test_g_is_drawn_over_metres_with_its_corrections_apart():
    g = 1 - np.exp(-R / 200)
    table = pd.DataFrame({"r": R, "theory": g / 2, "raw": g, "border": g, "km": g, "hanisch": g})
    apart = pd.DataFrame({"r": R, "border": 0.01 * g, "hanisch": -0.02 * g})
    figure = plots.function_beside_csr("G", table, departure(), apart)
    left, middle, right = figure.axes
    assert list(lines(left)) == ["Kaplan-Meier", "CSR"]
    assert list(lines(middle)) == ["every event", "CSR"]
    assert list(lines(right)) == ["border", "Hanisch", "Kaplan-Meier"]
    assert lines(right)["Hanisch"][-1] == pytest.approx(-0.02 * g[-1])
    assert (left.get_xlabel(), left.get_ylabel()) == ("distance r, m", "G(r)")
    assert middle.get_ylabel() == "G(r) − CSR"
    # to where G and its randomness reach 99 in 100
    assert left.get_xlim()[1] == R[g < 0.99].max()


def test_where_a_curve_leaves_its_envelope_beyond_the_axis_is_said():
    """The axis ends where G is nearly 1; a claim may rest on what comes after."""
    g = 1 - np.exp(-R / 100)
    table = pd.DataFrame({"r": R, "theory": g, "km": g, "border": g})
    inside = pd.DataFrame({"r": R, "low": -0.1, "high": 0.1, "places": 0.0, "every": 1.0})
    apart = pd.DataFrame({"r": R, "border": 0 * g})
    longest = R[g < 0.99].max()
    for where, value, said in (
        (R[-1] == R, -0.2, [f"below to {R[-1]:,.0f} m →"]),
        (R[-2] == R, 0.2, [f"above to {R[-2]:,.0f} m →"]),
        (longest == R, 0.2, []),
    ):
        moved = inside.assign(places=np.where(where, value, 0.0))
        middle = plots.function_beside_csr("G", table, moved, apart).axes[1]
        assert [text.get_text() for text in middle.texts] == said


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("shape", ["bump", "falls", "wiggles", "wide"])
@pytest.mark.parametrize("outside", [1, -1])
def test_what_is_said_of_the_curve_stands_over_no_curve(side, shape, outside):
    """Beside the end of the axis, on the side on which the curve is outside."""
    r = np.linspace(0, 2000, 401)
    g = 1 - np.exp(-r / 100)
    longest = r[g < 0.99].max()
    curve = {
        "bump": np.exp(-(((r - 150) / 80) ** 2)),
        "falls": r / 500 * np.exp(-r / 900),
        "wiggles": np.sin(r / 40),
        "wide": np.tanh(r / 100),
    }[shape] * side  # fmt: skip
    curve = np.where(r > longest, outside * 0.2, curve)
    table = pd.DataFrame({"r": r, "theory": g, "km": g, "border": g})
    other = np.exp(-r / 60)
    gone = pd.DataFrame({"r": r, "low": -0.01, "high": 0.01, "places": curve, "every": other})
    gone.loc[r <= longest, ["low", "high"]] = [-1.5, 1.5]
    gone.loc[r <= longest, ["low", "high"]] *= 0.1 + r[r <= longest, None] / longest
    figure = plots.function_beside_csr("G", table, gone, pd.DataFrame({"r": r, "border": 0 * g}))
    figure.canvas.draw()
    middle = figure.axes[1]
    (text,) = [t for t in middle.texts if "→" in t.get_text()]
    box, frame = text.get_window_extent(), middle.get_window_extent()
    assert frame.x0 < box.x0 and box.x1 <= frame.x1 and frame.y0 < box.y0 and box.y1 < frame.y1
    drawn = [line.get_xydata() for line in middle.get_lines()]
    drawn += [gone[["r", edge]].to_numpy() for edge in ("low", "high")]
    for line in drawn:
        seen = middle.transData.transform(line[line[:, 0] <= longest])
        over = seen[seen[:, 0] >= box.x0, 1]
        assert (over > box.y1).all() if outside < 0 else (over < box.y0).all()


def test_k_is_drawn_in_square_kilometres():
    k = np.pi * R**2
    columns = {"none": k, "border": k, "translation": k, "isotropic": 2 * k}
    table = pd.DataFrame({"r": R, "theory": k, **columns})
    apart = pd.DataFrame({"r": R, "border": -R / 9, "translation": R / 9})
    left, middle, right = plots.function_beside_csr("K", table, departure(), apart).axes
    assert list(lines(left)) == ["isotropic", "CSR"]
    assert list(lines(right)) == ["translation", "border", "isotropic"]
    assert lines(left)["isotropic"][-1] == pytest.approx(2 * np.pi * 4)
    assert left.get_lines()[0].get_xdata()[-1] == 2
    assert (left.get_ylabel(), middle.get_ylabel()) == ("K(r), km²", "L(r) − r, m")


@pytest.mark.parametrize(
    ("name", "label", "last"), [("G", "G(r)", 3000), ("L", "L(r) − r, m", 1000)]
)
def test_each_kind_has_a_panel(name, label, last):
    table = pd.DataFrame({"r": R, "observed": 1.5 * R, "theory": R})
    table = table.assign(global_low=0.9 * R, global_high=1.1 * R)
    figure = plots.functions_by_kind(dict.fromkeys(NAMES, table), dict.fromkeys(NAMES, 1234), name)
    visible = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title(loc="left") for ax in visible] == [
        f"{kind}\n1,234 events" for kind in NAMES
    ]
    assert lines(visible[0])["observed"][-1] == last
    assert [ax.get_ylabel() for ax in visible] == [label, "", "", label]
    assert [ax.get_xlabel() for ax in visible] == ["", "", "", "distance r, m"]


def test_shared_places_are_drawn_where_there_are_some():
    table = pd.DataFrame({"r": R, "km": R / 2000, "theory": R / 4000})
    tables = {"as published": table, "moved": table}
    assert len(plots.ties_chart(tables).axes) == 1
    figure = plots.ties_chart(tables, pd.Series([50, 7], index=[1, 2]))
    assert figure.axes[1].get_lines()[0].get_xydata().tolist() == [[1, 50], [2, 7]]
    assert list(lines(figure.axes[0])) == ["as published", "moved", "CSR of as many points"]
    assert lines(figure.axes[0])["moved"][-1] == pytest.approx(2000 / 2000 - 2000 / 4000)


def test_the_true_radius_is_drawn_where_it_is_known():
    table = pd.DataFrame({"r": R, "estimate": R / 10})
    radii = np.array([400.0, 500.0, 600.0])
    labels = [
        [
            line.get_label()
            for line in plots.fits_chart(table, radii, 510, (400, 600), true).axes[1].get_lines()
        ]
        for true in (None, 507.0)
    ]
    assert labels == [
        ["refitted R", "fitted R", "median of the refits"],
        ["refitted R", "fitted R", "median of the refits", "true R"],
    ]
    without = plots.fits_chart(table, np.array([]), np.nan, (np.nan, np.nan))
    assert len(without.axes) == 1


def test_cluster_maps_count_the_clusters_of_their_kind():
    points = {kind: np.array([[100.0, 100], [110, 100], [110, 110], [900, 900]]) for kind in NAMES}
    labels = dict.fromkeys(NAMES, np.array([0, 0, 0, -1]))
    hull = shapely.MultiPoint(points["Four"][:3]).convex_hull
    clusters = gpd.GeoDataFrame({"kind": NAMES[1:]}, geometry=[hull] * 3)
    labels[NAMES[0]] = np.full(4, -1)
    figure = plots.cluster_maps(points, labels, clusters, WINDOW)
    visible = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title(loc="left") for ax in visible] == [
        f"{kind}: {number}" for kind, number in zip(NAMES, [0, 1, 1, 1], strict=True)
    ]
    alone = plots.cluster_maps({"Four": points["Four"]}, labels, clusters, WINDOW)
    sizes = [
        {line.get_markersize() for line in each.axes[0].lines if line.get_marker() == "o"}
        for each in (figure, alone)
    ]
    assert sizes == [{1.2}, {2.4}]


def test_random_points_are_dashed_and_black():
    index = pd.Index(["Theft"] * 2 + ["random points"] * 2, name="kind")
    table = pd.DataFrame(
        {"ratio": [0.1, 1, 0.1, 1], "largest": [0.2, 0.8, 0, 1], "clusters": [9, 2, 40, 1]}, index
    )
    own = pd.DataFrame({"ratio": [3], "largest": [0.9], "clusters": [1]}, ["Theft"])
    figure = plots.merging_chart(table, "random points", own)
    theft, mark, random, _ = figure.axes[0].get_lines()
    assert mark.get_xydata().tolist() == [[3, 0.9]]
    assert theft.get_ydata().tolist() == [0.2, 0.8]
    assert random.get_ydata().tolist() == [0, 1]
    assert (random.get_linestyle(), to_hex(random.get_color())) == ("--", plots.INK)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["Theft", "random points"]
