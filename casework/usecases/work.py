"""The unit of work of a use case, and the bundle of services every use case is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import Session, select

from casework.clock import Clock, SystemClock, local_date
from casework.codes import Random, system_random
from casework.errors import SetupNeeded
from casework.ladder import Policy
from casework.public_words import know_places, name_free
from nlp import competence
from nlp.competence import CompetenceMap, MapRefused
from nlp.gazetteer_file import proper_names
from nlp.model.files import Model, ModelRefused
from nlp.model.files import chosen as own_model
from nlp.places import Gazetteer
from nlp.understand import Understander
from storage import history
from storage.database import Database
from storage.records import Office


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: a citizen, a staff member, or the system itself."""

    sort: str  # citizen | staff | system
    id: int | None = None


SYSTEM = Actor(sort="system")
R = TypeVar("R")


def citizen(citizen_id: int | None) -> Actor:
    return Actor(sort="citizen", id=citizen_id)


def staff_member(staff_id: int) -> Actor:
    return Actor(sort="staff", id=staff_id)


@dataclass(kw_only=True)
class Work:
    """An open transaction with its instant. Nothing is kept unless `commit` is called."""

    session: Session
    now: dt.datetime
    services: Services

    def commit(self) -> None:
        self.session.commit()

    def record(
        self,
        actor: Actor,
        verb: str,
        subject: str,
        subject_id: int,
        *,
        why: str | None = None,
        **details: Any,
    ) -> None:
        """Append to the history. `details`: identifiers and labels only, never anybody's words. What a person gives as
        the reason is masked: the history cannot be erased."""
        history.append(
            self.session,
            at=self.now,
            actor=actor.sort,
            actor_id=actor.id,
            verb=verb,
            subject=subject,
            subject_id=subject_id,
            why=name_free(why) if why is not None else None,
            details=details,
        )

    def add(self, record: R) -> R:
        """Add a record and give it its key."""
        self.session.add(record)
        self.session.flush()
        return record


@dataclass(kw_only=True)
class Services:
    """What use cases stand on. Put together in `bot.wiring` and `admin_cli`; tests make their own."""

    database: Database
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=system_random)
    #: a decided notice waits this long before it is sent, so that an undo can still catch it
    undo_grace: dt.timedelta = dt.timedelta(minutes=2)
    #: what the office allows and has set up of the ways to reach people
    policy: Policy = field(default_factory=Policy)
    #: folder of files: copies of what people sent, documents that belong to answers
    files_dir: Path = Path("doithoai-files")
    #: folder of the office's own model; None for the one of the program
    model_dir: Path | None = None
    #: the office's own lines of the competence map; None for the program's alone
    competence_file: Path | None = None

    @contextmanager
    def writing(self) -> Iterator[Work]:
        now = self.clock.now()
        with self.database.writing() as session:
            yield Work(session=session, now=now, services=self)

    @contextmanager
    def reading(self) -> Iterator[Work]:
        now = self.clock.now()
        with self.database.reading() as session:
            yield Work(session=session, now=now, services=self)

    @cached_property
    def office_id(self) -> int:
        """The office this installation serves.

        Raises `SetupNeeded` when the database has none yet.
        """
        with self.database.reading() as session:
            office = session.exec(select(Office)).first()
        if office is None or office.id is None:
            raise SetupNeeded("Cơ sở dữ liệu chưa có đơn vị nào.", todo="Chạy lệnh: doithoai init")
        know_places(proper_names(office.gazetteer))
        return office.id

    @cached_property
    def gazetteer(self) -> Gazetteer:
        with self.database.reading() as session:
            office = session.get_one(Office, self.office_id)
            return Gazetteer.from_toml(office.gazetteer)

    @cached_property
    def understander(self) -> Understander:
        """Reads messages with the office's own model where it has one that may be used; else with the program's."""
        return Understander(
            self.gazetteer, self._own_model[0], self.competence, today=lambda: local_date(self.clock.now())
        )

    @property
    def model_refused(self) -> str:
        """Why the office's own model is not used; empty when it is, or when there is none."""
        return self._own_model[1]

    @property
    def competence(self) -> CompetenceMap:
        """Who settles what: the program's map, under the office's own file where that can be used."""
        return self._competence[0]

    @property
    def competence_refused(self) -> str:
        """Why the office's own file of the map is not used; empty when it is, or when there is none."""
        return self._competence[1]

    @cached_property
    def _competence(self) -> tuple[CompetenceMap, str]:
        if self.competence_file is None:
            return competence.shipped(), ""
        try:
            return competence.with_own(self.competence_file.read_bytes(), self.competence_file.name), ""
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return competence.shipped(), f"{self.competence_file.name}: không đọc được ({reason})"
        except MapRefused as refused:
            return competence.shipped(), str(refused)

    @cached_property
    def _own_model(self) -> tuple[Model | None, str]:
        if self.model_dir is None:
            return None, ""
        try:
            return own_model(self.model_dir), ""
        except ModelRefused as refused:
            return None, str(refused)
