"""The office's file of ZBS templates: what it may say, and what filling one gives."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import policy_of
from bot.settings import Settings
from casework.errors import InvalidInput
from casework.ladder.forms import NEVER_CUT, FormField, fill, read_forms
from casework.ladder.values import TemplateForm

ANSWER = """
[[forms]]
purposes = ["answer", "conclusion"]
route = "uid"
template_id = "302259"
price_vnd = 210
[forms.parameters.ma]
field = "code"
[forms.parameters.don_vi]
field = "office"
limit = 12
cut = true
"""
OTHERS_BY_PHONE = """
[[forms]]
purposes = ["*"]
route = "phone"
template_id = "302260"
price_vnd = 300
[forms.parameters.ma]
field = "code"
[forms.parameters.duong_dan]
field = "link"
optional = true
"""
FIELDS = {"code": "K7P4MX", "office": "xã Tân Minh", "status": "văn bản trả lời", "date": "5/12/2026"}


def _file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "zbs.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_forms_are_found_by_purpose_and_route(tmp_path: Path) -> None:
    forms = read_forms(_file(tmp_path, ANSWER + OTHERS_BY_PHONE))
    assert {purpose: form.template_id for purpose, form in forms.uid.items()} == {
        "answer": "302259",
        "conclusion": "302259",
    }
    assert forms.phone["*"].price_vnd == 300
    assert forms.phone["*"].limits == {"ma": 30, "duong_dan": 200}
    assert [(route, purpose) for route, purpose, _ in forms] == [
        ("uid", "answer"),
        ("uid", "conclusion"),
        ("phone", "*"),
    ]


def test_phone_forms_count_only_where_the_office_sends_to_phones(tmp_path: Path) -> None:
    file = _file(tmp_path, ANSWER + OTHERS_BY_PHONE)
    without = policy_of(Settings(zalo_zbs_templates=file, zalo_oa_app_id="77"))
    assert without.form("zalo-oa", "answer") is not None
    assert without.form("zalo-zbs", "answer") is None
    assert without.phone_account == "77"
    by_phone = policy_of(Settings(zalo_zbs_templates=file, zalo_zbs_by_phone=True))
    assert by_phone.form("zalo-zbs", "answer") == by_phone.phone_forms["*"]
    assert policy_of(Settings()).forms == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("forms = [", "không đúng dạng TOML"),
        ("", "forms: thiếu mục này"),
        (ANSWER.replace("answer", "tra-loi"), "chỉ nhận *, reply"),
        (ANSWER.replace('"uid"', '"sms"'), "forms.0.route: chỉ nhận 'uid' or 'phone'"),
        (ANSWER.replace('"office"', '"phone"'), "forms.0.parameters.don_vi.field: chỉ nhận"),
        (ANSWER.replace("302259", "abc"), "forms.0.template_id: chỉ gồm chữ số"),
        (ANSWER.replace('"302259"', "302259"), "forms.0.template_id"),
        (ANSWER.replace("don_vi", '"đơn vị"'), "tên tham số"),
        (ANSWER.replace('"code"', '"code"\ncut = true'), "không được cắt"),
        (ANSWER.replace('"code"', '"date"'), "field = code"),
        (ANSWER.replace("price_vnd", "gia"), "forms.0.gia: không có mục này"),
        (ANSWER + ANSWER, "answer có hai mẫu cho đường uid"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_forms(_file(tmp_path, text))
    assert said in caught.value.what
    assert "zbs.toml" in caught.value.what
    assert caught.value.todo


def test_a_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="DOITHOAI_ZALO_ZBS_TEMPLATES"):
        read_forms(tmp_path / "none.toml")


def test_a_form_is_filled_and_only_what_may_be_cut_is_cut(tmp_path: Path) -> None:
    form = read_forms(_file(tmp_path, ANSWER)).uid["answer"]
    message = fill(form, {**FIELDS, "office": "phường  Phước Thắng\nbên sông"})
    assert message.template_id == "302259"
    assert message.data["ma"] == "K7P4MX"
    assert message.data["don_vi"].endswith("…")
    assert len(message.data["don_vi"]) <= 12


def test_a_value_that_is_missing_or_too_long_is_refused_before_sending(tmp_path: Path) -> None:
    form = read_forms(_file(tmp_path, ANSWER.replace("cut = true", ""))).uid["answer"]
    with pytest.raises(InvalidInput, match="don_vi dài 13 ký tự, chỉ được 12"):
        fill(form, {**FIELDS, "office": "x" * 13})
    with pytest.raises(InvalidInput, match="mã ý kiến"):
        fill(form, {"office": "xã"})
    by_phone = read_forms(_file(tmp_path, OTHERS_BY_PHONE)).phone["*"]
    assert dict(fill(by_phone, FIELDS).data) == {"ma": "K7P4MX"}


@given(value=st.text(max_size=80), field=st.sampled_from(list(FormField)), limit=st.integers(1, 60), cut=st.booleans())
def test_what_is_filled_always_fits_and_codes_dates_and_links_stay_whole(
    value: str, field: FormField, limit: int, cut: bool
) -> None:
    may_cut = frozenset({"p"}) if cut and field not in NEVER_CUT else frozenset()
    form = TemplateForm(template_id="1", parameters={"p": field.value}, limits={"p": limit}, may_cut=may_cut)
    try:
        filled = fill(form, {field.value: value}).data["p"]
    except InvalidInput:
        return
    assert 0 < len(filled) <= limit
    assert filled == filled.strip()
    assert "\n" not in filled
    if not may_cut:
        assert filled.split() == unicodedata.normalize("NFC", value).split()
