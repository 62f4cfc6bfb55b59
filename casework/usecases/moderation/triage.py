"""Use cases of moderation: each decision on one opinion is made by a named, entitled person, recorded so that it can
be undone, and told to the asker. The program alone refuses nobody.
"""

from __future__ import annotations

import datetime as dt

from casework.clock import local_date
from casework.errors import IllegalMove, InvalidInput
from casework.grounds import Ground, GroundUse, ground
from casework.public_words import holds_personal_data
from casework.regulations import applicable
from casework.usecases.access import ASKERS_BACK, DECIDERS, key_of
from casework.usecases.citizens.facts import fresh_code
from casework.usecases.conference.issues import find_group, opinions_of
from casework.usecases.conference.issues import key_of as key_of_record
from casework.usecases.moderation import telling
from casework.usecases.moderation.decisions import (
    Case,
    Decided,
    change,
    check_undecided,
    conclude,
    open_case,
)
from casework.usecases.moderation.labels import judge
from casework.usecases.moderation.merging import (
    check_ordinary,
    new_group,
    public_group,
    refresh_group,
    state_in,
    suggestion_for,
    take_seat,
    welcome,
)
from casework.usecases.moderation.rulings import rule_same
from casework.usecases.referrals.referring import cancel_open, check_reason, note_referral, upper_level
from casework.usecases.work import Services, staff_member
from nlp.analysis import Kind
from storage.records import Office, OpinionState

S = OpinionState

#: a complaint or a denunciation has its own lawful channel
REDIRECTED_KINDS: dict[str, str] = {Kind.COMPLAINT: "KHIEU_NAI", Kind.DENUNCIATION: "TO_CAO"}
_CHAIRS_WORD = (
    "Duyệt để người chủ trì quyết định tại hội nghị; người chủ trì đã có ý kiến thì ghi: "
    'doithoai opinions decline MÃ CĂN_CỨ --by "Chủ tịch UBND xã".'
)
_KEPT_OPEN = "{basis}: việc này được trả lời sau, không từ chối hẳn; ý kiến giữ lại, khi hết lý do thì trả về hàng đợi."
#: longest question or note staff may send to a citizen, characters
WORDS_LIMIT = 1000


def approve(
    services: Services,
    staff_id: int,
    ref: str | int,
    *,
    group_id: int | None = None,
    title: str | None = None,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Take the opinion up: into the group given (a suggestion accepted), or into a new group of its own.

    `title` is the name-free wording for the agenda; without it one is proposed from the opinion's words, if their
    asker agreed to a public summary. Raises `NotFound`, `Forbidden`, `AlreadyDecided`, `IllegalMove` (complaint,
    denunciation), `InvalidInput` (title missing or unfit).
    Where the issue was answered before, the asker gets that answer.
    """
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        check_undecided(case)
        check_ordinary(case.opinion)
        if group_id is None:
            group, state, suggestion = public_group(work, case.opinion, title, command="duyet"), S.APPROVED, None
        else:
            group = find_group(work, group_id)
            state, suggestion = state_in(work, group_id), suggestion_for(work, case.id, group_id)
            members = [key_of(member) for member in opinions_of(work, group_id)]
            rule_same(work, staff_id, [case.id, *members[:1]], joining={case.id}, issue=set(members))
        # Who approves what the program took for a greeting judges it to be an opinion.
        predictions = judge(case, kind=Kind.OPINION) if case.opinion.kind != Kind.OPINION else []
        change(case, state=state, group_id=group.id, kind=Kind.OPINION.value, decided_at=work.now)
        take_seat(case)
        refresh_group(work, group.id)
        decided = conclude(
            case,
            "approved",
            notice=welcome(case, was_undecided=True),
            suggestion=suggestion,
            predictions=predictions,
            remark=_about_title(group.title),
        )
        work.commit()
    return decided


def _about_title(title: str) -> str:
    if holds_personal_data(title):
        return f"Tên nội dung có thể còn tên người hoặc địa chỉ, xin xem lại: «{title}»"
    return ""


def decline(
    services: Services,
    staff_id: int,
    ref: str | int,
    ground_code: str,
    *,
    note: str = "",
    by: str | None = None,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Keep the opinion off the conference on a listed ground; the asker is told why and what to do instead.

    What the office's text leaves to the chair needs the chair's word (`by`); where it only puts the answer off, the
    opinion is held and its asker told why. Raises `InvalidInput` when the ground is not listed, lacks what must be
    written with it or is the chair's, and as `approve`.
    """
    chosen = _moderation_ground(ground_code)
    words = _words(note)
    chosen.check_note(words)
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        check_undecided(case, or_in=(S.APPROVED,), seen=expected_version is not None)
        office = work.session.get_one(Office, work.services.office_id)
        texts = applicable(office.regulation, on=local_date(work.now))
        chosen.check_by(texts, by, todo=_CHAIRS_WORD)
        kept_open = chosen.keeps_open(texts)
        left = case.opinion.group_id
        change(
            case,
            state=S.HELD if kept_open else S.DECLINED,
            group_id=None,
            decline_ground=None if kept_open else chosen.code,
            decision_note=words or None,
            decided_at=None if kept_open else work.now,
        )
        refresh_group(work, left)
        basis = chosen.basis_in(texts)
        decided = conclude(
            case,
            "put_off" if kept_open else "declined",
            why=chosen.name,
            notice=_refusal_notice(case, chosen, words, kept_open=kept_open),
            ground=chosen.code,
            basis=basis.text,
            assumed=basis.assumed,
            by_chair=bool((by or "").strip()),
            remark=_KEPT_OPEN.format(basis=basis.text) if kept_open else chosen.remark_on(basis),
        )
        work.commit()
    return decided


def _refusal_notice(case: Case, chosen: Ground, words: str, *, kept_open: bool) -> telling.Notice | None:
    if not kept_open:
        return telling.tell(case, "declined", telling.declined(case, chosen, words))
    # Of a sealed opinion there is nothing to say yet that would not betray it.
    return None if case.opinion.sealed else telling.tell(case, "put_off", telling.put_off(case, chosen, words))


def _moderation_ground(name: str) -> Ground:
    try:
        return ground(name, uses=(GroundUse.OPINION,))
    except InvalidInput:
        for other in (GroundUse.REDIRECT, GroundUse.HALL):
            _refuse_use(name, other)
        raise


def _refuse_use(name: str, use: GroundUse) -> None:
    try:
        found = ground(name, uses=(use,))
    except InvalidInput:
        return
    if use is GroundUse.REDIRECT:
        raise InvalidInput(
            f"«{found.name}» không phải từ chối: người gửi được hướng dẫn nơi giải quyết.",
            todo="Dùng lệnh hướng dẫn (/donthu).",
        )
    raise InvalidInput(
        f"Căn cứ «{found.name}» chỉ dùng tại hội trường, do người chủ trì quyết định.", todo="Chọn căn cứ khác."
    )


def redirect(
    services: Services,
    staff_id: int,
    ref: str | int,
    *,
    kind: Kind | None = None,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """A person confirms: this is a complaint or a denunciation. It leaves the dialogue; the asker is told the lawful
    channel. A denunciation is sealed by it. `kind` defaults to what the opinion is taken for.

    Raises `InvalidInput` when neither says which of the two it is, and as `approve`.
    """
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        check_undecided(case)
        confirmed = kind or Kind(case.opinion.kind)
        if confirmed not in REDIRECTED_KINDS:
            raise InvalidInput(
                "Chưa rõ đây là khiếu nại hay tố cáo.", todo="Ghi rõ: khieu-nai hoặc to-cao, sau mã ý kiến."
            )
        predictions = judge(case, kind=confirmed)
        sealing = confirmed is Kind.DENUNCIATION and not case.opinion.sealed
        hushed = telling.hush(case) if sealing else []
        change(
            case,
            state=S.REDIRECTED,
            kind=confirmed.value,
            sealed=case.opinion.sealed or sealing,
            code=None if sealing else case.opinion.code,
            decline_ground=REDIRECTED_KINDS[confirmed],
            decided_at=work.now,
        )
        text = telling.redirected(case, ground(REDIRECTED_KINDS[confirmed]))
        decided = conclude(
            case,
            "redirected",
            notice=telling.tell(case, "redirected", text),
            predictions=predictions,
            hushed=hushed,
        )
        work.commit()
    return decided


def release(
    services: Services,
    staff_id: int,
    ref: str | int,
    *,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """What was held is an ordinary opinion after all: into the queue, with a code. Of a sealed one only the
    confidential role can say so. Raises as `approve`."""
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        if case.opinion.state != S.HELD:
            raise IllegalMove(
                "Ý kiến này không bị giữ lại nên không cần trả về hàng đợi.", todo="Xem lại bằng lệnh xem."
            )
        predictions = judge(case, kind=Kind.OPINION)
        change(
            case,
            state=S.RECEIVED,
            kind=Kind.OPINION.value,
            sealed=False,
            code=case.opinion.code or fresh_code(work),
        )
        decided = conclude(
            case,
            "released",
            notice=telling.tell(case, "released", telling.released(case)),
            predictions=predictions,
        )
        work.commit()
    return decided


def refer_up(
    services: Services,
    staff_id: int,
    ref: str | int,
    to_body: str,
    *,
    document: str | None = None,
    report_on: dt.date | None = None,
    why: str | None = None,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """The matter is beyond the commune's competence: it goes to the upper level, with everybody who raised it; each
    is told where to and, if `report_on` is given, by which day they hear again. Without `document` it waits for the
    next letter upwards (`referrals.referring.send_up`).

    Raises `InvalidInput` when no body is named, the day has passed, or a matter classed as the commune's own has no
    reason (`why`), and as `approve`.
    """
    body = " ".join(to_body.split())
    if not body:
        raise InvalidInput("Chưa ghi nơi nhận.", todo="Ví dụ: /chuyentren K7P-4MX Sở Xây dựng tỉnh")
    with services.writing() as work:
        if report_on is not None and report_on < local_date(work.now):
            raise InvalidInput("Ngày hẹn báo lại đã qua.", todo="Chọn một ngày từ hôm nay trở đi.")
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        check_undecided(case, or_in=(S.APPROVED,), seen=expected_version is not None)
        check_ordinary(case.opinion)
        check_reason(case.opinion.level, why)
        cases = _issue_of(case)
        group_id = case.opinion.group_id or key_of_record(new_group(work, case.opinion, None))
        place = f"{body}, văn bản {document}" if document else body
        for one in cases:
            change(one, state=S.REFERRED, group_id=group_id, decision_note=place, decided_at=work.now)
        refresh_group(work, group_id)
        cancel_open(work, staff_member(staff_id), group_id, why="chuyển lại")
        note_referral(
            work,
            staff_member(staff_id),
            group_id=group_id,
            level=upper_level(case.opinion.level),
            body=body,
            document=document,
            report_on=report_on,
        )
        batch = f"{case.id}:{case.opinion.version}"
        decided = [
            conclude(
                one,
                "referred_up",
                why=why,
                notice=telling.tell(
                    one, "referred", telling.referred(one, body=body, document=document, report_on=report_on)
                ),
                batch=batch,
                moved=[other.id for other in cases],
                to_body=body,
                document=document,
                report_on=report_on.isoformat() if report_on else None,
            )
            for one in cases
        ]
        work.commit()
    return decided[0]


def _issue_of(case: Case) -> list[Case]:
    """The opinion with all approved ones of its group: an issue is referred as a whole."""
    if case.opinion.group_id is None:
        return [case]
    companions = [
        open_case(case.work, case.who.id, key_of(member), roles=DECIDERS, request=case.request)
        for member in opinions_of(case.work, case.opinion.group_id, states=(S.APPROVED,))
        if member.id != case.id
    ]
    return [case, *companions]


def ask_back(
    services: Services,
    staff_id: int,
    ref: str | int,
    question: str,
    *,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Ask the citizen something before deciding. The village officer may do so, too.

    Never about what is sealed: questions in a chat could betray the denouncer. Raises `InvalidInput` when nothing is
    asked, and as `approve`.
    """
    words = _words(question)
    if not words:
        raise InvalidInput("Chưa ghi câu hỏi.", todo="Ví dụ: /hoilai K7P-4MX Đèn hỏng ở đoạn nào ạ?")
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=ASKERS_BACK, expected_version=expected_version, request=request)
        if case.opinion.sealed:
            raise IllegalMove(
                "Nội dung giữ kín không hỏi lại qua kênh nhắn tin, để bảo vệ người gửi.",
                todo="Gặp trực tiếp người gửi, hoặc hướng dẫn nơi giải quyết (/donthu).",
            )
        check_undecided(case)
        change(case, state=S.CLARIFYING, question=words)
        decided = conclude(
            case,
            "asked_back",
            notice=telling.tell(
                case,
                "asked_back",
                telling.asked_back(case, words),
                buttons=telling.answer_button(case),
            ),
        )
        work.commit()
    return decided


def _words(text: str) -> str:
    words = text.strip()
    if len(words) > WORDS_LIMIT:
        raise InvalidInput(f"Lời gửi người dân dài quá {WORDS_LIMIT} chữ cái.", todo="Viết ngắn lại.")
    return words
