"""The place on this machine: what it does once the run was stopped."""

from __future__ import annotations

from helpers.runner import here
from helpers.runner.here import Here


def test_a_place_that_was_stopped_begins_nothing(tmp_path, monkeypatch):
    ended = []
    monkeypatch.setattr(here, "end_children", lambda: ended.append(True))
    monkeypatch.setattr(here, "start_server", lambda *told: 1 / 0)
    place = Here(1, tmp_path, [])
    place.stop()
    assert ended == [True]
    # jobs that were waiting for their turn come to it now
    assert place.do({"kind": "quality", "city": "x"})["state"] == "failed"
    assert list(tmp_path.iterdir()) == []
