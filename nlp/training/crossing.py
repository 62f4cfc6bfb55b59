"""Honest figures: every message is read by a machine that has seen neither it nor its matter, or none of its writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import GroupKFold

from nlp.analysis import Kind
from nlp.model.scorer import HEADS
from nlp.training.build import BLOCK_WEIGHTS, COPIES, PHRASE_WEIGHT, teaches
from nlp.training.corpus import Message
from nlp.training.examples import TermTable, joined, learn_accents, read_blocks, with_noise
from nlp.training.fit import LABELS, SEED, Floats, codes, fit_head

FOLDS = 5
GROUPINGS: dict[str, Callable[[Message], str]] = {
    "message": lambda message: message.id,
    "matter": lambda message: message.issue or message.id,
    "writer": lambda message: f"{message.author} {message.region} {message.age}",
}


def cross_validated(
    messages: Sequence[Message],
    phrases: Sequence[Message],
    by: str,
    block_weights: Sequence[float] = BLOCK_WEIGHTS,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, float]:
    """Scores over all messages as written, in folds that never part a group of `by` ("message", "matter": the
    skeleton of the scene, "writer": author, region and age of the speaker)."""
    examples = with_noise(messages, COPIES, SEED) + with_noise(phrases, 0, SEED)
    accents = learn_accents([*messages, *phrases])
    read = [read_blocks(example.text, accents) for example in examples]
    table = TermTable(read, [example.message.id for example in examples])
    matrix = joined(table.matrices(read), block_weights)
    taught = [example.message for example in examples]
    weights = np.array([PHRASE_WEIGHT if message.author == "phrase" else 1.0 for message in taught])
    groups = np.array([GROUPINGS[by](message) for message in taught])
    scores = {head: np.zeros((len(taught), len(LABELS[head]))) for head in HEADS}
    for number, (learnt, asked) in enumerate(GroupKFold(FOLDS).split(matrix, groups=groups), start=1):
        tell(f"{by}: {number}/{FOLDS}")
        for head in HEADS:
            rows = np.array([row for row in learnt if teaches(taught[row], head)], np.intp)
            wanted = codes([taught[row] for row in rows], head)
            fitted = fit_head(matrix[rows], wanted, head, weights[rows], words=table.words)
            scores[head][asked] = fitted.scores(matrix[asked])
    kept = [
        row
        for row, example in enumerate(examples)
        if example.style == "as-written" and example.message.author != "phrase"
    ]
    return summary({head: scores[head][kept] for head in HEADS}, [taught[row] for row in kept])


def summary(scores: dict[str, Floats], messages: Sequence[Message]) -> dict[str, float]:
    """The figures people ask for."""
    said: dict[str, NDArray[np.int64]] = {head: scores[head].argmax(axis=1) for head in HEADS}
    wanted = {head: codes(messages, head) for head in HEADS}
    kinds = [at for at in range(len(LABELS["kind"])) if (wanted["kind"] == at).any()]
    found = {
        "topic": float((said["topic"] == wanted["topic"]).mean()),
        "level": float((said["level"] == wanted["level"]).mean()),
        "kind macro-F1": f1_score(wanted["kind"], said["kind"], labels=kinds, average="macro"),
        "urgent recall": recall_score(wanted["urgent"], said["urgent"], zero_division=0),
        "urgent precision": precision_score(wanted["urgent"], said["urgent"], zero_division=0),
    }
    for kind in (Kind.COMPLAINT, Kind.DENUNCIATION):
        at = LABELS["kind"].index(kind)
        found[f"{kind} recall"] = recall_score(wanted["kind"] == at, said["kind"] == at, zero_division=0)
    return {name: round(float(value), 4) for name, value in found.items()}
