"""Symbols of a city's own map layers: images, templates and georeferences from its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import SourceError
from ..files import read_bytes
from .extraction import locate
from .georeference import Georeference, read_georeference
from .pictures import decoded, on_paper, template_of


def read_published(
    layers: pd.DataFrame, crs: str, *, threshold: float = 0.75, overlaps: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Locate the symbols of published map layers, and give them their places.

    Templates that the same image is searched for compete for its symbols: each goes to the one it
    is most like.

    Parameters
    ----------
    layers
        One row a kind of symbol in an image: ``kind``, and the paths ``image``, ``template`` and
        ``georeference``. Further columns are carried along.
    crs
        System of the places, projected.
    threshold, overlaps
        As in :func:`locate`.

    Returns
    -------
    symbols : pandas.DataFrame
        One row a symbol: ``kind``, ``x``, ``y`` (metres in `crs`), ``correlation``, ``visible``,
        ``image``, and what was carried along.
    told : pandas.DataFrame
        One row a row of `layers`: ``kind``, ``image``, ``symbols``, ``mean_correlation``,
        ``metres_per_pixel``, ``control_points``, ``rms_m`` (of the control points), ``template_px``
        (longer side of the template).

    Raises
    ------
    SourceError
        A file is no picture, no template or no georeference; the sentence names it.
    """
    found, told = [], []
    carried = [name for name in layers if name not in ("kind", "image", "template", "georeference")]
    groups = layers.groupby(["image", "georeference"], sort=False)
    for (image, reference), rows in groups:
        picture = on_paper(decoded(_bytes(image), _name(image)))
        place = read_georeference(_bytes(reference), crs, _name(reference))
        templates = [
            template_of(decoded(_bytes(path), _name(path)), str(number))
            for number, path in enumerate(rows["template"])
        ]
        try:
            symbols = locate(picture, templates, threshold=threshold, overlaps=overlaps)
        except SourceError as error:
            raise SourceError(f"{_name(image)}: {error}") from None
        for number, (_, row) in enumerate(rows.iterrows()):
            mine = symbols[symbols["kind"] == str(number)]
            found.append(_placed(mine, place, row, carried))
            told.append(
                _told(mine, place, row) | {"template_px": max(templates[number].mask.shape)}
            )
    return pd.concat(found, ignore_index=True), pd.DataFrame(told)


def _placed(
    symbols: pd.DataFrame, place: Georeference, row: pd.Series, carried: list[str]
) -> pd.DataFrame:
    places = place.places(symbols[["pixel_x", "pixel_y"]].to_numpy())
    content = {"kind": row["kind"], "x": places[:, 0], "y": places[:, 1]}
    content |= {
        "correlation": symbols["correlation"].to_numpy(),
        "visible": symbols["visible"].to_numpy(),
    }
    content |= {"image": Path(row["image"]).name} | {name: row[name] for name in carried}
    return pd.DataFrame(content, index=range(len(places)))


def _told(symbols: pd.DataFrame, place: Georeference, row: pd.Series) -> dict[str, object]:
    return {
        "kind": row["kind"],
        "image": Path(row["image"]).name,
        "symbols": len(symbols),
        "mean_correlation": symbols["correlation"].mean() if len(symbols) else np.nan,
        "metres_per_pixel": place.unit_per_pixel,
        "control_points": place.points,
        "rms_m": place.rms,
    }


def _name(path: str | Path) -> str:
    return f"{Path(path).parent.name}/{Path(path).name}"


def _bytes(path: str | Path) -> bytes:
    return read_bytes(Path(path), _name(path))
