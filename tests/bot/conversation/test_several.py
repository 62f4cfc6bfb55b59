"""One draft that holds several matters: who asks what, and where the words and the messages go."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import replace
from functools import cache
from itertools import product

from bot.conversation.engine import advance
from casework.effects import Facts, LinkFact, LinkStanding, Say, Step, Submit, VillageFact
from casework.talk import AttachedFile, InboundMessage, MessageKind
from nlp.analysis import Kind
from nlp.places import Gazetteer
from nlp.understand import Understander
from tests.conftest import DATA

NOW = dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC)
GAZETTEER = Gazetteer.from_toml(tomllib.loads((DATA / "places.toml").read_text(encoding="utf-8")))
FACTS = Facts(
    office_name="xã Tân Minh",
    office_contact="0950 000 001",
    next_conference=None,
    villages=(VillageFact(code="t4", name="thôn 4"),),
    village="t4",
    consents={"process": True, "push": True, "publish": True},
    my_opinions=(),
    held_opinions=(),
    named_opinion=None,
    unknown_code=False,
    fresh_code="K7P4MX",
    further_code=lambda number: f"K7P4M{number}",
    understand=cache(Understander(GAZETTEER).analyse),
    village_named=lambda text: None,
    buttons=True,
    fresh_link_code=lambda: "LK7KP4MXW2H",
    link_of=lambda code_hash: LinkFact(standing=LinkStanding.UNUSABLE),
)
LAMP = "Đèn đường thôn 4 tắt cả tháng nay, tối om."
RUBBISH = "Với lại rác ở chợ chất đống mấy hôm chưa ai lấy."
ACCUSED = "Chuyện thứ hai tôi tố cáo ông T. trưởng thôn ăn chặn tiền hỗ trợ bão của dân."
Said = str | tuple[str, tuple[AttachedFile, ...]]


def talk(*said: Said, choose: str = "") -> list[Step]:
    """The steps of a talk in which these messages come (entries 1, 2, …), silence follows and a digit is typed."""
    steps: list[Step] = []
    state: dict[str, object] = {}
    for entry, one in enumerate(said, start=1):
        text, files = one if isinstance(one, tuple) else (one, ())
        steps.append(advance(state, _message(text=text, files=files), entry, FACTS, NOW))
        state = steps[-1].state
    wake = _message(kind=MessageKind.WAKE)
    steps.append(advance(state, wake, None, FACTS, NOW + dt.timedelta(seconds=20)))
    if choose:
        steps.append(advance(steps[-1].state, _message(text=choose), 99, FACTS, NOW + dt.timedelta(seconds=40)))
    return steps


def _message(
    kind: MessageKind = MessageKind.TEXT, text: str = "", files: tuple[AttachedFile, ...] = ()
) -> InboundMessage:
    kind = MessageKind.MEDIA if files else kind
    return InboundMessage(
        kind=kind, text=text, files=files, sent_at=NOW, channel="terminal", account="local", chat_id="c", sender_id="c"
    )


def submitted(step: Step) -> list[Submit]:
    return [effect for effect in step.effects if isinstance(effect, Submit)]


def spoken(step: Step) -> str:
    return "\n".join(effect.reply.text for effect in step.effects if isinstance(effect, Say))


def test_two_matters_become_two_opinions_with_their_own_codes_messages_and_photos() -> None:
    photo = AttachedFile(kind="photo", file_ref="p")
    done = talk(LAMP, RUBBISH, ("", (photo,)), choose="1")[-1]
    assert [(one.text, one.code, one.entry_ids) for one in submitted(done)] == [
        (LAMP, "K7P4MX", (1,)),
        (RUBBISH, "K7P4M1", (2, 3)),
    ]
    assert "K7P-4MX" in spoken(done)
    assert "K7P-4M1" in spoken(done)


def test_who_says_that_it_is_one_matter_gets_one_opinion_with_all_the_words() -> None:
    (only,) = submitted(talk(LAMP, RUBBISH, choose="2")[-1])
    assert (only.text, only.entry_ids) == (f"{LAMP}\n{RUBBISH}", (1, 2))


def test_a_denunciation_beside_another_matter_is_sealed_apart_with_the_message_that_holds_it() -> None:
    asked = talk(f"{LAMP} {ACCUSED}")[-1]
    (sealed,) = submitted(asked)
    assert (sealed.text, sealed.sealed, sealed.held, sealed.entry_ids) == (ACCUSED, True, True, (1,))
    assert [piece["text"] for piece in asked.state["pieces"]] == [LAMP]
    assert [piece["entry"] for piece in asked.state["pieces"]] == [None]


PHOTO: Said = ("", (AttachedFile(kind="photo", file_ref="p"),))
CAPTIONED: Said = ("Nước máy thôn 4 đục ngầu cả tuần.", (AttachedFile(kind="photo", file_ref="q"),))


def test_every_message_and_photo_of_a_draft_is_in_what_was_sent_or_in_what_stays() -> None:
    mixed = (f"{LAMP} {ACCUSED}", f"{ACCUSED} {RUBBISH}")
    messages: list[Said] = [LAMP, RUBBISH, ACCUSED, *mixed, "ở ngay đầu ngõ", PHOTO, CAPTIONED]
    apart = 0
    for said in product(messages, repeat=3):
        last = talk(*said)[-1]
        sent = [entry for one in submitted(last) for entry in one.entry_ids]
        left = [piece["entry"] for piece in last.state["pieces"]] + [file["entry"] for file in last.state["files"]]
        left += [edit for piece in last.state["pieces"] for edit in piece["edits"]]
        assert {*sent, *left} - {None} == {1, 2, 3}, said
        if submitted(last):
            assert set(sent).isdisjoint(left), said
            apart += bool(left)
    assert apart > 20


def test_a_photo_after_a_message_that_holds_a_denunciation_too_is_sealed_with_it() -> None:
    for mixed in (f"{LAMP} {ACCUSED}", f"{ACCUSED} {RUBBISH}"):
        asked = talk(mixed, PHOTO)[-1]
        (sealed,) = submitted(asked)
        assert (sealed.sealed, sealed.entry_ids) == (True, (1, 2))
        assert [(piece["entry"], piece["edits"]) for piece in asked.state["pieces"]] == [(None, [])]


def test_a_message_whose_words_were_taken_out_again_goes_with_the_words_before_it() -> None:
    state = advance({}, _message(text=LAMP), 1, FACTS, NOW).state
    state = advance(state, replace(_message(text="sửa nhé"), message_ref="m"), 2, FACTS, NOW).state
    state = advance(state, replace(_message(MessageKind.EDIT, text=" "), message_ref="m"), 3, FACTS, NOW).state
    state = advance(state, _message(text=RUBBISH), 4, FACTS, NOW).state
    state = advance(state, _message(kind=MessageKind.WAKE), None, FACTS, NOW + dt.timedelta(seconds=20)).state
    done = advance(state, _message(text="1"), 99, FACTS, NOW + dt.timedelta(seconds=40))
    assert [one.entry_ids for one in submitted(done)] == [(1, 2, 3), (4,)]


def test_everything_is_sealed_where_the_other_matter_may_speak_of_the_accused_too() -> None:
    def doubtful(text: str) -> object:
        analysis = FACTS.understand(text)
        return analysis if analysis.kind.value == Kind.DENUNCIATION else replace(analysis, unsure=("kind",))

    facts = replace(FACTS, understand=doubtful)  # type: ignore[arg-type]
    step = advance({}, _message(text=f"{LAMP} {ACCUSED}"), 1, facts, NOW)
    step = advance(step.state, _message(kind=MessageKind.WAKE), None, facts, NOW + dt.timedelta(seconds=20))
    (sealed,) = submitted(step)
    assert sealed.sealed
    assert LAMP in sealed.text
    assert ACCUSED in sealed.text
    assert step.state["pieces"] == []


def test_one_matter_in_several_messages_stays_one() -> None:
    (only,) = submitted(talk("Đường thôn 4 hỏng quá", "ổ gà chi chít", "mong xã vá sớm", choose="1")[-1])
    assert only.text == "Đường thôn 4 hỏng quá\nổ gà chi chít\nmong xã vá sớm"
