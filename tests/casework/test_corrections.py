from __future__ import annotations

import pytest

from casework.effects import Withdraw
from casework.errors import Forbidden
from casework.usecases.citizens import applying
from casework.usecases.citizens.submitting import record_predictions
from casework.usecases.moderation import labels, triage, undo
from casework.usecases.moderation.corrections import corrections
from casework.usecases.moderation.labels import Labels
from casework.usecases.work import Services
from nlp.analysis import Kind, Level, Topic
from storage.records import Citizen, Opinion, OpinionState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff

S = OpinionState
TEXT = "Đường thôn 4 lầy lội, gọi ông Nguyễn Văn Tèo 0912 345 678 không ai đến"


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.CONFIDENTIAL, name="Chị Lan")


def asked(services: Services, text: str = TEXT) -> Opinion:
    """As it comes in: with what the program thinks of it."""
    opinion = make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED, text=text, topic="khac")
    with services.writing() as work:
        record_predictions(work, opinion.id or 0, services.understander.analyse(text))
        work.commit()
    return opinion


def corrected(services: Services, lan: int, text: str = TEXT) -> Opinion:
    opinion = asked(services, text)
    labels.reclassify(services, lan, opinion.id or 0, Labels(topic=Topic.HEALTH, level=Level.PROVINCE))
    return opinion


def test_only_what_a_person_corrected_is_handed_out_with_what_they_said(services: Services, lan: int) -> None:
    asked(services)
    corrected(services, lan)
    (one,) = corrections(services, lan)
    assert one.corrected == {"topic", "level"}
    assert dict(one.labels) == {"kind": "y-kien", "topic": "y-te", "level": "tinh", "urgent": "false"}


def test_the_last_word_of_a_person_counts_and_one_taken_back_does_not(services: Services, lan: int) -> None:
    opinion = corrected(services, lan)
    labels.reclassify(services, lan, opinion.id or 0, Labels(topic=Topic.EDUCATION))
    (one,) = corrections(services, lan)
    assert one.labels["topic"] == Topic.EDUCATION
    undo.undo(services, lan, opinion.id or 0)
    (one,) = corrections(services, lan)
    assert one.labels["topic"] == Topic.HEALTH


def test_nobodys_data_leave_with_the_words(services: Services, lan: int) -> None:
    corrected(services, lan)
    (one,) = corrections(services, lan)
    assert "lầy lội" in one.text
    assert not [secret for secret in ("Nguyễn", "Tèo", "0912", "678") if secret in one.text]


def test_sealed_withdrawn_and_erased_ones_are_never_handed_out(services: Services, lan: int) -> None:
    denounced, withdrawn, erased = (corrected(services, lan) for _ in range(3))
    assert len(corrections(services, lan)) == 3
    triage.redirect(services, lan, denounced.id or 0, kind=Kind.DENUNCIATION)
    with services.writing() as work:
        for opinion, erase in ((withdrawn, False), (erased, True)):
            asker = work.session.get_one(Citizen, opinion.citizen_id)
            applying._withdraw(work, asker, Withdraw(opinion_id=opinion.id or 0, erase=erase))
        work.commit()
    assert corrections(services, lan) == []


def test_who_decides_on_nothing_learns_nothing(services: Services) -> None:
    with pytest.raises(Forbidden):
        corrections(services, make_staff(services, Role.CONFIDENTIAL, name="Anh Kín"))
