"""A database and an office to measure in, and payloads as Telegram sends them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from casework.clock import Clock, SystemClock
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services
from storage.database import Database
from storage.migrate import upgrade

PLACES = Path(__file__).parents[1] / "admin_cli" / "demo" / "tan_minh" / "places.toml"
#: what citizens write: questions of several lengths, without diacritics, with a greeting, and a tap
WORDS = (
    "Bao giờ xã sửa con đường thôn 5, mưa là ngập, các cháu đi học khổ lắm?",
    "den duong thon 4 hong ca thang nay, de nghi xa cho nguoi sua",
    "Xin chào",
    "Nước giếng khoan thôn Hạ vàng khè, dân chúng tôi không dám nấu ăn. Đã báo trưởng thôn hai lần mà chưa ai về xem. "
    "Đề nghị xã cho kiểm tra nguồn nước và cho biết bao giờ có nước máy.",
    "Rác ở chợ để ba ngày không ai dọn",
)


def office(folder: Path, clock: Clock | None = None) -> Services:
    """Services over a fresh SQLite file in `folder`."""
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    upgrade(database)
    services = Services(database=database, clock=clock or SystemClock())
    places = tomllib.loads(PLACES.read_text(encoding="utf-8"))
    install_office(services, code="tan-minh", name="xã Tân Minh", regulation="thanh-hoa", gazetteer=places)
    return services


def update(number: int, chat: int) -> dict[str, Any]:
    """One text message of one citizen."""
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_795_000_000,
            "chat": {"id": chat, "type": "private", "first_name": "Tư"},
            "from": {"id": chat, "is_bot": False, "first_name": "Tư", "language_code": "vi"},
            "text": WORDS[number % len(WORDS)],
        },
    }
