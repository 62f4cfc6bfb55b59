"""Use case: the paper somebody without a phone takes home, with a one-time code to link a chat later."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from casework import notices
from casework.clock import local_date
from casework.document_head import DocumentHead
from casework.errors import IllegalMove, InvalidInput
from casework.ladder.values import PHONE_CHANNEL
from casework.public_words import name_free, one_line
from casework.usecases.access import find_opinion, key_of, require
from casework.usecases.citizens.facts import next_conference_in_words
from casework.usecases.citizens.linking import new_link_code
from casework.usecases.citizens.proxy import WRITERS
from casework.usecases.work import Services, Work, staff_member
from casework.wording import say
from storage.records import ChannelIdentity, ConsentPurpose, Office, ResidentialGroup

#: longest reminder of what the opinion is about, characters
ABOUT = 160
_ASKED = (ConsentPurpose.PROCESS, ConsentPurpose.PUBLISH, ConsentPurpose.PHONE)


def print_receipt(
    services: Services,
    staff_id: int,
    code: str,
    path: Path,
    *,
    door: str | None = None,
    door_name: str = "kênh",
    templates: Path | None = None,
    force: bool = False,
) -> Path:
    """Write the receipt as a Word file; `door` is what its QR code opens, and `door_name` what people call that. Each
    print draws a new one-time code, and the one printed before stops working.

    Raises `NotFound`, `Forbidden` outside of one's villages, `IllegalMove` for an opinion whose author wrote it in a
    chat: whoever held such a paper could take the chat over; `InvalidInput` when the file cannot be written.
    """
    from casework.documents.drawing.slips import make_receipt

    with services.writing() as work:
        opinion = find_opinion(work, code)
        require(work, staff_id, *WRITERS, opinion=opinion)
        if opinion.code is None:
            raise IllegalMove("Ý kiến này không có mã nên không có giấy hẹn.", todo="Cất riêng bản giấy nếu có.")
        if opinion.citizen_id is None or opinion.channel_identity_id is not None or _has_chat(work, opinion.citizen_id):
            raise IllegalMove(
                "Người này đã có máy nhận tin của mình nên không cần giấy hẹn.",
                todo="Người ấy nhắn «danh sách» vào kênh để xem mã.",
            )
        office = work.session.get_one(Office, services.office_id)
        village = work.session.get(ResidentialGroup, opinion.residential_group_id or 0)
        answers = notices.consents_of(work, opinion.citizen_id)
        upcoming = next_conference_in_words(work)
        link_code = new_link_code(work, opinion.citizen_id, opinion.id)
        work.record(staff_member(staff_id), "receipt_printed", "opinion", key_of(opinion))
        work.commit()
    try:
        return make_receipt(
            path,
            office=DocumentHead.of(office.name, office.profile).issuer.replace("\n", " "),
            code=opinion.code,
            date=local_date(opinion.submitted_at),
            consents=[
                say(f"proxy_receipt.{purpose}_{'yes' if answers[purpose] else 'no'}")
                for purpose in _ASKED
                if purpose in answers
            ],
            contact=_contact(office),
            next_steps=[
                say("proxy_receipt.next", office=office.name),
                *([upcoming] if upcoming else []),
                say("proxy_receipt.by_hand"),
            ],
            about=one_line(name_free(opinion.original_text), ABOUT),
            village=village.name if village is not None else None,
            link_url=door,
            link_name=door_name,
            link_code=link_code,
            templates=templates,
            force=force,
        )
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được tệp {path}.", todo="Đóng tệp nếu đang mở trong Word, hoặc chọn chỗ khác."
        ) from error


def _contact(office: Office) -> str:
    contact = str(office.profile.get("contact") or "").strip()
    return say("proxy_receipt.contact", contact=contact) if contact else say("chat.no_contact", office=office.name)


def _has_chat(work: Work, citizen_id: int) -> bool:
    """Whether the person has, or has meanwhile linked, a chat; a number for short notices is none."""
    chats = select(ChannelIdentity.id).where(
        ChannelIdentity.citizen_id == citizen_id, ChannelIdentity.channel != PHONE_CHANNEL
    )
    return work.session.exec(chats).first() is not None


def village_of(services: Services, staff_id: int, code: str) -> str | None:
    """Code of the village of an opinion, for the door its receipt opens. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        opinion = find_opinion(work, code)
        require(work, staff_id, *WRITERS, opinion=opinion)
        return work.session.exec(
            select(ResidentialGroup.code).where(ResidentialGroup.id == opinion.residential_group_id)
        ).first()
