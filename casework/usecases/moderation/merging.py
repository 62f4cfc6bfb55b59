"""Opinions of one concrete issue stand in one group: joining, merging and splitting, each explained in the history.

What can be derived of a group (village, topic, level, urgency) is derived again whenever its members change; only
the title is a person's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from casework.cards import say_ref
from casework.errors import IllegalMove, InvalidInput
from casework.lifecycle import STATE_NAMES, UNDECIDED
from casework.notices import consents_of
from casework.public_words import name_free, proposed_title
from casework.topics import TOPIC_NAMES
from casework.usecases.access import DECIDERS, key_of, ref_of
from casework.usecases.answers.answering import answer_newcomer
from casework.usecases.conference.issues import TAKEN_UP, find_group, opinions_of
from casework.usecases.moderation import telling
from casework.usecases.moderation.decisions import (
    Case,
    Decided,
    change,
    conclude,
    open_case,
    overtaken,
)
from casework.usecases.moderation.rulings import rule_different, rule_same
from casework.usecases.work import Services, Work
from nlp import personal_data
from nlp.analysis import Kind, Topic
from storage.records import ConsentPurpose, GroupSuggestion, Opinion, OpinionGroup, OpinionState, ResidentialGroup

S = OpinionState

#: kinds of personal data that never belong into a title; names and addresses also stand in names of streets
_NEVER_PUBLIC = frozenset({"phone", "id_number", "insurance_number", "email", "bank_account", "birth_date"})

#: title of a line whose last opinion was sealed: nothing of it may stay readable
WITHDRAWN_TITLE = "(nội dung đã rút)"
#: what the talk writes down in place of words: "[1 ảnh]"
_NO_WORDS = re.compile(r"\s*\[[^\]]*\]\s*")


def wording_of(opinion: Opinion) -> str:
    """The staff's wording where there is one, else the asker's words."""
    return opinion.edited_text or opinion.original_text


def check_title(title: str) -> str:
    """A title as a person typed it. Raises `InvalidInput` when it is empty or carries a number of somebody."""
    text = " ".join(title.split())
    if not text:
        raise InvalidInput("Tên nội dung còn trống.", todo="Viết một câu ngắn, không có tên ai.")
    if any(span.type in _NEVER_PUBLIC for span in personal_data.find(text)):
        raise InvalidInput(
            "Tên nội dung có số điện thoại, số giấy tờ hoặc địa chỉ thư của người dân.",
            todo="Bỏ các số ấy ra rồi làm lại: tên này được nêu công khai.",
        )
    return text


def may_publish(work: Work, opinion: Opinion) -> bool:
    """Whether the asker agreed, when last asked, that a name-free summary is published."""
    return consents_of(work, opinion.citizen_id).get(ConsentPurpose.PUBLISH, False)


def has_words(opinion: Opinion) -> bool:
    """Whether there is anything to make a title of; a photo alone says nothing on paper."""
    return _NO_WORDS.fullmatch(wording_of(opinion)) is None


def public_group(work: Work, opinion: Opinion, title: str | None, *, command: str) -> OpinionGroup:
    """A group that may come onto an agenda. The program makes its title only of words the asker agreed to publish.

    Raises `InvalidInput` when a person has to write the title; `command` is the chat command that takes one.
    """
    if title is None and not (may_publish(work, opinion) and has_words(opinion)):
        why = "Ý kiến này không có chữ" if not has_words(opinion) else "Người gửi KHÔNG đồng ý nêu công khai"
        raise InvalidInput(
            f"{why}, nên nội dung cần tên do anh/chị đặt, bằng lời của mình.",
            todo=f"Ghi tên việc sau mã, không có tên ai: /{command} {say_ref(ref_of(opinion))} tên việc",
        )
    return new_group(work, opinion, title)


def new_group(work: Work, opinion: Opinion, title: str | None) -> OpinionGroup:
    """A group for one opinion, with the person's title or a proposed one without personal data."""
    return work.add(
        OpinionGroup(
            office_id=opinion.office_id,
            title=check_title(title) if title is not None else proposed_title(wording_of(opinion)),
            titled_by_staff=title is not None,
            topic=opinion.topic,
            level=opinion.level,
            urgent=opinion.urgent,
            residential_group_id=opinion.residential_group_id,
            created_at=work.now,
        )
    )


def retitle(work: Work, group: OpinionGroup, members: Sequence[Opinion]) -> None:
    """Propose the title of a group anew, of words whose asker agreed to publish them; else name only its topic, until a
    person words it."""
    source = next((one for one in members if may_publish(work, one) and has_words(one)), None)
    if source is not None:
        group.title = proposed_title(wording_of(source))
    else:
        group.title = f"{TOPIC_NAMES[Topic(group.topic)]} (chờ cán bộ đặt tên)" if members else WITHDRAWN_TITLE
    group.titled_by_staff = False
    work.session.add(group)


def refresh_group(work: Work, group_id: int | None) -> None:
    """Derive the group's labels from its members again. An emptied group keeps them."""
    if group_id is None:
        return
    group = find_group(work, group_id)
    members = opinions_of(work, group_id)
    group.version += 1
    work.session.add(group)
    if not members:
        return
    villages = {member.residential_group_id for member in members}
    group.residential_group_id = villages.pop() if len(villages) == 1 else None
    # The most frequent label; among equals that of the oldest member, for Counter keeps the order of arrival.
    group.topic = Counter(member.topic for member in members).most_common(1)[0][0]
    group.level = Counter(member.level for member in members).most_common(1)[0][0]
    group.urgent = any(member.urgent for member in members)


def other_askers(work: Work, opinion: Opinion) -> int:
    """How many other people stand behind the opinion's issue; messages without a known sender count one each."""
    if opinion.group_id is None:
        return 0
    mine = _asker(opinion)
    return len({_asker(other) for other in opinions_of(work, opinion.group_id)} - {mine})


def _asker(opinion: Opinion) -> tuple[str, int | None]:
    if opinion.citizen_id is None:
        return ("opinion", opinion.id)
    return ("citizen", opinion.citizen_id)


def state_in(work: Work, group_id: int) -> OpinionState:
    """The state an opinion takes when it joins the group: as far as the issue has come. An answer given before
    follows by itself (`welcome`). Raises `IllegalMove` for a group nobody stands in any more."""
    states = {S(member.state) for member in opinions_of(work, group_id)}
    if not states:
        raise IllegalMove(f"Nội dung {group_id} không còn ý kiến nào.", todo="Duyệt thành nội dung riêng.")
    return next((state for state in (S.ASSIGNED, S.SCHEDULED, S.REFERRED) if state in states), S.APPROVED)


def conference_in(work: Work, group_id: int) -> int | None:
    """The conference the group's scheduled opinions wait for: who joins them waits for the same one."""
    waiting = opinions_of(work, group_id, states=[S.SCHEDULED])
    return next((member.conference_id for member in waiting if member.conference_id is not None), None)


def take_seat(case: Case) -> None:
    """An opinion that has joined a scheduled issue stands on the agenda its companions stand on."""
    opinion = case.opinion
    if opinion.state == S.SCHEDULED and opinion.group_id is not None:
        opinion.conference_id = conference_in(case.work, opinion.group_id) or opinion.conference_id
        case.work.add(opinion)


def welcome(case: Case, *, was_undecided: bool) -> telling.Notice | None:
    """Tell the asker of an opinion that has joined an issue: the answer if there is one already, else the news."""
    if answer_newcomer(case.work, case.opinion):
        return None
    others = other_askers(case.work, case.opinion)
    if was_undecided:
        return telling.tell(case, "approved", telling.approved(case, others=others))
    return telling.tell(case, "merged", telling.merged(case, others=others))


def suggestion_for(work: Work, opinion_id: int, group_id: int) -> int | None:
    """The program's proposal that a decision followed, for the history."""
    members = [member.id for member in opinions_of(work, group_id)]
    statement = select(GroupSuggestion).where(GroupSuggestion.opinion_id == opinion_id)
    for suggestion in work.session.exec(statement.order_by(col(GroupSuggestion.score).desc())):
        if suggestion.group_id == group_id or suggestion.other_opinion_id in members:
            return suggestion.id
    return None


def check_ordinary(opinion: Opinion) -> None:
    """Complaints, denunciations and sealed opinions never come near a group. Raises `IllegalMove`."""
    if opinion.sealed or opinion.kind in (Kind.COMPLAINT, Kind.DENUNCIATION):
        raise IllegalMove(
            "Ý kiến này đang được xếp là khiếu nại hoặc tố cáo nên không đưa vào hội nghị.",
            todo="Nếu là ý kiến thường, trả về hàng đợi (/trave) trước; nếu đúng là đơn thư, hướng dẫn (/donthu).",
        )


# ---------------------------------------------------------------------- merge


def merge(
    services: Services,
    staff_id: int,
    refs: Sequence[str | int],
    *,
    why: str = "",
    title: str | None = None,
    expected_versions: Mapping[int, int] | None = None,
    request: str | None = None,
) -> Decided:
    """Put opinions of the same concrete issue into one group; opinions not yet approved are approved by it.

    An issue that is already under way (on an agenda, assigned, referred) takes the others in; else the group of the
    first opinion does. Opinions that stand in a group bring everybody of it along. `expected_versions` (by opinion
    id) refuses if somebody changed one of them meanwhile. Raises `NotFound`, `Forbidden`, `AlreadyDecided`,
    `IllegalMove`, `InvalidInput`.
    """
    with services.writing() as work:
        cases = _open_all(work, staff_id, refs, expected_versions or {}, request)
        target = _target(work, cases, title)
        joining = [case for case in cases if case.opinion.group_id != target]
        if not joining:
            raise InvalidInput("Các ý kiến này đã ở cùng một nội dung.", todo="Không cần gộp nữa.")
        staying = [case for case in cases if case.opinion.group_id == target]
        joining = _with_companions(work, joining)
        decided = _join(work, joining, staying, target, why)
        rule_same(
            work,
            staff_id,
            [case.id for case in cases],
            joining={case.id for case in joining},
            issue={key_of(member) for member in opinions_of(work, target)},
        )
        work.commit()
    return decided


def _open_all(
    work: Work,
    staff_id: int,
    refs: Sequence[str | int],
    versions: Mapping[int, int],
    request: str | None,
) -> list[Case]:
    cases: dict[int, Case] = {}
    for ref in refs:
        case = open_case(work, staff_id, ref, roles=DECIDERS, request=request)
        if versions.get(case.id, case.opinion.version) != case.opinion.version:
            raise overtaken(work, case.opinion)
        check_ordinary(case.opinion)
        if S(case.opinion.state) not in UNDECIDED | TAKEN_UP:
            raise overtaken(work, case.opinion)
        cases.setdefault(case.id, case)
    if len(cases) < 2:
        raise InvalidInput("Gộp cần ít nhất hai ý kiến khác nhau.", todo="Ví dụ: /gop K7P-4MX M3N-8RT")
    return list(cases.values())


def _target(work: Work, cases: Sequence[Case], title: str | None) -> int:
    grouped = [case for case in cases if case.opinion.group_id is not None]
    under_way = [case for case in grouped if case.opinion.state != S.APPROVED]
    if len({case.opinion.group_id for case in under_way}) > 1:
        raise IllegalMove(
            "Hai nội dung này đều đã vào chương trình hoặc đã giao, chuyển.",
            todo="Rút một nội dung khỏi chương trình trước, rồi gộp.",
        )
    for case in [*under_way, *grouped]:
        if case.opinion.group_id is not None:
            return case.opinion.group_id
    quotable = [case for case in cases if may_publish(work, case.opinion) and has_words(case.opinion)]
    group = public_group(work, [*quotable, *cases][0].opinion, title, command="duyet")
    return key_of_group(group)


def key_of_group(group: OpinionGroup) -> int:
    """The key of a stored group."""
    if group.id is None:
        raise InvalidInput("Không tạo được nội dung.")
    return group.id


def _with_companions(work: Work, joining: Sequence[Case]) -> list[Case]:
    """Everybody of the groups that dissolve; who may move one of an issue moves the issue."""
    cases = {case.id: case for case in joining}
    for case in joining:
        if case.opinion.group_id is None:
            continue
        for member in opinions_of(work, case.opinion.group_id):
            if key_of(member) not in cases:
                companion = open_case(work, case.who.id, key_of(member), roles=DECIDERS, request=case.request)
                cases[companion.id] = companion
    return list(cases.values())


def _join(work: Work, cases: Sequence[Case], staying: Sequence[Case], target: int, why: str) -> Decided:
    """`staying` are the named opinions that were there before: nothing changes for them, but the merge is in their
    history, too, and can be undone from either end."""
    left = {case.opinion.group_id for case in cases}
    state = state_in(work, target) if staying else S.APPROVED
    for case in cases:
        change(case, state=state, group_id=target, decided_at=work.now)
        take_seat(case)
    for group_id in (*left, target):
        refresh_group(work, group_id)
    moved = [case.id for case in (*cases, *staying)]
    remark = _differences([*cases, *staying])
    batch = f"{moved[0]}:{cases[0].opinion.version}"
    reason = name_free(why) if why else "cùng một vấn đề cụ thể"
    decided = [
        conclude(
            case,
            "merged",
            why=reason,
            notice=welcome(case, was_undecided=case.before["state"] in UNDECIDED),
            batch=batch,
            moved=moved,
            suggestion=suggestion_for(work, case.id, target),
            remark=remark,
        )
        for case in cases
    ]
    for case in staying:
        conclude(case, "merged", why=reason, batch=batch, moved=moved)
    return decided[0]


def _differences(cases: Sequence[Case]) -> str:
    """What makes one doubt that merged opinions are one issue: a remark, no refusal."""
    session = cases[0].work.session
    villages = {case.opinion.residential_group_id for case in cases} - {None}
    topics = {case.opinion.topic for case in cases}
    remarks = []
    if len(villages) > 1:
        names = sorted(session.get_one(ResidentialGroup, key).name for key in villages)
        remarks.append(f"các ý kiến ở những thôn khác nhau ({', '.join(names)}). Nhầm thì hoàn tác.")
    if len(topics) > 1:
        names = sorted(TOPIC_NAMES[Topic(topic)] for topic in topics)
        remarks.append(f"các ý kiến thuộc những việc khác nhau ({', '.join(names)}). Nhầm thì hoàn tác.")
    return "\n".join(remarks)


# ---------------------------------------------------------------------- split


def split(
    services: Services,
    staff_id: int,
    ref: str | int,
    *,
    title: str | None = None,
    why: str = "",
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Take one opinion out of its group into one of its own, approved.

    Raises `NotFound`, `Forbidden`, `AlreadyDecided`, and `IllegalMove` when it stands alone or is answered.
    """
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        left = case.opinion.group_id
        if left is None or len(opinions_of(work, left)) < 2:
            raise IllegalMove("Ý kiến này đang đứng riêng, không có gì để tách.", todo="Xem lại bằng lệnh xem.")
        if case.opinion.state == S.ANSWERED:
            raise IllegalMove(
                f"Ý kiến này {STATE_NAMES[S.ANSWERED]} nên không tách được.",
                todo="Nếu người gửi hỏi việc khác, đề nghị gửi ý kiến mới.",
            )
        group = public_group(work, case.opinion, title, command="tach")
        change(case, state=S.APPROVED, group_id=group.id)
        refresh_group(work, left)
        rule_different(work, staff_id, case.id, [key_of(member) for member in opinions_of(work, left)])
        decided = conclude(
            case,
            "split_off",
            why=name_free(why) if why else "khác vấn đề",
            notice=telling.tell(case, "split", telling.split(case)),
        )
        work.commit()
    return decided
