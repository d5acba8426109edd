"""One thread for small fits, which gain nothing from more and lose much on a busy machine."""

from __future__ import annotations

from threadpoolctl import threadpool_limits

one_thread = threadpool_limits.wrap(limits=1, user_api="openmp")
one_thread_of_all = threadpool_limits.wrap(limits=1)
