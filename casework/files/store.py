"""The folder where bytes are kept, each file under the hash of its content: the same photo twice is one file."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """Files under `folder`, which is made when first written to. A file is there wholly or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """Keep these bytes; returns their SHA-256 as hex, the name to ask for them by. Repeating it changes nothing.

        Raises `OSError` when the disk refuses.
        """
        name = hashlib.sha256(data).hexdigest()
        target = self._path(name)
        # Somebody is about to name it: for whoever sweeps, it is as new.
        with contextlib.suppress(FileNotFoundError):
            os.utime(target)
            return name
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix="part-", delete=False) as part:
            try:
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
                part.close()
                # Readable by us alone: photos of people.
                Path(part.name).replace(target)
            except OSError:
                part.close()
                Path(part.name).unlink(missing_ok=True)
                raise
        return name

    def open(self, name: str) -> bytes:
        """The bytes kept under this hash. Raises `FileNotFoundError`; `ValueError` for something that is no hash."""
        return self._path(name).read_bytes()

    def path(self, name: str) -> Path | None:
        """Where the bytes of this hash lie, for a server to send; None when they are not there."""
        found = self._path(name)
        return found if found.is_file() else None

    def remove(self, name: str) -> None:
        """Remove the bytes of this hash; nothing happens when they are not there."""
        self._path(name).unlink(missing_ok=True)

    def untouched(self, *, before: dt.datetime) -> Iterator[str]:
        """Hashes of the files that were last kept before this instant."""
        for path in self._folder.glob("??/*"):
            if _HASH.fullmatch(path.name) and _is_older(path, before):
                yield path.name

    def remove_untouched(self, name: str, *, before: dt.datetime) -> bool:
        """As `remove`, unless it was kept anew since this instant. Returns whether it went."""
        path = self._path(name)
        if not _is_older(path, before):
            return False
        path.unlink(missing_ok=True)
        return True

    def clean(self, *, before: dt.datetime) -> int:
        """Remove what broken writes have left behind before this instant. Returns how many."""
        left = [path for path in self._folder.glob("??/part-*") if _is_older(path, before)]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _path(self, name: str) -> Path:
        if not _HASH.fullmatch(name):
            raise ValueError("not the name of a kept file")
        return self._folder / name[:2] / name


def _is_older(path: Path, before: dt.datetime) -> bool:
    """False also for what has gone meanwhile."""
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
