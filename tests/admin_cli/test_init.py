"""`doithoai init`: from nothing to a working office, by questions or from a file, as often as one likes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from admin_cli.app import app
from admin_cli.office_file import read_office_file, slug
from casework.codes import code_hash
from casework.document_head import Body, DocumentHead
from casework.errors import InvalidInput
from casework.regulations import regulations
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.backup import file_of
from storage.database import Database
from storage.records import EnrolmentCode, Office, ResidentialGroup, Staff, StaffRole

PLACES = """
[commune]
name = "xã Tân Minh"

[[group]]
id = "ha"
name = "thôn Hạ"

[[group]]
id = "t4"
name = "thôn 4"
aliases = ["xóm Trại"]
"""
OFFICE = """
[office]
name = "xã Tân Minh"
regulation = "thanh-hoa"
contact = "Văn phòng Mặt trận xã"
places = "places.toml"

[admin]
name = "Bà Mai"
"""


@pytest.fixture
def office_file(tmp_path: Path) -> Path:
    (tmp_path / "places.toml").write_text(PLACES, encoding="utf-8")
    path = tmp_path / "office.toml"
    path.write_text(OFFICE, encoding="utf-8")
    return path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new.db'}"


def init(*arguments: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(app, ["init", *arguments], input=answers)


def read(url: str) -> Services:
    return Services(database=Database(url))


def test_a_file_makes_database_office_villages_and_a_first_admin_with_a_code(office_file: Path, url: str) -> None:
    result = init("--from", str(office_file), "--db", url)
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    services = read(url)
    with services.reading() as work:
        office = work.session.exec(select(Office)).one()
        assert (office.code, office.name, office.regulation) == ("tan-minh", "xã Tân Minh", "thanh-hoa")
        assert office.profile == {"contact": "Văn phòng Mặt trận xã"}
        assert [group.name for group in work.session.exec(select(ResidentialGroup))] == ["thôn Hạ", "thôn 4"]
        staff = work.session.exec(select(Staff)).one()
        assert staff.name == "Bà Mai"
        assert {role.role for role in work.session.exec(select(StaffRole))} == {"admin", "moderator", "approver"}
        assert work.session.exec(select(EnrolmentCode)).one().code_hash == code_hash(made["code"])
    assert "doithoai run" in result.stderr
    assert examine(services) == []
    file = file_of(services.database)
    assert file is not None
    assert file.stat().st_mode & 0o077 == 0
    services.database.close()


def test_the_file_may_give_the_head_lines_of_documents(office_file: Path, url: str) -> None:
    with office_file.open("a", encoding="utf-8") as more:
        more.write(
            '\n[document]\nsuperior = "MTTQ VIỆT NAM TỈNH MINH GIANG"\nrecipients = ["HĐND xã"]\n'
            '[people_committee_document]\nsigner = "Phan Văn Thử"\n'
        )
    assert init("--from", str(office_file), "--db", url).exit_code == 0
    with read(url).reading() as work:
        office = work.session.exec(select(Office)).one()
    front = DocumentHead.of(office.name, office.profile)
    assert (front.superior, front.recipients) == ("MTTQ VIỆT NAM TỈNH MINH GIANG", ("HĐND xã",))
    assert DocumentHead.of(office.name, office.profile, Body.PEOPLE_COMMITTEE).signer == "Phan Văn Thử"


@pytest.mark.parametrize("wrong", ['[document]\ncolour = "đỏ"', "[document]\nsigner = 5", 'document = "abc"'])
def test_a_head_that_cannot_be_printed_is_refused(office_file: Path, url: str, wrong: str) -> None:
    office_file.write_text(f"{wrong}\n" + office_file.read_text(encoding="utf-8"), encoding="utf-8")
    result = init("--from", str(office_file), "--db", url)
    assert result.exit_code == 1
    assert "đầu văn bản" in result.stderr


def test_doing_it_again_adds_villages_and_changes_nobody(office_file: Path, url: str) -> None:
    init("--from", str(office_file), "--db", url)
    (office_file.parent / "places.toml").write_text(
        PLACES + '\n[[group]]\nid = "t5"\nname = "thôn 5"\n', encoding="utf-8"
    )
    result = init("--from", str(office_file), "--db", url)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["code"] is None
    services = read(url)
    with services.reading() as work:
        assert len(work.session.exec(select(ResidentialGroup)).all()) == 3
        assert len(work.session.exec(select(Staff)).all()) == 1
    services.database.close()


def test_villages_may_stand_in_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    path.write_text(OFFICE.replace('places = "places.toml"', "") + PLACES, encoding="utf-8")
    assert [group["name"] for group in read_office_file(path).gazetteer["group"]] == ["thôn Hạ", "thôn 4"]


def test_questions_lead_there_too_and_a_wrong_answer_is_asked_again(url: str) -> None:
    answers = "\n".join(
        ["xã Suối Trong", "Nhà văn hóa xã, buổi sáng", "9", "4", "thôn Đá, thôn đá", "thôn Đá, bản Mới", "Ông Bình"]
    )
    result = init("--db", url, answers=answers + "\n")
    assert result.exit_code == 0, result.output
    services = read(url)
    with services.reading() as work:
        office = work.session.exec(select(Office)).one()
        assert (office.code, office.regulation) == ("suoi-trong", "son-la")
        assert [group.code for group in work.session.exec(select(ResidentialGroup))] == ["da", "ban-moi"]
        assert work.session.exec(select(Staff)).one().name == "Ông Bình"
    services.database.close()


def test_who_stops_half_way_is_told_so_and_nobody_is_set_up(url: str) -> None:
    result = init("--db", url, answers="xã Suối Trong\n")
    assert result.exit_code == 1
    assert "Đã dừng" in result.stderr
    services = read(url)
    with services.reading() as work:
        assert work.session.exec(select(Office)).all() == []
    services.database.close()


def test_enter_keeps_everything_as_it_was(office_file: Path, url: str) -> None:
    init("--from", str(office_file), "--db", url)
    result = init("--db", url, answers="\n\n\n\n")
    assert result.exit_code == 0, result.output
    services = read(url)
    with services.reading() as work:
        office = work.session.exec(select(Office)).one()
        assert office.gazetteer["group"][1]["aliases"] == ["xóm Trại"]
        assert office.regulation == "thanh-hoa"
    services.database.close()


def test_one_database_serves_one_office(office_file: Path, url: str) -> None:
    init("--from", str(office_file), "--db", url)
    office_file.write_text(OFFICE.replace("xã Tân Minh", "xã Khác"), encoding="utf-8")
    result = init("--from", str(office_file), "--db", url)
    assert result.exit_code == 1
    assert "xã Tân Minh" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "sign"),
    [
        ('regulation = "thanh-hoa"', 'regulation = "sao-hoa"', "sao-hoa"),
        ('regulation = "thanh-hoa"', "", "regulation"),
        ('regulation = "thanh-hoa"', 'regulation = "thanh-hoa"\nmau = "x"', "mau"),
        ('name = "Bà Mai"', 'name = ""', "name"),
        ("[admin]", "[quantri]", "quantri"),
        ('"places.toml"', '"nowhere.toml"', "nowhere.toml"),
        ('"xã Tân Minh"', '"xã Tân Minh', "TOML"),
        ('"Bà Mai"', "7", "name"),
    ],
)
def test_a_mistake_in_the_file_is_named_and_nothing_is_made(
    old: str, new: str, sign: str, office_file: Path, url: str, tmp_path: Path
) -> None:
    office_file.write_text(OFFICE.replace(old, new), encoding="utf-8")
    result = init("--from", str(office_file), "--db", url)
    assert result.exit_code == 1
    assert sign in result.stderr
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    "places",
    ["", '[[group]]\nid = "ha"\n', '[[group]]\nid = "a"\nname = "thôn A"\n[[group]]\nid = "a"\nname = "thôn B"\n'],
)
def test_a_gazetteer_that_cannot_be_used_is_refused(places: str, office_file: Path) -> None:
    (office_file.parent / "places.toml").write_text(places, encoding="utf-8")
    with pytest.raises(InvalidInput):
        read_office_file(office_file)


def test_a_binary_file_is_refused_kindly(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_office_file(path)


@pytest.mark.parametrize(
    ("name", "code"), [("xã Tân Minh", "tan-minh"), ("phường Đông Ba", "dong-ba"), ("Xã", "xa"), ("bản Mới", "ban-moi")]
)
def test_codes_are_plain_letters(name: str, code: str) -> None:
    assert slug(name) == code


def test_the_five_regulations_are_offered() -> None:
    assert [known.code for known in regulations()] == ["thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong"]


def test_a_village_that_would_leave_the_list_is_named_and_stays_until_somebody_says_yes(
    office_file: Path, url: str
) -> None:
    def again(*more: str) -> Result:
        return CliRunner().invoke(app, ["init", "--from", str(office_file), "--db", url, *more])

    assert again().exit_code == 0
    places = office_file.parent / "places.toml"
    places.write_text(PLACES[: PLACES.index('[[group]]\nid = "t4"')], encoding="utf-8")
    refused = again()
    assert refused.exit_code == 1
    assert "thôn 4" in refused.stderr
    assert "--yes" in refused.stderr
    assert again("--yes").exit_code == 0
    assert "thôn 4" not in again().stderr


def test_the_regulation_is_chosen_by_the_name_of_the_province_too(url: str) -> None:
    said = "xã Mường Ngàn\nNhà văn hóa\nđiện biên\nbản A, bản B\nBà Mai\n"
    made = CliRunner().invoke(app, ["init", "--db", url, "--format", "json"], input=said)
    assert made.exit_code == 0, made.output
    assert '"regulation": "dien-bien"' in made.stdout
