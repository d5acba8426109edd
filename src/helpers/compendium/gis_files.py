"""Write layers as files that a GIS or a spreadsheet opens, the same bytes each time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import atomic_write, write_text
from .store import no_formulas

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

# GeoPackage notes when a layer was last changed; a fixed day makes equal contents equal bytes.
UNDATED = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"}
# Decimals of a degree that GeoJSON keeps: about a centimetre (RFC 7946, 11.2).
DEGREE_DECIMALS = 7


def write_geopackage(path: Path, layers: Mapping[str, pd.DataFrame]) -> None:
    """Write several layers, and tables without geometry, into one GeoPackage.

    Parameters
    ----------
    path
        Where; an older file is replaced as a whole.
    layers
        Frame by name of its layer: a GeoDataFrame in a stated system, or a plain frame.

    Raises
    ------
    ValueError
        No layer is given, or a GeoDataFrame states no system.
    OutputError
        The system refuses.
    """
    import pyogrio

    if not layers:
        raise ValueError("a GeoPackage needs a layer.")
    with atomic_write(path) as temporary, _gdal(UNDATED):
        temporary.unlink()
        for name, frame in layers.items():
            shapes = _system(name, frame) is not None
            several = shapes and frame.geom_type.str.startswith("Multi").any()
            more = {"promote_to_multi": True} if several else {}
            pyogrio.write_dataframe(_flat(frame), temporary, layer=name, driver="GPKG", **more)


def write_geojson(
    path: Path, frame: gpd.GeoDataFrame, about: Mapping[str, Any] | None = None
) -> None:
    """Write a layer as GeoJSON in longitude and latitude (WGS84), outer rings anticlockwise.

    Parameters
    ----------
    path
        Where.
    frame : geopandas.GeoDataFrame
        In any stated system.
    about
        What the file says of itself, as the member ``about`` beside the features.

    Raises
    ------
    ValueError
        The frame has no geometry or states no system.
    OutputError
        The system refuses.
    """
    import shapely

    if _system(path.stem, frame) is None:
        raise ValueError(f"layer {path.stem!r} has no geometry.")
    shapes = frame.geometry.to_crs(4326)
    shapes = shapely.set_precision(shapes.to_numpy(), 10.0**-DEGREE_DECIMALS, mode="pointwise")
    shapes = shapely.orient_polygons(shapes, exterior_cw=False)
    told = _flat(frame).drop(columns=frame.geometry.name)
    rows = json.loads(told.to_json(orient="records"))
    # pandas writes no row at all of a layer without columns (a boundary)
    rows = rows if len(told.columns) else [{} for _ in shapes]
    features = [
        {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(shape))}
        for row, shape in zip(rows, shapes, strict=True)
    ]
    content = {"type": "FeatureCollection", "about": dict(about or {}), "features": features}
    write_text(path, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def write_sheet(path: Path, frame: pd.DataFrame) -> None:
    """Write a layer as CSV: its columns, and of points where they stand.

    Points get ``x`` and ``y`` in the frame's system, where it has no columns of that name,
    ``longitude`` and ``latitude`` (WGS84), and ``crs_of_x_y``, the frame's system by its authority
    and code (``EPSG:27700``), else by its name; lines and polygons stay in the other files.

    Parameters
    ----------
    path
        Where.
    frame
        A frame with or without geometry.

    Raises
    ------
    ValueError
        The frame states no system.
    OutputError
        The system refuses.
    """
    sheet = _flat(frame)
    if _system(path.stem, frame) is not None:
        sheet = sheet.drop(columns=frame.geometry.name)
        if (frame.geom_type == "Point").all():
            degrees = frame.geometry.to_crs(4326)
            places = {"x": frame.geometry.x, "y": frame.geometry.y}
            sheet = sheet.assign(**{k: v for k, v in places.items() if k not in sheet})
            sheet["longitude"] = degrees.x.round(DEGREE_DECIMALS)
            sheet["latitude"] = degrees.y.round(DEGREE_DECIMALS)
            sheet["crs_of_x_y"] = _named(frame.crs)
    with atomic_write(path) as temporary:
        no_formulas(sheet).to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")


def _system(name: str, frame: pd.DataFrame) -> Any:
    """The system of a frame with geometry, None of one without."""
    if not hasattr(frame, "geom_type"):
        return None
    if frame.crs is None:
        raise ValueError(f"layer {name!r} does not say in which system its coordinates are.")
    return frame.crs


def _named(system: Any) -> str:
    """A coordinate system by authority and code, else by its name."""
    code = system.to_authority()
    return ":".join(code) if code else system.name


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a named index as a column, and lists and the like as JSON text."""
    flat = frame.reset_index(drop=frame.index.names == [None])
    for name in flat.columns:
        column = flat[name]
        if (
            column.dtype == object
            and column.map(lambda v: isinstance(v, list | dict | tuple)).any()
        ):
            flat[name] = column.map(lambda value: json.dumps(value, ensure_ascii=False))
    return flat


@contextlib.contextmanager
def _gdal(options: Mapping[str, str]) -> Iterator[None]:
    import pyogrio

    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(dict(options))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
