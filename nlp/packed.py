"""Reads the arrays of a shipped `.npz` file: whole and of the wanted form, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]


def arrays_of(packed: bytes, wanted: Mapping[str, tuple[npt.DTypeLike, int]], *, refusal: str) -> Arrays:
    """The arrays of these names, each of this type and with so many dimensions, all numbers finite. Raises ValueError
    with the text `refusal` for everything else."""
    try:
        with ZipFile(BytesIO(packed)) as archive:
            # An entry is read to its end, where its checksum is compared, before any of it is believed.
            entries = {name: archive.read(f"{name}.npy") for name in wanted}
        found = {name: _array(entry) for name, entry in entries.items()}
    except Exception as error:
        # What zipfile, zlib and numpy raise for damaged bytes has no end: RuntimeError for a password,
        # NotImplementedError for a way of packing, struct.error, MemoryError, TokenError ...
        raise ValueError(refusal) from error
    for name, (dtype, dimensions) in wanted.items():
        array = found[name]
        insist(array.dtype == np.dtype(dtype) and array.ndim == dimensions, refusal=refusal)
        insist(array.dtype.kind != "f" or bool(np.isfinite(array).all()), refusal=refusal)
    return found


def _array(entry: bytes) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.lib.format.read_array(BytesIO(entry), allow_pickle=False)
    return array


def insist(*facts: bool, refusal: str) -> None:
    """Raises ValueError with the text `refusal` unless all are true."""
    if not all(facts):
        raise ValueError(refusal)
