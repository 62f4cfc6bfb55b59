"""What the templates of the summary of opinions can use: full for leaders, codes for the Front above, name-free for
all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.documents.conference_words import as_above, common, title_of
from casework.documents.pen import BLANK_LINE, Pen
from casework.documents.work_plan import due_of
from casework.names import PARTIES
from casework.regulations.model import Duty, Party
from casework.topics import FIELDS
from casework.usecases.documents.before_facts import BeforeFile, IssueFile, Voiced

#: code points of an asker's words in one row; longer words go on in the next row, so that a row fits a page
ROW_LIMIT = 1_200
CODES_LIMIT = 20

#: words of a post by which a chair is known
_POSTS = {Party.PARTY_SECRETARY: ("bí thư",), Party.PEOPLE_COMMITTEE: ("ubnd", "ủy ban nhân dân")}


def leaders_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The full summary for those who chair and answer: names, codes, own words."""
    issues = file.issues
    beyond = [one for one in issues if one.referred_level is not None]
    unsure = [one for one in issues if one.perhaps_beyond]
    prepare = due_of(file, Duty.PREPARATORY_MEETING)
    pen.left("đề xuất thêm của Ban Thường trực")
    return {
        **common(file, pen),
        "recipients": as_above(file),
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
        "beyond_words": _beyond_words(beyond, unsure),
        "prepare_by": f" trước cuộc họp chuẩn bị, chậm nhất ngày {vietnamese_date(prepare.due_on)}"
        if prepare and prepare.due_on
        else "",
        "proposal": BLANK_LINE,
    }


def upper_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """What was decided to be beyond the commune's competence, for the Front above: codes, no names."""
    issues = [one for one in file.issues if one.referred_level is not None]
    return {
        **_upper(file, pen, issues),
        "about": "Tổng hợp ý kiến, kiến nghị vượt thẩm quyền cấp xã trước",
        "asked": "thuộc thẩm quyền của cấp trên. Đề nghị xem xét, chuyển cơ quan có thẩm quyền và cho biết kết quả để "
        "trả lời từng người đã gửi ý kiến",
        "closing": "Trên đây là các ý kiến, kiến nghị vượt thẩm quyền cấp xã",
    }


def consult_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """What may be beyond the commune's competence and nobody has decided on: the Front above is asked about it."""
    return {
        **_upper(file, pen, [one for one in file.issues if one.perhaps_beyond]),
        "about": "Xin ý kiến về thẩm quyền của các việc nêu trước",
        "asked": "có thể thuộc thẩm quyền của cấp trên, xã chưa quyết định chuyển. Xin ý kiến: việc nào thuộc cấp nào, "
        "chuyển cơ quan nào",
        "closing": "Đây là danh mục xin ý kiến, không phải danh mục chuyển cấp trên giải quyết",
    }


def _upper(file: BeforeFile, pen: Pen, issues: Sequence[IssueFile]) -> dict[str, Any]:
    superior = file.head().superior
    return {
        **common(file, pen),
        "recipients": ["Như trên"],
        "addressees": "Ban Thường trực Ủy ban " + superior if superior else "Ban Thường trực Ủy ban MTTQ Việt Nam tỉnh",
        "lines": len(issues),
        "people": sum(one.people for one in issues),
        "parts": _parts(issues, named=False),
    }


def _beyond_words(beyond: Sequence[IssueFile], unsure: Sequence[IssueFile]) -> str:
    decided = [f"{title_of(one)} ({(one.referred_level or '').lower()})" for one in beyond]
    open_still = [f"{title_of(one)} ({one.level_name.lower()})" for one in unsure]
    said = f"{'; '.join(decided)}." if decided else "Không có."
    return f"{said} Có thể thuộc cấp trên, chờ xem xét: {'; '.join(open_still)}." if open_still else said


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
        "title": title_of(issue),
        "urgent_mark": " (khẩn)" if issue.urgent else "",
        "facts": "; ".join(fact for fact in facts if fact),
        "people": issue.people,
        "village": issue.village or "",
        "level_name": issue.referred_level or issue.level_name,
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
