"""Tables of spatial files: shapefiles, GeoPackages, KML, Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from .errors import NewCityError
from .frames import text_frame
from .tables import RawTable

LAYERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".kml": "LIBKML"}


def layer_tables(path: Path, name: str) -> tuple[list[RawTable], list[str]]:
    """The layers of a spatial file, and what was left alone."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    driver = LAYERS[path.suffix.lower()]
    tables, left = [], []
    try:
        names = [str(row[0]) for row in pyogrio.list_layers(path)]
        for layer in names:
            info = pyogrio.read_info(path, layer=layer)
            if info["driver"] != driver:
                raise NewCityError(f"{name} is {info['driver']}, not {driver}; correct its suffix")
            shown = name if len(names) == 1 else f"{name}!{layer}"
            frame = pyogrio.read_dataframe(path, layer=layer)
            if not len(frame):
                left.append(f"{shown}: holds no rows")
                continue
            tables.append(_spatial(shown, frame))
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        told = str(error).replace(str(path), name)
        also = (
            " (it needs .shp, .shx and .dbf side by side)" if path.suffix.lower() == ".shp" else ""
        )
        raise NewCityError(
            f"{name} cannot be read as {driver} ({told.splitlines()[0][:120]}); export it again{also}"
        ) from None
    return tables, left


def _spatial(name: str, frame: Any) -> RawTable:
    points = crs = None
    if hasattr(frame, "crs") and "geometry" in frame.columns:
        points = np.asarray(frame.geometry.to_numpy(), dtype=object)
        crs = frame.crs
        frame = pd.DataFrame(frame.drop(columns="geometry"))
    count = len(frame)
    return RawTable(
        text_frame(frame),
        np.full(count, name, dtype=object),
        np.arange(1, count + 1),
        points,
        crs,
        [f"{name}: {count:,} features" + (f", {pyproj.CRS(crs).name}" if crs else "")],
    )


def parquet_table(path: Path, name: str) -> RawTable:
    """The rows of a Parquet or GeoParquet file."""
    import geopandas as gpd
    import pyarrow as pa

    try:
        try:
            return _spatial(name, gpd.read_parquet(path))
        except ValueError:
            return _spatial(name, pd.read_parquet(path))
    except (pa.ArrowException, OSError):
        raise NewCityError(f"{name} is no Parquet file, or is damaged; export it again") from None
