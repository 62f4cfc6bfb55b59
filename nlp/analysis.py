"""What the understanding of one message looks like: plain values, known to every room, owned by this one.

Codes are those of the label scheme (kind, topic, level); they are the public contract of the command line,
the database and every evaluation file, so they are written here once and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of message it is."""

    OPINION = "y-kien"
    COMPLAINT = "khieu-nai"
    DENUNCIATION = "to-cao"
    NOT_AN_OPINION = "khong-phai-y-kien"


class Topic(StrEnum):
    """One main topic; twenty codes in five fields (see `FIELD_OF_TOPIC`)."""

    LAND = "dat-dai"
    SITE_CLEARANCE = "giai-phong-mat-bang"
    CONSTRUCTION = "xay-dung-quy-hoach"
    TRANSPORT = "giao-thong"
    ELECTRICITY = "dien-chieu-sang"
    WATER = "nuoc-thoat-nuoc"
    ENVIRONMENT = "moi-truong"
    AGRICULTURE = "nong-nghiep"
    BUSINESS = "kinh-doanh-thue"
    EDUCATION = "giao-duc"
    HEALTH = "y-te"
    SOCIAL_PROTECTION = "an-sinh"
    LABOUR = "lao-dong-viec-lam"
    CULTURE = "van-hoa-the-thao"
    ORDER = "an-ninh-trat-tu"
    MILITARY = "quan-su"
    PROCEDURES = "thu-tuc-hanh-chinh"
    OFFICIALS = "can-bo-cong-chuc"
    PARTY_GOVERNMENT = "dang-chinh-quyen-doan-the"
    OTHER = "khac"


class Level(StrEnum):
    """Lowest level whose decision settles the matter."""

    COMMUNE = "xa"
    DISTRICT = "huyen"  # only before 2025-07-01; never predicted under the two-tier scheme
    PROVINCE = "tinh"
    CENTRAL = "trung-uong"


class MadeBy(StrEnum):
    """Who made a judgement."""

    RULE = "rule"
    MODEL = "model"
    PERSON = "person"


class Chat(StrEnum):
    """For a message that is no opinion: what the sender is after, so that the reply can be kind and useful."""

    GREETING = "greeting"
    THANKS = "thanks"
    TEST = "test"
    ADVERT = "advert"
    ASKS_CONFERENCE = "asks_conference"
    ASKS_STATUS = "asks_status"
    WANTS_WITHDRAW = "wants_withdraw"
    ABOUT_CHANNEL = "about_channel"
    ASKS_HELP = "asks_help"
    INSULT = "insult"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One label with how sure its maker is: `confidence` in 0..1, calibrated only as well as its maker is."""

    value: str
    confidence: float
    made_by: MadeBy
    #: in words a clerk can read, e.g. "từ khóa: đèn đường"; empty when there is nothing to say
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """A span of the *original* text: `type` one of phone, id_number, insurance_number, email, bank_account,
    birth_date, name, address, plate, parcel_number; `start`/`end` are code-point offsets, end exclusive."""

    type: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place of the gazetteer recognised in the text: `id` as in the gazetteer, `sort` one of group, road,
    object, project, area (an old commune or district the commune was made of); `residential_group` the id of the
    village it pins down, if it pins one down."""

    id: str
    sort: str
    name: str
    residential_group: str | None = None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything the program thinks of one message. "Unsure" is an answer: labels below their threshold are
    listed in `unsure` and a person decides."""

    kind: Judgement
    topic: Judgement
    level: Judgement
    #: value "true" or "false"
    urgent: Judgement
    #: names among kind, topic, level, urgent
    unsure: tuple[str, ...] = ()
    #: the likeliest topics with their probability, best first; the first need not be the one judged by a rule
    topics: tuple[tuple[str, float], ...] = ()
    #: the likeliest matters of the catalogue ("topic/id") with their probability, best first
    matters: tuple[tuple[str, float], ...] = ()
    #: who settles it (a code of the competence map) and the legal basis of that; None when nobody can tell
    body: str | None = None
    basis: str = ""
    places: tuple[Place, ...] = ()
    personal_data: tuple[PersonalData, ...] = ()
    #: separate issues in the message; 0 when it is no opinion
    issues: int = 1
    #: what a non-opinion is after; None for the other kinds
    chat: Chat | None = None
    #: an immediate danger in which 113/114/115/111 or the utility must be called: "police", "fire",
    #: "medical", "child", "power", "gas", "flood"; None otherwise
    emergency: str | None = None

    @property
    def is_urgent(self) -> bool:
        return self.urgent.value == "true"


@dataclass(frozen=True, kw_only=True)
class Match:
    """How one opinion relates to an earlier one or to a group: `score` 0..1; `same` when it is the same
    concrete issue, else it is similar but different; `reasons` explain it to a clerk in Vietnamese."""

    id: str
    score: float
    same: bool
    reasons: tuple[str, ...] = field(default=())
