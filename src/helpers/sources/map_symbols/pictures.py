"""Pictures as files hold them: read, write, take a template from."""

from __future__ import annotations

import io

import numpy as np

from helpers.checks import whole_number

from ..errors import SourceError
from .matching import Template

MOST_PIXELS = 400_000_000


def decoded(data: bytes, name: str = "the image") -> np.ndarray:
    """The picture in a file of any format that OpenCV reads.

    Parameters
    ----------
    data
        Bytes of a PNG, JPEG, TIFF, WebP or BMP file.
    name
        Of the file, for the sentence.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
        Red, green, blue; a fourth band, opacity, where the file has one.

    Raises
    ------
    SourceError
        The bytes are no picture, or one of more than 400 million pixels.
    """
    import cv2
    from PIL import Image, UnidentifiedImageError

    unreadable = SourceError(
        f"{name} is no picture that can be read; save it as PNG or JPEG and put it there again"
    )
    try:
        # the head alone: what a small file unfolds to is known before it is unfolded
        with Image.open(io.BytesIO(data)) as head:
            columns, rows = head.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        raise unreadable from None
    if rows * columns > MOST_PIXELS:
        raise SourceError(
            f"{name} has {columns:,} × {rows:,} pixels, more than {MOST_PIXELS:,}; cut it in parts"
        )
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        raise unreadable from None
    if found is None or not found.size:
        raise unreadable
    picture = np.asarray(found)
    if picture.dtype == np.uint16:
        picture = (picture // 257).astype(np.uint8)
    if picture.dtype != np.uint8:
        raise SourceError(f"{name} holds measurements, not a picture; export the map as PNG")
    if picture.ndim == 2:
        picture = picture[..., None]
    if picture.shape[2] == 1:
        return np.repeat(picture, 3, axis=2)
    return _turned(picture)


def on_paper(picture: np.ndarray) -> np.ndarray:
    """A picture without opacity: where it is transparent, white shows.

    Parameters
    ----------
    picture
        Shape (rows, columns, 3) or (rows, columns, 4), uint8.
    """
    if picture.shape[2] == 3:
        return picture
    cover = picture[..., 3:].astype(np.float32) / 255
    return np.round(picture[..., :3] * cover + 255 * (1 - cover)).astype(np.uint8)


def template_of(picture: np.ndarray, name: str = "") -> Template:
    """A template from a picture of the symbol.

    Parameters
    ----------
    picture
        The symbol alone, uint8; a fourth band says by its opacity which pixels belong to it, and
        without one all do.
    name
        What the symbol stands for.

    Raises
    ------
    SourceError
        It is of one colour, or has too few pixels.
    """
    if picture.shape[2] == 3:
        return Template(picture, np.ones(picture.shape[:2], dtype=bool), name)
    return Template(np.ascontiguousarray(picture[..., :3]), picture[..., 3] > 127, name)


def as_jpeg(image: np.ndarray, quality: int = 85) -> bytes:
    """Bytes of a JPEG file, with the noise that its compression makes.

    Parameters
    ----------
    image
        Red, green, blue, shape (rows, columns, 3), uint8.
    quality
        From 1 to 100.
    """
    import cv2

    how = [cv2.IMWRITE_JPEG_QUALITY, whole_number(quality, "quality of a JPEG file", 1, 100)]
    return _written(".jpg", image, how)


def as_png(image: np.ndarray) -> bytes:
    """Bytes of a PNG file.

    Parameters
    ----------
    image
        Red, green, blue and, where there are four bands, opacity; uint8.
    """
    return _written(".png", image, [])


def _written(suffix: str, image: np.ndarray, how: list[int]) -> bytes:
    import cv2

    done, found = cv2.imencode(suffix, _turned(image), how)
    if not done:
        raise SourceError(f"the image cannot be written as {suffix[1:].upper()}")
    return bytes(found.tobytes())


def _turned(image: np.ndarray) -> np.ndarray:
    """Red, green, blue for OpenCV's blue, green, red, or the other way."""
    import cv2

    how = cv2.COLOR_BGR2RGB if image.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), how))
