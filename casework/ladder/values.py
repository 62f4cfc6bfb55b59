"""Plain values of the delivery ladder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rung(StrEnum):
    """One way by which a notice can reach its person, in the order most channels try them."""

    FREE = "free"  # an ordinary message, in the platform's free window or on a platform that has none
    PAID = "paid"  # an ordinary message the platform bills
    TEMPLATE = "template"  # an approved form that asks the person to come and fetch the whole
    PICKUP = "pickup"  # waits; given in full as soon as the person writes
    ASKED = "asked"  # the person has just written: given in that chat, which is no push; stands in no ladder
    OTHER_CHANNEL = "other_channel"  # another channel the person has linked and agreed to
    CONSOLE = "console"  # a colleague types it in the platform's own console
    SLIP = "slip"  # printed and handed over by a village officer


@dataclass(frozen=True, kw_only=True)
class Way:
    """One account of a person on one channel."""

    identity_id: int
    channel: str
    reachable: bool
    #: last thing the person did that opens the platform's windows; None when there was none
    last_inbound_at: dt.datetime | None
    #: the channel is set up in this installation
    on: bool = True
    #: the platform is gone (`doithoai delivery switch`): nobody will write there
    lost: bool = False


@dataclass(frozen=True, kw_only=True)
class TemplateForm:
    """One approved form (ZBS template) of the office and what fills it.

    Custom forms, tag 1 or 2; limits by parameter as the platform shows them in "template info".
    """

    template_id: str
    #: parameter -> field that fills it: code, status, date, link, office
    parameters: Mapping[str, str]
    #: parameter -> longest value, code points
    limits: Mapping[str, int] = field(default_factory=dict)
    #: Vietnamese dong a message, before tax
    price_vnd: int = 0
    #: parameters whose value may be cut to its limit, and those that may be left out
    may_cut: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the office allows and has set up; from the settings."""

    #: channels that are set up; None: all
    channels: frozenset[str] | None = None
    #: made without knowing what is set up (a command in another environment than the running program): where a notice
    #: cannot be sent right away, the running program looks once more
    provisional: bool = False
    #: billed ordinary messages are allowed
    paid: bool = False
    #: Vietnamese dong for one of them
    paid_price_vnd: int = 55
    #: account of ours that phone numbers belong to
    phone_account: str = ""
    #: forms by purpose ("answer", ..., or "*" for every other), for accounts and for phone numbers
    forms: Mapping[str, TemplateForm] = field(default_factory=dict)
    phone_forms: Mapping[str, TemplateForm] = field(default_factory=dict)
    #: colleagues may be asked to type in the console
    console: bool = True
    #: no notice is pushed between these local times
    quiet_from: dt.time = dt.time(21, 30)
    quiet_until: dt.time = dt.time(6, 5)
    #: useful progress notes while the window is still open: on, off, auto (not for state agencies)
    keep_line_open: str = "off"
    #: address of the answer pages, without a slash at the end; None: there are none
    public_url: str | None = None

    def form(self, channel: str, purpose: str) -> TemplateForm | None:
        """The form for a purpose on a channel, if the office has one."""
        forms = self.phone_forms if channel == PHONE_CHANNEL else self.forms if channel == FORM_CHANNEL else {}
        return forms.get(purpose) or forms.get("*")

    def is_on(self, channel: str) -> bool:
        """Whether a channel is set up."""
        return self.channels is None or channel in self.channels


#: the channel whose accounts are phone numbers, and the one whose accounts may be sent forms
PHONE_CHANNEL = "zalo-zbs"
FORM_CHANNEL = "zalo-oa"
