"""Sending through the official account: what arrives on the phone, which window it went through, and which way."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import unicodedata
from dataclasses import replace

import pytest

from bot.channels.posting import Poster
from bot.channels.zalo_oa.channel import MAX_TEXT, ZaloOaChannel
from bot.channels.zalo_oa.client import SEND, SEND_OLD, Client
from bot.outbox import Outbox, no_waiting
from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import STATE_AGENCY, ZaloOaStandin
from bot.standins.zalo_templates import Template
from casework import notices
from casework.clock import ManualClock
from casework.talk import Button, MessageKind, OutboundMessage, OutcomeKind, Reply, TemplateMessage
from casework.usecases.citizens import people
from casework.usecases.work import Services

PERSON = "4521893670011223344"
ANSWER = OutboundMessage(chat_id=PERSON, text="Đèn đường ngõ 3 đã sửa xong.")
HOUR, DAY = 3600.0, 86400.0


@pytest.fixture(autouse=True)
async def written(zalo: ZaloOaStandin) -> str:
    return await zalo.says(PERSON, "Đèn đường ngõ 3 hỏng")


def paths(zalo: ZaloOaStandin) -> list[str]:
    return [call.method for call in zalo.calls]


# ---------------------------------------------------------------------- words and buttons


async def test_a_message_arrives_composed_and_costs_nothing_inside_of_48_hours(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    apart = unicodedata.normalize("NFD", ANSWER.text)
    outcome = await channel.send(replace(ANSWER, text=apart))
    assert (outcome.kind, outcome.price_vnd) == (OutcomeKind.SENT, 0)
    (shown,) = zalo.messages_of(PERSON)
    assert shown.text == ANSWER.text
    assert outcome.external_id == shown.message_id
    assert paths(zalo) == ["cs"], "nothing is asked when the window is surely open"


async def test_text_of_exactly_the_platforms_length_is_taken_and_one_more_is_not_even_tried(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    assert (await channel.send(replace(ANSWER, text="ệ" * MAX_TEXT))).kind is OutcomeKind.SENT
    refused = await channel.send(replace(ANSWER, text="ệ" * (MAX_TEXT + 1)))
    assert refused.kind is OutcomeKind.REJECTED
    assert len(zalo.calls) == 1


async def test_a_tapped_button_comes_back_as_a_press_with_its_token(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    buttons = ((Button(label="1. Đồng ý", token="c:4:1"), Button(label="2. Sửa", token="c:4:2")),)
    await channel.send(replace(ANSWER, buttons=buttons))
    (shown,) = zalo.messages_of(PERSON)
    assert [button["title"] for button in shown.buttons] == ["1. Đồng ý", "2. Sửa"]
    assert {button["type"] for button in shown.buttons} == {"oa.query.hide"}
    await zalo.taps(PERSON, "Sửa")
    (found,) = channel.parse(zalo.caller.lost[-1])
    assert (found.kind, found.token, found.text) == (MessageKind.PRESS, "c:4:2", "")


async def test_more_buttons_than_zalo_takes_become_lines_whose_digits_do_the_same(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, services: Services
) -> None:
    rows = tuple((Button(label=f"Thôn {n}", token=f"c:1:{n}"),) for n in range(1, 8))
    refused = await channel.send(replace(ANSWER, buttons=rows))
    assert refused.kind is OutcomeKind.REJECTED, "one button too many would sink the whole message"
    (message,) = channel.parse(zalo.text_event(PERSON, "x"))
    with services.writing() as work:
        identity = people.meet(work, message).identity
        assert identity.id is not None
        identity.last_inbound_at = work.now
        work.session.add(identity)
        for key, count in (("seven", 7), ("five", 5)):
            reply = Reply(text="Ông/bà ở thôn nào?", buttons=rows[:count])
            notices.reply(work, key=key, identity_id=identity.id, message=reply)
        work.commit()
    await Outbox(services, {(channel.name, channel.account): channel}, pace=no_waiting).flush()
    seven, five = zalo.messages_of(PERSON)
    assert seven.buttons == []
    assert [line for line in seven.text.splitlines() if "Thôn" in line] == [f"{n}. Thôn {n}" for n in range(1, 8)]
    assert len(five.buttons) == 5
    assert "Thôn 1" not in five.text


@pytest.mark.parametrize("kind", ["", "button"])
async def test_the_kind_of_button_messages_is_a_setting(
    kind: str, zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock, tokens
) -> None:
    client = Client(tokens, base_url=zalo.base_url, button_template_type=kind)
    own = ZaloOaChannel(client, account=zalo.APP_ID, clock=clock)
    await own.open()
    assert (await own.send(replace(ANSWER, buttons=((Button(label="1. Có", token="c:1:1"),),)))).kind == "sent"
    await own.close()
    payload = zalo.calls[-1].params["message"]["attachment"]["payload"]
    assert payload.get("template_type", "") == kind


async def test_an_answer_quotes_the_question_and_comes_without_quote_when_that_is_gone(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, written: str
) -> None:
    assert (await channel.send(replace(ANSWER, reply_to=written))).kind is OutcomeKind.SENT
    assert zalo.calls[-1].params["message"]["quote_message_id"] == written
    outcome = await channel.send(replace(ANSWER, reply_to="0a1b2c"))
    assert outcome.kind is OutcomeKind.SENT
    assert zalo.texts_to(PERSON) == [ANSWER.text, ANSWER.text]
    assert "quote_message_id" not in zalo.calls[-1].params["message"]


async def test_only_a_bad_quote_leads_to_a_second_try(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, written: str
) -> None:
    zalo.faults.inject(Fault.lost_reply())
    assert (await channel.send(replace(ANSWER, reply_to=written))).kind is OutcomeKind.UNKNOWN
    assert zalo.texts_to(PERSON) == [ANSWER.text]


async def test_zalos_contact_form_is_asked_for(zalo: ZaloOaStandin, channel: ZaloOaChannel) -> None:
    outcome = await channel.ask_for_contact(
        PERSON, title="Số điện thoại", subtitle="Để báo khi có trả lời", image_url="https://example.vn/a.png"
    )
    assert outcome.kind is OutcomeKind.SENT
    (shown,) = zalo.messages_of(PERSON)
    assert shown.attachment is not None
    assert shown.attachment["payload"]["template_type"] == "request_user_info"


async def test_a_profile_tells_the_shown_name_or_nothing(zalo: ZaloOaStandin, channel: ZaloOaChannel) -> None:
    profile = await channel.client.profile(PERSON)
    assert profile is not None
    assert profile.display_name == "Bà con 3344"
    zalo.blocks(PERSON)
    assert await channel.client.profile(PERSON) is None


# ---------------------------------------------------------------------- windows


@pytest.mark.parametrize(
    ("silence", "paid", "expect", "asked_only"),
    [
        (47.9 * HOUR, False, OutcomeKind.SENT, False),
        (48.1 * HOUR, False, OutcomeKind.WINDOW_CLOSED, True),
        (48.1 * HOUR, True, OutcomeKind.SENT, False),
        (6.9 * DAY, True, OutcomeKind.SENT, False),
        (7.1 * DAY, True, OutcomeKind.WINDOW_CLOSED, True),
        (40 * DAY, True, OutcomeKind.WINDOW_CLOSED, True),
    ],
)
async def test_before_a_late_send_zalo_is_asked_whether_the_window_is_open(
    silence: float,
    paid: bool,
    expect: OutcomeKind,
    asked_only: bool,
    zalo: ZaloOaStandin,
    channel: ZaloOaChannel,
    clock: ManualClock,
    tokens,
) -> None:
    last = clock.now()
    clock.advance(silence)
    await tokens.renewed(await tokens.current())
    outcome = await channel.send(replace(ANSWER, check_window=True, paid=paid))
    assert outcome.kind is expect
    assert outcome.last_interaction_at == last
    assert paths(zalo) == (["quota"] if asked_only else ["quota", "cs"])


async def test_a_billed_message_says_what_it_cost(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock, tokens
) -> None:
    clock.advance(3 * DAY)
    await tokens.renewed(await tokens.current())
    zalo.package_left = 1
    outcomes = [await channel.send(replace(ANSWER, paid=True)) for _ in range(2)]
    assert [outcome.price_vnd for outcome in outcomes] == [55, 55], "from the package, then billed to the account"


@pytest.mark.parametrize("account", ["none", "empty"])
async def test_without_money_a_paid_message_waits_for_the_morning_as_long_as_it_may_be_sent_then(
    account: str, zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock, tokens
) -> None:
    clock.advance(6.2 * DAY)
    await tokens.renewed(await tokens.current())
    zalo.account = account
    paid = replace(ANSWER, paid=True, check_window=True)
    held = await channel.send(paid)
    assert held.kind is OutcomeKind.THROTTLED
    assert "06:05 ngày mai" in held.detail
    assert (await channel.send(ANSWER)).kind is OutcomeKind.WINDOW_CLOSED, "not meant to be paid for"
    clock.advance(0.75 * DAY)
    await tokens.renewed(await tokens.current())
    late = await channel.send(paid)
    assert (late.kind, late.retry_after) == (OutcomeKind.WINDOW_CLOSED, None)
    assert "quá hạn gửi" in late.detail


async def test_buttons_zalo_does_not_take_come_as_text_with_the_choices_written_out_once(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    asks = replace(ANSWER, buttons=((Button(label="1. Có", token="a"), Button(label="2. Không", token="b")),))
    zalo.faults.inject(Fault.code(-201))
    assert (await channel.send(asks)).kind is OutcomeKind.SENT
    (text,) = zalo.texts_to(PERSON)
    assert text.startswith(ANSWER.text)
    assert "1. Có" in text
    assert "2. Không" in text
    calls = len(zalo.calls_of("cs", PERSON))
    zalo.faults.inject(Fault.code(-201), times=None)
    assert (await channel.send(asks)).kind is OutcomeKind.REJECTED
    assert len(zalo.calls_of("cs", PERSON)) == calls + 2


async def test_a_token_refused_although_renewed_is_not_renewed_again_until_something_is_taken(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    zalo.faults.inject(Fault.code(-124), times=None)
    for _ in range(5):
        assert (await channel.send(ANSWER)).kind is OutcomeKind.CHANNEL_DOWN
    assert tokens.renewals == 1
    zalo.faults.heal()
    assert (await channel.send(ANSWER)).kind is OutcomeKind.SENT
    zalo.faults.inject(Fault.code(-216))
    assert (await channel.send(ANSWER)).kind is OutcomeKind.SENT
    assert tokens.renewals == 2


async def test_a_question_about_the_window_that_gets_no_answer_leaves_nothing_in_doubt(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    for fault in (Fault.lost_reply(), Fault.page(502)):
        await nothing_is_in_doubt(fault, zalo, channel)


@pytest.mark.parametrize("patience", [0.3])
async def test_nor_does_one_that_is_never_answered(zalo: ZaloOaStandin, channel: ZaloOaChannel) -> None:
    await nothing_is_in_doubt(Fault.silent(), zalo, channel)


async def nothing_is_in_doubt(fault: Fault, zalo: ZaloOaStandin, channel: ZaloOaChannel) -> None:
    zalo.faults.inject(fault, method="quota")
    outcome = await channel.send(replace(ANSWER, check_window=True))
    assert outcome.kind is OutcomeKind.RETRY_LATER
    assert "chưa gửi" in outcome.detail
    assert zalo.texts_to(PERSON) == []


@pytest.mark.parametrize("code", [-235, -201, -999])
async def test_a_question_about_the_window_that_is_refused_for_its_own_sake_stops_no_message(
    code: int, zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    zalo.faults.inject(Fault.code(code), method="quota")
    outcome = await channel.send(replace(ANSWER, check_window=True))
    assert (outcome.kind, outcome.last_interaction_at) == (OutcomeKind.SENT, None)


async def test_what_zalo_refuses_when_asked_about_the_window_counts_as_for_a_send(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    zalo.faults.inject(Fault.code(-213), method="quota")
    assert (await channel.send(replace(ANSWER, check_window=True))).kind is OutcomeKind.RECIPIENT_STOPPED
    assert paths(zalo) == ["quota"]


# ---------------------------------------------------------------------- forms


async def test_a_form_goes_out_weeks_later_and_says_what_it_cost(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock, tokens
) -> None:
    zalo.templates["321"] = Template(template_id="321", text="Kiến nghị <ma> đã có kết quả.", params={"ma": 30})
    clock.advance(40 * DAY)
    await tokens.renewed(await tokens.current())
    form = TemplateMessage(template_id="321", data={"ma": "K7M2QX"})
    outcome = await channel.send(OutboundMessage(chat_id=PERSON, text="", template=form, check_window=True))
    (shown,) = zalo.messages_of(PERSON)
    assert (outcome.kind, outcome.price_vnd, outcome.external_id) == (OutcomeKind.SENT, 210, shown.message_id)
    assert shown.text == "Kiến nghị K7M2QX đã có kết quả."
    assert paths(zalo) == ["template"], "a form knows no window"
    assert zalo.calls[-1].params == {"user_id": PERSON, "template_id": "321", "template_data": {"ma": "K7M2QX"}}


# ---------------------------------------------------------------------- tokens and endpoints


async def test_a_refused_token_is_renewed_once_and_the_message_arrives_once(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock, tokens
) -> None:
    clock.advance(26 * HOUR)
    assert (await channel.send(ANSWER)).kind is OutcomeKind.SENT
    assert tokens.renewals == 1
    assert zalo.texts_to(PERSON) == [ANSWER.text]


@pytest.mark.parametrize("code", [-216, -220, 401, -401, 216])
async def test_a_token_refused_twice_means_that_the_channel_is_down(
    code: int, zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    zalo.faults.inject(Fault.code(code), times=2)
    assert (await channel.send(ANSWER)).kind is OutcomeKind.CHANNEL_DOWN
    assert tokens.renewals == 1
    assert paths(zalo) == ["cs", "cs"]


async def test_without_permission_sends_say_what_to_do_and_nothing_is_called(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    tokens.gone = True
    outcome = await channel.send(ANSWER)
    assert (outcome.kind, outcome.detail) == (OutcomeKind.CHANNEL_DOWN, "Zalo OA chưa cấp quyền. Kết nối lại Zalo OA.")
    assert zalo.calls == []


@pytest.mark.parametrize("patience", [0.3])
async def test_a_token_that_takes_too_long_puts_the_message_off_and_leaves_nothing_in_doubt(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    tokens.stuck = True
    assert (await channel.send(ANSWER)).kind is OutcomeKind.RETRY_LATER
    assert zalo.calls == []


async def test_a_state_agencys_account_falls_back_once_and_stays_there(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    zalo.oa_type = STATE_AGENCY
    assert (await channel.send(ANSWER)).kind is OutcomeKind.SENT
    assert (await channel.send(ANSWER)).kind is OutcomeKind.SENT
    assert paths(zalo) == ["cs", "v2", "v2"]
    assert tokens.pinned == [SEND_OLD]
    assert zalo.texts_to(PERSON) == [ANSWER.text, ANSWER.text]
    first, second, _ = (call.params for call in zalo.calls)
    assert first == second, "the same body"


async def test_an_account_that_became_a_business_goes_back_to_the_newer_endpoint(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    tokens.send_path = SEND_OLD
    assert (await channel.send(ANSWER)).kind is OutcomeKind.SENT
    assert (paths(zalo), tokens.pinned) == (["v2", "cs"], [SEND])


@pytest.mark.parametrize(
    "fault",
    [Fault.code(code) for code in (-200, -201, -230, -233, -240, -999)] + [Fault.lost_reply(), Fault.page(502)],
    ids=lambda fault: str(fault.refusal.error if fault.refusal else fault.status),
)
async def test_no_other_error_leads_to_the_second_endpoint(
    fault: Fault, zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    zalo.faults.inject(fault)
    await channel.send(ANSWER)
    assert (paths(zalo), tokens.pinned) == (["cs"], [])


async def test_an_endpoint_that_delivered_nothing_is_not_remembered(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, tokens
) -> None:
    zalo.faults.inject(Fault.code(-235), method="cs")
    assert (await channel.send(ANSWER)).kind is OutcomeKind.CHANNEL_DOWN
    assert (paths(zalo), tokens.pinned) == (["cs", "v2"], [])


async def test_the_proof_of_the_apps_secret_is_sent_when_the_settings_ask_for_it(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock, tokens
) -> None:
    zalo.wants_proof = True
    assert (await channel.send(ANSWER)).kind is OutcomeKind.CHANNEL_DOWN
    client = Client(tokens, base_url=zalo.base_url, app_secret=zalo.APP_SECRET, poster=Poster())
    own = ZaloOaChannel(client, account=zalo.APP_ID, clock=clock)
    await own.open()
    assert (await own.send(ANSWER)).kind is OutcomeKind.SENT
    await own.close()
    token = (await tokens.current()).encode()
    proof = hmac.new(zalo.APP_SECRET.encode(), token, hashlib.sha256).hexdigest()
    assert zalo.calls[-1].headers["appsecret_proof"] == proof


async def test_what_the_program_says_of_itself_holds_no_token(channel: ZaloOaChannel, tokens) -> None:
    shown = json.dumps([repr(channel), repr(channel.client)])
    assert await tokens.current() not in shown


async def test_a_last_interaction_that_zalo_does_not_tell_blocks_nothing(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    for data in (
        "{}",
        "[1]",
        *(f'{{"last_interaction": {told}}}' for told in ('"0"', '"-5"', "9" * 15, "9" * 20, "{}")),
    ):
        zalo.faults.inject(Fault(body=f'{{"error": 0, "data": {data}}}'), method="quota")
        outcome = await channel.send(replace(ANSWER, check_window=True))
        assert (outcome.kind, outcome.last_interaction_at) == (OutcomeKind.SENT, None)


def test_the_rate_of_the_settings_is_the_channels_pace(channel: ZaloOaChannel, clock: ManualClock) -> None:
    assert channel.capabilities.rate_per_second == pytest.approx(1.0)
    assert (channel.capabilities.text_limit, channel.capabilities.text_unit) == (1900, "codepoint")
    assert dt.timedelta(seconds=channel.capabilities.seconds_per_chat) == dt.timedelta(seconds=1)
