from __future__ import annotations

import pytest

from casework.errors import InvalidInput
from casework.grounds import NATIONAL, GroundUse, ground, grounds
from casework.wording import keys

REGULATIONS = ("thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong")


@pytest.mark.parametrize("one", grounds(), ids=lambda one: one.code)
@pytest.mark.parametrize("regulation", REGULATIONS)
def test_every_ground_rests_on_a_cited_place_or_says_why_it_is_assumed(one: object, regulation: str) -> None:
    chosen = next(each for each in grounds() if each is one)
    basis = chosen.basis(regulation)
    assert basis.text
    assert basis.assumed == bool(basis.reason)
    spoken = {citation.regulation for citation in chosen.citations}
    assert basis.assumed == (regulation not in spoken and NATIONAL not in spoken)


def test_the_own_regulation_speaks_before_the_law_of_the_country() -> None:
    assert "Điều 1 khoản 2" in ground("KHIEU_NAI").basis("ha-noi").text
    assert ground("KHIEU_NAI").basis("thanh-hoa").text == "Luật Khiếu nại"


def test_citations_name_known_texts_only_and_quote_them() -> None:
    cited = {citation.regulation for one in grounds() for citation in one.citations}
    assert cited <= {*REGULATIONS, NATIONAL}


@pytest.mark.parametrize("typed", ["XUC_PHAM_VU_KHONG", "xuc-pham-vu-khong", " 4 ", "xuc pham vu khong"])
def test_a_ground_is_found_by_code_or_number_typed_loosely(typed: str) -> None:
    assert ground(typed).code == "XUC_PHAM_VU_KHONG"


def test_a_ground_outside_its_use_is_not_on_the_list() -> None:
    with pytest.raises(InvalidInput, match="không có trong danh sách"):
        ground("GAY_ROI_SAY_DE_DOA", uses=(GroundUse.OPINION,))
    assert ground("GAY_ROI_SAY_DE_DOA", uses=(GroundUse.HALL,)).use is GroundUse.HALL


def test_what_the_asker_reads_is_whole_sentences_to_an_elder() -> None:
    for one in grounds():
        assert one.text.endswith(".")
        assert one.instead.endswith(".")
    assert {key for key in keys() if key.startswith("decision.")}
