"""Phone numbers that short notices may go to: kept only after their owner agreed to just that, and forgotten at a word.

A number is an account of the channel that sends approved forms; nobody can write from it.
"""

from __future__ import annotations

from sqlmodel import col, select

from casework.errors import InvalidInput
from casework.ladder.values import PHONE_CHANNEL
from casework.mobile import mobile_number
from casework.notices import consents_of
from casework.usecases.work import Work, citizen
from storage.records import ChannelIdentity, Citizen, ConsentPurpose, ZaloGrant

#: why a number that was forgotten cannot be reached
FORGOTTEN = "forgotten"


def keep_phone(work: Work, person: Citizen, phone: str) -> bool:
    """Keep the number of a person whose consent to that is on record, in the place of an earlier one; written in any
    usual way. False when it is known as somebody else's: it stays theirs.

    Raises `InvalidInput` for something that is no mobile number, and without that consent.
    """
    number = mobile_number(phone)
    if number is None:
        raise InvalidInput("Số điện thoại chưa đúng.", todo="Số di động có 10 chữ số, bắt đầu bằng 0.")
    if person.id is None or not consents_of(work, person.id).get(ConsentPurpose.PHONE, False):
        raise InvalidInput("Người ấy chưa đồng ý nhận tin qua số điện thoại.", todo="Hỏi người ấy trước.")
    known = _known(work, number)
    if known is not None and known.citizen_id not in (None, person.id):
        return False
    _forget(work, person, but=known)
    if known is None:
        known = work.add(ChannelIdentity(channel=PHONE_CHANNEL, account=_account(work), external_id=number))
    known.citizen_id, known.reachable, known.unreachable_reason = person.id, True, None
    work.session.add(known)
    work.record(citizen(person.id), "phone_kept", "citizen", person.id)
    return True


def is_free(work: Work, person: Citizen, number: str) -> bool:
    """Whether a number ("84…") is not known as somebody else's."""
    known = _known(work, number)
    return known is None or known.citizen_id in (None, person.id)


def forget_phone(work: Work, person: Citizen) -> bool:
    """The person's number is taken out of our records; whether there was one."""
    forgotten = _forget(work, person, but=None)
    if forgotten and person.id is not None:
        work.record(citizen(person.id), "phone_forgotten", "citizen", person.id)
    return forgotten


def has_phone(work: Work, person: Citizen) -> bool:
    """Whether a number of this person is kept."""
    return bool(_of(work, person))


def _known(work: Work, number: str) -> ChannelIdentity | None:
    return work.session.exec(
        select(ChannelIdentity).where(
            ChannelIdentity.channel == PHONE_CHANNEL,
            ChannelIdentity.account == _account(work),
            ChannelIdentity.external_id == number,
        )
    ).first()


def _forget(work: Work, person: Citizen, *, but: ChannelIdentity | None) -> bool:
    rows = [row for row in _of(work, person) if row is not but]
    for row in rows:
        # What was sent there stays countable; to whom is nobody's business any more.
        row.external_id, row.citizen_id = f"{FORGOTTEN}:{row.id}", None
        row.reachable, row.unreachable_reason, row.reachability_changed_at = False, FORGOTTEN, work.now
        work.session.add(row)
    work.session.flush()
    return bool(rows)


def _of(work: Work, person: Citizen) -> list[ChannelIdentity]:
    if person.id is None:
        return []
    return list(
        work.session.exec(
            select(ChannelIdentity).where(
                ChannelIdentity.channel == PHONE_CHANNEL, col(ChannelIdentity.citizen_id) == person.id
            )
        )
    )


def _account(work: Work) -> str:
    """The app that sends forms; where it is not set up yet, the one that once was."""
    return work.services.policy.phone_account or work.session.exec(select(ZaloGrant.account)).first() or ""
