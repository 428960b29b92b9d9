"""Pictures of all kinds, and what only says that it is one."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

SCRIPT = b"<script>alert(document.domain)</script>"
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **how: Any) -> bytes:
    """Return a file of noise, which no packer makes much smaller."""
    return saved(Image.effect_noise(size, 60).convert("RGB"), kind, **how)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def upload(data: bytes, name: str = "chart.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=kind)


def with_position(kind: str) -> bytes:
    """Return a photograph taken on its side, with the camera's name and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    exif[0x010F] = "Cameramaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 31.0), 3: "E", 4: (8.0, 32.0, 5.0)})
    extra: dict[str, Any] = {"comment": b"Cameramaker"} if kind == "JPEG" else {}
    return picture(kind, (60, 40), exif=exif, icc_profile=b"Cameramaker" * 20, **extra)


def bomb(width: int, height: int, lines: int | None = None) -> bytes:
    """Return a PNG of a few kilobytes that says it has so many pixels, and has so many lines."""
    rows = zlib.compressobj(9)
    line = b"\0" * (width // 8 + 2)
    packed = (
        b"".join(rows.compress(line) for _ in range(height if lines is None else lines))
        + rows.flush()
    )
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def of_many_scans() -> bytes:
    """Return a JPEG that has the whole picture gone over again and again."""
    whole = picture("JPEG", progressive=True)
    at = whole.rindex(b"\xff\xda")
    return whole[:at] + whole[at:-2] * 40 + whole[-2:]


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
