from __future__ import annotations

import pytest

from casework.errors import InvalidInput
from casework.grounds import Ground, GroundUse, ground, grounds
from casework.regulations import NATIONAL, regulation, regulations
from casework.wording import keys

CODES = [text.code for text in regulations()]


@pytest.mark.parametrize("one", grounds(), ids=lambda one: one.code)
@pytest.mark.parametrize("code", CODES)
def test_every_ground_rests_on_a_cited_place_or_says_why_it_is_assumed(one: Ground, code: str) -> None:
    basis = one.basis(code)
    assert basis.text
    assert basis.assumed == bool(basis.reason)
    spoken = [one.rule_in(regulation(wanted)) for wanted in (code, NATIONAL)]
    assert basis.assumed == all(rule is None or rule.assumed for rule in spoken)


def test_a_ground_the_text_only_lets_infer_keeps_its_place_and_says_it_is_assumed() -> None:
    basis = ground("NGOAI_DIA_BAN").basis("son-la")
    assert (basis.text, basis.assumed) == ("Quy định năm 2019 của Tỉnh ủy Sơn La, Điều 4 khoản 3", True)
    assert "không nói được từ chối" in basis.reason


def test_a_law_that_speaks_goes_before_what_is_inferred_from_the_own_text() -> None:
    basis = ground("BI_MAT_NHA_NUOC").basis("son-la")
    assert (basis.text, basis.assumed) == ("pháp luật về bảo vệ bí mật nhà nước", False)


def test_the_own_regulation_speaks_before_the_law_of_the_country() -> None:
    assert ground("KHIEU_NAI").basis("ha-noi").text == "Quy chế kèm Quyết định 2200-QĐ/TU, Điều 1 khoản 2"
    assert ground("KHIEU_NAI").basis("thanh-hoa").text == "Luật Khiếu nại"


def test_a_ground_under_an_unknown_regulation_is_refused_rather_than_assumed() -> None:
    with pytest.raises(InvalidInput, match="sao-hoa"):
        ground("KHIEU_NAI").basis("sao-hoa")


def test_the_texts_speak_of_grounds_on_the_closed_list_only() -> None:
    spoken = {rule.ground for code in (*CODES, NATIONAL) for rule in regulation(code).grounds}
    assert spoken <= {one.code for one in grounds()}


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


def test_no_ground_claims_a_text_in_its_own_words() -> None:
    # Which text it is, if any, is cited after the reason.
    assert not [one.code for one in grounds() if "quy định" in one.text.lower() or "quy chế" in one.text.lower()]
