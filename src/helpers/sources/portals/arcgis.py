"""Layers of ArcGIS servers: all features, page by page or by their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SourceError
from .addresses import Address, file_name
from .pages import MOST, Brought, Pages, objects, whole_number, write_features

if TYPE_CHECKING:
    from .client import Client

_LAYER = re.compile(r"^(.*/(?:Feature|Map)Server)(?:/(\d+))?(?:/query)?/?$", re.IGNORECASE)
_OURS = {
    "f", "resultoffset", "resultrecordcount", "returncountonly", "returnidsonly", "objectids",
    "returngeometry", "outsr",
}  # fmt: skip
_PASSING = (429, 500, 502, 503, 504)  # as errors inside an answer 200, too
_AT_ONCE = 2_000
_NUMBERS = 500


def is_layer(address: Address) -> bool:
    """Whether an address is that of a service or a layer of an ArcGIS server."""
    return bool(_LAYER.match(address.path))


@dataclass
class _Layer:
    """A layer and what it can do."""

    address: Address
    client: Client
    about: dict[str, Any]
    wish: dict[str, str]
    pages: Pages
    ids: set[Any] = field(default_factory=set)

    @property
    def number(self) -> str:
        """Name of the field that numbers the features."""
        named = self.about.get("objectIdField") or next(
            (
                f.get("name", "")
                for f in objects(self.about.get("fields"))
                if f.get("type") == "esriFieldTypeOID"
            ),
            "",
        )
        return str(named)

    @property
    def is_geojson(self) -> bool:
        return "geojson" in str(self.about.get("supportedQueryFormats", "")).lower()

    @property
    def can_page(self) -> bool:
        named = self.about.get("supportsPagination", False)
        return bool(
            _object(self.about, "advancedQueryCapabilities").get("supportsPagination", named)
        )

    @property
    def at_once(self) -> int:
        return min(whole_number(self.about.get("maxRecordCount"), 1) or 1_000, _AT_ONCE)

    def ask(self, **query: Any) -> dict[str, Any]:
        """The answer to a query; an error inside an answer 200 is one."""
        return _asked(self.client, self.address, {**self.wish, **query})

    def features(self, **query: Any) -> tuple[list[Any], bool | None]:
        """Features of a page, and whether more were left; None where the server does not say."""
        form = "geojson" if self.is_geojson else "json"
        answer = self.ask(f=form, outSR=4326, returnGeometry="true", **query)
        features = answer.get("features")
        if not isinstance(features, list) or len(objects(features)) < len(features):
            raise SourceError(
                f"{self.address.shown}: the answer holds no features; check the address"
            )
        told = answer.get("exceededTransferLimit")
        if told is None:
            told = _object(answer, "properties").get("exceededTransferLimit")
        return features, told if told is None else bool(told)


def write(client: Client, address: Address, folder: Path, target: Path) -> Brought:
    """Write all features of a layer, in longitude and latitude, as GeoJSON or ArcGIS JSON.

    Pages are ordered by the number of the feature and asked until the server no longer says
    ``exceededTransferLimit``; layers that cannot page, or whose pages overlap, are asked by the
    numbers of their features.  As many features as the layer counts must have come.

    Raises
    ------
    SourceError
        An error of the server, a service with several layers, or features that stay missing.
    """
    layer = _layer(client, address, Pages(folder))
    total = _count(layer)
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if not layer.is_geojson:
        head = {"spatialReference": {"wkid": 4326}, "fields": objects(layer.about.get("fields"))}
    how = "pages"
    if layer.can_page:
        count = write_features(target, head, _paged(layer, total))
    if not layer.can_page or _lacks(layer, count, total):
        if not layer.number:
            raise _short_of(layer, count if layer.can_page else 0, total)
        layer.pages.clear()
        layer.pages = Pages(folder, "numbers")
        layer.ids.clear()
        how = "numbers of the features"
        count = write_features(target, head, _numbered(layer))
        if _lacks(layer, count, total):
            raise _short_of(layer, count, total)
    layer.pages.clear()
    suffix = ".geojson" if layer.is_geojson else ".json"
    name = file_name(str(layer.about.get("name") or "layer"), suffix)
    asked = layer.wish.get("where", "1=1")
    chosen = "" if asked == "1=1" else f" where {asked}"
    return Brought(name, [f"{name}: a layer of ArcGIS, {count:,} features{chosen}, asked by {how}"])


def _layer(client: Client, address: Address, pages: Pages) -> _Layer:
    found = _LAYER.match(address.path)
    assert found
    wish = {name: value for name, value in address.query if name.casefold() not in _OURS}
    low = {name.casefold() for name in wish}
    if "where" not in low:
        wish["where"] = "1=1"
    if "outfields" not in low:
        wish["outFields"] = "*"
    where, number = found[1], found[2]
    if number is None:
        number = _only_layer(client, address.at(where))
    place = address.at(f"{where}/{number}")
    about = _asked(client, place, {"f": "json"})
    if "Query" not in str(about.get("capabilities", "Query")):
        raise SourceError(
            f"{place.shown}: the layer may be seen but not asked; look for a download"
        )
    layer = _Layer(place.at(f"{where}/{number}/query"), client, about, wish, pages)
    ordered = _object(about, "advancedQueryCapabilities").get("supportsOrderBy", True)
    if layer.number and ordered and "orderbyfields" not in low:
        wish["orderByFields"] = layer.number
    return layer


def _only_layer(client: Client, service: Address) -> int:
    about = _asked(client, service, {"f": "json"})
    layers = [*objects(about.get("layers")), *objects(about.get("tables"))]
    layers = [one for one in layers if not one.get("subLayerIds")]
    only = whole_number(layers[0].get("id")) if len(layers) == 1 else None
    if only is not None:
        return only
    names = ", ".join(f"{one.get('id')} {one.get('name')}" for one in layers[:12]) or "none"
    raise SourceError(
        f"{service.shown} has several layers ({names}); end the address with the number of one, such as "
        f"{service.shown}/{layers[0].get('id') if layers else 0}"
    )


def _asked(client: Client, address: Address, query: dict[str, Any]) -> dict[str, Any]:
    patience = client.patience
    pause = patience.pause
    for _ in range(patience.tries):
        form = {name: str(value) for name, value in query.items()}
        if len(form.get("objectIds", "")) > 1_000:  # longer than servers take in an address
            answer = client.json(address, form)
        else:
            answer = client.json(address.with_query(**form))
        error = answer.get("error") if isinstance(answer, dict) else None
        if isinstance(answer, dict) and not error:
            return answer
        code = error.get("code") if isinstance(error, dict) else None
        if code not in _PASSING:
            break
        client.say(f"{address.host}: {_message(error)}; asked again in {pause:.0f} s")
        patience.sleep(pause)
        pause *= 2
    if code in (498, 499, 403):
        raise SourceError(
            f"{address.shown}: the layer is not public ({_message(error)}); add &token=… to the address, or "
            "download it in a browser"
        )
    raise SourceError(f"{address.shown}: the server says {_message(error)}; check the address")


def _message(error: Any) -> str:
    if not isinstance(error, dict):
        return "nothing that can be read"
    details = error.get("details")
    words = [error.get("message") or "error", *(details if isinstance(details, list) else [])]
    words = [str(word) for word in words]
    shown = "; ".join(word for word in dict.fromkeys(words) if word.strip())
    return f"{error.get('code', 'error')}: {' '.join(shown.split())[:160]}"


def _count(layer: _Layer) -> int | None:
    try:
        answer = layer.ask(f="json", returnCountOnly="true")
    except SourceError as error:
        if "Invalid" in str(error) and "where" not in str(error).lower():
            return None
        raise
    return whole_number(answer.get("count"))


def _paged(layer: _Layer, total: int | None) -> Iterator[list[Any]]:
    came = 0
    for number in range(MOST):
        size = layer.at_once
        ask = partial(layer.features, resultOffset=came, resultRecordCount=size)
        features, more = layer.pages.page(number, ask)
        before = len(layer.ids)
        layer.ids |= {_id_of(f, layer.number) for f in features} - {None}
        came += len(features)
        layer.client.progress(came, total)
        yield features
        again = bool(layer.ids) and len(layer.ids) == before
        if not features or again:
            return
        if (
            not more
            and (total is None or came >= total)
            and (more is False or len(features) < size)
        ):
            return


def _numbered(layer: _Layer) -> Iterator[list[Any]]:
    answer = layer.ask(f="json", returnIdsOnly="true")
    listed_ids = answer.get("objectIds")
    found = [whole_number(one) for one in (listed_ids if isinstance(listed_ids, list) else [])]
    numbers = sorted(one for one in found if one is not None)
    step = min(layer.at_once, _NUMBERS)
    for start in range(0, len(numbers), step):
        listed = ",".join(map(str, numbers[start : start + step]))
        features, _ = layer.pages.page(start // step, partial(layer.features, objectIds=listed))
        layer.ids |= {_id_of(f, layer.number) for f in features} - {None}
        layer.client.progress(start + len(features), len(numbers))
        yield features


def _id_of(feature: dict[str, Any], name: str) -> Any:
    held = _object(feature, "properties") or _object(feature, "attributes")
    found = held.get(name)
    found = feature.get("id") if found is None else found
    return found if isinstance(found, int | float | str) else None


def _object(whole: dict[str, Any], name: str) -> dict[str, Any]:
    held = whole.get(name)
    return held if isinstance(held, dict) else {}


def _lacks(layer: _Layer, count: int, total: int | None) -> bool:
    """Whether features are missing, or came twice in the place of others."""
    if layer.ids and len(layer.ids) < count:
        return True
    return total is not None and count < total


def _short_of(layer: _Layer, count: int, total: int | None) -> SourceError:
    got = min(count, len(layer.ids) or count)
    return SourceError(
        f"{layer.address.shown}: {got:,} different features came of {total if total is not None else 'all'}; "
        "the server cannot page through this layer, download it in a browser and give the file"
    )
