"""Fits the weights of `nlp.likeness` on the communes for tuning, and sums up the words of each matter.

python -m nlp.training.fit_likeness [PREFIX ...]

Writes `lexicon/likeness.toml` and `lexicon/echoes.npz`. Further communes are named by the prefix of their files
(`tests/nlp/data/tan_minh_`). The fit is a logistic regression on the pairs the rules leave open, with and without a
gazetteer; thresholds are chosen by the grouping itself, each commune judged with weights fitted on the others.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from nlp import likeness
from nlp.clusters import candidates
from nlp.compared import Rarity
from nlp.echoes import RARITY_POWER, forget
from nlp.landmarks import learned
from nlp.likeness import FEATURES, Weights, difference, features, place_relation, weights
from nlp.places import Gazetteer
from nlp.similar import Signature, compared_of, placed, signature, terms_of
from nlp.training.communes import Commune, Score, communes, grouped, measure
from nlp.training.corpus import messages
from nlp.understand import Understander
from nlp.vocabulary import read

LEXICON = Path(__file__).parents[1] / "lexicon"
#: what a phrase of the catalogue counts beside a message, and how often a word must occur to be kept
_PHRASE = 0.8
_SEEN = 2
#: pull of the weights towards zero: strong, so that what helps in mailboxes unlike these keeps its say
_RIDGE = 60.0
#: features that may not speak against two reports being one
_NEVER_NEGATIVE = frozenset(
    {
        "objects",
        "problems",
        "issues",
        "matters",
        "echoes",
        "bare",
        "pin_bare",
        "village_bare",
        "pin_echoes",
        "village_echoes",
        "echoed_words",
    }
    | {"sense", "bare_sense", "echoed_matter", "topics", "rare", "pin_matter", "village_matter"}
    | {"unplaced_matter", "unplaced_rare"}
)

#: weights held at these or below: too few cases to learn them from
_AT_MOST = {
    "other_kind": -1.2,
    "complaints": -2.0,
    "other_numbers": -0.5,
    "elsewhere": -1.8,
    "one_unplaced": -0.9,
    "both_unplaced": -1.2,
}

Table = tuple[np.ndarray, np.ndarray]


def main(prefixes: Sequence[str]) -> int:
    """Fits, writes, and prints what was found."""
    write_echoes()
    known = [*communes("dev-"), *communes("train-"), *(Commune.read(prefix) for prefix in prefixes)]
    tables = [_tables(commune) for commune in known]
    for left_out, commune in enumerate(known):
        others = [table for place, table in enumerate(tables) if place != left_out]
        _use(fitted(others or tables))
        _tell(commune)
    final = fitted(tables)
    _write(final)
    _use(final)
    for commune in known:
        _tell(commune)
    return 0


def _tell(commune: Commune) -> None:
    parts = (_line(measure(commune, grouped(commune, with_places=places))) for places in (True, False))
    sys.stdout.write(f"{commune.name} {' '.join(parts)}\n")


def _line(score: Score) -> str:
    return (
        f"P {score.precision:.2f} R {score.recall:.2f} F1 {score.f1:.2f} partner {score.partner_found:.2f} "
        f"apart {score.kept_apart:.2f} |"
    )


def write_echoes() -> None:
    """Sums up the words of each matter over the corpus and the phrases of the catalogue."""
    listed = [(set(terms_of(read(one.text).tokens)), one.issue, 1.0) for one in messages() if one.issue]
    total = len(listed)
    for issue, phrase in catalogue_phrases():
        listed.append((set(terms_of(read(phrase).tokens)), issue, _PHRASE))
    seen = Counter(term for terms, _, weight in listed for term in terms)
    told = Counter(term for terms, _, _ in listed[:total] for term in terms)
    words = sorted(term for term, count in seen.items() if count >= _SEEN)
    rarity = {word: math.log((total + 1) / (told[word] + 0.5)) ** RARITY_POWER for word in words}
    names = sorted({issue for _, issue, _ in listed})
    row_of = {name: row for row, name in enumerate(names)}
    sums: dict[str, dict[int, float]] = {word: {} for word in words}
    squares = [0.0] * len(names)
    for terms, issue, weight in listed:
        own = [term for term in terms if term in rarity]
        length = math.sqrt(sum(rarity[term] ** 2 for term in own)) or 1.0
        for term in own:
            entries = sums[term]
            entries[row_of[issue]] = entries.get(row_of[issue], 0.0) + weight * rarity[term] / length
    for entries in sums.values():
        for row, value in entries.items():
            squares[row] += value * value
    starts, matters, values = [0], [], []
    for word in words:
        for row, value in sorted(sums[word].items()):
            matters.append(row)
            values.append(value / math.sqrt(squares[row]))
        starts.append(len(matters))
    np.savez_compressed(
        LEXICON / "echoes.npz",
        names=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        rarity=np.array([rarity[word] for word in words], dtype=np.float16),
        shares=np.array([told[word] / total for word in words], dtype=np.float16),
        starts=np.array(starts, dtype=np.uint32),
        matters=np.array(matters, dtype=np.uint16),
        values=np.array([min(round(value * 65535), 65535) for value in values], dtype=np.uint16),
    )
    forget()


def catalogue_phrases() -> Iterator[tuple[str, str]]:
    """Sub-issue and phrase, for all phrases of the catalogue."""
    for path in sorted((LEXICON / "topics").glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in table["issue"]:
            for phrase in (*entry["words"], *entry.get("object", ()), *entry.get("problem", ()), entry["name"]):
                yield f"{table['topic']}/{entry['id']}", phrase.lstrip("^?!").replace("~", " ")


def _tables(commune: Commune) -> Table:
    """Features and truth of all pairs that are compared and that no rule parts."""
    rows: list[tuple[float, ...]] = []
    truth: list[float] = []
    for places in (commune.places, Gazetteer.empty()):
        understander = Understander(places)
        signed: dict[int, Signature] = {}
        ids = list(commune.texts)
        for number, key in enumerate(ids):
            stored = signature(commune.texts[key], places, understander.analyse(commune.texts[key]))
            if not commune.groups[key].startswith("N"):
                signed[number] = stored
        known = learned(name for one in signed.values() for name in one.names)
        made = {number: compared_of(placed(one, known)) for number, one in signed.items()}
        rarity = Rarity(list(made.values()))
        for one, other in sorted({(min(pair), max(pair)) for pair in candidates(made)}):
            relation = place_relation(made[one], made[other])
            if difference(made[one], made[other], relation) is None:
                rows.append(features(made[one], made[other], relation, rarity))
                truth.append(float(commune.groups[ids[one]] == commune.groups[ids[other]]))
    return np.array(rows), np.array(truth)


def fitted(tables: Sequence[Table]) -> Weights:
    """Logistic regression with a ridge, within the bounds."""
    x = np.vstack([table[0] for table in tables])
    y = np.concatenate([table[1] for table in tables])

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        odds = beta[0] + x @ beta[1:]
        wrong = expit(odds) - y
        pulled = float(np.sum(np.logaddexp(0.0, odds) - y * odds) + 0.5 * _RIDGE * beta[1:] @ beta[1:])
        return pulled, np.concatenate([[wrong.sum()], x.T @ wrong + _RIDGE * beta[1:]])

    bounds = [(None, None), *(_bounds(name) for name in FEATURES)]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 2000})
    return replace(weights(), bias=float(found.x[0]), of=tuple(float(value) for value in found.x[1:]))


def _bounds(name: str) -> tuple[float | None, float | None]:
    return 0.0 if name in _NEVER_NEGATIVE else None, _AT_MOST.get(name)


def _use(chosen: Weights) -> None:
    likeness.use(chosen)


def _write(chosen: Weights) -> None:
    lines = [
        "# Trọng số so hai ý kiến; do `python -m nlp.training.fit_likeness` tính ra (các số _from thì chọn tay).",
        f"bias = {chosen.bias:.2f}",
        f"same_from = {chosen.same_from}",
        f"join_from = {chosen.join_from}",
        f"related_from = {chosen.related_from}",
        f"shown_from = {chosen.shown_from}",
        "",
        "[weights]",
        *(f"{name} = {value:.2f}" for name, value in zip(FEATURES, chosen.of, strict=True)),
    ]
    (LEXICON / "likeness.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
