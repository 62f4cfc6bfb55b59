"""What is printed and read aloud when a channel is lost: per village the codes whose askers must be told the new way,
and a short text for the loudspeaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casework.codes import spoken
from casework.names import CHANNELS
from casework.usecases.access import require
from casework.usecases.delivery.switch_plan import READERS, NextWay, SwitchPlan, check_channel, plan_switch
from casework.usecases.work import Services
from casework.wording import say
from storage.records import Office


@dataclass(frozen=True, kw_only=True)
class VillageList:
    """Whom a village officer tells: receipt codes as spoken, no names, nothing sealed."""

    #: None: nobody knows where they live
    village: str | None
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """Everything that is printed."""

    villages: tuple[VillageList, ...]
    loudspeaker: str


def announcement(services: Services, staff_id: int, channel: str, *, to: str | None = None) -> Announcement:
    """The lists by village of those who are reached by no other channel, and the text to read aloud.

    Raises as `plan_switch` does.
    """
    plan = plan_switch(services, staff_id, channel, to=to)
    with services.reading() as work:
        require(work, staff_id, *READERS)
        check_channel(to)
        office = work.session.get_one(Office, services.office_id).name
    return Announcement(villages=tuple(_villages(plan)), loudspeaker=_loudspeaker(office, channel, to))


def _villages(plan: SwitchPlan) -> list[VillageList]:
    lists: dict[str | None, list[str]] = {}
    for person in plan.people:
        if not person.sealed and person.way is not NextWay.OTHER_CHANNEL:
            lists.setdefault(person.village, []).extend(spoken(code) for code in person.codes)
    named = sorted(((village or "", codes) for village, codes in lists.items() if codes), key=_last_when_unknown)
    return [VillageList(village=village or None, codes=tuple(codes)) for village, codes in named]


def _last_when_unknown(row: tuple[str, list[str]]) -> tuple[bool, str]:
    return (not row[0], row[0])


def _loudspeaker(office: str, channel: str, to: str | None) -> str:
    instead = say("switch.other_channel", other=_as_people_say(to)) if to is not None else say("switch.by_hand")
    return say("switch.loudspeaker", office=office, lost=_as_people_say(channel), instead=instead)


def _as_people_say(channel: str) -> str:
    """Residents know the app, not its surfaces."""
    return "Zalo" if channel.startswith("zalo-") else CHANNELS[channel]


def ways_in_words(ways: Mapping[str, int], names: Mapping[str, str]) -> str:
    """«12 kênh khác đã đồng ý (Zalo OA), 3 chỉ người trao được»."""
    said = []
    for name, count in sorted(ways.items(), key=lambda row: -row[1]):
        way, _, channel = name.partition(":")
        said.append(f"{count} {names[way]}" + (f" ({CHANNELS.get(channel, channel)})" if channel else ""))
    return ", ".join(said)
