"""What somebody who waits in a terminal sees of a download."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import Progress


def told(text: str) -> None:
    """Say a sentence beside the output."""
    print(f"  {text}", file=sys.stderr)


@contextlib.contextmanager
def bar(title: str) -> Iterator[Progress]:
    """A bar in a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
    console = Console(stderr=True)
    with Bars(*columns, TimeElapsedColumn(), console=console, transient=True) as shown:
        task = shown.add_task(Text(title[:60]).markup, total=None, told="")

        def update(done: int, total: int | None) -> None:
            told = f"{done:,}" if total is None else f"{done:,} of {total:,}"
            shown.update(task, completed=done, total=total, told=told)

        yield update
