"""Small PNG files: a screenshot's pixels written with a palette of 256 colours, about a third of the bytes.

What lives here: reading pixels through the browser that took them, choosing the palette, the file format.
What does not: taking pictures (camera.py).
"""

import base64
import struct
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

_COLOURS: Final = 256
_FREQUENT: Final = 64
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PALETTE_TYPE: Final = 3

# The browser decodes its own PNG; what comes back is RGBA, row by row.
_PIXELS: Final = """async (png) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    const bytes = canvas.getImageData(0, 0, picture.width, picture.height).data;
    const reader = new FileReader();
    const text = new Promise((resolve) => { reader.onload = () => resolve(reader.result.split(",")[1]); });
    reader.readAsDataURL(new Blob([bytes]));
    return [picture.width, picture.height, await text];
}"""

_Array = NDArray[Any]


def with_palette(png: bytes, browser_page: Page) -> bytes:
    """Return the picture with 256 of its colours; every other pixel gets the nearest of them."""
    width, height, pixels = browser_page.evaluate(_PIXELS, base64.b64encode(png).decode())
    seen = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(-1, 4)[:, :3].astype(np.int32)
    found, places, counts = np.unique(seen @ np.array([65_536, 256, 1]), return_inverse=True, return_counts=True)
    colours = _apart(found)
    palette = _chosen(colours, counts)
    indexes = _nearest(colours, palette)[places].reshape(height, width)
    return _file(indexes.astype(np.uint8), palette)


def _chosen(colours: _Array, counts: _Array) -> _Array:
    """Return the palette: what is seen most, then what is least like anything chosen so far.

    By frequency alone the one green word of a page would become grey.
    """
    chosen = list(np.argsort(-counts)[:_FREQUENT])
    distance = np.min([_distance(colours, colours[place]) for place in chosen], axis=0)
    while len(chosen) < min(_COLOURS, len(colours)):
        chosen.append(int(np.argmax(distance * np.sqrt(counts))))
        distance = np.minimum(distance, _distance(colours, colours[chosen[-1]]))
    return colours[chosen]


def _distance(colours: _Array, colour: _Array) -> _Array:
    squares: _Array = ((colours - colour) ** 2).sum(axis=1)
    return squares


def _apart(packed: _Array) -> _Array:
    """Return red, green and blue of each colour."""
    return np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=1)


def _nearest(colours: _Array, palette: _Array) -> _Array:
    """Return for each colour the place of the palette's nearest one."""
    return np.concatenate(
        [
            ((part[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
            for part in np.array_split(colours, len(colours) // 4_096 + 1)
        ]
    )


def _file(indexes: _Array, palette: _Array) -> bytes:
    height, width = indexes.shape
    # Each row begins with its filter; none suits a palette best.
    rows = np.pad(indexes, ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, _PALETTE_TYPE, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", palette.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
