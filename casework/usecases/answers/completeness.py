"""What an answer must hold before anybody may approve it: some of it everywhere, some of it by the text that binds."""

from __future__ import annotations

from casework.clock import local_date
from casework.errors import InvalidInput
from casework.usecases.deadlines.obligations import AnswerTerms, answer_terms
from casework.usecases.work import Work
from storage.records import Answer

#: reasons for an interim answer the texts know (`casework.regulations.model.InterimRule`), as staff read them
CAUSES = {
    "complex": "việc phức tạp, liên quan nhiều ngành",
    "beyond_competence": "việc vượt thẩm quyền",
}


def check_complete(work: Work, answer: Answer) -> None:
    """Raises `InvalidInput` saying what an answer still lacks, or what its text does not allow."""
    for what, value in (("nội dung trả lời", answer.text), ("cơ quan trả lời", answer.agency)):
        if not value:
            raise InvalidInput(f"Còn thiếu {what}.", todo="Ghi thêm rồi làm lại.")
    terms = answer_terms(work, answer.group_id)
    _check_form(work, answer, terms)
    _check_cause(answer, terms)
    if not answer.final:
        _check_interim(answer, terms)
    if answer.promised_on is not None and answer.promised_on < answer.document_date:
        raise InvalidInput("Ngày hẹn trước ngày của văn bản.", todo="Xem lại ngày hẹn.")


def _check_form(work: Work, answer: Answer, terms: AnswerTerms) -> None:
    allowed = terms.told_final if answer.final else terms.told_interim
    if not answer.told_by:
        if not answer.document_number:
            told = " Nếu đã trả lời trực tiếp, ghi ai trả lời (--told-by)." if allowed else ""
            raise InvalidInput("Còn thiếu số văn bản.", todo=f"Ghi thêm rồi làm lại.{told}")
        return
    if not allowed:
        raise InvalidInput(
            "Quy định đang áp dụng không nói trả lời trực tiếp là đủ, nên cần có văn bản.",
            todo="Ghi số văn bản (--document) thay cho người trả lời.",
        )
    if answer.document_number:
        raise InvalidInput(
            "Câu trả lời này vừa có số văn bản vừa ghi là trả lời trực tiếp.",
            todo="Chọn một: có văn bản thì ghi số, trả lời trực tiếp thì ghi ai trả lời.",
        )
    if answer.document_date > local_date(work.now):
        raise InvalidInput("Ngày trả lời trực tiếp chưa tới.", todo="Ghi khi đã trả lời người hỏi.")


def _check_cause(answer: Answer, terms: AnswerTerms) -> None:
    if answer.final:
        if answer.cause:
            raise InvalidInput(
                "Lý do chưa trả lời dứt điểm chỉ ghi cho trả lời bước đầu.", todo="Bỏ lý do, hoặc ghi là bước đầu."
            )
        return
    allowed = terms.interim_causes or tuple(CAUSES)
    listed = ", ".join(f"{code} ({CAUSES[code]})" for code in allowed)
    if answer.cause is None and terms.interim_causes:
        raise InvalidInput(
            "Quy định đang áp dụng chỉ cho trả lời bước đầu khi có lý do nêu trong văn bản.",
            todo=f"Ghi lý do (--cause): {listed}.",
        )
    if answer.cause is not None and answer.cause not in allowed:
        raise InvalidInput(
            f"Quy định đang áp dụng không cho trả lời bước đầu vì «{CAUSES.get(answer.cause, answer.cause)}».",
            todo=f"Chọn: {listed}. Việc vượt thẩm quyền thì chuyển lên trên: doithoai referrals add",
        )


def _check_interim(answer: Answer, terms: AnswerTerms) -> None:
    if answer.promised_on is None and terms.interim_names_a_day:
        raise InvalidInput(
            "Theo quy định đang áp dụng, trả lời bước đầu phải báo người hỏi ngày hẹn trả lời tiếp và cơ quan chịu "
            "trách nhiệm.",
            todo="Ghi thêm ngày hẹn (--promised NGÀY); nếu đã chuyển nơi khác, ghi cả nơi đó (--forwarded-to).",
        )
    if answer.promised_on is None and not answer.forwarded_to and not terms.interim_tells_progress:
        raise InvalidInput(
            "Trả lời bước đầu phải cho biết hẹn trả lời tiếp ngày nào, hoặc đã chuyển tới đâu.",
            todo="Ghi thêm ngày hẹn hoặc nơi đã chuyển.",
        )
