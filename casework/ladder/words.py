"""The ladder in the words staff read."""

from __future__ import annotations

from casework.ladder.values import Rung

RUNG_NAMES: dict[Rung, str] = {
    Rung.FREE: "nhắn tin thường",
    Rung.PAID: "nhắn tin có tính phí",
    Rung.TEMPLATE: "gửi mẫu báo có tin",
    Rung.PICKUP: "chờ bà con nhắn tới",
    Rung.ASKED: "gửi ngay khi bà con nhắn",
    Rung.OTHER_CHANNEL: "gửi qua kênh khác đã nối",
    Rung.CONSOLE: "cán bộ gõ tay trong Zalo OA",
    Rung.SLIP: "in phiếu, trao tận tay",
}

#: why a notice waits (codes in `Delivery.outcome`)
WHYS: dict[str, str] = {
    "window_closed": "đã lâu bà con không nhắn, kênh không cho gửi",
    "notified": "đã gửi mẫu báo có tin, chờ bà con nhắn lại",
    "unreachable": "bà con đã chặn hoặc bỏ theo dõi",
    "channel_off": "kênh này đang tắt",
    "no_consent": "bà con không muốn nhận tin qua điện thoại",
    "left_alone": "bà con đã xin xóa thông tin: không gửi, không trao, chỉ đáp khi bà con hỏi",
    "rejected": "kênh không nhận nội dung này",
    "no_channel": "bà con không dùng kênh nào",
    "expired": "tin đã cũ, không còn là tin mới",
    "console": "cán bộ đã gõ tay",
    "told_with_another": "đã nói trong tin về ý kiến khác",
}
