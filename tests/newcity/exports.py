"""Exports invented for the tests: layouts that police forces and portals use, rows of chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj

KINDS = ("ROBO CON VIOLENCIA", "HURTO", "LESIONES", "ROBO EN LUGAR HABITADO")


def points(count: int, lon: float, lat: float, crs: str = "EPSG:4326", seed: int = 1) -> np.ndarray:
    """Places of a few clusters around a centre."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(0, 0.03, (5, 2))
    place = middles[rng.integers(0, 5, count)] + rng.normal(0, 0.006, (count, 2)) + (lon, lat)
    change = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return np.column_stack(change.transform(place[:, 0], place[:, 1]))


def moments(count: int, seed: int = 2, days: int = 700) -> pd.DatetimeIndex:
    """Times of two years."""
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, days * 1440, count)
    return pd.Timestamp("2021-01-01") + pd.to_timedelta(minutes, unit="min")


def chile(count: int = 400) -> bytes:
    """Latin-1, semicolons, a title row, decimal commas, UTM 19S; 5 blank, 3 swapped, 1 "s/i"."""
    xy, when = points(count, -70.65, -33.45, "EPSG:32719"), moments(count)
    rng = np.random.default_rng(3)
    lines = [
        "Casos policiales, Comuna de Ñuñoa (ficticio);;;;;",
        "Nº;Tipo de delito;Fecha del hecho;Hora;Coord X;Coord Y",
    ]
    for k in range(count):
        x, y = (f"{v:.2f}".replace(".", ",") for v in xy[k])
        if k in (20, 40, 60):
            x, y = y, x
        if k in range(100, 105):
            x = y = ""
        date = "s/i" if k == 200 else when[k].strftime("%d/%m/%Y")
        lines.append(f"{k + 1};{KINDS[rng.integers(4)]};{date};{when[k]:%H:%M};{x};{y}")
    return "\r\n".join(lines).encode("latin-1")


def chicago(count: int = 500) -> str:
    """A portal's export: AM/PM times, state plane feet beside degrees, a location text, updates."""
    when = moments(count)
    lonlat, feet = points(count, -87.65, 41.85), points(count, -87.65, 41.85, "EPSG:3435")
    kinds = np.random.default_rng(4).choice(
        ["THEFT", "BATTERY", "NARCOTICS", "=cmd|' /C calc'!A0", "<b>x</b>"], count
    )
    lines = [
        "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,Beat,"
        "X Coordinate,Y Coordinate,Year,Updated On,Latitude,Longitude,Location"
    ]
    for k in range(count):
        lon, lat = lonlat[k]
        place = f'{feet[k, 0]:.0f},{feet[k, 1]:.0f},{when[k].year},02/10/2024 03:40:59 PM,{lat:.9f},{lon:.9f},"({lat:.9f}, {lon:.9f})"'
        if k < 7:
            place = f",,{when[k].year},02/10/2024 03:40:59 PM,,,"
        lines.append(
            f"{10_000_000 + k},JH{k:06d},{when[k]:%m/%d/%Y %I:%M:%S %p},0XX W EXAMPLE ST,0820,{kinds[k]},"
            f"$500 AND UNDER,STREET,false,0111,{place}"
        )
    return "\n".join(lines)


def frame(
    count: int = 300, lon: float = -3.7, lat: float = 40.42, crs: str = "EPSG:4326"
) -> pd.DataFrame:
    """A plain table: offence, when, x, y."""
    xy = points(count, lon, lat, crs)
    kinds = np.random.default_rng(5).choice(["Theft", "Assault", "Burglary"], count)
    when = moments(count)
    return pd.DataFrame(
        {
            "offence": kinds,
            "when": when.strftime("%Y-%m-%d %H:%M"),
            "lon": xy[:, 0].round(6),
            "lat": xy[:, 1].round(6),
        }
    )
