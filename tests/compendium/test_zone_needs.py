"""What sections ask of the fields of zones."""

import pandas as pd
import pytest

from helpers.compendium.needs import Condition


class Town:
    """A city with zones and no files."""

    def __init__(self, **fields):
        self.zones = pd.DataFrame(fields)

    def fields(self):
        return dict.fromkeys(self.zones)

    def layer(self, name):
        assert name == "zones"
        return self.zones


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "no fields of the zones with more than one value; w"),
        ({"a": [3, 3]}, "no fields of the zones with more than one value; w"),
        ({"a": [3, 3], "b": [0.5, 0.25]}, ""),
    ],
)
def test_fields_that_vary(fields, reason):
    assert Condition.read("zones.varying_fields >= 1: w").lacking(Town(**fields)) == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"a": [-1, 3]}, "no fields of the zones with figures of zero and more; w"),
        ({"a": [0, 0]}, "no fields of the zones with figures of zero and more; w"),
        ({"a": [-1, 3], "b": [0, 2]}, ""),
    ],
)
def test_fields_that_can_be_shared_out(fields, reason):
    assert Condition.read("zones.amounts >= 1: w").lacking(Town(**fields)) == reason
