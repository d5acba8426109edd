"""Questions in a terminal: what is offered, asked again, left open; and systems that do not fit."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from helpers.newcity import Choices, NewCityError, Question, make_draft, talk
from helpers.newcity.systems import outside_its_area

from .exports import frame, points


def said(*answers):
    """Somebody who types these, then nothing more."""
    left = list(answers)
    prompts = []

    def ask(prompt):
        prompts.append(prompt)
        if not left:
            raise EOFError
        return left.pop(0)

    ask.prompts = prompts
    return ask


def question_of(tmp_path, table, **flags):
    table.to_csv(tmp_path / "crimes.csv", index=False)
    choices = Choices("t", tmp_path / "crimes.csv", **flags)
    return make_draft(choices, tmp_path), choices


def test_columns_are_offered_by_number_and_name(tmp_path, capsys):
    table = frame().rename(columns={"lon": "aa", "lat": "breadth"})
    draft, choices = question_of(tmp_path, table)
    (question,) = talk.open_questions(draft, choices)
    ask = said("7", "3", "bredth", "BREADTH")
    assert talk.answered(question, choices, ask)
    assert (choices.x, choices.y) == ("aa", "breadth")
    told = capsys.readouterr().out
    assert "  3 aa" in told and "there are 4 columns" in told and "did you mean 'breadth'?" in told
    assert not talk.open_questions(make_draft(choices, tmp_path), choices)


def test_three_typos_or_an_end_leave_a_question_open(capsys):
    question = Question("which?", {"day-first": ("order", "dmy"), "month-first": ("order", "mdy")})
    choices = Choices("t", "crimes.csv")
    ask = said("day", "x", "9", "1")
    assert not talk.answered(question, choices, ask)
    assert len(ask.prompts) == 3 and choices.order == ""
    assert not talk.answered(question, choices, said(""))
    assert not talk.answered(question, choices, said())
    assert talk.answered(question, choices, said("y", "2")) and choices.order == "mdy"


def test_an_offer_is_taken_for_its_own_question_alone():
    one = Question("one?", {"go on": ("yes", True)}, "go on")
    two = Question("two?", {"set aside": ("yes", True)}, "set aside")
    choices = Choices("t", "crimes.csv")
    assert talk.answered(one, choices, said(""))
    assert not one.is_open(choices) and two.is_open(choices)


def test_a_system_that_is_none_is_asked_again(tmp_path, capsys):
    xy = points(300, -8.42, 41.55, "EPSG:3763")
    table = frame().assign(lon=xy[:, 0].round(1), lat=xy[:, 1].round(1))
    draft, choices = question_of(tmp_path, table)
    (question,) = talk.open_questions(draft, choices)
    assert talk.answered(question, choices, said("abc", "EPSG:3763")) and choices.crs == "EPSG:3763"
    assert "--crs abc is no known system" in capsys.readouterr().out
    facts = make_draft(choices, tmp_path).facts
    (told,) = (fact for fact in facts if fact.startswith("coordinates:"))
    assert "8.4" in told and "° W, 41.5" in told and "their middle lies at" in told


def test_a_system_of_another_part_of_the_world_is_asked_about(tmp_path):
    xy = points(300, -8.42, 41.55, "EPSG:3763")
    table = frame().assign(lon=xy[:, 0].round(1), lat=xy[:, 1].round(1))
    draft, choices = question_of(tmp_path, table, crs="EPSG:2056")
    (question,) = talk.open_questions(draft, choices)
    assert "outside the area that EPSG:2056" in question.text and question.offer == "go on"
    madrid = np.array([[-3.7, 40.4]])
    assert outside_its_area(pyproj.CRS.from_epsg(25830), madrid) == ""
    assert "3.70° W, 40.40° N" in outside_its_area(pyproj.CRS.from_epsg(25835), madrid)


def test_a_boundary_of_elsewhere_tells_no_system(tmp_path):
    xy = points(300, -8.42, 41.55, "EPSG:3763")
    table = frame().assign(lon=xy[:, 0].round(1), lat=xy[:, 1].round(1))
    ring = "[[[151.1,-33.9],[151.3,-33.9],[151.3,-33.8],[151.1,-33.9]]]"
    path = tmp_path / "sydney.geojson"
    path.write_text(f'{{"type": "Polygon", "coordinates": {ring}}}')
    draft, choices = question_of(tmp_path, table, boundary=path)
    (question,) = talk.open_questions(draft, choices)
    assert "no system of the place of the outline, 151.23° E, 33.87° S, puts the rows inside" in (
        question.text
    )


def test_zones_of_elsewhere_are_refused(tmp_path):
    from .test_headings import grid

    grid(tmp_path / "z.geojson", ["a", "b"])
    with pytest.raises(NewCityError, match="none of them in a zone; the zones lie around 3"):
        question_of(tmp_path, frame(lon=2.2, lat=41.4), zones=tmp_path / "z.geojson", key="COD")
