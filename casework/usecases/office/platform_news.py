"""Use case: what a platform says about our own account is passed on to those who can do something about it."""

from __future__ import annotations

from casework import notices
from casework.talk import InboundMessage
from casework.usecases.work import Services
from casework.wording import say
from storage.records import Role

_UNNAMED = "chưa rõ số"


def tell(services: Services, message: InboundMessage, *, entry_id: int) -> int:
    """Tell administrators, once per inbox entry, what `message.note` is about (`message.payload`: of which form).
    Returns how many are told."""
    text = _sentence(message.note or "", message.payload)
    with services.writing() as work:
        told = notices.tell_staff(
            work, key=f"platform_news:{entry_id}", purpose="alert", text=text, role=Role.ADMIN, groups_too=True
        )
        work.commit()
        return told


def _sentence(news: str, form: str | None) -> str:
    match news:
        case "template_status":
            return say("platform_news.template_status", form=form or _UNNAMED)
        case "template_quality":
            return say("platform_news.template_quality", form=form or _UNNAMED)
        case "daily_quota":
            return say("platform_news.daily_quota")
        case _:
            return say("platform_news.other", news=news)
