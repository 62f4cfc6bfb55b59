"""What the rules alone make of a message. Their verdicts are the fallback when there is no model, and signs the
model weighs beside the words when there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.analysis import Judgement, Kind
from nlp.classify import NAMED_ROAD, Subject, level_of, topic_of, understood
from nlp.kinds import KindFound, demands_money, kind_of, names_somebody
from nlp.managed import Managed, level_by_manager, managed_things
from nlp.places import Mention
from nlp.urgency import urgency_of
from nlp.vocabulary import Reading

#: upper bounds of the classes of length (words) the model distinguishes
_LENGTHS = (3, 7, 14, 39, 90)
_QUESTION = re.compile(r"\?")


@dataclass(frozen=True, kw_only=True)
class RuleVerdict:
    """A message read once, and each label as the rules see it."""

    reading: Reading
    subject: Subject
    kind: KindFound
    topic: Judgement
    level: Judgement
    urgent: Judgement
    emergency: str | None
    asks: bool
    names_somebody: bool
    demands_money: bool
    #: roads, projects and objects of the gazetteer it speaks of; no sign for the model, which learnt without one
    managed: tuple[Managed, ...] = ()

    def level_by_manager(self, topic: str) -> Judgement | None:
        """The level as a fact of the gazetteer, if an opinion of this topic is about something it lists."""
        return level_by_manager(self.managed, topic, self.subject)

    @property
    def names_a_road(self) -> bool:
        """Whether the level is that of a class of road named in so many words ("tỉnh lộ 391")."""
        return self.level.reason.startswith(NAMED_ROAD)

    @property
    def speaks_of_an_offence(self) -> bool:
        """Whether the rules met an offence and could not rule out that somebody is accused of it."""
        return self.kind.unsure and bool(self.reading.of("denunciation", "offence"))

    @property
    def hints_at_an_offence(self) -> bool:
        """Whether any sign of an offence, or the sender's word that it is one, is there."""
        return any(self.reading.of("denunciation", group) for group in ("offence", "weak", "report")) or (
            self.demands_money
        )

    @property
    def speaks_of_a_decision(self) -> bool:
        """Whether a decision, amount or refusal occurs that somebody may contest."""
        return bool(self.reading.of("complaint", "act"))

    @property
    def is_chat(self) -> bool:
        return self.kind.judgement.value == Kind.NOT_AN_OPINION

    def signs(self) -> Iterator[str]:
        """The verdicts as terms for the model (see `nlp.model.terms`)."""
        kind, topic, level, urgent = self.kind.judgement, self.topic, self.level, self.urgent
        yield f"R:kind:{kind.value}"
        yield f"R:kind:{kind.value}:{'unsure' if self.kind.unsure else 'sure'}"
        yield f"R:topic:{topic.value}"
        yield f"R:topic:{topic.value}:{int(topic.confidence * 4)}"
        yield f"R:level:{level.value}"
        yield f"R:level:{level.value}:{int(level.confidence * 10)}"
        yield f"R:urgent:{urgent.value}"
        yield f"R:urgent:{urgent.value}:{int(urgent.confidence * 10)}"
        if self.emergency:
            yield f"R:emergency:{self.emergency}"
        if self.names_somebody:
            yield "R:names-somebody"
        if self.demands_money:
            yield "R:demands-money"
        if self.asks:
            yield "R:asks"
        size = len(self.reading.tokens)
        yield f"R:length:{sum(size > bound for bound in _LENGTHS)}"


def by_rules(text: str, mentions: Sequence[Mention] = (), managers: Mapping[str, str] | None = None) -> RuleVerdict:
    """The verdict on a clean text (see `normalise.clean`); `mentions` of places were found in it, `managers` maps ids
    of roads, projects and objects of the gazetteer to the level that manages or owns them."""
    reading, subject = understood(text)
    urgent, emergency = urgency_of(reading)
    kind = kind_of(reading, subject, text, in_danger=emergency is not None)
    value = kind.judgement.value
    topic = topic_of(subject, reading, Kind.OPINION if value == Kind.NOT_AN_OPINION else value)
    return RuleVerdict(
        reading=reading,
        subject=subject,
        kind=kind,
        topic=topic,
        level=level_of(reading, value, topic.value, subject),
        urgent=urgent,
        emergency=emergency,
        asks=_QUESTION.search(text) is not None,
        names_somebody=names_somebody(reading, text),
        demands_money=demands_money(text),
        managed=managed_things(reading, mentions, managers) if managers else (),
    )
