"""The demo is the program: what it shows must hold, not only be printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document
from sqlmodel import col, func, select
from typer.testing import CliRunner

from admin_cli.app import app
from admin_cli.demo.residents import read_sample
from storage.database import Database
from storage.records import Answer, Delivery, DeliveryState, InboxEntry, InboxStatus, Opinion


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_demo_plays_the_whole_loop_and_breaks_no_promise(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    for heading in (
        "1. Bà con gửi gì",
        "6. Hội nghị và thông báo kết luận",
        "9. Tin tới tay bằng cách nào",
        "10. Hạn theo quy định",
        "11. Văn bản",
    ):
        assert heading in result.output
    assert "chưa lập được" not in result.output
    labels = [json.loads(line) for line in read_sample("labels.jsonl").splitlines()]
    database = Database(f"sqlite:///{tmp_path / 'demo.db'}")
    with database.reading() as session:
        waiting = session.exec(select(InboxEntry).where(InboxEntry.status == InboxStatus.RECEIVED)).all()
        sealed = session.exec(select(Opinion).where(col(Opinion.sealed))).all()
        twice = session.exec(
            select(Delivery.opinion_id, Delivery.answer_id)
            .where(Delivery.purpose == "answer", Delivery.state == DeliveryState.SENT)
            .group_by(col(Delivery.opinion_id), col(Delivery.answer_id))
            .having(func.count() > 1)
        ).all()
        published = session.exec(select(Answer).where(Answer.state == "published")).all()
        askers = {
            answer.document_number: session.exec(
                select(func.count()).select_from(Opinion).where(Opinion.group_id == answer.group_id)
            ).one()
            for answer in published
        }
    database.close()
    assert waiting == []
    # Every denunciation is sealed; one opinion too many may be, for a person to release.
    denounced = sum(label["kind"] == "to-cao" for label in labels)
    assert denounced <= len(sealed) <= denounced + 1
    assert twice == []
    # Five senders of the sample ask about the lamps of thôn 4; their answer is document 112.
    assert askers["112/UBND-KT"] == 5
    public = "\n".join(
        cell.text
        for table in Document(str(tmp_path / "agenda-cong-khai.docx")).tables
        for row in table.rows
        for cell in row.cells
    )
    assert "Đèn đường trục thôn 4" in public
    papers = list((tmp_path / "van-ban").rglob("*.docx"))
    folders = {one.parent.name for one in papers}
    assert folders == {"lanh-dao", "mat-tran-cap-tren", "noi-bo", "co-quan", "cong-khai", "phieu"}
    public += "\n".join(_words(one) for one in papers if one.parent.name == "cong-khai")
    for secret in (
        "0951234087",
        "Đoàn Văn Ngấn",
        "Trịnh Thị Tơ",
        "0958.204.116",
        "Vũ Thị Mận",
        "bán đá",
        "đòi 6 trieu",
    ):
        assert secret not in public


def _words(paper: Path) -> str:
    document = Document(str(paper))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
