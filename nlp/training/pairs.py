"""How well messages about one matter find each other, as a table.

python -m nlp.training.pairs [PREFIX ...]

Over the communes of the corpus and those named by the prefix of their files (`tests/nlp/data/tan_minh_`): pairwise
precision, recall and F1; messages with a partner that have one in their group or among the related; hard negatives
in different groups. With the gazetteer, told who sent what and when, without the gazetteer, by style, and beside them
rapidfuzz's token_set_ratio at the threshold that suits it best, which nobody could know beforehand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import combinations

from rapidfuzz import fuzz

from nlp.normalise import normal_form
from nlp.similar import GroupLine
from nlp.training.communes import STYLES, Commune, Score, communes, grouped, measure

_HEAD = f"{'':<28}{'messages':>9}{'P':>7}{'R':>7}{'F1':>7}{'partner':>9}{'apart':>7}\n"
_THRESHOLDS = range(45, 100, 5)


def main(prefixes: Sequence[str]) -> int:
    """Prints the table; takes about a second per commune."""
    known = [*communes(), *(Commune.read(prefix) for prefix in prefixes)]
    _tell(_HEAD)
    found = {commune.name: grouped(commune) for commune in known}
    for commune in known:
        _row(commune.name, len(commune.texts), measure(commune, found[commune.name]))
        _row("  told the senders", len(commune.texts), measure(commune, grouped(commune, pieces=True)))
        _row("  no gazetteer", len(commune.texts), measure(commune, grouped(commune, with_places=False)))
        _row("  token_set_ratio", len(commune.texts), best_by_words(commune))
    for kind in ("dev-", "train-", "test-"):
        chosen = [commune for commune in known if commune.name.startswith(kind)]
        _total(f"all of {kind}*", chosen, lambda commune: measure(commune, found[commune.name]))
    for style in STYLES:
        _by_style(style, known, found)
    return 0


def _by_style(style: str, known: Sequence[Commune], found: dict[str, list[GroupLine]]) -> None:
    def scored(commune: Commune) -> Score:
        return measure(commune, found[commune.name], only=lambda key: style in commune.tags[key])

    count = sum(style in tags for commune in known for tags in commune.tags.values())
    if count:
        _row(style, count, sum((scored(commune) for commune in known), Score()))


def _total(name: str, chosen: Sequence[Commune], scored: Callable[[Commune], Score]) -> None:
    if chosen:
        count = sum(len(commune.texts) for commune in chosen)
        _row(name, count, sum((scored(commune) for commune in chosen), Score()))


def best_by_words(commune: Commune) -> Score:
    """token_set_ratio: whoever is linked by enough shared words is one group; related are the next best eight."""
    forms = {key: normal_form(text) for key, text in commune.texts.items()}
    likeness = {pair: fuzz.token_set_ratio(forms[pair[0]], forms[pair[1]]) for pair in combinations(forms, 2)}
    near: dict[str, list[tuple[float, str]]] = {key: [] for key in forms}
    for (one, other), value in likeness.items():
        near[one].append((-value, other))
        near[other].append((-value, one))
    related = {key: tuple(other for _, other in sorted(listed)[:8]) for key, listed in near.items()}
    scores = []
    for threshold in _THRESHOLDS:
        home = {key: key for key in forms}
        for (one, other), value in likeness.items():
            if value >= threshold and home[one] != home[other]:
                left, kept = home[other], home[one]
                home = {key: kept if group == left else group for key, group in home.items()}
        lines = [GroupLine(id=key, group=home[key], related=related[key]) for key in forms]
        scores.append(measure(commune, lines))
    return max(scores, key=lambda score: score.f1)


def _row(name: str, count: int, score: Score) -> None:
    figures = (score.precision, score.recall, score.f1)
    cells = "".join(f"{value:>7.2f}" for value in figures)
    _tell(f"{name:<28}{count:>9}{cells}{score.partner_found:>9.2f}{score.kept_apart:>7.2f}\n")


def _tell(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
