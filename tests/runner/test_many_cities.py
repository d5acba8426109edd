"""A run of many cities: each section after those it reads, the longest chains first, none looked for twice."""

from __future__ import annotations

import random
import threading

import pytest

from helpers.runner import execute
from helpers.runner.execute import Outcome
from helpers.runner.plan import Task

AFTER = {"15": ("14",), "16": ("15",), "22": ("21",), "32": ("31",)}
SECTIONS = ("12", "13", "14", "15", "16", "21", "22", "31", "32")


class Looked(str):
    """A city's name that counts how often it is compared with another."""

    compared = 0

    def __eq__(self, other) -> bool:
        Looked.compared += self is not other
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class At:
    """A place of a few slots that notes what is done there, and how much at once."""

    def __init__(self, slots: int) -> None:
        self.most = self.now = 0
        self.done: list[tuple[str, str]] = []
        self.slots, self.stop = lambda: slots, lambda: None
        self._lock = threading.Lock()

    def do(self, task: Task) -> dict:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        with self._lock:
            self.done.append((str(task.city), task.section))
            self.now -= 1
        return {"state": "done"}


@pytest.fixture
def outcomes():
    draw = random.Random(4)
    return [
        Outcome(Task(Looked(f"city {k}"), name, {}, AFTER.get(name, ()), seconds=draw.random()))
        for k in range(60)
        for name in SECTIONS
    ]


def test_the_longest_chains_come_first(outcomes):
    def chain(task: Task) -> float:
        later = [o.task for o in outcomes if o.task.city == task.city]
        return task.seconds + max((chain(t) for t in later if task.section in t.after), default=0.0)

    order = execute._longest_first(outcomes)
    lengths = [chain(outcome.task) for outcome in order]
    assert len(order) == len(outcomes)
    assert lengths == sorted(lengths, reverse=True)


def test_a_run_of_many_cities_looks_at_each_city_alone(outcomes, monkeypatch):
    monkeypatch.setattr(execute, "_made_of", lambda task: execute._Made("key", {}, "code"))
    monkeypatch.setattr(execute, "is_current", lambda *asked: False)
    monkeypatch.setattr(execute, "_execute", lambda task, code, place: place.do(task))
    monkeypatch.setattr(execute, "_settle", lambda o, made, result: setattr(o, "state", "done"))
    place, Looked.compared = At(5), 0
    order = execute._longest_first(outcomes)
    execute._Wave(outcomes, order, place, False, lambda all_of: None, lambda path: None).run()
    assert len(place.done) == len(outcomes) and 1 <= place.most <= 5
    for city, section in place.done:
        own = [name for where, name in place.done if where == city]
        assert all(own.index(before) < own.index(section) for before in AFTER.get(section, ()))
    # a look at every section for each section that waits, each time, is more than 50 times as many
    assert Looked.compared < len(outcomes) ** 2
