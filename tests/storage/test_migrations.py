"""The sum of the migrations is the schema the records describe, and older databases are brought up to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel, select

from storage.database import Database
from storage.migrate import MIGRATIONS, current_revision, draft, newest_revision, upgrade
from storage.records import Conference, Referral


def test_migrations_from_empty_give_exactly_the_tables_of_the_records(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert current_revision(database) == newest_revision()
    upgrade(database)
    assert current_revision(database) == newest_revision()


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert current_revision(database) is None
    database.close()


def test_a_path_with_a_percent_sign_can_be_migrated(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'x.db'}")
    upgrade(database)
    assert current_revision(database) == newest_revision()
    database.close()


def test_a_draft_of_the_next_migration_holds_nothing_while_records_and_migrations_agree(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    draft("Keep the channel hint", "0099", folder)
    written = (folder / "versions" / "0099_keep_the_channel_hint.py").read_text(encoding="utf-8")
    assert f'down_revision = "{newest_revision()}"' in written.replace("'", '"')
    assert "op." not in written


def test_a_database_of_the_first_release_keeps_its_conference_and_gets_a_referral_for_what_had_gone_up(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(database, "0002")
    at = "2026-11-20 01:00:00.000000"
    rows = (
        "INSERT INTO office (id, code, name, level, regulation, gazetteer, profile) "
        "VALUES (1, 'tan-minh', 'xã Tân Minh', 'xa', 'thanh-hoa', '{}', '{}')",
        "INSERT INTO conference (id, office_id, code, title, kind, regulation, held_on, place, chair, state, "
        "created_at, version) "
        "VALUES (1, 1, 'HN-20261128', 'Hội nghị', 'periodic', 'thanh-hoa', '2026-11-28', 'hội trường',"
        f" 'Bí thư', 'planned', '{at}', 0)",
        "INSERT INTO opinion_group (id, office_id, title, titled_by_staff, topic, level, urgent, created_at, version) "
        f"VALUES (7, 1, 'Tỉnh lộ 512', 1, 'giao-thong', 'xa', 0, '{at}', 0)",
        *(
            "INSERT INTO opinion (office_id, state, source, kind, topic, level, urgent, sealed, original_text, "
            "group_id, late, decision_note, issues, submitted_at, decided_at, version) "
            "VALUES (1, 'referred', 'chat', 'y-kien', "
            f"'giao-thong', 'xa', 0, 0, 'Đường hỏng', 7, 0, 'Sở Xây dựng tỉnh', 1, '{at}', '{at}', 1)"
            for _ in range(2)
        ),
    )
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(sa.text(row))

    upgrade(database)

    with database.reading() as session:
        (referral,) = session.exec(select(Referral)).all()
        conference = session.exec(select(Conference)).one()
    assert (referral.group_id, referral.level, referral.body, referral.sent_on) == (7, "tinh", "Sở Xây dựng tỉnh", None)
    assert (conference.form, conference.officials, conference.regulation_version) == ("in_person", {}, None)
    database.close()


def test_a_sealed_opinion_of_before_the_postings_is_not_marked_to_be_made_findable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(database, "0006")
    with database.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO office (id, code, name, level, regulation, gazetteer, profile) "
                "VALUES (1, 'tan-minh', 'xã Tân Minh', 'xa', 'thanh-hoa', '{}', '{}')"
            )
        )
        for sealed in (0, 1):
            connection.execute(
                sa.text(
                    "INSERT INTO opinion (id, office_id, state, source, kind, topic, level, urgent, sealed, "
                    "original_text, late, signature, issues, submitted_at, version) "
                    f"VALUES ({1 + sealed}, 1, 'held', 'chat', 'y-kien', 'khac', 'xa', 0, {sealed}, 'Đèn tắt', 0, "
                    "'{}', 1, '2026-11-20 01:00:00.000000', 0)"
                )
            )
    upgrade(database)
    with database.engine.connect() as connection:
        marked = connection.execute(sa.text("SELECT indexed_version FROM opinion ORDER BY id")).scalars().all()
    assert marked == [0, None]
    database.close()
