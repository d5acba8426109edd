"""Any file, folder or archive that cities publish, as tables of text."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.sources import (
    LARGEST_UNPACKED,
    WORKBOOKS,
    SourceError,
    cell_text,
    read_bytes,
    read_workbook,
)

from .archives import unpack
from .errors import NewCityError
from .tables import RawTable, table_of
from .text import read_text

TEXTS = (".csv", ".tsv", ".txt", ".psv")
LAYERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".kml": "LIBKML"}
OTHERS = (".json", ".geojson", ".parquet", ".geoparquet", ".zip", ".gz", ".ndjson", ".jsonl")
READ = (*WORKBOOKS, *TEXTS, *LAYERS, *OTHERS)
_OWN = ("truth.json",)
_ARCHIVES = 60  # archives in archives that one file may hold
_SHAPES = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip


def read_all(
    path: Path, scratch: Path, keep: Callable[[str], bool] | None = None
) -> tuple[list[RawTable], list[str], list[Path]]:
    """Tables of a file, or of every file below a folder or in a zip.

    Parameters
    ----------
    path, scratch : Path
    keep : callable, optional
        Which files of a folder or a zip to read, by their names; of a zip these are the originals
        then, not the whole archive.

    Returns
    -------
    tables : list of RawTable
    left : list of str
        What was found but holds no table, with the reason.
    files : list of Path
        The originals, to be copied.

    Raises
    ------
    NewCityError
        Nothing there, a link, or nothing that can be read.
    """
    if path.is_symlink():
        raise NewCityError(f"{path} is a link; give the file itself")
    if not path.exists():
        raise NewCityError(f"{path}: no such file; check the name")
    if path.is_dir():
        return _read_folder(path, path, scratch, keep or bool)
    if keep is not None and path.suffix.lower() == ".zip":
        place = _unpacked(path, scratch, keep)
        return _read_folder(place, place, scratch, keep)
    files = [path]
    if path.suffix.lower() == ".shp":
        files = sorted(p for p in path.parent.iterdir() if p.stem == path.stem and p.is_file())
    tables, left = _read_file(path, path.name, scratch)
    return tables, left, files


def _unpacked(path: Path, scratch: Path, keep: Callable[[str], bool] = bool) -> Path:
    place = _place_for(path.name, scratch)
    unpack(path, place, keep)
    return place


def _read_folder(
    folder: Path, root: Path, scratch: Path, keep: Callable[[str], bool] = bool
) -> tuple[list[RawTable], list[str], list[Path]]:
    tables, left, files = [], [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(root).as_posix()
        if any(step.startswith(".") for step in Path(name).parts) or path.name in _OWN:
            continue
        if not keep(name):
            continue
        if path.is_symlink():
            raise NewCityError(f"{name} is a link; put the file itself into the folder")
        if not path.is_file():
            continue
        if path.suffix.lower() not in READ:
            if path.suffix.lower() not in (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj"):
                left.append(f"{name}: not a table ({path.suffix or 'no suffix'})")
            else:
                files.append(path)
            continue
        try:
            found, why = _read_file(path, name, scratch)
        except NewCityError as error:
            left.append(str(error))
            continue
        tables += found
        left += why
        files.append(path)
    return tables, left, files


def _read_file(path: Path, name: str, scratch: Path) -> tuple[list[RawTable], list[str]]:
    suffix = path.suffix.lower()
    if not path.stat().st_size:
        raise NewCityError(f"{name} is empty; export it again")
    if suffix in WORKBOOKS:
        return _sheets(path, name)
    if suffix in LAYERS:
        return _layers(path, name)
    if suffix == ".zip":
        place = _unpacked(path, scratch)
        tables, left, _ = _read_folder(place, place, scratch)
        return tables, left
    if suffix == ".gz":
        return _plain(name, path.with_suffix("").suffix.lower(), _gunzipped(path))
    if suffix in (".parquet", ".geoparquet"):
        return [_parquet(path, name)], []
    if suffix not in (*TEXTS, *OTHERS):
        raise NewCityError(
            f"{name}: {suffix or 'a name without suffix'} is no format that is read; export it as "
            "CSV, XLSX, ODS, GeoJSON, GeoPackage, Parquet or a shapefile"
        )
    return _plain(name, suffix, path.read_bytes())


def _place_for(name: str, scratch: Path) -> Path:
    """A new folder to unpack an archive into, unless archives in archives have filled enough."""
    before = [path for path in scratch.iterdir() if path.name.startswith("zip")]
    held = sum(file.stat().st_size for path in before for file in path.rglob("*"))
    if len(before) >= _ARCHIVES or (before and held > LARGEST_UNPACKED // 4):
        raise NewCityError(
            f"{name}: archives in archives ({len(before)} so far, {held / 1e6:,.0f} MB); unpack them "
            "yourself if you trust them, and give the folder"
        )
    place = scratch / f"zip{len(before)}"
    place.mkdir()
    return place


def _gunzipped(path: Path) -> bytes:
    try:
        with gzip.open(path) as source:
            data = source.read(LARGEST_UNPACKED // 8)
    except (OSError, EOFError, zlib.error):
        raise NewCityError(f"{path.name} is damaged; download it again") from None
    if len(data) > 200 * path.stat().st_size and len(data) > 1 << 26:
        raise NewCityError(f"{path.name} unpacks to far more than its size; unpack it yourself")
    return data


def _plain(name: str, suffix: str, data: bytes) -> tuple[list[RawTable], list[str]]:
    if suffix in (".json", ".geojson", ".ndjson", ".jsonl") or data[:200].lstrip()[:1] in (
        b"{",
        b"[",
    ):
        table = _json(name, data)
    else:
        table = read_text(name, data)
    if table is None or not len(table):
        return [], [f"{name}: holds no rows of data"]
    return [table], []


def _sheets(path: Path, name: str) -> tuple[list[RawTable], list[str]]:
    try:
        book = read_workbook(name, read_bytes(path, name))
    except SourceError as error:
        raise NewCityError(str(error)) from None
    tables, left = [], []
    for sheet, lines in book.items():
        try:
            table = table_of(f"{name}!{sheet}", lines, list(range(1, len(lines) + 1)))
        except NewCityError as error:
            left.append(f"{name}!{sheet}: {error}")
            continue
        if table is None or not len(table):
            left.append(f"{name}!{sheet}: holds no table")
        else:
            tables.append(table)
    return tables, left


def _text_frame(frame: pd.DataFrame) -> pd.DataFrame:
    data = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            if getattr(values.dt, "tz", None) is not None:
                values = values.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            elif (values.dropna().dt.normalize() == values.dropna()).all():
                values = values.dt.strftime("%Y-%m-%d")
            else:
                values = values.dt.strftime("%Y-%m-%d %H:%M:%S")
            data[str(column)] = [v if isinstance(v, str) else "" for v in values]
        else:
            data[str(column)] = [
                "" if _is_missing(v) else _shown(v.item() if hasattr(v, "item") else v)
                for v in values
            ]
    return pd.DataFrame(data, index=range(len(frame)), dtype=object)


def _shown(value: Any) -> str:
    """A cell as text; bytes, as geometry columns hold them, in hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else cell_text(value).strip()


def _is_missing(value: Any) -> bool:
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    return isinstance(value, float) and math.isnan(value)


def _layers(path: Path, name: str) -> tuple[list[RawTable], list[str]]:
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
        _text_frame(frame),
        np.full(count, name, dtype=object),
        np.arange(1, count + 1),
        points,
        crs,
        [f"{name}: {count:,} features" + (f", {pyproj.CRS(crs).name}" if crs else "")],
    )


def _parquet(path: Path, name: str) -> RawTable:
    import geopandas as gpd
    import pyarrow as pa

    try:
        try:
            return _spatial(name, gpd.read_parquet(path))
        except ValueError:
            return _spatial(name, pd.read_parquet(path))
    except (pa.ArrowException, OSError):
        raise NewCityError(f"{name} is no Parquet file, or is damaged; export it again") from None


def _json(name: str, data: bytes) -> RawTable | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        try:
            whole = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise NewCityError(
                f"{name} is no JSON (it begins with {text[:20]!r}); save it again"
            ) from None
    if isinstance(whole, dict) and "error" in whole and "features" not in whole:
        raise NewCityError(
            f"{name} is an error of its portal ({str(whole['error'])[:100]}); ask again"
        )
    if isinstance(whole, dict) and whole.get("type") in _SHAPES:
        whole = {"type": "Feature", "properties": {}, "geometry": whole}
    if isinstance(whole, dict) and whole.get("type") == "Feature":
        whole = {**whole, "features": [whole]}
    if isinstance(whole, dict) and isinstance(whole.get("features"), list):
        return _features(name, whole)
    records = _records(whole)
    if not records:
        return None
    frame = pd.DataFrame([_flat(record) for record in records])
    table = RawTable(
        _text_frame(frame),
        np.full(len(frame), name, dtype=object),
        np.arange(1, len(frame) + 1),
        facts=[f"{name}: JSON, {len(frame):,} records"],
    )
    return table


def _records(whole: Any, depth: int = 0) -> list[dict]:
    """The longest list of records, wherever it is."""
    if isinstance(whole, list):
        if whole and all(isinstance(item, dict) for item in whole):
            return whole
        return []
    if not isinstance(whole, dict) or depth > 4:
        return []
    columns = (
        whole.get("meta", {}).get("view", {}).get("columns")
        if isinstance(whole.get("meta"), dict)
        else None
    )
    if columns and isinstance(whole.get("data"), list):  # Socrata's rows.json
        names = [c.get("name", str(k)) for k, c in enumerate(columns)]
        return [dict(zip(names, row, strict=False)) for row in whole["data"]]
    return max((_records(value, depth + 1) for value in whole.values()), key=len, default=[])


def _flat(record: dict, before: str = "", depth: int = 0) -> dict:
    """A record whose records inside are columns of their own: ``place.latitude``."""
    flat: dict = {}
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and value and depth < 4 and "coordinates" not in value:
            flat.update(_flat(value, f"{name}.", depth + 1))
        else:
            flat[name] = value
    return flat


def _features(name: str, whole: dict) -> RawTable:
    """Features of GeoJSON or of ArcGIS."""
    features = whole["features"]
    esri = any("attributes" in f for f in features[:50])
    records = [_flat(f.get("attributes" if esri else "properties") or {}) for f in features]
    names = [f.get("name") for f in whole.get("fields", []) if isinstance(f, dict)]
    frame = pd.DataFrame(records, columns=names or None)
    frame = frame.drop(columns="geometry", errors="ignore")
    if esri:
        shapes = np.array([_esri_shape(f.get("geometry")) for f in features], dtype=object)
    else:
        shapes = np.array([_geojson_shape(f.get("geometry")) for f in features], dtype=object)
    points = None if all(s is None for s in shapes) else shapes
    warnings = []
    if whole.get("exceededTransferLimit") or (whole.get("properties") or {}).get(
        "exceededTransferLimit"
    ):
        warnings.append(
            f"{name} says exceededTransferLimit: it is one page of a longer answer, more rows were "
            "left on the server; ask for all pages (resultOffset), or go on with this page alone"
        )
    kind = "a page of an ArcGIS service" if esri else "GeoJSON"
    table = RawTable(
        _text_frame(frame),
        np.full(len(frame), name, dtype=object),
        np.arange(1, len(frame) + 1),
        points,
        _system(name, whole, esri),
        [f"{name}: {kind}, {len(frame):,} features"],
        warnings,
    )
    return table


def _system(name: str, whole: dict, esri: bool) -> Any:
    try:
        if esri:
            system: Any = whole.get("spatialReference") or next(
                (f["geometry"]["spatialReference"] for f in whole["features"]
                 if (f.get("geometry") or {}).get("spatialReference")), {})  # fmt: skip
            code = system.get("latestWkid") or system.get("wkid")
            if code == 102100:
                code = 3857
            if code:
                return pyproj.CRS.from_epsg(code) if code < 100_000 else pyproj.CRS(f"ESRI:{code}")
            return pyproj.CRS.from_wkt(system["wkt"]) if system.get("wkt") else None
        stated = ((whole.get("crs") or {}).get("properties") or {}).get("name")
        crs = pyproj.CRS.from_user_input(stated) if stated else pyproj.CRS.from_epsg(4326)
        return pyproj.CRS.from_epsg(4326) if crs.to_authority() == ("OGC", "CRS84") else crs
    except (pyproj.exceptions.CRSError, TypeError, AttributeError):
        raise NewCityError(
            f"{name}: its system of coordinates is not known; state it with --crs EPSG:…"
        ) from None


def _geojson_shape(geometry: Any) -> Any:
    if not geometry:
        return None
    try:
        return shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        return None


def _esri_shape(geometry: Any) -> Any:
    if not isinstance(geometry, dict):
        return None
    try:
        if "x" in geometry:
            x, y = geometry["x"], geometry["y"]
            if x in (None, "NaN") or y in (None, "NaN"):
                return None
            return shapely.Point(float(x), float(y))
        if "rings" in geometry:
            lines = [shapely.LinearRing([p[:2] for p in ring]) for ring in geometry["rings"]]
            shape = shapely.build_area(shapely.multilinestrings(lines))
            return shape if not shape.is_empty else None
        if "paths" in geometry:
            return shapely.multilinestrings(
                [shapely.LineString([p[:2] for p in line]) for line in geometry["paths"]]
            )
    except (TypeError, ValueError, shapely.errors.GEOSException):
        return None
    return None
