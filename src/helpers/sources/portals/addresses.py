"""Addresses on the web: which are taken, what of them may be shown, how a file of theirs is named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from ..errors import SourceError

_SECRET = re.compile(
    r"token|secret|passw|pwd|signature|credential|api_?key|subscription|^(key|auth|sig|code)$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\w.()-]+")
_LONGEST = 100
_HIDDEN = "***"


@dataclass(frozen=True)
class Address:
    """An address in its parts; what lets somebody in is kept apart and never shown.

    Attributes
    ----------
    base : str
        Scheme, host, port and path.
    query : tuple of (str, str)
        Parameters, in their order.
    auth : (str, str) or None
        User and password that stood before the host.
    """

    base: str
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The address that is asked, with the secrets of its query."""
        return f"{self.base}?{urlencode(self.query)}" if self.query else self.base

    @property
    def shown(self) -> str:
        """The address as it may be written down: secrets of the query are stars.

        Examples
        --------
        >>> address_of("https://me:pw@a.org/x.csv?year=2020&api_key=123").shown
        'https://a.org/x.csv?year=2020&api_key=***'
        """
        told = [(name, _HIDDEN if _SECRET.search(name) else v) for name, v in self.query]
        query = urlencode(told, safe="$:*,=", quote_via=quote)
        return f"{self.base}?{query}" if query else self.base

    @property
    def host(self) -> str:
        """Host with its port."""
        return urlsplit(self.base).netloc

    @property
    def origin(self) -> str:
        """Scheme and host."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """Path, its signs decoded."""
        return unquote(urlsplit(self.base).path)

    def asked(self, name: str) -> str:
        """Value of a parameter, "" where it is not given; names are compared without case."""
        folded = name.casefold()
        return next((v for n, v in self.query if n.casefold() == folded), "")

    def at(self, path: str, **query: object) -> Address:
        """Another path on the same host, with `query` and the secrets of this address."""
        kept = [(n, v) for n, v in self.query if _SECRET.search(n)]
        return Address(
            self.origin + quote(path, safe="/"),
            (*((name, str(value)) for name, value in query.items()), *kept),
            self.auth,
        )

    def with_query(self, **query: object) -> Address:
        """The same path with parameters set anew; the other ones stay."""
        names = {name.casefold() for name in query}
        kept = tuple((n, v) for n, v in self.query if n.casefold() not in names)
        return Address(
            self.base, (*kept, *((name, str(value)) for name, value in query.items())), self.auth
        )


def is_address(text: object) -> bool:
    """Whether a text is the address of something on the web, or of another scheme.

    Examples
    --------
    >>> is_address("https://a.org/x.csv"), is_address("C:/x.csv"), is_address("x.csv")
    (True, False, False)
    """
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(text).strip()))


def address_of(text: str) -> Address:
    """An address in its parts.

    Raises
    ------
    SourceError
        Another scheme than http and https, no host, or signs that no address has.
    """
    text = text.strip()
    scheme = text.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise SourceError(
            f"addresses of {scheme}: are not read; give one that begins with https:// or http://, or a file"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SourceError(
            "the address cannot be read (its host or port is none); copy it again"
        ) from None
    if not parts.hostname or re.search(r"[\x00-\x20\x7f\\]", text.replace(" ", "")):
        raise SourceError("the address names no host, or holds unseen signs; copy it again")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    auth = None
    if parts.username is not None:
        auth = (unquote(parts.username), unquote(parts.password or ""))
    path = quote(unquote(parts.path), safe="/:@!$&'()*+,;=~") or "/"
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return Address(urlunsplit((parts.scheme.lower(), netloc, path, "", "")), query, auth)


def file_name(text: str, suffix: str = "") -> str:
    """A name that is safe on every disk, of what a server or an address says.

    Examples
    --------
    >>> file_name("../../etc/passwd"), file_name("crímenes 2020.csv"), file_name("", ".csv")
    ('passwd', 'crímenes_2020.csv', 'download.csv')
    """
    last = PurePosixPath(unquote(text).replace("\\", "/")).name
    name = _NAME.sub("_", last).strip("._")
    if suffix and not name.lower().endswith(suffix):
        name = f"{name or 'download'}{suffix}"
    stem = PurePosixPath(name or "download")
    ends = "".join(stem.suffixes[-2:])[-20:]
    return name if 0 < len(name) <= _LONGEST else f"{stem.name[: _LONGEST - 20]}{ends}"
