"""What the templates of the papers before the day can use, made from a `BeforeFile`. Public forms name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.documents.pen import BLANK_LINE, Pen
from casework.documents.work_plan import due_of, parts_of_plan, roman, work_plan
from casework.names import CONFERENCE_FORMS, CONFERENCE_KINDS, PARTIES
from casework.public_words import MASK, name_free, one_line
from casework.regulations.model import Duty, Party, ProgrammeItem
from casework.topics import FIELDS
from casework.usecases.documents.before_facts import BeforeFile, IssueFile, Speaker, Voiced
from storage.records import SpeakerState

#: code points of an asker's words in one row; longer words go on in the next row, so that a row fits a page
ROW_LIMIT = 1_200
TITLE_LIMIT = 600
CODES_LIMIT = 20
#: rows of an empty form
FORM_ROWS = 4
#: lines of an agenda a plan or a notice lists itself
LISTED_LINES = 20
#: code points of what somebody registered to say, where everybody reads it
PUBLIC_MATTER_LIMIT = 160

_SPEAKERS = {
    "secretary": "Thư ký",
    "speakers": "Người đăng ký phát biểu",
    "master_of_ceremonies": "Người dẫn chương trình",
}
_POSTS = {Party.PARTY_SECRETARY: ("bí thư",), Party.PEOPLE_COMMITTEE: ("ubnd", "ủy ban nhân dân")}
_SPEAKER_STATES = {
    SpeakerState.REGISTERED: "mới đăng ký",
    SpeakerState.CONFIRMED: "đã xác nhận",
    SpeakerState.SPOKEN: "đã phát biểu",
    SpeakerState.ABSENT: "vắng",
}


def plan_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The plan, with the table of work whose dates follow from the regulation."""
    more = parts_of_plan(file, pen)
    count = 6 + len(more)
    return {
        **common(file, pen),
        **_around(file, pen),
        "bases": bases(file),
        "content": content(file, pen),
        "lines": listed_lines(file),
        "programme": programme(file, pen, hours=False),
        "notice_by": by_when(file, Duty.PUBLIC_NOTICE, pen, "ngày thông báo công khai"),
        "result_by": by_when(file, Duty.PUBLISH_RESULT, pen, "ngày công khai kết quả"),
        "more_parts": [
            {"heading": f"{roman(7 + n)}. {name.upper()}", "text": text} for n, (name, text) in enumerate(more)
        ],
        "schedule": work_plan(file, pen),
        "schedule_note": _schedule_note(file),
        "schedule_number": roman(count + 1),
        "duties_number": roman(count + 2),
    }


def request_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The letter asking units for the opinions they know."""
    contact = file.profile.get("contact")
    return {
        **common(file, pen),
        "recipients": _as_above(file),
        "addressees": "Các cơ quan, đơn vị, tổ chức thành viên của Mặt trận và các Ban công tác Mặt trận "
        f"{file.office_name}",
        "send_to": pen.given(str(contact) if contact else None, "nơi nhận ý kiến, số điện thoại"),
        "reply_by": _reply_by(file, pen),
        "blank_rows": [str(number) for number in range(1, FORM_ROWS + 1)],
    }


def leaders_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The full summary for those who chair and answer: names, codes, own words."""
    issues = file.issues
    beyond = [one for one in issues if one.beyond_competence]
    prepare = due_of(file, Duty.PREPARATORY_MEETING)
    pen.left("đề xuất thêm của Ban Thường trực")
    return {
        **common(file, pen),
        "recipients": _as_above(file),
        "addressees": _summary_addressees(file),
        "issues": len(issues),
        "opinions": sum(len(one.opinions) for one in issues),
        "people": sum(one.people for one in issues),
        "on_agenda": sum(one.line is not None for one in issues),
        "beyond": len(beyond),
        "late": sum(one.late for one in issues),
        "waiting_words": f"; còn {file.waiting} ý kiến cán bộ chưa xem xong" if file.waiting else "",
        "by_field": _by_field(issues),
        "by_village": _by_village(file),
        "parts": _parts(issues, named=True),
        "beyond_words": "; ".join(f"{_title(one)} ({one.level_name.lower()})" for one in beyond) + "."
        if beyond
        else "Không có.",
        "prepare_by": f" trước cuộc họp chuẩn bị, chậm nhất ngày {vietnamese_date(prepare.due_on)}"
        if prepare and prepare.due_on
        else "",
        "proposal": BLANK_LINE,
    }


def upper_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """What is beyond the commune's competence, for the Front of the level above: codes, no names."""
    issues = [one for one in file.issues if one.beyond_competence]
    superior = file.head().superior
    return {
        **common(file, pen),
        "recipients": ["Như trên"],
        "addressees": "Ban Thường trực Ủy ban " + superior if superior else "Ban Thường trực Ủy ban MTTQ Việt Nam tỉnh",
        "lines": len(issues),
        "people": sum(one.people for one in issues),
        "parts": _parts(issues, named=False),
    }


def public_summary_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The summary anybody may read: no name, no code, nobody's own words."""
    cutoff = file.conference.cutoff_on
    late = f"Những ý kiến gửi đến sau ngày {vietnamese_date(cutoff)}" if cutoff else "Những ý kiến chưa có ở đây"
    return {
        **common(file, pen),
        "opinions": sum(len(one.opinions) for one in file.issues),
        "lines": len(file.issues),
        "people": sum(one.people for one in file.issues),
        "parts": _parts(file.issues, named=False),
        "closing": f"{late} được trả lời bằng văn bản",
    }


def invitation_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The invitation; the invitee is written by hand."""
    pen.left("tên người được mời")
    return {
        **common(file, pen),
        "recipients": ["Như trên"],
        "invitee": BLANK_LINE[:60],
        "content": content(file, pen, listed=False),
        "contact": _contact(file, pen),
    }


def notice_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The public notice: when, where, what about, who may come and how, how to send an opinion."""
    contact = _contact(file, pen)
    return {
        **common(file, pen),
        "bases": bases(file),
        "office": file.office_name,
        "participants": participants(file),
        "attend": _attend(file, pen),
        "send": "nhắn tin qua kênh tiếp nhận ý kiến của Mặt trận, gặp Ban công tác Mặt trận nơi ở, hoặc báo: "
        f"{contact}. Gửi {_reply_by(file, pen)} để kịp đưa vào nội dung; gửi sau vẫn được trả lời bằng văn bản.",
        "content": content(file, pen),
        "lines": listed_lines(file),
        "contact": contact,
    }


def programme_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The programme in the regulation's sequence; hours only where they follow from its limits."""
    return {
        **common(file, pen),
        "co_chairs": _officials(file, "co_chairs"),
        "programme": programme(file, pen, hours=True),
        "lines": len(file.lines),
    }


def house_rules_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The house rules: the general ones of the template, then what the texts say of conduct."""
    rules = [(rule, text) for text in file.texts for rule in text.conduct if file.kind in rule.kinds]
    return {
        **common(file, pen),
        "secretaries": pen.given(_officials(file, "secretaries"), "thư ký hội nghị"),
        "rules": [
            {"number": number, "text": rule.text.rstrip("."), "source": text.citation(rule)}
            for number, (rule, text) in enumerate(rules, start=1)
        ],
    }


def speakers_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """Who speaks when about what, for the chair and the secretaries."""
    return {
        **common(file, pen),
        "rows": [{**_speaker(one), "name": one.name or "", "code": _code(one)} for one in file.speakers],
        "count": len(file.speakers),
    }


def public_speakers_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The same for the notice board: no name, no code; the title of the issue where one is known, else what was
    registered, shortened and without personal data."""
    own_words = [str(one.position or "?") for one in file.speakers if not one.issue_title]
    if own_words:
        pen.left(f"đọc lại lời người đăng ký trước khi niêm yết (thứ tự {', '.join(own_words)})")
    return {
        **common(file, pen),
        "rows": [{**_speaker(one), "matter": _public_matter(one)} for one in file.speakers],
        "count": len(file.speakers),
    }


# --------------------------------------------------------------------------- shared by several


def common(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """What nearly every paper says of the conference."""
    conference = file.conference
    return {
        "title": conference.title,
        "when": when(file, pen),
        "place": conference.place,
        "chair": conference.chair,
        "today": vietnamese_date(file.today),
    }


def when(file: BeforeFile, pen: Pen) -> str:
    """Hour and day; the hour stays blank until it is known."""
    hour = pen.given(file.conference.starts_at, "giờ họp", "...... giờ ......")
    return f"{hour}, ngày {vietnamese_date(file.conference.held_on)}"


def bases(file: BeforeFile) -> list[str]:
    """The texts a paper rests on, as the decree writes them: a semicolon after each, a full stop after the last."""
    named = []
    for text in file.texts:
        if not text.document.short:
            # A text that gathers several laws is cited by them.
            rules = (*text.duties, *text.steps)
            laws = dict.fromkeys(rule.place.partition(", Điều")[0] for rule in rules if rule.place.startswith("Luật "))
            named += [f"Căn cứ {law}" for law in laws]
            continue
        number = f" số {text.document.number}" if text.document.number else ""
        day = f" ngày {vietnamese_date(text.document.issued_on)}" if text.document.issued_on else ""
        named.append(f"Căn cứ {text.document.title}{number}{day} của {text.document.issuer}")
    return [f"{one};" for one in named[:-1]] + [f"{one}." for one in named[-1:]]


def content(file: BeforeFile, pen: Pen, *, listed: bool = True) -> str:
    """What the conference is about: the announced topic, or the issues on its agenda; `listed`: which follow."""
    if file.conference.topic:
        return f"{file.conference.topic.rstrip('.')}."
    if file.lines:
        ending = "." if not listed else ":" if len(file.lines) <= LISTED_LINES else ", theo danh mục kèm theo."
        return f"{len(file.lines)} vấn đề Nhân dân đã gửi ý kiến{ending}"
    pen.left("nội dung đối thoại (chưa lập danh mục)")
    return BLANK_LINE[:60]


def listed_lines(file: BeforeFile) -> list[dict[str, Any]]:
    """The agenda without names, as far as it stands in the paper itself; a long one is a paper of its own."""
    if len(file.lines) > LISTED_LINES or file.conference.topic:
        return []
    return [
        {
            "number": one.line,
            "title": _title(one),
            "facts": f" ({one.village})" if one.village and one.village.lower() not in one.title.lower() else "",
        }
        for one in file.lines
    ]


def participants(file: BeforeFile) -> str:
    """Who comes: those the texts name, else the people of the place."""
    rules = [rule for text in file.texts for rule in text.eligibility]
    conditions = [one for rule in rules for one in rule.conditions]
    age = max((rule.min_age for rule in rules if rule.min_age), default=None)
    said = ([f"từ đủ {age} tuổi trở lên"] if age else []) + conditions
    people = f"đại biểu được mời và Nhân dân {file.office_name}"
    return f"{people} ({'; '.join(said)})" if said else people


def programme(file: BeforeFile, pen: Pen, *, hours: bool) -> list[dict[str, Any]]:
    """The sequence of the regulation with who does what; `hours`: with the time of each point, where it is known."""
    rows = [
        {
            "number": number,
            "text": item.text.rstrip("."),
            "by": _by(file, item),
            "length": f" (không quá {item.at_most_minutes} phút)" if item.at_most_minutes else "",
            "at": "",
        }
        for number, item in enumerate(file.programme, start=1)
    ]
    if not rows:
        pen.left("trình tự hội nghị (quy định không nêu)")
    elif hours:
        rows[0]["at"] = pen.given(file.conference.starts_at, "giờ họp", "")
        if len(rows) > 1:
            pen.left("giờ của từng phần trong chương trình")
    return rows


def by_when(file: BeforeFile, duty: Duty, pen: Pen, what: str) -> str:
    """ "chậm nhất ngày 21/11/2026", from the regulation."""
    due = due_of(file, duty)
    if due is None or due.due_on is None:
        pen.left(what)
        return "chậm nhất ngày ......"
    return f"chậm nhất ngày {vietnamese_date(due.due_on)}"


# --------------------------------------------------------------------------- pieces


def _around(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    conference = file.conference
    invited = str(conference.invited) if conference.invited is not None else None
    return {
        "form": CONFERENCE_FORMS[conference.form],
        "kind": CONFERENCE_KINDS[conference.kind],
        "co_chairs": pen.given(_officials(file, "co_chairs"), "đồng chủ trì") if _wants_co_chairs(file) else "không",
        "secretaries": pen.given(_officials(file, "secretaries"), "thư ký hội nghị"),
        "participants": participants(file),
        "invited": pen.given(invited, "số đại biểu dự kiến"),
        "contact": _contact(file, pen),
    }


def _as_above(file: BeforeFile) -> list[str]:
    return ["Như trên", *file.head().recipients]


def _schedule_note(file: BeforeFile) -> str:
    own = file.texts[0].document
    return f"Ngày tính theo quy định; cột «Theo» dẫn điều, mục của {own.short or own.title}, hoặc của luật có ghi tên."


def _public_matter(one: Speaker) -> str:
    if one.issue_title:
        return one_line(one.issue_title, TITLE_LIMIT)
    words = one.matter.replace(one.name, MASK) if one.name else one.matter
    return one_line(name_free(words), PUBLIC_MATTER_LIMIT)


def _wants_co_chairs(file: BeforeFile) -> bool:
    return bool(_officials(file, "co_chairs")) or any(rule.co_chairs for text in file.texts for rule in text.chair)


def _officials(file: BeforeFile, key: str) -> str:
    named = file.conference.officials.get(key) or ()
    return named if isinstance(named, str) else ", ".join(str(one) for one in named)


def _contact(file: BeforeFile, pen: Pen) -> str:
    contact = file.profile.get("contact")
    return pen.given(str(contact) if contact else None, "nơi liên hệ, số điện thoại")


def _reply_by(file: BeforeFile, pen: Pen) -> str:
    """The last day for opinions: the one set for this conference, else the regulation's."""
    if file.conference.cutoff_on is not None:
        return f"chậm nhất ngày {vietnamese_date(file.conference.cutoff_on)}"
    known = next(
        (duty for duty in (Duty.OPINION_CUTOFF, Duty.FRONT_SUMMARY) if due_of(file, duty)), Duty.OPINION_CUTOFF
    )
    return by_when(file, known, pen, "ngày chốt nhận ý kiến")


def _attend(file: BeforeFile, pen: Pen) -> str:
    if file.conference.form == "in_person":
        return "đến dự trực tiếp; muốn phát biểu thì đăng ký trước với Mặt trận hoặc với thư ký tại hội trường."
    pen.left("đường dẫn dự trực tuyến")
    return f"dự {CONFERENCE_FORMS[file.conference.form]} tại địa chỉ {BLANK_LINE[:40]}"


def _summary_addressees(file: BeforeFile) -> str:
    due = due_of(file, Duty.FRONT_SUMMARY)
    chair = file.conference.chair.lower()
    parties = [
        party
        for party in (due.rule.recipients if due else ())
        # Who chairs is addressed by his or her own post.
        if not any(word in chair for word in _POSTS.get(party, ())) and party is not Party.CHAIR
    ]
    return "; ".join([file.conference.chair, *(PARTIES[party][0].upper() + PARTIES[party][1:] for party in parties)])


def _by(file: BeforeFile, item: ProgrammeItem) -> str:
    if item.by is Party.CHAIR:
        return file.conference.chair
    if item.by == "secretary" and (names := _officials(file, "secretaries")):
        return f"Thư ký: {names}"
    words = _SPEAKERS.get(str(item.by)) or PARTIES[str(item.by)]
    return words[0].upper() + words[1:]


def _by_field(issues: Sequence[IssueFile]) -> list[dict[str, Any]]:
    fields = ((name, [one for one in issues if one.field_name == name]) for name, _ in FIELDS)
    return [
        {
            "name": name,
            "issues": len(part),
            "opinions": sum(len(one.opinions) for one in part),
            "people": sum(one.people for one in part),
        }
        for name, part in fields
        if part
    ]


def _by_village(file: BeforeFile) -> str:
    counts = dict.fromkeys(file.villages, 0)
    unknown = 0
    for issue in file.issues:
        for opinion in issue.opinions:
            if opinion.village in counts:
                counts[opinion.village] += 1
            else:
                unknown += 1
    said = [f"{village} {count}" for village, count in counts.items()]
    return "; ".join(said + ([f"không rõ thôn {unknown}"] if unknown else []))


def _parts(issues: Sequence[IssueFile], *, named: bool) -> list[dict[str, Any]]:
    """Issues under the heading of their field, numbered through."""
    ordered = [(name, [one for one in issues if one.field_name == name]) for name, _ in FIELDS]
    numbers = iter(range(1, len(issues) + 1))
    return [
        {"field": name, "rows": [_row(one, next(numbers), named=named) for one in part]}
        for name, part in ordered
        if part
    ]


def _row(issue: IssueFile, number: int, *, named: bool) -> dict[str, Any]:
    line = f"dòng {issue.line} của nội dung" if issue.line is not None else "chưa đưa vào nội dung"
    facts = [issue.topic_name, issue.level_name, f"{issue.people} người nêu", issue.village or "", line]
    codes = [spoken(one.code) for one in issue.opinions if one.code]
    more = len(codes) - CODES_LIMIT
    return {
        "number": number,
        "title": _title(issue),
        "urgent_mark": " (khẩn)" if issue.urgent else "",
        "facts": "; ".join(fact for fact in facts if fact),
        "people": issue.people,
        "village": issue.village or "",
        "level_name": issue.level_name,
        "codes": ", ".join(codes[:CODES_LIMIT]) + (f" và {more} mã khác" if more > 0 else ""),
        "askers": [row for one in issue.opinions for row in _asker_rows(one)] if named else [],
    }


def _asker_rows(opinion: Voiced) -> list[dict[str, str]]:
    """One row per piece of what an asker wrote, unshortened: the leaders read all of it."""
    first, *rest = pieces(opinion.words)
    late = " (đến sau ngày chốt)" if opinion.late else ""
    return [
        {
            "code": spoken(opinion.code) if opinion.code else "",
            "village": opinion.village or "",
            "name": opinion.name or "",
            "submitted_on": f"{vietnamese_date(opinion.submitted_on)}{late}",
            "words": first,
        },
        *({"code": "", "village": "", "name": "", "submitted_on": "(tiếp)", "words": piece} for piece in rest),
    ]


def pieces(words: str, limit: int = ROW_LIMIT) -> list[str]:
    """The words on one line each, cut between words into pieces of at most `limit` code points; nothing is lost."""
    found, rest = [], " ".join(words.split())
    while len(rest) > limit:
        cut = rest.rfind(" ", 1, limit + 1)
        cut = cut if cut > 0 else limit
        found.append(rest[:cut])
        rest = rest[cut:].lstrip()
    return [*found, rest]


def _title(issue: IssueFile) -> str:
    return one_line(issue.title, TITLE_LIMIT).rstrip(". ")


def _speaker(one: Speaker) -> dict[str, Any]:
    return {
        "number": one.position or "",
        "village": one.village or "",
        "matter": one_line(one.matter, ROW_LIMIT),
        "state": _SPEAKER_STATES.get(SpeakerState(one.state), ""),
    }


def _code(one: Speaker) -> str:
    return spoken(one.opinion_code) if one.opinion_code else ""
