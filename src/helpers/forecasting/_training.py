"""Training of a network in few calls of TensorFlow: one an epoch, and one to judge it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def train(
    keras: Any,
    model: Any,
    measures: Callable[[Any, Any], list[Any]],
    given: tuple[np.ndarray, np.ndarray],
    kept: tuple[np.ndarray, np.ndarray],
    *,
    rate: float,
    epochs: int,
    patience: int,
    batch: int,
    seed: int,
) -> np.ndarray:
    """Train with Adam until what is held out gets no better; the best weights stay in the model.

    All rows lie in TensorFlow from the start and an epoch is one graph, so that the way between
    Python and TensorFlow is gone twice an epoch instead of twice a batch.

    Parameters
    ----------
    keras : module
        From `deterministic_keras`.
    model : keras.Model
    measures : callable
        Of truth and output, means over the rows: the loss first, then what else is wanted.
    given, kept : pair of arrays
        Inputs and truth, to learn from and held out.
    rate : float
        Step size of Adam.
    epochs, patience, batch : int
        Training ends after `patience` epochs without a lower loss on what is held out.
    seed : int
        Of the order of the rows, one for all epochs, where training usually shuffles them in each:
        the loss held out then jumps less. The seed decides more of the result than the order does.

    Returns
    -------
    (epochs gone through, 2, measures) array
        Means while learning, and of what is held out.
    """
    import tensorflow as tf

    rows = len(given[0])
    order = np.random.default_rng(seed).permutation(rows)
    inputs, truth = (tf.constant(each[order]) for each in given)
    others, their_truth = (tf.constant(each) for each in kept)
    weights = [each.value for each in model.trainable_variables]
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(model.trainable_variables)

    def learn(x, y):
        with tf.GradientTape() as tape:
            found = measures(y, model(x, training=True))
        optimizer.apply(tape.gradient(found[0], weights))
        return found

    def over(step, inputs, truth):
        """Means over all rows, a batch at a time: what lies between the layers takes room."""
        number = len(truth)

        def add(start, total):
            x, y = inputs[start : start + batch], truth[start : start + batch]
            share = tf.cast(tf.shape(x)[0], tf.float32) / number
            return start + batch, total + share * tf.stack(step(x, y))

        begin = tf.constant(0), tf.zeros(len(measures(truth[:1], model(inputs[:1]))))
        return tf.while_loop(lambda start, _: start < number, add, begin)[1]

    @tf.function(autograph=False)
    def epoch():
        return over(learn, inputs, truth)

    @tf.function(autograph=False)
    def judge():
        return over(lambda x, y: measures(y, model(x, training=False)), others, their_truth)

    history: list[np.ndarray] = []
    best, least, since = model.get_weights(), np.inf, 0
    while len(history) < epochs and since < patience:
        learned = epoch().numpy()
        history.append(np.array([learned, judge().numpy()]))
        since += 1
        if history[-1][1, 0] < least:
            best, least, since = model.get_weights(), history[-1][1, 0], 0
    model.set_weights(best)
    return np.array(history)


def asked(model: Any, batch: int = 2048) -> Callable[[np.ndarray], np.ndarray]:
    """What the model gives, a batch at a time, from a graph that is made once."""
    import tensorflow as tf

    shape = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    graph = tf.function(
        lambda inputs: model(inputs, training=False), input_signature=[shape], autograph=False
    )

    def ask(inputs: np.ndarray) -> np.ndarray:
        starts = range(0, len(inputs), batch)
        return np.concatenate([graph(inputs[at : at + batch]).numpy() for at in starts])

    return ask


def history_table(history: np.ndarray, names: list[str]) -> pd.DataFrame:
    """One row an epoch: ``epoch``, each measure, and ``validation_`` with each.

    Examples
    --------
    >>> history_table(np.array([[[2.0], [3.0]]]), ["loss"]).to_dict("records")
    [{'epoch': 1, 'loss': 2.0, 'validation_loss': 3.0}]
    """
    columns = {"epoch": np.arange(1, len(history) + 1)}
    for side, mark in enumerate(("", "validation_")):
        columns |= {mark + name: history[:, side, at] for at, name in enumerate(names)}
    return pd.DataFrame(columns)
