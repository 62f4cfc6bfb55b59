"""Is somebody in danger now, and whom should the sender call at once?"""

from __future__ import annotations

from nlp.analysis import Judgement, MadeBy
from nlp.classify import named
from nlp.vocabulary import Reading

#: dangers of the lexicon in the order they win, with the emergency they stand for (`Analysis.emergency`)
_EMERGENCIES = {
    "child": "child",
    "fire": "fire",
    "gas": "gas",
    "power": "power",
    "medical": "medical",
    "police": "police",
    "rescue": "rescue",
    "collapse": "collapse",
    "flood": "flood",
    "toxic": None,
}


def urgency_of(reading: Reading) -> tuple[Judgement, str | None]:
    """Urgent or not, and the emergency if there is one. Anger, capitals and long waits do not count."""
    now = reading.weight("hazard", "now")
    past = reading.weight("hazard", "past")
    hazard = reading.weight("hazard", "words")
    found = {name: reading.weight("danger", name) for name in _EMERGENCIES}
    worst = max(found, key=lambda name: found[name])
    danger = found[worst]
    if danger > 0 and danger + 0.5 * now > 1.5 + 1.2 * past:
        phrases = [hit.phrase.text for hit in reading.of("danger", worst)]
        sure = min(0.95, 0.5 + 0.06 * (danger + now))
        reason = "nguy hiểm trước mắt: " + named(phrases)
        return _judge(True, sure, reason), _EMERGENCIES[worst]
    if hazard > 0 and now > 0 and hazard + now > 3.5 + 1.5 * past:
        phrases = [hit.phrase.text for hit in reading.of("hazard", "now")]
        return _judge(True, 0.55, "có nguy cơ và nói là cấp bách: " + named(phrases)), None
    doubtful = danger > 0 or (hazard > 0 and now > 0)
    return _judge(False, 0.6 if doubtful else 0.92, "không thấy nguy hiểm tức thời"), None


def _judge(value: bool, confidence: float, reason: str) -> Judgement:
    return Judgement(
        value="true" if value else "false",
        confidence=round(confidence, 2),
        made_by=MadeBy.RULE,
        reason=reason,
    )
