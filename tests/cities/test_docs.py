"""docs/data.md names everything that a city may state."""

from __future__ import annotations

import re

import pytest
import yaml
from pydantic import BaseModel

from helpers.cities import card, events_spec, layer_spec, mapping, zones_spec
from helpers.compendium import ROOT, find_city
from helpers.compendium.card import list_sections, read_section

TEXT = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
MODELS = {
    model
    for module in (card, events_spec, layer_spec, mapping, zones_spec)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseModel
}


@pytest.mark.parametrize(
    "model", sorted(MODELS, key=lambda model: model.__name__), ids=lambda model: model.__name__
)
def test_every_key_and_column_is_explained(model):
    words = set(re.findall(r"`([a-z_0-9]+)[`:]", TEXT))
    keys = set(model.model_fields) | set(getattr(model, "known_columns", ()))
    assert keys <= words, f"docs/data.md does not explain {sorted(keys - words)}"


def test_the_first_city_of_the_page_works(tmp_path):
    block = re.search(r"## A first city.yml.*?```yaml\n(.*?)```", TEXT, re.S).group(1)
    assert yaml.safe_load(block)["layers"].keys() == {"events", "boundary"}
    folder = tmp_path / "mytown"
    folder.mkdir()
    (folder / "city.yml").write_text(block, encoding="utf-8")
    header = "Crime ID,Month,Longitude,Latitude,LSOA code,Crime type\n"
    rows = {
        "2023-01": ",2023-01,-1.55,53.80,E1,Burglary\n,2023-01,,,,Drugs\n",
        "2023-02": ",2023-02,-1.54,53.81,E1,Burglary\n,2023-02,-1.0,53.81,E2,Drugs\n",
    }
    for month, text in rows.items():
        (folder / f"{month}-street.csv").write_text(header + text)
    ring = [[-1.6, 53.7], [-1.5, 53.7], [-1.5, 53.9], [-1.6, 53.9], [-1.6, 53.7]]
    (folder / "boundary.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1}, '
        f'"geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}]}}'
    )
    town = find_city(folder)
    town.check()
    assert len(town.layer("events")) == 2
    assert town.remarks("events")[-1] == "4 rows = 2 used + 2 set aside (no_place 1, outside 1)."


def test_the_least_data_are_those_that_the_sections_ask_for():
    """Each number of a section's card and of the code's own limits stands in its row, and no other."""
    from helpers.forecasting import levels, recurrent
    from helpers.patterns.study import areas, space_time

    table = TEXT.partition("## How much data is enough")[2].partition("\n## ")[0]
    rows = {
        number: [cell.strip() for cell in row.split("|")[2:4]]
        for row in re.findall(r"^\| \d.*$", table, re.MULTILINE)
        for number in re.findall(r"\d+", row.split("|")[1])
    }
    more = {
        "12": {space_time._FEWEST, areas.QUARTERS},
        "14": {recurrent.LEAST_PERIODS, levels.FEWEST_SEASONS},
        "16": {2},
    }
    names = {name[:2]: name for name in list_sections() if name[0] in "123"}
    assert rows.keys() == names.keys()
    for number, (least, adds) in rows.items():
        card = read_section(names[number])
        asked = {n for one in card.conditions for n in (one.least, one.argument) if n and n > 1}
        said = {int(n) for n in re.findall(r"\b\d+\b", least.replace("what 15 made", ""))}
        assert said == asked, number
        fewest = card.parameters["fewest"].default if "fewest" in card.parameters else None
        allowed = more.get(number, set()) | ({fewest} if fewest else set())
        said = {int(n) for n in re.findall(r"\b\d+\b", adds.replace("forecast of 14", ""))}
        assert said == allowed, number
    assert f"{areas.FEWEST} to {areas.MOST:,} of them" in table
