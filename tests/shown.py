"""What a reader sees below the cells of an executed notebook, and whether it makes sense."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

NOUNS = (
    "zones|events|crimes|stations|kinds|months|years|places|areas|patrols|criteria|fields|rounds|"
    "runs|rows|cells|posts|nodes|tests|seeds|plans|neighbours|districts|vectors|claims|tiles"
)
NONSENSE = re.compile(
    r"\b(?:nan|NaN|NaT|None|inf)\b|\b0 of 0\b|Traceback|[Ww]arning:|\{\w+\}"
    rf"|(?<![\d.,])1 (?:{NOUNS})\b"
    # a word twice, a colon or a bracket with nothing behind it, a comma before a full stop
    r"|\b([a-z]{2,}) \1\b|:\s*[.;]|\(\s*\)|,\s*\."
)

# sentences run into each other, a stop twice, a year that runs into a count
GLUED = re.compile(
    r"(?<![./])\.\.(?![./])|;[a-z]|(?:[a-z]{3}|[)%\d])\.[A-Z][a-z]|(?<!\w)(?:19|20)\d\d \d[\d,]* [a-z]"
)
_NO_SENTENCE = re.compile(r"`[^`]*`|\$[^$]*\$|&#?\w+;|https?://\S+|\\(?=\W)")


def texts(path: Path) -> dict[str, list[str]]:
    """Outputs of an executed notebook: markdown, html, plain and stderr."""
    seen: dict[str, list[str]] = {"markdown": [], "html": [], "plain": [], "stderr": []}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for shown in cell.get("outputs", []):
            if shown["output_type"] == "stream":
                kind = "stderr" if shown["name"] == "stderr" else "plain"
                seen[kind].append("".join(shown["text"]))
                continue
            data = shown.get("data", {})
            for kind in ("markdown", "html", "plain"):
                if f"text/{kind}" in data:
                    if not any(other.startswith("image/") for other in data):
                        seen[kind].append("".join(data[f"text/{kind}"]))
                    break
    return seen


def words_of(page: str) -> str:
    """The words of a piece of HTML."""
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<style.*?</style>", "", page)))


def nonsense(page: str) -> str:
    """What makes no sense on a page, with what stands around it; empty where all does."""
    found = NONSENSE.search(page)
    return page[max(found.start() - 200, 0) : found.end() + 200] if found else ""


def glued(sentences: str) -> str:
    """Where sentences, words or numbers run into each other, with what stands around it."""
    plain = _NO_SENTENCE.sub("", sentences)
    found = GLUED.search(plain)
    return plain[max(found.start() - 100, 0) : found.end() + 100] if found else ""
