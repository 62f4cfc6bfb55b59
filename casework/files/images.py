"""Photos without what the camera wrote beside the picture: place, time, device and owner."""

from __future__ import annotations

import io
import threading
import warnings

from PIL import ExifTags, Image

from casework.files.kinds import Kind

#: a picture with more points than this is a bomb, or too much for a small machine: it takes 150 MB, twice that turned
MOST_POINTS = 50_000_000
#: kinds whose metadata is removed -> name of the format in Pillow
_FORMATS = {Kind.JPG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}
_QUALITY = 90
#: how the camera was held (Exif 2.32, tag 0x0112) -> what sets the picture upright
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: pictures are drawn one after the other: several large ones at once would not fit a small machine
_ONE_AT_A_TIME = threading.Lock()


class UnreadableImage(ValueError):
    """The bytes begin like a picture but are none that can be drawn, or one too large to be drawn."""


def without_metadata(data: bytes, kind: Kind) -> bytes:
    """The picture alone, turned the way the camera held it. Other kinds than JPEG, PNG and WebP come back unchanged.

    Raises `UnreadableImage`.
    """
    name = _FORMATS.get(kind)
    if name is None:
        return data
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            # Our own limit decides, below: Pillow's warning comes at another size.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=[name])
            if image.width * image.height > MOST_POINTS:
                raise UnreadableImage("too many points")
            return _redrawn(image, kind, name)
    except MemoryError:
        # The machine is short of room: nothing is said about the picture.
        raise
    except Exception as error:
        # A decoder fed with odd bytes raises anything (IndexError, TypeError, struct.error, AttributeError were seen);
        # whatever it is, this picture cannot be drawn.
        raise UnreadableImage(type(error).__name__) from error


def _redrawn(image: Image.Image, kind: Kind, name: str) -> bytes:
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    upright = image.transpose(turn) if turn is not None else image
    # Whatever else the file carried stays behind; a see-through colour belongs to the picture.
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    out = io.BytesIO()
    options: dict[str, object] = {} if kind is Kind.PNG else {"quality": _QUALITY}
    upright.save(out, format=name, **options)
    return out.getvalue()


def _orientation(image: Image.Image) -> int:
    """What the camera wrote of how it was held; 1 (upright) when it wrote nothing that can be read."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        # What stands beside the picture goes anyway; that it is broken is no reason to lose the picture.
        return 1
    return value if isinstance(value, int) else 1
