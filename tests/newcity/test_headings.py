"""Columns found by their headings in other languages, those that are left out, and rows of sums."""

from __future__ import annotations

import json

import pandas as pd
import pyproj
import pytest
import yaml

from helpers.cities import load_city
from helpers.cli import main
from helpers.newcity import Choices, NewCityError, Said, make_draft
from helpers.newcity.extras import Made
from helpers.newcity.folder import card_text, write_city
from helpers.newcity.posts import points_layer

from .exports import frame

METRES = pyproj.CRS.from_epsg(3763)


def posts(tmp_path, text, said=None, what="stations"):
    path = tmp_path / "posts.csv"
    path.write_text(text, encoding="utf-8")
    made = points_layer(path, what, METRES, tmp_path, said)
    (tmp_path / "made.csv").write_text(made.text, encoding="utf-8")
    return pd.read_csv(tmp_path / "made.csv"), made.facts[0]


@pytest.mark.parametrize(
    ("name", "officers", "x", "y"),
    [
        ("Station name", "Sworn officers", "Longitude", "Latitude"),
        ("Esquadra", "N.º de efetivos", "Long", "Lat"),
        ("Cuartel", "Efectivos asignados", "lon", "lat"),
        ("Commissariat", "Effectif (effectifs)", "longitude", "latitude"),
        ("Polizeirevier", "Anzahl Beamte", "lon", "lat"),
    ],
)
def test_stations_keep_their_names_and_officers(tmp_path, name, officers, x, y):
    text = f"Rua;{name};Tel. staff;{officers};{x};{y}\nA 1;Norte;961;42;-8.42;41.55\nA 1;Sul;962;31;-8.43;41.54\n"
    table, fact = posts(tmp_path, text)
    assert table["station"].tolist() == ["Norte", "Sul"]
    assert table["officers"].tolist() == [42, 31]
    assert f"officers by {officers} (73 in all)" in fact
    assert fact.endswith("left out: Rua, Tel. staff")


def test_a_heading_that_nobody_knows_names_by_its_words(tmp_path):
    text = "Num;Sitio;lon;lat\n1;Plaza Mayor;-8.42;41.55\n2;Campo Novo;-8.43;41.54\n"
    assert posts(tmp_path, text)[0]["station"].tolist() == ["Plaza Mayor", "Campo Novo"]


def test_portuguese_metres_of_posts_and_flags_for_other_columns(tmp_path):
    text = "Esquadra;Coord. M;Coord. P\nA;-24400,5;209300,2\nB;-25300,1;208700,9\n"
    table, _ = posts(tmp_path, text)
    assert table["x"].tolist() == [-24400.5, -25300.1]
    text = text.replace("Coord. M", "abc").replace("Coord. P", "def")
    with pytest.raises(NewCityError, match=r"attach CITY stations FILE --x COLUMN --y COLUMN"):
        posts(tmp_path, text)
    table, _ = posts(tmp_path, text, Said(x="abc", y="DEF", crs="EPSG:3763"))
    assert table["y"].tolist() == [209300.2, 208700.9]
    with pytest.raises(NewCityError, match=r"no column 'abd' for --x; did you mean 'abc'\?"):
        posts(tmp_path, text, Said(x="abd", y="def"))


def test_an_option_of_another_command_is_no_suggestion_of_itself(capsys):
    with pytest.raises(SystemExit):
        main(["attach", "town", "stations", "s.csv", "--zone", "a"])
    said = capsys.readouterr().err
    assert "attach has no option '--zone'" in said and "mean '--zone'" not in said
    assert "python3 run_all.py attach --help" in said
    with pytest.raises(SystemExit):
        main(["check-city", "town", "--count", "a"])
    assert "check-city has no option '--count'; new-city has it." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["run", "--cty", "leeds"])
    assert "run has no option '--cty'; did you mean '--city'?" in capsys.readouterr().err


def test_an_option_that_says_nothing_of_the_layer(capsys):
    assert main(["attach", "town", "zones", "z.geojson", "--x", "lon"]) == 2
    assert "--x says nothing of zones" in capsys.readouterr().err


def grid(path, codes):
    features = [
        {
            "type": "Feature",
            "properties": {"COD": code, "POB": 100 + k, "Barrio": f"Barrio {k}"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[k, 40], [k + 1, 40], [k + 1, 41], [k, 41], [k, 40]]],
            },
        }
        for k, code in enumerate(codes)
    ]
    for feature in features:
        for place in feature["geometry"]["coordinates"][0]:
            place[0] = -3.75 + 0.01 * place[0]
            place[1] = 40.38 + 0.01 * (place[1] - 40)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def test_a_row_of_totals_is_set_aside_as_such(tmp_path):
    codes = ["00101", "00102", "00103"]
    grid(tmp_path / "z.geojson", codes)
    rows = [f"{int(c)};2022;{m};Hurto;{m}" for c in codes for m in range(1, 13)]
    text = "\n".join(
        ["Sección;Año;Mes;Tipología;Hechos", *rows, "TOTAL;2022;;;99999", "99999;2022;3;Hurto;4"]
    )
    (tmp_path / "t.csv").write_text(text + "\n")
    choices = Choices("t", tmp_path / "t.csv", zones=tmp_path / "z.geojson", key="COD")
    draft = make_draft(choices, tmp_path)
    assert draft.reasons() == {"total": 1, "unknown_zone": 1}
    assert draft.zones is not None and draft.zones.table["events"].sum() == 3 * 78
    told = [fact for fact in draft.facts if "TOTAL" in fact]
    assert not any("no kind" in fact for fact in draft.facts)
    assert draft.rows == draft.usable + 2
    assert told == [
        "1 row(s) add up the other zones: set aside (t.csv, row 38: 'TOTAL')",
    ]
    (time,) = (fact for fact in draft.facts if fact.startswith("time:"))
    assert "day before month" not in time


def test_portuguese_numbers_and_metres_of_crimes(tmp_path):
    rows = [
        f"{k + 1}/2023;0{1 + k % 9}-05-2023;{-24000 - k},5;{209300 + 2 * k},1" for k in range(40)
    ]
    text = "\n".join(["N.º Ocorrência;Data da ocorrência;Coord. M;Coord. P", *rows])
    (tmp_path / "o.csv").write_text(text + "\n", encoding="utf-8")
    draft = make_draft(Choices("t", tmp_path / "o.csv", crs="3763", order="dmy"), tmp_path)
    assert draft.roles.ids == ["N.º Ocorrência"]
    assert (draft.roles.x, draft.roles.y) == ("Coord. M", "Coord. P")
    assert any("no column of kinds" in question.text for question in draft.questions)
    assert not any("for every row" in fact for fact in draft.facts)


def test_what_is_left_out_is_named_and_zones_keep_their_numbers(tmp_path):
    codes = ["00101", "00102", "00103"]
    grid(tmp_path / "z.geojson", codes)
    rows = [f"{int(c)};Hurto;calle {c};3" for c in codes * 20]
    (tmp_path / "t.csv").write_text("\n".join(["Sección;Tipología;Vía;Hechos", *rows]) + "\n")
    choices = Choices("t", tmp_path / "t.csv", zones=tmp_path / "z.geojson", key="COD")
    draft = make_draft(choices, tmp_path)
    assert "left out: Vía" in draft.facts
    assert draft.zones is not None and draft.zones.others == ["POB"]
    assert draft.zones.table["name"].tolist() == ["Barrio 0", "Barrio 1", "Barrio 2"]
    folder = tmp_path / "town"
    write_city(folder, draft, {}, [])
    card = folder / "city.yml"
    text = card.read_text("utf-8")
    line = '      # "POB": {column: "POB", label: "POB", unit: ""}\n'
    assert line in text and "POB" not in load_city(folder).fields()
    card.write_text(text.replace(line, line.replace("# ", "")), encoding="utf-8")
    town = load_city(folder)
    assert town.layer("zones")["POB"].tolist() == [100, 101, 102]


def test_given_stations_are_the_posts_of_today(tmp_path):
    frame().to_csv(tmp_path / "crimes.csv", index=False)
    draft = make_draft(Choices("t", tmp_path / "crimes.csv"), tmp_path)
    text = card_text("t", draft, {})
    assert "# stations.csv holds its header alone" in text
    assert yaml.safe_load(text).get("policy") is None
    assert "# policy: {posts: stations" in text
    one = Made("station,x,y\nA,440000,4474000\n", "    file: stations.csv\n", [], [])
    stated = yaml.safe_load(card_text("t", draft, {"stations": one}))
    assert stated["policy"]["posts"] == "stations"
    assert stated["layers"]["stations"]["status"] == "approximate"
    stated = yaml.safe_load(card_text("t", draft, {"stations": one, "patrols": one}))
    assert stated["policy"]["posts"] == "patrols"
    assert "status" not in stated["layers"]["stations"]


def test_attached_stations_are_the_posts_of_today(tmp_path, capsys):
    frame().to_csv(tmp_path / "crimes.csv", index=False)
    folder = tmp_path / "town"
    write_city(folder, make_draft(Choices("t", tmp_path / "crimes.csv"), tmp_path), {}, [])
    (tmp_path / "s.csv").write_text("Comisaría;a;b\nNorte;440000;4474000\n", encoding="utf-8")
    flags = ["--x", "a", "--y", "b", "--crs", "EPSG:25830"]
    assert main(["attach", str(folder), "stations", str(tmp_path / "s.csv"), *flags]) == 0
    said = capsys.readouterr().out
    assert "section 16 compares its plans with the stations" in said
    assert "sections that run now and did not before: 14" in said
    assert not any(not line.strip() for line in said.splitlines())
    town = load_city(folder)
    assert town.policy is not None and town.policy.posts == "stations"
    assert town.status("stations") == "approximate"
    assert "holds its header alone" not in (folder / "city.yml").read_text("utf-8")
    assert main(["attach", str(folder), "stations", str(tmp_path / "s.csv"), *flags]) == 0
    assert "no section runs that did not run before" in capsys.readouterr().out
    assert load_city(folder).status("stations") == "approximate"
    for layer, what in (("boundary", "this is the boundary"), ("zones", "these are the zones")):
        grid(tmp_path / "far.geojson", ["a", "b"])
        text = (tmp_path / "far.geojson").read_text().replace("-3.7", "103.7")
        (tmp_path / "far.geojson").write_text(text)
        assert main(["attach", str(folder), layer, str(tmp_path / "far.geojson")]) == 2
        said = capsys.readouterr().err
        assert f"{what} of another city" in said and "103.7" in said
        assert "stays as it was" in said
