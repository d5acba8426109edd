"""Rows in = rows used + rows set aside by reason; times of several columns; counts; remote places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import CityError, load_city
from helpers.cities.aside import Aside
from helpers.cities.places import points_at
from helpers.sources import read_table

CARD = """\
title: Rows
country: Nowhere
crs: EPSG:27700
licence: CC0
source_line: made for a test
layers:
  events:
    file: events.csv
    columns: COLUMNS
    time_precision: PRECISION
REST"""


def town(tmp_path, table, columns, precision="hour", rest="", more=""):
    """A city of one table of text; `rest` are keys of the events, `more` other layers."""
    folder = tmp_path / "rows"
    folder.mkdir(exist_ok=True)
    if isinstance(table, str):
        (folder / "events.csv").write_text(table)
    else:
        table.to_csv(folder / "events.csv", index=False)
    card = CARD.replace("COLUMNS", columns).replace("PRECISION", precision)
    (folder / "city.yml").write_text(card.replace("REST", rest) + more)
    return load_city(folder)


def table(**columns):
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"kind": "Theft", "x": 430100, "y": 430200, **columns}, index=range(count))


def times_of(city):
    return city.layer("events")["time"].dt.strftime("%Y-%m-%d %H").tolist()


def test_hhmm_without_zeros(tmp_path):
    given = table(DATE=["2020-03-07"] * 4, HOUR=["5", "700", "1830", "0"])
    assert times_of(town(tmp_path, given, "{time: [DATE, HOUR]}")) == [
        "2020-03-07 00", "2020-03-07 07", "2020-03-07 18", "2020-03-07 00",
    ]  # fmt: skip


def test_whole_hours_and_clocks(tmp_path):
    given = table(DATE=["2020-03-07"] * 3, HOUR=["5", "18", "0"])
    expected = ["2020-03-07 05", "2020-03-07 18", "2020-03-07 00"]
    assert times_of(town(tmp_path, given, "{time: [DATE, HOUR]}")) == expected
    given = table(DATE=["2020-03-07 00:00:00"] * 3, HOUR=["5:59", "18:00:30", "00:10"])
    given["HOUR"] = ["05:59", "18:00:30", "00:10"]
    assert times_of(town(tmp_path, given, "{time: [DATE, HOUR]}")) == expected


def test_a_format_of_joined_cells(tmp_path):
    given = table(DATE=["03/07/2020 12:00:00 AM"] * 3, HOUR=["5", "700", "1830"])
    form = '    time_format: "%m/%d/%Y 12:00:00 AM %H%M"\n'
    city = town(tmp_path, given, "{time: [DATE, HOUR]}", rest=form)
    assert times_of(city) == ["2020-03-07 00", "2020-03-07 07", "2020-03-07 18"]


def test_parts(tmp_path):
    given = table(Y=["2020", "2021.0"], M=["3", "12"], D=["7", "31"], H=["5", "23"])
    city = town(tmp_path, given, "{time: {year: Y, month: M, day: D, hour: H}}")
    assert times_of(city) == ["2020-03-07 05", "2021-12-31 23"]
    city = town(tmp_path, given, "{time: {year: Y, month: M}}", "month")
    assert times_of(city) == ["2020-03-01 00", "2021-12-01 00"]


@pytest.mark.parametrize(
    ("columns", "spoilt", "message"),
    [
        (
            "{time: [DATE, HOUR]}", {"HOUR": ["1200", "2561", "9"]},
            "rows/events.csv, row 3, column DATE + HOUR: '2020-03-07 25:61' is not a day with its "
            "hour; write it as 2016-07-31 17:45",
        ),
        (
            "{time: [DATE, HOUR]}", {"HOUR": ["1200", "", "9"]},
            "rows/events.csv, row 3, column DATE + HOUR: '2020-03-07' is not a day with its hour; "
            "write it as 2016-07-31 17:45",
        ),
        (
            "{time: {year: Y, month: M, day: D, hour: H}}", {"D": ["1", "31", "1"], "M": ["1", "2", "3"]},
            "rows/events.csv, row 3, column Y + M + D + H: '2020-02-31 10' is not a day with its hour; "
            "write it as 2016-07-31 17:45",
        ),
        (
            "{time: {year: Y, month: M, day: D}}", {},
            "rows/city.yml, line 7: layers.events: `time_precision` is hour, but `time` names no column "
            "of the hour; add `hour`, or state the true `time_precision`",
        ),
        (
            "{time: {yeer: Y, month: M}}", {},
            "rows/city.yml, line 9: the key 'layers.events.columns.time.year' is missing; add it "
            "(docs/data.md says what it means)\n"
            "rows/city.yml, line 9: unknown key 'layers.events.columns.time.yeer'; did you mean 'year'?",
        ),
        (
            "{time: [DATE]}", {},
            "rows/city.yml, line 9: layers.events.columns.time is ['DATE']: list should have at least 2 "
            "items after validation, not 1",
        ),
        (
            "{time: [DATE, HUOR]}", {},
            "rows/events.csv: no column 'HUOR' for time; did you mean 'HOUR'? correct the name in "
            "rows/city.yml, layers.events",
        ),
        (
            "{time: [DATE, HOUR], kind: [kind, DATE]}", {},
            "rows/city.yml, line 7: layers.events: `columns` gives 'kind' several columns, which `time` "
            "of this layer may have; name a column of the file",
        ),
        (
            "{time: [DATE, HOUR], count: N}", {"N": ["1", "1.5", "2"]},
            "rows/events.csv, row 3, column N: '1.5' is no whole number; write how many events the row "
            "is, 0 for none",
        ),
        (
            "{time: [DATE, HOUR], count: N}", {"N": ["1", "-1", "2"]},
            "rows/events.csv, row 3, column N: '-1' is negative; no number of events is below zero; "
            "correct it",
        ),
        (
            "{time: [DATE, HOUR], count: N}", {"N": ["1", "9" * 12, "2"]},
            "rows/events.csv, column N: the counts add up to 1,000,000,000,002 events, more than "
            "50,000,000; map the column that counts the events of a row",
        ),
    ],
)  # fmt: skip
def test_faults_name_file_row_and_column(tmp_path, columns, spoilt, message):
    given = table(
        DATE=["2020-03-07"] * 3, HOUR=["1200", "1300", "9"], Y="2020", M="1", D="1", H="10"
    )
    with pytest.raises(CityError) as told:
        town(tmp_path, given.assign(**spoilt), columns).layer("events")
    assert str(told.value) == message


def test_a_count_repeats_the_row(tmp_path):
    given = table(time=["2020-03", "2020-04", "2020-05"], N=["2", "0", "3"])
    city = town(tmp_path, given, "{count: N}", "month")
    assert city.layer("events")["time"].dt.month.tolist() == [3, 3, 5, 5, 5]
    assert city.layer("events").index.tolist() == list(range(5))
    rows = city.rows()
    assert (rows.rows, rows.used, rows.set_aside, rows.events) == (3, 2, {"no_crime": 1}, 5)
    # two crimes of one row are no repeat of one another
    assert city.first_of_row().tolist() == [True, False, True, False, False]
    assert city.remarks("events")[-1] == (
        "3 rows = 2 used + 1 set aside (no_crime 1); those used count 5 events."
    )


def test_a_column_named_count_that_is_not_mapped_is_none(tmp_path):
    given = table(time=["2020-03", "2020-04"], count=["7", "x"])
    city = town(tmp_path, given, "{}", "month", rest="    extra: [count]\n")
    assert len(city.layer("events")) == 2 and city.first_of_row().all()
    assert city.layer("events")["count"].tolist() == ["7", "x"]
    assert city.remarks("events") == []


EVERY = """\
kind,time,x,y,zone,N
Theft,2020-03,430100,430200,A,1
Theft,,430100,430200,A,1
Theft,s/d,430100,430200,A,1
Theft,2020-13,430100,430200,A,1
Theft,2020-03,,430200,A,1
Theft,2020-03,0,0,A,1
Theft,2020-03,-1,-1,A,1
Theft,2020-03,NULL,(null),A,1
Theft,2020-03,9430100,430200,A,1
Theft,2020-03,439000,430200,A,1
Theft,2020-03,430100,430200,Q,1
Theft,2020-03,430100,430200,A,0
Theft,2020-03,430100,430200,A,4
"""
DROP = "    bad_time: drop\n    without_place: drop\n    outside: drop\n"
BOX = "POLYGON ((430000 430000, 432000 430000, 432000 432000, 430000 432000, 430000 430000))"
AROUND = """\
  boundary:
    file: boundary.csv
  zones:
    file: zones.csv
"""


def test_every_row_is_used_or_set_aside_once(tmp_path):
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "boundary.csv").write_text(f'geometry\n"{BOX}"\n')
    (folder / "zones.csv").write_text(f'zone,geometry\nA,"{BOX}"\n')
    (folder / "before.csv").write_text("file,row,reason\na,1,duplicate\na,2,no_place\n")
    columns, rest = "{zone: zone, count: N}", DROP + "    rejected: before.csv\n"
    rows = town(tmp_path, EVERY, columns, "month", rest, AROUND).rows()
    assert rows.set_aside == {
        "no_place": 5, "no_time": 2, "bad_time": 1, "duplicate": 1, "no_crime": 1, "outside": 1,
        "remote": 1, "unknown_zone": 1,
    }  # fmt: skip
    assert (rows.rows, rows.used, rows.events) == (15, 2, 5)
    assert rows.rows == rows.used + sum(rows.set_aside.values())


def test_the_list_of_rejected_rows_needs_reasons(tmp_path):
    given = table(time=["2020-03"])
    for text, message in (
        ("file,row\na,1\n", "rows/before.csv: no column 'reason' of why a row was rejected; name it so"),
        ("row,reason\n1,x\n2,\n",
         "rows/before.csv, row 3, column reason is empty; write why the row was rejected"),
    ):  # fmt: skip
        city = town(tmp_path, given, "{}", "month", "    rejected: before.csv\n")
        (tmp_path / "rows" / "before.csv").write_text(text)
        with pytest.raises(CityError) as told:
            city.layer("events")
        assert str(told.value) == message


def test_remote_places_are_dropped_where_no_outline_is_given(tmp_path):
    rng = np.random.default_rng(3)
    given = table(time=["2020-03"] * 40)
    given["x"], given["y"] = rng.integers(430_000, 450_000, (2, 40))
    given.loc[7, "x"] = 630_000  # in the country, 180 km away
    with pytest.raises(CityError, match="outside the area of"):
        town(
            tmp_path, given.assign(x=given["x"].where(given.index != 9, 9e6)), "{}", "month"
        ).layer("events")
    city = town(
        tmp_path, given, "{}", "month", "    outside: drop\n", "  boundary: {derive: events}\n"
    )
    assert city.rows().set_aside == {"remote": 1}
    assert city.layer("boundary").area.sum() < 2 * 20_000**2
    whole = town(tmp_path, given, "{}", "month")
    assert whole.rows().set_aside == {} and len(whole.layer("events")) == 40


def test_a_given_outline_decides_and_no_distance(tmp_path):
    """Most events of a file may lie in other cities, far from the one that the outline shows."""
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "boundary.csv").write_text(f'geometry\n"{BOX}"\n')
    given = table(time=["2020-03"] * 5, x=[430_100, 630_000, 630_000, 630_000, 630_000])
    more = "  boundary:\n    file: boundary.csv\n"
    city = town(tmp_path, given, "{}", "month", "    outside: drop\n", more)
    assert city.rows().set_aside == {"outside": 4}
    assert city.layer("events").geometry.x.tolist() == [430_100]


def test_a_layer_in_feet_is_converted(tmp_path):
    """A state plane in US survey feet: 1 foot = 1200 / 3937 m, the same projection in metres."""
    given = table(time=["2020-03"], x=[984_250.0], y=[200_000.0])
    folder = tmp_path / "rows"
    city = town(tmp_path, given, "{}", "month", "    crs: EPSG:2263\n")
    card = (folder / "city.yml").read_text().replace("EPSG:27700", "EPSG:32118")
    (folder / "city.yml").write_text(card)
    place = load_city(folder).layer("events").get_coordinates().to_numpy()[0]
    assert np.allclose(place, np.array([984_250.0, 200_000.0]) * 1200 / 3937, atol=1e-3)
    assert city.name == "rows"


def test_crimes_of_a_row_are_no_near_repeats(tmp_path):
    """At random places and hours only the crimes of one row lie together."""
    from helpers.patterns import study

    random = np.random.default_rng(3)
    hours = pd.Timestamp("2021-01-01") + pd.to_timedelta(random.integers(0, 8760, 300), unit="h")
    x, y = random.uniform(0, 5000, (2, 300)).round(1)
    given = table(
        x=430000 + x, y=430000 + y, time=hours.strftime("%Y-%m-%d %H:00"), N=1 + np.arange(300) % 3
    )
    city = town(tmp_path, given, "{count: N}")
    events, first = city.layer("events"), city.first_of_row()
    assert (len(events), first.sum()) == (600, 300)
    points = events.get_coordinates().to_numpy()
    draws = {"precision": "hour", "permutations": 39, "seed": 1}
    every = study.near_repeats(points, events["time"], **draws).table
    alone = study.near_repeats(points[first], events["time"][first], **draws).table
    together = every[(every["space"] == "same place") & (every["time"] == "same hour")].iloc[0]
    assert together["surely"] and together["ratio"] > 100
    assert not alone["surely"].any() and alone["pairs"].iloc[0] == 0


def test_events_at_one_place_share_one_point_and_no_coordinate_changes():
    x = np.array([1.5, np.nan, 1.5, -0.0, 2.0, 1.5])
    y = np.array([3.0, 3.0, 3.0, 4.0, 1.5, 4.0])
    points = points_at(x, y)
    assert np.array_equal(shapely.get_x(points), x, equal_nan=True)
    assert np.array_equal(shapely.get_y(points)[~np.isnan(x)], y[~np.isnan(x)])
    assert points[0] is points[2]
    assert len({id(point) for point in points}) == 5
    assert len(points_at(x[:0], y[:0])) == 0


def test_what_is_put_aside_of_a_copy_stays_out_of_the_first(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("kind\nA\nB\nC\n")
    aside = Aside(read_table(path, shown_from=tmp_path))
    aside.put(np.array([0]), "bad_time")
    other = aside.copy()
    other.put(np.array([1]), "remote")
    other.remarks.append("said")
    assert list(aside.kept) == [1, 2]
    assert list(other.kept) == [2]
    assert not aside.remarks
