"""The two networks, in one test: TensorFlow takes its time to import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from helpers import forecasting as fc

SOURCE = Path(__file__).resolve().parents[2] / "src"


def test_networks_learn_repeat_and_survive_saving(tmp_path, town):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 2))
    labels = np.where(x[:, 0] + x[:, 1] > 0, "north", "south")
    kinds, how = ("north", "south"), {"epochs": 18, "batch": 64, "seed": 3}
    network = fc.train_network(x[:600], labels[:600], kinds, **how)
    given = fc.network_probabilities(network, x[600:])
    np.testing.assert_allclose(given.sum(axis=1), 1)
    # a straight border is learned, and the cross-entropy falls
    assert fc.score_kinds(given, kinds, labels[600:]).accuracy > 0.95
    assert network.history["loss"].iloc[-1] < 0.5 * network.history["loss"].iloc[0]
    assert network.epochs == network.history["validation_loss"].argmin() + 1
    # the same seed gives the same network, another gives another
    again = fc.train_network(x[:600], labels[:600], kinds, **how)
    np.testing.assert_array_equal(fc.network_probabilities(again, x[600:]), given)
    pd.testing.assert_frame_equal(again.history, network.history)
    # saved and loaded it says the same
    loaded = fc.load_network(fc.save_network(network, tmp_path / "network"))
    np.testing.assert_array_equal(fc.network_probabilities(loaded, x[600:]), given)
    assert loaded.kinds == kinds
    with pytest.raises(ValueError, match="holds no network"):
        fc.load_network(tmp_path)

    # the recurrent network: two halves of a town, one has three times the crimes
    cells = fc.make_cells(shapely.box(0, 0, 4000, 4000), 8, 8)
    west = rng.uniform(size=6000) < 0.75
    points = np.column_stack([np.where(west, 0, 2000) + rng.uniform(0, 2000, 6000),
                              rng.uniform(0, 4000, 6000)])  # fmt: skip
    times = pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 913, 6000), unit="D")
    events = fc.event_table(points, ["a"] * 6000, times, every="month")
    start = pd.Period("2018-05", "M")
    past = fc.count_by_period(events, cells).before(start)
    base = fc.count_model(past, fc.CountSettings(400.0, 1.0), "")
    fits = [fc.fit_recurrent(past, base, epochs=8, batch=256, seed=1) for _ in range(2)]
    expected = [fit.forecast(start) for fit in fits]
    np.testing.assert_array_equal(*expected)
    left = (cells.table["x"] < 2000).to_numpy()
    assert expected[0][left].sum() / expected[0].sum() == pytest.approx(0.75, abs=0.05)
    assert expected[0].sum() == pytest.approx(base.forecast(start).sum())
    updated = fc.update(fits[0], events[events["period"] == start])
    assert updated.until == start
    assert not np.array_equal(updated.forecast(start + 1), fits[0].forecast(start + 1))
    with pytest.raises(ValueError, match="at least 24 periods"):
        fc.fit_recurrent(past.of(past.periods[:20]), base)


@pytest.mark.parametrize(
    ("features", "labels", "kinds", "words"),
    [
        ([[1.0]] * 20, ["a"] * 20, ("a",), "one kind only"),
        ([[1.0]] * 5, ["a"] * 5, ("a", "b"), "at least ten"),
        ([[1.0]] * 20, ["c"] * 20, ("a", "b"), "not among the kinds"),
        ([[1.0]] * 20, ["a"] * 19, ("a", "b"), "20 rows of features and 19 labels"),
    ],
)
def test_bad_input_is_refused_before_tensorflow_is_asked(features, labels, kinds, words):
    with pytest.raises(ValueError, match=words):
        fc.train_network(features, labels, kinds)


SMALL = """
import numpy as np
from helpers import forecasting as fc
rng = np.random.default_rng(0)
x = rng.normal(size=(80, 3))
labels = np.where(x[:, 0] > 0, "a", "b")
network = fc.train_network(x, labels, ("a", "b"), epochs=6, seed=1)
print(len(network.history), fc.network_probabilities(network, x[:4]).round(7).tolist())
"""


def trained(tmp_path, **settings: str) -> str:
    """What a small network says in a process of its own, with a user's settings of Keras."""
    unset = ("KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "KERAS_HOME")
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    clean |= {"HOME": str(tmp_path), "PYTHONPATH": str(SOURCE)} | settings
    command = [sys.executable, "-c", SMALL]
    ran = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.splitlines()[-1]


def test_the_users_settings_of_keras_change_nothing(tmp_path, capsys):
    """Another backend, another version, double precision, few epochs: all meant for other work."""
    folder = tmp_path / ".keras"
    folder.mkdir()
    wrong = {"floatx": "float64", "backend": "jax", "image_data_format": "channels_first"}
    written = json.dumps(wrong | {"epsilon": 0.1})
    (folder / "keras.json").write_text(written, encoding="utf-8")
    settings = {"KERAS_BACKEND": "jax", "TF_USE_LEGACY_KERAS": "1", "KERAS_MAX_EPOCHS": "1"}
    theirs = trained(tmp_path, **settings)
    # this process has no such settings
    exec(SMALL, {})
    assert theirs == capsys.readouterr().out.splitlines()[-1]
    # nothing of theirs is written over, nothing is put beside it
    assert (folder / "keras.json").read_text(encoding="utf-8") == written
    assert [path.name for path in folder.iterdir()] == ["keras.json"]


def test_another_backend_at_work_is_said(monkeypatch):
    monkeypatch.setattr("keras.config.backend", lambda: "torch")
    with pytest.raises(RuntimeError, match=r"already at work on 'torch'.*restart the kernel"):
        fc.train_network(np.zeros((20, 1)), list("ab") * 10, ("a", "b"))
