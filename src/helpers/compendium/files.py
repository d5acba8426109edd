"""Write files whole or not at all, and read them back with mistrust."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

Content = TypeVar("Content", dict[str, Any], list[Any])


class OutputError(RuntimeError):
    """The system does not let a result be written; the sentence says where, why and the mend."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell what the system refuses while `path` is written as an `OutputError`.

    Raises
    ------
    OutputError
        The disk is full or read-only, permission is missing, or something else stands where the
        file or its folder should be.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(refusal(path, error)) from None


def refusal(path: Path, error: OSError) -> str:
    """What the system refused while `path` was written, with the mend."""
    where = error.filename or path
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{path} cannot be written: the disk is full; free some space and run again"
    if error.errno == errno.EROFS:
        return (
            f"{path} cannot be written: the disk is read-only; set POLICE_PLANNING_OUTPUT to a "
            "folder that can be written"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"{path} cannot be written: no permission; change the permissions of its folder, or "
            "set POLICE_PLANNING_OUTPUT to a folder of your own"
        )
    if error.errno == errno.ENAMETOOLONG:
        return f"{path} cannot be written: the name is too long; use a folder nearer to the root"
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENOTEMPTY):
        # what stands there is the nearest thing that exists
        there = next((part for part in (path, *path.parents) if part.exists()), where)
        return f"{path} cannot be written: {there} is in the way; move it elsewhere and run again"
    return f"{path} cannot be written ({error.strerror or error}); mend that and run again"


@contextlib.contextmanager
def atomic_write(path: Path, durable: bool = True) -> Iterator[Path]:
    """Give a temporary path beside `path` and move it there when the block ends well.

    Readers see the old file or the whole new one, never a part.  A killed process leaves at most
    a hidden ``.*.tmp`` that `sweep_temporary` removes.  The temporary name keeps the suffix of
    `path`, because writers such as matplotlib choose the format by it.  A folder that stands
    where the file belongs is moved aside, not removed.

    Parameters
    ----------
    path
        The file to write.
    durable
        Whether the content must be on the disk before the name is, so that also a power cut
        leaves the old file or the new one.  It costs some milliseconds.

    Raises
    ------
    OutputError
        The system refuses.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a" / "note.txt"
    >>> with atomic_write(target) as temporary:
    ...     _ = temporary.write_text("whole")
    >>> target.read_text()
    'whole'
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem[:60]}.", suffix=f".tmp{path.suffix}", dir=path.parent
        )
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            # mkstemp makes the file private; give it the rights any other new file would have
            temporary.chmod(0o666 & ~_umask())
            if durable:
                to_disk(temporary)
            _move_folder_aside(path)
            temporary.replace(path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, durable: bool = True) -> None:
    """Write UTF-8 text with ``\\n`` line ends, as `atomic_write` does."""
    with atomic_write(path, durable) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, content: Any, durable: bool = True) -> None:
    """Write JSON that a person can read, as `atomic_write` does; no number may be infinite or NaN."""
    write_text(path, _laid_out(content, 2) + "\n", durable)


def _laid_out(content: Any, depth: int, inset: str = " ") -> str:
    """JSON with a line for each member of the outer levels.

    The json module indents in Python, member by member; what stands on one line is written by its
    compiled half, some ten times faster.
    """
    one_line = partial(json.dumps, ensure_ascii=False, allow_nan=False)
    if not depth or not content or not isinstance(content, dict | list):
        return one_line(content)
    if isinstance(content, list):
        members = [_laid_out(member, depth - 1, inset + " ") for member in content]
    elif all(isinstance(name, str) for name in content):
        members = [
            f"{one_line(name)}: {_laid_out(member, depth - 1, inset + ' ')}"
            for name, member in content.items()
        ]
    else:
        return one_line(content)
    lines = ",\n".join(inset + member for member in members)
    first, last = "[]" if isinstance(content, list) else "{}"
    return f"{first}\n{lines}\n{inset[1:]}{last}"


def read_json(
    path: Path, otherwise: Content, damaged: Callable[[Path], None] | None = None
) -> Content:
    """Content of a JSON file of ours, or `otherwise` where it is missing or damaged.

    Parameters
    ----------
    path
        The file.
    otherwise
        What stands for it; its type is the type that the content must have.
    damaged
        Called with the path where something is there that cannot be read as it should.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, type(otherwise)):
            return content
    except FileNotFoundError:
        return otherwise
    except (OSError, ValueError, RecursionError):
        pass
    if damaged:
        damaged(path)
    return otherwise


def file_hash(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def same_file(path: Path, digest: str) -> bool:
    """Whether `path` is a file of that SHA-256; what cannot be read is not."""
    try:
        return path.is_file() and file_hash(path) == digest
    except OSError:
        return False


def sweep_temporary(folder: Path) -> None:
    """Remove what killed writers left below `folder`."""
    for left in folder.rglob(".*.tmp*"):
        with contextlib.suppress(OSError):
            if left.is_file():
                left.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _move_folder_aside(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        aside = (path.with_name(f"{path.name}.aside{k or ''}") for k in range(1000))
        path.rename(next(free for free in aside if not free.exists()))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
