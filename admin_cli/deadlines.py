"""`doithoai deadlines`: which date each duty is due on, and why exactly that day."""

from __future__ import annotations

from admin_cli.options import noun

app = noun("Hạn của từng việc trong một kỳ đối thoại: ngày nào, vì sao là ngày ấy.")
