"""Keep derived polygons of a city with its results, computed once for the same inputs and code."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .files import OutputError, atomic_write
from .fingerprints import fingerprint, module_hash
from .paths import processed_dir

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

_KEY = b"compendium:inputs"


def keeper(city: str) -> Callable:
    """The function that `helpers.cities.load_city` takes as ``keep``, for one city.

    It gives the frame that was stored for the same inputs, the same code (every module that a
    city stands on) and the same GEOS; where there is none, it computes and stores it.  A file
    that is damaged, missing or of something else is made again.  Where the system does not let a
    file be written, the frame is computed each time.
    """

    def keep(
        name: str, inputs: Sequence[str], compute: Callable[[], gpd.GeoDataFrame]
    ) -> gpd.GeoDataFrame:
        import shapely

        key = fingerprint(
            code=module_hash("helpers.cities"),
            inputs=list(inputs),
            geos=shapely.geos_version_string,
        )
        path = processed_dir(city) / "derived" / f"{name}.parquet"
        stored = _read(path, key)
        return _store(path, key, compute()) if stored is None else stored

    return keep


def _store(path: Path, key: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Store the frame whole, and give it as a later reader will see it."""
    import geopandas as gpd
    import pyarrow.parquet as parquet

    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    table = parquet.read_table(buffer)
    table = table.replace_schema_metadata({**table.schema.metadata, _KEY: key.encode()})
    try:
        with atomic_write(path) as temporary:
            parquet.write_table(table, temporary)
    except OutputError:
        pass
    return gpd.read_parquet(buffer)


def _read(path: Path, key: str) -> gpd.GeoDataFrame | None:
    """The stored frame, or None when it is missing, damaged or of other inputs."""
    import geopandas as gpd
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        metadata = parquet.read_schema(path).metadata or {}
        return gpd.read_parquet(path) if metadata.get(_KEY) == key.encode() else None
    except (pa.ArrowException, OSError, ValueError):
        return None
