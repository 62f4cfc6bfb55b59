"""The permission of the Zalo official account: one row, which is also the lock of the one who refreshes it.

A refresh token works once. Whoever wants to use it claims the row first, calls the platform outside of any
transaction, and stores what came back before anybody uses it. A use whose outcome is unknown (no answer, or the
program died in between) is repeated once at most; after that the grant counts as lost and a person consents again.
(developers.zalo.me, OAuth v4 of official accounts)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, field

from sqlmodel import col, select

from casework import notices
from casework.errors import InvalidInput, SetupNeeded
from casework.ladder.values import FORM_CHANNEL
from casework.usecases.access import require
from casework.usecases.work import SYSTEM, Services, Work, staff_member
from casework.wording import say
from storage.records import ChannelIdentity, Role, Staff, ZaloGrant
from storage.upsert import insert_missing

#: a consent is given within this time; the platform's code lives as long
CONSENT_VALID = dt.timedelta(minutes=10)
#: a refresher that has said nothing for so long has died; far longer than a call and the storing of its result take
LEASE = dt.timedelta(minutes=2)
#: share of the access token's life after which it is renewed: 20 of its 25 hours
RENEW_AFTER = 0.8
STATE_LENGTH = 43
STATE_SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

UNCLEAR = "unclear"
NOT_RENEWABLE = "not_renewable"
_REFUSED = "refused:"


class NotConnected(SetupNeeded):
    """There is no usable access token just now; `what` says why, `todo` what a person does about it."""

    code = "D051"

    @property
    def detail(self) -> str:
        """The reason in one sentence, for an outcome or a health page; no secret in it."""
        return self.what


class ConsentRefused(InvalidInput):
    """What came back from the consent page belongs to no consent under way."""

    code = "D052"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """What the platform issued. Without a refresh token the one we have stays."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    life: dt.timedelta


@dataclass(frozen=True, kw_only=True)
class Account:
    """The official account behind the grant, as the platform describes it."""

    oa_id: str | None
    name: str | None
    #: 2 = business, 4 = state agency
    oa_type: int | None
    package: str | None


@dataclass(frozen=True, kw_only=True)
class Grant:
    """How the permission stands. `problem` says in words why it can no longer be used."""

    account: str
    oa_id: str | None = None
    oa_name: str | None = None
    oa_type: int | None = None
    package: str | None = None
    access_token: str | None = field(default=None, repr=False)
    renewable: bool = False
    obtained_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    renew_at: dt.datetime | None = None
    #: the last refresh had an unknown outcome
    doubtful: bool = False
    problem: str | None = None
    problem_at: dt.datetime | None = None
    send_path: str | None = None
    #: a consent page is open since then
    pending_at: dt.datetime | None = None

    def usable_at(self, now: dt.datetime) -> bool:
        """Whether the access token has not expired. That may be so for some hours after the refreshing failed."""
        return self.access_token is not None and self.expires_at is not None and now < self.expires_at


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """The caller, and nobody else, may use this refresh token now, once."""

    refresh_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Newer:
    """Somebody has been faster: this access token is newer than the one the caller knows."""

    access_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Busy:
    """Somebody else is refreshing."""


# ---------------------------------------------------------------------- looking


def grant_of(services: Services, account: str) -> Grant:
    """How the permission for the app `account` stands; an empty one when it was never given."""
    with services.reading() as work:
        row = work.session.exec(select(ZaloGrant).where(ZaloGrant.account == account)).first()
        return Grant(account=account) if row is None else _grant(row)


def not_connected(grant: Grant) -> NotConnected:
    """The error for a grant that cannot be used."""
    return NotConnected(grant.problem or say("zalo_grant.none"), todo=say("zalo_grant.todo_connect"))


def require_admin(services: Services, staff_id: int) -> None:
    """Raises `Forbidden` without the admin role."""
    with services.reading() as work:
        require(work, staff_id, Role.ADMIN)


def own_chat(services: Services, staff_id: int, account: str) -> str | None:
    """The user id of the staff member's own chat with the official account, if that is the linked one."""
    with services.reading() as work:
        statement = (
            select(ChannelIdentity.external_id)
            .join(Staff, col(Staff.channel_identity_id) == col(ChannelIdentity.id))
            .where(Staff.id == staff_id, ChannelIdentity.channel == FORM_CHANNEL, ChannelIdentity.account == account)
        )
        return work.session.exec(statement).first()


# ---------------------------------------------------------------------- consent


def begin_consent(services: Services, staff_id: int, account: str, *, verifier: str | None) -> str:
    """Note that an admin opens the consent page; returns the `state` the callback must bring back. An earlier consent
    that is still open can no longer be finished.

    Raises `Forbidden` without the admin role.
    """
    state = "".join(services.random.choice(STATE_SYMBOLS) for _ in range(STATE_LENGTH))
    with services.writing() as work:
        require(work, staff_id, Role.ADMIN)
        row = _locked(work, account)
        row.pending_state, row.pending_verifier, row.pending_at = state, verifier, work.now
        work.add(row)
        work.record(staff_member(staff_id), "zalo_consent_begun", "zalo_grant", row.id or 0)
        work.commit()
    return state


def take_consent(services: Services, account: str, *, state: str | None, staff_id: int | None = None) -> str | None:
    """Close the open consent, once, and return its PKCE verifier. Only an admin at the command line (`staff_id`) may
    bring a code without its state.

    Raises `ConsentRefused` when none is open, it is too old, or the state is another one; `Forbidden`.
    """
    # Looked at first without the right to write: anybody can call the callback page, as often as they like.
    with services.reading() as work:
        _must_be_open(
            work, work.session.exec(select(ZaloGrant).where(ZaloGrant.account == account)).first(), state, staff_id
        )
    with services.writing() as work:
        row = _locked(work, account)
        _must_be_open(work, row, state, staff_id)
        verifier = row.pending_verifier
        row.pending_state = row.pending_verifier = row.pending_at = None
        work.add(row)
        work.commit()
    return verifier


def _must_be_open(work: Work, row: ZaloGrant | None, state: str | None, staff_id: int | None) -> None:
    if staff_id is not None:
        require(work, staff_id, Role.ADMIN)
    if row is None or row.pending_state is None or row.pending_at is None:
        raise ConsentRefused("Không có lần xin quyền nào đang chờ, hoặc đường dẫn này đã dùng rồi.", todo=_AGAIN)
    if work.now - row.pending_at > CONSENT_VALID:
        raise ConsentRefused("Lần xin quyền này đã quá 10 phút.", todo=_AGAIN)
    known = staff_id is not None if state is None else _same(state, row.pending_state)
    if not known:
        # The open consent stays open: a stranger's guess must not close it.
        raise ConsentRefused("Đường dẫn trả về không thuộc lần xin quyền đang chờ.", todo=_AGAIN)


def keep_consented(services: Services, account: str, pair: Pair, *, staff_id: int | None = None) -> None:
    """Store the pair a consent (or the platform's console) issued; all earlier trouble is over. Raises `Forbidden`."""
    with services.writing() as work:
        if staff_id is not None:
            require(work, staff_id, Role.ADMIN)
        row = _locked(work, account)
        _take_over(work, row, pair)
        actor = SYSTEM if staff_id is None else staff_member(staff_id)
        work.record(actor, "zalo_connected", "zalo_grant", row.id or 0)
        work.commit()


def keep_account(services: Services, account: str, found: Account) -> None:
    """Store what the platform says of the official account. Another account may need another sending endpoint."""
    with services.writing() as work:
        row = _locked(work, account)
        if row.oa_id != found.oa_id:
            row.send_path = None
        row.oa_id, row.oa_name, row.oa_type, row.package = found.oa_id, found.name, found.oa_type, found.package
        work.add(row)
        work.commit()


def pin_send_path(services: Services, account: str, path: str) -> None:
    """Remember the sending endpoint that works for this account."""
    with services.writing() as work:
        row = _locked(work, account)
        row.send_path = path
        work.add(row)
        work.commit()


# ---------------------------------------------------------------------- refreshing


def claim(services: Services, account: str, *, seen: str | None) -> Claimed | Newer | Busy:
    """Become the one refresher. `seen`: the access token the caller finds unfit; when the row holds another one, that
    is the answer.

    Raises `NotConnected` when there is nothing to refresh with, or nothing more may be tried.
    """
    with services.writing() as work:
        row = _locked(work, account)
        if row.access_token is not None and row.access_token != seen:
            return Newer(access_token=row.access_token)
        if row.problem is not None or (row.access_token is None and row.refresh_token is None):
            raise not_connected(_grant(row))
        if row.refreshing_until is not None and row.refreshing_until > work.now:
            return Busy()
        if row.refresh_token is None:
            _lose(work, row, NOT_RENEWABLE)
        elif row.refreshing_until is not None:
            # The last refresher died with the token in its hands: it may have been used.
            _doubt(work, row)
        if row.problem is None:
            row.refreshing_until = work.now + LEASE
        work.add(row)
        work.commit()
        if row.problem is not None or row.refresh_token is None:
            raise not_connected(_grant(row))
        return Claimed(refresh_token=row.refresh_token)


def keep_refreshed(services: Services, account: str, *, used: str, pair: Pair) -> str:
    """Store the pair a refresh with `used` brought; returns the access token to use from now on. When an admin has
    connected anew meanwhile, that connection stands."""
    with services.writing() as work:
        row = _locked(work, account)
        if row.refresh_token != used and row.access_token is not None:
            return row.access_token
        _take_over(work, row, pair)
        work.commit()
        return pair.access_token


def give_back(services: Services, account: str, *, used: str) -> None:
    """The platform surely has not used the token: whoever comes next may."""
    with services.writing() as work:
        row = _locked(work, account)
        if row.refresh_token == used:
            row.refreshing_until = None
            work.add(row)
            work.commit()


def doubt(services: Services, account: str, *, used: str) -> Grant:
    """Nobody knows whether the platform has used the token. The second time, the grant is lost."""
    with services.writing() as work:
        row = _locked(work, account)
        if row.refresh_token == used:
            row.refreshing_until = None
            _doubt(work, row)
            work.add(row)
            work.commit()
        return _grant(row)


def lose(services: Services, account: str, *, used: str, code: str) -> Grant:
    """The platform refuses the token, with its error `code`: a person must consent again, and is told so once."""
    with services.writing() as work:
        row = _locked(work, account)
        if row.refresh_token == used:
            _lose(work, row, f"{_REFUSED}{code}")
            work.add(row)
            work.commit()
        return _grant(row)


# ---------------------------------------------------------------------- inside

_AGAIN = "Bắt đầu lại bằng lệnh: doithoai zalo connect"


def _locked(work: Work, account: str) -> ZaloGrant:
    insert_missing(work.session, ZaloGrant, [{"account": account}])
    statement = select(ZaloGrant).where(ZaloGrant.account == account).with_for_update()
    return work.session.exec(statement.execution_options(populate_existing=True)).one()


def _take_over(work: Work, row: ZaloGrant, pair: Pair) -> None:
    row.previous_refresh_token = row.refresh_token
    row.access_token, row.refresh_token = pair.access_token, pair.refresh_token or row.refresh_token
    row.obtained_at, row.expires_at = work.now, work.now + pair.life
    row.refreshing_until = row.doubtful_token_hash = row.problem = row.problem_at = None
    work.add(row)


def _doubt(work: Work, row: ZaloGrant) -> None:
    mark = hashlib.sha256((row.refresh_token or "").encode()).hexdigest()
    if row.doubtful_token_hash == mark:
        _lose(work, row, UNCLEAR)
    row.doubtful_token_hash = mark


def _lose(work: Work, row: ZaloGrant, problem: str) -> None:
    row.problem, row.problem_at, row.refreshing_until = problem, work.now, None
    key = f"zalo_grant_lost:{row.id}:{work.now.isoformat()}"
    text = say("zalo_grant.lost", why=_in_words(problem))
    notices.tell_staff(work, key=key, purpose="alert", text=text, role=Role.ADMIN, groups_too=True)
    work.record(SYSTEM, "zalo_grant_lost", "zalo_grant", row.id or 0, problem=problem)


def _in_words(problem: str) -> str:
    if problem.startswith(_REFUSED):
        return say("zalo_grant.refused", code=problem.removeprefix(_REFUSED))
    return say(f"zalo_grant.{problem}")


def _grant(row: ZaloGrant) -> Grant:
    life = row.expires_at - row.obtained_at if row.expires_at and row.obtained_at else None
    return Grant(
        account=row.account,
        oa_id=row.oa_id,
        oa_name=row.oa_name,
        oa_type=row.oa_type,
        package=row.package,
        access_token=row.access_token,
        renewable=row.refresh_token is not None,
        obtained_at=row.obtained_at,
        expires_at=row.expires_at,
        renew_at=row.obtained_at + life * RENEW_AFTER if life is not None and row.obtained_at else None,
        doubtful=row.doubtful_token_hash is not None,
        problem=_in_words(row.problem) if row.problem is not None else None,
        problem_at=row.problem_at,
        send_path=row.send_path,
        pending_at=row.pending_at,
    )


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
