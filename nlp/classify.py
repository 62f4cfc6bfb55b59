"""Topic and level of one read message, from the phrases of the lexicon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from nlp.analysis import Judgement, Kind, Level, MadeBy, Topic
from nlp.matcher import Hit
from nlp.vocabulary import Reading, read, vocabulary

#: below this confidence a person decides
UNSURE_BELOW = 0.55
#: from this many words a message tells a story, and what it asks for counts double
STORY_WORDS = 110
_REPEATED = 0.25
#: a second phrase of the same topic over the same words
_OVERLAPPING = 0.25
#: how the reason of a level begins that follows from a named class of road
NAMED_ROAD = "nói rõ: "
_ONLY_PLACE = 0.3
_ONLY_ADDRESSEE = 0.35
#: weight from which a sub-issue overrules the topics mentioned along with it, and what is left of them
_OVERRULES_FROM = 1.8
_OVERRULED = 0.5
#: share of the overruled topic's weight a sub-issue must reach
_OVERRULES_SHARE = 0.4
_ASKING = frozenset({"đề nghị", "kiến nghị", "mong", "nhờ", "xin hỏi", "yêu cầu", "cho hỏi", "giúp"})
_FIRST_OF_ALL = (("truoc", "mat"), ("chi", "xin"), ("nen", "chi"), ("tha", "thiet"), ("chung", "toi", "mong"))
_PUT_ASIDE = (("de", "sau"), ("tu", "lo", "duoc"), ("khong", "phai"))
_BY_WEIGHT = itemgetter(0)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a message is about: scores by topic and by sub-issue, and the phrases that speak for them."""

    topics: Mapping[str, float]
    issues: Mapping[str, float]
    phrases: Mapping[str, tuple[str, ...]]

    @property
    def strength(self) -> float:
        return max(self.topics.values(), default=0.0)

    def best_issue(self, topic: str) -> str | None:
        """The leading sub-issue of a topic, None when only its general words were found."""
        own = {issue: score for issue, score in self.issues.items() if issue.startswith(topic + "/")}
        return max(own, key=lambda issue: (own[issue], issue)) if own else None


@lru_cache(maxsize=64)
def understood(text: str) -> tuple[Reading, Subject]:
    """A text read and its subject; the last few are kept, as analysing, counting and comparing ask in turn."""
    reading = read(text)
    return reading, subject_of(reading)


def subject_of(reading: Reading) -> Subject:
    """Sums the lexicon's evidence; a phrase counts once, a little more when it is repeated."""
    emphasis, asides = _emphasis(reading), _Asides(reading)
    weighed = [(hit.weight * emphasis[hit.start] * asides.share(hit), hit) for hit in reading.about]
    # Heaviest first; hits are in reading order and stay so among equals.
    weighed.sort(key=_BY_WEIGHT, reverse=True)
    topics: dict[str, float] = {}
    issues: dict[str, float] = {}
    phrases: dict[str, list[str]] = {}
    counted: set[tuple[str, str]] = set()
    covered: dict[str, set[int]] = {}
    for weight, hit in weighed:
        phrase = hit.phrase
        topic = phrase.topic
        said = (phrase.tag, phrase.text)
        if said in counted:
            weight *= _REPEATED
        counted.add(said)
        if phrase.family == "issue":
            issue = phrase.tag[6:]
            issues[issue] = issues.get(issue, 0.0) + weight
        words = range(hit.start, hit.end)
        taken = covered.get(topic)
        if taken is None:
            covered[topic] = set(words)
            topics[topic] = weight
            phrases[topic] = [phrase.text]
        else:
            topics[topic] += weight if taken.isdisjoint(words) else weight * _OVERLAPPING
            taken.update(words)
            phrases[topic].append(phrase.text)
    for issue, overruled in vocabulary().boundaries if issues else ():
        if issues.get(issue, 0.0) >= _OVERRULES_FROM:
            for topic in overruled:
                if issues[issue] >= _OVERRULES_SHARE * topics.get(topic, 0.0):
                    topics[topic] = topics.get(topic, 0.0) * _OVERRULED
    return Subject(
        topics={topic: score for topic, score in topics.items() if score > 0},
        issues=issues,
        phrases={topic: tuple(dict.fromkeys(texts)) for topic, texts in phrases.items()},
    )


class _Asides:
    """Which phrases only say where ("trước cổng trường") or who should act ("nhờ công an")."""

    def __init__(self, reading: Reading) -> None:
        self._none = "place" not in reading.hits and "addressee" not in reading.hits
        if self._none:
            return
        self._venues = {(hit.start, hit.end) for hit in reading.of("place", "venue")}
        self._offices = {(hit.start, hit.end) for hit in reading.of("addressee", "office")}
        # A word may stand between: "trước cái cổng trường", "nhờ các anh công an".
        self._after_direction = _spread(hit.end for hit in reading.of("place", "direction"))
        ends = {hit.end for hit in reading.of("opinion", "ask")} if self._offices else set()
        self._after_asking = {end + gap for end in ends for gap in (0, 1, 2)}
        self._demands = {hit.start for hit in reading.of("addressee", "demand")} if self._offices else set()

    def share(self, hit: Hit) -> float:
        """How much the phrase counts for what the message is about."""
        if self._none:
            return 1.0
        where = (hit.start, hit.end)
        if where in self._venues:
            return _ONLY_PLACE if hit.start in self._after_direction else 1.0
        if where in self._offices:
            asked = hit.start in self._after_asking
            return _ONLY_ADDRESSEE if asked or not self._demands.isdisjoint((hit.end, hit.end + 1)) else 1.0
        return 1.0


def _spread(ends: Iterable[int]) -> frozenset[int]:
    return frozenset(end + gap for end in ends for gap in (0, 1))


def _emphasis(reading: Reading) -> list[float]:
    """Per word: what is asked for counts more, what the writer puts aside counts little."""
    words = reading.tokens
    factors = [1.0] * len(words)
    asking = {hit.start for hit in reading.of("opinion", "ask") if hit.phrase.text in _ASKING}
    story = len(words) >= STORY_WORDS
    for position in asking:
        for index in range(position, min(position + 25, len(words))):
            factors[index] = max(factors[index], 2.0 if story else 1.2)
    keys = [word.key for word in words]
    present = frozenset(keys)
    for start in _starts(keys, present, _FIRST_OF_ALL):
        for index in range(start, min(start + 25, len(words))):
            factors[index] = 2.0
    for start in _starts(keys, present, _PUT_ASIDE):
        for index in range(max(0, start - 3), min(start + 5, len(words))):
            factors[index] *= 0.3
    return factors


def _starts(keys: Sequence[str], present: frozenset[str], patterns: Iterable[tuple[str, ...]]) -> Iterable[int]:
    for pattern in patterns:
        if not present.issuperset(pattern):
            continue
        size = len(pattern)
        for start in range(len(keys) - size + 1):
            if tuple(keys[start : start + size]) == pattern:
                yield start


def topic_of(subject: Subject, reading: Reading, kind: str) -> Judgement:
    """The leading topic; `khac` with low confidence when no word of any field occurs. An accusation of taking
    money is a matter of officials in any field."""
    topics = dict(subject.topics)
    if kind == Kind.DENUNCIATION:
        # The office of the accused is no subject: "bí thư", "chủ tịch hội".
        topics[Topic.PARTY_GOVERNMENT] = topics.get(Topic.PARTY_GOVERNMENT, 0.0) * _OVERRULED
        if bribe := reading.of("bribe"):
            reason = "tố cáo nhận tiền: " + named(hit.phrase.text for hit in bribe)
            return Judgement(value=Topic.OFFICIALS, confidence=0.7, made_by=MadeBy.RULE, reason=reason)
    topics = {topic: score for topic, score in topics.items() if score > 0}
    if not topics:
        reason = "không gặp từ khóa của lĩnh vực nào"
        return Judgement(value=Topic.OTHER, confidence=0.2, made_by=MadeBy.RULE, reason=reason)
    ranked = sorted(topics.items(), key=lambda item: (-item[1], item[0]))
    best, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    margin = (score - second) / score
    amount = min(1.0, score / 6.0)
    confidence = 0.15 + 0.3 * margin + 0.5 * amount
    told = subject.phrases.get(best, ())
    reason = "từ khóa: " + named(told, 4)
    return Judgement(value=best, confidence=round(confidence, 2), made_by=MadeBy.RULE, reason=reason)


def named(phrases: Iterable[str], most: int | None = None) -> str:
    """The first distinct phrases of the lexicon as a person reads them, without the mark of a gap."""
    return ", ".join(list(dict.fromkeys(phrase.replace(" ~ ", " … ") for phrase in phrases))[:most])


_ROAD_TOPICS = frozenset({Topic.TRANSPORT.value})


def level_of(reading: Reading, kind: str, topic: str, subject: Subject) -> Judgement:
    """Who can settle it, as far as the words tell (see `nlp.managed` for what the gazetteer knows)."""
    if kind == Kind.NOT_AN_OPINION:
        return _level(Level.COMMUNE, 0.95, "không phải ý kiến")
    if kind == Kind.DENUNCIATION:
        return _level_of_accused(reading)
    if kind == Kind.COMPLAINT:
        return _level_of_issuer(reading)
    if topic in _ROAD_TOPICS and (explicit := _road_level(reading)):
        return explicit
    issue, words = subject.best_issue(topic), vocabulary()
    for known in sorted(subject.issues, key=lambda name: (-subject.issues[name], name)):
        wins = words.issues[known].level_wins and subject.issues[known] >= _OVERRULES_FROM
        if wins and known.startswith(topic + "/"):
            issue = known
            break
    usual = words.issues[issue].level if issue else words.topic_levels.get(topic, Level.COMMUNE)
    named = f"thường thuộc cấp này: {words.issues[issue].name}" if issue else "mặc định của lĩnh vực"
    central = reading.weight("actor", Level.CENTRAL)
    province = reading.weight("actor", Level.PROVINCE)
    commune = reading.weight("actor", Level.COMMUNE)
    if central >= 1.8 and central >= province:
        return _level(Level.CENTRAL, 0.8, _said("nhắc tới", reading, Level.CENTRAL))
    if usual == Level.CENTRAL:
        return _level(Level.CENTRAL, 0.65, named)
    if commune > province:
        return _level(Level.COMMUNE, 0.8, _said("nói rõ thuộc xã", reading, Level.COMMUNE))
    if province >= 1.8:
        return _level(Level.PROVINCE, 0.8, _said("nhắc tới", reading, Level.PROVINCE))
    return _level(Level(usual), 0.7 if issue else 0.5, named)


def _said(label: str, reading: Reading, level: Level) -> str:
    return f"{label}: " + named(hit.phrase.text for hit in reading.of("actor", level))


def _level(value: Level, confidence: float, reason: str) -> Judgement:
    return Judgement(value=value, confidence=confidence, made_by=MadeBy.RULE, reason=reason)


def _road_level(reading: Reading) -> Judgement | None:
    """An explicit class of road wins unless it only says where the place is."""
    best: tuple[int, Level, str] | None = None
    where = {hit.end for hit in reading.of("where")}
    for level in (Level.CENTRAL, Level.PROVINCE, Level.COMMUNE):
        for hit in reading.of("road", level):
            only_place = any(hit.start - gap in where for gap in (0, 1))
            if not only_place and (best is None or hit.start < best[0]):
                best = (hit.start, level, hit.phrase.text)
    if best:
        return _level(best[1], 0.85, f"{NAMED_ROAD}{named([best[2]])}")
    return None


def _level_of_accused(reading: Reading) -> Judgement:
    province = _earliest(reading.of("denunciation", "accused_province"))
    commune = _earliest(reading.of("denunciation", "accused_commune"))
    if province is not None and (commune is None or province <= commune):
        return _level(Level.PROVINCE, 0.65, "người, đơn vị bị nêu không thuộc quyền xử lý của xã")
    return _level(Level.COMMUNE, 0.6, "người bị nêu thuộc xã, thôn hoặc là cá nhân")


def _level_of_issuer(reading: Reading) -> Judgement:
    province = _earliest(reading.of("issuer", Level.PROVINCE))
    commune = _earliest(reading.of("issuer", Level.COMMUNE))
    if province is not None and (commune is None or province < commune):
        return _level(Level.PROVINCE, 0.7, "cơ quan ra quyết định không phải của xã")
    return _level(Level.COMMUNE, 0.65, "cơ quan ra quyết định là xã hoặc không nêu rõ")


def _earliest(hits: Iterable[Hit]) -> int | None:
    return min((hit.start for hit in hits), default=None)
