"""The way from a command line into the database: services on a migrated database, and who acts."""

from __future__ import annotations

import datetime as dt
import weakref
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot import settings
from bot.policy import policy_of
from casework.clock import VIETNAM, Clock, ManualClock, SystemClock
from casework.errors import InvalidInput, SetupNeeded
from casework.regulations import use_folders
from casework.usecases import access
from casework.usecases.work import Services
from storage.database import Database
from storage.migrate import current_revision, newest_revision

#: hour of the local day at which a clock set by `--as-of` stands
AS_OF_HOUR = 8


def database_url(option: str | None) -> str:
    """The database to use: the option, else the settings. Raises `InvalidInput` when those are unusable."""
    return option or settings.load().database_url


def regulation_folder() -> Path | None:
    """Where the office keeps texts of its own; None when it has none."""
    return settings.load().regulations_dir


def template_folder(option: Path | None) -> Path | None:
    """Where the office keeps its own Word templates: the option, else the settings; None for those of the program."""
    return option or settings.load().templates_dir


def read_office_texts() -> None:
    """Read the office's own regulation texts, if it has any, beside the shipped ones from now on.

    Raises `InvalidInput` naming a text that cannot be used.
    """
    folder = regulation_folder()
    use_folders([folder] if folder else [])


def connect(option: str | None) -> Database:
    """A database by URL, migrated or not; a SQLite file that is missing is created when first used. From now on the
    office's own regulation texts are read beside the shipped ones.

    Raises `InvalidInput` for something that is no URL or needs a driver that is not installed, and for a text that
    cannot be used.
    """
    url = database_url(option)
    read_office_texts()
    try:
        return Database(url)
    except (ArgumentError, ModuleNotFoundError) as error:
        # The URL itself may hold a password and is not repeated.
        raise InvalidInput(
            "Địa chỉ cơ sở dữ liệu không đúng, hoặc thiếu thư viện kết nối của nó.",
            todo="Viết như sqlite:///doithoai.db hoặc postgresql+psycopg://người@máy/tên",
        ) from error


def clock_at(as_of: dt.date | None) -> Clock:
    """The machine's clock, or one that stands still on the morning of `as_of`."""
    if as_of is None:
        return SystemClock()
    return ManualClock(dt.datetime.combine(as_of, dt.time(AS_OF_HOUR), tzinfo=VIETNAM))


def open_services(db: str | None = None, as_of: dt.date | None = None) -> Services:
    """Services over the database of this command; closed when they are no longer used.

    Raises `SetupNeeded` when the database is missing or not at the schema this program needs.
    """
    if missing_file(database_url(db)):
        raise SetupNeeded("Chưa có cơ sở dữ liệu.", todo="Lập đơn vị lần đầu bằng lệnh: doithoai init")
    database = connect(db)
    found = settings.load()
    services = Services(
        database=database,
        clock=clock_at(as_of),
        policy=policy_of(found),
        files_dir=found.files_dir,
        model_dir=found.nlp_model,
        competence_file=found.competence_file,
    )
    weakref.finalize(services, database.close)
    revision = current_revision(database)
    if revision is None:
        raise SetupNeeded("Cơ sở dữ liệu còn trống.", todo="Lập đơn vị lần đầu bằng lệnh: doithoai init")
    if revision != newest_revision():
        raise SetupNeeded(
            "Cơ sở dữ liệu chưa theo kịp phiên bản chương trình.",
            todo="Sao lưu (doithoai db backup TỆP) rồi nâng cấp: doithoai db upgrade",
        )
    return services


def open_as_staff(db: str | None, as_of: dt.date | None, staff: str | None) -> tuple[Services, int]:
    """Services over the database of this command, and the id of the staff member who acts: how most verbs begin.

    Raises as `open_services` and `acting_staff` do.
    """
    services = open_services(db, as_of)
    return services, acting_staff(services, staff)


def missing_file(url: str) -> bool:
    """Whether `url` names a SQLite file that does not exist; asking must not create it."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return False
    in_file = parsed.drivername.startswith("sqlite") and parsed.database not in (None, "", ":memory:")
    return in_file and not Path(str(parsed.database)).exists()


def acting_staff(services: Services, option: str | None) -> int:
    """Id of the staff member who acts: by number or name; the only active one when nothing is said.

    Raises what `casework.usecases.access.acting_staff` raises.
    """
    with services.reading() as work:
        return access.acting_staff(work, option)
