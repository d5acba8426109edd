"""Keras on TensorFlow with every source of chance and every setting fixed."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

# What a user may have set for work of their own; it would change or break the networks.
PINNED = {
    "KERAS_BACKEND": "tensorflow",
    "TF_USE_LEGACY_KERAS": "0",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
UNSET = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED")


def deterministic_keras(seed: int) -> Any:
    """Keras on TensorFlow in single precision, whatever the user's settings of Keras are.

    The backend, the folder of ``keras.json`` and the version of Keras are read from the environment
    once, when it is first imported: they are pinned before. Precision, epsilon, order of
    image axes and limits of training are set at each call.

    Parameters
    ----------
    seed : int
        Of every source of chance.

    Returns
    -------
    module
        ``keras``.

    Raises
    ------
    RuntimeError
        If Keras was imported before on another backend, which cannot be changed any more.
    """
    # TensorFlow reads some of these late: they stay
    os.environ.update(PINNED)
    with tempfile.TemporaryDirectory() as home, _without(UNSET, KERAS_HOME=home), _no_collection():
        import keras
        import tensorflow as tf
    if keras.config.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras is already at work on '{keras.config.backend()}' in this process; the networks "
            "need TensorFlow: start a new process (restart the kernel) and run this first."
        )
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)
    keras.utils.set_random_seed(seed)
    # small networks gain nothing from more threads, and sums do not hang on how many there are; where
    # TensorFlow was at work before, its own number stays
    with suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    return keras


@contextmanager
def _no_collection() -> Iterator[None]:
    """No collection of garbage for a moment: an import makes much that stays, and none of it is garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _without(unset: tuple[str, ...], **wanted: str) -> Iterator[None]:
    """An environment without some variables and with others, for a moment."""
    before = {name: os.environ.get(name) for name in (*unset, *wanted)}
    try:
        for name in unset:
            os.environ.pop(name, None)
        os.environ.update(wanted)
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
