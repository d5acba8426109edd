"""Layouts of further sources, each small: what is read from them, and what counts by zone."""

from __future__ import annotations

import io
import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import load_city
from helpers.cli import main
from helpers.newcity import cells, points, times
from helpers.newcity.spread import guess_spread, is_period

from . import exports
from .test_own_exports import write_ods


def city(tmp_path, data, name, *flags):
    source = tmp_path / name
    source.write_bytes(data if isinstance(data, bytes) else data.encode())
    target = tmp_path / "town"
    words = ["new-city", "town", "--events", str(source), "--folder", str(target), "--yes"]
    assert main([*words, *flags]) == 0
    return load_city(target)


def zones(tmp_path, codes, key="code"):
    shapes = [shapely.box(9 + 0.02 * k, 53, 9.02 + 0.02 * k, 53.02) for k in range(len(codes))]
    path = tmp_path / "zones.geojson"
    gpd.GeoDataFrame({key: codes}, geometry=shapes, crs=4326).to_file(path)
    return "--zones", str(path), "--key", key


def counted(town):
    return town.layer("zones").set_index("zone")["events"].to_dict()


def base(count=120, lon=-3.7, lat=40.42):
    table = exports.frame(count, lon, lat)
    return table.assign(moment=exports.moments(count))


# ---- places -----------------------------------------------------------------------------------


def test_pairs_in_one_column_are_latitude_and_longitude(tmp_path):
    table = base()
    table["where"] = [f"({a}, {b})" for a, b in zip(table.lat, table.lon, strict=True)]
    town = city(tmp_path, table[["offence", "when", "where"]].to_csv(index=False), "a.csv")
    mean = town.layer("events").to_crs(4326).get_coordinates().mean()
    assert np.allclose(mean, table[["lon", "lat"]].mean(), atol=1e-5)


@pytest.mark.parametrize(
    ("text", "x", "y"),
    [
        ("POINT Z (-3.7 40.4 12)", -3.7, 40.4),
        ("SRID=4326;POINT(-3.7 40.4)", -3.7, 40.4),
        (shapely.to_wkb(shapely.Point(-3.7, 40.4), hex=True), -3.7, 40.4),
        ('{"type": "Point", "coordinates": [-3.7, 40.4]}', -3.7, 40.4),
        ("{'latitude': '40.4', 'longitude': '-3.7'}", -3.7, 40.4),
        ('["{}", "40.4", "-3.7", null, false]', -3.7, 40.4),
        ("1 EXAMPLE ST\nTOWN, TX\n(40.4, -3.7)", -3.7, 40.4),
        ("[-3.7, 40.4]", -3.7, 40.4),
    ],
)
def test_texts_of_places(text, x, y):
    assert points.split_point(pd.Series([text]))[0][0] == pytest.approx(x)
    assert points.split_point(pd.Series([text]))[1][0] == pytest.approx(y)


def test_a_name_or_a_number_tells_that_longitude_is_first():
    pair = pd.Series(["-3.7, 40.4"])
    assert points.split_point(pair, "lon_lat")[0][0] == -3.7
    assert points.split_point(pd.Series(["-118.2, 34.1"]))[0][0] == -118.2


def test_degrees_minutes_seconds(tmp_path):
    table = base(lat=-12.09, lon=-77.02)

    def shown(value, side):
        whole = abs(value)
        return f"{int(whole)}°{int(whole * 60 % 60):02d}'{whole * 3600 % 60:06.3f}\"{side}"

    mean = table[["lon", "lat"]].mean()
    table["lat"] = [shown(v, "S") for v in table.lat]
    table["lon"] = [shown(v, "O") for v in table.lon]
    town = city(tmp_path, table.drop(columns="moment").to_csv(index=False), "a.csv")
    found = town.layer("events").to_crs(4326).get_coordinates().mean()
    assert np.allclose(found, mean, atol=1e-5)
    assert np.isnan(cells.numbers(pd.Series(["12°75'00\"S"]))[0][0])


def test_degrees_win_over_metres_that_no_file_names(tmp_path):
    table, metres = base(), exports.points(120, -3.7, 40.42, "EPSG:3857")
    table = table.rename(columns={"lon": "LONG_WGS84", "lat": "LAT_WGS84"})
    table.insert(0, "Y", metres[:, 1])
    table.insert(0, "X", metres[:, 0])
    assert len(city(tmp_path, table.to_csv(index=False), "a.csv").layer("events")) == 120
    table["Location"] = [
        f"POINT ({a} {b})" for a, b in zip(table.LONG_WGS84, table.LAT_WGS84, strict=True)
    ]
    table = table.drop(columns=["LONG_WGS84", "LAT_WGS84"])
    (tmp_path / "town").rename(tmp_path / "before")
    assert len(city(tmp_path, table.to_csv(index=False), "a.csv").layer("events")) == 120


def test_a_boundary_picks_the_city_out_of_the_file_of_a_country(tmp_path):
    table = pd.concat([base(60, lon, 40.0) for lon in (-3.7, 0.5, 5.0, 9.0)])
    path = tmp_path / "b.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(-4.2, 39.5, -3.2, 40.5)], crs=4326).to_file(path)
    town = city(tmp_path, table.to_csv(index=False), "a.csv", "--boundary", str(path))
    assert len(town.layer("events")) == 60


def test_records_inside_records(tmp_path):
    lines = [
        json.dumps({
            "ref": k, "offence": {"type": row.offence}, "occurred_at": f"{row.moment:%Y-%m-%dT%H:%M:%S}+11:00",
            "place": {"latitude": str(row.lat), "longitude": str(row.lon)},
        })
        for k, row in enumerate(base().itertuples())
    ]  # fmt: skip
    events = city(tmp_path, "\n".join(lines), "a.jsonl").layer("events")
    assert set(events["kind"]) == {"Theft", "Assault", "Burglary"}
    assert (events["time"].to_numpy() == exports.moments(120).floor("h").to_numpy()).all()


def test_kml_and_binary_geometry(tmp_path):
    table = base(60)
    marks = "".join(
        f"<Placemark><ExtendedData><SchemaData schemaUrl='#s'><SimpleData name='CATEGORY'>{r.offence}</SimpleData>"
        f"<SimpleData name='INCIDENT_DATE'>{r.when}</SimpleData></SchemaData></ExtendedData>"
        f"<Point><coordinates>{r.lon},{r.lat}</coordinates></Point></Placemark>"
        for r in table.itertuples()
    )
    text = (
        "<?xml version='1.0' encoding='UTF-8'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document>"
        "<Schema name='s' id='s'><SimpleField name='CATEGORY' type='string'/>"
        f"<SimpleField name='INCIDENT_DATE' type='string'/></Schema>{marks}</Document></kml>"
    )
    assert len(city(tmp_path, text, "a.kml").layer("events")) == 60
    (tmp_path / "town").rename(tmp_path / "before")
    shapes = [shapely.to_wkb(p) for p in shapely.points(table.lon, table.lat)]
    data = io.BytesIO()
    table[["offence", "moment"]].assign(geometry=shapes).to_parquet(data)
    assert len(city(tmp_path, data.getvalue(), "a.parquet").layer("events")) == 60


# ---- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("01/15/2022 11:30 PM EST", "2022-01-15 23:30"),
        ("Sat Jan 15 23:30:00 CST 2022", "2022-01-15 23:30"),
        ("01/15/2022 23:30 - 01/16/2022 02:00", "2022-01-15 23:30"),
        ("01/15/2022 23:30 - 23:50", "2022-01-15 23:30"),
        ("2022-W02-6", "2022-01-15"),
        ("15 gener 2022", "2022-01-15"),
        ("Jan 15 2022 11:30PM", "2022-01-15 23:30"),
        ("/Date(1642289400000)/", "2022-01-15 23:30"),
    ],
)
def test_forms_of_time(text, moment):
    assert times.read_times(pd.Series([text])).values[0] == np.datetime64(moment)


def test_months_of_two_digits_and_weeks_name_no_day():
    for text, month in (("ene-22", "2022-01"), ("mar '22", "2022-03"), ("2022-W03", "2022-01")):
        found = times.read_times(pd.Series([text]))
        assert found.monthly[0]
        assert found.values[0].astype("datetime64[M]") == np.datetime64(month)


@pytest.mark.parametrize(
    ("texts", "hours"),
    [
        (["6 PM", "11 AM"], [18, 11]),
        (["18h", "5h"], [18, 5]),
        (["1830 hrs", "0500 hrs"], [18.5, 5]),
        (["18:00 a 18:59", "05:00 a 05:59"], [18, 5]),
        (["18-19 hs", "23-00 hs"], [18, 23]),
        (["18", "5", "7", "23", "99"], [18, 5, 7, 23, np.nan]),
        (["18:00 a 23:59", "06:00 a 11:59"], [np.nan, np.nan]),  # quarters of a day are no hours
    ],
)
def test_forms_of_clocks(texts, hours):
    found = times.read_clock(pd.Series(texts))[0] / 3600
    assert np.array_equal(found, hours, equal_nan=True)


def test_a_number_of_the_incident_is_no_time(tmp_path):
    table = base().drop(columns="when")
    table.insert(0, "IncidentNum", np.arange(len(table)) + 224_500_000)
    table["ReportedDateTime"] = table.pop("moment").dt.strftime("%Y-%m-%d %H:%M:%S")
    events = city(tmp_path, table.to_csv(index=False), "a.csv").layer("events")
    assert (events["time"].to_numpy() == exports.moments(120).floor("h").to_numpy()).all()


def test_parts_in_compound_words_and_a_year_that_no_name_tells(tmp_path):
    table, when = base(), exports.moments(120)
    german = table[["offence", "lon", "lat"]].assign(
        Tatjahr=when.year, Tatmonat=when.month, Tatwochentag="aw1", Tatstunde=when.hour
    )
    town = city(tmp_path, german.to_csv(index=False), "a.csv")
    assert town.card.layers.events.time_precision == "month"
    (tmp_path / "town").rename(tmp_path / "before")
    catalan = table[["offence", "lon", "lat"]].assign(
        NK_Any=when.year, Mes_any=when.month, Nom_mes="Gener", Dia_mes=when.day, Hora_dia=when.hour
    )
    events = city(tmp_path, catalan.to_csv(index=False), "b.csv").layer("events")
    assert (events["time"].to_numpy() == when.floor("h").to_numpy()).all()


def layer(table, **properties):
    names = list(properties)
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
         "properties": {"offence": row.offence, **dict(zip(names, values, strict=True))}}
        for row, *values in zip(table.itertuples(), *properties.values(), strict=True)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_a_date_that_is_midnight_elsewhere_joins_its_hour(tmp_path):
    table, when = base(lon=151.2, lat=-33.87), exports.moments(120)
    local = when.normalize().tz_localize("Australia/Sydney")
    stamps = [int(moment.timestamp() * 1000) for moment in local]
    data = layer(table, occ_date=stamps, occ_hour=[int(hour) for hour in when.hour])
    events = city(tmp_path, data, "a.geojson").layer("events")
    assert (events["time"].to_numpy() == when.floor("h").to_numpy()).all()


def test_midnights_in_universal_time_are_dates(tmp_path):
    table, when = base(lon=-70.6, lat=-33.4), exports.moments(120)
    town = city(tmp_path, layer(table, occ_date=when.strftime("%Y-%m-%dT00:00:00Z")), "a.geojson")
    assert town.card.layers.events.time_precision == "day"
    assert (town.layer("events")["time"].to_numpy() == when.normalize().to_numpy()).all()


@pytest.mark.parametrize("hour", ["%H%M", "%H:%M", "%-I:%M %p"])
def test_parts_of_a_date_join_a_clock(tmp_path, hour):
    table, when = base(), exports.moments(120)
    table = table[["offence", "lon", "lat"]].assign(
        YEAR=when.year, MONTH=when.strftime("%b"), DAY=when.day, TIME=when.strftime(hour)
    )
    events = city(tmp_path, table.to_csv(index=False), "a.csv").layer("events")
    assert (events["time"].to_numpy() == when.floor("h").to_numpy()).all()


def test_the_hour_of_the_report_is_not_the_hour_of_the_crime(tmp_path):
    table, when = base(), exports.moments(120)
    table = table[["offence", "lon", "lat"]].assign(
        OCC_YEAR=when.year, OCC_MONTH=when.month, OCC_DAY=when.day, REPORT_HOUR=when.minute % 24
    )
    town = city(tmp_path, table.to_csv(index=False), "a.csv")
    assert town.card.layers.events.time_precision == "day"


# ---- kinds and tables -------------------------------------------------------------------------


def test_cells_tell_the_kind_where_no_name_does(tmp_path):
    table = base().rename(columns={"offence": "text_general_code"})
    table["group"] = np.random.default_rng(1).choice(["north", "south"], len(table))
    events = city(tmp_path, table.to_csv(index=False), "a.csv").layer("events")
    assert set(events["kind"]) == {"Theft", "Assault", "Burglary"}


def test_kinds_marked_in_columns(tmp_path):
    table = base()
    for kind in ("Theft", "Assault", "Burglary", "Arson"):
        table[kind] = (table["offence"] == kind).astype(int)
    data = table.drop(columns="offence").to_csv(index=False)
    events = city(tmp_path, data, "a.csv").layer("events")
    assert (events["kind"].to_numpy() == table["offence"].to_numpy()).all()


def test_the_crimes_are_not_the_largest_layer(tmp_path):
    table, rng = base(100), np.random.default_rng(1)
    lamps = pd.DataFrame({"asset": range(1500), "lamp_type": rng.choice(["LED", "HPS"], 1500),
                          "installed": "2015-06-01"})  # fmt: skip
    path = tmp_path / "all.gpkg"
    where = gpd.points_from_xy(rng.normal(-3.7, 0.1, 1500), rng.normal(40.4, 0.1, 1500))
    gpd.GeoDataFrame(lamps, geometry=where, crs=4326).to_file(path, layer="street_lights")
    crimes = table[["moment"]].assign(anzsoc_division=table["offence"])
    crimes = crimes.rename(columns={"moment": "occurred_from"})
    where = gpd.points_from_xy(table.lon, table.lat)
    gpd.GeoDataFrame(crimes, geometry=where, crs=4326).to_file(path, layer="victimisations")
    assert len(city(tmp_path, path.read_bytes(), "a.gpkg").layer("events")) == 100


@pytest.mark.parametrize(
    "head",
    [
        "Hecho,,,Lugar,\nFolio,Delito,Fecha,Longitud,Latitud\n",  # merged cells above
        "No.,Offence,Date,Easting lon,Northing lat\n編號,罪行,日期,東,北\n",  # the same in two languages
    ],
)
def test_headers_of_two_rows(tmp_path, head):
    body = base()[["offence", "when", "lon", "lat"]].to_csv(header=False)
    town = city(tmp_path, f"Registro\n{head}{body}", "a.csv")
    assert len(town.layer("events")) == 120
    assert len(pd.read_csv(town.folder / "rejected.csv")) == 0


def test_files_whose_headers_are_written_differently_are_one_export(tmp_path):
    table = base()[["offence", "when", "lon", "lat"]].rename(columns={"when": "fecha_hecho"})
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("2021.csv", table[:60].to_csv(index=False))
        later = table[60:].rename(columns=lambda name: name.replace("_", " ").upper())
        archive.writestr("2022.csv", later.to_csv(index=False, sep=";"))
    assert len(city(tmp_path, data.getvalue(), "a.zip").layer("events")) == 120


# ---- counts by zone ---------------------------------------------------------------------------

CODES = ["01001", "01002", "75056"]
COUNTS = np.array([[3, 0, 5, 1], [2, 7, 0, 4], [1, 1, 1, 9]])


def test_months_in_columns(tmp_path):
    table = pd.DataFrame(COUNTS, columns=["Jan 2021", "Feb 2021", "Mar 2021", "Apr 2021"])
    table.insert(0, "Offence category", ["Theft", "Assault", "Theft"])
    table.insert(0, "LGA", CODES)
    town = city(tmp_path, table.to_csv(index=False), "a.csv", *zones(tmp_path, CODES))
    assert counted(town) == dict(zip(CODES, COUNTS.sum(axis=1), strict=True))
    assert {field.label for field in town.fields().values()} >= {"Theft", "Assault"}


def test_kinds_in_columns_without_their_totals(tmp_path):
    table = pd.DataFrame(COUNTS, columns=["hom_doloso", "latrocinio", "roubo_rua", "roubo_carga"])
    table.insert(2, "letalidade", table.hom_doloso + table.latrocinio)
    table["total_roubos"] = table.roubo_rua + table.roubo_carga
    table["registro_ocorrencias"] = COUNTS.sum(axis=1) + 5
    table.insert(0, "ano", 2022)
    table.insert(0, "CISP", [code.lstrip("0") for code in CODES])
    data = table.to_csv(index=False, sep=";")
    town = city(tmp_path, data, "a.csv", *zones(tmp_path, CODES))
    # the published number of all crimes holds those of kinds that have no column
    assert counted(town) == dict(zip(CODES, COUNTS.sum(axis=1) + 5, strict=True))
    card = (town.folder / "city.yml").read_text("utf-8")
    assert "letalidade, total_roubos" in card and "sums of other columns" in card
    labels = {field.label for field in town.fields().values()}
    assert "latrocinio" in labels and not labels & {"letalidade", "total_roubos", "ano"}


def test_a_total_of_kinds_that_overlap_and_sheets_of_rates(tmp_path):
    table = pd.DataFrame(COUNTS, columns=["Raub", "Straßenraub", "Diebstahl", "Fahrraddiebstahl"])
    table["Straßenraub"] = table["Raub"]
    table.insert(0, "Straftaten -insgesamt-", COUNTS.max(axis=1) + 1)
    table.insert(0, "LOR-Schlüssel", CODES)
    sheets = {"Titel": [["Atlas"]]}
    for name, factor in (("Fallzahlen_2022", 1), ("HZ_2022", 100)):
        rates = table.copy()
        rates.iloc[:, 1:] *= factor
        sheets[name] = [list(table.columns), *rates.to_numpy().tolist()]
    write_ods(tmp_path / "b.ods", sheets)
    town = city(tmp_path, (tmp_path / "b.ods").read_bytes(), "a.ods", *zones(tmp_path, CODES))
    assert counted(town) == dict(zip(CODES, COUNTS.max(axis=1) + 1, strict=True))


def test_years_below_groups_and_a_row_of_totals(tmp_path):
    lines = ["Fälle;;;;", "Stadtteil;Diebstahl;;Raub;", ";2021;2022;2021;2022"]
    lines += [";".join([code, *map(str, row)]) for code, row in zip(CODES, COUNTS, strict=True)]
    lines += ["Summe;" + ";".join(map(str, COUNTS.sum(axis=0))), "Quelle: LKA"]
    town = city(tmp_path, "\n".join(lines), "a.csv", *zones(tmp_path, CODES))
    assert counted(town) == dict(zip(CODES, COUNTS.sum(axis=1), strict=True))
    assert {field.label for field in town.fields().values()} >= {"Diebstahl", "Raub"}
    assert len(pd.read_csv(town.folder / "rejected.csv")) == 0


def test_suppressed_counts_and_a_kind_that_adds_up_the_others(tmp_path):
    rows = [
        (code, year, kind, n)
        for code, row in zip(CODES, COUNTS, strict=True)
        for year, (a, b) in ((2021, row[:2]), (2022, row[2:]))
        for kind, n in (("Total", a + b), ("Vols", a), ("Coups et blessures", b))
    ]
    table = pd.DataFrame(rows, columns=["CODGEO_2024", "annee", "indicateur", "nombre"]).astype(str)
    table.loc[len(table)] = [CODES[0], "2023", "Vols", "NA"]
    town = city(tmp_path, table.to_csv(index=False, sep=";"), "a.csv", *zones(tmp_path, CODES))
    assert counted(town) == dict(zip(CODES, COUNTS.sum(axis=1), strict=True))
    why = pd.read_csv(town.folder / "rejected.csv", keep_default_na=False)["reason"].value_counts()
    assert why["total"] == 6 and why["bad_count"] == 1


def test_a_kind_called_total_of_crimes_with_places_stays(tmp_path):
    table = base()
    table["offence"] = np.where(table["offence"] == "Theft", "Robo total", table["offence"])
    table["cantidad"] = 1
    assert len(city(tmp_path, table.to_csv(index=False), "a.csv").layer("events")) == 120


def test_polygons_that_carry_their_counts(tmp_path):
    shapes = [shapely.box(9 + 0.02 * k, 53, 9.02 + 0.02 * k, 53.02) for k in range(3)]
    table = gpd.GeoDataFrame(
        {"HOOD": CODES, "POPULATION_2022": [900, 800, 700]}, geometry=shapes, crs=4326
    )
    for k, name in enumerate(("ASSAULT_2021", "ASSAULT_2022", "ROBBERY_2021", "ROBBERY_2022")):
        table[name] = COUNTS[:, k]
        table[name.replace("_", "_RATE_")] = COUNTS[:, k] / 7.1
    town = city(tmp_path, table.to_json(), "a.geojson", "--key", "HOOD")
    assert counted(town) == dict(zip(CODES, COUNTS.sum(axis=1), strict=True))


def test_shift_jis_and_flags_for_what_no_word_tells(tmp_path):
    table = pd.DataFrame({"手口": ["自転車盗", "車上ねらい"] * 30, "コード": CODES * 20,
                          "発生年月日": "2022-03-01"})  # fmt: skip
    flags = ("--kind", "手口", "--time", "発生年月日", *zones(tmp_path, CODES))
    town = city(tmp_path, table.to_csv(index=False).encode("cp932"), "a.csv", *flags)
    assert counted(town) == dict.fromkeys(CODES, 20)
    assert {field.label for field in town.fields().values()} >= {"自転車盗", "車上ねらい"}


def test_names_of_zones_without_their_accents(tmp_path):
    table = pd.DataFrame({"Delito": ["ASALTO", "HURTO"] * 15, "Fecha": "2022-03-20",
                          "Cantón": ["SAN JOSÉ", "TIBÁS", "ESCAZÚ"] * 10})  # fmt: skip
    names = ["San Jose", "Tibas", "Escazu"]
    data = table.to_csv(index=False).encode("latin-1")
    assert counted(city(tmp_path, data, "a.csv", *zones(tmp_path, names))) == dict.fromkeys(
        names, 10
    )


def test_a_year_for_all_rows_is_a_time(tmp_path):
    town = city(
        tmp_path, base()[["offence", "lon", "lat"]].to_csv(index=False), "a.csv", "--time", "=2020"
    )
    assert town.card.layers.events.time_precision == "month"


def test_periods():
    for name in ("Jan 2021", "2015-2016", "202203", "marzo", "2022", "03/2022", "2015/16"):
        assert is_period(name)
    for name in ("Diebstahl 2021", "HOOD_158", "12", "Mayor", "2022 x"):
        assert not is_period(name)
    table = pd.DataFrame(
        {"zone": ["a", "b"], "POPULATION_2021": ["5", "6"], "rate_2021": ["1", "2"]}
    )
    assert guess_spread(table, set(), "") is None
