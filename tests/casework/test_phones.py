"""Phone numbers are kept with consent only, in one spelling, once, and are forgotten at a word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col, select

from casework.errors import InvalidInput
from casework.usecases.citizens import people
from casework.usecases.citizens.phones import forget_phone, has_phone, is_free, keep_phone
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Citizen, Consent, ConsentPurpose
from tests.casework.factories import make_citizen


def _consent(services: Services, citizen: int, granted: bool) -> None:
    with services.writing() as work:
        person = work.session.get_one(Citizen, citizen)
        identity = work.session.exec(
            select(ChannelIdentity).where(
                ChannelIdentity.citizen_id == citizen, col(ChannelIdentity.channel) != "zalo-zbs"
            )
        ).one()
        people.record_consent(
            work,
            person,
            identity,
            purpose=ConsentPurpose.PHONE,
            granted=granted,
            sentence_hash="x",
            wording_version="1",
            shown_name=None,
        )
        work.commit()


def _keep(services: Services, citizen: int, phone: str) -> bool:
    with services.writing() as work:
        kept = keep_phone(work, work.session.get_one(Citizen, citizen), phone)
        work.commit()
    return kept


def _numbers(services: Services, citizen: int | None = None) -> list[str]:
    with services.reading() as work:
        rows = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.channel == "zalo-zbs"))
        return [row.external_id for row in rows if citizen is None or row.citizen_id == citizen]


@pytest.mark.parametrize("written", ["0950 000 001", "+84950000001", "84 950.000.001", "(095) 000-0001"])
def test_every_usual_spelling_is_one_number(services: Services, written: str) -> None:
    citizen = make_citizen(services)
    _consent(services, citizen, True)
    assert _keep(services, citizen, written)
    assert _keep(services, citizen, "0950000001")
    assert _numbers(services) == ["84950000001"]


def test_without_consent_or_after_it_was_taken_back_nothing_is_kept(services: Services) -> None:
    citizen = make_citizen(services)
    with pytest.raises(InvalidInput, match="chưa đồng ý"):
        _keep(services, citizen, "0950000001")
    _consent(services, citizen, True)
    _consent(services, citizen, False)
    with pytest.raises(InvalidInput, match="chưa đồng ý"):
        _keep(services, citizen, "0950000001")
    assert _numbers(services) == []


def test_what_is_no_mobile_number_is_refused(services: Services) -> None:
    citizen = make_citizen(services)
    _consent(services, citizen, True)
    for phone in ("", "113", "02373852222", "tôi không nhớ"):
        with pytest.raises(InvalidInput, match="chưa đúng"):
            _keep(services, citizen, phone)


def test_a_new_number_takes_the_place_of_the_old_one(services: Services) -> None:
    citizen = make_citizen(services)
    _consent(services, citizen, True)
    _keep(services, citizen, "0950000001")
    _keep(services, citizen, "0950000002")
    assert _numbers(services, citizen) == ["84950000002"]
    assert "84950000001" not in _numbers(services)


def test_a_number_of_somebody_else_stays_theirs(services: Services) -> None:
    first, second = make_citizen(services), make_citizen(services)
    for citizen in (first, second):
        _consent(services, citizen, True)
    assert _keep(services, first, "0950000001")
    assert not _keep(services, second, "0950000001")
    with services.reading() as work:
        mine, theirs = (work.session.get_one(Citizen, one) for one in (first, second))
        assert is_free(work, mine, "84950000001")
        assert not is_free(work, theirs, "84950000001")
        assert is_free(work, theirs, "84950000002")
    assert _numbers(services, second) == []


def test_taking_the_consent_back_forgets_the_number_at_once_and_for_good(services: Services) -> None:
    citizen = make_citizen(services)
    _consent(services, citizen, True)
    _keep(services, citizen, "0950000001")
    _consent(services, citizen, False)
    assert _numbers(services, citizen) == []
    assert not any("950000001" in number for number in _numbers(services))
    with services.writing() as work:
        person = work.session.get_one(Citizen, citizen)
        assert not has_phone(work, person)
        assert not forget_phone(work, person)
        consents = work.session.exec(select(Consent).where(Consent.purpose == ConsentPurpose.PHONE)).all()
        assert [row.granted for row in consents] == [True, False]


def test_the_number_belongs_to_the_app_of_the_settings(services: Services) -> None:

    services.policy = replace(services.policy, phone_account="77")
    citizen = make_citizen(services)
    _consent(services, citizen, True)
    _keep(services, citizen, "0950000001")
    with services.reading() as work:
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.channel == "zalo-zbs")).one()
    assert (identity.account, identity.citizen_id, identity.reachable) == ("77", citizen, True)
