"""Who manages the road, owns the project or object a message is about, as the gazetteer of its commune says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.analysis import Judgement, Level, MadeBy, Place, Topic
from nlp.classify import Subject, understood
from nlp.places import Mention
from nlp.vocabulary import Reading

#: reason of a level that follows from the gazetteer
MANAGED = "cấp quản lý con đường theo danh mục địa danh"
OWNED = "cấp làm chủ công trình, dự án theo danh mục địa danh"
_CONFIDENCE = 0.75
#: share of the strongest field of a name from which another one is the thing's own too
_OWN_FIELD = 0.5
#: matters of other fields that whoever manages a road settles along with it
_ALONG_A_ROAD = frozenset(
    {
        "nuoc-thoat-nuoc/street-flood",
        "nuoc-thoat-nuoc/drain",
        "nuoc-thoat-nuoc/new-drain",
        "nuoc-thoat-nuoc/drain-design",
        "nuoc-thoat-nuoc/lost-drain-cover",
        "dien-chieu-sang/street-light",
        "dien-chieu-sang/light-new",
        "dien-chieu-sang/light-schedule",
        "dien-chieu-sang/lights-on-by-day",
        "dien-chieu-sang/main-road-light",
    }
)


@dataclass(frozen=True, kw_only=True)
class Managed:
    """A road, project or object said to be what the message is about, and the level that manages or owns it."""

    place: Place
    level: Level


def managed_things(reading: Reading, mentions: Sequence[Mention], managers: Mapping[str, str]) -> tuple[Managed, ...]:
    """The managed things a text speaks of, in reading order: not those that only say where ("gần quốc lộ 64B"), and
    none behind a class of road said in words the gazetteer does not know ("quốc lộ cắt đường Trần Phú")."""
    if not any(mention.place.id in managers for mention in mentions):
        return ()
    points = {hit.end for hit in reading.of("where")}
    leads = points | {hit.end for hit in reading.of("place", "direction")}
    named = {word for one in mentions if one.place.id in managers for word in range(one.start, one.end)}
    unlisted = min(
        (
            hit.start
            for hit in reading.of("road")
            if hit.start not in named and points.isdisjoint((hit.start, hit.start - 1))
        ),
        default=len(reading.tokens),
    )
    return tuple(
        Managed(place=mention.place, level=Level(managers[mention.place.id]))
        for mention in mentions
        if mention.place.id in managers
        and not mention.is_asked
        and mention.start < unlisted
        and (points if mention.place.sort == "road" else leads).isdisjoint((mention.start, mention.start - 1))
    )


def level_by_manager(things: Sequence[Managed], topic: str, subject: Subject) -> Judgement | None:
    """The level of the first thing whose own field the message is about; None when there is none."""
    for thing in things:
        if _decides(thing, topic, subject):
            reason = MANAGED if thing.place.sort == "road" else OWNED
            return Judgement(value=thing.level, confidence=_CONFIDENCE, made_by=MadeBy.RULE, reason=reason)
    return None


def is_by_manager(level: Judgement) -> bool:
    """Whether a level is a fact of the gazetteer."""
    return level.reason in (MANAGED, OWNED)


def _decides(thing: Managed, topic: str, subject: Subject) -> bool:
    if thing.place.sort == "road":
        return topic == Topic.TRANSPORT or subject.best_issue(topic) in _ALONG_A_ROAD
    if topic == Topic.SITE_CLEARANCE:
        # Land for works of the State is cleared by province and commune, whoever builds.
        return thing.place.sort == "project" and thing.level != Level.CENTRAL
    return topic in _fields(thing.place.name)


@lru_cache(maxsize=512)
def _fields(name: str) -> frozenset[str]:
    """What the name of a thing tells it is: "cầu Cái Nứa" is a matter of transport, "đê bao …" of irrigation."""
    topics = understood(name)[1].topics
    most = max(topics.values(), default=0.0)
    return frozenset(topic for topic, weight in topics.items() if weight >= _OWN_FIELD * most)
