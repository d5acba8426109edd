"""Numba functions that are kept on disk, with mistrust of what was kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache


class _MistrustingCache(FunctionCache):
    """Numba's own, but what cannot be read back is compiled again, and what cannot be kept is not.

    Numba takes what lies there for what it wrote.  An empty file (a disk that was full, a power
    cut), the machine code of a folder that was renamed since, or a folder that may not be written
    would end every call of the function.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The function compiled for a signature; None where it must be compiled."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a damaged pickle raises whatever it likes
            with suppress(OSError):
                Path(self._cache_file._index_path).unlink()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the function compiled for a signature, where the system allows it."""
        with suppress(OSError):
            super().save_overload(sig, data)


def compiled(**options: Any) -> Callable[[Callable], Any]:
    """Compile a function with numba at its first call, and keep the machine code beside the source.

    Parameters
    ----------
    options
        As for :func:`numba.njit`, but for ``cache``, which is always on.

    Returns
    -------
    callable
        The decorator.

    Examples
    --------
    >>> @compiled()
    ... def twice(x):
    ...     return 2 * x
    >>> twice(21)
    42
    """

    def decorate(function: Callable) -> Any:
        dispatcher = njit(**options)(function)
        if dispatcher is function:  # NUMBA_DISABLE_JIT is set: Python itself runs it
            return function
        # a function typed at a prompt has no file to be kept beside
        with suppress(RuntimeError, OSError):
            dispatcher._cache = _MistrustingCache(dispatcher.py_func)
        return dispatcher

    return decorate
