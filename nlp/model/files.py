"""The model on disk: `weights.npz` (plain arrays, never pickled) and `manifest.json` (what it was made of and how
well it did). A folder whose parts do not fit together, or that was made for another reading of messages, is refused."""

from __future__ import annotations

import hashlib
import io
import json
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from nlp.analysis import Kind, Level, Topic
from nlp.model.accents import Accents
from nlp.model.scorer import HEADS, Scorer, Weights
from nlp.model.terms import VERSION as TERMS_VERSION
from nlp.normalise import clean
from nlp.rules import by_rules
from nlp.vocabulary import lexicon_digest

#: bump when the arrays or the manifest take another form
FORMAT = 1
WEIGHTS, MANIFEST = "weights.npz", "manifest.json"
#: the labels of every head, in the order of the columns of `Weights.linear`
LABELS: Mapping[str, tuple[str, ...]] = {
    "topic": tuple(Topic),
    "kind": tuple(Kind),
    "level": (Level.COMMUNE, Level.PROVINCE, Level.CENTRAL),
    "urgent": ("false", "true"),
}
#: labels with a probability of their own from which they are given
DECIDED = (str(Kind.COMPLAINT), str(Kind.DENUNCIATION), "urgent")
#: read once before a model serves, one way of typing each
_TRIAL = ("Đường thôn 5 hỏng nặng, đề nghị xã sửa sớm cho dân đi.", "duong thon 5 hong nang, de nghi xa sua som")
#: what a damaged archive or arrays that do not fit raise
_DAMAGED = (
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    OSError,
    EOFError,
    MemoryError,
    RuntimeError,
    BadZipFile,
    struct.error,
    zlib.error,
)


class ModelRefused(ValueError):
    """A model that must not be used; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model ready to serve. `unsure_below` per head: the calibrated probability below which a person decides;
    `decide_from` per rare label: the probability from which it is given, though another may be likelier."""

    scorer: Scorer
    name: str
    unsure_below: Mapping[str, float]
    decide_from: Mapping[str, float]
    manifest: Mapping[str, Any]


def shipped_folder() -> Traversable:
    """Where the model of this release lies."""
    return files("nlp") / "model" / "shipped"


@cache
def shipped() -> Model:
    """The model of this release. Raises `ModelRefused`."""
    return load(shipped_folder())


def chosen(folder: Traversable) -> Model:
    """An office's own model. Raises `ModelRefused` when it cannot be used or `doithoai nlp evaluate` has not found
    it at least as good as the model of this very release."""
    model = load(folder)
    if model.manifest.get("accepted_over") != shipped().manifest["weights"]:
        raise ModelRefused(
            "Mô hình riêng chưa được so với mô hình của bản phần mềm này. Chạy `doithoai nlp evaluate <thư mục>`."
        )
    return model


def load(folder: Traversable) -> Model:
    """Reads and checks a model folder. Raises `ModelRefused` when a part is missing, damaged or of another make."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        packed = (folder / WEIGHTS).read_bytes()
    except (OSError, ValueError, RecursionError) as error:
        raise ModelRefused(f"Không đọc được mô hình ({type(error).__name__}). {_TODO}") from error
    if not isinstance(manifest, dict):
        raise ModelRefused(f"Bản kê của mô hình không đúng dạng. {_TODO}")
    if manifest.get("format") != FORMAT or manifest.get("terms") != TERMS_VERSION:
        raise ModelRefused(f"Mô hình được làm cho phiên bản phần mềm khác. {_TODO}")
    if manifest.get("lexicon") != lexicon_digest():
        raise ModelRefused(f"Mô hình được làm với bộ từ vựng khác bộ đang dùng. {_TODO}")
    if manifest.get("weights") != digest(packed):
        raise ModelRefused(f"Tệp trọng số không khớp với bản kê đi kèm. {_TODO}")
    try:
        model = Model(
            scorer=Scorer(unpack(packed, manifest)),
            name=str(manifest["name"]),
            unsure_below={head: _share(manifest["unsure_below"][head]) for head in HEADS},
            decide_from={label: _share(manifest["decide_from"][label]) for label in DECIDED},
            manifest=manifest,
        )
        _try(model.scorer)
    except _DAMAGED as error:
        raise ModelRefused(f"Mô hình thiếu hoặc sai phần bên trong ({type(error).__name__}). {_TODO}") from error
    return model


def _share(value: Any) -> float:
    share = float(value)
    if not 0.0 <= share <= 1.0:
        raise ValueError("no probability")
    return share


def _try(scorer: Scorer) -> None:
    """Numbers that overflow only together show in a reading."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for text in _TRIAL:
            scores = scorer.score(by_rules(clean(text).text))
            _must(*(math.isfinite(share) for shares in scores.by_head.values() for share in shares.values()))


def _must(*facts: bool) -> None:
    if not all(facts):
        raise ValueError("parts do not fit together")


_TODO = "Chạy `doithoai nlp train` để làm lại, hoặc cài lại phần mềm."


def digest(data: bytes) -> str:
    """Fingerprint of a file."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def pack(weights: Weights) -> bytes:
    """The arrays as one compressed file, the linear weights in 8 bits per column."""
    terms = sorted(weights.index, key=lambda term: weights.index[term])
    arrays: dict[str, Any] = {
        "terms": _text("\n".join(terms)),
        "rarity": weights.rarity.astype(np.float32),
        "linear": weights.linear,
        "steps": weights.steps,
        "bias": weights.bias.astype(np.float32),
        "shift": weights.shift.astype(np.float32),
        "matters": weights.matters,
        "matter_rows": weights.matter_rows,
        **_packed_accents(weights.accents),
    }
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def unpack(packed: bytes, manifest: Mapping[str, Any]) -> Weights:
    """The arrays of a file made by `pack`; raises ValueError or KeyError when it is none."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        terms = _lines(arrays["terms"])
        linear, steps = arrays["linear"], arrays["steps"]
        rarity, bias, shift = arrays["rarity"], arrays["bias"], arrays["shift"]
        matters, matter_rows = arrays["matters"], arrays["matter_rows"]
        accents = _unpacked_accents(arrays)
    labels = {head: tuple(manifest["labels"][head]) for head in HEADS}
    columns = sum(len(names) for names in labels.values())
    names = tuple(manifest["matters"])
    index = {term: row for row, term in enumerate(terms)}
    _must(
        all(labels[head] == LABELS[head] for head in HEADS),
        len(index) == len(terms),
        linear.shape == (len(terms), columns),
        rarity.shape == matter_rows.shape == (len(terms),),
        steps.shape == bias.shape == shift.shape == (columns,),
        matters.shape[1:] == (len(names),),
        list(names) == sorted(names),
    )
    # Rarity is a length that is divided by; row -1 is "no row".
    _must(_finite(rarity, above=0.0), _finite(steps), _finite(bias), _finite(shift))
    _must(bool(((matter_rows >= -1) & (matter_rows < len(matters))).all()))
    words, pieces, signs, rules = map(_number, manifest["block_weights"])
    return Weights(
        index=index,
        rarity=rarity,
        linear=linear,
        steps=steps,
        bias=bias,
        scale={head: _number(manifest["scale"][head]) for head in HEADS},
        shift=shift,
        block_weights=(words, pieces, signs, rules),
        labels=labels,
        matters=matters,
        matter_rows=matter_rows,
        matter_names=names,
        matter_scale=_number(manifest["matter_scale"]),
        accents=accents,
    )


def _packed_accents(accents: Accents) -> dict[str, NDArray[Any]]:
    keys = sorted(accents.forms)
    return {
        "accent_names": _text("\n".join(accents.names)),
        "accent_single": accents.single,
        "accent_keys": _text("\n".join(keys)),
        "accent_counts": np.array([len(accents.forms[key]) for key in keys], np.int16),
        "accent_forms": np.array([form for key in keys for form in accents.forms[key]], np.int32),
        "accent_pairs": accents.pairs,
        "accent_follows": accents.follows,
    }


def _unpacked_accents(arrays: Mapping[str, NDArray[Any]]) -> Accents:
    numbers, counts = arrays["accent_forms"].tolist(), arrays["accent_counts"].tolist()
    single, pairs, follows = arrays["accent_single"], arrays["accent_pairs"], arrays["accent_follows"]
    forms: dict[str, tuple[int, ...]] = {}
    at = 0
    for key, count in zip(_lines(arrays["accent_keys"]), counts, strict=True):
        forms[key] = tuple(numbers[at : at + count])
        at += count
    names = tuple(_lines(arrays["accent_names"]))
    _must(
        all(0 <= number < len(names) for number in numbers),
        all(count >= 0 for count in counts) and at == len(numbers),
        single.shape == (len(names),) and pairs.shape == follows.shape == (len(follows),),
        # Looked up by halving; a form that never occurs has no logarithm.
        bool((pairs[1:] > pairs[:-1]).all()) and bool(((pairs >= 0) & (pairs < len(names) ** 2)).all()),
        _finite(single, above=0.0),
        _finite(follows) and bool(((follows >= 0.0) & (follows <= 1.0)).all()),
    )
    narrow = pairs.astype(np.int32) if len(names) ** 2 <= np.iinfo(np.int32).max else pairs
    return Accents(names=names, single=single, forms=forms, pairs=narrow, follows=follows)


def _finite(numbers: NDArray[Any], *, above: float = -np.inf) -> bool:
    """Whether all numbers are finite and greater than a bound."""
    return bool((np.isfinite(numbers) & (numbers > above)).all())


def _number(value: Any) -> float:
    _must(bool(np.isfinite(float(value))))
    return float(value)


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _lines(packed: NDArray[Any]) -> list[str]:
    text = bytes(packed).decode()
    return text.split("\n") if text else []
