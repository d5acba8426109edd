"""Keep derived polygons on disk, computed once for the same inputs."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as parquet
import shapely

import helpers.space
from helpers.project import atomic_write

_KEY = b"compendium:inputs"


def fingerprint(parts: Sequence[str]) -> str:
    """Hash of what a derivation depends on: inputs, the code of `space`, the GEOS version."""
    digest = hashlib.sha256()
    folder = Path(helpers.space.__file__).parent
    for name in ("study_area.py", "tessellation.py"):
        digest.update((folder / name).read_bytes())
    for part in (*parts, shapely.geos_version_string):
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def kept(path: Path, key: str, compute: Callable[[], gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """The frame stored at `path` for `key`; computed and stored when there is none.

    The file is replaced as a whole, so two processes that compute it at once both leave the same
    bytes, and a killed one leaves the old file.
    """
    stored = _read(path, key)
    if stored is not None:
        return stored
    frame = compute()
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    table = parquet.read_table(buffer)
    table = table.replace_schema_metadata({**table.schema.metadata, _KEY: key.encode()})
    with atomic_write(path) as temporary:
        parquet.write_table(table, temporary)
    return gpd.read_parquet(path)


def _read(path: Path, key: str) -> gpd.GeoDataFrame | None:
    """The stored frame, or None when it is missing, damaged or of other inputs."""
    try:
        metadata = parquet.read_schema(path).metadata or {}
        return gpd.read_parquet(path) if metadata.get(_KEY) == key.encode() else None
    except (FileNotFoundError, pa.ArrowInvalid, OSError, ValueError):
        return None
