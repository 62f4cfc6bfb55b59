"""Which addresses may be called at all: nobody may make us call our own network by sending us a link."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

#: what browsers and libraries read differently: backslashes, blanks, controls
_AMBIGUOUS = re.compile(r"[\\\s\x00-\x1f\x7f]")
_LOCAL = "localhost"
#: IPv6 addresses with an IPv4 one inside: NAT64 (RFC 6052, 8215), 6to4 (RFC 3056), Teredo (RFC 4380), and "compatible"
#: ones (RFC 4291, long given up)
_TRANSLATED = tuple(
    ipaddress.IPv6Network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)


class NotAllowed(Exception):
    """The address must not be called: `reason` for staff, without the address itself; `host`: the name that is missing
    in the settings, if that is why."""

    def __init__(self, reason: str, *, host: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.host = host


class AddressRules:
    """The hosts of the settings with their subdomains, over HTTPS on its own port.

    A stand-in on this machine is called over plain HTTP and on any port, but only when the settings name it literally:
    "localhost" or an IP address.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = tuple(host.strip().strip(".").lower() for host in hosts if host.strip(" ."))

    def check(self, text: str) -> URL:
        """The address, if it may be called. Raises `NotAllowed`, `ValueError` for something that is none."""
        if _AMBIGUOUS.search(text):
            raise ValueError("not an address")
        url = URL(text)
        host = (url.host or "").rstrip(".").lower()
        if not host or url.scheme not in {"http", "https"}:
            raise ValueError("not an address")
        if url.user is not None or url.password is not None:
            raise NotAllowed("names a user")
        if self.is_named(host):
            return url
        if _ip(host) is not None or not any(host == one or host.endswith(f".{one}") for one in self._hosts):
            raise NotAllowed("host", host=host)
        if url.scheme != "https" or url.port != 443:
            raise NotAllowed("not plain HTTPS")
        return url

    def is_named(self, host: str) -> bool:
        """Whether the settings allow this very machine: an IP address or "localhost" that stands there literally."""
        return host in self._hosts and (host == _LOCAL or _ip(host) is not None)


class PublicResolver(AbstractResolver):
    """Looks names up with `inner` and gives back only addresses of the public internet: an allowed name may point
    anywhere, also to a service inside our network."""

    def __init__(self, rules: AddressRules, inner: AbstractResolver) -> None:
        self._rules = rules
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._rules.is_named(host) and not all(is_public(each["host"]) for each in found):
            raise NotAllowed("points into a private network")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet. Of the ways to write an IPv4 address within an IPv6 one
    only the plain mapping is followed: who translates the others, and to where, we cannot know."""
    address = _ip(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _TRANSLATED) or address.is_site_local:
            return False
        address = address.ipv4_mapped or address
    return address is not None and address.is_global and not address.is_multicast


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
