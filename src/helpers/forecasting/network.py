"""The paper's three-layer softmax network, in Keras on TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from ._keras import deterministic_keras
from ._training import history_table, train
from .events import check_kinds, codes, place_array
from .neighbours import Scaling, feature_array, scaling


@dataclass(frozen=True)
class Network:
    """A trained network and how it got there.

    Attributes
    ----------
    kinds : tuple of str
    history : pandas.DataFrame
        One row an epoch: ``epoch, loss, accuracy, validation_loss, validation_accuracy``.
    epochs : int
        The epoch whose weights are kept.
    """

    kinds: tuple[str, ...]
    history: pd.DataFrame
    epochs: int
    _scale: Scaling = field(repr=False)
    _model: Any = field(repr=False)

    def layers(self) -> pd.DataFrame:
        """The layers from the inputs to the outputs (the paper's Figure 13).

        Returns
        -------
        pandas.DataFrame
            ``layer, layer_units, activation, layer_weights``; the inputs first, without either of the last.
        """
        rows = [("input", int(self._model.input_shape[1]), "", 0)]
        last = len(self._model.layers)
        for number, layer in enumerate(self._model.layers, start=1):
            name = "output" if number == last else f"hidden {number}"
            rows.append((name, layer.units, layer.activation.__name__, layer.count_params()))
        return pd.DataFrame(rows, columns=["layer", "layer_units", "activation", "layer_weights"])


def train_network(
    features: Any,
    labels: Any,
    kinds: Any,
    *,
    hidden: tuple[int, int] = (64, 32),
    places: Any = None,
    epochs: int = 40,
    patience: int = 5,
    batch: int | None = None,
    held_out: float = 0.1,
    seed: int = 0,
) -> Network:
    """Train two hidden layers and a softmax layer on categorical cross-entropy (San Miguel VI).

    A tenth of the places to learn from is held out; training stops when the loss on their events
    has not fallen for `patience` epochs, and the weights of the best epoch are kept.  Holding
    out events instead would let the network learn places by heart, for published places repeat.
    The rows keep one order in all epochs; shuffling them in each is the usual way.
    TensorFlow's operations are made deterministic: the same seed gives the same network.

    Parameters
    ----------
    features : (n, m) array or DataFrame
        Scaled to unit variance.
    labels : (n,) sequence of str
    kinds : sequence of str
        Order of the columns of the forecast.
    hidden
        Units of the two hidden layers (the paper does not say).
    places : (n, 2) array, optional
        Places of the events; each event counts as a place of its own when not given.
    epochs, patience : int
    batch : int, optional
        Events of a step; 512 when not given, more where there are so many that an epoch would have
        more than fifty steps.
    held_out : float
        Share of the places held out for the decision to stop.
    seed : int

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        One kind only, fewer than ten events, labels that are no kinds.
    """
    values = feature_array(features)
    kinds = check_kinds(kinds)
    known = codes(labels, kinds)
    if len(known) != len(values):
        raise ValueError(f"there are {len(values)} rows of features and {len(known)} labels.")
    if (known < 0).any():
        raise ValueError("some labels are not among the kinds.")
    if len(values) < 10:
        raise ValueError(f"a network does not learn from {len(values)} events; give at least ten.")
    if not 0 < held_out < 1:
        raise ValueError(f"held_out is a share between 0 and 1, not {held_out!r}.")
    batch = max(512, len(values) // 50) if batch is None else batch
    for name, value in {"epochs": epochs, "patience": patience, "batch": batch}.items():
        whole_number(value, name)
    keras = deterministic_keras(seed)
    where = np.arange(len(values))
    if places is not None:
        where = np.unique(place_array(places, "places"), axis=0, return_inverse=True)[1]
        if len(where) != len(values):
            raise ValueError(f"there are {len(values)} rows of features and {len(where)} places.")
    order = np.random.default_rng(seed).permutation(where.max() + 1)
    out = np.isin(where, order[: max(1, round(held_out * len(order)))])
    if out.all():
        raise ValueError("all events are at one place; leave `places` out.")
    kept, learned = np.flatnonzero(out), np.flatnonzero(~out)
    scale = scaling(values[learned])
    x, y = scale(values).astype("float32"), np.eye(len(kinds), dtype="float32")[known]
    model = keras.Sequential(
        [
            keras.layers.Input((values.shape[1],)),
            keras.layers.Dense(hidden[0], activation="relu"),
            keras.layers.Dense(hidden[1], activation="relu"),
            keras.layers.Dense(len(kinds), activation="softmax"),
        ]
    )

    def measures(truth, found):
        loss = keras.ops.mean(keras.losses.categorical_crossentropy(truth, found))
        return [loss, keras.ops.mean(keras.metrics.categorical_accuracy(truth, found))]

    how = {"rate": 0.001, "epochs": epochs, "patience": patience, "batch": batch, "seed": seed}
    given, held = (x[learned], y[learned]), (x[kept], y[kept])
    history = history_table(train(keras, model, measures, given, held, **how), ["loss", "accuracy"])
    best = int(history["validation_loss"].to_numpy().argmin()) + 1
    return Network(kinds, history, best, scale, model)


def network_probabilities(network: Network, features: Any) -> np.ndarray:
    """Probability of each kind by a trained network, shape (n, kinds); rows add up to one."""
    x = network._scale(features).astype("float32")
    given = network._model(x, training=False).numpy().astype(float)
    return given / given.sum(axis=1, keepdims=True)


def save_network(network: Network, folder: str | Path) -> Path:
    """Save a network to a folder: Keras's file for the weights, JSON for the rest."""
    import json

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    network._model.save(folder / "network.keras")
    about = {
        "kinds": list(network.kinds),
        "epochs": network.epochs,
        "mean": network._scale.mean.tolist(),
        "spread": network._scale.spread.tolist(),
        "history": network.history.to_dict("list"),
    }
    (folder / "network.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def load_network(folder: str | Path) -> Network:
    """Load what `save_network` saved; it forecasts as before, to the last digit.

    Raises
    ------
    ValueError
        If the folder does not hold a network.
    """
    import json

    folder = Path(folder)
    if not (folder / "network.keras").is_file() or not (folder / "network.json").is_file():
        raise ValueError(f"{folder} holds no network; save_network makes one.")
    about = json.loads((folder / "network.json").read_text(encoding="utf-8"))
    model = deterministic_keras(0).models.load_model(folder / "network.keras")
    return Network(
        tuple(about["kinds"]),
        pd.DataFrame(about["history"]),
        about["epochs"],
        Scaling(np.array(about["mean"]), np.array(about["spread"])),
        model,
    )
