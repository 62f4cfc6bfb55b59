"""python-telegram-bot's `Bot`, made discreet, and able to hand out updates it does not understand."""

from __future__ import annotations

import logging
from typing import Any

from telegram import Bot
from telegram.error import NetworkError

from bot.channels.telegram.request import AiohttpRequest

#: what we ask Telegram to send; always given, because an omitted list keeps the previous setting
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
#: how much longer than the long poll itself we wait for its answer, seconds
_POLL_MARGIN = 10.0


class Client(Bot):
    """A `Bot` whose representation does not show the token."""

    def __init__(self, token: str, *, base_url: str, request: AiohttpRequest) -> None:
        # The library logs addresses (which hold the token), secrets and citizens' words at debug level.
        library = logging.getLogger("telegram")
        library.setLevel(max(library.level, logging.INFO))
        super().__init__(token, base_url=base_url, request=request, get_updates_request=request)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    async def raw_updates(self, *, offset: int | None, wait_seconds: int, limit: int = 100) -> list[Any]:
        """The next updates as Telegram sent them, none of them parsed: a poison update must not stop the others.

        `offset` confirms all updates below it; Telegram holds an empty answer back for `wait_seconds`.
        Raises `telegram.error.TelegramError`.
        """
        answer = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": wait_seconds, "limit": limit, "allowed_updates": list(ALLOWED_UPDATES)},
            read_timeout=wait_seconds + _POLL_MARGIN,
        )
        if not isinstance(answer, list):
            raise NetworkError("Answer unreadable (no list of updates)")
        return answer

    async def _post(self, endpoint: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        answer = await super()._post(endpoint, data, **options)
        if endpoint == "sendMessage" and isinstance(answer, dict):
            # The answer repeats the message and what it replies to. By now it is delivered: nothing in there that the
            # library fails to understand may make it look as if it were not.
            return {key: answer[key] for key in ("message_id", "date", "chat") if key in answer}
        return answer
