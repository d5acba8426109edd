"""One answer of a server, whole: asked again where it failed, gone on with where it broke off."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import urllib3

from ..errors import SourceError
from .addresses import Address
from .patience import Patience
from .refusals import Again, is_nameless, message_in, refuse_page, refuse_status, too_large

_BLOCK = 1 << 16
_NAMED = re.compile(r"filename\*=(?:UTF-8'')?([^;]+)|filename=\"?([^\";]+)", re.IGNORECASE)
AGENT = "police-planning-compendium (requests)"

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Answer:
    """What a server said of the body that now lies in a file.

    Attributes
    ----------
    kind : str
        Its content type, without parameters.
    name : str
        The name that it gives to the file, "" where none.
    size : int
        Bytes.
    """

    kind: str
    name: str
    size: int


@dataclass
class Client:
    """Asks servers, with patience.

    Attributes
    ----------
    patience : Patience
    say : callable
        Takes a sentence for the person who waits.
    progress : callable
        Takes the bytes that are there and those that will be, where known.
    """

    patience: Patience = field(default_factory=Patience)
    say: Callable[[str], None] = lambda text: None
    progress: Progress = lambda done, total: None

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.headers["User-Agent"] = AGENT
        self._session.max_redirects = 10

    def json(self, address: Address, form: dict[str, str] | None = None) -> Any:
        """The JSON that an address answers with; `form` is sent as a form where it is given.

        Raises
        ------
        SourceError
            As `fetch`; or the answer is no JSON, also when asked again.
        """

        def once() -> Any:
            parts: list[bytes] = []
            self._body(address, parts.append, form, limit=1 << 28)
            data = b"".join(parts)
            refuse_page(address, data)
            try:
                return json.loads(data.decode("utf-8-sig"))
            except ValueError:
                raise Again("its answer is no JSON, or was cut short") from None

        return self._patiently(address, once)

    def text(self, address: Address) -> str:
        """The text that an address answers with, where text is no JSON; an object is an error.

        Raises
        ------
        SourceError
            As `fetch`; an object that tells of an error in the place of text.
        """

        def once() -> str:
            parts: list[bytes] = []
            self._body(address, parts.append, None, limit=1 << 28)
            data = b"".join(parts).removeprefix(b"\xef\xbb\xbf")
            refuse_page(address, data)
            if data.lstrip()[:1] == b"{":
                told = message_in(data) or "what is no table"
                raise SourceError(f"{address.shown}: the server says {told}; check the address")
            return data.decode("utf-8", errors="replace")

        return self._patiently(address, once)

    def fetch(self, address: Address, part: Path) -> Answer:
        """Bring the body of an answer into the file `part`, going on where that one ends.

        Beside it lies ``<part>.tag``, by which the server tells that nothing has changed since.

        Raises
        ------
        SourceError
            No connection, a refusal, a page of HTML, an answer that stays short or is too long.
        """
        return self._patiently(address, lambda: self._fetch_once(address, part))

    def _patiently(self, address: Address, once: Callable[[], Any]) -> Any:
        patience = self.patience
        pause = patience.pause
        for number in range(1, patience.tries + 1):
            try:
                return once()
            except Again as error:
                why = str(error)
                wait = pause if error.wait is None else error.wait
                if wait > patience.longest:
                    raise SourceError(
                        f"{address.host} asks to wait {wait:,.0f} s ({why}); run the command again then, "
                        "what has come already is kept"
                    ) from None
            if number < patience.tries:
                self.say(f"{address.host}: {why}; asked again in {wait:.0f} s")
                patience.sleep(wait)
                pause *= 2
        raise SourceError(
            f"{address.shown}: {why} (asked {patience.tries} times); run the command again later, or "
            "download the file by hand and give it"
        )

    def _fetch_once(self, address: Address, part: Path) -> Answer:
        tag = part.with_name(part.name + ".tag")
        have = part.stat().st_size if part.exists() and tag.exists() else 0
        extra = {}
        if have:
            extra = {"Range": f"bytes={have}-", "If-Range": tag.read_text("utf-8")}
        with self._asked(address, None, extra) as answer:
            if answer.status_code == 416:  # what is there is no beginning of what the server has
                _forget(part, tag)
                raise Again("the file there has changed")
            whole = answer.status_code != 206 or not _begins_at(answer, have)
            if answer.status_code == 206 and whole:
                _forget(part, tag)
                raise Again("it sent another part than asked")
            _keep_tag(answer, tag)
            mode = "wb" if whole else "ab"
            done = 0 if whole else have
            if not whole:
                self.say(f"{address.host}: going on after {have / 1e6:,.1f} MB")
            with part.open(mode) as sink:
                size = self._pour(answer, sink.write, done, self.patience.largest)
            headers = answer.headers
        if part.stat().st_size != size:
            _forget(part, tag)
            raise Again("another run downloads the same")
        with part.open("rb") as start:
            head = start.read(4096)
        try:
            refuse_page(address, head)
        except SourceError:
            _forget(part, tag)
            raise
        named = _NAMED.search(_text_of(headers.get("Content-Disposition", "")))
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(kind, (named[1] or named[2] or "").strip() if named else "", size)

    def _body(
        self,
        address: Address,
        take: Callable[[bytes], Any],
        form: dict[str, str] | None,
        limit: int,
    ) -> None:
        with self._asked(address, form, {"Accept-Encoding": "gzip, deflate"}) as answer:
            self._pour(answer, take, 0, limit, quiet=True)

    @contextlib.contextmanager
    def _asked(self, address: Address, form: dict[str, str] | None, headers: dict[str, str]) -> Any:
        """The answer to one question, its body not read yet; failures become sentences."""
        answer = None
        try:
            answer = self._session.request(
                "POST" if form else "GET",
                address.url,
                data=form,
                auth=address.auth,
                headers={"Accept-Encoding": "identity", **headers},
                timeout=(self.patience.connect, self.patience.read),
                stream=True,
            )
            refuse_status(address, answer)
            yield answer
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
            raise SourceError(
                f"{address.shown} leads on to an address that is not http or https; it is not followed"
            ) from None
        except requests.exceptions.TooManyRedirects:
            raise SourceError(
                f"{address.shown} leads on and on; open it in a browser, it may ask for a login"
            ) from None
        except requests.exceptions.SSLError:
            raise SourceError(
                f"{address.host}: its certificate is not valid, so nobody knows who answers; check the address"
            ) from None
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
            raise Again(f"no answer for {self.patience.read:g} s") from None
        except requests.exceptions.ConnectionError as error:
            if is_nameless(error):
                raise SourceError(
                    f"{address.host} cannot be found: there is no connection to the network, or no such "
                    "host; check both, or download the file elsewhere and give it"
                ) from None
            raise Again("no connection, or it broke off") from None
        except (
            requests.exceptions.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
        ) as error:
            if isinstance(error, OSError) and error.filename:
                raise  # of the disk
            raise Again("the answer broke off") from None
        finally:
            if answer is not None:
                answer.close()

    def _pour(
        self,
        answer: requests.Response,
        take: Callable[[bytes], Any],
        done: int,
        limit: int,
        *,
        quiet: bool = False,
    ) -> int:
        """Pass the body on, block by block; how many bytes there are then."""
        coded = _is_coded(answer)
        told = answer.headers.get("Content-Length", "")
        total = done + int(told) if told.isdigit() and not coded else None
        if total is not None and total > limit:
            raise too_large(total, limit)
        patience = self.patience
        since, came = time.monotonic(), 0
        while block := answer.raw.read1(_BLOCK, decode_content=True):
            take(block)
            done += len(block)
            came += len(block)
            if done > limit:
                raise too_large(done, limit)
            if not quiet:
                self.progress(done, total)
            if time.monotonic() - since > patience.window:
                if came < patience.least:
                    raise Again(f"only {came} bytes came in {patience.window:g} s")
                since, came = time.monotonic(), 0
        return done


def _is_coded(answer: requests.Response) -> bool:
    """Whether the bytes on the way are others than those of the file."""
    return answer.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity")


def _begins_at(answer: requests.Response, have: int) -> bool:
    return answer.headers.get("Content-Range", "").replace(" ", "").startswith(f"bytes{have}-")


def _keep_tag(answer: requests.Response, tag: Path) -> None:
    """Remember by what an interrupted answer is known again: a strong tag, or its date."""
    mark = answer.headers.get("ETag", "")
    if mark.startswith("W/") or not mark:
        mark = answer.headers.get("Last-Modified", "")
    if mark and not _is_coded(answer):
        tag.write_text(mark, encoding="utf-8")
    else:
        tag.unlink(missing_ok=True)


def _forget(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _text_of(header: str) -> str:
    """A header as UTF-8, which servers send and requests reads as Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
