"""Computes a report: one pass over the opinions, then totals as unions of their parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from statistics import median

from casework.clock import vietnamese_date
from casework.grounds import ground
from casework.reports.facts import ConferenceFact, Facts, OpinionFact
from casework.reports.figures import (
    AnnexRow,
    Breakdown,
    Figure,
    Meeting,
    PreviousLine,
    Report,
    Unit,
    count,
    definitions,
    measure,
)
from casework.reports.standing import Hall, WorkingDays, answer_that_closed, result_of, timeliness_of
from casework.topics import LEVEL_NAMES, TOPIC_NAMES
from nlp.analysis import Level
from storage.records import ConferenceState

Ids = dict[str, set[int]]

#: what the office itself never settles: no level of the state, or nobody could tell
_OUTSIDE_STATE = "Ngoài nhà nước, chưa rõ cấp"
#: why the annex and the report itself have different totals
ANNEX_COUNTS = (
    "Phụ lục chỉ đếm ý kiến trong nội dung của hội nghị này, kể cả ý kiến nhận ngoài kỳ báo cáo; "
    "số chung của báo cáo đếm mọi ý kiến nhận trong kỳ, kể cả ý kiến không qua hội nghị."
)
_LEVELS = (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE, Level.CENTRAL)


def compute(facts: Facts, *, complained_officials: int | None = None) -> Report:
    """The report of these facts.

    `complained_officials`: how many are on the sealed list, where the regulation asks; None leaves the figure out.
    Raises `InvalidInput` when the calendar lacks a year the response times need.
    """
    hall = Hall.of(facts)
    ids = _results(facts, hall)
    figures = {key: count(key, ids[key]) for key in _RESULT_PARTS}
    for key in ("resolved", "unresolved", "taken_up", "redirected", "received"):
        figures[key] = _union(key, figures)
    taken_up = [opinion for opinion in facts.opinions if opinion.id in figures["taken_up"].opinions]
    figures |= _crowd(facts.opinions, taken_up)
    figures |= _written(facts, taken_up, figures)
    figures["given_by_hand"] = count("given_by_hand", figures["resolved"].opinions & facts.given_by_hand)
    figures |= _judged(facts, taken_up, figures["resolved"].opinions)
    figures |= _response(facts, hall, taken_up, figures)
    figures |= _gatherings(facts.conferences)
    if complained_officials is not None:
        figures["complained_officials"] = measure("complained_officials", complained_officials)
    split = _Split(taken_up, figures["resolved"].opinions)
    declined = [opinion for opinion in facts.opinions if opinion.id in figures["declined"].opinions]
    return Report(
        kind=facts.scope.kind,
        label=facts.scope.label,
        first=facts.scope.first.isoformat(),
        last=facts.scope.last.isoformat(),
        on=facts.on.isoformat(),
        figures={key: figures[key] for key in definitions() if key in figures},
        by_level=split.by("level", _level, _level_names()),
        by_topic=split.by("topic", lambda opinion: opinion.topic, _topic_names(taken_up)),
        by_village=split.by("village", lambda opinion: _village(facts, opinion), _village_names(facts, taken_up)),
        by_ground=_grounds(declined),
        annex=tuple(_annex_row(facts, hall, conference) for conference in facts.conferences if conference.took_place),
        meetings=tuple(_meeting(conference) for conference in facts.conferences),
        previous=_meeting(facts.previous) if facts.previous else None,
        previous_lines=_previous(facts, hall),
    )


# --------------------------------------------------------------------------- results and totals

_RESULT_PARTS = (
    *("answered_at_conference", "answered_in_writing", "waiting", "referred", "declined"),
    *("complaints", "denunciations", "guided_elsewhere", "sealed_waiting", "under_review", "withdrawn"),
)


def _results(facts: Facts, hall: Hall) -> Ids:
    ids: Ids = defaultdict(set)
    for opinion in facts.opinions:
        ids[result_of(opinion, hall)].add(opinion.id)
    return ids


def _union(key: str, figures: Mapping[str, Figure]) -> Figure:
    """A total as the union of the parts its definition names."""
    return count(key, frozenset().union(*(figures[part].opinions for part in definitions()[key].parts)))


def _crowd(everybody: Iterable[OpinionFact], taken_up: Iterable[OpinionFact]) -> dict[str, Figure]:
    everybody, taken_up = list(everybody), list(taken_up)
    return {
        "people": measure("people", people(everybody), opinions=(one.id for one in everybody)),
        "issues": measure("issues", issues(taken_up), opinions=(one.id for one in taken_up)),
        "late_opinions": count("late_opinions", (one.id for one in taken_up if one.late)),
        "from_floor": count("from_floor", (one.id for one in taken_up if one.source == "floor")),
    }


def people(opinions: Iterable[OpinionFact]) -> int:
    """Distinct people; each opinion of nobody known is one person."""
    owners = [opinion.citizen_id for opinion in opinions]
    return len({owner for owner in owners if owner is not None}) + owners.count(None)


def issues(opinions: Iterable[OpinionFact]) -> int:
    """Distinct issues; an opinion in no group yet is one of its own."""
    groups = [opinion.group_id for opinion in opinions]
    return len({group for group in groups if group is not None}) + groups.count(None)


# --------------------------------------------------------------------------- written answers, time, verdicts


def _written(facts: Facts, taken_up: Iterable[OpinionFact], figures: Mapping[str, Figure]) -> dict[str, Figure]:
    ids: Ids = defaultdict(set)
    for opinion in taken_up:
        debt = facts.debts.get(opinion.group_id) if opinion.group_id is not None else None
        answers = facts.answers.get(opinion.group_id, ()) if opinion.group_id is not None else ()
        if opinion.group_id in facts.referred_groups or opinion.id in figures["referred"].opinions:
            ids["referred_ever"].add(opinion.id)
        if opinion.id in figures["answered_at_conference"].opinions and any(answer.final for answer in answers):
            ids["hall_and_writing"].add(opinion.id)
        waits = opinion.id in figures["waiting"].opinions
        if not waits and opinion.id not in figures["answered_in_writing"].opinions:
            continue
        # Given back to an agency after an earlier answer, the opinion waits again: that answer closes nothing.
        answered_on = None if waits else answer_that_closed(answers, debt)
        key = timeliness_of(answered_on, debt, facts.on)
        # Closed without a published text at hand (taken over from another system): answered, day unknown.
        ids["no_due_answered" if not waits and answered_on is None else key].add(opinion.id)
        if debt is not None and debt.extended_to is not None and not debt.promised:
            ids["extended"].add(opinion.id)
        if waits and answers and not answers[-1].final:
            ids["interim"].add(opinion.id)
    made = {
        key: count(key, ids[key])
        for key in (*definitions()["owed_in_writing"].parts, "extended", "interim", "referred_ever", "hall_and_writing")
    }
    made["owed_in_writing"] = _union("owed_in_writing", made)
    late = {opinion.id for opinion in facts.opinions if opinion.id in facts.late_acknowledged}
    made["late_acknowledgement"] = count("late_acknowledgement", late)
    return made


def _judged(facts: Facts, taken_up: Iterable[OpinionFact], resolved: frozenset[int]) -> dict[str, Figure]:
    ids: Ids = defaultdict(set)
    for opinion in taken_up:
        verdict = facts.verdicts.get(opinion.id)
        if verdict is not None:
            ids["satisfied" if verdict else "not_satisfied"].add(opinion.id)
        elif opinion.id in resolved:
            ids["no_verdict"].add(opinion.id)
    return {key: count(key, ids[key]) for key in ("satisfied", "not_satisfied", "no_verdict")}


def _response(
    facts: Facts, hall: Hall, taken_up: Iterable[OpinionFact], figures: Mapping[str, Figure]
) -> dict[str, Figure]:
    spans = []
    for opinion in taken_up:
        if opinion.id in figures["answered_at_conference"].opinions and opinion.conference_id is not None:
            spans.append((opinion, hall.held_on[opinion.conference_id]))
        elif opinion.id in figures["answered_in_writing"].opinions and opinion.group_id is not None:
            answered_on = answer_that_closed(facts.answers.get(opinion.group_id, ()), facts.debts.get(opinion.group_id))
            if answered_on is not None:
                spans.append((opinion, answered_on))
    if not spans:
        return {key: measure(key, None) for key in ("response_median", "response_longest")}
    first, last = min(one.received_on for one, _ in spans), max(day for _, day in spans)
    counter = WorkingDays(facts.calendar, first, max(first, last))
    days = {opinion.id: counter.between(opinion.received_on, end) for opinion, end in spans}
    longest, middle = max(days.values()), median(days.values())
    return {
        "response_median": measure("response_median", int(middle) if middle == int(middle) else middle, opinions=days),
        "response_longest": measure(
            "response_longest", longest, opinions=(key for key, value in days.items() if value == longest)
        ),
    }


# --------------------------------------------------------------------------- conferences


def _gatherings(conferences: Iterable[ConferenceFact]) -> dict[str, Figure]:
    held = [one for one in conferences if one.took_place]
    failed = [one for one in conferences if one.state == ConferenceState.FAILED]
    codes = [one.code for one in held]

    def total(key: str, value: Callable[[ConferenceFact], int | None]) -> Figure:
        known = [number for one in held if (number := value(one)) is not None]
        return measure(key, sum(known) if known or not held else None, conferences=codes)

    return {
        "conferences": measure("conferences", len(held), conferences=codes),
        "failed_conferences": measure("failed_conferences", len(failed), conferences=[one.code for one in failed]),
        "invited": total("invited", lambda one: one.invited),
        "attendance": total("attendance", lambda one: one.attendance),
        "registered_speakers": total("registered_speakers", lambda one: one.registered),
        "speakers": total("speakers", lambda one: one.spoken),
    }


def _meeting(conference: ConferenceFact) -> Meeting:
    number, on = conference.conclusion_number, conference.conclusion_on
    return Meeting(
        code=conference.code,
        title=conference.title,
        kind=conference.kind,
        held_on=vietnamese_date(conference.held_on),
        place=conference.place,
        chair=conference.chair,
        attendance=conference.attendance,
        took_place=conference.took_place,
        conclusion=f"{number} ngày {vietnamese_date(on)}" if number and on else None,
        stopped_why=conference.stopped_why,
    )


def _annex_row(facts: Facts, hall: Hall, conference: ConferenceFact) -> AnnexRow:
    ids: Ids = defaultdict(set)
    for opinion in facts.on_agendas:
        if opinion.conference_id == conference.id and not opinion.sealed:
            ids[result_of(opinion, hall)].add(opinion.id)
    resolved = ids["answered_at_conference"] | ids["answered_in_writing"]
    unresolved = ids["waiting"] | ids["referred"]
    remarks = []
    if ids["referred"]:
        remarks.append(f"chuyển cấp trên {len(ids['referred'])}")
    if ids["declined"]:
        remarks.append(f"không đối thoại, có căn cứ {len(ids['declined'])}")
    counted = {opinion.id for opinion in facts.opinions}
    if outside := [key for keys in ids.values() for key in keys if key not in counted]:
        remarks.append(f"gồm {len(outside)} ý kiến nhận ngoài kỳ báo cáo")
    if conference.kind == "ad_hoc":
        remarks.append("đột xuất")
    stem = f"conference:{conference.code}"
    return AnnexRow(
        unit_name=facts.office_name,
        held_on=vietnamese_date(conference.held_on),
        invited=conference.invited,
        attendance=conference.attendance,
        resolved=_on_agenda("resolved", stem, resolved),
        unresolved=_on_agenda("unresolved", stem, unresolved),
        note="; ".join(remarks),
    )


def _on_agenda(key: str, stem: str, ids: set[int]) -> Figure:
    made = count(key, ids)
    return replace(made, key=f"{stem}/{key}", parts=(), definition=f"{ANNEX_COUNTS} {made.definition}")


def _previous(facts: Facts, hall: Hall) -> tuple[PreviousLine, ...]:
    """What became of each line of the round before: settled only when each of its opinions is."""
    results: dict[int, set[str]] = defaultdict(set)
    for opinion in facts.previous_opinions:
        if opinion.group_id is not None and not opinion.sealed:
            results[opinion.group_id].add(result_of(opinion, hall))
    rows = []
    for line in sorted(facts.previous_lines, key=lambda one: one.position):
        found = results[line.group_id]
        debt = facts.debts.get(line.group_id)
        standing = next(
            (name for name, keys in _STANDING if found & keys), "declined" if line.outcome == "declined" else "none"
        )
        rows.append(
            PreviousLine(
                position=line.position,
                title=line.title,
                people=line.people,
                outcome=line.outcome,
                standing=standing,
                agency=(debt.agency or None) if debt is not None and standing == "unresolved" else None,
            )
        )
    return tuple(rows)


#: the least settled opinion of a line decides how the line stands
_STANDING: tuple[tuple[str, frozenset[str]], ...] = (
    ("unresolved", frozenset({"waiting", "under_review"})),
    ("referred", frozenset({"referred"})),
    ("resolved", frozenset({"answered_at_conference", "answered_in_writing"})),
    ("declined", frozenset({"declined"})),
)


# --------------------------------------------------------------------------- by level, topic, village, ground


class _Split:
    """Rows of a table over the opinions taken up."""

    def __init__(self, taken_up: list[OpinionFact], resolved: frozenset[int]) -> None:
        self._taken_up, self._resolved = taken_up, resolved

    def by(self, stem: str, code_of: Callable[[OpinionFact], str], names: Mapping[str, str]) -> tuple[Breakdown, ...]:
        """One row per code that occurs, in the order of `names`."""
        rows: dict[str, list[OpinionFact]] = defaultdict(list)
        for opinion in self._taken_up:
            rows[code_of(opinion)].append(opinion)
        return tuple(self._row(stem, code, name, rows[code]) for code, name in names.items() if code in rows)

    def _row(self, stem: str, code: str, name: str, opinions: list[OpinionFact]) -> Breakdown:
        key = f"{stem}:{code}"
        ids = frozenset(opinion.id for opinion in opinions)

        def part(suffix: str, rule: str, value: int, behind: frozenset[int]) -> Figure:
            made = measure(rule, value, opinions=behind)
            return replace(made, key=f"{key}{suffix}", name=f"{name}: {made.name}" if suffix else name, parts=())

        done, rest = ids & self._resolved, ids - self._resolved
        return Breakdown(
            code=code,
            name=name,
            opinions=part("", "taken_up", len(ids), ids),
            people=part("/people", "people", people(opinions), ids),
            issues=part("/issues", "issues", issues(opinions), ids),
            resolved=part("/resolved", "resolved", len(done), done),
            unresolved=part("/unresolved", "unresolved", len(rest), rest),
        )


def _level(opinion: OpinionFact) -> str:
    return opinion.level if opinion.level in LEVEL_NAMES else "khac"


def _level_names() -> dict[str, str]:
    return {**{str(level): LEVEL_NAMES[level] for level in _LEVELS}, "khac": _OUTSIDE_STATE}


def _topic_names(opinions: Iterable[OpinionFact]) -> dict[str, str]:
    """Known topics, the most frequent first; equals in the order of documents."""
    counts: dict[str, int] = defaultdict(int)
    for opinion in opinions:
        counts[opinion.topic] += 1
    known = {str(topic): name for topic, name in TOPIC_NAMES.items()}
    places = {code: place for place, code in enumerate(known)}
    ordered = sorted(counts, key=lambda code: (-counts[code], places.get(code, len(places)), code))
    return {code: known.get(code, code) for code in ordered}


def _village(facts: Facts, opinion: OpinionFact) -> str:
    if opinion.village_id is None:
        return "khong-ro"
    return facts.villages.get(opinion.village_id, (str(opinion.village_id), ""))[0]


def _village_names(facts: Facts, opinions: Iterable[OpinionFact]) -> dict[str, str]:
    names = dict(facts.villages.values())
    others = {_village(facts, opinion) for opinion in opinions} - set(names) - {"khong-ro"}
    return {**names, **{code: f"thôn số {code}" for code in sorted(others)}, "khong-ro": "Chưa rõ thôn"}


def _grounds(declined: Iterable[OpinionFact]) -> tuple[Figure, ...]:
    ids: Ids = defaultdict(set)
    for opinion in declined:
        ids[opinion.decline_ground or ""].add(opinion.id)
    rows = []
    for code, behind in sorted(ids.items(), key=lambda item: (-len(item[1]), item[0])):
        name = ground(code).name if code else "Chưa ghi căn cứ"
        rows.append(replace(count("declined", behind, name=name), key=f"ground:{code or 'none'}", unit=Unit.OPINION))
    return tuple(rows)
