"""What the demo leaves for the eye: the summary on screen and as a page, the agenda as documents, some talks."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from admin_cli.demo.play import STAFF_PHONE, Play
from admin_cli.demo.summary import markdown, sections
from casework.agenda import Audience
from casework.doctor.finding import Severity
from casework.documents import agenda_document, agenda_spreadsheet
from casework.usecases.conference.agenda_views import agenda_view
from casework.usecases.office.doctor import examine

#: residents whose whole talk is kept to be read
TALKS = ("z-7f3a", "t-90be", "z-3bd0", "z-1f9d", "b-1c20", "z-d82b")


def report(play: Play, out: Path) -> int:
    """Print and write the results; 0 when the doctor finds every promise kept."""
    public = agenda_view(play.services, None, play.conference, Audience.PUBLIC)
    internal = agenda_view(play.services, play.team.approver, play.conference, Audience.INTERNAL)
    agenda_document(public, out / "agenda-cong-khai.docx")
    agenda_document(internal, out / "agenda-noi-bo.docx")
    agenda_spreadsheet(public, out / "agenda-cong-khai.xlsx")
    _write_talks(play, out / "talks")
    parts = list(sections(play, public))
    (out / "summary.md").write_text(markdown(parts), encoding="utf-8")
    console = Console(highlight=False)
    for part in parts:
        console.print(Panel("\n".join(part.lines), title=part.title, title_align="left", expand=True))
    findings = examine(play.services)
    for finding in findings:
        console.print(f"doctor, lời hứa {finding.promise}: {finding.what} ({finding.subject} {finding.subject_id})")
    breaches = [finding for finding in findings if finding.severity is Severity.BREACH]
    console.print(f"Kiểm tra các lời hứa (doithoai doctor): {len(breaches)} chỗ sai")
    console.print(f"Kết quả: {out}/ (summary.md, agenda-cong-khai.docx, van-ban/, talks/, demo.db)")
    return 1 if breaches else 0


def _write_talks(play: Play, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for sender in TALKS:
        said = play.phones.transcript(sender)
        (folder / f"{sender}.txt").write_text("\n\n".join(said) + "\n", encoding="utf-8")
    staff = [message.text for message in play.phones.rehearsal.seen(STAFF_PHONE)]
    (folder / f"{STAFF_PHONE}.txt").write_text("\n\n".join(staff) + "\n", encoding="utf-8")
