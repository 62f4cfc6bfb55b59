"""The texts a paper rests on, cited as the decree writes them: by the law's own name, or title, number, day, issuer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from casework.clock import vietnamese_date
from casework.regulations import Regulation


def legal_bases(texts: Iterable[Regulation]) -> list[str]:
    """What follows "Căn cứ", without punctuation."""
    return [basis for text in texts for basis in _bases_of(text)]


def _bases_of(text: Regulation) -> Sequence[str]:
    if not text.document.short:
        # A text that gathers several laws is cited by them.
        rules = (*text.duties, *text.steps)
        return list(
            dict.fromkeys(rule.place.partition(", Điều")[0] for rule in rules if rule.place.startswith("Luật "))
        )
    number = f" số {text.document.number}" if text.document.number else ""
    day = f" ngày {vietnamese_date(text.document.issued_on)}" if text.document.issued_on else ""
    return [f"{text.document.title}{number}{day} của {text.document.issuer}"]
