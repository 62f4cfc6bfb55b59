from __future__ import annotations

import io
import random

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from casework import qr
from casework.codes import ALPHABET, new_code
from casework.doors import Entrances, bot_name, doors
from casework.errors import Forbidden, InvalidInput
from casework.spelling import read_aloud
from casework.usecases.office.entrances import entrances, remember_telegram_bot
from casework.usecases.work import Services
from storage.records import Role, ZaloGrant
from tests.casework.factories import make_staff

OA = "2834567890123456789"


def read(picture: bytes) -> str:
    """What a phone reads off a picture."""
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(found.text)


# --------------------------------------------------------------------------- codes


@pytest.mark.parametrize("error", ["M", "Q"])
@pytest.mark.parametrize("text", ["https://zalo.me/2834567890123456789", "Ý kiến của ông/bà", "0"])
def test_a_phone_reads_what_was_put_into_the_code(text, error) -> None:
    assert read(qr.png(text, error=error)) == text


def test_a_soiled_code_is_still_read() -> None:
    picture = Image.open(io.BytesIO(qr.png(f"https://zalo.me/{OA}", error="Q"))).convert("L")
    width = picture.width
    picture.paste(255, (int(width * 0.55), int(width * 0.45), int(width * 0.7), int(width * 0.6)))
    [found] = zxingcpp.read_barcodes(picture)
    assert found.text == f"https://zalo.me/{OA}"


def test_a_code_has_the_white_border_scanners_want() -> None:
    picture = Image.open(io.BytesIO(qr.png("x"))).convert("L")
    border = qr.QUIET_ZONE * qr.SCALE
    assert picture.crop((0, 0, picture.width, border)).getextrema() == (255, 255)
    assert picture.getpixel((border, border)) == 0


def test_a_page_gets_its_code_as_svg() -> None:
    assert b"<svg" in qr.svg("https://example.vn/a/x")


@given(st.integers())
def test_every_symbol_of_a_receipt_code_has_a_name_to_be_read_aloud(seed: int) -> None:
    code = new_code(random.Random(seed))
    assert len(read_aloud(code).replace(" – ", ", ").split(", ")) == len(code)


def test_a_code_is_read_aloud_in_two_groups() -> None:
    assert read_aloud("k7p-4mx") == "ca, bảy, pê – bốn, em-mờ, ích-xì"
    names = [read_aloud(symbol) for symbol in ALPHABET]
    assert len(set(names)) == len(ALPHABET)


# --------------------------------------------------------------------------- doors


def test_zalo_comes_first_and_does_not_know_the_village_while_telegram_does() -> None:
    zalo, telegram = doors(Entrances(zalo_oa_id=OA, telegram_bot="TanMinhBot"), "ha")
    assert (zalo.name, zalo.url, zalo.knows_village) == ("Zalo", f"https://zalo.me/{OA}", False)
    assert (telegram.url, telegram.knows_village) == ("https://t.me/TanMinhBot?start=v_ha", True)


def test_without_a_village_or_with_one_telegram_cannot_carry_the_door_just_opens() -> None:
    both = Entrances(zalo_oa_id=OA, telegram_bot="TanMinhBot")
    assert [door.url for door in doors(both)] == [f"https://zalo.me/{OA}", "https://t.me/TanMinhBot"]
    long = doors(both, "x" * 70)[1]
    assert (long.url, long.knows_village) == ("https://t.me/TanMinhBot", False)


def test_an_office_may_name_the_address_behind_the_zalo_code_once_zalo_hands_a_payload_on() -> None:
    known = Entrances(zalo_oa_id=OA, zalo_url="https://zalo.me/{oa_id}?q={village}")
    [door] = doors(known, "thôn 4")
    assert door.url == f"https://zalo.me/{OA}?q=v_th%C3%B4n%204"
    assert door.knows_village
    for wrong in ("https://zalo.me/{oa}", "javascript:{oa_id}"):
        with pytest.raises(InvalidInput):
            doors(Entrances(zalo_oa_id=OA, zalo_url=wrong), "ha")


def test_no_account_means_no_door() -> None:
    assert doors(Entrances(), "ha") == []


@pytest.mark.parametrize("typed", ["TanMinhBot", "@TanMinhBot", "https://t.me/TanMinhBot", "t.me/TanMinhBot?start=x"])
def test_the_name_of_a_bot_is_taken_as_people_paste_it(typed) -> None:
    assert bot_name(typed) == "TanMinhBot"


@pytest.mark.parametrize("typed", ["", "tan minh bot", "TanMinh", "bot", "@x/../bot", "a" * 40 + "bot"])
def test_what_cannot_be_a_bot_is_refused(typed) -> None:
    with pytest.raises(InvalidInput):
        bot_name(typed)


def test_the_account_that_gave_permission_goes_before_the_one_of_the_settings(services: Services) -> None:
    assert entrances(services, zalo_oa_id="1") == Entrances(zalo_oa_id="1")
    with services.writing() as work:
        work.add(ZaloGrant(account="app", oa_id=OA))
        work.commit()
    assert entrances(services, zalo_oa_id="1").zalo_oa_id == OA


def test_the_telegram_bot_is_named_once_by_who_may_and_kept_beside_the_contact(services: Services) -> None:
    with pytest.raises(Forbidden):
        remember_telegram_bot(services, make_staff(services, Role.VILLAGE_OFFICER, village="ha"), "TanMinhBot")
    remember_telegram_bot(services, make_staff(services, Role.ADMIN), "@TanMinhBot")
    assert entrances(services).telegram_bot == "TanMinhBot"
