"""Kinds of spreadsheets: the same tables as the Word documents, to sort, filter and count in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from casework.agenda import Audience
from casework.documents import after_tables as tables
from casework.documents.registry import DocumentKind, Made, Order, Readers
from casework.documents.sheets import agenda_sheet
from casework.documents.tables import Sheet, write_sheets
from casework.errors import Forbidden
from casework.usecases.access import DECIDERS
from casework.usecases.conference.agenda_views import agenda_view
from casework.usecases.documents.after import conference_file, public_file
from casework.usecases.documents.after_letters import answer_letters
from casework.usecases.documents.after_values import without_askers
from casework.usecases.documents.before_facts import before_file
from casework.usecases.work import Services
from storage.records import ConferenceState, Role

_EXCEL = ".xlsx"
_Gather = Callable[[Services, int, Order], Sequence[Sheet]]


def _kind(
    name: str,
    title: str,
    readers: Readers,
    file_name: str,
    gather: _Gather,
    *,
    stages: frozenset[ConferenceState] = frozenset(),
) -> DocumentKind:
    def make(services: Services, staff_id: int | None, order: Order) -> Made:
        if staff_id is None:
            raise Forbidden("Bảng này do cán bộ lập.", todo="Ghi rõ ai đang làm: --staff SỐ.")
        sheets = gather(services, staff_id, order)
        place = order.place(f"{file_name}-{order.target.strip().upper()}", _EXCEL)
        return Made(paths=(write_sheets(sheets, place, force=order.force, progress=order.progress),))

    return DocumentKind(name=f"{name}-sheet", title=title, readers=readers, stages=stages, make=make)


def _agenda(audience: Audience) -> _Gather:
    return lambda services, staff_id, order: [agenda_sheet(agenda_view(services, staff_id, order.target, audience))]


def _summary(table: Callable[..., Sheet], *roles: Role) -> _Gather:
    return lambda services, staff_id, order: [table(before_file(services, staff_id, order.target, *roles))]


def _conclusion(services: Services, staff_id: int, order: Order) -> list[Sheet]:
    return [tables.conclusion_sheet(without_askers(conference_file(services, staff_id, order.target)))]


def _assignments(services: Services, staff_id: int, order: Order) -> list[Sheet]:
    return [tables.assignments_sheet(conference_file(services, staff_id, order.target))]


def _public_result(services: Services, _staff_id: int, order: Order) -> list[Sheet]:
    return [tables.public_result_sheet(public_file(services, order.target))]


def _answers(services: Services, staff_id: int, order: Order) -> list[Sheet]:
    found = answer_letters(services, staff_id, order.target)
    return [tables.answers_sheet(found.letters, order.target)]


def _case_file(services: Services, staff_id: int, order: Order) -> list[Sheet]:
    return [tables.case_file_sheet(conference_file(services, staff_id, order.target))]


KINDS = (
    _kind(
        "agenda",
        "Bảng nội dung đối thoại: mã, tên, nguyên văn",
        Readers.INTERNAL,
        "noi-dung-noi-bo",
        _agenda(Audience.INTERNAL),
    ),
    _kind(
        "agenda",
        "Bảng nội dung đối thoại: không tên ai",
        Readers.PUBLIC,
        "noi-dung-cong-khai",
        _agenda(Audience.PUBLIC),
    ),
    _kind(
        "summary",
        "Bảng tổng hợp ý kiến: đủ tên, nguyên văn",
        Readers.LEADERS,
        "tong-hop-y-kien-lanh-dao",
        _summary(tables.summary_for_leaders, *DECIDERS),
    ),
    _kind(
        "summary",
        "Bảng tổng hợp ý kiến: việc vượt thẩm quyền",
        Readers.UPPER_FRONT,
        "tong-hop-y-kien-mat-tran-cap-tren",
        _summary(tables.summary_for_upper_front, *DECIDERS),
    ),
    _kind(
        "summary",
        "Bảng tổng hợp ý kiến: không tên ai",
        Readers.PUBLIC,
        "tong-hop-y-kien-cong-khai",
        _summary(tables.summary_for_public),
    ),
    _kind(
        "speakers",
        "Bảng đăng ký phát biểu",
        Readers.INTERNAL,
        "danh-sach-phat-bieu",
        _summary(tables.speakers_sheet, *DECIDERS),
    ),
    _kind("conclusion", "Bảng phụ lục thông báo kết luận", Readers.LEADERS, "phu-luc-ket-luan", _conclusion),
    _kind("assignments", "Bảng giao việc, hạn trả lời", Readers.INTERNAL, "giao-viec", _assignments),
    _kind("answers", "Bảng trả lời từng người", Readers.INTERNAL, "tra-loi", _answers),
    _kind("public-result", "Bảng kết quả công khai", Readers.PUBLIC, "ket-qua-cong-khai", _public_result),
    _kind(
        "case-file",
        "Bảng hồ sơ từng ý kiến",
        Readers.INTERNAL,
        "ho-so",
        _case_file,
        stages=frozenset({ConferenceState.CONCLUDED}),
    ),
)
