"""What servers answer in the place of data, told in sentences."""

from __future__ import annotations

import json
import re

import requests
import urllib3

from ..errors import SourceError
from .addresses import Address
from .patience import wait_asked

_AGAIN = (202, 408, 425, 429, 500, 502, 503, 504)
_PAGE = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(rb"<title[^>]*>\s*(.{1,200}?)\s*</title>", re.IGNORECASE | re.DOTALL)


class Again(Exception):
    """A failure that another try may mend: why, and the seconds that the server asks to wait."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


def too_large(size: int, limit: int) -> SourceError:
    """The refusal of an answer above the limit."""
    return SourceError(
        f"the answer holds {size / 1e9:,.1f} GB or more, above the limit of {limit / 1e9:,.1f} GB; ask for a "
        "part of it (a city, some years), or download it by hand and give the file"
    )


def refuse_status(address: Address, answer: requests.Response) -> None:
    """Raise for a status that is no success: `Again` where another try may mend it."""
    code = answer.status_code
    if (code < 300 and code != 202) or code == 416:
        return
    if code in _AGAIN:
        why = {202: "the answer is not ready", 429: "it says too many requests"}.get(
            code, f"it answers with error {code}"
        )
        raise Again(why, wait_asked(answer.headers.get("Retry-After")))
    if code in (401, 403, 407):
        raise SourceError(
            f"{address.shown}: the server lets nobody in without a login or key ({code}); download the "
            "file in a browser and give it, or add the key to the address"
        )
    if code in (404, 410):
        raise SourceError(f"{address.shown}: there is nothing ({code}); copy the address again")
    said = _said(answer)
    raise SourceError(f"{address.shown}: the server refuses ({code}{said}); check the address")


def _said(answer: requests.Response) -> str:
    """What a refusal says of itself, short."""
    try:
        message = message_in(answer.raw.read(20_000, decode_content=True))
    except (urllib3.exceptions.HTTPError, OSError):
        return ""
    return f": {message}" if message else ""


def message_in(data: bytes) -> str:
    """The message of an object that tells of an error, "" where there is none."""
    try:
        whole = json.loads(data)
    except ValueError:
        return ""
    message = whole.get("message") or whole.get("error") if isinstance(whole, dict) else None
    return _clean(message) if message else ""


def _clean(text: object) -> str:
    shown = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())[:160]


def refuse_page(address: Address, head: bytes) -> None:
    """Refuse a page of HTML where data is asked, as portals answer who is not logged in."""
    if not _PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        return
    title = _TITLE.search(head)
    named = f" ({_clean(title[1].decode('utf-8', 'replace'))!r})" if title else ""
    raise SourceError(
        f"{address.shown} answers with a web page{named}, not with data; it may be a login, or the page "
        "about the data: copy the address behind its download button, or give the downloaded file"
    )


def is_nameless(error: BaseException) -> bool:
    """Whether the cause of a failure is a host that nobody knows."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return False
        if isinstance(seen, urllib3.exceptions.NameResolutionError):
            return True
        reason = getattr(seen, "reason", None) or next(
            (a for a in seen.args if isinstance(a, BaseException)), None
        )
        seen = reason
    return False
