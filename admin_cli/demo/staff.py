"""Imaginary staff of the sample commune. They decide as a careful reader of the sample would, through the same use
cases as real staff: nothing here writes to the database by itself."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from admin_cli.demo.residents import Record
from casework.codes import spoken
from casework.public_words import name_free
from casework.usecases.moderation import labels, queue, triage, undo
from casework.usecases.moderation.queue import QueueLine
from casework.usecases.office import enrolment
from casework.usecases.work import Services
from nlp.analysis import Kind, Level, Topic
from nlp.normalise import normal_form
from storage.records import OpinionState, Role

UPPER_FRONT = "Ủy ban MTTQ Việt Nam tỉnh"


@dataclass(frozen=True, kw_only=True)
class Team:
    """Who works in the commune of the sample."""

    moderator: int
    approver: int
    confidential: int


def employ(services: Services) -> Team:
    """First admin, then the others by that admin's hand."""
    boss = enrolment.add_staff(
        services, None, name="Chủ tịch Mặt trận xã", roles=[Role.ADMIN, Role.APPROVER], first=True
    ).staff_id
    moderator = enrolment.add_staff(services, boss, name="Cán bộ tổng hợp", roles=[Role.MODERATOR]).staff_id
    keeper = enrolment.add_staff(services, boss, name="Cán bộ tiếp dân", roles=[Role.CONFIDENTIAL]).staff_id
    return Team(moderator=moderator, approver=boss, confidential=keeper)


@dataclass(kw_only=True)
class Desk:
    """The moderators' work over the weeks, with a tally for the summary."""

    services: Services
    team: Team
    records: Sequence[Record]
    tally: Counter[str] = field(default_factory=Counter)
    #: agreement of the program's labels with the reader's, per label
    agreed: Counter[str] = field(default_factory=Counter)
    #: issue of the sample -> group in the database
    groups: dict[str, int] = field(default_factory=dict)
    #: decisions worth showing, in words
    notable: list[str] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)
    _by_text: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_text = {normal_form(record.text): record for record in self.records}

    # ---------------------------------------------------------------- an evening's work

    def work_off_the_queue(self) -> None:
        for line in queue.queue(self.services, self.team.moderator):
            record = self.read(line)
            if record is not None:
                self._decide(line, record)
        for line in queue.queue(self.services, self.team.confidential):
            if line.sealed:
                triage.redirect(self.services, self.team.confidential, line.opinion_id)
                self.tally["sealed_redirected"] += 1

    def read(self, line: QueueLine) -> Record | None:
        """What the reader knows of an opinion: the sample's record whose words it carries."""
        view = queue.show(self.services, self.team.moderator, line.opinion_id)
        words = normal_form(view.original_text)
        if words in self._by_text:
            return self._by_text[words]
        # Rank by length: "anh chị ơi" is part of many texts, the thought itself of one.
        inside = [record for key, record in self._by_text.items() if key in words]
        return max(inside, key=lambda record: len(record.text), default=None)

    def _decide(self, line: QueueLine, record: Record) -> None:
        self._compare(line, record)
        if self._asks_back(line, record):
            return
        self._correct(line, record)
        if record.kind == Kind.DENUNCIATION:
            return
        if record.kind == Kind.COMPLAINT:
            triage.redirect(self.services, self.team.moderator, line.opinion_id, kind=Kind.COMPLAINT)
            self.tally["complaint_redirected"] += 1
        elif record.level == Level.CENTRAL and not self._answerable(record):
            triage.refer_up(self.services, self.team.moderator, line.opinion_id, UPPER_FRONT)
            self.tally["referred"] += 1
        else:
            self._approve(line, record)

    def _answerable(self, record: Record) -> bool:
        return "quốc lộ" in record.text.lower() or "quoc lo" in record.text.lower()

    def _compare(self, line: QueueLine, record: Record) -> None:
        if line.ref in self._asked:
            return
        self.tally["judged"] += 1
        said = {
            "kind": line.kind.value == record.kind,
            "topic": line.topic.value == record.topic,
            "level": line.level.value == record.level,
            "urgent": (line.urgent.value == "true") == record.urgent,
        }
        self.agreed.update(label for label, right in said.items() if right)

    def _asks_back(self, line: QueueLine, record: Record) -> bool:
        """Once in the three weeks the matter cannot be placed and the asker is asked."""
        if self._asked or record.kind != Kind.OPINION or self.services.understander.analyse(record.text).places:
            return False
        self._asked.add(line.ref)
        question = "Việc này ở thôn nào, gần chỗ nào, để xã cử người xuống xem ạ?"
        triage.ask_back(self.services, self.team.moderator, line.opinion_id, question)
        self.tally["asked_back"] += 1
        self.notable.append(f"Hỏi lại người gửi ý kiến {spoken(line.ref)}: «{question}»")
        return True

    def _correct(self, line: QueueLine, record: Record) -> None:
        if line.state == OpinionState.HELD and record.kind == Kind.OPINION:
            triage.release(self.services, self.team.moderator, line.opinion_id)
            self.tally["released"] += 1
        wanted = labels.Labels(
            kind=Kind(record.kind) if line.kind.value != record.kind and record.kind != Kind.OPINION else None,
            topic=Topic(record.topic) if line.topic.value != record.topic else None,
            level=Level(record.level) if line.level.value != record.level else None,
            urgent=record.urgent if (line.urgent.value == "true") != record.urgent else None,
        )
        if wanted != labels.Labels():
            labels.reclassify(self.services, self.team.moderator, line.opinion_id, wanted)
            self.tally["reclassified"] += 1

    def _approve(self, line: QueueLine, record: Record) -> None:
        known = self.groups.get(record.group)
        suggested = {suggestion.group_id for suggestion in line.suggestions if suggestion.same}
        alike = [suggestion.group_id for suggestion in line.suggestions if not suggestion.same and suggestion.group_id]
        if known is None and alike and "undone" not in self.tally:
            self._slip(line, alike[0])
        # Who did not agree to a public summary is not quoted: the moderator words the matter.
        title = None if known is not None or line.publishable else name_free(record.text)
        decided = triage.approve(self.services, self.team.moderator, line.opinion_id, group_id=known, title=title)
        if decided.group_id is not None:
            self.groups.setdefault(record.group, decided.group_id)
        self.tally["approved"] += 1
        if known is not None:
            self.tally["grouped_as_suggested" if known in suggested else "grouped_by_hand"] += 1
        elif suggested:
            self.tally["suggestion_declined"] += 1

    def _slip(self, line: QueueLine, group_id: int | None) -> None:
        """One hasty tap on a wrong suggestion, taken back before the asker was told."""
        triage.approve(self.services, self.team.moderator, line.opinion_id, group_id=group_id)
        undo.undo(self.services, self.team.moderator, line.opinion_id)
        self.tally["undone"] += 1
        self.notable.append(
            f"Duyệt nhầm {spoken(line.ref)} vào nhóm {group_id} rồi hoàn tác ngay, người gửi chưa bị báo nhầm"
        )


def agency_for(topic: str) -> str:
    """Which body of the commune answers a topic, for issues whose answer the sample does not contain."""
    by_topic = {
        Topic.ORDER: "Công an xã Tân Minh",
        Topic.MILITARY: "Ban Chỉ huy Quân sự xã Tân Minh",
        Topic.PROCEDURES: "Trung tâm Phục vụ hành chính công xã Tân Minh",
        Topic.PARTY_GOVERNMENT: "Văn phòng HĐND và UBND xã Tân Minh",
    }
    social = {Topic.EDUCATION, Topic.HEALTH, Topic.SOCIAL_PROTECTION, Topic.LABOUR, Topic.CULTURE}
    if Topic(topic) in social:
        return "Phòng Văn hóa - Xã hội xã Tân Minh"
    return by_topic.get(Topic(topic), "Phòng Kinh tế xã Tân Minh")


def evening(day: dt.date) -> dt.datetime:
    """When the desk works: half past four in the afternoon."""
    from casework.clock import VIETNAM

    return dt.datetime.combine(day, dt.time(16, 30), tzinfo=VIETNAM)
