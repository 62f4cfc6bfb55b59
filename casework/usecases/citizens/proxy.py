"""Use cases: an officer enters the opinion of a person without a phone, with the consent read aloud.

The sentences are read to the person, the answers are the person's; the officer is who read them. Without consent no
name and no number is kept, and the opinion is taken all the same.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import vietnamese_time
from casework.codes import spoken
from casework.errors import Forbidden, InvalidInput
from casework.usecases.access import Member, require
from casework.usecases.citizens.facts import fresh_code
from casework.usecases.citizens.phones import keep_phone
from casework.usecases.citizens.submitting import Source, submit
from casework.usecases.conference.issues import key_of, require_over
from casework.usecases.moderation.digest import alert_staff
from casework.usecases.work import Services, Work, staff_member
from casework.wording import VERSION, keys, say, sentence_hash
from nlp.analysis import Analysis, Kind
from nlp.normalise import fold, normal_form
from storage.records import (
    Citizen,
    Consent,
    ConsentPurpose,
    Office,
    Opinion,
    ResidentialGroup,
    Role,
)

#: who may write for others
WRITERS = (Role.VILLAGE_OFFICER, Role.MODERATOR, Role.APPROVER)
#: how such an opinion is marked
PROXY = "proxy"
#: the same words for the same village within this time are most likely the same opinion entered twice
TWICE = dt.timedelta(minutes=15)
#: longest words taken, characters
TEXT_LIMIT = 10_000
NAME_LIMIT = 100

P = ConsentPurpose


class SameWords(InvalidInput):
    """The officer entered these words for this village a moment ago; `code` None: it was sealed."""

    def __init__(self, at: dt.datetime, code: str | None) -> None:
        named = say("proxy.same_code", code=spoken(code)) if code else ""
        asked = say("proxy.same_words", time=vietnamese_time(at), code=named)
        super().__init__(asked, todo="Nếu là người khác thì nhập lại với --again.")


@dataclass(frozen=True, kw_only=True)
class ToRead:
    """One consent sentence for the officer to read aloud."""

    purpose: ConsentPurpose
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Village:
    """A village the officer may write for."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the program thinks of the words before anything is kept."""

    #: a suspected complaint or denunciation: a person looks at it first
    held: bool
    sealed: bool
    #: code of the one village the words name
    village: str | None
    #: what the officer should know and tell the person
    guidance: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProxyOpinion:
    """What a person said, and said to the sentences read aloud; a purpose that was not asked is missing."""

    text: str
    #: gazetteer code
    village: str
    consents: Mapping[ConsentPurpose, bool]
    #: only with consent `process`
    name: str | None = None
    #: "84…"; only with consents `process` and `phone`
    phone: str | None = None
    #: when the person said it, None = now
    said_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Entered:
    """An opinion taken for somebody."""

    opinion_id: int
    #: None: it looks like a denunciation and was sealed
    code: str | None
    held: bool
    citizen_id: int
    #: there is danger: colleagues were told at once
    alerted: bool = False
    #: None: no number was given; False: it is somebody else's already
    phone_kept: bool | None = None


# ---------------------------------------------------------------------- before anything is kept


def to_read(services: Services, *, held: bool = False, with_phone: bool = False) -> tuple[ToRead, ...]:
    """The sentences to read aloud, in their order. What is held is never published, so that is not asked; a phone
    number is asked for only where short notices to numbers are set up, or one is given (`with_phone`)."""
    with services.reading() as work:
        office = work.session.exec(select(Office.name).where(Office.id == services.office_id)).one()
    found = [ToRead(purpose=P.PROCESS, sentence=say("proxy_consent.process", office=office))]
    if not held:
        found.append(ToRead(purpose=P.PUBLISH, sentence=say("proxy_consent.publish")))
    if with_phone or services.policy.phone_forms:
        found.append(ToRead(purpose=P.PHONE, sentence=say("proxy_consent.phone")))
    return tuple(found)


def villages_of(services: Services, staff_id: int) -> tuple[Village, ...]:
    """The villages this officer may write for, in the office's order. Raises `Forbidden`."""
    with services.reading() as work:
        who = require(work, staff_id, *WRITERS)
        return tuple(village for key, village in _villages(work) if _covers(who, key))


def village_named(services: Services, text: str) -> str | None:
    """Code of the village somebody names by code, name, number or another name of it; None when that is unclear."""
    wanted = fold(text).strip()
    with services.reading() as work:
        for _, village in _villages(work):
            if wanted in (fold(village.code), fold(village.name)):
                return village.code
    place = services.gazetteer.village_of(text)
    return None if place is None else place.residential_group or place.id


def look(services: Services, text: str) -> Look:
    """What the words are taken for, with what to tell the person at once; nothing is kept."""
    return look_at(services.understander.analyse(text))


def name_of(text: str) -> str | None:
    """A name as somebody wrote it, on one line; None when it cannot be one."""
    name = " ".join(text.split())
    return name if name and len(name) <= NAME_LIMIT and not re.search(r"\d", name) and name.isprintable() else None


# ---------------------------------------------------------------------- entering


def enter(services: Services, staff_id: int, new: ProxyOpinion, *, again: bool = False) -> Entered:
    """Take an opinion for a person. `again`: the officer says that equal words are another person's.

    Raises `Forbidden` outside of one's villages, `InvalidInput` for what is missing or may not be kept, `SameWords`.
    """
    analysis = services.understander.analyse(new.text)
    with services.writing() as work:
        if not again:
            check_twice(work, staff_id, new)
        entered = take(work, staff_id, new, analysis, Source(name=PROXY, staff_id=staff_id))
        work.commit()
    return entered


def check_twice(work: Work, staff_id: int, new: ProxyOpinion) -> None:
    """Raise `SameWords` when this officer has just entered the same words for the same village."""
    rows = work.session.exec(
        select(Opinion)
        .join(ResidentialGroup, col(ResidentialGroup.id) == col(Opinion.residential_group_id))
        .where(
            Opinion.entered_by_staff_id == staff_id,
            Opinion.source == PROXY,
            ResidentialGroup.code == new.village,
            col(Opinion.submitted_at) >= work.now - TWICE,
        )
        .order_by(col(Opinion.id).desc())
    )
    key = normal_form(new.text)
    for opinion in rows:
        if normal_form(opinion.original_text) == key:
            raise SameWords(opinion.submitted_at, opinion.code)


def take(work: Work, staff_id: int, new: ProxyOpinion, analysis: Analysis, source: Source) -> Entered:
    """Store the person, the answers and the opinion, inside the caller's transaction. Raises as `enter`."""
    village = work.session.exec(
        select(ResidentialGroup).where(
            ResidentialGroup.office_id == work.services.office_id, ResidentialGroup.code == new.village
        )
    ).first()
    if village is None:
        raise InvalidInput("Chưa rõ thôn.", todo="Ghi tên thôn hoặc mã thôn trong danh mục của xã.")
    require_over(work, staff_id, *WRITERS, village=village.id)
    seen = look_at(analysis)
    check_words(new)
    check_consents(new, held=seen.held)
    person = work.add(
        Citizen(
            office_id=work.services.office_id,
            display_name=new.name,
            residential_group_id=village.id,
            created_at=work.now,
        )
    )
    _keep_consents(work, staff_id, person, new.consents)
    phone_kept = new.phone is not None and keep_phone(work, person, new.phone)
    opinion = submit(
        work,
        staff_member(staff_id),
        person,
        code=None if seen.sealed else fresh_code(work),
        text=new.text.strip(),
        analysis=analysis,
        village_id=village.id,
        held=seen.held,
        source=source,
        submitted_at=new.said_at,
    )
    if analysis.emergency is not None:
        alert_staff(work, reason="emergency", opinion=opinion)
    return Entered(
        opinion_id=key_of(opinion),
        code=opinion.code,
        held=seen.held,
        citizen_id=key_of(person),
        alerted=analysis.emergency is not None,
        phone_kept=None if new.phone is None else phone_kept,
    )


def check_words(new: ProxyOpinion) -> None:
    """Raise `InvalidInput` for words that are none or too many."""
    if not new.text.strip():
        raise InvalidInput("Chưa có lời của người ấy.", todo="Ghi đúng lời người ấy nói.")
    if len(new.text) > TEXT_LIMIT:
        raise InvalidInput(f"Lời dài quá {TEXT_LIMIT} chữ cái.", todo="Tách thành nhiều ý kiến, mỗi việc một ý kiến.")


def check_consents(new: ProxyOpinion, *, held: bool) -> None:
    """Raise `InvalidInput` when a question was not asked, or something is given that the person did not agree to."""
    if P.PROCESS not in new.consents or (P.PUBLISH not in new.consents and not held):
        raise InvalidInput(
            "Chưa ghi người ấy trả lời thế nào các câu hỏi đồng ý.",
            todo="Đọc to từng câu cho người ấy nghe rồi ghi có hoặc không.",
        )
    if not new.consents[P.PROCESS] and (new.name is not None or new.phone is not None):
        raise InvalidInput(
            "Người ấy không đồng ý ghi tên, nên không được giữ họ tên hay số điện thoại.",
            todo="Bỏ họ tên và số điện thoại, chỉ ghi thôn.",
        )
    if new.phone is not None and not new.consents.get(P.PHONE, False):
        raise InvalidInput(
            "Người ấy chưa đồng ý nhận tin qua số điện thoại, nên không được giữ số.",
            todo="Bỏ số điện thoại, hoặc hỏi lại người ấy.",
        )


def _keep_consents(work: Work, staff_id: int, person: Citizen, answers: Mapping[ConsentPurpose, bool]) -> None:
    """The person's answers, each with the sentence it answers; the act says who read them aloud."""
    for purpose, granted in answers.items():
        work.session.add(
            Consent(
                citizen_id=key_of(person),
                purpose=purpose,
                granted=granted,
                wording_version=VERSION,
                wording_hash=sentence_hash(f"proxy_consent.{purpose}"),
                at=work.now,
            )
        )
    said = {str(purpose): granted for purpose, granted in answers.items()}
    work.record(staff_member(staff_id), "consents_read_aloud", "citizen", key_of(person), answers=said)


def look_at(analysis: Analysis) -> Look:
    """What an analysis means for somebody who writes for another."""
    sealed = analysis.kind.value == Kind.DENUNCIATION
    held = sealed or analysis.kind.value == Kind.COMPLAINT
    guidance: list[str] = []
    if analysis.emergency is not None:
        key = f"emergency.{analysis.emergency}"
        call = say(key if key in keys() else "emergency.general")
        guidance.append(say("proxy_guide.emergency", call=call))
    if held:
        guidance.append(say("proxy_guide.denunciation" if sealed else "proxy_guide.complaint"))
    named = {place.residential_group for place in analysis.places if place.residential_group}
    return Look(held=held, sealed=sealed, village=named.pop() if len(named) == 1 else None, guidance=tuple(guidance))


def _villages(work: Work) -> list[tuple[int | None, Village]]:
    rows = work.session.exec(
        select(ResidentialGroup.id, ResidentialGroup.code, ResidentialGroup.name)
        .where(ResidentialGroup.office_id == work.services.office_id, col(ResidentialGroup.valid_to).is_(None))
        .order_by(col(ResidentialGroup.position))
    )
    return [(key, Village(code=code, name=name)) for key, code, name in rows]


def village_codes(work: Work) -> list[tuple[int | None, str]]:
    """Key and code of each village."""
    return [(key, village.code) for key, village in _villages(work)]


def _covers(who: Member, village: int | None) -> bool:
    return any(grant.role in WRITERS and grant.covers(village) for grant in who.grants)


def check_own(services: Services, staff_id: int, village: str) -> None:
    """Raise `Forbidden` when the officer may not write for this village."""
    if all(one.code != village for one in villages_of(services, staff_id)):
        raise Forbidden(
            "Anh/chị không phụ trách thôn này.", todo="Nhờ cán bộ Mặt trận thôn ấy, hoặc người duyệt ý kiến của xã."
        )
