"""Who is let in at the webhook: signatures over raw bytes in all the ways Zalo may write them, and no replays."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.zalo_oa.signature import HEADER, SignatureCheck
from casework.clock import ManualClock

APP, OA, KEY = "2918400771122334455", "4318657068771012646", "khoa-webhook-thử"
NOW = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)


def stamp(age: dt.timedelta = dt.timedelta()) -> str:
    return str(int((NOW - age).timestamp() * 1000))


def body(timestamp: object = None, **fields: object) -> bytes:
    return json.dumps({"timestamp": timestamp or stamp(), "event_name": "follow", **fields}).encode()


def signed(raw: bytes, timestamp: str, *, first: str = APP, key: str = KEY) -> str:
    """As Zalo works it out: app id, body, time, key."""
    return hashlib.sha256(b"".join([first.encode(), raw, timestamp.encode(), key.encode()])).hexdigest()


@pytest.fixture
def check() -> SignatureCheck:
    return SignatureCheck(app_id=APP, secret_key=KEY, oa_id=lambda: OA, clock=ManualClock(NOW))


@pytest.mark.parametrize("first", [APP, OA])
@pytest.mark.parametrize("form", ["{}", "mac={}", "MAC={}", " mac= {} "])
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_every_way_of_writing_a_right_signature_is_let_in(first: str, form: str, change, check: SignatureCheck) -> None:
    raw = body()
    assert check({HEADER: form.format(change(signed(raw, stamp(), first=first)))}, raw)


def test_a_time_written_as_a_number_counts_as_its_digits(check: SignatureCheck) -> None:
    raw = body(int(stamp()))
    assert check({HEADER: signed(raw, stamp())}, raw)


def test_the_raw_bytes_count_and_not_what_they_mean(check: SignatureCheck) -> None:
    raw = body(note="Đèn")
    meaning_the_same = json.dumps(json.loads(raw), ensure_ascii=False, indent=1).encode()
    signature = signed(raw, stamp())
    assert check({HEADER: signature}, raw)
    assert not check({HEADER: signature}, meaning_the_same)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "mac="},
        {HEADER: "mac=Đúng\udce9"},
        {HEADER: signed(body(), stamp(), key="khác")},
        {HEADER: signed(body(), stamp(), first="999")},
        {HEADER: signed(body(), "1")},
    ],
    ids=["none", "empty", "only a prefix", "odd characters", "other key", "other app", "other time"],
)
def test_anything_else_is_refused(headers: dict[str, str], check: SignatureCheck) -> None:
    assert not check(headers, body())


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"timestamp": null}'])
def test_a_body_that_is_no_event_is_refused_however_it_is_signed(raw: bytes, check: SignatureCheck) -> None:
    assert not check({HEADER: signed(raw, "")}, raw)


def test_without_a_key_or_an_id_nobody_gets_in() -> None:
    raw = body()
    keyless = SignatureCheck(app_id=APP, secret_key="", clock=ManualClock(NOW))
    assert not keyless({HEADER: signed(raw, stamp(), key="")}, raw)
    without_oa = SignatureCheck(app_id=APP, secret_key=KEY, clock=ManualClock(NOW))
    assert not without_oa({HEADER: signed(raw, stamp(), first="")}, raw)


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (dt.timedelta(hours=1, minutes=51), True),
        (dt.timedelta(hours=2, minutes=29), True),
        (dt.timedelta(hours=2, minutes=31), False),
        (dt.timedelta(days=30), False),
        (-dt.timedelta(hours=5), True),
    ],
)
def test_the_last_retry_is_acted_upon_and_what_looks_older_is_kept_and_set_aside(
    age: dt.timedelta, fresh: bool, check: SignatureCheck
) -> None:
    raw = body(stamp(age))
    assert check({HEADER: signed(raw, stamp(age))}, raw), "Zalo has signed it: it is never dropped"
    reason = check.why_set_aside(raw)
    assert (reason is None) is fresh
    assert fresh or str(reason).startswith("too old")
    assert ("đồng hồ" in check.trouble()) is not fresh
    assert check.why_set_aside(body()) is None
    assert check.trouble() == ""


def test_which_variant_matched_is_logged_once_and_without_secrets(check: SignatureCheck) -> None:
    raw = body()
    with capture_logs() as logs:
        for _ in range(3):
            check({HEADER: f"mac={signed(raw, stamp())}"}, raw)
        check({HEADER: signed(raw, stamp(), first=OA)}, raw)
    assert [entry["variant"] for entry in logs] == ["mac=app_id", "oa_id"]
    assert KEY not in str(logs)


def test_a_wrong_key_shows_as_trouble_whenever_it_became_wrong_until_a_call_fits(check: SignatureCheck) -> None:
    raw = body()
    wrong, right = {HEADER: f"mac={'0' * 64}"}, {HEADER: signed(raw, stamp())}
    assert check.trouble() == ""
    for _ in range(2):
        for _ in range(3):
            assert check.trouble() == ""
            assert not check(wrong, raw)
        assert "DOITHOAI_ZALO_OA_SECRET_KEY" in check.trouble()
        assert check(right, raw)
        assert check.trouble() == ""


def test_what_does_not_even_look_signed_is_no_trouble_of_ours_and_is_not_read(check: SignatureCheck) -> None:
    bomb = b'{"timestamp":"1","a":[' + b"{}," * 340_000 + b"{}]}"
    begun = time.process_time()
    json.loads(bomb)
    read = time.process_time() - begun
    begun = time.process_time()
    for headers in ({}, {HEADER: ""}, {HEADER: "mac=0"}, {HEADER: f"{'0' * 64}0"}):
        assert not check(headers, bomb)
    assert time.process_time() - begun < read / 4
    assert check.trouble() == ""


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=10), max_size=3),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
)
def test_the_check_agrees_with_an_independent_computation(fields: dict[str, str], app: str, key: str) -> None:
    raw = json.dumps({**fields, "timestamp": stamp()}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    check = SignatureCheck(app_id=app, secret_key=key, clock=ManualClock(NOW))
    whole = hashlib.new("sha256")
    for part in (app.encode(), raw, stamp().encode(), key.encode()):
        whole.update(part)
    assert check({HEADER: whole.hexdigest()}, raw)
    assert not check({HEADER: hashlib.sha256(raw).hexdigest()}, raw)
