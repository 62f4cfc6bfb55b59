"""Everything that is no opinion: greetings, thanks, tests, adverts, questions about the channel; menu and start."""

from __future__ import annotations

from bot.conversation import lookups, privacy, speaking
from bot.conversation.state import StepName
from bot.conversation.turn import Next, Turn, contact, how_to_choose
from bot.conversation.village import village_name
from casework.effects import AlertStaff, RememberVillage
from casework.talk import WITHHELD, MessageKind
from casework.wording import say
from nlp.analysis import Chat, Kind


def start(turn: Turn) -> None:
    """First contact, or a deep link of a poster; its village is a hint, never an authorisation."""
    talk, facts = turn.talk, turn.facts
    lines = [greeting(turn)]
    hint = (turn.message.payload or "").removeprefix("v_")
    if facts.village is None and hint in {village.code for village in facts.villages}:
        turn.do(RememberVillage(code=hint))
        name = village_name(turn, hint)
        lines.append(say("greeting.village_known", village=name))
    if talk.has_draft:
        turn.say(*lines)
        turn.next = Next.SUMMARISE
        return
    talk.rest()
    turn.say(*lines)


def greeting(turn: Turn) -> str:
    """The long welcome once, a short one afterwards."""
    if turn.talk.greeted:
        return say("greeting.again")
    turn.talk.greeted = True
    return say("greeting.first", office=turn.facts.office_name) + "\n" + say("greeting.privacy_note")


def says_village(turn: Turn, text: str) -> bool:
    """Whether a message at rest says where its sender lives and nothing else, as the poster of the village asks: it is
    remembered, and is no opinion."""
    talk, code = turn.talk, turn.facts.village_alone(text)
    name = village_name(turn, code)
    at_rest = talk.step in {StepName.IDLE, StepName.MENU} and not talk.has_draft and talk.follows is None
    if code is None or name is None or not at_rest:
        return False
    if code != turn.facts.village:
        turn.do(RememberVillage(code=code))
    lines = [] if talk.greeted else [greeting(turn)]
    talk.rest()
    turn.say(*lines, say("door.village_noted", village=name))
    return True


def replied(turn: Turn, text: str) -> bool:
    """Answer a message that is clearly no opinion; False when it may be one."""
    if turn.talk.follows is not None:
        return False
    analysis = turn.facts.understand(text)
    if analysis.kind.value != Kind.NOT_AN_OPINION or "kind" in analysis.unsure:
        return False
    chat = analysis.chat or Chat.OTHER
    if turn.talk.has_draft and chat in {Chat.OTHER, Chat.INSULT}:
        # In the middle of a thought, odd words belong to the thought.
        return False
    open_question, prompt = bool(turn.talk.options) and turn.talk.has_draft, turn.talk.prompt
    reply_to(turn, chat, text)
    if open_question and turn.talk.prompt == prompt:
        turn.ask_again()
    elif turn.talk.has_draft:
        turn.wait_for_more()
    return True


def reply_to(turn: Turn, chat: Chat, text: str) -> None:
    """The kind answer to one sort of message that is no opinion."""
    facts = turn.facts
    match chat:
        case Chat.GREETING:
            turn.say(greeting(turn))
        case Chat.ASKS_HELP:
            menu(turn)
        case Chat.THANKS | Chat.TEST | Chat.INSULT:
            turn.say(say(f"chat.{chat}"))
        case Chat.ADVERT:
            turn.say(say("chat.advert", office=facts.office_name))
        case Chat.ASKS_CONFERENCE:
            conference(turn)
        case Chat.ASKS_STATUS:
            lookups.mine(turn)
        case Chat.WANTS_WITHDRAW:
            lookups.withdraw(turn)
        case Chat.ABOUT_CHANNEL:
            about_channel(turn)
        case Chat.OTHER:
            turn.say(say("chat.other"))


def conference(turn: Turn) -> None:
    facts = turn.facts
    if facts.next_conference is None:
        turn.say(say("chat.conference_none", office=facts.office_name))
    else:
        open_to_speak = facts.speaking is not None and facts.speaking.closed is None
        registered = facts.speaking is not None and bool(facts.speaking.mine)
        turn.say(
            say("chat.conference", conference=facts.next_conference),
            say("speak.registered_already" if registered else "speak.invite") if open_to_speak or registered else "",
        )


def about_channel(turn: Turn) -> None:
    turn.say(say("chat.about_channel", office=turn.facts.office_name, contact=contact(turn.facts)))


def wants_person(turn: Turn) -> None:
    turn.do(AlertStaff(reason="wants_person"))
    turn.say(say("chat.wants_person", office=turn.facts.office_name, contact=contact(turn.facts)))


def unreadable(turn: Turn) -> None:
    """A kind of message we cannot read; what was being asked stays asked. Where the platform keeps a person's words
    from us, writing again may not help: they are told whom to see."""
    if turn.message.note == WITHHELD:
        turn.say(say("chat_withheld.text", contact=contact(turn.facts)))
    elif turn.message.kind is MessageKind.OTHER or not turn.message.files:
        turn.say(say("chat.unreadable"))


# ---------------------------------------------------------------------- menu


def menu(turn: Turn) -> None:
    lead = greeting(turn) + "\n" if not turn.talk.greeted else ""
    _menu(turn, lead + say("menu.text", how=how_to_choose(turn.facts)))


def not_understood(turn: Turn) -> None:
    """Never a dead end: what we did not understand leads to the menu."""
    _menu(turn, say("menu.not_understood"))


def _menu(turn: Turn, text: str) -> None:
    names = ("write", "mine", "lookup", "conference", "privacy", "person")
    options = [(name, say(f"menu.{name}")) for name in names]
    speaking_fact = turn.facts.speaking
    if speaking_fact is not None and speaking_fact.closed is None:
        options.append(("speak", say("speak.menu")))
    turn.ask(StepName.MENU, text, options, columns=2)


def ask_code(turn: Turn) -> None:
    turn.talk.rest()
    turn.say(say("menu.lookup_ask"))


def chosen(turn: Turn, choice: str) -> None:
    turn.talk.rest()
    match choice:
        case "mine":
            lookups.mine(turn)
        case "lookup":
            ask_code(turn)
        case "conference":
            conference(turn)
        case "privacy":
            privacy.show(turn)
        case "person":
            wants_person(turn)
        case "speak":
            speaking.start(turn)
        case _ if turn.talk.has_draft:
            turn.next = Next.SUMMARISE
        case _:
            turn.say(say("menu.write_now"))
            if turn.talk.speaking is not None:
                # The next words are the opinion; the registration is asked about again after it.
                turn.talk.step = StepName.DRAFTING
