"""Alarms to those who look after the program: at most one a local day for each thing that is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlmodel import col, select

from casework.clock import VIETNAM
from casework.names import CHANNELS
from casework.notices import tell_staff
from casework.usecases.work import Services, Work
from storage.records import DeliveryAttempt, Role

#: tries that are looked through for what an account lacks
WATCHED = dt.timedelta(hours=24)


def alarm(work: Work, *, about: str, text: str) -> int:
    """Tell administrators and staff groups, once a local day for each `about` (no personal data in it). Returns the
    notices written."""
    day = work.now.astimezone(VIETNAM).date().isoformat()
    return tell_staff(work, key=f"{about}:{day}", purpose="alert", text=text, role=Role.ADMIN, groups_too=True)


def way_in_troubled(services: Services, *, channel: str, trouble: str) -> int:
    """What residents write over `channel` does not come in, for the reason `trouble`, in Vietnamese; empty: all is
    well. Returns the notices written."""
    if not trouble:
        return 0
    with services.writing() as work:
        text = f"Cần xem ngay: tin người dân gửi qua {CHANNELS.get(channel, channel)} không vào được.\n{trouble}"
        written = alarm(work, about=f"way_in:{channel}", text=text)
        work.commit()
        return written


def watch_shortages(services: Services, *, channel: str, codes: Collection[str]) -> int:
    """Tell of messages that wait because an account lacks money, a link or allowance: those a platform refused lately
    with one of its error numbers `codes`, each in the words staff read of it. Returns the notices written."""
    with services.reading() as work:
        found = _refused(work, channel, codes)
    if not found:
        return 0
    with services.writing() as work:
        written = 0
        for code, detail in sorted(found.items()):
            text = f"Cần làm: có tin qua {CHANNELS.get(channel, channel)} phải chờ (mã {code}).\n{detail}"
            written += alarm(work, about=f"shortage:{channel}:{code}", text=text)
        work.commit()
        return written


def _refused(work: Work, channel: str, codes: Collection[str]) -> dict[str, str]:
    """Number -> what staff were told of it last."""
    rows = work.session.exec(
        select(DeliveryAttempt.outcome, DeliveryAttempt.detail)
        .where(DeliveryAttempt.channel == channel, DeliveryAttempt.at >= work.now - WATCHED)
        .order_by(col(DeliveryAttempt.id))
    )
    numbered = ((outcome.partition(":")[2], detail or "") for outcome, detail in rows)
    return {code: detail for code, detail in numbered if code in codes}
