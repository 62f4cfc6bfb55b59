from __future__ import annotations

from sqlmodel import or_, select

from casework.effects import Withdraw
from casework.usecases.citizens import applying, grouping
from casework.usecases.citizens.submitting import record_predictions
from casework.usecases.work import Services
from storage.records import Citizen, GroupSuggestion, Opinion, OpinionState, Prediction
from tests.casework.factories import make_citizen, make_opinion

ACCUSED = "Đường thôn 4 hỏng, ông Nguyễn Văn Tèo bán phở lấn chiếm vỉa hè, chồng tôi bị ung thư không đi được"


def _asked(services: Services) -> Opinion:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED, text=ACCUSED)
    with services.writing() as work:
        record_predictions(work, opinion.id or 0, services.understander.analyse(ACCUSED))
        work.commit()
    grouping.suggest_pending(services)
    return opinion


def _proposals(services: Services, opinion: Opinion) -> list[GroupSuggestion]:
    sides = or_(GroupSuggestion.opinion_id == opinion.id, GroupSuggestion.other_opinion_id == opinion.id)
    with services.reading() as work:
        return list(work.session.exec(select(GroupSuggestion).where(sides)))


def test_what_the_program_made_of_erased_words_goes_with_them(services: Services) -> None:
    _asked(services)
    erased = _asked(services)
    _asked(services)
    assert {one.opinion_id == erased.id for one in _proposals(services, erased)} == {True, False}
    with services.writing() as work:
        asker = work.session.get_one(Citizen, erased.citizen_id)
        applying._withdraw(work, asker, Withdraw(opinion_id=erased.id or 0, erase=True))
        work.commit()
    with services.reading() as work:
        kept = work.session.exec(select(Prediction).where(Prediction.opinion_id == erased.id)).all()
    assert {one.label for one in kept} == {"kind", "topic", "level", "urgent"}
    assert {one.reason for one in kept} == {""}
    assert _proposals(services, erased) == []
