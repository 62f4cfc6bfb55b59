"""The closed list of lawful grounds for keeping an opinion off a conference: data in `grounds.toml`, read here.

No ground may be used by the program alone: a named person chooses one, and the asker is told why and what to do
instead. Which article a ground rests on is said by the regulation texts; where they are silent, the ground says so
(`Basis.assumed`) with its reason.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from casework.errors import InvalidInput
from casework.regulations import NATIONAL, applicable, regulation
from casework.regulations.model import GroundRule, Party, Regulation

#: "112/UBND-KT", "số 112"; a number of a document, not a part of a date
_NUMBER = re.compile(r"\d+\s*/\s*[A-ZĐ][\wĐ.&-]*|\b(?:số|so)\s*:?\s*\d+", re.IGNORECASE)
_DATE = re.compile(
    r"\b\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}\b|\b\d{1,2}\s+th[áa]ng\s+\d{1,2}\s+n[ăa]m\s+\d{4}\b", re.IGNORECASE
)


class GroundUse(StrEnum):
    """Where a ground may be used."""

    OPINION = "opinion"  # moderation of an opinion that was sent in
    HALL = "hall"  # conduct at the conference; the chair decides
    REDIRECT = "redirect"  # no refusal: the asker is guided to the lawful channel


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a ground rests on under one regulation. `assumed`: the regulation is silent; `reason` says why it is
    used all the same."""

    text: str
    assumed: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One lawful ground. `needs` names what staff must write with it; None when nothing. With `needs_document` that is
    number and date of a document."""

    number: int
    code: str
    name: str
    use: GroundUse
    text: str
    instead: str
    needs: str | None
    needs_document: bool
    assumption: str

    def remark_on(self, basis: Basis) -> str:
        """What staff should know of the basis: that it is open, and why it is used all the same; may be empty."""
        return f"Căn cứ tạm áp dụng ({basis.text}): {basis.reason}" if basis.assumed else ""

    def check_note(self, note: str) -> None:
        """Raises `InvalidInput` when the note does not say what this ground needs."""
        words = note.strip()
        if self.needs is None:
            return
        if not words or (self.needs_document and not (_NUMBER.search(words) and _DATE.search(words))):
            example = ", ví dụ: 112/UBND-KT ngày 26/11/2026" if self.needs_document else ""
            raise InvalidInput(f"Căn cứ «{self.name}» cần ghi kèm {self.needs}.", todo=f"Ghi sau căn cứ{example}.")

    def basis(self, code: str, *, on: dt.date | None = None) -> Basis:
        """The office's own regulation if it speaks, else the law of the country, else an open assumption, with the
        place it is inferred from where there is one; by the versions in force on a day, or the newest.

        Raises `InvalidInput` when there is no regulation of this code, or none in force that day.
        """
        return self.basis_in((regulation(code), regulation(NATIONAL)) if on is None else applicable(code, on=on))

    def basis_in(self, texts: Sequence[Regulation]) -> Basis:
        """What the ground rests on under these texts, the office's own first."""
        found = self.ruling(texts)
        if found is None:
            return Basis(text="nguyên tắc chung của hội nghị đối thoại", assumed=True, reason=self.assumption)
        text, rule = found
        return Basis(text=text.citation(rule), assumed=rule.assumed, reason=rule.reason if rule.assumed else "")

    def ruling(self, texts: Sequence[Regulation]) -> tuple[Regulation, GroundRule] | None:
        """The rule that binds, with its text: the first of these texts that says so, else the first it can be
        inferred from; None where all are silent."""
        rules = [(text, rule) for text in texts if (rule := self.rule_in(text)) is not None]
        return min(rules, key=lambda one: one[1].assumed, default=None)

    def chair_only(self, texts: Sequence[Regulation]) -> bool:
        """Whether only the chair of the dialogue may use it: conduct in the hall, and what the text leaves to the
        chair."""
        found = self.ruling(texts)
        return self.use is GroundUse.HALL or (found is not None and set(found[1].used_by) == {Party.CHAIR})

    def keeps_open(self, texts: Sequence[Regulation]) -> bool:
        """Whether the text that binds puts the answer off instead of refusing it."""
        found = self.ruling(texts)
        return found is not None and found[1].effect == "defer"

    def check_by(self, texts: Sequence[Regulation], by: str | None, *, todo: str) -> None:
        """Raises `InvalidInput` when only the chair may use the ground and nobody says that the chair (`by`) did."""
        if not self.chair_only(texts) or (by or "").strip():
            return
        found = self.ruling(texts)
        where = f"theo {found[0].citation(found[1])}, " if found else ""
        raise InvalidInput(f"Căn cứ «{self.name}»: {where}chỉ người chủ trì được quyết định.", todo=todo)

    def rule_in(self, text: Regulation) -> GroundRule | None:
        """What one regulation says of this ground: its place, who may use it, whether it refuses or defers."""
        return next((rule for rule in text.grounds if rule.ground == self.code), None)


@cache
def _read() -> Mapping[str, Ground]:
    table = tomllib.loads(resources.files(__name__).joinpath("grounds.toml").read_text(encoding="utf-8"))
    return {row["code"]: _ground(number, row) for number, row in enumerate(table["ground"], start=1)}


def _ground(number: int, row: Mapping[str, Any]) -> Ground:
    return Ground(
        number=number,
        code=row["code"],
        name=row["name"],
        use=GroundUse(row["use"]),
        text=row["text"],
        instead=row["instead"],
        needs=row.get("needs"),
        needs_document=row.get("needs_document", False),
        assumption=row.get("assumption", ""),
    )


def grounds(*uses: GroundUse) -> tuple[Ground, ...]:
    """All grounds in the order of the file, or those of the given uses."""
    return tuple(ground for ground in _read().values() if not uses or ground.use in uses)


def ground(name: str, *, uses: Iterable[GroundUse] = tuple(GroundUse)) -> Ground:
    """The ground of this code or number, typed loosely ("xuc-pham-vu-khong", "4").

    Raises `InvalidInput` when it is not on the list or not for this use.
    """
    allowed = grounds(*uses)
    wanted = name.strip().upper().replace("-", "_").replace(" ", "_")
    for candidate in allowed:
        if wanted in (candidate.code, str(candidate.number)):
            return candidate
    raise InvalidInput(
        f"«{name}» không có trong danh sách căn cứ.",
        todo="Chọn một trong: " + "; ".join(f"{one.number} = {one.name}" for one in allowed) + ".",
    )
