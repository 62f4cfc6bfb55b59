"""What the performance left behind, read from the database: for the eye of somebody who was not there."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlmodel import Session, col, func, select

from admin_cli.delivery_forecast import dong
from admin_cli.demo.play import Play
from casework.agenda import AgendaView
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.deadlines.standing import OPEN_STATES
from casework.deadlines.values import DueState
from casework.ladder.values import Rung
from casework.ladder.words import RUNG_NAMES
from casework.lifecycle import STATE_NAMES
from casework.names import OUTCOMES
from casework.regulations.model import Duty
from casework.topics import TOPIC_NAMES
from casework.usecases.deadlines.listing import Wish, list_obligations
from nlp.analysis import Kind, Topic
from storage.records import (
    Answer,
    AnswerState,
    Citizen,
    Conference,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    InboxEntry,
    Opinion,
    OpinionState,
    Verdict,
)

DELIVERIES = {
    DeliveryState.SENT: "đã gửi tới máy",
    DeliveryState.PICKED_UP: "người hỏi tự lấy bằng mã",
    DeliveryState.WAITING_PICKUP: "chờ người hỏi nhắn tới hoặc tra mã",
    DeliveryState.WITH_STAFF: "chờ cán bộ trao tận tay",
    DeliveryState.HANDED_OVER: "đã trao tận tay",
    DeliveryState.UNKNOWN: "chưa rõ đã tới chưa (cán bộ xem)",
    DeliveryState.CANCELLED: "hủy, có tin khác thay",
    DeliveryState.PENDING: "sắp gửi",
}


@dataclass(kw_only=True)
class Section:
    """A heading with lines under it."""

    title: str
    lines: list[str] = field(default_factory=list)


def sections(play: Play, view: AgendaView) -> Iterator[Section]:
    """The summary in the order of the loop."""
    with play.services.reading() as work:
        session = work.session
        yield _came_in(session)
        yield _guided_out(session, play)
        yield _grouped(session, play)
        yield _decided(play)
        yield _agenda(view)
        yield _conference(session, view)
        yield _answers(session, play)
        yield _who_got_what(session)
        yield _ways(session, play)
    yield _due_dates(play)
    yield _papers(play)


def _count(session: Session, *conditions: object) -> int:
    return session.exec(select(func.count()).select_from(Opinion).where(*conditions)).one()  # type: ignore[arg-type]


def _came_in(session: Session) -> Section:
    entries = session.exec(select(func.count()).select_from(InboxEntry)).one()
    people = session.exec(select(func.count()).select_from(Citizen)).one()
    opinions = _count(session)
    section = Section(title="1. Bà con gửi gì")
    section.lines += [
        f"{entries} tin và lần bấm nút của {people} người, tin nào cũng được lưu trước khi xử lý",
        f"{opinions} ý kiến được lập từ các tin đó",
    ]
    topics = Counter(session.exec(select(Opinion.topic).where(Opinion.kind == Kind.OPINION)).all())
    top = ", ".join(f"{TOPIC_NAMES[Topic(topic)]} {count}" for topic, count in topics.most_common(6))
    section.lines.append(f"nhiều nhất: {top}")
    return section


def _guided_out(session: Session, play: Play) -> Section:
    complaints = _count(session, Opinion.kind == Kind.COMPLAINT)
    sealed = _count(session, col(Opinion.sealed))
    withdrawn = _count(session, Opinion.state == OpinionState.WITHDRAWN)
    chats = sum(1 for record in play.desk.records if record.kind == Kind.NOT_AN_OPINION)
    return Section(
        title="2. Được chỉ đường, không vào hội nghị",
        lines=[
            f"{chats} tin chào hỏi, thử máy, quảng cáo, hỏi ngày họp, tra cứu: trả lời ngay",
            f"{complaints} khiếu nại: chỉ nơi nhận đơn, giữ lời, cán bộ xem và quyết định",
            f"{sealed} tố cáo: giữ kín, chỉ người giữ việc mật xem; không có mã, không vào danh sách nào",
            f"{withdrawn} ý kiến người gửi tự rút",
        ],
    )


def _grouped(session: Session, play: Play) -> Section:
    tally, sizes = play.desk.tally, _group_sizes(session)
    several = {group: size for group, size in sizes.items() if size > 1}
    return Section(
        title="3. Gộp việc trùng",
        lines=[
            f"{sum(sizes.values())} ý kiến đã duyệt thành {len(sizes)} vấn đề, "
            f"{len(several)} vấn đề có từ hai người trở lên",
            f"{tally['grouped_as_suggested']} lần gộp theo gợi ý của máy, "
            f"{tally['grouped_by_hand']} lần cán bộ tự gộp, {tally['suggestion_declined']} gợi ý bị bác",
        ],
    )


def _group_sizes(session: Session) -> dict[int, int]:
    rows = session.exec(
        select(Opinion.group_id, func.count()).where(col(Opinion.group_id).is_not(None)).group_by(col(Opinion.group_id))
    )
    return {group: size for group, size in rows if group is not None}


def _decided(play: Play) -> Section:
    tally, agreed = play.desk.tally, play.desk.agreed
    judged = max(tally["judged"], 1)
    lines = [
        f"duyệt {tally['approved']}, chuyển cấp trên {tally['referred']}, hướng dẫn nơi khác "
        f"{tally['complaint_redirected'] + tally['sealed_redirected']}, hỏi lại {tally['asked_back']}, "
        f"sửa nhãn {tally['reclassified']}, hoàn tác {tally['undone']}",
        "máy xếp giống người đọc kỹ (từ vựng đã chỉnh trên số liệu mẫu này; tin lạ sẽ kém hơn): "
        + ", ".join(
            f"{name} {agreed[label]}/{judged}"
            for label, name in (("kind", "loại"), ("topic", "lĩnh vực"), ("level", "cấp"), ("urgent", "gấp"))
        ),
    ]
    return Section(title="4. Cán bộ Mặt trận quyết định", lines=lines + play.desk.notable)


def _agenda(view: AgendaView) -> Section:
    section = Section(title=f"5. Nội dung hội nghị {vietnamese_date(view.held_on)}: {len(view.rows)} dòng")
    for row in sorted(view.rows, key=lambda one: one.position)[:12]:
        mark = " (gấp)" if row.urgent else ""
        section.lines.append(f"{row.position:>2}. [{row.people} người]{mark} {_short(row.title, 88)}")
    if len(view.rows) > 12:
        section.lines.append(f"... còn {len(view.rows) - 12} dòng, xem agenda-cong-khai.docx")
    return section


def _conference(session: Session, view: AgendaView) -> Section:
    outcomes = Counter(row.outcome for row in view.rows)
    conference = session.exec(select(Conference)).one()
    lines = [f"{conference.attendance} người dự; 1 ý kiến nêu thêm tại hội trường"]
    lines += [f"{count} dòng {OUTCOMES[outcome]}" for outcome, count in outcomes.most_common()]
    if conference.conclusion_number and conference.conclusion_on:
        day = vietnamese_date(conference.conclusion_on)
        lines.append(f"Thông báo kết luận số {conference.conclusion_number} ngày {day}, đã báo người hỏi từng dòng")
    return Section(title="6. Hội nghị và thông báo kết luận", lines=lines)


def _answers(session: Session, play: Play) -> Section:
    published = session.exec(select(Answer).where(Answer.state == AnswerState.PUBLISHED)).all()
    final = sum(1 for answer in published if answer.final)
    verdicts = Counter(session.exec(select(Verdict.settled)).all())
    lines = [
        f"{final} văn bản trả lời và {len(published) - final} trả lời bước đầu đã gửi",
        f"giữ lại vì trả lời chung chung, chờ viết lại: {', '.join(play.held_back) or 'không có'}",
        f"người hỏi thấy đã giải quyết: {verdicts[True]}; còn vướng, hỏi tiếp: {verdicts[False]}",
        f"{play.blocked} người đã chặn kênh trước khi có trả lời: câu trả lời nằm chờ, không gửi vào chỗ không tới",
    ]
    return Section(title="7. Văn bản trả lời", lines=lines)


def _who_got_what(session: Session) -> Section:
    section = Section(title="8. Câu trả lời nào tới ai (mã ý kiến, không tên)")
    answers = session.exec(select(Answer).where(Answer.state == AnswerState.PUBLISHED).order_by(col(Answer.id))).all()
    for answer in answers:
        rows = session.exec(
            select(Delivery.state, Opinion.code)
            .join(Opinion, col(Opinion.id) == col(Delivery.opinion_id))
            .where(Delivery.answer_id == answer.id, Delivery.purpose == "answer")
            .order_by(col(Delivery.id))
        ).all()
        section.lines.append(f"{answer.document_number}: {', '.join(_receipts(rows)) or 'chưa có người nhận'}")
    states = Counter(session.exec(select(Delivery.state).where(Delivery.purpose != "reply")).all())
    section.lines.append(
        "Mọi tin báo: "
        + "; ".join(f"{count} {DELIVERIES.get(DeliveryState(state), state)}" for state, count in states.most_common())
    )
    open_states = Counter(session.exec(select(Opinion.state).where(col(Opinion.sealed).is_(False))).all())
    section.lines.append(
        "Ý kiến nay: "
        + "; ".join(f"{count} {STATE_NAMES[OpinionState(state)]}" for state, count in open_states.most_common())
    )
    return section


def _ways(session: Session, play: Play) -> Section:
    """By which ways answers and conclusions reached their people: foreseen, and as it came."""
    section = Section(title="9. Tin tới tay bằng cách nào")
    if play.forecast is not None:
        foreseen = play.forecast
        section.lines.append(
            f"Dự báo trước khi gửi ({foreseen.askers} người): nhận ngay {foreseen.at_once}; Zalo báo để nhắn lại "
            f"{foreseen.by_form}; chờ họ tự nhắn {foreseen.waiting}; chỉ người trao được {foreseen.by_person}; "
            f"chi phí {dong(foreseen.price_vnd)}"
        )
    rows = session.exec(
        select(Delivery.rung, func.count())
        .where(col(Delivery.purpose).in_(["answer", "conclusion"]), col(Delivery.state).in_(REACHED))
        .group_by(col(Delivery.rung))
    ).all()
    reached = {rung: count for rung, count in rows if rung is not None}
    section.lines += [f"{reached[rung]} tin: {RUNG_NAMES[rung]}" for rung in Rung if rung in reached]
    forms, price = session.exec(
        select(func.count(), func.sum(DeliveryAttempt.price_vnd)).where(DeliveryAttempt.rung == Rung.TEMPLATE)
    ).one()
    section.lines += [
        f"{forms} mẫu tin Zalo báo có kết quả, hết {dong(int(price or 0))}; {play.tally['came']} người nhắn lại "
        "và nhận đủ ngay trước mọi lời khác",
        f"{play.tally['typed']} tin cán bộ gõ tay trong Zalo OA, máy tự ghi nhận từ bản sao Zalo gửi lại",
        f"{play.tally['slips']} phiếu in cho {play.tally['slip_villages']} thôn (van-ban/phieu/), "
        f"{play.tally['handed']} mã đã trao tận tay",
    ]
    return section


#: states of a notice its person has
REACHED = (DeliveryState.SENT, DeliveryState.PICKED_UP, DeliveryState.HANDED_OVER)


def _due_dates(play: Play) -> Section:
    """Duties of the conference, with the sentence that explains the driving one."""
    wish = Wish(states=frozenset(DueState), conference=play.conference)
    rows = list_obligations(play.services, play.team.moderator, wish)
    states = Counter(row.state_name for row in rows)
    section = Section(title="10. Hạn theo quy định (Thanh Hóa và pháp luật chung)")
    section.lines.append("; ".join(f"{count} việc {name}" for name, count in states.most_common()))
    own = {row.duty: row for row in rows if row.subject == "conference" and row.due_on is not None}
    for row in sorted(own.values(), key=lambda one: one.due_on or dt.date.max):
        met = f", làm ngày {vietnamese_date(row.met_on)}" if row.met_on else ""
        section.lines.append(f"{vietnamese_date(row.due_on) if row.due_on else ''}: {row.duty_name}{met}")
    waiting = next((row for row in rows if row.duty is Duty.FINAL_ANSWER and row.state in OPEN_STATES), None)
    if waiting is not None:
        section.lines.append(f"Vì sao: {waiting.explanation}")
    section.lines.append(
        f"{play.office.tally['reminders']} tin nhắc hạn đã gửi cán bộ, mỗi người mỗi ngày nhiều nhất một tin"
    )
    return section


def _papers(play: Play) -> Section:
    tally = play.office.tally
    section = Section(title="11. Văn bản")
    section.lines += [
        f"{tally['papers']} tệp Word, Excel trong van-ban/: kế hoạch, giấy mời, biên bản, giao việc, báo cáo",
        f"{tally['steps']} bước chuẩn bị và sau hội nghị đã ghi; {tally['speakers']} người đăng ký phát biểu",
        f"{tally['sent_up']} việc vượt thẩm quyền gửi lên Mặt trận tỉnh, người hỏi được báo số và ngày văn bản",
    ]
    return Section(title=section.title, lines=section.lines + [f"chưa lập được: {why}" for why in play.office.refused])


def _receipts(rows: Iterable[tuple[str, str | None]]) -> list[str]:
    marks = {DeliveryState.SENT: "✓", DeliveryState.WAITING_PICKUP: "chờ lấy", DeliveryState.PICKED_UP: "đã lấy"} | {
        DeliveryState.HANDED_OVER: "trao tay",
        DeliveryState.WITH_STAFF: "chờ trao",
    }
    return [f"{spoken(code)} {marks.get(DeliveryState(state), state)}" for state, code in rows if code]


def _short(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0] + "…"


def markdown(parts: Iterable[Section]) -> str:
    """The summary as a page."""
    blocks = [f"## {part.title}\n\n" + "\n".join(f"- {line}" for line in part.lines) for part in parts]
    return "# Xã Tân Minh (tưởng tượng): một kỳ đối thoại\n\n" + "\n\n".join(blocks) + "\n"
