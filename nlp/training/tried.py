"""What was tried for telling topics apart, side by side on the same messages: `python -m nlp.training.tried`.

Every candidate learns from the same corpus (with the same noisy copies and phrases) and reads the calibration and
held-out sets, as written and without accents. The table in nlp/training/README.md is this program's.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC
from underthesea_core import TextClassifier

from nlp.normalise import clean
from nlp.training import corpus, noise
from nlp.training.build import BLOCK_WEIGHTS, COPIES, PHRASE_WEIGHT
from nlp.training.corpus import Message
from nlp.training.examples import TermTable, joined, learn_accents, read_blocks, with_noise
from nlp.training.fit import FIRMNESS, SEED, codes
from nlp.vocabulary import read

Numbers = NDArray[np.int64]
#: name -> weights of words, pieces of words, lexicon signs, rule verdicts
_BLOCKS = {
    "words": (1.0, 0.0, 0.0, 0.0),
    "pieces of words": (0.0, 1.0, 0.0, 0.0),
    "words + pieces": (1.0, 0.5, 0.0, 0.0),
    "words + pieces + lexicon": (1.0, 0.5, 0.5, 0.0),
    "words + pieces + lexicon + rules (shipped)": BLOCK_WEIGHTS,
}
_MACHINES: dict[str, Callable[[], object]] = {
    "logistic regression": lambda: LogisticRegression(C=10, max_iter=300),
    "ridge": lambda: RidgeClassifier(alpha=1.0),
    "complement naive Bayes": lambda: ComplementNB(alpha=0.3),
    "one hidden layer of 64": lambda: MLPClassifier((64,), early_stopping=True, max_iter=12, random_state=SEED),
}


def main() -> int:
    """Prints one line per candidate."""
    learnt, phrases = corpus.messages(), corpus.phrases()
    asked = [*corpus.calibration(), *corpus.held_out()]
    chance = random.Random(SEED)  # noqa: S311 - reproducible noise, no secret
    plain = [noise.without_accents(message.text, chance) for message in asked]
    examples = with_noise(learnt, COPIES, SEED) + with_noise(phrases, 0, SEED)
    _tell(f"reading {len(examples)} texts")
    accents = learn_accents([*learnt, *phrases])
    blocks = [read_blocks(example.text, accents) for example in examples]
    table = TermTable(blocks, [example.message.id for example in examples])
    taught = table.matrices(blocks)
    tests = [
        table.matrices([read_blocks(text, accents) for text in texts]) for texts in ([m.text for m in asked], plain)
    ]
    labels, wanted = codes([example.message for example in examples], "topic"), codes(asked, "topic")
    weights = np.array([PHRASE_WEIGHT if e.message.author == "phrase" else 1.0 for e in examples])
    print("| candidate | as written | no accents | seconds to learn |\n|---|---|---|---|", flush=True)
    for name, shares in _BLOCKS.items():
        _row(f"{name}, linear SVM", _svm, joined(taught, shares), labels, weights, _all(tests, shares), wanted)
    for name, make in _MACHINES.items():
        _row(f"the same, {name}", _fits(make), joined(taught, BLOCK_WEIGHTS), labels, weights,
             _all(tests, BLOCK_WEIGHTS), wanted)  # fmt: skip
    rows = [row for row, example in enumerate(examples) if example.message.author != "phrase"]
    _row("shipped, no phrases, linear SVM", _svm, joined(taught, BLOCK_WEIGHTS)[rows], labels[rows], weights[rows],
         _all(tests, BLOCK_WEIGHTS), wanted)  # fmt: skip
    once = [row for row, example in enumerate(examples) if example.style == "as-written"]
    _row("shipped, no noisy copies, linear SVM", _svm, joined(taught, BLOCK_WEIGHTS)[once], labels[once],
         weights[once], _all(tests, BLOCK_WEIGHTS), wanted)  # fmt: skip
    _core(examples_texts=[e.text for e in examples], labels=labels, asked=asked, plain=plain, wanted=wanted)
    return 0


def _all(tests: Sequence[Sequence[sparse.csr_matrix]], shares: Sequence[float]) -> list[sparse.csr_matrix]:
    return [joined(matrices, shares) for matrices in tests]


def _svm(matrix: sparse.csr_matrix, labels: Numbers, weights: NDArray[np.float64]) -> object:
    return LinearSVC(C=FIRMNESS["topic"], random_state=SEED).fit(matrix, labels, sample_weight=weights)


def _fits(make: Callable[[], object]) -> Callable[[sparse.csr_matrix, Numbers, NDArray[np.float64]], object]:
    def fit(matrix: sparse.csr_matrix, labels: Numbers, weights: NDArray[np.float64]) -> object:
        machine = make()
        if isinstance(machine, MLPClassifier):
            return machine.fit(matrix, labels)
        return machine.fit(matrix, labels, sample_weight=weights)  # type: ignore[attr-defined]

    return fit


def _row(
    name: str,
    fit: Callable[[sparse.csr_matrix, Numbers, NDArray[np.float64]], object],
    matrix: sparse.csr_matrix,
    labels: Numbers,
    weights: NDArray[np.float64],
    tests: Sequence[sparse.csr_matrix],
    wanted: Numbers,
) -> None:
    begun = time.perf_counter()
    machine = fit(matrix, labels, weights)
    spent = time.perf_counter() - begun
    right = [float((machine.predict(test) == wanted).mean()) for test in tests]  # type: ignore[attr-defined]
    print(f"| {name} | {right[0]:.3f} | {right[1]:.3f} | {spent:.0f} |", flush=True)


def _core(
    *, examples_texts: Sequence[str], labels: Numbers, asked: Sequence[Message], plain: Sequence[str], wanted: Numbers
) -> None:
    """underthesea_core's own trainer on accent-free and on accented words."""
    for name, form in (("accent-free", "key"), ("accented", "canon")):

        def words(text: str, form: str = form) -> str:
            return " ".join(getattr(token, form) for token in read(clean(text).text).tokens)

        begun = time.perf_counter()
        machine = TextClassifier(ngram_range=(1, 2))
        machine.fit([words(text) for text in examples_texts], [str(label) for label in labels])
        spent = time.perf_counter() - begun
        right = [
            float(
                np.mean([int(machine.predict(words(text))) == label for text, label in zip(texts, wanted, strict=True)])
            )
            for texts in ([message.text for message in asked], plain)
        ]
        print(f"| underthesea_core TextClassifier, {name} words | {right[0]:.3f} | {right[1]:.3f} | {spent:.0f} |")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
