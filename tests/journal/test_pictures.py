"""Pictures are drawn anew, or refused by name; what is kept is pixels."""

from __future__ import annotations

import time

import pytest
from PIL import Image

from journal.pictures import Busy, NotAPicture, TooLarge, _line, _turn, made_anew
from tests.journal.pictures import (
    SCRIPT,
    TYPES,
    bomb,
    moving,
    of_many_scans,
    opened,
    picture,
    saved,
    with_position,
)

ZIP = b"PK\x03\x04\x14\x00\x00\x00META-INF/MANIFEST.MF"


@pytest.mark.parametrize("kind", TYPES)
def test_a_picture_comes_out_in_its_own_format(kind):
    made = made_anew(picture(kind), said=TYPES[kind])

    assert made.content_type == TYPES[kind]
    assert (made.width, made.height) == (60, 40)
    assert opened(made.data).format == kind


@pytest.mark.parametrize("kind", TYPES)
def test_a_photograph_stands_upright_and_tells_no_place(kind):
    taken = with_position(kind)
    assert opened(taken).getexif().get_ifd(0x8825)
    assert b"Cameramaker" in taken

    made = made_anew(taken, said=TYPES[kind])

    assert (made.width, made.height) == (40, 60)
    whole = opened(made.data)
    assert whole.size == (40, 60)
    assert not whole.getexif()
    assert not {"icc_profile", "exif", "comment", "xmp"} & set(whole.info)
    for word in (b"Cameramaker", b"Exif", b"eXIf", b"ICCP", b"iCCP"):
        assert word not in made.data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_what_a_png_may_hold_stays(mode):
    image = Image.new("RGBA", (8, 8), (200, 30, 40, 128)).convert(mode)

    whole = opened(made_anew(saved(image, "PNG"), said="").data)

    assert whole.convert("RGBA").getpixel((3, 3)) == image.convert("RGBA").getpixel((3, 3))


def test_a_grey_of_16_bits_is_not_blown_out():
    whole = opened(made_anew(saved(Image.new("I;16", (8, 8), 40_000), "PNG"), said="").data)

    assert whole.getpixel((0, 0)) == 40_000 // 256


def test_colours_of_print_become_those_of_a_screen():
    made = made_anew(saved(Image.new("CMYK", (8, 8)), "JPEG"), said="image/jpg")

    assert opened(made.data).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"%PDF-1.7",
        b"MZ" + b"\0" * 200,
        SCRIPT,
        ZIP,
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        b"\xff\xd8\xff\xe0" + SCRIPT,
        b"RIFF\x10\0\0\0WEBPVP8 " + SCRIPT,
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(NotAPicture) as refused:
        made_anew(data, said="")

    assert refused.value.status == 400
    assert list(refused.value.fields) == ["image"]


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "JPEG2000"])
def test_pictures_of_other_formats_are_refused(kind):
    with pytest.raises(NotAPicture):
        made_anew(picture(kind), said="image/png")


@pytest.mark.parametrize("kind", TYPES)
def test_one_that_is_cut_off_is_refused(kind):
    whole = picture(kind)
    for left in (10, len(whole) // 2, len(whole) - 1):
        with pytest.raises(NotAPicture):
            made_anew(whole[:left], said=TYPES[kind])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("tail", [SCRIPT, ZIP, b"\0"])
def test_nothing_may_lie_behind_the_end(kind, tail):
    with pytest.raises(NotAPicture, match="behind its end"):
        made_anew(picture(kind) + tail, said=TYPES[kind])


@pytest.mark.parametrize("tail", [SCRIPT, ZIP])
def test_what_cameras_put_behind_a_jpeg_is_left_behind(tail):
    made = made_anew(picture("JPEG") + tail, said="image/jpeg")

    assert tail not in made.data
    assert made.data.endswith(b"\xff\xd9")


def test_a_script_inside_goes_with_what_is_not_pixels():
    for kind, how in (("JPEG", {"comment": SCRIPT}), ("PNG", {"icc_profile": SCRIPT * 9})):
        assert SCRIPT[:20] not in made_anew(picture(kind, **how), said="").data


@pytest.mark.parametrize("said", ["text/html", "image/svg+xml", "image/jpeg", "application/zip"])
def test_its_type_has_to_be_what_it_is(said):
    with pytest.raises(NotAPicture, match=r"sent as .* and is image/png"):
        made_anew(picture(), said=said)


@pytest.mark.parametrize("said", ["", "image/png", "IMAGE/PNG; q=1", "application/octet-stream"])
def test_its_type_may_be_left_open(said):
    assert made_anew(picture(), said=said).content_type == "image/png"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_one_that_moves_is_refused(kind):
    with pytest.raises(NotAPicture, match="moves"):
        made_anew(moving(kind), said="")


def test_of_several_photographs_in_one_the_first_is_taken():
    made = made_anew(moving("MPO"), said="image/jpeg")

    assert (made.content_type, made.data.count(b"\xff\xd8\xff")) == ("image/jpeg", 1)


@pytest.mark.parametrize(
    ("width", "height", "lines"),
    [(8_000, 4_001, None), (30_000, 30_000, None), (2, 60_000_000, 9)],
)
def test_a_bomb_is_told_by_its_head(width, height, lines):
    data = bomb(width, height, lines)
    begun = time.process_time()

    with pytest.raises(TooLarge) as refused:
        made_anew(data, said="image/png")

    assert (refused.value.status, len(data) < 200_000) == (413, True)
    assert time.process_time() - begun < 0.5  # to unpack it would take longer


def test_a_picture_that_is_gone_over_again_and_again_is_refused():
    with pytest.raises(NotAPicture, match="steps"):
        made_anew(of_many_scans(), said="")


def test_an_ordinary_picture_in_steps_is_taken():
    assert made_anew(picture("JPEG", progressive=True), said="").width == 60


def test_too_many_bytes(settings):
    settings.IMAGE_BYTES = 1000
    with pytest.raises(TooLarge):
        made_anew(picture(), said="")


def test_one_that_would_grow_without_bound_is_refused(settings):
    image = Image.effect_noise((200, 200), 60).convert("RGB")
    data = saved(image, "WEBP", quality=1)
    settings.IMAGE_BYTES = len(data)

    with pytest.raises(TooLarge, match="stored"):
        made_anew(data, said="")


def test_one_at_a_time(monkeypatch):
    monkeypatch.setattr("journal.pictures._WAIT_SECONDS", 0.01)
    with _turn, pytest.raises(Busy) as refused:
        made_anew(picture(), said="")

    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "10")
    assert made_anew(picture(), said="").width == 60


def test_only_one_may_wait_for_its_turn(monkeypatch):
    """Each that waits keeps a thread from everybody else's requests."""
    monkeypatch.setattr("journal.pictures._WAIT_FOR_LINE_SECONDS", 0.01)
    with _line, _line, pytest.raises(Busy):
        made_anew(picture(), said="")

    assert made_anew(picture(), said="").width == 60
