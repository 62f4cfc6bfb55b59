"""Documents an office signs or sends: Word from templates it may edit, spreadsheets beside them.

Both have a public, name-free form and an internal one, made from the same `casework.agenda.AgendaView`.
"""

from __future__ import annotations

from casework.documents.fill import shipped_templates
from casework.documents.sheets import agenda_spreadsheet
from casework.documents.word import agenda_document, summary_document

__all__ = ["agenda_document", "agenda_spreadsheet", "shipped_templates", "summary_document"]
