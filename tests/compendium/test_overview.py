"""What a newcomer is told of sections and cities is what their cards say."""

from helpers.compendium import list_cities, list_sections, overview, read_section


def test_every_section_is_listed_with_what_it_needs():
    table = overview.sections_table()
    assert list(table.index) == list_sections()
    assert table.loc["15_patrol_allocation", ["needs", "after"]].tolist() == [
        "events, boundary",
        "14",
    ]
    assert table["title"].tolist() == [read_section(name).title for name in list_sections()]


def test_a_city_is_told_by_the_layers_it_has():
    table = overview.cities_table()
    assert list(table.index) == list_cities()
    assert table.loc["leeds", ["12", "14", "21", "31"]].tolist() == [True] * 4
    assert table.loc["recife", ["12", "21", "31"]].tolist() == [False, False, True]
    assert not {"00", "90"} & set(table.columns)
