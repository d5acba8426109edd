"""`kind` and `time` that no column says: one value for every event, said in the remarks."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.cities import CityError, load_city
from helpers.compendium.needs import Condition

COLUMNS = "columns: {kind: crime type, time: month, zone: code}"


@pytest.fixture
def stating(edit):
    """The sound city with other columns of events, and without a precision where none is given."""

    def stating(columns, precision="    time_precision: month\n"):
        edit("city.yml", COLUMNS, f"columns: {columns}")
        folder = edit("city.yml", "    time_precision: month\n", precision)
        return load_city(folder)

    return stating


def test_one_kind_for_all(stating):
    town = stating("{kind: {constant: crime}, time: month, zone: code}")
    events = town.layer("events")
    assert events["kind"].tolist() == ["crime"] * 5
    assert events["time"].dt.year.tolist() == [2016, 2016, 2017, 2018, 2018]
    assert town.remarks("events") == [
        "the kind of every event is 'crime', which city.yml states because no column does: nothing "
        "is told by kind."
    ]
    lacking = Condition.read("events.kinds >= 2: this section compares kinds").lacking(town)
    assert lacking == "one kind for all events, which city.yml states; this section compares kinds"


@pytest.mark.parametrize(
    ("constant", "moment"),
    [("2020", "2020-01-01"), ("2020-03", "2020-03-01"), ("2020-03-07", "2020-03-07")],
)
def test_one_time_for_all_needs_no_precision(stating, constant, moment):
    town = stating(f'{{kind: crime type, time: {{constant: "{constant}"}}, zone: code}}', "")
    times = town.layer("events")["time"]
    assert times.dtype == "datetime64[s]"
    assert times.tolist() == [pd.Timestamp(moment)] * 5
    assert len(town.remarks("events")) == 1
    assert town.layers["events"].time_precision == "month"
    lacking = Condition.read("events.periods >= 2: this section compares periods").lacking(town)
    assert (
        lacking == "one time for all events, which city.yml states; this section compares periods"
    )


def test_no_column_of_that_name_is_read(stating):
    """The file's own column of the same name is left alone."""
    town = stating("{kind: {constant: crime}, time: {constant: '2020'}, zone: code}")
    assert "crime type" not in town.layer("events")
    assert town.layer("zones")["crimes"].tolist() == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            "{kind: crime type, time: {constant: 2020}, zone: code}",
            "squares/city.yml, line 9: layers.events.columns.time.constant is 2020, which YAML does "
            "not read as text; put it between quotes",
        ),
        (
            "{kind: crime type, time: {constant: '2020-13'}, zone: code}",
            "squares/city.yml, line 7: layers.events: the constant time '2020-13' is no year, month "
            'or day from 1900 to 2100; write it as "2016", "2016-07" or "2016-07-31"',
        ),
        (
            "{kind: crime type, time: {constant: '1020'}, zone: code}",
            "squares/city.yml, line 7: layers.events: the constant time '1020' is no year, month or "
            'day from 1900 to 2100; write it as "2016", "2016-07" or "2016-07-31"',
        ),
        (
            "{kind: {constnt: crime}, time: month, zone: code}",
            "squares/city.yml, line 9: the key 'layers.events.columns.kind.constant' is missing; add "
            "it (docs/data.md says what it means)\n"
            "squares/city.yml, line 9: unknown key 'layers.events.columns.kind.constnt'; did you mean "
            "'constant'?",
        ),
        (
            "{kind: {constant: crime}, time: month, zone: {constant: A}}",
            "squares/city.yml, line 7: layers.events: `columns` gives 'zone' one value for all rows, "
            "which `kind` and `time` of this layer may have; name a column of the file",
        ),
        (
            "{kind: {constant: ''}, time: month, zone: code}",
            "squares/city.yml, line 9: layers.events.columns.kind.constant is empty; write a text",
        ),
    ],
)  # fmt: skip
def test_wrong_constants_are_refused(stating, columns, message):
    with pytest.raises(CityError) as told:
        stating(columns)
    assert str(told.value) == message


def test_other_layers_have_none(edit):
    folder = edit("city.yml", "{zone: code, geometry", "{zone: {constant: A}, geometry")
    with pytest.raises(CityError, match="which no column of this layer may have"):
        load_city(folder)
