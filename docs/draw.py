"""Redraw docs/pictures/ from a performance of the demo: a real talk, the first page of the real agenda, and the page of
a real answer as a phone shows it.

Needs Chromium, LibreOffice Writer and pdftoppm (Debian: chromium libreoffice-writer-nogui poppler-utils); the program
itself needs none of them. Run: make demo && make screenshots
"""

from __future__ import annotations

import asyncio
import html
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from aiohttp import web
from sqlmodel import col, select

from bot.pages.server import Pages
from casework.clock import VIETNAM
from casework.files import FileStore, Kind
from casework.ladder import Policy
from casework.usecases.answers.pages import answer_link
from casework.usecases.work import Services
from docs.browser import photograph
from storage.database import Database
from storage.records import Answer, AnswerFile, ChannelIdentity, Delivery, InboxEntry, Opinion

DEMO = Path("demo-output")
PICTURES = Path(__file__).parent / "pictures"
#: a phone's talk in two columns, so that beginning and end are seen together
SIZE = "840,1780"
#: of this machine, while the picture of the answer page is taken
PAGE_PORT = 8791

STYLE = """
body { margin: 0; background: #d5e3ee; font: 15px/1.45 'Noto Sans', 'Liberation Sans', sans-serif; width: 840px }
header { background: #1f6fb2; color: white; padding: 12px 16px; font-weight: 600 }
main { padding: 12px; columns: 2; column-gap: 24px; column-rule: 1px dashed #8aa4b8 }
main > div { break-inside: avoid; margin-bottom: 8px; box-sizing: border-box }
.day { background: #8aa4b8; color: white; border-radius: 10px; font-size: 12px; width: 96px; margin: 0 auto 8px;
  text-align: center; break-after: avoid }
.me, .bot { width: fit-content; max-width: 86%; padding: 8px 12px; border-radius: 14px; white-space: pre-line;
  overflow-wrap: anywhere }
.me { margin-left: auto; background: #dcf7c5 }
.bot { background: white }
time { display: block; text-align: right; color: #7b8a97; font-size: 11px }
"""


def talk_page() -> str:
    """The talk of a resident whose opinion shares its issue with others and who has got the final answer."""
    database = Database(f"sqlite:///{DEMO / 'demo.db'}")
    with database.reading() as session:
        identity_id = session.exec(
            select(Delivery.channel_identity_id)
            .join(Opinion, col(Opinion.id) == col(Delivery.opinion_id))
            .join(ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
            .where(Delivery.purpose == "answer", Delivery.state == "sent", ChannelIdentity.channel == "terminal")
            .order_by(col(Delivery.id))
        ).first()
        said = session.exec(
            select(InboxEntry).where(InboxEntry.channel_identity_id == identity_id).order_by(col(InboxEntry.id))
        ).all()
        heard = session.exec(
            select(Delivery)
            .where(Delivery.channel_identity_id == identity_id, Delivery.state == "sent")
            .order_by(col(Delivery.id))
        ).all()
    lines = [(entry.received_at, "me", entry.text or "") for entry in said if entry.text]
    lines += [(notice.finished_at or notice.created_at, "bot", notice.text) for notice in heard]
    lines.sort(key=lambda line: (line[0], line[1] == "bot"))
    bubbles, day = [], ""
    for instant, who, text in lines:
        local = instant.astimezone(VIETNAM)
        if f"{local:%d/%m/%Y}" != day:
            day = f"{local:%d/%m/%Y}"
            bubbles.append(f'<div class="day">{day}</div>')
        bubbles.append(f'<div class="{who}">{html.escape(text)}<time>{local:%H:%M}</time></div>')
    head = "<header>Mặt trận Tổ quốc xã Tân Minh</header>"
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{head}<main>{''.join(bubbles)}</main>"


def draw_talk() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "talk.html"
        page.write_text(talk_page(), encoding="utf-8")
        _run(
            _program("chromium"),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            f"--user-data-dir={folder}/profile",
            f"--window-size={SIZE}",
            f"--screenshot={PICTURES / 'talk.png'}",
            page.as_uri(),
        )


def draw_agenda() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _run(
            _program("soffice"),
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            folder,
            str(DEMO / "agenda-cong-khai.docx"),
        )
        pdf = Path(folder) / "agenda-cong-khai.pdf"
        _run(_program("pdftoppm"), "-png", "-r", "70", "-f", "1", "-l", "1", "-singlefile", str(pdf), f"{folder}/page")
        shutil.copy(f"{folder}/page.png", PICTURES / "agenda.png")


def draw_answer_page() -> None:
    """The longest final answer of the demo, with a document, on a phone 360 pixels wide."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(DEMO / "demo.db", f"{folder}/demo.db")
        services = Services(
            database=Database(f"sqlite:///{folder}/demo.db"),
            policy=Policy(public_url=f"http://127.0.0.1:{PAGE_PORT}"),
            files_dir=Path(folder) / "files",
        )
        link = _answer_with_document(services)
        picture = asyncio.run(_photograph_page(services, link, Path(folder)))
        services.database.close()
    (PICTURES / "answer-page.png").write_bytes(picture)


def _answer_with_document(services: Services) -> str:
    document = DEMO / "agenda-cong-khai.docx"
    with services.writing() as work:
        answer, opinion = max(
            work.session.exec(
                select(Answer, Opinion).where(
                    Opinion.group_id == Answer.group_id, Answer.state == "published", col(Answer.final)
                )
            ),
            key=lambda pair: len(pair[0].text),
        )
        work.add(
            AnswerFile(
                answer_id=answer.id or 0,
                name=f"{answer.document_number.replace('/', '-')}.docx",
                mime=Kind.DOCX.mime,
                size=document.stat().st_size,
                sha256=FileStore(services.files_dir).keep(document.read_bytes()),
                at=work.now,
            )
        )
        link = answer_link(work, answer_id=answer.id or 0, opinion_id=opinion.id or 0)
        work.commit()
    return link or ""


async def _photograph_page(services: Services, link: str, folder: Path) -> bytes:
    app = web.Application()
    Pages(services).register(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PAGE_PORT).start()
    try:
        return await photograph(_program("chromium"), link, width=360, profile=folder / "profile")
    finally:
        await runner.cleanup()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not installed; Debian: chromium libreoffice-writer-nogui poppler-utils")
    return found


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - fixed programs, own files


if __name__ == "__main__":
    if not (DEMO / "demo.db").exists():
        sys.exit("demo-output/ is missing: run make demo first")
    PICTURES.mkdir(exist_ok=True)
    draw_talk()
    draw_agenda()
    draw_answer_page()
