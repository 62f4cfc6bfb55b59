"""One message in, everything the program thinks of it out: the rules read it, the model weighs it, and where they
disagree about something dear, a person is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cached_property

from nlp import competence, personal_data
from nlp.analysis import Analysis, Chat, Judgement, Kind, Level, MadeBy, Place, Topic
from nlp.classify import UNSURE_BELOW
from nlp.competence import Competence, CompetenceMap
from nlp.managed import is_by_manager
from nlp.model.files import Model, ModelRefused, shipped
from nlp.model.scorer import Scores
from nlp.normalise import TEXT_LIMIT, clean
from nlp.places import Gazetteer
from nlp.rules import RuleVerdict, by_rules
from nlp.split import count_issues
from nlp.unnamed import may_name

#: topics and matters named in an analysis
_LIKELIEST = 3
#: probability from which a message is no opinion; below it a person would miss it
_CHAT_FROM = 0.5
#: probability of a complaint from which it is one although the rules see no decision that could be contested
_CONTESTED_ANYHOW = 0.95
#: probability of a denunciation from which it is one without a word of an offence, and from which nobody need look
_ACCUSED_WITHOUT_A_WORD = 0.6
_HEARD_ANYHOW = 0.9
#: words up to which, and probability from which, the model alone takes a message for chat
_SHORT = 7
_NO_DOUBT = 0.98
#: probability of "no field" without which nothing is idle chat
_CHAT_HAS_NO_FIELD = 0.3
#: probability of a level below which a class of road named in so many words wins
_NAMED_ROAD_WINS_BELOW = 0.9
#: confidence from which the rules' "somebody is in danger" holds whatever the model thinks
_RULE_IS_SURE = 0.8
#: probability of danger below which words of danger are about something else ("cầm súng" of a veteran)
_NOT_IMPOSSIBLE = 0.008
#: confidence from which danger calls for help though no known words of danger are there
_PLAIN_DANGER = 0.5
#: words up to which a question about the channel, and nothing else, is just that
_TWO_SENTENCES = 20
#: what the talk needs to hear; the rules know these by their very words
_DECISIVE_TALK = frozenset({Chat.WANTS_WITHDRAW, Chat.ASKS_STATUS, Chat.ASKS_CONFERENCE})
_TALK = _DECISIVE_TALK | {Chat.ASKS_HELP, Chat.ABOUT_CHANNEL}
#: probability of a denunciation from which a person reads the message, whatever it is taken for
_SUSPECT_FROM = 0.08
#: the same where the rules met an offence or somebody in particular
_SUSPECT_WITH_SIGNS = 0.003


class Understander:
    """Analyses messages of one commune; `gazetteer` None means places are recognised by their form only; `model`
    None means the rules judge alone; `map` None means the competence map of this release; `today` tells the day whose
    rows of the map are in force, None: those without an end. Holds nothing that changes, so threads may share one."""

    def __init__(
        self,
        gazetteer: Gazetteer | None = None,
        model: Model | None = None,
        map: CompetenceMap | None = None,
        *,
        today: Callable[[], dt.date] | None = None,
        rules_only: bool = False,
    ):
        self._gazetteer = gazetteer or Gazetteer.empty()
        self._map = map or competence.shipped()
        self._today = today
        self._model = None if rules_only else model or _shipped_or_none()

    @property
    def model_name(self) -> str:
        """Which model judges; "rules" when there is none."""
        return self._model.name if self._model else "rules"

    def analyse(self, text: str, *, explain: bool = True) -> Analysis:
        """Never fails: any text gets an analysis, at worst an unsure one. Without `explain` the reasons and the
        likely matters are left out, for reading many messages of which only the labels are wanted."""
        readable = clean(text[:TEXT_LIMIT]).text
        mentions = self._gazetteer.mentions(readable)
        places = self._gazetteer.places_of(mentions)
        verdict = by_rules(readable, mentions, self._gazetteer.managers)
        scores = self._model.scorer.score(verdict, matters=explain) if self._model and verdict.reading.tokens else None
        judged = _Judged.of(verdict)
        # Of a text without a single known word the model knows nothing.
        if self._model and scores and scores.knows_a_word:
            said = _Reasons(self._model, scores, verdict, readable, self._gazetteer.names) if explain else None
            judged = _Judged.by_model(self._model, scores, verdict, said)
        is_chat = judged.kind.value == Kind.NOT_AN_OPINION
        on = self._today() if self._today else None
        settled = None if is_chat else _settled(self._map, judged, verdict, scores, places, on)
        return Analysis(
            kind=judged.kind,
            topic=judged.topic,
            level=_with_map(judged.level, settled),
            urgent=judged.urgent,
            unsure=_without_level(judged.unsure) if settled and settled.level_by_office else judged.unsure,
            topics=_likeliest(scores),
            matters=scores.matters[:_LIKELIEST] if scores and not is_chat else (),
            body=settled.body if settled else None,
            basis=settled.basis if settled else "",
            places=places,
            personal_data=personal_data.find(text, self._gazetteer.names),
            issues=0 if is_chat else count_issues(text),
            chat=(verdict.kind.chat or Chat.OTHER) if is_chat else None,
            emergency=_emergency(judged, verdict),
        )


def _shipped_or_none() -> Model | None:
    """A model that is refused is no reason to stop answering: the rules judge alone and `model_name` says so."""
    try:
        return shipped()
    except ModelRefused:
        return None


def _settled(
    map: CompetenceMap,
    judged: _Judged,
    verdict: RuleVerdict,
    scores: Scores | None,
    places: Sequence[Place],
    on: dt.date | None,
) -> Competence | None:
    """Who settles it; matters by the rules where the model was not asked for them."""
    matters = scores.matters if scores else ()
    listed = is_by_manager(judged.level)
    shares = scores.of("level") if scores and not listed else {}
    # A level the rules took from a named road is a fact as well.
    open_question = bool(shares) and max(shares, key=lambda level: shares[level]) == judged.level.value
    return map.settle(
        topic=judged.topic.value,
        level_shares=shares if open_question else {judged.level.value: 1.0},
        matters=matters or competence.matters_by_rules(verdict.subject),
        kind=judged.kind.value,
        reading=verdict.reading,
        level_is_listed=listed,
        in_village=any(place.sort == "group" for place in places) or bool(verdict.reading.of("road", Level.COMMUNE)),
        on=on,
    )


def _with_map(level: Judgement, settled: Competence | None) -> Judgement:
    """The level judged, unless the map has the last word on it; what the office wrote down is no guess, even where
    the guess was the same."""
    if settled is None or (settled.level == level.value and not settled.level_by_office):
        return level
    confidence = 1.0 if settled.level_by_office else level.confidence
    return Judgement(value=settled.level, confidence=confidence, made_by=MadeBy.RULE, reason=settled.reason)


def _without_level(unsure: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in unsure if name != "level")


def _likeliest(scores: Scores | None) -> tuple[tuple[str, float], ...]:
    if scores is None:
        return ()
    return tuple((label, round(share, 4)) for label, share in scores.ranked("topic")[:_LIKELIEST])


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """The four labels and which of them a person must look at."""

    kind: Judgement
    topic: Judgement
    level: Judgement
    urgent: Judgement
    unsure: tuple[str, ...]

    @classmethod
    def of(cls, verdict: RuleVerdict) -> _Judged:
        """By the rules alone."""
        kind, urgent = verdict.kind.judgement, verdict.urgent
        topic, level = verdict.topic, verdict.level
        if kind.value == Kind.OPINION:
            level = verdict.level_by_manager(topic.value) or level
        if verdict.is_chat:
            topic, level, urgent = _no_topic(), _commune(), _not_urgent()
        judged = {"kind": kind, "topic": topic, "level": level, "urgent": urgent}
        doubtful = {name for name, judgement in judged.items() if judgement.confidence < UNSURE_BELOW}
        if verdict.kind.unsure:
            doubtful.add("kind")
        return cls(**judged, unsure=tuple(name for name in judged if name in doubtful))

    @classmethod
    def by_model(cls, model: Model, scores: Scores, verdict: RuleVerdict, said: _Reasons | None) -> _Judged:
        """By the model, with the rules' word where a label follows from a fact of the gazetteer or of the talk."""
        kind, suspect = _kind(model, scores, verdict, said)
        if kind.value == Kind.NOT_AN_OPINION:
            judged = {"kind": kind, "topic": _no_topic(), "level": _commune(), "urgent": _not_urgent()}
        else:
            topic = _topic(scores, verdict, said)
            listed = verdict.level_by_manager(topic.value) if kind.value == Kind.OPINION else None
            judged = {
                "kind": kind,
                "topic": topic,
                "level": listed or _level(scores, verdict, said),
                "urgent": _urgent(model, scores, verdict, said),
            }
        doubtful = {name for name, each in judged.items() if each.confidence < model.unsure_below[name]}
        if suspect:
            doubtful.add("kind")
        return cls(**judged, unsure=tuple(name for name in judged if name in doubtful))


def _kind(model: Model, scores: Scores, verdict: RuleVerdict, said: _Reasons | None) -> tuple[Judgement, bool]:
    """The kind, and whether a person must look at it: it may be a denunciation, or an opinion taken for chat. What
    the talk itself needs to hear ("rút ý kiến", "ý kiến của tôi đến đâu rồi") is heard by the rules, unless the model
    hears a decision contested ("đề nghị rút lại quyết định") or, where much is said about the channel, an opinion."""
    shares = scores.of("kind")
    ruled = verdict.kind
    accused = shares[Kind.DENUNCIATION]
    contested = shares[Kind.COMPLAINT] >= model.decide_from[Kind.COMPLAINT]
    harmless = not (contested and verdict.speaks_of_a_decision) and accused < model.decide_from[Kind.DENUNCIATION]
    plain = (
        ruled.chat in _DECISIVE_TALK
        or (len(verdict.reading.tokens) <= _TWO_SENTENCES and _no_field(scores))
        or shares[Kind.NOT_AN_OPINION] >= shares[Kind.OPINION]
    )
    if verdict.is_chat and ruled.chat in _TALK and not ruled.unsure and harmless and plain:
        return ruled.judgement, False
    hinted = verdict.hints_at_an_offence
    if accused >= (model.decide_from[Kind.DENUNCIATION] if hinted else _ACCUSED_WITHOUT_A_WORD):
        value = Kind.DENUNCIATION
    elif contested and (verdict.speaks_of_a_decision or shares[Kind.COMPLAINT] >= _CONTESTED_ANYHOW):
        value = Kind.COMPLAINT
    elif shares[Kind.NOT_AN_OPINION] >= _CHAT_FROM and verdict.emergency is None and _no_field(scores):
        value = Kind.NOT_AN_OPINION
    else:
        value = Kind.OPINION
    suspect = value is not Kind.DENUNCIATION and (
        accused >= (_SUSPECT_WITH_SIGNS if ruled.unsure else _SUSPECT_FROM)
        or ruled.judgement.value == Kind.DENUNCIATION
        or verdict.speaks_of_an_offence
    )
    reason = ruled.judgement.reason if ruled.judgement.value == value else _words(said, "kind", value)
    if suspect:
        reason = f"có thể là tố cáo, cần người đọc lại; {reason}"
    # A whole sentence is dropped as chat only when the rules know it for one or the model has no doubt.
    waved_off = (
        value is Kind.NOT_AN_OPINION
        and not (verdict.is_chat and not ruled.unsure)
        and len(verdict.reading.tokens) > _SHORT
        and shares[value] < _NO_DOUBT
    )
    # A neighbour's name beside a nuisance is no accusation of a crime: without a word of an offence a person decides.
    unheard = value is Kind.DENUNCIATION and accused < _HEARD_ANYHOW and not hinted
    doubtful = suspect or waved_off or unheard or (contested and value is Kind.OPINION)
    return _judgement(value, shares[value], reason), doubtful


def _no_field(scores: Scores) -> bool:
    """Idle chat belongs to no field; what clearly belongs to one is not thrown away, however oddly it is put."""
    return scores.of("topic")[Topic.OTHER] >= _CHAT_HAS_NO_FIELD


def _topic(scores: Scores, verdict: RuleVerdict, said: _Reasons | None) -> Judgement:
    label, share = scores.ranked("topic")[0]
    agreed = verdict.topic.value == label and verdict.subject.phrases.get(label)
    reason = verdict.topic.reason if agreed else _words(said, "topic", label)
    return _judgement(label, share, reason)


def _level(scores: Scores, verdict: RuleVerdict, said: _Reasons | None) -> Judgement:
    label, share = scores.ranked("level")[0]
    if verdict.names_a_road and share < _NAMED_ROAD_WINS_BELOW:
        return verdict.level
    reason = verdict.level.reason if verdict.level.value == label else _words(said, "level", label)
    return _judgement(label, share, reason)


def _urgent(model: Model, scores: Scores, verdict: RuleVerdict, said: _Reasons | None) -> Judgement:
    share = scores.of("urgent")["true"]
    ruled_urgent = verdict.urgent.value == "true"
    feared = verdict.emergency is not None and share >= _NOT_IMPOSSIBLE
    urgent = share >= model.decide_from["urgent"] or (
        ruled_urgent and (verdict.urgent.confidence >= _RULE_IS_SURE or feared)
    )
    if not urgent:
        return _judgement("false", 1.0 - share, "không thấy nguy hiểm tức thời")
    reason = verdict.urgent.reason if ruled_urgent else _words(said, "urgent", "true")
    return _judgement("true", max(share, verdict.urgent.confidence if ruled_urgent else 0.0), reason)


def _emergency(judged: _Judged, verdict: RuleVerdict) -> str | None:
    """What the sender is told at once: the emergency the words name, or the general one where the danger is plain
    without them. Whoever is told to call for help is urgent for the staff too, and the other way round."""
    if judged.urgent.value != "true":
        return None
    plain = judged.urgent.confidence >= _PLAIN_DANGER
    return verdict.emergency or ("general" if plain else None)


@dataclass(frozen=True)
class _Reasons:
    """Finds the words that decided. They are kept, logged and shown apart from the message, so none may tell who
    somebody is."""

    model: Model
    scores: Scores
    verdict: RuleVerdict
    #: the clean text, and the names of places that are nobody's
    readable: str
    places: Container[str]

    @cached_property
    def hidden(self) -> frozenset[int]:
        """Words, by number, never named: personal data, and what may be a name that nothing else gives away."""
        return may_name(self.verdict.reading, self.readable, self.places)


def _words(said: _Reasons | None, head: str, label: str) -> str:
    if said is None:
        return ""
    words = said.model.scorer.words_for(said.scores, said.verdict, head, label, said.hidden)
    return "dựa vào: " + ", ".join(words) if words else "dựa vào cả tin nhắn"


def _judgement(value: str, confidence: float, reason: str) -> Judgement:
    return Judgement(value=value, confidence=round(confidence, 4), made_by=MadeBy.MODEL, reason=reason)


def _no_topic() -> Judgement:
    return Judgement(value=Topic.OTHER, confidence=1.0, made_by=MadeBy.RULE, reason="không phải ý kiến")


def _commune() -> Judgement:
    return Judgement(value=Level.COMMUNE, confidence=1.0, made_by=MadeBy.RULE, reason="không phải ý kiến")


def _not_urgent() -> Judgement:
    return Judgement(value="false", confidence=1.0, made_by=MadeBy.RULE, reason="không phải ý kiến")
