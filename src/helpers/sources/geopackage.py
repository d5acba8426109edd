"""GeoPackage files as features, read as the SQLite tables that they are."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any

from .crs import of_code, of_text
from .errors import SourceError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_APPLICATIONS = (b"GPKG", b"GP10", b"GP11", b"GP12")
_APPLICATION_AT = 68
_JOURNAL_AT = slice(18, 20)
_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_MEND = "save it again as GeoPackage"


def read_geopackage(name: str, data: bytes, layer: str | None = None) -> pd.DataFrame:
    """Rows of a layer of a GeoPackage, in the order of their keys, without those.

    The bytes are opened in memory, so that nothing beside them is read or written, and only a
    plain table is read: a view or a virtual table could lead to functions and to other files.

    Parameters
    ----------
    name : str
        The file as messages call it.
    data : bytes
        Its content.
    layer : str, optional
        Of a file with several.

    Raises
    ------
    SourceError
        The bytes are no sound GeoPackage, the layer is not there or is no plain table, or a
        geometry cannot be read.
    """
    if data[_APPLICATION_AT : _APPLICATION_AT + 4] not in _APPLICATIONS:
        raise SourceError(
            f"{name} is a SQLite file but not a GeoPackage (its header does not say so); {_MEND}"
        )
    # a file last written with a write-ahead log says so, and opens in memory only without one
    plain = bytearray(data)
    plain[_JOURNAL_AT] = b"\x01\x01"
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(bytes(plain))
        database.execute("PRAGMA trusted_schema = OFF")
        return _read(name, database, layer)
    except (sqlite3.Error, OverflowError, UnicodeError, MemoryError) as error:
        raise SourceError(f"{name} is damaged ({error}); {_MEND}") from None
    finally:
        database.close()


def _read(name: str, database: sqlite3.Connection, layer: str | None) -> pd.DataFrame:
    import geopandas as gpd
    import pandas as pd

    known = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
    names = [str(row[0]) for row in database.execute(known)]
    if layer is not None and layer not in names:
        raise SourceError(f"{name} has no layer {layer!r}; its layers are {', '.join(names)}")
    if layer is None and len(names) != 1:
        if not names:
            raise SourceError(f"{name} holds no features; put the data in it or remove the layer")
        raise SourceError(
            f"{name} has {len(names)} layers ({', '.join(names)}); name one in city.yml as layer:"
        )
    chosen = layer or names[0]
    _refuse_all_but_tables(name, database, chosen)
    described = list(database.execute("SELECT * FROM pragma_table_info(?)", (chosen,)))
    keys = [row[1] for row in described if row[5]]
    kept = [row[1] for row in described if row[1] not in keys or len(keys) > 1]
    order = ", ".join(_quoted(key) for key in keys) or "rowid"
    listed = ", ".join(_quoted(column) for column in kept)
    asked = f"SELECT {listed} FROM {_quoted(chosen)} ORDER BY {order}"  # noqa: S608 - names are quoted
    rows = database.execute(asked).fetchall()
    frame = pd.DataFrame(rows, columns=kept)
    for _, column, kind, *_ in described:
        if column in kept and str(kind).upper() == "BOOLEAN" and not frame[column].hasnans:
            frame[column] = frame[column].astype(bool)
    asked = "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?"
    found = database.execute(asked, (chosen,)).fetchone()
    if found is None:
        return frame
    column, system = found
    if column not in frame:
        raise SourceError(f"{name}: layer {chosen!r} lacks its geometry column; {_MEND}")
    shapes = _shapes(name, frame.pop(column))
    if "geometry" in frame:
        raise SourceError(f"{name}: a column is named geometry beside the geometry; rename it")
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=_crs(database, system))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _refuse_all_but_tables(name: str, database: sqlite3.Connection, chosen: str) -> None:
    asked = "SELECT type, sql FROM sqlite_master WHERE lower(name) = lower(?)"
    found = [row for row in database.execute(asked, (chosen,)) if row[0] in ("table", "view")]
    if len(found) != 1:
        raise SourceError(f"{name} is damaged (layer {chosen!r} has no table); {_MEND}")
    kind, statement = found[0]
    if kind != "table" or re.match(r"\s*CREATE\s+VIRTUAL\b", statement or "", re.IGNORECASE):
        raise SourceError(
            f"{name}: layer {chosen!r} is a view, not a table; export its rows to a layer of "
            "their own"
        )


def _shapes(name: str, column: pd.Series) -> gpd.GeoSeries:
    import geopandas as gpd
    import shapely

    bodies = [_well_known_binary(value) for value in column]
    shapes = shapely.from_wkb([body or None for body in bodies], on_invalid="ignore")
    for k, (body, shape) in enumerate(zip(bodies, shapes, strict=True)):
        if body is None or (body and shape is None):
            raise SourceError(f"{name}, feature {k + 1}: its geometry cannot be read; {_MEND}")
    return gpd.GeoSeries(shapes)


def _well_known_binary(value: Any) -> bytes | None:
    """WKB behind the header of GeoPackage 1.3, 2.1.3; empty where none is stated, None if broken."""
    if value is None:
        return b""
    if not isinstance(value, bytes) or len(value) < 8 or value[:2] != b"GP":
        return None
    flags = value[3]
    if flags & 0b10000:  # the flag of an empty geometry
        return b""
    envelope = _ENVELOPE_BYTES.get(flags >> 1 & 0b111)
    return None if envelope is None else value[8 + envelope :] or None


def _crs(database: sqlite3.Connection, system: Any) -> Any:
    asked = (
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ?"
    )
    found = database.execute(asked, (system,)).fetchone()
    if found is None:
        return None
    organisation, code, definition = found
    return of_code(f"{organisation}:{code}") or of_text(str(definition))
