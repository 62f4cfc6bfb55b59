"""Promises 1 and 10: one person's channels belong together, and a lost channel is given up whole."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, select

from casework.doctor.finding import Finding, breach
from casework.usecases.citizens.linking import LIFE, OWNED, PAPER_LIFE
from casework.usecases.delivery.lost_channels import lost_since
from casework.usecases.work import Work
from storage.records import ChannelIdentity, Citizen, LinkCode, Opinion

#: how each kind of thing is called
_NAMES = {
    "channel_identity": "kênh",
    "consent": "lời đồng ý",
    "delivery": "tin gửi",
    "speaking_registration": "đăng ký phát biểu",
    "link_code": "mã liên kết",
    "opinion": "ý kiến",
}


def merged_people_own_nothing(work: Work) -> Iterator[Finding]:
    """Who was found to be the same as another person owns nothing any more: there it would reach nobody."""
    merged = select(Citizen.id).where(col(Citizen.merged_into_id).is_not(None))
    for table in (*OWNED, Opinion):
        owners = select(table.citizen_id).where(col(table.citizen_id).in_(merged)).distinct()
        for citizen_id in work.session.exec(owners.order_by(col(table.citizen_id))):
            yield breach("citizen", citizen_id, f"đã ghép vào người khác mà còn giữ {_NAMES[str(table.__tablename__)]}")


def link_codes_are_short_lived(work: Work) -> Iterator[Finding]:
    """No one-time code can be used longer than it is meant to."""
    rows = work.session.exec(
        select(LinkCode)
        .where(col(LinkCode.used_at).is_(None), col(LinkCode.expires_at) > work.now)
        .order_by(col(LinkCode.id))
    )
    for row in rows:
        if row.expires_at - row.created_at > (LIFE if row.opinion_id is None else PAPER_LIFE):
            yield breach("link_code", row.id, "dùng được lâu hơn thời hạn của mã liên kết")


def lost_channels_are_closed(work: Work) -> Iterator[Finding]:
    """On a channel given up as lost no asker counts as reachable but who was heard from there since."""
    for channel, since in lost_since(work).items():
        rows = work.session.exec(
            select(ChannelIdentity)
            .where(
                ChannelIdentity.channel == channel,
                col(ChannelIdentity.reachable),
                col(ChannelIdentity.citizen_id).is_not(None),
            )
            .order_by(col(ChannelIdentity.id))
        )
        for identity in rows:
            heard = [at for at in (identity.last_inbound_at, identity.reachability_changed_at) if at is not None]
            if not any(at >= since for at in heard):
                yield breach("channel_identity", identity.id, f"kênh {channel} đã mất mà vẫn tính là liên lạc được")
