"""`doithoai answers attach|files|detach` and `doithoai opinions files` at the command line."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from admin_cli.words import why_not
from casework.files import FileStore
from casework.usecases.work import Services
from storage.records import Attachment, InboxEntry, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

Cli = Callable[..., Result]
WRITE = ("--agency", "Phòng Kinh tế", "--document", "112/UBND-KT", "--date", "26/11/2026")


@pytest.fixture
def cli(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    make_staff(services, Role.MODERATOR, name="Người soạn")
    monkeypatch.setenv("DOITHOAI_FILES_DIR", str(tmp_path / "files"))

    def run(*arguments: str) -> Result:
        options = ["--staff", "Người soạn", "--db", services.database.url, "--as-of", "2026-11-26"]
        return CliRunner().invoke(app, [*arguments, *options])

    return run


def test_documents_are_attached_listed_and_taken_off(services: Services, cli: Cli, tmp_path: Path) -> None:
    group = make_group(services)
    assert cli("answers", "write", f"nhom:{group}", *WRITE, "--text", "Đã thay 5 bóng.").exit_code == 0
    signed, page = tmp_path / "Văn bản số 112.pdf", tmp_path / "anh.pdf"
    signed.write_bytes(b"%PDF-1.4 da ky")
    page.write_bytes(b"<html>")
    done = cli("answers", "attach", "1", str(signed), "--format", "json")
    assert [(row["number"], row["name"]) for row in json.loads(done.stdout)] == [(1, "Văn bản số 112.pdf")]
    assert "nay có 1 tệp" in done.stderr
    table = cli("answers", "files", "1", "--format", "table")
    assert "Văn bản số 112.pdf" in table.stdout
    assert max(len(line) for line in table.stdout.splitlines()) <= 80
    assert "Văn bản số 112.pdf" in cli("answers", "show", "1", "--format", "table").stdout
    refused = cli("answers", "attach", "1", str(page))
    assert (refused.exit_code, "không dùng được" in refused.stderr) == (1, True)
    missing = cli("answers", "attach", "1", str(tmp_path / "khong-co.pdf"))
    assert (missing.exit_code, "Không đọc được" in missing.stderr) == (1, True)
    large = tmp_path / "to.pdf"
    large.write_bytes(b"%PDF-" + b"0" * (10 * 1024 * 1024))
    assert "10 MB" in cli("answers", "attach", "1", str(large)).stderr
    assert json.loads(cli("answers", "detach", "1", "1", "--format", "json").stdout) == []
    assert cli("answers", "detach", "1", "1").exit_code == 1
    assert cli("answers", "attach", "77", str(signed)).exit_code == 1


def test_files_of_an_opinion_are_listed_and_copied_out(services: Services, cli: Cli, tmp_path: Path) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services))
    with services.writing() as work:
        entry = work.add(
            InboxEntry(
                channel="zalo-oa",
                account="1",
                external_id="1",
                conversation_key="k",
                raw="{}",
                received_at=work.now,
            )
        )
        work.add(
            Attachment(
                inbox_entry_id=entry.id or 0,
                opinion_id=opinion.id,
                kind="photo",
                file_name="cột đèn.jpg",
                mime="image/jpeg",
                size=3,
                sha256=FileStore(tmp_path / "files").keep(b"anh"),
            )
        )
        work.commit()
    code = opinion.code or ""
    listed = json.loads(cli("opinions", "files", code, "--format", "json").stdout)
    assert [(row["number"], row["name"], row["problem"]) for row in listed] == [(1, "cột đèn.jpg", None)]
    assert "ảnh" in cli("opinions", "files", code, "--format", "table").stdout
    out = tmp_path / "ra" / "anh"
    done = cli("opinions", "files", code, "--out", str(out))
    assert "Đã chép 1 tệp" in done.stderr
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("01-cột đèn.jpg", b"anh")]
    blocked = tmp_path / "tep"
    blocked.touch()
    assert "Không ghi được" in cli("opinions", "files", code, "--out", str(blocked)).stderr
    assert cli("opinions", "files", "K7P-4MX").exit_code == 1


def test_a_file_that_is_not_there_is_said_in_vietnamese() -> None:
    missing = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert why_not(missing) == "không có tệp hay thư mục này"
    assert "No such" not in why_not(OSError(errno.ELOOP, "No such thing"))
