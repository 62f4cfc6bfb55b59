"""Each check of the doctor finds its breach in a database that was deliberately broken, and none in a sound one.

The sound database is made by the real use cases; only the citizens' messages are written by hand, as the intake
writes them, so that these tests need no chat.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select, text

from casework import notices
from casework.clock import ManualClock
from casework.codes import new_code, spoken
from casework.doctor.checks import CHECKS
from casework.doctor.finding import Severity
from casework.errors import InvalidInput
from casework.talk import Reply
from casework.usecases.answers import answering
from casework.usecases.conference import conferences
from casework.usecases.deadlines.obligations import refresh_opinion
from casework.usecases.delivery.climbing import climb_due
from casework.usecases.moderation import merging, triage
from casework.usecases.office.doctor import Diagnosis, examine
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services, citizen
from storage.backup import file_of
from storage.database import Database
from storage.records import (
    AgendaItem,
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    InboxEntry,
    InboxStatus,
    Opinion,
    OpinionGroup,
    OpinionState,
    Role,
    Staff,
    StaffRole,
    Wording,
)

START = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)
LAMP = "Đèn đường đầu thôn Hạ hỏng đã ba tháng, đi tối rất nguy hiểm"

#: number of each opinion in the sound database
ASKED, SAME, DECLINED, SEALED, COMPLAINT, FRESH, UNCLEAR, REFERRED, DEFERRED = range(1, 10)


def _asker(services: Services, name: str, *, push: bool) -> tuple[int, int]:
    with services.writing() as work:
        person = work.add(Citizen(office_id=services.office_id, display_name=name, created_at=work.now))
        assert person.id is not None
        identity = work.add(
            ChannelIdentity(
                channel="terminal", account="bot", external_id=name, citizen_id=person.id, display_name=name
            )
        )
        for purpose, granted in ((ConsentPurpose.PROCESS, True), (ConsentPurpose.PUSH, push)):
            work.add(
                Consent(
                    citizen_id=person.id,
                    purpose=purpose,
                    granted=granted,
                    wording_version="1",
                    wording_hash="abc",
                    at=work.now,
                )
            )
        work.commit()
        assert identity.id is not None
        return person.id, identity.id


def _ask(services: Services, asker: tuple[int, int], words: str, *, kind: str = "y-kien", sealed: bool = False) -> int:
    held = kind != "y-kien"
    with services.writing() as work:
        opinion = work.add(
            Opinion(
                code=None if sealed else new_code(services.random),
                office_id=services.office_id,
                citizen_id=asker[0],
                channel_identity_id=asker[1],
                state=OpinionState.HELD if held else OpinionState.RECEIVED,
                kind=kind,
                topic="giao-thong",
                level="xa",
                sealed=sealed,
                original_text=words,
                submitted_at=work.now,
            )
        )
        assert opinion.id is not None
        work.add(Wording(opinion_id=opinion.id, author="citizen", text=words, at=work.now))
        refresh_opinion(work, opinion, fresh=True)
        work.record(citizen(asker[0]), "held" if held else "submitted", "opinion", opinion.id, state=str(opinion.state))
        code = f" Mã: {spoken(opinion.code)}" if opinion.code else ""
        notices.reply(
            work,
            key=f"reply:{opinion.id}",
            identity_id=asker[1],
            message=Reply(text=f"Đã nhận ý kiến của ông/bà.{code}"),
        )
        work.add(
            InboxEntry(
                channel="terminal",
                account="bot",
                external_id=str(opinion.id),
                conversation_key="terminal:bot:1",
                raw="{}",
                status=InboxStatus.HANDLED,
                received_at=work.now,
                handled_at=work.now,
            )
        )
        work.commit()
        return opinion.id


def _staff(services: Services, name: str, *roles: Role) -> int:
    with services.writing() as work:
        staff = work.add(Staff(office_id=services.office_id, name=name, created_at=work.now))
        assert staff.id is not None
        for role in roles:
            work.add(StaffRole(staff_id=staff.id, role=role))
        work.commit()
        return staff.id


def _send_everything(services: Services) -> None:
    """As the outbox does when all goes well."""
    with services.writing() as work:
        for notice in work.session.exec(select(Delivery).where(Delivery.state == DeliveryState.PENDING)).all():
            notice.state, notice.finished_at = DeliveryState.SENT, work.now
            work.session.add(notice)
        work.commit()


def _play(services: Services, clock: ManualClock) -> None:
    """Three weeks of a small commune, with every end an opinion can come to."""
    install_office(
        services,
        code="tan-minh",
        name="xã Tân Minh",
        regulation="thanh-hoa",
        gazetteer={"commune": {"name": "xã Tân Minh"}, "group": [{"id": "ha", "name": "thôn Hạ"}]},
    )
    clerk = _staff(services, "Bà Mai", Role.MODERATOR, Role.APPROVER, Role.ADMIN)
    _staff(services, "Ông Kín", Role.CONFIDENTIAL)
    one, other = _asker(services, "Người Hỏi Một", push=True), _asker(services, "Người Hỏi Hai", push=False)
    made = (
        _ask(services, one, LAMP),
        _ask(services, other, "Đèn đường thôn Hạ không sáng"),
        _ask(services, one, "Mong bắn pháo hoa dịp Tết"),
        _ask(services, other, "Cán bộ nhận tiền của dân khi làm giấy tờ, xin giữ kín", kind="to-cao", sealed=True),
        _ask(services, one, "Tôi không đồng ý quyết định thu hồi đất nhà tôi", kind="khieu-nai"),
        _ask(services, one, "Chợ xã họp lấn ra đường"),
        _ask(services, other, "Nước yếu quá"),
        _ask(services, one, "Đường tỉnh qua xã nhiều ổ gà"),
        _ask(services, one, "Nhà văn hóa thôn Hạ dột"),
    )
    assert made == (ASKED, SAME, DECLINED, SEALED, COMPLAINT, FRESH, UNCLEAR, REFERRED, DEFERRED)
    merging.merge(services, clerk, [ASKED, SAME], title="Đèn đường thôn Hạ")
    triage.decline(services, clerk, DECLINED, "KHONG_MUC_DICH_XAY_DUNG")
    triage.redirect(services, clerk, COMPLAINT)
    triage.ask_back(services, clerk, UNCLEAR, "Nước yếu ở đoạn nào ạ?")
    triage.refer_up(services, clerk, REFERRED, "Sở Xây dựng tỉnh", why="đường tỉnh")
    triage.approve(services, clerk, DEFERRED, title="Nhà văn hóa thôn Hạ")
    clock.advance(600)
    _send_everything(services)
    code = conferences.plan(
        services,
        clerk,
        title="Hội nghị đối thoại cuối năm",
        held_on=dt.date(2026, 11, 20),
        place="Nhà văn hóa xã",
        chair="Chủ tịch Ủy ban nhân dân xã",
    )
    conferences.build_agenda(services, clerk, code)
    _send_everything(services)
    clock.move_to(dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC))
    conferences.hold(services, clerk, code, attendance=80)
    with services.reading() as work:
        rows = work.session.exec(
            select(OpinionGroup.title, AgendaItem.position).where(AgendaItem.group_id == OpinionGroup.id)
        )
        lines = dict(iter(rows))
    conferences.record_outcome(
        services, clerk, code, lines["Đèn đường thôn Hạ"], "answered", by="Chủ tịch xã", note="Tuần sau thay đèn."
    )
    conferences.record_outcome(services, clerk, code, lines["Nhà văn hóa thôn Hạ"], "deferred")
    conferences.conclude(
        services, clerk, code, number="12/TB", date=dt.date(2026, 11, 20), text="Giao các cơ quan thực hiện."
    )
    answering.assign(services, clerk, f"{code}/{lines['Nhà văn hóa thôn Hạ']}", agency="Phòng Kinh tế xã")
    draft = answering.write_answer(
        services,
        clerk,
        f"{code}/{lines['Nhà văn hóa thôn Hạ']}",
        text="Nhà văn hóa được sửa mái trong tháng 12.",
        agency="Phòng Kinh tế xã",
        document_number="5/KT",
        document_date=dt.date(2026, 11, 20),
    )
    answering.approve_answer(services, clerk, draft)
    answering.publish_answer(services, clerk, draft)
    _send_everything(services)
    with services.writing() as work:
        # The last messages have only just come; the doctor lets them be.
        work.session.connection().execute(
            text("UPDATE inbox_entry SET received_at = :now"), {"now": work.now.isoformat()}
        )
        work.commit()


@pytest.fixture(scope="module")
def sound(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("doctor") / "sound.db"
    shutil.copy(template_database, path)
    database, clock = Database(f"sqlite:///{path}"), ManualClock(START)
    _play(Services(database=database, clock=clock, random=random.Random(7)), clock)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def patient(sound: Path, tmp_path: Path) -> Iterator[Services]:
    path = tmp_path / "patient.db"
    shutil.copy(sound, path)
    database = Database(f"sqlite:///{path}")
    services = Services(database=database, clock=ManualClock(dt.datetime(2026, 11, 20, 1, 5, tzinfo=dt.UTC)))
    climb_due(services)
    yield services
    database.close()


def _break(patient: Services, *statements: str) -> None:
    """Change rows as a defect, a crash or ill will could: behind the program's back, without foreign keys."""
    file = file_of(patient.database)
    assert file is not None
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _found(patient: Services, check: str) -> list[Diagnosis]:
    return examine(patient, [check])


def test_a_sound_database_has_no_findings(patient: Services) -> None:
    worries = examine(patient)
    # The sealed one waits for the confidential role, and its day has passed: a worry, not a breach.
    assert {(one.check, one.severity) for one in worries} == {("sealed-opened", Severity.WARNING)}


_OPEN_HISTORY = ("DROP TRIGGER act_no_update", "DROP TRIGGER act_no_delete")

BREACHES: list[tuple[str, tuple[str, ...], tuple[str, int | None]]] = [
    (
        "inbox-dealt-with",
        ("UPDATE inbox_entry SET status = 'received', received_at = '2026-11-19 00:00:00' WHERE id = 3",),
        ("inbox_entry", 3),
    ),
    ("inbox-dealt-with", ("UPDATE inbox_entry SET status = 'lost' WHERE id = 3",), ("inbox_entry", 3)),
    ("set-aside-reasons", ("UPDATE inbox_entry SET status = 'quarantined' WHERE id = 4",), ("inbox_entry", 4)),
    ("set-aside-reasons", ("UPDATE inbox_entry SET status = 'ignored', reason = '' WHERE id = 4",), ("inbox_entry", 4)),
    (
        "talks-woken",
        (
            "INSERT INTO conversation (id, key, state, wake_at, updated_at) "
            "VALUES (9, 'k', '{}', '2026-11-19 00:00:00', '2026-11-19 00:00:00')",
        ),
        ("conversation", 9),
    ),
    ("merged-own-nothing", ("UPDATE citizen SET merged_into_id = 2 WHERE id = 1",), ("citizen", 1)),
    (
        "link-codes-short",
        (
            "INSERT INTO link_code (id, code_hash, citizen_id, created_at, expires_at) "
            "VALUES (5, 'h', 1, '2026-11-20 00:00:00', '2026-11-21 00:00:00')",
        ),
        ("link_code", 5),
    ),
    (
        "lost-channel-closed",
        (
            "INSERT INTO act (at, actor, verb, subject, subject_id, details, previous_hash, hash) VALUES "
            """('2026-11-20 00:00:00', 'staff', 'channel_lost', 'office', 1, '{"channel": "terminal"}', '', 'h')""",
        ),
        ("channel_identity", 1),
    ),
    ("words-stored", (f"UPDATE opinion SET original_text = '' WHERE id = {FRESH}",), ("opinion", FRESH)),
    ("words-stored", (f"DELETE FROM wording WHERE opinion_id = {FRESH}",), ("opinion", FRESH)),
    ("labels-known", (f"UPDATE opinion SET state = 'limbo' WHERE id = {FRESH}",), ("opinion", FRESH)),
    ("labels-known", (f"UPDATE opinion SET topic = 'x' WHERE id = {FRESH}",), ("opinion", FRESH)),
    ("states-founded", (f"UPDATE opinion SET group_id = NULL WHERE id = {REFERRED}",), ("opinion", REFERRED)),
    ("states-founded", (f"UPDATE opinion SET state = 'scheduled' WHERE id = {REFERRED}",), ("opinion", REFERRED)),
    ("states-founded", (f"UPDATE opinion SET state = 'assigned' WHERE id = {REFERRED}",), ("opinion", REFERRED)),
    ("states-founded", (f"UPDATE opinion SET state = 'answered' WHERE id = {REFERRED}",), ("opinion", REFERRED)),
    ("states-founded", (f"UPDATE opinion SET question = NULL WHERE id = {UNCLEAR}",), ("opinion", UNCLEAR)),
    ("states-founded", (f"UPDATE opinion SET group_id = 1 WHERE id = {DECLINED}",), ("opinion", DECLINED)),
    ("somebody-can-act", ("UPDATE staff SET active = 0 WHERE name = 'Bà Mai'",), ("opinion", FRESH)),
    ("somebody-can-act", ("DELETE FROM staff_role WHERE role = 'confidential'",), ("opinion", SEALED)),
    ("moves-lawful", (f"UPDATE opinion SET state = 'withdrawn' WHERE id = {FRESH}",), ("opinion", FRESH)),
    (
        "duties-true",
        (f"DELETE FROM obligation WHERE subject = 'opinion' AND subject_id = {FRESH}",),
        ("opinion", FRESH),
    ),
    (
        "duties-true",
        ("UPDATE obligation SET id = 900, due_on = '2027-03-01' WHERE duty = 'publish_result'",),
        ("obligation", 900),
    ),
    (
        "duties-true",
        ("UPDATE obligation SET id = 900, met_on = NULL WHERE duty = 'conclusion_notice'",),
        ("obligation", 900),
    ),
    (
        "duties-held",
        (f"UPDATE obligation SET id = 900, holder = '' WHERE subject = 'opinion' AND subject_id = {FRESH}",),
        ("obligation", 900),
    ),
    (
        "extensions-recorded",
        ("UPDATE obligation SET id = 900, extended_to = '2027-03-01' WHERE duty = 'publish_result'",),
        ("obligation", 900),
    ),
    (
        "told-delay",
        (
            f"UPDATE obligation SET id = 900, extended_to = '2027-03-01' WHERE subject = 'opinion' AND "
            f"subject_id = {FRESH}",
            "INSERT INTO extension (id, obligation_id, to_on, reason, body, at) "
            "VALUES (1, 900, '2027-03-01', 'chờ đo đạc', 'Phòng Kinh tế', '2026-11-20 01:00:00')",
        ),
        ("opinion", FRESH),
    ),
    ("told-receipt", (f"DELETE FROM delivery WHERE key = 'reply:{FRESH}'",), ("opinion", FRESH)),
    ("told-receipt", (f"UPDATE delivery SET state = 'expired' WHERE key = 'reply:{FRESH}'",), ("opinion", FRESH)),
    ("told-receipt", (f"UPDATE delivery SET state = 'rejected' WHERE key = 'reply:{FRESH}'",), ("opinion", FRESH)),
    ("told-receipt", ("UPDATE delivery SET text = 'Xin chào' WHERE key LIKE 'reply:6%'",), ("opinion", FRESH)),
    (
        "told-decision",
        (f"DELETE FROM delivery WHERE opinion_id = {DECLINED} AND purpose = 'declined'",),
        ("opinion", DECLINED),
    ),
    (
        "told-decision",
        (f"UPDATE delivery SET state = 'cancelled' WHERE opinion_id = {DECLINED} AND purpose = 'declined'",),
        ("opinion", DECLINED),
    ),
    (
        "told-agenda",
        (
            f"UPDATE opinion SET state = 'scheduled' WHERE id = {SAME}",
            f"DELETE FROM delivery WHERE opinion_id = {SAME} AND purpose = 'agenda'",
        ),
        ("opinion", SAME),
    ),
    (
        "told-conclusion",
        (f"DELETE FROM delivery WHERE opinion_id = {SAME} AND purpose = 'conclusion'",),
        ("opinion", SAME),
    ),
    ("told-answer", (f"DELETE FROM delivery WHERE opinion_id = {DEFERRED} AND purpose = 'answer'",), ("opinion", 9)),
    (
        "told-answer",
        (
            "INSERT INTO delivery (key, purpose, opinion_id, answer_id, text, buttons, state, content_free, "
            "parts_sent, attempts, external_ids, not_before, created_at) SELECT 'again', purpose, opinion_id, "
            "answer_id, text, buttons, state, content_free, parts_sent, attempts, external_ids, not_before, "
            "created_at FROM delivery "
            f"WHERE opinion_id = {DEFERRED} AND purpose = 'answer'",
        ),
        ("opinion", DEFERRED),
    ),
    (
        "answered-told",
        (f"UPDATE delivery SET state = 'cancelled' WHERE opinion_id = {SAME} AND answer_id IS NOT NULL",),
        ("opinion", SAME),
    ),
    (
        "notices-move-on",
        ("UPDATE delivery SET state = 'pending', not_before = '2026-11-01' WHERE id = 1",),
        ("delivery", 1),
    ),
    ("notices-move-on", ("UPDATE delivery SET state = 'sending', claimed_until = NULL WHERE id = 1",), ("delivery", 1)),
    (
        "notices-move-on",
        ("UPDATE delivery SET state = 'waiting_pickup', outcome = NULL WHERE id = 1",),
        ("delivery", 1),
    ),
    (
        "notices-move-on",
        (
            "UPDATE delivery SET id = 901, state = 'waiting_pickup', outcome = 'window_closed', rung = 'pickup', "
            f"step_at = NULL WHERE opinion_id = {DEFERRED} AND purpose = 'answer'",
        ),
        ("delivery", 901),
    ),
    (
        "notices-move-on",
        (
            "UPDATE delivery SET state = 'with_staff', outcome = 'window_closed', rung = 'console', "
            "step_at = '2026-11-19' WHERE id = 1",
        ),
        ("delivery", 1),
    ),
    (
        "refused-by-person",
        (f"UPDATE opinion SET decline_ground = 'TUY_HUNG' WHERE id = {DECLINED}",),
        ("opinion", DECLINED),
    ),
    ("refused-by-person", ("DELETE FROM staff WHERE name = 'Bà Mai'",), ("opinion", COMPLAINT)),
    ("refused-by-person", (f"UPDATE opinion SET state = 'declined' WHERE id = {FRESH}",), ("opinion", FRESH)),
    ("denunciation-sealed", (f"UPDATE opinion SET sealed = 0 WHERE id = {SEALED}",), ("opinion", SEALED)),
    ("denunciation-sealed", (f"UPDATE opinion SET code = 'K7P4MX' WHERE id = {SEALED}",), ("opinion", SEALED)),
    ("guided-out-apart", (f"UPDATE opinion SET group_id = 1 WHERE id = {SEALED}",), ("opinion", SEALED)),
    ("guided-out-apart", (f"UPDATE opinion SET group_id = 1 WHERE id = {COMPLAINT}",), ("opinion", COMPLAINT)),
    (
        "sealed-not-compared",
        (
            "INSERT INTO group_suggestion (id, opinion_id, other_opinion_id, score, same, reasons, at) "
            f"VALUES (5, {FRESH}, {SEALED}, 0.5, 0, '[]', '2026-11-03 00:00:00')",
        ),
        ("group_suggestion", 5),
    ),
    (
        "sealed-not-sent",
        ("UPDATE delivery SET text = 'Có tin: Cán bộ nhận tiền của dân khi làm giấy tờ, xin giữ kín' WHERE id = 1",),
        ("delivery", 1),
    ),
    (
        "public-names-nobody",
        ("UPDATE opinion_group SET title = 'Gọi 0912 345 678' WHERE id = 1",),
        ("opinion_group", 1),
    ),
    (
        "public-names-nobody",
        ("UPDATE opinion_group SET title = 'Việc của người hỏi một' WHERE id = 1",),
        ("opinion_group", 1),
    ),
    ("public-names-nobody", ("UPDATE answer SET text = 'Gửi NGƯỜI HỎI HAI' WHERE id = 1",), ("answer", 1)),
    ("public-names-nobody", ("UPDATE conference SET conclusion_text = 'Thư về a.b@vidu.vn'",), ("conference", 1)),
    (
        "originals-kept",
        (f"UPDATE opinion SET original_text = 'Tôi rất hài lòng' WHERE id = {ASKED}",),
        ("opinion", ASKED),
    ),
    ("originals-kept", (f"UPDATE opinion SET edited_text = 'Lời lạ' WHERE id = {ASKED}",), ("opinion", ASKED)),
    ("history-whole", (*_OPEN_HISTORY, "UPDATE act SET why = 'khác' WHERE id = 4"), ("act", None)),
    ("history-complete", (*_OPEN_HISTORY, f"DELETE FROM act WHERE subject_id = {FRESH}"), ("opinion", FRESH)),
    ("actors-named", (*_OPEN_HISTORY, "UPDATE act SET actor = 'staff', actor_id = 99 WHERE id = 4"), ("act", 4)),
    ("answers-approved", ("UPDATE answer SET approved_by_staff_id = NULL WHERE id = 1",), ("answer", 1)),
    ("consents-proved", ("UPDATE consent SET wording_hash = '' WHERE id = 1",), ("consent", 1)),
    ("names-agreed", ("UPDATE consent SET granted = 0 WHERE citizen_id = 1 AND purpose = 'process'",), ("citizen", 1)),
    ("schema-current", ("UPDATE alembic_version SET version_num = '0001'",), ("database", None)),
    ("references-whole", (f"UPDATE opinion SET citizen_id = 999 WHERE id = {FRESH}",), ("opinion", FRESH)),
]


@pytest.mark.parametrize(
    ("check", "statements", "where"), BREACHES, ids=[f"{number}-{row[0]}" for number, row in enumerate(BREACHES)]
)
def test_a_breach_is_found_where_it_is(
    check: str, statements: tuple[str, ...], where: tuple[str, int | None], patient: Services
) -> None:
    _break(patient, *statements)
    found = _found(patient, check)
    assert where in [(one.subject, one.subject_id) for one in found]
    assert all(one.severity is Severity.BREACH for one in found)


def test_news_sent_to_somebody_who_had_said_no_is_found(patient: Services) -> None:
    out = "state = 'sent', finished_at = not_before"
    # Given because they had just written: no push.
    _break(patient, f"UPDATE delivery SET {out}, rung = 'asked' WHERE opinion_id = {SAME}")
    assert _found(patient, "push-agreed") == []
    _break(patient, f"UPDATE delivery SET {out}, rung = 'free' WHERE opinion_id = {SAME}")
    assert {one.subject for one in _found(patient, "push-agreed")} == {"delivery"}


def test_an_unlawful_move_in_the_history_names_the_act(patient: Services) -> None:
    with patient.writing() as work:
        work.record(citizen(1), "withdrawn", "opinion", DECLINED, state="withdrawn")
        work.commit()
    assert "act" in {one.subject for one in _found(patient, "moves-lawful")}


@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("notices-move-on", "UPDATE delivery SET state = 'unknown' WHERE id = 1"),
        (
            "notices-move-on",
            f"UPDATE delivery SET state = 'rejected' WHERE opinion_id = {DEFERRED} AND purpose = 'answer'",
        ),
        ("public-names-nobody", "UPDATE opinion_group SET title = 'Ngõ nhà bà Nguyễn Thị Tưởng' WHERE id = 1"),
    ],
)
def test_what_a_person_must_look_at_is_a_warning_and_no_breach(check: str, statement: str, patient: Services) -> None:
    _break(patient, statement)
    assert {one.severity for one in _found(patient, check)} == {Severity.WARNING}


def test_an_answer_may_wait_for_ever_for_somebody_who_wants_no_news(patient: Services) -> None:
    waits = "state = 'waiting_pickup', outcome = 'no_consent', rung = 'pickup', step_at = NULL"
    _break(patient, f"UPDATE delivery SET {waits} WHERE opinion_id = {DEFERRED} AND purpose = 'answer'")
    assert _found(patient, "notices-move-on") == []


def test_a_refused_notice_is_found_with_what_to_do(patient: Services) -> None:
    _break(patient, f"UPDATE delivery SET state = 'rejected' WHERE opinion_id = {DEFERRED} AND purpose = 'answer'")
    (found,) = _found(patient, "notices-move-on")
    assert f"doithoai delivery resolve {found.subject_id} --resend" in found.what


def test_every_check_is_broken_by_at_least_one_test() -> None:
    tested = {row[0] for row in BREACHES} | {"push-agreed", "sealed-opened"}
    assert {check.name for check in CHECKS} == tested


def test_findings_repeat_nobodys_words(patient: Services) -> None:
    _break(patient, f"UPDATE opinion SET original_text = 'Tôi tên Bí Mật, sđt 0912345678' WHERE id = {ASKED}")
    assert not any("Bí Mật" in one.what or "0912" in one.what for one in examine(patient))


def test_a_check_nobody_knows_is_refused_with_the_names_of_those_there_are(patient: Services) -> None:
    with pytest.raises(InvalidInput, match="told-answer"):
        examine(patient, ["told-anser"])


@pytest.mark.parametrize(("waits", "expected"), [("held", {Severity.WARNING}), ("redirected", set())])
def test_a_sealed_opinion_nobody_opened_by_its_day_worries_the_doctor(
    waits: str, expected: set[Severity], patient: Services
) -> None:
    _break(
        patient,
        f"UPDATE opinion SET state = '{waits}' WHERE id = {SEALED}",
        "UPDATE obligation SET due_on = '2026-11-09', met_on = NULL, cancelled_at = NULL, extended_to = NULL "
        f"WHERE subject = 'opinion' AND subject_id = {SEALED}",
    )
    assert {one.severity for one in _found(patient, "sealed-opened")} == expected


def test_a_sealed_opinion_that_may_still_wait_worries_nobody(patient: Services) -> None:
    _break(
        patient,
        f"UPDATE opinion SET state = 'held' WHERE id = {SEALED}",
        "UPDATE obligation SET due_on = '2026-11-20', met_on = NULL, cancelled_at = NULL, extended_to = NULL "
        f"WHERE subject = 'opinion' AND subject_id = {SEALED}",
    )
    assert _found(patient, "sealed-opened") == []
