"""One message in, everything the program thinks of it out."""

from __future__ import annotations

from nlp import personal_data
from nlp.analysis import Analysis, Judgement, Kind, MadeBy, Topic
from nlp.classify import UNSURE_BELOW, level_of, topic_of, understood
from nlp.kinds import kind_of
from nlp.normalise import TEXT_LIMIT, clean
from nlp.places import Gazetteer
from nlp.split import count_issues, parts_of
from nlp.urgency import urgency_of


class Understander:
    """Analyses messages of one commune; `gazetteer` None means places are recognised by their form only.
    Holds nothing that changes, so threads may share one."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer or Gazetteer.empty()

    def analyse(self, text: str) -> Analysis:
        """Never fails: any text gets an analysis, at worst an unsure one."""
        readable = clean(text[:TEXT_LIMIT]).text
        reading, subject = understood(readable)
        urgent, emergency = urgency_of(reading)
        found = kind_of(reading, subject, readable, in_danger=emergency is not None)
        kind = found.judgement
        places = self._gazetteer.find(readable)
        is_chat = kind.value == Kind.NOT_AN_OPINION
        issues = 0 if is_chat else count_issues(readable)
        if issues > 1:
            # The first matter is the main one; what follows is added to it.
            reading, subject = understood(parts_of(readable)[0])
        topic = _no_topic() if is_chat else topic_of(subject, reading, kind.value)
        level = level_of(reading, kind.value, topic.value, subject, places, self._gazetteer.managers)
        if is_chat:
            urgent = _not_urgent()
        judged = {"kind": kind, "topic": topic, "level": level, "urgent": urgent}
        unsure = {name for name, judgement in judged.items() if judgement.confidence < UNSURE_BELOW}
        if found.unsure:
            unsure.add("kind")
        return Analysis(
            kind=kind,
            topic=topic,
            level=level,
            urgent=urgent,
            unsure=tuple(name for name in judged if name in unsure),
            places=places,
            personal_data=personal_data.find(text, self._gazetteer.names),
            issues=issues,
            chat=found.chat if is_chat else None,
            emergency=emergency,
        )


def _no_topic() -> Judgement:
    return Judgement(value=Topic.OTHER, confidence=0.9, made_by=MadeBy.RULE, reason="không phải ý kiến")


def _not_urgent() -> Judgement:
    return Judgement(value="false", confidence=0.9, made_by=MadeBy.RULE, reason="không phải ý kiến")
