"""Tiny notebooks, so that a test of the runner waits for a kernel and little else."""

from __future__ import annotations

import json
import re

import pytest

SETUP = """from helpers.compendium import open_section
import pandas as pd

section = open_section("{name}", globals())
"""
TABLE = """section.table(
    pd.DataFrame({{"n": [section.parameters["count"]]}}), "counts", title="Counts"
)
"""


@pytest.fixture
def notebook(project):
    """Write a notebook into the copied project: ``notebook("97_tiny", body="…", needs=[…])``."""

    def write(name: str, body: str = "", needs=("zones",), after=()) -> None:
        cells = [
            ("parameters", 'city = "setubal"\nseed = 1  # of nothing\ncount = 3  # rows\n'),
            ("setup", SETUP.format(name=name)),
            ("table", TABLE.format()),
            ("body", body or "section.number('count', count)"),
        ]
        made = [
            {
                "cell_type": "code",
                "id": identity,
                "metadata": {"tags": ["parameters"]} if identity == "parameters" else {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for identity, source in cells
        ]
        card = {"title": name, "paper": "none", "needs": list(needs), "after": list(after)}
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        content = {
            "cells": made,
            "metadata": {"compendium": card, "kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = project / "notebooks" / f"{name}.ipynb"
        path.write_text(json.dumps(content), encoding="utf-8")

    (project / "notebooks" / "21_district_hot_spots.ipynb").unlink()
    # a city under another name may speak of existing sections only
    card = project / "data" / "raw" / "setubal" / "city.yml"
    text = card.read_text(encoding="utf-8")
    begin = text.index("parameters:\n")
    following = re.search(r"^\w", text[begin + 1 :].partition("\n")[2], re.MULTILINE)
    assert not following, "the parameters stand at the end of the card"
    card.write_text(text[:begin] + "parameters:\n  21_district_hot_spots: {}\n", encoding="utf-8")
    return write
