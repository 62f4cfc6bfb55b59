"""Opinions, queues and digests as short plain text for staff: fits a phone and 80 columns.

`in_group` leaves out who asked and masks personal data; sealed opinions are never rendered for a group at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from casework.clock import vietnamese_time
from casework.codes import spoken
from casework.grounds import Ground
from casework.lifecycle import STATE_NAMES
from casework.public_words import name_free, one_line
from casework.topics import LEVEL_NAMES, TOPIC_NAMES
from nlp.analysis import Kind, Level, Topic
from nlp.competence_file import Mark
from storage.records import DeliveryState, OpinionState

if TYPE_CHECKING:
    from casework.usecases.citizens.earlier_answers import EarlierAnswer
    from casework.usecases.moderation.decisions import Decided
    from casework.usecases.moderation.digest import Digest
    from casework.usecases.moderation.queue import Label, OpinionView, QueueLine, Suggestion
    from nlp.competence import Competence

KIND_NAMES: dict[str, str] = {
    Kind.OPINION: "ý kiến",
    Kind.COMPLAINT: "khiếu nại",
    Kind.DENUNCIATION: "tố cáo",
    Kind.NOT_AN_OPINION: "không phải ý kiến",
}
FILE_NAMES = {
    "photo": "ảnh",
    "voice": "tin thoại",
    "audio": "âm thanh",
    "video": "đoạn phim",
    "document": "tệp",
    "location": "vị trí",
    "contact": "danh thiếp",
}
_NOTICE_NAMES: dict[str, str] = {
    DeliveryState.PENDING: "sẽ báo người gửi sau ít phút",
    DeliveryState.WAITING_PICKUP: "chưa đẩy tới máy người gửi được, sẽ đọc khi nhắn tới hoặc tra mã",
    DeliveryState.WITH_STAFF: "người gửi không có kênh nào, cần trao tận tay",
    DeliveryState.CANCELLED: "tin báo chưa gửi đã được hủy",
}
_DONE: dict[str, str] = {
    "approved": "Đã duyệt",
    "declined": "Đã ghi: không đưa vào hội nghị",
    "merged": "Đã gộp",
    "split_off": "Đã tách riêng",
    "reclassified": "Đã phân loại lại",
    "referred_up": "Đã chuyển cấp trên",
    "asked_back": "Đã hỏi lại người gửi",
    "reworded": "Đã sửa lời biên tập",
    "redirected": "Đã hướng dẫn nơi giải quyết",
    "released": "Đã trả về hàng đợi",
    "undone": "Đã hoàn tác",
}
#: how far a line of the competence map is to be trusted, after its basis
_DOUBTS: dict[Mark, str] = {
    Mark.SURE: "",
    Mark.LIKELY: " Xem lại văn bản trước khi dẫn.",
    Mark.UNSURE: " CHƯA CHẮC: hỏi lại trước khi chuyển.",
}
_ALERTS: dict[str, str] = {
    "emergency": "KHẨN: có việc nguy hiểm, cần gọi hoặc đến ngay",
    "wants_person": "Có người dân muốn gặp cán bộ",
    "wants_withdraw": "Người gửi xin rút ý kiến đã duyệt",
    "says_ordinary": "Người gửi nói đây chỉ là góp ý thường",
    "edited_after_decision": "Người gửi vừa sửa tin sau khi đã duyệt; lời đã duyệt giữ nguyên",
    "loop": "Một máy khác đang nhắn liên tục vào kênh",
}
#: stands where the program is not sure whether it is urgent
URGENT_PERHAPS = "KHẨN?"
#: characters of why the program judged so
REASONS_LIMIT = 160
#: opinions in one message of the queue
PAGE = 8


def say_ref(ref: str) -> str:
    """A code in two groups of three; "#12" stays."""
    return ref if ref.startswith("#") else spoken(ref)


def lasting(span: dt.timedelta) -> str:
    """A waiting time in its largest unit: "3 ngày", "5 giờ", "20 phút"."""
    if span.days:
        return f"{span.days} ngày"
    hours = span.seconds // 3600
    return f"{hours} giờ" if hours else f"{max(span.seconds // 60, 0)} phút"


# ---------------------------------------------------------------------- lists


def page_of(lines: Sequence[QueueLine], page: int) -> list[QueueLine]:
    """The lines of one page, from 1. The first shows something of every section, so that none is ever out of sight."""
    heads = {line.section: index for index, line in reversed(list(enumerate(lines)))}
    others = [index for index in range(len(lines)) if index not in heads.values()]
    first = sorted([*heads.values(), *others[: max(PAGE - len(heads), 0)]])
    later = [index for index in range(len(lines)) if index not in first]
    chosen = first if page <= 1 else later[(page - 2) * PAGE : (page - 1) * PAGE]
    return [lines[index] for index in chosen]


def queue_card(lines: Sequence[QueueLine], page: int = 1) -> str:
    """One page of the queue, in its sections, each with how many stand in it."""
    if not lines:
        return "Không có ý kiến nào chờ. Cảm ơn anh/chị."
    headings = {"urgent": "KHẨN", "waiting": "CHỜ DUYỆT", "held": "GIỮ LẠI (có vẻ khiếu nại)", "sealed": "GIỮ KÍN"}
    text: list[str] = [f"{len(lines)} ý kiến chờ quyết định."]
    section = None
    shown = page_of(lines, page)
    if not shown:
        return f"{text[0]} Không có trang {page}. Nhắn /hangdoi để xem từ đầu."
    for line in shown:
        if line.section != section:
            section = line.section
            text.append(f"\n{headings[section]}: {sum(one.section == section for one in lines)}")
        text.append(_list_line(line))
    if page_of(lines, page + 1):
        text.append(f"\nXem tiếp: /hangdoi {page + 1}")
    return "\n".join(text)


def _list_line(line: QueueLine) -> str:
    if line.sealed:
        return f"{say_ref(line.ref)} · chờ {lasting(line.waiting)} · nội dung giữ kín"
    place = line.village or "chưa rõ thôn"
    same = f" · giống {len([one for one in line.suggestions if one.same])} nơi" if _same(line) else ""
    private = " · KHÔNG nêu công khai" if _is_private(line) else ""
    doubt = f" · {URGENT_PERHAPS}" if line.urgent.unsure else ""
    where = f"{say_ref(line.ref)} · {place} · chờ {lasting(line.waiting)}"
    return f"{where}{doubt}{same}{private}\n  {one_line(line.text, 70)}"


def _is_private(line: QueueLine) -> bool:
    """Whether staff must be told that these words are not for the public; a complaint never is, so is not asked."""
    return not (line.publishable or line.sealed or line.state == OpinionState.HELD)


def _same(line: QueueLine) -> bool:
    return any(suggestion.same for suggestion in line.suggestions)


# ---------------------------------------------------------------------- one opinion


def opinion_card(view: OpinionView, *, in_group: bool) -> str:
    """One opinion with what is needed to decide on it."""
    line = view.line
    heard: Callable[[str], str] = name_free if in_group else str
    text = [_heading(view), f"«{heard(view.original_text)}»"]
    if view.edited_text is not None:
        text.append(f"Lời biên tập: «{heard(view.edited_text)}»")
    if view.asker_name and not in_group and not line.sealed:
        text.append(f"Người gửi: {view.asker_name}")
    if view.files:
        text.append("Kèm: " + ", ".join(FILE_NAMES.get(kind, "tệp") for kind in view.files))
    text.append(_labels(line))
    if why := reasons_line(line):
        text.append(f"Vì sao: {heard(why)}")
    if view.settled_by is not None:
        text.append(f"Nơi giải quyết: {settled_line(view.settled_by)}")
    if _is_private(line):
        text.append("Người gửi KHÔNG đồng ý nêu công khai.")
    if line.issues > 1:
        text.append(f"Máy đếm thấy {line.issues} việc trong một ý kiến.")
    text += _about_issue(view)
    text += [answered_line(one) for one in view.answered_before]
    if view.question:
        text.append(f"Đã hỏi lại: «{heard(view.question)}»")
    if view.ground:
        text.append(f"Căn cứ: {view.ground}")
    if view.note:
        text.append(f"Ghi thêm: {heard(view.note)}")
    if view.history:
        last = view.history[-1]
        # "Người gửi gửi" reads like a slip of the pen.
        who = "Người dân" if last.who == "Người gửi" else last.who
        text.append(f"Việc gần nhất: {who} {last.what} lúc {vietnamese_time(last.at)}")
    return "\n".join(text)


def _heading(view: OpinionView) -> str:
    line = view.line
    marks = [say_ref(line.ref)]
    if line.urgent.value == "true":
        marks.append(URGENT_PERHAPS if line.urgent.unsure else "KHẨN")
    if line.sealed:
        marks.append("GIỮ KÍN")
    marks += [line.village or "chưa rõ thôn", f"chờ {lasting(line.waiting)}", STATE_NAMES[OpinionState(line.state)]]
    return " · ".join(marks)


def _labels(line: QueueLine) -> str:
    labels = [
        _label("loại", KIND_NAMES[line.kind.value], line.kind),
        _label("việc", TOPIC_NAMES[Topic(line.topic.value)], line.topic),
        _label("cấp", LEVEL_NAMES[Level(line.level.value)].removeprefix("Cấp "), line.level),
    ]
    if line.urgent.unsure:
        labels.append(_label("khẩn", "có" if line.urgent.value == "true" else "không", line.urgent))
    return " · ".join(labels)


def _label(name: str, words: str, label: Label) -> str:
    """Sure labels plain, unsure ones marked: "cấp: Cấp tỉnh (? 55 %)"."""
    if not label.unsure or label.confidence is None:
        return f"{name}: {words}"
    return f"{name}: {words} (? {percent(label.confidence)})"


def percent(share: float) -> str:
    """A share as it is written in Vietnamese: "55 %"."""
    return f"{share:.0%}".replace("%", " %")


def reasons_line(line: QueueLine) -> str:
    """Why the program took it for this kind and this topic, in one line; empty once people said both."""
    told = {"loại": line.kind.reason, "việc": line.topic.reason}
    return one_line("; ".join(f"{name}: {reason}" for name, reason in told.items() if reason), REASONS_LIMIT)


def _about_issue(view: OpinionView) -> list[str]:
    line = view.line
    if line.sealed or line.state == OpinionState.HELD:
        return []
    if line.group_id is not None:
        others = f", cùng {', '.join(say_ref(ref) for ref in view.companions)}" if view.companions else ""
        return [f"Nội dung {line.group_id} ({view.people} người{others}): {view.title}"]
    title = f"Tên nội dung nếu duyệt riêng: {view.title}"
    if not view.title:
        title = f"Duyệt riêng thì anh/chị đặt tên, bằng lời của mình: /duyet {say_ref(line.ref)} tên việc"
    # A title is for whoever approves.
    return [*([title] if view.may_decide else []), *(suggestion_line(one) for one in line.suggestions)]


def suggestion_line(suggestion: Suggestion) -> str:
    """Another opinion or issue that is the same, or alike and another matter, with what speaks for it."""
    sort = "Giống" if suggestion.same else "Gần giống (khác việc)"
    target = f"nội dung {suggestion.group_id}" if suggestion.group_id is not None else say_ref(suggestion.ref)
    why = f" [{'; '.join(suggestion.reasons)}]" if suggestion.reasons else ""
    return f"{sort} {target}, {suggestion.people} người: {one_line(suggestion.title, 80)}{why}"


def settled_line(settled: Competence) -> str:
    """Who settles it, why, on what basis, and how sure that is; for staff."""
    basis = f" Căn cứ: {settled.basis}." if settled.basis else ""
    note = f" {settled.note}" if settled.note else ""
    return f"{settled.body_name}, vì {settled.reason}.{basis}{_DOUBTS[settled.mark]}{note}"


def answered_line(answer: EarlierAnswer) -> str:
    """An answer given before to what seems to be the same issue; staff judge whether it still holds."""
    what = "Đã có trả lời" if answer.final else "Đã có trả lời tạm"
    number = f" số {answer.document_number}" if answer.document_number else ""
    day = f"{answer.document_date:%d/%m/%Y}"
    why = f" [{'; '.join(answer.reasons)}]" if answer.reasons else ""
    issue = f"nội dung {answer.group_id}: {one_line(answer.title, 80)}"
    return f"{what}{number} ngày {day} của {answer.agency}, {issue}{why}"


def history_card(view: OpinionView) -> str:
    """Who did what when and why, oldest first."""
    return "\n".join(
        f"{vietnamese_time(line.at)}: {line.who} {line.what}" + (f" ({line.why})" if line.why else "")
        for line in view.history
    )


# ---------------------------------------------------------------------- what happened


def decided_card(decided: Decided, *, who: str | None = None) -> str:
    """What a decision did; `who` names the colleague in a group chat."""
    head = _DONE.get(decided.verb, "Đã ghi")
    if who:
        head = f"{who}: {head[0].lower()}{head[1:]}"
    text = [f"{head} {say_ref(decided.ref)}. Hiện: {STATE_NAMES[OpinionState(decided.state)]}."]
    if decided.group_id is not None:
        text.append(f"Nội dung số {decided.group_id}." + _moved(decided))
    if decided.notice in _NOTICE_NAMES:
        told = _NOTICE_NAMES[decided.notice]
        text.append(f"{told[0].upper()}{told[1:]}.")
    text += [f"Lưu ý: {remark}" for remark in decided.remark.splitlines()]
    return "\n".join(text)


def _moved(decided: Decided) -> str:
    return f" Kèm theo {len(decided.moved)} ý kiến khác." if decided.moved else ""


def grounds_card(grounds: Sequence[Ground]) -> str:
    """The list of grounds to choose from."""
    needs = {ground.code: f" (ghi kèm {ground.needs})" if ground.needs else "" for ground in grounds}
    return "\n".join(f"{ground.number}. {ground.name}{needs[ground.code]}" for ground in grounds)


# ---------------------------------------------------------------------- unasked


def digest_card(digest: Digest) -> str:
    """The day in numbers; what is zero is left out."""
    oldest = f" (lâu nhất {lasting(digest.oldest)})" if digest.oldest is not None else ""
    counts = (
        (digest.new, "ý kiến mới từ hôm qua"),
        (digest.urgent, "việc KHẨN"),
        (digest.waiting, f"ý kiến chờ duyệt{oldest}"),
        (digest.held, "ý kiến giữ lại, có vẻ khiếu nại"),
        (digest.sealed, "nội dung giữ kín chờ xem"),
        (digest.clarifying, "ý kiến đang chờ người gửi trả lời"),
        (digest.unknown_deliveries, "tin gửi đi chưa rõ người dân nhận được chưa"),
        (digest.unfinished, "tin đến chưa xử lý xong, cần người xem"),
        (digest.slips, "phiếu trả lời chờ in, chờ trao tận tay (/phieu)"),
    )
    lines = [f"• {number} {what}" for number, what in counts if number]
    due = ((digest.late, "quá hạn"), (digest.due_soon, "sắp đến hạn"), (digest.extended, "đã gia hạn"))
    if any(number for number, _ in due):
        lines.append("• Việc có hạn: " + ", ".join(f"{number} {what}" for number, what in due if number) + " (/han)")
    return "\n".join(["Việc hôm nay:", *lines]) if lines else "Hôm nay không có việc gì chờ anh/chị."


def alert_card(reason: str, *, ref: str | None, village: str | None, words: str | None) -> str:
    """One thing that cannot wait for the digest."""
    text = [_ALERTS.get(reason, "Có việc cần anh/chị xem ngay") + "."]
    if ref is not None:
        place = f" · {village}" if village else ""
        text.append(f"{say_ref(ref)}{place}" + (f": «{one_line(name_free(words), 200)}»" if words else ""))
    return "\n".join(text)
