"""Use cases: the papers that come before the day of a conference are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework.agenda import Audience
from casework.document_head import Body
from casework.documents import before_words, speaker_words, summary_words
from casework.documents.fill import fill, letterhead
from casework.documents.issuer import issuer_of
from casework.documents.pen import Pen, unread
from casework.documents.registry import DocumentKind, Made, Order, Readers
from casework.documents.word import agenda_document
from casework.documents.work_plan import due_of
from casework.errors import Forbidden, IllegalMove
from casework.regulations.model import Duty, Step
from casework.usecases.access import DECIDERS
from casework.usecases.conference.agenda_views import agenda_view
from casework.usecases.documents.before_facts import BeforeFile, before_file
from casework.usecases.work import Services
from storage.records import ConferenceState, Role

#: while a conference is prepared
PREPARING = frozenset({ConferenceState.PLANNED, ConferenceState.AGENDA_SET})
_WITH_AGENDA = frozenset({ConferenceState.AGENDA_SET})

Words = Callable[[BeforeFile, Pen], dict[str, Any]]


def _kind(
    name: str,
    title: str,
    readers: Readers,
    template: str,
    file_name: str,
    make_words: Words,
    *,
    about: Callable[[BeforeFile], object] = lambda file: True,
    roles: tuple[Role, ...] = (),
    step: Step | None = None,
    duty: Duty | None = None,
    stages: frozenset[ConferenceState] = PREPARING,
) -> DocumentKind:
    """A kind filled from a `BeforeFile`; nothing is made where there is nothing for it to be `about`. `step`, `duty`:
    what the texts demand it under, which says who issues it."""

    def make(services: Services, staff_id: int | None, order: Order) -> Made:
        file = before_file(services, _somebody(staff_id), order.target, *roles)
        _refuse_cancelled(file)
        if not about(file):
            return Made(paths=())
        pen = Pen()
        body = _issuer(file, step, duty)
        head = file.head(body)
        context = letterhead(head, order.number, order.signed_on) | make_words(file, pen)
        context["issuer_name"] = _issuer_name(file, body)
        if not head.signer:
            pen.left("họ tên người ký")
        path = order.place(f"{file_name}-{file.conference.code}")
        return Made(
            paths=(fill(template, context, path, order.templates, force=order.force, progress=order.progress),),
            blanks=tuple(pen.blanks),
            reviews=tuple(pen.reviews),
        )

    return DocumentKind(name=name, title=title, readers=readers, templates=(template,), stages=stages, make=make)


def _agenda(audience: Audience, readers: Readers, title: str, file_name: str) -> DocumentKind:
    def make(services: Services, staff_id: int | None, order: Order) -> Made:
        view = agenda_view(services, _somebody(staff_id), order.target, audience)
        path = order.place(f"{file_name}-{view.conference}")
        agenda_document(
            view,
            path,
            number=order.number,
            signed_on=order.signed_on,
            templates=order.templates,
            force=order.force,
        )
        reviews = (unread(view.machine_titled),) if view.machine_titled else ()
        return Made(paths=(path,), reviews=reviews)

    template = "agenda_public.docx" if audience is Audience.PUBLIC else "agenda_internal.docx"
    return DocumentKind(
        name="agenda", title=title, readers=readers, templates=(template,), stages=_WITH_AGENDA, make=make
    )


def _somebody(staff_id: int | None) -> int:
    if staff_id is None:
        raise Forbidden("Văn bản do cán bộ lập.", todo="Ghi rõ --staff TÊN.")
    return staff_id


def _refuse_cancelled(file: BeforeFile) -> None:
    if file.conference.state == ConferenceState.CANCELLED:
        raise IllegalMove(f"Hội nghị {file.conference.code} đã hủy.", todo="Xem: doithoai conferences list")


def _issuer(file: BeforeFile, step: Step | None, duty: Duty | None) -> Body:
    due = due_of(file, duty) if duty is not None else None
    if step is None:
        # What the Front compiles is the Front's, whoever organises.
        return Body.FRONT
    return issuer_of(
        file.texts,
        file.kind,
        step,
        chair=file.conference.chair,
        numbers=file.numbers,
        holder=due.holder if due is not None else None,
    )


def _issuer_name(file: BeforeFile, body: Body) -> str:
    if body is Body.PEOPLE_COMMITTEE:
        return f"Ủy ban nhân dân {file.office_name}"
    return f"Ban Thường trực Ủy ban MTTQ Việt Nam {file.office_name}"


KINDS = (
    _kind(
        "plan",
        "Kế hoạch tổ chức đối thoại",
        Readers.INTERNAL,
        "plan.docx",
        "ke-hoach",
        before_words.plan_words,
        step=Step.PLAN,
    ),
    _kind(
        "opinions-request",
        "Công văn đề nghị cung cấp ý kiến",
        Readers.AGENCY,
        "opinions_request.docx",
        "de-nghi-cung-cap-y-kien",
        before_words.request_words,
        step=Step.OPINIONS_REQUESTED,
    ),
    _kind(
        "summary",
        "Báo cáo tổng hợp ý kiến: đủ tên, nguyên văn",
        Readers.LEADERS,
        "summary_leaders.docx",
        "tong-hop-y-kien-lanh-dao",
        summary_words.leaders_words,
        roles=DECIDERS,
    ),
    _kind(
        "summary",
        "Báo cáo tổng hợp ý kiến: việc vượt thẩm quyền",
        Readers.UPPER_FRONT,
        "summary_upper.docx",
        "tong-hop-y-kien-mat-tran-cap-tren",
        summary_words.upper_words,
        about=lambda file: any(one.referred_level is not None for one in file.issues),
        roles=DECIDERS,
    ),
    _kind(
        "upper-consult",
        "Danh mục xin ý kiến Mặt trận cấp trên: việc chưa rõ thẩm quyền",
        Readers.UPPER_FRONT,
        "summary_upper.docx",
        "xin-y-kien-mat-tran-cap-tren",
        summary_words.consult_words,
        about=lambda file: any(one.perhaps_beyond for one in file.issues),
        roles=DECIDERS,
        # Only where staff ask for it: nobody has decided on these.
        stages=frozenset(),
    ),
    _kind(
        "summary",
        "Báo cáo tổng hợp ý kiến: không tên ai",
        Readers.PUBLIC,
        "summary_public.docx",
        "tong-hop-y-kien-cong-khai",
        summary_words.public_summary_words,
    ),
    _kind(
        "invitation",
        "Giấy mời",
        Readers.INTERNAL,
        "invitation.docx",
        "giay-moi",
        before_words.invitation_words,
        step=Step.INVITATIONS_SENT,
        duty=Duty.INVITATION,
    ),
    _kind(
        "public-notice",
        "Thông báo công khai cho Nhân dân",
        Readers.PUBLIC,
        "public_notice.docx",
        "thong-bao",
        before_words.notice_words,
        step=Step.PUBLIC_NOTICE,
        duty=Duty.PUBLIC_NOTICE,
    ),
    _kind(
        "programme",
        "Chương trình hội nghị",
        Readers.PUBLIC,
        "programme.docx",
        "chuong-trinh",
        before_words.programme_words,
        step=Step.PROGRAMME,
    ),
    _kind(
        "house-rules",
        "Nội quy hội nghị",
        Readers.PUBLIC,
        "house_rules.docx",
        "noi-quy",
        before_words.house_rules_words,
        step=Step.HOUSE_RULES,
    ),
    _kind(
        "speakers",
        "Danh sách đăng ký phát biểu: có tên",
        Readers.INTERNAL,
        "speakers.docx",
        "danh-sach-phat-bieu-noi-bo",
        speaker_words.speakers_words,
        roles=DECIDERS,
    ),
    _kind(
        "speakers",
        "Danh sách đăng ký phát biểu: không tên ai",
        Readers.PUBLIC,
        "speakers_public.docx",
        "danh-sach-phat-bieu-cong-khai",
        speaker_words.public_speakers_words,
    ),
    _agenda(Audience.INTERNAL, Readers.INTERNAL, "Nội dung đối thoại: mã, tên, nguyên văn", "noi-dung-noi-bo"),
    _agenda(Audience.PUBLIC, Readers.PUBLIC, "Nội dung đối thoại: không tên ai", "noi-dung-cong-khai"),
)
