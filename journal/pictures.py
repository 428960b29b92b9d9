"""Uploaded pictures, made anew: what is kept is drawn from their pixels and from nothing else.

No file of a stranger is stored: no metadata (where a photograph was taken, say), no colour profile,
nothing behind the end of the picture, no second frame.
"""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

import structlog
from django.conf import settings
from PIL import Image, ImageOps

from common.api import Refusal

log = structlog.get_logger(__name__)

FIELD = "image"
FORMATS = ("PNG", "JPEG", "WEBP")
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
_UNTOLD = ("", "application/octet-stream")
# How each is written; tried in turn until the result is no longer than an upload may be.
_WRITTEN: dict[str, tuple[dict[str, int | bool], ...]] = {
    "PNG": ({"compress_level": 6},),
    "JPEG": ({"quality": 90}, {"quality": 70}),
    "WEBP": ({"quality": 90, "method": 2}, {"quality": 70, "method": 2}),
}
_LONGER = 2  # a PNG of a better packer than ours may become so many times longer
# Each scan of a JPEG goes over the whole picture, and may take only a few bytes to ask for it.
# Ordinary ones have a dozen at most, and as many in each picture that a camera adds.
_MOST_SCANS = 30
_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"  # neither is ever data
# A picture of the most pixels takes some 300 MB while it is made anew: one at a time.
_turn = threading.BoundedSemaphore(1)
_WAIT_SECONDS = 20
# Who waits keeps a thread from all other requests: one may, others only while small ones are drawn.
_line = threading.BoundedSemaphore(2)
_WAIT_FOR_LINE_SECONDS = 0.5


class NotAPicture(Refusal):
    """The file says it is a picture, or does not even say so, and is none that we take."""

    code = "not_an_image"

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{FIELD}: {sentence}", fields={FIELD: [sentence]})


class TooLarge(Refusal):
    status = 413
    code = "too_large"

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{FIELD}: {sentence}", fields={FIELD: [sentence]})


class Busy(Refusal):
    status = 503
    message = "Too many images are being taken in: try again in a few seconds"
    code = "busy"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is stored."""

    data: bytes
    content_type: str
    width: int
    height: int


def made_anew(data: bytes, *, said: str) -> Picture:
    """Return the picture in `data`, drawn anew in its own format, upright.

    said     the Content-Type that came with it; what is in it has to agree
    refuses  NotAPicture: another format, damaged, more than one frame, something behind its end;
             TooLarge: bytes or pixels
    """
    if len(data) > settings.IMAGE_BYTES:
        raise TooLarge(f"It has more than {settings.IMAGE_BYTES // 1024**2} MB")
    with _taken(_line, _WAIT_FOR_LINE_SECONDS), _taken(_turn, _WAIT_SECONDS):
        return _drawn(data, said)


@contextmanager
def _taken(place: threading.Semaphore, seconds: float) -> Iterator[None]:
    if not place.acquire(timeout=seconds):
        raise Busy(headers={"Retry-After": "10"})
    try:
        yield
    finally:
        place.release()


def _drawn(data: bytes, said: str) -> Picture:
    try:
        opened = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception as error:  # whatever it is that Pillow stumbles over in a stranger's bytes
        raise NotAPicture("It is no PNG, JPEG or WebP picture") from error
    with opened:
        # A photograph of several pictures in one is an ordinary JPEG to everybody else.
        kind = "JPEG" if opened.format == "MPO" else str(opened.format)
        if opened.width * opened.height > settings.IMAGE_PIXELS:  # nothing is decoded so far
            raise _too_many_pixels()
        _agrees(said.partition(";")[0].strip().lower(), TYPES[kind])
        if kind != "JPEG" and getattr(opened, "is_animated", False):
            raise NotAPicture("It moves: send a picture of one frame")
        if not _ends_where_it_should(data, kind):
            raise NotAPicture("It is cut off, or there is something behind its end")
        if kind == "JPEG" and data.count(_START_OF_SCAN) > _MOST_SCANS:
            raise NotAPicture("It is drawn in too many steps: send an ordinary JPEG")
        try:
            opened.load()
            upright = _upright(opened)
        except MemoryError:
            raise
        except Exception as error:
            raise NotAPicture("It is damaged: it cannot be read to its end") from error
    plain = _plain(upright, kind)
    return Picture(_written(plain, kind), TYPES[kind], plain.width, plain.height)


def _agrees(said: str, found: str) -> None:
    if said not in _UNTOLD and _ALIASES.get(said, said) != found:
        raise NotAPicture(f"It is sent as {said[:60]}, and is {found}")


def _ends_where_it_should(data: bytes, kind: str) -> bool:
    """Say whether the file ends where the picture does; cameras add to a JPEG, and may.

    Of a JPEG the last scan must have an end: what draws it may be content without.
    """
    if kind == "WEBP":
        (told,) = struct.unpack("<I", data[4:8])
        return bool(len(data) in (told + 8, told + 8 + told % 2))
    if kind == "JPEG":
        return data.rfind(_END_OF_IMAGE) > data.rfind(_START_OF_SCAN)
    at = 8
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        at += 12 + length
        if name == b"IEND":
            return bool(at == len(data))
    return False


def _upright(picture: Image.Image) -> Image.Image:
    with suppress(Exception):  # of what the metadata says, nothing is needed
        return ImageOps.exif_transpose(picture)
    return picture


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """Return the pixels alone, in a mode that the format can hold."""
    if picture.mode.startswith("I"):  # 16 bits of grey; a plain conversion would cut them off
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if kind == "JPEG":
        mode = "L" if picture.mode == "L" else "RGB"
    elif picture.has_transparency_data:
        mode = "RGBA"
    else:
        mode = picture.mode if picture.mode in ("1", "L", "P") and kind == "PNG" else "RGB"
    plain = picture if picture.mode == mode else picture.convert(mode)
    plain.info = {}
    return plain


def _written(picture: Image.Image, kind: str) -> bytes:
    made = b""
    for how in _WRITTEN[kind]:
        out = io.BytesIO()
        picture.save(out, kind, **how)
        made = out.getvalue()
        if len(made) <= settings.IMAGE_BYTES:
            return made
    if len(made) > _LONGER * settings.IMAGE_BYTES:
        raise TooLarge("It would be too long when stored: send a smaller picture")
    return made


def _too_many_pixels() -> TooLarge:
    most = settings.IMAGE_PIXELS // 1_000_000
    return TooLarge(f"It has more than {most} million pixels: send a smaller picture")


def read_upload(file: IO[bytes]) -> bytes:
    """Return what was uploaded, and a byte more than is allowed where there is more."""
    return file.read(settings.IMAGE_BYTES + 1)
