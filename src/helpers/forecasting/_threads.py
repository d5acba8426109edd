"""One thread for small fits, which gain nothing from more and lose much on a busy machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from threadpoolctl import threadpool_limits

one_thread_of_all = threadpool_limits.wrap(limits=1)


def one_thread(function: Callable) -> Callable:
    """Run a function of scikit-learn's on one thread: what it loads later would not be limited."""

    @wraps(function)
    def limited(*given: Any, **named: Any) -> Any:
        import sklearn.ensemble
        import sklearn.linear_model  # noqa: F401

        with threadpool_limits(limits=1):
            return function(*given, **named)

    return limited
