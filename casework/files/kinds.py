"""What a file is, by its bytes. Names, endings and announced types are not asked: anybody can write anything there."""

from __future__ import annotations

import io
import zipfile
import zlib
from enum import StrEnum

#: the part of a Word or Excel file (a zip) that names the types of its parts; larger ones are no honest file, bytes
_CONTENT_TYPES = "[Content_Types].xml"
_LARGEST_CONTENT_TYPES = 256 * 1024
#: parts of the largest honest document, with room; listing many more takes minutes and gigabytes
_MOST_PARTS = 10_000
#: begins each line of a zip's table of contents; the number it gives of them may be a lie
_PART = b"PK\x01\x02"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Kind(StrEnum):
    """Kinds of files the program keeps; each is its usual ending."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    DOC = "doc"
    DOCX = "docx"
    XLSX = "xlsx"
    MP4 = "mp4"
    M4A = "m4a"
    AMR = "amr"
    OGG = "ogg"
    AAC = "aac"

    @property
    def mime(self) -> str:
        """The registered media type."""
        return _MIME[self]


_MIME: dict[Kind, str] = {
    Kind.PDF: "application/pdf",
    Kind.JPG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.GIF: "image/gif",
    Kind.WEBP: "image/webp",
    Kind.DOC: "application/msword",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.MP4: "video/mp4",
    Kind.M4A: "audio/mp4",
    Kind.AMR: "audio/amr",
    Kind.OGG: "audio/ogg",
    Kind.AAC: "audio/aac",
}
#: the first bytes, where they alone say it
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", Kind.PDF),
    (b"\xff\xd8\xff", Kind.JPG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"#!AMR", Kind.AMR),
    (b"OggS", Kind.OGG),
)
#: main part of an office file -> kind; the types of files with macros are others
_OFFICE: tuple[tuple[bytes, Kind], ...] = (
    (b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", Kind.DOCX),
    (b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", Kind.XLSX),
)


def sniff(data: bytes) -> Kind | None:
    """What these bytes are; None for everything the program does not keep: web pages, programs, archives, office
    files with macros, and plain text, which has no mark to know it by. Never raises."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        return _box(data[8:12])
    if data.startswith(_OLE):
        return _old_word(data)
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    # ADTS: twelve set bits, layer 0 (the layer tells it from MP3); ADIF says its name.
    if data.startswith(b"ADIF") or (len(data) > 7 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0):
        return Kind.AAC
    return None


def _box(brand: bytes) -> Kind | None:
    """ISO media file by its major brand (ISO/IEC 14496-12); photos of newer phones (HEIC, AVIF) are not among them."""
    if brand in {b"M4A ", b"M4B "}:
        return Kind.M4A
    video = brand[:3] in {b"iso", b"mp4", b"avc", b"M4V", b"3gp", b"3g2"} or brand in {b"dash", b"qt  "}
    return Kind.MP4 if video else None


def _old_word(data: bytes) -> Kind | None:
    # Names of streams stand in the directory as UTF-16. Macros live in a storage of that name.
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    macros = holds("_VBA_PROJECT") or holds("Macros")
    return Kind.DOC if holds("WordDocument") and not macros else None


def _office(data: bytes) -> Kind | None:
    if data.count(_PART) > _MOST_PARTS:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if any("vba" in name.lower() for name in parts.namelist()):
                return None
            listed = parts.getinfo(_CONTENT_TYPES)
            if listed.file_size > _LARGEST_CONTENT_TYPES:
                return None
            with parts.open(listed) as part:
                types = part.read(_LARGEST_CONTENT_TYPES)
    except (KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        # Broken, encrypted or packed in a way nobody uses for documents.
        return None
    if b"macroEnabled" in types or b"vbaProject" in types:
        return None
    return next((kind for mark, kind in _OFFICE if mark in types), None)
