"""The tables of a conference as data for spreadsheets: summary, speakers, assignments, results, answers, case file.

Public forms hold no name, no code and nobody's own words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from casework.codes import spoken
from casework.documents.line_words import (
    codes,
    final_answer,
    form_of_answer,
    referral_words,
    result_words,
    standing,
    who_answers,
)
from casework.documents.tables import Field, Sheet
from casework.names import OUTCOMES, SPEAKER_STATES
from casework.public_words import name_free
from casework.usecases.documents.after_letters import AnswerLetter
from casework.usecases.documents.after_values import AskerFile, ConferenceFile, LineFile
from casework.usecases.documents.before_facts import BeforeFile, IssueFile
from storage.records import AgendaOutcome

_ISSUE = (
    Field(heading="STT", width=6),
    Field(heading="Mục trong chương trình", width=12),
    Field(heading="Vấn đề", width=60),
    Field(heading="Lĩnh vực", width=18),
    Field(heading="Chủ đề", width=20),
    Field(heading="Thẩm quyền", width=13),
    Field(heading="Thôn, tổ dân phố", width=16),
    Field(heading="Số người nêu", width=10),
    Field(heading="Khẩn", width=8),
)
_CODES = Field(heading="Mã ý kiến", width=24)
_OPINION = (
    Field(heading="Mã ý kiến", width=12),
    Field(heading="Người nêu", width=24),
    Field(heading="Thôn của người nêu", width=16),
    Field(heading="Ngày gửi", width=12),
    Field(heading="Đến sau ngày chốt", width=10),
    Field(heading="Nguyên văn", width=70),
)


def summary_for_leaders(file: BeforeFile) -> Sheet:
    """All issues with every opinion behind them, its asker and own words: one row per opinion."""
    rows: list[list[Any]] = []
    for place, issue in enumerate(file.issues, start=1):
        rows += [
            [
                *_issue(place, issue),
                spoken(one.code) if one.code else "",
                one.name or "",
                one.village or "",
                one.submitted_on,
                "có" if one.late else "",
                one.words,
            ]
            for one in issue.opinions
        ]
    return _summary(file, file.issues, (*_ISSUE, *_OPINION), rows)


def summary_for_upper_front(file: BeforeFile) -> Sheet:
    """What was decided to be beyond the commune's competence, with codes and without names: one row per issue."""
    issues = [one for one in file.issues if one.referred_level is not None]
    rows = [
        [*_issue(place, one), ", ".join(spoken(opinion.code) for opinion in one.opinions if opinion.code)]
        for place, one in enumerate(issues, start=1)
    ]
    return _summary(file, issues, (*_ISSUE, _CODES), rows)


def summary_for_public(file: BeforeFile) -> Sheet:
    """All issues without names, codes and own words: one row per issue."""
    rows = [_issue(place, one) for place, one in enumerate(file.issues, start=1)]
    return _summary(file, file.issues, _ISSUE, rows)


def speakers_sheet(file: BeforeFile) -> Sheet:
    """Who registered to speak, in order; for staff."""
    return Sheet(
        name="Đăng ký phát biểu",
        title=file.conference.title,
        fields=(
            Field(heading="Thứ tự", width=8),
            Field(heading="Họ tên", width=28),
            Field(heading="Thôn, tổ dân phố", width=18),
            Field(heading="Nội dung đăng ký", width=70),
            Field(heading="Mã ý kiến", width=12),
            Field(heading="Hiện", width=18),
        ),
        rows=[
            [
                one.position or "",
                one.name or "",
                one.village or "",
                one.matter,
                spoken(one.opinion_code) if one.opinion_code else "",
                SPEAKER_STATES[one.state],
            ]
            for one in file.speakers
        ],
        total=["", f"Cộng: {len(file.speakers)} người", "", "", "", ""],
    )


def conclusion_sheet(file: ConferenceFile) -> Sheet:
    """The annex of the conclusion notice."""
    return Sheet(
        name="Phụ lục kết luận",
        title=f"Phụ lục thông báo kết luận: {file.conference.title}",
        fields=(
            Field(heading="STT", width=6),
            Field(heading="Nội dung", width=60),
            Field(heading="Thôn, tổ dân phố", width=16),
            Field(heading="Kết quả, nội dung trả lời", width=70),
            Field(heading="Cơ quan, người trả lời", width=28),
            Field(heading="Thời hạn", width=12),
        ),
        rows=[
            [
                line.position,
                line.title,
                line.village or "",
                result_words(line, public=True),
                who_answers(line),
                _due(line) or "",
            ]
            for line in file.lines
        ],
        total=["", f"Cộng: {len(file.lines)} vấn đề", "", _outcomes(file.lines), "", ""],
    )


def assignments_sheet(file: ConferenceFile) -> Sheet:
    """Who owes which written answer by when, and how the date is counted."""
    rows = [
        [
            line.position,
            line.title,
            line.village or "",
            line.people,
            line.assignment.agency,
            line.assignment.assigned_on,
            line.assignment.document_number or "",
            line.assignment.received_on or "",
            line.assignment.due_on or "",
            line.assignment.due.explanation if line.assignment.due else line.assignment.basis or "",
            answer.document_date if (answer := final_answer(line)) else "",
        ]
        for line in file.lines
        if line.assignment is not None
    ]
    return Sheet(
        name="Giao việc",
        title=f"Giao việc sau {file.conference.title}",
        fields=(
            Field(heading="Mục", width=6),
            Field(heading="Vấn đề", width=50),
            Field(heading="Thôn, tổ dân phố", width=16),
            Field(heading="Số người nêu", width=10),
            Field(heading="Cơ quan được giao", width=28),
            Field(heading="Ngày giao", width=12),
            Field(heading="Số văn bản giao việc", width=18),
            Field(heading="Ngày nhận", width=12),
            Field(heading="Hạn trả lời", width=12),
            Field(heading="Cách tính hạn, căn cứ", width=60),
            Field(heading="Ngày trả lời", width=12),
        ),
        rows=rows,
        total=["", f"Cộng: {len(rows)} việc", "", sum(row[3] for row in rows), *[""] * 7],
    )


def public_result_sheet(file: ConferenceFile) -> Sheet:
    """What became of every line, for everybody."""
    return Sheet(
        name="Kết quả",
        title=f"Kết quả {file.conference.title}",
        fields=(
            Field(heading="STT", width=6),
            Field(heading="Thôn, tổ dân phố", width=18),
            Field(heading="Lĩnh vực", width=18),
            Field(heading="Vấn đề", width=60),
            Field(heading="Số người nêu", width=10),
            Field(heading="Tại hội nghị", width=24),
            Field(heading="Kết quả, nội dung trả lời", width=70),
            Field(heading="Cơ quan trả lời", width=28),
            Field(heading="Thời hạn", width=12),
        ),
        rows=[
            [
                line.position,
                line.village or "",
                line.field_name,
                name_free(line.title),
                line.people,
                OUTCOMES[line.outcome] if line.outcome != AgendaOutcome.PENDING else "",
                result_words(line, public=True),
                name_free(who_answers(line)),
                _due(line) or "",
            ]
            for line in file.lines
        ],
        total=["", "", "", f"Cộng: {len(file.lines)} vấn đề", file.people, _outcomes(file.lines), "", "", ""],
    )


def answers_sheet(letters: Sequence[AnswerLetter], title: str) -> Sheet:
    """Every asker's written answer: to hand out and to tick off."""
    return Sheet(
        name="Trả lời",
        title=f"Văn bản trả lời: {title}",
        fields=(
            Field(heading="STT", width=6),
            Field(heading="Mã ý kiến", width=12),
            Field(heading="Người nêu", width=24),
            Field(heading="Thôn, tổ dân phố", width=18),
            Field(heading="Ngày gửi", width=12),
            Field(heading="Nguyên văn", width=50),
            Field(heading="Cơ quan trả lời", width=24),
            Field(heading="Số văn bản", width=18),
            Field(heading="Ngày văn bản", width=12),
            Field(heading="Trả lời", width=14),
            Field(heading="Nội dung trả lời", width=60),
            Field(heading="Hẹn trả lời tiếp", width=12),
            Field(heading="Ký nhận", width=16),
        ),
        rows=[
            [
                place,
                spoken(one.code),
                one.name or "",
                one.village or "",
                one.submitted_on,
                one.words,
                one.answer.agency,
                one.answer.document_number,
                one.answer.document_date,
                "cuối cùng" if one.answer.final else "bước đầu",
                one.answer.text,
                one.answer.promised_on or "",
                "",
            ]
            for place, one in enumerate(letters, start=1)
        ],
        total=["", f"Cộng: {len(letters)}", *[""] * 11],
    )


def case_file_sheet(file: ConferenceFile) -> Sheet:
    """The table of the case file, one row per opinion: who, what, the answer, the result, when and at which level
    (Điện Biên, V.3.3), with what else an office looks up later."""
    rows: list[list[Any]] = []
    for line in file.lines:
        askers: tuple[AskerFile | None, ...] = line.askers or (None,)
        rows += [_case_row(len(rows) + place, line, asker) for place, asker in enumerate(askers, start=1)]
    opinions = sum(len(line.askers) for line in file.lines)
    return Sheet(
        name="Hồ sơ",
        title=f"Hồ sơ {file.conference.title}",
        fields=_CASE_FILE,
        rows=rows,
        total=[
            "",
            f"Cộng: {opinions} ý kiến",
            "",
            "",
            f"{len(file.lines)} vấn đề",
            "",
            file.people,
            *[""] * (len(_CASE_FILE) - 7),
        ],
    )


_CASE_FILE = (
    Field(heading="STT", width=6),
    Field(heading="Mã ý kiến", width=12),
    Field(heading="Tên người, tổ chức nêu", width=26),
    Field(heading="Thôn, tổ dân phố", width=16),
    Field(heading="Nội dung kiến nghị", width=50),
    Field(heading="Nguyên văn", width=60),
    Field(heading="Số người cùng nêu", width=10),
    Field(heading="Các mã cùng nội dung", width=26),
    Field(heading="Lĩnh vực", width=18),
    Field(heading="Chủ đề", width=18),
    Field(heading="Mức độ", width=10),
    Field(heading="Cấp giải quyết", width=13),
    Field(heading="Cơ quan trả lời", width=26),
    Field(heading="Nội dung trả lời", width=60),
    Field(heading="Hình thức trả lời", width=14),
    Field(heading="Kết quả, hướng giải quyết", width=22),
    Field(heading="Thời hạn", width=12),
    Field(heading="Ngày gửi", width=12),
    Field(heading="Ngày trả lời", width=12),
    Field(heading="Ghi chú", width=24),
)


def _case_row(place: int, line: LineFile, asker: AskerFile | None) -> list[Any]:
    answer = final_answer(line)
    notes = [
        "nêu tại hội trường" if asker is not None and asker.floor else "",
        "đến sau ngày chốt" if asker is not None and asker.late else "",
        referral_words(line),
    ]
    return [
        place,
        spoken(asker.code) if asker is not None and asker.code else "",
        (asker.name or "") if asker is not None else "",
        (asker.village if asker is not None else None) or line.village or "",
        line.title,
        asker.words if asker is not None else "",
        line.people,
        codes(line.askers, limit=None),
        line.field_name,
        line.topic_name,
        "khẩn" if line.urgent else "",
        line.level_name,
        who_answers(line),
        answer.text if answer is not None else line.outcome_note or "",
        form_of_answer(line),
        standing(line),
        _due(line) or "",
        asker.submitted_on if asker is not None else "",
        answer.document_date if answer is not None else "",
        "; ".join(note for note in notes if note),
    ]


def _summary(
    file: BeforeFile, issues: Sequence[IssueFile], fields: Sequence[Field], rows: Sequence[Sequence[Any]]
) -> Sheet:
    total = ["", "", f"Cộng: {len(issues)} vấn đề", "", "", "", "", sum(one.people for one in issues)]
    return Sheet(
        name="Tổng hợp ý kiến",
        title=f"Tổng hợp ý kiến gửi đến {file.conference.title}",
        fields=fields,
        rows=rows,
        total=[*total, *[""] * (len(fields) - len(total))],
    )


def _issue(place: int, issue: IssueFile) -> list[Any]:
    return [
        place,
        issue.line or "",
        issue.title,
        issue.field_name,
        issue.topic_name,
        issue.level_name,
        issue.village or "",
        issue.people,
        "khẩn" if issue.urgent else "",
    ]


def _due(line: LineFile) -> dt.date | None:
    return line.assignment.due_on if line.assignment is not None else None


def _outcomes(lines: Sequence[LineFile]) -> str:
    found = [line.outcome for line in lines]
    known = (AgendaOutcome.ANSWERED, AgendaOutcome.DEFERRED, AgendaOutcome.DECLINED)
    return "; ".join(f"{OUTCOMES[one]}: {found.count(one)}" for one in known if one in found)
