"""Makes a model folder: fits, calibrates on messages the machine has not seen, chooses thresholds, writes."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.svm import LinearSVC

from nlp.analysis import Kind
from nlp.model import files
from nlp.model.accents import Accents
from nlp.model.scorer import HEADS, Weights
from nlp.model.terms import VERSION as TERMS_VERSION
from nlp.training.corpus import Message
from nlp.training.examples import Example, TermTable, joined, learn_accents, read_blocks, with_noise
from nlp.training.fit import LABELS, SEED, Calibration, Floats, Head, calibrate, codes, fit_head, label_of
from nlp.vocabulary import lexicon_digest, vocabulary

#: weight of words, pieces of words, lexicon signs, rule verdicts, chosen by cross-validation
BLOCK_WEIGHTS = (1.0, 0.5, 0.5, 0.6)
#: noisy copies of each message
COPIES = 1
#: what a phrase counts beside a whole message
PHRASE_WEIGHT = 0.5
#: what a person said of a message counts as much as this many messages of the corpus
CORRECTION_WEIGHT = 2.0
#: of what is not marked unsure, at least this share was right in cross-validation
_RIGHT_WHEN_SURE = 0.985
#: share of denunciations, complaints and urgent messages the thresholds must find in cross-validation
_RECALL = {Kind.DENUNCIATION: 0.93, Kind.COMPLAINT: 0.93, "urgent": 0.93}
#: the highest such thresholds: a denunciation or a danger missed is dearer than one too many
_AT_MOST = {Kind.DENUNCIATION: 0.35, Kind.COMPLAINT: 0.5, "urgent": 0.2}
#: a word must stand in this many messages to tell matters apart
_MATTER_WORDS = 40
#: messages a topic must have for each of its matters on the average to tell them apart
_LEAST_PER_MATTER = 2
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """The outcome of fitting, before it is written."""

    table: TermTable
    accents: Accents
    heads: Mapping[str, Head]
    calibrations: Mapping[str, Calibration]
    unsure_below: Mapping[str, float]
    decide_from: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Probabilities of messages nobody learnt from: (examples x labels) per head."""

    examples: tuple[Example, ...]
    probabilities: Mapping[str, Floats]


def train(
    messages: Sequence[Message],
    phrases: Sequence[Message],
    calibration: Sequence[Message],
    folder: Path,
    *,
    name: str,
    corrections: Sequence[Message] = (),
    tell: Tell = lambda _: None,
) -> dict[str, Any]:
    """Trains on messages, phrases and staff's corrections and writes the model folder; returns its manifest.
    Confidence and thresholds are set on `calibration`, of which nothing is learnt. The same input and the same
    versions of the libraries give the same files."""
    tell(f"Đọc {len(messages)} tin nhắn, {len(phrases)} cụm từ, {len(corrections)} lần cán bộ sửa")
    examples = with_noise([*messages, *corrections], COPIES, SEED)
    examples += with_noise(phrases, 0, SEED)
    accents = learn_accents([*messages, *phrases])
    read = [read_blocks(example.text, accents) for example in examples]
    table = TermTable(read, [example.message.id for example in examples])
    matrix = joined(table.matrices(read), BLOCK_WEIGHTS)
    weights = _weights(examples, set(map(id, phrases)), set(map(id, corrections)))
    heads = {head: _fit(matrix, table.words, examples, head, weights) for head in HEADS}
    tell("Chỉnh mức chắc chắn")
    unseen, calibrations = _calibrated(table, accents, heads, calibration)
    fitted = Fitted(
        table=table,
        accents=accents,
        heads=heads,
        calibrations=calibrations,
        unsure_below={head: _unsure_below(unseen, head) for head in HEADS},
        decide_from=_decide_from(unseen),
    )
    words = table.matrices(read)[0]
    return _write(folder, name, fitted, words, examples, messages, phrases, corrections)


def _weights(examples: Sequence[Example], phrases: set[int], corrections: set[int]) -> Floats:
    return np.array(
        [
            PHRASE_WEIGHT
            if id(example.message) in phrases
            else CORRECTION_WEIGHT
            if id(example.message) in corrections
            else 1.0
            for example in examples
        ]
    )


def _fit(
    matrix: sparse.csr_matrix, words: NDArray[np.bool_], examples: Sequence[Example], head: str, weights: Floats
) -> Head:
    """Phrases teach topics and levels only: they have no kind and are never urgent. Corrections teach what a person
    said."""
    rows = _rows_for(examples, head)
    wanted = codes([examples[row].message for row in rows], head)
    return fit_head(matrix[rows], wanted, head, weights[rows], words=words)


def _rows_for(examples: Sequence[Example], head: str) -> NDArray[np.intp]:
    return np.array([row for row, example in enumerate(examples) if teaches(example.message, head)], np.intp)


def teaches(message: Message, head: str) -> bool:
    """Whether a message says something about a head: phrases say nothing of kind and urgency, some none of level; of
    a message corrected by staff only what a person said does, or the model would learn its own guesses."""
    if message.taught is not None and head not in message.taught:
        return False
    if message.author != "phrase":
        return True
    return head == "topic" or (head == "level" and message.level != "")


def _calibrated(
    table: TermTable, accents: Accents, heads: Mapping[str, Head], messages: Sequence[Message]
) -> tuple[Unseen, dict[str, Calibration]]:
    """Each message counts twice: as written and as typed without accents or carelessly."""
    examples = tuple(with_noise(messages, 1, SEED))
    matrix = joined(table.matrices([read_blocks(example.text, accents) for example in examples]), BLOCK_WEIGHTS)
    labelled = [example.message for example in examples]
    scores = {head: heads[head].scores(matrix) for head in HEADS}
    calibrations = {head: calibrate(scores[head], codes(labelled, head)) for head in HEADS}
    probabilities = {head: calibrations[head].probabilities(scores[head]) for head in HEADS}
    return Unseen(examples=examples, probabilities=probabilities), calibrations


def _unsure_below(unseen: Unseen, head: str) -> float:
    """The lowest probability from which enough answers are right; counted from the surest downwards."""
    wanted = codes([example.message for example in unseen.examples], head)
    probabilities = unseen.probabilities[head]
    best = probabilities.max(axis=1)
    order = np.argsort(-best, kind="stable")
    right = (probabilities.argmax(axis=1) == wanted)[order]
    share = np.cumsum(right) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(share >= _RIGHT_WHEN_SURE)
    return round(float(best[order][enough[-1]]), 4) if len(enough) else 1.0


def _decide_from(unseen: Unseen) -> dict[str, float]:
    """Probability from which a rare label is given, though another may be likelier: a missed one is dearer."""
    messages = [example.message for example in unseen.examples]
    found: dict[str, float] = {}
    for label, least in _RECALL.items():
        head = "urgent" if label == "urgent" else "kind"
        column = LABELS[head].index("true" if label == "urgent" else str(label))
        wanted = codes(messages, head) == column
        ranked = np.sort(unseen.probabilities[head][wanted, column])
        reaching = float(ranked[int((1.0 - least) * len(ranked))]) if len(ranked) else 0.5
        found[str(label)] = round(min(_AT_MOST[label], reaching), 4)
    return found


def _matters(
    table: TermTable, words: sparse.csr_matrix, examples: Sequence[Example]
) -> tuple[tuple[str, ...], NDArray[np.int8], NDArray[np.int32], float]:
    """Tells the matters of each topic apart by words; (names, weights in 8 bits, row of each term, scale)."""
    known = set(vocabulary().issues)
    rows = [row for row, example in enumerate(examples) if example.message.issue in known]
    names = tuple(sorted({examples[row].message.issue for row in rows}))
    often = np.asarray((words[rows] > 0).sum(axis=0)).ravel()
    columns = np.flatnonzero(often >= 2 * _MATTER_WORDS)
    dense = np.zeros((len(columns), len(names)), np.float32)
    for topic in sorted({name.partition("/")[0] for name in names}):
        own = [row for row in rows if examples[row].message.issue.startswith(f"{topic}/")]
        wanted = [examples[row].message.issue for row in own]
        if len(set(wanted)) < 3 or len(wanted) < _LEAST_PER_MATTER * len(set(wanted)):
            continue
        machine = LinearSVC(C=0.5, fit_intercept=False, random_state=SEED).fit(words[own][:, columns], wanted)
        for label, coefficients in zip(machine.classes_, machine.coef_, strict=True):
            dense[:, names.index(label)] = coefficients * table.rarity[columns]
    step = float(np.abs(dense).max() / 127.0) or 1.0
    packed = np.rint(dense / step).astype(np.int8)
    where = np.full(len(table.index), -1, np.int32)
    where[columns] = np.arange(len(columns))
    return names, packed, where, 4.0 * step


def _write(
    folder: Path,
    name: str,
    fitted: Fitted,
    words: sparse.csr_matrix,
    examples: Sequence[Example],
    messages: Sequence[Message],
    phrases: Sequence[Message],
    corrections: Sequence[Message],
) -> dict[str, Any]:
    names, matters, rows, matter_scale = _matters(fitted.table, words, examples)
    linear = np.hstack([fitted.heads[head].weights for head in HEADS]) * fitted.table.rarity[:, None]
    used = np.abs(linear).max(axis=1) > _NEGLIGIBLE * np.abs(linear).max()
    used |= rows >= 0
    kept = np.flatnonzero(used)
    terms = sorted(fitted.table.index, key=lambda term: fitted.table.index[term])
    steps = np.abs(linear).max(axis=0) / 127.0
    steps[steps == 0] = 1.0
    weights = Weights(
        index={terms[row]: number for number, row in enumerate(kept)},
        rarity=fitted.table.rarity[kept],
        linear=np.rint(linear[kept] / steps).astype(np.int8),
        steps=steps.astype(np.float32),
        bias=np.concatenate([fitted.heads[head].bias for head in HEADS]),
        scale={head: fitted.calibrations[head].scale for head in HEADS},
        shift=np.concatenate([fitted.calibrations[head].shift for head in HEADS]).astype(np.float32),
        block_weights=BLOCK_WEIGHTS,
        labels=LABELS,
        matters=matters,
        matter_rows=rows[kept],
        matter_names=names,
        matter_scale=matter_scale,
        accents=fitted.accents,
    )
    packed = files.pack(weights)
    manifest: dict[str, Any] = {
        "format": files.FORMAT,
        "name": name,
        "terms": TERMS_VERSION,
        "lexicon": lexicon_digest(),
        "weights": files.digest(packed),
        "data": data_digest([*messages, *phrases, *corrections]),
        "counts": {"messages": len(messages), "phrases": len(phrases), "corrections": len(corrections)},
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in ("numpy", "scipy", "scikit-learn")},
        "seed": SEED,
        "block_weights": list(BLOCK_WEIGHTS),
        "labels": {head: list(labels) for head, labels in LABELS.items()},
        "scale": {head: round(value, 6) for head, value in weights.scale.items()},
        "unsure_below": dict(fitted.unsure_below),
        "decide_from": dict(fitted.decide_from),
        "matter_scale": matter_scale,
        "matters": list(names),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / files.WEIGHTS).write_bytes(packed)
    save_manifest(folder, manifest)
    return manifest


#: terms whose every weight is below this share of the largest are left out
_NEGLIGIBLE = 0.004


def save_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes the manifest, readable and in a fixed order."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / files.MANIFEST).write_text(text, encoding="utf-8")


def data_digest(messages: Sequence[Message]) -> str:
    """Fingerprint of texts and labels, whatever their order; labels nobody vouches for do not count."""

    def told(message: Message, head: str) -> str:
        return label_of(message, head) if message.taught is None or head in message.taught else ""

    lines = sorted("\t".join([m.text, m.issue, *(told(m, head) for head in ("topic", *HEADS))]) for m in messages)
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()
