"""Files: what they are by their bytes, photos without traces, harmless names, and the folder they lie in."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import os
import struct
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from casework.files import (
    FileStore,
    Kind,
    UnreadableImage,
    clean_name,
    content_disposition,
    images,
    sniff,
    without_metadata,
)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def office(main: str = WORD, **more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        # A fixed day: what a test is called by must not depend on when it was collected.
        day = (2026, 11, 2, 8, 0, 0)
        parts.writestr(zipfile.ZipInfo("[Content_Types].xml", day), f'<Types><Override ContentType="{main}"/></Types>')
        for name, text in more.items():
            parts.writestr(zipfile.ZipInfo(name.replace("__", "/"), day), text)
    return out.getvalue()


def photo(kind: str = "JPEG", *, orientation: int | None = None, size: tuple[int, int] = (40, 20)) -> bytes:
    """A picture, red on the left and blue on the right, that tells where it was taken."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x010F] = "MayAnhCuaToi"
    if orientation is not None:
        exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (20.0, 2.0, 3.0)
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, quality=95)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", Kind.PDF),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Kind.JPG),
        (b"\x89PNG\r\n\x1a\n....", Kind.PNG),
        (b"GIF89a....", Kind.GIF),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Kind.WEBP),
        (b"\0\0\0\x18ftypmp42....", Kind.MP4),
        (b"\0\0\0\x18ftypisom....", Kind.MP4),
        (b"\0\0\0\x18ftypM4A ....", Kind.M4A),
        (b"#!AMR\n....", Kind.AMR),
        (b"OggS\0\x02....", Kind.OGG),
        (b"\xff\xf1\x50\x80\x00\x1f\xfc\x00", Kind.AAC),
        (b"\xff\xf9\x50\x80\x00\x1f\xfc\x00", Kind.AAC),
        (OLE + "WordDocument".encode("utf-16-le"), Kind.DOC),
        (office(), Kind.DOCX),
        (office(EXCEL), Kind.XLSX),
        (b"", None),
        (b"<!doctype html><script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"ho ten,thon\n", None),
        (b"MZ\x90\0", None),
        (b"\x7fELF", None),
        (b"\xff\xfb\x90\x44\0\0\0\0\0", None),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"\0\0\0\x18ftypheic....", None),
        (OLE, None),
        (OLE + "Workbook".encode("utf-16-le"), None),
        (OLE + "WordDocument_VBA_PROJECT".encode("utf-16-le"), None),
        (office("application/vnd.ms-word.document.macroEnabled.main+xml"), None),
        (office(word__vbaProject="x"), None),
        (office("text/plain"), None),
        (office()[:60], None),
        (b"PK\x03\x04" + b"\0" * 40, None),
    ],
)
def test_a_file_is_what_its_bytes_say(data: bytes, kind: Kind | None) -> None:
    assert sniff(data) is kind


def test_a_zip_of_countless_parts_is_not_even_listed() -> None:
    part = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, *[0] * 7, 1, *[0] * 6) + b"a"
    parts = part * 200_000
    # It owns up to one part alone; Python goes by the size.
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(parts), 34, 0)
    started = time.process_time()
    assert sniff(b"PK\x03\x04" + b"\0" * 30 + parts + end) is None
    assert time.process_time() - started < 0.5


def test_a_zip_that_hides_much_in_little_is_not_unpacked() -> None:
    assert sniff(office(WORD + " " * 5_000_000)) is None


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", OLE, b"\0\0\0\x18ftyp", b"\xff", b"RIFF"]))
def test_looking_at_any_bytes_never_fails(tail: bytes, head: bytes) -> None:
    sniff(head + tail)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_media_type(kind: Kind) -> None:
    assert "/" in kind.mime


# --------------------------------------------------------------------------- photos


@pytest.mark.parametrize(("kind", "name"), [(Kind.JPG, "JPEG"), (Kind.PNG, "PNG"), (Kind.WEBP, "WEBP")])
def test_a_photo_no_longer_tells_where_and_with_what_it_was_taken(kind: Kind, name: str) -> None:
    before = photo(name)
    assert b"MayAnhCuaToi" in before
    after = without_metadata(before, kind)
    assert sniff(after) is kind
    assert b"MayAnhCuaToi" not in after
    with Image.open(io.BytesIO(after)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.size == (40, 20)


def test_a_photo_taken_sideways_stands_upright_without_its_mark() -> None:
    after = without_metadata(photo(orientation=6), Kind.JPG)
    with Image.open(io.BytesIO(after)) as picture:
        assert picture.size == (20, 40)
        top, bottom = picture.getpixel((10, 4)), picture.getpixel((10, 36))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


def with_block(picture: bytes, name: bytes, data: bytes) -> bytes:
    """A PNG with one more block before its end."""
    block = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    end = picture.rindex(b"IEND") - 4
    return picture[:end] + block + picture[end:]


def broken_exif(*, orientation: int) -> bytes:
    """As some cameras write it: how it was held, and a number that is text."""
    entries = [(0x0112, 3, 1, bytes([orientation, 0, 0, 0])), (0x011A, 2, 3, b"72\0\0")]
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries))
    exif += b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries) + b"\0\0\0\0"
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photo_with_a_broken_note_of_the_camera_is_kept_upright_without_it() -> None:
    with Image.open(io.BytesIO(without_metadata(broken_exif(orientation=6), Kind.JPG))) as picture:
        assert (picture.size, dict(picture.getexif())) == ((20, 40), {})
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=b"Exif\0\0II*\0\xff\xff")
    with Image.open(io.BytesIO(without_metadata(out.getvalue(), Kind.JPG))) as picture:
        assert picture.size == (40, 20)


@pytest.mark.parametrize(
    ("name", "data"), [(b"iCCP", b""), (b"zTXt", b"a"), (b"tRNS", b"\0"), (b"gAMA", b"\0\0"), (b"acTL", b"")]
)
def test_whatever_a_decoder_stumbles_over_the_picture_is_drawn_or_called_unreadable(name: bytes, data: bytes) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    # Any other exception would end the test.
    with contextlib.suppress(UnreadableImage):
        assert sniff(without_metadata(with_block(out.getvalue(), name, data), Kind.PNG)) is Kind.PNG


def test_comments_and_text_blocks_of_a_png_are_gone_and_transparency_stays() -> None:
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Author", "MayAnhCuaToi")
    out = io.BytesIO()
    Image.new("RGBA", (3, 3), (255, 0, 0, 0)).save(out, "PNG", pnginfo=said)
    after = without_metadata(out.getvalue(), Kind.PNG)
    assert b"MayAnhCuaToi" not in after
    with Image.open(io.BytesIO(after)) as picture:
        assert picture.getpixel((1, 1)) == (255, 0, 0, 0)


def test_a_picture_with_a_palette_keeps_its_colours() -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), (10, 200, 30)).quantize(4).save(out, "PNG")
    with Image.open(io.BytesIO(without_metadata(out.getvalue(), Kind.PNG))) as picture:
        assert picture.convert("RGB").getpixel((1, 1)) == (10, 200, 30)


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0broken", photo()[:200], b"\xff\xd8\xff" + b"\0" * 100])
def test_what_only_begins_like_a_photo_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        without_metadata(data, Kind.JPG)


def test_a_picture_that_would_unpack_to_gigabytes_is_refused_without_being_drawn() -> None:
    side = int(images.MOST_POINTS**0.5) + 1
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    with pytest.raises(UnreadableImage):
        without_metadata(out.getvalue(), Kind.PNG)


def test_other_files_come_back_as_they_were() -> None:
    assert without_metadata(b"%PDF-1.4", Kind.PDF) == b"%PDF-1.4"


# --------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("given_name", "kind", "clean"),
    [
        ("112-UBND-KT.pdf", Kind.PDF, "112-UBND-KT.pdf"),
        ("Trả lời đèn đường.PDF", Kind.PDF, "Trả lời đèn đường.pdf"),
        ("../../etc/passwd", Kind.PDF, "passwd.pdf"),
        ("C:\\Users\\can bo\\cong van.doc", Kind.DOC, "cong van.doc"),
        ("anh.jpg.exe", Kind.JPG, "anh.jpg.jpg"),
        ("phao\u202egpj.exe", Kind.JPG, "phao gpj.jpg"),
        ("a\r\nSet-Cookie: x.png", Kind.PNG, "a Set-Cookie x.png"),
        ("CON.pdf", Kind.PDF, "tep CON.pdf"),
        ("   ", Kind.PNG, "tep.png"),
        (".htaccess", Kind.PDF, "htaccess.pdf"),
    ],
)
def test_names_lose_what_can_do_harm_and_keep_what_people_read(given_name: str, kind: Kind, clean: str) -> None:
    assert clean_name(given_name, kind) == clean


@given(st.text(max_size=200), st.sampled_from(Kind))
def test_any_name_becomes_one_that_every_disk_and_header_takes(name: str, kind: Kind) -> None:
    clean = clean_name(name, kind)
    assert clean.endswith(f".{kind}")
    assert 0 < len(clean) <= 80
    assert not set(clean) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(one)[0] == "C" for one in clean)
    assert not clean.startswith((".", " "))
    assert clean_name(clean, kind) == clean
    header = content_disposition(clean)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_a_browser_is_told_to_save_and_under_which_name() -> None:
    assert content_disposition("Đèn thôn 4.pdf") == (
        "attachment; filename=\"Den thon 4.pdf\"; filename*=UTF-8''%C4%90%C3%A8n%20th%C3%B4n%204.pdf"
    )


# --------------------------------------------------------------------------- the folder


def test_the_same_bytes_twice_are_one_file_under_their_hash(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    name = store.keep(b"anh")
    assert name == hashlib.sha256(b"anh").hexdigest() == store.keep(b"anh")
    assert store.open(name) == b"anh"
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
    path = store.path(name)
    assert path is not None
    assert path.stat().st_mode & 0o077 == 0
    store.remove(name)
    store.remove(name)
    assert store.path(name) is None
    with pytest.raises(FileNotFoundError):
        store.open(name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "", "a/" * 32])
def test_only_hashes_are_names_of_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        FileStore(tmp_path).open(name)


def test_what_a_crash_left_half_written_is_cleaned_away(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = store.keep(b"anh")
    left, fresh = tmp_path / name[:2] / "part-left", tmp_path / name[:2] / "part-fresh"
    for path in (left, fresh):
        path.write_bytes(b"half")
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    assert store.clean(before=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)) == 1
    assert (left.exists(), fresh.exists(), store.open(name)) == (False, True, b"anh")
