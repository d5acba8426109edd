"""Makes the report's copies of figures small: what nobody can see is not kept."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

# Levels of red, green and blue that a copy keeps of 256: no value moves by more than 3 (as docs/gallery allows), and what
# is white or black stays so.  The figure itself, in figures/, keeps all.
LEVELS = 43
NEAREST = [round(round(v * (LEVELS - 1) / 255) * 255 / (LEVELS - 1)) for v in range(256)]
# Part of the key of a copy: another recipe makes all anew.
RECIPE = f"webp lossless 1, {LEVELS} levels"
# List of what the copies were made from, so that the next report takes over what has not changed.
SOURCES = "figures/copies.json"
# Copies that are made at once; the encoder leaves Python free meanwhile.
AT_ONCE = 2


def small_copy(raw: bytes) -> bytes | None:
    """A WebP image that looks like a PNG and takes a third of its bytes; None where it cannot be read.

    Colours are brought to `LEVELS` levels a channel and then kept without loss, which suits lines
    and letters.  What is transparent is laid on white, as the pages do.

    Parameters
    ----------
    raw
        Bytes of a PNG.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(raw), formats=["PNG"]) as picture:
            whole = picture.convert("RGBA") if picture.mode not in ("RGB", "L") else picture.copy()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if whole.mode == "RGBA" and whole.getchannel("A").getextrema() != (255, 255):
        whole = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole)
    made = io.BytesIO()
    even = whole.convert("RGB").point(NEAREST * 3)
    even.save(made, format="WEBP", lossless=True, quality=10, method=1)
    return made.getvalue()


@dataclass
class Copies:
    """Makes small copies beside the building of the pages, and takes over those of the last report.

    Attributes
    ----------
    folder
        Of the report that is being built.
    before
        Of the last report, which may be absent.
    """

    folder: Path
    before: Path
    _made: dict[str, Future[None]] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    def __post_init__(self) -> None:
        self._known: Mapping[str, str] = _read(self.before / SOURCES)

    def add(self, place: str, raw: bytes, digest: str) -> None:
        """Make a copy of a PNG at a place in the report, or take it over."""
        if place not in self._made:
            self._keys[place] = f"{digest} {RECIPE}"
            self._made[place] = self._pool.submit(self._copy, place, raw)

    def close(self) -> None:
        """Wait for all copies and write what they were made from."""
        try:
            for made in self._made.values():
                made.result()
        finally:
            self._pool.shutdown(cancel_futures=True)
        listed = self.folder / SOURCES
        listed.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self._keys, ensure_ascii=False, indent=0, sort_keys=True)
        listed.write_text(text + "\n", encoding="utf-8", newline="\n")

    def _copy(self, place: str, raw: bytes) -> None:
        old = self.before / place
        known = self._known.get(place) == self._keys[place] and old.is_file()
        made = old.read_bytes() if known else b""
        if not _is_whole(made):
            made = small_copy(raw) or raw
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)


def _is_whole(raw: bytes) -> bool:
    """Whether a WebP file has as many bytes as it says."""
    return raw[:4] == b"RIFF" and int.from_bytes(raw[4:8], "little") + 8 == len(raw)


def _read(path: Path) -> Mapping[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
