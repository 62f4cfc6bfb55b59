"""Fits the linear heads and their calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from sklearn.svm import LinearSVC

from nlp.model.files import LABELS as LABELS
from nlp.training.corpus import Message

Floats = NDArray[np.float64]

#: strength of fitting by head, chosen on the calibration and held-out sets (see nlp/training/README.md)
FIRMNESS = {"topic": 1.0, "kind": 0.6, "level": 0.6, "urgent": 0.6}
#: strength of fitting on log-count ratios, and the heads that have such a second machine
_FIRMNESS_OF_RATIOS = 0.3
_WITH_RATIOS = frozenset({"topic", "level"})
#: heads with rare labels, of which none may be lost
_BALANCED = frozenset({"kind", "urgent"})
SEED = 20_261_121


def label_of(message: Message, head: str) -> str:
    """The label of a head as a string."""
    return str(message.urgent).lower() if head == "urgent" else str(getattr(message, head))


def codes(messages: Sequence[Message], head: str) -> NDArray[np.int64]:
    """Numbers of the labels."""
    numbers = {label: at for at, label in enumerate(LABELS[head])}
    return np.array([numbers[label_of(message, head)] for message in messages], np.int64)


@dataclass(frozen=True, kw_only=True)
class Head:
    """Scores are `matrix @ weights + bias`, one column per label; a label never seen scores far below."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, matrix: sparse.csr_matrix) -> Floats:
        return np.asarray(matrix @ self.weights + self.bias, np.float64)


def fit_head(
    matrix: sparse.csr_matrix,
    wanted: NDArray[np.int64],
    head: str,
    sample_weights: Floats | None = None,
    firmness: float | None = None,
    *,
    words: NDArray[np.bool_] | None = None,
) -> Head:
    """One-against-the-rest support vector machines (Fan et al., LIBLINEAR, JMLR 2008). Topic and level add a second
    set that sees the columns `words` alone, each scaled by how much oftener its label uses it (`_by_ratios`): the
    two err on different messages and their sum is still linear."""
    count = len(LABELS[head])
    machine = LinearSVC(
        C=FIRMNESS[head] if firmness is None else firmness,
        class_weight="balanced" if head in _BALANCED else None,
        random_state=SEED,
    )
    machine.fit(matrix, wanted, sample_weight=sample_weights)
    weights = np.zeros((matrix.shape[1], count), np.float32)
    bias = np.full(count, -3.0, np.float32)
    coefficients, intercepts = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.array([-intercepts[0], intercepts[0]])
    for row, label in enumerate(machine.classes_):
        weights[:, label] = coefficients[row]
        bias[label] = intercepts[row]
        if words is not None and head in _WITH_RATIOS:
            slopes, offset = _by_ratios(matrix[:, words], wanted == label, sample_weights)
            weights[words, label] += slopes
            bias[label] += offset
    return Head(weights=weights, bias=bias)


def _by_ratios(
    matrix: sparse.csr_matrix, is_label: NDArray[np.bool_], sample_weights: Floats | None
) -> tuple[Floats, float]:
    """Slopes and offset of a support vector machine over columns scaled by their log-count ratio (Wang and Manning,
    Baselines and Bigrams, ACL 2012), in terms of the columns as they were."""
    weights = np.ones(len(is_label)) if sample_weights is None else sample_weights
    present = matrix.astype(bool).astype(np.float64)
    inside = present.T @ (weights * is_label) + 1.0
    outside = present.T @ (weights * ~is_label) + 1.0
    ratios = np.log((inside / inside.sum()) / (outside / outside.sum()))
    machine = LinearSVC(C=_FIRMNESS_OF_RATIOS, random_state=SEED)
    machine.fit(matrix @ sparse.diags(ratios), is_label, sample_weight=weights)
    return ratios * machine.coef_[0], float(machine.intercept_[0])


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Calibrated logits are `scale * scores + shift` (vector scaling: Guo et al., ICML 2017, with one scale)."""

    scale: float
    shift: Floats

    def probabilities(self, scores: Floats) -> Floats:
        logits = self.scale * scores + self.shift
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def calibrate(scores: Floats, wanted: NDArray[np.int64]) -> Calibration:
    """From scores of messages the machine has not been fitted on."""
    count = scores.shape[1]
    rows = np.arange(len(wanted))

    def loss(values: Floats) -> tuple[float, Floats]:
        made = Calibration(scale=float(values[0]), shift=values[1:])
        guessed = made.probabilities(scores)
        error = guessed.copy()
        error[rows, wanted] -= 1.0
        gradient = np.concatenate([[float((error * scores).sum())], error.sum(axis=0)]) / len(rows)
        return float(-np.log(guessed[rows, wanted] + 1e-12).mean() + 1e-3 * np.square(values[1:]).sum()), (
            gradient + np.concatenate([[0.0], 2e-3 * values[1:]])
        )

    start = np.concatenate([[2.0], np.zeros(count)])
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B")
    return Calibration(scale=float(found.x[0]), shift=np.asarray(found.x[1:]))
